//! What an alert asks of the trace store, and what the answers come to.

use crate::words::number;
use assay_model::analysis::{Aggregation, Analysis, Direction, Metric, OrderBy, View};
use assay_model::{
    AlertAggregation, AlertCondition, AlertMeasure, AlertSpec, Comparison, Shift, Timestamp,
};
use assay_stats::drift::kolmogorov_smirnov;
use serde_json::{Value, json};

/// Most values of each side of a change that are looked at.
const MAX_VALUES: u32 = 1_000;

/// The answer to one question: of each row its metrics.
pub type Answer = Vec<Vec<Value>>;

/// What an alert finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The number that is compared: of a change the mean within the window.
    pub value: Option<f64>,
    /// How many values there are within the window.
    pub samples: u64,
    /// Whether the condition holds; `None` where there are too few values to say.
    pub holds: Option<bool>,
    /// That in a sentence, for people.
    pub sentence: String,
}

/// What is to be asked at `now`: the answers go to [`read`], in the same order.
#[must_use]
pub fn questions(spec: &AlertSpec, now: Timestamp) -> Vec<Analysis> {
    let minutes = |n: u32| i64::from(n) * 60_000;
    let from = now.plus_millis(-minutes(spec.window_minutes));
    match &spec.condition {
        AlertCondition::Threshold {
            aggregation,
            pass_at,
            ..
        } => {
            let mut all = analysis(spec, from, now);
            all.metrics = vec![metric("count", Aggregation::Count)];
            let how = match aggregation {
                AlertAggregation::Count => return vec![all],
                AlertAggregation::PassRate => {
                    let mut passed = all.clone();
                    passed.filter.push(json!({
                        "type": "number", "column": "value", "operator": ">=", "value": pass_at,
                    }));
                    return vec![all, passed];
                }
                AlertAggregation::Mean => Aggregation::Avg,
                AlertAggregation::P50 => Aggregation::P50,
                AlertAggregation::P95 => Aggregation::P95,
                AlertAggregation::P99 => Aggregation::P99,
                AlertAggregation::Sum => Aggregation::Sum,
            };
            all.metrics.push(metric(measure(spec), how));
            vec![all]
        }
        AlertCondition::ChangePoint {
            reference_minutes, ..
        } => {
            let before = from.plus_millis(-minutes(*reference_minutes));
            let values = |from, to| {
                let mut one = analysis(spec, from, to);
                one.dimensions = vec!["id".to_owned()];
                one.metrics = vec![metric(measure(spec), Aggregation::Avg)];
                // Of more than are looked at, those that no value chose.
                one.order_by = vec![OrderBy {
                    field: "id".to_owned(),
                    direction: Direction::Asc,
                }];
                one.limit = MAX_VALUES;
                one
            };
            vec![values(from, now), values(before, from)]
        }
    }
}

fn metric(measure: &str, aggregation: Aggregation) -> Metric {
    Metric {
        measure: measure.to_owned(),
        aggregation,
    }
}

/// The name of what is watched, in its view.
const fn measure(spec: &AlertSpec) -> &'static str {
    match spec.measure {
        AlertMeasure::Score { .. } => "value",
        AlertMeasure::Latency {} => "latency",
        AlertMeasure::Cost {} => "totalCost",
        AlertMeasure::ErrorRate {} => "failed",
    }
}

fn analysis(spec: &AlertSpec, from: Timestamp, to: Timestamp) -> Analysis {
    let mut filter = spec.filter.clone();
    let view = match &spec.measure {
        AlertMeasure::Score { name } => {
            filter
                .push(json!({"type": "string", "column": "name", "operator": "=", "value": name}));
            View::ScoresNumeric
        }
        _ => View::Traces,
    };
    Analysis {
        view,
        dimensions: Vec::new(),
        metrics: Vec::new(),
        filter,
        from,
        to,
        granularity: None,
        utc_offset_minutes: 0,
        order_by: Vec::new(),
        bins: 1,
        limit: 1,
    }
}

/// What the answers to [`questions`] come to.
#[must_use]
pub fn read(spec: &AlertSpec, answers: &[Answer]) -> Reading {
    match &spec.condition {
        AlertCondition::Threshold {
            aggregation,
            comparison,
            value,
            ..
        } => threshold(spec, *aggregation, *comparison, *value, answers),
        AlertCondition::ChangePoint {
            shift,
            min_shift,
            significance,
            ..
        } => change(spec, (*shift, *min_shift, *significance), answers),
    }
}

/// A number of the only row of an answer.
fn cell(answers: &[Answer], answer: usize, place: usize) -> Option<f64> {
    answers.get(answer)?.first()?.get(place)?.as_f64()
}

