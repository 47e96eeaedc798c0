//! What a workspace writes down: rules as data, and what is wrong with them.

use crate::class::Class;
use crate::pointer::Pointer;
use crate::rule;
use assay_model::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many rules a policy may have.
pub const MAX_RULES: usize = 50;
/// The longest name of a rule: it is written into every value that it masks.
const MAX_NAME: usize = 50;
/// The longest pattern or pointer, in bytes.
const MAX_PATTERN: usize = 1000;
/// The longest replacement, in bytes.
const MAX_REPLACEMENT: usize = 100;

/// The rules of a workspace, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The rules.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub rules: Vec<Rule>,
}

/// One thing to find, where, and what to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique within the policy; stands in the place of what is masked.
    #[schemars(length(min = 1, max = 50), regex(pattern = "^[A-Za-z0-9_.-]+$"))]
    pub name: String,
    /// What to find.
    pub kind: RuleKind,
    /// Where to look.
    #[serde(default = "default_fields")]
    #[schemars(length(min = 1, max = 9))]
    pub fields: Vec<Field>,
    /// What to do with it.
    #[serde(default)]
    pub action: Action,
}

/// What a rule finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum RuleKind {
    /// Text that matches a regular expression. Classes such as `\d` and `\w` know ASCII only.
    Pattern {
        /// The expression, in the syntax of the crate `regex`; it must not match the empty text.
        #[schemars(length(min = 1, max = 1000))]
        pattern: String,
        /// With `mask`: what takes the place of the match instead of `[REDACTED:<name>]`, literally. It is empty, or at
        /// least 3 characters that begin and end with ASCII punctuation, so that it can be told from data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 100))]
        replacement: Option<String>,
    },
    /// The value at a place.
    Pointer {
        /// A JSON pointer (RFC 6901) from the root of the field; `*` stands for any one segment.
        #[schemars(length(max = 1000), regex(pattern = "^(/|$)"))]
        pointer: String,
    },
    /// Personal data or secrets of a known form.
    Class {
        /// Which.
        class: Class,
    },
}

/// Where a rule looks: fields of traces and observations that have one of that name. What scores carry is covered with
/// them, as [`Redactor::batch`](crate::Redactor::batch) says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// What went in.
    Input,
    /// What came out, the reference answer of an experiment's item, and the text of a score.
    Output,
    /// Anything else that the client sent.
    Metadata,
    /// The name of a trace or an observation.
    Name,
    /// The labels of a trace.
    Tags,
    /// The end user.
    UserId,
    /// The conversation.
    SessionId,
    /// Why an observation failed.
    StatusMessage,
    /// Parameters of a model's call.
    ModelParameters,
}

/// What happens to what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `[REDACTED:<name>]` takes its place.
    #[default]
    Mask,
    /// `[HASH:<16 hex digits>]` takes its place: the beginning of HMAC-SHA-256 under the workspace's salt.
    Hash,
    /// The value that holds it is dropped as a whole: its key is removed, an element of a list becomes null.
    Remove,
}

fn default_fields() -> Vec<Field> {
    vec![
        Field::Input,
        Field::Output,
        Field::Metadata,
        Field::StatusMessage,
    ]
}

impl Validate for Policy {
    fn check(&self, v: &mut Validator) {
        v.require(
            self.rules.len() <= MAX_RULES,
            "rules",
            format!("must have at most {MAX_RULES} entries"),
        );
        let mut names = BTreeSet::new();
        v.at("rules", |v| {
            for (i, rule) in self.rules.iter().enumerate().take(MAX_RULES) {
                v.at(i, |v| {
                    rule.check(v);
                    v.require(names.insert(&rule.name), "name", "is used twice");
                });
            }
        });
    }
}

impl Validate for Rule {
    fn check(&self, v: &mut Validator) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        v.name("name", &self.name, MAX_NAME);
        v.require(
            self.name.bytes().all(plain),
            "name",
            "must consist of letters, digits, `_`, `-` and `.`",
        );
        v.require(!self.fields.is_empty(), "fields", "must not be empty");
        v.require(
            self.fields.iter().collect::<BTreeSet<_>>().len() == self.fields.len(),
            "fields",
            "must not name a field twice",
        );
        v.at("kind", |v| match &self.kind {
            RuleKind::Pattern {
                pattern,
                replacement,
            } => {
                check_pattern(pattern, v);
                if let Some(text) = replacement {
                    v.require(
                        self.action == Action::Mask,
                        "replacement",
                        "goes with the action `mask` only",
                    );
                    check_replacement(text, v);
                }
            }
            RuleKind::Pointer { pointer } => {
                v.longest("pointer", pointer, MAX_PATTERN);
                if let Err(why) = Pointer::parse(pointer) {
                    v.error("pointer", why);
                }
            }
            RuleKind::Class { .. } => {}
        });
    }
}

