//! What the template shows: figures as they are written, texts cut and made visible. Escaping is the template's.

use super::figures::{compact, count, dollars, figure, moment, none, span};
use super::html::Parts;
use super::run_view::{Run, one};
use super::summary::{AgentSummary, Cost, Estimated, MetricSummary, Quantiles};
use super::svg::{self, Histogram, Strip};
use super::text::shown;
use super::{Compared, GENERATOR, Head};
use crate::report::{millis, percent};
use assay_experiment::Comparison;
use assay_model::{GateVerdict, ItemOutcome, Message};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
pub(super) struct View {
    title: String,
    status: String,
    verdict: Option<&'static str>,
    gate: String,
    facts: Vec<(&'static str, String)>,
    cards: Vec<Card>,
    level: String,
    counts: Vec<Part>,
    metrics: Vec<Metric>,
    compared: Option<Beside>,
    agents: Vec<Agent>,
    worst: Vec<Run>,
    errors: Vec<Error>,
    error_total: u64,
    runs: Vec<Run>,
    personas: bool,
    several_agents: bool,
    total: u64,
    missing: u64,
    unfinished: u64,
    generator: &'static str,
    generated_at: String,
}

/// A part of the bar of all runs.
#[derive(Serialize)]
struct Part {
    name: &'static str,
    count: u64,
    x: String,
    width: String,
}

#[derive(Serialize)]
struct Card {
    name: &'static str,
    value: String,
    note: String,
    tone: &'static str,
}

#[derive(Serialize)]
struct Metric {
    name: String,
    kind: String,
    threshold: String,
    scored: u64,
    passed: u64,
    failed: u64,
    error: u64,
    skipped: u64,
    mean: String,
    mean_range: String,
    rate: String,
    rate_range: String,
    histogram: Option<Histogram>,
}

#[derive(Serialize)]
struct Beside {
    baseline: String,
    baseline_id: String,
    baseline_version: i64,
    candidate_version: i64,
    reach: String,
    rows: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    metric: Option<String>,
    pairs: usize,
    baseline: String,
    candidate: String,
    difference: String,
    range: String,
    p: String,
    p_adjusted: String,
    improved: usize,
    worsened: usize,
    errors: usize,
    strip: Strip,
}

#[derive(Serialize)]
struct Agent {
    name: String,
    version: String,
    total: u64,
    passed: u64,
    failed: u64,
    error: u64,
    rate: String,
    rate_range: String,
    latency: String,
    cost: String,
}

#[derive(Serialize)]
struct Error {
    what: String,
    message: String,
    count: u64,
    /// Numbers of runs that the file shows.
    runs: Vec<usize>,
}

pub(super) fn view(parts: &Parts<'_>) -> View {
    let (head, summary) = (parts.head, parts.summary);
    let names: HashMap<&str, &str> = head
        .agents
        .iter()
        .map(|a| (a.id.as_str(), a.shown()))
        .collect();
    let numbers: HashMap<&str, usize> = parts
        .shown
        .runs
        .iter()
        .enumerate()
        .map(|(i, run)| (run.run_id.as_str(), i + 1))
        .collect();
    let several_agents = summary.agents.len() > 1;
    let no_talk: &[Message] = &[];
    let row = |run: &ItemOutcome, talk: &[Message]| {
        let number = numbers
            .get(run.run_id.as_str())
            .copied()
            .unwrap_or_default();
        one(run, number, &names, talk)
    };
    View {
        title: shown(&head.name, 200),
        status: word(&head.status),
        verdict: head.verdict.map(|v| match v {
            GateVerdict::Passed => "passed",
            GateVerdict::Failed => "failed",
            GateVerdict::Inconclusive => "inconclusive",
        }),
        gate: format!(
            "at least {} pass, at most {} in error",
            percent(head.gate.min_pass_rate),
            percent(head.gate.max_error_rate)
        ),
        facts: facts(head, summary.items),
        cards: cards(parts),
        level: percent(summary.level),
        counts: shares_of(parts),
        metrics: summary.metrics.iter().map(metric).collect(),
        compared: parts.compared.map(beside),
        agents: if several_agents {
            summary.agents.iter().map(agent).collect()
        } else {
            Vec::new()
        },
        worst: parts
            .shown
            .worst
            .iter()
            .map(|(run, all, failed)| {
                let talk = parts.conversations.get(&run.run_id);
                let mut shown = row(run, talk.map_or(no_talk, Vec::as_slice));
                if *all > 1 {
                    shown.failed_of = format!("{failed} of {all} runs failed");
                }
                shown
            })
            .collect(),
        error_total: summary.errors.iter().map(|e| e.count).sum(),
        errors: summary
            .errors
            .iter()
            .map(|e| Error {
                what: match (&e.metric, &e.kind) {
                    (Some(metric), _) => format!("metric {}", shown(metric, 100)),
                    (None, Some(kind)) => kind.replace('_', " "),
                    (None, None) => String::new(),
                },
                message: shown(&e.message, 400),
                count: e.count,
                runs: e
                    .run_ids
                    .iter()
                    .filter_map(|id| numbers.get(id.as_str()).copied())
                    .collect(),
            })
            .collect(),
        personas: parts.shown.runs.iter().any(|r| r.persona_id.is_some()),
        several_agents,
        runs: parts
            .shown
            .runs
            .iter()
            .map(|run| row(run, no_talk))
            .collect(),
        total: parts.shown.total,
        missing: parts.shown.missing(),
        unfinished: summary.runs.unfinished,
        generator: GENERATOR,
        generated_at: moment(parts.generated_at),
    }
}

fn facts(head: &Head, items: usize) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let agents: Vec<&str> = head.agents.iter().map(super::Named::shown).collect();
    let several = if agents.len() == 1 { "Agent" } else { "Agents" };
    out.push((several, shown(&agents.join(", "), 400)));
    match &head.dataset {
        Some(d) => {
            let mut text = d.named.shown().to_owned();
            if let Some(version) = d.version {
                text.push_str(&format!(", version {version}"));
                if d.changed_since == Some(true) {
                    text.push_str(" (changed since the campaign began)");
                }
            }
            out.push(("Dataset", shown(&text, 400)));
        }
        None => out.push(("Scenarios", head.scenarios.to_string())),
    }
    let times = match head.repetitions {
        1 => "once each".to_owned(),
        n => format!("{n} times each"),
    };
    out.push(("Items", format!("{items}, {times}")));
    if let Some(judge) = &head.judge {
        out.push(("Judge", shown(judge.shown(), 200)));
    }
    out.push(("Begun", moment(&head.created_at)));
    if let (Some(end), Some(took)) = (&head.finished_at, head.duration_ms) {
        out.push(("Ended", format!("{}, after {}", moment(end), span(took))));
    }
    if !head.tags.is_empty() {
        out.push(("Tags", shown(&head.tags.join(", "), 300)));
    }
    out.push(("Campaign", shown(&head.id, 100)));
    out.push(("Server", shown(&head.server, 200)));
    out
}

