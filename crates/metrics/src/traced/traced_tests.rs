//! Traces as agents send them, and the cases that they come to.

use super::*;
use assay_model::Timestamp;
use serde_json::json;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000).plus_millis(ms)
}

fn o(id: &str, parent: Option<&str>, kind: ObservationType, from: i64, to: i64) -> Observation {
    Observation {
        id: id.to_owned(),
        trace_id: "t".to_owned(),
        parent_id: parent.map(str::to_owned),
        kind,
        name: id.to_owned(),
        start_time: at(from),
        end_time: Some(at(to)),
        ..Observation::default()
    }
}

fn trace(input: Value, output: Value) -> Trace {
    Trace {
        id: "t".to_owned(),
        input,
        output,
        ..Trace::default()
    }
}

#[test]
fn a_trace_is_a_question_and_an_answer() {
    let case = case_of_trace(&trace(json!("Is it open?"), json!("Yes.")), &[]);
    assert_eq!(case.input, "Is it open?");
    assert_eq!(case.actual_output.unwrap(), "Yes.");
    assert_eq!(case.messages.len(), 2);
    assert_eq!(
        (case.latency_ms, case.cost_usd, case.usage, case.trace),
        (None, None, None, None)
    );
    let chained = trace(
        json!({"question": "Open?", "history": []}),
        json!({"answer": "Yes.", "sources": ["a"]}),
    );
    let case = case_of_trace(&chained, &[]);
    assert_eq!(case.input, "Open?");
    assert_eq!(case.actual_output.unwrap(), "Yes.");
    // What has no text of its own is shown whole.
    let case = case_of_trace(&trace(json!({"a": 1}), json!({"b": [2]})), &[]);
    assert_eq!(case.input, r#"{"a":1}"#);
    assert_eq!(case.actual_output.unwrap(), r#"{"b":[2]}"#);
    let nothing = case_of_trace(&trace(Value::Null, Value::Null), &[]);
    assert_eq!((nothing.input.as_str(), nothing.actual_output), ("", None));
    assert!(nothing.messages.is_empty());
}

#[test]
fn conversations_are_read_from_lists_texts_and_choices() {
    let spoken = json!([
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "text", "text": " on it?"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, {"type": "input_audio"}]},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "function": {"name": "look", "arguments": "{\"at\": 1}"}},
            {"id": "c2", "function": {"name": "look", "arguments": "{\"at\": 2}"}}]},
        {"role": "tool", "tool_call_id": "c2", "content": "{\"seen\": \"a cat\"}"},
        {"role": "tool", "tool_call_id": "none", "content": "lost"},
    ]);
    let answer =
        json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "A cat."}}]});
    for input in [
        spoken.clone(),
        json!({"messages": spoken, "temperature": 0}),
        json!(spoken.to_string()),
    ] {
        let case = case_of_trace(&trace(input, answer.clone()), &[]);
        assert_eq!(case.input.as_str(), "What is on it?");
        assert_eq!(case.images().len(), 1);
        assert_eq!(case.actual_output.as_ref().unwrap(), &"A cat.");
        let roles: Vec<Role> = case.messages.iter().map(|m| m.role).collect();
        let expected = [
            Role::System,
            Role::User,
            Role::Assistant,
            Role::Tool,
            Role::Assistant,
        ];
        assert_eq!(roles, expected);
        assert_eq!(case.tools_called.len(), 2);
        assert_eq!(case.tools_called[0].input_parameters, json!({"at": 1}));
        assert_eq!(case.tools_called[0].output, None);
        assert_eq!(case.tools_called[1].output, Some(json!({"seen": "a cat"})));
    }
    // LangChain's, and a list that is none of messages.
    let human = json!([{"type": "human", "content": "Hi"}]);
    let case = case_of_trace(
        &trace(human, json!([{"type": "ai", "content": "Hello"}])),
        &[],
    );
    assert_eq!(case.input, "Hi");
    assert_eq!(case.actual_output.unwrap(), "Hello");
    let case = case_of_trace(&trace(json!([1, 2]), json!("x")), &[]);
    assert_eq!(case.input, "[1,2]");
}

#[test]
fn images_that_no_model_can_be_shown_are_left_out() {
    let picture = |n: usize| json!({"type": "image_url", "image_url": {"url": format!("https://example.com/{n}.png")}});
    let many: Vec<Value> = (0..30).map(picture).collect();
    let input = json!([{"role": "user", "content": many}]);
    let case = case_of_trace(&trace(input, json!("x")), &[]);
    assert!(case.images().is_empty());
    let wrong = json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "http://e.com/a.png"}}]}]);
    let case = case_of_trace(&trace(wrong, json!("x")), &[]);
    assert_eq!(case.input, "a");
}

