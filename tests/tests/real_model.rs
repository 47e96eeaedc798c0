//! A judge and a persona behind a real model server. The model is too small to judge quality: what is proven is the wire,
//! the schema, the accounting and the trace. Run by `cargo xtask test --model`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Server, Stores, chat};
use serde_json::json;

fn model_server() -> Option<String> {
    let url = std::env::var("ASSAY_TEST_MODEL_URL")
        .ok()
        .filter(|v| !v.is_empty());
    if url.is_none() {
        eprintln!("SKIPPED: ASSAY_TEST_MODEL_URL is not set; run `cargo xtask test --model`");
    }
    url
}

#[test]
fn real_model_judges() {
    let Some(url) = model_server() else { return };
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("Paris is the capital of France."));
    let (agent, model) = (client.agent(&target.url), client.model(&url));
    let dataset =
        client.dataset(&json!([{"key": "only", "input": "What is the capital of France?"}]));
    let id = client.start(&json!({
        "name": "judged", "agent_id": agent, "dataset_id": dataset, "judge_model_id": model,
        "metrics": [{"kind": "g_eval", "params": {
            "evaluation_steps": ["Read the answer.", "Give a high score when it is correct."],
            "fields": ["input", "actual_output"],
        }}],
    }));
    let _ = client.finished(&id, 300);
    let run = client.runs(&id).remove(0);
    let score = &run["scores"][0];
    assert_ne!(
        score["status"], "error",
        "the schema holds the model to a verdict: {run}"
    );
    assert!(
        score["usage"]["output"].as_u64().is_some_and(|n| n > 0),
        "{score}"
    );
    assert!(
        score["raw_verdict"].is_string() && score["prompt_hash"].is_string(),
        "{score}"
    );
}

#[test]
fn real_model_plays_a_persona() {
    let Some(url) = model_server() else { return };
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("Could you tell me your order number, please?"));
    let (agent, model) = (client.agent(&target.url), client.model(&url));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Lost parcel", "situation": "Your parcel has not arrived. The order number is A1001.",
            "goal": "Learn where the parcel is.", "opening": "Where is my parcel?", "max_turns": 3,
            "persona": {"name": "Ada", "description": "Polite, short sentences."},
        }))
        .expect(201);
    let id = client.start(&json!({
        "name": "played", "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": model,
        "metrics": [{"kind": "latency", "params": {"max_ms": 60000}}],
    }));
    let _ = client.finished(&id, 300);
    let run = client.runs(&id).remove(0);
    assert_eq!(run["status"], "passed", "{run}");
    let trace = client
        .get(&format!(
            "/api/v1/traces/{}",
            run["trace_id"].as_str().expect("id")
        ))
        .expect(200);
    let played: Vec<_> = trace["observations"]
        .as_array()
        .expect("observations")
        .iter()
        .filter(|o| o["name"] == "user turn" && o["type"] == "GENERATION")
        .collect();
    assert!(!played.is_empty(), "{trace}");
    assert!(
        played
            .iter()
            .all(|o| o["usage"]["output"].as_u64().is_some_and(|n| n > 0)),
        "{trace}"
    );
}
