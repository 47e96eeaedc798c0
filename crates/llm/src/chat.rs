//! Requests of OpenAI's chat completion API, as its official client writes them.

use crate::model::{ChatOptions, TOP_LOGPROBS, below};
use crate::parts::openai_chat;
use crate::{AuthSlot, HttpCall};
use assay_model::{Message, ModelProvider, ModelSpec, Role};
use serde_json::{Map, Value, json};

/// A chat completion of `model`, without what the model does not take.
pub(crate) fn chat_call(
    model: &ModelSpec,
    messages: &[Message],
    options: &ChatOptions,
) -> HttpCall {
    let mut body = Map::new();
    body.insert("model".into(), json!(model.model));
    body.insert("messages".into(), wire_messages(messages));
    let takes = &model.capabilities;
    if takes.temperature && !options.without_temperature {
        body.insert("temperature".into(), json!(model.temperature));
    }
    let bound = match model.provider {
        ModelProvider::Openai => "max_completion_tokens",
        _ => "max_tokens",
    };
    body.insert(bound.into(), json!(model.max_tokens));
    body.insert("stream".into(), json!(options.stream));
    if options.stream {
        body.insert("stream_options".into(), json!({"include_usage": true}));
    }
    let schema = options.response_schema.as_ref();
    if let Some((name, schema)) = schema.filter(|_| takes.json_schema) {
        let format = json!({"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": true}});
        body.insert("response_format".into(), format);
    }
    if options.logprobs && takes.logprobs {
        body.insert("logprobs".into(), json!(true));
        body.insert("top_logprobs".into(), json!(TOP_LOGPROBS));
    }
    if let Some(seed) = options.seed.filter(|_| takes.seed) {
        // The API's integers are signed: a larger one is refused by servers that read it as such.
        body.insert("seed".into(), json!(seed & i64::MAX.unsigned_abs()));
    }
    HttpCall {
        method: "POST",
        url: below(&model.base_url, "/chat/completions"),
        headers: headers(options.stream),
        secret_headers: Vec::new(),
        auth: Some(match model.provider {
            ModelProvider::AzureOpenai => AuthSlot::header("api-key"),
            _ => AuthSlot::bearer(),
        }),
        body: Value::Object(body).to_string().into_bytes(),
        timeout_ms: model.timeout_ms,
    }
}

pub(crate) fn json_headers() -> Vec<(String, String)> {
    vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ]
}

/// The headers of a request whose answer comes as events or as one document.
pub(crate) fn headers(streamed: bool) -> Vec<(String, String)> {
    let mut headers = json_headers();
    if streamed {
        headers.retain(|(name, _)| name != "accept");
        headers.push(("accept".into(), "text/event-stream".into()));
    }
    headers
}

