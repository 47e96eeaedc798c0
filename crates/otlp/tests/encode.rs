//! The way out and back: what is encoded is decoded as it was, and is understood by those who know only a convention.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::{
    Batch, ExperimentLink, Level, Observation, ObservationType, Score, ScoreSource, ScoreType,
    Timestamp, TokenUsage, Trace,
};
use assay_otlp::proto::{AnyKind, Span, TracesRequest};
use assay_otlp::{
    EncodeContext, Encoding, MapContext, Mapped, decode, encode, gunzip, gzip, map, to_protobuf,
};
use common::START;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Over the wire and back.
fn there_and_back(batch: &Batch) -> Mapped {
    let packed = gzip(&to_protobuf(&encode(batch, EncodeContext::default())));
    let body = gunzip(&packed, 100 << 20).unwrap();
    let mapped = map(
        decode(&body, Encoding::Protobuf).unwrap(),
        &MapContext::default(),
    );
    assert_eq!(mapped.rejected, []);
    mapped
}

fn of(observations: Vec<Observation>) -> Batch {
    Batch {
        observations,
        ..Batch::default()
    }
}

fn at(after_us: i64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(START / 1000).unwrap() + after_us)
}

/// One that says something in every field.
fn full() -> Observation {
    Observation {
        id: "00f067aa0ba902b7".to_owned(),
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        parent_id: Some("00f067aa0ba902b8".to_owned()),
        kind: ObservationType::Generation,
        name: "answer".to_owned(),
        start_time: at(0),
        end_time: Some(at(850_001)),
        completion_start_time: Some(at(250_000)),
        level: Level::Error,
        status_message: Some("cut off".to_owned()),
        input: json!([{"role": "user", "content": "How long?"}]),
        output: json!("5 business days"),
        model: Some("large-1".to_owned()),
        model_parameters: json!({"temperature": 0.5, "max_tokens": 10, "own": {"a": 1}}),
        usage: Some(TokenUsage {
            input: 120,
            output: 45,
        }),
        usage_details: BTreeMap::from(
            [
                ("input", 20),
                ("input_cached_tokens", 100),
                ("output", 38),
                ("output_reasoning_tokens", 7),
                ("total", 165),
            ]
            .map(|(bucket, n)| (bucket.to_owned(), n)),
        ),
        cost_usd: Some(0.5),
        cost_details: BTreeMap::from([("input".to_owned(), 0.25), ("total".to_owned(), 0.5)]),
        prompt_name: Some("support".to_owned()),
        prompt_version: Some(3),
        environment: Some("production".to_owned()),
        version: Some("1.2".to_owned()),
        app_root: true,
        experiment: Some(ExperimentLink {
            id: "e".to_owned(),
            name: Some("nightly".to_owned()),
            description: Some("all of it".to_owned()),
            metadata: json!({"a": 1}),
            dataset_id: Some("d".to_owned()),
            item_id: Some("i".to_owned()),
            item_version: Some("7".to_owned()),
            root_observation_id: Some("root".to_owned()),
            expected_output: json!({"days": 5}),
            item_metadata: json!({"b": [2]}),
        }),
        metadata: json!({
            "mine": {"x": [1, "2"]},
            "attributes": {"http.route": "/chat", "gen_ai.request.model": "asked"},
            "events": [{"name": "retry", "time": at(5), "attributes": {"n": 1}}],
            "links": [{"trace_id": "0af7651916cd43dd8448eb211c80319d", "span_id": "00f067aa0ba902b9", "attributes": {}}],
            "resource_attributes": {"service.name": "shop", "deployment.environment": "staging", "service.version": "9"},
            "scope": {"name": "openinference.instrumentation.openai", "version": "1"},
        }),
    }
}

fn trace() -> Trace {
    Trace {
        id: full().trace_id,
        name: Some("chat".to_owned()),
        timestamp: at(0),
        user_id: Some("u-1".to_owned()),
        session_id: Some("s-1".to_owned()),
        input: json!({"question": "How long?"}),
        output: json!(""),
        metadata: json!({"plan": "pro", "nested": {"n": [1]}}),
        tags: vec!["a".to_owned(), "b,c".to_owned()],
        environment: Some("production".to_owned()),
        release: Some("2026.11".to_owned()),
        version: Some("1.2".to_owned()),
        public: Some(true),
    }
}

