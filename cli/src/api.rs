//! A client of the HTTP API.

use crate::problem::{Problem, reason};
use crate::secrets::Credentials;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use std::time::Duration;

/// Largest answer that is read.
const MAX_ANSWER: u64 = 256 << 20;

/// How often a call is tried that may be repeated.
const TRIES: u32 = 5;

/// Speaks to one server in the name of one key pair. Blocks; use it outside the async runtime's threads.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
    authorization: String,
}

/// Why a call brought no result.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The server could not be reached, or the connection broke.
    Unreachable {
        /// The server.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The server refused.
    Refused(Box<Problem>),
    /// The answer is not what the API promises.
    Unexpected {
        /// What was called.
        call: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl ApiError {
    /// The HTTP status, when the server refused.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// Whether the same call may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(problem) => matches!(problem.status, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Unexpected { .. } => false,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { url, reason } => write!(f, "{url} cannot be reached: {reason}"),
            Self::Refused(problem) => problem.fmt(f),
            Self::Unexpected { call, reason } => write!(f, "{call}: unexpected answer: {reason}"),
        }
    }
}

impl std::error::Error for ApiError {}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) data: Vec<T>,
    /// Where the next one begins.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// What is sent besides the method and the path.
#[derive(Default)]
struct Extra<'a> {
    body: Option<Vec<u8>>,
    idempotency_key: Option<&'a str>,
    /// Whether it does no harm to send it twice.
    repeatable: bool,
}

impl Client {
    /// A client of the server at `base`, e.g. `http://127.0.0.1:3210`.
    ///
    /// # Errors
    /// When `base` is not an `http` or `https` URL.
    pub(crate) fn new(base: &str, credentials: &Credentials) -> anyhow::Result<Self> {
        let url =
            url::Url::parse(base).map_err(|e| anyhow::anyhow!("`{base}` is not a URL: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            anyhow::bail!("`{base}` is not an http or https URL");
        }
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(120)))
            .user_agent(concat!("assay-cli/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            config = config.proxy(None);
        }
        let pair = format!("{}:{}", credentials.public_key, credentials.secret_key);
        Ok(Self {
            agent: config.build().into(),
            base: base.trim_end_matches('/').to_owned(),
            authorization: format!("Basic {}", STANDARD.encode(pair)),
        })
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Reads.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        let (_, body) = self.send(
            "GET",
            path,
            &Extra {
                repeatable: true,
                ..Extra::default()
            },
        )?;
        decode("GET", path, &body)
    }

    /// Reads a list page by page, and gives what is on them to `f`. The path has a query, without a cursor.
    ///
    /// # Errors
    /// See [`ApiError`], and those of `f`.
    pub(crate) fn each<T: DeserializeOwned>(
        &self,
        path: &str,
        mut f: impl FnMut(T) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut cursor = String::new();
        loop {
            let mut path = path.to_owned();
            if !cursor.is_empty() {
                path.push_str("&cursor=");
                path.extend(url::form_urlencoded::byte_serialize(cursor.as_bytes()));
            }
            let page: Page<T> = self.get(&path)?;
            for one in page.data {
                f(one)?;
            }
            match page.next_cursor.filter(|next| !next.is_empty()) {
                Some(next) if next == cursor => anyhow::bail!("the server's pages do not end"),
                Some(next) => cursor = next,
                None => return Ok(()),
            }
        }
    }

    /// Creates. It is sent again only where the server says that it did nothing, or `idempotency_key` makes it safe.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        idempotency_key: Option<&str>,
    ) -> Result<T, ApiError> {
        let body = encode(path, body)?;
        let extra = Extra {
            body: Some(body),
            idempotency_key,
            repeatable: idempotency_key.is_some(),
        };
        let (_, body) = self.send("POST", path, &extra)?;
        decode("POST", path, &body)
    }

    /// Posts what may be posted again, and reads the answer.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub(crate) fn put_all<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let extra = Extra {
            body: Some(encode(path, body)?),
            repeatable: true,
            ..Extra::default()
        };
        let (_, body) = self.send("POST", path, &extra)?;
        decode("POST", path, &body)
    }

    /// Posts nothing, and does not look at the answer but for its status.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub(crate) fn act(&self, path: &str) -> Result<(), ApiError> {
        self.send(
            "POST",
            path,
            &Extra {
                body: Some(b"{}".to_vec()),
                repeatable: true,
                ..Extra::default()
            },
        )
        .map(drop)
    }

    /// The status of a read, whatever it is.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn status(&self, path: &str) -> Result<u16, ApiError> {
        self.once("GET", path, &Extra::default())
            .map(|(status, _, _)| status)
    }

    /// Sends, and tries again where that is safe.
    fn send(
        &self,
        method: &str,
        path: &str,
        extra: &Extra<'_>,
    ) -> Result<(u16, Vec<u8>), ApiError> {
        let mut pause = Duration::from_millis(200);
        let mut tried = 1;
        loop {
            let (error, wait) = match self.once(method, path, extra) {
                Ok((status, body, _)) if (200..300).contains(&status) => return Ok((status, body)),
                Ok((status, body, wait)) => (
                    ApiError::Refused(Box::new(Problem::of(status, &body))),
                    wait,
                ),
                Err(e) => (e, None),
            };
            // 429 and 503 with a `Retry-After` are said before any work is done.
            let untouched = matches!(error.status(), Some(429 | 503)) && wait.is_some();
            if tried >= TRIES || !(untouched || extra.repeatable && error.is_passing()) {
                return Err(error);
            }
            std::thread::sleep(wait.unwrap_or(pause).min(Duration::from_secs(30)));
            pause *= 2;
            tried += 1;
        }
    }

    /// Sends once.
    fn once(&self, method: &str, path: &str, extra: &Extra<'_>) -> Result<Answer, ApiError> {
        let unreachable = |e: &dyn fmt::Display| ApiError::Unreachable {
            url: self.base.clone(),
            reason: reason(e),
        };
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept", "application/json")
            .header("authorization", &self.authorization);
        if extra.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(key) = extra.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request = request
            .body(extra.body.as_deref().unwrap_or_default())
            .map_err(|e| unreachable(&e))?;
        let mut response = self.agent.run(request).map_err(|e| unreachable(&e))?;
        let wait = response
            .headers()
            .get("retry-after")
            .and_then(|v| v.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_vec()
            .map_err(|e| unreachable(&e))?;
        Ok((status, body, wait))
    }
}

/// Status, body, and how long to wait before the next try.
type Answer = (u16, Vec<u8>, Option<Duration>);

/// Whether the host is this machine, which no proxy should stand before.
pub(crate) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn encode(path: &str, body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|e| ApiError::Unexpected {
        call: path.to_owned(),
        reason: format!("request: {e}"),
    })
}

fn decode<T: DeserializeOwned>(method: &str, path: &str, body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|e| ApiError::Unexpected {
        call: format!("{method} {path}"),
        reason: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_urls_are_servers() {
        let pair = Credentials {
            public_key: "pk".into(),
            secret_key: "sk".into(),
        };
        assert!(Client::new("ftp://x", &pair).is_err());
        assert!(Client::new("nonsense", &pair).is_err());
        assert_eq!(
            Client::new("http://127.0.0.1:1/", &pair).unwrap().base(),
            "http://127.0.0.1:1"
        );
    }
}
