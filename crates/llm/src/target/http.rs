//! Agents with a protocol of their own: a templated JSON body, and an answer at a JSON pointer.

use super::{Heard, Turn};
use crate::answer::{parse_json, read_usage, reported_error};
use crate::chat::wire_messages;
use crate::extension::read_extension;
use crate::pictured::{self, Pictured};
use crate::stream;
use crate::template::{TemplateError, render};
use crate::{AnswerError, ChatAnswer, cost};
use assay_model::AgentSpec;
use serde_json::Value;

/// The body. A template may name `input` (what the user said last), `messages` and `run_id`; every string value in it is
/// rendered, keys are not.
pub(super) fn body(turn: &Turn<'_>) -> Result<Vec<u8>, TemplateError> {
    let wire = wire_messages(&turn.conversation());
    render(&turn.agent.body_template, &turn.names(&wire))
}

/// Finds the text by [`AgentSpec::response_pointer`]; a list of texts and images, and an image's data URL,
/// are what they are; any other value that is not a string is taken as its JSON text. `usage`,
/// `model` and the `assay` extension are read at the top.
pub(super) fn read(agent: &AgentSpec, body: &[u8]) -> Result<Heard, AnswerError> {
    let pointer = agent.response_pointer.as_deref().unwrap_or_default();
    // An agent that answers in one piece although it was asked for events is understood as well.
    let (answer, pointer) = if agent.stream && stream::is_events(body) {
        (stream::joined(body, pointer)?, stream::JOINED)
    } else {
        (parse_json(body)?, pointer)
    };
    let Pictured { text, images } = match answer.pointer(pointer) {
        None | Some(Value::Null) => {
            return Err(reported_error(&answer)
                .unwrap_or_else(|| AnswerError::NothingAt(pointer.to_owned())));
        }
        Some(value) => pictured::read(value).unwrap_or_else(|| Pictured {
            text: value.to_string(),
            ..Pictured::default()
        }),
    };
    let (tool_calls, retrieval_context) = read_extension(&answer)?;
    let usage = read_usage(&answer);
    Ok(Heard {
        answer: ChatAnswer {
            content: text,
            images,
            tool_calls,
            usage,
            cost_usd: cost(agent.price.as_ref(), usage.as_ref()),
            model: answer
                .get("model")
                .and_then(Value::as_str)
                .map(str::to_owned),
            retrieval_context,
            ..ChatAnswer::default()
        },
        ..Heard::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agent, heard, sent, user};
    use super::*;
    use assay_model::Message;
    use serde_json::json;

    #[test]
    fn templates() {
        let messages: [Message; 1] = [user("say \"hi\"\n{{ run_id }} <b>")];
        let check = |template: Value, expected: Value| {
            let agent = agent(json!({"body_template": template, "response_pointer": "/a"}));
            assert_eq!(sent(&agent, &messages).unwrap(), expected);
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
    fn wrong_templates_are_located() {
        let check = |template: &str| {
            let agent =
                agent(json!({"body_template": {"a/b": [template]}, "response_pointer": ""}));
            let fault = sent(&agent, &[]).unwrap_err();
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
                heard(&agent, answer.to_string().as_bytes()).map(|o| o.answer),
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
        let answer = heard(&agent, answer.to_string().as_bytes())
            .map(|o| o.answer)
            .unwrap();
        assert_eq!(answer.tool_calls[0].input_parameters, json!({"k": 1}));
        assert_eq!(answer.retrieval_context, ["p"]);
        assert_eq!(answer.cost_usd, Some(2e-6));
    }

    #[test]
    fn streamed_answers() {
        let http = agent(
            json!({"stream": true, "body_template": {}, "response_pointer": "/text",
                "price": {"input_per_million": 1.0, "output_per_million": 1.0}}),
        );
        let events = "event: token\ndata: {\"text\":\"a \"}\n\nevent: token\ndata: {\"text\":\"b\"}\n\n\
            data: {\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}\n\n";
        let answer = heard(&http, events.as_bytes()).unwrap().answer;
        assert_eq!(answer.content, "a b");
        assert_eq!(answer.cost_usd, Some(2e-6));
        let fault = heard(&http, b"data: {\"error\":{\"message\":\"down\"}}\n\n");
        assert!(fault.unwrap_err().to_string().contains("down"));
    }
}
