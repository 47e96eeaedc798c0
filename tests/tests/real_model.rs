//! A judge and a persona behind a real model server. The model is too small to judge quality: what is proven is the wire,
//! the schema, token probabilities, the accounting and the trace. Run by `cargo xtask test --model`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Server, Stores, chat};
use serde_json::{Value, json};

/// As `cargo xtask test` has the server call the model.
const MODEL: &str = "gemma-3-270m";

/// Seconds that a campaign may take: the model computes on whatever cores the machine can spare.
const PATIENCE: u64 = 300;

fn model_server() -> Option<String> {
    let url = std::env::var("ASSAY_TEST_MODEL_URL")
        .ok()
        .filter(|v| !v.is_empty());
    if url.is_none() {
        eprintln!("SKIPPED: ASSAY_TEST_MODEL_URL is not set; run `cargo xtask test --model`");
    }
    url
}

/// The model, which may write `max_tokens`: a base model seldom ends by itself.
fn model(client: &Client, url: &str, max_tokens: u32) -> String {
    let made = client
        .post("/api/v1/models", &json!({
            "name": "real", "base_url": url, "model": MODEL, "max_tokens": max_tokens, "timeout_ms": 240_000,
            "price": {"input_per_million": 1.0, "output_per_million": 2.0},
        }))
        .expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// A campaign of one case, judged with these parameters: the campaign and its run.
fn judged(url: &str, max_tokens: u32, params: &Value) -> (Value, Value) {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("Paris is the capital of France."));
    let (agent, judge) = (client.agent(&target.url), model(&client, url, max_tokens));
    let dataset =
        client.dataset(&json!([{"key": "only", "input": "What is the capital of France?"}]));
    let id = client.start(&json!({
        "name": "judged", "seed": 1, "agent_id": agent, "dataset_id": dataset, "judge_model_id": judge,
        "metrics": [{"kind": "g_eval", "params": params}],
    }));
    let campaign = client.finished(&id, PATIENCE);
    (campaign, client.runs(&id).remove(0))
}

/// What holds of every score, whatever the model said: in range and with a reason, or an error that is none.
fn check_score(run: &Value) {
    let score = &run["scores"][0];
    let reason = score["reason"].as_str().unwrap_or_default();
    assert!(!reason.trim().is_empty(), "{score}");
    match score["status"].as_str() {
        Some(status @ ("passed" | "failed")) => {
            let value = score["score"].as_f64().expect("a score");
            assert!((0.0..=1.0).contains(&value), "{score}");
            assert_eq!(run["status"], status, "{run}");
        }
        Some("error") => {
            assert_eq!(score["score"], Value::Null, "an error is never a score");
            assert_eq!(run["status"], "error", "{run}");
        }
        other => panic!("{other:?}: {score}"),
    }
}

/// What the judge spent is known, whether or not it could be used.
fn check_spent(score: &Value) {
    for count in ["input", "output"] {
        assert!(
            score["usage"][count].as_u64().is_some_and(|n| n > 0),
            "{score}"
        );
    }
    assert!(
        score["cost_usd"].as_f64().is_some_and(|usd| usd > 0.0),
        "{score}"
    );
    assert!(
        score["raw_verdict"].is_string() && score["prompt_hash"].is_string(),
        "{score}"
    );
}

#[test]
fn real_model_judges() {
    let Some(url) = model_server() else { return };
    // A base model continues what it has read, so the last step is an example.
    let steps = [
        "Read the answer.",
        r#"Give a high score when it is correct, for example {"reason": "The answer is correct.", "score": 9}"#,
    ];
    // Ten would be two tokens, of which neither is the score.
    let rubric = json!([
        {"score_range": [0, 4], "expected_outcome": "The answer is wrong."},
        {"score_range": [5, 9], "expected_outcome": "The answer is correct."},
    ]);
    let params =
        json!({"evaluation_steps": steps, "fields": ["input", "actual_output"], "rubric": rubric});
    let (campaign, run) = judged(&url, 200, &params);
    check_score(&run);
    let score = &run["scores"][0];
    assert_ne!(
        score["status"], "error",
        "the schema holds the model to a verdict: {run}"
    );
    check_spent(score);
    assert_ne!(campaign["verdict"], "inconclusive", "{campaign}");
    assert_eq!(score["judge_model"], MODEL, "{score}");
    let verdict: Value =
        serde_json::from_str(score["raw_verdict"].as_str().expect("a verdict")).expect("JSON");
    assert!(verdict["score"].is_u64(), "{verdict}");
    assert_eq!(verdict["reason"], score["reason"]);
    // The server gives token probabilities, and the score is weighted by them.
    assert!(
        score["confidence"]
            .as_f64()
            .is_some_and(|c| c > 0.0 && c <= 1.0),
        "{score}"
    );
}

