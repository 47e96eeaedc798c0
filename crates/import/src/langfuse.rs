//! Langfuse's dataset items, as its API and its exports write them. `docs/import.md` has the table.

use crate::draft::Draft;
use crate::records::{Document, Row};
use crate::value::{self, is_chat, is_void, keep, metadata, spread, text, unfold};
use crate::{Format, ImportError};
use assay_model::DatasetItem;
use serde_json::{Map, Value};

/// Fields of an object that hold what the user says, the surest first.
pub(crate) const QUESTIONS: [&str; 9] = [
    "input",
    "question",
    "query",
    "user_input",
    "prompt",
    "message",
    "text",
    "content",
    "q",
];

pub(crate) fn convert(document: Document, draft: &mut Draft) -> Result<(), ImportError> {
    let cells = matches!(document, Document::Rows { cells: true, .. });
    let mut named = false;
    if let Document::Tree(Value::Object(object)) = &document {
        // A dataset as it was given with its items.
        if object.contains_key("items") {
            if let Some(name) = object
                .get("name")
                .and_then(|n| value::name(n.as_str()?, 150))
            {
                draft.name = name;
                named = true;
            }
            if let Some(said) = object.get("description").and_then(Value::as_str) {
                draft.description = said.to_owned();
            }
        }
        let meta = |name: &str| {
            object
                .get("meta")
                .and_then(|m| m.get(name))
                .and_then(Value::as_u64)
        };
        if let (Some(page), Some(pages)) = (meta("page"), meta("totalPages"))
            && pages > 1
        {
            let why = format!("this is page {page} of {pages}; the others are files of their own");
            draft.notes.dropped("/meta", "the other pages", why);
        }
    }
    let rows = document.into_rows(&["data", "items"], &mut draft.notes)?;
    if !rows.is_empty() && !rows.iter().any(|row| row.fields.contains_key("input")) {
        return Err(ImportError::Wrong {
            format: Format::Langfuse,
            why: "no record has an `input`".to_owned(),
        });
    }
    for mut row in rows {
        if let Some(name) = row
            .take("datasetName")
            .as_ref()
            .map(text)
            .filter(|_| !named)
        {
            named = true;
            draft.name = value::name(&name, 150).unwrap_or_else(|| draft.name.clone());
        }
        item(&mut row, cells, draft)?;
    }
    Ok(())
}

fn item(row: &mut Row, cells: bool, draft: &mut Draft) -> Result<(), ImportError> {
    let status = row.take("status").as_ref().map(text).unwrap_or_default();
    if status.eq_ignore_ascii_case("ARCHIVED") {
        draft.notes.dropped(
            &row.at,
            "the item",
            "it is archived, and runs of Langfuse leave it out",
        );
        return Ok(());
    }
    let mut kept = Map::new();
    let mut item = DatasetItem {
        key: row.take("id").as_ref().map(text),
        expected_output: row
            .take("expectedOutput")
            .map(|found| reference(found, cells).into()),
        ..DatasetItem::default()
    };
    let Some(input) = row.take("input") else {
        draft
            .notes
            .dropped(&row.at, "the item", "it has no `input`");
        return Ok(());
    };
    let input = if cells { plain(input) } else { input };
    if let Err(why) = question(&mut item, &mut kept, input, &row.at("input"), draft) {
        draft.notes.dropped(&row.at, "the item", why);
        return Ok(());
    }
    if let Some(own) = row.take("metadata") {
        spread(&mut kept, "metadata", own);
    }
    let media = row.take("mediaReferences").map(unfold);
    if media.is_some_and(|media| !is_void(&media)) {
        draft
            .notes
            .dropped(row.at("mediaReferences"), "media", "items have texts only");
    }
    let mut rest = Map::new();
    for (name, found) in std::mem::take(&mut row.fields) {
        keep(&mut rest, &name, found);
    }
    keep(&mut kept, "langfuse", Value::Object(rest));
    item.metadata = metadata(kept);
    draft.item(&row.at, row.index, item)
}

/// A cell that holds a JSON text is that text.
fn plain(cell: Value) -> Value {
    match unfold(cell) {
        Value::String(s) if s.starts_with('"') => {
            serde_json::from_str::<String>(&s).map_or(Value::String(s), Value::String)
        }
        other => other,
    }
}

fn reference(found: Value, cells: bool) -> String {
    match if cells { plain(found) } else { found } {
        // An answer that is all that an object says.
        Value::Object(object) => {
            let lone = object.iter().next().filter(|_| object.len() == 1);
            match lone {
                Some((name, Value::String(s))) if REFERENCES.contains(&name.as_str()) => s.clone(),
                _ => Value::Object(object).to_string(),
            }
        }
        other => text(&other),
    }
}

/// Fields of an object that hold what is expected.
pub(crate) const REFERENCES: [&str; 11] = [
    "ideal",
    "expected_output",
    "expectedOutput",
    "expected",
    "reference",
    "reference_answer",
    "ground_truth",
    "correct_label",
    "answer",
    "output",
    "label",
];

/// Makes `input` what an item asks: a text, a chat, or an object that holds either.
///
/// # Errors
/// What of it cannot be asked.
pub(crate) fn question(
    item: &mut DatasetItem,
    kept: &mut Map<String, Value>,
    input: Value,
    at: &str,
    draft: &mut Draft,
) -> Result<(), String> {
    match input {
        Value::Array(chat) if is_chat(&chat) => value::ask(item, &chat),
        Value::Object(object) => {
            let chat = object.get("messages").and_then(Value::as_array);
            let asked = QUESTIONS.iter().find_map(|name| {
                let found = object.get(*name)?.as_str()?;
                (!found.trim().is_empty()).then_some((*name, found.to_owned()))
            });
            match (chat, asked) {
                (Some(chat), _) if is_chat(chat) => value::ask(item, chat)?,
                (_, Some((name, text))) => {
                    item.input = Some(text.into());
                    if object.len() > 1 {
                        let why = format!(
                            "`{name}` is what is asked; all of it is kept as `metadata.input`"
                        );
                        draft.notes.changed(at, "the input's other fields", why);
                    }
                }
                _ => {
                    item.input = Some(Value::Object(object.clone()).to_string().into());
                    draft
                        .notes
                        .changed(at, "the input", "it is an object, and is asked as JSON");
                }
            }
            if object.len() > 1 {
                kept.insert("input".to_owned(), Value::Object(object));
            }
            Ok(())
        }
        Value::Array(list) => {
            item.input = Some(Value::Array(list).to_string().into());
            draft
                .notes
                .changed(at, "the input", "it is a list, and is asked as JSON");
            Ok(())
        }
        other => {
            item.input = Some(text(&other).into());
            Ok(())
        }
    }
}
