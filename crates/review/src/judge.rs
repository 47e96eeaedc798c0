//! A judge beside people: how often its verdicts are theirs, and how far its scores can be believed.

use crate::{Annotation, Estimate, estimate};
use assay_model::{LabelKind, LabelSchemaSpec, LabelTarget, MachineScore};
use assay_stats::Level;
use assay_stats::agreement::{Weight, cohen_kappa, percent_agreement, spearman};
use assay_stats::calibration::{Isotonic, auroc, brier, calibration_error};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Bins of the expected calibration error.
const BINS: u32 = 10;
/// Most points of a curve.
const MOST_POINTS: usize = 50;

/// The score of a metric that an item is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The metric.
    pub metric: String,
    /// What it said.
    pub machine: MachineScore,
}

/// Verdicts, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Confusion {
    /// Both let it pass.
    pub both_passed: u64,
    /// The judge let it pass, people did not.
    pub judge_alone_passed: u64,
    /// People let it pass, the judge did not.
    pub people_alone_passed: u64,
    /// Neither did.
    pub both_failed: u64,
}

/// What a judge's own confidence is worth: how well it tells where the judge is right.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Confidence {
    /// Verdicts with a confidence.
    pub items: usize,
    /// The mean of squares between confidence and being right; 0 is best.
    pub brier: Option<f64>,
    /// How far confidence is from the share that is right, over ten bins.
    pub expected_calibration_error: Option<f64>,
    /// The chance that it is surer of a right verdict than of a wrong one.
    pub auroc: Option<f64>,
}

/// A point of the curve from scores to people's verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    /// The judge's score.
    pub score: f64,
    /// The share of cases of such a score that people let pass, rising with the score.
    pub people_pass: f64,
}

/// A metric beside what people say in answer to one schema.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct JudgeReport {
    /// The metric.
    pub metric: String,
    /// The schema that people answered.
    pub schema: String,
    /// Items of which both the judge and people have a verdict.
    pub items: usize,
    /// Items of which as many people say one thing as another: they are in no verdict below, and in scores.
    pub ties: usize,
    /// Items that people judged and the metric could not.
    pub unscored: usize,
    /// The share of verdicts that are the same.
    pub accuracy: Estimate,
    /// Cohen's kappa of the verdicts.
    pub kappa: Estimate,
    /// The verdicts, at the metric's threshold.
    pub confusion: Confusion,
    /// The share of what people let pass that the judge lets pass.
    pub sensitivity: Option<f64>,
    /// The share of what people do not let pass that the judge does not.
    pub specificity: Option<f64>,
    /// Spearman's correlation of scores; null where answers are yes or no.
    pub spearman: Estimate,
    /// How much higher the judge's scores are than people's, in the mean.
    pub bias: Estimate,
    /// How far its scores are from theirs, in the mean.
    pub mean_absolute_error: Option<f64>,
    /// What the judge's confidence is worth; missing where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// What scores come to, by isotonic regression: read a score's `people_pass` in place of the score itself.
    pub curve: Vec<Point>,
}

/// Each metric beside each schema whose answers can be compared with scores.
#[must_use]
pub fn judge_reports(
    schemas: &[LabelSchemaSpec],
    annotations: &[Annotation],
    judged: &BTreeMap<String, Judged>,
    level: Level,
) -> Vec<JudgeReport> {
    let metrics: BTreeSet<&str> = judged.values().map(|j| j.metric.as_str()).collect();
    let mut reports = Vec::new();
    for metric in metrics {
        for schema in schemas.iter().filter(|s| s.target == LabelTarget::Case) {
            let report = report(metric, schema, annotations, judged, level);
            reports.extend(report);
        }
    }
    reports
}

/// An item as both see it.
#[derive(Clone)]
struct Seen {
    judge: f64,
    people: f64,
    /// Whether the judge and people let it pass; `None` of a tie.
    verdicts: Option<(bool, bool)>,
    confidence: Option<f64>,
}

/// Whether an answer lets a case pass, at a metric's threshold; `None` where it cannot be held against scores.
pub(crate) fn passes(schema: &LabelSchemaSpec, value: &Value, threshold: f64) -> Option<bool> {
    match schema.kind {
        LabelKind::Boolean => value.as_bool(),
        _ => Some(schema.score_of(value)? >= threshold),
    }
}

