//! Prompts: a text or chat messages, with variables in `{{ }}`.

use crate::schema::{NAME, object_or_null};
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// One entry of a chat prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ChatEntry {
    /// A message.
    Message(ChatText),
    /// A place that the caller fills with messages.
    Placeholder(ChatPlaceholder),
}

/// A message of a chat prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatText {
    /// `chatmessage`, or absent.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ChatTextKind>,
    /// Who speaks: `system`, `user`, `assistant`, or a role of the client's own.
    #[schemars(length(min = 1, max = 100))]
    pub role: String,
    /// What is said.
    pub content: String,
}

/// How a message names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChatTextKind {
    /// A message.
    ChatMessage,
}

/// A place that the caller fills with messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatPlaceholder {
    /// `placeholder`.
    #[serde(rename = "type")]
    pub kind: PlaceholderKind,
    /// The place's name.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
}

/// How a placeholder names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaceholderKind {
    /// A placeholder.
    Placeholder,
}

/// What a prompt consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PromptContent {
    /// One text.
    Text(String),
    /// Chat messages.
    Chat(Vec<ChatEntry>),
}

/// A prompt as a client writes it. Each change makes a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// A text, or a list of chat messages.
    pub prompt: PromptContent,
    /// Settings of the model that go with it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub config: Value,
    /// Why this version was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub commit_message: Option<String>,
    /// Labels to filter by; not those that name versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

/// Most bytes of a prompt's text.
const MAX: usize = 1 << 20;

impl PromptContent {
    /// Whether it is chat messages.
    #[must_use]
    pub const fn is_chat(&self) -> bool {
        matches!(self, Self::Chat(_))
    }

    /// The names in `{{ }}`, sorted.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        match self {
            Self::Text(text) => variables(text, &mut names),
            Self::Chat(entries) => {
                for entry in entries {
                    if let ChatEntry::Message(message) = entry {
                        variables(&message.content, &mut names);
                    }
                }
            }
        }
        names.into_iter().collect()
    }
}

/// Names of letters, digits, `_`, `-` and `.` within double braces; anything else in braces is text.
fn variables(text: &str, names: &mut BTreeSet<String>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((inside, _)) = after.split_once("}}") else {
            return;
        };
        let name = inside.trim();
        let fits = name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !name.is_empty() && fits {
            names.insert(name.to_owned());
        }
        // Only past the braces: `{{ {{x}}` has a name within.
        rest = after;
    }
}

impl Validate for PromptSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        match &self.prompt {
            PromptContent::Text(text) => {
                v.require(!text.is_empty(), "prompt", "must not be empty");
                v.longest("prompt", text, MAX);
            }
            PromptContent::Chat(entries) => {
                v.require(
                    (1..=200).contains(&entries.len()),
                    "prompt",
                    "must have 1 to 200 messages",
                );
                v.at("prompt", |v| {
                    for (i, entry) in entries.iter().enumerate() {
                        v.at(i, |v| match entry {
                            ChatEntry::Message(m) => {
                                v.name("role", &m.role, 100);
                                v.longest("content", &m.content, MAX);
                            }
                            ChatEntry::Placeholder(p) => v.name("name", &p.name, 200),
                        });
                    }
                });
            }
        }
        v.object("config", &self.config);
        if let Some(message) = &self.commit_message {
            v.longest("commit_message", message, 1000);
        }
        v.texts("tags", &self.tags, 50, 200);
    }
}

/// Moves a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelMove {
    /// The version that the label shall name.
    #[schemars(range(min = 1))]
    pub version: i64,
}

/// Whether a text can be a label: lower-case letters, digits, `_`, `-` and `.`.
#[must_use]
pub fn is_label(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(prompt: Value, names: &[&str]) {
        let prompt: PromptContent = serde_json::from_value(prompt).unwrap();
        assert_eq!(prompt.variables(), names);
    }

    #[test]
    fn variables_are_found_and_sorted() {
        check(
            json!("Hi {{ name }}, {{city}} {{name}} {{ a b }} {{}} {{open"),
            &["city", "name"],
        );
        check(json!("{{ {{x}}"), &["x"]);
        check(
            json!([{"role": "system", "content": "{{a}}"}, {"type": "placeholder", "name": "history"}, {"role": "user", "content": "{{b.c}}"}]),
            &["a", "b.c"],
        );
    }

    #[test]
    fn messages_are_echoed_as_they_came() {
        let chat = json!([{"role": "system", "content": "x"}, {"type": "placeholder", "name": "h"}, {"type": "chatmessage", "role": "user", "content": "y"}]);
        let read: PromptContent = serde_json::from_value(chat.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), chat);
    }

    #[test]
    fn labels() {
        assert!(is_label("production") && is_label("v1.2-rc_3"));
        assert!(!is_label("") && !is_label("Latest") && !is_label("a b"));
    }
}
