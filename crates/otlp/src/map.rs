//! Spans to observations, and to what they say of traces and scores.

use crate::attributes::{Attributes, weight};
use crate::evaluation::{self, Subject};
use crate::id::hex_id;
use crate::metadata::metadata;
use crate::own::Own;
use crate::proto::{Event, Span, TracesRequest};
use crate::shared::Shared;
use crate::source;
use crate::spans::{BatchSize, Spans};
use crate::trace::{self, Traces};
use crate::value::{filled, is_true};
use crate::{Limits, content, experiment, model, usage};
use assay_model::{Batch, Level, Observation, Score, Timestamp};
use serde_json::Value;
use std::collections::HashSet;

/// What the mapping depends on besides the spans.
#[derive(Debug, Clone, Default)]
pub struct MapContext {
    /// `x-langfuse-sdk-name`.
    pub sdk_name: Option<String>,
    /// `x-langfuse-sdk-version`.
    pub sdk_version: Option<String>,
    /// When the request arrived: the start of spans that give none.
    pub received_at: Timestamp,
    /// How much is accepted.
    pub limits: Limits,
}

impl MapContext {
    /// Langfuse's Python SDK encodes every metadata value as JSON from its major version 5 on, strings too. Its name
    /// must be asked for as well: the JavaScript SDK has a version 5 that does not.
    pub(crate) fn encodes_metadata(&self) -> bool {
        self.python().is_some_and(|version| version >= [5, 0, 0])
    }

    /// Langfuse's Python SDK called its generations spans up to 3.3.0.
    pub(crate) fn calls_generations_spans(&self) -> bool {
        self.python().is_some_and(|version| version <= [3, 3, 0])
    }

    /// The version of Langfuse's Python SDK, if that is the client.
    fn python(&self) -> Option<[u32; 3]> {
        if !self.sdk_name.as_deref()?.eq_ignore_ascii_case("python") {
            return None;
        }
        let mut parts = self.sdk_version.as_deref()?.split('.');
        let mut next = || parts.next()?.trim().parse().ok();
        Some([next()?, next().unwrap_or(0), next().unwrap_or(0)])
    }
}

/// A span, or a record of the logs, that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which one of the request, from 0, in the order of the body.
    pub index: usize,
    /// Its id in hex as far as it has one, shortened.
    pub span_id: String,
    /// Why, for a person.
    pub reason: String,
}

/// What comes of a request.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    /// What to store. Keyed by (trace, span): a repeated request replaces itself.
    pub batch: Batch,
    /// What is not stored.
    pub rejected: Vec<Rejected>,
    /// Observations, by trace and id, that another installation, or this one, forwarded: they are not forwarded again.
    pub forwarded: HashSet<(String, String)>,
}

impl Mapped {
    /// One line on what was rejected, for the exporter; empty when nothing was.
    #[must_use]
    pub fn rejection(&self) -> String {
        rejection("span", &self.rejected)
    }
}

/// One line on what was rejected, each of it a `noun`.
pub(crate) fn rejection(noun: &str, rejected: &[Rejected]) -> String {
    let mut text: Vec<String> = rejected
        .iter()
        .take(5)
        .map(|r| match r.span_id.as_str() {
            "" => format!("{noun} {}: {}", r.index, r.reason),
            id => format!("{noun} {} ({id}): {}", r.index, r.reason),
        })
        .collect();
    if rejected.len() > text.len() {
        text.push(format!("and {} more", rejected.len() - text.len()));
    }
    text.join("; ")
}

/// Maps the spans of a request. Never fails: a span that cannot be kept is in [`Mapped::rejected`].
///
/// What the world sends and a store would rather not see is settled here: a span that names itself as its parent has none,
/// a ring of spans stays a ring, and an end before the start is kept as it was sent.
#[must_use]
pub fn map(request: TracesRequest, ctx: &MapContext) -> Mapped {
    let mut spans = Spans::of(source::whole(request), ctx);
    let all = BatchSize {
        observations: usize::MAX,
        bytes: usize::MAX,
    };
    let batch = spans.next_batch(all).unwrap_or_default();
    Mapped {
        batch,
        forwarded: spans.take_forwarded(),
        rejected: spans.into_rejected(),
    }
}

/// Spans on their way to a batch.
pub(crate) struct Mapper<'a> {
    ctx: &'a MapContext,
    /// Of the next span.
    index: usize,
    batch: Batch,
    traces: Traces,
    rejected: Vec<Rejected>,
    forwarded: HashSet<(String, String)>,
}

