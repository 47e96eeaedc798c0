//! Requests to the agent under test, and its answers.

use crate::answer::{chat_answer, parse_json, read_usage, reported_error};
use crate::chat::{json_headers, wire_messages};
use crate::extension::read_extension;
use crate::stream;
use crate::template::{Names, TemplateError, render, render_header};
use crate::{AnswerError, AuthSlot, ChatAnswer, HttpCall, cost, parse_chat};
use assay_model::{AgentKind, AgentSpec, AuthScheme, Message, Role};
use serde_json::{Map, Value, json};

/// The request that sends the conversation `messages` to `agent`. Its system prompt becomes the first message.
///
/// A template of kind `http` may name `input` (what the user said last, empty when nobody spoke), `messages` and `run_id`;
/// every string value in it is rendered, keys are not. So is every header's value, of either kind.
///
/// # Errors
/// [`TemplateError`] when the body template of kind `http`, or a header's, cannot be rendered.
pub fn target_call(
    agent: &AgentSpec,
    messages: &[Message],
    run_id: &str,
) -> Result<HttpCall, TemplateError> {
    let system = agent
        .system_prompt
        .iter()
        .map(|text| Message::new(Role::System, text));
    let conversation: Vec<Message> = system.chain(messages.iter().cloned()).collect();
    let wire = wire_messages(&conversation);
    let input = messages
        .iter()
        .rev()
        .find(|m| m.role == Role::User)
        .map_or("", |m| m.content.as_str());
    let names = Names {
        input,
        messages: &wire,
        run_id,
    };
    let body = match agent.kind {
        AgentKind::OpenaiChat => {
            let mut body = Map::new();
            if let Some(model) = &agent.model {
                body.insert("model".into(), json!(model));
            }
            body.insert("messages".into(), wire.clone());
            body.insert("stream".into(), json!(agent.stream));
            if agent.stream {
                body.insert("stream_options".into(), json!({"include_usage": true}));
            }
            Value::Object(body).to_string().into_bytes()
        }
        AgentKind::Http => render(&agent.body_template, &names)?,
    };
    let mut headers = json_headers();
    if agent.stream {
        headers.retain(|(name, _)| name != "accept");
        headers.push(("accept".into(), "text/event-stream".into()));
    }
    for (name, value) in &agent.headers {
        let value = render_header(name, value, &names)?;
        let name = name.to_ascii_lowercase();
        // A client's own `accept` wins over ours.
        headers.retain(|(ours, _)| *ours != name);
        headers.push((name, value));
    }
    let auth = match &agent.auth {
        AuthScheme::None {} => None,
        AuthScheme::Bearer {} => Some(AuthSlot::bearer()),
        AuthScheme::Header { name } => Some(AuthSlot::header(name)),
    };
    Ok(HttpCall {
        method: "POST",
        url: agent.url.clone(),
        headers,
        auth,
        body,
        timeout_ms: agent.timeout_ms,
    })
}

