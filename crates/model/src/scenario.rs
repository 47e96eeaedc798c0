//! Scenarios: a situation in which a simulated person talks to the agent.

use crate::schema::{NAME, NOT_BLANK};
use crate::{DatasetItem, MetricSpec, ScenarioGraph, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who the simulated user is. Kept apart from the scenario: the persona says who, the scenario says what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Persona {
    /// A first name or a role, e.g. `an impatient traveller`.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Traits, mood, style, knowledge, in free text.
    #[schemars(length(max = 20000))]
    pub description: String,
    /// Language the persona speaks (BCP 47 tag or a name); the scenario's when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
}

/// A scenario as a client writes it. With `script` it is deterministic; otherwise a model plays the persona.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScenarioSpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// The situation, told to whoever plays the user.
    #[schemars(length(max = 20000))]
    pub situation: String,
    /// What the user wants to reach; the conversation ends when it is reached.
    #[schemars(length(max = 5000))]
    pub goal: String,
    /// What the user says first, word for word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<String>,
    /// The user's turns, word for word: a scripted user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1), regex(pattern = NOT_BLANK)))]
    pub script: Vec<String>,
    /// The course, node by node, in place of `script`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph: Option<ScenarioGraph>,
    /// Who the user is; needed unless `script` is given, or a graph whose persona says everything word for word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<Persona>,
    /// Most turns of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub max_turns: Option<u32>,
    /// The user stops when the agent's answer contains one of these, ignoring case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(length(min = 1)))]
    pub stop_phrases: Vec<String>,
    /// What is expected: the same fields as of a dataset item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<String>,
    /// Metrics of this scenario, besides the campaign's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricSpec>,
    /// Labels to filter by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl ScenarioSpec {
    /// The scenario as a test item, when it is scripted; a persona has no script.
    #[must_use]
    pub fn to_item(&self) -> DatasetItem {
        DatasetItem {
            turns: self.script.clone(),
            expected_output: self.expected_output.clone(),
            metrics: self.metrics.clone(),
            tags: self.tags.clone(),
            ..DatasetItem::default()
        }
    }
}

impl ScenarioSpec {
    /// Whether a model must play the user.
    #[must_use]
    pub fn needs_persona_model(&self) -> bool {
        match &self.graph {
            Some(graph) => graph.needs_persona(),
            None => self.script.is_empty(),
        }
    }
}

impl Validate for ScenarioSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.require(
            self.situation.len() <= 20_000,
            "situation",
            "must be at most 20000 bytes",
        );
        v.require(
            self.goal.len() <= 5_000,
            "goal",
            "must be at most 5000 bytes",
        );
        if let Some(graph) = &self.graph {
            v.at("graph", |v| graph.check(v));
            let alone = self.script.is_empty() && self.opening.is_none();
            v.require(alone, "graph", "cannot stand beside `script` or `opening`");
        }
        if self.needs_persona_model() {
            v.require(
                !self.goal.trim().is_empty(),
                "goal",
                "is required where a model plays the user",
            );
            if self.persona.is_none() {
                v.error("persona", "is required where a model plays the user");
            }
        }
        if let Some(p) = &self.persona {
            v.at("persona", |v| {
                v.name("name", &p.name, 200);
                v.require(
                    p.description.len() <= 20_000,
                    "description",
                    "must be at most 20000 bytes",
                );
            });
        }
        v.require(
            self.script.len() <= 100,
            "script",
            "must have at most 100 entries",
        );
        v.at("script", |v| {
            for (i, turn) in self.script.iter().enumerate() {
                v.require(!turn.trim().is_empty(), &i.to_string(), "must not be empty");
            }
        });
        if let Some(n) = self.max_turns {
            v.range("max_turns", n, 1, 100);
        }
        v.require(
            self.stop_phrases.iter().all(|p| !p.is_empty()),
            "stop_phrases",
            "must not be empty strings",
        );
        v.each("metrics", &self.metrics);
    }
}
