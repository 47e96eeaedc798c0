//! Documents in hostile words.

use super::fixtures::{HOSTILE, compared, head, looked_at, runs, talk};
use super::html::{self, Conversations, Parts};
use super::tally::Tally;
use super::{json, markdown};
use assay_stats::Level;
use serde_json::Value;

const NOW: &str = "2026-11-25T08:00:00.000000Z";

fn with_parts<T>(most: usize, make: impl Fn(&Parts<'_>) -> T) -> T {
    let (summary, shown) = looked_at(most);
    let conversations: Conversations = shown
        .worst
        .iter()
        .take(2)
        .map(|(run, ..)| (run.run_id.clone(), talk()))
        .collect();
    make(&Parts {
        head: &head(),
        summary: &summary,
        compared: Some(&compared()),
        shown: &shown,
        conversations: &conversations,
        generated_at: NOW,
    })
}

fn page(most: usize) -> String {
    with_parts(most, |parts| html::render(parts).unwrap())
}

#[test]
fn what_an_agent_says_stays_text() {
    let page = page(100);
    // Ours, and no other.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    // Drawings have titles too, of figures alone.
    assert_eq!(page.matches(" – Assay report</title>").count(), 1);
    assert!(page.contains("&lt;/title&gt;") || page.contains("&lt;&#x2f;title&gt;"));
    for tag in [
        "<img",
        "<svg/onload",
        "<iframe",
        "<link",
        "<base",
        "<object",
    ] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("&lt;script&gt;document.title="));
    // No quote of theirs closes an attribute.
    assert!(!page.contains("\"><svg/") && !page.contains("' onmouseover"));
    assert!(page.contains("&lt;img src=x onerror="));
    // It is no template either.
    assert!(page.contains("{{ 7*7 }} {% raw %} שלום"));
    assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{0}', '\u{1b}']));
    assert!(page.contains("abc[U+202E]txt.exe[U+2066][U+0000][U+001B][31m"));
}

#[test]
fn a_page_asks_for_nothing_and_lets_nothing_run() {
    let page = page(100);
    assert!(page.contains("default-src &#x27;none&#x27;") || page.contains("default-src 'none'"));
    for outside in ["src=\"http", "href=\"http", "url(", "@import", "style=\""] {
        assert!(!page.contains(outside), "{outside}");
    }
    // The policy names what is there.
    let between = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    for (tag, directive) in [("style", "style-src '"), ("script", "script-src '")] {
        let text = between(&format!("<{tag}>"), &format!("</{tag}>"));
        let digest = <sha2::Sha256 as sha2::Digest>::digest(text);
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
        assert_eq!(between(directive, "'"), format!("sha256-{hash}"));
    }
}

#[test]
fn a_page_has_everything() {
    let page = page(100);
    for id in ["metrics", "compared", "agents", "worst", "errors", "runs"] {
        assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
        assert!(page.contains(&format!("href=\"#{id}\"")), "{id}");
    }
    for n in 1..=40 {
        assert!(page.contains(&format!("id=\"run-{n}\"")), "{n}");
        assert!(
            page.contains(&format!("<a href=\"#run-{n}\">{n}</a>")),
            "{n}"
        );
    }
    assert!(page.contains("version 3 (changed since the campaign began)"));
    assert!(page.contains("2026-11-24 06:03:20 UTC, after 3 min 20 s"));
    assert!(page.contains("&lt; 0.001") && page.contains("-0.400 to -0.100"));
    assert!(!page.contains("This file shows"));
}

#[test]
fn a_page_says_what_it_leaves_out() {
    let page = page(7);
    assert!(page.contains("This file shows 7 of 40 runs"));
    assert!(page.contains("id=\"run-7\"") && !page.contains("id=\"run-8\""));
}

