//! How two arms differ, metric by metric.

use crate::arm::{Arm, Of};
use assay_stats::inference::{
    Estimate, clustered_mean, detectable_difference_by_t, holm, mcnemar, mean, paired,
    paired_bootstrap,
};
use assay_stats::{Interval, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How often items are drawn for the bootstrap.
const RESAMPLES: u32 = 2_000;
/// More pairs than these are not drawn: of so many, Student's interval is as good.
const MOST_DRAWN: usize = 20_000;
/// The power of which the detectable difference is told.
const POWER: f64 = 0.8;

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Interval")]
pub struct Span {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for Span {
    fn from(interval: Interval) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
        }
    }
}

/// One arm in a comparison, over the cases that both have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ComparisonSide")]
pub struct Side {
    /// The mean score.
    pub mean: f64,
    /// The share that passed.
    pub pass_rate: f64,
    /// Cases that only this arm has a result of.
    pub alone: usize,
    /// Runs without a result because of an error.
    pub errors: usize,
}

/// Cases that one arm passes and the other does not, where each was run once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Discordant {
    /// The candidate passes and the baseline does not.
    pub gained: u64,
    /// The other way round.
    pub lost: u64,
    /// The chance of as uneven a split, by McNemar's exact test on both sides.
    pub p_exact: f64,
    /// The same counted half where it is as uneven (mid-p), which errs less on the safe side.
    pub p_mid: Option<f64>,
}

/// What two arms' results of a metric say: candidate less baseline, paired by case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetricComparison")]
pub struct Comparison {
    /// The metric; none where it is about whether runs passed as a whole.
    pub metric: Option<String>,
    /// Cases of which both arms have a result.
    pub pairs: usize,
    /// Items that these are about, where there are fewer of them.
    pub clusters: Option<usize>,
    /// The baseline.
    pub baseline: Side,
    /// The candidate.
    pub candidate: Side,
    /// The mean difference.
    pub difference: f64,
    /// Its standard error; of items where they are clusters. None of one case alone.
    pub standard_error: Option<f64>,
    /// The interval of the true difference, by Student's distribution.
    pub interval: Option<Span>,
    /// The same by the bootstrap over items; none of very many.
    pub bootstrap: Option<Span>,
    /// The chance of a difference as far from 0, on both sides.
    pub p: Option<f64>,
    /// The same in view of how many metrics are compared (Holm).
    pub p_adjusted: Option<f64>,
    /// How far results of the two rise and fall together.
    pub correlation: Option<f64>,
    /// The difference in its own standard deviations.
    pub effect: Option<f64>,
    /// The least true difference that so many cases would have shown four times in five.
    pub detectable: Option<f64>,
    /// Passes gained and lost.
    pub discordant: Option<Discordant>,
    /// Cases with a greater result than the baseline's.
    pub improved: usize,
    /// Cases with a lesser one.
    pub worsened: usize,
}

/// Pairs of an arm's results with another's.
pub(crate) struct Pairs {
    /// The item, and the results before and after.
    pub(crate) scores: Vec<(String, f64, f64)>,
    rates: Vec<(f64, f64)>,
    /// Whether each passed, where all were run once.
    once: Option<Vec<(bool, bool)>>,
    alone: (usize, usize),
    errors: (usize, usize),
}

impl Pairs {
    pub(crate) fn of(baseline: &Arm, candidate: &Arm, of: Of<'_>) -> Self {
        let (before, errors_before) = baseline.results(of);
        let (after, errors_after) = candidate.results(of);
        let (mut scores, mut rates) = (Vec::new(), Vec::new());
        let mut once = Some(Vec::new());
        for (case, first) in &before {
            let Some(second) = after.get(case) else {
                continue;
            };
            scores.push((case.item.clone(), first.mean(), second.mean()));
            rates.push((first.rate(), second.rate()));
            match (first.passed.as_slice(), second.passed.as_slice()) {
                ([one], [other]) => {
                    if let Some(once) = &mut once {
                        once.push((*one, *other));
                    }
                }
                _ => once = None,
            }
        }
        let pairs = scores.len();
        Self {
            scores,
            rates,
            once,
            alone: (before.len() - pairs, after.len() - pairs),
            errors: (errors_before, errors_after),
        }
    }

    /// The mean of a value of each pair; by item where several pairs are about one.
    pub(crate) fn estimate(&self, value: impl Fn(f64, f64) -> f64) -> Option<Estimate> {
        let values: Vec<(&str, f64)> = self
            .scores
            .iter()
            .map(|(item, before, after)| (item.as_str(), value(*before, *after)))
            .collect();
        if self.clustered() {
            return clustered_mean(&values);
        }
        mean(&values.iter().map(|(_, v)| *v).collect::<Vec<_>>())
    }

