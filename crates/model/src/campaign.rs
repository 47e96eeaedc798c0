//! Campaigns: one agent, many items, some metrics, one verdict.

use crate::schema::NAME;
use crate::{
    Judging, MetricResult, MetricSpec, MetricStatus, Severity, TokenUsage, Validate, Validator,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a campaign must reach to pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Least share of scored items that pass, in `[0, 1]`.
    #[schemars(range(min = 0, max = 1))]
    pub min_pass_rate: f64,
    /// Most share of items that may end in error before the verdict is inconclusive, in `[0, 1]`.
    #[schemars(range(min = 0, max = 1))]
    pub max_error_rate: f64,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            min_pass_rate: 1.0,
            max_error_rate: 0.1,
        }
    }
}

impl Validate for Gate {
    fn check(&self, v: &mut Validator) {
        v.range("min_pass_rate", self.min_pass_rate, 0.0, 1.0);
        v.range("max_error_rate", self.max_error_rate, 0.0, 1.0);
    }
}

/// What the gate says of a finished campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GateVerdict {
    /// The pass rate is reached.
    Passed,
    /// Quality is below the gate.
    Failed,
    /// Too many items could not be scored to say.
    Inconclusive,
}

/// A campaign as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignSpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// The agent under test; this or `agents`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(min = 1))]
    pub agent_id: String,
    /// Several agents, or versions of them, each of which runs everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub agents: Vec<AgentVersion>,
    /// The dataset whose items are run; this or `scenario_ids`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_id: Option<String>,
    /// The scenarios that are run; this or `dataset_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub scenario_ids: Vec<String>,
    /// Personas of the library: each scenario is played by each of them in place of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub persona_ids: Vec<String>,
    /// Metrics of every item, besides an item's own.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub metrics: Vec<MetricSpec>,
    /// The model that judges; needed by metrics that ask one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model_id: Option<String>,
    /// How often metrics are judged, and by which models besides; once by one where nothing is said.
    #[serde(
        default,
        skip_serializing_if = "Judging::is_default",
        deserialize_with = "crate::object"
    )]
    pub judging: Judging,
    /// The model that plays personas which name none; needed by scenarios without a script whose persona does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona_model_id: Option<String>,
    /// How often each item is run.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub repetitions: u32,
    /// How many runs go on at the same time.
    #[serde(default = "default_concurrency")]
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: u32,
    /// Most turns of the user in one run.
    #[serde(default = "default_max_turns")]
    #[schemars(range(min = 1, max = 100))]
    pub max_turns: u32,
    /// How often one call of the target is tried before the run ends in error.
    #[serde(default = "default_max_attempts")]
    #[schemars(range(min = 1, max = 10))]
    pub max_attempts: u32,
    /// Passed to models that take one, so that a run can be repeated.
    #[serde(default)]
    pub seed: u64,
    /// What the campaign must reach.
    #[serde(default, deserialize_with = "crate::object")]
    pub gate: Gate,
    /// What it may spend. It pauses rather than spend more.
    #[serde(
        default,
        skip_serializing_if = "Budget::is_unbounded",
        deserialize_with = "crate::object"
    )]
    pub budget: Budget,
    /// How fast each agent may be called; as fast as it answers where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<PaceSpec>,
    /// Of two campaigns of a workspace the one with the higher number begins its runs first.
    #[serde(
        default = "default_priority",
        skip_serializing_if = "is_default_priority"
    )]
    #[schemars(range(min = 0, max = 9))]
    pub priority: u32,
    /// Whether what agents and models answer is kept, so that the campaign can be played again without them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record: bool,
    /// A campaign that was recorded: what agents and models answered then is what they answer now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub replay_of: Option<String>,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<String>,
}

/// An agent, as it is or as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentVersion {
    /// Which agent.
    #[schemars(length(min = 1, max = 64))]
    pub id: String,
    /// Which version of it; the one of now where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub version: Option<i64>,
}

/// Bounds of what a campaign spends; none where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// US dollars, of calls whose price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub cost_usd: Option<f64>,
    /// Tokens of both kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Milliseconds from its first run on, pauses left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// Calls of judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge_calls: Option<u64>,
}

impl Budget {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }
}

impl Validate for Budget {
    fn check(&self, v: &mut Validator) {
        if let Some(cost) = self.cost_usd {
            v.range("cost_usd", cost, 0.0, 1e9);
        }
        let most = i64::MAX.unsigned_abs();
        let counts = [
            ("tokens", self.tokens),
            ("wall_ms", self.wall_ms),
            ("judge_calls", self.judge_calls),
        ];
        for (field, count) in counts {
            if let Some(count) = count {
                v.range(field, count, 0, most);
            }
        }
    }
}

/// How fast an agent may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaceSpec {
    /// Calls a minute, at an even rate.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub per_minute: u32,
    /// How many may come at once where calls were saved up.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub burst: u32,
}

