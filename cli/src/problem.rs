//! What servers and the system say when something is wrong, each as one line.

use assay_model::FieldError;
use serde::Deserialize;
use std::fmt;

/// A problem document (RFC 9457).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    /// In short.
    pub(crate) title: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// At length.
    pub(crate) detail: Option<String>,
    /// Names the request in the server's log.
    pub(crate) request_id: Option<String>,
    /// What is wrong with which field.
    pub(crate) errors: Vec<FieldError>,
}

impl Problem {
    /// From a response's body; an answer that is no problem document becomes one.
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice::<Self>(body) {
            Ok(problem) if !problem.title.is_empty() => Self { status, ..problem },
            _ => {
                let text = crate::term::one_line(&String::from_utf8_lossy(body), 200);
                let detail = (!text.is_empty()).then_some(text);
                Self {
                    title: format!("HTTP {status}"),
                    status,
                    detail,
                    ..Self::default()
                }
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(detail) = self.detail.as_deref().filter(|d| !d.is_empty()) {
            write!(f, ": {detail}")?;
        }
        if !self.errors.is_empty() {
            let list: Vec<String> = self
                .errors
                .iter()
                .map(|e| format!("{}: {}", e.field, e.message))
                .collect();
            write!(f, " ({})", list.join("; "))?;
        }
        if let Some(id) = self.request_id.as_deref().filter(|_| self.status >= 500) {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

/// What kept a call from being answered, without what only a programmer reads.
pub(crate) fn reason(e: &dyn fmt::Display) -> String {
    let text = e.to_string();
    let text = text.strip_prefix("io: ").unwrap_or(&text);
    text.split(" (os error").next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_one_line() {
        let body = br#"{"type":"x","title":"Invalid request","status":422,"detail":"2 fields are wrong",
            "request_id":"r1","errors":[{"field":"/name","message":"must not be empty"},{"field":"/url","message":"is not a URL"}]}"#;
        assert_eq!(
            Problem::of(422, body).to_string(),
            "Invalid request: 2 fields are wrong (/name: must not be empty; /url: is not a URL)"
        );
        assert_eq!(
            Problem::of(502, b"<html>\nBad Gateway</html>").to_string(),
            "HTTP 502: <html> Bad Gateway</html>"
        );
        assert_eq!(
            Problem::of(500, br#"{"title":"Fault","request_id":"r9"}"#).to_string(),
            "Fault [request r9]"
        );
        assert_eq!(Problem::of(404, b"").to_string(), "HTTP 404");
    }
}
