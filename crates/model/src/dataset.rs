//! Datasets: named lists of test items.

use crate::schema::{NAME, NOT_BLANK, object_or_null};
use crate::{Message, MetricSpec, ToolCall, Validate, Validator, check_audio, check_images};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A dataset as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// Anything the client wants to keep.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub metadata: Value,
}

impl Validate for DatasetSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.require(
            self.description.len() <= 10_000,
            "description",
            "must be at most 10000 bytes",
        );
        v.require(
            self.metadata.is_null() || self.metadata.is_object(),
            "metadata",
            "must be an object",
        );
    }
}

/// One test item: what the user says, and what is expected.
///
/// Either `input` (one question) or `turns` (a scripted conversation, one entry a user turn) must be given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatasetItem {
    /// The client's own key, unique in the dataset; made from the position when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub key: Option<String>,
    /// The part of the dataset it belongs to, e.g. `train` or `test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), inner(regex(pattern = NAME)))]
    pub split: Option<String>,
    /// The one question of a single-turn item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_048_576), regex(pattern = NOT_BLANK))]
    pub input: Option<String>,
    /// The user's turns of a scripted conversation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 1_048_576), regex(pattern = NOT_BLANK)))]
    pub turns: Vec<String>,
    /// Messages that stand before the first turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Message>,
    /// The reference for the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<String>,
    /// What the conversation should lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(inner(length(min = 1, max = 5000), regex(pattern = NOT_BLANK)))]
    pub expected_outcome: Option<String>,
    /// Ideal facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// Tools the agent should call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_tools: Option<Vec<ToolCall>>,
    /// Metrics of this item alone, besides the campaign's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub metrics: Vec<MetricSpec>,
    /// Labels to filter by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<String>,
    /// Anything the client wants to keep.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub metadata: Value,
}

impl DatasetItem {
    /// The user's turns: `turns`, or `input` as the only one.
    #[must_use]
    pub fn user_turns(&self) -> Vec<&str> {
        if self.turns.is_empty() {
            self.input.iter().map(String::as_str).collect()
        } else {
            self.turns.iter().map(String::as_str).collect()
        }
    }
}

/// Most bytes one text of an item may have.
const MAX_TEXT: usize = 1 << 20;

impl Validate for DatasetItem {
    fn check(&self, v: &mut Validator) {
        match (&self.input, self.turns.is_empty()) {
            (None, true) => v.error("input", "is required unless `turns` is given"),
            (Some(_), false) => v.error("turns", "cannot stand beside `input`"),
            _ => {}
        }
        if let Some(input) = &self.input {
            v.require(!input.trim().is_empty(), "input", "must not be empty");
            v.require(input.len() <= MAX_TEXT, "input", "must be at most 1 MiB");
        }
        v.require(
            self.turns.len() <= 100,
            "turns",
            "must have at most 100 entries",
        );
        v.at("turns", |v| {
            for (i, turn) in self.turns.iter().enumerate() {
                v.require(!turn.trim().is_empty(), &i.to_string(), "must not be empty");
                v.require(
                    turn.len() <= MAX_TEXT,
                    &i.to_string(),
                    "must be at most 1 MiB",
                );
            }
        });
        v.each("history", &self.history);
        let images = self.history.iter().flat_map(|m| m.content.images());
        if let Err(fault) = check_images(images) {
            v.error("history", fault);
        }
        if let Err(fault) = check_audio(self.history.iter().filter_map(|m| m.audio.as_ref())) {
            v.error("history", fault);
        }
        if let Some(key) = &self.key {
            v.name("key", key, 200);
        }
        if let Some(split) = &self.split {
            v.name("split", split, 100);
        }
        if let Some(outcome) = &self.expected_outcome {
            let right = !outcome.trim().is_empty() && outcome.chars().count() <= 5000;
            let message = "must have from 1 to 5000 characters that are not all white space";
            v.require(right, "expected_outcome", message);
        }
        v.require(
            self.metrics.len() <= 50,
            "metrics",
            "must have at most 50 entries",
        );
        v.each("metrics", &self.metrics);
        if let Some(tools) = &self.expected_tools {
            v.at("expected_tools", |v| {
                for (i, tool) in tools.iter().enumerate() {
                    v.require(!tool.name.is_empty(), &format!("{i}"), "needs a `name`");
                }
            });
        }
        v.require(
            self.tags.len() <= 50,
            "tags",
            "must have at most 50 entries",
        );
        v.require(
            self.metadata.is_null() || self.metadata.is_object(),
            "metadata",
            "must be an object",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn images_of_a_history_are_checked() {
        let item = |urls: &[&str]| -> DatasetItem {
            let part = |url: &&str| json!({"type": "image_url", "image_url": {"url": url}});
            let content: Vec<Value> = urls.iter().map(part).collect();
            let history =
                json!([{"role": "user", "content": "Look."}, {"role": "user", "content": content}]);
            serde_json::from_value(json!({"input": "What is it?", "history": history})).unwrap()
        };
        let fields = |urls: &[&str]| -> Vec<String> {
            let faults = item(urls).validate().err().unwrap_or_default();
            faults.into_iter().map(|f| f.field).collect()
        };
        assert!(fields(&["https://example.com/a.png"]).is_empty());
        assert_eq!(
            fields(&["https://example.com/a.png", "ftp://example.com"]),
            ["/history/1/content/1/image_url/url"]
        );
        assert_eq!(fields(&["https://example.com/a.png"; 21]), ["/history"]);
    }
}
