//! Prompts in the shape that Langfuse's clients speak: by name, a page at a time, labels beside each version.

use crate::crud::{contended, insert, update};
use crate::place::{Params, Place};
use crate::prompts::{LATEST, Prompts, checked, move_label};
use crate::resource::{Stored, by_name, columns, named, to_map};
use crate::versions;
use assay_edge::db::{DbError, ScopedDb};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_langfuse::query::{self, MAX_LIMIT, Paging};
use assay_langfuse::show::page;
use assay_model::{PromptContent, PromptSpec, ResourceVersion, Validate};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How often a change is tried when others make one at the same time.
pub(crate) const TRIES: u32 = 5;

/// A version as Langfuse's clients write it. They send more than is used here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    name: String,
    prompt: PromptContent,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    labels: Option<Vec<String>>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    commit_message: Option<String>,
}

/// `latest` comes by itself.
fn labels<'a>(field: &str, names: &'a [String]) -> Result<BTreeSet<&'a str>, Problem> {
    let wanted = names.iter().enumerate().filter(|(_, name)| *name != LATEST);
    wanted
        .map(|(i, name)| checked(&format!("{field}/{i}"), name))
        .collect()
}

/// A version as Langfuse's clients read it.
fn shown(stored: &Stored, version: &ResourceVersion) -> Value {
    let field = |map: &Map<String, Value>, name: &str| map.get(name).cloned();
    let prompt = field(&version.spec, "prompt").unwrap_or_default();
    let kind = if prompt.is_array() { "chat" } else { "text" };
    let mut labels: Vec<&str> = stored
        .labels
        .iter()
        .filter(|(_, v)| v.as_i64() == Some(version.version))
        .map(|(label, _)| label.as_str())
        .collect();
    if version.version == stored.version {
        labels.push(LATEST);
    }
    json!({
        "id": format!("{}:{}", stored.id, version.version),
        "type": kind,
        "name": field(&stored.spec, "name"),
        "version": version.version,
        "prompt": prompt,
        "config": field(&version.spec, "config").unwrap_or_else(|| json!({})),
        "labels": labels,
        "tags": field(&stored.spec, "tags").unwrap_or_else(|| json!([])),
        "commitMessage": field(&version.spec, "commit_message"),
        "createdBy": version.created_by,
        "createdAt": version.created_at,
        "updatedAt": version.created_at,
        "resolutionGraph": null,
    })
}

/// `POST /api/public/v2/prompts`: the next version of that name, or the first.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Written = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let is = if body.prompt.is_chat() {
        "chat"
    } else {
        "text"
    };
    if body.kind.as_ref().is_some_and(|kind| kind != is) {
        let message = format!("does not go with `prompt`, which is {is}");
        return Err(Problem::field("/type", message));
    }
    let names = body.labels.unwrap_or_default();
    let labels = labels("/labels", &names)?;
    let mut spec = PromptSpec {
        name: body.name,
        description: String::new(),
        prompt: body.prompt,
        config: body.config,
        commit_message: body.commit_message,
        tags: body.tags.clone().unwrap_or_default(),
    };
    spec.validate().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    let actor = ctx.actor()?.principal.id().to_owned();
    for _ in 0..TRIES {
        let now = clock::now();
        let old = by_name::<Prompts>(&db, &spec.name).await?;
        if let Some(old) = &old {
            let old: PromptSpec = serde_json::from_value(Value::Object(old.spec.clone()))
                .map_err(Problem::internal)?;
            spec.description = old.description;
            if body.tags.is_none() {
                spec.tags = old.tags;
            }
        }
        let map = to_map::<Prompts>(&spec)?;
        let (new, mut statements) = match old {
            None => {
                let new = Stored {
                    id: new_id(),
                    spec: map,
                    credential: None,
                    version: 1,
                    created_by: Some(actor.clone()),
                    created_at: now,
                    updated_at: now,
                    deleted_at: None,
                    counted: None,
                    last_version: 0,
                    labels: Map::new(),
                };
                let statements = insert::<Prompts>(&Place::WORKSPACE, &spec, &new);
                (new, statements)
            }
            Some(old) => {
                let new = Stored {
                    spec: map,
                    version: old.next_version(),
                    updated_at: now,
                    ..old
                };
                let statements =
                    update::<Prompts>(&Place::WORKSPACE, &spec, &new, old.version, &actor);
                (new, statements)
            }
        };
        statements.extend(
            labels
                .iter()
                .map(|l| move_label(&new.id, l, new.version, now)),
        );
        match db.guarded_batch(statements).await {
            Ok(true) => {
                let stored = named::<Prompts>(&db, &spec.name).await?;
                let version = versions::find::<Prompts>(&db, &new.id, new.version).await?;
                return reply::json(StatusCode::CREATED, &shown(&stored, &version));
            }
            // Another version, or the first of that name, came in between.
            Ok(false) | Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(contended())
}

/// `GET /api/public/v2/prompts/{name}?version|label`: what `production` names, unless asked otherwise.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    // Clients say `resolve`, too; prompts within prompts are not told apart here.
    ctx.only_query(&["version", "label", "resolve"])?;
    shown_as_asked(&ctx, ctx.param("name")?).await
}

