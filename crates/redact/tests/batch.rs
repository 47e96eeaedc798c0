//! Policies over whole batches: actions, fields, JSON within JSON, counts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use assay_model::{Batch, ExperimentLink, Observation, Score, ScoreType, Trace};
use assay_redact::{Counts, Policy, Redactor};
use serde_json::{Value, json};

const SALT: &[u8] = b"0123456789abcdef";

fn redactor(rules: Value) -> Redactor {
    let policy: Policy = serde_json::from_value(json!({ "rules": rules })).unwrap();
    Redactor::new(&policy, SALT).unwrap()
}

/// An input under the rules.
fn input(rules: Value, value: Value) -> Value {
    let mut batch = Batch {
        observations: vec![Observation {
            input: value,
            ..Observation::default()
        }],
        ..Batch::default()
    };
    redactor(rules).batch(&mut batch);
    batch.observations[0].input.clone()
}

fn email(action: &str) -> Value {
    json!([{"name": "mail", "kind": {"type": "class", "class": "email"}, "action": action}])
}

fn pointer(pointer: &str, action: &str) -> Value {
    json!([{"name": "p", "kind": {"type": "pointer", "pointer": pointer}, "action": action}])
}

#[test]
fn masks_within_text() {
    assert_eq!(
        input(
            email("mask"),
            json!({"q": ["from bob@example.com to ann@example.org", 7, null]})
        ),
        json!({"q": ["from [REDACTED:mail] to [REDACTED:mail]", 7, null]})
    );
}

#[test]
fn hashes_stay_joinable() {
    let out = input(
        email("hash"),
        json!(["bob@example.com", "x bob@example.com", "ann@example.com"]),
    );
    let first = out[0].as_str().unwrap();
    assert!(first.starts_with("[HASH:") && first.len() == 23, "{first}");
    assert_eq!(out[1], json!(format!("x {first}")));
    assert_ne!(out[2], out[0]);
}

#[test]
fn removes_the_value_that_holds_it() {
    assert_eq!(
        input(
            email("remove"),
            json!({"a": "mail bob@example.com", "l": ["bob@example.com", "x"]})
        ),
        json!({"l": [null, "x"]})
    );
    assert_eq!(
        input(email("remove"), json!("bob@example.com")),
        Value::Null
    );
}

#[test]
fn pointers_act_on_any_value() {
    let value = json!({"u": {"name": "Bob", "age": 44, "x": null}, "l": [{"k": "a"}, {"k": "b"}]});
    assert_eq!(
        input(pointer("/u/*", "mask"), value.clone()),
        json!({"u": {"name": "[REDACTED:p]", "age": "[REDACTED:p]", "x": null}, "l": [{"k": "a"}, {"k": "b"}]})
    );
    assert_eq!(
        input(pointer("/l/*/k", "remove"), value.clone()),
        json!({"u": {"name": "Bob", "age": 44, "x": null}, "l": [{}, {}]})
    );
    assert_eq!(input(pointer("", "remove"), value.clone()), Value::Null);
    let hashed = input(pointer("/u", "hash"), value);
    assert!(hashed["u"].as_str().unwrap().starts_with("[HASH:"));
}

