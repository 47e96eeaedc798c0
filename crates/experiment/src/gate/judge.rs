//! What a gate says of two arms.
//!
//! A rule passes when all of its interval is good enough and fails when none of it is; in between it is inconclusive, and so it is
//! with too few items or too many errors. That all of several rules must pass needs no correction; that one of several fails does,
//! so that whether rules fail is decided step by step after Holm: the one of m that fails at 1 - alpha/m, then of the others.
//!
//! Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure" (1979); Berger, "Multiparameter Hypothesis Testing and
//! Acceptance Sampling" (1982) for the first half.

use super::words;
use super::{Gate, Rule, Statistic, Weight};
use crate::arm::{Arm, Of};
use crate::comparison::{Pairs, Span};
use assay_model::RunStatus;
use assay_stats::gate::{Verdict as Shown, at_least, not_worse};
use assay_stats::inference::{Estimate, clustered_mean, detectable_difference, mean};
use assay_stats::{Interval, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The power at which more items would decide.
const POWER: f64 = 0.8;

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "GateDecision")]
pub enum Verdict {
    /// It may go out.
    Pass,
    /// It may not.
    Fail,
    /// It is not shown either way.
    Inconclusive,
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GateRuleReport")]
pub struct RuleReport {
    /// The rule.
    pub rule: Rule,
    /// What it says.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
    /// The candidate's value.
    pub value: Option<f64>,
    /// The baseline's, where they are compared.
    pub baseline: Option<f64>,
    /// The interval of the value, or of the difference where they are compared.
    pub interval: Option<Span>,
    /// Items that decided.
    pub items: usize,
    /// About how many items would decide it, where it is inconclusive and more of them would.
    pub items_needed: Option<u64>,
}

/// What a gate says, and each of its rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GateReport")]
pub struct Report {
    /// Of all blocking rules together: one that fails decides, then one that is inconclusive.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
    /// In the order of the gate.
    pub rules: Vec<RuleReport>,
    /// Runs of the candidate that ended in error.
    pub errors: usize,
    /// All runs of the candidate.
    pub runs: usize,
}

/// What a rule measures.
struct Measured {
    value: f64,
    baseline: Option<f64>,
    /// Of the value, or of the difference.
    estimate: Estimate,
    items: usize,
    /// Whether it is a share of cases.
    share: bool,
}

impl Measured {
    fn of(rule: &Rule, candidate: &Arm, baseline: Option<&Arm>) -> Result<Self, String> {
        let of = rule.metric.as_deref();
        if rule.not_worse_by.is_some() {
            let baseline = baseline.ok_or("there is no baseline to compare with")?;
            return Self::difference(rule, candidate, baseline, of);
        }
        let (results, _) = candidate.results(of);
        let values: Vec<(&str, f64)> = results
            .iter()
            .map(|(case, results)| {
                let value = match rule.statistic {
                    Statistic::Mean => results.mean(),
                    Statistic::PassRate => results.rate(),
                };
                (case.item.as_str(), value)
            })
            .collect();
        let items = values
            .iter()
            .map(|(item, _)| *item)
            .collect::<BTreeSet<_>>()
            .len();
        let estimate = if items < values.len() {
            clustered_mean(&values)
        } else {
            mean(&values.iter().map(|(_, v)| *v).collect::<Vec<_>>())
        };
        let estimate = estimate.ok_or_else(|| words::nothing(of))?;
        Ok(Self {
            value: estimate.mean,
            baseline: None,
            estimate,
            items,
            share: of.is_none() || rule.statistic == Statistic::PassRate,
        })
    }

    fn difference(
        rule: &Rule,
        candidate: &Arm,
        baseline: &Arm,
        of: Of<'_>,
    ) -> Result<Self, String> {
        let pairs = Pairs::of(baseline, candidate, of);
        let (before, after) = pairs.sides().ok_or_else(|| words::nothing_in_common(of))?;
        let (estimate, first, second) = match rule.statistic {
            Statistic::Mean => (
                pairs.estimate(|before, after| after - before),
                before.mean,
                after.mean,
            ),
            Statistic::PassRate => (pairs.rate_difference(), before.pass_rate, after.pass_rate),
        };
        let estimate = estimate.ok_or_else(|| words::nothing_in_common(of))?;
        Ok(Self {
            value: second,
            baseline: Some(first),
            items: estimate.clusters.unwrap_or(estimate.count),
            estimate,
            share: false,
        })
    }

    /// The interval at a level.
    fn interval(&self, level: Level) -> Option<Interval> {
        let student = self.estimate.interval(level);
        // Student's interval of values that are all the same would be one point, and that of a share near 0 or 1 too narrow.
        let share = self.share || self.estimate.standard_error == Some(0.0);
        if share && self.baseline.is_none() {
            return self.estimate.wilson(level).or(student);
        }
        student
    }

    fn shown(&self, rule: &Rule, level: Level) -> Option<Shown> {
        let interval = self.interval(level)?;
        match (rule.not_worse_by, rule.at_least) {
            (Some(margin), _) => not_worse(interval, margin),
            (None, Some(floor)) => at_least(interval, floor),
            (None, None) => None,
        }
    }

