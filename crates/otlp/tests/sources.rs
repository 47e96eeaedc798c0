//! Where names, levels, and what concerns the trace come from, source by source, in the order of the conventions' precedence.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::{ExperimentLink, Level, Timestamp, Trace};
use assay_otlp::MapContext;
use common::{TRACE, attributes, in_order, mapped, observation, run, span, spans, text};
use serde_json::{Value, json};

#[test]
fn names() {
    for (own, expected) in [
        (json!({}), "s"),
        (json!({ "ai.operationId": text("ai.x") }), "ai.x"),
        (
            json!({ "ai.operationId": text("ai.x"), "ai.telemetry.functionId": text("f") }),
            "f:ai.x",
        ),
        (json!({ "ai.telemetry.functionId": text("f") }), "s"),
        (
            json!({ "ai.operationId": text("ai.toolCall"), "ai.toolCall.name": text("tool") }),
            "tool",
        ),
        (
            json!({ "ai.toolCall.name": text("tool"), "logfire.msg": text("msg") }),
            "msg",
        ),
        (
            json!({ "logfire.msg": text("msg"), "gen_ai.tool.name": text("get") }),
            "get",
        ),
    ] {
        assert_eq!(observation(own.clone()).name, expected, "{own}");
    }
}

#[test]
fn levels_and_messages() {
    let mut failed = span(json!({}));
    failed["status"] = json!({ "code": 2, "message": "broke" });
    let mut raised = span(json!({}));
    raised["status"] = json!({ "code": 2 });
    raised["events"] = json!([{ "name": "exception", "attributes": attributes(&json!({
        "exception.type": text("E"), "exception.message": text("raised") })) }]);
    let mut said = span(json!({ "langfuse.observation.level": text("warning"),
        "langfuse.observation.status_message": text("slow") }));
    said["status"] = json!({ "code": 2, "message": "broke" });
    let unknown = span(json!({ "langfuse.observation.level": text("LOUD") }));
    let ours = span(json!({ "assay.observation.level": text("DEBUG"),
        "assay.observation.status_message": text("odd") }));
    for (span, level, message) in [
        (ours, Level::Debug, Some("odd")),
        (failed, Level::Error, Some("broke")),
        (raised, Level::Error, Some("raised")),
        (said, Level::Warning, Some("slow")),
        (unknown, Level::Default, None),
    ] {
        let batch = run(&spans(json!([span])), &MapContext::default()).batch;
        let o = &batch.observations[0];
        assert_eq!((o.level, o.status_message.as_deref()), (level, message));
    }
}

#[test]
fn users_and_sessions() {
    in_order(
        &[
            "langfuse.user.id",
            "user.id",
            "langfuse.trace.user_id",
            "langfuse.trace.metadata.langfuse_user_id",
            "langfuse.observation.metadata.langfuse_user_id",
            "ai.telemetry.metadata.userId",
        ],
        |own| mapped(own).batch.traces.pop()?.user_id,
    );
    in_order(
        &[
            "langfuse.session.id",
            "session.id",
            "langfuse.trace.session_id",
            "gen_ai.conversation.id",
            "langfuse.trace.metadata.langfuse_session_id",
            "langfuse.observation.metadata.langfuse_session_id",
            "ai.telemetry.metadata.sessionId",
        ],
        |own| mapped(own).batch.traces.pop()?.session_id,
    );
}

#[test]
fn tags() {
    in_order(
        &[
            "langfuse.trace.tags",
            "langfuse.tags",
            "langfuse.trace.metadata.langfuse_tags",
            "langfuse.observation.metadata.langfuse_tags",
            "ai.telemetry.metadata.tags",
            "tag.tags",
        ],
        |own| mapped(own).batch.traces.pop()?.tags.pop(),
    );
    for tags in [
        json!({ "arrayValue": { "values": [text("a"), text("b")] } }),
        text("[\"a\", \"b\"]"),
        text("a, b"),
    ] {
        let own = json!({ "langfuse.trace.tags": tags });
        assert_eq!(mapped(own).batch.traces[0].tags, ["a", "b"]);
    }
}

#[test]
fn environments_are_the_span_s_before_the_resource_s_key_by_key() {
    let keys = [
        "langfuse.environment",
        "deployment.environment.name",
        "deployment.environment",
    ];
    for (i, key) in keys.iter().enumerate() {
        for (j, other) in keys.iter().enumerate() {
            let mut body = spans(json!([span(json!({ *key: text("Span") }))]));
            body["resourceSpans"][0]["resource"] =
                json!({ "attributes": attributes(&json!({ *other: text("resource") })) });
            let batch = run(&body, &MapContext::default()).batch;
            let expected = if i <= j { "span" } else { "resource" };
            let environment = batch.observations[0].environment.as_deref();
            assert_eq!(environment, Some(expected), "{key} {other}");
            // The trace has it too: its span's, or else its resource's.
            assert_eq!(batch.traces[0].environment.as_deref(), Some(expected));
        }
    }
}

