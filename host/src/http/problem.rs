//! Answers that the engine gives itself, as `application/problem+json`.

use http::{HeaderValue, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use super::body::full;

/// RFC 9457. `kind` is stable, for programs; `title` is for people.
pub(super) fn problem(status: StatusCode, kind: &str, title: &str) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": format!("urn:assay:host:{kind}"),
        "title": title,
        "status": status.as_u16(),
    });
    let mut response = Response::new(full(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
