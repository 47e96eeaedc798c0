//! Bytes to requests, within limits.

use crate::census::{Node, census, json_census};
use crate::proto::TracesRequest;
use crate::proto::logs::LogsRequest;
use crate::proto::metrics::{MetricsCount, MetricsRequest};

/// How much one request may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a body after decompression. Langfuse's SDK sends up to 64 MiB; OTLP advises 20.
    pub max_decompressed: usize,
    /// Most spans, or records of logs, of a request that are kept; the rest is rejected with a reason.
    pub max_spans: usize,
    /// Most bytes of attributes (keys and values, events' too) of one span, or of one record of logs with its body; a
    /// larger one is rejected with a reason.
    pub max_attribute_bytes: usize,
    /// Most protobuf messages or JSON objects in a body, a span or record counted four times: what bounds memory while decoding.
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
    /// The zlib stream is damaged or cut off.
    #[error("the body is not valid deflate: {0}")]
    Deflate(String),
    /// More bytes than allowed, or more come out of a compressed stream.
    #[error("the body is larger than {0} bytes after decompression")]
    TooLarge(usize),
    /// More messages than allowed.
    #[error("the body holds more than {0} messages or values")]
    TooMany(usize),
    /// Not the protobuf that was expected.
    #[error("the body is not a valid OTLP request: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// Messages within messages, too deep.
    #[error("the body is nested too deep")]
    TooDeep,
    /// Not the JSON that was expected.
    #[error("the body is not a valid OTLP request: {0}")]
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
    message(body, encoding, limits, Node::Traces)
}

/// Decodes a body of logs within `limits`. An empty protobuf body is a valid request without records.
///
/// # Errors
/// When it is not what `encoding` says, or too large.
pub fn decode_logs(
    body: &[u8],
    encoding: Encoding,
    limits: &Limits,
) -> Result<LogsRequest, DecodeError> {
    message(body, encoding, limits, Node::Logs)
}

/// Counts the data points of a body of metrics within `limits`. An empty protobuf body is a valid request without any.
///
/// # Errors
/// When it is not what `encoding` says, or too large.
pub fn decode_metrics(
    body: &[u8],
    encoding: Encoding,
    limits: &Limits,
) -> Result<MetricsCount, DecodeError> {
    let request: MetricsRequest = message(body, encoding, limits, Node::Metrics)?;
    Ok(request.count())
}

fn message<M: prost::Message + Default + serde::de::DeserializeOwned>(
    body: &[u8],
    encoding: Encoding,
    limits: &Limits,
    root: Node,
) -> Result<M, DecodeError> {
    if body.len() > limits.max_decompressed {
        return Err(DecodeError::TooLarge(limits.max_decompressed));
    }
    match encoding {
        Encoding::Protobuf => {
            census(body, root, limits.max_messages)?;
            Ok(M::decode(body)?)
        }
        Encoding::Json => {
            json_census(body, limits.max_messages)?;
            Ok(serde_json::from_slice(body)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
