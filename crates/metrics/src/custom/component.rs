//! `component`: a WebAssembly component that the operator composed into the installation scores the case (`wit/assay-metric`).

use crate::errand::Errand;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) struct Component;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    component: String,
    #[serde(default)]
    params: Map<String, Value>,
}

impl Metric for Component {
    fn about(&self) -> About {
        About {
            name: "Component",
            description: "A WebAssembly component of the interface `assay:metric`, which the operator composed into this installation, \
                          scores the case. It reaches nothing, and its time and memory are bounded.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "component": {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$", "maxLength": 64,
                        "description": "The name of the component, as the operator gave it."},
                    "params": {"type": "object", "description": "The component's own parameters, by its own schema."},
                },
                "required": ["component"],
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        match read_params::<Params>(params) {
            Ok(Params { component, params }) => Plan::Errand(Box::new(Errand::Component {
                name: component,
                input: json!({"case": case, "params": params}),
            })),
            Err(plan) => plan,
        }
    }
}
