//! JUnit XML: a test for each rule. What is not shown either way is an `error` where it blocks, and skipped where it only warns.

use super::{Judged, title, word};
use crate::report::junit::clean;
use assay_experiment::gate::{RuleReport, Verdict, Weight};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The document.
///
/// # Errors
/// Never in practice: it is written to memory.
pub(super) fn render(judged: &Judged) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let rules = &judged.report.rules;
    let count = |of: &str| {
        rules
            .iter()
            .filter(|r| element(r) == Some(of))
            .count()
            .to_string()
    };
    let counts = [
        ("tests", rules.len().to_string()),
        ("failures", count("failure")),
        ("errors", count("error")),
        ("skipped", count("skipped")),
    ];
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    let name = clean(&format!("gate of {}", judged.candidate.name));
    writer
        .create_element("testsuites")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts())
        .write_inner_content(|writer| {
            writer
                .create_element("testsuite")
                .with_attribute(("name", name.as_str()))
                .with_attributes(counts())
                .write_inner_content(|writer| rules.iter().try_for_each(|r| case(writer, r)))?;
            Ok(())
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

/// The element that tells of a rule that does not pass.
const fn element(rule: &RuleReport) -> Option<&'static str> {
    match (rule.verdict, rule.rule.severity) {
        (Verdict::Pass, _) => None,
        (_, Weight::Warning) => Some("skipped"),
        (Verdict::Fail, Weight::Blocking) => Some("failure"),
        (Verdict::Inconclusive, Weight::Blocking) => Some("error"),
    }
}

fn case(writer: &mut Writer<Vec<u8>>, rule: &RuleReport) -> io::Result<()> {
    writer
        .create_element("testcase")
        .with_attribute(("classname", "assay.gate"))
        .with_attribute(("name", clean(&title(rule)).as_str()))
        .write_inner_content(|writer| {
            if let Some(element) = element(rule) {
                // A line break in an attribute would reach the reader as a blank.
                let message = clean(&crate::term::one_line(&rule.reason, 300));
                writer
                    .create_element(element)
                    .with_attribute(("message", message.as_str()))
                    .with_attribute(("type", word(rule.verdict)))
                    .write_text_content(BytesText::new(&clean(&rule.reason)))?;
            }
            Ok(())
        })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::judged;
    use super::*;

    #[test]
    fn each_rule_is_a_test() {
        let xml = render(&judged()).unwrap();
        assert!(
            xml.contains(r#"tests="3" failures="1" errors="0" skipped="1""#),
            "{xml}"
        );
        assert_eq!(xml.matches("<testcase").count(), 3);
        assert!(xml.contains("&lt;i&gt;") && !xml.contains("<i>"));
        assert!(xml.contains(r#"name="bad mean &gt;= 0.5""#));
    }
}
