//! Calibrations of judges that are too sure, of scales, and of whatever else may come.

use super::*;
use assay_model::{CalibrationCurves, LabelSchemaSpec, MachineScore, MetricStatus};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn one(item: usize, confidence: f64, agrees: bool) -> Labelled {
    Labelled {
        item: format!("item-{item}"),
        score: 0.9,
        confidence: Some(confidence),
        agrees: Some(agrees),
        people: None,
    }
}

/// A judge that says 0.95 where it is right in three of four cases, and 0.6 where it is right in one of three.
fn too_sure(count: usize) -> Vec<Labelled> {
    let of = |i: usize| match i % 2 {
        0 => one(i, 0.95, !(i / 2).is_multiple_of(4)),
        _ => one(i, 0.6, (i / 2).is_multiple_of(3)),
    };
    (0..count).map(of).collect()
}

fn read(curve: &[[f64; 2]], x: f64) -> f64 {
    at(curve, x).unwrap()
}

#[test]
fn who_is_too_sure_is_taken_back() {
    let fitted = fit(&too_sure(400), 0.9, 30, 0).unwrap();
    assert_eq!((fitted.labelled, fitted.ties), (400, 0));
    assert_eq!(fitted.fitted_on + fitted.held_out, 400);
    assert!((150..250).contains(&fitted.fitted_on), "{fitted:?}");
    let curve = &fitted.curves.confidence;
    assert!((read(curve, 0.95) - 0.75).abs() < 0.1, "{curve:?}");
    assert!((read(curve, 0.6) - 0.33).abs() < 0.1, "{curve:?}");
    // In between, and flat beyond.
    assert!(read(curve, 0.8) > read(curve, 0.6) && read(curve, 0.8) < read(curve, 0.95));
    assert_eq!(read(curve, 1.0), read(curve, 0.95));
    let (raw, calibrated) = (&fitted.raw, &fitted.calibrated);
    assert!(raw.expected_calibration_error > Some(0.2), "{raw:?}");
    assert!(
        calibrated.expected_calibration_error < Some(0.1),
        "{calibrated:?}"
    );
    assert!(calibrated.brier < raw.brier);
    let counted: usize = calibrated.bins.iter().map(|b| b.items).sum();
    assert_eq!(counted, fitted.held_out);
    let last = raw.bins.last().unwrap();
    assert!(
        (last.agreed.unwrap() - 0.75).abs() < 0.1 && last.high == 1.0,
        "{last:?}"
    );
    assert_eq!((raw.bins[0].items, raw.bins[0].agreed), (0, None));
    // Yes and no are no scale.
    assert!(fitted.curves.score.is_empty() && fitted.curves.distance.is_none());
    assert_eq!(fitted.trust_from, None, "a quarter is wrong at best");
}

#[test]
fn a_scale_has_an_expected_score_and_an_interval() {
    // People give half of what the judge does, and a little more or less.
    let all: Vec<Labelled> = (0..300)
        .map(|i| {
            let score = f64::from(i % 100) / 100.0;
            let noise = f64::from(i % 7 - 3) / 60.0;
            Labelled {
                score,
                people: Some((score / 2.0 + noise).clamp(0.0, 1.0)),
                agrees: Some(true),
                ..one(i as usize, 0.9, true)
            }
        })
        .collect();
    let fitted = fit(&all, 0.9, 30, 3).unwrap();
    let curves = &fitted.curves;
    assert!(
        (read(&curves.score, 0.8) - 0.4).abs() < 0.06,
        "{:?}",
        curves.score
    );
    let distance = curves.distance.unwrap();
    assert!((0.03..0.08).contains(&distance), "{distance}");
    let trusted = fitted.trust_from.unwrap();
    assert_eq!((trusted.wrong, trusted.kept), (0, fitted.held_out));
}

#[test]
fn too_few_and_too_alike_are_told() {
    assert_eq!(fit(&too_sure(29), 0.9, 30, 0), Err(Unfit::TooFew(29)));
    assert_eq!(fit(&[], 0.9, 30, 0), Err(Unfit::TooFew(0)));
    let mut ties = too_sure(40);
    for tie in ties.iter_mut().take(11) {
        tie.agrees = None;
    }
    assert_eq!(fit(&ties, 0.9, 30, 0), Err(Unfit::TooFew(29)));
    let mut alike = too_sure(40);
    for one in &mut alike {
        one.item = "the same".into();
    }
    assert_eq!(fit(&alike, 0.9, 30, 0), Err(Unfit::TooAlike));
}

