//! DeepEval's goldens, as `EvaluationDataset.save_as` and its platform write them. `docs/import.md` has the table.

use crate::draft::{Draft, cut};
use crate::records::{Document, Row};
use crate::value::{self, contents, is_void, keep, metadata, spread, text, texts, tools};
use crate::{Format, ImportError};
use assay_model::{DatasetItem, PersonaSpec, ScenarioSpec};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// What a golden has that is no item's field, and is kept under `metadata`.
const KEPT: [&str; 16] = [
    "name",
    "comments",
    "source_file",
    "actual_output",
    "retrieval_context",
    "tools_called",
    "scenario",
    "expected_outcome",
    "user_description",
    "persona",
    "token_cost",
    "input_token_count",
    "output_token_count",
    "completion_time",
    "custom_column_key_values",
    "synthetic_input_quality",
];

/// DeepEval's separator of the elements of a list in one cell.
const SEPARATOR: Option<char> = Some('|');

pub(crate) fn convert(document: Document, draft: &mut Draft) -> Result<(), ImportError> {
    let both = match document {
        Document::Tree(Value::Object(mut object)) => {
            // What its platform gives holds both kinds.
            let mut all = Vec::new();
            for name in ["goldens", "conversational_goldens", "conversationalGoldens"] {
                if let Some(list @ Value::Array(_)) = object.remove(name) {
                    let one = Map::from_iter([(name.to_owned(), list)]);
                    all.extend(
                        Document::Tree(Value::Object(one)).into_rows(&[name], &mut draft.notes)?,
                    );
                }
            }
            if all.is_empty() && !object.is_empty() {
                let lone = Document::Tree(Value::Object(object));
                all = lone.into_rows(&["items", "data", "samples"], &mut draft.notes)?;
            }
            all
        }
        other => other.into_rows(&[], &mut draft.notes)?,
    };
    let mut rows: Vec<Row> = both.into_iter().map(snake_case).collect();
    if !rows
        .iter()
        .any(|r| r.fields.contains_key("input") || r.fields.contains_key("scenario"))
    {
        return Err(ImportError::Wrong {
            format: Format::Deepeval,
            why: "no record has an `input` or a `scenario`".to_owned(),
        });
    }
    let named = names_are_keys(&rows);
    for row in &mut rows {
        golden(row, named, draft)?;
    }
    Ok(())
}

/// Its platform writes names in camel case.
fn snake_case(mut row: Row) -> Row {
    row.fields = row
        .fields
        .into_iter()
        .map(|(name, value)| {
            let mut out = String::with_capacity(name.len() + 2);
            for c in name.chars() {
                if c.is_ascii_uppercase() && !out.is_empty() && name != name.to_uppercase() {
                    out.push('_');
                }
                out.push(c.to_ascii_lowercase());
            }
            (out, value)
        })
        .collect();
    row
}

/// Whether each golden has a name of its own.
fn names_are_keys(rows: &[Row]) -> bool {
    let mut seen = HashSet::new();
    rows.iter()
        .all(|row| match row.fields.get("name").and_then(Value::as_str) {
            Some(name) => !name.trim().is_empty() && seen.insert(name),
            None => false,
        })
}

fn golden(row: &mut Row, named: bool, draft: &mut Draft) -> Result<(), ImportError> {
    let turns = row.take("turns").map(value::unfold);
    if !row.fields.contains_key("input") || row.fields.get("input").is_some_and(is_void) {
        let said = turns.as_ref().and_then(Value::as_array);
        let users: Vec<String> = said.into_iter().flatten().filter_map(users_turn).collect();
        if users.is_empty() {
            if row.fields.get("scenario").is_none_or(is_void) {
                draft.notes.dropped(
                    &row.at,
                    "the golden",
                    "it has neither `input` nor `scenario`",
                );
            } else {
                scenario(row, draft);
            }
            return Ok(());
        }
        return scripted(row, users, turns.unwrap_or_default(), named, draft);
    }
    let mut item = DatasetItem::default();
    match row.take("input") {
        Some(Value::Array(chat)) if value::is_chat(&chat) => {
            if let Err(why) = value::ask(&mut item, &chat) {
                draft.notes.dropped(&row.at, "the golden", why);
                return Ok(());
            }
        }
        input => item.input = input.as_ref().map(text).map(Into::into),
    }
    item.expected_output = row
        .take("expected_output")
        .as_ref()
        .map(text)
        .map(Into::into);
    finish(row, item, named, Map::new(), draft)
}

