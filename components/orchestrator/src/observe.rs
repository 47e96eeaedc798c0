//! What a step writes to the trace store. Every id is derived from run and step, so a step taken twice writes once.

use crate::run_rows::{Lease, RunRow};
use assay_edge::derived_id;
use assay_graph::pregel::{Outcome, Task, Written};
use assay_graph::protocol::{
    AgentSnapshot, CallStats, FetchResponse, ProgramResponse, TargetResponse, UserTurnResponse,
};
use assay_model::{
    Batch, ItemOutcome, Level, MetricResult, MetricStatus, Observation, ObservationType, Score,
    ScoreSource, ScoreType, Timestamp, Trace,
};
use assay_scenario::{Did, Part, State};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// Where a campaign's own traces belong, apart from production's.
const ENVIRONMENT: &str = "assay-campaign";

fn id(lease: &Lease, what: &str) -> String {
    // 16 hex digits, as OTel spans have.
    derived_id("observation", &[&lease.run_id, what])
        .chars()
        .filter(|c| *c != '-')
        .take(16)
        .collect()
}

fn root_id(lease: &Lease) -> String {
    id(lease, "root")
}

/// The trace and its root, when the run begins.
pub(crate) fn begin(lease: &Lease, row: &RunRow, agent: &AgentSnapshot) -> Batch {
    Batch {
        traces: vec![trace(lease, row)],
        observations: vec![root(lease, row, agent, None)],
        scores: vec![],
    }
}

fn trace(lease: &Lease, row: &RunRow) -> Trace {
    let mut tags = row.item.item.tags.clone();
    tags.push("campaign".into());
    Trace {
        id: lease.run_id.clone(),
        name: Some(
            row.item
                .scenario
                .as_ref()
                .map_or_else(|| row.item_key.clone(), |s| s.name.clone()),
        ),
        timestamp: row.started_at,
        session_id: Some(lease.campaign_id.clone()),
        input: json!(row.item.item.user_turns()),
        metadata: json!({
            "campaign_id": lease.campaign_id,
            "item_key": row.item_key,
            "repetition": row.repetition,
        }),
        tags,
        environment: Some(ENVIRONMENT.into()),
        ..Trace::default()
    }
}

fn root(
    lease: &Lease,
    row: &RunRow,
    agent: &AgentSnapshot,
    end: Option<(Timestamp, &ItemOutcome, &State)>,
) -> Observation {
    Observation {
        id: root_id(lease),
        trace_id: lease.run_id.clone(),
        kind: ObservationType::Agent,
        name: format!("run of {}", agent.spec.name),
        start_time: row.started_at,
        end_time: end.map(|(t, ..)| t),
        level: if end.is_some_and(|(_, o, _)| o.error.is_some()) {
            Level::Error
        } else {
            Level::Default
        },
        status_message: end.and_then(|(_, o, _)| o.error.as_ref().map(|e| e.message.clone())),
        input: json!(row.item.item.user_turns()),
        output: end.map_or(Value::Null, |(_, o, _)| json!(o.output)),
        metadata: json!({
            "agent_id": agent.id,
            "agent_version": agent.version,
            "status": end.map(|(_, o, _)| o.status),
            "stop_reason": end.and_then(|(.., state)| state.stop_reason()),
        }),
        ..Observation::default()
    }
}

/// What was seen of a task.
pub(crate) struct Seen<'s> {
    pub(crate) task: &'s Task,
    pub(crate) part: Part,
    pub(crate) outcome: &'s Outcome,
    pub(crate) did: Option<&'s Did>,
    /// The state that it read.
    pub(crate) state: &'s State,
    pub(crate) times: (Timestamp, Timestamp),
    pub(crate) call: Option<CallStats>,
}

