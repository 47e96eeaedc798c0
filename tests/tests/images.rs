//! Items with images: an agent is shown them, answers with one, and a judge that sees is sent both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Reply, Server, Stores, chat};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The first bytes of a PNG, and one byte that tells it from others.
const RED: &str = "data:image/png;base64,iVBORw0KGgoB";
const BLUE: &str = "data:image/png;base64,iVBORw0KGgoC";

fn image(url: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": url}})
}

fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}

/// The addresses of the images in a request.
fn shown(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().unwrap();
    let parts = messages.iter().filter_map(|m| m["content"].as_array());
    parts
        .flatten()
        .filter_map(|part| part["image_url"]["url"].as_str().map(str::to_owned))
        .collect()
}

fn works(stores: &Stores) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let agent = {
        let asked = asked.clone();
        Server::start(move |_, body| {
            asked.lock().unwrap().push(body.clone());
            let content = json!([text("Here it is."), image(BLUE)]);
            let message = json!({"role": "assistant", "content": content});
            Reply::json(200, &json!({"choices": [{"index": 0, "message": message}]}))
        })
    };
    let judged = Arc::new(Mutex::new(Vec::new()));
    let judge = {
        let judged = judged.clone();
        Server::start(move |_, body| {
            judged.lock().unwrap().push(body.clone());
            // One question is of what was asked for, the other of how well it is made, which has two numbers.
            let two = body["response_format"]
                .to_string()
                .contains("\"minItems\":2");
            let score = if two { json!([9, 8]) } else { json!([8]) };
            chat(&json!({"score": score, "reasoning": "it is blue now"}).to_string())
        })
    };
    let app = App::start(stores);
    let client = app.client();
    let model = client.model(&format!("{}/v1", judge.url));
    let input = json!([text("Make it blue."), image(RED)]);
    let dataset =
        client.dataset(&json!([{"key": "blue", "input": input, "context": ["Blue is #00f."]}]));
    let campaign = client.start(&json!({
        "name": "pictures", "agent_id": client.agent(&agent.url), "dataset_id": dataset, "judge_model_id": model,
        "metrics": [{"kind": "image_editing"}],
    }));
    let ended = client.finished(&campaign, 60);
    let run = client.runs(&campaign).remove(0);
    let score = &run["scores"][0];
    assert_eq!(score["status"], "passed", "{run}");
    assert_eq!(score["score"], 0.8, "{score}");
    assert_eq!(ended["summary"]["total"], 1, "{ended}");
    assert_eq!(
        (&run["input"], &run["output"]),
        (&json!("Make it blue."), &json!("Here it is."))
    );
    // The agent saw what the item shows, in its place; the judge what the agent was shown and what it made.
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0]["messages"][0]["content"], input);
    let judged = judged.lock().unwrap();
    assert!(
        judged
            .iter()
            .all(|body| shown(body).contains(&BLUE.to_owned())),
        "{judged:?}"
    );
    assert!(
        judged
            .iter()
            .any(|body| shown(body).contains(&RED.to_owned())),
        "{judged:?}"
    );
    // What was said is in the trace, images and all.
    let trace = client.trace(&run).expect(200);
    assert!(trace.to_string().contains(BLUE), "{trace}");

    // The item comes back as it was written, also by a table.
    let path = format!("/api/v1/datasets/{dataset}");
    let items = client.get(&format!("{path}/items")).expect(200);
    assert_eq!(items["data"][0]["input"], input, "{items}");
    let table = client.get(&format!("{path}/export?format=csv")).text;
    let copy = client.post("/api/v1/datasets", &json!({"name": "copy"}));
    let copy = copy.expect(201)["id"].as_str().unwrap().to_owned();
    let done = client.send(
        "POST",
        &format!("/api/v1/datasets/{copy}/import?format=csv"),
        &[("content-type", "text/csv")],
        Some(table.as_bytes()),
    );
    let _ = done.expect(200);
    let items = client
        .get(&format!("/api/v1/datasets/{copy}/items"))
        .expect(200);
    assert_eq!(items["data"][0]["input"], input, "{items}");

    // An image that nobody could be shown is refused, and its place named.
    let wrong = json!({"items": [{"key": "wrong", "input": [image("http://127.0.0.1/a.png")]}]});
    let refused = client.post(&format!("{path}/items"), &wrong).expect(422);
    let field = refused["errors"][0]["field"].as_str().unwrap();
    assert!(field.ends_with("/input/0/image_url/url"), "{refused}");
}

#[test]
fn agents_are_shown_images_and_judged_by_theirs() {
    works(&Stores::embedded());
}

#[test]
fn postgres_agents_are_shown_images_and_judged_by_theirs() {
    if let Some(stores) = Stores::postgres() {
        works(&stores);
    }
}
