//! Scores in Langfuse's shapes: v2, by counted pages, and v3, by cursor. Given one at a time or as a list.

use super::observations::traces_of;
use super::{any_of, are, counted, filter, invalid, paging, within};
use crate::policy;
use crate::query::one_of;
use assay_edge::traces::{ListQuery, ScoreRecord, TraceStore, check};
use assay_edge::{Ctx, Cursor, PageQuery, Problem, Reply, clock, new_id, parse_json, reply};
use assay_langfuse::query::{ScoreQuery, ScoreValue};
use assay_langfuse::score::{list_response, parse_score};
use assay_langfuse::show::{self, ScoreContext};
use assay_model::{
    Batch, FieldError, Filter, Operand, Operator, Score, ScoreSource, ScoreType, Trace, Validator,
};
use http::StatusCode;
use serde_json::{Value, json};

/// Largest body, in bytes.
const BODY_LIMIT: usize = 5 << 20;
/// Most scores of one request.
const MAX_SCORES: usize = 10_000;

fn context<'a>(
    record: &ScoreRecord,
    project: &'a str,
    trace: Option<&'a Trace>,
) -> ScoreContext<'a> {
    ScoreContext {
        project_id: project,
        trace,
        created_at: Some(record.received_at),
        updated_at: Some(record.received_at),
    }
}

const SIMPLE: [(&str, &str); 8] = [
    ("name", "name"),
    ("userId", "userId"),
    ("configId", "configId"),
    ("queueId", "queueId"),
    ("sessionId", "sessionId"),
    ("datasetRunId", "experimentId"),
    ("traceId", "traceId"),
    ("observationId", "observationId"),
];

/// `GET /api/public/v2/scores`.
pub(crate) async fn list_v2(ctx: Ctx) -> Result<Reply, Problem> {
    let paging = paging(&ctx, 100)?;
    let mut simple = are(&ctx, Filter::default(), &SIMPLE)?;
    if let Some(source) = one_of::<ScoreSource>(&ctx, "source")? {
        let source = Operand::Text(source.as_str().into());
        simple = simple.and("source", Operator::Equal, source);
    }
    if let Some(kind) = one_of::<ScoreType>(&ctx, "dataType")? {
        let kind = Operand::Text(kind.as_str().into());
        simple = simple.and("dataType", Operator::Equal, kind);
    }
    if let Some(value) = ctx.query("value").filter(|v| !v.is_empty()) {
        let value: f64 = value
            .parse()
            .map_err(|_| Problem::field("value", "must be a number"))?;
        let operator = match ctx.query("operator") {
            None | Some("=") => Operator::Equal,
            Some("!=") => Operator::NotEqual,
            Some("<") => Operator::Less,
            Some("<=") => Operator::AtMost,
            Some(">") => Operator::Greater,
            Some(">=") => Operator::AtLeast,
            Some(_) => return Err(Problem::field("operator", "is not known")),
        };
        simple = simple.and("value", operator, Operand::Number(value));
    }
    if let Some(ids) = ctx.query("scoreIds").filter(|v| !v.is_empty()) {
        let ids = assay_langfuse::query::comma_list(Some(ids));
        simple = simple.and("id", Operator::AnyOf, Operand::Options(ids));
    }
    let tags: Vec<String> = ctx.query_all("traceTags").map(str::to_owned).collect();
    if !tags.is_empty() {
        simple = simple.and("tags", Operator::AllOf, Operand::Options(tags));
    }
    simple = any_of(&ctx, simple, "environment", "environment")?;
    simple = within(&ctx, simple, "timestamp", "fromTimestamp", "toTimestamp")?;
    let (page, offset) = counted(&paging);
    let query = ListQuery {
        filter: filter(&ctx, simple)?,
        offset,
        ..ListQuery::default()
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.list_scores(&query, &page).await?;
    let total = store.count_scores(&query.filter).await?;
    let traces = traces_of(&store, found.data.iter().map(|r| r.score.trace_id.as_str())).await?;
    let data: Vec<Value> = found
        .data
        .iter()
        .filter_map(|r| {
            let trace = traces.get(&r.score.trace_id).map(|t| &t.trace);
            show::score_v2(&r.score, &context(r, &workspace, trace))
        })
        .collect();
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/v2/scores/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.score(ctx.param("id")?).await?;
    let shown = found.and_then(|r| show::score_v2(&r.score, &context(&r, &workspace, None)));
    reply::ok(&shown.ok_or_else(|| Problem::not_found("score"))?)
}

/// `DELETE /api/public/scores/{id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    crate::erase::score(&ctx, crate::erase::id(&ctx, "score")?).await?;
    reply::json(
        StatusCode::ACCEPTED,
        &json!({"message": "Score deleted successfully"}),
    )
}

