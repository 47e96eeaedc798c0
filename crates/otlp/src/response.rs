//! What the exporter gets back; and what came back where we are the exporter.

use crate::Encoding;
use prost::Message;
use serde_json::{Value, json};

/// Of traces, logs and metrics: one and the same in protobuf.
#[derive(Clone, PartialEq, Message)]
struct ExportServiceResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// What the other side says it did with the spans of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Spans that it did not take.
    pub rejected: u64,
    /// Why, or what it warns of; empty when it says nothing.
    pub message: String,
}

/// Reads the body of a 2xx for traces, in either encoding. What cannot be read says nothing: the status did.
#[must_use]
pub fn receipt(body: &[u8]) -> Receipt {
    // No message of protobuf begins as an object of JSON does.
    if body.trim_ascii_start().first() == Some(&b'{') {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let part = |a: &str, b: &str| {
            let partial = answer
                .get("partialSuccess")
                .or_else(|| answer.get("partial_success"))?;
            partial.get(a).or_else(|| partial.get(b)).cloned()
        };
        let rejected = match part("rejectedSpans", "rejected_spans") {
            Some(Value::String(text)) => text.parse().unwrap_or_default(),
            Some(Value::Number(n)) => n.as_u64().unwrap_or_default(),
            _ => 0,
        };
        let message = match part("errorMessage", "error_message") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        return Receipt { rejected, message };
    }
    let partial = ExportServiceResponse::decode(body)
        .ok()
        .and_then(|answer| answer.partial_success)
        .unwrap_or_default();
    Receipt {
        rejected: u64::try_from(partial.rejected).unwrap_or_default(),
        message: partial.error_message,
    }
}

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// The body of a 200 for traces: no bytes (or `{}`) when nothing was rejected, else the partial success.
#[must_use]
pub fn response(encoding: Encoding, rejected: u64, message: &str) -> Vec<u8> {
    success(encoding, "rejectedSpans", rejected, message)
}

/// As [`response`], for logs: an `ExportLogsServiceResponse`.
#[must_use]
pub fn logs_response(encoding: Encoding, rejected: u64, message: &str) -> Vec<u8> {
    success(encoding, "rejectedLogRecords", rejected, message)
}

/// As [`response`], for metrics: an `ExportMetricsServiceResponse`.
#[must_use]
pub fn metrics_response(encoding: Encoding, rejected: u64, message: &str) -> Vec<u8> {
    success(encoding, "rejectedDataPoints", rejected, message)
}

fn success(encoding: Encoding, field: &str, rejected: u64, message: &str) -> Vec<u8> {
    let whole = rejected == 0 && message.is_empty();
    match encoding {
        Encoding::Protobuf => {
            let partial_success = (!whole).then(|| PartialSuccess {
                rejected: i64::try_from(rejected).unwrap_or(i64::MAX),
                error_message: message.to_owned(),
            });
            ExportServiceResponse { partial_success }.encode_to_vec()
        }
        Encoding::Json if whole => b"{}".to_vec(),
        Encoding::Json => {
            let partial = json!({ field: rejected.to_string(), "errorMessage": message });
            json!({ "partialSuccess": partial })
                .to_string()
                .into_bytes()
        }
    }
}

/// The body of a 4xx or 5xx: a `google.rpc.Status` with a message and a gRPC code (3 is invalid argument).
#[must_use]
pub fn error_response(encoding: Encoding, code: i32, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => RpcStatus {
            code,
            message: message.to_owned(),
        }
        .encode_to_vec(),
        Encoding::Json => json!({ "code": code, "message": message })
            .to_string()
            .into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read() {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            assert_eq!(receipt(&response(encoding, 0, "")), Receipt::default());
            let expected = Receipt {
                rejected: 3,
                message: "too old".to_owned(),
            };
            assert_eq!(receipt(&response(encoding, 3, "too old")), expected);
        }
        let number = br#"{"partial_success": {"rejected_spans": 2}}"#;
        assert_eq!(receipt(number).rejected, 2);
        for nothing in [
            b"".as_slice(),
            b"{",
            b"<html>",
            b"{\"partialSuccess\": 1}",
            b"ok",
        ] {
            assert_eq!(receipt(nothing), Receipt::default());
        }
    }

    #[test]
    fn bytes_on_the_wire() {
        assert!(response(Encoding::Protobuf, 0, "").is_empty());
        assert_eq!(response(Encoding::Json, 0, ""), b"{}");
        assert_eq!(
            response(Encoding::Protobuf, 1, "no"),
            [0x0a, 6, 0x08, 1, 0x12, 2, b'n', b'o']
        );
        let json: serde_json::Value =
            serde_json::from_slice(&response(Encoding::Json, 2, "no \"x\"")).unwrap();
        assert_eq!(
            json,
            json!({"partialSuccess":{"rejectedSpans":"2","errorMessage":"no \"x\""}})
        );
        for (response, field) in [
            (logs_response as fn(_, _, _) -> _, "rejectedLogRecords"),
            (metrics_response, "rejectedDataPoints"),
        ] {
            let json: serde_json::Value =
                serde_json::from_slice(&response(Encoding::Json, 3, "x")).unwrap();
            assert_eq!(
                json,
                json!({"partialSuccess": {field: "3", "errorMessage": "x"}})
            );
            assert_eq!(
                response(Encoding::Protobuf, 3, "x"),
                [0x0a, 5, 0x08, 3, 0x12, 1, b'x']
            );
            assert!(response(Encoding::Protobuf, 0, "").is_empty());
        }
        assert_eq!(
            error_response(Encoding::Protobuf, 3, "x"),
            [0x08, 3, 0x12, 1, b'x']
        );
    }
}
