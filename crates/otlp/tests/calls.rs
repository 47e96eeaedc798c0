//! What is known of the call of a model: type, model, parameters, prompt, first token, tokens, cost.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::{ObservationType, Timestamp};
use assay_otlp::MapContext;
use common::{START, in_order, int, observation, run, span, spans, text};
use serde_json::{Map, Value, json};

#[test]
fn first_tokens() {
    let at = |own: Value| observation(own).completion_start_time;
    let start = i64::try_from(START / 1000).unwrap();
    let given = "2018-12-13T14:51:00.25Z";
    let expected = Some(Timestamp::from_micros(start + 250_000));
    for text_of in [
        format!("\"{given}\""),
        given.to_owned(),
        given.replace('Z', ""),
    ] {
        let own = json!({ "langfuse.observation.completion_start_time": text(&text_of),
            "ai.response.msToFirstChunk": int(9) });
        assert_eq!(at(own), expected, "{text_of}");
    }
    assert_eq!(
        at(
            json!({ "ai.response.msToFirstChunk": { "doubleValue": 250.0 },
            "gen_ai.response.time_to_first_chunk": int(9) })
        ),
        expected
    );
    assert_eq!(
        at(json!({ "gen_ai.response.time_to_first_chunk": { "doubleValue": 0.25 } })),
        expected
    );
    for bad in [
        json!({ "doubleValue": "NaN" }),
        int(-1),
        int(i64::MAX),
        text("soon"),
    ] {
        let o = observation(json!({ "gen_ai.response.time_to_first_chunk": bad }));
        assert_eq!(o.completion_start_time, None);
        // What makes no time can still be read.
        assert!(o.metadata["attributes"].is_object());
    }
}

#[test]
fn prompts() {
    let prompt = |own: Value| {
        let o = observation(own);
        (o.prompt_name, o.prompt_version)
    };
    let name = Some("p".to_owned());
    for (version, expected) in [
        (int(3), Some(3)),
        (text("3"), Some(3)),
        (text("\"3\""), Some(3)),
        (text("three"), None),
    ] {
        let own = json!({ "langfuse.observation.prompt.name": text("p"),
            "langfuse.observation.prompt.version": version });
        assert_eq!(prompt(own), (name.clone(), expected));
    }
    let own = json!({ "ai.telemetry.metadata.langfusePrompt": text("{\"name\":\"p\",\"version\":4,\"prompt\":\"…\"}") });
    assert_eq!(prompt(own), (name, Some(4)));
}

#[test]
fn tokens_by_every_spelling() {
    let plain = json!({ "input": 20, "input_cached_tokens": 100, "output": 38,
        "output_reasoning_tokens": 7, "total": 165 });
    let spellings = [
        (
            "gen_ai.usage.",
            [
                "input_tokens",
                "output_tokens",
                "cache_read.input_tokens",
                "reasoning.output_tokens",
            ],
        ),
        (
            "gen_ai.usage.",
            [
                "prompt_tokens",
                "completion_tokens",
                "cache_read_input_tokens",
                "reasoning_tokens",
            ],
        ),
        (
            "llm.token_count.",
            [
                "prompt",
                "completion",
                "prompt_details.cache_read",
                "completion_details.reasoning",
            ],
        ),
        (
            "ai.usage.",
            [
                "promptTokens",
                "completionTokens",
                "cachedInputTokens",
                "reasoningTokens",
            ],
        ),
        (
            "ai.usage.",
            [
                "inputTokens",
                "outputTokens",
                "inputTokenDetails.cacheReadTokens",
                "outputTokenDetails.reasoningTokens",
            ],
        ),
    ];
    for (prefix, names) in spellings {
        let mut own: Map<String, Value> = names
            .into_iter()
            .zip([120, 45, 100, 7])
            .map(|(name, n)| (format!("{prefix}{name}"), int(n)))
            .collect();
        let o = observation(json!(own));
        assert_eq!(json!(o.usage_details), plain, "{prefix}{names:?}");
        assert_eq!(o.usage.map(|u| (u.input, u.output)), Some((120, 45)));
        let total = if prefix == "ai.usage." {
            "totalTokens"
        } else {
            "total_tokens"
        };
        own.insert(format!("{prefix}{total}"), int(200));
        assert_eq!(observation(json!(own)).usage_details["total"], 200);
    }
    let embedded = json!({ "ai.usage.tokens": int(4) });
    assert_eq!(
        json!(observation(embedded).usage_details),
        json!({ "input": 4, "total": 4 })
    );
    let audio = json!({ "llm.token_count.prompt": int(5), "llm.token_count.prompt_details.audio": int(2),
        "llm.token_count.completion": int(5), "llm.token_count.completion_details.audio": int(1),
        "llm.token_count.other": int(3) });
    assert_eq!(
        json!(observation(audio).usage_details),
        json!({ "input": 3, "input_audio_tokens": 2, "output": 4, "output_audio_tokens": 1, "other": 3, "total": 13 })
    );
}

#[test]
fn given_usage_and_cost_are_kept_as_given_without_what_is_none() {
    let o = observation(json!({
        "langfuse.observation.usage_details": text("{\"input\":5,\"output\":2.0,\"bad\":-1,\"worse\":\"x\",\"half\":0.5}"),
        "langfuse.observation.cost_details": text("{\"input\":0.5,\"output\":0.25,\"bad\":-1,\"worse\":null}"),
        "gen_ai.usage.input_tokens": int(9), "gen_ai.usage.cost": { "doubleValue": 9.0 } }));
    assert_eq!(json!(o.usage_details), json!({ "input": 5, "output": 2 }));
    assert_eq!(
        json!(o.cost_details),
        json!({ "input": 0.5, "output": 0.25 })
    );
    assert_eq!(o.cost_usd, Some(0.75));
    let o = observation(json!({ "langfuse.observation.usage_details": text("[1]"),
        "llm.cost.total": { "doubleValue": 0.5 }, "gen_ai.usage.cost": { "doubleValue": "NaN" },
        "gen_ai.usage.input_tokens": text("many") }));
    assert_eq!(json!(o.cost_details), json!({ "total": 0.5 }));
    assert!(o.usage_details.is_empty() && o.usage.is_none());
    assert_eq!(
        o.metadata["attributes"],
        json!({ "langfuse.observation.usage_details": "[1]", "gen_ai.usage.cost": "NaN",
                "gen_ai.usage.input_tokens": "many" })
    );
}

