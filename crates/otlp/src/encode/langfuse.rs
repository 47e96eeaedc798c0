//! What Langfuse's SDKs would say of an observation and its trace.

use super::bag::{Bag, content};
use super::span::{Contents, Own, Stored};
use crate::{id, usage};
use assay_model::{ExperimentLink, Observation};
use serde_json::{Value, json};

/// What concerns the observation.
pub(super) fn observation(bag: &mut Bag, o: &Observation, contents: &Contents, own: &mut Own) {
    let of = |key: &str| format!("langfuse.observation.{key}");
    bag.text(of("type"), &o.kind.as_str().to_ascii_lowercase());
    bag.text(of("level"), o.level.as_str());
    bag.maybe(of("status_message"), o.status_message.as_deref());
    for (side, side_of) in [("input", &contents.input), ("output", &contents.output)] {
        if let Some((text, is_json)) = side_of {
            if !contents.large {
                bag.text(of(side), text);
            }
            if *is_json {
                own.is_json(side);
            }
        }
    }
    bag.maybe(of("model.name"), o.model.as_deref());
    bag.json(of("model.parameters"), &o.model_parameters);
    tokens(bag, o, own);
    cost(bag, o, own);
    bag.maybe(of("prompt.name"), o.prompt_name.as_deref());
    if let Some(version) = o.prompt_version {
        bag.int(of("prompt.version"), version);
    }
    if let Some(at) = o.completion_start_time {
        // The SDKs send a JSON text within the text.
        bag.text(of("completion_start_time"), &json!(at).to_string());
    }
    bag.yes("langfuse.internal.as_root", o.app_root);
    bag.yes("langfuse.internal.is_app_root", o.app_root);
    bag.json(of("metadata"), &o.metadata);
    if let Some(link) = &o.experiment {
        experiment(bag, o, link, own);
    }
}

/// Tokens by bucket, made of the two sums where there are no buckets.
fn tokens(bag: &mut Bag, o: &Observation, own: &mut Own) {
    let mut told = o.usage_details.clone();
    if let (true, Some(usage)) = (told.is_empty(), o.usage) {
        told.insert("input".to_owned(), usage.input);
        told.insert("output".to_owned(), usage.output);
        own.stored("usage_details", json!({}));
    }
    if usage::usage(&told) != o.usage {
        own.stored("usage", json!(o.usage));
    }
    bag.json("langfuse.observation.usage_details", &json!(told));
}

/// The same of dollars.
fn cost(bag: &mut Bag, o: &Observation, own: &mut Own) {
    let mut told = o.cost_details.clone();
    if let (true, Some(cost)) = (told.is_empty(), o.cost_usd) {
        told.insert("total".to_owned(), cost);
        own.stored("cost_details", json!({}));
    }
    if usage::total_cost(&told) != o.cost_usd {
        own.stored("cost_usd", json!(o.cost_usd));
    }
    bag.json("langfuse.observation.cost_details", &json!(told));
}

fn experiment(bag: &mut Bag, o: &Observation, link: &ExperimentLink, own: &mut Own) {
    let of = |key: &str| format!("langfuse.experiment.{key}");
    bag.text(of("id"), &link.id);
    bag.maybe(of("name"), link.name.as_deref());
    bag.maybe(of("description"), link.description.as_deref());
    bag.json(of("metadata"), &link.metadata);
    bag.maybe(of("dataset.id"), link.dataset_id.as_deref());
    bag.maybe(of("item.id"), link.item_id.as_deref());
    bag.maybe(of("item.version"), link.item_version.as_deref());
    if let Some(root) = &link.root_observation_id {
        // It must name a span that the other side knows.
        let (bytes, digested) = id::span_bytes(&o.trace_id, root);
        bag.text(of("item.root_observation_id"), &hex::encode(bytes));
        if digested {
            own.stored("experiment.root_observation_id", json!(root));
        }
    }
    if let Some((text, is_json)) = content(&link.expected_output) {
        bag.text(of("item.expected_output"), &text);
        if is_json {
            own.is_json("experiment.expected_output");
        }
    }
    bag.json(of("item.metadata"), &link.item_metadata);
}

/// What concerns the trace. Where it is deployed, in which version, who uses it and in which conversation is on every span;
/// all else on one.
pub(super) fn trace(bag: &mut Bag, stored: &Stored<'_>, own: &mut Own) {
    let (o, trace) = (stored.observation, stored.trace);
    for (field, key, of_span, of_trace) in [
        (
            "environment",
            "langfuse.environment",
            &o.environment,
            trace.and_then(|t| t.environment.as_ref()),
        ),
        (
            "version",
            "langfuse.version",
            &o.version,
            trace.and_then(|t| t.version.as_ref()),
        ),
    ] {
        let told = of_span.as_ref().or(of_trace);
        bag.maybe(key, told.map(String::as_str));
        if told != of_span.as_ref() {
            own.stored(field, Value::Null);
        }
        if told != of_trace {
            own.stored(&format!("trace.{field}"), json!(of_trace));
        }
    }
    let Some(trace) = trace else {
        return;
    };
    bag.maybe("user.id", trace.user_id.as_deref());
    bag.maybe("session.id", trace.session_id.as_deref());
    if !stored.first {
        return;
    }
    bag.maybe("langfuse.trace.name", trace.name.as_deref());
    bag.maybe("langfuse.release", trace.release.as_deref());
    bag.texts("langfuse.trace.tags", &trace.tags);
    bag.yes("langfuse.trace.public", trace.public == Some(true));
    bag.json("langfuse.trace.metadata", &trace.metadata);
    for (side, value) in [("input", &trace.input), ("output", &trace.output)] {
        if let Some((text, is_json)) = content(value) {
            bag.text(format!("langfuse.trace.{side}"), &text);
            if is_json {
                own.is_json(&format!("trace.{side}"));
            }
        }
    }
}
