//! Requests to models beside those that the vendors' own clients sent for the same thing (`tests/vectors/formats`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_llm::{AuthSlot, ChatOptions, HttpCall, model_call};
use assay_model::{Message, ModelSpec, Role};
use serde_json::{Value, json};

const ANTHROPIC: &str =
    include_str!("../../../tests/vectors/formats/anthropic_messages_requests.json");
const GEMINI: &str =
    include_str!("../../../tests/vectors/formats/gemini_generate_content_requests.json");

fn recorded(file: &str, what: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(file).unwrap();
    let found: Vec<Value> = all.into_iter().filter(|r| r["what"] == what).collect();
    assert!(!found.is_empty(), "{what}");
    found
}

fn model(provider: &str, base_url: &str, model: &str) -> ModelSpec {
    let spec = json!({"name": "m", "provider": provider, "base_url": base_url, "model": model, "max_tokens": 256});
    serde_json::from_value(spec).unwrap()
}

fn claude() -> ModelSpec {
    model("anthropic", "http://127.0.0.1/v1", "claude-sonnet-4-5")
}

/// What all clients were made to say.
fn conversation() -> [Message; 4] {
    [
        Message::new(Role::System, "Grade 1-5."),
        Message::new(Role::User, "Q: 1+1? A: 2"),
        Message::new(Role::Assistant, "no JSON"),
        Message::new(Role::User, "Again."),
    ]
}

fn hello() -> [Message; 1] {
    [Message::new(Role::User, "Hello")]
}

fn wanted(schema: &Value) -> ChatOptions {
    ChatOptions {
        response_schema: Some(("Verdict".into(), schema.clone())),
        logprobs: true,
        seed: Some(7),
        ..ChatOptions::default()
    }
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn path(call: &HttpCall) -> &str {
    call.url.strip_prefix("http://127.0.0.1").unwrap()
}

#[test]
fn anthropic_requests_are_those_of_its_client() {
    for sent in recorded(ANTHROPIC, "schema") {
        let schema = &sent["body"]["output_config"]["format"]["schema"];
        let mut options = wanted(schema);
        // Since version 2 the client takes no temperature.
        options.without_temperature = sent["body"].get("temperature").is_none();
        let call = model_call(&claude(), &conversation(), &options);
        assert_eq!(body(&call), sent["body"]);
        assert_eq!(path(&call), sent["path"]);
    }
    for sent in recorded(ANTHROPIC, "plain") {
        let options = ChatOptions {
            without_temperature: true,
            ..ChatOptions::default()
        };
        assert_eq!(
            body(&model_call(&claude(), &hello(), &options)),
            sent["body"]
        );
    }
}

#[test]
fn anthropic_takes_its_key_and_version_in_headers() {
    let call = model_call(&claude(), &hello(), &ChatOptions::default());
    let sent = recorded(ANTHROPIC, "plain").remove(0);
    let auth = call.auth.clone().unwrap();
    assert_eq!(sent["headers"][&auth.header], "sk-ant-test");
    assert_eq!(auth, AuthSlot::header("x-api-key"));
    for (name, value) in &call.headers {
        assert_eq!(sent["headers"][name], value.as_str(), "{name}");
    }
    assert!(
        call.headers
            .iter()
            .any(|(name, _)| name == "anthropic-version")
    );
}

#[test]
fn schemas_for_anthropic_are_what_its_client_makes_of_them() {
    let mut compared = 0;
    for sent in recorded(ANTHROPIC, "pydantic") {
        // Older ones say the type of literals as well.
        if sent["headers"]["user-agent"] != "Anthropic/Python 2.14.0" {
            continue;
        }
        compared += 1;
        let options = wanted(&sent["schema"]);
        let ours = body(&model_call(&claude(), &hello(), &options));
        // Python calls null `None` where it becomes a part of a description.
        let theirs = sent["body"]["output_config"].to_string();
        let theirs = theirs.replace("{default: None}", "{default: null}");
        let theirs: Value = serde_json::from_str(&theirs).unwrap();
        assert_eq!(ours["output_config"], theirs);
    }
    assert_eq!(compared, 1);
}

#[test]
fn gemini_requests_are_those_of_its_client() {
    let gemini = |name| model("gemini", "http://127.0.0.1/v1", name);
    let check = |sent: &mut Value, call: &HttpCall| {
        // It says `user` of instructions as well, where nobody looks at it.
        if let Some(Value::Object(system)) = sent.pointer_mut("/body/systemInstruction") {
            system.remove("role");
        }
        assert_eq!(body(call), sent["body"]);
        assert_eq!(path(call), sent["path"]);
    };
    let mut sent = recorded(GEMINI, "schema").remove(0);
    let schema = sent["body"]["generationConfig"]["responseJsonSchema"].clone();
    let call = model_call(
        &gemini("gemini-2.5-flash"),
        &conversation(),
        &wanted(&schema),
    );
    check(&mut sent, &call);
    let auth = call.auth.clone().unwrap();
    assert_eq!(sent["headers"][&auth.header], "AIza-test");
    assert!(!call.url.contains('?'), "{}", call.url);

    let mut sent = recorded(GEMINI, "plain").remove(0);
    for name in ["gemini-2.5-flash", "models/gemini-2.5-flash"] {
        let call = model_call(&gemini(name), &hello(), &ChatOptions::default());
        check(&mut sent, &call);
    }
    let sent = recorded(GEMINI, "tuned").remove(0);
    let call = model_call(
        &gemini("tunedModels/mine one"),
        &hello(),
        &ChatOptions::default(),
    );
    assert_eq!(path(&call), sent["path"]);
}