    /// About how many items would decide: those that show a difference as far from the bound as this one is.
    fn needed(&self, rule: &Rule, level: Level) -> Option<u64> {
        let bound = rule.not_worse_by.map(|margin| -margin).or(rule.at_least)?;
        let distance = (self.estimate.mean - bound).abs();
        let error = self.estimate.standard_error.filter(|e| *e > 0.0)?;
        let count = self.estimate.clusters.unwrap_or(self.estimate.count) as f64;
        // The detectable difference falls with the root of the number of items.
        let one = detectable_difference(1, error * count.sqrt(), level.alpha(), POWER)?;
        let needed = (one / distance).powi(2).ceil();
        (needed.is_finite() && needed > count && needed < 1e9).then_some(needed as u64)
    }
}

/// What a gate says of a candidate, beside a baseline where rules compare with one.
#[must_use]
pub fn judge(gate: &Gate, candidate: &Arm, baseline: Option<&Arm>) -> Report {
    let level = Level::new(gate.level).unwrap_or(Level::P95);
    let errors = candidate
        .runs
        .iter()
        .filter(|run| run.status == RunStatus::Error)
        .count();
    let runs = candidate.runs.len();
    let too_many = errors as f64 > gate.max_error_share * runs as f64;
    let measured: Vec<Result<Measured, String>> = gate
        .rules
        .iter()
        .map(|rule| {
            let measured = Measured::of(rule, candidate, baseline)?;
            let least = rule.min_items as usize;
            if measured.items < least {
                return Err(words::too_few(measured.items, least));
            }
            Ok(measured)
        })
        .collect();
    let failed = failed(gate, &measured, level);
    let rules: Vec<RuleReport> = gate
        .rules
        .iter()
        .zip(&measured)
        .enumerate()
        .map(|(i, (rule, measured))| report(rule, measured, failed.contains(&i), level))
        .collect();
    let blocking = |verdict: Verdict| {
        rules
            .iter()
            .filter(move |r| r.rule.severity == Weight::Blocking && r.verdict == verdict)
    };
    let (verdict, reason) = if too_many {
        let reason = words::errors(errors, runs, gate.max_error_share);
        (Verdict::Inconclusive, reason)
    } else if runs == 0 {
        (
            Verdict::Inconclusive,
            "the candidate has no runs".to_owned(),
        )
    } else if blocking(Verdict::Fail).next().is_some() {
        (Verdict::Fail, words::all(blocking(Verdict::Fail)))
    } else if blocking(Verdict::Inconclusive).next().is_some() {
        let reason = words::all(blocking(Verdict::Inconclusive));
        (Verdict::Inconclusive, reason)
    } else {
        (
            Verdict::Pass,
            words::passed(blocking(Verdict::Pass).count()),
        )
    };
    Report {
        verdict,
        reason,
        rules,
        errors,
        runs,
    }
}

/// The rules that fail. Blocking ones are corrected for how many of them there are, step by step; warnings stand for themselves.
fn failed(gate: &Gate, measured: &[Result<Measured, String>], level: Level) -> BTreeSet<usize> {
    let fails = |i: usize, level: Level| {
        let rule = gate.rules.get(i)?;
        let measured = measured.get(i)?.as_ref().ok()?;
        Some(measured.shown(rule, level)? == Shown::Fail)
    };
    let of = |weight: Weight| {
        let all = gate.rules.iter().enumerate();
        all.filter(move |(_, rule)| rule.severity == weight)
            .map(|(i, _)| i)
    };
    let mut failed: BTreeSet<usize> = of(Weight::Warning)
        .filter(|i| fails(*i, level) == Some(true))
        .collect();
    let mut open: BTreeSet<usize> = of(Weight::Blocking).collect();
    while !open.is_empty() {
        let strict = Level::new(1.0 - level.alpha() / open.len() as f64).unwrap_or(level);
        let Some(next) = open
            .iter()
            .copied()
            .find(|i| fails(*i, strict) == Some(true))
        else {
            break;
        };
        open.remove(&next);
        failed.insert(next);
    }
    failed
}

fn report(
    rule: &Rule,
    measured: &Result<Measured, String>,
    failed: bool,
    level: Level,
) -> RuleReport {
    let mut report = RuleReport {
        rule: rule.clone(),
        verdict: Verdict::Inconclusive,
        reason: String::new(),
        value: None,
        baseline: None,
        interval: None,
        items: 0,
        items_needed: None,
    };
    let measured = match measured {
        Ok(measured) => measured,
        Err(reason) => {
            report.reason.clone_from(reason);
            return report;
        }
    };
    report.value = Some(measured.value);
    report.baseline = measured.baseline;
    report.items = measured.items;
    report.interval = measured.interval(level).map(Span::from);
    report.verdict = match measured.shown(rule, level) {
        _ if failed => Verdict::Fail,
        Some(Shown::Pass) => Verdict::Pass,
        _ => Verdict::Inconclusive,
    };
    if report.verdict == Verdict::Inconclusive {
        report.items_needed = measured.needed(rule, level);
    }
    report.reason = words::of_rule(&report);
    report
}
