//! Traces, observations and scores as a file: everything that the filters of their lists select, sent as it is read.

use crate::query::text;
use crate::{observations, scores, traces};
use assay_edge::traces::{ListQuery, TraceStore};
use assay_edge::{Ctx, Cursor, PageQuery, Problem, Reply, log_error, reply};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Rows that are read at once.
const PAGE: u32 = 200;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// One JSON object a line, as the lists show them.
    Ndjson,
    /// Columns of plain values; lists and objects are JSON.
    Csv,
}

impl Format {
    fn of(ctx: &Ctx) -> Result<Self, Problem> {
        match text(ctx, "format")?.as_deref() {
            None | Some("ndjson") => Ok(Self::Ndjson),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(Problem::field("format", "must be `ndjson` or `csv`")),
        }
    }
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Traces,
    Observations,
    Scores,
}

/// A column of CSV: its name, and where its value is in a row.
type Column = (&'static str, &'static str);

const TRACES: &[Column] = &[
    ("id", "/id"),
    ("timestamp", "/timestamp"),
    ("name", "/name"),
    ("user_id", "/user_id"),
    ("session_id", "/session_id"),
    ("environment", "/environment"),
    ("release", "/release"),
    ("version", "/version"),
    ("tags", "/tags"),
    ("latency_ms", "/latency_ms"),
    ("total_cost_usd", "/total_cost_usd"),
    ("input_tokens", "/usage/input"),
    ("output_tokens", "/usage/output"),
    ("observation_count", "/observation_count"),
    ("error_count", "/error_count"),
    ("warning_count", "/warning_count"),
    ("input", "/input"),
    ("output", "/output"),
    ("metadata", "/metadata"),
    ("created_at", "/created_at"),
    ("updated_at", "/updated_at"),
];

const OBSERVATIONS: &[Column] = &[
    ("trace_id", "/trace_id"),
    ("id", "/id"),
    ("parent_id", "/parent_id"),
    ("type", "/type"),
    ("name", "/name"),
    ("start_time", "/start_time"),
    ("end_time", "/end_time"),
    ("completion_start_time", "/completion_start_time"),
    ("latency_ms", "/latency_ms"),
    ("level", "/level"),
    ("status_message", "/status_message"),
    ("model", "/model"),
    ("model_parameters", "/model_parameters"),
    ("input_tokens", "/usage/input"),
    ("output_tokens", "/usage/output"),
    ("cost_usd", "/cost_usd"),
    ("prompt_name", "/prompt_name"),
    ("prompt_version", "/prompt_version"),
    ("environment", "/environment"),
    ("version", "/version"),
    ("input", "/input"),
    ("output", "/output"),
    ("metadata", "/metadata"),
    ("received_at", "/received_at"),
];

const SCORES: &[Column] = &[
    ("id", "/id"),
    ("trace_id", "/trace_id"),
    ("observation_id", "/observation_id"),
    ("session_id", "/session_id"),
    ("experiment_id", "/experiment_id"),
    ("timestamp", "/timestamp"),
    ("name", "/name"),
    ("data_type", "/data_type"),
    ("value", "/value"),
    ("string_value", "/string_value"),
    ("source", "/source"),
    ("comment", "/comment"),
    ("environment", "/environment"),
    ("author_id", "/author_id"),
    ("config_id", "/config_id"),
    ("queue_id", "/queue_id"),
    ("metadata", "/metadata"),
];

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Observations => "observations",
            Self::Scores => "scores",
        }
    }

    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Traces => TRACES,
            Self::Observations => OBSERVATIONS,
            Self::Scores => SCORES,
        }
    }

    async fn page(
        self,
        store: &TraceStore,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<(Vec<Value>, Option<String>), Problem> {
        Ok(match self {
            Self::Traces => {
                let found = store.list_traces(query, page).await?;
                let shown = traces::Shown::all(store, found.data).await?;
                (values(&shown)?, found.next_cursor)
            }
            Self::Observations => {
                let found = store.list_observations(query, page).await?;
                let shown = found.data.into_iter().map(observations::Shown::from);
                (values(&shown.collect::<Vec<_>>())?, found.next_cursor)
            }
            Self::Scores => {
                let found = store.list_scores(query, page).await?;
                let shown: Vec<_> = found.data.into_iter().map(|r| r.score).collect();
                (values(&shown)?, found.next_cursor)
            }
        })
    }
}

