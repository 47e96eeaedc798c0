//! Outcomes for tests.

use super::Report;
use assay_model::{
    CampaignStatus, CampaignSummary, Gate, ItemOutcome, MetricResult, MetricStatus, RunError,
    RunErrorKind, RunStatus,
};

fn outcome(key: &str, status: RunStatus) -> ItemOutcome {
    ItemOutcome {
        run_id: format!("run-{key}"),
        item_key: key.to_owned(),
        repetition: 0,
        agent_id: None,
        agent_version: None,
        persona_id: None,
        carried_from: None,
        status,
        trace_id: "0123456789abcdef0123456789abcdef".to_owned(),
        input: Some("How long?".to_owned()),
        output: Some("30 <days> & \u{1}more | \"quoted\"".to_owned()),
        expected_output: None,
        turns: 1,
        scores: Vec::new(),
        error: None,
        latency_ms: Some(12.5),
        cost_usd: None,
        usage: None,
    }
}

fn score(status: MetricStatus, score: Option<f64>, reason: &str) -> MetricResult {
    MetricResult {
        name: "contains".to_owned(),
        kind: "contains".to_owned(),
        version: 1,
        status,
        score,
        threshold: 1.0,
        reason: reason.to_owned(),
        severity: Default::default(),
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
    }
}

/// An item that passed.
pub(crate) fn passed(key: &str) -> ItemOutcome {
    ItemOutcome {
        scores: vec![score(MetricStatus::Passed, Some(1.0), "found")],
        ..outcome(key, RunStatus::Passed)
    }
}

/// An item below the threshold, with a reason that no format may pass on as it is.
pub(crate) fn failed(key: &str) -> ItemOutcome {
    let reason = "misses \"2 years\" & <tag>\nand a | pipe\u{0}";
    ItemOutcome {
        scores: vec![score(MetricStatus::Failed, Some(0.0), reason)],
        ..outcome(key, RunStatus::Failed)
    }
}

/// An item in error.
pub(crate) fn errored(key: &str, kind: RunErrorKind) -> ItemOutcome {
    let error = RunError {
        kind,
        message: "connection refused".to_owned(),
    };
    ItemOutcome {
        error: Some(error),
        output: None,
        latency_ms: None,
        ..outcome(key, RunStatus::Error)
    }
}

/// A report with one item of each kind.
pub(crate) fn report() -> Report {
    let summary = CampaignSummary {
        total: 4,
        passed: 1,
        failed: 1,
        error: 1,
        cancelled: 1,
        ..Default::default()
    };
    Report {
        campaign_id: "c1".to_owned(),
        name: "nightly & <more>".to_owned(),
        target: "http://127.0.0.1:1/v1".to_owned(),
        dataset: "support".to_owned(),
        server: "http://127.0.0.1:3210".to_owned(),
        status: CampaignStatus::Completed,
        verdict: None,
        gate: Gate {
            min_pass_rate: 0.9,
            max_error_rate: 0.1,
        },
        summary,
        pass_rate: None,
        pass_rate_interval: None,
        metrics: Vec::new(),
        created_at: Some("2026-11-24T06:00:00.000000Z".to_owned()),
        duration_ms: 1500,
        items: vec![
            passed("a"),
            failed("b"),
            errored("c", RunErrorKind::TargetUnreachable),
            outcome("d", RunStatus::Cancelled),
        ],
    }
    .complete()
}
