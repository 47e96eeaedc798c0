//! The HTTP handler: reads the body within its cap, waits where the bot says so, answers.

use crate::api::{self, Answer};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::Full;
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let route = match api::route(parts.method.as_str(), parts.uri.path()) {
        Ok(route) => route,
        Err(answer) => return render(answer),
    };
    if route != api::Route::Chat {
        return render(api::fixed(route));
    }
    let mut bytes = Vec::new();
    let mut stream = body.stream();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) if bytes.len() + chunk.len() <= api::MAX_BODY => {
                bytes.extend_from_slice(&chunk)
            }
            Ok(_) => return render(Answer::too_large()),
            Err(_) => return render(Answer::bad_request("the body broke off", None)),
        }
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let (answer, delay_ms) = api::chat(&bytes, now);
    if delay_ms > 0 {
        spin_sdk::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    render(answer)
}

fn render(answer: Answer) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(answer.content_type),
    );
    headers.insert(
        http::header::CACHE_CONTROL,
        http::HeaderValue::from_static("no-store"),
    );
    if let Some(allow) = answer.allow {
        headers.insert(http::header::ALLOW, http::HeaderValue::from_static(allow));
    }
    response
}
