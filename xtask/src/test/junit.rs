//! Reads nextest's report. Only what nextest writes: a test case is an element with a name, a class name, and perhaps a failure.

use anyhow::{Context, Result};

use super::tally::Outcome;

/// Full name and outcome of every test case.
pub(crate) fn cases(report: &str) -> Result<Vec<(String, Outcome)>> {
    let mut cases = Vec::new();
    let mut rest = report;
    while let Some((_, after)) = rest.split_once("<testcase ") {
        let (tag, body) = after
            .split_once('>')
            .context("the report ends inside a test case")?;
        let (content, next) = if tag.ends_with('/') {
            ("", body)
        } else {
            body.split_once("</testcase>")
                .context("the report ends inside a test case")?
        };
        let name = attribute(tag, "name").context("a test case without a name")?;
        let suite = attribute(tag, "classname").context("a test case without a class name")?;
        // Text in the report is escaped, so these can only be elements.
        let outcome = if content.contains("<failure") || content.contains("<error") {
            Outcome::Failed
        } else if content.contains("<skipped") {
            Outcome::Skipped
        } else {
            Outcome::Passed
        };
        cases.push((format!("{suite}::{name}"), outcome));
        rest = next;
    }
    Ok(cases)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!("{name}=\"");
    let value = if let Some(value) = tag.strip_prefix(&start) {
        value
    } else {
        tag.split_once(&format!(" {start}"))?.1
    };
    let (value, _) = value.split_once('"')?;
    Some(
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0">
    <testsuite name="demo" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="tests::good" classname="demo" time="0.004">
        </testcase>
        <testcase name="tests::bad" classname="demo" time="0.004">
            <failure type="test failure" message="assertion `left == right`">&lt;testcase name="no"&gt;</failure>
            <system-out>&lt;failure&gt;</system-out>
        </testcase>
        <testcase name="tests::retried" classname="demo" time="0.004">
            <flakyFailure type="test failure"/>
        </testcase>
        <testcase name="tests::empty" classname="demo::http" time="0.1"/>
    </testsuite>
</testsuites>"#;

    #[test]
    fn outcomes_are_read_and_quoted_text_is_not() {
        let cases = cases(REPORT).unwrap();
        assert_eq!(
            cases,
            [
                ("demo::tests::good".to_owned(), Outcome::Passed),
                ("demo::tests::bad".to_owned(), Outcome::Failed),
                ("demo::tests::retried".to_owned(), Outcome::Passed),
                ("demo::http::tests::empty".to_owned(), Outcome::Passed),
            ]
        );
    }

    #[test]
    fn a_cut_report_is_an_error() {
        assert!(cases(r#"<testcase name="a" classname="b">"#).is_err());
        assert!(cases(r#"<testcase classname="b"/>"#).is_err());
    }
}