/// The conditions of v3's parameters.
fn conditions(query: &ScoreQuery) -> Filter {
    let mut filter = Filter::default();
    let names = |list: &[ScoreSource]| list.iter().map(|s| s.as_str().to_owned()).collect();
    let types = |list: &[ScoreType]| list.iter().map(|t| t.as_str().to_owned()).collect();
    let lists: [(&str, Vec<String>); 11] = [
        ("id", query.ids.clone()),
        ("name", query.names.clone()),
        ("source", names(&query.sources)),
        ("dataType", types(&query.data_types)),
        ("environment", query.environments.clone()),
        ("configId", query.config_ids.clone()),
        ("queueId", query.queue_ids.clone()),
        ("authorUserId", query.author_ids.clone()),
        ("traceId", query.trace_ids.clone()),
        ("sessionId", query.session_ids.clone()),
        ("observationId", query.observation_ids.clone()),
    ];
    let more = [("experimentId", query.experiment_ids.clone())];
    for (column, list) in lists.into_iter().chain(more) {
        if !list.is_empty() {
            filter = filter.and(column, Operator::AnyOf, Operand::Options(list));
        }
    }
    let texts: Vec<String> = query
        .values
        .iter()
        .filter_map(|v| match v {
            ScoreValue::Text(text) => Some(text.clone()),
            ScoreValue::Number(_) => None,
        })
        .collect();
    if !texts.is_empty() {
        filter = filter.and("stringValue", Operator::AnyOf, Operand::Options(texts));
    }
    let numbers: Vec<f64> = query
        .values
        .iter()
        .filter_map(|v| match v {
            ScoreValue::Number(n) => Some(*n),
            ScoreValue::Text(_) => None,
        })
        .collect();
    if !numbers.is_empty() {
        filter = filter.and("value", Operator::AnyOf, Operand::Numbers(numbers));
    }
    for (operator, border) in [
        (Operator::AtLeast, query.value_min),
        (Operator::AtMost, query.value_max),
    ] {
        if let Some(n) = border {
            filter = filter.and("value", operator, Operand::Number(n));
        }
    }
    for (operator, at) in [(Operator::AtLeast, query.from), (Operator::Less, query.to)] {
        if let Some(at) = at {
            filter = filter.and("timestamp", operator, Operand::Time(at));
        }
    }
    filter
}

/// `GET /api/public/v3/scores`: by cursor, with the groups of fields that are asked for.
pub(crate) async fn list_v3(ctx: Ctx) -> Result<Reply, Problem> {
    let asked = ScoreQuery::parse(|name| ctx.query(name)).map_err(invalid)?;
    let page = PageQuery {
        limit: u32::try_from(asked.limit).unwrap_or(1),
        cursor: asked.cursor.as_deref().map(Cursor::decode).transpose()?,
    };
    let query = ListQuery {
        filter: conditions(&asked),
        ..ListQuery::default()
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.list_scores(&query, &page).await?;
    let data: Vec<Value> = found
        .data
        .iter()
        .filter_map(|r| show::score_v3(&r.score, &asked.groups, &context(r, &workspace, None)))
        .collect();
    let cursor = found.next_cursor.as_deref();
    reply::ok(&show::cursor_page_of(data, cursor, asked.limit))
}

/// A row of a request as a score that can be kept, or what is wrong with it.
fn read(row: Value) -> Result<Score, Vec<FieldError>> {
    let mut score = parse_score(row).map_err(|e| {
        vec![FieldError {
            field: format!("/{}", e.field),
            message: e.message,
        }]
    })?;
    if score.id.is_empty() {
        score.id = new_id();
    }
    if score.timestamp.micros() == 0 {
        score.timestamp = clock::now();
    }
    let mut v = Validator::default();
    check::score(&mut v, &score);
    v.finish().map(|()| score)
}

/// `POST /api/public/scores`: one score as an object, or a list of them, of which wrong ones are refused alone.
pub(crate) async fn put(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let bytes = ctx.bytes(BODY_LIMIT).await?;
    let body: Value = parse_json(&bytes)?;
    drop(bytes);
    let gate = policy::gate(&ctx).await?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let Value::Array(rows) = body else {
        let score = read(body).map_err(Problem::validation)?;
        let id = score.id.clone();
        let mut batch = Batch {
            scores: vec![score],
            ..Batch::default()
        };
        gate.apply(&mut batch);
        store.write(&batch).await?;
        return reply::ok(&json!({ "id": id }));
    };
    if rows.len() > MAX_SCORES {
        let message = format!("must have at most {MAX_SCORES} entries");
        return Err(Problem::field("", message));
    }
    let mut batch = Batch::default();
    let mut rejected = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        match read(row) {
            Ok(score) => batch.scores.push(score),
            Err(errors) => {
                let errors: Vec<String> = errors
                    .iter()
                    .map(|e| format!("{} {}", e.field, e.message))
                    .collect();
                rejected.push(format!("score {i}: {}", errors.join("; ")));
            }
        }
    }
    let accepted = batch.scores.len();
    gate.apply(&mut batch);
    store.write(&batch).await?;
    let (status, answer) = list_response(accepted, &rejected);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::ACCEPTED);
    reply::json(status, &answer)
}
