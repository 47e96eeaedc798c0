//! Label schemas: what people are asked, and what can be answered.

use crate::schema::NAME;
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most bytes of an answer in words.
const MAX_TEXT: usize = 10_000;
/// Most steps of a scale: each is a possible answer.
const MAX_STEPS: f64 = 10_000.0;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// A number from `min` to `max`.
    Numeric,
    /// One of `categories`.
    Categorical,
    /// Yes or no.
    Boolean,
    /// Words.
    Text,
}

/// What an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelTarget {
    /// The case as a whole.
    #[default]
    Case,
    /// A turn of the conversation, by its number from 0.
    Turn,
    /// An observation of the trace, by its id.
    Observation,
}

/// One of the answers that can be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What is answered.
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub label: String,
    /// When it is the right answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 1000))]
    pub description: String,
    /// What it is worth beside a metric's score, in `[0, 1]`; without it answers are not compared with scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub score: Option<f64>,
}

const fn on() -> bool {
    true
}

/// A label schema as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelSchemaSpec {
    /// Display name, unique in the workspace; answers go by it.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// How to answer: Markdown, shown to whoever does.
    #[serde(default)]
    #[schemars(length(max = 20000))]
    pub guidelines: String,
    /// What an answer is.
    pub kind: LabelKind,
    /// What an answer is about.
    #[serde(default)]
    pub target: LabelTarget,
    /// Whether it must be answered where it is about the case.
    #[serde(default = "on")]
    pub required: bool,
    /// The least number; of `numeric`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number; of `numeric`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// How far numbers are apart, from `min` on; any number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub step: Option<f64>,
    /// The answers to choose from; of `categorical`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub categories: Vec<Category>,
    /// Whether the categories stand in an order, from less to more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

impl LabelSchemaSpec {
    /// The ends of the scale, of numbers.
    #[must_use]
    pub fn scale(&self) -> Option<(f64, f64)> {
        match self.kind {
            LabelKind::Numeric => self.min.zip(self.max),
            _ => None,
        }
    }

    /// Why a value is no answer.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub fn accepts(&self, value: &Value) -> Result<(), String> {
        match self.kind {
            LabelKind::Numeric => self.accepts_number(value),
            LabelKind::Categorical => {
                let known = |text| self.categories.iter().any(|c| c.label == text);
                if value.as_str().is_some_and(known) {
                    return Ok(());
                }
                let labels: Vec<&str> = self.categories.iter().map(|c| c.label.as_str()).collect();
                Err(format!("must be one of {}", labels.join(", ")))
            }
            LabelKind::Boolean if value.is_boolean() => Ok(()),
            LabelKind::Boolean => Err("must be true or false".to_owned()),
            LabelKind::Text => match value.as_str() {
                None => Err("must be a text".to_owned()),
                Some(text) if text.trim().is_empty() => Err("must not be empty".to_owned()),
                Some(text) if text.len() > MAX_TEXT => {
                    Err(format!("must be at most {MAX_TEXT} bytes"))
                }
                Some(_) => Ok(()),
            },
        }
    }

    fn accepts_number(&self, value: &Value) -> Result<(), String> {
        let (min, max) = self.scale().unwrap_or((0.0, 0.0));
        let number = value.as_f64().ok_or("must be a number")?;
        if !(min..=max).contains(&number) {
            return Err(format!("must be between {min} and {max}"));
        }
        if let Some(step) = self.step {
            let steps = (number - min) / step;
            if (steps - steps.round()).abs() > 1e-6 {
                return Err(format!("must be {min} and so many times {step}"));
            }
        }
        Ok(())
    }

    /// What an answer is worth beside a metric's score, in `[0, 1]`; `None` where it cannot be compared with one.
    #[must_use]
    pub fn score_of(&self, value: &Value) -> Option<f64> {
        match self.kind {
            LabelKind::Numeric => {
                let (min, max) = self.scale()?;
                Some(((value.as_f64()? - min) / (max - min)).clamp(0.0, 1.0))
            }
            LabelKind::Categorical => {
                let text = value.as_str()?;
                self.categories.iter().find(|c| c.label == text)?.score
            }
            LabelKind::Boolean => Some(f64::from(value.as_bool()?)),
            LabelKind::Text => None,
        }
    }

    /// An answer's place among those that can be given, as a number that differs where answers do; `None` of words.
    #[must_use]
    pub fn place_of(&self, value: &Value) -> Option<f64> {
        match self.kind {
            LabelKind::Numeric => value.as_f64(),
            LabelKind::Categorical => {
                let text = value.as_str()?;
                let place = self.categories.iter().position(|c| c.label == text)?;
                Some(place as f64)
            }
            LabelKind::Boolean => Some(f64::from(value.as_bool()?)),
            LabelKind::Text => None,
        }
    }

    fn check_numbers(&self, v: &mut Validator) {
        if self.kind != LabelKind::Numeric {
            for (field, given) in [("min", self.min), ("max", self.max), ("step", self.step)] {
                v.require(given.is_none(), field, "stands beside `numeric` only");
            }
            return;
        }
        v.require(self.min.is_some(), "min", "is required for `numeric`");
        v.require(self.max.is_some(), "max", "is required for `numeric`");
        let Some((min, max)) = self.scale() else {
            return;
        };
        v.require(min < max, "max", "must be more than `min`");
        if let Some(step) = self.step {
            let fits = step > 0.0 && step <= max - min;
            v.require(fits, "step", "must be more than 0 and fit the scale");
            if fits {
                let few = (max - min) / step <= MAX_STEPS;
                v.require(few, "step", format!("must make at most {MAX_STEPS} steps"));
            }
        }
    }

    fn check_categories(&self, v: &mut Validator) {
        if self.kind != LabelKind::Categorical {
            v.require(
                self.categories.is_empty(),
                "categories",
                "stand beside `categorical` only",
            );
            v.require(!self.ordered, "ordered", "stands beside `categorical` only");
            return;
        }
        v.require(
            (2..=100).contains(&self.categories.len()),
            "categories",
            "must be 2 to 100",
        );
        let mut seen = BTreeSet::new();
        v.at("categories", |v| {
            for (i, category) in self.categories.iter().enumerate() {
                v.at(i, |v| {
                    category.check(v);
                    let new = seen.insert(category.label.as_str());
                    v.require(new, "label", "is used twice");
                });
            }
        });
    }
}

