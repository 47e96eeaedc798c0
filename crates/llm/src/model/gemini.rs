//! Models behind Google's Gemini API.

use super::{ChatOptions, TOP_LOGPROBS, below, instructions, schema, turns, wordless};
use crate::answer::{alternative, parse_json, reported_error, text_at};
use crate::chat::headers;
use crate::stream::{Hears, hear_all, is_events};
use crate::{
    AnswerError, AuthSlot, ChatAnswer, HttpCall, TokenAlternative, TokenLogprob, cost, excerpt,
};
use assay_model::{Message, ModelSpec, Role, TokenUsage};
use serde_json::{Map, Value, json};

/// Ends of an answer that a filter took away.
const FILTERED: [&str; 12] = [
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "MODEL_ARMOR",
];

/// The key goes into a header, never into the URL, where the API takes it as well: URLs are logged.
pub(super) fn call(model: &ModelSpec, messages: &[Message], options: &ChatOptions) -> HttpCall {
    let mut body = Map::new();
    if let Some(system) = instructions(messages) {
        body.insert(
            "systemInstruction".into(),
            json!({"parts": [{"text": system}]}),
        );
    }
    let said = turns(messages, parts).into_iter().map(|(role, parts)| {
        let role = if role == Role::Assistant {
            "model"
        } else {
            "user"
        };
        json!({"role": role, "parts": parts})
    });
    body.insert("contents".into(), said.collect());
    body.insert("generationConfig".into(), config(model, options));
    HttpCall {
        method: "POST",
        url: address(model, options.stream),
        headers: headers(options.stream),
        secret_headers: Vec::new(),
        auth: Some(AuthSlot::header("x-goog-api-key")),
        body: Value::Object(body).to_string().into_bytes(),
        timeout_ms: model.timeout_ms,
    }
}

/// Where an answer is asked for: as a whole, or as events.
fn address(model: &ModelSpec, streamed: bool) -> String {
    let path = format!("/{}", resource(&model.model));
    if !streamed {
        return below(&model.base_url, &format!("{path}:generateContent"));
    }
    let url = below(&model.base_url, &format!("{path}:streamGenerateContent"));
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}alt=sse")
}

fn config(model: &ModelSpec, options: &ChatOptions) -> Value {
    let takes = &model.capabilities;
    let mut config = Map::new();
    config.insert("maxOutputTokens".into(), json!(model.max_tokens));
    if takes.temperature && !options.without_temperature {
        config.insert("temperature".into(), json!(model.temperature));
    }
    let wanted = options.response_schema.as_ref();
    if let Some((_, wanted)) = wanted.filter(|_| takes.json_schema) {
        config.insert("responseMimeType".into(), json!("application/json"));
        config.insert("responseJsonSchema".into(), schema::for_gemini(wanted));
    }
    if options.logprobs && takes.logprobs {
        config.insert("responseLogprobs".into(), json!(true));
        config.insert("logprobs".into(), json!(TOP_LOGPROBS));
    }
    if let Some(seed) = options.seed.filter(|_| takes.seed) {
        // The API's seeds are signed and have 32 bits.
        config.insert(
            "seed".into(),
            json!(seed & u64::from(i32::MAX.unsigned_abs())),
        );
    }
    Value::Object(config)
}

/// The parts of one message.
fn parts(message: &Message) -> Vec<Value> {
    if message.content.is_empty() {
        return Vec::new();
    }
    match crate::parts::gemini(message.role, &message.content) {
        Value::Array(parts) => parts,
        text => vec![json!({"text": text})],
    }
}

/// The path of a model: a bare name is one of `models/`. What a path cannot hold is escaped.
fn resource(model: &str) -> String {
    let mut path = if model.contains('/') {
        String::new()
    } else {
        "models/".to_owned()
    };
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

/// The answer that a stream of events adds up to.
fn streamed(body: &[u8]) -> Result<Value, AnswerError> {
    let mut streamed = Streamed::default();
    hear_all(body, &mut streamed)?;
    streamed.whole()
}

/// An answer while it is streamed: every event is an answer of its own, with the next piece of the text.
#[derive(Default)]
pub(super) struct Streamed {
    text: String,
    /// Probabilities of the tokens, by the names of their lists.
    logprobs: Map<String, Value>,
    /// What was said last of the candidate beside that, such as why it ended.
    candidate: Map<String, Value>,
    /// What was said last beside the candidate, such as what it took.
    rest: Map<String, Value>,
}

impl Hears for Streamed {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim().is_empty() {
            return Ok(false);
        }
        let mut event = parse_json(data.as_bytes())?;
        if let Some(error) = reported_error(&event) {
            return Err(error);
        }
        if let Some(candidate) = event.pointer_mut("/candidates/0").map(Value::take) {
            self.add(candidate);
        }
        if let Value::Object(mut fields) = event {
            fields.remove("candidates");
            self.rest.extend(fields);
        }
        Ok(false)
    }

    fn said(&self) -> String {
        self.text.clone()
    }
}