fn check_pattern(pattern: &str, v: &mut Validator) {
    if pattern.is_empty() {
        v.error("pattern", "must not be empty");
    } else if pattern.len() > MAX_PATTERN {
        v.longest("pattern", pattern, MAX_PATTERN);
    } else {
        match rule::compile(pattern) {
            Ok(regex) => v.require(
                !regex.is_match(""),
                "pattern",
                "must not match the empty text",
            ),
            Err(why) => v.error("pattern", format!("is not a usable expression: {why}")),
        }
    }
}

fn check_replacement(text: &str, v: &mut Validator) {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_punctuation());
    v.longest("replacement", text, MAX_REPLACEMENT);
    v.require(
        text.is_empty()
            || (text.chars().count() >= 3
                && edge(text.chars().next())
                && edge(text.chars().next_back())),
        "replacement",
        "must be empty, or at least 3 characters that begin and end with punctuation, as `<gone>` does",
    );
    v.require(
        !text
            .chars()
            .any(|c| c.is_control() || c == crate::mark::SEEN),
        "replacement",
        "must not contain control characters",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(policy: serde_json::Value) -> Vec<String> {
        let policy: Policy = serde_json::from_value(policy).unwrap();
        policy
            .validate()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|e| e.field)
            .collect()
    }

    #[test]
    fn a_short_rule_has_defaults() {
        let rule: Rule = serde_json::from_value(
            json!({"name": "m", "kind": {"type": "class", "class": "email"}}),
        )
        .unwrap();
        assert_eq!(rule.action, Action::Mask);
        assert_eq!(rule.fields, default_fields());
        assert!(rule.validate().is_ok());
    }

    #[test]
    fn unknown_fields_are_refused_at_every_level() {
        for policy in [
            json!({"rules": [], "x": 1}),
            json!({"rules": [{"name": "a", "kind": {"type": "class", "class": "email"}, "x": 1}]}),
            json!({"rules": [{"name": "a", "kind": {"type": "class", "class": "email", "x": 1}}]}),
            json!({"rules": [{"name": "a", "kind": {"type": "class", "class": "date_of_birth"}}]}),
        ] {
            assert!(
                serde_json::from_value::<Policy>(policy.clone()).is_err(),
                "{policy}"
            );
        }
    }

    #[test]
    fn names_every_wrong_field() {
        assert_eq!(
            wrong(json!({"rules": [
                {"name": "a b", "kind": {"type": "pattern", "pattern": "(", "replacement": "555"}},
                {"name": "p", "kind": {"type": "pointer", "pointer": "a/b"}, "fields": []},
                {"name": "p", "kind": {"type": "pattern", "pattern": "x*"}},
                {"name": "h", "kind": {"type": "pattern", "pattern": "x", "replacement": "<x>"}, "action": "hash"},
                {"name": "big", "kind": {"type": "pattern", "pattern": r"(?:\w{200}){200}"}},
                {"name": "esc", "kind": {"type": "pointer", "pointer": "/a~2"}, "fields": ["name", "name"]},
            ]})),
            [
                "/rules/0/name",
                "/rules/0/kind/pattern",
                "/rules/0/kind/replacement",
                "/rules/1/fields",
                "/rules/1/kind/pointer",
                "/rules/2/kind/pattern",
                "/rules/2/name",
                "/rules/3/kind/replacement",
                "/rules/4/kind/pattern",
                "/rules/5/fields",
                "/rules/5/kind/pointer",
            ]
        );
    }

    #[test]
    fn too_many_rules() {
        let rules: Vec<_> = (0..=MAX_RULES)
            .map(|i| json!({"name": format!("r{i}"), "kind": {"type": "class", "class": "iban"}}))
            .collect();
        assert_eq!(wrong(json!({ "rules": rules })), ["/rules"]);
    }
}