fn threshold(
    spec: &AlertSpec,
    aggregation: AlertAggregation,
    comparison: Comparison,
    bound: f64,
    answers: &[Answer],
) -> Reading {
    let count = cell(answers, 0, 0).unwrap_or(0.0).max(0.0);
    let samples = count as u64;
    let value = match aggregation {
        AlertAggregation::Count => Some(count),
        AlertAggregation::PassRate => {
            let passed = cell(answers, 1, 0).unwrap_or(0.0);
            (count > 0.0).then(|| passed / count)
        }
        AlertAggregation::Sum => Some(cell(answers, 0, 1).unwrap_or(0.0)),
        _ => cell(answers, 0, 1),
    };
    // Nothing at all is a count, and a sum, like any other.
    let always = matches!(aggregation, AlertAggregation::Count | AlertAggregation::Sum);
    let known = value.filter(|_| always || samples >= u64::from(spec.min_samples));
    let what = format!("{} of {}", aggregation.words(), watched(spec));
    let Some(found) = known else {
        return few(spec, &what, samples, value);
    };
    let (holds, side) = match comparison {
        Comparison::Below => (found < bound, "below"),
        Comparison::Above => (found > bound, "above"),
    };
    let not = if holds { "" } else { "not " };
    Reading {
        value: Some(found),
        samples,
        holds: Some(holds),
        sentence: format!(
            "The {what} over the last {} is {}, {not}{side} {} ({}).",
            minutes(spec.window_minutes),
            number(found),
            number(bound),
            values(samples)
        ),
    }
}

fn change(
    spec: &AlertSpec,
    (shift, min_shift, significance): (Shift, f64, f64),
    answers: &[Answer],
) -> Reading {
    let side = |i: usize| -> Vec<f64> {
        let rows = answers.get(i).into_iter().flatten();
        rows.filter_map(|row| row.first()?.as_f64()).collect()
    };
    let (now, before) = (side(0), side(1));
    let samples = now.len() as u64;
    let what = watched(spec);
    let enough = |values: &[f64]| values.len() as u64 >= u64::from(spec.min_samples);
    let (Some(mean_now), Some(mean_before)) = (mean(&now), mean(&before)) else {
        return few(spec, &what, samples, None);
    };
    let tested = kolmogorov_smirnov(&before, &now).filter(|_| enough(&now) && enough(&before));
    let Some(tested) = tested else {
        return few(spec, &what, samples, Some(mean_now));
    };
    let moved = mean_now - mean_before;
    let that_way = match shift {
        Shift::Down => moved < 0.0,
        Shift::Up => moved > 0.0,
        Shift::Any => true,
    };
    let holds = tested.p < significance && that_way && moved.abs() >= min_shift;
    let not = if holds { "have" } else { "have not" };
    Reading {
        value: Some(mean_now),
        samples,
        holds: Some(holds),
        sentence: format!(
            "The values of {what} over the last {} {not} changed: their mean is {}, and was {} before (p = {}; {}, before {}).",
            minutes(spec.window_minutes),
            number(mean_now),
            number(mean_before),
            number(tested.p),
            values(samples),
            values(before.len() as u64)
        ),
    }
}