/// `messages` as the API wants them.
///
/// Tool calls are sent only where the messages that follow answer them: the API refuses a call without an answer, and an
/// agent that runs its tools itself reports calls whose answers are not part of the conversation.
pub(crate) fn wire_messages(messages: &[Message]) -> Value {
    let mut out = Vec::with_capacity(messages.len());
    let mut open_calls = std::collections::VecDeque::new();
    for (i, message) in messages.iter().enumerate() {
        let mut wire =
            json!({"role": message.role, "content": openai_chat(message.role, &message.content)});
        let Some(fields) = wire.as_object_mut() else {
            continue;
        };
        if message.role == Role::Tool {
            let id = open_calls
                .pop_front()
                .unwrap_or_else(|| format!("call_{i}"));
            fields.insert("tool_call_id".into(), json!(id));
        } else {
            open_calls.clear();
            let answers = messages
                .iter()
                .skip(i + 1)
                .take_while(|m| m.role == Role::Tool)
                .count();
            if message.role == Role::Assistant && answers > 0 && answers == message.tool_calls.len()
            {
                let mut calls = Vec::with_capacity(answers);
                for (n, call) in message.tool_calls.iter().enumerate() {
                    let id = format!("call_{i}_{n}");
                    let arguments = if call.input_parameters.is_null() {
                        json!({})
                    } else {
                        call.input_parameters.clone()
                    };
                    calls.push(json!({"id": id, "type": "function",
                        "function": {"name": call.name, "arguments": arguments.to_string()}}));
                    open_calls.push_back(id);
                }
                fields.insert("tool_calls".into(), Value::Array(calls));
            }
        }
        out.push(wire);
    }
    Value::Array(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::ToolCall;

    fn model() -> ModelSpec {
        serde_json::from_value(
            json!({"name": "m", "base_url": "https://api.example.com/v1/", "model": "judge-1"}),
        )
        .unwrap()
    }

    #[test]
    fn body_is_what_the_official_client_sends() {
        let options = ChatOptions {
            response_schema: Some(("Verdict".into(), json!({"type": "object"}))),
            logprobs: true,
            seed: Some(7),
            ..ChatOptions::default()
        };
        let call = chat_call(
            &model(),
            &[
                Message::new(Role::System, "Grade 1-5."),
                Message::new(Role::User, "Q"),
            ],
            &options,
        );
        assert_eq!(call.url, "https://api.example.com/v1/chat/completions");
        assert_eq!(call.auth, Some(AuthSlot::bearer()));
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(
            body,
            json!({
                "model": "judge-1", "stream": false, "temperature": 0.0, "max_tokens": 1024, "seed": 7,
                "messages": [{"role": "system", "content": "Grade 1-5."}, {"role": "user", "content": "Q"}],
                "logprobs": true, "top_logprobs": 20,
                "response_format": {"type": "json_schema",
                    "json_schema": {"name": "Verdict", "schema": {"type": "object"}, "strict": true}},
            })
        );
    }

    #[test]
    fn images_are_parts_of_what_the_user_says() {
        let question: assay_model::Content = serde_json::from_value(json!([
            {"type": "text", "text": "Is this a cat?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ]))
        .unwrap();
        let messages = [
            Message::new(Role::System, "Judge."),
            Message::new(Role::User, question),
        ];
        let call = chat_call(&model(), &messages, &ChatOptions::default());
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(
            body["messages"],
            json!([
                {"role": "system", "content": "Judge."},
                {"role": "user", "content": [
                    {"type": "text", "text": "Is this a cat?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                ]},
            ])
        );
    }

    #[test]
    fn a_streamed_answer_is_asked_to_tell_what_it_took() {
        let options = ChatOptions {
            stream: true,
            ..ChatOptions::default()
        };
        let call = chat_call(&model(), &[], &options);
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(body["stream"], true);
        assert_eq!(body["stream_options"], json!({"include_usage": true}));
        let accept = ("accept".to_owned(), "text/event-stream".to_owned());
        assert!(call.headers.contains(&accept));
    }

    #[test]
    fn plain_call_asks_for_nothing_more() {
        let call = chat_call(&model(), &[], &ChatOptions::default());
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        for absent in ["response_format", "logprobs", "top_logprobs", "seed"] {
            assert!(body.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn what_a_model_does_not_take_is_left_out() {
        let model = ModelSpec {
            provider: ModelProvider::AzureOpenai,
            base_url: "https://x.example.com/openai/v1/?api-version=2".into(),
            capabilities: serde_json::from_value(json!({
                "json_schema": false, "logprobs": false, "seed": false, "temperature": false,
            }))
            .unwrap(),
            ..model()
        };
        let options = ChatOptions {
            response_schema: Some(("Verdict".into(), json!({}))),
            logprobs: true,
            seed: Some(7),
            ..ChatOptions::default()
        };
        let call = chat_call(&model, &[], &options);
        assert_eq!(
            call.url,
            "https://x.example.com/openai/v1/chat/completions?api-version=2"
        );
        assert_eq!(call.auth.unwrap().header, "api-key");
        assert_eq!(
            serde_json::from_slice::<Value>(&call.body).unwrap(),
            json!({"model": "judge-1", "messages": [], "max_tokens": 1024, "stream": false})
        );
        let model = ModelSpec {
            provider: ModelProvider::Openai,
            ..model
        };
        let body: Value = serde_json::from_slice(&chat_call(&model, &[], &options).body).unwrap();
        assert_eq!(body["max_completion_tokens"], 1024);
        assert!(body.get("max_tokens").is_none());
    }

    #[test]
    fn tool_calls_are_sent_only_with_their_answers() {
        let call = ToolCall {
            name: "t".into(),
            input_parameters: json!({"x": 1}),
            output: None,
        };
        let mut said = Message::new(Role::Assistant, "");
        said.tool_calls = vec![call];
        let with = wire_messages(&[said.clone(), Message::new(Role::Tool, "42")]);
        assert_eq!(
            with[0]["tool_calls"][0]["function"],
            json!({"name": "t", "arguments": "{\"x\":1}"})
        );
        assert_eq!(with[0]["tool_calls"][0]["id"], with[1]["tool_call_id"]);
        let without = wire_messages(&[said, Message::new(Role::User, "and?")]);
        assert!(without[0].get("tool_calls").is_none());
    }
}
