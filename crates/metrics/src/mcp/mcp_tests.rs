//! Tests of what is taken for use of a server, and of what is made of a judge's grades.

use crate::{Asked, Evaluation, Step, check_spec};
use assay_llm::ChatAnswer;
use assay_model::{Message, MetricResult, MetricSpec, MetricStatus, Role, TestCase, ToolCall};
use serde_json::{Value, json};

fn spec(kind: &str, own: &Value) -> MetricSpec {
    let mut params = json!({"mcp_servers": [
        {"name": "orders", "tools": [{"name": "find_order", "input_parameters": {"id": "text"}}]},
        {"name": "files", "resources": [{"uri": "file:///prices.csv"}], "prompts": [{"name": "greet"}]},
    ]});
    for (name, value) in own.as_object().unwrap() {
        params[name] = value.clone();
    }
    serde_json::from_value(json!({"kind": kind, "params": params})).unwrap()
}

fn call(name: &str, arguments: Value) -> ToolCall {
    ToolCall {
        name: name.into(),
        input_parameters: arguments,
        output: Some(json!("found")),
    }
}

fn answer(said: &str, calls: Vec<ToolCall>) -> Message {
    Message {
        tool_calls: calls,
        ..Message::new(Role::Assistant, said)
    }
}

/// Two exchanges with use of a server, one without, and one of three turns without.
fn case() -> TestCase {
    let calls = vec![
        call("find_order", json!({"id": "7"})),
        call("resources/read", json!({"uri": "file:///prices.csv"})),
    ];
    TestCase {
        input: "Where is order 7?".into(),
        actual_output: Some("In Lyon.".into()),
        tools_called: calls.clone(),
        messages: vec![
            Message::new(Role::User, "Where is order 7?"),
            answer("In Lyon.", calls),
            Message::new(Role::User, "Thanks"),
            answer("You are welcome.", vec![call("smile", json!({}))]),
            Message::new(Role::User, "Greet me"),
            answer(
                "Hello!",
                vec![call("prompts/get", json!({"name": "greet"}))],
            ),
            Message::new(Role::User, "And what does it cost?"),
            answer("A moment.", Vec::new()),
            answer("5 euros.", Vec::new()),
        ],
        ..TestCase::default()
    }
}

/// Plays with `grades` by the schema's name, each in turn.
fn play(
    spec: &MetricSpec,
    case: &TestCase,
    grades: &[(&str, &[f64])],
) -> (MetricResult, Vec<Asked>) {
    let (mut evaluation, mut step) = Evaluation::start(spec, case);
    let (mut open, mut asked): (Vec<Asked>, Vec<Asked>) = (Vec::new(), Vec::new());
    loop {
        match step {
            Step::Done(result) => return (result, asked),
            Step::Ask(more) => open.extend(more),
            Step::Run(errand) => panic!("{errand:?}"),
        }
        open.sort_by(|a, b| (&a.branch, a.id).cmp(&(&b.branch, b.id)));
        let one = open.remove(0);
        let name = one.call.schema_name;
        let before = asked.iter().filter(|q| q.call.schema_name == name).count();
        let content = match grades.iter().find(|(n, _)| *n == name) {
            Some((_, all)) => json!({"score": all[before], "reason": format!("{name} {before}")}),
            None => json!({"reason": "because"}),
        };
        let answer = ChatAnswer {
            content: content.to_string(),
            ..ChatAnswer::default()
        };
        step = evaluation.answer(one.id, Ok(answer));
        asked.push(one);
    }
}