/// Reads what `agent` answered. Kind `http` finds the text by [`AgentSpec::response_pointer`]; there a value that is not a
/// string is taken as its JSON text. `usage`, `model` and the `assay` extension are read at the top of either kind.
///
/// # Errors
/// [`AnswerError`] when the answer is too large, not JSON, or has no text where its protocol says.
pub fn parse_target(agent: &AgentSpec, body: &[u8]) -> Result<ChatAnswer, AnswerError> {
    let pointer = agent.response_pointer.as_deref().unwrap_or_default();
    // An agent that answers in one piece although it was asked for events is understood as well.
    let streamed = agent.stream && stream::is_events(body);
    let (answer, pointer) = match agent.kind {
        AgentKind::OpenaiChat if streamed => {
            return chat_answer(&stream::completion(body)?, agent.price.as_ref());
        }
        AgentKind::OpenaiChat => return parse_chat(body, agent.price.as_ref()),
        AgentKind::Http if streamed => (stream::joined(body, pointer)?, stream::JOINED),
        AgentKind::Http => (parse_json(body)?, pointer),
    };
    let content = match answer.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => {
            return Err(reported_error(&answer)
                .unwrap_or_else(|| AnswerError::NothingAt(pointer.to_owned())));
        }
        Some(other) => other.to_string(),
    };
    let (tool_calls, retrieval_context) = read_extension(&answer)?;
    let usage = read_usage(&answer);
    Ok(ChatAnswer {
        content,
        tool_calls,
        usage,
        cost_usd: cost(agent.price.as_ref(), usage.as_ref()),
        model: answer
            .get("model")
            .and_then(Value::as_str)
            .map(str::to_owned),
        retrieval_context,
        ..ChatAnswer::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(mut fields: Value) -> AgentSpec {
        for (key, value) in [
            ("name", json!("a")),
            ("kind", json!("http")),
            ("url", json!("https://example.com/chat")),
        ] {
            if fields.get(key).is_none() {
                fields[key] = value;
            }
        }
        serde_json::from_value(fields).unwrap()
    }

    fn body(agent: &AgentSpec, messages: &[Message]) -> Result<Value, TemplateError> {
        target_call(agent, messages, "run-1")
            .map(|call| serde_json::from_slice(&call.body).unwrap())
    }

    #[test]
    fn openai_request() {
        let agent = agent(
            json!({"kind": "openai_chat", "model": "m", "system_prompt": "Be kind.",
            "headers": {"X-Team": "qa"}, "auth": {"type": "bearer"}}),
        );
        let call = target_call(&agent, &[Message::new(Role::User, "hi")], "run-1").unwrap();
        assert_eq!(call.auth, Some(AuthSlot::bearer()));
        assert!(call.headers.contains(&("x-team".into(), "qa".into())));
        assert_eq!(
            serde_json::from_slice::<Value>(&call.body).unwrap(),
            json!({"model": "m", "stream": false,
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}]})
        );
    }

    #[test]
    fn templates() {
        let messages = [Message::new(Role::User, "say \"hi\"\n{{ run_id }} <b>")];
        let check = |template: Value, expected: Value| {
            let agent = agent(json!({"body_template": template, "response_pointer": "/a"}));
            assert_eq!(body(&agent, &messages).unwrap(), expected);
        };
        check(
            json!({"q": "{{ input }}", "n": 3, "deep": [{"id": "run {{run_id}}"}]}),
            json!({"q": "say \"hi\"\n{{ run_id }} <b>", "n": 3, "deep": [{"id": "run run-1"}]}),
        );
        check(
            json!({"m": " {{messages}} "}),
            json!({"m": [{"role": "user", "content": "say \"hi\"\n{{ run_id }} <b>"}]}),
        );
        check(json!("{{ messages[0].role }}"), json!("user"));
        check(
            json!("{% for m in messages %}{{ m.role }};{% endfor %}"),
            json!("user;"),
        );
    }

    #[test]
    fn headers_are_templates() {
        let headers = |value: &str| {
            let agent = agent(json!({"kind": "openai_chat", "headers": {"X-Run": value}}));
            target_call(&agent, &[Message::new(Role::User, "hi\u{e9}")], "run-1")
                .map(|call| call.headers)
        };
        let has = |value: &str, expected: &str| {
            let wanted = ("x-run".to_owned(), expected.to_owned());
            assert!(headers(value).unwrap().contains(&wanted), "{value}");
        };
        has("plain", "plain");
        has("run {{ run_id }}", "run run-1");
        assert_eq!(
            headers("{{ input }}"),
            Err(TemplateError::Header("X-Run".into()))
        );
        assert!(matches!(
            headers("{{ nothing }}"),
            Err(TemplateError::Render { pointer, .. }) if pointer == "headers/X-Run"
        ));
    }

    #[test]
    fn streamed_answers() {
        let openai = agent(json!({"kind": "openai_chat", "stream": true}));
        let call = target_call(&openai, &[], "r").unwrap();
        let sent: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(sent["stream"], true);
        assert!(
            call.headers
                .contains(&("accept".into(), "text/event-stream".into()))
        );
        let events = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\n";
        assert_eq!(
            parse_target(&openai, events.as_bytes()).unwrap().content,
            "ab"
        );
        let whole = json!({"choices": [{"message": {"content": "whole"}}]}).to_string();
        assert_eq!(
            parse_target(&openai, whole.as_bytes()).unwrap().content,
            "whole"
        );
        let http = agent(
            json!({"stream": true, "body_template": {}, "response_pointer": "/text",
                "price": {"input_per_million": 1.0, "output_per_million": 1.0}}),
        );
        let events = "event: token\ndata: {\"text\":\"a \"}\n\nevent: token\ndata: {\"text\":\"b\"}\n\n\
            data: {\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}\n\n";
        let answer = parse_target(&http, events.as_bytes()).unwrap();
        assert_eq!(answer.content, "a b");
        assert_eq!(answer.cost_usd, Some(2e-6));
        let fault = parse_target(&http, b"data: {\"error\":{\"message\":\"down\"}}\n\n");
        assert!(fault.unwrap_err().to_string().contains("down"));
    }

    #[test]
    fn wrong_templates_are_located() {
        let check = |template: &str| {
            let agent =
                agent(json!({"body_template": {"a/b": [template]}, "response_pointer": ""}));
            let fault = body(&agent, &[]).unwrap_err();
            assert!(
                matches!(&fault, TemplateError::Render { pointer, .. } if pointer == "/a~1b/0"),
                "{fault}"
            );
        };
        check("{{ inptu }}");
        check("{{ input");
        check("{{ input.a.b }}");
        check("{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}");
        check("{% include 'secret' %}");
    }

    #[test]
    fn http_answers() {
        let check = |pointer: &str, answer: Value, expected: Result<&str, &str>| {
            let agent = agent(json!({"body_template": {}, "response_pointer": pointer}));
            match (
                parse_target(&agent, answer.to_string().as_bytes()),
                expected,
            ) {
                (Ok(answer), Ok(text)) => assert_eq!(answer.content, text),
                (Err(fault), Err(text)) => assert!(fault.to_string().contains(text), "{fault}"),
                (got, _) => panic!("{got:?}"),
            }
        };
        check("/a/0/b", json!({"a": [{"b": "text"}]}), Ok("text"));
        check("", json!("text"), Ok("text"));
        check("/n", json!({"n": 5}), Ok("5"));
        check("/n", json!({"n": {"x": 1}}), Ok("{\"x\":1}"));
        check("/n", json!({}), Err("nothing at `/n`"));
        check("/n", json!({"n": null}), Err("nothing at `/n`"));
        check("/n", json!({"error": "down"}), Err("down"));
    }

    #[test]
    fn http_answers_carry_the_extension() {
        let agent = agent(json!({"body_template": {}, "response_pointer": "/a",
            "price": {"input_per_million": 1.0, "output_per_million": 1.0}}));
        let answer = json!({"a": "x", "usage": {"input_tokens": 1, "output_tokens": 1},
            "assay": {"tools_called": [{"name": "t", "input": "{\"k\":1}"}], "retrieval_context": ["p"]}});
        let answer = parse_target(&agent, answer.to_string().as_bytes()).unwrap();
        assert_eq!(answer.tool_calls[0].input_parameters, json!({"k": 1}));
        assert_eq!(answer.retrieval_context, ["p"]);
        assert_eq!(answer.cost_usd, Some(2e-6));
    }
}