#[test]
fn types_by_convention() {
    for (attributes, expected) in [
        (json!({}), ObservationType::Span),
        (
            json!({ "langfuse.observation.type": text("guardrail"), "openinference.span.kind": text("LLM") }),
            ObservationType::Guardrail,
        ),
        (
            json!({ "openinference.span.kind": text("LLM") }),
            ObservationType::Generation,
        ),
        (
            json!({ "gen_ai.operation.name": text("execute_tool") }),
            ObservationType::Tool,
        ),
        (
            json!({ "gen_ai.operation.name": text("retrieval") }),
            ObservationType::Retriever,
        ),
        (
            json!({ "gen_ai.tool.name": text("f") }),
            ObservationType::Tool,
        ),
        (
            json!({ "ai.operationId": text("ai.generateText.doGenerate"), "ai.model.id": text("m") }),
            ObservationType::Generation,
        ),
        (
            json!({ "ai.operationId": text("ai.toolCall") }),
            ObservationType::Tool,
        ),
        (
            json!({ "gen_ai.request.model": text("m") }),
            ObservationType::Generation,
        ),
    ] {
        let mapped = run(
            &spans(json!([span(attributes.clone())])),
            &MapContext::default(),
        );
        assert_eq!(mapped.batch.observations[0].kind, expected, "{attributes}");
    }
}

#[test]
fn two_spellings_of_one_usage_are_counted_once() {
    let body = spans(json!([span(json!({
        "gen_ai.usage.input_tokens": { "intValue": 5 }, "gen_ai.usage.prompt_tokens": { "intValue": 5 },
        "gen_ai.usage.output_tokens": { "intValue": -1 }, "gen_ai.usage.cost": { "doubleValue": 0.25 } }))]));
    let o = run(&body, &MapContext::default())
        .batch
        .observations
        .remove(0);
    assert_eq!(o.usage.map(|u| (u.input, u.output)), Some((5, 0)));
    assert_eq!(o.cost_usd, Some(0.25));
    assert_eq!(json!(o.usage_details), json!({ "input": 5, "total": 5 }));
}

#[test]
fn models() {
    in_order(
        &[
            "langfuse.observation.model.name",
            "gen_ai.response.model",
            "ai.model.id",
            "gen_ai.request.model",
            "llm.response.model",
            "llm.model_name",
            "llm.response.model_name",
            "embedding.model_name",
            "reranker.model_name",
            "model",
        ],
        |own| observation(own).model,
    );
}

#[test]
fn model_parameters() {
    let requested = json!({ "gen_ai.request.model": text("m"), "gen_ai.request.temperature": { "doubleValue": 0.5 } });
    assert_eq!(
        observation(requested).model_parameters,
        json!({ "temperature": 0.5 })
    );
    assert_eq!(
        observation(json!({ "gen_ai.request.model": text("m") })).model_parameters,
        Value::Null
    );
    for key in [
        "langfuse.observation.model.parameters",
        "llm.invocation_parameters",
        "model_config",
    ] {
        let own = json!({ key: text("{\"seed\": 1}"), "gen_ai.request.top_k": int(2) });
        assert_eq!(observation(own).model_parameters, json!({ "seed": 1 }));
        let own = json!({ key: text("fast") });
        assert_eq!(
            observation(own).model_parameters,
            json!({ "value": "fast" })
        );
    }
}

#[test]
fn what_is_none_of_our_types_may_be_told_by_another_convention_but_not_by_a_model() {
    let of = |operation: &str| {
        let own = json!({ "openinference.span.kind": text("RERANKER"), "reranker.model_name": text("m"),
            "gen_ai.operation.name": text(operation) });
        observation(own).kind
    };
    assert_eq!(of("retrieval"), ObservationType::Retriever);
    assert_eq!(of("rerank"), ObservationType::Span);
    let o = observation(json!({ "langfuse.observation.type": text("dance"), "model": text("m") }));
    assert_eq!(o.kind, ObservationType::Generation);
    assert_eq!(
        o.metadata["attributes"],
        json!({ "langfuse.observation.type": "dance" })
    );
}

#[test]
fn old_python_clients_call_generations_spans() {
    let kind = |name: &str, version: &str, key: &str| {
        let own = json!({ "langfuse.observation.type": text("span"), key: text("{}") });
        let ctx = MapContext {
            sdk_name: Some(name.to_owned()),
            sdk_version: Some(version.to_owned()),
            ..MapContext::default()
        };
        run(&spans(json!([span(own)])), &ctx).batch.observations[0].kind
    };
    let usage = "langfuse.observation.usage_details";
    for version in ["3.3.0", "3.0", "3.2.9rc1"] {
        assert_eq!(kind("Python", version, usage), ObservationType::Generation);
    }
    for (name, version, key) in [
        ("python", "3.3.1", usage),
        ("python", "4.0.0", usage),
        ("javascript", "3.3.0", usage),
        ("python", "x", usage),
        ("python", "3.3.0", "other"),
    ] {
        assert_eq!(
            kind(name, version, key),
            ObservationType::Span,
            "{name} {version}"
        );
    }
}
