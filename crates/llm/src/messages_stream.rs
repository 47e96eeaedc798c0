//! A message of Anthropic's Messages API that comes as events.

use crate::answer::{parse_json, reported_error};
use crate::{AnswerError, stream};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most blocks of an answer.
const MAX_BLOCKS: u64 = 10_000;

/// The message that a stream of events adds up to.
///
/// # Errors
/// [`AnswerError`] when an event is not JSON or reports an error, or when the stream breaks off.
pub(crate) fn streamed(body: &[u8]) -> Result<Value, AnswerError> {
    let mut streamed = Streamed::default();
    stream::hear_all(body, &mut streamed)?;
    if !streamed.ended {
        return Err(AnswerError::Shape("the stream broke off"));
    }
    let Streamed {
        mut message,
        blocks,
        ..
    } = streamed;
    let blocks = blocks.into_values().map(Block::whole).collect();
    message.insert("content".into(), blocks);
    Ok(Value::Object(message))
}

/// A message while it is streamed.
#[derive(Default)]
pub(crate) struct Streamed {
    message: Map<String, Value>,
    blocks: BTreeMap<u64, Block>,
    ended: bool,
}

impl stream::Hears for Streamed {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim().is_empty() {
            return Ok(false);
        }
        let event = parse_json(data.as_bytes())?;
        if let Some(error) = reported_error(&event) {
            return Err(error);
        }
        let index = event
            .get("index")
            .and_then(Value::as_u64)
            .filter(|index| *index < MAX_BLOCKS);
        match (event.get("type").and_then(Value::as_str), index) {
            (Some("message_start"), _) => {
                if let Some(Value::Object(start)) = event.get("message") {
                    self.message = start.clone();
                }
            }
            (Some("content_block_start"), Some(index)) => {
                if let Some(Value::Object(block)) = event.get("content_block") {
                    self.blocks.insert(index, Block::new(block.clone()));
                }
            }
            (Some("content_block_delta"), Some(index)) => {
                if let (Some(block), Some(delta)) =
                    (self.blocks.get_mut(&index), event.get("delta"))
                {
                    block.add(delta);
                }
            }
            (Some("message_delta"), _) => self.change(&event),
            (Some("message_stop"), _) => self.ended = true,
            _ => {}
        }
        Ok(false)
    }

    fn said(&self) -> String {
        let texts = self.blocks.values().filter_map(Block::text);
        texts.collect()
    }
}

impl Streamed {
    /// What is said of the whole message near its end.
    fn change(&mut self, event: &Value) {
        let message = &mut self.message;
        let fields = event.get("delta").and_then(Value::as_object);
        message.extend(
            fields
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        let spent = event.get("usage").and_then(Value::as_object);
        let usage = message.entry("usage").or_insert_with(|| json!({}));
        if let (Some(usage), Some(spent)) = (usage.as_object_mut(), spent) {
            let known = spent.iter().filter(|(_, count)| !count.is_null());
            usage.extend(known.map(|(k, v)| (k.clone(), v.clone())));
        }
        self.ended |= message.get("stop_reason").is_some_and(|r| !r.is_null());
    }
}

/// A block while it is streamed.
struct Block {
    fields: Map<String, Value>,
    /// Arguments of a call, as far as they are there.
    input: String,
}

impl Block {
    const fn new(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            input: String::new(),
        }
    }

    fn add(&mut self, delta: &Value) {
        for field in ["text", "thinking", "signature"] {
            let Some(part) = delta.get(field).and_then(Value::as_str) else {
                continue;
            };
            let whole = self.fields.entry(field).or_insert_with(|| json!(""));
            *whole = json!(format!("{}{part}", whole.as_str().unwrap_or_default()));
        }
        if let Some(part) = delta.get("partial_json").and_then(Value::as_str) {
            self.input.push_str(part);
        }
    }

    /// Its text, where it is one.
    fn text(&self) -> Option<&str> {
        let field = |name: &str| self.fields.get(name).and_then(Value::as_str);
        field("text").filter(|_| field("type") == Some("text"))
    }

    fn whole(mut self) -> Value {
        if !self.input.is_empty() {
            let input = serde_json::from_str(&self.input).unwrap_or(Value::String(self.input));
            self.fields.insert("input".into(), input);
        }
        Value::Object(self.fields)
    }
}
