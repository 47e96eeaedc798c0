//! `json_schema`: the answer is JSON that satisfies a JSON Schema. DeepEval's `JsonCorrectnessMetric`: the whole answer must
//! be JSON, with nothing around it.
//!
//! Schemas are checked without any I/O: a reference to another document is refused. Drafts 4 to 2020-12 by `$schema`, the
//! latest by default.

use super::read_params;
use crate::compiled::Compiled;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, Validator};
use jsonschema::error::ValidationErrorKind;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct JsonSchema;

/// Most bytes a schema may have.
const MAX_SCHEMA: usize = 256 << 10;

/// Most steps a pattern within a schema may go back.
const MAX_BACKTRACKS: usize = 100_000;

/// Most faults that the reason names.
const MAX_FAULTS: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    schema: Value,
}

thread_local! {
    static COMPILED: Compiled<Value, jsonschema::Validator> = const { Compiled::new() };
}

/// A validator that does no I/O and whose patterns are bounded.
pub(crate) fn compile(schema: &Value) -> Result<jsonschema::Validator, String> {
    let size = schema.to_string().len();
    if size > MAX_SCHEMA {
        return Err(format!("it has {size} bytes, more than {MAX_SCHEMA}"));
    }
    let patterns = jsonschema::PatternOptions::fancy_regex()
        .backtrack_limit(MAX_BACKTRACKS)
        .size_limit(1 << 20);
    let built = jsonschema::options()
        .with_pattern_options(patterns)
        .build(schema);
    built.map_err(|fault| assay_llm::excerpt(&fault.to_string()))
}

impl Metric for JsonSchema {
    fn about(&self) -> About {
        About {
            name: "JSON Schema",
            description: "1 when the whole answer is JSON that satisfies the schema; else 0.",
            required_fields: &["actual_output"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {"schema": {"type": ["object", "boolean"], "description": "The JSON Schema."}},
                "required": ["schema"],
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(Params { schema }) = read_params(params)
            && let Err(fault) = compile(&schema)
        {
            v.error("schema", format!("is not a JSON Schema: {fault}"));
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let Params { schema } = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let validator = match COMPILED.with(|kept| kept.get(schema, compile)) {
            Ok(validator) => validator,
            Err(fault) => return Plan::Error(format!("the schema is wrong: {fault}")),
        };
        let answer: Value =
            match serde_json::from_str(case.actual_output.as_deref().unwrap_or_default()) {
                Ok(answer) => answer,
                Err(fault) => {
                    return Plan::Scored(Scored::certain(
                        0.0,
                        format!("the answer is not JSON: {fault}"),
                    ));
                }
            };
        let mut faults = Vec::new();
        for fault in validator.iter_errors(&answer).take(MAX_FAULTS) {
            // The pattern has run out of steps: whether the answer matches was not found out.
            if matches!(
                fault.kind(),
                ValidationErrorKind::BacktrackLimitExceeded { .. }
            ) {
                return Plan::Error(
                    "a pattern of the schema takes too many steps on this answer".to_owned(),
                );
            }
            faults.push(format!(
                "at `{}`: {}",
                fault.instance_path(),
                assay_llm::excerpt(&fault.to_string())
            ));
        }
        Plan::Scored(if faults.is_empty() {
            Scored::certain(1.0, "the answer is JSON that satisfies the schema")
        } else {
            Scored::certain(
                0.0,
                format!("the answer breaks the schema {}", faults.join("; ")),
            )
        })
    }
}