/// What the user says in a turn.
fn users_turn(turn: &Value) -> Option<String> {
    let content = turn.get("content")?.as_str()?;
    let user = turn.get("role")?.as_str()? == "user";
    (user && !content.trim().is_empty()).then(|| content.to_owned())
}

/// A conversation whose user says what it said before.
fn scripted(
    row: &mut Row,
    users: Vec<String>,
    turns: Value,
    named: bool,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    let mut kept = Map::new();
    let said = turns.as_array().map_or(0, Vec::len);
    if said > users.len() {
        let why =
            "the user's are said word for word; the agent's are kept as `metadata.recorded_turns`";
        draft.notes.changed(row.at("turns"), "turns", why);
        kept.insert("recorded_turns".to_owned(), turns);
    }
    let item = DatasetItem {
        turns: users.into_iter().map(Into::into).collect(),
        expected_output: row
            .take("expected_output")
            .as_ref()
            .map(text)
            .map(Into::into),
        ..DatasetItem::default()
    };
    finish(row, item, named, kept, draft)
}

/// What every golden has besides what is asked.
fn finish(
    row: &mut Row,
    mut item: DatasetItem,
    named: bool,
    mut kept: Map<String, Value>,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    if let Some(context) = row.take("context") {
        item.context = contents(context, SEPARATOR);
    }
    if let Some(expected) = row.take("expected_tools") {
        match tools(expected) {
            Ok((calls, besides)) => {
                item.expected_tools = Some(calls);
                for name in besides {
                    let why = "an expected call has a name and arguments";
                    draft.notes.dropped(
                        row.at("expected_tools"),
                        format!("`{name}` of a call"),
                        why,
                    );
                }
            }
            Err(why) => draft
                .notes
                .dropped(row.at("expected_tools"), "expected tools", why),
        }
    }
    if named {
        item.key = row
            .fields
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
    if let Some(own) = row.take("additional_metadata") {
        spread(&mut kept, "additional_metadata", own);
    }
    if let Some(expectations) = row.take("expectations") {
        draft.notes.dropped(
            row.at("expectations"),
            "expectations",
            "they are kept as metadata, and not checked",
        );
        kept.insert("expectations".to_owned(), value::unfold(expectations));
    }
    if let Some(list) = row.take("retrieval_context") {
        kept.insert(
            "retrieval_context".to_owned(),
            texts(list, SEPARATOR).into(),
        );
    }
    for (name, found) in std::mem::take(&mut row.fields) {
        if !KEPT.contains(&name.as_str()) && !is_void(&found) {
            let why = "DeepEval's goldens have no such field; it is kept as metadata";
            draft.notes.changed(row.at(&name), format!("`{name}`"), why);
        }
        keep(&mut kept, &name, value::unfold(found));
    }
    item.metadata = metadata(kept);
    draft.item(&row.at, row.index, item)
}

/// A golden without turns is played by a simulated user.
fn scenario(row: &mut Row, draft: &mut Draft) {
    let situation = row.take("scenario").as_ref().map(text).unwrap_or_default();
    let outcome = row.take("expected_outcome").as_ref().map(text);
    let described = row.take("user_description").as_ref().map(text);
    let persona = row.take("persona").map(value::unfold);
    let mut said = PersonaSpec {
        name: "the user".to_owned(),
        description: described.unwrap_or_default(),
        ..PersonaSpec::default()
    };
    if let Some(Value::Object(mut given)) = persona {
        if let Some(name) = given
            .remove("name")
            .and_then(|n| value::name(n.as_str()?, 200))
        {
            said.name = name;
        }
        if let Some(Value::String(who)) = given.remove("characteristics") {
            said.description = who;
        }
        for (name, value) in given {
            if !is_void(&value) {
                let why = "personas here do not speak by voice";
                draft
                    .notes
                    .dropped(row.at("persona"), format!("`{name}` of the persona"), why);
            }
        }
    }
    let name = row.take("name").as_ref().map(text);
    let name = name.as_deref().and_then(|n| value::name(n, 150));
    let scenario = ScenarioSpec {
        name: name
            .or_else(|| value::name(&situation, 100))
            .unwrap_or_else(|| format!("scenario {}", row.index + 1)),
        goal: cut(outcome.clone().unwrap_or_else(|| situation.clone()), 5000),
        expected_outcome: outcome.map(|text| cut(text, 5000)),
        situation,
        persona: Some(said),
        ..ScenarioSpec::default()
    };
    for (name, found) in std::mem::take(&mut row.fields) {
        if !is_void(&found) {
            draft.notes.dropped(
                row.at(&name),
                format!("`{name}`"),
                "a scenario has no such field",
            );
        }
    }
    draft.scenario(&row.at.clone(), scenario);
}
