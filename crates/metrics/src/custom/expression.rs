//! `expression`: an expression in CEL over the fields of the case gives the score.

use super::{FIELDS, optional_schema, required};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::clip;
use assay_expression::{Expression as Cel, MAX_LENGTH, Variables, check_expression};
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Expression;

/// Most characters of a value that a reason shows.
const MAX_SHOWN: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    expression: String,
    #[serde(default)]
    optional: Vec<String>,
}

impl Metric for Expression {
    fn about(&self) -> About {
        About {
            name: "Expression",
            description: "An expression in CEL over the fields of the case: true is 1, false is 0, and a number from 0 to 1 is the score.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "expression": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH,
                        "description": format!("The expression, e.g. `size(actual_output) < 500`. The fields are {}.", FIELDS.join(", "))},
                    "optional": optional_schema(),
                },
                "required": ["expression"],
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            check_expression(v, "expression", &params.expression, &FIELDS);
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let Ok(params) = read_params::<Params>(params) else {
            return Vec::new();
        };
        match Cel::compile(&params.expression) {
            Ok(expression) => required(expression.variables(), &params.optional),
            Err(_) => Vec::new(),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        match score(&params.expression, case) {
            Ok(score) => Plan::Scored(Scored::certain(
                score,
                format!("the expression gives {score}"),
            )),
            Err(why) => Plan::Error(why),
        }
    }
}

fn score(source: &str, case: &TestCase) -> Result<f64, String> {
    let expression = Cel::compile(source)
        .map_err(|why| format!("the metric's parameters are wrong: `expression`: {why}"))?;
    let none = || "the expression gives no value";
    let mut case = serde_json::to_value(case).map_err(|why| format!("{}: {why}", none()))?;
    // No expression can make anything of the data of a recording, which would take up what it may use.
    let messages = case.get_mut("messages").and_then(Value::as_array_mut);
    for message in messages.into_iter().flatten() {
        if let Some(audio) = message.get_mut("audio").and_then(Value::as_object_mut) {
            audio.remove("url");
        }
    }
    let mut variables = Variables::new();
    for name in expression.variables() {
        if !FIELDS.contains(&name) {
            return Err(format!("{}: a case has no field `{name}`", none()));
        }
        // What a case leaves out is null.
        let value = case.get(name).unwrap_or(&Value::Null);
        variables
            .set(name, value)
            .map_err(|why| format!("{}: `{name}`: {why}", none()))?;
    }
    let value = expression
        .evaluate(&variables)
        .map_err(|why| format!("{}: {why}", none()))?;
    let number = match &value {
        Value::Bool(good) => Some(f64::from(u8::from(*good))),
        other => other.as_f64().filter(|n| (0.0..=1.0).contains(n)),
    };
    number.ok_or_else(|| {
        format!(
            "the expression gives {}, which is neither true or false nor a number from 0 to 1",
            clip(&value.to_string(), MAX_SHOWN)
        )
    })
}
