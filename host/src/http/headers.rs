//! The headers by which a component learns how its request was routed. Names and values are Spin's.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::router::Match;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
const PATH_MATCH: &str = "spin-path-match-";

/// How a request came to its component.
pub(crate) struct Forwarded<'a> {
    /// `None`: the request's path.
    path_info: Option<&'a str>,
    raw_route: HeaderValue,
    component_route: HeaderValue,
    captures: &'a [(String, String)],
    client: Option<SocketAddr>,
}

impl<'a> Forwarded<'a> {
    pub(crate) fn routed(found: &'a Match, client: Option<SocketAddr>) -> Self {
        Self {
            path_info: Some(&found.path_info),
            raw_route: found.entry.raw_value.clone(),
            component_route: found.entry.prefix_value.clone(),
            captures: &found.captures,
            client,
        }
    }

    pub(crate) fn chained() -> Self {
        Self {
            path_info: None,
            raw_route: HeaderValue::from_static("/..."),
            component_route: HeaderValue::from_static(""),
            captures: &[],
            client: None,
        }
    }
}

/// Adds the headers. Those of the same name that a client sent are gone: a component trusts these.
pub(crate) fn add<B>(request: &mut Request<B>, how: &Forwarded<'_>) {
    let uri = request.uri();
    let full_url = format!(
        "{}://{}{}",
        uri.scheme_str().unwrap_or("http"),
        uri.authority().map_or("localhost", |a| a.as_str()),
        uri.path_and_query().map_or("/", |p| p.as_str())
    );
    let path_info = how.path_info.unwrap_or_else(|| uri.path()).to_owned();
    let client = how
        .client
        .map_or_else(|| "0.0.0.0:0".to_owned(), |client| client.to_string());
    let headers = request.headers_mut();
    remove_forged_captures(headers);
    set(headers, PATH_INFO, &path_info);
    set(headers, FULL_URL, &full_url);
    headers.insert(MATCHED_ROUTE, how.raw_route.clone());
    headers.insert(BASE_PATH, HeaderValue::from_static("/"));
    headers.insert(RAW_COMPONENT_ROUTE, how.raw_route.clone());
    headers.insert(COMPONENT_ROUTE, how.component_route.clone());
    set(headers, CLIENT_ADDR, &client);
    for (name, value) in how.captures {
        if let Ok(name) = HeaderName::try_from(format!("{PATH_MATCH}{}", name.to_ascii_lowercase()))
        {
            set(headers, name, value);
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => headers.insert(name, value),
        Err(_) => headers.remove(name),
    };
}

fn remove_forged_captures(headers: &mut HeaderMap) {
    let forged: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(PATH_MATCH))
        .cloned()
        .collect();
    for name in forged {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        manifest::{Target, Trigger},
        router::Router,
    };

    #[test]
    fn the_headers_say_how_the_request_was_routed() {
        let trigger = Trigger {
            route: Some("/users/:id/...".into()),
            target: Target::Component("c".into()),
        };
        let router = Router::build(&[trigger]).unwrap().0;
        let found = router.route("/users/7/a").unwrap();
        let mut request = Request::get("http://h:1/users/7/a?q=1")
            .header("spin-client-addr", "forged")
            .header("spin-path-match-x", "forged")
            .body(())
            .unwrap();
        add(
            &mut request,
            &Forwarded::routed(&found, Some("10.0.0.1:5".parse().unwrap())),
        );
        let get = |name: &str| request.headers().get(name).map(|v| v.to_str().unwrap());
        assert_eq!(get("spin-path-info"), Some("/a"));
        assert_eq!(get("spin-full-url"), Some("http://h:1/users/7/a?q=1"));
        assert_eq!(get("spin-matched-route"), Some("/users/:id/..."));
        assert_eq!(get("spin-raw-component-route"), Some("/users/:id/..."));
        assert_eq!(get("spin-component-route"), Some("/users/:id"));
        assert_eq!(get("spin-base-path"), Some("/"));
        assert_eq!(get("spin-client-addr"), Some("10.0.0.1:5"));
        assert_eq!(get("spin-path-match-id"), Some("7"));
        assert_eq!(get("spin-path-match-x"), None);
    }

    #[test]
    fn a_chained_request_has_the_route_of_everything() {
        let mut request = Request::get("http://two.spin.internal/a/b")
            .body(())
            .unwrap();
        add(&mut request, &Forwarded::chained());
        assert_eq!(request.headers()["spin-path-info"], "/a/b");
        assert_eq!(request.headers()["spin-component-route"], "");
        assert_eq!(request.headers()["spin-client-addr"], "0.0.0.0:0");
    }
}
