//! `jev_eval`: weighted questions, each answered with probabilities instead of words. DeepEval's `JevEval`.
//!
//! Each question offers its answers under letters, and the judge names one. How probable it found the others is read from its token
//! probabilities; a judge that gives none is taken at its word. A statement is worth the probability that it is true, ordered levels
//! their expected level, a choice the mean credit of its options. The score is the weighted mean of the questions that apply, the reason is
//! made of the answers: the judge writes no text.
//!
//! Deviations: upstream asks a model of its own vendor all at once; any judge will do here, a question at a time. Where no question applies
//! the metric has nothing to say, where upstream gives 1.

mod chosen;
mod conversational;
#[cfg(test)]
mod jev_tests;
mod questions;

use crate::fields::shown;
use crate::judge::{Judge, JudgeCall};
use crate::kinds::read_params;
use crate::prompt::{object, question};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::{TestCase, Validator};
use chosen::Answered;
use futures::future::try_join_all;
use questions::{MAX_OPTIONS, MAX_QUESTIONS, Outcome, Question};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) use conversational::ConversationalJevEval;

/// Fields that can be judged.
const FIELDS: [&str; 11] = [
    "input",
    "actual_output",
    "expected_output",
    "context",
    "retrieval_context",
    "tools_called",
    "conversation",
    "scenario",
    "expected_outcome",
    "chatbot_role",
    "trace",
];

const DEFAULT_FIELDS: [&str; 2] = ["input", "actual_output"];

/// What the answers to a question are called: each is one token of every model that is known.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRST";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    questions: Vec<Question>,
    fields: Option<Vec<String>>,
    #[serde(default)]
    strict: bool,
}

impl Params {
    fn fields(&self, default: &[&str]) -> Vec<String> {
        let default = || default.iter().map(|&f| f.to_owned()).collect();
        self.fields.clone().unwrap_or_else(default)
    }

    /// Names the questions that cannot be asked.
    fn check(&self, v: &mut Validator) {
        v.at("questions", |v| {
            for (i, question) in self.questions.iter().enumerate() {
                v.at(i, |v| question.check(v));
            }
        });
    }
}

/// The threshold of strict mode.
fn strictest(params: &Value) -> Option<f64> {
    let params = read_params::<Params>(params);
    params.is_ok_and(|params| params.strict).then_some(1.0)
}

pub(crate) struct JevEval;

impl Metric for JevEval {
    fn about(&self) -> About {
        About {
            name: "Weighted questions (JevEval)",
            description: "Questions of yours, each with a weight: statements that are true or not, ordered levels, choices with credits. The judge \
                          only picks answers, and how probable it found each of them makes the score.",
            required_fields: &DEFAULT_FIELDS,
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                &FIELDS,
                &DEFAULT_FIELDS,
                "What of the case the judge sees.",
            ),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            params.check(v);
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        read_params::<Params>(params)
            .map_or_else(|_| Vec::new(), |params| params.fields(&DEFAULT_FIELDS))
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strictest(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let each = params.fields(&DEFAULT_FIELDS).into_iter().map(|field| {
            let value = shown(&field, case);
            (field, value)
        });
        let material = Value::Object(each.collect::<Map<_, _>>());
        Plan::judge(move |judge| score(judge, params, material))
    }
}

/// The schema of the parameters of a metric that can show the judge `fields`, and shows it `default` where none are named.
fn params_schema(fields: &[&str], default: &[&str], what: &str) -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": 2000});
    let name = json!({"type": "string", "minLength": 1, "maxLength": 500});
    let weight =
        json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000, "default": 1});
    let kind = |name: &str, own: Value, required: &[&str]| {
        let mut properties = Map::new();
        properties.insert("type".to_owned(), json!({"const": name}));
        properties.insert("weight".to_owned(), weight.clone());
        if let Value::Object(own) = own {
            properties.extend(own);
        }
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    };
    let levels = json!({"type": "array", "minItems": 2, "maxItems": 10, "uniqueItems": true, "items": name,
        "description": "What each level means, the worst first."});
    let options = json!({"type": "object", "minProperties": 2, "maxProperties": MAX_OPTIONS,
        "additionalProperties": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "description": "What each option is worth, from 0 to 1; null where the question does not apply then."});
    json!({
        "type": "object",
        "properties": {
            "questions": {"type": "array", "minItems": 1, "maxItems": MAX_QUESTIONS, "items": {"oneOf": [
                kind("statement", json!({"statement": text}), &["type", "statement"]),
                kind("levels", json!({"question": text, "levels": levels}), &["type", "question", "levels"]),
                kind("choice", json!({"question": text, "options": options}), &["type", "question", "options"]),
            ]}},
            "fields": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": fields},
                "default": default, "description": what},
            "strict": {"type": "boolean", "default": false,
                "description": "1 where every question that applies has its best answer, else 0."},
        },
        "required": ["questions"],
        "additionalProperties": false,
    })
}

