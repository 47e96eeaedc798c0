//! Input and output, convention by convention.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_otlp::MapContext;
use common::{attributes, int, observation, run, span, spans, text};
use serde_json::{Map, Value, json};

/// Pairs of keys, the first convention first. Flattened ones have a key of one message.
const PAIRS: [(&str, &str); 13] = [
    ("langfuse.observation.input", "langfuse.observation.output"),
    ("ai.prompt", "ai.response.text"),
    (
        "gcp.vertex.agent.tool_call_args",
        "gcp.vertex.agent.tool_response",
    ),
    (
        "gcp.vertex.agent.llm_request",
        "gcp.vertex.agent.llm_response",
    ),
    ("mlflow.spanInputs", "mlflow.spanOutputs"),
    ("traceloop.entity.input", "traceloop.entity.output"),
    ("input.value", "output.value"),
    ("input", "output"),
    ("tool_arguments", "tool_response"),
    ("gen_ai.prompt.0.content", "gen_ai.completion.0.content"),
    (
        "llm.input_messages.0.message.content",
        "llm.output_messages.0.message.content",
    ),
    ("gen_ai.input.messages", "gen_ai.output.messages"),
    ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
];

/// The text within a value that is rebuilt from flattened keys.
fn plain(value: &Value) -> Value {
    let inner = value
        .pointer("/0/message")
        .or_else(|| value.get(0))
        .unwrap_or(value);
    inner.get("content").unwrap_or(inner).clone()
}

#[test]
fn the_first_convention_with_either_side_gives_both() {
    let mut all = Map::from_iter([("ai.operationId".to_owned(), text("ai.generateText"))]);
    for (input, output) in PAIRS {
        all.insert(input.to_owned(), text(input));
        all.insert(output.to_owned(), text(output));
    }
    for (input, output) in PAIRS {
        let o = observation(json!(all));
        assert_eq!(
            (plain(&o.input), plain(&o.output)),
            (json!(input), json!(output))
        );
        // One side ends the search as both do.
        let whole = all.clone();
        all.remove(input);
        let o = observation(json!(all));
        assert_eq!(
            (plain(&o.input), plain(&o.output)),
            (Value::Null, json!(output))
        );
        all = whole;
        all.remove(output);
        let o = observation(json!(all));
        assert_eq!(
            (plain(&o.input), plain(&o.output)),
            (json!(input), Value::Null)
        );
        all.remove(input);
    }
    let o = observation(json!(all));
    assert_eq!((o.input, o.output), (Value::Null, Value::Null));
}

#[test]
fn vercel_has_a_key_for_each_kind_of_call() {
    let both = |own: Value| {
        let mut body = spans(json!([span(own)]));
        body["resourceSpans"][0]["scopeSpans"][0]["scope"] = json!({ "name": "ai" });
        let o = run(&body, &MapContext::default())
            .batch
            .observations
            .remove(0);
        (o.input, o.output)
    };
    for input in [
        "ai.prompt.messages",
        "ai.prompt",
        "ai.toolCall.args",
        "ai.value",
    ] {
        assert_eq!(both(json!({ input: text("i") })), (json!("i"), Value::Null));
    }
    for output in [
        "ai.response.text",
        "ai.response.object",
        "ai.response.toolCalls",
        "ai.result.text",
        "ai.result.object",
        "ai.result.toolCalls",
        "ai.toolCall.result",
        "ai.embedding",
    ] {
        assert_eq!(
            both(json!({ output: text("o") })),
            (Value::Null, json!("o"))
        );
    }
    // An answer of tool calls alone has an empty text.
    let own = json!({ "ai.prompt.messages": text("m"), "ai.prompt": text("p"),
        "ai.response.text": text(""), "ai.response.toolCalls": text("[]") });
    assert_eq!(both(own), (json!("m"), json!("[]")));
    let list = |of: &str| json!({ "arrayValue": { "values": [text(of)] } });
    assert_eq!(
        both(json!({ "ai.values": list("v"), "ai.embeddings": list("[0.5]") })),
        (json!(["v"]), json!(["[0.5]"]))
    );
    // Without the scope or the operation these are anyone's keys.
    let o = observation(json!({ "ai.prompt": text("p") }));
    assert_eq!(o.input, Value::Null);
}

fn with_events(events: Value) -> assay_model::Observation {
    let mut s = span(json!({ "input.value": text("later") }));
    s["events"] = events;
    run(&spans(json!([s])), &MapContext::default())
        .batch
        .observations
        .remove(0)
}

#[test]
fn messages_in_events() {
    let event = |name: &str, own: Value| json!({ "name": name, "timeUnixNano": "1", "attributes": attributes(&own) });
    let o = with_events(json!([
        event(
            "gen_ai.system.message",
            json!({ "content": text("be nice") })
        ),
        event(
            "gen_ai.user.message",
            json!({ "content": text("hi"), "role": text("customer") })
        ),
        event("gen_ai.unknown.message", json!({ "content": text("?") })),
        event(
            "gen_ai.choice",
            json!({ "index": int(0), "message": text("yo") })
        ),
    ]));
    assert_eq!(
        o.input,
        json!([{ "role": "system", "content": "be nice" }, { "role": "customer", "content": "hi" }])
    );
    assert_eq!(o.output, json!({ "index": 0, "message": "yo" }));
    assert_eq!(o.metadata["events"].as_array().unwrap().len(), 1);
    let o = with_events(json!([
        event("gen_ai.choice", json!({ "index": int(0) })),
        event("gen_ai.choice", json!({ "index": int(1) }))
    ]));
    assert_eq!(o.output, json!([{ "index": 0 }, { "index": 1 }]));
    let o = with_events(json!([event(
        "gen_ai.client.inference.operation.details",
        json!({ "gen_ai.input.messages": text("[1]"), "gen_ai.output.messages": text("[2]"), "x": int(1) })
    )]));
    assert_eq!((o.input, o.output), (json!("[1]"), json!("[2]")));
    assert_eq!(o.metadata["events"][0]["attributes"], json!({ "x": 1 }));
}

#[test]
fn flattened_messages_are_rebuilt_with_their_tool_calls() {
    let o = observation(json!({
        "gen_ai.prompt.0.role": text("user"), "gen_ai.prompt.0.content": text("hi"),
        "gen_ai.completion.0.tool_calls.0.name": text("f"), "gen_ai.completion.0.tool_calls.0.arguments": text("{}"),
        "gen_ai.completion.0.finish_reason": text("tool_calls") }));
    assert_eq!(o.input, json!([{ "role": "user", "content": "hi" }]));
    assert_eq!(
        o.output,
        json!([{ "finish_reason": "tool_calls", "tool_calls": [{ "name": "f", "arguments": "{}" }] }])
    );
}
