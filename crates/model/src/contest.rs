//! Several answers to the same question, of which a judge picks the best.

use crate::schema::NAME;
use crate::{JudgeAnswer, TestCase, TokenUsage, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most contestants.
pub const MAX_CONTESTANTS: usize = 10;

/// What of a case the judge can see.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ContestField {
    /// What the user said; the same for all.
    Input,
    /// The reference answer; the same for all.
    ExpectedOutput,
    /// What the contestant answered.
    ActualOutput,
    /// Ideal facts.
    Context,
    /// What the contestant retrieved.
    RetrievalContext,
    /// The tools that it called.
    ToolsCalled,
    /// All that was said.
    Conversation,
}

impl ContestField {
    /// The name on the wire, which is that of a field of the case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::ExpectedOutput => "expected_output",
            Self::ActualOutput => "actual_output",
            Self::Context => "context",
            Self::RetrievalContext => "retrieval_context",
            Self::ToolsCalled => "tools_called",
            Self::Conversation => "conversation",
        }
    }

    /// Whether all contestants have the same.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Input | Self::ExpectedOutput)
    }
}

/// One of those that are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contestant {
    /// Its name, unique in the contest. The judge does not see it.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// What it did.
    #[serde(deserialize_with = "crate::object")]
    pub case: TestCase,
}

/// A comparison of several answers to the same question, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestSpec {
    /// What makes one better than another. Needed unless `evaluation_steps` are given.
    #[serde(default)]
    #[schemars(length(max = 20_000))]
    pub criteria: String,
    /// How to compare, step by step; made from `criteria` when absent.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 5000)))]
    pub evaluation_steps: Vec<String>,
    /// What of the cases the judge sees.
    #[serde(default = "default_fields")]
    #[schemars(length(min = 1))]
    pub fields: BTreeSet<ContestField>,
    /// Those that are compared, with the same `input` and `expected_output`.
    #[schemars(length(min = 2, max = 10))]
    pub contestants: Vec<Contestant>,
    /// Decides the order in which the judge sees them, and the names under which it does.
    #[serde(default)]
    #[schemars(range(max = i64::MAX))]
    pub seed: u64,
}

fn default_fields() -> BTreeSet<ContestField> {
    BTreeSet::from([ContestField::Input, ContestField::ActualOutput])
}

impl Validate for ContestSpec {
    fn check(&self, v: &mut Validator) {
        let basis = !self.criteria.trim().is_empty() || !self.evaluation_steps.is_empty();
        v.require(
            basis,
            "criteria",
            "is required unless `evaluation_steps` are given",
        );
        v.longest("criteria", &self.criteria, 20_000);
        v.texts("evaluation_steps", &self.evaluation_steps, 50, 5000);
        v.require(
            self.fields.iter().any(|field| !field.is_shared()),
            "fields",
            "must have one in which the contestants may differ",
        );
        v.range("seed", self.seed, 0, i64::MAX.unsigned_abs());
        v.require(
            (2..=MAX_CONTESTANTS).contains(&self.contestants.len()),
            "contestants",
            format!("must be 2 to {MAX_CONTESTANTS}"),
        );
        let first = self.contestants.first();
        let mut names = BTreeSet::new();
        v.at("contestants", |v| {
            for (i, one) in self.contestants.iter().enumerate() {
                let fresh = names.insert(one.name.as_str());
                v.at(i, |v| {
                    v.name("name", &one.name, 200);
                    v.require(fresh, "name", "is that of another contestant");
                    v.at("case", |v| {
                        one.case.check(v);
                        self.check_case(&one.case, first.map(|first| &first.case), v);
                    });
                });
            }
        });
    }
}

impl ContestSpec {
    fn check_case(&self, case: &TestCase, first: Option<&TestCase>, v: &mut Validator) {
        let Some(first) = first else { return };
        let same = "must be the same for all contestants";
        v.require(case.input == first.input, "input", same);
        v.require(
            case.expected_output == first.expected_output,
            "expected_output",
            same,
        );
        // Whoever gave no answer is compared as well: that is worse than any.
        if self.fields.contains(&ContestField::ExpectedOutput) {
            v.require(
                case.expected_output.is_some(),
                "expected_output",
                "is required, as `fields` has it",
            );
        }
    }
}

/// How a contest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContestStatus {
    /// One is the best.
    Won,
    /// None is better than the others, or the judge's choice depends on the order in which it sees them.
    Tied,
    /// The judge could not be asked, or gave no answer that can be used.
    Error,
}

/// A contestant as the judge saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContestPlace {
    /// The name under which the judge saw it.
    pub alias: String,
    /// Its own name.
    pub name: String,
}

/// One choice of the judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ballot {
    /// The order in which it saw the contestants.
    pub order: Vec<ContestPlace>,
    /// Whom it chose; none of them when absent.
    pub winner: Option<String>,
    /// Why, in its words, by the names that it knew.
    pub reason: String,
}

/// What came of a contest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContestResult {
    /// How it ended.
    pub status: ContestStatus,
    /// The best, present exactly when `status` is won.
    pub winner: Option<String>,
    /// Why, for a person.
    pub reason: String,
    /// What the order and the aliases came from.
    pub seed: u64,
    /// The judge's choices: two of two contestants, in both orders; one of more.
    pub ballots: Vec<Ballot>,
    /// Model that judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// Every answer of the judge in the order in which they came.
    pub judge_answers: Vec<JudgeAnswer>,
    /// Tokens the judge spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// What the judge cost, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(spec: Value, expected: &[&str]) {
        let parsed: ContestSpec = serde_json::from_value(spec.clone()).unwrap();
        let found = parsed.validate().err().unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, expected, "{spec}");
    }

    fn one(name: &str, input: &str) -> Value {
        json!({"name": name, "case": {"input": input, "actual_output": "a"}})
    }

    #[test]
    fn every_wrong_field_is_named() {
        let two = json!([one("a", "q"), one("b", "q")]);
        check(json!({"criteria": "c", "contestants": two}), &[]);
        check(json!({"evaluation_steps": ["s"], "contestants": two}), &[]);
        check(json!({"contestants": two}), &["/criteria"]);
        check(
            json!({"criteria": "c", "contestants": two, "fields": ["input"]}),
            &["/fields"],
        );
        check(
            json!({"criteria": "c", "contestants": [one("a", "q")]}),
            &["/contestants"],
        );
        let many: Vec<Value> = (0..11).map(|i| one(&i.to_string(), "q")).collect();
        check(
            json!({"criteria": "c", "contestants": many}),
            &["/contestants"],
        );
        check(
            json!({"criteria": "c", "contestants": [one("a", "q"), one("a", "other")]}),
            &["/contestants/1/name", "/contestants/1/case/input"],
        );
        check(
            json!({"criteria": "c", "contestants": two, "fields": ["actual_output", "expected_output"]}),
            &[
                "/contestants/0/case/expected_output",
                "/contestants/1/case/expected_output",
            ],
        );
        check(
            json!({"criteria": "c", "contestants": [one(" ", "q"), one("b", "q")], "seed": u64::MAX}),
            &["/seed", "/contestants/0/name"],
        );
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for field in [
            ContestField::Input,
            ContestField::ExpectedOutput,
            ContestField::ActualOutput,
            ContestField::Context,
            ContestField::RetrievalContext,
            ContestField::ToolsCalled,
            ContestField::Conversation,
        ] {
            assert_eq!(json!(field), json!(field.as_str()));
        }
    }
}
