//! Tests of what answers have said so far: in whatever pieces they come, in the end it is what the whole answer says.

use super::*;
use crate::target::testing::{agent, events, heard, turn, user};
use crate::target::{Exchange, Next};
use assay_model::AgentSpec;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

const KINDS: [&str; 5] = [
    "openai_chat",
    "openai_responses",
    "anthropic_messages",
    "a2a",
    "http",
];

fn of(agent: &AgentSpec) -> Partial {
    Partial::new(crate::target::hears(agent))
}

fn streaming(kind: &str) -> AgentSpec {
    agent(
        json!({"kind": kind, "model": "m", "stream": true, "body_template": {}, "response_pointer": "/text"}),
    )
}

/// An answer that says these words, as servers of that kind stream it.
fn stream(kind: &str, words: &[String]) -> Vec<Value> {
    let all = words.concat();
    let say = |make: &dyn Fn(&String) -> Value| words.iter().map(make).collect::<Vec<_>>();
    let mut events = Vec::new();
    match kind {
        "openai_chat" => {
            events.push(json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}));
            events.extend(say(&|w| json!({"choices": [{"delta": {"content": w}}]})));
            events.push(json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
        }
        "openai_responses" => {
            let part = json!({"type": "output_text", "text": all});
            let item = json!({"type": "message", "content": [part]});
            let begun = json!({"type": "message", "content": []});
            events.push(json!({"type": "response.created", "response": {"output": []}}));
            events.push(
                json!({"type": "response.output_item.added", "output_index": 1, "item": begun}),
            );
            events.extend(say(&|w| {
                json!({"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": w})
            }));
            events.push(
                json!({"type": "response.output_item.done", "output_index": 1, "item": item}),
            );
            let response = json!({"status": "completed", "output": [item]});
            events.push(json!({"type": "response.completed", "response": response}));
        }
        "anthropic_messages" => {
            events.push(json!({"type": "message_start", "message": {"content": []}}));
            let thinking = json!({"type": "thinking", "thinking": "hm"});
            events.push(
                json!({"type": "content_block_start", "index": 0, "content_block": thinking}),
            );
            let text = json!({"type": "text", "text": ""});
            events.push(json!({"type": "content_block_start", "index": 1, "content_block": text}));
            events.extend(say(&|w| {
                json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": w}})
            }));
            events.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}));
            events.push(json!({"type": "message_stop"}));
        }
        "a2a" => {
            let status = |state: &str| {
                let message = json!({"parts": [{"text": "Just a moment"}]});
                json!({"result": {"kind": "status-update", "taskId": "t", "status": {"state": state, "message": message}}})
            };
            events.push(status("working"));
            events.extend(say(&|w| {
                let artifact = json!({"artifactId": "a", "parts": [{"kind": "text", "text": w}]});
                json!({"result": {"kind": "artifact-update", "taskId": "t", "append": true, "artifact": artifact}})
            }));
            events.push(status("completed"));
        }
        _ => {
            events.extend(say(&|w| json!({"text": w})));
            events.push(json!({"usage": {"input_tokens": 1, "output_tokens": 1}}));
        }
    }
    events
}

/// The texts that a body comes to, piece by piece.
fn texts<'b>(agent: &AgentSpec, pieces: impl Iterator<Item = &'b [u8]>) -> Vec<String> {
    let mut partial = of(agent);
    pieces
        .map(|piece| {
            partial.feed(piece);
            partial.text().to_owned()
        })
        .collect()
}

proptest! {
    #[test]
    fn in_whatever_pieces_it_says_what_the_whole_says(
        words in proptest::collection::vec("[a-zé€😀 \\\\\"\n]{1,6}", 1..6),
        cuts in proptest::collection::vec(0_usize..2_000, 0..9),
        crlf in proptest::bool::ANY,
    ) {
        for kind in KINDS {
            let agent = streaming(kind);
            let mut body = events(&stream(kind, &words));
            if crlf {
                body = String::from_utf8(body).unwrap().replace('\n', "\r\n").into_bytes();
            }
            let whole = heard(&agent, &body).unwrap().answer.content;
            prop_assert_eq!(&whole, &words.concat());
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
            ends.extend([0, body.len()]);
            ends.sort_unstable();
            let cut = ends.windows(2).map(|w| &body[w[0]..w[1]]);
            for told in [texts(&agent, body.chunks(1)), texts(&agent, cut)] {
                prop_assert_eq!(told.last().unwrap(), &whole, "{}", kind);
                // It only grows, and never says what the answer does not.
                prop_assert!(told.iter().all(|text| whole.starts_with(text.as_str())), "{} {:?}", kind, told);
                prop_assert!(told.is_sorted_by_key(String::len), "{} {:?}", kind, told);
            }
        }
    }

    #[test]
    fn nothing_is_too_strange(
        kind in proptest::sample::select(KINDS.as_slice()),
        noise in proptest::collection::vec(
            proptest::sample::select(["data: ", "{}", "null", "\n\n", "[DONE]", "{\"type\":\"error\"}", "\u{feff}", "7"].as_slice()),
            0..12,
        ).prop_map(|all| all.concat()),
    ) {
        let body = noise.into_bytes();
        let _ = texts(&streaming(kind), body.chunks(3));
    }
}

