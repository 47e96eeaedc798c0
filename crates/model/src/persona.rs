//! Personas: who a simulated user is, kept apart from what happens.
//!
//! The same type stands in the library and within a scenario, so that any scenario can be played by anyone.

use crate::schema::NAME;
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most facts of one person.
const MAX_FACTS: usize = 50;

/// When a person tells a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Unasked, as early as it fits.
    Upfront,
    /// When the agent asks for it, or when it decides the matter.
    #[default]
    WhenAsked,
    /// Only when asked again, or told why it is needed.
    Reluctantly,
    /// Not at all: to say it is a fault of whoever plays the person.
    Never,
}

/// Something a person knows, and when it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is, e.g. `The order number is A1001`.
    #[schemars(length(min = 1, max = 2000), regex(pattern = NAME))]
    pub text: String,
    /// When it is told.
    #[serde(default)]
    pub when: Disclosure,
}

impl Validate for Fact {
    fn check(&self, v: &mut Validator) {
        v.name("text", &self.text, 2000);
    }
}

/// How the model that plays a person comes to its next message; names are tau-bench's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// It writes the message.
    #[default]
    Plain,
    /// It writes what it thinks, then the message; the agent is shown the message alone.
    React,
    /// A second call accepts the draft or says what is wrong with it: at most three drafts.
    Verify,
    /// A second call criticises the draft, which is written anew: at most twice.
    Reflection,
}

impl Strategy {
    /// Whether it is the one that is meant when none is named.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A persona as a client writes it, in the library or within a scenario: it says who the user is, the scenario says what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaSpec {
    /// A first name or a role, e.g. `an impatient traveller`; in the library unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Who the person is, in free text.
    #[serde(default)]
    #[schemars(length(max = 20000))]
    pub description: String,
    /// What the person wants from any conversation.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 2000)))]
    pub goals: Vec<String>,
    /// Traits of character, e.g. `impatient`.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)))]
    pub traits: Vec<String>,
    /// How the person feels when the conversation begins, e.g. `worried`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 200))]
    pub mood: String,
    /// Language the person speaks: a BCP 47 tag or a name; the scenario's when empty.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub language: String,
    /// How the person sounds, e.g. `curt`.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub tone: String,
    /// How the person writes, e.g. `short lines, no capitals, typing errors`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 2000))]
    pub style: String,
    /// After how many unhelpful answers in a row the person gives up: 1 at once, 10 never.
    #[serde(default = "default_patience")]
    #[schemars(range(min = 1, max = 10))]
    pub patience: u32,
    /// What the person knows and will tell when asked, or when it matters.
    #[serde(default)]
    #[schemars(length(max = 20000))]
    pub knowledge: String,
    /// Facts in the order in which the person tells them, each with when it is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub disclosure: Vec<Fact>,
    /// How whoever plays the person comes to the next message.
    #[serde(default, skip_serializing_if = "Strategy::is_default")]
    pub strategy: Strategy,
    /// Id of a model of the workspace, which plays the person; the campaign's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub model: Option<String>,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

const fn default_patience() -> u32 {
    5
}

impl Default for PersonaSpec {
    /// A person without a name, of whom nothing is known.
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            goals: Vec::new(),
            traits: Vec::new(),
            mood: String::new(),
            language: String::new(),
            tone: String::new(),
            style: String::new(),
            patience: default_patience(),
            knowledge: String::new(),
            disclosure: Vec::new(),
            strategy: Strategy::default(),
            model: None,
            tags: Vec::new(),
        }
    }
}

impl Validate for PersonaSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 20_000);
        v.texts("goals", &self.goals, 20, 2000);
        v.texts("traits", &self.traits, 20, 200);
        v.longest("mood", &self.mood, 200);
        v.longest("language", &self.language, 100);
        v.longest("tone", &self.tone, 200);
        v.longest("style", &self.style, 2000);
        v.range("patience", self.patience, 1, 10);
        v.longest("knowledge", &self.knowledge, 20_000);
        v.require(
            self.disclosure.len() <= MAX_FACTS,
            "disclosure",
            format!("must have at most {MAX_FACTS} entries"),
        );
        v.each("disclosure", &self.disclosure);
        let mut seen = BTreeSet::new();
        v.at("disclosure", |v| {
            for (i, fact) in self.disclosure.iter().enumerate() {
                // Told at once and never told cannot both be kept to.
                let new = seen.insert(fact.text.trim().to_lowercase());
                v.at(i, |v| v.require(new, "text", "is there twice"));
            }
        });
        if let Some(model) = &self.model {
            v.name("model", model, 64);
        }
        v.texts("tags", &self.tags, 50, 200);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_every_wrong_field() {
        let fact = |text: &str| Fact {
            text: text.into(),
            when: Disclosure::Never,
        };
        let persona = PersonaSpec {
            goals: vec!["ok".into(), " ".into()],
            traits: vec!["x".repeat(201)],
            mood: "x".repeat(201),
            style: "x".repeat(2001),
            patience: 11,
            disclosure: vec![fact("The PIN is 4711"), fact(" "), fact("the pin is 4711")],
            ..PersonaSpec::default()
        };
        let errors = persona.validate().unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "/name",
                "/goals/1",
                "/traits/0",
                "/mood",
                "/style",
                "/patience",
                "/disclosure/1/text",
                "/disclosure/2/text"
            ]
        );
        let talkative = PersonaSpec {
            name: "Ada".into(),
            disclosure: (0..51).map(|i| fact(&format!("fact {i}"))).collect(),
            ..PersonaSpec::default()
        };
        assert_eq!(talkative.validate().unwrap_err()[0].field, "/disclosure");
    }

    #[test]
    fn what_was_written_before_is_read_and_comes_back() {
        // The library's fields, and those that a scenario's persona had.
        let library = json!({
            "name": "Ida", "description": "", "goals": ["a refund"], "traits": ["curt"], "language": "de",
            "tone": "dry", "patience": 5, "knowledge": "order 7",
        });
        let persona: PersonaSpec = serde_json::from_value(library.clone()).unwrap();
        assert_eq!(serde_json::to_value(&persona).unwrap(), library);
        let inline = json!({"name": "Ada", "description": "curt"});
        let persona: PersonaSpec = serde_json::from_value(inline).unwrap();
        assert_eq!((persona.patience, persona.strategy), (5, Strategy::Plain));
        assert!(serde_json::from_value::<PersonaSpec>(json!({"name": "a", "hat": 1})).is_err());
    }

    #[test]
    fn facts_are_told_when_asked_unless_they_say_otherwise() {
        let fact: Fact = serde_json::from_value(json!({"text": "x"})).unwrap();
        assert_eq!(fact.when, Disclosure::WhenAsked);
        let shown = json!({"text": "x", "when": "reluctantly"});
        let fact: Fact = serde_json::from_value(shown.clone()).unwrap();
        assert_eq!(serde_json::to_value(fact).unwrap(), shown);
    }
}
