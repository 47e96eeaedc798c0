//! Which component a path belongs to.
//!
//! Matching is Spin's, by the same crate: an exact route wins over a wildcard, a longer one over a shorter; of two equal
//! routes the later one counts.

use std::sync::Arc;

use http::HeaderValue;

use crate::manifest::{Target, Trigger};

/// Paths below it belong to the engine.
pub(crate) const WELL_KNOWN: &str = "/.well-known/spin/";

/// The public routes.
pub(crate) struct Router {
    routes: routefinder::Router<Arc<Entry>>,
    listed: Vec<Arc<Entry>>,
}

/// A public route.
#[derive(Debug)]
pub(crate) struct Entry {
    /// As written in the manifest.
    pub(crate) raw: String,
    /// The same, as a header's value; without its trailing `/...` the second.
    pub(crate) raw_value: HeaderValue,
    pub(crate) prefix_value: HeaderValue,
    pub(crate) target: Target,
}

impl Entry {
    fn new(raw: &str, target: &Target) -> Result<Self, String> {
        let value =
            |text: &str| HeaderValue::from_str(text).map_err(|e| format!("route {raw}: {e}"));
        let prefix = raw.strip_suffix("/...").unwrap_or(raw);
        Ok(Self {
            raw: raw.to_owned(),
            raw_value: value(raw)?,
            prefix_value: value(prefix)?,
            target: target.clone(),
        })
    }
}

/// A route with what its wildcards took from the path.
pub(crate) struct Match {
    pub(crate) entry: Arc<Entry>,
    /// What a trailing `...` took, with a leading slash; empty if it took nothing.
    pub(crate) path_info: String,
    pub(crate) captures: Vec<(String, String)>,
}

impl Router {
    /// Returns the router and a warning for each route that can never match.
    pub(crate) fn build(triggers: &[Trigger]) -> Result<(Self, Vec<String>), String> {
        let mut warnings = Vec::new();
        let mut entries: Vec<(String, Arc<Entry>)> = Vec::new();
        for trigger in triggers {
            let Some(raw) = &trigger.route else { continue };
            let entry = Arc::new(Entry::new(raw, &trigger.target)?);
            if raw.starts_with(WELL_KNOWN) || raw == "/healthz" {
                warnings.push(format!(
                    "route {raw} is answered by the engine and never reaches a component"
                ));
            }
            match entries.iter_mut().find(|(known, _)| known == raw) {
                Some(earlier) => {
                    warnings.push(format!("route {raw} appears twice; the later one counts"));
                    earlier.1 = entry;
                }
                None => entries.push((raw.clone(), entry)),
            }
        }
        let mut routes = routefinder::Router::new();
        for (raw, entry) in &entries {
            routes
                .add(pattern(raw), entry.clone())
                .map_err(|e| format!("route {raw}: {e}"))?;
        }
        Ok((
            Self {
                routes,
                listed: entries.into_iter().map(|(_, entry)| entry).collect(),
            },
            warnings,
        ))
    }

    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.listed
    }

    pub(crate) fn route(&self, path: &str) -> Option<Match> {
        let found = self.routes.best_match(path)?;
        let captures = found.captures();
        // Spin keeps trailing slashes, the matcher does not.
        let path_info = match captures.wildcard() {
            None => String::new(),
            Some(rest) => match (rest.is_empty(), path.ends_with('/')) {
                (true, false) => String::new(),
                (true, true) => "/".to_owned(),
                (false, false) => format!("/{rest}"),
                (false, true) => format!("/{rest}/"),
            },
        };
        let named = captures
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Some(Match {
            entry: found.handler().clone(),
            path_info,
            captures: named,
        })
    }
}

fn pattern(raw: &str) -> String {
    let absolute = if raw.starts_with('/') {
        raw.to_owned()
    } else {
        format!("/{raw}")
    };
    let trimmed = absolute.strip_suffix('/').unwrap_or(&absolute);
    match trimmed.strip_suffix("/...") {
        Some(before) => format!("{before}/*"),
        None => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(&str, &str)]) -> (Router, Vec<String>) {
        let triggers: Vec<Trigger> = routes
            .iter()
            .map(|(route, id)| Trigger {
                route: (*route != "private").then(|| (*route).to_owned()),
                target: Target::Component((*id).to_owned()),
            })
            .collect();
        Router::build(&triggers).unwrap()
    }

    #[track_caller]
    fn check(routes: &[(&str, &str)], path: &str, expected: Option<(&str, &str)>) {
        let found = router(routes).0.route(path).map(|m| {
            let Target::Component(id) = &m.entry.target else {
                panic!()
            };
            (id.clone(), m.path_info)
        });
        assert_eq!(
            found
                .as_ref()
                .map(|(id, info)| (id.as_str(), info.as_str())),
            expected,
            "{path}"
        );
    }

    #[test]
    fn precedence_is_exact_then_longest() {
        let routes = [
            ("/...", "all"),
            ("/api/...", "api"),
            ("/api/v1/...", "v1"),
            ("/api/v1/me", "me"),
            ("/u/:id", "user"),
        ];
        check(&routes, "/", Some(("all", "/")));
        check(&routes, "/x/y", Some(("all", "/x/y")));
        check(&routes, "/api", Some(("api", "")));
        check(&routes, "/api/", Some(("api", "/")));
        check(&routes, "/api/x/", Some(("api", "/x/")));
        check(&routes, "/api/v1/users", Some(("v1", "/users")));
        check(&routes, "/api/v1/me", Some(("me", "")));
        check(&routes, "/u/7", Some(("user", "")));
        check(&[("/a", "a"), ("private", "p")], "/b", None);
        check(&[("/", "root")], "/", Some(("root", "")));
        check(&[("/", "root")], "/x", None);
    }

    #[test]
    fn single_segment_wildcards_are_captured() {
        let found = router(&[("/users/:id/items/...", "c")])
            .0
            .route("/users/7/items/a/b")
            .unwrap();
        assert_eq!(found.captures, [("id".to_owned(), "7".to_owned())]);
        assert_eq!(found.path_info, "/a/b");
    }

    #[test]
    fn of_two_equal_routes_the_later_counts() {
        let routes = [("/a", "one"), ("/a", "two")];
        check(&routes, "/a", Some(("two", "")));
        assert_eq!(
            router(&routes).1,
            ["route /a appears twice; the later one counts"]
        );
        assert_eq!(router(&[("/.well-known/spin/health", "c")]).1.len(), 1);
    }
}
