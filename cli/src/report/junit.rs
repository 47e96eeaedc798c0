//! JUnit XML, in the shape that CI systems read: a judgement that failed is a `failure`, a fault of the set-up an `error`.

use super::{Report, kind_name, label, reasons};
use assay_model::{ItemOutcome, MetricStatus, RunStatus};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The report as a document.
///
/// # Errors
/// Never in practice: it is written to memory.
pub(crate) fn render(report: &Report) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let s = &report.summary;
    let counts = [
        ("tests", report.items.len().to_string()),
        ("failures", s.failed.to_string()),
        ("errors", s.error.to_string()),
        (
            "skipped",
            report
                .items
                .iter()
                .filter(|i| is_skipped(i))
                .count()
                .to_string(),
        ),
        ("time", seconds(report.duration_ms as f64)),
    ];
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    let name = clean(&report.name);
    writer
        .create_element("testsuites")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts())
        .write_inner_content(|writer| {
            let mut suite = writer
                .create_element("testsuite")
                .with_attribute(("name", name.as_str()))
                .with_attributes(counts());
            if let Some(at) = &report.created_at {
                suite = suite.with_attribute(("timestamp", clean(at).as_str()));
            }
            suite.write_inner_content(|writer| {
                report
                    .items
                    .iter()
                    .try_for_each(|item| case(writer, report, item))
            })?;
            Ok(())
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

fn is_skipped(item: &ItemOutcome) -> bool {
    !matches!(
        item.status,
        RunStatus::Passed | RunStatus::Failed | RunStatus::Error
    )
}

fn case(writer: &mut Writer<Vec<u8>>, report: &Report, item: &ItemOutcome) -> io::Result<()> {
    writer
        .create_element("testcase")
        .with_attribute(("classname", clean(&report.dataset).as_str()))
        .with_attribute(("name", clean(&label(item)).as_str()))
        .with_attribute((
            "time",
            seconds(item.latency_ms.unwrap_or_default()).as_str(),
        ))
        .write_inner_content(|writer| {
            match item.status {
                RunStatus::Passed => {}
                RunStatus::Failed => verdict(writer, "failure", "assertion", item)?,
                RunStatus::Error => {
                    let kind = item
                        .error
                        .as_ref()
                        .map_or_else(|| "metric".to_owned(), |e| kind_name(e.kind));
                    verdict(writer, "error", &kind, item)?;
                }
                other => {
                    writer
                        .create_element("skipped")
                        .with_attribute(("message", other.as_str()))
                        .write_empty()?;
                }
            }
            let mut lines = vec![format!("trace_id: {}", item.trace_id)];
            lines.extend(item.input.iter().map(|text| format!("input: {text}")));
            lines.extend(item.output.iter().map(|text| format!("output: {text}")));
            let text = clean(&lines.join("\n"));
            writer
                .create_element("system-out")
                .write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
    Ok(())
}

fn verdict(
    writer: &mut Writer<Vec<u8>>,
    element: &str,
    kind: &str,
    item: &ItemOutcome,
) -> io::Result<()> {
    let reasons = reasons(item);
    let failed: Vec<&str> = item
        .scores
        .iter()
        .filter(|s| matches!(s.status, MetricStatus::Failed | MetricStatus::Error))
        .map(|s| s.name.as_str())
        .collect();
    let message = match &item.error {
        Some(e) => e.message.clone(),
        None => format!("below the threshold: {}", failed.join(", ")),
    };
    // A line break in an attribute would reach the reader as a blank.
    let message = clean(&crate::term::one_line(&message, 300));
    writer
        .create_element(element)
        .with_attribute(("message", message.as_str()))
        .with_attribute(("type", kind))
        .write_text_content(BytesText::new(&clean(&reasons.join("\n"))))?;
    Ok(())
}

fn seconds(ms: f64) -> String {
    format!("{:.3}", ms / 1000.0)
}

/// Without the characters that XML 1.0 forbids even when escaped.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(*c, '\t' | '\n' | '\r')
                || (*c >= ' ' && !matches!(*c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;
    use quick_xml::Reader;
    use std::collections::BTreeMap;

    /// Every element as its path, attributes and text, read back by a parser that checks well-formedness.
    fn read(xml: &str) -> Vec<(String, BTreeMap<String, String>, String)> {
        let mut reader = Reader::from_str(xml);
        let (mut path, mut out, mut open) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(e) => {
                    path.push(e.name().as_ref().to_owned());
                    open.push(out.len());
                    out.push((path.join("/"), attributes(&e), String::new()));
                }
                Event::Empty(e) => {
                    let name = e.name().as_ref().to_owned();
                    out.push((
                        format!("{}/{name}", path.join("/")),
                        attributes(&e),
                        String::new(),
                    ));
                }
                Event::Text(e) => {
                    if let Some(i) = open.last() {
                        out[*i].2.push_str(&e);
                    }
                }
                Event::GeneralRef(e) => {
                    if let Some(i) = open.last() {
                        out[*i]
                            .2
                            .push_str(quick_xml::escape::resolve_predefined_entity(&e).unwrap());
                    }
                }
                Event::End(_) => {
                    path.pop();
                    open.pop();
                }
                Event::Eof => return out,
                _ => {}
            }
        }
    }

    fn attributes(e: &quick_xml::events::BytesStart<'_>) -> BTreeMap<String, String> {
        e.attributes()
            .map(|a| {
                let a = a.unwrap();
                let value = quick_xml::escape::unescape(&a.value).unwrap().into_owned();
                (a.key.as_ref().to_owned(), value)
            })
            .collect()
    }

    #[test]
    fn counts_add_up_and_kinds_are_told_apart() {
        let xml = render(&fixtures::report()).unwrap();
        let elements = read(&xml);
        let (path, suites, _) = &elements[0];
        assert_eq!(path, "testsuites");
        for (name, value) in [
            ("tests", "4"),
            ("failures", "1"),
            ("errors", "1"),
            ("skipped", "1"),
            ("time", "1.500"),
            ("name", "nightly & <more>"),
        ] {
            assert_eq!(suites[name], value, "{name}");
            assert_eq!(elements[1].1[name], value, "{name}");
        }
        assert_eq!(elements[1].1["timestamp"], "2026-11-24T06:00:00.000000Z");
        let of = |name: &str| {
            elements
                .iter()
                .filter(|(p, ..)| p.ends_with(name))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("/testcase").len(), 4);
        assert_eq!(of("/failure").len(), 1);
        assert_eq!(of("/error").len(), 1);
        assert_eq!(of("/skipped").len(), 1);
        assert_eq!(of("/failure")[0].1["type"], "assertion");
        assert_eq!(
            of("/failure")[0].1["message"],
            "below the threshold: contains"
        );
        assert_eq!(of("/error")[0].1["type"], "target_unreachable");
        assert_eq!(of("/error")[0].1["message"], "connection refused");
        assert_eq!(of("/testcase")[0].1["time"], "0.013");
    }

    #[test]
    fn texts_come_back_but_for_forbidden_characters() {
        let xml = render(&fixtures::report()).unwrap();
        assert!(!xml.contains('\u{0}') && !xml.contains('\u{1}'));
        let elements = read(&xml);
        let failure = elements
            .iter()
            .find(|(p, ..)| p.ends_with("/failure"))
            .unwrap();
        assert_eq!(
            failure.2,
            "contains 0.00 < 1.00: misses \"2 years\" & <tag>\nand a | pipe"
        );
        let out = elements
            .iter()
            .find(|(p, ..)| p.ends_with("/system-out"))
            .unwrap();
        assert!(
            out.2
                .contains("trace_id: 0123456789abcdef0123456789abcdef\n"),
            "{}",
            out.2
        );
        assert!(out.2.contains("output: 30 <days> & more"), "{}", out.2);
    }
}
