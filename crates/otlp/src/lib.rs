//! OTLP/HTTP traces to Assay's observations, without I/O.
//!
//! The way of a request body: [`gunzip`] (when it says `Content-Encoding: gzip`), [`decode`] (protobuf or JSON, both to
//! the same [`proto`] structs), [`map`] (spans to a [`assay_model::Batch`]), [`response`] (what the exporter gets back).
//!
//! Three dialects of attributes are understood, on any span and in any mixture: OpenTelemetry's GenAI conventions (old
//! and current), OpenInference, and Langfuse's SDKs. For each target field the first non-empty source wins; the
//! source is then consumed, and whatever was not consumed stays readable in the observation's
//! `metadata.attributes`. Nothing that a client sent is dropped silently.
//!
//! # What hostile bodies cannot do
//! - Grow: [`gunzip`] stops at its cap, and [`decode`] counts the messages of a body before it builds any of them,
//!   because two bytes of protobuf are enough for a struct of two hundred.
//! - Recurse: nesting is limited in both encodings, and in the flattened keys (`a.0.b.1.c`) that are rebuilt to lists.
//! - Multiply: attributes of the resource are copied onto each of its spans, so they are cut to a few KiB first.
//! - Poison a batch: a span with an unusable id is [`Rejected`] with a reason, and its neighbours are kept.

mod attributes;
mod content;
mod decode;
mod flat;
mod json;
mod map;
mod model;
pub mod proto;
mod response;
mod trace;

pub use decode::{DecodeError, Encoding, Limits, decode, decode_within, gunzip};
pub use map::{MapContext, Mapped, Rejected, map};
pub use proto::TracesRequest;
pub use response::{error_response, response};
