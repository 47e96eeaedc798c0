//! A trace of production as a test case, so that the same metrics score it as score a campaign's.
//!
//! | of the case | of the trace |
//! |---|---|
//! | `input`, `actual_output` | what its root took in and put out; of a conversation the user's last word and the assistant's |
//! | `messages` | the conversation that went in, and what came out; without one, the question and the answer |
//! | `tools_called` | its observations of type `TOOL`; without any, the calls within the messages |
//! | `retrieval_context` | the documents that its observations of type `RETRIEVER` put out |
//! | `latency_ms`, `cost_usd`, `usage` | from its first start to its last end; the sums of its model calls, where all are known |
//! | `trace` | the tree of its observations |
//! | `expected_output`, `context` and the like | the metadata of those names; an experiment's reference answer |
//!
//! Evaluations of the platform's own are no part of what an agent did.

mod chat;

use assay_model::{
    Content, Message, Observation, ObservationType, Role, TestCase, TokenUsage, ToolCall, Trace,
    TraceStep, Validate as _,
};
use chat::{Reader, as_json, text_of, written};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};

/// How deep the tree of steps goes: what lies deeper is a step of the last one above.
const MAX_DEPTH: usize = 60;
/// Most documents that were retrieved.
const MAX_DOCUMENTS: usize = 200;
/// Keys under which retrievers put their documents, and documents their text.
const DOCUMENTS: [&str; 4] = ["documents", "results", "matches", "data"];
const DOCUMENT: [&str; 6] = [
    "page_content",
    "pageContent",
    "content",
    "text",
    "document",
    "chunk",
];

/// The test case that a trace and its observations, in any order, come to. Images that no model can be shown are left out.
#[must_use]
pub fn case_of_trace(trace: &Trace, observations: &[Observation]) -> TestCase {
    let case = read(Reader { pictured: true }, trace, observations);
    if case.validate().is_ok() {
        return case;
    }
    read(Reader { pictured: false }, trace, observations)
}

fn read(reader: Reader, trace: &Trace, observations: &[Observation]) -> TestCase {
    let mut steps: Vec<&Observation> = observations
        .iter()
        .filter(|o| o.kind != ObservationType::Evaluator)
        .collect();
    steps.sort_by(|a, b| {
        (a.start_time, !a.is_root(), &a.id).cmp(&(b.start_time, !b.is_root(), &b.id))
    });
    let generations = || {
        steps
            .iter()
            .filter(|o| o.kind == ObservationType::Generation)
    };
    let (mut input, mut output) = (&trace.input, &trace.output);
    // A root that says nothing stands around model calls that do.
    if input.is_null()
        && let Some(first) = generations().find(|o| !o.input.is_null())
    {
        input = &first.input;
    }
    if output.is_null()
        && let Some(last) = generations().rfind(|o| !o.output.is_null())
    {
        output = &last.output;
    }
    let answer = reader.answered(output);
    let spoken = reader.conversation(input);
    let mut messages = spoken.unwrap_or_else(|| {
        let asked = reader.asked(input);
        match asked.is_empty() {
            true => Vec::new(),
            false => vec![Message::new(Role::User, asked)],
        }
    });
    let last_word = messages.iter().rfind(|m| m.role == Role::User);
    let last_word = last_word.or(messages.last()).map(|m| m.content.clone());
    messages.extend(answer.clone());
    let mut case = TestCase {
        input: last_word.unwrap_or_default(),
        actual_output: answer.map(|m| m.content),
        tools_called: tools(&steps),
        retrieval_context: retrieved(&steps),
        latency_ms: latency_ms(&steps),
        cost_usd: cost_usd(&steps),
        usage: usage(&steps),
        trace: tree(trace, &steps),
        ..TestCase::default()
    };
    if case.tools_called.is_empty() {
        let calls = messages.iter().flat_map(|m| &m.tool_calls);
        case.tools_called = calls.cloned().collect();
    } else if let Some(last) = messages.last_mut()
        && last.role == Role::Assistant
        && last.tool_calls.is_empty()
    {
        last.tool_calls.clone_from(&case.tools_called);
    }
    if let Some(last) = messages.last_mut()
        && last.role == Role::Assistant
    {
        last.retrieval_context.clone_from(&case.retrieval_context);
    }
    case.messages = messages;
    said_besides(&mut case, trace, &steps);
    case
}