impl Validate for Category {
    fn check(&self, v: &mut Validator) {
        v.name("label", &self.label, 100);
        v.longest("description", &self.description, 1000);
        if let Some(score) = self.score {
            v.range("score", score, 0.0, 1.0);
        }
    }
}

impl Validate for LabelSchemaSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.longest("guidelines", &self.guidelines, 20_000);
        self.check_numbers(v);
        self.check_categories(v);
        v.texts("tags", &self.tags, 50, 200);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema(spec: Value) -> LabelSchemaSpec {
        serde_json::from_value(spec).unwrap()
    }

    #[track_caller]
    fn check(spec: Value, fields: &[&str]) {
        let errors = schema(spec).validate().err().unwrap_or_default();
        let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn schemas() {
        check(json!({"name": "n", "kind": "text"}), &[]);
        check(json!({"name": "n", "kind": "numeric"}), &["/min", "/max"]);
        check(
            json!({"name": "n", "kind": "numeric", "min": 1, "max": 1}),
            &["/max"],
        );
        check(
            json!({"name": "n", "kind": "numeric", "min": 1, "max": 5, "step": 9}),
            &["/step"],
        );
        check(
            json!({"name": "n", "kind": "numeric", "min": 0, "max": 1, "step": 1e-9}),
            &["/step"],
        );
        check(
            json!({"name": "n", "kind": "boolean", "min": 1, "ordered": true}),
            &["/min", "/ordered"],
        );
        check(
            json!({"name": "n", "kind": "categorical", "categories": [{"label": "a"}]}),
            &["/categories"],
        );
        check(
            json!({"name": "n", "kind": "categorical", "categories": [{"label": "a", "score": 2}, {"label": "a"}]}),
            &["/categories/0/score", "/categories/1/label"],
        );
    }

    #[test]
    fn answers() {
        let stars =
            schema(json!({"name": "n", "kind": "numeric", "min": 1, "max": 5, "step": 0.5}));
        for (value, fits) in [
            (json!(1), true),
            (json!(3.5), true),
            (json!(3.2), false),
            (json!(0.5), false),
            (json!("3"), false),
            (json!(true), false),
        ] {
            assert_eq!(stars.accepts(&value).is_ok(), fits, "{value}");
        }
        assert_eq!(stars.score_of(&json!(3)), Some(0.5));
        let colours = schema(json!({"name": "n", "kind": "categorical",
            "categories": [{"label": "bad", "score": 0}, {"label": "good", "score": 1}, {"label": "unsure"}]}));
        assert!(colours.accepts(&json!("good")).is_ok());
        assert!(colours.accepts(&json!("fine")).is_err());
        assert_eq!(colours.score_of(&json!("good")), Some(1.0));
        assert_eq!(colours.score_of(&json!("unsure")), None);
        assert_eq!(colours.place_of(&json!("unsure")), Some(2.0));
        let yes = schema(json!({"name": "n", "kind": "boolean"}));
        assert!(yes.accepts(&json!(false)).is_ok() && yes.accepts(&json!(0)).is_err());
        let words = schema(json!({"name": "n", "kind": "text"}));
        assert!(words.accepts(&json!("so")).is_ok() && words.accepts(&json!(" ")).is_err());
        assert!(words.accepts(&json!("x".repeat(MAX_TEXT + 1))).is_err());
    }
}
