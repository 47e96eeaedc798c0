//! Scores.

use crate::query::Conditions;
use crate::{erase, policy};
use assay_edge::traces::{TraceStore, check};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Page, Problem, Reply, clock, new_id, reply};
use assay_model::{Batch, Score, ScoreSource, ScoreType, Validator};

/// What selects scores, besides pages.
pub(crate) const FILTERS: [&str; 17] = [
    "filter",
    "q",
    "trace_id",
    "observation_id",
    "session_id",
    "experiment_id",
    "name",
    "source",
    "data_type",
    "environment",
    "user_id",
    "trace_name",
    "min_value",
    "max_value",
    "from",
    "to",
    "tag",
];

/// The conditions of a request for scores.
pub(crate) fn conditions(ctx: &Ctx) -> Result<Conditions<'_>, Problem> {
    Conditions::of(ctx)?
        .is("trace_id", "traceId")?
        .is("observation_id", "observationId")?
        .is("session_id", "sessionId")?
        .is("experiment_id", "experimentId")?
        .is("name", "name")?
        .named::<ScoreSource>("source", "source")?
        .named::<ScoreType>("data_type", "dataType")?
        .is("environment", "environment")?
        .is("user_id", "userId")?
        .is("trace_name", "traceName")?
        .between("value", "value")?
        .tags("tag")?
        .within("timestamp")
}

/// `GET /api/v1/scores`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.extend(["limit", "cursor"]);
    ctx.only_query(&known)?;
    let query = conditions(&ctx)?.list("timestamp")?;
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.list_scores(&query, &page).await?;
    reply::ok(&Page {
        data: found.data.into_iter().map(|r| r.score).collect::<Vec<_>>(),
        next_cursor: found.next_cursor,
    })
}

/// `GET /api/v1/scores/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.score(ctx.param("id")?).await?;
    reply::ok(&found.ok_or_else(|| Problem::not_found("score"))?.score)
}

/// `DELETE /api/v1/scores/{id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    if erase::score(&ctx, erase::id(&ctx, "score")?).await? {
        Ok(reply::no_content())
    } else {
        Err(Problem::not_found("score"))
    }
}

/// Gives a score. The trace may arrive later; the same id replaces; without an id it is a new score.
pub(crate) async fn put(mut ctx: Ctx) -> Result<Reply, Problem> {
    let mut score: Score = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    if score.id.is_empty() {
        score.id = new_id();
    }
    if score.timestamp.micros() == 0 {
        score.timestamp = clock::now();
    }
    let mut v = Validator::default();
    check::score(&mut v, &score);
    v.finish().map_err(Problem::validation)?;
    let mut batch = Batch {
        scores: vec![score],
        ..Batch::default()
    };
    let gate = policy::gate(&ctx).await?;
    gate.redact(&mut batch);
    let shown = batch.scores.first().cloned();
    // A score of a trace that is not kept is not kept either, and answered as any other, as at ingestion.
    gate.sample(&mut batch);
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    store.write(&batch).await?;
    reply::ok(&shown.ok_or_else(|| Problem::internal("the score is gone"))?)
}