impl Validate for PaceSpec {
    fn check(&self, v: &mut Validator) {
        v.range("per_minute", self.per_minute, 1, 1_000_000);
        v.range("burst", self.burst, 1, 10_000);
    }
}

const fn one() -> u32 {
    1
}
const fn default_priority() -> u32 {
    5
}
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_default_priority(n: &u32) -> bool {
    *n == 5
}
const fn default_concurrency() -> u32 {
    4
}
const fn default_max_turns() -> u32 {
    10
}
const fn default_max_attempts() -> u32 {
    3
}

impl CampaignSpec {
    /// The agents under test.
    #[must_use]
    pub fn agents_under_test(&self) -> Vec<AgentVersion> {
        if self.agents.is_empty() {
            return vec![AgentVersion {
                id: self.agent_id.clone(),
                version: None,
            }];
        }
        self.agents.clone()
    }
}

impl Validate for CampaignSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.range("seed", self.seed, 0, i64::MAX.unsigned_abs());
        match (self.agent_id.is_empty(), self.agents.is_empty()) {
            (true, true) => v.error("agent_id", "is required unless `agents` are given"),
            (false, false) => v.error("agents", "cannot stand beside `agent_id`"),
            _ => {}
        }
        v.require(
            self.agents.len() <= 20,
            "agents",
            "must have at most 20 entries",
        );
        v.at("agents", |v| {
            for (i, agent) in self.agents.iter().enumerate() {
                let earlier = self.agents.iter().take(i);
                let unique = earlier.filter(|a| *a == agent).count() == 0;
                v.at(i, |v| {
                    v.require(!agent.id.is_empty(), "id", "must not be empty");
                    v.require(unique, "id", "is there twice");
                    v.require(
                        agent.version.is_none_or(|n| n >= 1),
                        "version",
                        "must be at least 1",
                    );
                });
            }
        });
        v.require(
            self.persona_ids.is_empty() || !self.scenario_ids.is_empty(),
            "persona_ids",
            "needs `scenario_ids`: items of datasets are said word for word",
        );
        v.texts("persona_ids", &self.persona_ids, 100, 64);
        let judge = self.judge_model_id.as_deref();
        v.at("judging", |v| self.judging.check_beside(judge, v));
        v.at("budget", |v| self.budget.check(v));
        if let Some(pace) = &self.pace {
            v.at("pace", |v| pace.check(v));
        }
        v.range("priority", self.priority, 0, 9);
        v.require(
            self.replay_of.is_none() || !self.record,
            "record",
            "cannot stand beside `replay_of`",
        );
        match (&self.dataset_id, self.scenario_ids.is_empty()) {
            (None, true) => v.error("dataset_id", "is required unless `scenario_ids` is given"),
            (Some(_), false) => v.error("scenario_ids", "cannot stand beside `dataset_id`"),
            _ => {}
        }
        v.require(
            self.scenario_ids.len() <= 1000,
            "scenario_ids",
            "must have at most 1000 entries",
        );
        v.require(
            self.metrics.len() <= 50,
            "metrics",
            "must have at most 50 entries",
        );
        v.each("metrics", &self.metrics);
        let mut seen = std::collections::HashSet::new();
        v.at("metrics", |v| {
            for (i, metric) in self.metrics.iter().enumerate() {
                let unique = seen.insert(metric.display_name());
                v.at(i, |v| {
                    v.require(unique, "name", "is used by an earlier metric")
                });
            }
        });
        v.range("repetitions", self.repetitions, 1, 100);
        v.range("concurrency", self.concurrency, 1, 1000);
        v.range("max_turns", self.max_turns, 1, 100);
        v.range("max_attempts", self.max_attempts, 1, 10);
        v.at("gate", |v| self.gate.check(v));
        v.require(
            self.tags.len() <= 50,
            "tags",
            "must have at most 50 entries",
        );
    }
}

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CampaignStatus {
    /// Accepted, no run has begun.
    Queued,
    /// Runs go on.
    Running,
    /// Stopped, and can go on: by a person, or by its budget.
    Paused,
    /// Every run has ended.
    Completed,
    /// Stopped by a person; runs that had ended keep their scores.
    Cancelled,
}

/// Where one run stands. `Error` is not a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for its turn.
    Queued,
    /// Goes on.
    Running,
    /// Somebody must answer before it goes on.
    WaitingForPerson,
    /// Stopped by a person, and can go on.
    Paused,
    /// Every metric passed.
    Passed,
    /// A metric is below its threshold.
    Failed,
    /// It could not be scored.
    Error,
    /// Stopped by a person before it ended.
    Cancelled,
}

