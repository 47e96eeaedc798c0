//! Answers that stream, as those see them who look on: word by word, again after a lost connection, and never after the answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Event, Events, Reply, Server, Stores, wait_for};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WORDS: [&str; 10] = [
    "Refunds ",
    "take ",
    "f\u{fc}nf ",
    "days, ",
    "\u{1f642} ",
    "as ",
    "our ",
    "terms ",
    "have ",
    "it.",
];

fn delta(text: &str) -> String {
    let chunk = json!({"model": "m", "choices": [{"index": 0, "delta": {"content": text}}]});
    format!("data: {chunk}\n\n")
}

/// How long each word is waited for: whoever looks on must be there before the last, on a machine that does much else.
const WORD: Duration = Duration::from_millis(1200);

/// A chat completion that comes in so many words.
fn streamed(words: usize) -> Reply {
    let begin = Reply {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        body: b": it begins\n\n".to_vec(),
        ..Reply::json(200, &json!({}))
    };
    WORDS[..words]
        .iter()
        .fold(begin, |reply, word| reply.then(WORD, &delta(word)))
}

fn whole() -> Reply {
    streamed(WORDS.len()).then(WORD, "data: [DONE]\n\n")
}

/// Starts a campaign of one run of one turn; its id, and the run's.
fn start(client: &Client, target: &Server) -> (String, String) {
    let url = format!("{}/v1/chat/completions", target.url);
    let name = format!("streams at {}", target.url);
    let agent = json!({"name": name, "kind": "openai_chat", "url": url, "stream": true, "timeout_ms": 30_000});
    let agent = client.post("/api/v1/agents", &agent).expect(201);
    let metrics = json!([{"kind": "contains", "params": {"values": ["terms"]}}]);
    let dataset = client.dataset(&json!([{"turns": ["How long?"], "metrics": metrics}]));
    let id = client.start(&json!({
        "name": "streams", "agent_id": agent["id"], "dataset_id": dataset, "max_attempts": 2,
    }));
    let run = wait_for("the run", 30, || client.runs(&id).first().cloned());
    (id, run["run_id"].as_str().unwrap().to_owned())
}

/// What a client has after these `token` events, which are of that run.
fn followed(events: &[Event], run: &str) -> Vec<String> {
    let mut text = String::new();
    let tokens = events.iter().filter(|e| e.name == "token");
    tokens
        .map(|event| {
            let data = &event.data;
            assert_eq!(event.id, None, "it is nothing to go on from");
            assert_eq!(data["id"], Value::Null);
            assert_eq!(
                (&data["event"], &data["run_id"], &data["turn"]),
                (&json!("token"), &json!(run), &json!(1)),
                "{data}"
            );
            let asked = events.iter().find(|e| e.name == "agent_asked");
            let asked = asked.map_or(data, |asked| &asked.data);
            assert_eq!(
                (&data["node"], &data["task"]),
                (&asked["node"], &asked["task"])
            );
            let offset = usize::try_from(data["offset"].as_u64().unwrap()).unwrap();
            assert!(offset <= text.chars().count(), "a gap: {data}");
            text = text.chars().take(offset).collect();
            let new = data["text"].as_str().unwrap();
            assert_ne!(new, "");
            text.push_str(new);
            text.clone()
        })
        .collect()
}