fn cards(parts: &Parts<'_>) -> Vec<Card> {
    let summary = parts.summary;
    let runs = summary.runs;
    let card = |name, value: String, note: String, tone| Card {
        name,
        value,
        note,
        tone,
    };
    let rate = summary.pass_rate;
    let scored = runs.passed + runs.failed;
    let mut out = vec![
        card(
            "Pass rate",
            rate.map_or_else(none, |e| percent(e.value)),
            rate.and_then(|e| e.interval).map_or_else(String::new, |i| {
                format!("{} to {}", percent(i.low), percent(i.high))
            }),
            "lead",
        ),
        card(
            "Passed",
            count(runs.passed),
            format!("of {} scored", count(scored)),
            "good",
        ),
        card(
            "Failed",
            count(runs.failed),
            "below a threshold".into(),
            if runs.failed > 0 { "bad" } else { "" },
        ),
        card(
            "Errors",
            count(runs.error),
            "not scored".into(),
            if runs.error > 0 { "warn" } else { "" },
        ),
    ];
    if let Some(q) = summary.latency_ms {
        out.push(card(
            "Answer time",
            millis(q.median),
            format!("median; 95% within {}", millis(q.p95)),
            "",
        ));
    }
    let cost = summary.cost;
    if cost.known_runs > 0 {
        let note = if cost.known_runs == runs.total {
            "calls of the agent".into()
        } else {
            format!("known of {} runs", count(cost.known_runs))
        };
        out.push(card("Cost", dollars(cost.usd), note, ""));
    }
    let judged: Vec<f64> = summary
        .metrics
        .iter()
        .filter_map(|m| m.judge_cost_usd)
        .collect();
    if !judged.is_empty() {
        out.push(card(
            "Judging",
            dollars(judged.iter().sum()),
            "calls of the judge".into(),
            "",
        ));
    }
    if cost.input_tokens + cost.output_tokens > 0 {
        let note = format!(
            "{} in, {} out",
            count(cost.input_tokens),
            count(cost.output_tokens)
        );
        out.push(card(
            "Tokens",
            compact(cost.input_tokens + cost.output_tokens),
            note,
            "",
        ));
    }
    out
}

