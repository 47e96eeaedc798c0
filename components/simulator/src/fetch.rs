//! One request to a server that a scenario names.

use assay_edge::dial::send_taped;
use assay_edge::outbound::Outgoing;
use assay_edge::tape::Tape;
use assay_edge::{Ctx, Platform, Problem, Reply, parse_json, reply};
use assay_graph::protocol::{CallStats, Failure, FetchRequest, FetchResponse};
use assay_model::{RunError, RunErrorKind};
use http::Method;
use serde_json::Value;

/// How long a request may take where nothing is said, in milliseconds.
const TIMEOUT_MS: u64 = 30_000;
/// Most bytes of an answer: as much as a variable may hold.
const MAX_BYTES: usize = 1 << 20;

pub(crate) async fn fetch(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(usize::MAX).await?;
    let request: FetchRequest = parse_json(&body)?;
    reply::ok(&ask(&ctx.platform, request).await)
}

async fn ask(platform: &Platform, request: FetchRequest) -> FetchResponse {
    let failed = |message: String, retryable: bool, call: CallStats| {
        FetchResponse::Failed(Failure {
            error: RunError {
                kind: RunErrorKind::Scenario,
                message,
            },
            retryable,
            retry_after_ms: None,
            call,
        })
    };
    let Ok(method) = Method::from_bytes(request.method.as_bytes()) else {
        return failed(
            "the method is none of HTTP".into(),
            false,
            CallStats::default(),
        );
    };
    let mut headers: Vec<(String, String)> = request.headers.into_iter().collect();
    let body = request.body.unwrap_or_default();
    let typed = headers.iter().any(|(name, _)| name == "content-type");
    if !typed && serde_json::from_str::<Value>(&body).is_ok() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let outgoing = Outgoing {
        method,
        url: request.url,
        headers,
        credential: None,
        secret_headers: request.secret_headers,
        secrets: request.secrets,
        body: body.into_bytes(),
        timeout_ms: request.timeout_ms.unwrap_or(TIMEOUT_MS),
        max_bytes: MAX_BYTES,
    };
    let tape = Tape::new(request.recording);
    let (started, ended, answer) = send_taped(platform, &tape, outgoing).await;
    let call = CallStats {
        started,
        ended,
        ..CallStats::default()
    };
    match answer {
        Ok(incoming) => {
            let text = String::from_utf8_lossy(&incoming.body);
            let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into()));
            FetchResponse::Answer {
                status: incoming.status.as_u16(),
                body,
                call,
            }
        }
        Err(e) => failed(format!("the server {}", e.message), e.retryable, call),
    }
}
