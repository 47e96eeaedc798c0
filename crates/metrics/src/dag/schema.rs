//! The JSON Schema of a graph.

use super::check::MAX_WINDOW;
use super::graph::MAX_NODES;
use super::{Scope, TURN_FIELDS};
use assay_model::MetricKind;
use serde_json::{Value, json};

/// The schema of the parameter `dag`. Which type a node is of decides on its other fields, so that a fault is found at its place.
pub(super) fn dag(scope: Scope) -> Value {
    let kinds = [
        ("TaskNode", task(scope)),
        (
            "BinaryJudgementNode",
            judgement(
                scope,
                "One verdict that is `true`, and one that is `false`.",
            ),
        ),
        (
            "NonBinaryJudgementNode",
            judgement(
                scope,
                "The verdicts that the judge chooses from; texts, each once.",
            ),
        ),
        ("VerdictNode", verdict()),
    ];
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    let by_kind: Vec<Value> = kinds
        .iter()
        .map(|(name, then)| {
            json!({"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": then})
        })
        .collect();
    json!({
        "type": "object",
        "description": "The graph, as DeepEval's `DeepAcyclicGraph.to_dict()` writes it.",
        "properties": {"nodes": {
            "type": "object",
            "description": "The nodes by their ids.",
            "minProperties": 1,
            "maxProperties": MAX_NODES,
            "propertyNames": {"minLength": 1, "maxLength": 100},
            "additionalProperties": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"enum": names, "description": "What the node does."}},
                "allOf": by_kind,
            },
        }},
        "required": ["nodes"],
        "additionalProperties": false,
    })
}

fn words(max: u32, what: &str) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": max, "description": what})
}

fn children(what: &str) -> Value {
    json!({"type": "array", "minItems": 1, "maxItems": MAX_NODES, "uniqueItems": true, "description": what,
        "items": {"type": "string", "description": "The id of a node."}})
}

/// What nodes that ask the judge have in common.
fn asking(scope: Scope) -> Value {
    let mut properties = json!({
        "type": {},
        "label": {"type": ["string", "null"], "maxLength": 200, "description": "A name for people."},
        "evaluation_params": {"type": ["array", "null"], "uniqueItems": true, "items": {"enum": scope.fields()},
            "description": "What of the case the node is shown, besides what the task nodes right before it brought out."},
    });
    if let (Scope::Conversation, Some(properties)) = (scope, properties.as_object_mut()) {
        let turns = TURN_FIELDS.join(", ");
        let what = format!(
            "The first and the last turn that the node is shown, from 0, both included; the last {MAX_WINDOW} of all turns when \
             absent. Of use with fields of turns: {turns}."
        );
        let window = json!({"type": ["array", "null"], "minItems": 2, "maxItems": 2,
            "items": {"type": "integer", "minimum": 0, "maximum": 100_000}, "description": what});
        properties.insert("turn_window".to_owned(), window);
    }
    properties
}

fn node(mut properties: Value, more: Value, required: &[&str]) -> Value {
    if let (Some(all), Value::Object(more)) = (properties.as_object_mut(), more) {
        all.extend(more);
    }
    json!({"properties": properties, "required": required, "additionalProperties": false})
}

fn task(scope: Scope) -> Value {
    let more = json!({
        "instructions": words(10_000, "What the judge is to bring out."),
        "output_label": words(200, "What it is called before the nodes that are shown it."),
        "children": children("The nodes that go on from here; no verdicts."),
    });
    node(
        asking(scope),
        more,
        &["instructions", "output_label", "children"],
    )
}

fn judgement(scope: Scope, verdicts: &str) -> Value {
    let more = json!({
        "criteria": words(10_000, "What the judge is to decide."),
        "children": children(verdicts),
    });
    node(asking(scope), more, &["criteria", "children"])
}

fn verdict() -> Value {
    let kinds: Vec<&str> = MetricKind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, MetricKind::Dag | MetricKind::ConversationalDag))
        .map(MetricKind::as_str)
        .collect();
    let reference = json!({"properties": {"type": {}, "ref": {"type": "string", "description": "The id of a node."}},
        "required": ["ref"], "additionalProperties": false});
    let metric = json!({"properties": {"type": {}, "metric": {
            "type": "object",
            "description": "A metric as a campaign names it; its score and its reason are the whole's.",
            "properties": {"kind": {"enum": kinds}, "name": {"type": "string"}, "threshold": {"type": "number"},
                "params": {"type": "object"}},
            "required": ["kind"],
            "additionalProperties": false,
        }}, "required": ["metric"], "additionalProperties": false});
    let is = |kind: &str| json!({"properties": {"type": {"const": kind}}, "required": ["type"]});
    let more = json!({
        "type": {},
        "verdict": {"type": ["boolean", "string"], "minLength": 1, "maxLength": 200,
            "description": "The verdict that leads here."},
        "score": {"type": ["number", "null"], "minimum": 0, "maximum": 10,
            "description": "What the verdict is worth, of 10. This or `child`."},
        "child": {"type": ["object", "null"], "required": ["type"], "description": "Where the verdict leads. This or `score`.",
            "properties": {"type": {"enum": ["node", "metric"]}},
            "allOf": [{"if": is("node"), "then": reference}, {"if": is("metric"), "then": metric}]},
    });
    node(json!({}), more, &["verdict"])
}
