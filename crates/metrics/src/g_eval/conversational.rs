//! `conversational_g_eval`: a model judges a conversation by criteria. DeepEval's `ConversationalGEval`.
//!
//! As `g_eval`, with these differences, which are upstream's: the judge sees the turns one by one, the score is a tenth of the judge's
//! whatever the rubric spans, and strict mode asks for the same scale, of which only a 10 passes.
//!
//! Deviations: the score is weighted by the last token that is the score, as in `g_eval`, where upstream takes the first, which may stand
//! in the reason. Who speaks and what is said is always seen; upstream adds both to the fields that are named.

use super::prompt::Known;
use super::{BASELESS, Params, Strictness, format_rubric, judged, params_schema, sort_rubric};
use crate::agentic::shown_calls;
use crate::conversation::interactions::said;
use crate::fields::shown;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use crate::text::clip;
use assay_model::{Message, TestCase, Validator};
use serde_json::{Map, Value, json};

/// Fields that can be judged, and what they are. The first four are those of a turn.
pub(crate) const FIELDS: [(&str, &str); 9] = [
    ("role", "who speaks in a turn"),
    ("content", "what is said in it"),
    ("retrieval_context", "what the agent retrieved for it"),
    ("tools_called", "the tools the agent called for it"),
    ("scenario", "the situation of the conversation"),
    ("expected_outcome", "what the conversation should lead to"),
    ("user_description", "who the user is"),
    ("chatbot_role", "the part that the agent has to play"),
    ("context", "facts that hold"),
];

/// How many of [`FIELDS`] are those of a turn.
const OF_TURNS: usize = 4;

/// Seen whatever is named.
pub(crate) const ALWAYS: [&str; 2] = ["role", "content"];

/// The judge's scale.
const SCALE: (u32, u32) = (0, 10);

/// Most characters of one turn, most passages that were retrieved for it, and most characters of one of them.
const MAX_TURN_CHARS: usize = 10_000;
const MAX_PASSAGES: usize = 50;
const MAX_PASSAGE_CHARS: usize = 4_000;

pub(crate) struct ConversationalGEval;

impl Metric for ConversationalGEval {
    fn about(&self) -> About {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        About {
            name: "Conversational G-Eval",
            description: "A model judges the conversation by criteria or evaluation steps, from 0 to 10. A tenth of its score, weighted \
                          by token probabilities where the model gives them, is the score.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                &fields,
                &ALWAYS,
                "What of the conversation the judge sees. `role` and `content` are always seen.",
                "Only a 10 of the judge passes; any other score is 0.",
            ),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(params) = read_params::<Params>(params) else {
            return;
        };
        params.check_basis(v);
        if let Err(fault) = sort_rubric(params.rubric) {
            v.error("rubric", fault.to_string());
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let params = read_params::<Params>(params).unwrap_or_default();
        required(params.fields(&ALWAYS))
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        crate::qag_kinds::common::forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        if params.is_baseless() {
            return Plan::Error(BASELESS.to_owned());
        }
        let rubric = match sort_rubric(params.rubric.clone()) {
            Ok(sorted) => format_rubric(&sorted),
            Err(fault) => return Plan::Error(format!("the rubric is wrong: {fault}")),
        };
        let mut fields: Vec<String> = ALWAYS.iter().map(|&field| field.to_owned()).collect();
        let named = params.fields(&ALWAYS).into_iter();
        fields.extend(named.filter(|field| !ALWAYS.contains(&field.as_str())));
        let material = match material(case, &fields) {
            Ok(material) => material,
            Err(why) => return Plan::Error(why),
        };
        let strictness = if params.strict {
            Strictness::Whole(SCALE)
        } else {
            Strictness::Scale(SCALE)
        };
        let known: &Known = &FIELDS;
        Plan::judge(move |judge| {
            judged(judge, params, rubric, strictness, (fields, known), material)
        })
    }
}

/// What a judge is shown of a conversation: its turns one by one, and what `fields` name of the case beside them.
///
/// # Errors
/// There are no turns, for a person.
pub(crate) fn material(case: &TestCase, fields: &[String]) -> Result<Value, String> {
    let turns = said(&case.messages);
    if turns.is_empty() {
        return Err("neither the user nor the agent said anything".to_owned());
    }
    let (of_turns, of_case): (Vec<&String>, Vec<&String>) =
        fields.iter().partition(|field| is_of_turns(field));
    let mut material = Map::new();
    let turns: Vec<Value> = turns
        .iter()
        .map(|turn| shown_turn(turn, &of_turns))
        .collect();
    material.insert("turns".to_owned(), json!(turns));
    material.extend(of_case.into_iter().map(|f| (f.clone(), shown(f, case))));
    Ok(Value::Object(material))
}

/// The fields of the case, and not of each turn, that `named` has: without them there is no score.
pub(crate) fn required(named: Vec<String>) -> Vec<String> {
    let of_case = named.into_iter().filter(|field| !is_of_turns(field));
    std::iter::once("conversation".to_owned())
        .chain(of_case)
        .collect()
}

/// Whether `field` is one of each turn.
fn is_of_turns(field: &str) -> bool {
    let of_turns = FIELDS.iter().take(OF_TURNS);
    of_turns.into_iter().any(|(name, _)| *name == field)
}

/// The fields of one turn that the judge sees.
fn shown_turn(turn: &Message, fields: &[&String]) -> Value {
    let one = |field: &&String| {
        let value = match field.as_str() {
            "role" => json!(turn.role),
            "content" => json!(clip(&turn.content, MAX_TURN_CHARS)),
            "tools_called" => shown_calls(&turn.tool_calls),
            _ => {
                let passages = turn.retrieval_context.iter().take(MAX_PASSAGES);
                let clipped = passages.map(|passage| clip(passage, MAX_PASSAGE_CHARS));
                json!(clipped.collect::<Vec<_>>())
            }
        };
        ((*field).clone(), value)
    };
    Value::Object(fields.iter().map(one).collect())
}

#[cfg(test)]
#[path = "conversational_tests.rs"]
mod tests;
