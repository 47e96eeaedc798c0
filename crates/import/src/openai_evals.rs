//! OpenAI's evals: samples in JSONL, rows of its Evals API, and the registry's YAML. `docs/import.md` has the table.

use crate::draft::Draft;
use crate::langfuse::{REFERENCES, question};
use crate::note::below;
use crate::records::{Document, Row};
use crate::value::{is_void, keep, metadata, text};
use crate::{EvalHint, EvalsClass, Format, ImportError, metrics};
use assay_model::DatasetItem;
use serde_json::{Map, Value};

pub(crate) fn convert(
    document: Document,
    class: Option<EvalsClass>,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    if let Document::Tree(Value::Object(object)) = &document
        && object.values().any(|entry| entry.get("class").is_some())
    {
        registry(object, draft);
        return Ok(());
    }
    let rows = document.into_rows(&["data", "items", "samples"], &mut draft.notes)?;
    let known = |row: &Row| row.fields.contains_key("input") || row.fields.contains_key("item");
    if !rows.iter().any(known) {
        return Err(ImportError::Wrong {
            format: Format::OpenaiEvals,
            why: "no record has an `input` or an `item`".to_owned(),
        });
    }
    let mut compared = false;
    for mut row in rows {
        compared |= sample(&mut row, class, draft)?;
    }
    if compared && class.is_none() {
        let why = "the samples do not say how answers are compared: the eval's class does, in the registry; name it to get a metric";
        draft.notes.dropped("the file", "the metric", why);
    }
    Ok(())
}

/// Takes a sample; whether it has something to compare with.
fn sample(
    row: &mut Row,
    class: Option<EvalsClass>,
    draft: &mut Draft,
) -> Result<bool, ImportError> {
    let mut kept = Map::new();
    let mut item = DatasetItem::default();
    let mut ideal = row.take("ideal");
    let asked = match (row.take("input"), row.take("item")) {
        (Some(input), _) => {
            names_of_speakers(&input, row, draft);
            question(&mut item, &mut kept, input, &row.at("input"), draft)
        }
        (None, Some(Value::Object(object))) => {
            ideal = ideal.or_else(|| {
                let mut found = REFERENCES.iter().filter_map(|name| object.get(*name));
                found.find(|v| !is_void(v)).cloned()
            });
            let mut asks = object.clone();
            asks.retain(|name, _| !REFERENCES.contains(&name.as_str()));
            keep(&mut kept, "item", Value::Object(object));
            let mut besides = Map::new();
            question(
                &mut item,
                &mut besides,
                Value::Object(asks),
                &row.at("item"),
                draft,
            )
        }
        _ => Err("it has neither `input` nor `item`".to_owned()),
    };
    if let Err(why) = asked {
        draft.notes.dropped(&row.at, "the sample", why);
        return Ok(false);
    }
    let ideals: Vec<String> = match &ideal {
        Some(Value::Array(list)) => list.iter().filter(|v| !is_void(v)).map(text).collect(),
        Some(one) => vec![text(one)],
        None => Vec::new(),
    };
    item.expected_output = ideals.first().map(Into::into);
    if ideals.len() > 1 {
        kept.insert("ideal".to_owned(), ideals.clone().into());
        if class.is_none() {
            let why = "an item expects one answer, the first; all are kept as `metadata.ideal`";
            draft.notes.changed(row.at("ideal"), "several ideals", why);
        }
    }
    if let Some(class) = class.filter(|_| !ideals.is_empty()) {
        match metrics::of_ideals(class, &ideals) {
            Ok(metric) => item.metrics.push(metric),
            Err(why) => draft.notes.dropped(row.at("ideal"), "the metric", why),
        }
    }
    for (name, found) in std::mem::take(&mut row.fields) {
        keep(&mut kept, &name, found);
    }
    item.metadata = metadata(kept);
    draft.item(&row.at, row.index, item)?;
    Ok(!ideals.is_empty())
}

/// Examples in a prompt are system messages with a speaker's name, which messages here do not have.
fn names_of_speakers(input: &Value, row: &Row, draft: &mut Draft) {
    let named = |m: &Value| m.get("name").is_some_and(|name| !is_void(name));
    if input.as_array().is_some_and(|chat| chat.iter().any(named)) {
        let why = "messages have a role and no name";
        draft
            .notes
            .dropped(row.at("input"), "names of speakers", why);
    }
}

/// A registry names evals, and where their samples are.
fn registry(object: &Map<String, Value>, draft: &mut Draft) {
    for (name, entry) in object {
        let at = below("", name);
        let Some(class) = entry.get("class").and_then(Value::as_str) else {
            // The name without a version says which version is meant.
            if entry.get("id").is_none() {
                draft
                    .notes
                    .dropped(&at, format!("`{name}`"), "it has neither `class` nor `id`");
            }
            continue;
        };
        let args = entry.get("args").and_then(Value::as_object);
        let arg = |name: &str| args.and_then(|args| args.get(name));
        let ignore_case = arg("ignore_case")
            .and_then(Value::as_bool)
            .unwrap_or_default();
        let class = match metrics::of_class(class, ignore_case) {
            Ok(class) => class,
            Err(why) => {
                draft
                    .notes
                    .dropped(below(&at, "class"), format!("eval `{class}`"), why);
                continue;
            }
        };
        for name in args.into_iter().flat_map(Map::keys) {
            if !matches!(name.as_str(), "samples_jsonl" | "ignore_case") {
                let at = below(&below(&at, "args"), name);
                draft
                    .notes
                    .dropped(at, format!("`{name}`"), "samples are asked as they stand");
            }
        }
        match arg("samples_jsonl").and_then(Value::as_str) {
            Some(samples) => draft.evals.push(EvalHint {
                name: name.clone(),
                samples: samples.to_owned(),
                class,
            }),
            None => draft
                .notes
                .dropped(at, format!("`{name}`"), "it names no `samples_jsonl`"),
        }
    }
}
