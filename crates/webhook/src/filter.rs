//! Which events start an evaluation, as data.

use crate::event::{Action, Event, EventKind};
use assay_model::{Validate, Validator};
use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most patterns in a list.
const MAX_PATTERNS: usize = 50;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 200;

/// Conditions that must all hold. A list that is empty allows everything.
///
/// Patterns are globs: `*` (any text) and `?` (one byte) stay within a segment of a path, `**` does not, `{a,b}` and `[a-z]` choose. One that
/// begins with `!` takes away from what the others allow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HookFilter")]
pub struct Filter {
    /// Kinds of events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    pub events: Vec<EventKind>,
    /// What happened to a pull request; when empty, what gives it other commits or makes it ready: opened, updated, reopened,
    /// ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6))]
    pub actions: Vec<Action>,
    /// The branch pushed to, or the branch that a pull request goes to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub branches: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
    /// Changed files, of which one must be allowed. An event that does not tell its files passes: rather one evaluation too
    /// many than one too few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub paths: Vec<String>,
    /// Whether drafts count.
    #[serde(default)]
    pub drafts: bool,
}

/// Why an event starts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Ignored {
    /// A kind of event that is never looked at.
    #[error("`{name}` events are not looked at")]
    Event {
        /// The provider's name of it.
        name: String,
    },
    /// Something happened to a pull request that leaves its commits as they were.
    #[error("`{name}` leaves the commits as they were")]
    Action {
        /// The provider's name of it.
        name: String,
    },
    /// There is no commit left.
    #[error("the branch or tag was deleted")]
    Deleted,
    /// The filter does not allow this kind of event.
    #[error("events of this kind are not asked for")]
    Kind,
    /// The filter does not allow what happened to the pull request.
    #[error("what happened to the pull request is not asked for")]
    UnwantedAction,
    /// The filter does not allow drafts.
    #[error("the pull request is a draft")]
    Draft,
    /// The filter does not allow the branch.
    #[error("the branch `{name}` is not asked for")]
    Branch {
        /// Its name.
        name: String,
    },
    /// The filter does not allow the tag.
    #[error("the tag `{name}` is not asked for")]
    Tag {
        /// Its name.
        name: String,
    },
    /// The filter allows none of the changed files.
    #[error("none of the {count} changed files is asked for")]
    Paths {
        /// How many files were changed.
        count: usize,
    },
    /// A pattern of the filter cannot be read, which [`Validate`] would have found.
    #[error("the filter has the pattern `{pattern}`, which cannot be read")]
    Filter {
        /// Which.
        pattern: String,
    },
}

/// Actions that count when the filter names none.
const USUAL: [Action; 4] = [
    Action::Opened,
    Action::Updated,
    Action::Reopened,
    Action::Ready,
];

/// Whether the event starts an evaluation.
///
/// # Errors
/// Why it does not.
pub fn matches(filter: &Filter, event: &Event) -> Result<(), Ignored> {
    if event.deleted {
        return Err(Ignored::Deleted);
    }
    if !filter.events.is_empty() && !filter.events.contains(&event.kind) {
        return Err(Ignored::Kind);
    }
    if let Some(action) = &event.action {
        let wanted: &[Action] = if filter.actions.is_empty() {
            &USUAL
        } else {
            &filter.actions
        };
        if !wanted.contains(action) {
            return Err(Ignored::UnwantedAction);
        }
    }
    if event.draft && !filter.drafts {
        return Err(Ignored::Draft);
    }
    if let Some(tag) = &event.tag {
        if !Patterns::compile(&filter.tags)?.allow(tag) {
            return Err(Ignored::Tag { name: tag.clone() });
        }
    } else if let Some(branch) = event.base_branch.as_ref().or(event.branch.as_ref())
        && !Patterns::compile(&filter.branches)?.allow(branch)
    {
        return Err(Ignored::Branch {
            name: branch.clone(),
        });
    }
    if let Some(files) = &event.changed_files
        && !filter.paths.is_empty()
    {
        let patterns = Patterns::compile(&filter.paths)?;
        if !files.iter().any(|file| patterns.allow(file)) {
            return Err(Ignored::Paths { count: files.len() });
        }
    }
    Ok(())
}

/// A list of patterns, ready.
struct Patterns {
    allowed: Vec<GlobMatcher>,
    taken: Vec<GlobMatcher>,
}

impl Patterns {
    fn compile(patterns: &[String]) -> Result<Self, Ignored> {
        let mut compiled = Self {
            allowed: Vec::new(),
            taken: Vec::new(),
        };
        for pattern in patterns {
            let (list, glob) = match pattern.strip_prefix('!') {
                Some(rest) => (&mut compiled.taken, rest),
                None => (&mut compiled.allowed, pattern.as_str()),
            };
            list.push(glob_of(glob).map_err(|_| Ignored::Filter {
                pattern: pattern.clone(),
            })?);
        }
        Ok(compiled)
    }

    fn allow(&self, name: &str) -> bool {
        (self.allowed.is_empty() || self.allowed.iter().any(|glob| glob.is_match(name)))
            && !self.taken.iter().any(|glob| glob.is_match(name))
    }
}

fn glob_of(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()?
        .compile_matcher())
}

impl Validate for Filter {
    fn check(&self, v: &mut Validator) {
        for (field, patterns) in [
            ("branches", &self.branches),
            ("tags", &self.tags),
            ("paths", &self.paths),
        ] {
            v.texts(field, patterns, MAX_PATTERNS, MAX_PATTERN);
            v.at(field, |v| {
                for (i, pattern) in patterns.iter().enumerate().take(MAX_PATTERNS) {
                    check_pattern(v, &i.to_string(), pattern);
                }
            });
        }
    }
}

fn check_pattern(v: &mut Validator, field: &str, pattern: &str) {
    if pattern.len() > MAX_PATTERN {
        return;
    }
    let glob = pattern.strip_prefix('!').unwrap_or(pattern);
    if glob.is_empty() {
        v.require(pattern.is_empty(), field, "must have a pattern after `!`");
    } else if let Err(error) = glob_of(glob) {
        v.error(field, format!("is not a pattern: {}", error.kind()));
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
