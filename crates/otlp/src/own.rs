//! Our own dialect: what this platform's [`crate::encode`] adds where the conventions have no words, read back.
//!
//! A span of our scope says everything in the attributes of Langfuse, and again in those of others for whoever knows only
//! those. Here the others' are passed over, so that the observation is what it was. Nothing that a stranger may write here
//! says more than a batch of our own kind may: an id must be the one that the wire's is a digest of.

use crate::id;
use crate::proto::{AnyKind, Span};
use crate::trace::Word;
use crate::value::parsed;
use assay_model::{Observation, Score, ScoreType, TokenUsage};
use serde_json::{Map, Value};

/// The scope of what was forwarded.
pub(crate) const SCOPE: &str = "assay.forwarding";
/// Which texts are JSON: names of fields.
pub(crate) const JSON: &str = "assay.json";
/// Fields that are otherwise in the store than the others are told: a JSON object.
pub(crate) const STORED: &str = "assay.as_stored";
/// On an event: what is known of a score besides: a JSON object.
pub(crate) const SCORE: &str = "assay.score";

/// Most of what a store counts.
const MAX_TOKENS: u64 = i64::MAX.unsigned_abs();
/// Most dollars, as in a batch of our own kind.
const MAX_COST: f64 = 1e12;
/// Most characters of a text that the store keeps short.
const MAX_NAME: usize = 1000;

/// What a span says in our dialect.
#[derive(Debug, Default)]
pub(crate) struct Own {
    json: Vec<String>,
    stored: Map<String, Value>,
    trace_id: Vec<u8>,
    span_id: Vec<u8>,
    parent_id: Vec<u8>,
}

/// What else is read of a span of ours.
fn is_read(key: &str) -> bool {
    key.starts_with("langfuse.")
        || matches!(
            key,
            "user.id" | "session.id" | "input.value" | "output.value"
        )
}

impl Own {
    /// Takes it out of the span, and leaves what is read besides.
    pub(crate) fn take(span: &mut Span) -> Self {
        let mut own = Self {
            trace_id: span.trace_id.clone(),
            span_id: span.span_id.clone(),
            parent_id: span.parent_span_id.clone(),
            ..Self::default()
        };
        let mut kept = Vec::with_capacity(span.attributes.len());
        let mut small = false;
        for kv in std::mem::take(&mut span.attributes) {
            match (
                kv.key.as_str(),
                kv.value.as_ref().and_then(|v| v.value.as_ref()),
            ) {
                (JSON, Some(AnyKind::Array(list))) => {
                    let names = list.values.iter().filter_map(|v| match &v.value {
                        Some(AnyKind::String(name)) => Some(name.clone()),
                        _ => None,
                    });
                    own.json = names.collect();
                }
                (STORED, Some(AnyKind::String(text))) => {
                    own.stored = serde_json::from_str(text).unwrap_or_default();
                }
                (key, Some(_)) if is_read(key) => {
                    small |=
                        key == "langfuse.observation.input" || key == "langfuse.observation.output";
                    kept.push(kv);
                }
                _ => {}
            }
        }
        if small {
            kept.retain(|kv| kv.key != "input.value" && kv.key != "output.value");
        }
        span.attributes = kept;
        span.events.retain(|e| e.name == crate::evaluation::RESULT);
        span.links.clear();
        own
    }