#[test]
fn every_field_comes_back() {
    let batch = Batch {
        traces: vec![trace()],
        ..of(vec![full()])
    };
    let mapped = there_and_back(&batch);
    assert_eq!(mapped.batch, batch);
    assert_eq!(mapped.forwarded.len(), 1);
}

#[test]
fn what_the_conventions_cannot_say_comes_back() {
    let plain = Observation {
        id: "o 1".to_owned(),
        trace_id: "t-1".to_owned(),
        name: "n".to_owned(),
        start_time: at(0),
        ..Observation::default()
    };
    let odd = [
        plain.clone(),
        Observation {
            parent_id: Some("o 1".to_owned()),
            id: "0".repeat(16),
            end_time: Some(at(-5)),
            ..plain.clone()
        },
        Observation {
            id: "sums alone".to_owned(),
            usage: Some(TokenUsage {
                input: 3,
                output: 0,
            }),
            cost_usd: Some(0.25),
            ..plain.clone()
        },
        Observation {
            id: "sums that are not those of the buckets".to_owned(),
            usage: None,
            usage_details: BTreeMap::from([("input".to_owned(), 3)]),
            cost_usd: Some(1.0),
            cost_details: BTreeMap::from([("a".to_owned(), 0.25)]),
            ..plain.clone()
        },
        Observation {
            id: "empty texts".to_owned(),
            input: json!(""),
            output: json!("[1"),
            metadata: json!({"input": "", "attributes": "mine"}),
            ..plain.clone()
        },
        Observation {
            id: "texts that are JSON".to_owned(),
            input: json!("{\"a\": 1}"),
            output: json!(7.5),
            ..plain.clone()
        },
    ];
    // Of another deployment than the trace, and of no version while the trace has one.
    let word = Trace {
        id: "t-1".to_owned(),
        timestamp: at(0),
        environment: Some("production".to_owned()),
        version: Some("2".to_owned()),
        ..Trace::default()
    };
    let mut batch = of(odd.to_vec());
    batch.traces.push(word);
    assert_eq!(there_and_back(&batch).batch, batch);
}

#[test]
fn large_contents_go_out_once() {
    let text = "x".repeat(100_000);
    let observation = Observation {
        input: json!([{"role": "user", "content": text}]),
        output: json!("short"),
        ..full()
    };
    let batch = of(vec![observation]);
    let bytes = to_protobuf(&encode(&batch, EncodeContext::default()));
    assert!((100_000..150_000).contains(&bytes.len()), "{}", bytes.len());
    assert_eq!(
        there_and_back(&batch).batch.observations,
        batch.observations
    );
}

#[test]
fn scores_go_with_what_they_are_about() {
    let score = |id: &str, on: Option<&str>| Score {
        id: id.to_owned(),
        trace_id: full().trace_id,
        observation_id: on.map(str::to_owned),
        name: "helpful".to_owned(),
        value: Some(0.5),
        comment: Some("so so".to_owned()),
        timestamp: at(9),
        metadata: json!({"judge": "large-1"}),
        ..Score::default()
    };
    let id = full().id;
    let batch = Batch {
        scores: vec![
            score("s 1", Some(&id)),
            Score {
                data_type: ScoreType::Categorical,
                value: None,
                string_value: Some("good".to_owned()),
                source: ScoreSource::Annotation,
                author_id: Some("ann".to_owned()),
                ..score("s 2", Some(&id))
            },
            score("s 3", None),
            score("s 4", Some("elsewhere")),
        ],
        ..of(vec![full()])
    };
    let back = there_and_back(&batch).batch.scores;
    assert_eq!(back, batch.scores[..3]);
}

