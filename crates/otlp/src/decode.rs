//! Bytes to [`TracesRequest`], within limits.

use crate::TracesRequest;
use prost::Message as _;
use prost::encoding::{WireType, decode_key, decode_varint};
use std::io::Read as _;

/// How much one request may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a body after decompression. Langfuse's SDK sends up to 64 MiB; OTLP advises 20.
    pub max_decompressed: usize,
    /// Most spans of a request that are kept; the rest is rejected with a reason.
    pub max_spans: usize,
    /// Most bytes of attributes (keys and values, events' too) of one span; a larger span is rejected with a reason.
    pub max_attribute_bytes: usize,
    /// Most protobuf messages or JSON objects in a body, a span counted four times: what bounds memory while decoding.
    pub max_messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_decompressed: 20 << 20,
            max_spans: 20_000,
            max_attribute_bytes: 8 << 20,
            max_messages: 1_000_000,
        }
    }
}

/// Why a body could not be read. [`Self::is_too_large`] tells 413 from 400.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The gzip stream is damaged or cut off.
    #[error("the body is not valid gzip: {0}")]
    Gzip(std::io::Error),
    /// More bytes than allowed come out of the gzip stream.
    #[error("the body is larger than {0} bytes after decompression")]
    TooLarge(usize),
    /// More messages than allowed.
    #[error("the body holds more than {0} messages")]
    TooMany(usize),
    /// Not the protobuf that was expected.
    #[error("the body is not a valid ExportTraceServiceRequest: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// Messages within messages, too deep.
    #[error("the body is nested too deep")]
    TooDeep,
    /// Not the JSON that was expected.
    #[error("the body is not a valid ExportTraceServiceRequest: {0}")]
    Json(#[from] serde_json::Error),
}

impl DecodeError {
    /// Whether the body is beyond a limit (413) rather than malformed (400).
    #[must_use]
    pub const fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::TooMany(_))
    }
}

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

impl Encoding {
    /// By the media type of a `Content-Type`, whose parameters are ignored.
    #[must_use]
    pub fn from_content_type(value: &str) -> Option<Self> {
        let media = value.split(';').next().unwrap_or_default().trim();
        if media.eq_ignore_ascii_case("application/x-protobuf")
            || media.eq_ignore_ascii_case("application/protobuf")
        {
            Some(Self::Protobuf)
        } else if media.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }

    /// The media type of answers.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// Decompresses gzip, all of its members, to at most `max` bytes.
///
/// # Errors
/// When the stream is damaged, cut off, or larger than `max`.
pub fn gunzip(body: &[u8], max: usize) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::new();
    let cap = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(body)
        .take(cap)
        .read_to_end(&mut out)
        .map_err(DecodeError::Gzip)?;
    if out.len() > max {
        Err(DecodeError::TooLarge(max))
    } else {
        Ok(out)
    }
}

/// Decodes a body within the default [`Limits`].
///
/// # Errors
/// When it is not what `encoding` says, or too large.
pub fn decode(body: &[u8], encoding: Encoding) -> Result<TracesRequest, DecodeError> {
    decode_within(body, encoding, &Limits::default())
}

/// Decodes a body within `limits`. An empty protobuf body is a valid request without spans.
///
/// # Errors
/// When it is not what `encoding` says, or too large.
pub fn decode_within(
    body: &[u8],
    encoding: Encoding,
    limits: &Limits,
) -> Result<TracesRequest, DecodeError> {
    if body.len() > limits.max_decompressed {
        return Err(DecodeError::TooLarge(limits.max_decompressed));
    }
    match encoding {
        Encoding::Protobuf => {
            let mut budget = limits.max_messages;
            census(body, Node::Request, &mut budget, 0, limits.max_messages)?;
            Ok(TracesRequest::decode(body)?)
        }
        Encoding::Json => {
            if json_objects(body) > limits.max_messages {
                return Err(DecodeError::TooMany(limits.max_messages));
            }
            Ok(serde_json::from_slice(body)?)
        }
    }
}

/// The message types, for [`census`].
#[derive(Clone, Copy)]
enum Node {
    Request,
    ResourceSpans,
    Resource,
    ScopeSpans,
    Scope,
    Span,
    Event,
    Link,
    KeyValue,
    Any,
    Array,
    KvList,
}

impl Node {
    /// The type of the message in field `tag`, when that field is a message that can repeat or nest.
    const fn child(self, tag: u32) -> Option<Self> {
        match (self, tag) {
            (Self::Request, 1) => Some(Self::ResourceSpans),
            (Self::ResourceSpans, 1) => Some(Self::Resource),
            (Self::ResourceSpans, 2) => Some(Self::ScopeSpans),
            (Self::ScopeSpans, 1) => Some(Self::Scope),
            (Self::ScopeSpans, 2) => Some(Self::Span),
            (Self::Span, 11) => Some(Self::Event),
            (Self::Span, 13) => Some(Self::Link),
            (Self::Resource, 1)
            | (Self::Scope, 3)
            | (Self::Span, 9)
            | (Self::Event, 3)
            | (Self::Link, 4)
            | (Self::KvList, 1) => Some(Self::KeyValue),
            (Self::KeyValue, 2) | (Self::Array, 1) => Some(Self::Any),
            (Self::Any, 5) => Some(Self::Array),
            (Self::Any, 6) => Some(Self::KvList),
            _ => None,
        }
    }
}

