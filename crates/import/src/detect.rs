//! Whose file it is, told by the names in it.

use crate::records::{Document, Row};
use crate::value::is_chat;
use crate::{Format, ImportError};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How many records are looked at.
const LOOK: usize = 20;

/// What each format is told by, in the words of the error for a file that is none of them.
const LOOKED_FOR: &str = "promptfoo (`prompts`, `providers`, `tests`; in CSV a column `__expected`), DeepEval (`input` with \
    `expected_output`, `actual_output` or `retrieval_context`; `scenario`), Langfuse (`expectedOutput`, `datasetId`), OpenAI evals \
    (`ideal`, `item`; a registry's `class`), ragas (`user_input`, `reference`, `retrieved_contexts`; `question` with `answer`, \
    `contexts` or `ground_truth`)";

/// The format of a document.
///
/// # Errors
/// What was looked for and what was found, where it is of none.
pub(crate) fn format(document: &Document) -> Result<Format, ImportError> {
    let (found, names) = match document {
        Document::Rows { rows, .. } => {
            let objects: Vec<&Map<String, Value>> =
                rows.iter().take(LOOK).map(|r: &Row| &r.fields).collect();
            (of_records(&objects), names(&objects))
        }
        Document::Tree(Value::Array(list)) => {
            let objects: Vec<&Map<String, Value>> = list
                .iter()
                .take(LOOK)
                .filter_map(Value::as_object)
                .collect();
            (of_records(&objects), names(&objects))
        }
        Document::Tree(Value::Object(object)) => (of_object(object), names(&[object])),
        Document::Tree(_) => (None, BTreeSet::new()),
    };
    found.ok_or_else(|| {
        let names: Vec<String> = names
            .iter()
            .take(LOOK)
            .map(|name| format!("`{name}`"))
            .collect();
        let has = match names.is_empty() {
            true => "it has no names at all".to_owned(),
            false => format!("it has {}", crate::note::one_line(&names.join(", "))),
        };
        ImportError::Unknown(format!(
            "it is of no format that is known: {has}; looked for {LOOKED_FOR}"
        ))
    })
}

fn names(objects: &[&Map<String, Value>]) -> BTreeSet<String> {
    objects.iter().flat_map(|o| o.keys().cloned()).collect()
}

fn of_object(object: &Map<String, Value>) -> Option<Format> {
    let has = |name: &str| object.contains_key(name);
    if [
        "prompts",
        "providers",
        "targets",
        "tests",
        "scenarios",
        "defaultTest",
        "redteam",
    ]
    .iter()
    .any(|name| has(name))
    {
        return Some(Format::Promptfoo);
    }
    if ["goldens", "conversational_goldens", "conversationalGoldens"]
        .iter()
        .any(|name| has(name))
    {
        return Some(Format::Deepeval);
    }
    if let Some(Value::Array(data)) = object.get("data").or_else(|| object.get("items")) {
        let objects: Vec<_> = data
            .iter()
            .take(LOOK)
            .filter_map(Value::as_object)
            .collect();
        return match of_records(&objects) {
            None if has("meta") && has("data") => Some(Format::Langfuse),
            found => found,
        };
    }
    if let Some(Value::Array(samples)) = object.get("samples") {
        let objects: Vec<_> = samples
            .iter()
            .take(LOOK)
            .filter_map(Value::as_object)
            .collect();
        return of_records(&objects);
    }
    let registered = |entry: &Value| {
        let class = entry.get("class").and_then(Value::as_str);
        class.is_some_and(|class| class.contains(':'))
    };
    if object.values().any(registered) {
        return Some(Format::OpenaiEvals);
    }
    of_records(&[object])
}

fn of_records(objects: &[&Map<String, Value>]) -> Option<Format> {
    let names = names(objects);
    let has = |name: &str| names.contains(name);
    let any = |some: &[&str]| some.iter().any(|name| has(name));
    if names.iter().any(|name| name.starts_with("__")) || any(&["assert", "vars"]) {
        return Some(Format::Promptfoo);
    }
    if any(&[
        "expectedOutput",
        "datasetId",
        "datasetItemId",
        "sourceTraceId",
        "sourceObservationId",
    ]) {
        return Some(Format::Langfuse);
    }
    if has("ideal")
        || has("item")
            && objects
                .iter()
                .all(|o| o.get("item").is_some_and(Value::is_object))
    {
        return Some(Format::OpenaiEvals);
    }
    // Others have a `user_input` too.
    let asked = has("user_input")
        && (names.len() == 1 || any(&["reference", "response", "rubrics"]))
        || has("question") && any(&["answer", "contexts", "expected_answer", "grading_notes"]);
    if asked
        || any(&[
            "retrieved_contexts",
            "reference_contexts",
            "reference_topics",
            "reference_tool_calls",
            "ground_truth",
            "ground_truths",
        ])
    {
        return Some(Format::Ragas);
    }
    if any(&["scenario", "expected_outcome", "user_description"])
        || has("input")
            && any(&[
                "expected_output",
                "actual_output",
                "retrieval_context",
                "expected_tools",
                "tools_called",
                "source_file",
            ])
    {
        return Some(Format::Deepeval);
    }
    let chats = objects.iter().all(|o| {
        o.get("input")
            .and_then(Value::as_array)
            .is_some_and(|list| is_chat(list))
    });
    (chats && !objects.is_empty()).then_some(Format::OpenaiEvals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formats_are_told_apart() {
        for (tree, expected) in [
            (json!({"prompts": ["x"]}), Format::Promptfoo),
            (json!([{"vars": {"a": 1}, "assert": []}]), Format::Promptfoo),
            (json!([{"a": "x", "__expected1": "y"}]), Format::Promptfoo),
            (
                json!([{"input": "x", "actual_output": null}]),
                Format::Deepeval,
            ),
            (json!({"goldens": []}), Format::Deepeval),
            (json!([{"scenario": "x", "turns": null}]), Format::Deepeval),
            (json!({"data": [], "meta": {"page": 1}}), Format::Langfuse),
            (
                json!({"data": [{"id": "1", "input": 1, "expectedOutput": 2}]}),
                Format::Langfuse,
            ),
            (json!([{"input": "x", "ideal": "y"}]), Format::OpenaiEvals),
            (json!([{"item": {"a": 1}}]), Format::OpenaiEvals),
            (
                json!([{"input": [{"role": "user", "content": "x"}]}]),
                Format::OpenaiEvals,
            ),
            (
                json!({"a.v0": {"class": "evals.elsuite.basic.match:Match"}}),
                Format::OpenaiEvals,
            ),
            (
                json!([{"user_input": "x", "reference": "y"}]),
                Format::Ragas,
            ),
            (json!([{"question": "x", "contexts": "[]"}]), Format::Ragas),
            (
                json!([{"question": "x", "expected_answer": "y", "": ""}]),
                Format::Ragas,
            ),
        ] {
            assert_eq!(
                format(&Document::Tree(tree.clone())),
                Ok(expected),
                "{tree}"
            );
        }
    }

    #[test]
    fn what_is_of_no_format_says_what_was_looked_for() {
        for tree in [
            json!([{"foo": 1}]),
            json!({"bar": {"class": "x"}}),
            json!([]),
            json!(null),
            json!("x"),
        ] {
            let e = format(&Document::Tree(tree)).unwrap_err().to_string();
            assert!(
                e.contains("promptfoo (`prompts`") && e.contains("ragas"),
                "{e}"
            );
        }
        let e = format(&Document::Tree(json!([{"foo": 1}])))
            .unwrap_err()
            .to_string();
        assert!(e.contains("it has `foo`"), "{e}");
    }
}
