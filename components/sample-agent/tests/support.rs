//! The shipped support cases against the bot: exactly those tagged `known-fault` fail, and each for its own fault.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_sample_agent::bot::{Message, Reply, Speaker, answer};
use serde_json::Value;
use std::collections::BTreeSet;

/// The failing checks of each case with a fault, as `case: metric`.
const FAULTS: [&str; 7] = [
    "cancel-shipped: regex",
    "gift-card-expiry: latency",
    "json-processing: json_schema",
    "order-cancelled: contains",
    "order-cancelled: tool_correctness",
    "talk-order-four-turns: contains",
    "warranty-length: contains",
];

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/support.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

/// Runs a case to its end: the last reply, and all tools that were called.
fn run(case: &Value) -> (Reply, Vec<(String, Value)>) {
    let mut messages = Vec::new();
    for message in case["history"].as_array().into_iter().flatten() {
        let speaker = if message["role"] == "user" {
            Speaker::User
        } else {
            Speaker::Assistant
        };
        messages.push(Message {
            speaker,
            text: message["content"].as_str().unwrap().to_owned(),
        });
    }
    let turns = case["input"]
        .as_str()
        .map_or_else(|| texts(&case["turns"]), |input| vec![input.to_owned()]);
    let (mut last, mut tools) = (Reply::default(), Vec::new());
    for turn in turns {
        messages.push(Message {
            speaker: Speaker::User,
            text: turn,
        });
        last = answer(&messages);
        tools.extend(
            last.tools_called
                .iter()
                .map(|c| (c.name.to_owned(), c.input_parameters.clone())),
        );
        messages.push(Message {
            speaker: Speaker::Assistant,
            text: last.text.clone(),
        });
    }
    (last, tools)
}

/// Whether a metric of a case passes. Simple readings of the metrics: the evaluator's own are tested with it.
fn passes(metric: &Value, case: &Value, reply: &Reply, tools: &[(String, Value)]) -> bool {
    let params = &metric["params"];
    match metric["kind"].as_str().unwrap() {
        "exact_match" => case["expected_output"] == reply.text.as_str(),
        "contains" => texts(&params["values"])
            .iter()
            .all(|value| reply.text.contains(value)),
        "latency" => reply.delay_ms < params["max_ms"].as_u64().unwrap(),
        "regex" => {
            let pattern = params["pattern"].as_str().unwrap();
            let whole = format!("^(?:{pattern})$");
            let pattern = if params["search"] == true {
                pattern
            } else {
                &whole
            };
            regex::Regex::new(pattern).unwrap().is_match(&reply.text)
        }
        "tool_correctness" => {
            let expected = case["expected_tools"].as_array().unwrap();
            let arguments = params["check_arguments"] == true;
            expected.iter().all(|e| {
                tools.iter().any(|(name, input)| {
                    e["name"] == name.as_str() && (!arguments || e["input_parameters"] == *input)
                })
            })
        }
        "json_schema" => serde_json::from_str::<Value>(&reply.text).is_ok_and(|json| {
            let schema = &params["schema"];
            let properties = schema["properties"].as_object().unwrap();
            texts(&schema["required"])
                .iter()
                .all(|key| json.get(key).is_some())
                && properties
                    .iter()
                    .all(|(key, p)| json.get(key).is_none_or(|v| *v == p["const"]))
        }),
        other => panic!("a case uses {other}: teach it to this test"),
    }
}

#[test]
fn exactly_the_faults_fail() {
    let cases = cases();
    assert!(cases.len() >= 25, "{} cases", cases.len());
    let mut failed = BTreeSet::new();
    for case in &cases {
        let key = case["key"].as_str().unwrap();
        let (reply, tools) = run(case);
        let before = failed.len();
        for metric in case["metrics"].as_array().unwrap() {
            if !passes(metric, case, &reply, &tools) {
                failed.insert(format!("{key}: {}", metric["kind"].as_str().unwrap()));
            }
        }
        let known = texts(&case["tags"]).iter().any(|tag| tag == "known-fault");
        assert_eq!(
            failed.len() > before,
            known,
            "{key}: {:?} {:?}",
            reply.text,
            failed
        );
    }
    let expected: BTreeSet<String> = FAULTS.iter().map(|f| (*f).to_owned()).collect();
    assert_eq!(failed, expected);
}
