//! What texts and expressions of the source name, and what that is here.

use super::ids::cut;
use crate::template;
use assay_model::RESERVED_VARIABLES;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What stands for the run itself, unless a variable has that name.
const ALIASES: [(&str, &[&str]); 4] = [
    (
        "answer",
        &[
            "actual_output",
            "agent_response",
            "answer",
            "bot_response",
            "content",
            "last_message",
            "last_response",
            "output",
            "reply",
            "response",
        ],
    ),
    (
        "input",
        &["input", "last_input", "user_input", "user_message"],
    ),
    ("messages", &["history", "messages"]),
    ("turns", &["turn", "turn_count", "turns"]),
];
/// Words that templates or expressions keep for themselves.
const KEPT: [&str; 43] = [
    "and",
    "as",
    "bool",
    "break",
    "bytes",
    "const",
    "continue",
    "double",
    "dyn",
    "elif",
    "else",
    "false",
    "False",
    "for",
    "function",
    "google",
    "if",
    "import",
    "in",
    "int",
    "is",
    "let",
    "list",
    "loop",
    "map",
    "namespace",
    "none",
    "None",
    "not",
    "null_type",
    "or",
    "package",
    "return",
    "self",
    "string",
    "super",
    "true",
    "True",
    "type",
    "uint",
    "var",
    "void",
    "while",
];

/// What a value is, as far as that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Truth,
    /// Something whose truth is known, but not its value.
    Truthy,
    Text,
    Number,
    List,
    Nothing,
    Anything,
}

impl Holds {
    pub(super) const fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Truth,
            Value::String(_) => Self::Text,
            Value::Number(_) => Self::Number,
            Value::Array(_) => Self::List,
            Value::Null | Value::Object(_) => Self::Anything,
        }
    }
}

#[derive(Debug, Clone)]
struct Known {
    variable: String,
    path: String,
    holds: Holds,
}

/// The names of a source.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: BTreeMap<String, Known>,
    taken: BTreeSet<String>,
    /// Variables and what they hold in the beginning.
    pub(super) variables: BTreeMap<String, Value>,
}

impl Names {
    /// The variable for a name that a node sets; what the source means is its `member`, if that is not empty.
    pub(super) fn set(&mut self, name: &str, holds: Holds, member: &str) -> String {
        if let Some(known) = self.known.get_mut(name)
            && known.path == format!("{}{member}", known.variable)
        {
            if known.holds != holds {
                known.holds = Holds::Anything;
            }
            return known.variable.clone();
        }
        let variable = self.fresh(name);
        let known = Known {
            path: format!("{variable}{member}"),
            variable: variable.clone(),
            holds,
        };
        self.known.entry(name.to_owned()).or_insert(known);
        variable
    }

    /// A variable with what it holds in the beginning.
    pub(super) fn begin(&mut self, name: &str, value: Value) -> String {
        let variable = self.set(name, Holds::of(&value), "");
        self.variables.insert(variable.clone(), value);
        variable
    }

