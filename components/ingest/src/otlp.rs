//! OTLP/HTTP: what OpenTelemetry's exporters and Langfuse's SDKs send.
//!
//! A span that ends before it starts is kept as sent. A span that cannot be kept is counted in the partial success of
//! the answer; exporters do not send it again. While neither trace store nor spool takes spans the answer is 503 with
//! `Retry-After`, which exporters obey; a 500 would make them drop the spans.

use crate::body;
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, reply};
use assay_otlp::{Encoding, Limits, MapContext, decode_within, map, response};
use http::{StatusCode, header};

pub(crate) async fn traces(mut ctx: Ctx) -> Result<Reply, Problem> {
    let content_type = ctx
        .header(header::CONTENT_TYPE.as_str())
        .unwrap_or_default();
    let encoding = Encoding::from_content_type(content_type).ok_or_else(|| {
        let detail = "Send application/x-protobuf or application/json.";
        Problem::new(ProblemKind::UnsupportedMediaType, detail)
    })?;
    let sdk = |name: &str| ctx.header(name).map(str::to_owned);
    let limits = Limits::default();
    let context = MapContext {
        sdk_name: sdk("x-langfuse-sdk-name"),
        sdk_version: sdk("x-langfuse-sdk-version"),
        received_at: clock::now(),
        limits,
    };
    let bytes = body::read(&mut ctx, &limits).await?;
    let request = decode_within(&bytes, encoding, &limits).map_err(|e| body::problem(&e))?;
    drop(bytes);
    let mapped = map(request, &context);
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    store.write(&mapped.batch).await?;
    let answer = response(encoding, mapped.rejected.len() as u64, &mapped.rejection());
    Ok(reply::bytes(
        StatusCode::OK,
        encoding.content_type(),
        answer,
    ))
}
