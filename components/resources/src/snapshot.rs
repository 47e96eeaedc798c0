//! What a campaign needs, as it is when it starts: later changes do not reach a campaign that runs.

use crate::agents::Agents;
use crate::datasets::Datasets;
use crate::models::Models;
use crate::personas::Personas;
use crate::programs::Programs;
use crate::resource::{Resource, Stored, columns, is_id};
use crate::scenarios::Scenarios;
use crate::{secrets, versions};
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, reply};
use assay_model::{FieldError, ScenarioSpec};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Scenarios within those of a campaign, at most.
const MAX_WITHIN: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    workspace_id: String,
    #[serde(default)]
    agents: Vec<WantedAgent>,
    #[serde(default)]
    persona_ids: Vec<String>,
    #[serde(default)]
    model_ids: Vec<String>,
    #[serde(default)]
    dataset_id: Option<String>,
    #[serde(default)]
    scenario_ids: Vec<String>,
}

/// An agent as a campaign names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedAgent {
    id: String,
    /// The one of now where none is named.
    #[serde(default)]
    version: Option<i64>,
    /// Where the campaign names it, a JSON pointer.
    pointer: String,
}

/// `POST /internal/snapshot`. What is missing is named as the campaign names it. Only models that are missing are left
/// out instead: the caller knows which of its fields meant them. Those that play a persona by its own word are among them.
pub(crate) async fn snapshot(mut ctx: Ctx) -> Result<Reply, Problem> {
    let wanted: Wanted = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ScopedDb::for_internal(ctx.platform.db().await?, wanted.workspace_id);
    let ids: Vec<String> = wanted.agents.iter().map(|a| a.id.clone()).collect();
    let agents = all::<Agents>(&db, &ids).await?;
    let personas = all::<Personas>(&db, &wanted.persona_ids).await?;
    let datasets = all::<Datasets>(&db, wanted.dataset_id.as_slice()).await?;
    let scenarios = all::<Scenarios>(&db, &wanted.scenario_ids).await?;

    let mut errors = Vec::new();
    let missing = |field: String, what: &str| FieldError {
        field,
        message: format!("is not {what} of this workspace"),
    };
    let mut under_test = Vec::new();
    for agent in &wanted.agents {
        match agents.get(&agent.id) {
            None => errors.push(missing(agent.pointer.clone(), "an agent")),
            Some(now) => match as_of(&db, now, agent.version).await? {
                Some(spec) => {
                    let named = secrets::named::<Agents>(&spec);
                    let secrets = secrets::sealed(&db, &named).await?;
                    let gone = named.iter().filter(|name| !secrets.contains_key(*name));
                    errors.extend(gone.map(|name| secrets::gone(agent.pointer.clone(), name)));
                    under_test.push(json!({
                        "id": now.id, "version": agent.version.unwrap_or(now.version), "spec": spec, "credential": now.credential,
                        "secrets": secrets,
                    }));
                }
                None => errors.push(FieldError {
                    field: agent.pointer.clone(),
                    message: format!("has no version {}", agent.version.unwrap_or_default()),
                }),
            },
        }
    }
    for (i, id) in wanted.persona_ids.iter().enumerate() {
        if !personas.contains_key(id) {
            errors.push(missing(format!("/persona_ids/{i}"), "a persona"));
        }
    }
    let dataset = wanted.dataset_id.as_ref().and_then(|id| datasets.get(id));
    if wanted.dataset_id.is_some() && dataset.is_none() {
        errors.push(missing("/dataset_id".into(), "a dataset"));
    }
    let mut played = Vec::new();
    for (i, id) in wanted.scenario_ids.iter().enumerate() {
        match scenarios.get(id) {
            Some(s) => played.push(json!({"id": s.id, "version": s.version, "spec": s.spec})),
            None => errors.push(missing(format!("/scenario_ids/{i}"), "a scenario")),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::validation(errors));
    }
    let within = within(&db, scenarios.values().map(|s| &s.spec)).await?;
    let programs = programs(&db, scenarios.values().map(|s| &s.spec), &within).await?;
    let with_secret = |s: &Stored| json!({"id": s.id, "version": s.version, "spec": s.spec, "credential": s.credential});
    let inline = scenarios
        .values()
        .map(|s| &s.spec)
        .chain(within.values().filter_map(Value::as_object));
    let by_scenarios = inline.filter_map(|s| s.get("persona")?.get("model")?.as_str());
    let by_personas = personas
        .values()
        .filter_map(|p| p.spec.get("model")?.as_str());
    let mut ids = wanted.model_ids;
    ids.extend(by_personas.chain(by_scenarios).map(str::to_owned));
    let models = all::<Models>(&db, &ids).await?;
    let models: Vec<Value> = models.values().map(with_secret).collect();
    let inner = within.values().flat_map(secrets::named::<Scenarios>);
    let outer = scenarios.values().map(|s| Value::Object(s.spec.clone()));
    let outer = outer.flat_map(|spec| secrets::named::<Scenarios>(&spec));
    let secrets = secrets::sealed(&db, &outer.chain(inner).collect()).await?;
    let dataset =
        dataset.map(|d| json!({"id": d.id, "name": d.spec.get("name"), "item_count": d.counted}));
    reply::ok(&json!({
        "agents": under_test,
        "personas": personas.into_iter().map(|(id, p)| (id, Value::Object(p.spec))).collect::<BTreeMap<_, _>>(),
        "models": models,
        "dataset": dataset,
        "scenarios": played,
        "within": within,
        "secrets": secrets,
        "programs": programs,
    }))
}