/// What the metadata says of the case, and the experiment that it is a part of.
fn said_besides(case: &mut TestCase, trace: &Trace, steps: &[&Observation]) {
    let root = steps.iter().find(|o| o.is_root());
    let experiments = steps.iter().filter_map(|o| o.experiment.as_ref());
    let mut reference = experiments.map(|e| &e.expected_output);
    if let Some(reference) = reference.find(|r| !r.is_null()) {
        case.expected_output = Some(written(reference).into());
    }
    let said = [Some(&trace.metadata), root.map(|o| &o.metadata)];
    for map in said.into_iter().flatten().filter_map(Value::as_object) {
        let text = |own: &mut Option<String>, key: &str| {
            if own.is_none() {
                *own = text_of(map, key);
            }
        };
        text(&mut case.scenario, "scenario");
        text(&mut case.expected_outcome, "expected_outcome");
        text(&mut case.user_description, "user_description");
        text(&mut case.chatbot_role, "chatbot_role");
        if case.expected_output.is_none() {
            case.expected_output = text_of(map, "expected_output").map(Content::from);
        }
        if case.context.is_empty() {
            case.context = texts(map, "context");
        }
        if case.retrieval_context.is_empty() {
            case.retrieval_context = texts(map, "retrieval_context");
        }
    }
}

/// The texts of a list, or the only one.
fn texts(map: &Map<String, Value>, key: &str) -> Vec<Content> {
    let some = match map.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) if !text.is_empty() => vec![text.as_str()],
        _ => Vec::new(),
    };
    some.into_iter()
        .take(MAX_DOCUMENTS)
        .map(Content::from)
        .collect()
}

fn tools(steps: &[&Observation]) -> Vec<ToolCall> {
    let tools = steps.iter().filter(|o| o.kind == ObservationType::Tool);
    let call = |o: &&Observation| ToolCall {
        name: o.name.clone(),
        input_parameters: as_json(&o.input).unwrap_or_else(|| o.input.clone()),
        output: (!o.output.is_null())
            .then(|| as_json(&o.output).unwrap_or_else(|| o.output.clone())),
    };
    tools.map(call).collect()
}

fn retrieved(steps: &[&Observation]) -> Vec<Content> {
    let mut all = Vec::new();
    for o in steps
        .iter()
        .filter(|o| o.kind == ObservationType::Retriever)
    {
        let parsed = as_json(&o.output);
        let output = parsed.as_ref().unwrap_or(&o.output);
        let under = output
            .as_object()
            .and_then(|map| DOCUMENTS.iter().find_map(|key| map.get(*key)?.as_array()));
        match under.or(output.as_array()) {
            Some(list) => all.extend(list.iter().map(document)),
            None => all.push(document(output)),
        }
    }
    all.retain(|text| !text.is_empty());
    all.truncate(MAX_DOCUMENTS);
    all.into_iter().map(Content::from).collect()
}

/// The text of a document: its own, or the whole as JSON.
fn document(value: &Value) -> String {
    let found = value
        .as_object()
        .and_then(|map| DOCUMENT.iter().find_map(|key| map.get(*key)));
    match found {
        Some(inner @ Value::Object(_)) => {
            let text = inner.get("content").or_else(|| inner.get("text"));
            written(text.unwrap_or(inner))
        }
        Some(text @ Value::String(_)) => written(text),
        _ => written(value),
    }
}

/// From the first start to the last end, in milliseconds; `None` where nothing has ended.
fn latency_ms(steps: &[&Observation]) -> Option<f64> {
    let first = steps.iter().map(|o| o.start_time).min()?;
    let last = steps.iter().filter_map(|o| o.end_time).max()?;
    let micros = last.micros().saturating_sub(first.micros());
    Some(micros.max(0) as f64 / 1000.0)
}

