//! Errors as the client sees them (RFC 9457), and as the log sees them: constructed together, kept apart.
//!
//! Every request ends in 2xx/3xx or in a problem document. Pure crates have their own error enums without HTTP; a
//! component maps them here. `type` is stable: clients branch on it. `detail` is for a person and holds neither secrets
//! nor internals; those go to `cause`, which is logged and never sent.

use assay_model::FieldError;
use http::StatusCode;
use serde_json::{Value, json};

/// The stable classes of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The body is not what its content type says.
    MalformedBody,
    /// Fields are wrong; `errors` names them.
    Validation,
    /// No credential, or one that proves nothing.
    Unauthenticated,
    /// The credential is good and the permission is missing.
    Forbidden,
    /// No such route or resource, or one of another workspace.
    NotFound,
    /// The route exists for other methods.
    MethodNotAllowed,
    /// The state of the resource does not allow it.
    Conflict,
    /// The name is taken.
    AlreadyExists,
    /// The body is larger than the cap.
    BodyTooLarge,
    /// The content type is not spoken here.
    UnsupportedMediaType,
    /// An `If-Match` did not hold.
    PreconditionFailed,
    /// Too much at once; try later.
    TooManyRequests,
    /// An identity provider is down, or does not answer as it should.
    ProviderUnavailable,
    /// A store is locked, down or read-only.
    StoreUnavailable,
    /// The configured encryption key is not the one the data was written with.
    WrongEncryptionKey,
    /// The database was written by a newer program, or a migration was edited.
    IncompatibleStore,
    /// The installation's configuration is wrong.
    Misconfigured,
    /// A fault of ours.
    Internal,
}

impl ProblemKind {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::MalformedBody => (
                StatusCode::BAD_REQUEST,
                "malformed-body",
                "The request body cannot be read",
            ),
            Self::Validation => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation",
                "Some fields are wrong",
            ),
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Authentication is required",
            ),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Permission is missing"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The method is not allowed here",
            ),
            Self::Conflict => (
                StatusCode::CONFLICT,
                "conflict",
                "The state does not allow this",
            ),
            Self::AlreadyExists => (StatusCode::CONFLICT, "already-exists", "It exists already"),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "The request body is too large",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The content type is not supported",
            ),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "precondition-failed",
                "The resource has changed",
            ),
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
            ),
            Self::ProviderUnavailable => (
                StatusCode::BAD_GATEWAY,
                "provider-unavailable",
                "The identity provider is not available",
            ),
            Self::StoreUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store-unavailable",
                "A store is not available",
            ),
            Self::WrongEncryptionKey => (
                StatusCode::SERVICE_UNAVAILABLE,
                "wrong-encryption-key",
                "The encryption key is wrong",
            ),
            Self::IncompatibleStore => (
                StatusCode::SERVICE_UNAVAILABLE,
                "incompatible-store",
                "The database does not fit this program",
            ),
            Self::Misconfigured => (
                StatusCode::SERVICE_UNAVAILABLE,
                "misconfigured",
                "The installation is misconfigured",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong on our side",
            ),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.parts().0
    }

    /// The stable `type` of the document.
    #[must_use]
    pub fn type_uri(self) -> String {
        format!("urn:assay:problem:{}", self.parts().1)
    }
}

/// A request that cannot be answered as asked.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ProblemKind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    allow: Option<String>,
    extra: Vec<(&'static str, String)>,
    cause: Option<String>,
}

