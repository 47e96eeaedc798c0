//! What the exporter gets back.

use crate::Encoding;
use prost::Message;
use serde_json::json;

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
