//! OpenAI's chat completions around the bot: requests in, JSON or server-sent events out, errors as OpenAI words them.

use crate::bot::{self, Message, Reply, Speaker};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most bytes of a request.
pub const MAX_BODY: usize = 1 << 20;

/// The model's name.
pub const MODEL: &str = "acme-support-1";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A chat completion.
    Chat,
    /// The list of models.
    Models,
    /// Whether the agent lives.
    Health,
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Allow`, of a 405.
    pub allow: Option<&'static str>,
    /// The body.
    pub body: String,
}

impl Answer {
    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            allow: None,
            body: body.to_string(),
        }
    }

    fn error(status: u16, kind: &str, message: &str, param: Option<&str>) -> Self {
        Self::json(
            status,
            &json!({ "error": { "message": message, "type": kind, "param": param, "code": null } }),
        )
    }

    /// A request that cannot be answered, and the field that is wrong.
    #[must_use]
    pub fn bad_request(message: &str, param: Option<&str>) -> Self {
        Self::error(400, "invalid_request_error", message, param)
    }

    /// A body beyond [`MAX_BODY`].
    #[must_use]
    pub fn too_large() -> Self {
        Self::error(
            413,
            "invalid_request_error",
            &format!("the body is larger than {MAX_BODY} bytes"),
            None,
        )
    }
}

/// Finds the route by the end of the path, whatever the prefix under which the agent is mounted.
///
/// # Errors
/// With a 404 for an unknown path and a 405 for a wrong method.
pub fn route(method: &str, path: &str) -> Result<Route, Answer> {
    let (route, allow) = if path.ends_with("/v1/chat/completions") {
        (Route::Chat, "POST")
    } else if path.ends_with("/v1/models") {
        (Route::Models, "GET, HEAD")
    } else if path.ends_with("/health") {
        (Route::Health, "GET, HEAD")
    } else {
        return Err(Answer::error(
            404,
            "invalid_request_error",
            "no such route",
            None,
        ));
    };
    if allow.split(", ").any(|allowed| allowed == method) {
        Ok(route)
    } else {
        let message = format!("the method {method} is not allowed here");
        Err(Answer {
            allow: Some(allow),
            ..Answer::error(405, "invalid_request_error", &message, None)
        })
    }
}

/// The routes whose answer is always the same.
#[must_use]
pub fn fixed(route: Route) -> Answer {
    match route {
        Route::Models => Answer::json(
            200,
            &json!({ "object": "list",
                     "data": [{ "id": MODEL, "object": "model", "created": 0, "owned_by": "acme" }] }),
        ),
        Route::Health | Route::Chat => Answer::json(200, &json!({ "status": "ok" })),
    }
}

#[derive(Deserialize)]
struct Request {
    model: Option<String>,
    messages: Option<Vec<WireMessage>>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize, Default)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct WireMessage {
    role: String,
    #[serde(default)]
    content: Content,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
    #[default]
    Null,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

impl WireMessage {
    fn into_message(self) -> Option<Message> {
        let speaker = match self.role.as_str() {
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            "system" | "developer" | "tool" | "function" => Speaker::Other,
            _ => return None,
        };
        let text = match self.content {
            Content::Text(text) => text,
            Content::Parts(parts) => parts
                .into_iter()
                .filter_map(|p| p.text)
                .collect::<Vec<_>>()
                .join("\n"),
            Content::Null => String::new(),
        };
        Some(Message { speaker, text })
    }
}

/// Answers a chat completion; the second value is how long to wait before sending it, in milliseconds.
#[must_use]
pub fn chat(body: &[u8], now: u64) -> (Answer, u64) {
    match try_chat(body, now) {
        Ok(answer) => answer,
        Err(answer) => (answer, 0),
    }
}

fn try_chat(body: &[u8], now: u64) -> Result<(Answer, u64), Answer> {
    if body.len() > MAX_BODY {
        return Err(Answer::too_large());
    }
    let request: Request = serde_json::from_slice(body).map_err(|e| {
        Answer::bad_request(
            &format!("the body is not a chat completion request: {e}"),
            None,
        )
    })?;
    let Some(list) = request.messages.filter(|list| !list.is_empty()) else {
        return Err(Answer::bad_request(
            "`messages` must be a list of at least one message",
            Some("messages"),
        ));
    };
    let mut messages = Vec::with_capacity(list.len());
    for (i, message) in list.into_iter().enumerate() {
        let param = format!("messages.{i}.role");
        let message = message.into_message();
        messages.push(
            message.ok_or_else(|| Answer::bad_request("the role is not known", Some(&param)))?,
        );
    }
    if !messages.iter().any(|m| m.speaker == Speaker::User) {
        return Err(Answer::bad_request(
            "`messages` has no message of the user",
            Some("messages"),
        ));
    }
    let reply = bot::answer(&messages);
    let delay_ms = reply.delay_ms;
    let completion = Completion::new(request.model, &messages, reply, now);
    let answer = if request.stream == Some(true) {
        completion.events(
            request
                .stream_options
                .and_then(|o| o.include_usage)
                .unwrap_or(false),
        )
    } else {
        completion.json()
    };
    Ok((answer, delay_ms))
}

struct Completion {
    id: String,
    model: String,
    created: u64,
    usage: Value,
    reply: Reply,
}

impl Completion {
    fn new(model: Option<String>, messages: &[Message], reply: Reply, created: u64) -> Self {
        // An estimate, four bytes a token: the bot has no tokeniser.
        let prompt = messages
            .iter()
            .map(|m| m.text.len())
            .sum::<usize>()
            .div_ceil(4);
        let completion = reply.text.len().div_ceil(4);
        let hash = messages
            .iter()
            .flat_map(|m| m.text.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self {
            id: format!("chatcmpl-{hash:016x}"),
            model: model.unwrap_or_else(|| MODEL.to_owned()),
            created,
            usage: json!({ "prompt_tokens": prompt, "completion_tokens": completion,
                           "total_tokens": prompt + completion }),
            reply,
        }
    }

    /// What the platform reads besides OpenAI's fields.
    fn extension(&self) -> Value {
        json!({ "tools_called": self.reply.tools_called, "retrieval_context": self.reply.retrieval_context })
    }

    fn json(&self) -> Answer {
        let message = json!({ "role": "assistant", "content": self.reply.text, "refusal": null });
        Answer::json(
            200,
            &json!({ "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
                     "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "stop" }],
                     "usage": self.usage, "assay": self.extension() }),
        )
    }

    fn chunk(&self, choices: &Value) -> Value {
        json!({ "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
                "choices": choices, "usage": null })
    }

    fn events(&self, include_usage: bool) -> Answer {
        let delta = |delta: Value, finish: Option<&str>| {
            self.chunk(
                &json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]),
            )
        };
        let mut chunks = vec![delta(json!({ "role": "assistant", "content": "" }), None)];
        chunks.extend(
            self.reply
                .text
                .split_inclusive(' ')
                .map(|word| delta(json!({ "content": word }), None)),
        );
        let mut last = delta(json!({}), Some("stop"));
        if let Value::Object(map) = &mut last {
            map.insert("assay".to_owned(), self.extension());
        }
        chunks.push(last);
        if include_usage {
            let mut usage = self.chunk(&json!([]));
            if let Value::Object(map) = &mut usage {
                map.insert("usage".to_owned(), self.usage.clone());
            }
            chunks.push(usage);
        }
        let mut body: String = chunks
            .iter()
            .map(|chunk| format!("data: {chunk}\n\n"))
            .collect();
        body.push_str("data: [DONE]\n\n");
        Answer {
            status: 200,
            content_type: "text/event-stream",
            allow: None,
            body,
        }
    }
}