    /// The mean difference of the shares that pass.
    pub(crate) fn rate_difference(&self) -> Option<Estimate> {
        let items = self.scores.iter().map(|(item, ..)| item.as_str());
        let values: Vec<(&str, f64)> = items
            .zip(self.rates.iter().map(|(before, after)| after - before))
            .collect();
        if self.clustered() {
            return clustered_mean(&values);
        }
        mean(&values.iter().map(|(_, v)| *v).collect::<Vec<_>>())
    }

    fn clustered(&self) -> bool {
        let items: BTreeSet<&str> = self.scores.iter().map(|(item, ..)| item.as_str()).collect();
        items.len() < self.scores.len()
    }

    pub(crate) fn sides(&self) -> Option<(Side, Side)> {
        let count = self.scores.len() as f64;
        if self.scores.is_empty() {
            return None;
        }
        let of = |score: f64, rate: f64, alone: usize, errors: usize| Side {
            mean: score / count,
            pass_rate: rate / count,
            alone,
            errors,
        };
        let before = self.scores.iter().map(|(_, before, _)| before).sum();
        let after = self.scores.iter().map(|(_, _, after)| after).sum();
        let rate_before = self.rates.iter().map(|(before, _)| before).sum();
        let rate_after = self.rates.iter().map(|(_, after)| after).sum();
        Some((
            of(before, rate_before, self.alone.0, self.errors.0),
            of(after, rate_after, self.alone.1, self.errors.1),
        ))
    }
}

/// Compares a candidate with a baseline: whether runs passed as a whole, then each metric that both have, by name. Where they have
/// no case in common of something, nothing is said of it.
#[must_use]
pub fn compare(baseline: &Arm, candidate: &Arm, level: Level, seed: u64) -> Vec<Comparison> {
    let metrics = baseline.metrics();
    let both = metrics
        .intersection(&candidate.metrics())
        .copied()
        .map(Some)
        .collect::<Vec<_>>();
    let all = std::iter::once(None).chain(both);
    let mut compared: Vec<Comparison> = all
        .filter_map(|of| one(baseline, candidate, of, level, seed))
        .collect();
    let known: Vec<f64> = compared.iter().filter_map(|c| c.p).collect();
    let mut adjusted = holm(&known).unwrap_or_default().into_iter();
    for comparison in &mut compared {
        comparison.p_adjusted = comparison.p.and_then(|_| adjusted.next());
    }
    compared
}

fn one(baseline: &Arm, candidate: &Arm, of: Of<'_>, level: Level, seed: u64) -> Option<Comparison> {
    let pairs = Pairs::of(baseline, candidate, of);
    let (before, after) = pairs.sides()?;
    let difference = pairs.estimate(|before, after| after - before)?;
    let both: Vec<(f64, f64)> = pairs.scores.iter().map(|(_, b, a)| (*b, *a)).collect();
    let plain = paired(&both)?;
    let differences: Vec<(&str, f64)> = pairs
        .scores
        .iter()
        .map(|(item, before, after)| (item.as_str(), after - before))
        .collect();
    let drawn = (differences.len() <= MOST_DRAWN)
        .then(|| paired_bootstrap(&differences, RESAMPLES, seed))
        .flatten();
    let deviation = difference
        .standard_error
        .map(|error| error * (difference.clusters.unwrap_or(difference.count) as f64).sqrt());
    let independent = difference.clusters.unwrap_or(difference.count) as u64;
    let discordant = pairs.once.as_ref().map(|once| {
        let count = |of: (bool, bool)| once.iter().filter(|pair| **pair == of).count() as u64;
        let (lost, gained) = (count((true, false)), count((false, true)));
        let test = mcnemar(lost, gained);
        Discordant {
            gained,
            lost,
            p_exact: test.exact,
            p_mid: test.mid,
        }
    });
    let than = |more: fn(f64) -> bool| differences.iter().filter(|(_, d)| more(*d)).count();
    Some(Comparison {
        metric: of.map(str::to_owned),
        pairs: pairs.scores.len(),
        clusters: difference.clusters,
        baseline: before,
        candidate: after,
        difference: difference.mean,
        standard_error: difference.standard_error,
        interval: difference.interval(level).map(Span::from),
        bootstrap: drawn.and_then(|d| d.interval(level)).map(Span::from),
        p: difference.test(0.0).map(|test| test.p),
        p_adjusted: None,
        correlation: plain.correlation,
        effect: plain.effect,
        detectable: deviation
            .and_then(|d| detectable_difference_by_t(independent, d, level.alpha(), POWER)),
        discordant,
        improved: than(|d| d > 0.0),
        worsened: than(|d| d < 0.0),
    })
}
