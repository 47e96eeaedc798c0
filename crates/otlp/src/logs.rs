//! Log records to observations: the GenAI conventions send messages, call details and evaluations as events of the logs.

use crate::attributes::{Attributes, weigh, weight};
use crate::evaluation::{self, Subject};
use crate::id::{self, hex_id};
use crate::map::{is_zero, micros, rejection};
use crate::metadata::metadata;
use crate::proto::logs::{LogRecord, LogsRequest};
use crate::shared::Shared;
use crate::trace::{self, Traces};
use crate::value::{filled, json};
use crate::{Limits, MapContext, Rejected, content};
use assay_model::{Batch, Level, Observation, ObservationType};
use prost::Message as _;
use serde_json::Value;

/// What comes of a request of logs.
#[derive(Debug, Clone, Default)]
pub struct MappedLogs {
    /// What to store. Ids are derived from the records: a repeated request replaces itself.
    pub batch: Batch,
    /// GenAI events that are not stored.
    pub rejected: Vec<Rejected>,
    /// How many records are no GenAI event of a trace, and none of ours to keep.
    pub ignored: u64,
}

impl MappedLogs {
    /// One line on what was rejected, for the exporter; empty when nothing was.
    #[must_use]
    pub fn rejection(&self) -> String {
        rejection("record", &self.rejected)
    }
}

/// Maps the records of a request. Never fails: a record that cannot be kept is in [`MappedLogs::rejected`].
///
/// An event is an observation below the span it names, or a score when it is the result of an evaluation. It says nothing
/// of model, tokens and cost: the span does, and both would count twice.
#[must_use]
pub fn map_logs(request: LogsRequest, ctx: &MapContext) -> MappedLogs {
    let mut mapped = MappedLogs::default();
    let mut traces = Traces::default();
    let mut index = 0;
    for resource_logs in request.resource_logs {
        let mut shared = Shared::new(resource_logs.resource, ctx);
        for scope_logs in resource_logs.scope_logs {
            shared.enter(scope_logs.scope);
            for mut record in scope_logs.log_records {
                let name = event_name(&mut record);
                if !name.starts_with("gen_ai.") || is_zero(&record.trace_id) {
                    mapped.ignored += 1;
                } else if let Err(reason) = check(&record, index, &ctx.limits) {
                    mapped.rejected.push(Rejected {
                        index,
                        span_id: hex_id(record.span_id.get(..8).unwrap_or(&record.span_id)),
                        reason,
                    });
                } else {
                    add(name, record, &shared, ctx, &mut mapped.batch, &mut traces);
                }
                index += 1;
            }
        }
    }
    mapped.batch.traces = traces.into_vec();
    mapped
}

/// What kind of event the record is: its field, or the attribute that there was before it.
fn event_name(record: &mut LogRecord) -> String {
    if record.event_name.is_empty() {
        let mut a = Attributes::new(std::mem::take(&mut record.attributes));
        record.event_name = a.take_text(&["event.name"]).unwrap_or_default();
        record.attributes = a.into_list();
    }
    std::mem::take(&mut record.event_name)
}

fn check(record: &LogRecord, index: usize, limits: &Limits) -> Result<(), String> {
    if index >= limits.max_spans {
        return Err(format!(
            "the request has more than {} records",
            limits.max_spans
        ));
    }
    if record.trace_id.len() != 16 {
        return Err("the trace id must be 16 bytes".to_owned());
    }
    if !matches!(record.span_id.len(), 0 | 8) {
        return Err("the span id must be 8 bytes or absent".to_owned());
    }
    let bytes = weight(&record.attributes) + record.body.as_ref().map_or(0, weigh);
    if bytes > limits.max_attribute_bytes {
        return Err(format!(
            "the record has {bytes} bytes of body and attributes, more than {}",
            limits.max_attribute_bytes
        ));
    }
    Ok(())
}

fn add(
    name: String,
    mut record: LogRecord,
    shared: &Shared,
    ctx: &MapContext,
    batch: &mut Batch,
    traces: &mut Traces,
) {
    let trace_id = hex_id(&record.trace_id);
    let span_id = (!is_zero(&record.span_id)).then(|| hex_id(&record.span_id));
    let nanos = match record.time_unix_nano {
        0 => record.observed_time_unix_nano,
        nanos => nanos,
    };
    let time = if nanos == 0 {
        ctx.received_at
    } else {
        micros(nanos)
    };
    let mut a = Attributes::new(std::mem::take(&mut record.attributes));
    let mut word = trace::word(&mut a, shared.encoded);
    let (environment, own) = trace::environment(&mut a, &shared.environments);
    word.environment = environment.clone().filter(|_| own);
    let version = word.version.clone().or_else(|| shared.version.clone());
    traces.add(word, &trace_id, time, shared);

    if name == evaluation::RESULT {
        let subject = Subject {
            trace_id: &trace_id,
            observation_id: span_id.as_deref(),
            environment: environment.as_deref(),
            time,
            nanos,
        };
        match evaluation::score(a.into_list(), &subject) {
            Ok(score) => {
                batch.scores.push(score);
                return;
            }
            Err(list) => a = Attributes::new(list),
        }
    }
    let body = record.body.unwrap_or_default();
    let own_id = id::stable(
        &[
            &record.trace_id,
            &record.span_id,
            name.as_bytes(),
            &nanos.to_le_bytes(),
            &body.encode_to_vec(),
        ],
        16,
    );
    let (input, output, rest) = sides(&name, json(body), &mut a);
    let level = level(record.severity_number);
    let status_message = (level == Level::Error)
        .then(|| a.take_text(&["exception.message", "exception.type", "error.type"]))
        .flatten();
    let mut metadata = metadata(a, Vec::new(), Vec::new(), shared);
    if !rest.is_null() {
        metadata.insert("body".to_owned(), rest);
    }
    batch.observations.push(Observation {
        id: own_id,
        trace_id,
        parent_id: span_id,
        kind: ObservationType::Event,
        name,
        start_time: time,
        end_time: Some(time),
        level,
        status_message,
        input,
        output,
        environment,
        version,
        metadata: filled(metadata),
        ..Observation::default()
    });
}

/// Input, output, and what is neither, of an event with this body.
fn sides(name: &str, mut body: Value, a: &mut Attributes) -> (Value, Value, Value) {
    if let Some(role) = content::role(name) {
        if let Some(message) = body.as_object_mut() {
            message
                .entry("role")
                .or_insert_with(|| Value::String(role.to_owned()));
        }
        return (body, Value::Null, Value::Null);
    }
    if name == "gen_ai.choice" {
        return (Value::Null, body, Value::Null);
    }
    let mut side = |key: &str| {
        let own = a.take(key);
        own.or_else(|| body.as_object_mut()?.remove(key))
            .unwrap_or_default()
    };
    let (input, output) = if name == content::DETAILS {
        (side(content::MESSAGES.0), side(content::MESSAGES.1))
    } else {
        (Value::Null, Value::Null)
    };
    let empty = body.as_object().is_some_and(serde_json::Map::is_empty);
    (input, output, if empty { Value::Null } else { body })
}

/// `SeverityNumber` as a level: information is as usual, and so is what gives none.
const fn level(severity: i32) -> Level {
    match severity {
        1..=8 => Level::Debug,
        13..=16 => Level::Warning,
        17..=24 => Level::Error,
        _ => Level::Default,
    }
}
