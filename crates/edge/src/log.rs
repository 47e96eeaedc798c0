//! Structured log lines on standard error: one JSON object a line. Secrets never reach this module.

use serde_json::json;

/// Logs a fault with its cause, which the client never sees.
pub fn log_error(component: &str, request_id: &str, what: &str, cause: &str) {
    eprintln!(
        "{}",
        json!({"level": "error", "component": component, "request_id": request_id, "message": what, "cause": cause})
    );
}
