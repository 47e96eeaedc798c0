//! `answer_relevancy`: the share of an answer's statements that bear on the question. As in DeepEval.

use super::common::{Plain, forced_threshold};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Wanted, explain, reasons, statements, verdicts, verdicts_schema, words};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct AnswerRelevancy;

impl Metric for AnswerRelevancy {
    fn about(&self) -> About {
        About {
            name: "Answer relevancy",
            description: "The share of the answer's statements that bear on what the user asked.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: Plain::schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Plain = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let (input, output) = (shown("input", case), shown("actual_output", case));
        Plan::judge(move |judge| score(judge, params, input, output))
    }
}

async fn score(
    judge: Judge,
    params: Plain,
    input: Value,
    output: Value,
) -> Result<Scored, Unscored> {
    let task = "Split the answer into its statements: each a single claim, in the order of the answer, none left out. What stands \
                alone for no claim (a greeting, a heading) is a statement too.";
    let material = json!({"answer": output});
    let found = statements(&judge, "Statements", "statements", task, &material).await?;
    let judged = if found.is_empty() {
        Vec::new()
    } else {
        let task = "Give a verdict for each statement, in order: `yes` when it bears on the question, `no` when it does not, \
                    `borderline` when it does so only indirectly. The reason says in a few words why it is not `yes`.";
        let material = json!({"question": input, "statements": found});
        let call = question("Verdicts", task, &material, verdicts_schema(true));
        verdicts(&judge, call, true, Wanted::Exactly(found.len())).await?
    };
    let passing = [Verdict::Yes, Verdict::Borderline];
    let score = qag_score(&words(&judged), &passing, 1.0, params.strict);
    let reason = if params.include_reason {
        let what = "An answer was scored by the share of its statements that bear on the question.";
        let against =
            json!({"question": input, "statements that do not": reasons(&judged, &[Verdict::No])});
        explain(&judge, "AnswerRelevancyScoreReason", what, score, &against).await?
    } else {
        String::new()
    };
    Ok(Scored::judged(score, reason))
}
