//! Scenarios: a situation in which a simulated person talks to the agent.

use crate::schema::{NAME, NOT_BLANK};
use crate::{
    DatasetItem, EnvironmentSpec, GoalState, MetricSpec, PersonaSpec, ScenarioGraph, Validate,
    Validator,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who takes the user's turns that are not given word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlayedBy {
    /// A model that plays the persona.
    #[default]
    Model,
    /// A person, who is asked for each message.
    Person,
}

impl PlayedBy {
    /// Whether it is the one that is meant when none is named.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
    pub persona: Option<PersonaSpec>,
    /// Who takes the user's turns that are not given word for word.
    #[serde(skip_serializing_if = "PlayedBy::is_default")]
    pub played_by: PlayedBy,
    /// Most turns of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub max_turns: Option<u32>,
    /// The user stops when the agent's answer contains one of these, ignoring case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(length(min = 1)))]
    pub stop_phrases: Vec<String>,
    /// The agent ends the conversation by saying one of these, ignoring case, e.g. `this chat is closed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 2000), regex(pattern = NOT_BLANK)))]
    pub end_phrases: Vec<String>,
    /// What holds of the conversation once the user has what it came for: a judge can end the conversation by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(inner(length(min = 1, max = 5000), regex(pattern = NOT_BLANK)))]
    pub expected_outcome: Option<String>,
    /// The world that the agent's tools act in. Its tools are offered to the agent beside its own, and run on a copy of its
    /// state that belongs to the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentSpec>,
    /// What must have become of the environment, and been said, when the run ends. It is scored as `goal_state`, 1 or 0, by
    /// comparison and without a judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_state: Option<GoalState>,
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
            turns: self.script.iter().map(Into::into).collect(),
            expected_output: self.expected_output.as_ref().map(Into::into),
            metrics: self.metrics.clone(),
            tags: self.tags.clone(),
            ..DatasetItem::default()
        }
    }

    /// Whether a model must play the user.
    #[must_use]
    pub fn needs_persona_model(&self) -> bool {
        let played = match &self.graph {
            Some(graph) => graph.needs_persona(),
            None => self.script.is_empty(),
        };
        played && self.played_by == PlayedBy::Model
    }

    /// The scenario as `persona` meets it. Who speaks no language of its own speaks the one of the scenario's persona. A script
    /// is said word for word, whoever says it.
    #[must_use]
    pub fn with_persona(mut self, mut persona: PersonaSpec) -> Self {
        if persona.language.trim().is_empty()
            && let Some(own) = &self.persona
        {
            persona.language.clone_from(&own.language);
        }
        self.persona = Some(persona);
        self
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
        let by_model = self.played_by == PlayedBy::Model;
        v.require(
            by_model || self.script.is_empty(),
            "played_by",
            "cannot be a person beside `script`",
        );
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
            v.at("persona", |v| p.check(v));
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
        v.require(
            self.end_phrases.len() <= 50,
            "end_phrases",
            "must have at most 50 entries",
        );
        v.at("end_phrases", |v| {
            for (i, phrase) in self.end_phrases.iter().enumerate() {
                v.require(
                    says_something(phrase, 2000),
                    &i.to_string(),
                    "must have 1 to 2000 characters, not all of them blank",
                );
            }
        });
        let outcome = self.expected_outcome.as_deref();
        v.require(
            outcome.is_none_or(|text| says_something(text, 5000)),
            "expected_outcome",
            "must have 1 to 5000 characters, not all of them blank",
        );
        v.each("metrics", &self.metrics);
    }
}

fn says_something(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(scenario: &ScenarioSpec) -> Vec<String> {
        let errors = scenario.validate().err().unwrap_or_default();
        errors.into_iter().map(|e| e.field).collect()
    }

    fn played() -> ScenarioSpec {
        ScenarioSpec {
            name: "Late parcel".into(),
            goal: "a refund".into(),
            persona: Some(PersonaSpec {
                name: "Ada".into(),
                language: "vi".into(),
                ..PersonaSpec::default()
            }),
            ..ScenarioSpec::default()
        }
    }

    #[test]
    fn names_every_wrong_field() {
        assert!(fields(&played()).is_empty());
        let wrong = ScenarioSpec {
            persona: Some(PersonaSpec {
                patience: 0,
                ..PersonaSpec::default()
            }),
            end_phrases: vec!["bye".into(), " ".into()],
            expected_outcome: Some("x".repeat(5001)),
            ..played()
        };
        let expected = [
            "/persona/name",
            "/persona/patience",
            "/end_phrases/1",
            "/expected_outcome",
        ];
        assert_eq!(fields(&wrong), expected);
        let many = ScenarioSpec {
            end_phrases: vec!["bye".into(); 51],
            ..played()
        };
        assert_eq!(fields(&many), ["/end_phrases"]);
    }

    #[test]
    fn a_person_needs_no_persona_but_reads_no_script() {
        let person = ScenarioSpec {
            name: "x".into(),
            played_by: PlayedBy::Person,
            ..ScenarioSpec::default()
        };
        assert!(fields(&person).is_empty());
        let model = ScenarioSpec {
            played_by: PlayedBy::Model,
            ..person.clone()
        };
        assert_eq!(fields(&model), ["/goal", "/persona"]);
        let scripted = ScenarioSpec {
            script: vec!["hi".into()],
            ..person
        };
        assert_eq!(fields(&scripted), ["/played_by"]);
    }

    #[test]
    fn anyone_can_play_any_scenario() {
        let silent = PersonaSpec {
            name: "Bob".into(),
            ..PersonaSpec::default()
        };
        let german = PersonaSpec {
            language: "de".into(),
            ..silent.clone()
        };
        let language = |scenario: ScenarioSpec| scenario.persona.map(|p| p.language);
        assert_eq!(
            language(played().with_persona(silent.clone())).as_deref(),
            Some("vi")
        );
        assert_eq!(
            language(played().with_persona(german)).as_deref(),
            Some("de")
        );
        let bare = ScenarioSpec::default().with_persona(silent);
        assert_eq!(bare.persona.map(|p| p.name).as_deref(), Some("Bob"));
    }

    #[test]
    fn what_was_written_before_is_read_and_nothing_new_is_said() {
        let before = json!({
            "name": "n", "situation": "s", "goal": "g", "persona": {"name": "Ada", "description": "curt"},
        });
        let scenario: ScenarioSpec = serde_json::from_value(before).unwrap();
        assert!(fields(&scenario).is_empty());
        let shown = serde_json::to_value(&scenario).unwrap();
        for new in [
            "played_by",
            "end_phrases",
            "expected_outcome",
            "environment",
            "goal_state",
        ] {
            assert!(shown.get(new).is_none(), "{new}");
        }
        let person: ScenarioSpec =
            serde_json::from_value(json!({"name": "n", "played_by": "person"})).unwrap();
        assert_eq!(person.played_by, PlayedBy::Person);
    }
}
