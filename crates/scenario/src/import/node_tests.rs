//! What nodes of each kind become.

use super::tests::{does, dry, graph_of, is_sound, notes, row, source, when};
use super::*;
use assay_model::{NodeKind, Severity, Trigger, When};

#[test]
fn conditions() {
    let of = |data: Value, handles: [&str; 2]| {
        let nodes = [
            ("s", "start", json!({})),
            (
                "t",
                "task",
                json!({"instruction": "a", "output_variable": "reply_text"}),
            ),
            (
                "x",
                "expectation",
                json!({"criteria": "yes", "label": "Check"}),
            ),
            ("c", "condition", data),
            ("yes", "end", json!({})),
            ("no", "end", json!({})),
        ];
        let edges = [
            ("s", "t", ""),
            ("t", "x", ""),
            ("x", "c", ""),
            ("c", "yes", handles[0]),
            ("c", "no", handles[1]),
        ];
        let imported = import(&source(&nodes, &edges)).unwrap();
        is_sound(&imported);
        imported
    };
    let is = |data: Value, expected: When| {
        let imported = of(data, ["true", "false"]);
        assert_eq!(*when(&imported, "c"), expected, "{:#?}", imported.notes);
        let to = graph_of(&imported)
            .edges
            .iter()
            .find(|e| e.when.is_some())
            .unwrap();
        assert_eq!(to.to, "yes");
        imported
    };
    let cel = |text: &str| When::Expression(text.into());
    is(
        json!({"logicType": "keyword", "conditionValue": "sorry"}),
        When::AnswerContains("sorry".into()),
    );
    let several = When::AnswerContainsAny(vec!["sorry".into(), "excuse me".into()]);
    let imported = is(
        json!({"logicType": "keyword", "conditionValue": "sorry, excuse me"}),
        several,
    );
    notes(&imported, "/nodes/3", "commas and all");
    is(json!({"logicType": "keyword"}), cel("true"));
    is(
        json!({"logicType": "sentiment", "conditionValue": "Negative"}),
        When::Sentiment(assay_model::Sentiment::Negative),
    );
    is(
        json!({"logicType": "sentiment", "conditionValue": "blue"}),
        cel("false"),
    );
    is(
        json!({"logicType": "llm_judge", "conditionValue": "refused", "judgeCriteria": "The agent refuses."}),
        When::Judge("refused: The agent refuses.".into()),
    );
    let score = "(\"Check\" in scores && scores[\"Check\"] != null ? scores[\"Check\"] : 0.0)";
    is(
        json!({"logicType": "expression", "expression": "score > 0.5 and 'x' in response"}),
        cel(&format!("{score} > 0.5 && answer.contains(\"x\")")),
    );
    is(
        json!({"logicType": "expression", "expression": "'A' in variables['reply_text'] or len(content) >= 3"}),
        cel("reply_text.contains(\"A\") || size(answer) >= 3"),
    );
    let imported = is(
        json!({"logicType": "expression", "expression": "result.score > 0.8 and context.retry_count < 3"}),
        cel("false"),
    );
    notes(&imported, "/nodes/3", "nothing here is known as `result`");
    is(json!({"logicType": "dice"}), cel("false"));
    // The other way round, by handles and by nothing.
    let imported = of(json!({"conditionValue": "a"}), ["false", "true"]);
    assert!(
        graph_of(&imported)
            .edges
            .iter()
            .any(|e| e.to == "no" && e.when.is_some())
    );
    let imported = of(json!({"conditionValue": "a"}), ["", ""]);
    notes(&imported, "/edges/3", "that is when the condition holds");
    notes(
        &imported,
        "/edges/4",
        "that is when the condition does not hold",
    );
    let imported = of(json!({"conditionValue": "a"}), ["true", "error"]);
    notes(&imported, "/edges/4", "no way out named `error`");
    notes(
        &imported,
        "/nodes/3",
        "nothing follows when it does not hold",
    );
}

