//! Counts the messages of a protobuf body before any of them is built.

use crate::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// The message types.
#[derive(Clone, Copy)]
pub(crate) enum Node {
    /// A request's own message: of traces, logs or metrics.
    Traces,
    Logs,
    Metrics,
    ResourceSpans,
    ResourceLogs,
    ResourceMetrics,
    Resource,
    ScopeSpans,
    ScopeLogs,
    ScopeMetrics,
    Scope,
    Span,
    Event,
    Link,
    LogRecord,
    Metric,
    Points,
    Point,
    KeyValue,
    Any,
    Array,
    KvList,
}

impl Node {
    /// The type of the message in field `tag`, when that field is a message that is built and can repeat or nest.
    const fn child(self, tag: u32) -> Option<Self> {
        match (self, tag) {
            (Self::Traces, 1) => Some(Self::ResourceSpans),
            (Self::Logs, 1) => Some(Self::ResourceLogs),
            (Self::Metrics, 1) => Some(Self::ResourceMetrics),
            (Self::ResourceSpans | Self::ResourceLogs, 1) => Some(Self::Resource),
            (Self::ResourceSpans, 2) => Some(Self::ScopeSpans),
            (Self::ResourceLogs, 2) => Some(Self::ScopeLogs),
            (Self::ResourceMetrics, 2) => Some(Self::ScopeMetrics),
            (Self::ScopeSpans | Self::ScopeLogs, 1) => Some(Self::Scope),
            (Self::ScopeSpans, 2) => Some(Self::Span),
            (Self::ScopeLogs, 2) => Some(Self::LogRecord),
            (Self::ScopeMetrics, 2) => Some(Self::Metric),
            (Self::Metric, 5 | 7 | 9 | 10 | 11) => Some(Self::Points),
            (Self::Points, 1) => Some(Self::Point),
            (Self::Span, 11) => Some(Self::Event),
            (Self::Span, 13) => Some(Self::Link),
            (Self::Resource | Self::KvList, 1)
            | (Self::Scope | Self::Event, 3)
            | (Self::Span, 9)
            | (Self::LogRecord, 6)
            | (Self::Link, 4) => Some(Self::KeyValue),
            (Self::KeyValue, 2) | (Self::Array, 1) | (Self::LogRecord, 5) => Some(Self::Any),
            (Self::Any, 5) => Some(Self::Array),
            (Self::Any, 6) => Some(Self::KvList),
            _ => None,
        }
    }

    /// Whether messages of this type hold no others, so that there is nothing to walk.
    const fn is_leaf(self) -> bool {
        matches!(self, Self::Point)
    }

    /// Whether it is what a request is a list of.
    const fn is_record(self) -> bool {
        matches!(self, Self::Span | Self::LogRecord)
    }

    /// Against how many of a limit's messages one of this type counts.
    const fn weight(self) -> usize {
        match self {
            Self::Span | Self::LogRecord => 4,
            _ => 1,
        }
    }
}

/// Counts messages below `node`, the type of `body`, up to `max`.
///
/// # Errors
/// When there are more. Of a body that is large enough to be walked also when, outside of its records, they nest too deep,
/// or when it is not protobuf, which decoding finds in any case.
pub(crate) fn census(body: &[u8], node: Node, max: usize) -> Result<(), DecodeError> {
    // A message takes two bytes at least, and counts for no more than a span: most bodies are too short to be too many.
    if body.len().saturating_mul(Node::Span.weight() / 2) <= max {
        return Ok(());
    }
    let mut budget = max;
    walk(body, node, &mut budget, 0, max)
}

fn walk(
    mut body: &[u8],
    node: Node,
    budget: &mut usize,
    depth: u32,
    max: usize,
) -> Result<(), DecodeError> {
    // prost gives up at 100 by itself; this walk must not go deeper either.
    if depth > 100 {
        return Err(DecodeError::TooDeep);
    }
    while let Some((tag, part)) = next_field(&mut body)? {
        if let (Some(part), Some(child)) = (part, node.child(tag)) {
            *budget = budget
                .checked_sub(child.weight())
                .ok_or(DecodeError::TooMany(max))?;
            if child.is_leaf() {
                continue;
            }
            match walk(part, child, budget, depth + 1, max) {
                // Decoding finds it too, and may refuse the record alone.
                Err(DecodeError::Protobuf(_) | DecodeError::TooDeep) if child.is_record() => {}
                other => other?,
            }
        }
    }
    Ok(())
}

