//! `tool_call_accuracy`: the agent made exactly the expected calls, in order, and with the expected arguments. ragas's `ToolCallAccuracy`.
//!
//! Where the tools are not those that were expected, one by one (in any order with `strict_order` false), the score is 0. Else it is the
//! mean over the expected calls of the share of expected arguments that agree. No judge.
//!
//! Deviations: arguments are compared as JSON values, where upstream compares them as text, so that `"7"` is not 7 here. In any order, an
//! expected call takes the call of the same tool that agrees best; upstream sorts both lists by their text, which may pair others.

use crate::json_equal;
use crate::kinds::read_params;
use crate::kinds::tool_correctness::MAX_CALLS;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, ToolCall};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ToolCallAccuracy;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default = "yes")]
    strict_order: bool,
}

const fn yes() -> bool {
    true
}

impl Metric for ToolCallAccuracy {
    fn about(&self) -> About {
        About {
            name: "Tool call accuracy",
            description: "The share of expected arguments that agree, where the agent called exactly the expected tools in their order; 0 where it \
                          did not.",
            required_fields: &["tools_called", "expected_tools"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "strict_order": {"type": "boolean", "default": true, "description": "Whether the order of the calls counts."},
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
        let expected = case.expected_tools.as_deref().unwrap_or_default();
        if expected.len() > MAX_CALLS || case.tools_called.len() > MAX_CALLS {
            let why = format!("more than {MAX_CALLS} tool calls cannot be compared");
            return Plan::Error(why);
        }
        let score = tool_call_accuracy(&case.tools_called, expected, params.strict_order);
        let reason = score.map_or_else(
            || {
                let names = |calls: &[ToolCall]| {
                    let names: Vec<&str> = calls.iter().take(20).map(|c| c.name.as_str()).collect();
                    names.join(", ")
                };
                let (expected, called) = (names(expected), names(&case.tools_called));
                format!("expected calls of [{expected}], got [{called}]")
            },
            |score| {
                format!("the expected tools were called, and {score:.2} of their arguments agree")
            },
        );
        Plan::Scored(Scored::certain(score.unwrap_or_default(), reason))
    }
}

/// How well the arguments of `called` agree with those of `expected`, in `[0, 1]`; `None` where other tools were called, or in another
/// order where that counts. No calls where none were expected are 1.
#[must_use]
pub fn tool_call_accuracy(
    called: &[ToolCall],
    expected: &[ToolCall],
    strict_order: bool,
) -> Option<f64> {
    if called.len() != expected.len() {
        return None;
    }
    let mut sum = 0.0;
    if strict_order {
        for (e, c) in expected.iter().zip(called) {
            if e.name != c.name {
                return None;
            }
            sum += agreement(e, c);
        }
    } else {
        let mut free: Vec<&ToolCall> = called.iter().collect();
        for e in expected {
            let same_tool = free.iter().enumerate().filter(|(_, c)| c.name == e.name);
            let best = same_tool
                .map(|(at, c)| (at, agreement(e, c)))
                .reduce(|best, next| if next.1 > best.1 { next } else { best });
            let (at, agreed) = best?;
            free.remove(at);
            sum += agreed;
        }
    }
    let count = expected.len();
    Some(if count == 0 { 1.0 } else { sum / count as f64 })
}

/// The share of the expected arguments that agree. Arguments where none are expected agree in nothing; what is given beyond what is
/// expected does not count.
fn agreement(expected: &ToolCall, called: &ToolCall) -> f64 {
    let wanted = expected.input_parameters.as_object();
    let given = called.input_parameters.as_object();
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return f64::from(u8::from(given.is_none_or(serde_json::Map::is_empty)));
    };
    let agree = wanted.iter().filter(|(name, value)| {
        let given = given.and_then(|given| given.get(*name));
        given.is_some_and(|given| json_equal(given, value))
    });
    agree.count() as f64 / wanted.len() as f64
}
