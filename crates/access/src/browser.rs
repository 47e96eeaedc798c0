//! What protects a browser's session: names of cookies, the token against forged requests, where to return to.

use crate::key::{hash_secret, secrets_equal};

/// The names of the cookies. Over https they are bound to the host by their prefix.
#[must_use]
pub const fn session_cookie(https: bool) -> &'static str {
    if https {
        "__Host-assay_session"
    } else {
        "assay_session"
    }
}

/// The cookie that scripts of the page read to send its value back in `x-csrf-token`.
#[must_use]
pub const fn csrf_cookie(https: bool) -> &'static str {
    if https {
        "__Host-assay_csrf"
    } else {
        "assay_csrf"
    }
}

/// The cookie that binds a sign-in under way to the browser that began it.
#[must_use]
pub const fn sign_in_cookie(https: bool) -> &'static str {
    if https {
        "__Host-assay_sign_in"
    } else {
        "assay_sign_in"
    }
}

/// The value of a cookie in a `Cookie` header.
#[must_use]
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(n, value)| (n == name && !value.is_empty()).then_some(value))
}

/// The token that unsafe requests of a session must carry.
#[must_use]
pub fn csrf_token(pepper: &[u8], session: &str) -> String {
    hash_secret(pepper, &format!("csrf/{session}"))
}

/// Whether it is the session's.
#[must_use]
pub fn csrf_holds(pepper: &[u8], session: &str, sent: Option<&str>) -> bool {
    sent.is_some_and(|sent| secrets_equal(&csrf_token(pepper, session), sent))
}

/// Whether a request comes from our own pages. A request that says nothing is judged by its token alone.
#[must_use]
pub fn same_origin(origin: Option<&str>, public_url: &str, authority: Option<&str>) -> bool {
    let Some(origin) = origin else {
        return true;
    };
    if !public_url.is_empty() && origin == origin_of(public_url) {
        return true;
    }
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    matches!((host, authority), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
}

/// Scheme and authority of a URL.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(start..)
        .and_then(|rest| rest.find('/'))
        .map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

/// A path of this site to return to, or the front page: never another site, in any spelling that a browser takes for one.
#[must_use]
pub fn return_path(wanted: Option<&str>) -> &str {
    let safe = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= 1000
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    wanted.filter(safe).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies() {
        let header = "a=1; assay_session=cs-1;b=; assay_session=cs-2";
        assert_eq!(cookie(header, "assay_session"), Some("cs-1"));
        assert_eq!(cookie(header, "b"), None);
        assert_eq!(cookie("", "a"), None);
        assert_eq!(cookie("xassay_session=1", "assay_session"), None);
    }

    #[test]
    fn a_csrf_token_is_of_one_session() {
        let token = csrf_token(b"p", "s1");
        assert!(csrf_holds(b"p", "s1", Some(&token)));
        assert!(!csrf_holds(b"p", "s2", Some(&token)));
        assert!(!csrf_holds(b"q", "s1", Some(&token)));
        assert!(!csrf_holds(b"p", "s1", Some("")));
        assert!(!csrf_holds(b"p", "s1", None));
    }

    #[test]
    fn origins() {
        let public = "https://assay.example/base";
        for (origin, ok) in [
            (None, true),
            (Some("https://assay.example"), true),
            (Some("http://127.0.0.1:3210"), true),
            (Some("https://assay.example.evil"), false),
            (Some("http://assay.example"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            let found = same_origin(origin, public, Some("127.0.0.1:3210"));
            assert_eq!(found, ok, "{origin:?}");
        }
        assert!(!same_origin(Some("https://a"), "", None));
    }

    #[test]
    fn returns_stay_on_the_site() {
        for path in ["/", "/campaigns?x=1#y", "/a//b"] {
            assert_eq!(return_path(Some(path)), path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\nb",
            "/\t/evil.example",
            " /x",
        ] {
            assert_eq!(return_path(Some(path)), "/", "{path:?}");
        }
        assert_eq!(return_path(None), "/");
    }
}
