//! Prompts, each change a version, and the labels that name versions.

use crate::place::Place;
use crate::precondition::IfMatch;
use crate::resource::{Resource, Stored, id};
use assay_edge::db::{Statement, Value as Sql};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, reply};
use assay_model::{LabelMove, PromptContent, PromptSpec, Timestamp, is_label};
use serde_json::{Map, Value, json};

/// Prompts.
pub(crate) struct Prompts;

impl Resource for Prompts {
    type Spec = PromptSpec;
    const TABLE: &'static str = "prompts";
    const NOUN: &'static str = "prompt";
    const VERSIONED: bool = true;
    const LABELLED: bool = true;
    const OF_ONE_VERSION: &'static [&'static str] = &["commit_message"];

    fn name(spec: &PromptSpec) -> &str {
        &spec.name
    }

    fn description(spec: &PromptSpec) -> &str {
        &spec.description
    }

    fn derive(shown: &mut Map<String, Value>) {
        let content = shown.get("prompt").cloned().unwrap_or_default();
        if let Ok(content) = serde_json::from_value::<PromptContent>(content) {
            let kind = if content.is_chat() { "chat" } else { "text" };
            shown.insert("type".into(), json!(kind));
            shown.insert("variables".into(), json!(content.variables()));
        }
    }
}

/// The label that always names the highest version.
pub(crate) const LATEST: &str = "latest";

/// A label that can be moved.
pub(crate) fn checked<'a>(field: &str, label: &'a str) -> Result<&'a str, Problem> {
    if label == LATEST {
        Err(Problem::field(
            field,
            "`latest` always names the highest version",
        ))
    } else if is_label(label) {
        Ok(label)
    } else {
        Err(Problem::field(
            field,
            "must have 1 to 100 lower-case letters, digits, `_`, `-` or `.`",
        ))
    }
}

/// Makes a label name a version, if there is that version. A label names one version, so it leaves the one before.
pub(crate) fn move_label(prompt: &str, label: &str, version: i64, now: Timestamp) -> Statement {
    let sql = "INSERT INTO prompt_labels (workspace_id, prompt_id, label, version, updated_at) \
               SELECT workspace_id, resource_id, CAST($2 AS TEXT), version, CAST($3 AS BIGINT) FROM resource_versions \
               WHERE workspace_id = $1 AND kind = 'prompts' AND resource_id = $4 AND version = $5 \
               ON CONFLICT (workspace_id, prompt_id, label) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at";
    let params: [Sql; 4] = [label.into(), now.into(), prompt.into(), version.into()];
    Statement::new(sql, params)
}

/// `PUT /api/v1/prompts/{id}/labels/{label}`.
pub(crate) async fn put_label(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: LabelMove = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let prompt = id(&ctx, "id", Prompts::NOUN)?;
    let label = checked("label", ctx.param("label")?)?;
    let db = ctx.db().await?;
    let found = Stored::find::<Prompts>(&db, &Place::WORKSPACE, prompt).await?;
    IfMatch::of(&ctx.headers).check(found.version)?;
    let statement = move_label(prompt, label, body.version, clock::now());
    let detail = json!({"label": label, "version": body.version});
    let audit = ctx.audit("prompt.label", ("prompt", prompt), &detail)?;
    if !db.guarded_batch(vec![statement, audit]).await? {
        return Err(Problem::field(
            "/version",
            "is not a version of this prompt",
        ));
    }
    let found = Stored::find::<Prompts>(&db, &Place::WORKSPACE, prompt).await?;
    reply::ok(&found.shown::<Prompts>())
}

/// `DELETE /api/v1/prompts/{id}/labels/{label}`.
pub(crate) async fn delete_label(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let prompt = id(&ctx, "id", Prompts::NOUN)?;
    let label = checked("label", ctx.param("label")?)?;
    let db = ctx.db().await?;
    let found = Stored::find::<Prompts>(&db, &Place::WORKSPACE, prompt).await?;
    IfMatch::of(&ctx.headers).check(found.version)?;
    let sql = "DELETE FROM prompt_labels WHERE workspace_id = $1 AND prompt_id = $2 AND label = $3";
    let gone = Statement::new(sql, [prompt.into(), label.into()]);
    let audit = ctx.audit(
        "prompt.unlabel",
        ("prompt", prompt),
        &json!({"label": label}),
    )?;
    if db.guarded_batch(vec![gone, audit]).await? {
        Ok(reply::no_content())
    } else {
        Err(Problem::not_found("label"))
    }
}
