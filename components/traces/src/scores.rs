//! Scores.

use crate::query::{between, one_of, text};
use assay_edge::traces::{ScoreFilter, TraceStore, check};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_model::{Batch, Score, Validator};

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit",
        "cursor",
        "trace_id",
        "observation_id",
        "name",
        "source",
        "data_type",
        "from",
        "to",
    ])?;
    let filter = ScoreFilter {
        trace_id: text(&ctx, "trace_id"),
        observation_id: text(&ctx, "observation_id"),
        name: text(&ctx, "name"),
        source: one_of(&ctx, "source")?,
        data_type: one_of(&ctx, "data_type")?,
        between: between(&ctx)?,
    };
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    reply::ok(&store.list_scores(filter, &page).await?)
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
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let batch = Batch {
        scores: vec![score],
        ..Batch::default()
    };
    store.write(&batch).await?;
    reply::ok(
        batch
            .scores
            .first()
            .ok_or_else(|| Problem::internal("the score is gone"))?,
    )
}
