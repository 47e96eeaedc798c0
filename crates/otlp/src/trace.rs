//! What spans say of their trace as a whole, beyond what the trace's root says of itself.

use crate::attributes::Attributes;
use crate::shared::Shared;
use crate::value::{filled, into_text, is_true, merge, parsed};
use assay_model::{Timestamp, Trace, environment_name};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// One span's word on its trace.
#[derive(Debug, Default)]
pub(crate) struct Word {
    name: Option<String>,
    user_id: Option<String>,
    session_id: Option<String>,
    tags: Vec<String>,
    pub(crate) input: Option<Value>,
    pub(crate) output: Option<Value>,
    metadata: Map<String, Value>,
    release: Option<String>,
    public: bool,
    /// The span's own version, not its resource's.
    pub(crate) version: Option<String>,
    /// The span's own environment, not its resource's.
    pub(crate) environment: Option<String>,
}

/// Most labels of a trace.
const MAX_TAGS: usize = 100;

/// The keys of a deployment, on spans and resources, the most telling first.
const ENVIRONMENT: [&str; 3] = [
    "langfuse.environment",
    "deployment.environment.name",
    "deployment.environment",
];

/// Takes from `a` what concerns the trace. `encoded` says that metadata values are JSON texts.
pub(crate) fn word(a: &mut Attributes, encoded: bool) -> Word {
    let decode = |value: Value| if encoded { parsed(value) } else { value };
    let mut metadata = Map::new();
    if let Some(value) = a.take("langfuse.trace.metadata") {
        merge(&mut metadata, value, "value");
    }
    for (key, value) in a.take_prefix("langfuse.trace.metadata.") {
        metadata.insert(key, decode(value));
    }
    // Langfuse's integrations hide these three within the metadata of observations or traces.
    let mut hidden = |a: &mut Attributes, own: &str, key: &str| {
        let own = a.take(own).map(decode);
        let of_trace = metadata.remove(key);
        of_trace
            .filter(|v| !v.is_null() && v.as_str() != Some(""))
            .or(own)
    };
    let user_id = a
        .take_text(&["langfuse.user.id", "user.id", "langfuse.trace.user_id"])
        .or_else(|| {
            let own = "langfuse.observation.metadata.langfuse_user_id";
            hidden(a, own, "langfuse_user_id").map(into_text)
        })
        .or_else(|| a.take_text(&["ai.telemetry.metadata.userId"]));
    let session_id = a
        .take_text(&[
            "langfuse.session.id",
            "session.id",
            "langfuse.trace.session_id",
            "gen_ai.conversation.id",
        ])
        .or_else(|| {
            let own = "langfuse.observation.metadata.langfuse_session_id";
            hidden(a, own, "langfuse_session_id").map(into_text)
        })
        .or_else(|| a.take_text(&["ai.telemetry.metadata.sessionId"]));
    let tags = a
        .take_first(&["langfuse.trace.tags", "langfuse.tags"])
        .or_else(|| {
            let own = "langfuse.observation.metadata.langfuse_tags";
            hidden(a, own, "langfuse_tags")
        })
        .or_else(|| a.take_first(&["ai.telemetry.metadata.tags", "tag.tags"]));
    Word {
        name: a.take_text(&["langfuse.trace.name"]),
        user_id,
        session_id,
        tags: tags.map(tag_list).unwrap_or_default(),
        input: a.take("langfuse.trace.input"),
        output: a.take("langfuse.trace.output"),
        metadata,
        release: a.take_text(&["langfuse.release"]),
        public: a
            .take_first(&["langfuse.trace.public", "langfuse.public"])
            .is_some_and(|v| is_true(&v)),
        version: a.take_text(&["langfuse.version"]),
        environment: None,
    }
}

/// The deployment: of the span `a` and whether it is its own word, else of the resource that holds `shared`.
pub(crate) fn environment(
    a: &mut Attributes,
    resource: &[Option<String>; 3],
) -> (Option<String>, bool) {
    for (key, shared) in ENVIRONMENT.iter().zip(resource) {
        if let Some(own) = a.take_text(&[key]) {
            return (Some(environment_name(&own)), true);
        }
        if shared.is_some() {
            return (shared.clone(), false);
        }
    }
    (None, false)
}

/// What a resource says of the deployment, key by key.
pub(crate) fn environments(resource: &Attributes) -> [Option<String>; 3] {
    ENVIRONMENT.map(|key| resource.text(key).map(environment_name))
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

/// Traces by id, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    list: Vec<Trace>,
    index: HashMap<String, usize>,
    last: usize,
}

impl Traces {
    /// Adds what a span that began at `start` says of its trace. Later words win, but tags and metadata are united.
    pub(crate) fn add(&mut self, word: Word, id: &str, start: Timestamp, shared: &Shared) {
        let Some(trace) = self.at(id) else {
            return;
        };
        if start < trace.timestamp {
            trace.timestamp = start;
        }
        replace(&mut trace.name, word.name);
        replace(&mut trace.user_id, word.user_id);
        replace(&mut trace.session_id, word.session_id);
        replace(&mut trace.environment, word.environment);
        // The resource's stands in until a span has one of its own.
        if trace.environment.is_none() {
            trace.environment = shared.environments.iter().flatten().next().cloned();
        }
        // These two have no other way to the trace than the word of whatever span carries them, or its resource.
        replace_or(&mut trace.release, word.release, &shared.release);
        replace_or(&mut trace.version, word.version, &shared.version);
        if let Some(input) = word.input {
            trace.input = input;
        }
        if let Some(output) = word.output {
            trace.output = output;
        }
        for tag in word.tags {
            if trace.tags.len() < MAX_TAGS && !trace.tags.contains(&tag) {
                trace.tags.push(tag);
            }
        }
        if word.public {
            trace.public = Some(true);
        }
        if !word.metadata.is_empty() {
            match &mut trace.metadata {
                Value::Object(map) => map.extend(word.metadata),
                other => *other = filled(word.metadata),
            }
        }
    }

    /// The trace, which mostly is that of the span before.
    fn at(&mut self, id: &str) -> Option<&mut Trace> {
        if self.list.get(self.last).is_none_or(|trace| trace.id != id) {
            self.last = match self.index.get(id) {
                Some(at) => *at,
                None => {
                    self.index.insert(id.to_owned(), self.list.len());
                    self.list.push(Trace {
                        id: id.to_owned(),
                        timestamp: Timestamp::from_micros(i64::MAX),
                        ..Trace::default()
                    });
                    self.list.len() - 1
                }
            };
        }
        self.list.get_mut(self.last)
    }

    /// The traces of which something was said. Of the others, their observations say all that is known.
    pub(crate) fn into_vec(self) -> Vec<Trace> {
        let silent = |t: &Trace| {
            *t == Trace {
                id: t.id.clone(),
                timestamp: t.timestamp,
                ..Trace::default()
            }
        };
        let mut list = self.list;
        list.retain(|t| !silent(t));
        list
    }
}

fn replace(known: &mut Option<String>, word: Option<String>) {
    if word.is_some() {
        *known = word;
    }
}

fn replace_or(known: &mut Option<String>, word: Option<String>, shared: &Option<String>) {
    if word.is_some() {
        *known = word;
    } else if shared.is_some() && known != shared {
        known.clone_from(shared);
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
            assert_eq!(environment_name(given), expected);
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
