//! Scores as events of the span that they are about: `gen_ai.evaluation.result`.

use super::bag::Bag;
use crate::evaluation;
use crate::own;
use crate::proto::Event;
use assay_model::{Batch, Score};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Scores by trace and observation. One on a whole trace is told with the trace's root.
pub(super) fn by_observation(batch: &Batch) -> HashMap<(&str, &str), Vec<&Score>> {
    let mut roots: HashMap<&str, &str> = HashMap::new();
    if batch.scores.iter().any(|s| s.observation_id.is_none()) {
        for o in batch.observations.iter().filter(|o| o.is_root()) {
            roots.entry(&o.trace_id).or_insert(&o.id);
        }
    }
    let mut all: HashMap<(&str, &str), Vec<&Score>> = HashMap::new();
    for score in &batch.scores {
        let of = match &score.observation_id {
            Some(id) => Some(id.as_str()),
            None => roots.get(score.trace_id.as_str()).copied(),
        };
        if let Some(of) = of {
            all.entry((&score.trace_id, of)).or_default().push(score);
        }
    }
    all
}

/// The event. What the convention has no name for is in an attribute of our own.
pub(super) fn event(score: &Score) -> Event {
    let mut bag = Bag::default();
    bag.text("gen_ai.evaluation.name", &score.name);
    match (score.value, &score.string_value) {
        (Some(value), _) => bag.real(evaluation::VALUE, value),
        (None, Some(label)) => bag.text(evaluation::LABEL, label),
        (None, None) => {}
    }
    bag.maybe("gen_ai.evaluation.explanation", score.comment.as_deref());
    let mut rest = json!(score);
    if let Some(rest) = rest.as_object_mut() {
        for told in ["trace_id", "name", "value", "comment", "timestamp"] {
            rest.remove(told);
        }
        rest.retain(|_, value| *value != Value::Null);
    }
    bag.json(own::SCORE, &rest);
    Event {
        time_unix_nano: u64::try_from(score.timestamp.micros())
            .unwrap_or_default()
            .saturating_mul(1000),
        name: evaluation::RESULT.to_owned(),
        attributes: bag.into_list(),
    }
}