#[test]
fn a_stranger_says_no_more_in_our_dialect_than_a_batch_may() {
    let batch = of(vec![Observation {
        id: "mine".to_owned(),
        trace_id: "t".to_owned(),
        ..full()
    }]);
    let honest = there_and_back(&batch).batch.observations.remove(0);
    let mut request = encode(&batch, EncodeContext::default());
    let span = &mut request.resource_spans[0].scope_spans[0].spans[0];
    let stored = json!({
        "id": "another", "trace_id": "u", "parent_id": "p", "cost_usd": -1, "usage": {"input": u64::MAX, "output": 0},
        "environment": "x", "name": "y", "end_time": 7, "trace.version": "v".repeat(5000),
    });
    for kv in &mut span.attributes {
        if kv.key == "assay.as_stored" {
            kv.value.as_mut().unwrap().value = Some(AnyKind::String(stored.to_string()));
        }
    }
    let (trace, id) = (hex::encode(&span.trace_id), hex::encode(&span.span_id));
    let lied = map(request, &MapContext::default()).batch;
    let o = &lied.observations[0];
    assert_eq!(
        (o.trace_id.as_str(), o.id.as_str()),
        (trace.as_str(), id.as_str())
    );
    assert_eq!((o.cost_usd, o.usage), (None, None));
    assert_eq!((&o.name, o.end_time), (&honest.name, honest.end_time));
    assert_eq!(o.environment, honest.environment);
    assert!(lied.traces.iter().all(|t| t.version.is_none()));
}

/// The request without what Langfuse and this platform read, as from a scope that nobody knows.
fn conventions_alone(batch: &Batch, keep: fn(&str) -> bool) -> Observation {
    let mut request = encode(batch, EncodeContext::default());
    for scope in request
        .resource_spans
        .iter_mut()
        .flat_map(|r| &mut r.scope_spans)
    {
        scope.scope = None;
        for span in &mut scope.spans {
            span.attributes.retain(|kv| keep(&kv.key));
        }
    }
    let mut mapped = map(request, &MapContext::default());
    assert!(mapped.forwarded.is_empty());
    mapped.batch.observations.remove(0)
}

#[test]
fn each_convention_alone_is_understood() {
    for kind in [
        ObservationType::Generation,
        ObservationType::Embedding,
        ObservationType::Agent,
        ObservationType::Tool,
        ObservationType::Chain,
        ObservationType::Retriever,
    ] {
        let batch = of(vec![Observation { kind, ..full() }]);
        let genai = conventions_alone(&batch, |k| {
            k.starts_with("gen_ai.") && k != "gen_ai.usage.cost"
        });
        let phoenix = conventions_alone(&batch, |k| {
            !["gen_ai.", "langfuse.", "assay."]
                .iter()
                .any(|p| k.starts_with(p))
        });
        let langfuse = conventions_alone(&batch, |k| k.starts_with("langfuse."));
        for (name, read) in [
            ("GenAI", &genai),
            ("OpenInference", &phoenix),
            ("Langfuse", &langfuse),
        ] {
            assert_eq!(read.kind, kind, "{name}");
            assert_eq!(read.name, "answer", "{name}");
            assert_eq!(read.model.as_deref(), Some("large-1"), "{name}");
            assert_eq!(read.usage, full().usage, "{name}");
            let cached = read.usage_details.get("input_cached_tokens");
            assert_eq!(cached, Some(&100), "{name}");
            assert_eq!(read.level, Level::Error, "{name}");
            assert_eq!(read.model_parameters["temperature"], 0.5, "{name}");
        }
        let text = full().input.to_string();
        assert_eq!(
            (&phoenix.input, &phoenix.output),
            (&json!(text), &full().output)
        );
        assert_eq!(
            (&langfuse.input, &langfuse.output),
            (&json!(text), &full().output)
        );
        assert_eq!(phoenix.cost_usd, Some(0.5));
        assert_eq!(langfuse.cost_details, full().cost_details);
        assert_eq!(phoenix.metadata["mine"], full().metadata["mine"]);
        assert_eq!(langfuse.metadata["mine"], full().metadata["mine"]);
        if kind == ObservationType::Generation {
            let messages: Value = serde_json::from_str(genai.input.as_str().unwrap()).unwrap();
            assert_eq!(
                messages,
                json!([{"role": "user", "parts": [{"type": "text", "content": "How long?"}]}])
            );
        }
    }
    for kind in [ObservationType::Guardrail, ObservationType::Evaluator] {
        let batch = of(vec![Observation { kind, ..full() }]);
        assert_eq!(
            conventions_alone(&batch, |k| k.starts_with("openinference")).kind,
            kind
        );
    }
}

