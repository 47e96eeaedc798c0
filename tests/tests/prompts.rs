//! Versions of prompts are deleted in Langfuse's way, on both relational stores.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};

#[test]
fn langfuse_deletes_versions() {
    versions(&App::start(&Stores::embedded()).client());
}

#[test]
fn postgres_langfuse_deletes_versions() {
    if let Some(stores) = Stores::postgres() {
        versions(&App::start(&stores).client());
    }
}

fn versions(client: &Client) {
    let base = "/api/public/v2/prompts";
    // Messages as the JavaScript client sends them.
    let chat = json!([
        {"role": "user", "content": "Hi", "type": "chatmessage"}, {"type": "placeholder", "name": "history"}
    ]);
    let make = |body: Value| client.post(base, &body).expect(201);
    let first = make(
        json!({"name": "v", "type": "chat", "prompt": chat, "labels": ["production"], "tags": ["a"], "config": {"t": 1}}),
    );
    assert_eq!(first["prompt"], chat);
    let _ = make(json!({"name": "v", "prompt": "2", "labels": ["staging"]}));
    let _ = make(json!({"name": "v", "prompt": "3", "labels": ["canary"], "tags": ["b"]}));
    let one = format!("{base}/v");
    let old = |query: &str| client.get(&format!("/api/public/prompts?{query}"));
    assert_eq!(old("name=v").expect(200), client.get(&one).expect(200));
    assert_eq!(old("name=v&version=2").expect(200)["prompt"], "2");
    old("name=none").expect_problem(404, "not-found");
    let doc = old("version=2").expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "name");

    let gone = |query: &str| client.delete(&format!("{one}?{query}"));
    for query in ["version=9", "label=none", "version=1&label=canary"] {
        gone(query).expect_problem(404, "not-found");
    }
    let doc = gone("version=x").expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "version");
    let latest = || client.get(&format!("{one}?label=latest")).expect(200);
    assert_eq!(latest()["version"], 3, "nothing is deleted so far");

    assert_eq!(gone("version=2").status, 204);
    client
        .get(&format!("{one}?label=staging"))
        .expect_problem(404, "not-found");
    client
        .get(&format!("{one}?version=2"))
        .expect_problem(404, "not-found");
    gone("version=2").expect_problem(404, "not-found");
    assert_eq!(
        (&latest()["version"], &latest()["labels"]),
        (&json!(3), &json!(["canary", "latest"]))
    );

    // `latest` moves to the newest that is left, with what belongs to the prompt as it is now.
    assert_eq!(gone("label=latest").status, 204);
    let left = latest();
    for (field, value) in [
        ("version", json!(1)),
        ("prompt", chat),
        ("config", json!({"t": 1})),
        ("labels", json!(["production", "latest"])),
        ("tags", json!(["b"])),
    ] {
        assert_eq!(left[field], value, "{field}");
    }
    let row = client.get(&format!("{base}?name=v")).expect(200);
    assert_eq!(
        (&row["data"][0]["versions"], &row["data"][0]["type"]),
        (&json!([1]), &json!("chat"))
    );
    let native = client.get("/api/v1/prompts?name=v").expect(200);
    let id = native["data"][0]["id"].as_str().unwrap();
    assert_eq!(
        native["data"][0]["labels"],
        json!({"latest": 1, "production": 1})
    );
    let next = make(json!({"name": "v", "prompt": "next"}));
    assert_eq!(next["version"], 4, "a number is given once");
    assert_eq!(gone("version=4&label=latest").status, 204);

    // The last version takes the prompt along, and comes back with it.
    assert_eq!(gone("label=production").status, 204);
    client.get(&one).expect_problem(404, "not-found");
    gone("version=1").expect_problem(404, "not-found");
    let back = client.post(&format!("/api/v1/prompts/{id}/restore"), &json!({}));
    assert_eq!(back.expect(200)["version"], 1);
    assert_eq!(client.get(&one).expect(200)["version"], 1);
    let patch = client.patch(&format!("/api/v1/prompts/{id}"), &json!({"prompt": "5"}));
    assert_eq!(patch.expect(200)["version"], 5);
    assert_eq!(
        client.get(&format!("{one}?version=5")).expect(200)["prompt"],
        "5"
    );

    // Lists by the time of the last change, an empty parameter counting as absent.
    let listed = |query: &str| client.get(&format!("{base}?{query}"));
    let _ = make(json!({"name": "w", "prompt": "1"}));
    let changed = listed("name=w").expect(200)["data"][0]["lastUpdatedAt"].clone();
    let changed = changed.as_str().unwrap();
    let names = |query: &str| {
        let page = listed(query).expect(200);
        let all = page["data"].as_array().unwrap();
        let names: Vec<String> = all
            .iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        names
    };
    assert_eq!(names(&format!("fromUpdatedAt={changed}")), ["w"]);
    assert_eq!(names(&format!("toUpdatedAt={changed}&page=")), ["v"]);
    assert_eq!(
        names("fromUpdatedAt=&toUpdatedAt=&page=&limit="),
        ["v", "w"]
    );
    let doc = listed("fromUpdatedAt=soon").expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "fromUpdatedAt");
    let doc = listed("page=0").expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "page");
}