impl RunStatus {
    /// How a run stands by its metrics. A failed metric decides; an error is never a score, so without a failed metric it is an
    /// error that decides; only then a pass. What is of minor weight decides nothing.
    #[must_use]
    pub fn of_verdicts(verdicts: &[(MetricStatus, Severity)]) -> Self {
        let weighty = verdicts.iter().filter(|(_, s)| *s != Severity::Minor);
        let any = |status| weighty.clone().any(|(s, _)| *s == status);
        if any(MetricStatus::Failed) {
            Self::Failed
        } else if any(MetricStatus::Error) || !any(MetricStatus::Passed) {
            Self::Error
        } else {
            Self::Passed
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::WaitingForPerson => "waiting_for_person",
            Self::Paused => "paused",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Queued | Self::Running | Self::WaitingForPerson | Self::Paused
        )
    }
}

/// What kept a run from being scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunErrorKind {
    /// No connection to the target, or it broke.
    TargetUnreachable,
    /// No answer in time.
    TargetTimeout,
    /// The target said 429 until the tries ran out.
    TargetRateLimited,
    /// The target answered with another status than 2xx.
    TargetStatus,
    /// The target's answer could not be read as its protocol says.
    TargetBadResponse,
    /// The target's answer was larger than the cap.
    TargetTooLarge,
    /// The target's address is not allowed.
    TargetForbidden,
    /// The simulated user could not be played.
    Persona,
    /// A metric could not be computed.
    Metric,
    /// A template, an expression, a program or a request of the scenario's own failed.
    Scenario,
    /// A fault of the platform.
    Internal,
}

/// Why a run ended in error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunError {
    /// The class of fault.
    pub kind: RunErrorKind,
    /// What happened, for a person; holds no secrets.
    pub message: String,
}

/// One run's result: what the report shows a line of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ItemOutcome {
    /// The run's id.
    pub run_id: String,
    /// The item's key in its dataset, or the scenario's id.
    pub item_key: String,
    /// Which repetition, from 0.
    pub repetition: u32,
    /// The agent under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<i64>,
    /// The persona that was put in place of the scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona_id: Option<String>,
    /// The run whose outcome this one has, since nothing that it depends on has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<String>,
    /// Where the run stands.
    pub status: RunStatus,
    /// The trace that shows it, for `GET /api/v1/traces/{id}`.
    pub trace_id: String,
    /// What the user said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What the agent said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<String>,
    /// Turns of the user.
    #[serde(default)]
    pub turns: u32,
    /// Verdicts, one a metric.
    #[serde(default)]
    pub scores: Vec<MetricResult>,
    /// Why it ended in error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// Wall time of the slowest answer, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// Cost of the target's calls, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Tokens the target spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
}

/// The counts of a campaign, while it goes on and at its end.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CampaignSummary {
    /// All runs.
    pub total: u64,
    /// Not begun.
    pub queued: u64,
    /// Going on.
    pub running: u64,
    /// Waiting for somebody's answer.
    #[serde(default)]
    pub waiting_for_person: u64,
    /// Stopped, and can go on.
    #[serde(default)]
    pub paused: u64,
    /// Every metric passed.
    pub passed: u64,
    /// A metric is below its threshold.
    pub failed: u64,
    /// Not scored.
    pub error: u64,
    /// Stopped.
    pub cancelled: u64,
}

impl CampaignSummary {
    /// Share of scored runs that passed; `None` when none was scored.
    #[must_use]
    pub fn pass_rate(&self) -> Option<f64> {
        let scored = self.passed + self.failed;
        (scored > 0).then(|| self.passed as f64 / scored as f64)
    }

    /// Runs that will not change any more.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.passed + self.failed + self.error + self.cancelled
    }

    /// What `gate` says; `None` while runs go on.
    #[must_use]
    pub fn verdict(&self, gate: &Gate) -> Option<GateVerdict> {
        if self.done() < self.total {
            return None;
        }
        let unscored = (self.error + self.cancelled) as f64;
        Some(match self.pass_rate() {
            None => GateVerdict::Inconclusive,
            Some(_) if unscored > gate.max_error_rate * self.total as f64 => {
                GateVerdict::Inconclusive
            }
            Some(rate) if rate >= gate.min_pass_rate => GateVerdict::Passed,
            Some(_) => GateVerdict::Failed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_neither_pass_nor_fail() {
        let s = CampaignSummary {
            total: 10,
            passed: 9,
            error: 1,
            ..CampaignSummary::default()
        };
        assert_eq!(s.pass_rate(), Some(1.0));
        assert_eq!(s.verdict(&Gate::default()), Some(GateVerdict::Passed));
        let s = CampaignSummary {
            total: 10,
            passed: 8,
            error: 2,
            ..CampaignSummary::default()
        };
        assert_eq!(s.verdict(&Gate::default()), Some(GateVerdict::Inconclusive));
        let s = CampaignSummary {
            total: 2,
            passed: 1,
            failed: 1,
            ..CampaignSummary::default()
        };
        assert_eq!(s.verdict(&Gate::default()), Some(GateVerdict::Failed));
        let s = CampaignSummary {
            total: 2,
            passed: 1,
            running: 1,
            ..CampaignSummary::default()
        };
        assert_eq!(s.verdict(&Gate::default()), None);
    }
}
