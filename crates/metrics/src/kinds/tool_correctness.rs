//! `tool_correctness`: the agent called the tools it should have called. DeepEval's `ToolCorrectnessMetric`.
//!
//! Two calls match by name, weighted by how alike their arguments are when those are compared, and not at all when outputs
//! are compared and differ. By default each expected call takes the best call that no other has taken; with
//! `consider_ordering` the heaviest common subsequence counts; with `exact_match` the lists must agree place by place.
//!
//! Upstream remembers taken calls by value, so that two equal expected calls cannot take two equal actual ones (0.5 where 1 is
//! meant); here they are remembered by place.

use super::read_params;
use crate::json_equal;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, ToolCall};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) struct ToolCorrectness;

/// Most calls of either list that are compared; the work grows with the product.
pub(crate) const MAX_CALLS: usize = 1000;

/// How calls are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Whether arguments count.
    pub input_parameters: bool,
    /// Whether outputs count.
    pub output: bool,
    /// Whether the order counts.
    pub consider_ordering: bool,
    /// Whether the lists must agree place by place. Goes before `consider_ordering`.
    pub exact_match: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aspect {
    InputParameters,
    Output,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    evaluate: Vec<Aspect>,
    consider_ordering: bool,
    exact_match: bool,
}

/// A call as a person reads it: with its arguments where they are compared.
fn show(call: &ToolCall, arguments: bool) -> String {
    if !arguments || call.input_parameters.is_null() {
        return call.name.clone();
    }
    let text = call.input_parameters.to_string();
    let cut: String = text.chars().take(200).collect();
    format!("{}({cut})", call.name)
}

impl Metric for ToolCorrectness {
    fn about(&self) -> About {
        About {
            name: "Tool correctness",
            description: "The share of expected tool calls that the agent made, compared by name and, when asked for, by \
                          arguments and output.",
            required_fields: &["tools_called", "expected_tools"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "evaluate": {"type": "array", "uniqueItems": true, "items": {"enum": ["input_parameters", "output"]},
                        "default": [], "description": "What is compared besides the tool's name."},
                    "consider_ordering": {"type": "boolean", "default": false, "description": "The order counts."},
                    "exact_match": {"type": "boolean", "default": false, "description": "The lists must agree place by place."},
                },
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let comparison = Comparison {
            input_parameters: params.evaluate.contains(&Aspect::InputParameters),
            output: params.evaluate.contains(&Aspect::Output),
            consider_ordering: params.consider_ordering,
            exact_match: params.exact_match,
        };
        let expected = case.expected_tools.as_deref().unwrap_or_default();
        if expected.len() > MAX_CALLS || case.tools_called.len() > MAX_CALLS {
            return Plan::Error(format!(
                "more than {MAX_CALLS} tool calls cannot be compared"
            ));
        }
        let score = tool_correctness(&case.tools_called, expected, comparison);
        let names = |calls: &[ToolCall]| {
            let shown = calls.iter().take(20);
            shown
                .map(|call| show(call, comparison.input_parameters))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (expected, called) = (names(expected), names(&case.tools_called));
        Plan::Scored(Scored::certain(
            score,
            format!("expected calls of [{expected}], got [{called}]"),
        ))
    }
}

/// How well `called` agrees with `expected`, in `[0, 1]`. Nothing expected and nothing called is 1; something called where
/// nothing was expected is 0.
#[must_use]
pub fn tool_correctness(called: &[ToolCall], expected: &[ToolCall], comparison: Comparison) -> f64 {
    match (called.is_empty(), expected.is_empty()) {
        (true, true) => return 1.0,
        (false, true) => return 0.0,
        _ => {}
    }
    if comparison.exact_match {
        let agree = |(e, c): (&ToolCall, &ToolCall)| alike(e, c, comparison) >= 1.0;
        let all = called.len() == expected.len() && expected.iter().zip(called).all(agree);
        return if all { 1.0 } else { 0.0 };
    }
    let weight = if comparison.consider_ordering {
        heaviest_subsequence(called, expected, comparison)
    } else {
        greedy(called, expected, comparison)
    };
    // Shares of many keys may sum up to a hair above one.
    (weight / expected.len() as f64).clamp(0.0, 1.0)
}

fn greedy(called: &[ToolCall], expected: &[ToolCall], comparison: Comparison) -> f64 {
    let mut free: Vec<&ToolCall> = called.iter().collect();
    let mut sum = 0.0;
    for e in expected {
        let mut best: Option<(usize, f64)> = None;
        for (at, c) in free.iter().enumerate() {
            let weight = alike(e, c, comparison);
            if weight > best.map_or(0.0, |(_, w)| w) {
                best = Some((at, weight));
            }
        }
        if let Some((at, weight)) = best {
            free.remove(at);
            sum += weight;
        }
    }
    sum
}

/// Weight of the heaviest common subsequence; one row of the table is kept.
fn heaviest_subsequence(called: &[ToolCall], expected: &[ToolCall], comparison: Comparison) -> f64 {
    let mut row = vec![0.0_f64; called.len() + 1];
    for e in expected {
        let (mut diagonal, mut left) = (0.0, 0.0);
        for (cell, c) in row.iter_mut().skip(1).zip(called) {
            let above = *cell;
            left = f64::max(diagonal + alike(e, c, comparison), f64::max(above, left));
            (diagonal, *cell) = (above, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// How alike two calls are, in `[0, 1]`.
fn alike(expected: &ToolCall, called: &ToolCall, comparison: Comparison) -> f64 {
    if expected.name != called.name {
        return 0.0;
    }
    if comparison.output && !option_equal(expected.output.as_ref(), called.output.as_ref()) {
        return 0.0;
    }
    if !comparison.input_parameters {
        return 1.0;
    }
    // A call without arguments and one with an empty object of them are the same.
    match (
        arguments(&expected.input_parameters),
        arguments(&called.input_parameters),
    ) {
        (Some(e), Some(c)) => likeness(e, c),
        _ if json_equal(&expected.input_parameters, &called.input_parameters) => 1.0,
        _ => 0.0,
    }
}

fn option_equal(a: Option<&Value>, b: Option<&Value>) -> bool {
    json_equal(a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null))
}

static NO_ARGUMENTS: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

fn arguments(value: &Value) -> Option<&Map<String, Value>> {
    if value.is_null() {
        Some(&NO_ARGUMENTS)
    } else {
        value.as_object()
    }
}

/// Share of all keys whose values agree; objects within count by their own likeness.
fn likeness(a: &Map<String, Value>, b: &Map<String, Value>) -> f64 {
    let keys = a.len() + b.keys().filter(|key| !a.contains_key(*key)).count();
    if keys == 0 {
        return 1.0;
    }
    let shared = a.iter().filter_map(|(key, a)| Some((a, b.get(key)?)));
    let agree = shared.map(|pair| match pair {
        (a, b) if json_equal(a, b) => 1.0,
        (Value::Object(a), Value::Object(b)) => likeness(a, b),
        _ => 0.0,
    });
    agree.sum::<f64>() / keys as f64
}

#[cfg(test)]
#[path = "tool_correctness_tests.rs"]
mod tests;
