//! Conversations end when AutoGen would end them, case by case as recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared with the oracles of metrics")]
#[path = "../../metrics/tests/common/mod.rs"]
mod oracles;

use assay_graph::stop::{Condition, Said, WasOver, Watch, What};
use serde_json::{Value, json};

/// The conditions that the recordings name.
fn condition(name: &str) -> Option<Condition> {
    let max = |most, with_events| Condition::MaxMessages { most, with_events };
    let mention = |sources: &[&str]| Condition::TextMention {
        text: "DONE".into(),
        sources: sources.iter().map(|s| (*s).to_owned()).collect(),
    };
    Some(match name {
        "max3" => max(3, false),
        "max3_with_events" => max(3, true),
        "mention" => mention(&[]),
        "mention_src" => mention(&["critic"]),
        "stop" => Condition::StopMessage {},
        "tok100" => Condition::TokenUsage {
            total: Some(100),
            prompt: None,
            completion: None,
        },
        "handoff_user" => Condition::Handoff {
            target: "user".into(),
        },
        "source_a" => Condition::SourceMatch {
            sources: vec!["a".into()],
        },
        "textmsg_any" => Condition::TextMessage { source: None },
        "textmsg_b" => Condition::TextMessage {
            source: Some("b".into()),
        },
        "fn_approve" => Condition::FunctionCall {
            name: "approve".into(),
        },
        "max2_or_mention" => Condition::Any(vec![max(2, false), mention(&[])]),
        "max2_and_mention" => Condition::All(vec![max(2, false), mention(&[])]),
        _ => return None,
    })
}

fn said(message: &Value) -> Said {
    let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
    Said {
        source: text("source"),
        what: match message["type"].as_str().unwrap() {
            "text" => What::Text(text("content")),
            "stop" => What::Stop(text("content")),
            "handoff" => What::Handoff(text("target")),
            "tool_exec" => What::Tool(text("name")),
            "event" => What::Event(text("content")),
            other => panic!("message {other}"),
        },
        prompt_tokens: message["pt"].as_u64().unwrap_or(0),
        completion_tokens: message["ct"].as_u64().unwrap_or(0),
    }
}

#[test]
fn oracle_autogen_termination() {
    oracles::run(
        &["termination"],
        |case| {
            let name = case["condition"]
                .as_str()
                .filter(|_| case["batches"].is_array())?;
            condition(name).map(|_| "termination".to_owned())
        },
        |_, case| {
            let mut watch = Watch::new(condition(case["condition"].as_str().unwrap()).unwrap());
            let mut results = Vec::new();
            for batch in case["batches"].as_array().unwrap() {
                let batch: Vec<Said> = batch.as_array().unwrap().iter().map(said).collect();
                let asked = watch.ask(&batch, 0);
                let ends = asked.is_err();
                results.push(match asked {
                    Ok(None) => Value::Null,
                    Ok(Some(over)) => {
                        json!({"stop": true, "source": over.source, "reason": over.reason})
                    }
                    Err(WasOver::One) => json!({"error": "TerminatedException"}),
                    Err(WasOver::Any) => json!({"error": "RuntimeError"}),
                });
                // The recording ended there.
                if ends {
                    break;
                }
            }
            let got = json!({"results": results, "terminated": watch.is_over()});
            let wanted =
                json!({"results": case["results_per_batch"], "terminated": case["terminated"]});
            if got == wanted {
                Ok(())
            } else {
                Err(format!("got {got}"))
            }
        },
    );
}
