//! What people say of traces and what belongs to them, and links by which others may read a trace.

use crate::schema::NOT_BLANK;
use crate::{Timestamp, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most characters of a comment.
pub const MAX_COMMENT: usize = 5000;
/// Most members that a comment mentions.
const MAX_MENTIONS: usize = 50;

/// What a comment is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentObject {
    /// A trace.
    Trace,
    /// An observation.
    Observation,
    /// A conversation.
    Session,
    /// A score.
    Score,
    /// A prompt, or with `:` and its number a version of it.
    Prompt,
}

impl CommentObject {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Observation => "observation",
            Self::Session => "session",
            Self::Score => "score",
            Self::Prompt => "prompt",
        }
    }
}

/// A comment as a client writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentSpec {
    /// What it is on.
    pub object_type: CommentObject,
    /// Its id.
    #[schemars(length(min = 1, max = 1000))]
    pub object_id: String,
    /// The observation's trace, where several have one of that id.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub trace_id: Option<String>,
    /// Markdown, kept as it is and never made HTML here.
    #[schemars(length(min = 1, max = 5000), regex(pattern = NOT_BLANK))]
    pub content: String,
    /// The ids of members who are spoken to.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 64)))]
    pub mentions: Vec<String>,
}

/// What is to change of a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentChange {
    /// The new text; as it was when absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 5000), regex(pattern = NOT_BLANK))]
    pub content: Option<String>,
    /// Who is spoken to; as it was when absent.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 64)))]
    pub mentions: Option<Vec<String>>,
}

/// Whether a text can be the content of a comment. Control characters other than those of lines are refused.
pub fn check_comment(v: &mut Validator, field: &str, text: &str) {
    if text.trim().is_empty() {
        v.error(field, "must not be empty");
    } else if text.chars().count() > MAX_COMMENT {
        v.error(field, format!("must be at most {MAX_COMMENT} characters"));
    } else if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        v.error(field, "must not contain control characters");
    }
}

fn check_mentions(v: &mut Validator, mentions: &[String]) {
    v.texts("mentions", mentions, MAX_MENTIONS, 64);
}

impl Validate for CommentSpec {
    fn check(&self, v: &mut Validator) {
        v.name("object_id", &self.object_id, 1000);
        if let Some(trace) = &self.trace_id {
            v.name("trace_id", trace, 200);
            let fits = self.object_type == CommentObject::Observation;
            v.require(fits, "trace_id", "stands beside an observation only");
        }
        check_comment(v, "content", &self.content);
        check_mentions(v, &self.mentions);
    }
}

impl Validate for CommentChange {
    fn check(&self, v: &mut Validator) {
        if let Some(content) = &self.content {
            check_comment(v, "content", content);
        }
        if let Some(mentions) = &self.mentions {
            check_mentions(v, mentions);
        }
    }
}

/// A link to a trace as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareSpec {
    /// When it stops to work; in the future. Never, when absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether what went in and came out is shown, too.
    #[serde(default)]
    pub payloads: bool,
    /// What it is for, for those who see the list of links.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub note: String,
}

impl Validate for ShareSpec {
    fn check(&self, v: &mut Validator) {
        let fits = self.note.chars().count() <= 1000;
        v.require(fits, "note", "must be at most 1000 characters");
        let clean = !self
            .note
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        v.require(clean, "note", "must not contain control characters");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check<T: Validate + serde::de::DeserializeOwned>(spec: Value, fields: &[&str]) {
        let spec: T = serde_json::from_value(spec).unwrap();
        let errors = spec.validate().err().unwrap_or_default();
        let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn comments() {
        let good = json!({"object_type": "observation", "object_id": "o", "trace_id": "t", "content": "*so*\n\tit is"});
        check::<CommentSpec>(good, &[]);
        check::<CommentSpec>(
            json!({"object_type": "trace", "object_id": "", "trace_id": "t", "content": " \n", "mentions": ["a", ""]}),
            &["/object_id", "/trace_id", "/content", "/mentions/1"],
        );
        let exact = "é".repeat(MAX_COMMENT);
        check::<CommentChange>(json!({"content": exact}), &[]);
        check::<CommentChange>(json!({"content": format!("{exact}x")}), &["/content"]);
        check::<CommentChange>(json!({"content": "a\u{0}b"}), &["/content"]);
    }

    #[test]
    fn shares() {
        check::<ShareSpec>(json!({}), &[]);
        check::<ShareSpec>(json!({"note": "a\u{7}b"}), &["/note"]);
        check::<ShareSpec>(json!({"note": "x".repeat(1001)}), &["/note"]);
    }
}
