//! Compiled rules: how text is searched, and what takes the place of what is found.

use crate::class::{Class, Facts};
use crate::literal;
use crate::mark;
use crate::pointer::Pointer;
use crate::policy::{Action, Policy, Rule, RuleKind};
use regex_lite::{Regex, RegexBuilder};
use std::ops::Range;

/// How large a compiled pattern may become, in bytes: it bounds what each character of a text can cost.
const REGEX_BYTES: usize = 64 * 1024;
/// How deep a pattern may nest.
const REGEX_DEPTH: u32 = 20;

/// Compiles a pattern within its limits.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(REGEX_BYTES)
        .nest_limit(REGEX_DEPTH)
        .build()
        .map_err(|e| e.to_string())
}

/// What searches a text.
#[derive(Debug, Clone)]
pub(crate) enum Finder {
    Pattern {
        regex: Regex,
        /// Every match contains it.
        literal: Option<String>,
    },
    Class(Class),
}

impl Finder {
    /// Whether there may be anything to find: cheap, and never wrongly `false`.
    pub(crate) fn possible(&self, text: &str, facts: Facts) -> bool {
        match self {
            Self::Pattern { literal, .. } => literal.as_ref().is_none_or(|l| text.contains(l)),
            Self::Class(class) => class.possible(facts),
        }
    }

    /// What is found, in order and without overlaps.
    pub(crate) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Pattern { regex, .. } => regex
                .find_iter(text)
                .map(|found| found.range())
                .filter(|range| !range.is_empty())
                .collect(),
            Self::Class(class) => class.spans(text),
        }
    }
}

/// What takes the place of what is found.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// This text.
    Put(String),
    /// A hash of it.
    Hash,
    /// Nothing: the value goes.
    Drop,
}

impl Effect {
    fn of(rule: &Rule) -> Self {
        match (rule.action, &rule.kind) {
            (Action::Hash, _) => Self::Hash,
            (Action::Remove, _) => Self::Drop,
            (
                Action::Mask,
                RuleKind::Pattern {
                    replacement: Some(text),
                    ..
                },
            ) => Self::Put(text.clone()),
            (Action::Mask, _) => Self::Put(mark::mask(&rule.name)),
        }
    }

    /// The mark for what was found; `None` when the value goes.
    pub(crate) fn mark(&self, salt: &[u8], found: &str) -> Option<String> {
        match self {
            Self::Put(text) => Some(text.clone()),
            Self::Hash => Some(mark::hash(salt, found)),
            Self::Drop => None,
        }
    }
}

/// How a rule searches.
#[derive(Debug, Clone)]
pub(crate) enum Search {
    Text(Finder),
    Place(Pointer),
}

/// A rule, ready for use.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) search: Search,
    pub(crate) effect: Effect,
}

/// Compiles the rules of a policy that has been validated, in their order.
///
/// # Errors
/// The index of the first rule that does not compile, and why.
pub(crate) fn compile_all(policy: &Policy) -> Result<Vec<Compiled>, (usize, String)> {
    let one = |rule: &Rule| {
        let search = match &rule.kind {
            RuleKind::Pattern { pattern, .. } => Search::Text(Finder::Pattern {
                regex: compile(pattern)?,
                literal: literal::required(pattern),
            }),
            RuleKind::Class { class } => Search::Text(Finder::Class(*class)),
            RuleKind::Pointer { pointer } => Search::Place(Pointer::parse(pointer)?),
        };
        Ok::<_, String>(Compiled {
            search,
            effect: Effect::of(rule),
        })
    };
    policy
        .rules
        .iter()
        .enumerate()
        .map(|(i, rule)| one(rule).map_err(|why| (i, why)))
        .collect()
}
