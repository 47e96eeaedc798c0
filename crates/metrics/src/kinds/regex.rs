//! `regex`: the answer matches a regular expression. DeepEval's `PatternMatchMetric`: a match of the whole answer, white
//! space at either end aside.
//!
//! Expressions are those of the `regex` crate, which match in linear time; look-around and back references do not exist
//! there, and a spec that uses them is refused.

use super::read_params;
use crate::compiled::Compiled;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::strip;
use assay_model::{TestCase, Validator};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct RegexMatch;

/// Most bytes a compiled expression may take.
const MAX_COMPILED: usize = 1 << 20;

/// Deepest nesting of an expression; bounds the compiler's recursion on a small stack.
const MAX_NESTING: u32 = 100;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    pattern: String,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    search: bool,
}

thread_local! {
    static COMPILED: Compiled<Params, Regex> = const { Compiled::new() };
}

impl Params {
    fn compile(&self) -> Result<Regex, String> {
        let build = |pattern: &str| {
            let mut builder = RegexBuilder::new(pattern);
            builder
                .case_insensitive(self.ignore_case)
                .size_limit(MAX_COMPILED)
                .dfa_size_limit(MAX_COMPILED);
            builder
                .nest_limit(MAX_NESTING)
                .build()
                .map_err(|fault| fault.to_string())
        };
        let alone = build(&self.pattern)?;
        if self.search {
            return Ok(alone);
        }
        // Anchored from outside, so that alternatives are tried until the whole text matches. That the pattern compiles
        // alone keeps one such as `a)|(b` from breaking out of the group.
        // The line break ends a comment that a verbose pattern may close with; elsewhere it would be part of the match.
        build(&format!(r"\A(?:{})\z", self.pattern))
            .or_else(|_| build(&format!("\\A(?:{}\n)\\z", self.pattern)))
    }
}

impl Metric for RegexMatch {
    fn about(&self) -> About {
        About {
            name: "Regular expression",
            description: "1 when the whole answer (or, with `search`, a part of it) matches the regular expression; else 0.",
            required_fields: &["actual_output"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "pattern": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "The expression."},
                    "ignore_case": {"type": "boolean", "default": false, "description": "Upper and lower case are the same."},
                    "search": {"type": "boolean", "default": false, "description": "A match of a part is enough."},
                },
                "required": ["pattern"],
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params)
            && let Err(fault) = params.compile()
        {
            v.error(
                "pattern",
                format!(
                    "is not a regular expression: {}",
                    assay_llm::excerpt(&fault)
                ),
            );
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let regex = match COMPILED.with(|kept| kept.get(params, Params::compile)) {
            Ok(regex) => regex,
            Err(fault) => {
                return Plan::Error(format!(
                    "the pattern is wrong: {}",
                    assay_llm::excerpt(&fault)
                ));
            }
        };
        let matched = regex.is_match(strip(case.actual_output.as_deref().unwrap_or_default()));
        Plan::Scored(if matched {
            Scored::certain(1.0, "the answer matches the pattern")
        } else {
            Scored::certain(0.0, "the answer does not match the pattern")
        })
    }
}
