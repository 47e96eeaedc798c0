//! From one record, an object or a row, to an item. Knows the names that other tools use.
//!
//! What a file says besides (DeepEval's `comments`, a CSV's own columns) is kept under `metadata`. In JSON and YAML a name
//! that nobody knows is an error, for it is most often a slip of the pen that would silently take an expectation away.

use crate::metrics_arg;
use assay_model::{Content, DatasetItem, Message, MetricSpec, ToolCall};
use serde_json::{Map, Value};

/// DeepEval's fields that Assay has no field for: kept as metadata when they hold something.
const KEPT: [&str; 18] = [
    "name",
    "actual_output",
    "retrieval_context",
    "comments",
    "source_file",
    "tools_called",
    "token_cost",
    "input_token_count",
    "output_token_count",
    "custom_column_key_values",
    "expectations",
    "scenario",
    "user_description",
    "persona",
    "sourceTraceId",
    "sourceObservationId",
    "status",
    "split",
];

/// Whether a column holds what the user says.
pub(super) fn is_question(name: &str) -> bool {
    matches!(name, "input" | "turns")
}

/// An item from an object; unknown names are errors.
pub(super) fn strict(object: Map<String, Value>) -> Result<DatasetItem, String> {
    item(object, false)
}

/// An item from the cells of a row; empty cells are absent, unknown names become metadata.
pub(super) fn cells<'a>(
    row: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<DatasetItem, String> {
    let mut object = Map::new();
    for (name, cell) in row {
        if !cell.trim().is_empty() {
            object.insert(name.to_owned(), Value::String(cell.to_owned()));
        }
    }
    item(object, true)
}

fn item(object: Map<String, Value>, lenient: bool) -> Result<DatasetItem, String> {
    let mut out = DatasetItem::default();
    let mut metadata = Map::new();
    let mut id = None;
    for (name, value) in object {
        if value.is_null() {
            continue;
        }
        let wrong = |message: String| format!("`{name}` {message}");
        match name.as_str() {
            "key" => out.key = Some(scalar(value).map_err(wrong)?),
            "id" => id = Some(scalar(value).map_err(wrong)?),
            "input" => out.input = Some(question(value).map_err(wrong)?),
            "expected_output" | "expectedOutput" | "expected_outcome" => {
                out.expected_output = Some(reference(value).map_err(wrong)?);
            }
            "turns" => turns(value, &mut out, &mut metadata).map_err(wrong)?,
            "history" => out.history = messages(value).map_err(wrong)?,
            "context" => out.context = contents(value, &[';', '|']).map_err(wrong)?,
            "tags" => out.tags = texts(value, &[';', '|']).map_err(wrong)?,
            "expected_tools" | "expectedTools" => {
                out.expected_tools = Some(tools(value).map_err(wrong)?)
            }
            "metrics" => out.metrics = metrics(value).map_err(wrong)?,
            "metadata" | "additional_metadata" => match nested(value).map_err(wrong)? {
                Value::Object(more) => metadata.extend(more),
                _ => return Err(wrong("must be an object".to_owned())),
            },
            known if KEPT.contains(&known) || lenient => {
                if !is_void(&value) {
                    metadata.insert(name, value);
                }
            }
            _ => {
                return Err(format!(
                    "unknown field `{name}`; what is your own goes under `metadata`"
                ));
            }
        }
    }
    if out.input.is_none() && out.turns.is_empty() && metadata.contains_key("scenario") {
        return Err("a `scenario` without `turns` has no user to play".to_owned());
    }
    out.key = out.key.or(id);
    if !metadata.is_empty() {
        out.metadata = Value::Object(metadata);
    }
    Ok(out)
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

/// A text, or a number or truth value as text.
fn scalar(value: Value) -> Result<String, String> {
    match value {
        Value::String(s) => Ok(s),
        Value::Number(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        _ => Err("must be a string".to_owned()),
    }
}

/// Whether a value is a list of texts and images.
fn is_parts(value: &Value) -> bool {
    let part = |part: &Value| matches!(part["type"].as_str(), Some("text" | "image_url"));
    value
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(part))
}

/// Words, or a list of texts and images.
fn content(value: Value) -> Result<Content, String> {
    if is_parts(&value) {
        return serde_json::from_value(value).map_err(|e| format!("has a wrong part: {e}"));
    }
    scalar(value).map(|words| Content::of_cell(&words))
}

/// A question: a content, or an object that holds one as Langfuse's and LangSmith's do.
fn question(value: Value) -> Result<Content, String> {
    match &value {
        Value::Object(o) => ["input", "question", "query", "text", "content"]
            .iter()
            .find_map(|name| o.get(*name)?.as_str().map(Into::into))
            .ok_or_else(|| "must be a string, or an object with `question`".to_owned()),
        _ => content(value),
    }
}

/// A reference answer: a content, or any other value as JSON.
fn reference(value: Value) -> Result<Content, String> {
    match value {
        Value::Object(_) | Value::Array(_) if !is_parts(&value) => Ok(value.to_string().into()),
        _ => content(value),
    }
}

/// A value that a cell may carry as JSON.
fn nested(value: Value) -> Result<Value, String> {
    match value {
        Value::String(s) => serde_json::from_str(&s).map_err(|e| format!("must be JSON: {e}")),
        other => Ok(other),
    }
}

/// A list: an array, JSON in a text, or a text with separators.
fn list(value: Value, separators: &[char]) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(list) => Ok(list),
        Value::String(s) if s.trim_start().starts_with('[') => match serde_json::from_str(&s) {
            Ok(Value::Array(list)) => Ok(list),
            _ => Err("starts with `[` but is not a JSON array".to_owned()),
        },
        Value::String(s) => {
            let texts = s.split(separators).map(str::trim);
            Ok(texts.filter(|t| !t.is_empty()).map(Value::from).collect())
        }
        _ => Err("must be a list of strings".to_owned()),
    }
}

