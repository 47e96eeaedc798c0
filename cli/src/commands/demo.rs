//! `assay up --demo`: the shipped support cases against the sample agent, so that the first run shows a real report.

use crate::api::Client;
use crate::campaign::{self, Outcome, Plan};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, Format};
use crate::exit::{self, Exit};
use crate::report::{Report, table};
use crate::term;
use anyhow::{Context, Result, bail};
use assay_model::{AgentKind, AgentSpec, Gate, RunStatus};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The cases, as they are shipped.
const CASES: &str = include_str!("../../../examples/support.jsonl");

/// The tag of the cases that find one of the sample agent's deliberate faults.
const FAULT: &str = "known-fault";

/// How long a trace may take to become readable.
const TRACE: Duration = Duration::from_secs(10);

/// Runs the demo and prints its report.
///
/// # Errors
/// When the campaign could not run, or a trace cannot be read.
pub(crate) fn run(client: &Client, public_url: &str, cancel: &Cancel) -> Result<Exit> {
    let plan = plan(client.base())?;
    term::note(format!(
        "\nEvaluating {} with {} support cases",
        plan.agent.name,
        plan.dataset.items.len()
    ));
    let report = match campaign::run(client, &plan, cancel)? {
        Outcome::Finished(report) => *report,
        Outcome::Waiting { id, summary } => {
            campaign::tell_waiting(&id, &summary);
            return Ok(Exit::Waiting);
        }
        Outcome::Stopped { id, summary } => {
            campaign::tell_stopped(&id, &summary);
            return Ok(Exit::Interrupted);
        }
    };
    term::out(table::render(&report, term::coloured()));
    if report.summary.passed + report.summary.failed == 0 {
        let why = report
            .items
            .iter()
            .find_map(|item| item.error.as_ref())
            .map_or("no reason is given", |e| &e.message);
        let what = if exit::never_reached(&report.summary, &report.items) {
            "was not reached"
        } else {
            "was not scored"
        };
        bail!("the sample agent {what}: {why}");
    }
    tell_faults(&plan.dataset, &report);
    traces(client, &report)?;
    term::out(format!("\nStudio   {public_url}/"));
    term::out(
        "Next     evaluate an agent of your own, anything that speaks OpenAI's chat completions:",
    );
    term::out("         assay run --target URL --dataset FILE.jsonl --metric exact_match");
    Ok(Exit::Pass)
}

fn plan(base: &str) -> Result<Plan> {
    let dataset = Dataset::parse("Sample support cases", Format::Jsonl, CASES.as_bytes())
        .context("the shipped cases")?;
    Ok(Plan {
        name: "Sample support campaign".to_owned(),
        agent: AgentSpec {
            description: "A deterministic support bot with deliberate faults.".to_owned(),
            model: Some("sample-agent".to_owned()),
            timeout_ms: 30_000,
            ..AgentSpec::new(
                "Sample support agent",
                AgentKind::OpenaiChat,
                format!("{base}/sample-agent/v1/chat/completions"),
            )
        },
        credential: None,
        dataset,
        metrics: Vec::new(),
        judge: None,
        repetitions: 1,
        concurrency: 8,
        max_turns: 10,
        max_attempts: 3,
        seed: 0,
        gate: Gate {
            min_pass_rate: 0.9,
            max_error_rate: 0.1,
        },
        waits: true,
    })
}

/// Tells which failures were to be expected, and which were not.
fn tell_faults(dataset: &Dataset, report: &Report) {
    let known: Vec<(&str, &str)> = dataset
        .items
        .iter()
        .filter(|item| item.tags.iter().any(|tag| tag == FAULT))
        .filter_map(|item| {
            Some((
                item.key.as_deref()?,
                item.metadata
                    .get("fault")
                    .and_then(|f| f.as_str())
                    .unwrap_or(""),
            ))
        })
        .collect();
    let failed: BTreeSet<&str> = report
        .items
        .iter()
        .filter(|i| i.status == RunStatus::Failed)
        .map(|i| i.item_key.as_str())
        .collect();
    let found: Vec<_> = known
        .iter()
        .filter(|(key, _)| failed.contains(*key))
        .collect();
    term::out(format!(
        "Faults   {} of the sample agent's {} deliberate faults are found:",
        found.len(),
        known.len()
    ));
    for (key, fault) in found {
        term::out(format!("         {key}: {fault}"));
    }
    for (key, fault) in known.iter().filter(|(key, _)| !failed.contains(*key)) {
        term::out(format!("         NOT FOUND: {key}: {fault}"));
    }
    for key in failed
        .iter()
        .filter(|key| !known.iter().any(|(k, _)| k == *key))
    {
        term::out(format!("         UNEXPECTED: {key} failed"));
    }
}

/// Checks that every item's trace can be read.
fn traces(client: &Client, report: &Report) -> Result<()> {
    let deadline = Instant::now() + TRACE;
    for item in &report.items {
        let path = format!("/api/v1/traces/{}", item.trace_id);
        loop {
            match client.status(&path)? {
                200 => break,
                404 if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(200)),
                status => bail!("GET {path} answers {status}, for item {}", item.item_key),
            }
        }
    }
    let n = report.items.len();
    term::out(format!(
        "Traces   all {n} answer 200 at GET {}/api/v1/traces/<trace>",
        client.base()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_cases_are_what_the_demo_promises() {
        let plan = plan("http://127.0.0.1:1").unwrap();
        let items = &plan.dataset.items;
        assert!(items.len() >= 28, "{}", items.len());
        assert!(
            items.iter().filter(|i| i.turns.len() > 1).count() >= 5,
            "several turns"
        );
        assert!(items.iter().any(|i| i.expected_tools.is_some()), "tools");
        assert!(
            items.iter().all(|i| !i.metrics.is_empty()),
            "each is judged"
        );
        let faults: Vec<_> = items
            .iter()
            .filter(|i| i.tags.iter().any(|t| t == FAULT))
            .collect();
        assert_eq!(faults.len(), 6);
        assert!(faults.iter().all(|i| i.metadata["fault"].is_string()));
    }

    #[test]
    fn the_shipped_metrics_file_is_valid() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/metrics.yaml");
        assert_eq!(crate::metrics_arg::file(&path).unwrap().len(), 2);
    }
}