fn attribute(span: &Span, key: &str) -> Option<AnyKind> {
    let found = span.attributes.iter().find(|kv| kv.key == key)?;
    found.value.as_ref()?.value.clone()
}

fn spans(request: &TracesRequest) -> Vec<&Span> {
    let scopes = request.resource_spans.iter().flat_map(|r| &r.scope_spans);
    scopes.flat_map(|s| &s.spans).collect()
}

#[test]
fn what_viewers_look_for_is_there() {
    let call = json!([{"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{\"a\":1}"}}]}]);
    let batch = Batch {
        traces: vec![trace()],
        ..of(vec![
            Observation {
                output: call,
                ..full()
            },
            Observation {
                id: "00f067aa0ba902ba".to_owned(),
                kind: ObservationType::Retriever,
                output: json!([{"page_content": "Refunds", "score": 0.5}, "Hours"]),
                ..full()
            },
        ])
    };
    let ctx = EncodeContext {
        project: Some("shop"),
    };
    let request = encode(&batch, ctx);
    // Of one process, so one resource.
    assert_eq!(request.resource_spans.len(), 1);
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let named = |key: &str| {
        let found = resource.attributes.iter().find(|kv| kv.key == key).unwrap();
        found.value.as_ref().unwrap().value.clone().unwrap()
    };
    let text = |s: &str| AnyKind::String(s.to_owned());
    assert_eq!(named("openinference.project.name"), text("shop"));
    assert_eq!(named("service.name"), text("shop"));
    let all = spans(&request);
    let (llm, retriever) = (all[0], all[1]);
    for (key, value) in [
        ("openinference.span.kind", "LLM"),
        ("input.mime_type", "application/json"),
        ("llm.input_messages.0.message.role", "user"),
        ("llm.input_messages.0.message.content", "How long?"),
        (
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name",
            "f",
        ),
        ("session.id", "s-1"),
        ("user.id", "u-1"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.conversation.id", "s-1"),
        ("langfuse.observation.type", "generation"),
        ("langfuse.trace.name", "chat"),
        ("http.route", "/chat"),
        // Ours stays where the client's own has the same name.
        ("gen_ai.request.model", "large-1"),
    ] {
        assert_eq!(attribute(llm, key), Some(text(value)), "{key}");
    }
    assert_eq!(llm.events[0].name, "retry");
    assert_eq!(llm.links.len(), 1);
    assert_eq!((llm.kind, llm.status.as_ref().unwrap().code), (3, 2));
    assert_eq!(
        attribute(retriever, "retrieval.documents.1.document.content"),
        Some(text("Hours"))
    );
    assert_eq!(attribute(retriever, "user.id"), Some(text("u-1")));
    // The trace speaks once.
    assert_eq!(attribute(retriever, "langfuse.trace.name"), None);
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 ._é\u{1F600}-]{1,12}".prop_filter("not blank", |s| !s.trim().is_empty())
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9a-f]{16}", "[0-9a-f]{32}", "[A-Za-z0-9 -]{1,40}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000_i32..1000).prop_map(|n| Value::from(f64::from(n) / 8.0)),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_.]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// An object, or null.
fn object() -> impl Strategy<Value = Value> {
    any_json().prop_map(|value| match value {
        Value::Object(map) if !map.is_empty() => Value::Object(map),
        _ => Value::Null,
    })
}

fn environment() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-km-z][a-z0-9-]{0,10}")
}

fn kinds() -> impl Strategy<Value = ObservationType> {
    use ObservationType as T;
    prop_oneof![
        Just(T::Span),
        Just(T::Generation),
        Just(T::Event),
        Just(T::Embedding),
        Just(T::Agent),
        Just(T::Tool),
        Just(T::Chain),
        Just(T::Retriever),
        Just(T::Guardrail),
        Just(T::Evaluator),
    ]
}

