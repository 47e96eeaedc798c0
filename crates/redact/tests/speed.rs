//! How fast texts are looked through, natively: prose, chats, and texts made to take long. Run it on its own, optimised:
//! `cargo test --release -p assay-redact --test speed -- --ignored --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement of tests"
)]

use assay_model::{Batch, Observation};
use assay_redact::{Policy, Redactor};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const BYTES: usize = 1 << 20;

fn redactor() -> Redactor {
    let classes = [
        "email",
        "phone",
        "credit_card",
        "iban",
        "us_ssn",
        "ipv4",
        "ipv6",
        "api_key",
        "url_credentials",
    ];
    let mut rules: Vec<Value> = classes
        .iter()
        .map(|class| json!({"name": class, "kind": {"type": "class", "class": class}}))
        .collect();
    rules.push(
        json!({"name": "customer", "kind": {"type": "pattern", "pattern": r"\bCUST-\d{6}\b"}}),
    );
    let policy: Policy = serde_json::from_value(json!({ "rules": rules })).unwrap();
    Redactor::new(&policy, b"").unwrap()
}

/// How long one mebibyte of a text takes.
fn time(redactor: &Redactor, unit: &str) -> Duration {
    let mut batch = Batch {
        observations: vec![Observation {
            input: json!({ "text": unit.repeat(BYTES / unit.len()) }),
            ..Observation::default()
        }],
        ..Batch::default()
    };
    let start = Instant::now();
    redactor.batch(&mut batch);
    start.elapsed()
}

#[test]
#[ignore = "a measurement, for an optimised build"]
fn no_text_takes_long() {
    let redactor = redactor();
    let mut slow = Vec::new();
    for unit in [
        "lorem ipsum dolor sit amet, ",
        "On 24 November 2026 at 10:30:12 we sold 1,234 units for 56.78; ",
        "write to bob@example.com or +49 30 901820. ",
        "CUST-123456 ",
        "sk-",
        "eyJ-",
        "x@-.aa.",
        "@",
        "2001:",
        "1.1.1.1.",
        "(+1",
        "4111 ",
        "DE89 3704 ",
        "://a:b",
        "[REDACTED:",
        "bearer ",
        "{\"a\":[",
    ] {
        let took = time(&redactor, unit);
        println!("{:>8.1} ms/MiB  {unit:?}", took.as_secs_f64() * 1e3);
        if took > Duration::from_secs(2) {
            slow.push(unit);
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