#[test]
fn the_lower_score_counts() {
    let grades: [(&str, &[f64]); 2] = [("MCPPrimitivesScore", &[0.75]), ("MCPArgsScore", &[0.5])];
    let (result, asked) = play(&spec("mcp_use", &json!({})), &case(), &grades);
    assert_eq!(
        (result.score, result.status),
        (Some(0.5), MetricStatus::Passed)
    );
    assert_eq!(result.reason, "MCPPrimitivesScore 0 MCPArgsScore 0");
    assert_eq!(
        json!(result.breakdown),
        json!({"primitives": 0.75, "arguments": 0.5})
    );
    let said = &asked[0].call.messages[1].content;
    assert!(
        said.contains(r#""of server":"orders","uses":"tool""#),
        "{said}"
    );
    assert!(
        said.contains(r#""of server":"files","uses":"resource""#),
        "{said}"
    );
    let (strict, _) = play(&spec("mcp_use", &json!({"strict": true})), &case(), &grades);
    assert_eq!((strict.score, strict.threshold), (Some(0.0), 1.0));
}

#[test]
fn without_use_there_are_no_arguments_to_judge() {
    let mut case = case();
    case.tools_called = vec![call("smile", json!({}))];
    let (result, asked) = play(
        &spec("mcp_use", &json!({"include_reason": false})),
        &case,
        &[("MCPPrimitivesScore", &[0.25])],
    );
    assert_eq!((result.score, asked.len()), (Some(0.25), 1));
    assert_eq!(result.reason, "");
    let said = &asked[0].call.messages[1].content;
    assert!(said.contains(r#""of server":null,"uses":"tool""#), "{said}");
}

#[test]
fn exchanges_with_use_are_scored_by_the_lower_mean() {
    let grades: [(&str, &[f64]); 2] = [
        ("ToolScore", &[1.0, 0.75, 0.5]),
        ("ArgsScore", &[1.0, 0.25]),
    ];
    let (result, asked) = play(&spec("multi_turn_mcp_use", &json!({})), &case(), &grades);
    assert_eq!(result.score, Some(0.625));
    assert_eq!(
        json!(result.breakdown),
        json!({"primitives": 0.75, "arguments": 0.625})
    );
    // Three exchanges, two of which used something, and the reason.
    assert_eq!((asked.len(), result.reason.as_str()), (6, "because"));
    assert!(
        asked
            .iter()
            .all(|q| !q.call.messages[1].content.contains("Thanks"))
    );
}

#[test]
fn tasks_are_scored_by_their_mean() {
    let (result, asked) = play(
        &spec("mcp_task_completion", &json!({})),
        &case(),
        &[("TaskScore", &[1.0, 0.5, 0.0])],
    );
    assert_eq!((result.score, asked.len()), (Some(0.5), 4));
}

#[test]
fn conversations_without_use_are_not_scored() {
    let mut case = case();
    case.messages.truncate(4);
    case.messages.drain(..2);
    for kind in ["multi_turn_mcp_use", "mcp_task_completion"] {
        let (result, asked) = play(&spec(kind, &json!({})), &case, &[]);
        assert_eq!((result.status, result.score), (MetricStatus::Skipped, None));
        assert!(asked.is_empty());
    }
}

#[test]
fn grades_beyond_the_scale_are_an_error() {
    let beyond: &[f64] = &[1.5, 1.5, 1.5, 1.5];
    let all = [
        ("MCPPrimitivesScore", beyond),
        ("ToolScore", beyond),
        ("TaskScore", beyond),
        ("MCPArgsScore", beyond),
        ("ArgsScore", beyond),
    ];
    for kind in ["mcp_use", "multi_turn_mcp_use", "mcp_task_completion"] {
        let (result, _) = play(&spec(kind, &json!({})), &case(), &all);
        assert_eq!((result.status, result.score), (MetricStatus::Error, None));
        assert!(result.reason.contains("twice"), "{}", result.reason);
    }
}

#[test]
fn wrong_parameters_are_named() {
    let check = |servers: Value, expected: &[&str]| {
        for kind in ["mcp_use", "multi_turn_mcp_use", "mcp_task_completion"] {
            let spec = spec(kind, &json!({"mcp_servers": servers}));
            let found = check_spec(&spec).err().unwrap_or_default();
            let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(fields, expected);
        }
    };
    check(json!([]), &["/params/mcp_servers"]);
    check(json!([{"name": "s"}]), &["/params/mcp_servers/0"]);
    check(
        json!([{"name": "s", "tools": [{"name": ""}]}]),
        &["/params/mcp_servers/0/tools/0/name"],
    );
    check(
        json!([{"name": "s", "resources": [{"name": "x"}]}]),
        &[
            "/params/mcp_servers/0/resources/0/name",
            "/params/mcp_servers/0/resources/0/uri",
        ],
    );
    check(json!([{"name": "s", "prompts": [{"name": "p"}]}]), &[]);
}