/// The specification of an agent as it was; `None` where it never was.
async fn as_of(
    db: &ScopedDb,
    now: &Stored,
    version: Option<i64>,
) -> Result<Option<Value>, Problem> {
    match version.filter(|v| *v != now.version) {
        None => Ok(Some(Value::Object(now.spec.clone()))),
        Some(version) => match versions::find::<Agents>(db, &now.id, version).await {
            Ok(found) => Ok(Some(Value::Object(found.spec))),
            Err(problem) if problem.kind() == ProblemKind::NotFound => Ok(None),
            Err(problem) => Err(problem),
        },
    }
}

/// The scenarios that those of `scenarios` play within, and those that they do, by id. One that is not there any more is left
/// out: whoever plays it says so, with the node that names it.
pub(crate) async fn within<'s>(
    db: &ScopedDb,
    scenarios: impl Iterator<Item = &'s Map<String, Value>>,
) -> Result<BTreeMap<String, Value>, Problem> {
    let named = |spec: &Map<String, Value>| -> Vec<String> {
        let spec = ScenarioSpec::deserialize(Value::Object(spec.clone())).ok();
        let graph = spec.and_then(|s| s.graph);
        let named = graph.iter().flat_map(|g| g.sub_scenarios());
        named.map(|(_, id)| id.to_owned()).collect()
    };
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    let mut open: Vec<String> = scenarios.flat_map(named).collect();
    // Each round is one level; what was found is not looked for again.
    while !open.is_empty() && found.len() <= MAX_WITHIN {
        open.sort();
        open.dedup();
        open.retain(|id| !found.contains_key(id));
        let level = all::<Scenarios>(db, &open).await?;
        open = level.values().flat_map(|s| named(&s.spec)).collect();
        let level = level.into_iter();
        found.extend(level.map(|(id, s)| (id, Value::Object(s.spec))));
    }
    Ok(found)
}

/// The ids of the programs that scenarios name, and those within them, as far as they are there.
async fn programs<'s>(
    db: &ScopedDb,
    scenarios: impl Iterator<Item = &'s Map<String, Value>>,
    within: &BTreeMap<String, Value>,
) -> Result<Vec<String>, Problem> {
    let own = scenarios.map(|spec| Value::Object(spec.clone()));
    let specs = own.chain(within.values().cloned());
    let graphs = specs.filter_map(|spec| ScenarioSpec::deserialize(spec).ok()?.graph);
    let mut ids: Vec<String> = Vec::new();
    for graph in graphs {
        ids.extend(graph.programs().map(|(_, id)| id.to_owned()));
    }
    ids.sort();
    ids.dedup();
    Ok(all::<Programs>(db, &ids).await?.into_keys().collect())
}

/// Those of `ids` that exist, by id. Ids come from clients: what cannot be one is not asked for.
pub(crate) async fn all<R: Resource>(
    db: &ScopedDb,
    ids: &[String],
) -> Result<BTreeMap<String, Stored>, Problem> {
    let ids: Vec<&String> = ids.iter().filter(|id| is_id(id)).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT {} FROM {} r WHERE r.workspace_id = $1 AND r.deleted_at IS NULL AND r.id IN ({list})",
        columns::<R>(db),
        R::TABLE
    );
    let rows = db.query(&sql, [json!(ids).to_string().into()]).await?;
    rows.iter()
        .map(|row| Stored::read::<R>(row).map(|s| (s.id.clone(), s)))
        .collect()
}
