//! The HTTP handler: proves the call, asks the metric, answers.

use crate::answer;
use crate::call::{HEADER, MAX_BODY, Question, Route, is_signed};
use bindings::assay::metric::scorer::{self, Error};
use bytes::Bytes;
use futures::StreamExt as _;
use http::StatusCode;
use http_body_util::Full;
use serde_json::Value;
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::{http_service, variables};
use std::time::{SystemTime, UNIX_EPOCH};

#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::restriction,
    reason = "generated"
)]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit/assay-metric", world: "runner" });
}

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let Some(route) = Route::of(parts.method.as_str(), path) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let mut bytes = Vec::new();
    let mut stream = body.stream();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) if bytes.len() + chunk.len() <= MAX_BODY => bytes.extend_from_slice(&chunk),
            Ok(_) => return empty(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => return empty(StatusCode::BAD_REQUEST),
        }
    }
    let setting = async |name: &str| variables::get(name).await.unwrap_or_default();
    let (key, own_name) = (setting("metric_key").await, setting("name").await);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
    let signature = parts.headers.get(HEADER).and_then(|v| v.to_str().ok());
    if !is_signed(
        &key,
        now,
        &own_name,
        path,
        &bytes,
        signature.unwrap_or_default(),
    ) {
        return empty(StatusCode::NOT_FOUND);
    }
    match route {
        Route::Describe => {
            let said = scorer::describe();
            json(&answer::description(
                &said.name,
                &said.description,
                &said.required_fields,
                &said.params_schema,
            ))
        }
        Route::Score => match serde_json::from_slice::<Question<'_>>(&bytes) {
            Ok(question) => json(&score(&question)),
            Err(_) => empty(StatusCode::BAD_REQUEST),
        },
    }
}

fn score(question: &Question<'_>) -> Value {
    match scorer::score(question.case.get(), question.params.get()) {
        Ok(said) => {
            let parts = said.breakdown.into_iter();
            let parts: Vec<(String, f64)> = parts.map(|part| (part.name, part.score)).collect();
            answer::outcome(said.score, &said.reason, &parts)
        }
        Err(Error::Params(why)) => answer::error(&format!("its parameters are wrong: {why}")),
        Err(Error::Failed(why)) => answer::error(&why),
    }
}

fn json(value: &Value) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(Bytes::from(value.to_string())));
    let json = http::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    response
}

fn empty(status: StatusCode) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