/// `GET /api/public/prompts?name&version|label`: the same, as older clients ask.
pub(crate) async fn get_by_query(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["name", "version", "label"])?;
    let name = ctx.query("name");
    let name = name.ok_or_else(|| Problem::field("name", "is required"))?;
    shown_as_asked(&ctx, name).await
}

/// `version` of the query.
pub(crate) fn asked_version(ctx: &Ctx) -> Result<Option<i64>, Problem> {
    let version = ctx.query("version").map(str::parse).transpose();
    version.map_err(|_| Problem::field("version", "must be the number of a version"))
}

async fn shown_as_asked(ctx: &Ctx, name: &str) -> Result<Reply, Problem> {
    let db = ctx.db().await?;
    let stored = named::<Prompts>(&db, name).await?;
    let version = match (asked_version(ctx)?, ctx.query("label")) {
        (Some(_), Some(_)) => {
            return Err(Problem::field("version", "cannot stand beside `label`"));
        }
        (Some(version), None) => version,
        (None, label) => labelled(&stored, label.unwrap_or("production"))
            .ok_or_else(|| Problem::not_found("label"))?,
    };
    let version = versions::find::<Prompts>(&db, &stored.id, version).await?;
    reply::ok(&shown(&stored, &version))
}

/// The version that a label names.
pub(crate) fn labelled(stored: &Stored, label: &str) -> Option<i64> {
    if label == LATEST {
        Some(stored.version)
    } else {
        stored.labels.get(label).and_then(Value::as_i64)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewLabels {
    new_labels: Vec<String>,
}

/// `PATCH /api/public/v2/prompts/{name}/versions/{version}`: labels move to that version.
pub(crate) async fn relabel(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: NewLabels = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let labels = labels("/newLabels", &body.new_labels)?;
    let version = ctx.param("version")?.parse();
    let version: i64 = version.map_err(|_| Problem::not_found("version"))?;
    let db = ctx.db().await?;
    let stored = named::<Prompts>(&db, ctx.param("name")?).await?;
    let version = versions::find::<Prompts>(&db, &stored.id, version).await?;
    let now = clock::now();
    let moves = labels
        .iter()
        .map(|l| move_label(&stored.id, l, version.version, now));
    db.batch(moves.collect()).await?;
    let stored = named::<Prompts>(&db, ctx.param("name")?).await?;
    reply::ok(&shown(&stored, &version))
}

/// `page` and `limit` of Langfuse's lists.
pub(crate) fn paging(ctx: &Ctx) -> Result<Paging, Problem> {
    let paging = Paging::parse(ctx.query("page"), ctx.query("limit"), MAX_LIMIT);
    paging.map_err(|e| Problem::field(e.field, e.message))
}

/// A text of a query that can be looked for: no store has texts with NUL.
pub(crate) fn clean<'a>(field: &str, text: &'a str) -> Result<&'a str, Problem> {
    if text.contains('\0') {
        return Err(Problem::field(field, "must not contain control characters"));
    }
    Ok(text)
}

