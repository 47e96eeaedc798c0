//! One metric on one case, from the first question to the result.

use crate::errand::{self, Errand, Reading};
use crate::fields::first_missing;
use crate::judge::{Asked, Desk, Judge, MAX_RAW_CHARS};
use crate::pictures::Pictures;
use crate::registry::{Plan, Scored, Scoring, Unscored, metric};
use crate::text::clip;
use assay_llm::ChatAnswer;
use assay_model::{JudgeAnswer, MetricResult, MetricSpec, MetricStatus, TestCase};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Most characters a reason has.
const MAX_REASON_CHARS: usize = 4_000;

/// Most answers of the judge that a result keeps, and most characters of one of them.
const MAX_ANSWERS: usize = 64;
const MAX_ANSWER_CHARS: usize = 2_000;

/// What the caller does next.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
#[allow(
    clippy::large_enum_variant,
    reason = "a step is taken apart where it is given"
)]
pub enum Step {
    /// Ask the judge these as well, at the same time or one after the other, and hand each answer to [`Evaluation::answer`]. None
    /// are new while others wait for their answers.
    Ask(Vec<Asked>),
    /// Do this, and hand what came of it to [`Evaluation::came`].
    Run(Errand),
    /// The metric is done; questions that are open are of no use any more. `latency_ms` is the caller's to fill in: there is no
    /// clock here.
    Done(MetricResult),
}

/// What `spec` says of a case when it says nothing: an error without a reason, to be filled in.
#[must_use]
pub fn unscored(spec: &MetricSpec) -> MetricResult {
    let metric = metric(spec.kind);
    let about = metric.about();
    let asked = spec.threshold.unwrap_or(about.default_threshold);
    MetricResult {
        name: spec.display_name().to_owned(),
        version: about.version,
        threshold: metric.forced_threshold(&spec.params).unwrap_or(asked),
        ..blank(spec.kind.as_str())
    }
}

/// A metric at work on a case.
pub struct Evaluation {
    /// The result as far as it is known.
    result: MetricResult,
    desk: Rc<RefCell<Desk>>,
    /// The hashes of open questions, and the names of their schemas.
    open: HashMap<u64, (String, &'static str)>,
    scoring: Option<Scoring>,
    /// How what is being done outside is read when it comes.
    running: Option<Reading>,
    calls: u32,
}

impl Evaluation {
    /// Begins to score `case` as `spec` says.
    ///
    /// A required field that the item lacks (`expected_output`, `expected_tools`, `context`) or that the agent did not report
    /// (`retrieval_context`) gives `skipped`; one that the run should have brought gives `error`, and so do wrong parameters.
    pub fn start(spec: &MetricSpec, case: &TestCase) -> (Self, Step) {
        let metric = metric(spec.kind);
        let result = unscored(spec);
        match first_missing(&metric.required_fields(&spec.params), case) {
            Some((status, reason)) => {
                let mut evaluation = Self::of(result);
                let step = evaluation.unscored(status, &reason);
                (evaluation, step)
            }
            None => {
                let pictures = Pictures::of(&case.images());
                Self::begin(result, metric.begin(&spec.params, case), pictures)
            }
        }
    }

    fn of(result: MetricResult) -> Self {
        Self {
            result,
            desk: Rc::default(),
            open: HashMap::new(),
            scoring: None,
            running: None,
            calls: 0,
        }
    }

    /// Goes about a case with its `pictures` as `plan` says; what comes of it is written into `result`.
    pub(crate) fn begin(result: MetricResult, plan: Plan, pictures: Pictures) -> (Self, Step) {
        let mut evaluation = Self::of(result);
        let step = match plan {
            Plan::Scored(scored) => evaluation.scored(scored),
            Plan::Error(reason) => evaluation.unscored(MetricStatus::Error, &reason),
            Plan::NotApplicable(reason) => evaluation.not_applicable(&reason),
            Plan::Judge(work) => {
                let judge = Judge::at(Rc::clone(&evaluation.desk), pictures);
                evaluation.scoring = Some(work(judge));
                evaluation.go_on()
            }
            Plan::Errand(errand) => {
                evaluation.running = Some(errand.reading());
                Step::Run(*errand)
            }
        };
        (evaluation, step)
    }

    /// Takes the judge's answer to a question; `Err` when it could not be asked, which ends the metric in `error`.
    ///
    /// An answer that cannot be used is asked for once more with a word on what is wrong; the second time ends in `error`.
    /// What answers no open question changes nothing. After [`Step::Done`] the same result is given again.
    pub fn answer(&mut self, id: u64, answer: Result<ChatAnswer, String>) -> Step {
        if self.scoring.is_none() && self.running.is_none() {
            return Step::Done(self.result.clone());
        }
        let Some((hash, schema)) = self.open.remove(&id) else {
            return Step::Ask(Vec::new());
        };
        self.account(hash, schema, answer.as_ref().ok());
        self.desk.borrow_mut().lay(id, answer);
        self.go_on()
    }

