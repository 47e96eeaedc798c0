//! What clients read: JSON in the shapes that their models accept. Fields that a model requires are there even when null.
//!
//! Older shapes (v1) have inputs and outputs as parsed JSON and prices as numbers; newer ones (v2) have texts exactly as
//! they were received and prices as decimal texts.

mod comment;
mod experiment;
mod media;
mod observation;
mod page;
mod score;
mod trace;

pub use comment::{CommentShown, comment};
pub use experiment::{
    DatasetRun, DatasetRunItem, Experiment, dataset_run, dataset_run_item, experiment,
    experiment_item,
};
pub use media::{Media, media, media_upload};
pub use observation::{ObservationContext, Prices, observation_v1, observation_v2};
pub use page::{cursor_page, cursor_page_of, page, page_meta, project, session};
pub use score::{ScoreContext, score_v1, score_v2, score_v3};
pub use trace::{TraceContext, select_trace, trace_row, trace_single};

use crate::body::record;
use assay_model::{DEFAULT_ENVIRONMENT, Timestamp};
use serde_json::{Value, json};

/// JSON where a text is JSON, and the text itself where it is none. A whole number too great for JSON's readers stays a
/// text, because it is an id rather than an amount.
fn parsed(value: &Value) -> Value {
    let Value::String(text) = value else {
        return value.clone();
    };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Number(n)) if n.is_f64() && !text.contains(['.', 'e', 'E']) => value.clone(),
        Ok(parsed) => parsed,
        Err(_) => value.clone(),
    }
}

/// The text as it was received; anything else as compact JSON.
fn raw(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
    }
}

/// Metadata and the like, which are always objects.
fn object(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        other => record(other.clone()),
    }
}

/// An object, or null.
fn nullable(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        other => record(other.clone()),
    }
}

fn environment(named: Option<&str>) -> &str {
    named.unwrap_or(DEFAULT_ENVIRONMENT)
}

/// Seconds from `from` to `to`, to the microsecond.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.micros().saturating_sub(from.micros()) as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_content() {
        for (given, old, new) in [
            (json!("q"), json!("q"), json!("q")),
            (json!("{\"a\": 1}"), json!({"a": 1}), json!("{\"a\": 1}")),
            (json!({"a": [1]}), json!({"a": [1]}), json!("{\"a\":[1]}")),
            (json!("2"), json!(2), json!("2")),
            (json!("1.5e3"), json!(1500.0), json!("1.5e3")),
            (json!(2), json!(2), json!("2")),
            (
                json!("123456789012345678901234"),
                json!("123456789012345678901234"),
                json!("123456789012345678901234"),
            ),
            (json!("007"), json!("007"), json!("007")),
            (Value::Null, Value::Null, Value::Null),
        ] {
            assert_eq!(parsed(&given), old);
            assert_eq!(raw(&given), new);
        }
    }

    #[test]
    fn objects() {
        assert_eq!(object(&Value::Null), json!({}));
        assert_eq!(nullable(&Value::Null), Value::Null);
        assert_eq!(object(&json!([1])), json!({"metadata": [1]}));
    }
}