fn values<T: Serialize>(rows: &[T]) -> Result<Vec<Value>, Problem> {
    rows.iter()
        .map(|row| serde_json::to_value(row).map_err(Problem::internal))
        .collect()
}

/// A cell of CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn written(format: Format, table: Table, rows: &[Value], first: bool) -> Result<Vec<u8>, Problem> {
    if format == Format::Ndjson {
        let mut out = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut out, row).map_err(Problem::internal)?;
            out.push(b'\n');
        }
        return Ok(out);
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    if first {
        let names = table.columns().iter().map(|(name, _)| *name);
        out.write_record(names).map_err(Problem::internal)?;
    }
    for row in rows {
        let cells = table.columns().iter().map(|(_, at)| cell(row.pointer(at)));
        out.write_record(cells).map_err(Problem::internal)?;
    }
    out.into_inner().map_err(Problem::internal)
}

/// `GET /api/v1/exports/traces`.
pub(crate) async fn of_traces(ctx: Ctx) -> Result<Reply, Problem> {
    only(&ctx, &traces::FILTERS)?;
    let query = traces::conditions(&ctx)?.list("timestamp")?;
    export(ctx, Table::Traces, query).await
}

/// `GET /api/v1/exports/observations`.
pub(crate) async fn of_observations(ctx: Ctx) -> Result<Reply, Problem> {
    only(&ctx, &observations::FILTERS)?;
    let query = observations::conditions(&ctx)?.list("start_time")?;
    export(ctx, Table::Observations, query).await
}

/// `GET /api/v1/exports/scores`.
pub(crate) async fn of_scores(ctx: Ctx) -> Result<Reply, Problem> {
    only(&ctx, &scores::FILTERS)?;
    let query = scores::conditions(&ctx)?.list("timestamp")?;
    export(ctx, Table::Scores, query).await
}

fn only(ctx: &Ctx, filters: &[&str]) -> Result<(), Problem> {
    let mut known = filters.to_vec();
    known.push("format");
    ctx.only_query(&known)
}

/// The first page is read before the answer begins, so that what cannot be read is a problem and no broken file.
async fn export(ctx: Ctx, table: Table, query: ListQuery) -> Result<Reply, Problem> {
    let format = Format::of(&ctx)?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let mut page = PageQuery {
        limit: PAGE,
        cursor: None,
    };
    let (rows, mut next) = table.page(&store, &query, &page).await?;
    let (media, ending) = match format {
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let first = written(format, table, &rows, true)?;
    let detail: Map<String, Value> = ctx
        .queries()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let audit = ctx.audit(
        "traces.export",
        ("table", table.name()),
        &Value::Object(detail),
    )?;
    ctx.db().await?.batch(vec![audit]).await?;
    let (mut writer, mut answer) = reply::streamed(media);
    let name = format!("attachment; filename=\"{}.{ending}\"", table.name());
    let name = HeaderValue::from_str(&name).map_err(Problem::internal)?;
    answer
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, name);
    let (component, request) = (ctx.component, ctx.request_id.clone());
    spin_sdk::wasip3::spawn(async move {
        if !writer.send(first).await {
            return;
        }
        while let Some(token) = next.take() {
            let part = async {
                page.cursor = Some(Cursor::decode(&token)?);
                let (rows, after) = table.page(&store, &query, &page).await?;
                Ok::<_, Problem>((written(format, table, &rows, false)?, after))
            };
            match part.await {
                Ok((part, after)) => {
                    if !writer.send(part).await {
                        return;
                    }
                    next = after;
                }
                Err(problem) => {
                    log_error(
                        component,
                        &request,
                        "an export broke off",
                        &problem.to_string(),
                    );
                    writer.fail("the export broke off").await;
                    return;
                }
            }
        }
    });
    Ok(answer)
}
