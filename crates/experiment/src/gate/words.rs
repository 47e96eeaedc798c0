//! What a gate says, in words.

use super::{RuleReport, Statistic, Verdict};
use crate::arm::Of;

/// What a rule is about.
fn subject(of: Of<'_>, statistic: Statistic) -> String {
    match (of, statistic) {
        (None, _) => "the share of cases that pass".to_owned(),
        (Some(metric), Statistic::Mean) => format!("the mean of `{metric}`"),
        (Some(metric), Statistic::PassRate) => format!("the share that passes `{metric}`"),
    }
}

fn name(of: Of<'_>) -> String {
    of.map_or_else(|| "whether runs pass".to_owned(), |m| format!("`{m}`"))
}

pub(super) fn nothing(of: Of<'_>) -> String {
    format!("the candidate has no result of {}", name(of))
}

pub(super) fn nothing_in_common(of: Of<'_>) -> String {
    format!(
        "candidate and baseline have no item in common with a result of {}",
        name(of)
    )
}

pub(super) fn too_few(items: usize, least: usize) -> String {
    format!("{items} items are fewer than the {least} that the rule asks for")
}

pub(super) fn errors(errors: usize, runs: usize, share: f64) -> String {
    format!(
        "{errors} of {runs} runs ended in error, more than {:.1}%: an error is no score",
        100.0 * share
    )
}

pub(super) fn passed(rules: usize) -> String {
    match rules {
        0 => "no rule blocks".to_owned(),
        1 => "the blocking rule holds".to_owned(),
        n => format!("all {n} blocking rules hold"),
    }
}

/// The reasons of several rules.
pub(super) fn all<'r>(rules: impl Iterator<Item = &'r RuleReport>) -> String {
    let reasons: Vec<&str> = rules.map(|r| r.reason.as_str()).collect();
    reasons.join("; ")
}

/// Why a rule says what it says.
pub(super) fn of_rule(report: &RuleReport) -> String {
    let rule = &report.rule;
    let what = subject(rule.metric.as_deref(), rule.statistic);
    let value = report.value.unwrap_or_default();
    let mut words = match (report.baseline, rule.not_worse_by, rule.at_least) {
        (Some(before), Some(margin), _) => {
            format!("{what} went from {before:.3} to {value:.3}, where it may fall by {margin:.3}")
        }
        (_, _, Some(floor)) => format!("{what} is {value:.3}, where {floor:.3} is wanted"),
        _ => format!("{what} is {value:.3}"),
    };
    if let Some(span) = &report.interval {
        let of = if report.baseline.is_some() {
            "the true difference"
        } else {
            "the true value"
        };
        words.push_str(&format!(
            "; {of} lies between {:.3} and {:.3} by {} items",
            span.low, span.high, report.items
        ));
    } else {
        words.push_str(&format!(
            "; {} items say nothing of how sure that is",
            report.items
        ));
    }
    words.push_str(match report.verdict {
        Verdict::Pass => ": good enough",
        Verdict::Fail => ": not good enough",
        Verdict::Inconclusive => ": not shown either way",
    });
    if let Some(needed) = report.items_needed {
        words.push_str(&format!(" (about {needed} items would show it)"));
    }
    words
}
