//! The subset of `opentelemetry.proto.logs.v1` that is read.

use super::{AnyValue, KeyValue, Resource, Scope};
use crate::json;
use serde::Deserialize;

/// `ExportLogsServiceRequest`.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub struct LogsRequest {
    /// Records by the resource that made them.
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "resourceLogs",
        alias = "resource_logs",
        deserialize_with = "json::or_default"
    )]
    pub resource_logs: Vec<ResourceLogs>,
}

/// Records of one resource.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub struct ResourceLogs {
    /// The process that made them.
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    /// Records by instrumentation scope.
    #[prost(message, repeated, tag = "2")]
    #[serde(
        rename = "scopeLogs",
        alias = "scope_logs",
        deserialize_with = "json::or_default"
    )]
    pub scope_logs: Vec<ScopeLogs>,
}

/// Records of one instrumentation scope.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub struct ScopeLogs {
    /// The library that made them.
    #[prost(message, optional, tag = "1")]
    pub scope: Option<Scope>,
    /// The records.
    #[prost(message, repeated, tag = "2")]
    #[serde(
        rename = "logRecords",
        alias = "log_records",
        deserialize_with = "json::or_default"
    )]
    pub log_records: Vec<LogRecord>,
}

/// One record.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogRecord {
    /// Nanoseconds since the epoch; 0 when it is not known.
    #[prost(fixed64, tag = "1")]
    #[serde(alias = "time_unix_nano", deserialize_with = "json::u64")]
    pub time_unix_nano: u64,
    /// `SeverityNumber`: 1 to 24, in fours from trace to fatal; 0 when it is not known.
    #[prost(int32, tag = "2")]
    #[serde(alias = "severity_number", deserialize_with = "json::severity")]
    pub severity_number: i32,
    /// What happened.
    #[prost(message, optional, tag = "5")]
    pub body: Option<AnyValue>,
    /// What else is known of it.
    #[prost(message, repeated, tag = "6")]
    #[serde(deserialize_with = "json::or_default")]
    pub attributes: Vec<KeyValue>,
    /// 16 bytes, or none.
    #[prost(bytes = "vec", tag = "9")]
    #[serde(alias = "trace_id", deserialize_with = "json::id")]
    pub trace_id: Vec<u8>,
    /// 8 bytes, or none.
    #[prost(bytes = "vec", tag = "10")]
    #[serde(alias = "span_id", deserialize_with = "json::id")]
    pub span_id: Vec<u8>,
    /// Nanoseconds since the epoch: when the collector saw it.
    #[prost(fixed64, tag = "11")]
    #[serde(alias = "observed_time_unix_nano", deserialize_with = "json::u64")]
    pub observed_time_unix_nano: u64,
    /// What kind of event it is; empty for a log line.
    #[prost(string, tag = "12")]
    #[serde(alias = "event_name", deserialize_with = "json::or_default")]
    pub event_name: String,
}
