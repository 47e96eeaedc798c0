//! The world of a run, and whether its goal was reached in the end.

use crate::course::Course;
use crate::fields::State;
use assay_environment::{GoalReport, check};
use assay_graph::protocol::World;
use assay_model::{
    EnvironmentSpec, GoalState, MetricResult, MetricSpec, MetricStatus, Role, Severity,
};
use serde_json::Value;

/// The name of the verdict.
const NAME: &str = "goal_state";
/// The kind of the verdict.
const KIND: &str = "environment";
/// Differences of states that a reason tells. All are in the raw verdict.
const MAX_TOLD: usize = 5;

impl Course {
    fn environment(&self) -> Option<&EnvironmentSpec> {
        self.item.scenario.as_ref()?.environment.as_ref()
    }

    /// The world of the run as it is: that of the outermost scenario, for all that it plays within.
    pub(crate) fn world(&self, state: &State) -> Option<Box<World>> {
        let spec = self.environment()?;
        Some(Box::new(World {
            spec: spec.clone(),
            state: now(spec, state),
        }))
    }

    /// Whether the run's goal is reached; `None` where it has none. `metrics` are those whose names are taken.
    pub(crate) fn goal(&self, state: &State, metrics: &[MetricSpec]) -> Option<MetricResult> {
        let goal = self.item.scenario.as_ref()?.goal_state.as_ref()?;
        let mut verdict = MetricResult {
            name: name(state, metrics),
            kind: KIND.into(),
            version: 1,
            status: MetricStatus::Error,
            score: None,
            threshold: 1.0,
            reason: String::new(),
            severity: Severity::Major,
            confidence: None,
            judge_model: None,
            prompt_hash: None,
            raw_verdict: None,
            judge_answers: Vec::new(),
            judgements: None,
            judged_by: None,
            calibration: None,
            breakdown: std::collections::BTreeMap::new(),
            usage: None,
            cost_usd: None,
            latency_ms: None,
        };
        match self
            .environment()
            .map(|spec| self.decide(goal, spec, state))
        {
            None => verdict.reason = "there is no environment".into(),
            Some(Err(why)) => verdict.reason = why,
            Some(Ok(report)) => {
                (verdict.status, verdict.score) = if report.reached {
                    (MetricStatus::Passed, Some(1.0))
                } else {
                    (MetricStatus::Failed, Some(0.0))
                };
                verdict.confidence = Some(1.0);
                verdict.reason = reason(&report);
                verdict.raw_verdict = serde_json::to_string(&report).ok();
            }
        }
        Some(verdict)
    }

    fn decide(
        &self,
        goal: &GoalState,
        spec: &EnvironmentSpec,
        state: &State,
    ) -> Result<GoalReport, String> {
        // What stands in the history was said before this run.
        let own = state.messages.iter().skip(self.item.item.history.len());
        let said: Vec<&str> = own
            .filter(|m| m.role == Role::Assistant)
            .map(|m| m.content.as_str())
            .collect();
        check(goal, spec, &now(spec, state), &said).map_err(|e| e.to_string())
    }
}

fn now(spec: &EnvironmentSpec, state: &State) -> Value {
    let changed = state.environment.clone();
    changed.unwrap_or_else(|| spec.initial_state())
}

/// A metric of the client's may have the name.
fn name(state: &State, metrics: &[MetricSpec]) -> String {
    let scored = state.scores.iter().filter(|s| s.kind != KIND);
    let mut taken = scored
        .map(|s| s.name.as_str())
        .chain(metrics.iter().map(MetricSpec::display_name));
    if taken.any(|name| name == NAME) {
        format!("{NAME} (environment)")
    } else {
        NAME.to_owned()
    }
}

fn reason(report: &GoalReport) -> String {
    let wrong = report.parts.iter().filter(|part| !part.ok);
    let told: Vec<String> = wrong
        .map(|part| {
            let places = part.diff.iter().take(MAX_TOLD).map(|d| {
                let shown = |value: &Option<Value>| match value {
                    Some(value) => value.to_string(),
                    None => "nothing".to_owned(),
                };
                let (expected, found) = (shown(&d.expected), shown(&d.found));
                format!("`{}` should be {expected} and is {found}", d.pointer)
            });
            let places: Vec<String> = places.collect();
            if places.is_empty() {
                part.reason.clone()
            } else {
                format!("{}: {}", part.reason, places.join(", "))
            }
        })
        .collect();
    if told.is_empty() {
        "The goal is reached.".to_owned()
    } else {
        format!("The goal is not reached: {}.", told.join("; "))
    }
}