impl Seen<'_> {
    /// What the task wrote to a field, the first of it.
    fn wrote(&self, field: &str) -> Option<&Value> {
        let Outcome::Done { update, .. } = self.outcome else {
            return None;
        };
        let found = update.iter().find(|(name, _)| name.as_ref() == field)?;
        let (Written::Value(value) | Written::Overwrite(value)) = &found.1;
        Some(value)
    }

    /// What the user has said or done.
    fn users_words(&self) -> Value {
        match (self.did, self.wrote("messages")) {
            (Some(Did::User(UserTurnResponse::Stop { reason, .. })), _) => json!({"stop": reason}),
            (_, Some(said)) => said.pointer("/0/content").cloned().unwrap_or_default(),
            (_, None) => {
                let facts = self.wrote_all("facts");
                let reason = facts.iter().find_map(|f| f.get("stop_reason"));
                reason.map_or(Value::Null, |reason| json!({"stop": reason}))
            }
        }
    }

    fn wrote_all(&self, field: &str) -> Vec<&Value> {
        let Outcome::Done { update, .. } = self.outcome else {
            return Vec::new();
        };
        let of = update.iter().filter(|(name, _)| name.as_ref() == field);
        of.map(|(_, written)| {
            let (Written::Value(value) | Written::Overwrite(value)) = written;
            value.as_ref()
        })
        .collect()
    }
}

/// A task and what came of it.
pub(crate) fn seen(lease: &Lease, agent: &AgentSnapshot, seen: &Seen<'_>) -> Batch {
    let mut batch = Batch::default();
    let scores_nothing = seen.part == Part::Judge
        && seen.did.is_none()
        && seen.wrote("scores").is_none()
        && matches!(seen.outcome, Outcome::Done { .. });
    if seen.part == Part::Nothing || matches!(seen.outcome, Outcome::Asks(_)) || scores_nothing {
        return batch;
    }
    // Another try is another step, so that each has an observation of its own.
    let what = format!("{}:{}", seen.task.id, lease.seq);
    let call = seen.call.clone().unwrap_or(CallStats {
        started: seen.times.0,
        ended: seen.times.1,
        ..CallStats::default()
    });
    let mut o = Observation {
        id: id(lease, &what),
        trace_id: lease.run_id.clone(),
        parent_id: Some(root_id(lease)),
        start_time: call.started,
        end_time: Some(call.ended),
        model: call.model.clone(),
        usage: call.usage,
        cost_usd: call.cost_usd,
        metadata: json!({"step": lease.seq, "node": seen.task.name, "turn": seen.state.user_turns}),
        ..Observation::default()
    };
    match seen.part {
        Part::Nothing => {}
        Part::User => {
            o.name = "user turn".into();
            if let (Some(version), Some(hash)) = (&call.prompt_version, &call.prompt_hash)
                && let Some(metadata) = o.metadata.as_object_mut()
            {
                metadata.insert("prompt_version".into(), json!(version));
                metadata.insert("prompt_hash".into(), json!(hash));
            }
            o.kind = if seen.call.is_some() {
                ObservationType::Generation
            } else {
                ObservationType::Event
            };
            o.output = seen.users_words();
        }
        Part::Agent => {
            o.name = format!("call of {}", agent.spec.name);
            o.kind = ObservationType::Generation;
            o.input = json!(seen.state.messages);
            if let Some(Did::Target(TargetResponse::Answer(answer))) = seen.did {
                // A task tells the agent something first.
                if let Some(told) = seen
                    .wrote_all("messages")
                    .first()
                    .filter(|_| seen.wrote("user_turns").is_some())
                {
                    let mut messages = json!(seen.state.messages);
                    if let (Value::Array(all), Value::Array(told)) = (&mut messages, told) {
                        all.extend(told.iter().cloned());
                    }
                    o.input = messages;
                }
                o.output = json!(answer.shown());
                for (i, tool) in answer.tools_called.iter().enumerate() {
                    batch.observations.push(Observation {
                        id: id(lease, &format!("{what}-tool-{i}")),
                        trace_id: lease.run_id.clone(),
                        parent_id: Some(o.id.clone()),
                        kind: ObservationType::Tool,
                        name: tool.name.clone(),
                        start_time: call.started,
                        end_time: Some(call.ended),
                        input: tool.input_parameters.clone(),
                        output: tool.output.clone().unwrap_or(Value::Null),
                        ..Observation::default()
                    });
                }
            }
        }
        Part::Judge => {
            o.name = "evaluate".into();
            o.kind = ObservationType::Evaluator;
            // What was written, not what was answered: some verdicts need nobody.
            if let Some(written) = seen.wrote("scores") {
                o.output = written.clone();
                batch.scores = Vec::<MetricResult>::deserialize(written)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|r| score(lease, &o.id, r, seen.times.1))
                    .collect();
            }
        }
        Part::Condition => {
            o.name = seen.task.name.to_string();
            o.kind = if seen.did.is_some() {
                ObservationType::Evaluator
            } else {
                ObservationType::Event
            };
            let facts = seen.wrote_all("facts");
            o.output = facts.first().map(|f| (*f).clone()).unwrap_or_default();
            if let Some(Did::Evaluated(results)) = seen.did {
                o.input = json!(results);
            }
        }
        Part::Server => {
            o.name = seen.task.name.to_string();
            o.kind = ObservationType::Tool;
            if let Some(Did::Fetched(FetchResponse::Answer { status, body, .. })) = seen.did {
                o.output = json!({"status": status, "body": body});
            }
        }
        Part::Step => {
            o.name = seen.task.name.to_string();
            o.kind = ObservationType::Event;
            let vars = seen.wrote_all("vars");
            o.output = vars.first().map(|v| (*v).clone()).unwrap_or_default();
            if seen.did.is_some() {
                o.kind = ObservationType::Span;
            }
            if let Some(Did::Ran(ProgramResponse::Value { stderr, fuel, .. })) = seen.did
                && let Some(metadata) = o.metadata.as_object_mut()
            {
                metadata.insert("instructions".into(), json!(fuel));
                metadata.insert("stderr".into(), json!(stderr));
            }
        }
    }
    if let Outcome::Failed(fault) = seen.outcome {
        fail(&mut o, &fault.message);
    }
    batch.observations.push(o);
    batch
}