/// A field's tag, and its bytes where it is a length-delimited one.
pub(crate) type Field<'a> = (u32, Option<&'a [u8]>);

/// Takes the next field off a message. `None` at the end.
///
/// # Errors
/// When what is there is no field, or is cut off.
pub(crate) fn next_field<'a>(body: &mut &'a [u8]) -> Result<Option<Field<'a>>, DecodeError> {
    if body.is_empty() {
        return Ok(None);
    }
    let (tag, wire) = decode_key(body)?;
    let skip = match wire {
        WireType::Varint => {
            decode_varint(body)?;
            0
        }
        WireType::ThirtyTwoBit => 4,
        WireType::SixtyFourBit => 8,
        WireType::LengthDelimited => usize::try_from(decode_varint(body)?).unwrap_or(usize::MAX),
        // Groups were gone before OTLP was born: unknown fields, of which nothing is built.
        WireType::StartGroup | WireType::EndGroup => {
            skip_field(wire, tag, body, DecodeContext::default())?;
            0
        }
    };
    let (part, rest) = body.split_at_checked(skip).ok_or_else(malformed)?;
    *body = rest;
    Ok(Some((
        tag,
        (wire == WireType::LengthDelimited).then_some(part),
    )))
}

/// prost does not let others make its error: this one says `buffer underflow`.
pub(crate) fn malformed() -> DecodeError {
    match prost::encoding::decode_varint(&mut [].as_slice()) {
        Err(e) => DecodeError::Protobuf(e),
        Ok(_) => DecodeError::TooDeep,
    }
}

/// As [`census`], of the objects of a JSON text.
///
/// # Errors
/// When there are more.
pub(crate) fn json_census(body: &[u8], max: usize) -> Result<(), DecodeError> {
    if body.len() / 2 > max && json_objects(body) > max {
        return Err(DecodeError::TooMany(max));
    }
    Ok(())
}

/// How many objects a JSON text opens, outside of its strings. Wrong only for text that is not JSON.
fn json_objects(body: &[u8]) -> usize {
    outside_of_strings(body, |byte| byte == b'{')
}

/// Refuses a JSON text, or lines of it, of more than `max` values, before a tree is made of it: two bytes of text are enough
/// for a value of thirty.
///
/// # Errors
/// [`DecodeError::TooMany`].
pub fn limit_values(body: &[u8], max: usize) -> Result<(), DecodeError> {
    // Each value but the first of its list follows a comma, or the name of a field.
    let values = |byte| matches!(byte, b',' | b':' | b'[' | b'\n');
    if body.len() / 2 > max && outside_of_strings(body, values) > max {
        return Err(DecodeError::TooMany(max));
    }
    Ok(())
}

/// How many bytes outside of the strings of a JSON text are so.
fn outside_of_strings(body: &[u8], so: impl Fn(u8) -> bool) -> usize {
    let (mut count, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, byte) => count += usize::from(so(*byte)),
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_strings_are_not_objects() {
        assert_eq!(json_objects(br#"{"a":"{{\"{\\","b":{}}"#), 2);
        assert!(json_census(b"[{},{},{}]", 3).is_ok());
        assert!(json_census(b"[{},{},{}]", 2).is_err());
    }

    #[test]
    fn values_are_counted_where_they_are_values() {
        assert!(limit_values(br#"{"a":[0,0,",,,,,,[[[["],"b":1}"#, 8).is_ok());
        assert!(limit_values(b"[0,0,0,0]", 3).is_err());
        assert!(limit_values(b"0\n0\n0\n0\n", 3).is_err());
        assert!(limit_values(b"[[],[],[]]", 3).is_err());
    }

    #[test]
    fn messages_are_counted_by_weight_and_groups_are_skipped() {
        // ResourceSpans{ ScopeSpans{ Span{}, Span{} } }, and the same with an empty group of field 3.
        let plain = [0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0];
        let grouped = [0x0a, 8, 0x12, 4, 0x12, 0, 0x12, 0, 0x1b, 0x1c];
        for body in [plain.as_slice(), &grouped] {
            assert!(census(body, Node::Traces, 10).is_ok());
            assert!(matches!(
                census(body, Node::Traces, 9),
                Err(DecodeError::TooMany(9))
            ));
        }
    }
}