impl<'a> Mapper<'a> {
    pub(crate) fn new(ctx: &'a MapContext) -> Self {
        Self {
            ctx,
            index: 0,
            batch: Batch::default(),
            traces: Traces::default(),
            rejected: Vec::new(),
            forwarded: HashSet::new(),
        }
    }

    pub(crate) const fn context(&self) -> &'a MapContext {
        self.ctx
    }

    /// Observations of the batch.
    pub(crate) const fn observations(&self) -> usize {
        self.batch.observations.len()
    }

    /// Makes place for so many observations.
    pub(crate) fn reserve(&mut self, observations: usize) {
        self.batch.observations.reserve(observations);
    }

    /// Adds a span to the batch, or rejects it. How many bytes it has, its structure aside.
    pub(crate) fn add(&mut self, span: Span, shared: &Shared) -> usize {
        match check(&span, self.index, &self.ctx.limits) {
            Ok(bytes) => {
                self.index += 1;
                let (o, word) = observation(span, shared, self.ctx, &mut self.batch.scores);
                self.traces.add(word, &o.trace_id, o.start_time, shared);
                if shared.own {
                    let key = (o.trace_id.clone(), o.id.clone());
                    self.forwarded.insert(key);
                }
                self.batch.observations.push(o);
                bytes
            }
            Err(reason) => {
                self.refuse(&span, reason);
                0
            }
        }
    }

    /// Rejects a span.
    pub(crate) fn refuse(&mut self, span: &Span, reason: String) {
        let span_id = hex_id(span.span_id.get(..8).unwrap_or(&span.span_id));
        self.reject(span_id, reason);
    }

    /// Rejects a span of that id.
    pub(crate) fn reject(&mut self, span_id: String, reason: String) {
        self.rejected.push(Rejected {
            index: self.index,
            span_id,
            reason,
        });
        self.index += 1;
    }

    /// What is in the batch so far; it is empty again.
    pub(crate) fn take(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        batch.traces = std::mem::take(&mut self.traces).into_vec();
        batch
    }

    /// Those of the batches so far that came forwarded, by trace and id; they are forgotten here.
    pub(crate) fn take_forwarded(&mut self) -> HashSet<(String, String)> {
        std::mem::take(&mut self.forwarded)
    }

    pub(crate) fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    pub(crate) fn into_rejected(self) -> Vec<Rejected> {
        self.rejected
    }
}

/// The all-zero id, or no id, stands for none.
pub(crate) fn is_zero(id: &[u8]) -> bool {
    id.iter().all(|byte| *byte == 0)
}

/// How many bytes the attributes of a span have that can be kept.
fn check(span: &Span, index: usize, limits: &Limits) -> Result<usize, String> {
    if index >= limits.max_spans {
        return Err(format!(
            "the request has more than {} spans",
            limits.max_spans
        ));
    }
    if span.trace_id.len() != 16 || is_zero(&span.trace_id) {
        return Err("the trace id must be 16 bytes, not all zero".to_owned());
    }
    if span.span_id.len() != 8 || is_zero(&span.span_id) {
        return Err("the span id must be 8 bytes, not all zero".to_owned());
    }
    if !matches!(span.parent_span_id.len(), 0 | 8) {
        return Err("the parent span id must be 8 bytes or absent".to_owned());
    }
    let bytes = weight(&span.attributes)
        + span
            .events
            .iter()
            .map(|e| e.name.len() + weight(&e.attributes))
            .sum::<usize>()
        + span
            .links
            .iter()
            .map(|l| weight(&l.attributes))
            .sum::<usize>();
    if bytes > limits.max_attribute_bytes {
        return Err(format!(
            "the span has {bytes} bytes of attributes, more than {}",
            limits.max_attribute_bytes
        ));
    }
    Ok(bytes)
}

/// Nanoseconds of the wire as a time.
pub(crate) fn micros(nanos: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(nanos / 1000).unwrap_or(i64::MAX))
}

