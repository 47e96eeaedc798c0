//! Tests of the loop of tools, driven by scripted answers.

use super::super::scripted::{KINDS, drive, scripted, with_tools};
use super::super::testing::{agent, turn, user};
use super::*;
use crate::tool::{Plan, ToolOutput, Toolbox};
use assay_model::ToolMock;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn calls_are_run_until_there_is_an_answer() {
    for kind in KINDS {
        let agent = with_tools(kind, json!({}));
        let answers = [
            scripted(
                kind,
                &[("find_order", json!({"id": "A1"})), ("refund", json!({}))],
                "",
            ),
            scripted(kind, &[("nothing", json!({}))], "Hm."),
            scripted(kind, &[], "It is late."),
        ];
        let (sent, outcome) = drive(&agent, &[user("Where is A1?")], &answers);
        let answer = outcome.unwrap().answer;
        assert_eq!(sent.len(), 3);
        assert_eq!(answer.content, "It is late.", "{kind}");
        let told: Vec<(&str, String)> = answer
            .tool_calls
            .iter()
            .map(|c| (c.name.as_str(), c.output.as_ref().unwrap().to_string()))
            .collect();
        assert_eq!(
            told,
            [
                ("find_order", "{\"status\":\"late\"}".to_owned()),
                ("refund", "{\"error\":\"out of order\"}".to_owned()),
                (
                    "nothing",
                    "{\"error\":\"there is no tool `nothing`\"}".to_owned()
                ),
            ],
            "{kind}"
        );
        assert_eq!(answer.tool_calls[0].input_parameters, json!({"id": "A1"}));
        assert_eq!(
            answer.usage,
            Some(TokenUsage {
                input: 30,
                output: 3
            })
        );
        let cost = answer.cost_usd.unwrap();
        assert!((cost - 33e-6).abs() < 1e-12, "{cost}");
        assert_eq!(answer.model.as_deref(), Some("m-1"));
    }
}

#[test]
fn an_agent_that_only_asks_is_stopped() {
    for kind in KINDS {
        let agent = with_tools(kind, json!({"max_tool_steps": 2}));
        let asks = scripted(kind, &[("find_order", json!({"id": "A1"}))], "");
        let (sent, ended) = drive(&agent, &[user("q")], &[asks.clone(), asks.clone(), asks]);
        assert_eq!(sent.len(), 3, "{kind}");
        let fault = ended.unwrap_err();
        assert_eq!(fault, AnswerError::TooManySteps(2));
        assert!(!fault.may_pass());
    }
}

#[test]
fn what_was_spent_is_unknown_once_it_is() {
    let kind = "openai_chat";
    let agent = with_tools(kind, json!({}));
    let asks = scripted(kind, &[("find_order", json!({"id": "A1"}))], "");
    let silent = |mut answer: Value| {
        answer.as_object_mut().unwrap().remove("usage");
        answer
    };
    let ends = scripted(kind, &[], "a");
    for answers in [
        [silent(asks.clone()), ends.clone()],
        [asks.clone(), silent(ends)],
    ] {
        let (_, outcome) = drive(&agent, &[user("q")], &answers);
        let answer = outcome.unwrap().answer;
        assert_eq!((answer.usage, answer.cost_usd), (None, None));
    }
}

#[test]
fn arguments_that_are_no_json_are_told_to_the_agent() {
    let agent = with_tools("openai_chat", json!({}));
    let asks = json!({"choices": [{"message": {"content": null, "tool_calls": [
        {"function": {"name": "find_order", "arguments": "{\"id\": "}}, {"function": {"name": "refund"}}, {"odd": 1}]}}]});
    let (sent, outcome) = drive(
        &agent,
        &[user("q")],
        &[asks, scripted("openai_chat", &[], "a")],
    );
    let messages = sent[1]["messages"].as_array().unwrap();
    // Calls without ids get some.
    assert_eq!(messages[2]["tool_calls"][0]["id"], "step_0_0");
    assert_eq!(messages[3]["tool_call_id"], "step_0_0");
    assert_eq!(messages[4]["tool_call_id"], "step_0_1");
    assert!(
        messages[3]["content"]
            .as_str()
            .unwrap()
            .contains("not a JSON object")
    );
    let answer = outcome.unwrap().answer;
    assert_eq!(answer.tool_calls[0].input_parameters, json!("{\"id\": "));
}

#[test]
fn a_pause_goes_on_with_what_was_said() {
    let agent = with_tools("anthropic_messages", json!({"tools": []}));
    let mut paused = scripted("anthropic_messages", &[], "Searching.");
    paused["stop_reason"] = json!("pause_turn");
    let (sent, outcome) = drive(
        &agent,
        &[user("q")],
        &[paused, scripted("anthropic_messages", &[], "Found.")],
    );
    assert_eq!(
        sent[1]["messages"][1],
        json!({"role": "assistant", "content": [{"type": "text", "text": "Searching."}]})
    );
    assert_eq!(sent[1]["messages"].as_array().unwrap().len(), 2);
    let answer = outcome.unwrap().answer;
    assert_eq!(
        (answer.content.as_str(), answer.usage.unwrap().input),
        ("Found.", 20)
    );
}

