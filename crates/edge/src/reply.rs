//! Answers.

use crate::problem::Problem;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use spin_sdk::http::{BoxBody, FullBody, box_body};

/// An answer of a handler.
pub type Reply = Response<BoxBody>;

/// An answer of bytes.
#[must_use]
pub fn bytes(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(box_body(FullBody::new(body.into())));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// An answer of JSON.
///
/// # Errors
/// When the value cannot be serialised, which is a fault of ours.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Reply, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok(bytes(status, "application/json", body))
}

/// 200 with JSON.
///
/// # Errors
/// As [`json`].
pub fn ok<T: Serialize + ?Sized>(value: &T) -> Result<Reply, Problem> {
    json(StatusCode::OK, value)
}

/// 204.
#[must_use]
pub fn no_content() -> Reply {
    let mut reply = Response::new(box_body(spin_sdk::http::EmptyBody::new()));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}

/// 202 without a body: the work goes on after the answer.
#[must_use]
pub fn accepted() -> Reply {
    let mut reply = no_content();
    *reply.status_mut() = StatusCode::ACCEPTED;
    reply
}

/// A problem document.
pub(crate) fn problem(problem: &Problem, request_id: &str) -> Reply {
    let body = problem.document(request_id).to_string();
    let mut reply = bytes(problem.kind().status(), "application/problem+json", body);
    for (name, value) in problem.headers() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}
