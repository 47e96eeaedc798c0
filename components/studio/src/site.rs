//! What a request gets: the page, one of its files, or a problem document.
//!
//! The names of files under `/assets/` hold the hash of their content. So they can be cached for ever, and a page never mixes
//! files of two versions. The page itself is revalidated each time by its `ETag`. All were compressed when they were built.

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
    /// `Accept-Encoding`.
    pub accept_encoding: &'a str,
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

/// A file of the web app.
#[derive(Debug)]
pub struct File {
    /// Its path below `/`.
    pub name: &'static str,
    /// Its content.
    pub plain: &'static [u8],
    /// The same compressed, where that is worth it.
    pub brotli: Option<&'static [u8]>,
    /// The same compressed, for those who do not know Brotli.
    pub gzip: Option<&'static [u8]>,
}

/// Every file that was built; none where the web app was not.
pub const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

const PAGE: &str = "index.html";
/// Shown in place of the web app where it was not built.
const UNBUILT: File = File {
    name: PAGE,
    plain: include_bytes!("unbuilt.html"),
    brotli: None,
    gzip: None,
};

/// Paths of the API: what is not found there is a problem document, never the page.
const API: [&str; 4] = ["/api", "/v1", "/internal", "/hooks"];

/// No inline scripts or styles, nothing from elsewhere, no frames; and text may not become markup by accident. One directive
/// a line, as the web app's preview reads it too.
const POLICY: &str = include_str!("policy.txt");

/// Answers a request.
#[must_use]
pub fn serve(asked: &Asked<'_>) -> Given {
    let mut given = answer(asked);
    given.headers.extend([
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-frame-options", "DENY".to_owned()),
        ("content-security-policy", POLICY.trim().replace('\n', "; ")),
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
    let name = asked.path.trim_start_matches('/');
    match FILES.iter().find(|file| file.name == name) {
        Some(file) if name != PAGE => file_of(asked, file),
        // What was named by a page of another version is not there any more; the page would be no answer to it.
        None if below("/assets") => not_found(asked.path),
        // A deep link: the page finds its way by the address.
        _ if name.is_empty() || name == PAGE || asked.accept.contains("text/html") => page(asked),
        _ => not_found(asked.path),
    }
}

fn page(asked: &Asked<'_>) -> Given {
    /// The hash of the page, the same for every request, so it may outlive one.
    static TAG: OnceLock<String> = OnceLock::new();
    let file = FILES
        .iter()
        .find(|file| file.name == PAGE)
        .unwrap_or(&UNBUILT);
    let tag = TAG.get_or_init(|| short(&Sha256::digest(file.plain)));
    cached(asked, tag, "no-cache", file)
}

fn file_of(asked: &Asked<'_>, file: &File) -> Given {
    let hashed = file.name.starts_with("assets/");
    // The name of a hashed file stands for its content.
    let tag = if hashed {
        short(&Sha256::digest(file.name))
    } else {
        short(&Sha256::digest(file.plain))
    };
    let control = if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    cached(asked, &tag, control, file)
}

fn short(hash: &[u8]) -> String {
    hex::encode(hash.get(..8).unwrap_or(hash))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` takes a coding: named, and not with a weight of nothing.
fn takes(accept: &str, coding: &str) -> bool {
    accept.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding))
            && !words.any(|word| {
                word.strip_prefix("q=")
                    .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
            })
    })
}

fn cached(asked: &Asked<'_>, tag: &str, control: &str, file: &File) -> Given {
    let (body, coding) = match (file.brotli, file.gzip) {
        (Some(brotli), _) if takes(asked.accept_encoding, "br") => (brotli, Some("br")),
        (_, Some(gzip)) if takes(asked.accept_encoding, "gzip") => (gzip, Some("gzip")),
        _ => (file.plain, None),
    };
    // Other bytes have another tag.
    let tag = coding.map_or_else(
        || format!("\"{tag}\""),
        |coding| format!("\"{tag}-{coding}\""),
    );
    let mut headers = vec![
        ("etag", tag.clone()),
        ("cache-control", control.to_owned()),
        ("vary", "accept, accept-encoding".to_owned()),
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
    headers.push(("content-type", media_type(file.name).to_owned()));
    if let Some(coding) = coding {
        headers.push(("content-encoding", coding.to_owned()));
    }
    Given {
        status: 200,
        headers,
        body: Cow::Borrowed(body),
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
