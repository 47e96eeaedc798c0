//! What a provider tells of itself: where its endpoints are and which keys it signs with. Cached; keys are read again
//! when a token names one that is not there, but not more often than every few seconds, whoever sends such tokens.

use crate::providers::Provider;
use assay_access::JwkSet;
use assay_edge::kv::Kv;
use assay_edge::outbound::{self, Outgoing};
use assay_edge::{PrivateTargets, Problem, ProblemKind, clock};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// How long what was read is good, in microseconds.
const GOOD_US: i64 = 3_600 * 1_000_000;
/// How soon keys may be read again, in microseconds.
const AGAIN_US: i64 = 5 * 1_000_000;
const TIMEOUT_MS: u64 = 10_000;
const MAX_BYTES: usize = 512 << 10;

/// Where a provider's endpoints are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Discovery {
    /// The issuer, perhaps with a place for the tenant.
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    jwks_uri: String,
    /// Whether each answer names its issuer, so that one without must be someone else's.
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Discovery {
    /// Whether our secret goes into a header; the default where a provider says nothing.
    pub(crate) fn takes_basic(&self) -> bool {
        self.token_endpoint_auth_methods_supported
            .as_ref()
            .is_none_or(|methods| methods.iter().any(|m| m == "client_secret_basic"))
    }
}

#[derive(Serialize, Deserialize)]
struct Cached<T> {
    at: i64,
    value: T,
}

/// A provider that cannot be used. The cause is logged; it holds no secrets.
pub(crate) fn unavailable(provider: &Provider, cause: impl std::fmt::Display) -> Problem {
    let detail = format!("{} cannot be used right now. Try again.", provider.name);
    Problem::new(ProblemKind::ProviderUnavailable, detail).caused_by(cause)
}

/// Calls a provider. The operator vouches for its address, which may be a private one; the platform's own components stay
/// out of reach, and what was found over https stays on https.
pub(crate) async fn call(
    provider: &Provider,
    method: Method,
    url: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Result<(StatusCode, Bytes), Problem> {
    outbound::check_url(url, &PrivateTargets::All).map_err(|e| unavailable(provider, e))?;
    if provider.issuer.starts_with("https://") && !url.starts_with("https://") {
        return Err(unavailable(provider, "an endpoint is not https"));
    }
    let mut all = vec![("accept".to_owned(), "application/json".to_owned())];
    all.extend(headers);
    let out = Outgoing {
        method,
        url: url.to_owned(),
        headers: all,
        credential: None,
        secret_headers: Vec::new(),
        secrets: BTreeMap::new(),
        body,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
    };
    let answer = outbound::send_to_configured(out)
        .await
        .map_err(|e| unavailable(provider, e))?;
    Ok((answer.status, answer.body))
}

async fn read<T: DeserializeOwned>(provider: &Provider, url: &str) -> Result<T, Problem> {
    let (status, body) = call(provider, Method::GET, url, Vec::new(), Vec::new()).await?;
    if !status.is_success() {
        return Err(unavailable(provider, format!("{url} answers {status}")));
    }
    serde_json::from_slice(&body).map_err(|e| unavailable(provider, format!("{url}: {e}")))
}

/// A cache that cannot be read is empty.
async fn cached<T: DeserializeOwned>(kv: &Kv, key: &str) -> Option<Cached<T>> {
    kv.get(key).await.ok().flatten()
}

async fn keep<T: Serialize>(kv: &Kv, key: &str, at: i64, value: T) -> T {
    let cached = Cached { at, value };
    // One that cannot be written costs a call.
    let _ = kv.set(key, &cached).await;
    cached.value
}

/// Where the provider's endpoints are.
pub(crate) async fn discover(kv: &Kv, provider: &Provider) -> Result<Discovery, Problem> {
    let key = format!("oidc/discovery/{}", provider.issuer);
    let now = clock::now().micros();
    if let Some(cached) = cached::<Discovery>(kv, &key).await
        && now - cached.at < GOOD_US
    {
        return Ok(cached.value);
    }
    let base = provider.issuer.trim_end_matches('/');
    let url = format!("{base}/.well-known/openid-configuration");
    let found: Discovery = read(provider, &url).await?;
    if !provider.is_issuer(&found.issuer) {
        return Err(unavailable(
            provider,
            "its description names another issuer",
        ));
    }
    Ok(keep(kv, &key, now, found).await)
}

/// The provider's keys; `again` when those that are known do not do.
pub(crate) async fn keys(
    kv: &Kv,
    provider: &Provider,
    discovery: &Discovery,
    again: bool,
) -> Result<JwkSet, Problem> {
    let key = format!("oidc/keys/{}", discovery.jwks_uri);
    let now = clock::now().micros();
    if let Some(cached) = cached::<JwkSet>(kv, &key).await {
        let good = if again { AGAIN_US } else { GOOD_US };
        if now - cached.at < good {
            return Ok(cached.value);
        }
    }
    let found: JwkSet = read(provider, &discovery.jwks_uri).await?;
    Ok(keep(kv, &key, now, found).await)
}
