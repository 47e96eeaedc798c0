//! A request as data, and what a status code means for trying again.

use assay_model::SecretHeader;

/// Headers that a client wants to be sent, rendered; names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Those that name no secret.
    pub plain: Vec<(String, String)>,
    /// Those that name some.
    pub secret: Vec<SecretHeader>,
}

impl Headers {
    /// What is sent besides [`Self::secret`]: `ours`, but the client's where both have a header.
    #[must_use]
    pub(crate) fn over(&self, mut ours: Vec<(String, String)>) -> Vec<(String, String)> {
        let secret = self.secret.iter().map(|header| &header.name);
        for name in self.plain.iter().map(|(name, _)| name).chain(secret) {
            ours.retain(|(own, _)| own != name);
        }
        ours.extend(self.plain.iter().cloned());
        ours
    }
}

/// What to send over HTTP. Holds no secret, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// The request's method.
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Header names, in lower case, and values; without the credential.
    pub headers: Vec<(String, String)>,
    /// Headers that name secrets, which the caller puts in.
    pub secret_headers: Vec<SecretHeader>,
    /// Where the caller puts the decrypted secret, when there is one.
    pub auth: Option<AuthSlot>,
    /// The request's body.
    pub body: Vec<u8>,
    /// How long the answer may take, in milliseconds.
    pub timeout_ms: u64,
}

/// The header that carries the credential: its value is `prefix` followed by the secret, or by user and secret in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthSlot {
    /// Header name, in lower case.
    pub header: String,
    /// What stands before the secret, e.g. `Bearer `.
    pub prefix: &'static str,
    /// The user of Basic authentication.
    pub user: Option<String>,
}

impl AuthSlot {
    /// `Authorization: Basic <base64 of user:secret>`.
    #[must_use]
    pub fn basic(user: &str) -> Self {
        Self {
            header: "authorization".to_owned(),
            prefix: "Basic ",
            user: Some(user.to_owned()),
        }
    }

    /// `<header>: <secret>`.
    #[must_use]
    pub fn header(name: &str) -> Self {
        Self {
            header: name.to_ascii_lowercase(),
            prefix: "",
            user: None,
        }
    }

    /// `Authorization: Bearer <secret>`.
    #[must_use]
    pub fn bearer() -> Self {
        Self {
            header: "authorization".to_owned(),
            prefix: "Bearer ",
            user: None,
        }
    }
}

/// What a caller does about a status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// 2xx: read the answer.
    Ok,
    /// 429: try again, later; kept apart because a run that ends on it ends as rate limited.
    RateLimited {
        /// What the server asked for, in milliseconds.
        after_ms: Option<u64>,
    },
    /// 408, 425, 5xx: may go well the next time.
    Retry {
        /// What the server asked for, in milliseconds.
        after_ms: Option<u64>,
    },
    /// Anything else: the same request will not go well.
    Fatal,
}

/// Longest wait that a server may ask for. A hostile `Retry-After` must not park a run for days.
const MAX_RETRY_AFTER_MS: u64 = 300_000;

/// What `status` means, with the `Retry-After` header's value when there was one.
///
/// Only the form in seconds is understood: the other is a date, and there is no clock here.
#[must_use]
pub fn classify_status(status: u16, retry_after: Option<&str>) -> StatusClass {
    let after_ms = retry_after.and_then(parse_seconds);
    match status {
        200..=299 => StatusClass::Ok,
        429 => StatusClass::RateLimited { after_ms },
        408 | 425 | 500..=599 => StatusClass::Retry { after_ms },
        _ => StatusClass::Fatal,
    }
}

fn parse_seconds(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().parse().ok()?;
    // `as` saturates, so that a huge number is cut to the longest wait.
    (seconds >= 0.0).then(|| ((seconds * 1000.0) as u64).min(MAX_RETRY_AFTER_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        let check = |status, retry_after, expected| {
            assert_eq!(classify_status(status, retry_after), expected, "{status}")
        };
        check(200, None, StatusClass::Ok);
        check(204, Some("1"), StatusClass::Ok);
        check(301, None, StatusClass::Fatal);
        check(400, None, StatusClass::Fatal);
        check(401, None, StatusClass::Fatal);
        check(408, None, StatusClass::Retry { after_ms: None });
        check(425, None, StatusClass::Retry { after_ms: None });
        check(
            429,
            Some("2"),
            StatusClass::RateLimited {
                after_ms: Some(2000),
            },
        );
        check(
            429,
            Some("0.5"),
            StatusClass::RateLimited {
                after_ms: Some(500),
            },
        );
        check(
            429,
            Some("Wed, 21 Oct 2026 07:28:00 GMT"),
            StatusClass::RateLimited { after_ms: None },
        );
        check(429, Some("-1"), StatusClass::RateLimited { after_ms: None });
        check(
            429,
            Some("NaN"),
            StatusClass::RateLimited { after_ms: None },
        );
        check(
            503,
            Some("99999999999999999999"),
            StatusClass::Retry {
                after_ms: Some(MAX_RETRY_AFTER_MS),
            },
        );
        check(599, None, StatusClass::Retry { after_ms: None });
        check(600, None, StatusClass::Fatal);
    }
}