fn few(spec: &AlertSpec, what: &str, samples: u64, value: Option<f64>) -> Reading {
    Reading {
        value,
        samples,
        holds: None,
        sentence: format!(
            "Of {what} there are too few values over the last {} to say anything: {}, where {} are asked for.",
            minutes(spec.window_minutes),
            values(samples),
            spec.min_samples
        ),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// What is watched, for people.
fn watched(spec: &AlertSpec) -> String {
    match &spec.measure {
        AlertMeasure::Score { name } => format!("the score `{name}`"),
        AlertMeasure::Latency {} => "the latency of traces in ms".to_owned(),
        AlertMeasure::Cost {} => "the cost of traces in US dollars".to_owned(),
        AlertMeasure::ErrorRate {} => "whether traces failed".to_owned(),
    }
}

fn minutes(n: u32) -> String {
    match n {
        1 => "minute".to_owned(),
        n => format!("{n} minutes"),
    }
}

fn values(n: u64) -> String {
    match n {
        1 => "1 value".to_owned(),
        n => format!("{n} values"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn spec(more: &Value) -> AlertSpec {
        let mut body = json!({
            "name": "Answers got worse", "measure": {"type": "score", "name": "answers"}, "window_minutes": 60, "min_samples": 5,
            "condition": {"type": "threshold", "aggregation": "mean", "comparison": "below", "value": 0.7}, "channels": [],
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        serde_json::from_value(body).unwrap()
    }

    fn threshold_of(aggregation: &str) -> AlertSpec {
        spec(&json!({"condition": {
            "type": "threshold", "aggregation": aggregation, "comparison": "below", "value": 0.7, "pass_at": 0.6,
        }}))
    }

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    #[test]
    fn questions_are_ones_that_the_store_takes() {
        use assay_model::Validate as _;
        for aggregation in ["mean", "pass_rate", "p50", "p95", "p99", "sum", "count"] {
            for asked in questions(&threshold_of(aggregation), NOW) {
                assert_eq!(asked.validate(), Ok(()), "{aggregation}");
                assert_eq!(asked.to.millis_since(asked.from), 3_600_000);
                assert_eq!(asked.filter[0]["value"], "answers");
            }
        }
        let passed = &questions(&threshold_of("pass_rate"), NOW)[1];
        assert_eq!(passed.filter[1]["value"], 0.6);
        let change = spec(&json!({
            "measure": {"type": "latency"}, "condition": {"type": "change_point", "reference_minutes": 600},
        }));
        let asked = questions(&change, NOW);
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[1].to, asked[0].from);
        assert_eq!(asked[1].to.millis_since(asked[1].from), 36_000_000);
        assert!(
            asked
                .iter()
                .all(|a| a.validate() == Ok(()) && a.view == View::Traces)
        );
    }

    #[test]
    fn a_threshold_is_passed_or_not_or_nobody_knows() {
        let mean = threshold_of("mean");
        let of = |count: u64, mean_is: Value| read(&mean, &[vec![vec![json!(count), mean_is]]]);
        let low = of(12, json!(0.5));
        assert_eq!(
            (low.holds, low.value, low.samples),
            (Some(true), Some(0.5), 12)
        );
        assert_eq!(
            low.sentence,
            "The mean of the score `answers` over the last 60 minutes is 0.5, below 0.7 (12 values)."
        );
        let high = of(12, json!(0.7));
        assert_eq!(high.holds, Some(false));
        assert!(high.sentence.contains("not below"), "{}", high.sentence);
        for (count, found) in [(4, json!(0.1)), (0, Value::Null)] {
            let few = of(count, found);
            assert_eq!(few.holds, None);
            assert!(few.sentence.contains("too few"), "{}", few.sentence);
        }
        // No row at all is no value either.
        assert_eq!(read(&mean, &[vec![]]).holds, None);
    }

    #[test]
    fn rates_and_counts() {
        let rate = threshold_of("pass_rate");
        let rows = |n: u64| vec![vec![json!(n)]];
        let found = read(&rate, &[rows(10), rows(6)]);
        assert_eq!((found.value, found.holds), (Some(0.6), Some(true)));
        let none_passed = read(&rate, &[rows(10), vec![]]);
        assert_eq!(
            (none_passed.value, none_passed.holds),
            (Some(0.0), Some(true))
        );
        assert_eq!(read(&rate, &[rows(0), rows(0)]).holds, None);
        // That nothing comes in is told.
        let count = threshold_of("count");
        let silent = read(&count, &[rows(0)]);
        assert_eq!((silent.value, silent.holds), (Some(0.0), Some(true)));
        assert_eq!(read(&count, &[rows(1)]).holds, Some(false));
    }

    #[test]
    fn a_change_is_one_of_kind_and_of_size() {
        let of = |condition: Value, now: &[f64], before: &[f64]| {
            let mut whole = json!({"type": "change_point", "reference_minutes": 600});
            for (key, value) in condition.as_object().unwrap() {
                whole[key] = value.clone();
            }
            let rows = |values: &[f64]| values.iter().map(|v| vec![json!(v)]).collect::<Answer>();
            read(
                &spec(&json!({"condition": whole})),
                &[rows(now), rows(before)],
            )
        };
        let before: Vec<f64> = (0..40).map(|i| 0.8 + f64::from(i % 5) / 50.0).collect();
        let worse: Vec<f64> = before.iter().map(|v| v - 0.3).collect();
        let found = of(json!({}), &worse, &before);
        assert_eq!(found.holds, Some(true), "{}", found.sentence);
        assert_eq!(of(json!({}), &before, &before).holds, Some(false));
        assert_eq!(
            of(json!({"shift": "up"}), &worse, &before).holds,
            Some(false)
        );
        assert_eq!(
            of(json!({"shift": "down"}), &worse, &before).holds,
            Some(true)
        );
        assert_eq!(
            of(json!({"min_shift": 0.5}), &worse, &before).holds,
            Some(false)
        );
        assert_eq!(of(json!({}), &worse[..4], &before).holds, None);
        assert_eq!(of(json!({}), &worse, &[]).holds, None);
    }
}
