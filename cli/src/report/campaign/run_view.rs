//! A run as the template shows it.

use super::figures::{dollars, figure, none};
use super::select::MAX_TEXT;
use super::text::shown;
use crate::report::{kind_name, label, millis};
use crate::term::one_line;
use assay_model::{ItemOutcome, Message, MetricResult, MetricStatus, Role};
use serde::Serialize;
use std::collections::HashMap;

/// Most messages of one conversation.
const MAX_MESSAGES: usize = 40;
/// Longest text in a cell of a table, in characters.
const CELL: usize = 160;
/// A text that was cut already, with the note that says so.
const WHOLE: usize = MAX_TEXT + 60;

#[derive(Serialize)]
pub(super) struct Run {
    /// Its number in the file; 0 where the table does not have it.
    number: usize,
    label: String,
    id: String,
    trace: String,
    status: &'static str,
    agent: String,
    persona: String,
    scores: Vec<Score>,
    error: Option<(String, String)>,
    brief: String,
    input: String,
    output: String,
    expected: String,
    messages: Vec<Said>,
    left_out: usize,
    turns: u32,
    latency: String,
    /// The same for sorting; empty where it is unknown.
    sort_latency: String,
    cost: String,
    pub(super) failed_of: String,
    carried: bool,
}

#[derive(Serialize)]
struct Score {
    name: String,
    status: &'static str,
    value: String,
    threshold: String,
    reason: String,
}

#[derive(Serialize)]
struct Said {
    role: &'static str,
    content: String,
    tools: Vec<String>,
}

/// A run, with its number in the file and what was said.
pub(super) fn one(
    run: &ItemOutcome,
    number: usize,
    names: &HashMap<&str, &str>,
    talk: &[Message],
) -> Run {
    let agent = run.agent_id.as_deref().map_or_else(String::new, |id| {
        let name = names.get(id).copied().unwrap_or(id);
        run.agent_version
            .map_or_else(|| name.to_owned(), |v| format!("{name} v{v}"))
    });
    let some = |text: &Option<String>| {
        text.as_deref()
            .map_or_else(String::new, |t| shown(t, WHOLE))
    };
    let error = run.error.as_ref().map(|e| {
        (
            kind_name(e.kind).replace('_', " "),
            shown(&e.message, WHOLE),
        )
    });
    let brief = match &error {
        Some((kind, _)) => kind.clone(),
        None => run
            .output
            .as_deref()
            .map_or_else(String::new, |t| shown(&one_line(t, CELL), CELL)),
    };
    Run {
        number,
        label: shown(&label(run), 200),
        id: shown(&run.run_id, 100),
        trace: shown(&run.trace_id, 100),
        status: run.status.as_str(),
        agent: shown(&agent, 200),
        persona: run
            .persona_id
            .as_deref()
            .map_or_else(String::new, |p| shown(p, 100)),
        scores: run.scores.iter().map(score).collect(),
        error,
        brief,
        input: some(&run.input),
        output: some(&run.output),
        expected: some(&run.expected_output),
        messages: talk.iter().take(MAX_MESSAGES).map(said).collect(),
        left_out: talk.len().saturating_sub(MAX_MESSAGES),
        turns: run.turns,
        latency: run.latency_ms.map_or_else(none, millis),
        sort_latency: run
            .latency_ms
            .map_or_else(String::new, |l| format!("{l:.3}")),
        cost: run.cost_usd.map_or_else(none, dollars),
        failed_of: String::new(),
        carried: run.carried_from.is_some(),
    }
}

fn score(s: &MetricResult) -> Score {
    Score {
        name: shown(&s.name, 100),
        status: super::csv::status(s.status),
        value: match (s.status, s.score) {
            (MetricStatus::Error, _) => "error".into(),
            (MetricStatus::Skipped, _) => "n/a".into(),
            (_, value) => value.map_or_else(none, |v| format!("{v:.2}")),
        },
        threshold: figure(s.threshold),
        reason: shown(&s.reason, WHOLE),
    }
}

fn said(m: &Message) -> Said {
    Said {
        role: match m.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        },
        content: shown(&m.content, MAX_TEXT),
        tools: m
            .tool_calls
            .iter()
            .map(|call| shown(&format!("{} {}", call.name, call.input_parameters), 300))
            .collect(),
    }
}
