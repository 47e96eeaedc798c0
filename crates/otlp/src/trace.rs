//! What spans say of their trace as a whole.

use crate::attributes::{Attributes, into_text, parsed};
use assay_model::{Observation, Timestamp, Trace};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// One span's word on its trace.
#[derive(Debug, Default)]
pub(crate) struct Word {
    name: Option<String>,
    user_id: Option<String>,
    session_id: Option<String>,
    tags: Vec<String>,
    input: Option<Value>,
    output: Option<Value>,
    metadata: Map<String, Value>,
    /// The span's own version; the trace's too.
    pub(crate) version: Option<String>,
    release: Option<String>,
    environment: Option<String>,
    public: bool,
    app_root: bool,
}

/// Takes from `a` what concerns the trace. `encoded` says that metadata values are JSON texts.
pub(crate) fn word(a: &mut Attributes, resource: &Attributes, encoded: bool) -> Word {
    let mut metadata = Map::new();
    if let Some(value) = a.take("langfuse.trace.metadata") {
        match parsed(value) {
            Value::Object(map) => metadata.extend(map),
            other => drop(metadata.insert("value".to_owned(), other)),
        }
    }
    for (key, value) in a.take_prefix("langfuse.trace.metadata.") {
        metadata.insert(key, if encoded { parsed(value) } else { value });
    }
    let hidden = |a: &mut Attributes, metadata: &mut Map<String, Value>, key: &str| {
        let own = a.take(&format!("langfuse.observation.metadata.{key}"));
        metadata.remove(key).or(own)
    };
    let user_id = a
        .take_text(&["langfuse.user.id", "user.id", "langfuse.trace.user_id"])
        .or_else(|| hidden(a, &mut metadata, "langfuse_user_id").map(into_text));
    let session_id = a
        .take_text(&[
            "langfuse.session.id",
            "session.id",
            "langfuse.trace.session_id",
            "gen_ai.conversation.id",
        ])
        .or_else(|| hidden(a, &mut metadata, "langfuse_session_id").map(into_text));
    let tags = a
        .take_first(&["langfuse.trace.tags", "langfuse.tags"])
        .or_else(|| hidden(a, &mut metadata, "langfuse_tags"))
        .or_else(|| a.take_first(&["ai.telemetry.metadata.tags", "tag.tags"]));
    let environment = [
        "langfuse.environment",
        "deployment.environment.name",
        "deployment.environment",
    ]
    .iter()
    .find_map(|key| {
        a.take_text(&[key])
            .or_else(|| resource.text(key).map(ToOwned::to_owned))
    });
    let own_version = a.take_text(&["langfuse.version"]);
    let truth = |v: &Value| v.as_bool() == Some(true) || v.as_str() == Some("true");
    let public = a
        .take_first(&["langfuse.trace.public", "langfuse.public"])
        .is_some_and(|v| truth(&v));
    Word {
        name: a.take_text(&["langfuse.trace.name"]),
        user_id: user_id.or_else(|| a.take_text(&["ai.telemetry.metadata.userId"])),
        session_id: session_id.or_else(|| a.take_text(&["ai.telemetry.metadata.sessionId"])),
        tags: tags.map(tag_list).unwrap_or_default(),
        input: a.take("langfuse.trace.input"),
        output: a.take("langfuse.trace.output"),
        metadata,
        version: own_version.or_else(|| resource.text("service.version").map(ToOwned::to_owned)),
        release: a
            .take_text(&["langfuse.release"])
            .or_else(|| resource.text("langfuse.release").map(ToOwned::to_owned)),
        environment: environment.map(|e| normal_environment(&e)),
        public,
        app_root: a.get("langfuse.internal.as_root").is_some_and(truth)
            || a.get("langfuse.internal.is_app_root").is_some_and(truth),
    }
}

/// A list, the JSON text of one, or words between commas.
fn tag_list(value: Value) -> Vec<String> {
    match parsed(value) {
        Value::Array(list) => list
            .into_iter()
            .map(into_text)
            .filter(|tag| !tag.is_empty())
            .collect(),
        Value::String(text) => text
            .split(',')
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect(),
        other => vec![into_text(other)],
    }
}

/// Lower case, at most 40 characters, never beginning with the reserved `langfuse`.
fn normal_environment(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let free = lower
        .strip_prefix("langfuse")
        .unwrap_or(&lower)
        .trim_start_matches(['-', '_']);
    if free.is_empty() {
        "default".to_owned()
    } else {
        free.chars().take(40).collect()
    }
}

/// Traces by id, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    order: Vec<Trace>,
    index: HashMap<String, usize>,
}

impl Traces {
    /// Adds what a span says of its trace. Later words win, but tags and metadata are united, and the name, input and
    /// output that were given for the trace win over those of its root span.
    pub(crate) fn add(&mut self, word: Word, o: &Observation) {
        let next = self.order.len();
        let at = *self.index.entry(o.trace_id.clone()).or_insert(next);
        if at == next {
            self.order.push(Trace {
                id: o.trace_id.clone(),
                timestamp: o.start_time,
                ..Trace::default()
            });
        }
        let Some(trace) = self.order.get_mut(at) else {
            return;
        };
        trace.timestamp = earliest(trace.timestamp, o.start_time);
        let root = o.parent_id.is_none() || word.app_root;
        if let Some(name) = word.name {
            trace.name = Some(name);
        } else if root && trace.name.is_none() {
            trace.name = Some(o.name.clone());
        }
        side(&mut trace.input, word.input, root, &o.input);
        side(&mut trace.output, word.output, root, &o.output);
        replace(&mut trace.user_id, word.user_id);
        replace(&mut trace.session_id, word.session_id);
        replace(&mut trace.environment, word.environment);
        replace(&mut trace.release, word.release);
        replace(&mut trace.version, word.version);
        for tag in word.tags {
            if !trace.tags.contains(&tag) && trace.tags.len() < 100 {
                trace.tags.push(tag);
            }
        }
        let mut metadata = word.metadata;
        if word.public {
            metadata.insert("public".to_owned(), Value::Bool(true));
        }
        if !metadata.is_empty() {
            match &mut trace.metadata {
                Value::Object(map) => map.extend(metadata),
                other => *other = Value::Object(metadata),
            }
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Trace> {
        self.order
    }
}

fn earliest(a: Timestamp, b: Timestamp) -> Timestamp {
    if b < a { b } else { a }
}

fn replace(known: &mut Option<String>, word: Option<String>) {
    if word.is_some() {
        *known = word;
    }
}

fn side(known: &mut Value, word: Option<Value>, root: bool, own: &Value) {
    if let Some(value) = word {
        *known = value;
    } else if root && known.is_null() {
        *known = own.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn environments() {
        for (given, expected) in [
            ("Production", "production"),
            ("langfuse-x", "x"),
            ("langfuse", "default"),
            (&"é".repeat(50), &"é".repeat(40)),
            ("sdk-experiment", "sdk-experiment"),
        ] {
            assert_eq!(normal_environment(given), expected);
        }
    }

    #[test]
    fn tags() {
        assert_eq!(tag_list(json!(["a", "b"])), ["a", "b"]);
        assert_eq!(tag_list(json!("[\"a\",\"b\"]")), ["a", "b"]);
        assert_eq!(tag_list(json!("a, b,")), ["a", "b"]);
        assert_eq!(tag_list(json!(1)), ["1"]);
    }
}
