//! Markdown: a page for a comment or a wiki.

use super::html::Parts;
use super::summary::Estimated;
use super::text::visible;
use crate::report::markdown::text;
use crate::report::{label, millis, percent, reasons};
use crate::term::one_line;
use assay_experiment::Span;
use std::fmt::Write;

/// Most rows of a table; a comment must stay readable.
const MAX_ROWS: usize = 50;

/// The document.
pub(crate) fn render(parts: &Parts<'_>) -> String {
    let (head, summary) = (parts.head, parts.summary);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "# {}\n", safe(&head.name));
    let agents: Vec<String> = head.agents.iter().map(|a| safe(a.shown())).collect();
    let _ = write!(out, "Campaign `{}` · agent {}", head.id, agents.join(", "));
    if let Some(dataset) = &head.dataset {
        let _ = write!(out, " · dataset {}", safe(dataset.named.shown()));
    }
    let _ = writeln!(out, " · {}\n", head.created_at);
    let runs = summary.runs;
    let _ = writeln!(
        out,
        "{} runs: {} passed, {} failed, {} in error, {} cancelled, {} unfinished. Pass rate {}.\n",
        runs.total,
        runs.passed,
        runs.failed,
        runs.error,
        runs.cancelled,
        runs.unfinished,
        summary
            .pass_rate
            .map_or_else(|| "unknown".into(), |e| shares(&e))
    );
    if !summary.metrics.is_empty() {
        out.push_str("## Metrics\n\n| Metric | Scored | Passed | Failed | Error | Skipped | Mean | Pass rate |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
        for m in summary.metrics.iter().take(MAX_ROWS) {
            let mean = m.mean.map_or_else(|| "–".into(), |e| figures(&e));
            let rate = m.pass_rate.map_or_else(|| "–".into(), |e| shares(&e));
            let (name, scored) = (safe(&m.name), m.scored);
            let _ = writeln!(
                out,
                "| {name} | {scored} | {} | {} | {} | {} | {mean} | {rate} |",
                m.passed, m.failed, m.error, m.skipped
            );
        }
        out.push('\n');
    }
    if let Some(compared) = parts.compared {
        let _ = writeln!(
            out,
            "## Beside {} (`{}`)\n\n| Metric | Cases | Baseline | Candidate | Difference | p (Holm) | Improved | Worsened |\n|---|--:|--:|--:|--:|--:|--:|--:|",
            safe(&compared.baseline.name),
            compared.baseline.campaign_id
        );
        for m in compared.metrics.iter().take(MAX_ROWS) {
            let name = m.metric.as_deref().map_or_else(|| "whole run".into(), safe);
            let p = m
                .p_adjusted
                .map_or_else(|| "–".into(), |p| format!("{p:.3}"));
            let _ = writeln!(
                out,
                "| {name} | {} | {:.3} | {:.3} | {:+.3}{} | {p} | {} | {} |",
                m.pairs,
                m.baseline.mean,
                m.candidate.mean,
                m.difference,
                m.interval.map_or_else(String::new, |i| format!(
                    " ({:+.3} to {:+.3})",
                    i.low, i.high
                )),
                m.improved,
                m.worsened
            );
        }
        out.push('\n');
    }
    if !parts.shown.worst.is_empty() {
        out.push_str("## Worst items\n\n| Item | Failed runs | Why |\n|---|--:|---|\n");
        for (run, all, failed) in parts.shown.worst.iter().take(MAX_ROWS) {
            let why: Vec<String> = reasons(run)
                .iter()
                .map(|r| safe(&one_line(r, 300)))
                .collect();
            let _ = writeln!(
                out,
                "| {} | {failed} of {all} | {} |",
                safe(&label(run)),
                why.join("<br>")
            );
        }
        out.push('\n');
    }
    if !summary.errors.is_empty() {
        out.push_str("## Errors\n\nErrors are no scores of zero: they are left out of the figures above.\n\n| What | Message | Count |\n|---|---|--:|\n");
        for e in summary.errors.iter().take(MAX_ROWS) {
            let what = e.metric.as_deref().or(e.kind.as_deref()).unwrap_or("");
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                safe(what),
                safe(&one_line(&e.message, 300)),
                e.count
            );
        }
        out.push('\n');
    }
    let latency = summary
        .latency_ms
        .map(|q| format!(" Median answer {}.", millis(q.median)));
    let _ = writeln!(
        out,
        "<sub>Intervals hold the true value {} of the time.{} Generated {}.</sub>",
        percent(summary.level),
        latency.unwrap_or_default(),
        parts.generated_at
    );
    out
}

fn safe(raw: &str) -> String {
    text(&visible(raw))
}

fn figures(e: &Estimated) -> String {
    let range = |i: Span| format!(" ({:.3} to {:.3})", i.low, i.high);
    format!(
        "{:.3}{}",
        e.value,
        e.interval.map_or_else(String::new, range)
    )
}

fn shares(e: &Estimated) -> String {
    let range = |i: Span| format!(" ({} to {})", percent(i.low), percent(i.high));
    format!(
        "{}{}",
        percent(e.value),
        e.interval.map_or_else(String::new, range)
    )
}