    /// Every variable that anything sets, or should.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.taken.iter().map(String::as_str)
    }

    fn fresh(&mut self, name: &str) -> String {
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '_'
            }
        };
        let mut variable: String = name.chars().map(letter).take(60).collect();
        if variable.is_empty() || variable.starts_with(|c: char| c.is_ascii_digit()) {
            variable.insert(0, '_');
        }
        let base = variable.clone();
        let mut number = 2;
        while RESERVED_VARIABLES.contains(&variable.as_str())
            || KEPT.contains(&variable.as_str())
            || self.taken.contains(&variable)
        {
            variable = format!("{}_{number}", cut(&base, 56).unwrap_or(&base));
            number += 1;
        }
        self.taken.insert(variable.clone());
        variable
    }

    /// What a name means here.
    pub(super) fn path(&self, name: &str) -> Option<(String, Holds)> {
        if let Some(known) = self.known.get(name) {
            return Some((known.path.clone(), known.holds));
        }
        let (to, _) = ALIASES.iter().find(|(_, names)| names.contains(&name))?;
        let holds = match *to {
            "messages" => Holds::List,
            "turns" => Holds::Number,
            _ => Holds::Text,
        };
        Some(((*to).to_owned(), holds))
    }

    /// A template of the source as one of ours, at most `max` bytes long. What was done to it is added to `says`.
    pub(super) fn template(&mut self, text: &str, max: usize, says: &mut Vec<String>) -> String {
        let written = self.converted(text, says);
        if written.len() <= max {
            return written;
        }
        says.push(format!(
            "its text is longer than {max} bytes, the rest is left out"
        ));
        // Ten times as long is the most that a brace becomes.
        let short = cut(text, max / 10).unwrap_or(text);
        let longer = cut(text, max).map(|text| self.converted(text, &mut Vec::new()));
        longer
            .filter(|written| written.len() <= max)
            .unwrap_or_else(|| self.converted(short, &mut Vec::new()))
    }

    fn converted(&mut self, text: &str, says: &mut Vec<String>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, tail)) = rest.find('{').and_then(|open| rest.split_at_checked(open))
        {
            out.push_str(before);
            let dollar = out.ends_with('$');
            if let Some((path, after)) = self.placeholder(tail, dollar, says) {
                if dollar && !tail.starts_with("{{") {
                    out.pop();
                }
                tag(&mut out, &format!("{{{{ {path} }}}}"));
                rest = after;
                continue;
            }
            rest = tail.strip_prefix('{').unwrap_or_default();
            if rest.starts_with(['{', '%', '#']) {
                tag(&mut out, "{{ '{' }}");
            } else {
                out.push('{');
            }
        }
        out.push_str(rest);
        if let Err(fault) = template::names(&out) {
            says.push(format!(
                "its text is taken word for word, since it is no template here: {fault}"
            ));
            return literal(text);
        }
        out
    }

    /// What a placeholder at the beginning of `tail` names, and what follows it.
    fn placeholder<'t>(
        &mut self,
        tail: &'t str,
        dollar: bool,
        says: &mut Vec<String>,
    ) -> Option<(String, &'t str)> {
        let (inner, double) = match tail.strip_prefix("{{") {
            Some(inner) => (inner, true),
            None => (tail.strip_prefix('{')?, false),
        };
        let (name, after) = inner.split_once('}')?;
        let after = if double {
            after.strip_prefix('}')?
        } else {
            after
        };
        let name = name.trim_matches(' ');
        let mut parts = name.split('.');
        let first = parts.next().filter(|part| is_name(part))?;
        let members: Vec<&str> = parts.collect();
        if !members.iter().all(|part| is_name(part)) {
            return None;
        }
        let path = match self.path(first) {
            Some((path, _)) => path,
            None if double || dollar => {
                let path = self.begin(first, json!(""));
                says.push(format!(
                    "nothing sets `{first}`: it is the variable `{path}`, empty until somebody fills it in"
                ));
                path
            }
            None => {
                says.push(format!(
                    "`{{{name}}}` is taken word for word: nothing sets `{first}`"
                ));
                return None;
            }
        };
        let members: String = members.iter().map(|part| format!(".{part}")).collect();
        Some((format!("{path}{members}"), after))
    }
}

/// Appends a tag; a brace right before it would be read as part of it.
fn tag(out: &mut String, tag: &str) {
    if out.ends_with('{') {
        out.pop();
        out.push_str("{{ '{' }}");
    }
    out.push_str(tag);
}

/// A template that comes to this very text.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let opens = letter == '{' && matches!(letters.peek(), Some('{' | '%' | '#'));
        if opens {
            out.push_str("{{ '{' }}");
        } else {
            out.push(letter);
        }
    }
    out
}

/// Whether a text is a name, as templates and expressions have it.
pub(super) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
