//! Which scores of a run, or of a trace of production, enter a queue by themselves.

use assay_model::sampling::fraction;
use assay_model::{
    ItemOutcome, MachineScore, MetricResult, MetricStatus, ReviewCondition, ReviewRule,
    ReviewSource, ReviewSubject,
};
use sha2::{Digest as _, Sha256};

/// What enters.
#[derive(Debug, Clone, PartialEq)]
pub struct Entering {
    /// The run and the metric.
    pub subject: ReviewSubject,
    /// What the metric said.
    pub machine: MachineScore,
    /// The rule by which it enters.
    pub rule: String,
}

/// The campaign of a run, as rules know it.
#[derive(Debug, Clone, Copy)]
pub struct OfCampaign<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// What a metric said, as items keep it.
#[must_use]
pub fn machine(result: &MetricResult) -> MachineScore {
    MachineScore {
        status: result.status,
        score: result.score,
        threshold: result.threshold,
        confidence: result.confidence,
        judge_model: result.judge_model.clone(),
        judged_by: result.judged_by.clone(),
        calibration: result.calibration.clone(),
        reason: result.reason.clone(),
    }
}

/// The scores of a run that has ended which the rules of a queue take; each once, by the first rule that takes it.
#[must_use]
pub fn entering(
    queue: &str,
    rules: &[ReviewRule],
    campaign: OfCampaign<'_>,
    outcome: &ItemOutcome,
) -> Vec<Entering> {
    let taken = outcome.scores.iter().filter_map(|result| {
        let rule = rules.iter().find(|rule| {
            rule.source == ReviewSource::Runs
                && of_campaign(rule, campaign)
                && of_agent(rule, outcome)
                && takes(rule, result, &outcome.scores)
                && samples(rule, queue, &outcome.run_id, &result.name)
        })?;
        Some(Entering {
            subject: ReviewSubject::Run {
                run_id: outcome.run_id.clone(),
                metric: Some(result.name.clone()),
            },
            machine: machine(result),
            rule: rule.name.clone(),
        })
    });
    taken.collect()
}

/// The scores of a trace of production which the rules of a queue take; each once, by the first rule that takes it.
#[must_use]
pub fn entering_online(
    queue: &str,
    rules: &[ReviewRule],
    trace: &str,
    results: &[MetricResult],
) -> Vec<Entering> {
    let taken = results.iter().filter_map(|result| {
        let rule = rules.iter().find(|rule| {
            rule.source == ReviewSource::Online
                && takes(rule, result, results)
                && samples(rule, queue, trace, &result.name)
        })?;
        Some(Entering {
            subject: ReviewSubject::Trace {
                trace_id: trace.to_owned(),
                observation_id: None,
                metric: Some(result.name.clone()),
            },
            machine: machine(result),
            rule: rule.name.clone(),
        })
    });
    taken.collect()
}

fn of_campaign(rule: &ReviewRule, campaign: OfCampaign<'_>) -> bool {
    let mut all = rule.campaigns.iter();
    rule.campaigns.is_empty() || all.any(|c| c == campaign.id || c == campaign.name)
}

fn of_agent(rule: &ReviewRule, outcome: &ItemOutcome) -> bool {
    let mut all = rule.agent_ids.iter();
    rule.agent_ids.is_empty() || all.any(|a| outcome.agent_id.as_ref() == Some(a))
}

/// Whether the rule is about that score, of those of its run.
fn takes(rule: &ReviewRule, result: &MetricResult, all: &[MetricResult]) -> bool {
    if rule.metric.as_ref().is_some_and(|m| *m != result.name) {
        return false;
    }
    let score = |holds: &dyn Fn(f64) -> bool| result.score.is_some_and(holds);
    match &rule.when {
        ReviewCondition::Always => true,
        ReviewCondition::ScoreBelow { value } => score(&|s| s < *value),
        ReviewCondition::ScoreAbove { value } => score(&|s| s > *value),
        ReviewCondition::ScoreBetween { low, high } => score(&|s| (*low..=*high).contains(&s)),
        ReviewCondition::ConfidenceBelow { value } => {
            result.score.is_some() && confidence(result).is_some_and(|c| c < *value)
        }
        // At the upper end a case passes that is just good enough.
        ReviewCondition::IntervalCrossesThreshold => interval(result)
            .is_some_and(|[low, high]| low < result.threshold && high >= result.threshold),
        ReviewCondition::Disagreement { metrics } if metrics.is_empty() => {
            let all = result.judgements.iter().flat_map(|j| &j.all);
            let any = |status| all.clone().any(|j| j.status == status);
            result.score.is_some() && any(MetricStatus::Passed) && any(MetricStatus::Failed)
        }
        ReviewCondition::Error => result.status == MetricStatus::Error,
        ReviewCondition::Disagreement { metrics } => {
            let named = |r: &&MetricResult| metrics.contains(&r.name);
            let any = |status| all.iter().filter(named).any(|r| r.status == status);
            named(&result)
                && result.score.is_some()
                && any(MetricStatus::Passed)
                && any(MetricStatus::Failed)
        }
    }
}

