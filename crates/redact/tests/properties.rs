//! What holds for any text: redacting twice is redacting once, and no planted secret survives.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use assay_model::{Batch, Observation, Score, Trace};
use assay_redact::{Policy, Redactor};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One of each class, as it is looked for in what is stored.
const SECRETS: [&str; 9] = [
    "bob.planted@example.com",
    "+49 30 901820",
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "123-45-6789",
    "203.0.113.77",
    "2001:db8::77",
    "sk-abcd1234abcd1234abcd1234",
    "postgres://planted:s3cret@db/x",
];
/// The part of a secret that must be gone, where the rest may stay.
const NEEDLES: [&str; 9] = [
    "planted@example",
    "901820",
    "1111 1111",
    "37040044",
    "45-6789",
    "203.0.113.77",
    "2001:db8::77",
    "abcd1234",
    "s3cret",
];

fn classes(action: &str) -> Vec<Value> {
    [
        "url_credentials",
        "email",
        "phone",
        "credit_card",
        "iban",
        "us_ssn",
        "ipv4",
        "ipv6",
        "api_key",
    ]
    .iter()
    .map(|class| {
        json!({"name": class, "kind": {"type": "class", "class": class}, "action": action,
               "fields": ["input", "output", "metadata", "name", "tags", "user_id", "session_id",
                          "status_message", "model_parameters"]})
    })
    .collect()
}

fn redactor(rules: Vec<Value>) -> Redactor {
    let policy: Policy = serde_json::from_value(json!({ "rules": rules })).unwrap();
    Redactor::new(&policy, b"a salt of 16 byt").unwrap()
}

fn batch_of(value: &Value, text: &str) -> Batch {
    Batch {
        traces: vec![Trace {
            name: Some(text.to_owned()),
            tags: vec![text.to_owned()],
            input: value.clone(),
            ..Trace::default()
        }],
        observations: vec![Observation {
            name: text.to_owned(),
            status_message: Some(text.to_owned()),
            output: value.clone(),
            metadata: json!({ "m": value }),
            ..Observation::default()
        }],
        scores: vec![Score {
            comment: Some(text.to_owned()),
            ..Score::default()
        }],
    }
}

/// Text with the characters that matter to some class, and marks.
fn noise() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9@.:/ +()\\-]{0,40}",
        "[0-9 .\\-+:]{0,40}",
        "(\\[REDACTED:(email|any)\\]|\\[HASH:[0-9a-f]{16}\\]|[a-z0-9 :]){0,6}",
        "[\\{\\}\\[\\]\",:a-z0-9\\\\]{0,20}",
        "\\PC{0,20}",
        any::<(usize, usize)>().prop_map(|(i, n)| {
            let secret = SECRETS[i % SECRETS.len()];
            secret.chars().take(1 + n % secret.len()).collect()
        }),
    ]
}

/// A value whose strings are texts, JSON texts of values among them.
fn value(leaf: BoxedStrategy<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        leaf.prop_map(Value::String),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
            inner.prop_map(|v| Value::String(v.to_string())),
        ]
    })
}

fn policies() -> Vec<Redactor> {
    let with = |extra: Value| {
        let mut rules = classes("hash");
        rules.push(extra);
        redactor(rules)
    };
    vec![
        redactor(classes("mask")),
        redactor(classes("hash")),
        redactor(classes("remove")),
        with(json!({"name": "any", "kind": {"type": "pattern", "pattern": "[0-9a-f]+"}})),
        with(json!({"name": "any", "kind": {"type": "pattern", "pattern": "a.+b|:.*"}})),
        with(
            json!({"name": "any", "kind": {"type": "pattern", "pattern": "(?i)[a-h]+.", "replacement": "<a>"}}),
        ),
        with(
            json!({"name": "any", "kind": {"type": "pattern", "pattern": "1.", "replacement": ""}}),
        ),
        with(
            json!({"name": "any", "kind": {"type": "pointer", "pointer": "/*/a"}, "action": "hash"}),
        ),
        with(
            json!({"name": "any", "kind": {"type": "pointer", "pointer": "/*"}, "action": "remove"}),
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn redacting_twice_is_redacting_once(v in value(noise().boxed()), text in noise()) {
        for (i, redactor) in policies().iter().enumerate().take(8) {
            let mut once = batch_of(&v, &text);
            redactor.batch(&mut once);
            let mut twice = once.clone();
            let counts = redactor.batch(&mut twice);
            prop_assert_eq!(&once, &twice, "policy {}", i);
            prop_assert!(counts.is_empty(), "policy {}: {:?}", i, counts);
        }
    }

    #[test]
    fn no_planted_secret_survives(
        noises in prop::collection::vec("[a-z\\{\\}\",\\[\\] ]{0,12}", 3),
        which in 0..SECRETS.len(),
        nest in 0..5_usize,
        action in prop_oneof![Just("mask"), Just("hash"), Just("remove")],
    ) {
        let secret = SECRETS[which];
        let text = format!("{} {secret} {}", noises[0], noises[1]);
        let v = match nest {
            0 => json!(text),
            1 => json!({"a": [noises[2], {"b": text}]}),
            2 => json!(json!({"a": [text, 1]}).to_string()),
            3 => json!([json!({"q": json!([text]).to_string()}).to_string()]),
            _ => json!(json!({ "a": text }).to_string().replace('@', "\\u0040").replace("\":", "\" :\n")),
        };
        let mut batch = batch_of(&v, &text);
        let counts = redactor(classes(action)).batch(&mut batch);
        let stored = serde_json::to_string(&batch).unwrap();
        prop_assert!(!stored.contains(NEEDLES[which]), "{}", stored);
        prop_assert!(!counts.is_empty());
    }

    #[test]
    fn a_pattern_finds_what_the_expression_finds(text in "[a-c1-3. \\-]{0,30}") {
        for pattern in ["ab?c", "a[bc]+1", "b{2}a", "(a|b)c", "1\\.2", "a.c-", "(b1)?2", "c+a"] {
            let rules = vec![json!({"name": "p", "kind": {"type": "pattern", "pattern": pattern}})];
            let mut batch = Batch {
                traces: vec![Trace { input: json!(text), ..Trace::default() }],
                ..Batch::default()
            };
            let counts = redactor(rules).batch(&mut batch);
            let matches = regex_lite::Regex::new(pattern).unwrap().is_match(&text);
            prop_assert_eq!(!counts.is_empty(), matches, "{} in {:?}", pattern, text);
        }
    }
}