#[test]
fn repetitions_of_an_item_are_on_one_side() {
    let mut all = too_sure(60);
    for (i, one) in all.iter_mut().enumerate() {
        one.item = format!("item-{}", i % 20);
    }
    let fitted = fit(&all, 0.9, 30, 1).unwrap();
    assert_eq!(fitted.fitted_on % 3, 0, "{fitted:?}");
    let other = fit(&all, 0.9, 30, 2).unwrap();
    assert_ne!(
        (fitted.fitted_on, fitted.curves),
        (other.fitted_on, other.curves)
    );
}

#[test]
fn people_and_machine_are_held_against_each_other() {
    let schema: LabelSchemaSpec = serde_json::from_value(
        json!({"name": "s", "kind": "numeric", "min": 1, "max": 5, "step": 1}),
    )
    .unwrap();
    let machine = MachineScore {
        status: MetricStatus::Passed,
        score: Some(0.8),
        threshold: 0.5,
        confidence: Some(0.9),
        judge_model: None,
        judged_by: None,
        calibration: None,
        reason: String::new(),
    };
    let of = |answers: &[Value]| {
        let answers: Vec<&Value> = answers.iter().collect();
        labelled(&schema, &answers, &machine, "i")
    };
    let found = of(&[json!(5), json!(4), json!(1)]).unwrap();
    assert_eq!(
        (found.agrees, found.people),
        (Some(true), Some(7.0 / 3.0 / 4.0))
    );
    assert_eq!(of(&[json!(1)]).unwrap().agrees, Some(false));
    assert_eq!(of(&[json!(5), json!(1)]).unwrap().agrees, None, "a tie");
    assert_eq!(of(&[json!("words")]), None);
    let error = MachineScore {
        score: None,
        ..machine.clone()
    };
    assert_eq!(labelled(&schema, &[&json!(5)], &error, "i"), None);
}

fn model(name: &str, temperature: f64) -> ModelSpec {
    serde_json::from_value(
        json!({"name": name, "base_url": "http://m/v1", "model": "m", "temperature": temperature}),
    )
    .unwrap()
}

fn result(metric: &MetricSpec) -> MetricResult {
    serde_json::from_value(json!({
        "name": metric.display_name(), "kind": "g_eval", "version": 2, "status": "passed", "score": 0.8, "threshold": 0.5,
        "reason": "so", "confidence": 0.95,
    }))
    .unwrap()
}

fn metric(params: Value) -> MetricSpec {
    serde_json::from_value(json!({"kind": "g_eval", "name": "right", "params": params})).unwrap()
}

fn known(by: &JudgedBy) -> Vec<ActiveCalibration> {
    vec![ActiveCalibration {
        id: "c".into(),
        metric: "right".into(),
        judged_by: by.clone(),
        curves: CalibrationCurves {
            confidence: vec![[0.5, 0.4], [1.0, 0.7]],
            score: vec![[0.0, 0.1], [1.0, 0.9]],
            distance: Some(0.3),
        },
    }]
}

#[test]
fn what_is_judged_alike_is_calibrated_and_what_is_not_says_so() {
    let (alone, spec) = (Judging::default(), metric(json!({"criteria": "It is."})));
    let mut scored = result(&spec);
    assert_eq!(judged_by(&spec, &scored, &[], &alone), None);
    let by = |spec: &MetricSpec, scored: &MetricResult, judge: &ModelSpec| {
        judged_by(spec, scored, &[("j", judge)], &alone).unwrap()
    };
    let first = by(&spec, &scored, &model("a", 0.0));
    let known = known(&first);
    assert_eq!(apply(&known, &scored), None, "nobody says who judged");
    scored.judged_by = Some(first.clone());
    let found = apply(&known, &scored).unwrap();
    assert!((found.confidence.unwrap() - 0.67).abs() < 1e-12);
    assert!((found.expected_score.unwrap() - 0.74).abs() < 1e-12);
    let [low, high] = found.interval.unwrap();
    assert!(
        (low - 0.44).abs() < 1e-12 && high == 1.0,
        "within what a score can be"
    );
    scored.confidence = None;
    assert_eq!(apply(&known, &scored).unwrap().confidence, Some(0.7));

    // A name changes no answer; a temperature does.
    assert_eq!(by(&spec, &scored, &model("b", 0.0)), first);
    scored.judged_by = Some(by(&spec, &scored, &model("a", 1.0)));
    let stale = apply(&known, &scored).unwrap();
    assert_eq!(
        (stale.stale, stale.confidence, stale.interval),
        (Some(StaleCalibration::JudgeChanged), None, None)
    );
    let other = metric(json!({"criteria": "It is not."}));
    scored.judged_by = Some(by(&other, &scored, &model("a", 0.0)));
    assert_eq!(
        apply(&known, &scored).unwrap().stale,
        Some(StaleCalibration::MetricChanged)
    );
    scored.judged_by = Some(first);
    scored.score = None;
    assert_eq!(apply(&known, &scored), None, "an error is not calibrated");
}

