//! What the user shows reaches an agent of any protocol.

use super::testing::{agent, sent, turn};
use super::{Exchange, Turn};
use assay_model::{Content, Message, Role};
use serde_json::{Value, json};

const URL: &str = "https://example.com/cat.png";

fn shown(text: &str) -> Message {
    let parts = json!([
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": URL}},
    ]);
    let content: Content = serde_json::from_value(parts).unwrap();
    Message::new(Role::User, content)
}

/// The last message of the request to an agent with `fields`.
fn last(fields: Value, list: &str) -> Value {
    let body = sent(&agent(fields), &[shown("A cat?")]).unwrap();
    let all = body.pointer(list).and_then(Value::as_array);
    all.and_then(|all| all.last()).unwrap().clone()
}

#[test]
fn images_reach_agents() {
    let text = json!({"type": "text", "text": "A cat?"});
    let openai = last(json!({"kind": "openai_chat", "model": "m"}), "/messages");
    let image = json!({"type": "image_url", "image_url": {"url": URL}});
    assert_eq!(openai, json!({"role": "user", "content": [text, image]}));
    let responses = last(json!({"kind": "openai_responses", "model": "m"}), "/input");
    let image = json!({"type": "input_image", "image_url": URL});
    assert_eq!(responses["content"][1], image);
    let anthropic = last(
        json!({"kind": "anthropic_messages", "model": "m"}),
        "/messages",
    );
    let image = json!({"type": "image", "source": {"type": "url", "url": URL}});
    assert_eq!(anthropic, json!({"role": "user", "content": [text, image]}));
    let a2a = last(json!({"kind": "a2a"}), "/params/message/parts");
    assert_eq!(a2a, json!({"kind": "file", "file": {"uri": URL}}));
    let template = json!({"messages": "{{messages}}", "q": "{{input}}"});
    let http = json!({"kind": "http", "body_template": template});
    assert_eq!(
        last(http, "/messages")["content"][1]["image_url"]["url"],
        URL
    );
}

#[test]
fn an_image_alone_is_a_message() {
    let a2a = agent(json!({"kind": "a2a"}));
    let messages = [shown("")];
    let turn: Turn<'_> = turn(&a2a, &messages, &Value::Null);
    let call = Exchange::new(turn, &[]).call().unwrap();
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(
        body["params"]["message"]["parts"],
        json!([{"kind": "file", "file": {"uri": URL}}])
    );
}
