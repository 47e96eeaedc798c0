//! What the catch-all route answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_studio::site::{Asked, Given, serve};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn ask(method: &str, path: &str, accept: &str) -> Given {
    serve(&Asked {
        method,
        path,
        accept,
        if_none_match: "",
    })
}

fn header<'a>(given: &'a Given, name: &str) -> Option<&'a str> {
    let mut found = given.headers.iter().filter(|(key, _)| *key == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    value
}

fn page() -> String {
    String::from_utf8(ask("GET", "/", BROWSER).body.into_owned()).unwrap()
}

/// Paths under `/assets/` that the page names.
fn named() -> Vec<String> {
    page()
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_is_revalidated() {
    let given = ask("GET", "/", "*/*");
    assert_eq!(
        (given.status, header(&given, "cache-control")),
        (200, Some("no-cache"))
    );
    assert_eq!(
        header(&given, "content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        header(&given, "content-length"),
        Some(given.body.len().to_string().as_str())
    );
    let tag = header(&given, "etag").unwrap();
    assert!(
        tag.starts_with('"') && tag.ends_with('"'),
        "a strong tag: {tag}"
    );
    for sent in [
        tag,
        "\"other\", *",
        &format!("\"x\", {tag}"),
        &format!("W/{tag}"),
    ] {
        let again = serve(&Asked {
            method: "GET",
            path: "/",
            accept: BROWSER,
            if_none_match: sent,
        });
        assert_eq!((again.status, again.body.len()), (304, 0), "{sent}");
        assert_eq!(header(&again, "etag"), Some(tag));
    }
}

#[test]
fn every_file_that_the_page_needs_is_there_for_ever() {
    let named = named();
    assert!(named.len() >= 4, "{named:?}");
    let folder = named[0].rsplit_once('/').unwrap().0.to_owned();
    for path in &named {
        let given = ask("GET", path, "*/*");
        assert_eq!(given.status, 200, "{path}");
        assert_eq!(
            header(&given, "cache-control"),
            Some("public, max-age=31536000, immutable")
        );
    }
    // Modules import each other by relative names.
    let mut seen = vec!["app.js".to_owned()];
    let mut next = 0;
    while let Some(file) = seen.get(next).cloned() {
        let given = ask("GET", &format!("{folder}/{file}"), "*/*");
        assert_eq!(
            (given.status, header(&given, "content-type")),
            (200, Some("text/javascript; charset=utf-8")),
            "{file}"
        );
        let text = String::from_utf8(given.body.into_owned()).unwrap();
        assert!(
            !text.contains("innerHTML") && !text.contains("insertAdjacentHTML"),
            "{file}"
        );
        for import in text
            .split("from \"./")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            if !seen.iter().any(|s| s == import) {
                seen.push(import.to_owned());
            }
        }
        next += 1;
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn the_policy_allows_what_the_page_does() {
    let page = page();
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick="));
    assert_eq!(
        page.matches("<script").count(),
        page.matches("<script type=\"module\" src=").count()
    );
    for path in ["/", "/api/v1/none", "/assets/none", "/deep/link"] {
        let given = ask("GET", path, BROWSER);
        assert_eq!(header(&given, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&given, "referrer-policy"), Some("no-referrer"));
        let policy = header(&given, "content-security-policy").unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}

#[test]
fn unknown_paths() {
    for path in ["/campaigns/1", "/anything", "/index.html", "/apis", "/v10"] {
        assert_eq!(
            header(&ask("GET", path, BROWSER), "content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
    for (path, accept) in [
        ("/api/v1/none", BROWSER),
        ("/api", BROWSER),
        ("/v1/traces", BROWSER),
        ("/internal/sweep", BROWSER),
        ("/assets/app.js", BROWSER),
        ("/assets/0000000000000000/app.js", BROWSER),
        ("/favicon.ico", "image/*"),
        ("/healthz", "*/*"),
    ] {
        let given = ask("GET", path, accept);
        assert_eq!(
            (given.status, header(&given, "content-type")),
            (404, Some("application/problem+json")),
            "{path}"
        );
        let body: serde_json::Value = serde_json::from_slice(&given.body).unwrap();
        assert_eq!(body["type"], "urn:assay:problem:not-found");
        assert_eq!(body["status"], 404);
        assert!(body["title"].is_string() && body["detail"].as_str().unwrap().contains(path));
    }
    assert_eq!(ask("POST", "/api/v1/none", "*/*").status, 404);
}

#[test]
fn methods() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let given = ask(method, "/", BROWSER);
        assert_eq!(
            (given.status, header(&given, "allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
    let (get, head) = (ask("GET", "/", BROWSER), ask("HEAD", "/", BROWSER));
    let without_length = get
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-length");
    assert!(without_length.eq(&head.headers));
    assert!(head.body.is_empty() && !get.body.is_empty());
}