fn report(
    metric: &str,
    schema: &LabelSchemaSpec,
    annotations: &[Annotation],
    judged: &BTreeMap<String, Judged>,
    level: Level,
) -> Option<JudgeReport> {
    let mut said: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for annotation in annotations {
        let about = judged.get(&annotation.item);
        if about.is_none_or(|j| j.metric != metric) {
            continue;
        }
        let answers = annotation.answers.iter();
        let values = answers
            .filter(|a| a.schema == schema.name)
            .map(|a| &a.value);
        // A category without a score says nothing here.
        let values: Vec<&Value> = values.filter(|v| schema.score_of(v).is_some()).collect();
        if !values.is_empty() {
            said.entry(&annotation.item).or_default().extend(values);
        }
    }
    let mut unscored = 0;
    let mut seen = Vec::new();
    for (item, values) in &said {
        let machine = &judged.get(*item)?.machine;
        let Some(score) = machine.score else {
            unscored += 1;
            continue;
        };
        let scores: Vec<f64> = values.iter().filter_map(|v| schema.score_of(v)).collect();
        let votes = values
            .iter()
            .filter_map(|v| passes(schema, v, machine.threshold));
        let (yes, no) = votes.fold(
            (0, 0),
            |(y, n), pass| if pass { (y + 1, n) } else { (y, n + 1) },
        );
        seen.push(Seen {
            judge: score,
            people: scores.iter().sum::<f64>() / scores.len() as f64,
            verdicts: (yes != no).then_some((score >= machine.threshold, yes > no)),
            confidence: machine.confidence,
        });
    }
    if said.is_empty() {
        return None;
    }
    Some(of_seen(metric, schema, &seen, unscored, level))
}

fn of_seen(
    metric: &str,
    schema: &LabelSchemaSpec,
    seen: &[Seen],
    unscored: usize,
    level: Level,
) -> JudgeReport {
    let verdicts: Vec<(bool, bool)> = seen.iter().filter_map(|s| s.verdicts).collect();
    let mut confusion = Confusion::default();
    for verdict in &verdicts {
        *match verdict {
            (true, true) => &mut confusion.both_passed,
            (true, false) => &mut confusion.judge_alone_passed,
            (false, true) => &mut confusion.people_alone_passed,
            (false, false) => &mut confusion.both_failed,
        } += 1;
    }
    let scores: Vec<(f64, f64)> = seen.iter().map(|s| (s.judge, s.people)).collect();
    let mean = |of: &dyn Fn(f64, f64) -> f64, pairs: &[(f64, f64)]| {
        let sum: f64 = pairs
            .iter()
            .map(|(judge, people)| of(*judge, *people))
            .sum();
        (!pairs.is_empty()).then(|| sum / pairs.len() as f64)
    };
    let share = |part: u64, other: u64| {
        let all = part + other;
        (all > 0).then(|| part as f64 / all as f64)
    };
    let ranked = schema.kind != LabelKind::Boolean;
    JudgeReport {
        metric: metric.to_owned(),
        schema: schema.name.clone(),
        items: verdicts.len(),
        ties: seen.len() - verdicts.len(),
        unscored,
        accuracy: estimate(&verdicts, level, percent_agreement),
        kappa: estimate(&verdicts, level, |pairs| cohen_kappa(pairs, Weight::Same)),
        confusion,
        sensitivity: share(confusion.both_passed, confusion.people_alone_passed),
        specificity: share(confusion.both_failed, confusion.judge_alone_passed),
        spearman: estimate(&scores, level, |pairs| {
            ranked.then(|| spearman(pairs)).flatten()
        }),
        bias: estimate(&scores, level, |pairs| mean(&|j, p| j - p, pairs)),
        mean_absolute_error: mean(&|j, p| (j - p).abs(), &scores),
        confidence: confidence(seen),
        curve: curve(seen),
    }
}

fn confidence(seen: &[Seen]) -> Option<Confidence> {
    let forecasts: Vec<(f64, bool)> = seen
        .iter()
        .filter_map(|s| Some((s.confidence?, s.verdicts.map(|(j, p)| j == p)?)))
        .collect();
    (!forecasts.is_empty()).then(|| Confidence {
        items: forecasts.len(),
        brier: brier(&forecasts),
        expected_calibration_error: calibration_error(&forecasts, BINS).map(|e| e.expected),
        auroc: auroc(&forecasts),
    })
}

