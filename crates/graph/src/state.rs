//! The states of a run and what leads from one to the next.

use crate::protocol::{Failure, TargetAnswer};
use crate::retry::backoff_ms;
use assay_model::{
    DatasetItem, Message, MetricResult, MetricStatus, Role, RunError, RunErrorKind, RunStatus,
    TestCase, TokenUsage, ToolCall,
};
use serde::{Deserialize, Serialize};

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Get the user's next words.
    UserTurn,
    /// Call the target.
    CallTarget,
    /// Get verdicts.
    Evaluate,
    /// Nothing: the run has ended as the status says.
    Finish(RunStatus),
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The user said something.
    UserSaid(String),
    /// The user has nothing more to say.
    UserStopped(String),
    /// The user could not be played.
    UserFailed(Failure),
    /// The target answered.
    Answered(TargetAnswer),
    /// The target did not answer.
    TargetFailed(Failure),
    /// Verdicts.
    Scored(Vec<MetricResult>),
    /// The evaluator itself failed.
    EvaluatorFailed(Failure),
}

/// Bounds of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most turns of the user.
    pub max_turns: u32,
    /// Tries of one effect before the run ends in error.
    pub max_attempts: u32,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The next state.
    pub state: RunState,
    /// How long to wait before its effect, in milliseconds.
    pub wait_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    UserTurn,
    CallTarget,
    Evaluate,
    Done,
}

/// A run between two steps: the checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// Version of this format, so that a newer program can read an older checkpoint.
    pub version: u32,
    phase: Phase,
    /// What was said so far.
    pub messages: Vec<Message>,
    /// Turns the user has had.
    pub user_turns: u32,
    /// Failures of the current effect in a row.
    pub failures: u32,
    /// Tools the target called, in order.
    pub tools_called: Vec<ToolCall>,
    /// What the target retrieved for its last answer.
    pub retrieval_context: Vec<String>,
    /// Time of the slowest answer, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Tokens the target spent; `None` as long as it never said.
    pub usage: Option<TokenUsage>,
    /// What the target's calls cost; unknown for good once one is unknown.
    pub cost_usd: Option<f64>,
    cost_unknown: bool,
    /// Why the user stopped.
    pub stop_reason: Option<String>,
    /// Verdicts.
    pub scores: Vec<MetricResult>,
    /// Why the run ended in error.
    pub error: Option<RunError>,
}

impl RunState {
    /// The state before the first step.
    #[must_use]
    pub fn start(item: &DatasetItem) -> Self {
        Self {
            version: 1,
            phase: Phase::UserTurn,
            messages: item.history.clone(),
            user_turns: 0,
            failures: 0,
            tools_called: Vec::new(),
            retrieval_context: Vec::new(),
            latency_ms: None,
            usage: None,
            cost_usd: None,
            cost_unknown: false,
            stop_reason: None,
            scores: Vec::new(),
            error: None,
        }
    }