const fn calls_a_model(o: &Observation) -> bool {
    matches!(
        o.kind,
        ObservationType::Generation | ObservationType::Embedding
    )
}

/// What the calls of models cost; what all else that names a cost does where there are none. Never a part of it.
fn cost_usd(steps: &[&Observation]) -> Option<f64> {
    let calls: Vec<_> = steps.iter().filter(|o| calls_a_model(o)).collect();
    if !calls.is_empty() {
        return calls.into_iter().map(|o| o.cost_usd).sum();
    }
    let known: Vec<f64> = steps.iter().filter_map(|o| o.cost_usd).collect();
    (!known.is_empty()).then(|| known.into_iter().sum())
}

/// The tokens of the same.
fn usage(steps: &[&Observation]) -> Option<TokenUsage> {
    let calls: Vec<_> = steps.iter().filter(|o| calls_a_model(o)).collect();
    let mut sum = TokenUsage::default();
    if calls.is_empty() {
        let known: Vec<TokenUsage> = steps.iter().filter_map(|o| o.usage).collect();
        known.iter().for_each(|usage| sum += *usage);
        return (!known.is_empty()).then_some(sum);
    }
    for call in calls {
        sum += call.usage?;
    }
    Some(sum)
}

/// The tree of steps; `None` of a trace without any.
fn tree(trace: &Trace, steps: &[&Observation]) -> Option<TraceStep> {
    let known: HashSet<&str> = steps.iter().map(|o| o.id.as_str()).collect();
    let mut below: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
    let mut tops: Vec<&Observation> = Vec::new();
    for o in steps {
        match o.parent_id.as_deref().filter(|id| known.contains(id)) {
            Some(parent) => below.entry(parent).or_default().push(o),
            None => tops.push(o),
        }
    }
    let mut placed = HashSet::new();
    let mut built: Vec<TraceStep> = tops
        .iter()
        .map(|o| step(o, &below, &mut placed, 1))
        .collect();
    // Those that name one another in a circle hang nowhere.
    for o in steps {
        if !placed.contains(o.id.as_str()) {
            built.push(step(o, &below, &mut placed, 1));
        }
    }
    if built.len() == 1 {
        return built.pop();
    }
    (!built.is_empty()).then(|| TraceStep {
        kind: "trace".to_owned(),
        name: trace.name.clone().unwrap_or_default(),
        input: trace.input.clone(),
        output: trace.output.clone(),
        children: built,
    })
}

fn step<'o>(
    o: &'o Observation,
    below: &BTreeMap<&str, Vec<&'o Observation>>,
    placed: &mut HashSet<&'o str>,
    depth: usize,
) -> TraceStep {
    placed.insert(&o.id);
    let kind = match o.kind {
        ObservationType::Generation => "llm".to_owned(),
        other => other.as_str().to_lowercase(),
    };
    let mut made = TraceStep {
        kind,
        name: o.name.clone(),
        input: o.input.clone(),
        output: o.output.clone(),
        children: Vec::new(),
    };
    let mut open: Vec<&Observation> = Vec::new();
    let children = |id: &str| below.get(id).into_iter().flatten().rev().copied();
    open.extend(children(&o.id));
    while let Some(child) = open.pop() {
        if placed.contains(child.id.as_str()) {
            continue;
        }
        if depth < MAX_DEPTH {
            made.children.push(step(child, below, placed, depth + 1));
        } else {
            // Too deep for whoever walks it: they stand side by side.
            placed.insert(&child.id);
            open.extend(children(&child.id));
            made.children.push(TraceStep {
                kind: child.kind.as_str().to_lowercase(),
                name: child.name.clone(),
                input: child.input.clone(),
                output: child.output.clone(),
                children: Vec::new(),
            });
        }
    }
    made
}

#[cfg(test)]
#[path = "traced_tests.rs"]
mod tests;
