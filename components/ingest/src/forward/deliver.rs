//! One request to a destination, and what is made of its answer.

use crate::destinations::{Destination, TABLE};
use assay_edge::Platform;
use assay_edge::dial::{Sealed, dial};
use assay_edge::write_only::place;
use assay_llm::{AuthSlot, HttpCall, excerpt};
use assay_model::DestinationAuth;
use bytes::Bytes;

/// How long the other side may take, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;

/// Why a request was not taken.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// What happened, for a person. Holds no secrets.
    pub(super) message: String,
    /// The status, when there was an answer.
    pub(super) status: Option<u16>,
    /// Whether the same request will never be taken.
    pub(super) for_good: bool,
    /// How long the other side asked to wait.
    pub(super) retry_after_ms: Option<u64>,
}

/// Posts spans; the body of a 2xx.
pub(super) async fn deliver(
    platform: &Platform,
    to: &Destination,
    body: Vec<u8>,
) -> Result<Bytes, Refusal> {
    let mut headers: Vec<(String, String)> = [
        ("content-type", "application/x-protobuf"),
        ("content-encoding", "gzip"),
        ("accept", "application/x-protobuf"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in &to.spec.headers {
        let name = name.to_ascii_lowercase();
        headers.retain(|(ours, _)| *ours != name);
        headers.push((name, value.clone()));
    }
    let auth = match &to.spec.auth {
        DestinationAuth::None {} => None,
        DestinationAuth::Bearer {} => Some(AuthSlot::bearer()),
        DestinationAuth::Basic { user } => Some(AuthSlot::basic(user)),
        DestinationAuth::Header { name } => Some(AuthSlot::header(name)),
    };
    let call = HttpCall {
        method: "POST",
        url: to.spec.endpoint(),
        headers,
        secret_headers: Vec::new(),
        auth,
        body,
        timeout_ms: TIMEOUT_MS,
    };
    let sealed = to.credential.as_deref().map(|envelope| Sealed {
        place: place(TABLE, &to.id),
        envelope,
    });
    dial(platform, call, sealed).await.answer.map_err(|e| {
        // Without a status nothing was refused: the way there failed, or the settings are wrong, and both can be mended.
        let for_good = e.status.is_some() && !e.retryable;
        Refusal {
            message: format!("the destination {}", e.message),
            status: e.status,
            for_good,
            retry_after_ms: e.retry_after_ms,
        }
    })
}

/// What a success says of spans that were not taken, or warns of.
pub(super) fn partial(rejected: u64, message: &str) -> Option<String> {
    match (rejected, excerpt(message)) {
        (0, text) if text.is_empty() => None,
        (0, text) => Some(format!("the destination warns: {text}")),
        (n, text) => Some(format!("the destination did not take {n} spans: {text}")),
    }
}
