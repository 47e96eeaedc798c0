//! Answers that come as server-sent events, read when all of them are there.

use crate::AnswerError;
use crate::answer::{MAX_ANSWER_BYTES, parse_json, reported_error};
use eventsource_stream::Eventsource as _;
use futures::{FutureExt as _, StreamExt as _, stream};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Most tool calls of one answer.
const MAX_CALLS: u64 = 1000;

/// The body without byte order marks at its start, on which the decoder's arithmetic fails.
pub(crate) fn unmarked(mut body: &[u8]) -> &[u8] {
    while let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf") {
        body = rest;
    }
    body
}

/// What the events of a stream add up to, event by event.
pub(crate) trait Hears {
    /// Takes the data of the next event. `true` when nothing of the answer comes after it.
    ///
    /// # Errors
    /// [`AnswerError`] when it is none of the protocol's, or reports an error.
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError>;

    /// The answer's text, as far as it is there.
    fn said(&self) -> String;
}

/// Hears all events of a body. Whether the stream has said that it is over.
///
/// # Errors
/// As [`events`] and [`Hears::hear`].
pub(crate) fn hear_all(body: &[u8], hears: &mut impl Hears) -> Result<bool, AnswerError> {
    for data in events(body)? {
        if hears.hear(&data)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a body is events rather than one document.
pub(crate) fn is_events(body: &[u8]) -> bool {
    let start = unmarked(body).trim_ascii_start();
    ["data:", "event:", "id:", "retry:", ":"]
        .iter()
        .any(|field| start.starts_with(field.as_bytes()))
}

/// The data of every event.
///
/// # Errors
/// [`AnswerError`] when it is too large, or not UTF-8.
pub(crate) fn events(body: &[u8]) -> Result<Vec<String>, AnswerError> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerError::TooLarge(body.len()));
    }
    // The last event counts also where the server did not end it with an empty line.
    let pieces = [Ok::<_, Infallible>(unmarked(body)), Ok(b"\n\n".as_slice())];
    let read = stream::iter(pieces).eventsource().collect::<Vec<_>>();
    // All of it is here, so nothing is waited for.
    let read = read.now_or_never().unwrap_or_default();
    read.into_iter()
        .map(|event| {
            event
                .map(|e| e.data)
                .map_err(|_| AnswerError::Shape("the events are not UTF-8"))
        })
        .collect()
}

/// The chat completion that the chunks of a stream add up to.
///
/// # Errors
/// [`AnswerError`] when a chunk is not JSON or reports an error, or when the stream breaks off.
pub(crate) fn completion(body: &[u8]) -> Result<Value, AnswerError> {
    let mut whole = Completion::default();
    let ended = hear_all(body, &mut whole)?;
    if !ended && whole.finish_reason.is_null() {
        return Err(AnswerError::Shape("the stream broke off"));
    }
    Ok(whole.into_completion())
}

/// A chat completion while it is streamed.
#[derive(Default)]
pub(crate) struct Completion {
    content: String,
    refusal: String,
    /// By their place; parts of a name or of arguments follow each other.
    calls: BTreeMap<u64, Call>,
    logprobs: Vec<Value>,
    finish_reason: Value,
    /// What stands beside the choices: `model`, `usage`, `assay`.
    rest: Map<String, Value>,
}

#[derive(Default)]
struct Call {
    id: Value,
    name: String,
    arguments: String,
}

impl Hears for Completion {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim() == "[DONE]" {
            return Ok(true);
        }
        if data.trim().is_empty() {
            return Ok(false);
        }
        let chunk = parse_json(data.as_bytes())?;
        if let Some(error) = reported_error(&chunk) {
            return Err(error);
        }
        self.add(&chunk);
        Ok(false)
    }

    fn said(&self) -> String {
        let text = if self.content.is_empty() {
            &self.refusal
        } else {
            &self.content
        };
        text.clone()
    }
}

impl Completion {
    fn add(&mut self, chunk: &Value) {
        for name in ["model", "usage", "assay"] {
            if let Some(value) = chunk.get(name).filter(|v| !v.is_null()) {
                self.rest.insert(name.to_owned(), value.clone());
            }
        }
        let Some(choice) = chunk.pointer("/choices/0") else {
            return;
        };
        let text = |at: &str| choice.pointer(at).and_then(Value::as_str);
        self.content
            .push_str(text("/delta/content").unwrap_or_default());
        self.refusal
            .push_str(text("/delta/refusal").unwrap_or_default());
        let list = |at: &str| {
            choice
                .pointer(at)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        self.logprobs.extend(list("/logprobs/content").cloned());
        for (place, part) in list("/delta/tool_calls").enumerate() {
            let index = part.get("index").and_then(Value::as_u64);
            let index = index.unwrap_or(u64::try_from(place).unwrap_or(MAX_CALLS));
            if index >= MAX_CALLS {
                continue;
            }
            let call = self.calls.entry(index).or_default();
            let text = |at: &str| part.pointer(at).and_then(Value::as_str).unwrap_or_default();
            call.name.push_str(text("/function/name"));
            call.arguments.push_str(text("/function/arguments"));
            if let Some(id) = part.get("id").filter(|id| !id.is_null()) {
                call.id = id.clone();
            }
        }
        if let Some(reason) = choice.get("finish_reason").filter(|r| !r.is_null()) {
            self.finish_reason = reason.clone();
        }
    }

    fn into_completion(mut self) -> Value {
        let calls: Vec<Value> = self
            .calls
            .into_values()
            .map(|call| {
                let function = json!({"name": call.name, "arguments": call.arguments});
                json!({"id": call.id, "type": "function", "function": function})
            })
            .collect();
        let mut message =
            json!({"role": "assistant", "content": self.content, "tool_calls": calls});
        if !self.refusal.is_empty()
            && let Some(fields) = message.as_object_mut()
        {
            fields.insert("refusal".into(), json!(self.refusal));
        }
        let choice = json!({
            "message": message, "finish_reason": self.finish_reason, "logprobs": {"content": self.logprobs},
        });
        self.rest.insert("choices".into(), json!([choice]));
        Value::Object(self.rest)
    }
}

/// One document of an agent's own events: at `pointer` all texts that are there in any event, joined, beside the last
/// `usage`, `model` and `assay`. Events that are not JSON are texts themselves.
///
/// # Errors
/// [`AnswerError`] when an event reports an error or none has anything at `pointer`.
pub(crate) fn joined(body: &[u8], pointer: &str) -> Result<Value, AnswerError> {
    let mut joined = Joined::new(pointer);
    hear_all(body, &mut joined)?;
    joined.whole()
}

/// An agent's own events while they come.
pub(crate) struct Joined {
    pointer: String,
    text: String,
    /// Whether any event had a text there.
    found: bool,
    rest: Map<String, Value>,
}

impl Joined {
    pub(crate) fn new(pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            text: String::new(),
            found: false,
            rest: Map::new(),
        }
    }