    /// Makes of what was read what was stored.
    pub(crate) fn apply(self, o: &mut Observation, word: &mut Word, scores: &mut [Score]) {
        for name in &self.json {
            match name.as_str() {
                "input" => parse(&mut o.input),
                "output" => parse(&mut o.output),
                "experiment.expected_output" => {
                    if let Some(link) = &mut o.experiment {
                        parse(&mut link.expected_output);
                    }
                }
                "trace.input" => word.input.iter_mut().for_each(parse),
                "trace.output" => word.output.iter_mut().for_each(parse),
                _ => {}
            }
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let short = |value: &Value| text(value).filter(|t| t.chars().count() <= MAX_NAME);
        // First of all, since the digests of the others are made with it.
        if let Some(id) = self.stored.get("trace_id").and_then(text)
            && id::trace_bytes(&id) == (self.trace_id.clone(), true)
            && is_id(&id)
        {
            o.trace_id = id;
        }
        let was = |value: &Value, bytes: &[u8]| {
            text(value)
                .filter(|id| id::span_bytes(&o.trace_id, id) == (bytes.to_vec(), true) && is_id(id))
        };
        let (mut id, mut parent, mut root) = (None, None, None);
        for (field, value) in &self.stored {
            match field.as_str() {
                "id" => id = was(value, &self.span_id),
                "parent_id" => parent = was(value, &self.parent_id),
                "experiment.root_observation_id" => {
                    let link = o.experiment.as_ref();
                    let told = link.and_then(|l| hex::decode(l.root_observation_id.as_ref()?).ok());
                    root = told.and_then(|bytes| was(value, &bytes));
                }
                _ => {}
            }
        }
        if let (Some(root), Some(link)) = (root, &mut o.experiment) {
            link.root_observation_id = Some(root);
        }
        if id.is_some() {
            o.id = id.unwrap_or_default();
        }
        if parent.is_some() {
            o.parent_id = parent;
        }
        for (field, value) in self.stored {
            match field.as_str() {
                "end_time" if value.is_null() => o.end_time = None,
                "environment" if value.is_null() => o.environment = None,
                "version" if value.is_null() => o.version = None,
                "usage" => o.usage = usage(&value),
                "usage_details" => o.usage_details.clear(),
                "cost_usd" => {
                    o.cost_usd = value.as_f64().filter(|n| (0.0..=MAX_COST).contains(n));
                }
                "cost_details" => o.cost_details.clear(),
                "trace.environment" => word.environment = short(&value),
                "trace.version" => word.version = short(&value),
                _ => {}
            }
        }
        for score in scores {
            restore(score, o);
        }
    }
}

fn parse(value: &mut Value) {
    *value = parsed(value.take());
}

/// Whether a batch of our own kind may have such an id.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= 200 && !id.chars().any(char::is_control)
}

fn usage(value: &Value) -> Option<TokenUsage> {
    let count = |key: &str| value.get(key)?.as_u64().filter(|n| *n <= MAX_TOKENS);
    Some(TokenUsage {
        input: count("input")?,
        output: count("output")?,
    })
}

/// Makes of a score of the convention the one that was stored.
fn restore(score: &mut Score, o: &Observation) {
    score.trace_id.clone_from(&o.trace_id);
    score.observation_id = Some(o.id.clone());
    let Value::Object(metadata) = &mut score.metadata else {
        return;
    };
    let Some(Value::String(text)) = metadata.remove(SCORE) else {
        return;
    };
    let Ok(stored) = serde_json::from_str::<Score>(&text) else {
        return;
    };
    let sound = |id: &Option<String>| id.as_deref().is_none_or(is_id);
    let short = |t: &Option<String>| t.as_ref().is_none_or(|t| t.chars().count() <= MAX_NAME);
    let ids = [
        &stored.observation_id,
        &stored.session_id,
        &stored.experiment_id,
    ];
    let names = [
        &stored.environment,
        &stored.config_id,
        &stored.queue_id,
        &stored.author_id,
    ];
    // As the conventions' own path makes them: a number has a value, all else a text.
    let numeric = matches!(stored.data_type, ScoreType::Numeric | ScoreType::Boolean);
    let whole = if numeric {
        score.value.is_some()
    } else {
        stored.string_value.is_some()
    };
    let fits =
        whole && is_id(&stored.id) && ids.into_iter().all(sound) && names.into_iter().all(short);
    if fits {
        *score = Score {
            trace_id: std::mem::take(&mut score.trace_id),
            name: std::mem::take(&mut score.name),
            value: score.value,
            comment: score.comment.take(),
            timestamp: score.timestamp,
            ..stored
        };
    }
}
