//! One call of an agent or a model, from request as data to answer as bytes, with what went wrong put into classes.

use crate::outbound::{Incoming, OutboundError, Outgoing, SealedHeader};
use crate::platform::Platform;
use crate::progress::Progress;
use crate::tape::{self, Tape, Took};
use assay_llm::{HttpCall, MAX_ANSWER_BYTES, StatusClass, classify_status, excerpt};
use assay_model::{RunErrorKind, SealedSecret, Timestamp};
use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why there is no answer. The text holds no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialError {
    /// The class, in words of the target; callers that dial something else translate.
    pub kind: RunErrorKind,
    /// What happened, for a person.
    pub message: String,
    /// Whether a further try may succeed.
    pub retryable: bool,
    /// How long the other side asked to wait.
    pub retry_after_ms: Option<u64>,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
}

/// A call that was made.
pub struct Dialled {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The body of a 2xx answer.
    pub answer: Result<Bytes, DialError>,
}

/// A credential at rest: the place it belongs to and its envelope.
pub struct Sealed<'a> {
    /// E.g. `agents/<id>/credential`.
    pub place: String,
    /// The envelope.
    pub envelope: &'a str,
}

/// What a call proves itself by: a credential of its own, and secrets that its headers name.
#[derive(Default)]
pub struct Credentials<'a> {
    /// Its own.
    pub own: Option<Sealed<'a>>,
    /// The secrets, sealed, by name.
    pub secrets: Option<&'a BTreeMap<String, SealedSecret>>,
}

impl<'a> From<Option<Sealed<'a>>> for Credentials<'a> {
    fn from(own: Option<Sealed<'a>>) -> Self {
        Self { own, secrets: None }
    }
}

impl<'a> From<&'a BTreeMap<String, SealedSecret>> for Credentials<'a> {
    fn from(secrets: &'a BTreeMap<String, SealedSecret>) -> Self {
        let (own, secrets) = (None, Some(secrets));
        Self { own, secrets }
    }
}

/// Makes the call.
pub async fn dial(platform: &Platform, call: HttpCall, credential: Option<Sealed<'_>>) -> Dialled {
    dial_taped(platform, &Tape::off(), call, credential).await
}

/// Makes the call, or takes its answer from the tape.
pub async fn dial_taped(
    platform: &Platform,
    tape: &Tape,
    call: HttpCall,
    credentials: impl Into<Credentials<'_>>,
) -> Dialled {
    dial_followed(platform, tape, call, credentials, &Progress::default()).await
}

/// As [`dial_taped`]; what comes in is in `progress` meanwhile.
pub async fn dial_followed(
    platform: &Platform,
    tape: &Tape,
    call: HttpCall,
    credentials: impl Into<Credentials<'_>>,
    progress: &Progress,
) -> Dialled {
    dial_outgoing(platform, tape, outgoing(call, credentials.into()), progress).await
}

/// As [`dial_taped`]; an answer of more bytes than `max_bytes` is an error.
pub async fn dial_within(
    platform: &Platform,
    tape: &Tape,
    call: HttpCall,
    credentials: impl Into<Credentials<'_>>,
    max_bytes: usize,
) -> Dialled {
    let outgoing = Outgoing {
        max_bytes,
        ..outgoing(call, credentials.into())
    };
    dial_outgoing(platform, tape, outgoing, &Progress::default()).await
}

async fn dial_outgoing(
    platform: &Platform,
    tape: &Tape,
    call: Outgoing,
    progress: &Progress,
) -> Dialled {
    let Took {
        started,
        ended,
        answer,
    } = tape::send(platform, tape, call, progress).await;
    let answer = answer.and_then(|incoming| {
        let retry_after = incoming
            .headers
            .get("retry-after")
            .and_then(|v| v.to_str().ok());
        let class = classify_status(incoming.status.as_u16(), retry_after);
        judge_status(class, incoming.status.as_u16(), incoming.body)
    });
    Dialled {
        started,
        ended,
        answer,
    }
}

/// Makes the call and hands on what came back, whatever its status: for protocols in which headers and bodies of refusals
/// mean something.
///
/// # Errors
/// [`DialError`] when nothing came back.
pub async fn exchange_taped(
    platform: &Platform,
    tape: &Tape,
    call: HttpCall,
    credentials: impl Into<Credentials<'_>>,
) -> Result<Incoming, DialError> {
    let progress = Progress::default();
    tape::send(
        platform,
        tape,
        outgoing(call, credentials.into()),
        &progress,
    )
    .await
    .answer
}

/// As [`exchange_taped`], of a request that is data already; when it began, and when it ended.
pub async fn send_taped(
    platform: &Platform,
    tape: &Tape,
    call: Outgoing,
) -> (Timestamp, Timestamp, Result<Incoming, DialError>) {
    let took = tape::send(platform, tape, call, &Progress::default()).await;
    (took.started, took.ended, took.answer)
}

fn outgoing(call: HttpCall, credentials: Credentials<'_>) -> Outgoing {
    let credential = match (call.auth, credentials.own) {
        (Some(slot), Some(sealed)) => Some(SealedHeader {
            name: slot.header,
            prefix: slot.prefix,
            user: slot.user,
            place: sealed.place,
            envelope: sealed.envelope.to_owned(),
        }),
        _ => None,
    };
    Outgoing {
        method: Method::from_bytes(call.method.as_bytes()).unwrap_or(Method::POST),
        url: call.url,
        headers: call.headers,
        credential,
        secret_headers: call.secret_headers,
        secrets: credentials.secrets.cloned().unwrap_or_default(),
        body: call.body,
        timeout_ms: call.timeout_ms,
        max_bytes: MAX_ANSWER_BYTES,
    }
}

fn judge_status(class: StatusClass, status: u16, body: Bytes) -> Result<Bytes, DialError> {
    let text = || excerpt(&String::from_utf8_lossy(body.get(..500).unwrap_or(&body)));
    let message = match status {
        300..=399 => format!("answered {status}, a redirect, which is not followed"),
        _ => format!("answered {status}: {}", text()),
    };
    let (kind, retryable, retry_after_ms) = match class {
        StatusClass::Ok => return Ok(body),
        StatusClass::RateLimited { after_ms } => (RunErrorKind::TargetRateLimited, true, after_ms),
        StatusClass::Retry { after_ms } => (RunErrorKind::TargetStatus, true, after_ms),
        StatusClass::Fatal => (RunErrorKind::TargetStatus, false, None),
    };
    Err(DialError {
        kind,
        message,
        retryable,
        retry_after_ms,
        status: Some(status),
    })
}

/// What an error of a call means, in the words of a target.
#[must_use]
pub fn classify(e: &OutboundError) -> DialError {
    use OutboundError as E;
    let (kind, retryable) = match e {
        E::Forbidden(_) => (RunErrorKind::TargetForbidden, false),
        E::Unreachable(_) => (RunErrorKind::TargetUnreachable, true),
        E::Tls(_) => (RunErrorKind::TargetUnreachable, false),
        E::Timeout(_) => (RunErrorKind::TargetTimeout, true),
        E::TooLarge(_) => (RunErrorKind::TargetTooLarge, false),
        E::Protocol(_) => (RunErrorKind::TargetBadResponse, true),
        E::Credential(_) => (RunErrorKind::Internal, false),
    };
    DialError {
        kind,
        message: e.to_string(),
        retryable,
        retry_after_ms: None,
        status: None,
    }
}