fn place(events: &[Event], name: &str) -> usize {
    let found = events.iter().position(|e| e.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

/// Whether the embedded key-value store has such a key, or had one that was not written over.
fn has_key(data: &Path, begins: &str) -> bool {
    let names = ["sqlite_key_value.db", "sqlite_key_value.db-wal"];
    let files = names
        .iter()
        .filter_map(|name| std::fs::read(data.join(name)).ok());
    let files: Vec<Vec<u8>> = files.collect();
    assert!(files.iter().any(|f| !f.is_empty()), "where is the store?");
    files.iter().any(|file| {
        file.windows(begins.len())
            .any(|part| part == begins.as_bytes())
    })
}

fn words_on(stores: &Stores, embedded: bool) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores).start();
    let client = app.client();
    let target = Server::start(|_, _| whole());
    let (campaign, run) = start(&client, &target);
    let path = format!("/api/v1/runs/{run}/events");
    let of_campaign = {
        let (client, path) = (
            client.clone(),
            format!("/api/v1/campaigns/{campaign}/events"),
        );
        std::thread::spawn(move || Events::open(&client, &path, None).rest())
    };

    // One looks on from the beginning. Another comes when some words are there, and gets these first.
    let mut one = Events::open(&client, &path, None);
    let mut first = one.until("token");
    if embedded {
        assert!(has_key(dir.path(), "live/") && has_key(dir.path(), "watched/"));
    }
    first.extend(one.until("token"));
    let asked = first[place(&first, "agent_asked")].id.clone();
    let mut other = Events::open(&client, &path, asked.as_deref());
    let second = other.until("token");
    assert_eq!(second.len(), 1, "what was seen is not told again");
    assert_eq!(second[0].data["offset"], 0);
    let known = followed(&first, &run).pop().unwrap();
    let text = second[0].data["text"].as_str().unwrap();
    assert!(text.starts_with(&known), "{text:?} after {known:?}");

    first.extend(one.rest());
    let answer = WORDS.concat();
    for events in [first, of_campaign.join().unwrap()] {
        let told = followed(&events, &run);
        assert!(told.len() >= 2, "{told:?}");
        assert!(told.iter().all(|text| answer.starts_with(text)), "{told:?}");
        assert!(told.is_sorted_by(|a, b| a.len() < b.len()), "{told:?}");
        let (asked, answered) = (
            place(&events, "agent_asked"),
            place(&events, "agent_answered"),
        );
        assert_eq!(events[answered].data["text"], answer);
        for (at, _) in events.iter().enumerate().filter(|(_, e)| e.name == "token") {
            assert!((asked..answered).contains(&at), "{at}");
        }
    }
    assert!(other.rest().iter().any(|e| e.name == "agent_answered"));

    // Nothing is left of it: who comes later is told the answer alone.
    assert!(followed(&Events::open(&client, &path, None).rest(), &run).is_empty());
    let page = client.send("GET", &path, &[("accept", "application/json")], None);
    assert!(!page.expect(200).to_string().contains("\"token\""));
    assert_eq!(client.finished(&campaign, 30)["summary"]["passed"], 1);
}

#[test]
fn words_are_told_as_they_come() {
    words_on(&Stores::embedded(), true);
}

#[test]
fn postgres_and_redis_words_are_told_as_they_come() {
    if let Some(stores) = Stores::postgres_and_redis() {
        words_on(&stores, false);
    }
}

#[test]
fn where_nobody_looks_on_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), &Stores::embedded()).start();
    let client = app.client();
    let target = Server::start(|_, _| whole());
    let (campaign, run) = start(&client, &target);
    assert_eq!(client.finished(&campaign, 60)["summary"]["passed"], 1);
    let run = client.get(&format!("/api/v1/runs/{run}")).expect(200);
    assert_eq!(run["output"], WORDS.concat());
    for key in ["live/", "watched/"] {
        assert!(!has_key(dir.path(), key), "{key}");
    }
}

/// What broke off is an error as ever, and is tried again; what was told of it is void.
#[test]
fn an_answer_that_breaks_off_is_void() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let broke = AtomicBool::new(false);
    let target = Server::start(move |_, _| {
        if broke.swap(true, Ordering::Relaxed) {
            whole()
        } else {
            streamed(6)
        }
    });
    let (campaign, run) = start(&client, &target);
    let events = Events::open(&client, &format!("/api/v1/runs/{run}/events"), None).rest();
    let retried = place(&events, "node_retried");
    assert_eq!(events[retried].data["kind"], "target_bad_response");
    let message = events[retried].data["message"].as_str().unwrap();
    assert!(message.contains("broke off"), "{message}");
    let (before, after) = events.split_at(retried);
    for tried in [before, after] {
        let told = followed(tried, &run);
        assert!(told.len() >= 2, "{told:?}");
        assert!(told.iter().all(|text| WORDS.concat().starts_with(text)));
    }
    let again = after.iter().find(|e| e.name == "token").unwrap();
    assert_eq!(again.data["offset"], 0);
    assert_eq!(client.finished(&campaign, 30)["summary"]["passed"], 1);

    // Without another try it is how the run ends.
    let target = Server::start(|_, _| streamed(6));
    let (_, run) = start(&client, &target);
    let events = Events::open(&client, &format!("/api/v1/runs/{run}/events"), None).rest();
    let last = events.last().unwrap();
    assert_eq!(
        (&last.data["status"], &last.data["error"]["kind"]),
        (&json!("error"), &json!("target_bad_response"))
    );
    assert!(events.iter().all(|e| e.name != "agent_answered"));
}
