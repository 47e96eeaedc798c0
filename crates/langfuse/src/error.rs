//! What is wrong with a request, and the body that says so.

use serde_json::{Value, json};

/// One thing wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// The field as the client spells it, with dots into what is nested, e.g. `usage.input`.
    pub field: String,
    /// What is wrong, for a person.
    pub message: String,
}

impl Invalid {
    /// `message` on `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// The name that an error of this HTTP status goes by. Clients choose their exception by the status alone.
#[must_use]
pub const fn error_name(status: u16) -> &'static str {
    match status {
        400 => "InvalidRequestError",
        401 => "UnauthorizedError",
        403 => "ForbiddenError",
        404 => "LangfuseNotFoundError",
        405 => "MethodNotAllowedError",
        409 => "LangfuseConflictError",
        413 => "PayloadTooLargeError",
        429 => "TooManyRequestsError",
        503 => "ServiceUnavailableError",
        _ => "InternalServerError",
    }
}

/// The body of every error.
#[must_use]
pub fn error_body(status: u16, message: &str) -> Value {
    json!({"message": message, "error": error_name(status)})
}
