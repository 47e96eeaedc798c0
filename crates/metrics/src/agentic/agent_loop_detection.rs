//! `agent_loop_detection`: whether an agent turns in circles, by its trace. DeepEval's `AgentLoopDetectionMetric`; no judge.
//!
//! The weighted mean of three checks, of those that are on:
//! - tools (0.4): how often the same tool was called with the same arguments, `repetition_threshold` times is 0.5, twice as often 0;
//! - reasoning (0.35): how alike two outputs of a model are of which one follows the other, from `similarity_threshold` on 0.5,
//!   above 0.95 it is 0; the greater of the Jaccard index of their bigrams and of Ratcliff and Obershelp's ratio counts, filler
//!   and words of one or two letters aside, and where either has less than 20 words left nothing is said;
//! - calls (0.25): a step that lies within one of the same type and name and the same beginning of its input is 0.
//!
//! Deviations: without a trace the metric is not applicable, where upstream says 0, and it asks for no input and no answer, which
//! upstream wants and does not look at. A call without arguments is the same as one with none in an empty object. With every check off there is nothing to score, where upstream says 1. The breakdown has
//! the checks that are on. The order of the keys of an object within an argument does not matter. Of an output the first 20,000
//! characters are compared. There is no `include_reason`: the reason costs nothing.

use super::python_text::{dumps, str_of};
use super::stagnation::stagnation;
use super::{strict_property, strict_threshold};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::clip;
use assay_model::{TestCase, TraceStep, Validator};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most steps of a trace.
const MAX_STEPS: usize = 20_000;

/// How many characters of an input tell a step from another of the same type and name.
const LABEL_CHARS: usize = 64;

/// Most characters of a name within a reason.
const MAX_NAME_CHARS: usize = 100;

pub(crate) struct AgentLoopDetection;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    repetition_threshold: u32,
    similarity_threshold: f64,
    check_tool_repetition: bool,
    check_reasoning_stagnation: bool,
    check_call_graph_cycles: bool,
    strict: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            repetition_threshold: 3,
            similarity_threshold: 0.85,
            check_tool_repetition: true,
            check_reasoning_stagnation: true,
            check_call_graph_cycles: true,
            strict: false,
        }
    }
}

impl Params {
    const fn checks_nothing(&self) -> bool {
        !self.check_tool_repetition
            && !self.check_reasoning_stagnation
            && !self.check_call_graph_cycles
    }
}

/// What a check found: its score, and where it is below 1 why.
pub(super) struct Finding(pub(super) f64, pub(super) Option<String>);

impl Finding {
    /// Nothing was found.
    pub(super) const FINE: Self = Self(1.0, None);
}

impl Metric for AgentLoopDetection {
    fn about(&self) -> About {
        let flag = |what: &str| json!({"type": "boolean", "default": true, "description": what});
        About {
            name: "Agent loop detection",
            description: "Whether the agent turns in circles: the same tool call over and over, a model that says the same again, \
                          or a step within itself. Found in the trace, without a judge.",
            required_fields: &["trace"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "repetition_threshold": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 3,
                        "description": "How many calls of one tool with the same arguments halve the score of the tools; twice as \
                                        many make it 0."},
                    "similarity_threshold": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.85,
                        "description": "How alike two outputs in a row are that halve the score of the reasoning; above 0.95 it is \
                                        0."},
                    "check_tool_repetition": flag("Whether repeated tool calls count."),
                    "check_reasoning_stagnation": flag("Whether outputs of a model that repeat themselves count."),
                    "check_call_graph_cycles": flag("Whether a step within itself counts."),
                    "strict": strict_property(),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let nothing = read_params::<Params>(params).is_ok_and(|params| params.checks_nothing());
        v.require(
            !nothing,
            "check_tool_repetition",
            "must be true unless another check is on",
        );
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let Some(trace) = &case.trace else {
            return Plan::NotApplicable("there is no trace of what the agent did".to_owned());
        };
        if params.checks_nothing() {
            return Plan::Error("the metric's parameters are wrong: every check is off".to_owned());
        }
        match score(trace, &params) {
            Ok(scored) => Plan::Scored(scored.strictly(params.strict)),
            Err(why) => Plan::Error(why),
        }
    }
}