fn observation(
    mut span: Span,
    shared: &Shared,
    ctx: &MapContext,
    scores: &mut Vec<Score>,
) -> (Observation, trace::Word) {
    let own_words = shared.own.then(|| Own::take(&mut span));
    let scores_before = scores.len();
    let mut a = Attributes::new(span.attributes);
    let mut events = span.events;
    let id = hex_id(&span.span_id);
    let trace_id = hex_id(&span.trace_id);
    let start_time = match (span.start_time_unix_nano, span.end_time_unix_nano) {
        (0, 0) => ctx.received_at,
        (0, end) => micros(end),
        (start, _) => micros(start),
    };

    let mut word = trace::word(&mut a, shared.encoded);
    let (environment, own) = trace::environment(&mut a, &shared.environments);
    word.environment = environment.clone().filter(|_| own);
    let kind = model::kind(&mut a, shared.untyped);
    let name = name(&mut a, span.name);
    evaluations(&mut events, scores, |time| Subject {
        trace_id: &trace_id,
        observation_id: Some(&id),
        environment: environment.as_deref(),
        time: if time == 0 { start_time } else { micros(time) },
        nanos: time,
    });
    let (input, output) = content::content(&mut a, &mut events, shared.vercel);
    let usage_details = usage::tokens(&mut a);
    let cost_details = usage::cost(&mut a);
    let status = span.status.unwrap_or_default();
    // `assay.observation.` is what our SDK says where the conventions have no word.
    let level = a
        .take_as("langfuse.observation.level", level_of)
        .or_else(|| a.take_as("assay.observation.level", level_of));
    let failed = status.code == 2;
    let status_message = a
        .take_text(&[
            "langfuse.observation.status_message",
            "assay.observation.status_message",
        ])
        .or_else(|| Some(status.message).filter(|m| !m.is_empty()))
        .or_else(|| if failed { exception(&events) } else { None });
    let as_root = a.take("langfuse.internal.as_root");
    let is_app_root = a.take("langfuse.internal.is_app_root");
    let (prompt_name, prompt_version) = model::prompt(&mut a);
    let has_parent = !is_zero(&span.parent_span_id) && span.parent_span_id != span.span_id;

    let mut o = Observation {
        parent_id: has_parent.then(|| hex_id(&span.parent_span_id)),
        kind,
        name,
        start_time,
        end_time: (span.end_time_unix_nano != 0).then(|| micros(span.end_time_unix_nano)),
        completion_start_time: model::completion_start(&mut a, start_time),
        level: level.unwrap_or(if failed { Level::Error } else { Level::Default }),
        status_message,
        input,
        output,
        model: model::model(&mut a),
        model_parameters: model::parameters(&mut a),
        usage: usage::usage(&usage_details),
        usage_details,
        cost_usd: usage::total_cost(&cost_details),
        cost_details,
        prompt_name,
        prompt_version,
        environment,
        version: word.version.clone().or_else(|| shared.version.clone()),
        app_root: [as_root, is_app_root].iter().flatten().any(is_true),
        experiment: experiment::link(&mut a),
        metadata: filled(metadata(a, events, span.links, shared)),
        id,
        trace_id,
    };
    if let Some(own) = own_words {
        let scores = scores.get_mut(scores_before..).unwrap_or_default();
        own.apply(&mut o, &mut word, scores);
    }
    (o, word)
}

/// Turns the events that are results of evaluations into scores.
fn evaluations<'a>(
    events: &mut Vec<Event>,
    scores: &mut Vec<Score>,
    subject: impl Fn(u64) -> Subject<'a>,
) {
    if !events.iter().any(|e| e.name == evaluation::RESULT) {
        return;
    }
    for mut event in std::mem::take(events) {
        if event.name == evaluation::RESULT {
            match evaluation::score(event.attributes, &subject(event.time_unix_nano)) {
                Ok(score) => {
                    scores.push(score);
                    continue;
                }
                Err(attributes) => event.attributes = attributes,
            }
        }
        events.push(event);
    }
}

fn name(a: &mut Attributes, span_name: String) -> String {
    // The tool's name stays readable under its own key: it says more than how the observation is called.
    let tool = a.text("gen_ai.tool.name").map(ToOwned::to_owned);
    let name = tool
        .or_else(|| a.take_text(&["logfire.msg", "ai.toolCall.name"]))
        .unwrap_or_else(
            || match (a.text("ai.operationId"), a.text("ai.telemetry.functionId")) {
                (Some(operation), Some(function)) => format!("{function}:{operation}"),
                (Some(operation), None) => operation.to_owned(),
                _ => span_name,
            },
        );
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name
    }
}

fn level_of(value: &Value) -> Option<Level> {
    match value.as_str()?.to_ascii_uppercase().as_str() {
        "DEBUG" => Some(Level::Debug),
        "DEFAULT" => Some(Level::Default),
        "WARNING" => Some(Level::Warning),
        "ERROR" => Some(Level::Error),
        _ => None,
    }
}

/// The message of the last recorded exception.
fn exception(events: &[Event]) -> Option<String> {
    let event = events.iter().rev().find(|e| e.name == "exception")?;
    Attributes::new(event.attributes.clone()).take_text(&["exception.message", "exception.type"])
}