fn buckets() -> impl Strategy<Value = BTreeMap<String, u64>> {
    let bucket = prop_oneof![
        "input[a-z_]{0,4}",
        "output[a-z_]{0,4}",
        "total",
        "[a-z]{1,6}"
    ];
    proptest::collection::btree_map(bucket, 0_u64..1_000_000, 0..4)
}

fn observation() -> impl Strategy<Value = Observation> {
    let places = (id(), id(), proptest::option::of(id()), kinds(), name());
    let times = (
        1_i64..4_000_000_000_000_000,
        proptest::option::of(1_i64..4_000_000_000_000_000),
        proptest::option::of(1_i64..4_000_000_000_000_000),
    );
    let contents = (any_json(), any_json(), object(), object());
    let costs = (
        buckets(),
        proptest::option::of((0_u64..1000, 0_u64..1000)),
        proptest::option::of(0_u32..1000),
        buckets(),
    );
    let rest = (
        proptest::option::of(name()),
        proptest::option::of((name(), any::<i64>())),
        environment(),
        proptest::option::of(name()),
        any::<bool>(),
        proptest::option::of(name()),
        0..4_usize,
    );
    (places, times, contents, costs, rest).prop_map(
        |(
            (trace_id, id, parent, kind, name),
            (start, end, first),
            (input, output, model_parameters, metadata),
            (usage_details, usage, cost, cost_details),
            (model, prompt, environment, version, app_root, status_message, level),
        )| Observation {
            // Nothing is its own parent.
            parent_id: parent.filter(|p| *p != id),
            id,
            trace_id,
            kind,
            name,
            start_time: Timestamp::from_micros(start),
            end_time: end.map(Timestamp::from_micros),
            completion_start_time: first.map(Timestamp::from_micros),
            level: [Level::Debug, Level::Default, Level::Warning, Level::Error][level],
            status_message,
            input,
            output,
            model,
            model_parameters,
            usage: usage.map(|(input, output)| TokenUsage { input, output }),
            usage_details,
            cost_usd: cost.map(|n| f64::from(n) / 64.0),
            cost_details: cost_details
                .into_iter()
                .map(|(bucket, n)| (bucket, n as f64 / 64.0))
                .collect(),
            prompt_name: prompt.as_ref().map(|(name, _)| name.clone()),
            prompt_version: prompt.map(|(_, version)| version),
            environment,
            version,
            app_root,
            experiment: None,
            metadata,
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_stored_comes_back(
        mut observations in proptest::collection::vec(observation(), 1..4),
        word in (proptest::option::of(name()), proptest::option::of(name()), any_json(), any_json(), object(), environment()),
    ) {
        // Two of one place would be one.
        for (i, o) in observations.iter_mut().enumerate() {
            o.trace_id.push_str(&i.to_string());
        }
        let traces: Vec<Trace> = observations
            .iter()
            .map(|o| Trace {
                id: o.trace_id.clone(),
                timestamp: o.start_time,
                name: word.0.clone(),
                user_id: word.1.clone(),
                input: word.2.clone(),
                output: word.3.clone(),
                metadata: word.4.clone(),
                environment: word.5.clone(),
                ..Trace::default()
            })
            .collect();
        let batch = Batch { traces, ..of(observations) };
        let back = there_and_back(&batch);
        let key = |o: &Observation| (o.trace_id.clone(), o.id.clone());
        let (mut sent, mut read) = (batch.observations, back.batch.observations);
        sent.sort_by_key(key);
        read.sort_by_key(key);
        prop_assert_eq!(read, sent);
        let silent = |t: &Trace| *t == Trace { id: t.id.clone(), timestamp: t.timestamp, ..Trace::default() };
        let mut sent: Vec<Trace> = batch.traces.into_iter().filter(|t| !silent(t)).collect();
        let mut read = back.batch.traces;
        sent.sort_by(|a, b| a.id.cmp(&b.id));
        read.sort_by(|a, b| a.id.cmp(&b.id));
        prop_assert_eq!(read, sent);
    }
}