#[test]
fn observations_tell_tools_documents_time_and_cost() {
    use ObservationType::{Agent, Evaluator, Generation, Retriever, Tool};
    let mut search = o("search", Some("root"), Retriever, 10, 20);
    search.output = json!({"documents": [{"page_content": "One."}, {"document": {"content": "Two."}}, "Three.", {"id": 4}]});
    let mut call = o("lookup", Some("root"), Tool, 20, 30);
    call.input = json!("{\"order\": 7}");
    call.output = json!("shipped");
    let mut llm = o("llm", Some("root"), Generation, 30, 90);
    llm.cost_usd = Some(0.25);
    llm.usage = Some(TokenUsage {
        input: 10,
        output: 5,
    });
    let mut root = o("root", None, Agent, 0, 100);
    // Frameworks repeat on the root what its calls cost.
    root.cost_usd = Some(0.25);
    root.usage = llm.usage;
    let judged = o("evaluate", Some("root"), Evaluator, 200, 900);
    let all = [
        llm.clone(),
        judged,
        call.clone(),
        root.clone(),
        search.clone(),
    ];
    let case = case_of_trace(&trace(json!("Where?"), json!("Shipped.")), &all);
    let documents: Vec<&str> = case.retrieval_context.iter().map(Content::as_str).collect();
    assert_eq!(documents, ["One.", "Two.", "Three.", r#"{"id":4}"#]);
    assert_eq!(case.tools_called.len(), 1);
    assert_eq!(case.tools_called[0].input_parameters, json!({"order": 7}));
    assert_eq!(case.tools_called[0].output, Some(json!("shipped")));
    assert_eq!(case.messages[1].tool_calls, case.tools_called);
    assert_eq!(case.latency_ms, Some(100.0));
    assert_eq!(case.cost_usd, Some(0.25));
    assert_eq!(case.usage, llm.usage);
    let tree = case.trace.unwrap();
    assert_eq!((tree.kind.as_str(), tree.name.as_str()), ("agent", "root"));
    let kinds: Vec<&str> = tree.children.iter().map(|c| c.kind.as_str()).collect();
    assert_eq!(kinds, ["retriever", "tool", "llm"]);
    // One call whose cost is not known, and the sum is not.
    let mut more = llm.clone();
    (more.id, more.cost_usd, more.usage) = ("llm2".to_owned(), None, None);
    let case = case_of_trace(&trace(json!("q"), json!("a")), &[root, llm, more]);
    assert_eq!((case.cost_usd, case.usage), (None, None));
}

#[test]
fn a_root_that_says_nothing_leaves_it_to_its_model_calls() {
    use ObservationType::Generation;
    let mut first = o("a", None, Generation, 0, 10);
    first.input = json!([{"role": "user", "content": "Hi"}]);
    first.output = json!("thinking");
    let mut last = o("b", None, Generation, 10, 20);
    last.input = json!("ignored");
    last.output = json!({"role": "assistant", "content": "Hello."});
    let case = case_of_trace(&trace(Value::Null, Value::Null), &[last, first]);
    assert_eq!(case.input, "Hi");
    assert_eq!(case.actual_output.unwrap(), "Hello.");
    let tree = case.trace.unwrap();
    assert_eq!((tree.kind.as_str(), tree.children.len()), ("trace", 2));
}

#[test]
fn metadata_and_experiments_say_what_is_expected() {
    let mut asked = trace(json!("q"), json!("a"));
    asked.metadata = json!({"expected_output": "b", "context": ["c", 1], "retrieval_context": "d", "scenario": "e", "chatbot_role": 7});
    let case = case_of_trace(&asked, &[]);
    assert_eq!(case.expected_output.as_ref().unwrap(), &"b");
    assert_eq!(case.context, ["c"]);
    assert_eq!(case.retrieval_context, ["d"]);
    assert_eq!(
        (case.scenario.as_deref(), case.chatbot_role),
        (Some("e"), None)
    );
    let mut root = o("root", None, ObservationType::Span, 0, 1);
    root.experiment = Some(assay_model::ExperimentLink {
        id: "x".to_owned(),
        expected_output: json!({"right": true}),
        ..Default::default()
    });
    let case = case_of_trace(&asked, &[root]);
    assert_eq!(case.expected_output.unwrap(), r#"{"right":true}"#);
}

#[test]
fn trees_of_any_shape_are_walked_once() {
    // Deeper than any stack should follow.
    let deep: Vec<Observation> = (0..5_000)
        .map(|i| {
            let parent = (i > 0).then(|| format!("o{}", i - 1));
            o(
                &format!("o{i}"),
                parent.as_deref(),
                ObservationType::Span,
                i,
                i + 1,
            )
        })
        .collect();
    let tree = case_of_trace(&trace(json!("q"), json!("a")), &deep);
    fn count(step: &TraceStep) -> usize {
        1 + step.children.iter().map(count).sum::<usize>()
    }
    fn depth(step: &TraceStep) -> usize {
        1 + step.children.iter().map(depth).max().unwrap_or(0)
    }
    let tree = tree.trace.unwrap();
    assert_eq!(count(&tree), 5_000);
    assert!(depth(&tree) <= MAX_DEPTH + 1);
    // A circle, and one that is its own parent.
    let span = ObservationType::Span;
    let round = [
        o("a", Some("b"), span, 0, 1),
        o("b", Some("a"), span, 1, 2),
        o("c", Some("c"), span, 2, 3),
        o("d", Some("gone"), span, 3, 4),
    ];
    let tree = case_of_trace(&trace(json!("q"), json!("a")), &round);
    assert_eq!(count(&tree.trace.unwrap()), 5);
}
