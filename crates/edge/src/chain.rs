//! Calls between components: Spin's local service chaining, signed.
//!
//! A callee proves that the caller holds the installation's internal key: `x-assay-internal` carries the time and an
//! HMAC-SHA256 over time, component, path and body. A replay within the window does no harm, since every internal step
//! is idempotent.

use crate::clock::started;
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use crate::reply::Reply;
use crate::sse;
use bytes::Bytes;
use futures::StreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{FullBody, Response};

/// The header that carries the signature.
pub const HEADER: &str = "x-assay-internal";
/// How far clocks may be apart, in seconds.
const WINDOW_S: i64 = 300;

fn mac(key: &[u8], time: &str, component: &str, path: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{time}\n{component}\n{path}\n").as_bytes());
    mac.update(body);
    Some(mac)
}

/// The signature of a call at `now_s` seconds since the epoch.
#[must_use]
pub fn sign(key: &[u8], now_s: i64, component: &str, path: &str, body: &[u8]) -> String {
    let time = now_s.to_string();
    let tag =
        mac(key, &time, component, path, body).map(|m| hex::encode(m.finalize().into_bytes()));
    format!("{time}.{}", tag.unwrap_or_default())
}

/// Whether a signature is this call's and recent.
#[must_use]
pub fn verify(
    key: &[u8],
    now_s: i64,
    component: &str,
    path: &str,
    body: &[u8],
    signature: &str,
) -> bool {
    let Some((time, tag)) = signature.split_once('.') else {
        return false;
    };
    let Ok(at) = time.parse::<i64>() else {
        return false;
    };
    let Ok(tag) = hex::decode(tag) else {
        return false;
    };
    let fresh = now_s.saturating_sub(at).abs() <= WINDOW_S;
    // `verify_slice` compares in constant time.
    fresh && mac(key, time, component, path, body).is_some_and(|m| m.verify_slice(&tag).is_ok())
}

#[allow(
    clippy::disallowed_methods,
    reason = "chain and outbound are the two ways out"
)]
async fn begin(
    platform: &Platform,
    component: &str,
    path: &str,
    body: Vec<u8>,
) -> Result<Response, Problem> {
    let failed = |cause: String| unanswered(component, path, &cause);
    let signature = sign(
        &platform.internal_key,
        chrono::Utc::now().timestamp(),
        component,
        path,
        &body,
    );
    let request = http::Request::post(format!("http://{component}.spin.internal{path}"))
        .header(HEADER, signature)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(FullBody::new(Bytes::from(body)))
        .map_err(|e| failed(e.to_string()))?;
    started(spin_sdk::http::send(request))
        .await
        .map_err(|e| failed(e.to_string()))
}

fn unanswered(component: &str, path: &str, cause: &str) -> Problem {
    Problem::internal(format!("call of {component}{path}: {cause}"))
}

async fn post(
    platform: &Platform,
    component: &str,
    path: &str,
    body: Vec<u8>,
) -> Result<(u16, Bytes), Problem> {
    let response = begin(platform, component, path, body).await?;
    let status = response.status().as_u16();
    let body = response.into_body().bytes().await;
    let body = body.map_err(|e| unanswered(component, path, &e.to_string()))?;
    Ok((status, body))
}

/// Reads what another component tells everyone, such as its part of the API's description. Not signed.
///
/// # Errors
/// When the callee answers with anything but 2xx and JSON.
#[allow(
    clippy::disallowed_methods,
    reason = "chain and outbound are the two ways out"
)]
pub async fn get<R: DeserializeOwned>(component: &str, path: &str) -> Result<R, Problem> {
    let failed = |cause: String| Problem::internal(format!("read of {component}{path}: {cause}"));
    let request = http::Request::get(format!("http://{component}.spin.internal{path}"))
        .body(spin_sdk::http::EmptyBody::new())
        .map_err(|e| failed(e.to_string()))?;
    let response = started(spin_sdk::http::send(request))
        .await
        .map_err(|e| failed(e.to_string()))?;
    if !response.status().is_success() {
        return Err(failed(response.status().to_string()));
    }
    let body = response
        .into_body()
        .bytes()
        .await
        .map_err(|e| failed(e.to_string()))?;
    serde_json::from_slice(&body).map_err(|e| failed(e.to_string()))
}

