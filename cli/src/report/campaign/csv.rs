//! CSV: a row a run and metric, for spreadsheets and data frames.

use anyhow::Result;
use assay_model::{ItemOutcome, MetricResult, MetricStatus};
use std::borrow::Cow;
use std::io::Write;

const COLUMNS: [&str; 25] = [
    "campaign_id",
    "run_id",
    "item_key",
    "repetition",
    "agent_id",
    "agent_version",
    "persona_id",
    "run_status",
    "error_kind",
    "error_message",
    "metric",
    "metric_kind",
    "metric_status",
    "score",
    "threshold",
    "confidence",
    "reason",
    "input",
    "output",
    "expected_output",
    "turns",
    "latency_ms",
    "cost_usd",
    "judge_cost_usd",
    "trace_id",
];

/// Writes rows as runs come.
pub(crate) struct Rows<W: Write> {
    out: csv::Writer<W>,
    campaign: String,
}

impl<W: Write> Rows<W> {
    /// With the heads of the columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(out: W, campaign: &str) -> Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Self {
            out,
            campaign: campaign.to_owned(),
        })
    }

    /// A run: a row a metric, or one without a metric where it has none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn run(&mut self, run: &ItemOutcome) -> Result<()> {
        if run.scores.is_empty() {
            return self.row(run, None);
        }
        for score in &run.scores {
            self.row(run, Some(score))?;
        }
        Ok(())
    }

    fn row(&mut self, run: &ItemOutcome, score: Option<&MetricResult>) -> Result<()> {
        let text = |text: Option<&str>| guarded(text.unwrap_or_default()).into_owned();
        let error = run.error.as_ref();
        let row: [String; 25] = [
            text(Some(&self.campaign)),
            text(Some(&run.run_id)),
            text(Some(&run.item_key)),
            run.repetition.to_string(),
            text(run.agent_id.as_deref()),
            number(run.agent_version),
            text(run.persona_id.as_deref()),
            run.status.as_str().to_owned(),
            error
                .map(|e| super::super::kind_name(e.kind))
                .unwrap_or_default(),
            text(error.map(|e| e.message.as_str())),
            text(score.map(|s| s.name.as_str())),
            text(score.map(|s| s.kind.as_str())),
            score
                .map(|s| status(s.status).to_owned())
                .unwrap_or_default(),
            number(score.and_then(|s| s.score)),
            number(score.map(|s| s.threshold)),
            number(score.and_then(|s| s.confidence)),
            text(score.map(|s| s.reason.as_str())),
            text(run.input.as_deref()),
            text(run.output.as_deref()),
            text(run.expected_output.as_deref()),
            run.turns.to_string(),
            number(run.latency_ms),
            number(run.cost_usd),
            number(score.and_then(|s| s.cost_usd)),
            text(Some(&run.trace_id)),
        ];
        self.out.write_record(&row)?;
        Ok(())
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.out.flush()?;
        Ok(())
    }
}

/// The status as it is on the wire.
pub(crate) const fn status(status: MetricStatus) -> &'static str {
    match status {
        MetricStatus::Passed => "passed",
        MetricStatus::Failed => "failed",
        MetricStatus::Error => "error",
        MetricStatus::Skipped => "skipped",
    }
}

fn number(value: Option<impl ToString>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet takes for a formula: what begins like one has a `'` before it.
///
/// Source: OWASP, "CSV Injection". White space before the sign is passed over, as some programs do.
fn guarded(text: &str) -> Cow<'_, str> {
    let first = text.chars().find(|c| !c.is_whitespace());
    let begins = matches!(text.chars().next(), Some('\t' | '\r' | '\n'));
    let formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
    );
    if formula || begins {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    fn written(runs: &[ItemOutcome]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out, "c1").unwrap();
        for run in runs {
            rows.run(run).unwrap();
        }
        rows.finish().unwrap();
        out
    }

    #[test]
    fn nothing_is_a_formula() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@x",
            "\t=1",
            "\rx",
            " \n=HYPERLINK(1)",
            "＝1",
        ] {
            assert!(guarded(text).starts_with('\''), "{text:?}");
        }
        for text in ["", "a=1", "1-1", "'x", "ü", " x"] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn a_row_a_run_and_metric() {
        let mut run = fixtures::passed("=cmd|' /C calc'!A0");
        run.output = Some("one,\"two\"\nthree ü".into());
        run.scores.push(fixtures::failed("x").scores[0].clone());
        let error = fixtures::errored("e", assay_model::RunErrorKind::TargetTimeout);
        let out = written(&[run.clone(), error]);
        let mut read = csv::Reader::from_reader(out.as_slice());
        let head: Vec<String> = read.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(head, COLUMNS);
        let rows: Vec<csv::StringRecord> = read.records().map(|r| r.unwrap()).collect();
        assert_eq!(rows.len(), 3);
        let at = |row: usize, name: &str| {
            let column = COLUMNS.iter().position(|c| *c == name).unwrap();
            rows[row][column].to_owned()
        };
        assert_eq!(at(0, "item_key"), "'=cmd|' /C calc'!A0");
        assert_eq!(at(0, "output"), "one,\"two\"\nthree ü");
        assert_eq!(
            (at(0, "metric_status"), at(0, "score")),
            ("passed".into(), "1".into())
        );
        assert_eq!(
            (at(1, "metric_status"), at(1, "score")),
            ("failed".into(), "0".into())
        );
        // An error is no score.
        assert_eq!(
            (at(2, "metric"), at(2, "score")),
            (String::new(), String::new())
        );
        assert_eq!(at(2, "error_kind"), "target_timeout");
    }
}
