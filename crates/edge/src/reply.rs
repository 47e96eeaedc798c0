//! Answers.

use crate::problem::Problem;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::channel::mpsc;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::StreamBody;
use serde::Serialize;
use serde_json::Value;
use spin_sdk::http::{BoxBody, FullBody, box_body};
use std::future::poll_fn;
use std::io;

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

/// The writing end of a body that is sent as it is made.
pub struct Writer(mpsc::Sender<Result<Bytes, io::Error>>);

impl Writer {
    async fn put(&mut self, part: Result<Bytes, io::Error>) -> bool {
        poll_fn(|context| self.0.poll_ready(context)).await.is_ok() && self.0.try_send(part).is_ok()
    }

    /// Sends a part, when the one before is on its way; whether anybody still reads.
    pub async fn send(&mut self, part: impl Into<Bytes>) -> bool {
        self.put(Ok(part.into())).await
    }

    /// Breaks the answer off, so that nobody takes what was sent for the whole.
    pub async fn fail(&mut self, why: impl std::fmt::Display) {
        self.put(Err(io::Error::other(why.to_string()))).await;
    }
}

/// 200 with a body that a task writes after the answer began.
#[must_use]
pub fn streamed(content_type: &'static str) -> (Writer, Reply) {
    let (sender, parts) = mpsc::channel::<Result<Bytes, io::Error>>(0);
    let body = StreamBody::new(parts.map(|part| part.map(Frame::data)));
    let mut reply = Response::new(box_body(body));
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (Writer(sender), reply)
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
    answer(
        problem,
        problem.kind().status(),
        problem.document(request_id),
    )
}

/// A problem in another shape than a problem document, with its status and headers.
#[must_use]
pub fn refusal(problem: &Problem, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = bytes(problem.kind().status(), content_type, body);
    for (name, value) in problem.headers() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// As [`problem`], for Langfuse's clients: they know no 422, and look for `message` and `error`.
pub(crate) fn langfuse_problem(problem: &Problem, request_id: &str) -> Reply {
    let (status, error) = match problem.kind().status() {
        StatusCode::UNPROCESSABLE_ENTITY => (StatusCode::BAD_REQUEST, "InvalidRequestError"),
        status @ StatusCode::BAD_REQUEST => (status, "InvalidRequestError"),
        status @ StatusCode::UNAUTHORIZED => (status, "UnauthorizedError"),
        status @ StatusCode::FORBIDDEN => (status, "AccessDeniedError"),
        status @ StatusCode::NOT_FOUND => (status, "LangfuseNotFoundError"),
        status @ StatusCode::METHOD_NOT_ALLOWED => (status, "MethodNotAllowedError"),
        status @ StatusCode::CONFLICT => (status, "LangfuseConflictError"),
        status => (status, "Error"),
    };
    let mut document = problem.document(request_id);
    if let Some(document) = document.as_object_mut() {
        document.insert("status".into(), status.as_u16().into());
        document.insert("message".into(), problem.told().into());
        document.insert("error".into(), error.into());
    }
    answer(problem, status, document)
}

fn answer(problem: &Problem, status: StatusCode, document: Value) -> Reply {
    let mut reply = refusal(problem, "application/problem+json", document.to_string());
    *reply.status_mut() = status;
    reply
}
