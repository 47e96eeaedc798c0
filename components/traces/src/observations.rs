//! Observations.

use crate::query::Conditions;
use assay_edge::traces::{ObservationRecord, TraceStore};
use assay_edge::{Ctx, Page, Problem, Reply, reply};
use assay_model::{Level, Observation, ObservationType, Timestamp};
use serde::Serialize;

/// An observation as it is shown.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    observation: Observation,
    /// From start to end, never negative; null while it goes on.
    latency_ms: Option<i64>,
    /// When it was received.
    received_at: Timestamp,
}

impl From<ObservationRecord> for Shown {
    fn from(r: ObservationRecord) -> Self {
        let o = &r.observation;
        Self {
            latency_ms: o.end_time.map(|end| end.millis_since(o.start_time).max(0)),
            received_at: r.received_at,
            observation: r.observation,
        }
    }
}

/// What selects observations, besides pages and order.
pub(crate) const FILTERS: [&str; 23] = [
    "filter",
    "q",
    "trace_id",
    "parent_id",
    "type",
    "name",
    "level",
    "model",
    "prompt_name",
    "environment",
    "version",
    "user_id",
    "session_id",
    "trace_name",
    "experiment_id",
    "root",
    "min_latency",
    "max_latency",
    "min_cost",
    "max_cost",
    "from",
    "to",
    "tag",
];

/// The conditions of a request for observations.
pub(crate) fn conditions(ctx: &Ctx) -> Result<Conditions<'_>, Problem> {
    Conditions::of(ctx)?
        .is("trace_id", "traceId")?
        .is("parent_id", "parentObservationId")?
        .named::<ObservationType>("type", "type")?
        .is("name", "name")?
        .named::<Level>("level", "level")?
        .is("model", "model")?
        .is("prompt_name", "promptName")?
        .is("environment", "environment")?
        .is("version", "version")?
        .is("user_id", "userId")?
        .is("session_id", "sessionId")?
        .is("trace_name", "traceName")?
        .is("experiment_id", "experimentId")?
        .truth("root", "isRootObservation")?
        .between("latency", "latency")?
        .between("cost", "totalCost")?
        .tags("tag")?
        .within("startTime")
}

/// `GET /api/v1/observations`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.extend(["limit", "cursor", "sort"]);
    ctx.only_query(&known)?;
    let query = conditions(&ctx)?.list("start_time")?;
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.list_observations(&query, &page).await?;
    reply::ok(&Page {
        data: found.data.into_iter().map(Shown::from).collect(),
        next_cursor: found.next_cursor,
    })
}

/// `GET /api/v1/observations/{id}`: of several with the same id, the one that began first.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.observation(ctx.param("id")?).await?;
    let found = found.ok_or_else(|| Problem::not_found("observation"))?;
    reply::ok(&Shown::from(found))
}