    /// What is to be done next.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.phase {
            Phase::UserTurn => Effect::UserTurn,
            Phase::CallTarget => Effect::CallTarget,
            Phase::Evaluate => Effect::Evaluate,
            Phase::Done => Effect::Finish(self.status()),
        }
    }

    /// How the run stands. A failed metric decides; an error is never a score, so without a failed metric it is an
    /// error that decides; only then a pass.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        if self.phase != Phase::Done {
            return RunStatus::Running;
        }
        let any = |status| self.scores.iter().any(|s| s.status == status);
        if self.error.is_some() {
            RunStatus::Error
        } else if any(MetricStatus::Failed) {
            RunStatus::Failed
        } else if any(MetricStatus::Error) || !any(MetricStatus::Passed) {
            RunStatus::Error
        } else {
            RunStatus::Passed
        }
    }

    /// What the user said last.
    #[must_use]
    pub fn last(&self, role: Role) -> Option<&str> {
        self.messages
            .iter()
            .rev()
            .find(|m| m.role == role)
            .map(|m| m.content.as_str())
    }

    /// The conversation as metrics see it.
    #[must_use]
    pub fn test_case(&self, item: &DatasetItem) -> TestCase {
        TestCase {
            input: self.last(Role::User).unwrap_or_default().to_owned(),
            actual_output: self.last(Role::Assistant).map(str::to_owned),
            expected_output: item.expected_output.clone(),
            context: item.context.clone(),
            retrieval_context: self.retrieval_context.clone(),
            tools_called: self.tools_called.clone(),
            expected_tools: item.expected_tools.clone(),
            messages: self.messages.clone(),
            latency_ms: self.latency_ms,
            cost_usd: self.cost_usd,
            usage: self.usage,
        }
    }

    /// The state after an event. An event that does not fit the phase changes nothing: it belongs to a step that has
    /// been taken already. `jitter` is in `[0, 1)`.
    #[must_use]
    pub fn apply(mut self, event: Event, limits: Limits, jitter: f64) -> Transition {
        let mut wait_ms = 0;
        match (self.phase, event) {
            (Phase::UserTurn, Event::UserSaid(text)) => {
                self.messages.push(Message::new(Role::User, text));
                self.user_turns += 1;
                self.advance(Phase::CallTarget);
            }
            (Phase::UserTurn, Event::UserStopped(reason)) => {
                self.stop_reason = Some(reason);
                if self.user_turns == 0 {
                    self.fail(RunErrorKind::Persona, "the simulated user said nothing");
                } else {
                    self.advance(Phase::Evaluate);
                }
            }
            (Phase::CallTarget, Event::Answered(answer)) => {
                self.record(answer);
                if self.user_turns >= limits.max_turns {
                    self.stop_reason = Some("max_turns".into());
                    self.advance(Phase::Evaluate);
                } else {
                    self.advance(Phase::UserTurn);
                }
            }
            (Phase::Evaluate, Event::Scored(scores)) => {
                if scores.is_empty() {
                    self.fail(RunErrorKind::Metric, "no metric applies to this item");
                } else {
                    self.scores = scores;
                    self.advance(Phase::Done);
                }
            }
            (Phase::UserTurn, Event::UserFailed(f))
            | (Phase::CallTarget, Event::TargetFailed(f))
            | (Phase::Evaluate, Event::EvaluatorFailed(f)) => {
                self.failures += 1;
                if f.retryable && self.failures < limits.max_attempts {
                    wait_ms = backoff_ms(self.failures, f.retry_after_ms, jitter);
                } else {
                    self.error = Some(f.error);
                    self.advance(Phase::Done);
                }
            }
            _ => {}
        }
        Transition {
            state: self,
            wait_ms,
        }
    }

    fn advance(&mut self, phase: Phase) {
        self.phase = phase;
        self.failures = 0;
    }

    fn fail(&mut self, kind: RunErrorKind, message: &str) {
        self.error = Some(RunError {
            kind,
            message: message.to_owned(),
        });
        self.advance(Phase::Done);
    }

    fn record(&mut self, answer: TargetAnswer) {
        let took = answer
            .call
            .ended
            .micros()
            .saturating_sub(answer.call.started.micros()) as f64
            / 1000.0;
        self.latency_ms = Some(self.latency_ms.map_or(took, |l| l.max(took)));
        if let Some(usage) = answer.call.usage {
            *self.usage.get_or_insert_default() += usage;
        }
        self.cost_unknown |= answer.call.cost_usd.is_none();
        let sum = self.cost_usd.unwrap_or(0.0) + answer.call.cost_usd.unwrap_or(0.0);
        self.cost_usd = (!self.cost_unknown).then_some(sum);
        self.tools_called
            .extend(answer.tools_called.iter().cloned());
        self.retrieval_context = answer.retrieval_context;
        let message = Message {
            role: Role::Assistant,
            content: answer.content,
            tool_calls: answer.tools_called,
        };
        self.messages.push(message);
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