/// How sure one can be of a score: by the judge's calibration, where there is one that is applied; else as sure as the metric is.
fn confidence(result: &MetricResult) -> Option<f64> {
    let calibrated = result.calibration.as_ref().and_then(|c| c.confidence);
    calibrated.or(result.confidence)
}

/// Where the score may lie: people's by the judge's calibration, else the mean of ever more judgements.
fn interval(result: &MetricResult) -> Option<[f64; 2]> {
    result.score?;
    let calibrated = result.calibration.as_ref().and_then(|c| c.interval);
    calibrated.or_else(|| result.judgements.as_ref()?.interval)
}

/// Whether the score is among those that the rule samples: the same however often it is asked.
fn samples(rule: &ReviewRule, queue: &str, run: &str, metric: &str) -> bool {
    if rule.sample_percent >= 100.0 {
        return true;
    }
    let mut digest = Sha256::new();
    for part in [queue, &rule.name, run, metric] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    fraction(&digest.finalize()) * 100.0 < rule.sample_percent
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn outcome(scores: &[Value]) -> ItemOutcome {
        let scores: Vec<Value> = scores
            .iter()
            .map(|s| {
                let mut whole = json!({"kind": "contains", "version": 1, "threshold": 0.5, "reason": "so", "score": null});
                whole.as_object_mut().unwrap().extend(s.as_object().unwrap().clone());
                whole
            })
            .collect();
        serde_json::from_value(json!({
            "run_id": "r", "trace_id": "r", "item_key": "k", "repetition": 0, "status": "passed", "input": null, "output": null,
            "expected_output": null, "turns": 1, "scores": scores, "error": null, "latency_ms": null, "cost_usd": null,
            "usage": null, "agent_id": "a",
        }))
        .unwrap()
    }

    const CAMPAIGN: OfCampaign<'_> = OfCampaign {
        id: "c",
        name: "nightly",
    };

    #[track_caller]
    fn check(rule: Value, taken: &[&str]) {
        let mut whole = json!({"name": "rule"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(rule.as_object().unwrap().clone());
        let rule: ReviewRule = serde_json::from_value(whole).unwrap();
        let outcome = outcome(&[
            json!({"name": "low", "status": "failed", "score": 0.2, "confidence": 0.4}),
            json!({"name": "half", "status": "passed", "score": 0.5}),
            json!({"name": "high", "status": "passed", "score": 1.0, "confidence": 1.0}),
            json!({"name": "broken", "status": "error", "confidence": 0.0}),
        ]);
        let found = entering("q", &[rule], CAMPAIGN, &outcome);
        let found: Vec<&str> = found.iter().filter_map(|e| e.subject.metric()).collect();
        assert_eq!(found, taken);
    }

    #[test]
    fn conditions() {
        let when = |when: Value| json!({"when": when});
        check(
            when(json!({"type": "always"})),
            &["low", "half", "high", "broken"],
        );
        check(when(json!({"type": "score_below", "value": 0.5})), &["low"]);
        check(
            when(json!({"type": "score_above", "value": 0.5})),
            &["high"],
        );
        check(
            when(json!({"type": "score_between", "low": 0.2, "high": 0.5})),
            &["low", "half"],
        );
        check(
            when(json!({"type": "confidence_below", "value": 0.5})),
            &["low"],
        );
        check(when(json!({"type": "error"})), &["broken"]);
        check(
            when(json!({"type": "disagreement", "metrics": ["low", "high", "broken"]})),
            &["low", "high"],
        );
        check(
            when(json!({"type": "disagreement", "metrics": ["half", "high"]})),
            &[],
        );
    }

    /// What the judge says of itself holds until people's answers say otherwise.
    #[test]
    fn doubt_is_told_by_the_calibration_where_there_is_one() {
        let judgements = |statuses: [&str; 3]| -> Value {
            let all = statuses.map(|status| {
                let score = (status != "error").then_some(0.5);
                json!({"run": 1, "status": status, "score": score, "reason": ""})
            });
            json!({"all": all, "agreement": 0.5, "interval": [0.3, 0.5]})
        };
        let whole = outcome(&[
            json!({"name": "raw", "status": "passed", "score": 0.6, "confidence": 0.7}),
            json!({"name": "too sure", "status": "passed", "score": 0.6, "confidence": 1.0,
                "calibration": {"id": "c", "confidence": 0.6, "expected_score": 0.6, "interval": [0.4, 0.8]}}),
            json!({"name": "too modest", "status": "passed", "score": 0.9, "confidence": 0.5,
                "calibration": {"id": "c", "confidence": 0.95, "expected_score": 0.9, "interval": [0.5, 1.0]}}),
            json!({"name": "stale", "status": "passed", "score": 0.6, "confidence": 0.7, "calibration": {"id": "c", "stale": "judge_changed"}}),
            json!({"name": "panel", "status": "failed", "score": 0.4, "confidence": 0.9, "judgements": judgements(["passed", "failed", "failed"])}),
            json!({"name": "of one mind", "status": "failed", "score": 0.4, "judgements": judgements(["error", "failed", "failed"]),
                "calibration": {"id": "c", "interval": [0.1, 0.4]}}),
            json!({"name": "broken", "status": "error", "judgements": judgements(["passed", "failed", "error"])}),
        ]);
        let check = |when: Value, taken: &[&str]| {
            let rule = serde_json::from_value(json!({"name": "rule", "when": when})).unwrap();
            let found = entering("q", &[rule], CAMPAIGN, &whole);
            let found: Vec<&str> = found.iter().filter_map(|e| e.subject.metric()).collect();
            assert_eq!(found, taken, "{when}");
        };
        check(
            json!({"type": "confidence_below", "value": 0.8}),
            &["raw", "too sure", "stale"],
        );
        check(
            json!({"type": "interval_crosses_threshold"}),
            &["too sure", "panel"],
        );
        check(json!({"type": "disagreement"}), &["panel"]);
    }

    #[test]
    fn filters() {
        let always = json!({"type": "always"});
        check(json!({"when": always, "metric": "half"}), &["half"]);
        check(
            json!({"when": always, "metric": "half", "campaigns": ["nightly"]}),
            &["half"],
        );
        check(
            json!({"when": always, "metric": "half", "campaigns": ["c"]}),
            &["half"],
        );
        check(json!({"when": always, "campaigns": ["other"]}), &[]);
        check(
            json!({"when": always, "metric": "half", "agent_ids": ["a"]}),
            &["half"],
        );
        check(json!({"when": always, "agent_ids": ["b"]}), &[]);
        check(json!({"when": always, "sample_percent": 0}), &[]);
    }

    #[test]
    fn a_sample_is_a_part_of_all_runs_and_always_the_same() {
        let rule: ReviewRule = serde_json::from_value(
            json!({"name": "some", "when": {"type": "always"}, "sample_percent": 20}),
        )
        .unwrap();
        let some = |queue: &str| -> Vec<String> {
            let runs = (0..1000).map(|i| format!("run-{i}"));
            runs.filter(|run| samples(&rule, queue, run, "m")).collect()
        };
        let first = some("q");
        assert!((150..250).contains(&first.len()), "{}", first.len());
        assert_eq!(first, some("q"));
        assert_ne!(first, some("another"));
    }

    #[test]
    fn scores_of_traces_enter_by_rules_of_their_own() {
        let rules: Vec<ReviewRule> = serde_json::from_value(json!([
            {"name": "runs", "when": {"type": "always"}},
            {"name": "low", "source": "online", "when": {"type": "score_below", "value": 0.5}},
            {"name": "errors", "source": "online", "metric": "b", "when": {"type": "error"}},
        ]))
        .unwrap();
        let outcome = outcome(&[
            json!({"name": "a", "status": "failed", "score": 0.1}),
            json!({"name": "b", "status": "error"}),
            json!({"name": "c", "status": "passed", "score": 0.9}),
        ]);
        let found = entering_online("q", &rules, "t", &outcome.scores);
        let by: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|e| (e.rule.as_str(), e.subject.metric()))
            .collect();
        assert_eq!(by, [("low", Some("a")), ("errors", Some("b"))]);
        assert_ne!(found[0].subject.key(), found[1].subject.key());
        let of_runs = entering("q", &rules, CAMPAIGN, &outcome);
        assert!(of_runs.iter().all(|e| e.rule == "runs") && of_runs.len() == 3);
    }

    #[test]
    fn the_first_rule_that_takes_a_score_is_the_one_it_came_by() {
        let rules: Vec<ReviewRule> = serde_json::from_value(json!([
            {"name": "errors", "when": {"type": "error"}},
            {"name": "low", "when": {"type": "score_below", "value": 0.5}},
            {"name": "all", "when": {"type": "always"}},
        ]))
        .unwrap();
        let outcome = outcome(&[
            json!({"name": "a", "status": "error"}),
            json!({"name": "b", "status": "failed", "score": 0.1}),
            json!({"name": "c", "status": "passed", "score": 0.9}),
        ]);
        let found = entering("q", &rules, CAMPAIGN, &outcome);
        let by: Vec<&str> = found.iter().map(|e| e.rule.as_str()).collect();
        assert_eq!(by, ["errors", "low", "all"]);
    }
}