#[test]
fn real_model_makes_the_steps_it_judges_by() {
    let Some(url) = model_server() else { return };
    let (_, run) = judged(
        &url,
        200,
        &json!({"criteria": "The answer names the capital of the country."}),
    );
    check_score(&run);
    check_spent(&run["scores"][0]);
}

#[test]
fn real_model_that_is_cut_off_gives_no_score() {
    let Some(url) = model_server() else { return };
    let (campaign, run) = judged(
        &url,
        4,
        &json!({"evaluation_steps": ["Read the answer."], "fields": ["actual_output"]}),
    );
    check_score(&run);
    check_spent(&run["scores"][0]);
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(campaign["verdict"], "inconclusive", "{campaign}");
}

#[test]
fn real_model_plays_a_persona() {
    let Some(url) = model_server() else { return };
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("Could you tell me your order number, please?"));
    let (agent, persona) = (client.agent(&target.url), model(&client, &url, 48));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Lost parcel", "situation": "Your parcel has not arrived.",
            "goal": "Learn where the parcel is.", "opening": "Where is my parcel?", "max_turns": 3,
            "persona": {
                "name": "Ada", "description": "Polite, short sentences.",
                "disclosure": [{"text": "The order number is A1001", "when": "when_asked"}],
            },
        }))
        .expect(201);
    let id = client.start(&json!({
        "name": "played", "seed": 1, "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": persona,
        "metrics": [{"kind": "latency", "params": {"max_ms": 60000}}],
    }));
    let _ = client.finished(&id, PATIENCE);
    let run = client.runs(&id).remove(0);
    // So small a model may give itself away: then what it wrote is held back, and the run says so.
    let held_back = run["status"] == "error";
    if held_back {
        assert_eq!(run["error"]["kind"], "persona", "{run}");
        let message = run["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("must not be said"), "{run}");
    } else {
        assert_eq!(run["status"], "passed", "{run}");
    }

    let run = client.run(&run).expect(200);
    let messages = run["messages"].as_array().expect("messages");
    assert!(
        held_back || messages.len() >= 4,
        "the model said nothing: {run}"
    );
    for (message, role) in messages.iter().zip(["user", "assistant"].iter().cycle()) {
        assert_eq!(message["role"], *role, "{run}");
        let said = message["content"].as_str().unwrap_or_default();
        assert!(!said.trim().is_empty(), "{run}");
    }
    let stop = run["stop_reason"].as_str().unwrap_or_default();
    let stops = ["max_turns", "goal_reached", "gave_up", "loop_detected"];
    assert!(held_back || stops.contains(&stop), "{run}");

    let trace = client.trace(&run).expect(200);
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
    assert!(
        played
            .iter()
            .all(|o| o["metadata"]["prompt_hash"].is_string()),
        "{trace}"
    );
    // The transcript: what the user said is what the agent was sent, and what it answered stands beside it.
    let calls = trace["observations"].as_array().expect("observations");
    let calls: Vec<_> = calls
        .iter()
        .filter(|o| o["type"] == "GENERATION" && o["name"] != "user turn")
        .collect();
    for turn in messages.chunks_exact(2) {
        let told = |o: &&&Value| {
            let said = |field: &str, message: &Value| {
                let words = json!(message["content"]).to_string();
                o[field].to_string().contains(words.trim_matches('"'))
            };
            said("input", &turn[0]) && said("output", &turn[1])
        };
        assert!(
            calls.iter().any(|o| told(&o)),
            "{turn:?} is not in the trace: {trace}"
        );
    }
}
