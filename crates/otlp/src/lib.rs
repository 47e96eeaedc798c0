//! OTLP/HTTP to Assay's observations, without I/O.
//!
//! The way of a request body: [`Inflater`] (when it has a `Content-Encoding`), [`Spans`] (protobuf or JSON, both to the
//! same [`proto`] structs, then to batches of a bounded size), [`response`] (what the exporter gets back). [`decode`] and
//! [`map`] do the same with a request as a whole. Logs go the same way by [`decode_logs`], [`map_logs`] and [`logs_response`]: their GenAI events become
//! observations and scores, all else is none of ours. Metrics are counted by [`decode_metrics`] and not kept, which
//! [`metrics_response`] can say. The way out, to another platform, is [`encode`], [`to_protobuf`], [`gzip`], and
//! [`receipt`] of what came back.
//!
//! Three dialects of attributes are understood, on any span and in any mixture: OpenTelemetry's GenAI conventions (old
//! and current), OpenInference, and Langfuse's SDKs. For each target field the first non-empty source wins; the
//! source is then consumed, and whatever was not consumed stays readable in the observation's
//! `metadata.attributes`. Nothing that a client sent is dropped silently.
//!
//! # What hostile bodies cannot do
//! - Grow: an [`Inflater`] stops at its cap, and the messages of a body are counted before any of them is built, because two
//!   bytes of protobuf are enough for a struct of two hundred. [`Spans`] builds a span when it is asked for it.
//! - Recurse: nesting is limited in both encodings, and in the flattened keys (`a.0.b.1.c`) that are rebuilt to lists.
//! - Multiply: attributes of the resource are copied onto each of its spans, so they are cut to a few KiB first.
//! - Poison a batch: a span that cannot be read, or has an unusable id, is [`Rejected`] with a reason, and its neighbours are
//!   kept.

mod attributes;
mod census;
mod compress;
mod content;
mod decode;
mod encode;
mod evaluation;
mod experiment;
mod flat;
mod id;
mod json;
mod logs;
mod map;
mod metadata;
mod model;
mod own;
pub mod proto;
mod response;
mod shared;
mod source;
mod spans;
mod trace;
mod usage;
mod value;

pub use census::limit_values;
pub use compress::{Inflater, gunzip, gzip, inflate};
pub use decode::{
    DecodeError, Encoding, Limits, decode, decode_logs, decode_metrics, decode_within,
};
pub use encode::{EncodeContext, encode, to_protobuf};
pub use logs::{MappedLogs, map_logs};
pub use map::{MapContext, Mapped, Rejected, map};
pub use proto::TracesRequest;
pub use proto::logs::LogsRequest;
pub use proto::metrics::MetricsCount;
pub use response::{Receipt, error_response, logs_response, metrics_response, receipt, response};
pub use spans::{BatchSize, Spans};
