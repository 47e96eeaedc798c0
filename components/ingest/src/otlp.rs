//! OTLP/HTTP: what OpenTelemetry's exporters and Langfuse's SDKs send.
//!
//! A span that ends before it starts is kept as sent. A span that cannot be kept is counted in the partial success of
//! the answer; exporters do not send it again. While neither trace store nor spool takes spans the answer is 503 with
//! `Retry-After`, and 429 while there is no room for the body: exporters obey both. A 500 would make them drop the spans.
//! `docs/ingestion.md` says what becomes of what. A refusal is a `google.rpc.Status` in the
//! encoding of the request, as the protocol asks; in JSON it is a problem document as well.

use crate::body::{self, Body, Made};
use crate::keep::keep;
use crate::{forward, policy, price};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, reply};
use assay_otlp::{
    BatchSize, Encoding, Limits, MapContext, Spans, decode_logs, decode_metrics, error_response,
    logs_response, map_logs, metrics_response, response,
};
use http::{StatusCode, header};

fn encoding(ctx: &Ctx) -> Result<Encoding, Problem> {
    let content_type = ctx
        .header(header::CONTENT_TYPE.as_str())
        .unwrap_or_default();
    Encoding::from_content_type(content_type).ok_or_else(|| {
        let detail = "Send application/x-protobuf or application/json.";
        Problem::new(ProblemKind::UnsupportedMediaType, detail)
    })
}

fn context(ctx: &Ctx, limits: Limits) -> MapContext {
    let sdk = |name: &str| ctx.header(name).map(str::to_owned);
    MapContext {
        sdk_name: sdk("x-langfuse-sdk-name"),
        sdk_version: sdk("x-langfuse-sdk-version"),
        received_at: clock::now(),
        limits,
    }
}

/// The answer, or the refusal in the request's encoding.
fn answer(encoding: Encoding, outcome: Result<Vec<u8>, Problem>) -> Result<Reply, Problem> {
    match (outcome, encoding) {
        (Ok(body), _) => Ok(reply::bytes(StatusCode::OK, encoding.content_type(), body)),
        (Err(problem), Encoding::Protobuf) => {
            // Codes of google.rpc.Code.
            let code = match problem.kind() {
                ProblemKind::StoreUnavailable => 14,
                ProblemKind::BodyTooLarge | ProblemKind::TooManyRequests => 8,
                kind if kind.status().is_server_error() => 13,
                _ => 3,
            };
            let status = error_response(encoding, code, problem.detail());
            Ok(reply::refusal(&problem, encoding.content_type(), status))
        }
        (Err(problem), Encoding::Json) => Err(problem),
    }
}

/// `x-langfuse-ingestion-version`, which says what the client expects; there are four.
fn check_version(ctx: &Ctx) -> Result<(), Problem> {
    let Some(text) = ctx.header("x-langfuse-ingestion-version") else {
        return Ok(());
    };
    match text.trim().parse::<u32>() {
        Ok(version) if version <= 4 => Ok(()),
        _ => Err(Problem::new(
            ProblemKind::MalformedBody,
            "`x-langfuse-ingestion-version` must be a number up to 4.",
        )),
    }
}

async fn read(ctx: &mut Ctx, limits: &Limits, made: Made) -> Result<Body, Problem> {
    check_version(ctx)?;
    body::read(ctx, limits, made).await
}

/// `POST /v1/traces`.
pub(crate) async fn traces(mut ctx: Ctx) -> Result<Reply, Problem> {
    let encoding = encoding(&ctx)?;
    let outcome = take_traces(&mut ctx, encoding).await;
    answer(encoding, outcome)
}

/// The answer is a success when every batch is durable. Whoever hears of a failure sends all of it again, which writes what
/// was written before once more.
async fn take_traces(ctx: &mut Ctx, encoding: Encoding) -> Result<Vec<u8>, Problem> {
    let limits = Limits::default();
    let context = context(ctx, limits);
    let made = match encoding {
        Encoding::Protobuf => Made::Records,
        Encoding::Json => Made::Tree,
    };
    let body = read(ctx, &limits, made).await?;
    let mut spans = Spans::read(&body, encoding, &context).map_err(|e| body::problem(&e))?;
    let gate = policy::gate(ctx).await?;
    while let Some(mut batch) = spans.next_batch(BatchSize::default()) {
        price::complete(ctx, &mut batch.observations).await?;
        gate.apply(&mut batch);
        keep(ctx, &batch).await?;
        forward::hand_on_except(ctx, &batch, &spans.take_forwarded()).await?;
    }
    Ok(response(encoding, spans.rejected(), &spans.rejection()))
}

/// `POST /v1/logs`: events of the GenAI conventions are kept; other records are counted as not kept.
pub(crate) async fn logs(mut ctx: Ctx) -> Result<Reply, Problem> {
    let encoding = encoding(&ctx)?;
    let outcome = take_logs(&mut ctx, encoding).await;
    answer(encoding, outcome)
}

async fn take_logs(ctx: &mut Ctx, encoding: Encoding) -> Result<Vec<u8>, Problem> {
    let limits = Limits::default();
    let context = context(ctx, limits);
    let bytes = read(ctx, &limits, Made::Tree).await?;
    let request = decode_logs(&bytes, encoding, &limits).map_err(|e| body::problem(&e))?;
    let mut mapped = map_logs(request, &context);
    policy::gate(ctx).await?.apply(&mut mapped.batch);
    keep(ctx, &mapped.batch).await?;
    forward::hand_on(ctx, &mapped.batch).await?;
    let mut why = mapped.rejection();
    if mapped.ignored > 0 {
        let more = format!("{} records are no GenAI events of a trace", mapped.ignored);
        why = if why.is_empty() {
            more
        } else {
            format!("{why}; {more}")
        };
    }
    let rejected = mapped.rejected.len() as u64 + mapped.ignored;
    Ok(logs_response(encoding, rejected, &why))
}

/// `POST /v1/metrics`: read and counted. What GenAI metrics tell is derived from spans here, so none are kept.
pub(crate) async fn metrics(mut ctx: Ctx) -> Result<Reply, Problem> {
    let encoding = encoding(&ctx)?;
    let outcome = take_metrics(&mut ctx, encoding).await;
    answer(encoding, outcome)
}

async fn take_metrics(ctx: &mut Ctx, encoding: Encoding) -> Result<Vec<u8>, Problem> {
    let limits = Limits::default();
    let bytes = read(ctx, &limits, Made::Tree).await?;
    let counted = decode_metrics(&bytes, encoding, &limits).map_err(|e| body::problem(&e))?;
    let why = if counted.data_points == 0 {
        ""
    } else {
        "metrics are not stored: tokens, costs and latencies are derived from spans"
    };
    Ok(metrics_response(encoding, counted.data_points, why))
}
