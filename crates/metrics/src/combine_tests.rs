//! Several judgements become one result.

use super::*;
use assay_model::{MetricKind, MetricSpec, TestCase, TokenUsage};
use proptest::prelude::*;

/// A result of a metric with the threshold 0.5; none is an error.
fn judged(score: Option<f64>, model: &str, sure: Option<f64>) -> MetricResult {
    let case = TestCase::default();
    let (_, step) = crate::Evaluation::start(&MetricSpec::of(MetricKind::GEval), &case);
    let crate::Step::Done(mut result) = step else {
        panic!("an empty case asks nobody")
    };
    result.status = match score {
        None => MetricStatus::Error,
        Some(s) if s >= 0.5 => MetricStatus::Passed,
        Some(_) => MetricStatus::Failed,
    };
    result.threshold = 0.5;
    result.score = score;
    result.confidence = sure;
    result.reason = format!("says {score:?}");
    result.judge_model = Some(model.into());
    result.usage = Some(TokenUsage {
        input: 10,
        output: 1,
    });
    result.cost_usd = Some(0.5);
    result
}

fn all(scores: &[Option<f64>], rule: Combine) -> MetricResult {
    let results = scores.iter().zip(1..);
    let results = results.map(|(s, run)| (run, judged(*s, "m", None)));
    combine(rule, results.collect()).unwrap()
}

#[test]
fn one_alone_stays_as_it_is() {
    let one = judged(Some(0.7), "m", Some(0.9));
    assert_eq!(combine(Combine::Mean, vec![(1, one.clone())]), Some(one));
    assert_eq!(combine(Combine::Mean, Vec::new()), None);
}

#[test]
fn the_mean_has_an_interval_and_says_how_many_agree() {
    let result = all(&[Some(0.4), Some(0.9), Some(0.8)], Combine::Mean);
    assert!((result.score.unwrap() - 0.7).abs() < 1e-12);
    assert_eq!(result.status, MetricStatus::Passed);
    assert_eq!(result.reason, "2 of 3 judgements pass. says Some(0.8)");
    assert_eq!(result.confidence, Some(2.0 / 3.0));
    assert_eq!(result.usage.unwrap().input, 30);
    assert_eq!(result.cost_usd, Some(1.5));
    let judgements = result.judgements.unwrap();
    assert_eq!(judgements.agreement, 2.0 / 3.0);
    // 0.7 ± 4.302652729911275 · 0.26457513110645906 / √3, and no share is above 1.
    let [low, high] = judgements.interval.unwrap();
    assert!((low - 0.042_758).abs() < 1e-5, "{low}");
    assert_eq!(high, 1.0);
    let runs: Vec<u32> = judgements.all.iter().map(|j| j.run).collect();
    assert_eq!(runs, [1, 2, 3]);
}

#[test]
fn equal_scores_have_themselves_as_their_mean() {
    for score in [0.1, 0.3, 0.7, 0.8, 0.9] {
        for count in 2..22 {
            let result = all(&vec![Some(score); count], Combine::Mean);
            assert_eq!(result.score, Some(score), "{count} times");
        }
    }
}

#[test]
fn the_median_goes_with_the_most() {
    let result = all(&[Some(0.0), Some(0.6), Some(0.6)], Combine::Median);
    assert_eq!(
        (result.score, result.status),
        (Some(0.6), MetricStatus::Passed)
    );
    assert_eq!(result.judgements.unwrap().interval, None);
    let mean = all(&[Some(0.0), Some(0.6), Some(0.6)], Combine::Mean);
    assert_eq!(mean.status, MetricStatus::Failed);
    let even = all(&[Some(0.2), Some(0.6)], Combine::Median);
    assert!((even.score.unwrap() - 0.4).abs() < 1e-12);
}

#[test]
fn half_without_a_score_is_an_error() {
    let result = all(&[Some(1.0), None], Combine::Mean);
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
    assert_eq!(
        result.reason,
        "only 1 of 2 judgements gave a score: says None"
    );
    let most = all(&[Some(1.0), None, Some(1.0)], Combine::Mean);
    assert_eq!((most.status, most.score), (MetricStatus::Passed, Some(1.0)));
    // Whoever gave none does not agree.
    assert_eq!(most.judgements.unwrap().agreement, 2.0 / 3.0);
}

#[test]
fn what_nobody_can_score_is_skipped() {
    let case = TestCase::default();
    let spec = MetricSpec::of(MetricKind::ExactMatch);
    let crate::Step::Done(mut one) = crate::Evaluation::start(&spec, &case).1 else {
        panic!("it asks nobody")
    };
    one.status = MetricStatus::Skipped;
    let result = combine(Combine::Mean, vec![(1, one.clone()), (2, one)]).unwrap();
    assert_eq!(result.status, MetricStatus::Skipped);
    assert_eq!(result.judgements, None);
}

#[test]
fn the_words_and_parts_of_all_are_kept() {
    let (mut a, mut b) = (
        judged(Some(0.9), "x", Some(0.8)),
        judged(Some(0.7), "y", Some(0.6)),
    );
    a.breakdown = BTreeMap::from([("p".to_owned(), 1.0), ("q".to_owned(), 0.5)]);
    b.breakdown = BTreeMap::from([("p".to_owned(), 0.0)]);
    b.cost_usd = None;
    let result = combine(Combine::Mean, vec![(1, a), (1, b)]).unwrap();
    assert_eq!(result.judge_model.as_deref(), Some("x, y"));
    assert_eq!(result.breakdown["p"], 0.5);
    assert_eq!(result.breakdown["q"], 0.5);
    assert_eq!(result.cost_usd, None);
    assert!((result.confidence.unwrap() - 0.7).abs() < 1e-12);
}

proptest! {
    #[test]
    fn results_hold_together(
        scores in proptest::collection::vec(proptest::option::weighted(0.8, 0.0..=1.0_f64), 2..22),
        median: bool,
    ) {
        let rule = if median { Combine::Median } else { Combine::Mean };
        let result = all(&scores, rule);
        let given = scores.iter().flatten().count();
        prop_assert_eq!(result.score.is_some(), given * 2 > scores.len());
        if let Some(score) = result.score {
            let within = |s: &f64| *s;
            let least = scores.iter().flatten().map(within).fold(1.0, f64::min);
            let most = scores.iter().flatten().map(within).fold(0.0, f64::max);
            prop_assert!(least - 1e-9 <= score && score <= most + 1e-9);
            prop_assert_eq!(score >= 0.5, result.status == MetricStatus::Passed);
        }
        // Most of an odd number that all have a score decide the median.
        let passes = scores.iter().flatten().filter(|s| **s >= 0.5).count();
        if median && given == scores.len() && given % 2 == 1 {
            prop_assert_eq!(passes * 2 > given, result.status == MetricStatus::Passed);
        }
        let judgements = result.judgements.unwrap();
        prop_assert!((0.0..=1.0).contains(&judgements.agreement));
    }
}
