//! Workflow commands of GitHub Actions: `::error file=...,title=...::message`.
//!
//! Source: GitHub Docs, "Workflow commands for GitHub Actions".

use super::{Judged, sentence, title};
use assay_experiment::gate::{Verdict, Weight};

/// An annotation for each rule that does not pass, and one line for the whole.
pub(super) fn render(judged: &Judged, file: &str) -> String {
    let mut out = String::new();
    for rule in &judged.report.rules {
        let level = match (rule.verdict, rule.rule.severity) {
            (Verdict::Pass, _) => continue,
            (Verdict::Fail, Weight::Blocking) => "error",
            _ => "warning",
        };
        out.push_str(&command(level, file, &title(rule), &sentence(rule)));
    }
    let level = match judged.report.verdict {
        Verdict::Pass => "notice",
        Verdict::Fail => "error",
        Verdict::Inconclusive => "warning",
    };
    let title = format!("Assay gate: {}", super::word(judged.report.verdict));
    out.push_str(&command(level, file, &title, &judged.report.reason));
    out
}

fn command(level: &str, file: &str, title: &str, message: &str) -> String {
    format!(
        "::{level} file={},title={}::{}\n",
        property(file),
        property(title),
        data(message)
    )
}

/// As the runner takes it back: nothing in a message may begin a command of its own.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::judged;
    use super::*;

    #[test]
    fn a_message_begins_no_command() {
        let text = render(&judged(), "a,b:c.yaml");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "::error file=a%2Cb%3Ac.yaml,title=bad mean >= 0.5::100%25 low,%0A::error::no & <i>",
                "::warning file=a%2Cb%3Ac.yaml,title=open mean >= 0.5::(warning) not shown",
                "::error file=a%2Cb%3Ac.yaml,title=Assay gate%3A FAIL::the mean is low",
            ]
        );
    }
}
