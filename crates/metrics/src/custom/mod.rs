//! Metrics of the user's own making: a question to the judge (`custom_prompt`), an expression (`expression`), a program
//! (`program`), a server (`webhook`) and a component of the installation (`component`).

use crate::fields;
use assay_model::{TestCase, Validator};
use serde_json::{Value, json};

pub(crate) mod component;
pub(crate) mod custom_prompt;
pub(crate) mod expression;
pub(crate) mod program;
mod template;
pub(crate) mod webhook;

/// The fields of a test case, as prompts and expressions name them: as a test case does on the wire.
pub(crate) const FIELDS: [&str; 17] = [
    "input",
    "actual_output",
    "expected_output",
    "context",
    "retrieval_context",
    "tools_called",
    "expected_tools",
    "messages",
    "latency_ms",
    "cost_usd",
    "usage",
    "scenario",
    "expected_outcome",
    "user_description",
    "chatbot_role",
    "trace",
    "end_reason",
];

/// The JSON Schema of the parameter `optional`.
fn optional_schema() -> Value {
    json!({"type": "array", "uniqueItems": true, "items": {"enum": FIELDS},
        "description": "Fields that a case may lack; they are null or empty then. A case that lacks any other that is named is not scored."})
}

/// The fields that a case must have, of those that are named, in the words of [`fields::missing`].
fn required<'a>(named: impl IntoIterator<Item = &'a str>, optional: &[String]) -> Vec<String> {
    let needed = named
        .into_iter()
        .filter(|name| !optional.iter().any(|o| o == name));
    needed
        .map(|name| match name {
            "messages" => "conversation".to_owned(),
            other => other.to_owned(),
        })
        .collect()
}

/// Says of names that are no fields that they are none.
fn check_names<'a>(v: &mut Validator, field: &str, names: impl IntoIterator<Item = &'a str>) {
    for name in names.into_iter().filter(|name| !FIELDS.contains(name)) {
        let known = FIELDS.join(", ");
        v.error(
            field,
            format!("a case has no field `{name}`; it has {known}"),
        );
    }
}

/// A field as a judge is shown it, clipped to a bounded size.
fn shown(field: &str, case: &TestCase) -> Value {
    match field {
        "messages" => fields::shown("conversation", case),
        "expected_tools" => json!(
            case.expected_tools
                .as_ref()
                .map(|calls| calls.iter().map(fields::shown_call).collect::<Vec<_>>())
        ),
        "latency_ms" => json!(case.latency_ms),
        "cost_usd" => json!(case.cost_usd),
        "usage" => json!(case.usage),
        other => fields::shown(other, case),
    }
}
