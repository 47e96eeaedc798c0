//! What a benchmark found: a table of figures, and how it stands to its targets.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use std::fmt;

/// How a figure stands to its target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Met.
    Pass,
    /// Missed.
    Fail,
    /// There was nothing to compare with.
    Unmeasured,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unmeasured => "not measured",
        })
    }
}

/// One promise and what became of it.
pub(crate) struct Target {
    what: String,
    measured: String,
    wanted: String,
    pub(crate) verdict: Verdict,
}

/// What one benchmark found.
pub(crate) struct Report {
    title: String,
    table: Table,
    notes: Vec<String>,
    pub(crate) targets: Vec<Target>,
}

impl Report {
    /// An empty report whose table has these columns; all but the first hold figures.
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        Self {
            title: title.to_owned(),
            table: table(columns),
            notes: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// One more row of figures.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.table.add_row(cells);
    }

    /// One more row, of as many cells as there are.
    pub(crate) fn cells(&mut self, cells: Vec<String>) {
        self.table.add_row(cells);
    }

    /// What a reader must know about the figures.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The figure should be at least `wanted`.
    pub(crate) fn at_least(&mut self, what: &str, measured: f64, wanted: f64, unit: &str) {
        self.judge(what, measured, ">=", wanted, unit, measured >= wanted);
    }

    /// The figure should be below `wanted`.
    pub(crate) fn below(&mut self, what: &str, measured: f64, wanted: f64, unit: &str) {
        self.judge(what, measured, "<", wanted, unit, measured < wanted);
    }

    fn judge(&mut self, what: &str, measured: f64, sign: &str, wanted: f64, unit: &str, met: bool) {
        self.targets.push(Target {
            what: what.to_owned(),
            measured: format!("{}{unit}", figure(measured)),
            wanted: format!("{sign} {wanted}{unit}"),
            verdict: if met { Verdict::Pass } else { Verdict::Fail },
        });
    }

    /// A peer is missing, so this was not compared.
    pub(crate) fn unmeasured(&mut self, what: &str, why: &str) {
        self.targets.push(Target {
            what: what.to_owned(),
            measured: why.to_owned(),
            wanted: String::new(),
            verdict: Verdict::Unmeasured,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "## {}\n\n{}", self.title, self.table)?;
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// All targets of all reports in one table.
pub(crate) fn targets(reports: &[Report]) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["target", "measured", "wanted", "verdict"]);
    for target in reports.iter().flat_map(|report| &report.targets) {
        table.add_row([
            target.what.clone(),
            target.measured.clone(),
            target.wanted.clone(),
            target.verdict.to_string(),
        ]);
    }
    format!("## Targets\n\n{table}")
}

fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(columns);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A figure with as many digits as mean something.
pub(crate) fn figure(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_judged() {
        let mut report = Report::new("t", &["a", "b"]);
        report.at_least("more", 0.5, 0.4, "x");
        report.below("less", 7.0, 5.0, " ms");
        report.unmeasured("peer", "is missing");
        let verdicts: Vec<_> = report.targets.iter().map(|t| t.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Pass, Verdict::Fail, Verdict::Unmeasured]
        );
        let text = targets(&[report]);
        assert!(text.contains("0.50x") && text.contains("< 5 ms"), "{text}");
    }

    #[test]
    fn figures_have_about_three_digits() {
        assert_eq!(figure(35_812.4), "35812");
        assert_eq!(figure(12.34), "12.3");
        assert_eq!(figure(0.456), "0.46");
    }
}
