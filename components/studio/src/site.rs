//! What a request gets: the page, one of its files, or a problem document.
//!
//! Files live under a folder that is named after the hash of them all, `/assets/<hash>/app.js`. So they can be cached for
//! ever, relative imports between them need no rewriting, and a page never mixes files of two versions. The page itself is
//! revalidated each time by its `ETag`.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::OnceLock;

/// The part of a request that matters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// `Accept`.
    pub accept: &'a str,
    /// `If-None-Match`.
    pub if_none_match: &'a str,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for HEAD.
    pub body: Cow<'static, [u8]>,
}

/// Name, media type, content.
type File = (&'static str, &'static str, &'static [u8]);

const FILES: [File; 8] = [
    ("api.js", JAVASCRIPT, include_bytes!("../assets/api.js")),
    ("app.js", JAVASCRIPT, include_bytes!("../assets/app.js")),
    (
        "campaigns.js",
        JAVASCRIPT,
        include_bytes!("../assets/campaigns.js"),
    ),
    ("dom.js", JAVASCRIPT, include_bytes!("../assets/dom.js")),
    (
        "icon.svg",
        "image/svg+xml",
        include_bytes!("../assets/icon.svg"),
    ),
    (
        "people.js",
        JAVASCRIPT,
        include_bytes!("../assets/people.js"),
    ),
    (
        "studio.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/studio.css"),
    ),
    (
        "traces.js",
        JAVASCRIPT,
        include_bytes!("../assets/traces.js"),
    ),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const PAGE: &str = include_str!("../assets/index.html");

/// Paths of the API: what is not found there is a problem document, never the page.
const API: [&str; 4] = ["/api", "/v1", "/internal", "/hooks"];

/// No inline scripts or styles, nothing from elsewhere, no frames; and text may not become markup by accident.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page with the names of this version, and the `ETag`s. The same for every request, so it may outlive one.
struct Version {
    folder: String,
    page: String,
    page_tag: String,
}

fn version() -> &'static Version {
    static VERSION: OnceLock<Version> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hash = Sha256::new();
        for (name, _, content) in FILES {
            hash.update(name);
            hash.update([0]);
            hash.update(content);
        }
        let folder = short(&hash.finalize());
        let page = PAGE.replace("/assets/", &format!("/assets/{folder}/"));
        let page_tag = format!("\"{}\"", short(&Sha256::digest(&page)));
        Version {
            folder,
            page,
            page_tag,
        }
    })
}

fn short(hash: &[u8]) -> String {
    hex::encode(hash.get(..8).unwrap_or(hash))
}

/// Answers a request.
#[must_use]
pub fn serve(asked: &Asked<'_>) -> Given {
    let mut given = answer(asked);
    given.headers.extend([
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-frame-options", "DENY".to_owned()),
        ("content-security-policy", POLICY.to_owned()),
        ("cross-origin-opener-policy", "same-origin".to_owned()),
        ("cross-origin-resource-policy", "same-origin".to_owned()),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()".to_owned(),
        ),
    ]);
    // A length that the body does not have would be refused by the engine, so HEAD goes without.
    if asked.method == "HEAD" {
        given.body = Cow::Borrowed(&[]);
    } else if given.status != 304 {
        given
            .headers
            .push(("content-length", given.body.len().to_string()));
    }
    given
}

fn answer(asked: &Asked<'_>) -> Given {
    let below = |prefix: &str| {
        asked
            .path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if API.iter().any(|prefix| below(prefix)) {
        return not_found(asked.path);
    }
    if !matches!(asked.method, "GET" | "HEAD") {
        let detail = format!("{} is not allowed here.", short_text(asked.method));
        let mut given = problem(
            405,
            "urn:assay:problem:method-not-allowed",
            "Method not allowed",
            &detail,
        );
        given.headers.push(("allow", "GET, HEAD".to_owned()));
        return given;
    }
    let version = version();
    if let Some(path) = asked.path.strip_prefix("/assets/") {
        let name = path
            .strip_prefix(&version.folder)
            .and_then(|rest| rest.strip_prefix('/'));
        return match FILES.iter().find(|(file, ..)| Some(*file) == name) {
            // The folder's name is the tag: it stands for all that is in it.
            Some((_, media, content)) => cached(
                asked,
                &format!("\"{}\"", version.folder),
                "public, max-age=31536000, immutable",
                media,
                Cow::Borrowed(content),
            ),
            None => not_found(asked.path),
        };
    }
    if asked.path == "/" || asked.path == "/index.html" || asked.accept.contains("text/html") {
        let page = Cow::Borrowed(version.page.as_bytes());
        return cached(
            asked,
            &version.page_tag,
            "no-cache",
            "text/html; charset=utf-8",
            page,
        );
    }
    not_found(asked.path)
}

fn cached(
    asked: &Asked<'_>,
    tag: &str,
    control: &str,
    media: &str,
    body: Cow<'static, [u8]>,
) -> Given {
    let mut headers = vec![
        ("etag", tag.to_owned()),
        ("cache-control", control.to_owned()),
        ("vary", "accept".to_owned()),
    ];
    let known = asked
        .if_none_match
        .split(',')
        .map(str::trim)
        .any(|t| t == "*" || t.trim_start_matches("W/") == tag);
    if known {
        return Given {
            status: 304,
            headers,
            body: Cow::Borrowed(&[]),
        };
    }
    headers.push(("content-type", media.to_owned()));
    Given {
        status: 200,
        headers,
        body,
    }
}

fn not_found(path: &str) -> Given {
    let detail = format!("There is nothing at {}.", short_text(path));
    problem(404, "urn:assay:problem:not-found", "Not found", &detail)
}

fn short_text(text: &str) -> String {
    text.chars().take(200).collect()
}

fn problem(status: u16, kind: &str, title: &str, detail: &str) -> Given {
    let body = json!({ "type": kind, "title": title, "status": status, "detail": detail });
    let headers = vec![
        ("content-type", "application/problem+json".to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    Given {
        status,
        headers,
        body: Cow::Owned(body.to_string().into_bytes()),
    }
}
