//! Knowledge bases, and what is known of the documents in them.

use crate::schema::{HTTP_URL, NAME, object_or_null};
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A knowledge base as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeBaseSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
    /// Anything the client wants to keep.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub metadata: Value,
}

impl Validate for KnowledgeBaseSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.texts("tags", &self.tags, 50, 200);
        v.object("metadata", &self.metadata);
    }
}

/// Where a document is on its way into its knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// It is known, and nothing was made of it.
    #[default]
    Pending,
    /// It can be searched.
    Ready,
    /// It could not be read.
    Failed,
}

/// What is known of a document, as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentSpec {
    /// File name or title, unique in its knowledge base.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// Its media type, e.g. `application/pdf`.
    #[schemars(
        length(max = 200),
        regex(pattern = "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")
    )]
    pub media_type: String,
    /// Its size in bytes.
    #[serde(default)]
    #[schemars(range(max = 1_099_511_627_776_u64))]
    pub size: u64,
    /// SHA-256 of its bytes, 64 hex digits in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: Option<String>,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(regex(pattern = HTTP_URL)))]
    pub source_url: Option<String>,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
    /// Where it is on its way.
    #[serde(default)]
    pub status: DocumentStatus,
    /// Anything the client wants to keep.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub metadata: Value,
}

/// A kind and a sub-kind of the letters that RFC 6838 allows.
fn is_media_type(text: &str) -> bool {
    let word = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    text.len() <= 200
        && text
            .split_once('/')
            .is_some_and(|(kind, sub)| word(kind) && word(sub))
}

impl Validate for DocumentSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.require(
            is_media_type(&self.media_type),
            "media_type",
            "must be a media type, e.g. `application/pdf`",
        );
        v.range("size", self.size, 0, 1 << 40);
        let hex =
            |s: &String| s.len() == 64 && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        v.require(
            self.sha256.as_ref().is_none_or(hex),
            "sha256",
            "must be 64 hex digits in lower case",
        );
        if let Some(url) = &self.source_url {
            v.http_url("source_url", url);
        }
        v.texts("tags", &self.tags, 50, 200);
        v.object("metadata", &self.metadata);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        for (text, ok) in [
            ("application/pdf", true),
            ("image/svg+xml", true),
            ("pdf", false),
            ("a/b/c", false),
            ("text/plain; charset=utf-8", false),
            ("/x", false),
        ] {
            assert_eq!(is_media_type(text), ok, "{text}");
        }
    }
}
