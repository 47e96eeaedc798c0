//! The web app in a browser. `studio/bench` makes the data and measures; this starts the platform for it and judges what it found.

use crate::context::Context;
use crate::platform::{PUBLIC_KEY, Platform, SECRET_KEY};
use crate::report::Report;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::fs;
use std::process::Command;

/// What the measuring program writes.
#[derive(Deserialize)]
struct Found {
    machine: String,
    sections: Vec<Section>,
    targets: Vec<Target>,
}

/// A table of figures.
#[derive(Deserialize)]
struct Section {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

/// A figure that should be below another.
#[derive(Deserialize)]
struct Target {
    what: String,
    measured: Option<f64>,
    below: f64,
    unit: String,
}

/// A report for each table; the targets are with the first.
pub(crate) fn bench(context: &Context) -> Vec<(String, Result<Report>)> {
    let named = |outcome| ("studio".to_owned(), outcome);
    match measure(context) {
        Ok(found) => reports(&found)
            .into_iter()
            .map(|report| named(Ok(report)))
            .collect(),
        Err(error) => vec![named(Err(error))],
    }
}

/// On a platform that holds nothing else: lists are as long as they are said to be.
fn measure(context: &Context) -> Result<Found> {
    let studio = context.root.join("studio");
    let written = context.path("studio.json");
    let platform = Platform::start(context, &context.manifest(), &context.path("studio-data"))?;
    let status = Command::new(&context.node)
        .arg(studio.join("node_modules/vitest/vitest.mjs"))
        .args(["run", "--config", "bench/vitest.config.ts"])
        .current_dir(&studio)
        .env("ASSAY_URL", platform.url())
        .env_remove("ASSAY_STUDIO_URL")
        .env("ASSAY_PUBLIC_KEY", PUBLIC_KEY)
        .env("ASSAY_SECRET_KEY", SECRET_KEY)
        .env("ASSAY_TEST_CHROMIUM", &context.chromium)
        .env("ASSAY_BENCH_JSON", &written)
        // Its own tables are for who watches; the report has them again.
        .stdout(std::io::stderr())
        .status()
        .context("cannot run Node.js")?;
    platform.stop()?;
    if !status.success() {
        bail!("measuring ended with {status}");
    }
    let text = fs::read_to_string(&written).context("nothing was measured")?;
    serde_json::from_str(&text).context("what was measured cannot be read")
}

fn reports(found: &Found) -> Vec<Report> {
    let mut all: Vec<Report> = found.sections.iter().map(report).collect();
    if all.is_empty() {
        all.push(Report::new("studio", &["nothing"]));
    }
    if let Some(first) = all.first_mut() {
        first.note(&found.machine);
        for target in &found.targets {
            let what = format!("studio: {}", target.what);
            match target.measured {
                Some(measured) => first.below(&what, measured, target.below, &target.unit),
                None => first.unmeasured(&what, "could not be measured"),
            }
        }
    }
    all
}

fn report(section: &Section) -> Report {
    let columns: Vec<&str> = section.columns.iter().map(String::as_str).collect();
    let mut report = Report::new(&format!("studio: {}", section.title), &columns);
    for row in &section.rows {
        report.cells(row.clone());
    }
    for note in &section.notes {
        report.note(note);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn what_was_measured_is_judged() {
        let found: Found = serde_json::from_str(
            r#"{"machine": "2 x a processor", "sections": [
                {"title": "Opening", "columns": ["page", "ms"], "rows": [["home", "900"]], "notes": ["Medians."]},
                {"title": "Scrolling", "columns": ["list"], "rows": [], "notes": []}
            ], "targets": [
                {"what": "home", "measured": 900, "below": 1500, "unit": " ms"},
                {"what": "scripts", "measured": null, "below": 250, "unit": " KB"}
            ]}"#,
        )
        .unwrap();
        let all = reports(&found);
        let verdicts: Vec<_> = all
            .iter()
            .flat_map(|report| &report.targets)
            .map(|target| target.verdict)
            .collect();
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Unmeasured]);
        let text = all.first().unwrap().to_string();
        assert!(
            text.contains("studio: Opening") && text.contains("900"),
            "{text}"
        );
    }
}
