//! Arms compared, and gates that decide by them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_experiment::gate::{Gate, Verdict, judge};
use assay_experiment::{Arm, Case, Direction, Run, Score, changes, compare};
use assay_model::{MetricStatus, RunStatus, Validate as _};
use assay_stats::Level;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A run of an item in which the metric `m` gave this score; it passes from 0.5 on. None is an error.
fn run(item: &str, repetition: usize, score: Option<f64>) -> Run {
    let status = match score {
        Some(s) if s >= 0.5 => (MetricStatus::Passed, RunStatus::Passed),
        Some(_) => (MetricStatus::Failed, RunStatus::Failed),
        None => (MetricStatus::Error, RunStatus::Error),
    };
    Run {
        id: format!("{item}-{repetition}"),
        case: Case {
            item: item.to_owned(),
            persona: None,
        },
        status: status.1,
        scores: vec![Score {
            name: "m".into(),
            status: status.0,
            score,
        }],
    }
}

/// One run an item.
fn arm(scores: &[Option<f64>]) -> Arm {
    let runs = scores.iter().enumerate();
    Arm {
        runs: runs.map(|(i, s)| run(&format!("i{i:04}"), 0, *s)).collect(),
    }
}

fn all(scores: &[f64]) -> Arm {
    arm(&scores.iter().map(|s| Some(*s)).collect::<Vec<_>>())
}

fn gate(rules: Value) -> Gate {
    let gate: Gate = serde_json::from_value(json!({ "rules": rules })).unwrap();
    gate.validate().unwrap();
    gate
}