/// Counts messages down from `budget` without building them.
fn census(
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
    while !body.is_empty() {
        let (tag, wire) = decode_key(&mut body)?;
        let skip = match wire {
            WireType::Varint => {
                decode_varint(&mut body)?;
                0
            }
            WireType::ThirtyTwoBit => 4,
            WireType::SixtyFourBit => 8,
            WireType::LengthDelimited => {
                usize::try_from(decode_varint(&mut body)?).unwrap_or(usize::MAX)
            }
            // Groups were gone before OTLP was born.
            WireType::StartGroup | WireType::EndGroup => return Err(malformed()),
        };
        let (part, rest) = body.split_at_checked(skip).ok_or_else(malformed)?;
        body = rest;
        if let (WireType::LengthDelimited, Some(child)) = (wire, node.child(tag)) {
            let weight = if matches!(child, Node::Span) { 4 } else { 1 };
            *budget = budget
                .checked_sub(weight)
                .ok_or(DecodeError::TooMany(max))?;
            census(part, child, budget, depth + 1, max)?;
        }
    }
    Ok(())
}

/// prost does not let others make its error: this one says `buffer underflow`.
fn malformed() -> DecodeError {
    match prost::encoding::decode_varint(&mut [].as_slice()) {
        Err(e) => DecodeError::Protobuf(e),
        Ok(_) => DecodeError::TooDeep,
    }
}

/// How many objects a JSON text opens, outside of its strings. Wrong only for text that is not JSON.
fn json_objects(body: &[u8]) -> usize {
    let (mut objects, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{') => objects += 1,
            _ => {}
        }
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        e.write_all(data).unwrap();
        e.finish().unwrap()
    }

    #[test]
    fn media_types() {
        assert_eq!(
            Encoding::from_content_type("application/json; charset=utf-8"),
            Some(Encoding::Json)
        );
        assert_eq!(
            Encoding::from_content_type("Application/X-Protobuf"),
            Some(Encoding::Protobuf)
        );
        assert_eq!(Encoding::from_content_type("text/plain"), None);
        assert_eq!(Encoding::from_content_type(""), None);
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let bomb = gzip(&vec![0; 50 << 20]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(
            gunzip(&bomb, 1 << 20),
            Err(DecodeError::TooLarge(_))
        ));
        assert_eq!(gunzip(&gzip(b"abc"), 3).unwrap(), b"abc");
        assert!(gunzip(&gzip(b"abcd"), 3).unwrap_err().is_too_large());
    }

    #[test]
    fn damaged_gzip_is_an_error() {
        let whole = gzip(b"some text that is long enough to be cut");
        for end in 1..whole.len() {
            assert!(
                matches!(gunzip(&whole[..end], 1000), Err(DecodeError::Gzip(_))),
                "cut at {end}"
            );
        }
        assert!(gunzip(b"not gzip", 1000).is_err());
    }

    #[test]
    fn many_empty_spans_are_refused_before_they_are_built() {
        // ResourceSpans{ ScopeSpans{ Span{} x 300000 } }: two bytes each.
        let spans = [0x12, 0x00].repeat(300_000);
        let wrap = |tag: u8, inner: &[u8]| {
            let mut out = vec![tag];
            prost::encoding::encode_varint(inner.len() as u64, &mut out);
            out.extend_from_slice(inner);
            out
        };
        let body = wrap(0x0a, &wrap(0x12, &spans));
        assert!(
            decode(&body, Encoding::Protobuf)
                .unwrap_err()
                .is_too_large()
        );
        let json = format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}{{}}]}}]}}]}}"#,
            "{},".repeat(1_000_000)
        );
        assert!(
            decode(json.as_bytes(), Encoding::Json)
                .unwrap_err()
                .is_too_large()
        );
    }

    #[test]
    fn braces_in_strings_are_not_objects() {
        assert_eq!(json_objects(br#"{"a":"{{\"{\\","b":{}}"#), 2);
    }

    #[test]
    fn depth_is_limited_in_both_encodings() {
        let deep = format!(
            "{}{}",
            r#"{"arrayValue":{"values":["#.repeat(10_000),
            "]}}".repeat(10_000)
        );
        let json = format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"k","value":{deep}}}]}}}}]}}"#
        );
        assert!(decode(json.as_bytes(), Encoding::Json).is_err());

        let mut any: Vec<u8> = Vec::new();
        for _ in 0..200 {
            for tag in [0x0a_u8, 0x2a] {
                let mut outer = vec![tag];
                prost::encoding::encode_varint(any.len() as u64, &mut outer);
                outer.extend_from_slice(&any);
                any = outer;
            }
        }
        for tag in [0x12_u8, 0x0a, 0x0a, 0x0a] {
            let mut outer = vec![tag];
            prost::encoding::encode_varint(any.len() as u64, &mut outer);
            outer.extend_from_slice(&any);
            any = outer;
        }
        assert!(decode(&any, Encoding::Protobuf).is_err());
    }

    #[test]
    fn an_empty_protobuf_body_is_a_request() {
        assert!(
            decode(b"", Encoding::Protobuf)
                .unwrap()
                .resource_spans
                .is_empty()
        );
        assert!(decode(b"", Encoding::Json).is_err());
        assert!(
            decode(b"{}", Encoding::Json)
                .unwrap()
                .resource_spans
                .is_empty()
        );
    }
}