#[test]
fn judges_are_told_apart() {
    let judging = |panel: &[&str], runs: u32| Judging {
        panel: panel.iter().map(|s| (*s).to_owned()).collect(),
        runs,
        ..Judging::default()
    };
    let keys = [
        judge_key("a", &judging(&[], 1)),
        judge_key("a", &judging(&[], 2)),
        judge_key("a", &judging(&["b"], 1)),
        judge_key("c", &judging(&["b"], 1)),
    ];
    let different: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(different.len(), 4, "{keys:?}");
    assert_eq!(keys[0], "a");
    assert_eq!(
        judge_key("a", &judging(&["b"], 1)),
        judge_key("b", &judging(&["a"], 1))
    );
    let fresh = Judging {
        reuse: false,
        combine: Combine::Median,
        ..Judging::default()
    };
    let spec = model("a", 0.0);
    assert_eq!(
        judge_hash(&[&spec], &fresh),
        judge_hash(&[&spec], &Judging::default())
    );
}

/// Whatever was labelled.
fn labels() -> impl Strategy<Value = Vec<Labelled>> {
    let one = (
        0..60_usize,
        0.0..=1.0,
        proptest::option::of(0.0..=1.0),
        proptest::option::of(any::<bool>()),
        proptest::option::of(0.0..=1.0),
    );
    let label = one.prop_map(|(item, score, confidence, agrees, people)| Labelled {
        item: format!("item-{item}"),
        score,
        confidence,
        agrees,
        people,
    });
    proptest::collection::vec(label, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn curves_rise_and_stay_within_what_a_share_can_be(all in labels(), coverage in 0.5..0.99, seed in any::<u64>(), x in -1.0..2.0) {
        if let Ok(fitted) = fit(&all, coverage, 20, seed) {
            for curve in [&fitted.curves.confidence, &fitted.curves.score] {
                prop_assert!(curve.len() <= 200);
                prop_assert!(curve.is_sorted_by(|a, b| a[0] < b[0] && a[1] <= b[1]), "{curve:?}");
                prop_assert!(curve.iter().flatten().all(|y| (0.0..=1.0).contains(y)), "{curve:?}");
            }
            prop_assert!(at(&fitted.curves.confidence, x).is_some_and(|y| (0.0..=1.0).contains(&y)));
            // Nothing that is undefined is written as a number.
            let text = serde_json::to_string(&fitted).unwrap();
            let again: CalibrationFit = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(again.labelled, fitted.labelled);
            for measures in [&fitted.raw, &fitted.calibrated] {
                let counted: usize = measures.bins.iter().map(|b| b.items).sum();
                prop_assert_eq!(counted, fitted.held_out);
                prop_assert!(measures.brier.is_some_and(|b| (0.0..=1.0).contains(&b)));
            }
        }
    }

    #[test]
    fn the_order_of_labels_is_nothing(all in labels(), seed in any::<u64>()) {
        let mut turned = all.clone();
        turned.reverse();
        let (one, other) = (fit(&all, 0.9, 20, seed), fit(&turned, 0.9, 20, seed));
        match (one, other) {
            (Ok(one), Ok(other)) => {
                prop_assert_eq!((one.fitted_on, one.held_out), (other.fitted_on, other.held_out));
                let pairs = one.curves.confidence.iter().flatten().zip(other.curves.confidence.iter().flatten());
                for (a, b) in pairs {
                    prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
                }
            }
            (one, other) => prop_assert_eq!(one, other),
        }
    }

    /// What conformal prediction promises, of cases of the same kind that nobody has seen.
    #[test]
    fn intervals_hold_as_often_as_was_asked(seed in 0..1_000_u64) {
        let of = |i: u64| {
            let draw = |n: u64| {
                let digest = Sha256::digest(json!([seed, i, n]).to_string().as_bytes());
                assay_model::sampling::fraction(&digest)
            };
            let score = draw(0);
            let people = (score * 0.7 + 0.3 * draw(1)).clamp(0.0, 1.0);
            Labelled { score, people: Some(people), ..one(i as usize, 0.5, true) }
        };
        let labelled: Vec<Labelled> = (0..400).map(of).collect();
        let fitted = fit(&labelled, 0.9, 30, seed).unwrap();
        let held = (400..1400).map(of).filter(|l| {
            let range = around(at(&fitted.curves.score, l.score), fitted.curves.distance).unwrap();
            (range[0]..=range[1]).contains(&l.people.unwrap())
        });
        let share = held.count() as f64 / 1000.0;
        // 0.9 in the mean over such draws; of two hundred held out the share varies by some 0.02.
        prop_assert!((0.82..=0.98).contains(&share), "{share}");
    }
}
