//! One request from outside: from its head to the head of its response.

use std::{
    net::SocketAddr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
    uri::Authority,
};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::WasiBody;

use super::{
    body::{Fate, Limited, Lingering, Outgoing, full},
    problem::problem,
};
use crate::{
    CallError,
    app::App,
    manifest::{StaticResponse, Target},
    router::WELL_KNOWN,
};

/// Tells this process's requests from another's: when it started, and some chance. A system call per request would cost
/// more than the id is worth.
static PROCESS: LazyLock<u64> = LazyLock::new(|| (uuid::Uuid::now_v7().as_u128() >> 64) as u64);
static NEXT: AtomicU64 = AtomicU64::new(0);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves requests from outside.
pub(crate) struct Inbound {
    pub(crate) app: Arc<App>,
    /// A permit for each request that may be in flight.
    pub(crate) places: Arc<Semaphore>,
}

impl Inbound {
    pub(crate) async fn handle(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> Response<Outgoing> {
        let start = Instant::now();
        let id = request_id(request.headers());
        request.headers_mut().insert(REQUEST_ID, id.clone());
        let method = request.method().clone();
        let path = request.uri().path().to_owned();

        let (mut response, component) = self.answer(request, client).await;
        // The id that the log has, not one that a component made up.
        response.headers_mut().insert(REQUEST_ID, id.clone());

        let status = response.status().as_u16();
        let id = id.to_str().unwrap_or_default();
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let component = component.as_deref().unwrap_or_default();
        if status >= 500 {
            tracing::warn!(target: "assay_host::access", id, %method, path, component, status, ms, "request");
        } else {
            tracing::debug!(target: "assay_host::access", id, %method, path, component, status, ms, "request");
        }
        response
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> (Response<Outgoing>, Option<String>) {
        let own = |response: Response<WasiBody>| (response.map(Outgoing::new), None);
        let path = request.uri().path();
        if path == "/healthz" {
            return own(self.health());
        }
        if let Some(rest) = path.strip_prefix(WELL_KNOWN) {
            return own(match rest {
                "health" => Response::new(full("OK")),
                "info" => self.info(),
                _ => problem(StatusCode::NOT_FOUND, "not-found", "No such page"),
            });
        }
        let Some(found) = self.app.router.route(path) else {
            return own(problem(
                StatusCode::NOT_FOUND,
                "not-found",
                "No route matches",
            ));
        };
        let component = match &found.entry.target {
            Target::Component(id) => id.clone(),
            Target::Static(response) => return own(fixed(response)),
        };
        if self.app.is_draining() {
            return own(problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "draining",
                "The server is shutting down",
            ));
        }
        let limit = self.app.limits.max_body_bytes;
        if request.body().size_hint().lower() > limit {
            drop(Lingering::new(request.into_body()));
            return own(too_large(limit));
        }
        if let Err(title) = complete_uri(&mut request) {
            return own(problem(StatusCode::BAD_REQUEST, "bad-request", title));
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return own(problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "Too many requests are in flight",
            ));
        };
        let fate = Fate::default();
        let bodiless = request.method() == Method::HEAD;
        let request = request.map(|body| {
            if body.is_end_stream() {
                Empty::new().map_err(|never| match never {}).boxed_unsync()
            } else {
                Limited::new(body, limit, fate.clone()).boxed_unsync()
            }
        });
        let result = self.app.serve(&component, &found, client, request).await;
        let response = match result {
            _ if fate.is_too_large() => too_large(limit),
            _ if !fate.is_fine() => problem(
                StatusCode::BAD_REQUEST,
                "bad-request",
                "The request's body broke off",
            ),
            Ok(response) => response,
            Err(error) => failure(&error),
        };
        let mut response = response.map(|body| Outgoing::new(body).holding(place));
        // The length of what a HEAD leaves out is not that of what it sends.
        if !bodiless {
            response.body_mut().gather().await;
        }
        (response, Some(component))
    }

