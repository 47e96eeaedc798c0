//! What a link shows of a trace to anyone: what happened, when, and what it took. Of whose it is, of the workspace and of what
//! its people said, nothing; of what went in and came out, what its maker chose.

use crate::query::tree_query;
use assay_access::{hash_secret, secrets_equal};
use assay_edge::traces::{
    ObservationRecord, ScoreRecord, Totals, TraceDetail, TraceStore, TreeNode,
};
use assay_edge::{Ctx, Page, Problem, Reply, clock, reply};
use assay_model::{Level, ObservationType, ScoreType, Timestamp, TokenUsage};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::Value;

/// Longest token that is looked for.
const MAX_TOKEN: usize = 200;

/// A link that opens a trace.
struct Opened {
    workspace: String,
    trace_id: String,
    payloads: bool,
    expires_at: Option<Timestamp>,
}

/// One answer for every way in which a link opens nothing, so that none can be probed.
fn unknown() -> Problem {
    Problem::not_found("shared trace")
}

/// The link of the path.
async fn open(ctx: &Ctx) -> Result<Opened, Problem> {
    let token = ctx.param("token")?;
    if token.len() > MAX_TOKEN {
        return Err(unknown());
    }
    let hash = hash_secret(&ctx.platform.pepper, token);
    let sql = "SELECT workspace_id, id, trace_id, token_hash, payloads, expires_at FROM trace_shares \
               WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    let params = [hash.as_str().into(), clock::now().into()];
    let rows = ctx.platform.db().await?.query(sql, params).await?;
    let row = rows.first().ok_or_else(unknown)?;
    if !secrets_equal(&row.text("token_hash")?, &hash) {
        return Err(unknown());
    }
    ctx.spend("link", &row.text("id")?).await?;
    Ok(Opened {
        workspace: row.text("workspace_id")?,
        trace_id: row.text("trace_id")?,
        payloads: row.int("payloads")? != 0,
        expires_at: row.opt_int("expires_at")?.map(Timestamp::from_micros),
    })
}

/// An answer that is kept nowhere and found by nobody.
fn answer<T: Serialize>(value: &T) -> Result<Reply, Problem> {
    let mut answer = reply::ok(value)?;
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    Ok(answer)
}

#[derive(Serialize)]
struct SharedTrace {
    id: String,
    name: Option<String>,
    timestamp: Timestamp,
    /// Whether what went in and came out is shown.
    payloads: bool,
    expires_at: Option<Timestamp>,
    input: Value,
    output: Value,
    latency_ms: Option<i64>,
    total_cost_usd: Option<f64>,
    usage: Option<TokenUsage>,
    observation_count: u64,
    error_count: u64,
    warning_count: u64,
    observations: Vec<SharedObservation>,
    scores: Vec<SharedScore>,
    /// Whether there are more observations or scores than are shown here.
    truncated: bool,
}

#[derive(Serialize)]
struct SharedObservation {
    id: String,
    parent_id: Option<String>,
    #[serde(rename = "type")]
    kind: ObservationType,
    name: String,
    start_time: Timestamp,
    end_time: Option<Timestamp>,
    latency_ms: Option<i64>,
    level: Level,
    status_message: Option<String>,
    input: Value,
    output: Value,
    model: Option<String>,
    usage: Option<TokenUsage>,
    cost_usd: Option<f64>,
}

#[derive(Serialize)]
struct SharedScore {
    observation_id: Option<String>,
    name: String,
    data_type: ScoreType,
    value: Option<f64>,
    string_value: Option<String>,
    timestamp: Timestamp,
}

impl SharedObservation {
    fn of(record: ObservationRecord, payloads: bool) -> Self {
        let o = record.observation;
        let shown = |value| if payloads { value } else { Value::Null };
        Self {
            latency_ms: o.end_time.map(|end| end.millis_since(o.start_time).max(0)),
            id: o.id,
            parent_id: o.parent_id,
            kind: o.kind,
            name: o.name,
            start_time: o.start_time,
            end_time: o.end_time,
            level: o.level,
            // Messages of errors tell what went in.
            status_message: o.status_message.filter(|_| payloads),
            input: shown(o.input),
            output: shown(o.output),
            model: o.model,
            usage: o.usage,
            cost_usd: o.cost_usd,
        }
    }
}

impl SharedScore {
    fn of(record: ScoreRecord, payloads: bool) -> Self {
        let s = record.score;
        let content = matches!(s.data_type, ScoreType::Text | ScoreType::Correction);
        Self {
            observation_id: s.observation_id,
            name: s.name,
            data_type: s.data_type,
            value: s.value,
            string_value: s.string_value.filter(|_| payloads || !content),
            timestamp: s.timestamp,
        }
    }
}

impl SharedTrace {
    fn of(detail: TraceDetail, link: &Opened) -> Self {
        let payloads = link.payloads;
        let shown = |value| if payloads { value } else { Value::Null };
        let (trace, totals): (_, Totals) = (detail.trace.trace, detail.totals);
        Self {
            id: trace.id,
            name: trace.name,
            timestamp: trace.timestamp,
            payloads,
            expires_at: link.expires_at,
            input: shown(trace.input),
            output: shown(trace.output),
            latency_ms: totals.latency_ms,
            total_cost_usd: totals.cost_usd,
            usage: totals.usage,
            observation_count: totals.observations,
            error_count: totals.errors,
            warning_count: totals.warnings,
            observations: detail
                .observations
                .into_iter()
                .map(|o| SharedObservation::of(o, payloads))
                .collect(),
            scores: detail
                .scores
                .into_iter()
                .map(|s| SharedScore::of(s, payloads))
                .collect(),
            truncated: detail.truncated,
        }
    }
}

/// `GET /api/v1/shared/{token}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let link = open(&ctx).await?;
    let store = TraceStore::open(&ctx.platform, &link.workspace).await?;
    let detail = store.trace(&link.trace_id).await?.ok_or_else(unknown)?;
    answer(&SharedTrace::of(detail, &link))
}

/// `GET /api/v1/shared/{token}/tree`: in reading order, a page at a time.
pub(crate) async fn tree(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "under", "depth"])?;
    let query = tree_query(&ctx)?;
    let page = ctx.page()?;
    let link = open(&ctx).await?;
    let store = TraceStore::open(&ctx.platform, &link.workspace).await?;
    let found = store.tree(&link.trace_id, &query, &page).await?;
    let mut found: Page<TreeNode> = found.ok_or_else(unknown)?;
    if !link.payloads {
        for node in &mut found.data {
            node.status_message = None;
        }
    }
    answer(&found)
}
