//! Spans to rows, in the native peer: the work that the platform does on a span too.

use super::proto::{AnyValue, KeyValue, Kind, Request, Span};
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Columns of a trace that are filled, in the order of its row.
pub(crate) const TRACE: [&str; 13] = [
    "workspace_id",
    "id",
    "timestamp",
    "name",
    "user_id",
    "session_id",
    "input",
    "output",
    "metadata",
    "tags",
    "environment",
    "version",
    "received_at",
];

/// Columns of an observation that are filled, in the order of its row.
pub(crate) const OBSERVATION: [&str; 18] = [
    "workspace_id",
    "trace_id",
    "id",
    "parent_id",
    "type",
    "name",
    "start_time",
    "end_time",
    "level",
    "status_message",
    "input",
    "output",
    "model",
    "model_parameters",
    "usage_input",
    "usage_output",
    "metadata",
    "received_at",
];

const WORKSPACE: &str = "0198c0de-0000-7000-8000-000000000001";

/// Rows of one request.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) traces: Vec<[Sql; 13]>,
    pub(crate) observations: Vec<[Sql; 18]>,
}

fn text(text: impl Into<String>) -> Sql {
    Sql::Text(text.into())
}

fn maybe(text: Option<String>) -> Sql {
    text.map_or(Sql::Null, Sql::Text)
}

fn micros(nanos: u64) -> Sql {
    Sql::Integer(i64::try_from(nanos / 1000).unwrap_or(i64::MAX))
}

fn value(any: Option<AnyValue>) -> Value {
    match any.and_then(|any| any.value) {
        Some(Kind::Text(text)) => Value::String(text),
        Some(Kind::Bool(is)) => Value::Bool(is),
        Some(Kind::Int(number)) => number.into(),
        Some(Kind::Double(number)) => number.into(),
        Some(Kind::Array(list)) => list.values.into_iter().map(|v| value(Some(v))).collect(),
        None => Value::Null,
    }
}

fn object(list: Vec<KeyValue>) -> Map<String, Value> {
    list.into_iter().map(|a| (a.key, value(a.value))).collect()
}

