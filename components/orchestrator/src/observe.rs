//! What a step writes to the trace store. Every id is derived from run and step, so a step taken twice writes once.

use crate::effects::Performed;
use crate::run_rows::Lease;
use crate::step::Checkpoint;
use assay_edge::derived_id;
use assay_graph::protocol::{CallStats, CampaignSnapshot};
use assay_graph::{Effect, Event, RunState};
use assay_model::{
    Batch, ItemOutcome, Level, MetricResult, MetricStatus, Observation, ObservationType, Role,
    Score, ScoreSource, ScoreType, Timestamp, Trace,
};
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
pub(crate) fn begin(lease: &Lease, cp: &Checkpoint, campaign: &CampaignSnapshot) -> Batch {
    Batch {
        traces: vec![trace(lease, cp)],
        observations: vec![root(lease, cp, campaign, None)],
        scores: vec![],
    }
}

fn trace(lease: &Lease, cp: &Checkpoint) -> Trace {
    let mut tags = cp.item.item.tags.clone();
    tags.push("campaign".into());
    Trace {
        id: lease.run_id.clone(),
        name: Some(
            cp.item
                .scenario
                .as_ref()
                .map_or_else(|| cp.item_key.clone(), |s| s.name.clone()),
        ),
        timestamp: cp.started_at,
        session_id: Some(lease.campaign_id.clone()),
        input: json!(cp.item.item.user_turns()),
        metadata: json!({
            "campaign_id": lease.campaign_id,
            "item_key": cp.item_key,
            "repetition": cp.repetition,
        }),
        tags,
        environment: Some(ENVIRONMENT.into()),
        ..Trace::default()
    }
}

fn root(
    lease: &Lease,
    cp: &Checkpoint,
    campaign: &CampaignSnapshot,
    end: Option<(Timestamp, &ItemOutcome)>,
) -> Observation {
    Observation {
        id: root_id(lease),
        trace_id: lease.run_id.clone(),
        kind: ObservationType::Agent,
        name: format!("run of {}", campaign.agent.spec.name),
        start_time: cp.started_at,
        end_time: end.map(|(t, _)| t),
        level: if end.is_some_and(|(_, o)| o.error.is_some()) {
            Level::Error
        } else {
            Level::Default
        },
        status_message: end.and_then(|(_, o)| o.error.as_ref().map(|e| e.message.clone())),
        input: json!(cp.item.item.user_turns()),
        output: end.map_or(Value::Null, |(_, o)| json!(o.output)),
        metadata: json!({
            "agent_id": campaign.agent.id,
            "agent_version": campaign.agent.version,
            "status": end.map(|(_, o)| o.status),
            "stop_reason": cp.state.stop_reason,
        }),
        ..Observation::default()
    }
}

/// One effect and what came of it.
pub(crate) fn effect(
    lease: &Lease,
    before: &RunState,
    campaign: &CampaignSnapshot,
    effect: Effect,
    performed: &Performed,
    times: (Timestamp, Timestamp),
) -> Batch {
    let mut batch = Batch::default();
    let step = format!("step-{}", lease.seq);
    let call = performed.call.clone().unwrap_or(CallStats {
        started: times.0,
        ended: times.1,
        ..CallStats::default()
    });
    let mut o = Observation {
        id: id(lease, &step),
        trace_id: lease.run_id.clone(),
        parent_id: Some(root_id(lease)),
        start_time: call.started,
        end_time: Some(call.ended),
        model: call.model.clone(),
        usage: call.usage,
        cost_usd: call.cost_usd,
        metadata: json!({"step": lease.seq, "turn": before.user_turns, "try": before.failures + 1}),
        ..Observation::default()
    };
    match (effect, &performed.event) {
        (Effect::UserTurn, event) => {
            o.name = "user turn".into();
            if let (Some(version), Some(hash)) = (&call.prompt_version, &call.prompt_hash)
                && let Some(metadata) = o.metadata.as_object_mut()
            {
                metadata.insert("prompt_version".into(), json!(version));
                metadata.insert("prompt_hash".into(), json!(hash));
            }
            o.kind = if performed.call.is_some() {
                ObservationType::Generation
            } else {
                ObservationType::Event
            };
            match event {
                Event::UserSaid(text) => o.output = json!(text),
                Event::UserStopped(reason) => o.output = json!({"stop": reason}),
                Event::UserFailed(f) => fail(&mut o, &f.error.message),
                _ => {}
            }
        }
        (Effect::CallTarget, event) => {
            o.name = format!("call of {}", campaign.agent.spec.name);
            o.kind = ObservationType::Generation;
            o.input = json!(before.messages);
            match event {
                Event::Answered(answer) => {
                    o.output = json!(answer.content);
                    for (i, tool) in answer.tools_called.iter().enumerate() {
                        batch.observations.push(Observation {
                            id: id(lease, &format!("{step}-tool-{i}")),
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
                Event::TargetFailed(f) => fail(&mut o, &f.error.message),
                _ => {}
            }
        }
        (Effect::Evaluate, event) => {
            o.name = "evaluate".into();
            o.kind = ObservationType::Evaluator;
            match event {
                Event::Scored(results) => {
                    o.output = json!(results);
                    batch.scores = results
                        .iter()
                        .filter_map(|r| score(lease, &o.id, r, times.1))
                        .collect();
                }
                Event::EvaluatorFailed(f) => fail(&mut o, &f.error.message),
                _ => {}
            }
        }
        (Effect::Finish(_), _) => return batch,
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
    cp: &Checkpoint,
    campaign: &CampaignSnapshot,
    outcome: &ItemOutcome,
    at: Timestamp,
) -> Batch {
    let mut trace = trace(lease, cp);
    trace.output = json!(cp.state.last(Role::Assistant));
    Batch {
        traces: vec![trace],
        observations: vec![root(lease, cp, campaign, Some((at, outcome)))],
        scores: vec![],
    }
}