fn fail(o: &mut Observation, message: &str) {
    o.level = Level::Error;
    o.status_message = Some(message.to_owned());
}

/// An error is never a score: it is an observation, and no more.
fn score(lease: &Lease, observation: &str, r: &MetricResult, at: Timestamp) -> Option<Score> {
    if !matches!(r.status, MetricStatus::Passed | MetricStatus::Failed) {
        return None;
    }
    Some(Score {
        id: derived_id("score", &[&lease.run_id, &r.name]),
        trace_id: lease.run_id.clone(),
        observation_id: Some(observation.to_owned()),
        name: r.name.clone(),
        data_type: ScoreType::Numeric,
        value: r.score,
        source: ScoreSource::Eval,
        comment: Some(r.reason.clone()),
        timestamp: at,
        metadata: json!({
            "kind": r.kind,
            "version": r.version,
            "threshold": r.threshold,
            "passed": r.status == MetricStatus::Passed,
            "campaign_id": lease.campaign_id,
            "judge_model": r.judge_model,
            "prompt_hash": r.prompt_hash,
        }),
        ..Score::default()
    })
}

/// The trace and its root, when the run has ended.
pub(crate) fn end(
    lease: &Lease,
    row: &RunRow,
    agent: &AgentSnapshot,
    outcome: &ItemOutcome,
    state: &State,
    at: Timestamp,
) -> Batch {
    let mut trace = trace(lease, row);
    trace.output = json!(outcome.output);
    Batch {
        traces: vec![trace],
        observations: vec![root(lease, row, agent, Some((at, outcome, state)))],
        scores: vec![],
    }
}
