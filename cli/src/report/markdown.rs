//! Markdown, for a comment on a change.

use super::{Report, label, millis, percent, reasons};
use crate::term::one_line;
use assay_model::{GateVerdict, ItemOutcome, RunStatus};
use std::fmt::Write;

/// Most items that are told one by one; a comment must stay readable, and its host bounds it.
const MAX_ITEMS: usize = 100;

/// The report as a document.
pub(crate) fn render(report: &Report) -> String {
    let mut out = String::new();
    let mark = match report.verdict {
        Some(GateVerdict::Passed) => "passed",
        Some(GateVerdict::Failed) => "failed",
        Some(GateVerdict::Inconclusive) | None => "inconclusive",
    };
    // Writing to a string does not fail.
    let _ = writeln!(out, "## Assay: {} {mark}\n", text(&report.name));
    let _ = writeln!(out, "**{}**  ", text(&report.totals_line()));
    let _ = writeln!(out, "Gate: {}  ", text(&report.gate_line()));
    let _ = writeln!(
        out,
        "Target {} · dataset {} · {}\n",
        text(&report.target),
        text(&report.dataset),
        millis(report.duration_ms as f64)
    );
    if !report.metrics.is_empty() {
        out.push_str(
            "| Metric | Passed | Failed | Error | Skipped | Mean |\n|---|--:|--:|--:|--:|--:|\n",
        );
        for m in &report.metrics {
            let mean = m.mean.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {mean} |",
                text(&m.name),
                m.passed,
                m.failed,
                m.error,
                m.skipped
            );
        }
        out.push('\n');
    }
    let rest: Vec<&ItemOutcome> = report.not_passed().collect();
    if !rest.is_empty() {
        out.push_str("| Item | Status | Why | Trace |\n|---|---|---|---|\n");
        for item in rest.iter().take(MAX_ITEMS) {
            let why: Vec<String> = reasons(item)
                .iter()
                .map(|r| text(&one_line(r, 300)))
                .collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | `{}` |",
                text(&label(item)),
                item.status.as_str(),
                why.join("<br>"),
                item.trace_id
            );
        }
        if rest.len() > MAX_ITEMS {
            let _ = writeln!(out, "\n… and {} more.", rest.len() - MAX_ITEMS);
        }
        out.push('\n');
    }
    let passed = report
        .items
        .iter()
        .filter(|i| i.status == RunStatus::Passed)
        .count();
    if passed > 0 {
        let share = percent(passed as f64 / report.items.len().max(1) as f64);
        let _ = writeln!(
            out,
            "<sub>{passed} items ({share}) passed and are not listed.</sub>"
        );
    }
    out
}

/// A text that stays within its cell and is no markup.
pub(crate) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // An @ would call a person.
            '@' => out.push_str("@\u{200b}"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn cells_hold_whatever_the_agent_says() {
        let md = render(&fixtures::report());
        assert!(
            md.starts_with("## Assay: nightly &amp; &lt;more&gt; inconclusive\n"),
            "{md}"
        );
        let row = md.lines().find(|l| l.starts_with("| b |")).unwrap();
        assert_eq!(row.matches(" | ").count(), 3, "{row}");
        assert!(
            row.contains(r#"misses "2 years" &amp; &lt;tag&gt; and a \| pipe"#),
            "{row}"
        );
        assert!(md.contains("| contains | 1 | 1 | 0 | 0 | 0.500 |"), "{md}");
        assert!(!md.contains("| a |"), "passed items are not listed: {md}");
    }
}
