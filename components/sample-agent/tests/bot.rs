//! The bot's answers, right and deliberately wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_sample_agent::bot::{GREETING, Message, Reply, Speaker, answer};
use serde_json::{Value, json};

/// A conversation of the customer's turns, each answered.
fn talk(turns: &[&str]) -> Reply {
    let mut messages = Vec::new();
    let mut reply = Reply::default();
    for turn in turns {
        messages.push(Message {
            speaker: Speaker::User,
            text: (*turn).to_owned(),
        });
        reply = answer(&messages);
        messages.push(Message {
            speaker: Speaker::Assistant,
            text: reply.text.clone(),
        });
    }
    reply
}

#[track_caller]
fn check(turns: &[&str], facts: &[&str]) {
    let reply = talk(turns);
    for fact in facts {
        assert!(
            reply.text.contains(fact),
            "{turns:?}: {:?} lacks {fact:?}",
            reply.text
        );
    }
}

#[track_caller]
fn check_tool(turns: &[&str], name: &str, input: Value) {
    let reply = talk(turns);
    let calls: Vec<_> = reply
        .tools_called
        .iter()
        .map(|c| (c.name, &c.input_parameters))
        .collect();
    assert_eq!(calls, [(name, &input)], "{turns:?}: {}", reply.text);
}

#[test]
fn facts_are_verbatim() {
    assert_eq!(talk(&["hello"]).text, GREETING);
    assert_eq!(talk(&["Hello!"]).text, GREETING);
    check(
        &["What is your return policy?"],
        &["30 days", "unused", "original packaging"],
    );
    check(
        &["How long do refunds take?"],
        &["5 business days", "original payment method"],
    );
    check(
        &["How long does standard shipping take?"],
        &["3-5 business days", "free over $50"],
    );
    check(&["What does express shipping cost?"], &["1-2 days", "$12"]);
    check(&["When is support open?"], &["Mon-Fri 9:00-18:00 CET"]);
    check(
        &["I forgot my password, what now?"],
        &["Forgot password", "15 minutes"],
    );
    check(
        &["Which payment methods do you accept?"],
        &["Visa, Mastercard and PayPal"],
    );
    check(
        &["Do gift cards expire?"],
        &["never expire", "not refundable"],
    );
    check(
        &["Can I cancel an order?"],
        &["before it ships", "within 2 hours"],
    );
    check(&["What is the meaning of life?"], &["I do not know"]);
}

#[test]
fn what_was_read_is_reported() {
    let reply = talk(&["What is your return policy?"]);
    assert!(reply.retrieval_context[0].contains("30 days"));
    assert!(talk(&["hello"]).retrieval_context.is_empty());
}

#[test]
fn orders() {
    check(
        &["Where is my order A1001?"],
        &["A1001", "shipped", "TRK-1001"],
    );
    check(&["status of a1002 please"], &["A1002", "processing"]);
    check(&["Has A1003 arrived?"], &["delivered"]);
    check(&["Where is order A9999?"], &["A9999", "not found"]);
    check(&["Where is my order?"], &["order number"]);
    check(&["Can I return order A1003?"], &["delivered", "30 days"]);
    check(
        &["Please cancel order A1002"],
        &["processing", "before it ships"],
    );
    check(
        &["Please cancel order A1003"],
        &["can no longer be cancelled"],
    );
    check_tool(
        &["Where is my order A1001?"],
        "lookup_order",
        json!({"order_id": "A1001"}),
    );
    assert_eq!(
        talk(&["Give me the status of A1003 as JSON"]).text,
        r#"{"order_id":"A1003","status":"delivered"}"#
    );
}

#[test]
fn tickets() {
    check_tool(
        &["Please open an urgent ticket about a damaged parcel."],
        "create_ticket",
        json!({"subject": "a damaged parcel", "priority": "high"}),
    );
    let first = talk(&["Open a ticket about X"]).text;
    assert_eq!(first, talk(&["Open a ticket about X"]).text);
    let id = first
        .split_whitespace()
        .find(|w| w.starts_with("T-"))
        .unwrap();
    assert!(
        id.len() == 6 && id[2..].bytes().all(|b| b.is_ascii_digit()),
        "{id}"
    );
    check(
        &[
            "My e-mail is jo@example.com.",
            "Open a ticket about my bill",
        ],
        &["jo@example.com"],
    );
}

#[test]
fn memory() {
    check(
        &["My order number is A1001", "Where is my order?"],
        &["TRK-1001"],
    );
    check(
        &[
            "I ordered A1003.",
            "What are your hours?",
            "So what is the status of my order?",
        ],
        &["delivered"],
    );
    check(
        &[
            "My e-mail is jo@example.com",
            "hello",
            "Do gift cards expire?",
            "hi",
            "Which e-mail do you have?",
        ],
        &["jo@example.com"],
    );
    check(&["Which e-mail do you have?"], &["have not told me"]);
}

#[test]
fn faults_are_there() {
    let warranty = talk(&["How long is the warranty?"]);
    assert!(warranty.text.contains("1 year") && warranty.retrieval_context[0].contains("2 years"));
    check(
        &["My order is A1001", "hello", "hello", "Where is my order?"],
        &["tell me your order number"],
    );
    check_tool(
        &["Where is order A1004?"],
        "lookup_order",
        json!({"order_id": "A1040"}),
    );
    check(&["Where is order A1004?"], &["A1004", "not found"]);
    check(&["Cancel order A1001"], &["I have cancelled"]);
    assert_eq!(
        talk(&["Order A1002 as JSON"]).text,
        r#"{"order_id":"A1002"}"#
    );
    assert_eq!(talk(&["Do gift cards expire?"]).delay_ms, 700);
    assert_eq!(talk(&["What is your return policy?"]).delay_ms, 0);
}

#[test]
fn odd_texts_are_answered() {
    for text in [
        "",
        " ",
        "???",
        "\0",
        "a@b",
        "@.@",
        "A123",
        "A12345",
        "İ about İ ticket",
        "about",
        "ticket \"",
        "🦀🦀",
    ] {
        assert!(!talk(&[text]).text.is_empty(), "{text:?}");
    }
    assert!(!answer(&[]).text.is_empty());
}