    fn health(&self) -> Response<WasiBody> {
        if self.app.is_draining() {
            return problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "draining",
                "The server is shutting down",
            );
        }
        json(&serde_json::json!({ "status": "ok" }))
    }

    fn info(&self) -> Response<WasiBody> {
        json(&serde_json::json!({ "name": self.app.name, "version": self.app.version }))
    }
}

fn json(value: &serde_json::Value) -> Response<WasiBody> {
    let mut response = Response::new(full(value.to_string()));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn fixed(from: &StaticResponse) -> Response<WasiBody> {
    let mut response = Response::new(full(from.body.clone()));
    *response.status_mut() = from.status;
    *response.headers_mut() = from.headers.clone();
    response
}

fn too_large(limit: u64) -> Response<WasiBody> {
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        &format!("The request's body is larger than {limit} bytes"),
    )
}

/// What a client learns of a failure: its kind. The log has the rest.
fn failure(error: &CallError) -> Response<WasiBody> {
    match error {
        CallError::Timeout(_) => problem(
            StatusCode::GATEWAY_TIMEOUT,
            "timeout",
            "The component did not respond in time",
        ),
        CallError::Busy(_) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "No instance is free",
        ),
        CallError::Draining => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "draining",
            "The server is shutting down",
        ),
        CallError::NoSuchComponent(_) => {
            problem(StatusCode::NOT_FOUND, "not-found", "No route matches")
        }
        CallError::Failed { component, reason } => {
            tracing::warn!(component, reason, "request failed");
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "component-failed",
                "The component failed",
            )
        }
    }
}

/// The id that a proxy gave the request, if it is one, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let fits = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        (1..=128).contains(&bytes.len())
            && bytes
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(b))
    };
    if let Some(given) = headers.get(REQUEST_ID).filter(fits) {
        return given.clone();
    }
    let (process, number) = (*PROCESS, NEXT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&format!("{process:016x}{number:016x}"))
        .unwrap_or(HeaderValue::from_static("-"))
}

/// Components expect an absolute URI; over HTTP/1 its authority is in the `Host` header.
fn complete_uri<B>(request: &mut Request<B>) -> Result<(), &'static str> {
    let named = match request.headers().get(header::HOST) {
        None => None,
        Some(value) => {
            let authority = Authority::try_from(value.as_bytes())
                .map_err(|_| "The Host header is not valid")?;
            // A client outside does not speak to a component by its internal name.
            if authority.host().ends_with(".spin.internal") {
                return Err("The Host header names an internal host");
            }
            Some(authority)
        }
    };
    let mut parts = request.uri().clone().into_parts();
    let authority = match (named, parts.authority.take()) {
        (None, None) => return Err("There is no Host header"),
        (Some(a), Some(b)) if a != b => return Err("The Host header differs from the URI"),
        (Some(a), _) | (None, Some(a)) => a,
    };
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| "The request's URI is not valid")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(uri: &str, host: Option<&str>) -> Result<String, &'static str> {
        let mut request = Request::get(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let mut request = request.body(()).unwrap();
        complete_uri(&mut request).map(|()| request.uri().to_string())
    }

    #[test]
    fn the_uri_is_made_absolute() {
        assert_eq!(complete("/a?b", Some("h:1")).unwrap(), "http://h:1/a?b");
        assert_eq!(complete("http://h/a", Some("h")).unwrap(), "http://h/a");
        assert!(complete("/a", None).is_err());
        assert!(complete("http://h/a", Some("other")).is_err());
        assert!(complete("/a", Some("x y")).is_err());
        assert!(complete("/a", Some("one.spin.internal")).is_err());
    }

    #[test]
    fn a_request_id_is_taken_over_if_it_is_harmless() {
        let id = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            request_id(&headers).to_str().unwrap().to_owned()
        };
        assert_eq!(id("abc-1"), "abc-1");
        assert_ne!(id("has space"), "has space");
        assert_ne!(id(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(request_id(&HeaderMap::new()).len(), 32);
    }
}
