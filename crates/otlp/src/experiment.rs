//! A span's place in an experiment, as Langfuse's SDKs attach it.

use crate::attributes::Attributes;
use crate::value::{filled, into_text, merge};
use assay_model::ExperimentLink;
use serde_json::{Map, Value};

const PREFIX: &str = "langfuse.experiment.";

/// Takes what `a` says of an experiment; without an id there is none.
///
/// The SDKs send the metadata of experiment and item as one JSON text on the span of the item, and key by key on the
/// spans below it. The reference answer stays the text that was sent, as inputs and outputs do.
pub(crate) fn link(a: &mut Attributes) -> Option<ExperimentLink> {
    if !a.has("langfuse.experiment.id") {
        return None;
    }
    let mut link = ExperimentLink::default();
    let (mut whole, mut item) = (Map::new(), Map::new());
    // The JSON text comes last: its values have types, and the others are all text.
    let (mut whole_text, mut item_text) = (None, None);
    for (key, value) in a.take_prefix(PREFIX) {
        if is_nothing(&value) {
            continue;
        }
        match key.as_str() {
            "id" => link.id = into_text(value),
            "name" => link.name = Some(into_text(value)),
            "description" => link.description = Some(into_text(value)),
            "metadata" => whole_text = Some(value),
            "dataset.id" => link.dataset_id = Some(into_text(value)),
            "item.id" => link.item_id = Some(into_text(value)),
            "item.version" => link.item_version = Some(into_text(value)),
            "item.root_observation_id" => link.root_observation_id = Some(into_text(value)),
            "item.expected_output" => link.expected_output = value,
            "item.metadata" => item_text = Some(value),
            _ => {
                if let Some(key) = key.strip_prefix("metadata.") {
                    whole.insert(key.to_owned(), value);
                } else if let Some(key) = key.strip_prefix("item.metadata.") {
                    item.insert(key.to_owned(), value);
                } else {
                    a.put(format!("{PREFIX}{key}"), value);
                }
            }
        }
    }
    for (map, text) in [(&mut whole, whole_text), (&mut item, item_text)] {
        if let Some(text) = text {
            merge(map, text, "value");
        }
    }
    link.metadata = filled(whole);
    link.item_metadata = filled(item);
    Some(link)
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}