impl Streamed {
    fn add(&mut self, candidate: Value) {
        self.text.push_str(&content(&candidate));
        let Value::Object(mut fields) = candidate else {
            return;
        };
        fields.remove("content");
        if let Some(Value::Object(lists)) = fields.remove("logprobsResult") {
            for (name, list) in lists {
                let whole = self.logprobs.entry(name).or_insert_with(|| json!([]));
                if let (Some(whole), Value::Array(list)) = (whole.as_array_mut(), list) {
                    whole.extend(list);
                }
            }
        }
        self.candidate.extend(fields);
    }

    /// The answer as it would have come in one piece.
    fn whole(self) -> Result<Value, AnswerError> {
        let Self {
            text,
            logprobs,
            mut candidate,
            mut rest,
        } = self;
        if candidate.contains_key("finishReason") {
            candidate.insert("content".into(), json!({"parts": [{"text": text}]}));
            candidate.insert("logprobsResult".into(), Value::Object(logprobs));
            rest.insert("candidates".into(), json!([candidate]));
        } else if !rest.contains_key("promptFeedback") {
            return Err(AnswerError::Shape("the stream broke off"));
        }
        Ok(Value::Object(rest))
    }
}

pub(super) fn read(model: &ModelSpec, body: &[u8]) -> Result<ChatAnswer, AnswerError> {
    let answer = if is_events(body) {
        streamed(body)?
    } else {
        parse_json(body)?
    };
    if let Some(error) = reported_error(&answer) {
        return Err(error);
    }
    let Some(candidate) = answer.pointer("/candidates/0") else {
        let feedback = answer.get("promptFeedback");
        let blocked = feedback.and_then(|f| why(f, "blockReason", "blockReasonMessage"));
        return Err(blocked.map_or(
            AnswerError::Shape("there is no `candidates[0]`"),
            AnswerError::Refused,
        ));
    };
    let reason = text_at(candidate, "finishReason");
    if reason.as_deref().is_some_and(|r| FILTERED.contains(&r)) {
        let why = why(candidate, "finishReason", "finishMessage");
        return Err(AnswerError::Refused(why.unwrap_or_default()));
    }
    let ended = reason.map(|reason| match reason.as_str() {
        "MAX_TOKENS" | "CONTINUATION" => "length".to_owned(),
        // `STOP` is OpenAI's `stop`.
        _ => reason.to_ascii_lowercase(),
    });
    let content = content(candidate);
    if content.is_empty() {
        return Err(wordless(ended));
    }
    let usage = usage(&answer);
    Ok(ChatAnswer {
        content,
        usage,
        cost_usd: cost(model.price.as_ref(), usage.as_ref()),
        model: text_at(&answer, "modelVersion"),
        logprobs: logprobs(candidate),
        finish_reason: ended,
        ..ChatAnswer::default()
    })
}

/// A reason with what is said of it.
fn why(of: &Value, reason: &str, message: &str) -> Option<String> {
    let reason = text_at(of, reason)?;
    Some(match text_at(of, message).filter(|m| !m.is_empty()) {
        Some(message) => excerpt(&format!("{reason}: {message}")),
        None => excerpt(&reason),
    })
}

/// What the candidate says aloud.
fn content(candidate: &Value) -> String {
    let parts = candidate
        .pointer("/content/parts")
        .and_then(Value::as_array);
    let thought = |part: &&Value| part.get("thought").and_then(Value::as_bool) == Some(true);
    let said = parts.into_iter().flatten().filter(|part| !thought(part));
    said.filter_map(|part| part.get("text").and_then(Value::as_str))
        .collect()
}

/// Tokens spent. The API leaves out counts that are zero, and what the model thinks is billed as what it says.
fn usage(answer: &Value) -> Option<TokenUsage> {
    let usage = answer.get("usageMetadata")?;
    let count = |name: &str| usage.get(name).and_then(Value::as_u64);
    let sum = |first: u64, second: &str| first.saturating_add(count(second).unwrap_or(0));
    Some(TokenUsage {
        input: sum(count("promptTokenCount")?, "toolUsePromptTokenCount"),
        output: sum(
            count("candidatesTokenCount").unwrap_or(0),
            "thoughtsTokenCount",
        ),
    })
}

/// Token probabilities: the tokens that were chosen stand in one list, the likeliest at each place in another.
fn logprobs(candidate: &Value) -> Vec<TokenLogprob> {
    let list = |name: &str| {
        let list = candidate.get("logprobsResult").and_then(|r| r.get(name));
        list.and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    let likeliest = list("topCandidates");
    let chosen = list("chosenCandidates").iter().enumerate();
    let read = chosen.filter_map(|(i, value)| {
        let TokenAlternative { token, logprob } = alternative(value, "logProbability")?;
        let top = likeliest.get(i).and_then(|top| top.get("candidates"));
        let top = top.and_then(Value::as_array).into_iter().flatten();
        Some(TokenLogprob {
            token,
            logprob,
            top: top
                .filter_map(|value| alternative(value, "logProbability"))
                .collect(),
        })
    });
    read.collect()
}

#[cfg(test)]
#[path = "gemini_tests.rs"]
mod tests;
