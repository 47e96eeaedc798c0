//! Markdown, for a comment on a change or the summary of a step.

use super::{Judged, sentence, title, word};
use crate::report::markdown::text;
use std::fmt::Write;

/// The verdict and a table of the rules.
pub(super) fn render(judged: &Judged) -> String {
    let report = &judged.report;
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "## Assay gate: {}\n", word(report.verdict));
    let _ = writeln!(out, "{}  ", text(&report.reason));
    let _ = writeln!(out, "{}\n", text(&judged.compared()));
    out.push_str("| Rule | Verdict | Value | Baseline | Interval | Items | Why |\n|---|---|--:|--:|---|--:|---|\n");
    for rule in &report.rules {
        let number =
            |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
        let interval = rule.interval.map_or_else(
            || "–".to_owned(),
            |i| format!("{:.3} to {:.3}", i.low, i.high),
        );
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {interval} | {} | {} |",
            text(&title(rule)),
            word(rule.verdict),
            number(rule.value),
            number(rule.baseline),
            rule.items,
            text(&sentence(rule))
        );
    }
    if report.errors > 0 {
        let _ = writeln!(
            out,
            "\n{} of {} runs ended in error.",
            report.errors, report.runs
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture::judged;
    use super::*;

    #[test]
    fn names_and_reasons_stay_text() {
        let text = render(&judged());
        assert!(text.starts_with("## Assay gate: FAIL\n"));
        assert!(!text.contains("<b>") && !text.contains("<i>"), "{text}");
        let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("| ")).collect();
        assert_eq!(rows.len(), 4, "{text}");
        assert!(text.contains("1 of 40 runs ended in error."));
    }
}