impl Problem {
    /// A problem of `kind`; `detail` is shown to the client.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
            allow: None,
            extra: Vec::new(),
            cause: None,
        }))
    }

    /// A fault of ours; `cause` is logged and not shown.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(
            ProblemKind::Internal,
            "The request could not be completed. The log names the cause.",
        )
        .caused_by(cause)
    }

    /// `what` does not exist in the caller's workspace.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemKind::NotFound, format!("There is no such {what}."))
    }

    /// Wrong fields.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let names: Vec<&str> = errors
            .iter()
            .map(|e| e.field.as_str())
            .filter(|f| !f.is_empty())
            .take(5)
            .collect();
        let detail = if names.is_empty() {
            "The body is not valid.".to_owned()
        } else {
            format!("Check {}.", names.join(", "))
        };
        let mut p = Self::new(ProblemKind::Validation, detail);
        p.0.errors = errors;
        p
    }

    /// One wrong field, by JSON pointer (or the name of a query parameter).
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::validation(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// Names the field that the problem is about, by JSON pointer. For problems other than validation.
    #[must_use]
    pub fn naming(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        self
    }

    /// Names the wrong fields otherwise, for a client that spells them in its own way.
    #[must_use]
    pub fn map_errors(self, rename: impl FnOnce(Vec<FieldError>) -> Vec<FieldError>) -> Self {
        if self.0.kind != ProblemKind::Validation {
            return self;
        }
        Self::validation(rename(self.0.errors))
    }

    /// Adds what the log shall say and the client shall not see.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Adds `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    pub(crate) fn allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// Adds headers to the answer.
    pub(crate) fn with_headers(
        mut self,
        headers: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        self.0.extra.extend(headers);
        self
    }

    /// The class.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.0.kind
    }

    /// What the client is told.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What is wrong with which field.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// What the log is told.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The problem document.
    #[must_use]
    pub fn document(&self, request_id: &str) -> Value {
        let (status, _, title) = self.0.kind.parts();
        let mut doc = json!({
            "type": self.0.kind.type_uri(),
            "title": title,
            "status": status.as_u16(),
            "detail": self.0.detail,
            "request_id": request_id,
        });
        if !self.0.errors.is_empty()
            && let Some(map) = doc.as_object_mut()
        {
            map.insert("errors".into(), json!(self.0.errors));
        }
        doc
    }

    /// All of it in one line: the detail, and what is wrong with which field.
    pub(crate) fn told(&self) -> String {
        let errors = self.0.errors.iter();
        let fields: Vec<String> = errors
            .map(|e| format!("{} {}", e.field, e.message))
            .collect();
        if fields.is_empty() {
            self.0.detail.clone()
        } else {
            format!("{} {}", self.0.detail, fields.join("; "))
        }
    }

    /// Headers beyond the content type.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = self.0.extra.clone();
        if let Some(s) = self.0.retry_after_s {
            headers.push(("retry-after", s.to_string()));
        }
        if let Some(allow) = &self.0.allow {
            headers.push(("allow", allow.clone()));
        }
        if self.0.kind == ProblemKind::Unauthenticated {
            headers.push((
                "www-authenticate",
                "Basic realm=\"assay\", charset=\"UTF-8\"".into(),
            ));
        }
        headers
    }
}

impl std::fmt::Display for Problem {
    /// For the log: never sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.kind.parts().1, self.0.detail)?;
        self.0
            .errors
            .iter()
            .try_for_each(|e| write!(f, " [{}: {}]", e.field, e.message))?;
        self.0
            .cause
            .as_ref()
            .map_or(Ok(()), |c| write!(f, " ({c})"))
    }
}

impl From<crate::db::DbError> for Problem {
    fn from(e: crate::db::DbError) -> Self {
        use crate::db::DbError;
        match e {
            DbError::Unavailable(cause) => Self::new(
                ProblemKind::StoreUnavailable,
                "The database is locked, down or read-only. Try again.",
            )
            .retry_after(1)
            .caused_by(cause),
            DbError::Unique(cause) => Self::new(
                ProblemKind::AlreadyExists,
                "Something with the same key exists.",
            )
            .caused_by(cause),
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_never_in_the_document() {
        let p = Problem::internal("password=hunter2");
        assert!(!p.document("r1").to_string().contains("hunter2"));
        assert!(p.to_string().contains("hunter2"));
    }

    #[test]
    fn validation_names_the_fields() {
        let doc = Problem::field("/name", "must not be empty").document("r1");
        assert_eq!(doc["status"], 422);
        assert_eq!(doc["errors"][0]["field"], "/name");
        assert_eq!(doc["type"], "urn:assay:problem:validation");
    }
}