#[test]
fn a_difference_is_paired_by_item() {
    let before = all(&[0.1, 0.4, 0.6, 0.9]);
    let after = all(&[0.2, 0.6, 0.7, 0.9]);
    let compared = compare(&before, &after, Level::P95, 7);
    assert_eq!(compared.len(), 2);
    let m = &compared[1];
    assert_eq!((m.metric.as_deref(), m.pairs), (Some("m"), 4));
    assert!((m.difference - 0.1).abs() < 1e-12);
    // Deviations 0, .1, 0, -.1: a variance of .02 / 3 over 4 items.
    assert!((m.standard_error.unwrap() - (0.02_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
    assert_eq!((m.improved, m.worsened), (3, 0));
    let discordant = m.discordant.unwrap();
    assert_eq!((discordant.gained, discordant.lost), (1, 0));
    assert!((discordant.p_exact - 1.0).abs() < 1e-12);
    // Two metrics are compared: Holm's p is not below the plain one.
    assert!(m.p_adjusted.unwrap() >= m.p.unwrap());
}

#[test]
fn errors_and_items_of_one_arm_alone_are_left_out() {
    let before = arm(&[Some(1.0), Some(0.0), None, Some(1.0)]);
    let after = arm(&[Some(1.0), None, Some(1.0)]);
    let compared = compare(&before, &after, Level::P95, 7);
    let m = compared.iter().find(|c| c.metric.is_some()).unwrap();
    assert_eq!(m.pairs, 1);
    assert_eq!((m.baseline.alone, m.candidate.alone), (2, 1));
    assert_eq!((m.baseline.errors, m.candidate.errors), (1, 1));
    // One pair says nothing of how sure it is.
    assert_eq!((m.standard_error, m.interval, m.p), (None, None, None));
}

#[test]
fn repetitions_are_one_result() {
    let mut before = all(&[0.0, 1.0]);
    before.runs.push(run("i0000", 1, Some(1.0)));
    let after = all(&[0.5, 1.0]);
    let m = &compare(&before, &after, Level::P95, 7)[1];
    assert_eq!((m.pairs, m.difference), (2, 0.0));
    assert!((m.baseline.pass_rate - 0.75).abs() < 1e-12);
    assert_eq!(m.discordant, None);
}

#[test]
fn personas_of_an_item_are_a_cluster() {
    let under = |item: &str, persona: &str, score: f64| {
        let mut run = run(item, 0, Some(score));
        run.case.persona = Some(persona.to_owned());
        run
    };
    let arm = |d: f64| Arm {
        runs: ["a", "b", "c"]
            .iter()
            .flat_map(|item| [under(item, "p", 0.5), under(item, "q", 0.5 + d)])
            .collect(),
    };
    let m = &compare(&arm(0.0), &arm(0.25), Level::P95, 7)[1];
    assert_eq!((m.pairs, m.clusters), (6, Some(3)));
}

#[test]
fn what_got_worse_comes_first() {
    let before = all(&[0.5, 0.9, 0.1, 0.3]);
    let mut after = all(&[0.5, 0.2, 0.4]);
    after.runs.push(run("new", 0, Some(1.0)));
    let found = changes(&before, &after, Some("m"));
    let told: Vec<(&str, Direction)> = found
        .iter()
        .map(|c| (c.item_key.as_str(), c.direction))
        .collect();
    assert_eq!(
        told,
        [
            ("i0001", Direction::Worsened),
            ("i0000", Direction::Unchanged),
            ("i0002", Direction::Improved),
            ("i0003", Direction::Gone),
            ("new", Direction::New),
        ]
    );
    assert_eq!(found[0].baseline_runs, ["i0001-0"]);
}

#[test]
fn a_gate_passes_fails_or_cannot_tell() {
    let rule = json!([{"metric": "m", "not_worse_by": 0.05}]);
    let before = all(&[0.8; 40]);
    let check = |after: Arm, verdict: Verdict, words: &str| {
        let report = judge(&gate(rule.clone()), &after, Some(&before));
        assert_eq!(report.verdict, verdict, "{report:?}");
        assert!(report.reason.contains(words), "{}", report.reason);
    };
    check(all(&[0.8; 40]), Verdict::Pass, "the blocking rule holds");
    check(all(&[0.5; 40]), Verdict::Fail, "from 0.800 to 0.500");
    let mixed: Vec<f64> = (0..40)
        .map(|i| if i % 8 == 0 { 0.0 } else { 0.85 })
        .collect();
    check(all(&mixed), Verdict::Inconclusive, "items would show it");
    check(arm(&[None; 40]), Verdict::Inconclusive, "ended in error");
    check(Arm::default(), Verdict::Inconclusive, "no runs");
    let report = judge(&gate(rule), &before, None);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(report.reason.contains("no baseline"));
}

#[test]
fn a_floor_looks_at_the_lower_end() {
    let rules = json!([{"metric": "m", "statistic": "pass_rate", "at_least": 0.9}]);
    let verdict = |arm: &Arm| judge(&gate(rules.clone()), arm, None).verdict;
    // Ten of ten is no proof of nine in ten; a hundred of a hundred is.
    assert_eq!(verdict(&all(&[1.0; 10])), Verdict::Inconclusive);
    assert_eq!(verdict(&all(&[1.0; 100])), Verdict::Pass);
    assert_eq!(verdict(&all(&[0.0; 100])), Verdict::Fail);
    // Nor is a mean of equal scores a proof.
    let mean = json!([{"metric": "m", "at_least": 0.9}]);
    assert_eq!(
        judge(&gate(mean), &all(&[1.0; 10]), None).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn too_few_items_decide_nothing() {
    let rules = json!([{"at_least": 0.1, "min_items": 50}]);
    let report = judge(&gate(rules), &all(&[1.0; 49]), None);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(report.reason.contains("49 items are fewer than the 50"));
}

#[test]
fn a_warning_stops_nothing() {
    let rules = json!([
        {"metric": "m", "at_least": 0.9, "severity": "warning"},
        {"at_least": 0.1}
    ]);
    let report = judge(&gate(rules), &all(&[0.6; 60]), None);
    assert_eq!(report.verdict, Verdict::Pass);
    assert_eq!(report.rules[0].verdict, Verdict::Fail);
}

#[test]
fn failing_is_corrected_for_the_number_of_rules() {
    // Alone it fails at 95%; among twenty that hold it does not.
    let scores: Vec<f64> = (0..30).map(|i| if i < 20 { 0.0 } else { 1.0 }).collect();
    let one = json!({"metric": "m", "statistic": "pass_rate", "at_least": 0.52});
    let holds = json!({"metric": "m", "statistic": "pass_rate", "at_least": 0.01});
    let alone = judge(&gate(json!([one])), &all(&scores), None);
    assert_eq!(alone.verdict, Verdict::Fail);
    let mut rules = vec![holds; 19];
    rules.insert(0, one);
    let many = judge(&gate(json!(rules)), &all(&scores), None);
    assert_eq!(many.verdict, Verdict::Inconclusive);
}

#[test]
fn wrong_gates_are_named() {
    let check = |gate: Value, fields: &[&str]| {
        let gate: Gate = serde_json::from_value(gate).unwrap();
        let found: Vec<String> = gate
            .validate()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(found, fields);
    };
    check(json!({"rules": []}), &["/rules"]);
    check(json!({"rules": [{"metric": "m"}]}), &["/rules/0/at_least"]);
    check(
        json!({"rules": [{"at_least": 0.5, "not_worse_by": 0.1}]}),
        &["/rules/0/not_worse_by"],
    );
    check(
        json!({"rules": [{"at_least": 2.0, "min_items": 0}], "level": 1.0}),
        &["/level", "/rules/0/at_least", "/rules/0/min_items"],
    );
    assert!(serde_json::from_value::<Gate>(json!({"rules": [{"atleast": 1}]})).is_err());
}

proptest! {
    // Each case draws thousands of samples.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_input_breaks_it(
        before in proptest::collection::vec(proptest::option::of(0.0..=1.0), 0..30),
        after in proptest::collection::vec(proptest::option::of(0.0..=1.0), 0..30),
        margin in 0.0..=1.0,
    ) {
        let (before, after) = (arm(&before), arm(&after));
        for c in compare(&before, &after, Level::P95, 1) {
            prop_assert!(c.difference.abs() <= 1.0);
            prop_assert!(c.interval.is_none_or(|i| i.low <= c.difference && c.difference <= i.high));
        }
        let gate = gate(json!([{"metric": "m", "not_worse_by": margin}, {"at_least": margin}]));
        let report = judge(&gate, &after, Some(&before));
        prop_assert_eq!(report.rules.len(), 2);
        prop_assert!(report.rules.iter().all(|r| !r.reason.is_empty()));
    }

    #[test]
    fn an_arm_is_as_good_as_itself(scores in proptest::collection::vec(0.0..=1.0, 2..30)) {
        let arm = all(&scores);
        let report = judge(&gate(json!([{"metric": "m", "not_worse_by": 0.01}])), &arm, Some(&arm));
        prop_assert_eq!(report.verdict, Verdict::Pass);
    }
}