#[test]
fn errors_are_apart_from_failures() {
    let (summary, _) = looked_at(10);
    let runs = summary.runs;
    assert_eq!(
        (runs.total, runs.passed, runs.failed, runs.error),
        (40, 20, 14, 6)
    );
    let rate = summary.pass_rate.unwrap();
    assert!((rate.value - 20.0 / 34.0).abs() < 1e-12);
    // Five of the thirty items came to nothing but errors.
    assert_eq!((summary.items, rate.clusters), (30, Some(25)));
    let contains = &summary.metrics[0];
    assert_eq!((contains.scored, contains.error), (34, 0));
    assert_eq!(contains.histogram.iter().sum::<u64>(), 34);
    assert_eq!(
        contains.histogram[19], 20,
        "a score of 1 is in the last bin"
    );
    let broken = &summary.metrics[1];
    assert_eq!((broken.scored, broken.error, broken.mean), (0, 1, None));
    let counts: Vec<u64> = summary.errors.iter().map(|e| e.count).collect();
    assert_eq!(counts, [6, 1], "the same error is one");
    assert_eq!(summary.errors[0].kind.as_deref(), Some("target_timeout"));
    assert_eq!(summary.agents.len(), 2);
}

#[test]
fn json_is_read_back() {
    let mut out = Vec::new();
    let mut tally = Tally::new(Level::P95);
    let mut document = json::Document::begin(&mut out, &head(), NOW).unwrap();
    for run in runs() {
        tally.add(&run);
        document.run(&run).unwrap();
    }
    document
        .end(&tally.finish(&head()), Some(&compared()))
        .unwrap();
    let read: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(read["schema_version"], 1);
    assert_eq!(read["runs"].as_array().unwrap().len(), 40);
    assert_eq!(read["campaign"]["name"], format!("nightly {}", HOSTILE[0]));
    assert_eq!(read["campaign"]["dataset"]["version"], 3);
    assert_eq!(read["summary"]["metrics"][0]["passed"], 20);
    assert_eq!(read["comparison"]["metrics"][0]["worsened"], 3);

    let mut out = Vec::new();
    let document = json::Document::begin(&mut out, &head(), NOW).unwrap();
    document
        .end(&Tally::new(Level::P95).finish(&head()), None)
        .unwrap();
    let read: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(read["runs"], serde_json::json!([]));
    assert_eq!(read["summary"]["pass_rate"], Value::Null);
    assert_eq!(read["comparison"], Value::Null);
}

#[test]
fn nothing_at_all_is_a_page_too() {
    let summary = Tally::new(Level::P95).finish(&head());
    let shown = super::select::Selection::new(5, 5).finish();
    let page = html::render(&Parts {
        head: &head(),
        summary: &summary,
        compared: None,
        shown: &shown,
        conversations: &Conversations::new(),
        generated_at: NOW,
    });
    assert!(page.unwrap().contains("There are no runs."));
}

#[test]
fn markdown_stays_within_its_cells() {
    let text = with_parts(0, markdown::render);
    assert!(text.starts_with("# nightly &lt;script&gt;"), "{text}");
    assert!(
        !text.contains("<script") && !text.contains("<img"),
        "{text}"
    );
    for head in ["## Metrics", "## Beside", "## Worst items", "## Errors"] {
        assert!(text.contains(head), "{head}");
    }
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    for table in text.split("\n\n").filter(|t| t.starts_with('|')) {
        let wanted = columns(table.lines().next().unwrap());
        assert!(table.lines().all(|l| columns(l) == wanted), "{table}");
    }
}

#[test]
fn many_errors_are_counted_together() {
    let mut tally = Tally::new(Level::P95);
    for i in 0..500 {
        let mut run = crate::report::fixtures::errored("k", assay_model::RunErrorKind::Internal);
        run.error.as_mut().unwrap().message = format!("fault {i}");
        tally.add(&run);
    }
    let summary = tally.finish(&head());
    assert_eq!(summary.errors.iter().map(|e| e.count).sum::<u64>(), 500);
    assert_eq!(summary.errors.len(), 51);
    assert_eq!(summary.errors[0].message, "other errors");
}