/// Calls another component and reads its answer. A problem document comes back as an internal problem that names it.
/// What is sent may be given away: then it takes no memory while the callee works.
///
/// # Errors
/// When the callee answers with a problem or something unreadable.
pub async fn call<T: Serialize, R: DeserializeOwned>(
    platform: &Platform,
    component: &str,
    path: &str,
    sent: T,
) -> Result<R, Problem> {
    let body = serde_json::to_vec(&sent).map_err(Problem::internal)?;
    drop(sent);
    let (status, answer) = post(platform, component, path, body).await?;
    if (200..300).contains(&status) {
        let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
        return serde_json::from_slice(answer)
            .map_err(|e| Problem::internal(format!("answer of {component}{path}: {e}")));
    }
    Err(callee_problem(component, path, status, &answer))
}

/// Calls another component that answers with events, and hands them on as they come. When nobody reads them any more, the callee
/// finds nobody who reads.
///
/// # Errors
/// When the callee answers with a problem.
pub async fn events<T: Serialize>(
    platform: &Platform,
    component: &str,
    path: &str,
    sent: T,
) -> Result<Reply, Problem> {
    let body = serde_json::to_vec(&sent).map_err(Problem::internal)?;
    drop(sent);
    let response = begin(platform, component, path, body).await?;
    let status = response.status().as_u16();
    let body = response.into_body();
    if status != 200 {
        let answer = body.bytes().await;
        let answer = answer.map_err(|e| unanswered(component, path, &e.to_string()))?;
        return Err(callee_problem(component, path, status, &answer));
    }
    let (mut writer, reply) = sse::begin();
    spin_sdk::wasip3::spawn(async move {
        let mut pieces = body.stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => {
                    if !writer.send(piece).await {
                        break;
                    }
                }
                Err(e) => return writer.fail(e).await,
            }
        }
    });
    Ok(reply)
}

/// Hands work to a component that answers 202 at once and works on after its answer.
///
/// # Errors
/// When the callee does not accept.
pub async fn next<T: Serialize + ?Sized>(
    platform: &Platform,
    component: &str,
    path: &str,
    body: &T,
) -> Result<(), Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let (status, answer) = post(platform, component, path, body).await?;
    if status == 202 {
        Ok(())
    } else {
        Err(callee_problem(component, path, status, &answer))
    }
}

/// A callee's 4xx is what the client should see where it names fields; everything else is a fault of ours.
fn callee_problem(component: &str, path: &str, status: u16, answer: &[u8]) -> Problem {
    let doc: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    let text = |field: &str| {
        doc.get(field)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let errors = doc
        .get("errors")
        .cloned()
        .and_then(|v| serde_json::from_value(v).ok())
        .unwrap_or_default();
    match status {
        422 => Problem::validation(errors),
        404 => Problem::new(ProblemKind::NotFound, text("detail")),
        503 => Problem::new(ProblemKind::StoreUnavailable, text("detail")).retry_after(1),
        _ => Problem::internal(format!(
            "{component}{path} answered {status}: {}",
            text("detail")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_one_call() {
        let s = sign(b"key", 1000, "a", "/internal/x", b"{}");
        assert!(verify(b"key", 1010, "a", "/internal/x", b"{}", &s));
        assert!(!verify(b"other", 1010, "a", "/internal/x", b"{}", &s));
        assert!(!verify(b"key", 1010, "b", "/internal/x", b"{}", &s));
        assert!(!verify(b"key", 1010, "a", "/internal/y", b"{}", &s));
        assert!(!verify(b"key", 1010, "a", "/internal/x", b"[]", &s));
        assert!(!verify(b"key", 2000, "a", "/internal/x", b"{}", &s));
        for bad in ["", ".", "1000.", "x.y", "1000.zz"] {
            assert!(
                !verify(b"key", 1000, "a", "/internal/x", b"{}", bad),
                "{bad}"
            );
        }
    }
}
