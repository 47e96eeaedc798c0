//! `ETag` and `If-Match` (RFC 9110): a change is made only to the version that its author saw.

use crate::problem::{Problem, ProblemKind};
use http::{HeaderMap, header};

/// What `If-Match` demands.
#[derive(Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Nothing: there is no such header.
    Absent,
    /// That the resource exists.
    Any,
    /// That its tag is one of these.
    Tags(Vec<String>),
}

/// The tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

impl IfMatch {
    /// Reads the header. A tag that is malformed or weak matches nothing.
    pub fn of(headers: &HeaderMap) -> Self {
        let values: Vec<&str> = headers
            .get_all(header::IF_MATCH)
            .iter()
            .map(|v| v.to_str().unwrap_or_default())
            .collect();
        if values.is_empty() {
            return Self::Absent;
        }
        let tags: Vec<String> = values
            .iter()
            .flat_map(|v| v.split(','))
            .map(|t| t.trim().to_owned())
            .collect();
        if tags == ["*"] {
            Self::Any
        } else {
            Self::Tags(tags)
        }
    }

    /// Whether a change is bound to a version.
    pub const fn binds(&self) -> bool {
        matches!(self, Self::Tags(_))
    }

    /// Holds against the resource's version.
    pub fn check(&self, version: i64) -> Result<(), Problem> {
        match self {
            Self::Tags(tags) if !tags.contains(&etag(version)) => Err(failed()),
            _ => Ok(()),
        }
    }
}

/// The resource is not the one that the client saw.
pub fn failed() -> Problem {
    Problem::new(
        ProblemKind::PreconditionFailed,
        "The resource has changed since. Read it again, then repeat the change.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[&str], version: i64, holds: bool) {
        let mut headers = HeaderMap::new();
        for v in values {
            headers.append(header::IF_MATCH, v.parse().unwrap());
        }
        assert_eq!(
            IfMatch::of(&headers).check(version).is_ok(),
            holds,
            "{values:?}"
        );
    }

    #[test]
    fn matches_as_rfc_9110_says() {
        check(&[], 3, true);
        check(&["*"], 3, true);
        check(&["\"v3\""], 3, true);
        check(&["\"v2\", \"v3\""], 3, true);
        check(&["\"v2\"", "\"v3\""], 3, true);
        check(&["\"v2\""], 3, false);
        check(&["W/\"v3\""], 3, false);
        check(&["v3"], 3, false);
        check(&[""], 3, false);
    }
}