#[test]
fn an_agent_that_ran_its_calls_has_answered() {
    let agent = with_tools("openai_chat", json!({}));
    let mut answer = scripted(
        "openai_chat",
        &[("find_order", json!({"id": "A1"}))],
        "It is late.",
    );
    answer["assay"] =
        json!({"tools_called": [{"name": "find_order", "input": {"id": "A1"}, "output": "late"}]});
    let (sent, outcome) = drive(&agent, &[user("q")], &[answer]);
    let calls = outcome.unwrap().answer.tool_calls;
    assert_eq!((sent.len(), calls.len()), (1, 1));
    assert_eq!(calls[0].output, Some(json!("late")));
}

#[test]
fn too_many_calls_at_once_are_not_run() {
    let agent = with_tools("openai_chat", json!({}));
    let calls = vec![("find_order", json!({})); MAX_CALLS + 1];
    let (_, ended) = drive(&agent, &[user("q")], &[scripted("openai_chat", &calls, "")]);
    assert!(ended.unwrap_err().to_string().contains("too many calls"));
}

#[test]
fn large_conversations_are_not_sent() {
    let agent = with_tools("openai_chat", json!({}));
    let messages = [user(&"x".repeat(17 << 20))];
    let exchange = Exchange::new(turn(&agent, &messages, &Value::Null), &[]);
    assert!(matches!(exchange.call(), Err(TemplateError::TooLarge(_))));
}

#[test]
fn mocks_of_a_run_reach_the_agent() {
    let agent = with_tools("openai_chat", json!({}));
    let session = Value::Null;
    let messages = [user("q")];
    let turn = turn(&agent, &messages, &session);
    let mocks = [ToolMock {
        tool: "refund".into(),
        output: json!("paid"),
    }];
    let toolbox = Toolbox::new(&turn, &[], &mocks).unwrap();
    let mut exchange = Exchange::new(turn, toolbox.tools());
    let asks = scripted("openai_chat", &[("refund", json!({}))], "").to_string();
    let Ok(Next::Run(calls)) = exchange.hear(asks.as_bytes()) else {
        panic!()
    };
    let (_, plan) = toolbox.plan(&calls[0]);
    assert!(matches!(plan, Plan::Known(output) if output == ToolOutput::of(json!("paid"))));
}

proptest! {
    /// However often an agent asks and whatever for, each call has one result in the next request and one place in the
    /// report, and sums are sums.
    #[test]
    fn nothing_is_lost_between_steps(
        kind in proptest::sample::select(KINDS.as_slice()),
        steps in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(vec!["find_order", "refund", "nothing"]), 1..4), 0..6),
    ) {
        let agent = with_tools(kind, json!({}));
        let mut answers: Vec<Value> = steps
            .iter()
            .map(|calls| {
                let calls: Vec<(&str, Value)> = calls.iter().map(|name| (*name, json!({}))).collect();
                scripted(kind, &calls, "")
            })
            .collect();
        answers.push(scripted(kind, &[], "done"));
        let (sent, outcome) = drive(&agent, &[user("q")], &answers);
        let answer = outcome.unwrap().answer;
        let names: Vec<&str> = answer.tool_calls.iter().map(|c| c.name.as_str()).collect();
        prop_assert_eq!(names, steps.concat());
        prop_assert_eq!(sent.len(), steps.len() + 1);
        prop_assert_eq!(answer.usage.unwrap().input, 10 * sent.len() as u64);
        let last = sent.last().unwrap().to_string();
        let mark = match kind {
            "openai_chat" => "\"tool_call_id\"",
            "openai_responses" => "\"function_call_output\"",
            _ => "\"tool_result\"",
        };
        prop_assert_eq!(last.matches(mark).count(), steps.concat().len());
    }

    /// Whatever an agent answers, it is read or refused.
    #[test]
    fn any_answer_is_read(
        kind in proptest::sample::select(vec!["openai_chat", "openai_responses", "anthropic_messages", "a2a"]),
        stream: bool,
        pieces in proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..8),
    ) {
        let agent = agent(json!({"kind": kind, "model": "m", "stream": stream}));
        let messages = [user("q")];
        let session = Value::Null;
        let mut exchange = Exchange::new(turn(&agent, &messages, &session), &[]);
        let _ = exchange.hear(pieces.concat().as_bytes());
    }
}

const PIECES: [&str; 12] = [
    "data: ",
    "\n\n",
    "{\"type\":\"message_start\",\"message\":{}}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":1}}",
    "{\"type\":\"content_block_start\",\"index\":99999999,\"content_block\":{}}",
    "{\"type\":\"message_delta\",\"delta\":null,\"usage\":[]}",
    "{\"type\":\"message_stop\"}",
    "{\"type\":\"response.completed\",\"response\":null}",
    "{\"result\":{\"kind\":\"task\",\"status\":5}}",
    "{\"result\":{\"artifactUpdate\":{\"artifact\":[]}}}",
    "{\"output\":[{}],\"content\":[null],\"choices\":[{\"message\":{}}]}",
    "[]",
];
