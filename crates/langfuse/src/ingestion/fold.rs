//! An observation from all that was said of it.

use crate::ingestion::ObservationPatch;
use assay_model::{Observation, TokenUsage};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Makes one observation of its patches, which may come in any order and repeatedly: the later word wins field by field,
/// and what begins the observation comes before what adds to it at the same time. Metadata is united key by key.
///
/// An observation of which nothing says when it began did so with its first event.
#[must_use]
pub fn fold(mut patches: Vec<ObservationPatch>) -> Observation {
    patches.sort_by(|a, b| {
        let (x, y) = ((a.at, !a.create), (b.at, !b.create));
        x.cmp(&y).then_with(|| a.event_id.cmp(&b.event_id))
    });
    let Some(first) = patches.first() else {
        return Observation::default();
    };
    let (id, began) = (first.id.clone(), first.at);
    // A patch that named no trace was given the observation's own id.
    let trace_id = patches.iter().map(|p| &p.trace_id).find(|t| **t != id);
    let trace_id = trace_id.unwrap_or(&id).clone();
    let mut fields = Map::new();
    for patch in patches {
        for (field, value) in patch.fields {
            add(&mut fields, field, value);
        }
    }
    let timed = fields.contains_key("start_time");
    let mut observation = read(fields);
    observation.id = id;
    observation.trace_id = trace_id;
    if !timed {
        observation.start_time = began;
    }
    observation.usage = usage(&observation.usage_details);
    observation.cost_usd = cost(&observation.cost_details);
    observation
}

fn add(fields: &mut Map<String, Value>, field: String, value: Value) {
    match (fields.get_mut(&field), value) {
        (_, Value::Null) => {}
        (Some(Value::Object(known)), Value::Object(new)) if field == "metadata" => {
            known.extend(new);
        }
        (_, value) => drop(fields.insert(field, value)),
    }
}

/// Patches may have been stored by another version: a field that does not fit is left out, and not the observation.
fn read(fields: Map<String, Value>) -> Observation {
    let parsed = |fields: &Map<String, Value>| -> Result<Observation, serde_json::Error> {
        serde_json::from_value(Value::Object(fields.clone()))
    };
    parsed(&fields).unwrap_or_else(|_| {
        let fits = |(field, value): &(String, Value)| {
            parsed(&Map::from_iter([(field.clone(), value.clone())])).is_ok()
        };
        let fitting: Map<String, Value> = fields.into_iter().filter(fits).collect();
        parsed(&fitting).unwrap_or_default()
    })
}

/// The sums of the buckets with `input` and with `output` in their names; `None` without any.
fn usage(details: &BTreeMap<String, u64>) -> Option<TokenUsage> {
    let sum = |side: &str| {
        let buckets = details.iter().filter(|(name, _)| name.contains(side));
        buckets.map(|(_, n)| *n).reduce(u64::saturating_add)
    };
    match (sum("input"), sum("output")) {
        (None, None) => None,
        (input, output) => Some(TokenUsage {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
        }),
    }
}

/// `total`, else the sum of the buckets.
fn cost(details: &BTreeMap<String, f64>) -> Option<f64> {
    let sum = || (!details.is_empty()).then(|| details.values().sum());
    details.get("total").copied().or_else(sum)
}