    fn whole(mut self) -> Result<Value, AnswerError> {
        if !self.found {
            return Err(AnswerError::NothingAt(self.pointer));
        }
        self.rest.insert("text".to_owned(), self.text.into());
        Ok(Value::Object(self.rest))
    }
}

impl Hears for Joined {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim() == "[DONE]" {
            return Ok(true);
        }
        let event = serde_json::from_str(data).unwrap_or_else(|_| Value::from(data));
        if let Some(error) = reported_error(&event) {
            return Err(error);
        }
        if let Some(part) = event.pointer(&self.pointer).and_then(Value::as_str) {
            self.text.push_str(part);
            self.found = true;
        }
        for name in ["model", "usage", "assay"] {
            if let Some(value) = event.get(name).filter(|v| !v.is_null()) {
                self.rest.insert(name.to_owned(), value.clone());
            }
        }
        Ok(false)
    }

    fn said(&self) -> String {
        self.text.clone()
    }
}

/// Pointer to where [`joined`] puts the text.
pub(crate) const JOINED: &str = "/text";

#[cfg(test)]
mod tests {
    use super::*;

    fn sse(chunks: &[Value], end: &str) -> Vec<u8> {
        let mut all: String = chunks.iter().map(|c| format!("data: {c}\n\n")).collect();
        all.push_str(end);
        all.into_bytes()
    }

    fn delta(delta: Value) -> Value {
        json!({"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
    }

    #[test]
    fn chunks_add_up() {
        let body = sse(
            &[
                delta(json!({"role": "assistant", "content": ""})),
                delta(json!({"content": "Hello "})),
                delta(json!({"content": "you"})),
                delta(
                    json!({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "look", "arguments": "{\"a\""}}]}),
                ),
                delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]})),
                json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
                json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
            ],
            "data: [DONE]\n\n",
        );
        assert!(is_events(&body));
        let whole = completion(&body).unwrap();
        let message = &whole["choices"][0]["message"];
        assert_eq!(message["content"], "Hello you");
        assert_eq!(
            message["tool_calls"],
            json!([{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}}])
        );
        assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");
        assert_eq!(whole["usage"]["completion_tokens"], 4);
        assert_eq!(whole["model"], "m");
    }

    #[test]
    fn a_stream_that_breaks_off_is_no_answer() {
        let part = delta(json!({"content": "Hel"}));
        let check = |chunks: &[Value], end: &str, says: &str| {
            let fault = completion(&sse(chunks, end)).unwrap_err().to_string();
            assert!(fault.contains(says), "{fault}");
        };
        check(std::slice::from_ref(&part), "", "broke off");
        check(&[], "", "broke off");
        check(
            &[json!({"error": {"message": "overloaded"}})],
            "",
            "overloaded",
        );
        check(&[], "data: {\"choices\"", "not JSON");
        // The end is told either way.
        for end in [
            "data: [DONE]",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        ] {
            assert!(
                completion(&sse(std::slice::from_ref(&part), end)).is_ok(),
                "{end}"
            );
        }
    }

    #[test]
    fn every_line_ending_and_comment_is_read() {
        for body in [
            "data: {\"t\":\"a\"}\r\n\r\ndata: {\"t\":\"b\"}\r\n\r\n",
            ": ping\n\ndata: {\"t\":\"a\"}\n\nid: 7\ndata: {\"t\":\ndata: \"b\"}\n\n",
            "\u{feff}event: x\ndata:{\"t\":\"ab\"}",
        ] {
            assert_eq!(
                joined(body.as_bytes(), "/t").unwrap()["text"],
                "ab",
                "{body}"
            );
        }
        assert_eq!(
            joined(b"data: a\n\ndata:  b\n\n", "").unwrap()["text"],
            "a b"
        );
        assert!(joined(b"data: {}\n\n", "/t").is_err());
    }

    const PIECES: [&[u8]; 9] = [
        b"data:",
        b"\xef\xbb\xbf",
        b"\n",
        b"\r",
        b"{}",
        b"\xff",
        b":",
        b"\xc3\xa9",
        b"id:\0",
    ];

    proptest::proptest! {
        #[test]
        fn nothing_is_too_strange(
            body in proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..12)
        ) {
            let body = body.concat();
            let _ = (is_events(&body), completion(&body), joined(&body, "/a"));
        }
    }

    #[test]
    fn documents_are_not_events() {
        assert!(!is_events(b"{\"data\": 1}"));
        assert!(!is_events(b""));
    }
}