const TAGGED_SQLITE: &str =
    "EXISTS (SELECT 1 FROM json_each(r.spec, '$.tags') t WHERE t.value = #)";
const TAGGED_POSTGRES: &str = "EXISTS (SELECT 1 FROM json_array_elements_text(r.spec::json->'tags') t (name) WHERE t.name = #)";

/// `GET /api/public/v2/prompts?name&label&tag&fromUpdatedAt&toUpdatedAt&page&limit`: by name.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "name",
        "label",
        "tag",
        "fromUpdatedAt",
        "toUpdatedAt",
        "page",
        "limit",
    ])?;
    let paging = paging(&ctx)?;
    let db = ctx.db().await?;
    let mut params = Params::default();
    let mut only = Place::WORKSPACE.holds(&mut params);
    only.push_str(" AND r.deleted_at IS NULL");
    for name in ["name", "label", "tag"] {
        let Some(text) = ctx.query(name) else {
            continue;
        };
        let text = clean(name, text)?;
        let condition = match name {
            "name" => "r.name = #".to_owned(),
            "label" if text == LATEST => continue,
            "label" => {
                "EXISTS (SELECT 1 FROM prompt_labels l WHERE l.workspace_id = r.workspace_id \
                        AND l.prompt_id = r.id AND l.label = #)"
                    .to_owned()
            }
            _ => db.pick(TAGGED_SQLITE, TAGGED_POSTGRES).to_owned(),
        };
        let value = params.add(text);
        only.push_str(" AND ");
        only.push_str(&condition.replace('#', &value));
    }
    for (name, operator) in [("fromUpdatedAt", ">="), ("toUpdatedAt", "<")] {
        let at = query::time(name, ctx.query(name));
        if let Some(at) = at.map_err(|e| Problem::field(e.field, e.message))? {
            only.push_str(&format!(" AND r.updated_at {operator} {}", params.add(at)));
        }
    }
    let values = params.into_values();
    let total = format!("SELECT count(*) AS total FROM prompts r WHERE {only}");
    let total = db.first(&total, values.clone()).await?;
    let total = total.map_or(Ok(0), |row| row.int("total"))?;
    let sql = format!(
        "SELECT {} FROM prompts r WHERE {only} ORDER BY r.name, r.id LIMIT {} OFFSET {}",
        columns::<Prompts>(&db),
        paging.limit,
        paging.offset()
    );
    let rows = db.query(&sql, values).await?;
    let all = rows
        .iter()
        .map(Stored::read::<Prompts>)
        .collect::<Result<Vec<_>, _>>()?;
    let versions = numbers(&db, &all).await?;
    let data = all
        .iter()
        .map(|s| {
            let mut labels: Vec<&str> = s.labels.keys().map(String::as_str).collect();
            labels.push(LATEST);
            let is_chat = s.spec.get("prompt").is_some_and(Value::is_array);
            json!({
                "name": s.spec.get("name"),
                "type": if is_chat { "chat" } else { "text" },
                "versions": versions.get(&s.id),
                "labels": labels,
                "tags": s.spec.get("tags").cloned().unwrap_or_else(|| json!([])),
                "lastUpdatedAt": s.updated_at,
                "lastConfig": s.spec.get("config").cloned().unwrap_or_else(|| json!({})),
            })
        })
        .collect();
    reply::ok(&page(data, paging.page, paging.limit, total))
}

/// The versions of each prompt.
pub(crate) async fn numbers(
    db: &ScopedDb,
    all: &[Stored],
) -> Result<BTreeMap<String, Vec<i64>>, Problem> {
    let ids: Vec<&str> = all.iter().map(|s| s.id.as_str()).collect();
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT resource_id, version FROM resource_versions WHERE workspace_id = $1 AND kind = 'prompts' \
         AND resource_id IN ({list}) ORDER BY resource_id, version"
    );
    let mut numbers: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in db.query(&sql, [json!(ids).to_string().into()]).await? {
        numbers
            .entry(row.text("resource_id")?)
            .or_default()
            .push(row.int("version")?);
    }
    Ok(numbers)
}
