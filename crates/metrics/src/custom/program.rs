//! `program`: a program of the workspace, in WebAssembly, reads the case and writes the score.

use crate::errand::Errand;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Program;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    program_id: String,
}

impl Metric for Program {
    fn about(&self) -> About {
        About {
            name: "Program",
            description: "A program of the workspace in WebAssembly reads the case as JSON and writes `{\"score\": 0.5, \"reason\": \"...\"}`, \
                          with a `breakdown` by name where it has one. It reaches nothing, and its instructions and memory are bounded.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {"program_id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$", "description": "The program."}},
                "required": ["program_id"],
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        match read_params::<Params>(params) {
            Ok(Params { program_id }) => Plan::Errand(Box::new(Errand::Program {
                program_id,
                input: json!(case),
            })),
            Err(plan) => plan,
        }
    }
}