/// Runs by status, on a scale of 1000.
fn shares_of(parts: &Parts<'_>) -> Vec<Part> {
    let runs = parts.summary.runs;
    let total = runs.total.max(1) as f64;
    [
        ("passed", runs.passed),
        ("failed", runs.failed),
        ("error", runs.error),
        ("cancelled", runs.cancelled),
        ("unfinished", runs.unfinished),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .scan(0.0, |from, (name, n)| {
        let width = n as f64 / total * 1000.0;
        let x = format!("{:.2}", *from);
        *from += width;
        Some(Part {
            name,
            count: n,
            x,
            width: format!("{width:.2}"),
        })
    })
    .collect()
}

fn metric(m: &MetricSummary) -> Metric {
    Metric {
        name: shown(&m.name, 100),
        kind: shown(&m.kind, 60),
        threshold: m.threshold.map_or_else(|| "varies".into(), figure),
        scored: m.scored,
        passed: m.passed,
        failed: m.failed,
        error: m.error,
        skipped: m.skipped,
        mean: m.mean.map_or_else(none, |e| format!("{:.3}", e.value)),
        mean_range: range(m.mean, |v| format!("{v:.3}")),
        rate: m.pass_rate.map_or_else(none, |e| percent(e.value)),
        rate_range: range(m.pass_rate, percent),
        histogram: svg::histogram(&m.histogram, m.threshold),
    }
}

fn agent(a: &AgentSummary) -> Agent {
    Agent {
        name: shown(a.name.as_deref().unwrap_or(&a.agent_id), 200),
        version: a.version.map_or_else(none, |v| v.to_string()),
        total: a.runs.total,
        passed: a.runs.passed,
        failed: a.runs.failed,
        error: a.runs.error,
        rate: a.pass_rate.map_or_else(none, |e| percent(e.value)),
        rate_range: range(a.pass_rate, percent),
        latency: a
            .latency_ms
            .map_or_else(none, |q: Quantiles| millis(q.median)),
        cost: known(a.cost),
    }
}

fn beside(compared: &Compared) -> Beside {
    let ends = |m: &Comparison| {
        let i = m.interval.map_or([m.difference; 2], |i| [i.low, i.high]);
        i.into_iter().map(f64::abs).fold(0.0, f64::max)
    };
    // One scale for all rows, so that they can be compared by eye.
    let reach = compared
        .metrics
        .iter()
        .map(ends)
        .fold(0.05, f64::max)
        .min(1.0);
    let p = |p: Option<f64>| match p {
        None => none(),
        Some(p) if p < 0.001 => "< 0.001".into(),
        Some(p) => format!("{p:.3}"),
    };
    Beside {
        baseline: shown(&compared.baseline.name, 200),
        baseline_id: shown(&compared.baseline.campaign_id, 100),
        baseline_version: compared.baseline.agent_version,
        candidate_version: compared.candidate.agent_version,
        reach: format!("{reach:.2}"),
        rows: compared
            .metrics
            .iter()
            .map(|m| Difference {
                metric: m.metric.as_deref().map(|name| shown(name, 100)),
                pairs: m.pairs,
                baseline: format!("{:.3}", m.baseline.mean),
                candidate: format!("{:.3}", m.candidate.mean),
                difference: format!("{:+.3}", m.difference),
                range: m
                    .interval
                    .map_or_else(String::new, |i| format!("{:+.3} to {:+.3}", i.low, i.high)),
                p: p(m.p),
                p_adjusted: p(m.p_adjusted),
                improved: m.improved,
                worsened: m.worsened,
                errors: m.baseline.errors + m.candidate.errors,
                strip: svg::strip(m.difference, m.interval, reach),
            })
            .collect(),
    }
}

fn range(e: Option<Estimated>, show: impl Fn(f64) -> String) -> String {
    e.and_then(|e| e.interval).map_or_else(String::new, |i| {
        format!("{} to {}", show(i.low), show(i.high))
    })
}

fn known(cost: Cost) -> String {
    if cost.known_runs == 0 {
        none()
    } else {
        dollars(cost.usd)
    }
}

/// A status as it is on the wire.
fn word(status: &impl Serialize) -> String {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
