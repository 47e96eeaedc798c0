//! `summarization`: whether a summary says only what its source says, and what matters of it. The lesser of both. As in DeepEval.
//!
//! Alignment is the share of the summary's claims that the source bears out. Coverage is the share of closed questions, which the source
//! answers with yes, that the summary answers with yes as well.

use super::common::{forced_threshold, params_schema, yes};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{list, object, question, text as text_schema};
use crate::qag::{Verdict, qag_normalize, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{
    Wanted, explain, read_texts, reasons, statements, verdicts, verdicts_schema, words,
};
use assay_model::TestCase;
use futures::future::try_join;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Questions that are asked of source and summary when none are given.
const QUESTIONS: u32 = 5;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default = "five")]
    n: u32,
    assessment_questions: Option<Vec<String>>,
    truths_extraction_limit: Option<u32>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn five() -> u32 {
    QUESTIONS
}

pub(crate) struct Summarization;

impl Metric for Summarization {
    fn about(&self) -> About {
        About {
            name: "Summarization",
            description: "Whether the answer, a summary of the input, says only what the input says and leaves out nothing that matters: the lesser of both shares.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({
                    "n": {"type": "integer", "minimum": 1, "maximum": 50, "default": QUESTIONS,
                        "description": "How many questions are made from the source."},
                    "assessment_questions": {"type": ["array", "null"], "minItems": 1, "maxItems": 50,
                        "items": {"type": "string", "minLength": 1, "maxLength": 2000},
                        "description": "Closed questions that a good summary answers with yes; made from the source when absent."},
                    "truths_extraction_limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 200,
                        "description": "Most facts that are taken from the source, the most important ones; all when absent."},
                }),
                &[],
            ),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let (source, summary) = (shown("input", case), shown("actual_output", case));
        Plan::judge(move |judge| score(judge, params, source, summary))
    }
}

async fn score(
    judge: Judge,
    params: Params,
    source: Value,
    summary: Value,
) -> Result<Scored, Unscored> {
    let most = params.truths_extraction_limit.map_or_else(
        || "Leave none out.".to_owned(),
        |n| format!("Give at most {n}, the most important ones."),
    );
    let task = format!(
        "List the facts that the text states, each as one sentence that stands for itself. {most}"
    );
    let text = json!({"text": source});
    let (first, second) = (judge.branch(0), judge.branch(1));
    let truths = statements(&first, "Truths", "truths", &task, &text);
    let task = "List the factual claims of the summary, each as one sentence that stands for itself, whether they are true or not.";
    let short = json!({"summary": summary});
    let claims = statements(&second, "Claims", "claims", task, &short);
    let (coverage_judge, alignment_judge) = (judge.branch(2), judge.branch(3));
    let aligned = async {
        let (truths, claims) = try_join(truths, claims).await?;
        if claims.is_empty() {
            return Ok::<_, String>(Vec::new());
        }
        let task = "Give a verdict for each claim, in order: `yes` when the facts bear it out, `no` when they contradict it, `borderline` when \
                    they say nothing of it. The reason says in a few words what decides.";
        let material = json!({"facts": truths, "claims": claims});
        let call = question("Verdicts", task, &material, verdicts_schema(true));
        let wanted = Wanted::Exactly(claims.len());
        verdicts(&alignment_judge, call, true, wanted).await
    };
    let covered = coverage(&coverage_judge, &params, &source, &summary);
    let (judged, (coverage, missed)) = try_join(aligned, covered).await?;
    // A claim that the source says nothing of does not belong in a summary.
    let alignment = qag_score(&words(&judged), &[Verdict::Yes], 0.0, params.strict);
    let scored = Scored {
        breakdown: BTreeMap::from([
            ("alignment".to_owned(), alignment),
            ("coverage".to_owned(), coverage),
        ]),
        ..Scored::judged(alignment.min(coverage), "").strictly(params.strict)
    };
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "A summary was scored by whether it says only what its source says, and what matters of it.";
    let found = json!({
        "claims against or beyond the source": reasons(&judged, &[Verdict::No, Verdict::Borderline]),
        "questions that the source answers and the summary does not": missed,
    });
    let judge = judge.branch(4);
    let reason = explain(
        &judge,
        "SummarizationScoreReason",
        what,
        scored.score,
        &found,
    );
    Ok(Scored {
        reason: reason.await?,
        ..scored
    })
}

/// The share of questions that the summary answers as the source does, and those that it does not.
async fn coverage(
    judge: &Judge,
    params: &Params,
    source: &Value,
    summary: &Value,
) -> Result<(f64, Vec<String>), String> {
    let questions = match &params.assessment_questions {
        Some(questions) => questions.clone(),
        None => {
            let task = format!(
                "Ask {} closed questions about what matters most in the text, each of which the text answers with yes.",
                params.n
            );
            let text = json!({"text": source});
            let schema = object(&[("questions", list(&text_schema()))]);
            let call = question("Questions", &task, &text, schema);
            // Without questions nothing would be covered, whatever the summary says.
            let read = |found: &Value| match read_texts(found, "questions")? {
                questions if questions.is_empty() => {
                    Err("`questions` must not be empty".to_owned())
                }
                questions => Ok(questions),
            };
            judge.ask(call, |found, _| read(found)).await?
        }
    };
    let answers = async |judge: Judge, text: &Value| {
        let task =
            "Answer each question, in order, with `yes` or `no`: `yes` only when the text says so.";
        let material = json!({"questions": questions, "text": text});
        let schema = object(&[("answers", list(&text_schema()))]);
        let call = question("Answers", task, &material, schema);
        judge
            .ask(call, |found, _| read_answers(found, questions.len()))
            .await
    };
    let (first, second) = (judge.branch(1), judge.branch(2));
    let both = try_join(answers(first, source), answers(second, summary));
    let (of_source, of_summary) = both.await?;
    let (mut known, mut kept) = (0.0, 0.0);
    let mut missed = Vec::new();
    for ((asked, one), other) in questions.iter().zip(&of_source).zip(&of_summary) {
        if *one != Verdict::Yes {
            continue;
        }
        known += 1.0;
        if *other == Verdict::Yes {
            kept += 1.0;
        } else {
            missed.push(asked.clone());
        }
    }
    Ok((if known > 0.0 { kept / known } else { 0.0 }, missed))
}

/// The answers to `asked` questions.
fn read_answers(found: &Value, asked: usize) -> Result<Vec<Verdict>, String> {
    let answers = read_texts(found, "answers")?;
    if answers.len() != asked {
        let got = answers.len();
        return Err(format!("`answers` has {got} answers to {asked} questions"));
    }
    let each = answers.iter().map(|text| qag_normalize(text, false));
    each.collect::<Option<_>>()
        .ok_or_else(|| "every entry of `answers` must be `yes` or `no`".to_owned())
}
