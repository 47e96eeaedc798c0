//! One metric on one case, from the first question to the result.

use crate::fields::first_missing;
use crate::judge::{JudgeCall, Judged, Next};
use crate::registry::{Plan, Scored, metric};
use crate::text::clip;
use assay_llm::{ChatAnswer, extract_json};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase};

/// Most characters of a judge's words that a result keeps.
const MAX_RAW_CHARS: usize = 10_000;

/// Most characters a reason has.
const MAX_REASON_CHARS: usize = 4_000;

/// What the caller does next.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Step {
    /// Ask the judge, and hand the answer to [`Evaluation::answer`].
    Ask(JudgeCall),
    /// The metric is done. `latency_ms` is the caller's to fill in: there is no clock here.
    Done(MetricResult),
}

/// A metric at work on a case.
pub struct Evaluation {
    /// The result as far as it is known.
    result: MetricResult,
    state: State,
    calls: u32,
}

enum State {
    Judging {
        judged: Box<dyn Judged>,
        open: JudgeCall,
        repaired: bool,
    },
    Done,
}

impl Evaluation {
    /// Begins to score `case` as `spec` says.
    ///
    /// A required field that the item lacks (`expected_output`, `expected_tools`, `context`) or that the agent did not report
    /// (`retrieval_context`) gives `skipped`; one that the run should have brought gives `error`, and so do wrong parameters.
    pub fn start(spec: &MetricSpec, case: &TestCase) -> (Self, Step) {
        let metric = metric(spec.kind);
        let about = metric.about();
        let asked = spec.threshold.unwrap_or(about.default_threshold);
        let result = MetricResult {
            name: spec.display_name().to_owned(),
            kind: spec.kind.as_str().to_owned(),
            version: about.version,
            status: MetricStatus::Error,
            score: None,
            threshold: metric.forced_threshold(&spec.params).unwrap_or(asked),
            reason: String::new(),
            severity: assay_model::Severity::default(),
            confidence: None,
            judge_model: None,
            prompt_hash: None,
            raw_verdict: None,
            usage: None,
            cost_usd: None,
            latency_ms: None,
        };
        let mut evaluation = Self {
            result,
            state: State::Done,
            calls: 0,
        };
        let step = match first_missing(&metric.required_fields(&spec.params), case) {
            Some((status, reason)) => evaluation.unscored(status, &reason),
            None => match metric.begin(&spec.params, case) {
                Plan::Scored(scored) => evaluation.scored(scored),
                Plan::Error(reason) => evaluation.unscored(MetricStatus::Error, &reason),
                Plan::Judge(judged) => evaluation.ask(judged),
            },
        };
        (evaluation, step)
    }

    /// Takes the judge's answer to the last question; `Err` when it could not be asked, which ends the metric in `error`.
    ///
    /// An answer that cannot be used is asked for once more with a word on what is wrong; the second time ends in `error`.
    /// After [`Step::Done`] the same result is given again.
    pub fn answer(&mut self, answer: Result<ChatAnswer, String>) -> Step {
        let State::Judging {
            mut judged,
            open,
            repaired,
        } = std::mem::replace(&mut self.state, State::Done)
        else {
            return Step::Done(self.result.clone());
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                // What a call that broke has cost is unknown, and with it the sum.
                (self.result.usage, self.result.cost_usd) = (None, None);
                return self.unscored(
                    MetricStatus::Error,
                    &format!("the judge could not be asked: {why}"),
                );
            }
        };
        self.account(&answer);
        let read = match extract_json(&answer.content) {
            Some(verdict) => judged.read(&verdict, &answer),
            None => Err("it holds no JSON object".to_owned()),
        };
        match read {
            Ok(Next::Scored(scored)) => self.scored(scored),
            Ok(Next::Ask) => self.ask(judged),
            Err(problem) if repaired => self.unscored(
                MetricStatus::Error,
                &format!("the judge's answer could not be used, twice: {problem}"),
            ),
            Err(problem) => {
                let again = open.again(&clip(&answer.content, MAX_RAW_CHARS), &problem);
                self.result.prompt_hash = Some(again.prompt_hash.clone());
                self.state = State::Judging {
                    judged,
                    open,
                    repaired: true,
                };
                Step::Ask(again)
            }
        }
    }

    fn ask(&mut self, judged: Box<dyn Judged>) -> Step {
        let open = judged.call();
        self.result.prompt_hash = Some(open.prompt_hash.clone());
        self.state = State::Judging {
            judged,
            open: open.clone(),
            repaired: false,
        };
        Step::Ask(open)
    }

    /// Sums up what the judge spent. A sum with an unknown part is unknown.
    fn account(&mut self, answer: &ChatAnswer) {
        let first = self.calls == 0;
        self.calls += 1;
        let result = &mut self.result;
        result.usage = match (result.usage, answer.usage) {
            (_, now) if first => now,
            (Some(mut sum), Some(now)) => {
                sum += now;
                Some(sum)
            }
            _ => None,
        };
        let sum = if first { Some(0.0) } else { result.cost_usd };
        result.cost_usd = sum.zip(answer.cost_usd).map(|(sum, now)| sum + now);
        result.judge_model = answer.model.clone().or(result.judge_model.take());
        result.raw_verdict = Some(clip(&answer.content, MAX_RAW_CHARS));
    }

    fn scored(&mut self, scored: Scored) -> Step {
        if !(0.0..=1.0).contains(&scored.score) {
            let reason = format!("the score {} is not between 0 and 1", scored.score);
            return self.unscored(MetricStatus::Error, &reason);
        }
        let passed = scored.score >= self.result.threshold;
        self.result.status = if passed {
            MetricStatus::Passed
        } else {
            MetricStatus::Failed
        };
        self.result.score = Some(scored.score);
        self.result.confidence = scored.confidence.map(|c| c.clamp(0.0, 1.0));
        self.result.reason = clip(&scored.reason, MAX_REASON_CHARS);
        Step::Done(self.result.clone())
    }

    fn unscored(&mut self, status: MetricStatus, reason: &str) -> Step {
        self.result.status = status;
        self.result.reason = clip(reason, MAX_REASON_CHARS);
        Step::Done(self.result.clone())
    }
}

#[cfg(test)]
#[path = "evaluation_tests.rs"]
mod tests;
