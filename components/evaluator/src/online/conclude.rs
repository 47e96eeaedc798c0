//! What the results of a trace come to: scores for the trace, and what becomes of its entry in the queue.

use assay_edge::backoff::Backoff;
use assay_edge::evaluation_queue::{Claimed, Outcome};
use assay_edge::{derived_id, storable};
use assay_model::{MetricResult, MetricStatus, Score, ScoreSource, ScoreType, Timestamp};
use serde_json::json;

/// Most characters of a reason.
const MAX_REASON: usize = 1_000;
/// Waits before another try.
pub(super) const WAITS: Backoff = Backoff {
    first_ms: 5_000,
    factor: 4,
    longest_ms: 3_600_000,
};

/// What becomes of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conclusion {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    /// How long it is left alone before another try, in milliseconds.
    pub(super) wait_ms: i64,
}

/// What becomes of an entry with such results at its `attempts`-th try. An error is no score: where there are only errors it is tried
/// again, for longer and longer, and fails at last. What does not apply to a trace will not the next time.
pub(super) fn conclude(results: &[MetricResult], attempts: i64, max_attempts: u32) -> Conclusion {
    let named = |wanted: MetricStatus| {
        let of = results.iter().filter(|r| r.status == wanted);
        let told = of.map(|r| format!("{}: {}", r.name, r.reason));
        told.collect::<Vec<_>>().join("; ")
    };
    let scored = results.iter().any(is_score);
    let failed = results
        .iter()
        .filter(|r| r.status == MetricStatus::Error)
        .count();
    let (outcome, reason) = if scored || failed == 0 {
        let reason = match (scored, failed) {
            (true, 0) => None,
            (true, _) => Some(format!(
                "{failed} of {} metrics could not be scored: {}",
                results.len(),
                named(MetricStatus::Error)
            )),
            (false, _) => Some(format!(
                "no metric applies: {}",
                named(MetricStatus::Skipped)
            )),
        };
        (Outcome::Done, reason)
    } else if attempts < i64::from(max_attempts) {
        (Outcome::Retry, Some(named(MetricStatus::Error)))
    } else {
        (Outcome::Failed, Some(named(MetricStatus::Error)))
    };
    Conclusion {
        outcome,
        reason: reason.map(|text| shortened(&text)),
        wait_ms: WAITS.after(attempts),
    }
}

/// A reason as it is kept.
pub(super) fn shortened(text: &str) -> String {
    storable(text, MAX_REASON)
}

fn is_score(r: &MetricResult) -> bool {
    matches!(r.status, MetricStatus::Passed | MetricStatus::Failed) && r.score.is_some()
}

/// The scores of a trace. Their ids are of rule, trace and metric, so that who evaluates it again writes none twice.
pub(super) fn scores(
    entry: &Claimed,
    version: i64,
    environment: Option<&String>,
    results: &[MetricResult],
    at: Timestamp,
) -> Vec<Score> {
    let score = |r: &MetricResult| Score {
        id: derived_id("online-score", &[&entry.rule_id, &entry.trace_id, &r.name]),
        trace_id: entry.trace_id.clone(),
        name: r.name.clone(),
        data_type: ScoreType::Numeric,
        value: r.score,
        source: ScoreSource::Eval,
        comment: (!r.reason.is_empty()).then(|| r.reason.replace('\0', "")),
        environment: environment.cloned(),
        timestamp: at,
        metadata: json!({
            "rule_id": entry.rule_id,
            "rule": entry.rule.name,
            "rule_version": version,
            "kind": r.kind,
            "version": r.version,
            "threshold": r.threshold,
            "passed": r.status == MetricStatus::Passed,
            "confidence": r.confidence,
            "judge_model": r.judge_model,
            "prompt_hash": r.prompt_hash,
        }),
        ..Score::default()
    };
    results.iter().filter(|r| is_score(r)).map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn result(name: &str, status: MetricStatus) -> MetricResult {
        let score = matches!(status, MetricStatus::Passed | MetricStatus::Failed).then_some(0.5);
        let body = json!({
            "name": name, "kind": "g_eval", "version": 1, "status": status, "score": score, "threshold": 0.5,
            "reason": format!("why {name}"),
        });
        serde_json::from_value(body).unwrap()
    }

    fn entry() -> Claimed {
        Claimed {
            rule_id: "rule".to_owned(),
            trace_id: "trace".to_owned(),
            attempts: 1,
            lease_token: "t".to_owned(),
            lease_until: Timestamp::from_micros(0),
            rule: serde_json::from_value(json!({"name": "r", "metrics": [{"kind": "latency"}]}))
                .unwrap(),
        }
    }

    #[test]
    fn errors_alone_are_tried_again_and_fail_at_last() {
        use MetricStatus::{Error, Failed, Passed, Skipped};
        let of = |statuses: &[MetricStatus], attempts| {
            let results: Vec<_> = statuses.iter().map(|s| result("m", *s)).collect();
            let c = conclude(&results, attempts, 3);
            (c.outcome, c.reason.unwrap_or_default())
        };
        assert_eq!(of(&[Passed, Failed], 1), (Outcome::Done, String::new()));
        assert_eq!(of(&[Passed, Skipped], 1), (Outcome::Done, String::new()));
        let (outcome, reason) = of(&[Failed, Error], 1);
        assert_eq!(outcome, Outcome::Done);
        assert_eq!(reason, "1 of 2 metrics could not be scored: m: why m");
        assert_eq!(
            of(&[Error, Skipped], 2),
            (Outcome::Retry, "m: why m".to_owned())
        );
        assert_eq!(of(&[Error], 3), (Outcome::Failed, "m: why m".to_owned()));
        let (outcome, reason) = of(&[Skipped], 1);
        assert_eq!(
            (outcome, reason.as_str()),
            (Outcome::Done, "no metric applies: m: why m")
        );
    }

    #[test]
    fn what_is_no_score_is_not_written_and_what_is_has_an_id_of_its_own() {
        use MetricStatus::{Error, Passed, Skipped};
        let results = [
            result("a", Passed),
            result("b", Error),
            result("c", Skipped),
            result("d", MetricStatus::Failed),
        ];
        let write = || {
            let environment = "production".to_owned();
            scores(
                &entry(),
                7,
                Some(&environment),
                &results,
                Timestamp::from_micros(1),
            )
        };
        let written = write();
        let names: Vec<&str> = written.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["a", "d"]);
        assert_ne!(written[0].id, written[1].id);
        assert_eq!(written, write());
        assert_eq!(written[0].metadata["rule_version"], 7);
        assert_eq!(written[0].metadata["passed"], Value::Bool(true));
        assert_eq!(written[0].comment.as_deref(), Some("why a"));
        assert_eq!(written[0].source, ScoreSource::Eval);
        let mut other = entry();
        other.rule_id = "other".to_owned();
        let at = Timestamp::from_micros(1);
        assert_ne!(scores(&other, 7, None, &results, at)[0].id, written[0].id);
    }
}
