//! `contains`: strings that the answer must, or must not, contain.
//!
//! Mode `all`: the share of `values` that occur. Mode `any`: 1 when one occurs, else 0. A string of `none` that occurs makes
//! it 0 in either mode.

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Contains;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    All,
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    mode: Mode,
    #[serde(default = "yes")]
    ignore_case: bool,
    #[serde(default)]
    none: Vec<String>,
}

const fn yes() -> bool {
    true
}

impl Metric for Contains {
    fn about(&self) -> About {
        let strings = |description| {
            json!({
                "type": "array", "maxItems": 100, "description": description,
                "items": {"type": "string", "minLength": 1, "maxLength": 10000},
            })
        };
        About {
            name: "Contains",
            description: "The share of the given strings that the answer contains (mode `all`), or 1 when it contains one of \
                          them (mode `any`); 0 when it contains a string that must not occur.",
            required_fields: &["actual_output"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "values": strings("Strings that the answer must contain."),
                    "mode": {"enum": ["all", "any"], "default": "all", "description": "Whether all values or any of them."},
                    "ignore_case": {"type": "boolean", "default": true, "description": "Upper and lower case are the same."},
                    "none": strings("Strings that the answer must not contain."),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            let some = !params.values.is_empty() || !params.none.is_empty();
            v.require(
                some,
                "values",
                "must have at least one entry unless `none` has",
            );
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        if params.values.is_empty() && params.none.is_empty() {
            return Plan::Error(
                "the metric's parameters are wrong: there is nothing to look for".to_owned(),
            );
        }
        let fold = |text: &str| {
            if params.ignore_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let answer = fold(case.actual_output.as_deref().unwrap_or_default());
        let occurs = |text: &&String| answer.contains(&fold(text));
        if let Some(text) = params.none.iter().find(occurs) {
            return Plan::Scored(Scored::certain(
                0.0,
                format!("the answer contains {text:?}, which must not occur"),
            ));
        }
        let absent: Vec<&String> = params.values.iter().filter(|text| !occurs(text)).collect();
        let (all, found) = (params.values.len(), params.values.len() - absent.len());
        Plan::Scored(match params.mode {
            _ if all == 0 => {
                Scored::certain(1.0, "the answer contains nothing that must not occur")
            }
            Mode::Any if found > 0 => {
                Scored::certain(1.0, format!("the answer contains {found} of {all} strings"))
            }
            Mode::Any => Scored::certain(0.0, "the answer contains none of the strings"),
            Mode::All if absent.is_empty() => {
                Scored::certain(1.0, "the answer contains every string")
            }
            Mode::All => Scored::certain(
                found as f64 / all as f64,
                format!("the answer does not contain {absent:?}"),
            ),
        })
    }
}