#[test]
fn texts_name_what_nodes_set() {
    let imported = row(&[
        (
            "t",
            "task",
            json!({"instruction": "Order", "output_variable": "answer"}),
        ),
        (
            "call",
            "tool",
            json!({
                "endpointUrl": "https://example.com/{{answer}}?q={{missing}}",
                "method": "POST",
                "headers": "{\"Authorization\": \"Bearer x\", \"X-Id\": \"{{answer}}\"}",
                "bodyTemplate": "{\"id\": \"{{answer}}\"}",
                "outputVar": "order data"
            }),
        ),
        (
            "u",
            "task",
            json!({"instruction": "It is {{order data}}, {{answer}}"}),
        ),
        (
            "x",
            "code",
            json!({"code": "# sums\ntotal = len(answer) + 1", "outputKeys": "total"}),
        ),
        (
            "y",
            "code",
            json!({"code": "import os\nos.remove('x')", "outputVars": "gone"}),
        ),
        ("z", "task", json!({"instruction": "{{total}} {{gone}}"})),
    ]);
    is_sound(&imported);
    assert_eq!(does(&imported, "t").output(), Some("answer_2"));
    notes(
        &imported,
        "/nodes/1",
        "its variable `answer` is `answer_2` here",
    );
    let NodeKind::Tool {
        url, headers, body, ..
    } = does(&imported, "call")
    else {
        panic!("{imported:#?}");
    };
    assert_eq!(url, "https://example.com/{{ answer_2 }}?q={{ missing }}");
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["X-Id"]);
    assert_eq!(body.as_deref(), Some("{\"id\": \"{{ answer_2 }}\"}"));
    notes(
        &imported,
        "/nodes/2",
        "its header `Authorization` is left out",
    );
    notes(&imported, "/nodes/2", "nothing sets `missing`");
    let NodeKind::Code {
        expression, output, ..
    } = does(&imported, "x")
    else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        (expression.as_deref(), output.as_str()),
        (Some("size(answer_2) + 1"), "total")
    );
    notes(&imported, "/nodes/5", "code is never run");
    assert_eq!(
        graph_of(&imported).variables.keys().collect::<Vec<_>>(),
        ["gone", "missing"]
    );
    assert!(dry(&imported).path.iter().any(|v| v.node == "call"));
}

#[test]
fn metrics_by_name_and_severity() {
    let imported = row(&[
        ("t", "task", json!({"instruction": "a"})),
        (
            "x",
            "expectation",
            json!({
                "evalProvider": "deepeval",
                "metrics": ["tool_correctness", {"id": "toxicity", "threshold": 0.25}, "voice_charm", "turn_taking_naturalness", "json_correctness", "diy"],
                "criteria": "Be kind.",
                "threshold": 0.5,
                "severity": "critical"
            }),
        ),
        (
            "y",
            "expectation",
            json!({"evalProvider": "deepeval", "severity": "low"}),
        ),
        (
            "z",
            "expectation",
            json!({"evalProvider": "basic", "severity": "odd"}),
        ),
    ]);
    is_sound(&imported);
    let graph = graph_of(&imported);
    let found = graph.nodes.iter().filter_map(|node| match &node.does {
        NodeKind::Expectation { metric, severity } => {
            Some((metric.display_name(), metric.threshold, *severity))
        }
        _ => None,
    });
    let found: Vec<_> = found.collect();
    assert_eq!(
        found,
        [
            ("tool_correctness", Some(0.5), Severity::Critical),
            ("toxicity", Some(0.75), Severity::Critical),
            ("turn_taking_naturalness", Some(0.5), Severity::Critical),
            ("json_correctness", Some(0.5), Severity::Critical),
            ("diy", Some(0.5), Severity::Critical),
            ("answer_relevancy", Some(0.7), Severity::Minor),
            ("faithfulness", Some(0.7), Severity::Minor),
            ("toxicity #2", Some(0.7), Severity::Minor),
        ]
    );
    notes(
        &imported,
        "/nodes/2",
        "the metric `voice_charm` is left out",
    );
    notes(&imported, "/nodes/4", "it expects nothing");
    notes(&imported, "/nodes/4", "`odd` is not known");
}

#[test]
fn triggers() {
    let imported = row(&[
        (
            "t",
            "trigger",
            json!({"triggerType": "schedule", "cronExpression": "0 5 * * *"}),
        ),
        (
            "u",
            "trigger",
            json!({"triggerType": "schedule", "cronExpression": "soon"}),
        ),
        ("v", "trigger", json!({"label": "Tell somebody"})),
    ]);
    is_sound(&imported);
    assert_eq!(graph_of(&imported).start, "t");
    let on = |on| NodeKind::Trigger { on, output: None };
    assert_eq!(*does(&imported, "t"), on(Trigger::Cron("0 5 * * *".into())));
    assert_eq!(*does(&imported, "u"), on(Trigger::Manual {}));
    notes(&imported, "/nodes/2", "five fields");
    notes(&imported, "/nodes/2", "the scenario waits here");
    notes(&imported, "/nodes/3", "it does not say what it waits for");
}
