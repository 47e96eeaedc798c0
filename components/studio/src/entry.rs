//! The HTTP handler.

use crate::site;
use bytes::Bytes;
use http::header::HeaderName;
use http_body_util::Full;
use spin_sdk::http::{HeaderMap, HeaderValue, IntoResponse, Request};
use spin_sdk::http_service;
use std::borrow::Cow;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let text = |headers: &HeaderMap, name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let accept = text(request.headers(), "accept");
    let accept_encoding = text(request.headers(), "accept-encoding");
    let if_none_match = text(request.headers(), "if-none-match");
    let asked = site::Asked {
        method: request.method().as_str(),
        path: request.uri().path(),
        accept: &accept,
        accept_encoding: &accept_encoding,
        if_none_match: &if_none_match,
    };
    let given = site::serve(&asked);
    let body = match given.body {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = http::StatusCode::from_u16(given.status).unwrap_or_default();
    for (name, value) in given.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
