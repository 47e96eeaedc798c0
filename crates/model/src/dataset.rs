//! Datasets: named lists of test items.

use crate::schema::{NAME, NOT_BLANK, object_or_null};
use crate::{
    Content, Message, MetricSpec, Part, ToolCall, Validate, Validator, check_audio, check_images,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
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
    #[schemars(schema_with = "said_or_null")]
    pub input: Option<Content>,
    /// The user's turns of a scripted conversation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "all_said")]
    pub turns: Vec<Content>,
    /// Messages that stand before the first turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Message>,
    /// The reference for the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<Content>,
    /// What the conversation should lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(inner(length(min = 1, max = 5000), regex(pattern = NOT_BLANK)))]
    pub expected_outcome: Option<String>,
    /// Ideal facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Content>,
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
    pub fn user_turns(&self) -> Vec<&Content> {
        if self.turns.is_empty() {
            self.input.iter().collect()
        } else {
            self.turns.iter().collect()
        }
    }

    /// Every content, with its field and, where that is a list, its place there.
    fn contents(&self) -> impl Iterator<Item = (&'static str, Option<usize>, &Content)> {
        let one = |field| move |content| (field, None, content);
        let listed = |field| move |(i, content)| (field, Some(i), content);
        let turns = self.turns.iter().enumerate().map(listed("turns"));
        let expected = self.expected_output.iter().map(one("expected_output"));
        let context = self.context.iter().enumerate().map(listed("context"));
        let input = self.input.iter().map(one("input"));
        input.chain(turns).chain(expected).chain(context)
    }
}

/// Most bytes one text of an item may have.
const MAX_TEXT: usize = 1 << 20;
/// Most turns of a scripted conversation.
const MAX_TURNS: usize = 100;

/// What somebody says: words, or a list of words and images.
fn said(generator: &mut SchemaGenerator) -> Schema {
    let part = generator.subschema_for::<Part>();
    json_schema!({
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": NOT_BLANK},
            {"type": "array", "items": part, "minItems": 1},
        ],
    })
}

fn said_or_null(generator: &mut SchemaGenerator) -> Schema {
    let said = said(generator);
    json_schema!({"anyOf": [said, {"type": "null"}]})
}

fn all_said(generator: &mut SchemaGenerator) -> Schema {
    let said = said(generator);
    json_schema!({"type": "array", "items": said, "maxItems": MAX_TURNS})
}

impl Validate for DatasetItem {
    fn check(&self, v: &mut Validator) {
        match (&self.input, self.turns.is_empty()) {
            (None, true) => v.error("input", "is required unless `turns` is given"),
            (Some(_), false) => v.error("turns", "cannot stand beside `input`"),
            _ => {}
        }
        v.require(
            self.turns.len() <= MAX_TURNS,
            "turns",
            "must have at most 100 entries",
        );
        for (field, place, content) in self.contents() {
            let check = |v: &mut Validator| {
                if matches!(field, "input" | "turns") {
                    let silent = content.trim().is_empty() && content.images().next().is_none();
                    v.require(!silent, "", "must not be empty");
                    v.require(content.len() <= MAX_TEXT, "", "must be at most 1 MiB");
                }
                content.check(v);
            };
            v.at(field, |v| match place {
                Some(place) => v.at(place, check),
                None => check(v),
            });
        }
        v.each("history", &self.history);
        let before = self.history.iter().map(|m| &m.content);
        if let Err(fault) = check_images(before.clone().flat_map(Content::images)) {
            v.error("history", fault);
        } else {
            let own = self.contents().map(|(.., content)| content);
            if let Err(fault) = check_images(before.chain(own).flat_map(Content::images)) {
                v.error("", fault);
            }
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