async fn score(judge: Judge, params: Params, material: Value) -> Result<Scored, Unscored> {
    let each = params.questions.iter().enumerate().map(|(i, question)| {
        let (judge, call) = (judge.branch(i), call(question, &material));
        let answers = question.answers().len();
        async move {
            let read = |found: &Value, answer: &assay_llm::ChatAnswer| {
                chosen::read(found, &answer.logprobs, answers)
            };
            judge.ask(call, read).await
        }
    });
    let answered: Vec<Answered> = try_join_all(each).await?;
    let outcomes: Vec<Outcome> = params
        .questions
        .iter()
        .zip(&answered)
        .map(|(question, answered)| question.outcome(answered))
        .collect();
    summed_up(&params, &outcomes)
}

/// One question: which of the answers holds, by its letter.
fn call(asked: &Question, material: &Value) -> JudgeCall {
    let answers: Vec<Value> = LETTERS
        .chars()
        .zip(asked.answers())
        .map(|(letter, answer)| json!({"letter": letter.to_string(), "answer": answer}))
        .collect();
    let letters: Vec<String> = LETTERS
        .chars()
        .take(answers.len())
        .map(String::from)
        .collect();
    // The question is its author's, and still stands as JSON, so that where it begins and ends is plain.
    let task = format!(
        "Answer this question on the material by the letter of the one answer that fits best: {}\nThe answers: {}",
        json!(asked.text()),
        json!(answers)
    );
    let schema = object(&[("answer", json!({"enum": letters}))]);
    let call = question("Answer", &task, material, schema);
    JudgeCall::new(call.messages, call.schema_name, call.schema, true)
}

fn summed_up(params: &Params, outcomes: &[Outcome]) -> Result<Scored, Unscored> {
    let applicable: Vec<(f64, f64)> = params
        .questions
        .iter()
        .zip(outcomes)
        .filter_map(|(question, outcome)| Some((question.weight(), outcome.value?)))
        .collect();
    let weights: f64 = applicable.iter().map(|(weight, _)| weight).sum();
    if applicable.is_empty() || weights <= 0.0 {
        let why = "none of the questions applies".to_owned();
        return Err(Unscored::NotApplicable(why));
    }
    let score = if params.strict {
        let best = outcomes.iter().filter(|o| o.value.is_some());
        f64::from(u8::from(best.into_iter().all(|o| o.best)))
    } else {
        let sum: f64 = applicable
            .iter()
            .map(|(weight, value)| weight * value)
            .sum();
        // Rounding may carry a mean beyond what it is the mean of.
        (sum / weights).clamp(0.0, 1.0)
    };
    let told: Vec<String> = params
        .questions
        .iter()
        .zip(outcomes)
        .map(|(question, outcome)| format!("{}: {}", question.text(), outcome.said))
        .collect();
    let breakdown: BTreeMap<String, f64> = (1..)
        .zip(outcomes)
        .filter_map(|(n, outcome)| Some((format!("question {n}"), outcome.value?)))
        .collect();
    Ok(Scored {
        confidence: outcomes
            .iter()
            .filter_map(|outcome| outcome.confidence)
            .reduce(f64::min),
        breakdown,
        ..Scored::judged(score, told.join("; "))
    })
}