#[test]
fn json_texts_are_json() {
    let arguments =
        r#"{"to": "b\u006fb\u0040example.com", "bob@example.com": 1, "n": {"key": "v"}}"#;
    assert_eq!(
        input(email("mask"), json!({ "arguments": arguments })),
        json!({"arguments": r#"{"bob@example.com":1,"n":{"key":"v"},"to":"[REDACTED:mail]"}"#})
    );
    assert_eq!(
        input(
            pointer("/arguments/n/key", "mask"),
            json!({ "arguments": arguments })
        ),
        json!({"arguments": r#"{"bob@example.com":1,"n":{"key":"[REDACTED:p]"},"to":"bob@example.com"}"#})
    );
    // Nothing in it: not a character changes.
    let quiet = r#"{ "z": 1.50, "a": "\u0041 \/" }"#;
    assert_eq!(input(email("mask"), json!(quiet)), json!(quiet));
    // A key that is there twice would hide its first value.
    assert_eq!(
        input(email("mask"), json!(r#"{"a": "bob@example.com", "a": 1}"#)),
        json!(r#"{"a":1}"#)
    );
    // What only looks like JSON is text.
    assert_eq!(
        input(email("mask"), json!(r#"{"a": bob@example.com}"#)),
        json!(r#"{"a": [REDACTED:mail]}"#)
    );
}

#[test]
fn keys_stay() {
    let rules = json!([{"name": "r", "kind": {"type": "pattern", "pattern": "secret"}}]);
    assert_eq!(
        input(rules, json!({"secret": "secret"})),
        json!({"secret": "[REDACTED:r]"})
    );
}

#[test]
fn whole_numbers_are_looked_at_and_fractions_are_not() {
    let rules = json!([{"name": "card", "kind": {"type": "class", "class": "credit_card"}}]);
    assert_eq!(
        input(
            rules,
            json!([
                4111111111111111_u64,
                0.4111111111111111,
                1732428000123456_u64
            ])
        ),
        json!(["[REDACTED:card]", 0.4111111111111111, 1732428000123456_u64])
    );
}

#[test]
fn replacements_are_literal() {
    let rules = json!([{"name": "r", "kind": {"type": "pattern", "pattern": "CUST-(\\d+)", "replacement": "<$1>"}}]);
    assert_eq!(input(rules, json!("a CUST-12 b")), json!("a <$1> b"));
    let nothing =
        json!([{"name": "r", "kind": {"type": "pattern", "pattern": "ab", "replacement": ""}}]);
    assert_eq!(input(nothing, json!("xaabbx")), json!("xx"));
}

#[test]
fn a_rule_sees_through_marks_of_another_one() {
    let rules = json!([
        {"name": "mail", "kind": {"type": "class", "class": "email"}},
        {"name": "block", "kind": {"type": "pattern", "pattern": "secret\\{[^}]*\\}"}},
        {"name": "digits", "kind": {"type": "pattern", "pattern": "\\d+"}, "action": "hash"},
        {"name": "all", "kind": {"type": "pattern", "pattern": "REDACTED|HASH"}},
    ]);
    let out = input(rules, json!("secret{to bob@example.com} and 12"));
    let text = out.as_str().unwrap();
    assert!(text.starts_with("[REDACTED:block] and [HASH:"), "{text}");
}

#[test]
fn the_pointer_comes_first() {
    let rules = json!([
        {"name": "mail", "kind": {"type": "class", "class": "email"}},
        {"name": "user", "kind": {"type": "pointer", "pointer": "/user"}, "action": "hash"},
    ]);
    let out = input(rules, json!([{}, {"user": "x"}]));
    assert_eq!(out, json!([{}, {"user": "x"}]));
    let rules = json!([
        {"name": "mail", "kind": {"type": "class", "class": "email"}},
        {"name": "user", "kind": {"type": "pointer", "pointer": "/*/user"}, "action": "hash"},
    ]);
    let out = input(rules, json!([{"user": "a@x.org"}, {"user": "b@x.org"}]));
    assert_ne!(out[0]["user"], out[1]["user"], "hashed as it was sent");
}

fn full() -> Batch {
    let s = "bob@example.com";
    Batch {
        traces: vec![Trace {
            name: Some(s.into()),
            user_id: Some(s.into()),
            session_id: Some(s.into()),
            input: json!(s),
            output: json!(s),
            metadata: json!({ "m": s }),
            tags: vec![s.into(), "vip".into()],
            ..Trace::default()
        }],
        observations: vec![Observation {
            name: s.into(),
            status_message: Some(s.into()),
            input: json!(s),
            output: json!(s),
            metadata: json!({ "m": s }),
            model_parameters: json!({ "user": s }),
            experiment: Some(ExperimentLink {
                name: Some(s.into()),
                description: Some(s.into()),
                metadata: json!({ "m": s }),
                expected_output: json!(s),
                item_metadata: json!({ "m": s }),
                ..ExperimentLink::default()
            }),
            ..Observation::default()
        }],
        scores: vec![
            Score {
                comment: Some(s.into()),
                session_id: Some(s.into()),
                metadata: json!({ "m": s }),
                data_type: ScoreType::Correction,
                string_value: Some(s.into()),
                ..Score::default()
            },
            Score {
                data_type: ScoreType::Categorical,
                string_value: Some(s.into()),
                ..Score::default()
            },
        ],
    }
}

/// How often the address is in what is stored, when a rule covers these fields.
fn left(fields: Value) -> (usize, Counts) {
    let rules =
        json!([{"name": "mail", "kind": {"type": "class", "class": "email"}, "fields": fields}]);
    let mut batch = full();
    let counts = redactor(rules).batch(&mut batch);
    let text = serde_json::to_string(&batch).unwrap();
    (text.matches("bob@example.com").count(), counts)
}

#[test]
fn every_field_is_covered_by_its_name() {
    let all = serde_json::to_string(&full())
        .unwrap()
        .matches("bob@example.com")
        .count();
    assert_eq!(all, 23);
    // The comment of the score is covered by any rule.
    for (field, gone) in [
        ("input", 2),
        ("output", 4),
        ("metadata", 6),
        ("name", 3),
        ("tags", 1),
        ("user_id", 1),
        ("session_id", 2),
        ("status_message", 1),
        ("model_parameters", 1),
    ] {
        let (left, counts) = left(json!([field]));
        assert_eq!(all - left, gone + 1, "{field}");
        assert_eq!(counts["mail"], gone as u64 + 1, "{field}");
    }
}

#[test]
fn texts_and_tags_that_are_removed() {
    let rules = json!([{"name": "mail", "kind": {"type": "class", "class": "email"}, "action": "remove",
        "fields": ["name", "tags", "user_id", "status_message"]}]);
    let mut batch = full();
    redactor(rules).batch(&mut batch);
    assert_eq!(batch.traces[0].tags, ["vip"]);
    assert_eq!(batch.traces[0].user_id, None);
    assert_eq!(batch.observations[0].name, "");
    assert_eq!(batch.observations[0].status_message, None);
    assert_eq!(batch.scores[0].comment, None);
    let hash = json!([{"name": "u", "kind": {"type": "pointer", "pointer": ""}, "action": "hash",
        "fields": ["user_id", "session_id"]}]);
    let mut batch = full();
    redactor(hash).batch(&mut batch);
    let user = batch.traces[0].user_id.clone().unwrap();
    assert!(user.starts_with("[HASH:"), "{user}");
    assert_eq!(batch.traces[0].session_id, batch.scores[0].session_id);
    assert_eq!(batch.scores[0].comment.as_deref(), Some("bob@example.com"));
}

#[test]
fn nothing_found_counts_nothing_and_changes_nothing() {
    let rules = json!([{"name": "iban", "kind": {"type": "class", "class": "iban"}}]);
    let mut batch = full();
    assert!(redactor(rules).batch(&mut batch).is_empty());
    assert_eq!(batch, full());
    assert!(redactor(json!([])).batch(&mut batch).is_empty());
}

#[test]
fn a_short_salt_is_refused_where_it_matters() {
    let policy = |action: &str| -> Policy {
        serde_json::from_value(json!({ "rules": email(action) })).unwrap()
    };
    assert!(Redactor::new(&policy("mask"), b"").is_ok());
    assert_eq!(
        Redactor::new(&policy("hash"), b"short").unwrap_err()[0].field,
        ""
    );
    let wrong: Policy = serde_json::from_value(
        json!({"rules": [{"name": "a", "kind": {"type": "pattern", "pattern": "("}}]}),
    )
    .unwrap();
    assert_eq!(
        Redactor::new(&wrong, SALT).unwrap_err()[0].field,
        "/rules/0/kind/pattern"
    );
}
