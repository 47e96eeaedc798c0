//! `tool_permission`: the share of tool calls that a policy permits. DeepEval's `ToolPermissionMetric`.
//!
//! Whether the task was solved does not matter. A tool that is denied is not permitted even where it is allowed as well; where
//! there is a list of allowed tools, only those are permitted. No judge.
//!
//! Deviations: an agent that called no tools had nothing to be permitted, which is not applicable; upstream says 1. There is no
//! `include_reason`: the reason costs nothing.

use super::{strict_property, strict_threshold};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};

/// Most tools of either list.
const MAX_TOOLS: usize = 1000;

/// Most tools that a reason names.
const MAX_NAMED: usize = 20;

/// Most characters of a tool's name within a reason.
const MAX_NAME_CHARS: usize = 100;

pub(crate) struct ToolPermission;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    allowed_tools: Option<HashSet<String>>,
    #[serde(default)]
    denied_tools: Option<HashSet<String>>,
    #[serde(default)]
    strict: bool,
}

impl Params {
    fn permits(&self, tool: &str) -> bool {
        let denied = self.denied_tools.as_ref().is_some_and(|d| d.contains(tool));
        let allowed = self.allowed_tools.as_ref().is_none_or(|a| a.contains(tool));
        allowed && !denied
    }
}

impl Metric for ToolPermission {
    fn about(&self) -> About {
        let tools = |what: &str| {
            json!({"type": "array", "maxItems": MAX_TOOLS, "description": what,
                "items": {"type": "string", "minLength": 1, "maxLength": 200}})
        };
        About {
            name: "Tool permission",
            description: "The share of tool calls that were permitted, by a list of allowed tools, a list of denied ones, or both.",
            required_fields: &["tools_called"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "allowed_tools": tools("The only tools that may be called; any may when absent. An empty list permits none."),
                    "denied_tools": tools("Tools that must not be called, even where they are allowed as well."),
                    "strict": strict_property(),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let policy = ["allowed_tools", "denied_tools"]
            .iter()
            .any(|list| params.get(list).is_some());
        v.require(
            policy,
            "allowed_tools",
            "is required unless there are `denied_tools`",
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
        if params.allowed_tools.is_none() && params.denied_tools.is_none() {
            let what = "the metric's parameters are wrong: neither allowed nor denied tools";
            return Plan::Error(what.to_owned());
        }
        let calls = case.tools_called.len();
        if calls == 0 {
            return Plan::NotApplicable("the agent called no tools".to_owned());
        }
        let refused: Vec<&str> = case
            .tools_called
            .iter()
            .map(|call| call.name.as_str())
            .filter(|tool| !params.permits(tool))
            .collect();
        let score = (calls - refused.len()) as f64 / calls as f64;
        Plan::Scored(Scored::certain(score, reason(&refused, calls)).strictly(params.strict))
    }
}

fn reason(refused: &[&str], calls: usize) -> String {
    if refused.is_empty() {
        return format!("all {calls} tool calls were permitted");
    }
    let tools: BTreeSet<&str> = refused.iter().copied().collect();
    let more = tools.len().saturating_sub(MAX_NAMED);
    let mut named: Vec<String> = tools
        .iter()
        .take(MAX_NAMED)
        .map(|tool| format!("`{}`", crate::text::clip(tool, MAX_NAME_CHARS)))
        .collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let (bad, named) = (refused.len(), named.join(", "));
    format!("{bad} of {calls} tool calls were not permitted: {named}")
}

#[cfg(test)]
mod tests {
    use crate::{Evaluation, Step};
    use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase, ToolCall};
    use serde_json::{Value, json};

    fn score(params: Value, tools: &[&str]) -> MetricResult {
        let spec: MetricSpec =
            serde_json::from_value(json!({"kind": "tool_permission", "params": params})).unwrap();
        let call = |name: &&str| ToolCall {
            name: (*name).to_owned(),
            ..ToolCall::default()
        };
        let case = TestCase {
            tools_called: tools.iter().map(call).collect(),
            ..TestCase::default()
        };
        match Evaluation::start(&spec, &case).1 {
            Step::Done(result) => result,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_share_of_permitted_calls() {
        let check = |params: Value, tools: &[&str], expected: f64| {
            let result = score(params.clone(), tools);
            assert_eq!(result.score, Some(expected), "{params} {tools:?}");
            assert_eq!(result.confidence, Some(1.0));
        };
        let allow = json!({"allowed_tools": ["a", "b"]});
        check(allow.clone(), &["a", "b", "a"], 1.0);
        check(allow.clone(), &["a", "c", "c", "b"], 0.5);
        check(allow, &["A"], 0.0);
        check(json!({"allowed_tools": []}), &["a"], 0.0);
        check(json!({"denied_tools": []}), &["a"], 1.0);
        check(json!({"denied_tools": ["x"]}), &["a", "x", "b", "c"], 0.75);
        let both = json!({"allowed_tools": ["a", "b"], "denied_tools": ["b"]});
        check(both.clone(), &["a", "b"], 0.5);
        let mut strict = both;
        strict["strict"] = json!(true);
        check(strict.clone(), &["a", "b"], 0.0);
        check(strict, &["a"], 1.0);
    }

    #[test]
    fn one_call_too_many_fails() {
        let result = score(json!({"denied_tools": ["rm"]}), &["ls", "rm", "ls"]);
        assert_eq!(result.status, MetricStatus::Failed);
        assert_eq!(result.reason, "1 of 3 tool calls were not permitted: `rm`");
    }

    #[test]
    fn without_calls_or_without_a_policy_there_is_no_score() {
        let result = score(json!({"denied_tools": ["rm"]}), &[]);
        assert_eq!((result.status, result.score), (MetricStatus::Skipped, None));
        let result = score(json!({}), &["rm"]);
        assert_eq!((result.status, result.score), (MetricStatus::Error, None));
        let fields = |params: Value| -> Vec<String> {
            let spec = serde_json::from_value(json!({"kind": "tool_permission", "params": params}));
            let faults = crate::check_spec(&spec.unwrap()).err().unwrap_or_default();
            faults.into_iter().map(|fault| fault.field).collect()
        };
        assert_eq!(fields(json!({})), ["/params/allowed_tools"]);
        assert_eq!(
            fields(json!({"denied_tools": [""]})),
            ["/params/denied_tools/0"]
        );
        assert!(fields(json!({"allowed_tools": []})).is_empty());
    }

    #[test]
    fn a_reason_is_bounded() {
        let names: Vec<String> = (0..500).map(|n| format!("{n:0>400}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let result = score(json!({"allowed_tools": []}), &names);
        assert!(result.reason.ends_with("480 more"), "{}", result.reason);
        assert!(result.reason.len() < 4_000);
    }
}
