//! `aspect_critic`: a yes or a no on a question that the metric's author asks. ragas's `AspectCritic`.
//!
//! The judge is asked `strictness` times, and the majority decides; the share of votes for it is the confidence. An even number is raised
//! by one, so that there is one.
//!
//! Deviations: upstream counts one vote whatever the strictness. `pass_on` says whether yes or no is good, so that more is better for
//! questions such as whether an answer does harm, too.

use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::Verdict;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Judgement, read_verdict, verdict_schema};
use assay_model::{TestCase, Validator};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Fields that can be judged.
const FIELDS: [&str; 8] = [
    "input",
    "actual_output",
    "expected_output",
    "context",
    "retrieval_context",
    "tools_called",
    "conversation",
    "chatbot_role",
];

const DEFAULT_FIELDS: [&str; 2] = ["input", "actual_output"];

/// Most votes.
const MAX_STRICTNESS: usize = 11;

/// The verdict that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PassOn {
    #[default]
    Yes,
    No,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    definition: String,
    #[serde(default = "one")]
    strictness: usize,
    #[serde(default)]
    pass_on: PassOn,
    fields: Option<Vec<String>>,
}

const fn one() -> usize {
    1
}

impl Params {
    fn fields(&self) -> Vec<String> {
        let default = || DEFAULT_FIELDS.iter().map(|&f| f.to_owned()).collect();
        self.fields.clone().unwrap_or_else(default)
    }

    /// How many votes there are: odd, so that there is a majority.
    fn votes(&self) -> usize {
        self.strictness.clamp(1, MAX_STRICTNESS) | 1
    }
}

pub(crate) struct AspectCritic;

impl Metric for AspectCritic {
    fn about(&self) -> About {
        About {
            name: "Aspect critic",
            description: "A yes or no of the judge on a question of yours, e.g. whether the answer is concise. Asked several times, the majority \
                          decides.",
            required_fields: &DEFAULT_FIELDS,
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "definition": {"type": "string", "minLength": 1, "maxLength": 20000,
                        "description": "The question, e.g. `Does the answer say where the price comes from?`"},
                    "strictness": {"type": "integer", "minimum": 1, "maximum": MAX_STRICTNESS, "default": 1,
                        "description": "How often the judge is asked; an even number is raised by one. The majority decides."},
                    "pass_on": {"enum": ["yes", "no"], "default": "yes", "description": "Which verdict is good."},
                    "fields": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": FIELDS},
                        "default": DEFAULT_FIELDS, "description": "What of the case the judge sees."},
                },
                "required": ["definition"],
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            let definition = params.definition.trim();
            v.require(!definition.is_empty(), "definition", "must not be empty");
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        read_params::<Params>(params).map_or_else(|_| Vec::new(), |params| params.fields())
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let fields = params.fields().into_iter();
        let material: Map<String, Value> = fields
            .map(|field| {
                let value = shown(&field, case);
                (field, value)
            })
            .collect();
        Plan::judge(move |judge| score(judge, params, Value::Object(material)))
    }
}

async fn score(judge: Judge, params: Params, material: Value) -> Result<Scored, Unscored> {
    let votes = params.votes();
    // As JSON, so that where it begins and ends is plain.
    let asked = json!(params.definition);
    let each = (0..votes).map(|i| {
        // Each vote is a question of its own, which no answer to another one is kept for.
        let which = if votes > 1 {
            format!(" This is vote {} of {votes}; judge afresh.", i + 1)
        } else {
            String::new()
        };
        let task = format!(
            "Answer this question on the material with a verdict of `yes` or `no`: {asked} The reason says in one or two sentences what in the \
             material decides.{which}"
        );
        let call = question("AspectCriticOutput", &task, &material, verdict_schema(false));
        let judge = judge.branch(i);
        async move { judge.ask(call, |found, _| read_verdict(found, false)).await }
    });
    let judged: Vec<Judgement> = try_join_all(each).await?;
    let yes = judged.iter().filter(|j| j.verdict == Verdict::Yes).count();
    let (decided, share) = if 2 * yes > votes {
        (Verdict::Yes, yes)
    } else {
        (Verdict::No, votes - yes)
    };
    let good = match params.pass_on {
        PassOn::Yes => Verdict::Yes,
        PassOn::No => Verdict::No,
    };
    let reason = judged
        .into_iter()
        .find(|j| j.verdict == decided)
        .and_then(|j| j.reason);
    let reason = reason.unwrap_or_else(|| "the judge gave no reason".to_owned());
    Ok(Scored {
        // One vote says nothing of how sure it is.
        confidence: (votes > 1).then(|| share as f64 / votes as f64),
        ..Scored::judged(f64::from(u8::from(decided == good)), reason)
    })
}