fn words(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The first of these that there is, as JSON.
fn content(attributes: &mut Map<String, Value>, keys: [&str; 2]) -> Sql {
    let found = keys.into_iter().find_map(|key| attributes.remove(key));
    maybe(found.map(|value| value.to_string()))
}

/// What the spans of a scope share.
struct Shared {
    resource: Value,
    scope: Value,
    received: Sql,
}

/// All rows of a request, received at so many nanoseconds.
pub(crate) fn rows(request: Request, received_nanos: u64) -> Rows {
    let mut rows = Rows::default();
    for of_resource in request.resource_spans {
        let resource = object(of_resource.resource.unwrap_or_default().attributes);
        let resource = Value::Object(resource);
        for of_scope in of_resource.scope_spans {
            let scope = of_scope.scope.unwrap_or_default();
            let shared = Shared {
                resource: resource.clone(),
                scope: json!({"name": scope.name, "version": scope.version}),
                received: micros(received_nanos),
            };
            let mut traces: HashMap<Vec<u8>, usize> = HashMap::new();
            for span in of_scope.spans {
                add(&mut rows, &mut traces, span, &shared);
            }
        }
    }
    rows
}

fn add(rows: &mut Rows, traces: &mut HashMap<Vec<u8>, usize>, span: Span, shared: &Shared) {
    let mut a = object(span.attributes);
    let trace_id = hex::encode(&span.trace_id);
    let is_root = span.parent_span_id.is_empty();
    let user = maybe(words(a.remove("user.id")));
    let session = maybe(words(a.remove("gen_ai.conversation.id")));
    let input = content(
        &mut a,
        ["gen_ai.input.messages", "gen_ai.tool.call.arguments"],
    );
    let output = content(
        &mut a,
        ["gen_ai.output.messages", "gen_ai.tool.call.result"],
    );
    let kind = match a.get("gen_ai.operation.name").and_then(Value::as_str) {
        Some("chat") => "GENERATION",
        Some("invoke_agent") => "AGENT",
        Some("execute_tool") => "TOOL",
        _ => "SPAN",
    };
    let count = |v: Option<Value>| v.and_then(|v| v.as_i64()).map_or(Sql::Null, Sql::Integer);
    let usage_input = count(a.remove("gen_ai.usage.input_tokens"));
    let usage_output = count(a.remove("gen_ai.usage.output_tokens"));
    let requested = words(a.remove("gen_ai.request.model"));
    let model = words(a.remove("gen_ai.response.model")).or(requested);
    let parameters: Map<String, Value> = ["temperature", "max_tokens"]
        .into_iter()
        .filter_map(|name| {
            Some((
                name.to_owned(),
                a.remove(&format!("gen_ai.request.{name}"))?,
            ))
        })
        .collect();
    let parameters = (!parameters.is_empty()).then(|| Value::Object(parameters).to_string());
    let metadata = json!({
        "attributes": a, "resource_attributes": shared.resource, "scope": shared.scope,
    });
    let (failed, message) = span
        .status
        .map_or((false, String::new()), |s| (s.code == 2, s.message));
    let start = micros(span.start_time_unix_nano);

    let index = *traces.entry(span.trace_id).or_insert_with(|| {
        let mut row = TRACE.map(|_| Sql::Null);
        let [
            workspace,
            id,
            timestamp,
            ..,
            tags,
            environment,
            version,
            received,
        ] = &mut row;
        *workspace = text(WORKSPACE);
        *id = text(trace_id.clone());
        *timestamp = start.clone();
        *tags = text("[]");
        let said = |key: &str| maybe(words(shared.resource.get(key).cloned()));
        *environment = said("deployment.environment.name");
        *version = said("service.version");
        *received = shared.received.clone();
        rows.traces.push(row);
        rows.traces.len() - 1
    });
    if let (true, Some(row)) = (is_root, rows.traces.get_mut(index)) {
        let [_, _, _, name, of_user, of_session, went_in, came_out, ..] = row;
        *name = text(span.name.clone());
        *of_user = user;
        *of_session = session;
        *went_in = input.clone();
        *came_out = output.clone();
    }
    rows.observations.push([
        text(WORKSPACE),
        text(trace_id),
        text(hex::encode(&span.span_id)),
        maybe((!is_root).then(|| hex::encode(&span.parent_span_id))),
        text(kind),
        text(span.name),
        start,
        micros(span.end_time_unix_nano),
        text(if failed { "ERROR" } else { "DEFAULT" }),
        maybe((!message.is_empty()).then_some(message)),
        input,
        output,
        maybe(model),
        maybe(parameters),
        usage_input,
        usage_output,
        text(metadata.to_string()),
        shared.received.clone(),
    ]);
}

#[cfg(test)]
mod tests {
    use super::super::spans::{SPANS, templates};
    use super::super::template::{self, TRACES};
    use super::*;
    use prost::Message;

    #[test]
    fn every_span_is_a_row_and_every_trace_one() {
        let mut body = Vec::new();
        templates()[0].fill(&template::fresh(), &mut body);
        let rows = rows(Request::decode(&body[..]).unwrap(), 7_000);
        assert_eq!(
            (rows.traces.len(), rows.observations.len()),
            (TRACES, SPANS)
        );
        let trace = |name: &str| {
            let index = TRACE.iter().position(|column| *column == name).unwrap();
            &rows.traces[0][index]
        };
        assert_eq!(trace("name"), &text("invoke_agent support"));
        assert_eq!(trace("environment"), &text("production"));
        assert_eq!(trace("received_at"), &Sql::Integer(7));
        assert!(matches!(trace("input"), Sql::Text(t) if t.len() > 100));
        let of = |name: &str| {
            let index = OBSERVATION.iter().position(|c| *c == name).unwrap();
            rows.observations.iter().map(move |row| &row[index])
        };
        let filled = |name: &str| of(name).filter(|value| **value != Sql::Null).count();
        assert_eq!(
            (filled("output"), filled("parent_id")),
            (SPANS, SPANS - TRACES)
        );
        let models = filled("model");
        assert!(models > SPANS / 2 && models == filled("usage_input"));
    }
}
