//! The playground: talking to a model over the API, word by word or at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Events, Reply, Server, Stores, chat, team, wait_for};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const JSON: [(&str, &str); 2] = [
    ("content-type", "application/json"),
    ("accept", "application/json"),
];

/// Makes a model at `url`; the path of its playground.
fn model(client: &Client, url: &str, more: Value) -> String {
    let mut spec = json!({
        "name": format!("model {}", uuid::Uuid::now_v7()), "base_url": format!("{url}/v1"), "model": "m-1",
        "timeout_ms": 20_000, "price": {"input_per_million": 1.0, "output_per_million": 2.0},
    });
    if let (Some(spec), Value::Object(more)) = (spec.as_object_mut(), more) {
        spec.extend(more);
    }
    let made = client.post("/api/v1/models", &spec).expect(201);
    format!("/api/v1/models/{}/chat", made["id"].as_str().unwrap())
}

fn hello() -> Value {
    json!({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]})
}

fn delta(text: &str) -> String {
    let chunk = json!({"model": "m-1-2026", "choices": [{"index": 0, "delta": {"content": text}}]});
    format!("data: {chunk}\n\n")
}

/// Words, half a second apart.
fn streamed(words: &[&str]) -> Reply {
    let begin = Reply {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        body: b": it begins\n\n".to_vec(),
        ..Reply::json(200, &json!({}))
    };
    let said = words.iter().fold(begin, |reply, word| {
        reply.then(Duration::from_millis(500), &delta(word))
    });
    let usage = json!({"choices": [{"delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5}});
    said.then(
        Duration::ZERO,
        &format!("data: {usage}\n\ndata: [DONE]\n\n"),
    )
}

/// The pieces of a stream's text, and what became of it.
fn heard(client: &Client, path: &str, body: &Value) -> (Vec<String>, Value) {
    let mut events = Events::post(client, path, body).until("answer");
    let last = events.pop().unwrap();
    assert_eq!(last.name, "answer");
    let pieces = events.into_iter().map(|event| {
        assert_eq!(event.name, "text");
        event.data["text"].as_str().unwrap().to_owned()
    });
    (pieces.collect(), last.data)
}

#[test]
fn words_are_there_before_the_answer_is() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let server = Server::start(|_, body| {
        if body["stream"] == true {
            streamed(&["Good ", "day ", "to ", "you."])
        } else {
            chat("At once.")
        }
    });
    let path = model(client, &server.url, json!({"api_key": "sk-secret-of-it"}));

    let began = Instant::now();
    let mut events = Events::post(client, &path, &hello());
    assert_eq!(
        events.until("text").pop().unwrap().data,
        json!({"text": "Good "})
    );
    let first = began.elapsed();
    let mut rest = events.until("answer");
    assert!(
        began.elapsed() >= first + Duration::from_secs(1),
        "it was held back: {first:?}"
    );
    let answer = rest.pop().unwrap().data;
    let pieces = rest
        .iter()
        .map(|event| event.data["text"].as_str().unwrap());
    assert_eq!(pieces.collect::<String>(), "day to you.");
    assert_eq!(answer["answer"], "Good day to you.");
    assert_eq!(
        (
            &answer["ok"],
            &answer["error"],
            &answer["finish_reason"],
            &answer["model"]
        ),
        (
            &json!(true),
            &Value::Null,
            &json!("stop"),
            &json!("m-1-2026")
        )
    );
    assert_eq!(answer["usage"], json!({"input": 10, "output": 5}));
    assert_eq!(answer["cost_usd"], json!(0.00002));
    let ms = |name: &str| answer[name].as_i64().unwrap();
    assert!(
        ms("latency_ms") >= 2_000 && (400..1_500).contains(&ms("first_text_ms")),
        "{answer}"
    );

    let (_, asked) = server.requests().pop().unwrap();
    assert_eq!(asked["body"]["messages"], hello()["messages"]);
    assert!(asked["headers"].to_string().contains("sk-secret-of-it"));

    // As JSON, at once.
    let body = hello().to_string();
    let answer = client
        .send("POST", &path, &JSON, Some(body.as_bytes()))
        .expect(200);
    assert_eq!(
        (&answer["answer"], &answer["first_text_ms"]),
        (&json!("At once."), &Value::Null)
    );
    assert_eq!(server.requests().pop().unwrap().1["body"]["stream"], false);
}

#[test]
fn settings_of_a_conversation_go_before_the_models_own() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let server = Server::start(|_, body| {
        if body["stream_options"].is_object() && body["model"] == "whole" {
            return Reply::json(
                400,
                &json!({"error": {"message": "`stream` is not supported"}}),
            );
        }
        if body["response_format"].is_object() {
            return chat("{\"days\": 5}");
        }
        streamed(&["Yes"])
    });
    let path = model(
        client,
        &server.url,
        json!({"temperature": 0.7, "max_tokens": 500}),
    );
    let own = hello();
    let _ = heard(client, &path, &own);
    let sent = server.requests().pop().unwrap().1["body"].clone();
    assert_eq!(
        (&sent["temperature"], &sent["max_tokens"], &sent["seed"]),
        (&json!(0.7), &json!(500), &Value::Null)
    );

    let mut wished = hello();
    wished["temperature"] = json!(0);
    wished["max_tokens"] = json!(64);
    wished["seed"] = json!(7);
    wished["response_schema"] =
        json!({"type": "object", "properties": {"days": {"type": "integer"}}});
    // Who answers with a document, not events, has said it all at once.
    let (pieces, answer) = heard(client, &path, &wished);
    assert_eq!(pieces, ["{\"days\": 5}"]);
    assert_eq!(answer["answer"], "{\"days\": 5}");
    let sent = server.requests().pop().unwrap().1["body"].clone();
    assert_eq!(
        (&sent["temperature"], &sent["max_tokens"], &sent["seed"]),
        (&json!(0.0), &json!(64), &json!(7))
    );
    assert_eq!(
        sent["response_format"]["json_schema"]["schema"],
        wished["response_schema"]
    );

    // Who refuses to stream is asked again without.
    let path = model(client, &server.url, json!({"model": "whole"}));
    wished["max_tokens"] = Value::Null;
    let (pieces, answer) = heard(client, &path, &wished);
    assert_eq!((pieces.len(), &answer["ok"]), (1, &json!(true)), "{answer}");
}

#[test]
fn what_goes_wrong_is_told_and_nothing_is_asked_of_the_wrong_one() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let server = Server::start(|_, body| match body["messages"][1]["content"].as_str() {
        Some("broken") => streamed(&["It", " br"]).then(
            Duration::ZERO,
            "data: {\"error\": {\"message\": \"overloaded\"}}\n\n",
        ),
        Some("echo") => Reply::json(
            401,
            &json!({"error": {"message": "the key sk-secret-of-it is wrong"}}),
        ),
        _ => Reply::json(500, &json!({"error": "no"})),
    });
    let path = model(client, &server.url, json!({"api_key": "sk-secret-of-it"}));
    let says = |text: &str| {
        let mut body = hello();
        body["messages"][1]["content"] = json!(text);
        heard(client, &path, &body)
    };
    let (_, answer) = says("echo");
    assert_eq!(
        (&answer["ok"], &answer["answer"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(answer["error"]["kind"], "target_status");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("[credential] is wrong"), "{message}");
    let (_, answer) = says("anything");
    assert!(
        answer["error"]["message"].as_str().unwrap().contains("500"),
        "{answer}"
    );

    let nobody = model(client, "http://127.0.0.1:9", json!({}));
    let (pieces, answer) = heard(client, &nobody, &hello());
    assert_eq!(
        (pieces.len(), &answer["error"]["kind"]),
        (0, &json!("target_unreachable"))
    );

    // What cannot be asked is refused, with the field.
    for (body, field) in [
        (json!({"messages": []}), "/messages"),
        (
            json!({"messages": [{"role": "user", "content": "x"}], "temperature": 3}),
            "/temperature",
        ),
        (
            json!({"messages": [{"role": "user", "content": "x"}], "max_tokens": 0}),
            "/max_tokens",
        ),
        (
            json!({"messages": [{"role": "nobody", "content": "x"}]}),
            "/messages/0/role",
        ),
        (
            json!({"messages": [{"role": "user", "content": "x"}], "top_k": 3}),
            "/top_k",
        ),
    ] {
        let refusal = client.post(&path, &body);
        let problem = refusal.expect_problem(422, "validation");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let none = format!("/api/v1/models/{}/chat", uuid::Uuid::now_v7());
    let _ = client
        .post(&none, &hello())
        .expect_problem(404, "not-found");
}

#[test]
fn who_may_not_run_evaluations_may_not_talk_to_models() {
    let app = team::Team::start(&Stores::embedded());
    let server = Server::start(|_, _| chat("Hello."));
    let path = model(&app.key("owner", &json!({})), &server.url, json!({}));
    let refusal = app.key("viewer", &json!({})).post(&path, &hello());
    let _ = refusal.expect_problem(403, "forbidden");
    assert!(server.requests().is_empty());
}

#[test]
fn who_stops_reading_ends_the_call() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ended = Arc::new(AtomicBool::new(false));
    let told = ended.clone();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65_536]).unwrap();
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        // Until nobody hears it.
        while stream.write_all(delta("on and ").as_bytes()).is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
        told.store(true, Ordering::Relaxed);
    });
    let path = model(client, &url, json!({}));
    let mut events = Events::post(client, &path, &hello());
    assert_eq!(events.until("text").len(), 1);
    assert!(!ended.load(Ordering::Relaxed));
    drop(events);
    wait_for("the call is over", 10, || {
        ended.load(Ordering::Relaxed).then_some(())
    });
}
