//! Observations in Langfuse's two shapes.

use super::{any_of, are, counted, filter, invalid, paging, within};
use crate::query::one_of;
use assay_edge::traces::{ListQuery, ObservationRecord, TraceRecord, TraceStore};
use assay_edge::{Ctx, Cursor, PageQuery, Problem, Reply, reply};
use assay_langfuse::query::{Groups, boolean, comma_list, limit, refuse_parsed_io};
use assay_langfuse::show::{self, ObservationContext};
use assay_model::{Filter, Level, ObservationType, Operand, Operator, Trace};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Most rows of a page of v2.
const MAX: i64 = 1000;

const SIMPLE: [(&str, &str); 6] = [
    ("name", "name"),
    ("userId", "userId"),
    ("sessionId", "sessionId"),
    ("traceId", "traceId"),
    ("version", "version"),
    ("parentObservationId", "parentObservationId"),
];

fn conditions(ctx: &Ctx) -> Result<Filter, Problem> {
    let mut simple = are(ctx, Filter::default(), &SIMPLE)?;
    if ctx.query("parentObservationId") == Some("") {
        simple = simple.and("parentObservationId", Operator::IsNull, Operand::None);
    }
    if let Some(kind) = one_of::<ObservationType>(ctx, "type")? {
        let kind = Operand::Text(kind.as_str().into());
        simple = simple.and("type", Operator::Equal, kind);
    }
    if let Some(level) = one_of::<Level>(ctx, "level")? {
        let level = Operand::Text(level.as_str().into());
        simple = simple.and("level", Operator::Equal, level);
    }
    let root = boolean("isRootObservation", ctx.query("isRootObservation")).map_err(invalid)?;
    if let Some(root) = root {
        simple = simple.and("isRootObservation", Operator::Equal, Operand::Bool(root));
    }
    simple = any_of(ctx, simple, "environment", "environment")?;
    simple = within(ctx, simple, "startTime", "fromStartTime", "toStartTime")?;
    filter(ctx, simple)
}

/// The older shape of an observation.
pub(super) fn v1(record: &ObservationRecord, project: &str) -> Value {
    show::observation_v1(&record.observation, &context(record, project, None))
}

fn context<'a>(
    record: &ObservationRecord,
    project: &'a str,
    trace: Option<&'a Trace>,
) -> ObservationContext<'a> {
    ObservationContext {
        project_id: project,
        trace,
        created_at: Some(record.received_at),
        updated_at: Some(record.received_at),
        ..ObservationContext::default()
    }
}

/// `GET /api/public/observations`.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let paging = paging(&ctx, 1000)?;
    let (page, offset) = counted(&paging);
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let query = ListQuery {
        filter: conditions(&ctx)?,
        offset,
        ..ListQuery::default()
    };
    let found = store.list_observations(&query, &page).await?;
    let total = store.count_observations(&query.filter).await?;
    let data: Vec<Value> = found.data.iter().map(|r| v1(r, &workspace)).collect();
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/observations/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.observation(ctx.param("id")?).await?;
    let found = found.ok_or_else(|| Problem::not_found("observation"))?;
    reply::ok(&v1(&found, &workspace))
}

/// The traces of some observations.
pub(super) async fn traces_of<'a>(
    store: &TraceStore,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, TraceRecord>, Problem> {
    let ids: BTreeSet<&str> = ids.filter(|id| !id.is_empty()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    store.traces_by_id(&ids).await
}

/// `GET /api/public/v2/observations`: by cursor, with the groups of fields that are asked for.
pub(crate) async fn list_v2(ctx: Ctx) -> Result<Reply, Problem> {
    refuse_parsed_io(ctx.query("parseIoAsJson")).map_err(invalid)?;
    let groups = Groups::parse(ctx.query("fields")).map_err(invalid)?;
    let expand = comma_list(ctx.query("expandMetadata"));
    let limit = limit(ctx.query("limit"), MAX).map_err(invalid)?;
    let page = PageQuery {
        limit: u32::try_from(limit).unwrap_or(1),
        cursor: ctx
            .query("cursor")
            .filter(|c| !c.is_empty())
            .map(Cursor::decode)
            .transpose()?,
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let query = ListQuery {
        filter: conditions(&ctx)?,
        ..ListQuery::default()
    };
    let found = store.list_observations(&query, &page).await?;
    let ids = found.data.iter().map(|r| r.observation.trace_id.as_str());
    let traces = traces_of(&store, ids).await?;
    let data: Vec<Value> = found
        .data
        .iter()
        .map(|r| {
            let trace = traces.get(&r.observation.trace_id).map(|t| &t.trace);
            let context = context(r, &workspace, trace);
            show::observation_v2(&r.observation, &groups, &expand, &context)
        })
        .collect();
    reply::ok(&show::cursor_page(data, found.next_cursor.as_deref()))
}
