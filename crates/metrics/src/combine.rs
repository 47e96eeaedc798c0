//! Several judgements of one metric on one case, made into one result.

use crate::text::clip;
use assay_model::{Combine, Judgement, Judgements, MetricResult, MetricStatus};
use assay_stats::Level;
use assay_stats::inference::mean;
use std::collections::BTreeMap;

/// Most characters of a single judgement's reason that are kept.
const MAX_REASON_CHARS: usize = 500;
/// Most answers of judges that are kept of all judgements together.
const MAX_ANSWERS: usize = 128;

/// Makes one result of several, each of which names its run, counted from 1 for each model. One alone stays as it is.
///
/// More than half of the judgements must have a score: a panel of which half gave none has decided nothing, and that is an error.
/// Of scored ones the mean or the median counts. How sure the result is: the share of all judgements that came to the same, times the mean
/// of how sure those were that say so.
///
/// `None` where there are no judgements.
#[must_use]
pub fn combine(rule: Combine, judged: Vec<(u32, MetricResult)>) -> Option<MetricResult> {
    let count = judged.len();
    if count < 2 {
        return judged.into_iter().next().map(|(_, result)| result);
    }
    let all: Vec<Judgement> = judged.iter().map(|(run, r)| judgement(*run, r)).collect();
    let results: Vec<MetricResult> = judged.into_iter().map(|(_, result)| result).collect();
    let scored: Vec<&MetricResult> = results.iter().filter(|r| r.score.is_some()).collect();
    let scores: Vec<f64> = scored.iter().filter_map(|r| r.score).collect();
    let mut result = sum(&results)?;
    // A case that lacks what a metric needs lacks it for every judge.
    let skipped = |r: &MetricResult| r.status == MetricStatus::Skipped;
    if results.iter().all(skipped) {
        return Some(result);
    }
    if scores.len() * 2 <= count {
        let without = results.iter().find(|r| r.score.is_none());
        let why = without.map_or("", |r| r.reason.as_str());
        result.status = MetricStatus::Error;
        result.reason = format!(
            "only {} of {count} judgements gave a score: {why}",
            scores.len()
        );
        let agreement = (count - scores.len()) as f64 / count as f64;
        result.judgements = Some(Judgements {
            all,
            agreement,
            interval: None,
        });
        return Some(result);
    }
    let score = match rule {
        // Many times 0.8 is 0.8, not a little less, which a threshold would tell apart.
        Combine::Mean => (scores.iter().sum::<f64>() / scores.len() as f64 * 1e12).round() / 1e12,
        Combine::Median => median(&scores)?,
    }
    .clamp(0.0, 1.0);
    result.status = if score >= result.threshold {
        MetricStatus::Passed
    } else {
        MetricStatus::Failed
    };
    result.score = Some(score);
    let same: Vec<&&MetricResult> = scored
        .iter()
        .filter(|r| r.status == result.status)
        .collect();
    let agreement = same.len() as f64 / count as f64;
    let sure: Vec<f64> = same.iter().filter_map(|r| r.confidence).collect();
    let sure = if sure.is_empty() {
        1.0
    } else {
        sure.iter().sum::<f64>() / sure.len() as f64
    };
    result.confidence = Some(agreement * sure);
    // What is nearest to the score speaks for it; of several such the first.
    let far = |r: &MetricResult| r.score.map_or(f64::INFINITY, |s| (s - score).abs());
    if let Some(nearest) = scored.iter().min_by(|a, b| far(a).total_cmp(&far(b))) {
        let passed = scored.iter().filter(|r| r.status == MetricStatus::Passed);
        result.reason = format!(
            "{} of {count} judgements pass. {}",
            passed.count(),
            nearest.reason
        );
        result.raw_verdict = nearest.raw_verdict.clone();
        result.prompt_hash = nearest.prompt_hash.clone();
    }
    result.breakdown = breakdown(&scored);
    let estimate = mean(&scores).filter(|_| rule == Combine::Mean);
    let interval = estimate.and_then(|e| e.interval(Level::P95));
    result.judgements = Some(Judgements {
        all,
        agreement,
        interval: interval.map(|i| [i.low.clamp(0.0, 1.0), i.high.clamp(0.0, 1.0)]),
    });
    Some(result)
}

fn judgement(run: u32, result: &MetricResult) -> Judgement {
    Judgement {
        judge_model: result.judge_model.clone(),
        run,
        status: result.status,
        score: result.score,
        reason: clip(&result.reason, MAX_REASON_CHARS),
    }
}

/// What all of them took and said, under the first one's name, without a score.
fn sum(results: &[MetricResult]) -> Option<MetricResult> {
    let mut sum = results.first()?.clone();
    sum.score = None;
    sum.confidence = None;
    for other in results.iter().skip(1) {
        // A sum with an unknown part is unknown.
        sum.usage = sum.usage.zip(other.usage).map(|(mut all, one)| {
            all += one;
            all
        });
        sum.cost_usd = sum.cost_usd.zip(other.cost_usd).map(|(all, one)| all + one);
        sum.judge_answers.extend_from_slice(&other.judge_answers);
    }
    sum.judge_answers.truncate(MAX_ANSWERS);
    let mut models: Vec<&str> = Vec::new();
    for model in results.iter().filter_map(|r| r.judge_model.as_deref()) {
        if !models.contains(&model) {
            models.push(model);
        }
    }
    sum.judge_model = (!models.is_empty()).then(|| models.join(", "));
    Some(sum)
}

/// The mean of each part that some of them have.
fn breakdown(scored: &[&MetricResult]) -> BTreeMap<String, f64> {
    let mut parts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (name, value) in scored.iter().flat_map(|r| &r.breakdown) {
        let (sum, count) = parts.entry(name).or_default();
        *sum += value;
        *count += 1.0;
    }
    let mean = |(name, (sum, count)): (&str, (f64, f64))| (name.to_owned(), sum / count);
    parts.into_iter().map(mean).collect()
}

fn median(scores: &[f64]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
#[path = "combine_tests.rs"]
mod tests;
