//! Models behind Anthropic's Messages API.
//!
//! An answer that must fit a schema is asked for as `output_config.format`. The older way, a tool that the model is made to call, is
//! refused by models that think whether they are asked to or not.

use super::{ChatOptions, below, instructions, schema, turns, wordless};
use crate::answer::{parse_json, text_at};
use crate::chat::headers;
use crate::messages_api::{VERSION, blocks, text, usage};
use crate::messages_stream::streamed;
use crate::stream::is_events;
use crate::{AnswerError, AuthSlot, ChatAnswer, HttpCall, cost, excerpt};
use assay_model::{Message, ModelSpec};
use serde_json::{Map, Value, json};

/// The API gives neither log probabilities nor repeatable answers: these wishes are left out.
pub(super) fn call(model: &ModelSpec, messages: &[Message], options: &ChatOptions) -> HttpCall {
    let takes = &model.capabilities;
    let mut body = Map::new();
    body.insert("model".into(), json!(model.model));
    body.insert("max_tokens".into(), json!(model.max_tokens));
    if let Some(system) = instructions(messages) {
        body.insert("system".into(), json!(system));
    }
    let said = turns(messages, parts);
    let said = said.into_iter();
    let said = said.map(|(role, content)| json!({"role": role, "content": content}));
    body.insert("messages".into(), said.collect());
    if takes.temperature && !options.without_temperature {
        body.insert("temperature".into(), json!(model.temperature));
    }
    let wanted = options.response_schema.as_ref();
    if let Some((_, wanted)) = wanted.filter(|_| takes.json_schema) {
        let format = json!({"type": "json_schema", "schema": schema::for_anthropic(wanted)});
        body.insert("output_config".into(), json!({"format": format}));
    }
    if options.stream {
        body.insert("stream".into(), json!(true));
    }
    let mut headers = headers(options.stream);
    headers.push((VERSION.0.to_owned(), VERSION.1.to_owned()));
    HttpCall {
        method: "POST",
        url: below(&model.base_url, "/messages"),
        headers,
        secret_headers: Vec::new(),
        auth: Some(AuthSlot::header("x-api-key")),
        body: Value::Object(body).to_string().into_bytes(),
        timeout_ms: model.timeout_ms,
    }
}

/// The blocks of one message. The API refuses empty texts.
fn parts(message: &Message) -> Vec<Value> {
    if message.content.is_empty() {
        return Vec::new();
    }
    match crate::parts::anthropic(message.role, &message.content) {
        Value::Array(parts) => parts,
        text => vec![json!({"type": "text", "text": text})],
    }
}

pub(super) fn read(model: &ModelSpec, body: &[u8]) -> Result<ChatAnswer, AnswerError> {
    let message = if is_events(body) {
        streamed(body)?
    } else {
        parse_json(body)?
    };
    let blocks = blocks(&message)?;
    let stop = text_at(&message, "stop_reason");
    let content = text(blocks);
    if stop.as_deref() == Some("refusal") {
        return Err(AnswerError::Refused(refusal(&message, &content)));
    }
    let ended = stop.map(|stop| match stop.as_str() {
        "end_turn" | "stop_sequence" => "stop".to_owned(),
        "max_tokens" | "model_context_window_exceeded" => "length".to_owned(),
        _ => stop,
    });
    if content.is_empty() {
        return Err(wordless(ended));
    }
    let usage = usage(&message);
    Ok(ChatAnswer {
        content,
        usage,
        cost_usd: cost(model.price.as_ref(), usage.as_ref()),
        model: text_at(&message, "model"),
        finish_reason: ended,
        ..ChatAnswer::default()
    })
}

/// Why it refused, as far as it says so. What it said until then is no answer.
fn refusal(message: &Value, said: &str) -> String {
    let details = message.get("stop_details");
    let detail = |name: &str| details.and_then(|details| text_at(details, name));
    let why = detail("explanation").or_else(|| detail("category"));
    match why {
        Some(why) => excerpt(&why),
        None if said.is_empty() => "it does not say why".to_owned(),
        None => excerpt(said),
    }
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
