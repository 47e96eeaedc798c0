//! What the catch-all route answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_studio::site::{Asked, FILES, File, Given, serve};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn ask(method: &str, path: &str, accept: &str) -> Given {
    serve(&Asked {
        method,
        path,
        accept,
        accept_encoding: "",
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

/// Every file but the page; none where the web app was not built.
fn files() -> impl Iterator<Item = &'static File> {
    FILES.iter().filter(|file| file.name != "index.html")
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
            accept_encoding: "",
            if_none_match: sent,
        });
        assert_eq!((again.status, again.body.len()), (304, 0), "{sent}");
        assert_eq!(header(&again, "etag"), Some(tag));
    }
}

#[test]
fn hashed_files_are_there_for_ever() {
    for file in files().filter(|file| file.name.starts_with("assets/")) {
        let given = ask("GET", &format!("/{}", file.name), "*/*");
        assert_eq!(
            (given.status, given.body.as_ref()),
            (200, file.plain),
            "{}",
            file.name
        );
        assert_eq!(
            header(&given, "cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_ne!(
            header(&given, "content-type"),
            Some("application/octet-stream"),
            "{}",
            file.name
        );
    }
}

#[test]
fn files_that_the_page_names_are_there() {
    let page = page();
    let named = page
        .split('"')
        .filter_map(|part| part.strip_prefix('/'))
        .filter(|name| name.starts_with("assets/"));
    for name in named {
        assert!(files().any(|file| file.name == name), "{name}");
    }
    // What was built has a page that loads it.
    assert_eq!(
        files().next().is_some(),
        page.contains("<script type=\"module\"")
    );
}

#[test]
fn the_smallest_coding_that_a_browser_takes() {
    for file in FILES.iter().filter(|file| file.brotli.is_some()) {
        let path = format!("/{}", file.name);
        let with = |accept_encoding| {
            serve(&Asked {
                method: "GET",
                path: &path,
                accept: BROWSER,
                accept_encoding,
                if_none_match: "",
            })
        };
        let mut tags = Vec::new();
        for (sent, coding, body) in [
            ("gzip, deflate, br, zstd", Some("br"), file.brotli),
            ("gzip, br;q=0", Some("gzip"), file.gzip),
            ("GZIP;q=0.5", Some("gzip"), file.gzip),
            ("", None, Some(file.plain)),
            ("broken", None, Some(file.plain)),
        ] {
            let given = with(sent);
            assert_eq!(header(&given, "content-encoding"), coding, "{path} {sent}");
            assert_eq!(Some(given.body.as_ref()), body, "{path} {sent}");
            assert_eq!(header(&given, "vary"), Some("accept, accept-encoding"));
            tags.push(header(&given, "etag").unwrap().to_owned());
        }
        tags.dedup();
        // Brotli, gzip, plain: each has its own.
        assert_eq!(tags.len(), 3, "{path}");
    }
}

#[test]
fn the_policy_allows_what_the_page_does() {
    let page = page();
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick="));
    for script in page.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(
            tag.contains(" src=\"/assets/") && rest.starts_with("</script>"),
            "{script}"
        );
    }
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
        ("/assets/app-00000000.js", BROWSER),
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
