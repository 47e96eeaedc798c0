//! Runs driven through every kind of event, and through crashes.

use super::*;
use crate::protocol::CallStats;
use assay_model::Timestamp;

const LIMITS: Limits = Limits {
    max_turns: 3,
    max_attempts: 3,
};

fn start() -> RunState {
    RunState::start(&DatasetItem {
        input: Some("hi".into()),
        ..DatasetItem::default()
    })
}

fn answer(text: &str, ms: i64, cost: Option<f64>) -> Event {
    let call = CallStats {
        ended: Timestamp::from_micros(ms * 1000),
        cost_usd: cost,
        usage: Some(TokenUsage {
            input: 1,
            output: 2,
        }),
        ..CallStats::default()
    };
    Event::Answered(TargetAnswer {
        content: text.into(),
        tools_called: vec![],
        retrieval_context: vec![],
        session: serde_json::Value::Null,
        call,
    })
}

fn failure(retryable: bool) -> Failure {
    let error = RunError {
        kind: RunErrorKind::TargetStatus,
        message: "500".into(),
    };
    Failure {
        error,
        retryable,
        retry_after_ms: None,
        call: CallStats::default(),
    }
}

fn score(status: MetricStatus) -> MetricResult {
    MetricResult {
        name: "m".into(),
        kind: "exact_match".into(),
        version: 1,
        status,
        score: None,
        threshold: 1.0,
        reason: String::new(),
        confidence: None,
        judge_model: None,
        prompt_hash: None,
        raw_verdict: None,
        usage: None,
        cost_usd: None,
        latency_ms: None,
    }
}

fn drive(events: Vec<Event>) -> RunState {
    events
        .into_iter()
        .fold(start(), |s, e| s.apply(e, LIMITS, 0.0).state)
}

#[track_caller]
fn check_status(scores: &[MetricStatus], expected: RunStatus) {
    let events = vec![
        Event::UserSaid("hi".into()),
        answer("hello", 5, None),
        Event::UserStopped("script_ended".into()),
        Event::Scored(scores.iter().map(|s| score(*s)).collect()),
    ];
    assert_eq!(drive(events).effect(), Effect::Finish(expected));
}

#[test]
fn verdicts_decide() {
    use MetricStatus::{Error, Failed, Passed, Skipped};
    check_status(&[Passed, Passed], RunStatus::Passed);
    check_status(&[Passed, Skipped], RunStatus::Passed);
    check_status(&[Passed, Failed], RunStatus::Failed);
    check_status(&[Failed, Error], RunStatus::Failed);
    check_status(&[Passed, Error], RunStatus::Error);
    check_status(&[Skipped], RunStatus::Error);
    check_status(&[], RunStatus::Error);
}

#[test]
fn turns_are_bounded_and_sums_are_kept() {
    let mut state = start();
    for i in 0..3 {
        assert_eq!(state.effect(), Effect::UserTurn);
        state = state
            .apply(Event::UserSaid(format!("q{i}")), LIMITS, 0.0)
            .state;
        state = state
            .apply(answer("a", 10 * (i + 1), Some(0.5)), LIMITS, 0.0)
            .state;
    }
    assert_eq!(state.effect(), Effect::Evaluate);
    assert_eq!(state.stop_reason.as_deref(), Some("max_turns"));
    assert_eq!((state.latency_ms, state.cost_usd), (Some(30.0), Some(1.5)));
    assert_eq!(state.usage.map(TokenUsage::total), Some(9));
}

#[test]
fn an_unknown_cost_makes_the_sum_unknown_for_good() {
    let state = drive(vec![
        Event::UserSaid("a".into()),
        answer("x", 1, Some(1.0)),
        Event::UserSaid("b".into()),
        answer("y", 1, None),
        Event::UserSaid("c".into()),
        answer("z", 1, Some(1.0)),
    ]);
    assert_eq!(state.cost_usd, None);
}

#[test]
fn failures_are_retried_then_end_in_error_without_a_score() {
    let mut state = drive(vec![Event::UserSaid("hi".into())]);
    for _ in 0..2 {
        let t = state.apply(Event::TargetFailed(failure(true)), LIMITS, 0.0);
        assert!(t.wait_ms > 0);
        state = t.state;
        assert_eq!(state.effect(), Effect::CallTarget);
    }
    let state = state
        .apply(Event::TargetFailed(failure(true)), LIMITS, 0.0)
        .state;
    assert_eq!(state.effect(), Effect::Finish(RunStatus::Error));
    assert!(state.scores.is_empty());
}

#[test]
fn a_success_forgives_earlier_failures() {
    let state = drive(vec![
        Event::UserSaid("hi".into()),
        Event::TargetFailed(failure(true)),
        Event::TargetFailed(failure(true)),
        answer("ok", 1, None),
    ]);
    assert_eq!(state.failures, 0);
    assert_eq!(state.effect(), Effect::UserTurn);
}

#[test]
fn what_cannot_be_retried_ends_at_once() {
    let state = drive(vec![
        Event::UserSaid("hi".into()),
        Event::TargetFailed(failure(false)),
    ]);
    assert_eq!(state.effect(), Effect::Finish(RunStatus::Error));
}

#[test]
fn events_of_another_phase_change_nothing() {
    let state = drive(vec![Event::UserSaid("hi".into())]);
    for event in [
        Event::UserSaid("again".into()),
        Event::Scored(vec![score(MetricStatus::Passed)]),
    ] {
        assert_eq!(state.clone().apply(event, LIMITS, 0.0).state, state);
    }
}

/// A crash loses the state since the last checkpoint and nothing else: going on from any checkpoint, through its JSON,
/// ends as the run that never crashed.
#[test]
fn going_on_from_any_checkpoint_ends_the_same() {
    let events = vec![
        Event::UserSaid("a".into()),
        Event::TargetFailed(failure(true)),
        answer("x", 3, Some(0.1)),
        Event::UserSaid("b".into()),
        answer("y", 4, Some(0.2)),
        Event::UserStopped("script_ended".into()),
        Event::EvaluatorFailed(failure(true)),
        Event::Scored(vec![score(MetricStatus::Passed)]),
    ];
    let end = drive(events.clone());
    for crash in 0..events.len() {
        let before = drive(events[..crash].to_vec());
        let restored: RunState =
            serde_json::from_str(&serde_json::to_string(&before).unwrap()).unwrap();
        let resumed = events[crash..]
            .iter()
            .cloned()
            .fold(restored, |s, e| s.apply(e, LIMITS, 0.0).state);
        assert_eq!(resumed, end, "crash before event {crash}");
    }
}
