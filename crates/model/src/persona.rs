//! Personas: who a simulated user is, kept apart from what happens.

use crate::schema::NAME;
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A persona as a client writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaSpec {
    /// A first name or a role, unique in the workspace.
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
    /// Language the person speaks: a BCP 47 tag or a name; the scenario's when empty.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub language: String,
    /// How the person sounds, e.g. `curt`.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub tone: String,
    /// How much the person puts up with: 1 gives up at once, 10 never does.
    #[serde(default = "default_patience")]
    #[schemars(range(min = 1, max = 10))]
    pub patience: u32,
    /// What the person knows and will tell when asked.
    #[serde(default)]
    #[schemars(length(max = 20000))]
    pub knowledge: String,
    /// Id of the model that plays the person; the campaign's when absent.
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

impl Validate for PersonaSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 20_000);
        v.texts("goals", &self.goals, 20, 2000);
        v.texts("traits", &self.traits, 20, 200);
        v.longest("language", &self.language, 100);
        v.longest("tone", &self.tone, 200);
        v.range("patience", self.patience, 1, 10);
        v.longest("knowledge", &self.knowledge, 20_000);
        if let Some(model) = &self.model {
            v.name("model", model, 64);
        }
        v.texts("tags", &self.tags, 50, 200);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_wrong_field() {
        let persona = PersonaSpec {
            name: String::new(),
            description: String::new(),
            goals: vec!["ok".into(), " ".into()],
            traits: vec!["x".repeat(201)],
            language: String::new(),
            tone: String::new(),
            patience: 11,
            knowledge: String::new(),
            model: None,
            tags: Vec::new(),
        };
        let errors = persona.validate().unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["/name", "/goals/1", "/traits/0", "/patience"]);
    }
}