fn score(trace: &TraceStep, params: &Params) -> Result<Scored, String> {
    let steps = steps(trace)?;
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut breakdown = BTreeMap::new();
    let mut reasons = Vec::new();
    let mut count = |name: &str, weight: f64, Finding(score, reason): Finding| {
        sum += weight * score;
        weights += weight;
        breakdown.insert(name.to_owned(), score);
        reasons.extend(reason);
    };
    if params.check_tool_repetition {
        let found = repetition(&steps, params.repetition_threshold);
        count("tool_repetition", 0.4, found);
    }
    if params.check_reasoning_stagnation {
        let found = stagnation(&steps, params.similarity_threshold)?;
        count("reasoning_stagnation", 0.35, found);
    }
    if params.check_call_graph_cycles {
        count("call_graph_cycles", 0.25, cycle(trace));
    }
    let reason = if reasons.is_empty() {
        "the agent does not turn in circles".to_owned()
    } else {
        reasons.join("; ")
    };
    Ok(Scored {
        breakdown,
        ..Scored::certain(sum / weights, reason)
    })
}

/// Every step, each before those within it.
fn steps(trace: &TraceStep) -> Result<Vec<&TraceStep>, String> {
    let (mut steps, mut open) = (Vec::new(), vec![trace]);
    while let Some(step) = open.pop() {
        if steps.len() == MAX_STEPS {
            return Err(format!("the trace has more than {MAX_STEPS} steps"));
        }
        steps.push(step);
        open.extend(step.children.iter().rev());
    }
    Ok(steps)
}

/// Arguments by name, as they are printed.
type Arguments = Vec<(String, String)>;

/// How often the same tool was called with the same arguments.
fn repetition(steps: &[&TraceStep], threshold: u32) -> Finding {
    let mut calls: HashMap<(&str, Arguments), u32> = HashMap::new();
    let mut worst = ("", 0);
    for step in steps.iter().filter(|step| step.kind == "tool") {
        let count = calls
            .entry((&step.name, arguments(&step.input)))
            .or_default();
        *count += 1;
        if *count > worst.1 {
            worst = (&step.name, *count);
        }
    }
    let (tool, most) = worst;
    let score = match most {
        most if most >= threshold.saturating_mul(2) => 0.0,
        most if most >= threshold => 0.5,
        _ => return Finding::FINE,
    };
    let tool = clip(tool, MAX_NAME_CHARS);
    Finding(
        score,
        Some(format!(
            "the tool `{tool}` was called {most} times with the same arguments"
        )),
    )
}

/// What makes two inputs of a tool the same. Arguments that are JSON within a text are read.
fn arguments(input: &Value) -> Arguments {
    let read = input
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    match read.as_ref().unwrap_or(input) {
        Value::Null => Vec::new(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), str_of(value)))
            .collect(),
        other => vec![(String::new(), str_of(other))],
    }
}

/// Whether a step lies within one of its like.
fn cycle(trace: &TraceStep) -> Finding {
    enum Way<'a> {
        In(&'a TraceStep),
        Out,
    }
    let (mut above, mut within) = (Vec::new(), HashSet::new());
    let mut open = vec![Way::In(trace)];
    while let Some(way) = open.pop() {
        let step = match way {
            Way::In(step) => step,
            Way::Out => {
                if let Some(label) = above.pop() {
                    within.remove(&label);
                }
                continue;
            }
        };
        let label = label(step);
        if !within.insert(label.clone()) {
            let (kind, name) = (
                clip(&step.kind, MAX_NAME_CHARS),
                clip(&step.name, MAX_NAME_CHARS),
            );
            let from = above.iter().position(|one| *one == label).unwrap_or(0);
            let depth = above.len() - from;
            return Finding(
                0.0,
                Some(format!(
                    "the {kind} `{name}` comes to itself again, {depth} calls deeper, with the same input"
                )),
            );
        }
        above.push(label);
        open.push(Way::Out);
        open.extend(step.children.iter().rev().map(Way::In));
    }
    Finding::FINE
}

/// What tells a step from others.
fn label(step: &TraceStep) -> (String, String, String) {
    let input = match &step.input {
        Value::Null => String::new(),
        object @ Value::Object(_) => dumps(object),
        other => str_of(other),
    };
    let input = input.chars().take(LABEL_CHARS).collect();
    (step.kind.clone(), step.name.clone(), input)
}

#[cfg(test)]
#[path = "agent_loop_detection_tests.rs"]
mod tests;
