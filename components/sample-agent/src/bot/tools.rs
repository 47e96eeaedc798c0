//! The two tools and their data.

use serde::Serialize;
use serde_json::{Value, json};

/// A tool call, as the response reports it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolCall {
    /// The tool.
    pub name: &'static str,
    /// Its arguments.
    pub input_parameters: Value,
    /// Its answer.
    pub output: Value,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Shipped(&'static str),
    Processing,
    Delivered,
    Cancelled,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Shipped(_) => "shipped",
            Self::Processing => "processing",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// `lookup_order`: the status, and what the tool answers.
pub(super) fn lookup_order(order_id: &str) -> (Option<Status>, Value) {
    let status = match order_id {
        "A1001" => Some(Status::Shipped("TRK-1001")),
        "A1002" => Some(Status::Processing),
        "A1003" => Some(Status::Delivered),
        "A1004" => Some(Status::Cancelled),
        _ => None,
    };
    let output = match status {
        None => json!({ "order_id": order_id, "error": "not found" }),
        Some(Status::Shipped(tracking)) => {
            json!({ "order_id": order_id, "status": "shipped", "tracking": tracking })
        }
        Some(status) => json!({ "order_id": order_id, "status": status.as_str() }),
    };
    (status, output)
}

/// `create_ticket`: the ticket's id, which depends on the subject alone (FNV-1a).
pub(super) fn create_ticket(subject: &str) -> String {
    let hash = subject
        .to_lowercase()
        .bytes()
        .fold(0x811c_9dc5_u32, |h, b| {
            (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
        });
    format!("T-{:04}", hash % 10_000)
}