#[test]
fn releases_versions_and_publicity() {
    let mut body = spans(json!([span(
        json!({ "langfuse.version": text("v2"), "langfuse.public": text("true") })
    )]));
    body["resourceSpans"][0]["resource"] = json!({ "attributes": attributes(&json!({
        "service.version": text("v1"), "langfuse.release": text("r1") })) });
    let batch = run(&body, &MapContext::default()).batch;
    assert_eq!(batch.observations[0].version.as_deref(), Some("v2"));
    let trace = &batch.traces[0];
    assert_eq!(trace.version.as_deref(), Some("v2"));
    assert_eq!(trace.release.as_deref(), Some("r1"));
    assert_eq!(trace.public, Some(true));
    let own =
        json!({ "langfuse.trace.public": { "boolValue": true }, "langfuse.release": text("r2") });
    let trace = mapped(own).batch.traces.remove(0);
    assert_eq!(
        (trace.public, trace.release.as_deref()),
        (Some(true), Some("r2"))
    );
    assert_eq!(
        mapped(json!({ "langfuse.public": text("no") }))
            .batch
            .traces,
        []
    );
}

#[test]
fn roots() {
    for key in ["langfuse.internal.as_root", "langfuse.internal.is_app_root"] {
        for (value, expected) in [
            (json!({ "boolValue": true }), true),
            (text("true"), true),
            (json!({ "boolValue": false }), false),
        ] {
            let mut s = span(json!({ key: value }));
            s["parentSpanId"] = json!("00000000000000aa");
            let o = run(&spans(json!([s])), &MapContext::default())
                .batch
                .observations
                .remove(0);
            assert_eq!((o.app_root, o.is_root()), (expected, expected), "{key}");
            assert_eq!(o.metadata, Value::Null);
        }
    }
}

#[test]
fn python_5_metadata_is_json_and_javascript_5_metadata_is_not() {
    let body = spans(json!([span(json!({
        "langfuse.observation.metadata.tier": text("\"gold\""),
        "langfuse.observation.metadata.a.b": text("{\"n\":1}"),
        "langfuse.observation.metadata.bad": text("not json"),
        "langfuse.trace.metadata.t": text("\"x\""),
    }))]));
    let as_sent = |name: &str, version: &str| {
        let ctx = MapContext {
            sdk_name: Some(name.to_owned()),
            sdk_version: Some(version.to_owned()),
            ..MapContext::default()
        };
        let batch = run(&body, &ctx).batch;
        let o = &batch.observations[0].metadata;
        json!([o["tier"], o["a.b"], o["bad"], batch.traces[0].metadata["t"]])
    };
    assert_eq!(
        as_sent("python", "5.0.4"),
        json!(["gold", { "n": 1 }, "not json", "x"])
    );
    for (name, version) in [
        ("python", "4.18.0"),
        ("javascript", "5.11.1"),
        ("python", ""),
    ] {
        assert_eq!(
            as_sent(name, version),
            json!(["\"gold\"", "{\"n\":1}", "not json", "\"x\""]),
            "{name} {version}"
        );
    }
}

#[test]
fn experiments() {
    let key = |rest: &str| format!("langfuse.experiment.{rest}");
    let own = json!({ key("id"): text("e"), key("name"): text("n"), key("description"): text("d"),
        key("metadata"): text("{\"n\": 1}"), key("metadata.n"): text("1"), key("metadata.m"): text("2"),
        key("dataset.id"): text("ds"), key("item.id"): text("i"), key("item.version"): text("v"),
        key("item.root_observation_id"): text("r"), key("item.expected_output"): text("{\"a\": 1}"),
        key("item.metadata"): text("plain"), key("other"): text("o"), key("item.metadata.x"): text("y") });
    let o = observation(own.clone());
    let link = ExperimentLink {
        id: "e".to_owned(),
        name: Some("n".to_owned()),
        description: Some("d".to_owned()),
        metadata: json!({ "n": 1, "m": "2" }),
        dataset_id: Some("ds".to_owned()),
        item_id: Some("i".to_owned()),
        item_version: Some("v".to_owned()),
        root_observation_id: Some("r".to_owned()),
        expected_output: json!("{\"a\": 1}"),
        item_metadata: json!({ "value": "plain", "x": "y" }),
    };
    assert_eq!(o.experiment, Some(link));
    assert_eq!(o.metadata["attributes"], json!({ key("other"): "o" }));
    let mut without = own;
    without[key("id")] = text("");
    let o = observation(without);
    assert_eq!(o.experiment, None);
    assert_eq!(o.metadata["attributes"][key("name")], "n");
}

#[test]
fn later_spans_win_and_tags_and_metadata_are_united() {
    let of = |id: &str, start: u64, own: Value| {
        let mut s = span(own);
        s["spanId"] = json!(id);
        s["startTimeUnixNano"] = json!(start);
        s
    };
    let first = json!({ "langfuse.trace.name": text("a"), "langfuse.trace.tags": text("x,y"),
        "langfuse.trace.metadata": text("{\"p\": 1, \"q\": 1}"), "langfuse.trace.input": text("in"),
        "user.id": text("u") });
    let second = json!({ "langfuse.trace.name": text("b"), "langfuse.trace.tags": text("y,z"),
        "langfuse.trace.metadata.q": text("2"), "langfuse.trace.output": text("out") });
    let silent = json!({ "input.value": text("not the trace's") });
    let body = spans(json!([
        of("00000000000000aa", 3000, first),
        of("00000000000000bb", 2000, second),
        of("00000000000000cc", 1000, silent),
    ]));
    let batch = run(&body, &MapContext::default()).batch;
    let expected = Trace {
        id: TRACE.to_owned(),
        name: Some("b".to_owned()),
        timestamp: Timestamp::from_micros(1),
        user_id: Some("u".to_owned()),
        input: json!("in"),
        output: json!("out"),
        metadata: json!({ "p": 1, "q": "2" }),
        tags: ["x", "y", "z"].map(str::to_owned).to_vec(),
        ..Trace::default()
    };
    assert_eq!(batch.traces, [expected]);
}
