//! What a gate says, in the forms that people and CI systems read.

mod github;
mod junit;
mod markdown;
mod sarif;

use anyhow::Result;
use assay_experiment::gate::{Report, RuleReport, Statistic, Verdict, Weight};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Lines for a terminal.
    Text,
    /// All that the server said.
    Json,
    /// JUnit XML, a test for each rule.
    Junit,
    /// SARIF 2.1.0, a result for each rule that does not pass.
    Sarif,
    /// Markdown, for a comment or a step's summary.
    Md,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
}

/// One of the two campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Campaign {
    pub(crate) campaign_id: String,
    pub(crate) name: String,
    pub(crate) agent_version: i64,
    pub(crate) runs: u64,
}

/// What the server said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(crate) candidate: Campaign,
    pub(crate) baseline: Option<Campaign>,
    pub(crate) report: Report,
}

impl Judged {
    /// In a form. `file` is where the gate stands, for annotations.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub(crate) fn render(&self, output: Output, file: &str) -> Result<String> {
        Ok(match output {
            Output::Text => self.text(),
            Output::Json => serde_json::to_string_pretty(self)? + "\n",
            Output::Junit => junit::render(self)?,
            Output::Sarif => serde_json::to_string_pretty(&sarif::document(self, file))? + "\n",
            Output::Md => markdown::render(self),
            Output::Github => github::render(self, file),
        })
    }

    fn text(&self) -> String {
        let report = &self.report;
        let mut out = format!("{}: {}\n", word(report.verdict), report.reason);
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}", self.compared());
        for rule in &report.rules {
            let _ = writeln!(out, "  {:<12} {}", word(rule.verdict), sentence(rule));
        }
        out
    }

    /// What was judged, and beside what.
    fn compared(&self) -> String {
        let one = |c: &Campaign| format!("{} ({}, {} runs)", c.name, c.campaign_id, c.runs);
        match &self.baseline {
            Some(baseline) => format!("{} beside {}", one(&self.candidate), one(baseline)),
            None => one(&self.candidate),
        }
    }
}

/// A verdict as people write it.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

/// What a rule is called: `correctness mean >= 0.8`.
fn title(rule: &RuleReport) -> String {
    let of = &rule.rule;
    let subject = match (&of.metric, of.statistic) {
        (None, _) => "pass rate".to_owned(),
        (Some(metric), Statistic::Mean) => format!("{metric} mean"),
        (Some(metric), Statistic::PassRate) => format!("{metric} pass rate"),
    };
    match (of.at_least, of.not_worse_by) {
        (Some(floor), _) => format!("{subject} >= {floor}"),
        (None, Some(margin)) => format!("{subject} not worse by {margin}"),
        (None, None) => subject,
    }
}

/// A rule's reason, and whether it only warns.
fn sentence(rule: &RuleReport) -> String {
    match rule.rule.severity {
        Weight::Blocking => rule.reason.clone(),
        Weight::Warning => format!("(warning) {}", rule.reason),
    }
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use serde_json::json;

    /// A gate with a rule that holds, one that does not, and one that is open, in hostile words.
    pub(in crate::report::gate) fn judged() -> Judged {
        let rule = |metric: &str, verdict: &str, severity: &str, reason: &str| {
            json!({
                "rule": {"metric": metric, "at_least": 0.5, "severity": severity}, "verdict": verdict, "reason": reason,
                "value": 0.4, "baseline": null, "interval": {"low": 0.3, "high": 0.45}, "items": 40, "items_needed": null,
            })
        };
        let judged = json!({
            "candidate": {"campaign_id": "c2", "name": "try | <b>", "agent_id": "a", "agent_version": 2, "runs": 40},
            "baseline": {"campaign_id": "c1", "name": "main", "agent_id": "a", "agent_version": 1, "runs": 40},
            "report": {
                "verdict": "FAIL", "reason": "the mean is low", "errors": 1, "runs": 40, "rules": [
                    rule("good", "PASS", "blocking", "fine"),
                    rule("bad", "FAIL", "blocking", "100% low,\n::error::no & <i>"),
                    rule("open", "INCONCLUSIVE", "warning", "not shown"),
                ],
            },
        });
        serde_json::from_value(judged).unwrap()
    }

    #[test]
    fn text_has_every_rule() {
        let text = judged().render(Output::Text, "gate.yaml").unwrap();
        assert!(text.starts_with("FAIL: the mean is low\n"));
        assert_eq!(text.matches("INCONCLUSIVE").count(), 1);
        assert!(text.contains("(warning) not shown"));
        assert!(text.contains("beside main (c1, 40 runs)"));
    }

    #[test]
    fn json_is_what_the_server_said() {
        let text = judged().render(Output::Json, "gate.yaml").unwrap();
        let back: Judged = serde_json::from_str(&text).unwrap();
        assert_eq!(back, judged());
    }
}