    /// Takes what came of what [`Step::Run`] asked for: JSON, or why there is none, for a person. Without that step, or after it,
    /// nothing changes.
    pub fn came(&mut self, outcome: Result<Value, String>) -> Step {
        let Some(reading) = self.running.take() else {
            return match self.scoring {
                Some(_) => Step::Ask(Vec::new()),
                None => Step::Done(self.result.clone()),
            };
        };
        match (outcome, reading) {
            (Ok(answer), Reading::Score) => self.ended(errand::read(&answer)),
            (Ok(answer), Reading::Embeddings) => {
                let scored = errand::embedded(&answer).map(|(found, scored)| {
                    self.result.usage = found.usage;
                    self.result.cost_usd = found.cost_usd;
                    scored
                });
                self.ended(scored)
            }
            (Err(reason), _) => self.unscored(MetricStatus::Error, &reason),
        }
    }

    /// Lets the metric go on as far as it can.
    fn go_on(&mut self) -> Step {
        let Some(scoring) = &mut self.scoring else {
            return Step::Done(self.result.clone());
        };
        let polled = scoring
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(ended) => self.ended(ended),
            Poll::Pending => {
                let opened = self.desk.borrow_mut().opened();
                if self.desk.borrow().waiting() == 0 {
                    return self.unscored(MetricStatus::Error, "the metric waits for nothing");
                }
                for asked in &opened {
                    let of = (asked.call.prompt_hash.clone(), asked.call.schema_name);
                    self.open.insert(asked.id, of);
                }
                Step::Ask(opened)
            }
        }
    }

    /// Sums up what the judge spent; what a call that broke has cost is unknown. A sum with an unknown part is unknown.
    fn account(&mut self, hash: String, schema: &'static str, answer: Option<&ChatAnswer>) {
        let first = self.calls == 0;
        self.calls += 1;
        let result = &mut self.result;
        let spent = answer.and_then(|a| a.usage);
        result.usage = match (result.usage, spent) {
            (_, now) if first => now,
            (Some(mut sum), Some(now)) => {
                sum += now;
                Some(sum)
            }
            _ => None,
        };
        let sum = if first { Some(0.0) } else { result.cost_usd };
        result.cost_usd = sum
            .zip(answer.and_then(|a| a.cost_usd))
            .map(|(sum, now)| sum + now);
        result.prompt_hash = Some(hash.clone());
        let Some(answer) = answer else { return };
        result.judge_model = answer.model.clone().or(result.judge_model.take());
        result.raw_verdict = Some(clip(&answer.content, MAX_RAW_CHARS));
        if result.judge_answers.len() < MAX_ANSWERS {
            result.judge_answers.push(JudgeAnswer {
                schema: schema.to_owned(),
                prompt_hash: hash,
                answer: clip(&answer.content, MAX_ANSWER_CHARS),
                reused: answer.reused,
            });
        }
    }

    fn ended(&mut self, ended: Result<Scored, Unscored>) -> Step {
        match ended {
            Ok(scored) => self.scored(scored),
            Err(Unscored::Error(reason)) => self.unscored(MetricStatus::Error, &reason),
            Err(Unscored::NotApplicable(reason)) => self.not_applicable(&reason),
        }
    }

    fn scored(&mut self, scored: Scored) -> Step {
        if !(0.0..=1.0).contains(&scored.score) {
            let reason = format!("the score {} is not between 0 and 1", scored.score);
            return self.unscored(MetricStatus::Error, &reason);
        }
        self.scoring = None;
        let passed = scored.score >= self.result.threshold;
        self.result.status = if passed {
            MetricStatus::Passed
        } else {
            MetricStatus::Failed
        };
        self.result.score = Some(scored.score);
        self.result.confidence = scored.confidence.map(|c| c.clamp(0.0, 1.0));
        self.result.breakdown = scored.breakdown;
        self.result.reason = clip(&scored.reason, MAX_REASON_CHARS);
        Step::Done(self.result.clone())
    }

    fn not_applicable(&mut self, reason: &str) -> Step {
        self.unscored(MetricStatus::Skipped, &format!("not applicable: {reason}"))
    }

    fn unscored(&mut self, status: MetricStatus, reason: &str) -> Step {
        self.scoring = None;
        self.result.status = status;
        self.result.reason = clip(reason, MAX_REASON_CHARS);
        Step::Done(self.result.clone())
    }
}

/// A result of which nothing is known.
pub(crate) fn blank(kind: &str) -> MetricResult {
    MetricResult {
        name: kind.to_owned(),
        kind: kind.to_owned(),
        version: 1,
        status: MetricStatus::Error,
        score: None,
        threshold: 0.5,
        reason: String::new(),
        severity: assay_model::Severity::default(),
        confidence: None,
        breakdown: BTreeMap::new(),
        judge_model: None,
        prompt_hash: None,
        raw_verdict: None,
        judge_answers: Vec::new(),
        judgements: None,
        judged_by: None,
        calibration: None,
        usage: None,
        cost_usd: None,
        latency_ms: None,
    }
}

#[cfg(test)]
#[path = "evaluation_tests.rs"]
mod tests;