fn curve(seen: &[Seen]) -> Vec<Point> {
    let points: Vec<(f64, f64)> = seen
        .iter()
        .filter_map(|s| Some((s.judge, f64::from(s.verdicts?.1))))
        .collect();
    let Some(fitted) = Isotonic::fit(&points) else {
        return Vec::new();
    };
    let mut scores: Vec<f64> = points.iter().map(|(score, _)| *score).collect();
    scores.sort_by(f64::total_cmp);
    scores.dedup();
    let every = scores.len().div_ceil(MOST_POINTS).max(1);
    scores
        .into_iter()
        .step_by(every)
        .filter_map(|score| {
            let people_pass = fitted.at(score)?;
            Some(Point { score, people_pass })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::MetricStatus;
    use serde_json::json;

    fn judged(scores: &[Option<f64>]) -> BTreeMap<String, Judged> {
        let all = scores.iter().enumerate().map(|(i, score)| {
            let status = match score {
                None => MetricStatus::Error,
                Some(s) if *s >= 0.5 => MetricStatus::Passed,
                Some(_) => MetricStatus::Failed,
            };
            let machine = MachineScore {
                status,
                score: *score,
                threshold: 0.5,
                confidence: Some(0.9),
                judge_model: None,
                judged_by: None,
                calibration: None,
                reason: String::new(),
            };
            let judged = Judged {
                metric: "m".into(),
                machine,
            };
            (format!("item-{i}"), judged)
        });
        all.collect()
    }

    fn said(person: &str, values: &[Value]) -> Vec<Annotation> {
        let all = values.iter().enumerate().map(|(i, value)| Annotation {
            item: format!("item-{i}"),
            person: person.into(),
            answers: vec![serde_json::from_value(json!({"schema": "s", "value": value})).unwrap()],
        });
        all.collect()
    }

    fn schema(spec: Value) -> Vec<LabelSchemaSpec> {
        vec![serde_json::from_value(spec).unwrap()]
    }

    #[test]
    fn verdicts_are_counted_and_errors_are_none() {
        let schemas = schema(json!({"name": "s", "kind": "boolean"}));
        let scores = [Some(1.0), Some(0.9), Some(0.8), Some(0.1), Some(0.0), None];
        let people = said(
            "a",
            &[true, true, false, false, true, true].map(|v| json!(v)),
        );
        let found = judge_reports(&schemas, &people, &judged(&scores), Level::P95);
        let [one] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((one.items, one.ties, one.unscored), (5, 0, 1));
        let counted = Confusion {
            both_passed: 2,
            judge_alone_passed: 1,
            people_alone_passed: 1,
            both_failed: 1,
        };
        assert_eq!(one.confusion, counted);
        assert_eq!(one.accuracy.value, Some(0.6));
        assert_eq!(one.sensitivity, Some(2.0 / 3.0));
        assert_eq!(one.specificity, Some(0.5));
        assert_eq!(one.spearman.value, None, "yes and no have no ranks");
        // 2.8 of 5 beside 3 of 5.
        assert!((one.bias.value.unwrap() + 0.04).abs() < 1e-12);
        let confidence = one.confidence.as_ref().unwrap();
        assert_eq!(confidence.items, 5);
        assert!((confidence.expected_calibration_error.unwrap() - 0.3).abs() < 1e-9);
        let rises = one
            .curve
            .windows(2)
            .all(|w| w[0].people_pass <= w[1].people_pass);
        assert!(rises && one.curve.len() == 5, "{:?}", one.curve);
    }

    #[test]
    fn numbers_are_ranked_and_ties_are_left_out() {
        let schemas = schema(json!({"name": "s", "kind": "numeric", "min": 0, "max": 10}));
        let scores = [Some(0.1), Some(0.4), Some(0.6), Some(0.9)];
        let first = said("a", &[1, 3, 2, 9].map(|v| json!(v)));
        let second = said("b", &[1, 3, 8, 9].map(|v| json!(v)));
        let found = judge_reports(
            &schemas,
            &[first, second].concat(),
            &judged(&scores),
            Level::P95,
        );
        let one = &found[0];
        assert_eq!(
            (one.items, one.ties),
            (3, 1),
            "2 and 8 do not make a verdict"
        );
        assert_eq!(one.spearman.value, Some(1.0));
        assert_eq!(one.accuracy.value, Some(1.0));
    }

    #[test]
    fn what_people_did_not_look_at_is_no_report() {
        let schemas = schema(json!({"name": "s", "kind": "boolean"}));
        assert!(judge_reports(&schemas, &[], &judged(&[Some(1.0)]), Level::P95).is_empty());
        let categories = schema(
            json!({"name": "s", "kind": "categorical", "categories": [{"label": "x"}, {"label": "y"}]}),
        );
        let people = said("a", &[json!("x")]);
        assert!(judge_reports(&categories, &people, &judged(&[Some(1.0)]), Level::P95).is_empty());
    }
}