#[test]
fn the_words_are_there_before_the_end() {
    let words = ["Refunds ".to_owned(), "take 5 days.".to_owned()];
    for kind in KINDS {
        let body = events(&stream(kind, &words));
        let told = texts(&streaming(kind), body.chunks(1));
        assert!(told.contains(&"Refunds ".to_owned()), "{kind}");
    }
}

#[test]
fn what_goes_wrong_ends_what_is_told_and_no_more() {
    let agent = streaming("openai_chat");
    let mut partial = of(&agent);
    partial.feed(&events(&[
        json!({"choices": [{"delta": {"content": "a"}}]}),
    ]));
    partial.feed(b"data: {\"error\": {\"message\": \"down\"}}\n\n");
    partial.feed(&events(&[
        json!({"choices": [{"delta": {"content": "b"}}]}),
    ]));
    assert_eq!(partial.text(), "a");
    // One piece where a stream was asked for is not followed.
    let mut partial = of(&agent);
    partial.feed(b"{\"choices\": [{\"message\": {\"content\": \"whole\"}}]}");
    assert_eq!(partial.text(), "");
}

#[test]
fn refusals_are_told() {
    let mut partial = of(&streaming("openai_chat"));
    partial.feed(&events(&[
        json!({"choices": [{"delta": {"refusal": "I can"}}]}),
    ]));
    assert_eq!(partial.text(), "I can");
    let mut partial = of(&streaming("openai_responses"));
    partial.feed(&events(&[
        json!({"type": "response.refusal.delta", "output_index": 0, "content_index": 0, "delta": "I can"}),
    ]));
    assert_eq!(partial.text(), "I can");
}

#[test]
fn the_final_answer_wins_over_what_came_before_it() {
    let agent = streaming("openai_responses");
    let added = |index: u32, phase: &str| {
        let item = json!({"type": "message", "phase": phase, "content": []});
        json!({"type": "response.output_item.added", "output_index": index, "item": item})
    };
    let delta = |index: u32, text: &str| json!({"type": "response.output_text.delta", "output_index": index, "content_index": 0, "delta": text});
    let mut partial = of(&agent);
    partial.feed(&events(&[added(0, "commentary"), delta(0, "Let me see.")]));
    assert_eq!(partial.text(), "Let me see.");
    partial.feed(&events(&[added(1, "final_answer"), delta(1, "Five days.")]));
    assert_eq!(partial.text(), "Five days.");
}

#[test]
fn of_a_long_answer_the_beginning_is_told() {
    let agent = streaming("openai_chat");
    let word = "\u{20ac}".repeat(10_000);
    let body = events(&vec![json!({"choices": [{"delta": {"content": word}}]}); 4]);
    let told = texts(&agent, body.chunks(1_000));
    let last = told.last().unwrap();
    assert_eq!(last.len(), MAX_PARTIAL_BYTES - MAX_PARTIAL_BYTES % 3);
    assert!(last.chars().all(|c| c == '\u{20ac}'));
}

#[test]
fn only_what_streams_is_followed() {
    let messages = [user("q")];
    let plain = agent(json!({"kind": "openai_chat"}));
    let exchange = Exchange::new(turn(&plain, &messages, &Value::Null), &[]);
    assert!(exchange.partial().is_none());
    let a2a = streaming("a2a");
    let mut exchange = Exchange::new(turn(&a2a, &messages, &Value::Null), &[]);
    assert!(exchange.partial().is_some());
    let working = json!({"result": {"kind": "task", "id": "t", "status": {"state": "working"}}});
    let next = exchange.hear(&events(&[working])).unwrap();
    assert!(matches!(next, Next::Again { .. }));
    assert!(
        exchange.partial().is_none(),
        "the task is asked for in one piece"
    );
}
