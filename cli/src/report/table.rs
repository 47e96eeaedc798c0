//! Tables for a terminal.

use super::{Report, label, millis, reasons};
use crate::term::one_line;
use assay_model::{ItemOutcome, MetricStatus, RunStatus};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, LineStyle, Table, presets};

/// The whole report.
pub(crate) fn render(report: &Report, colour: bool) -> String {
    let mut out = items(report, colour);
    out.push('\n');
    let rest: Vec<&ItemOutcome> = report.not_passed().collect();
    if !rest.is_empty() {
        out.push_str("\nNot passed:\n");
        for item in rest {
            out.push_str(&detail(item));
        }
    }
    if report.metrics.len() > 1 {
        out.push('\n');
        out.push_str(&metrics(report));
        out.push('\n');
    }
    out.push_str(&format!(
        "\nResult   {} in {}\n",
        report.totals_line(),
        millis(report.duration_ms as f64)
    ));
    out.push_str(&format!("Gate     {}\n", report.gate_line()));
    out
}

/// A table without lines that would hinder copying.
pub(crate) fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(
        header
            .iter()
            .map(|name| Cell::new(name).add_attribute(Attribute::Bold)),
    );
    table
}

fn items(report: &Report, colour: bool) -> String {
    let mut table = plain(&["Item", "Status", "Scores", "Latency", "Trace"]);
    if !colour {
        table.force_no_tty();
    }
    for item in &report.items {
        let scores: Vec<String> = item
            .scores
            .iter()
            .map(|s| match (s.score, s.status) {
                (Some(value), MetricStatus::Failed) => format!("{} {value:.2} ✗", s.name),
                (Some(value), _) => format!("{} {value:.2}", s.name),
                (None, MetricStatus::Skipped) => format!("{} –", s.name),
                (None, _) => format!("{} error", s.name),
            })
            .collect();
        table.add_row([
            Cell::new(label(item)),
            status(item.status),
            Cell::new(scores.join("\n")),
            Cell::new(item.latency_ms.map(millis).unwrap_or_default()),
            Cell::new(&item.trace_id),
        ]);
    }
    table.trim_fmt()
}

fn status(status: RunStatus) -> Cell {
    let cell = Cell::new(status.as_str());
    match status {
        RunStatus::Passed => cell.fg(Color::Green),
        RunStatus::Failed => cell.fg(Color::Red),
        RunStatus::Error => cell.fg(Color::Yellow),
        RunStatus::WaitingForPerson => cell.fg(Color::Cyan),
        RunStatus::Queued | RunStatus::Running | RunStatus::Paused | RunStatus::Cancelled => cell,
    }
}

fn detail(item: &ItemOutcome) -> String {
    let mut out = format!("  {} ({})\n", label(item), item.status.as_str());
    for (name, text) in [("user", &item.input), ("agent", &item.output)] {
        if let Some(text) = text {
            out.push_str(&format!("    {name:<6} {}\n", one_line(text, 160)));
        }
    }
    for reason in reasons(item) {
        out.push_str(&format!("    {:<6} {}\n", "why", one_line(&reason, 240)));
    }
    out
}

fn metrics(report: &Report) -> String {
    let mut table = plain(&["Metric", "Passed", "Failed", "Error", "Skipped", "Mean"]);
    table.force_no_tty();
    for m in &report.metrics {
        table.add_row([
            m.name.clone(),
            m.passed.to_string(),
            m.failed.to_string(),
            m.error.to_string(),
            m.skipped.to_string(),
            m.mean.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}")),
        ]);
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn every_item_has_a_line_with_its_trace() {
        let text = render(&fixtures::report(), false);
        for key in ["a", "b", "c", "d"] {
            let line = text
                .lines()
                .find(|l| l.trim_start().starts_with(&format!("{key} ")))
                .unwrap();
            assert!(line.contains("0123456789abcdef0123456789abcdef"), "{line}");
        }
        assert!(text.contains("contains 0.00 ✗"), "{text}");
        assert!(
            text.contains("why    target_unreachable: connection refused"),
            "{text}"
        );
        assert!(text.contains("Result   1 of 2 passed"), "{text}");
        assert!(!text.contains('\u{1b}'), "no colours when nobody watches");
    }
}
