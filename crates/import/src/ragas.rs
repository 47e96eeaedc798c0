//! ragas' evaluation datasets, of either generation of names. `docs/import.md` has the table.

use crate::draft::Draft;
use crate::records::{Document, Row};
use crate::value::{self, contents, is_chat, is_void, keep, metadata, text, texts, tools, unfold};
use crate::{Format, ImportError, metrics};
use assay_model::{DatasetItem, Role};
use serde_json::{Map, Value};

pub(crate) fn convert(document: Document, draft: &mut Draft) -> Result<(), ImportError> {
    let rows = document.into_rows(&["samples", "data", "items"], &mut draft.notes)?;
    let asks =
        |row: &Row| row.fields.contains_key("user_input") || row.fields.contains_key("question");
    if !rows.iter().any(asks) {
        return Err(ImportError::Wrong {
            format: Format::Ragas,
            why: "no record has a `user_input` or a `question`".to_owned(),
        });
    }
    for mut row in rows {
        sample(&mut row, draft)?;
    }
    Ok(())
}

fn sample(row: &mut Row, draft: &mut Draft) -> Result<(), ImportError> {
    let mut kept = Map::new();
    let mut item = DatasetItem::default();
    let asked = match row.take_any(&["user_input", "question"]).map(unfold) {
        None => Err("it has no `user_input`".to_owned()),
        Some(Value::Array(chat)) if is_chat(&chat) => {
            conversation(&mut item, &mut kept, chat, row, draft)
        }
        Some(other) => {
            item.input = Some(text(&other).into());
            Ok(())
        }
    };
    if let Err(why) = asked {
        draft.notes.dropped(&row.at, "the sample", why);
        return Ok(());
    }
    reference(&mut item, row, draft);
    if let Some(found) = row.take("reference_contexts") {
        item.context = contents(found, None);
    }
    if let Some(found) = row.take("reference_tool_calls") {
        match tools(found) {
            Ok((calls, _)) => item.expected_tools = Some(calls),
            Err(why) => draft
                .notes
                .dropped(row.at("reference_tool_calls"), "expected tools", why),
        }
    }
    if let Some(found) = row.take_any(&["rubrics", "rubric"]).map(unfold) {
        let metric = match &found {
            Value::Object(rubrics) => metrics::of_rubrics(rubrics),
            other => Err(format!("it is {}", value::kind(other))),
        };
        match metric {
            Ok(metric) => item.metrics.push(metric),
            Err(why) => draft.notes.dropped(row.at("rubrics"), "the rubric", why),
        }
        keep(&mut kept, "rubrics", found);
    }
    if let Some(found) = row.take("reference_topics") {
        match metrics::of_topics(&texts(found, None)) {
            Ok(metric) => item.metrics.push(metric),
            Err(why) => draft
                .notes
                .dropped(row.at("reference_topics"), "topics", why),
        }
    }
    if let Some(answer) = row.take_any(&["response", "answer"]) {
        keep(&mut kept, "actual_output", answer);
    }
    if let Some(found) = row.take_any(&["retrieved_contexts", "contexts"]) {
        kept.insert("retrieval_context".to_owned(), texts(found, None).into());
    }
    for (name, found) in std::mem::take(&mut row.fields) {
        keep(&mut kept, &name, unfold(found));
    }
    item.metadata = metadata(kept);
    draft.item(&row.at, row.index, item)
}

/// What is expected; the earlier generation had a list of it.
fn reference(item: &mut DatasetItem, row: &mut Row, draft: &mut Draft) {
    // The last two are those of the datasets that come with its examples.
    let names = [
        "reference",
        "ground_truth",
        "expected_answer",
        "grading_notes",
    ];
    if let Some(found) = row.take_any(&names) {
        item.expected_output = Some(text(&found).into());
    } else if let Some(found) = row.take("ground_truths") {
        let all = texts(found, None);
        if all.len() > 1 {
            let why = "an item expects one answer, the first";
            draft
                .notes
                .dropped(row.at("ground_truths"), "further references", why);
        }
        item.expected_output = all.into_iter().next().map(Into::into);
    }
}

/// A conversation: what the user said is said again, and the agent answers anew.
fn conversation(
    item: &mut DatasetItem,
    kept: &mut Map<String, Value>,
    chat: Vec<Value>,
    row: &Row,
    draft: &mut Draft,
) -> Result<(), String> {
    let mut others = false;
    for one in &chat {
        let message = value::message(one)?;
        if message.role == Role::User && !is_void(&Value::String(message.content.to_string())) {
            item.turns.push(message.content);
        } else {
            others = true;
        }
    }
    if item.turns.is_empty() {
        return Err("nobody says anything to the agent in it".to_owned());
    }
    if others {
        let why =
            "the user's are said word for word; the agent's are kept as `metadata.recorded_turns`";
        draft.notes.changed(row.at("user_input"), "turns", why);
        kept.insert("recorded_turns".to_owned(), Value::Array(chat));
    }
    Ok(())
}