fn texts(value: Value, separators: &[char]) -> Result<Vec<String>, String> {
    let list = list(value, separators)?.into_iter();
    list.map(scalar)
        .collect::<Result<_, _>>()
        .map_err(|_| "must be a list of strings".to_owned())
}

fn contents(value: Value, separators: &[char]) -> Result<Vec<Content>, String> {
    let list = list(value, separators)?.into_iter();
    list.map(content)
        .collect::<Result<_, _>>()
        .map_err(|_| "must be a list of strings".to_owned())
}

/// Turns of the user: texts, or DeepEval's messages, of which the agent's are what an earlier agent said.
fn turns(
    value: Value,
    out: &mut DatasetItem,
    metadata: &mut Map<String, Value>,
) -> Result<(), String> {
    let value = match value {
        Value::String(s) if s.trim_start().starts_with('[') => nested(Value::String(s))?,
        other => other,
    };
    match &value {
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for turn in list {
                let role = turn
                    .get("role")
                    .and_then(Value::as_str)
                    .ok_or("must have a `role` in each turn")?;
                let said = turn.get("content").cloned().map(content);
                let said = said
                    .and_then(Result::ok)
                    .ok_or("must have `content` in each turn")?;
                if role == "user" {
                    out.turns.push(said);
                }
            }
            if out.turns.is_empty() {
                return Err("must have a turn of the user".to_owned());
            }
            if out.turns.len() < list.len() {
                metadata.insert("recorded_turns".to_owned(), value);
            }
        }
        _ => out.turns = contents(value, &[';'])?,
    }
    Ok(())
}

fn messages(value: Value) -> Result<Vec<Message>, String> {
    serde_json::from_value(nested(value)?).map_err(|e| format!("must be a list of messages: {e}"))
}

/// Expected tools: names, or objects with a name and arguments under any of their usual names.
fn tools(value: Value) -> Result<Vec<ToolCall>, String> {
    let list = match value {
        Value::Array(list) => list,
        Value::String(s) if s.trim_start().starts_with('[') => match nested(Value::String(s))? {
            Value::Array(list) => list,
            _ => return Err("must be a list".to_owned()),
        },
        other => texts(other, &[';', '|'])?
            .into_iter()
            .map(Value::String)
            .collect(),
    };
    list.into_iter().map(tool).collect()
}

fn tool(value: Value) -> Result<ToolCall, String> {
    let mut object = match value {
        Value::String(name) => {
            return Ok(ToolCall {
                name,
                ..ToolCall::default()
            });
        }
        Value::Object(object) => object,
        _ => return Err("must be a list of names or objects".to_owned()),
    };
    let Some(Value::String(name)) = object.remove("name") else {
        return Err("needs a `name` in each tool".to_owned());
    };
    let input = [
        "input_parameters",
        "inputParameters",
        "arguments",
        "args",
        "input",
    ]
    .iter()
    .find_map(|key| object.remove(*key))
    .unwrap_or_default();
    let output = object.remove("output").filter(|o| !o.is_null());
    Ok(ToolCall {
        name,
        input_parameters: input,
        output,
    })
}

/// Metrics: objects as the API takes them, or texts as the command line does.
fn metrics(value: Value) -> Result<Vec<MetricSpec>, String> {
    let list = match value {
        Value::Array(list) => list,
        Value::String(s) if s.trim_start().starts_with('[') => match nested(Value::String(s))? {
            Value::Array(list) => list,
            _ => return Err("must be a list".to_owned()),
        },
        one => vec![one],
    };
    list.into_iter().map(metrics_arg::value).collect()
}
