//! Whether a request comes from someone who knows the secret.

use crate::event::Provider;
use crate::hash::mac;
use crate::signature::{Signature, seconds};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How far the time of a signature may be from now, in seconds, either way.
pub const REPLAY_WINDOW_S: u32 = 300;

/// What a signing token of the scheme "Standard Webhooks" begins with, as GitLab gives it out.
const SIGNING_TOKEN: &str = "whsec_";
/// The longest header that is looked at, in bytes.
const MAX_HEADER: usize = 2048;

pub(crate) const ASSAY_SIGNATURE: &str = "assay-signature";
const HUB_SIGNATURE: &str = "x-hub-signature-256";
const GITLAB_TOKEN: &str = "x-gitlab-token";
pub(crate) const WEBHOOK_ID: &str = "webhook-id";
const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
const WEBHOOK_SIGNATURE: &str = "webhook-signature";

/// Why a request was not believed. None says anything of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The hook has no secret, so that nothing can be proven.
    #[error("the hook has no secret")]
    NoSecret,
    /// A header is missing.
    #[error("the header `{0}` is missing")]
    Missing(&'static str),
    /// A header cannot be read.
    #[error("the header `{header}` {why}")]
    Malformed {
        /// Which.
        header: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The signature is right or wrong, but of another time.
    #[error("it was signed {by_s} seconds from now; at most {window_s} are allowed")]
    Stale {
        /// How far away, in seconds.
        by_s: u64,
        /// How far is allowed, in seconds.
        window_s: u32,
    },
    /// The signature or the token is not that of the secret.
    #[error("the signature is wrong")]
    Wrong,
}

/// Verifies a request: `headers` and `body` as they came, `secrets` of which one must fit (two while one is replaced), `now_s`
/// in seconds since 1970.
///
/// - [`Provider::Generic`]: `Assay-Signature`, see [`Signature`].
/// - [`Provider::Github`]: `X-Hub-Signature-256: sha256=<hex>` of the body.
/// - [`Provider::Gitlab`]: a secret that begins with `whsec_` is a signing token, whose HMAC over
///   `<webhook-id>.<webhook-timestamp>.<body>` is in `webhook-signature: v1,<base64>`; any other secret is the token that
///   `X-Gitlab-Token` repeats. The secret decides which: a sender cannot choose the weaker one.
///
/// # Errors
/// Why it is not believed.
pub fn verify(
    provider: Provider,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&str],
    now_s: i64,
    window_s: u32,
) -> Result<(), VerifyError> {
    // An empty key signs as well as any other, and anybody knows it.
    let secrets: Vec<&str> = secrets.iter().copied().filter(|s| !s.is_empty()).collect();
    if secrets.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    match provider {
        Provider::Generic => generic(headers, body, &secrets, now_s, window_s),
        Provider::Github => github(headers, body, &secrets),
        Provider::Gitlab => gitlab(headers, body, &secrets, now_s, window_s),
    }
}

/// The only value of a header. Two would leave it open which one is meant.
pub(crate) fn header<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<&'a str, VerifyError> {
    let malformed = |why| VerifyError::Malformed { header: name, why };
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(VerifyError::Missing(name))?;
    if values.next().is_some() {
        return Err(malformed("is there twice"));
    }
    let value = value.to_str().map_err(|_| malformed("is not ASCII"))?;
    if value.len() > MAX_HEADER {
        return Err(malformed("is too long"));
    }
    Ok(value)
}

fn fresh(time_s: i64, now_s: i64, window_s: u32) -> Result<(), VerifyError> {
    let by_s = now_s.abs_diff(time_s);
    if by_s > u64::from(window_s) {
        return Err(VerifyError::Stale { by_s, window_s });
    }
    Ok(())
}

fn one_of(found: bool) -> Result<(), VerifyError> {
    if found {
        Ok(())
    } else {
        Err(VerifyError::Wrong)
    }
}

fn generic(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&str],
    now_s: i64,
    window_s: u32,
) -> Result<(), VerifyError> {
    let signature = Signature::parse(header(headers, ASSAY_SIGNATURE)?).map_err(|why| {
        VerifyError::Malformed {
            header: ASSAY_SIGNATURE,
            why,
        }
    })?;
    // The signature first: what time it is here is for those who know the secret.
    one_of(
        secrets
            .iter()
            .any(|secret| signature.is_of(body, secret.as_bytes())),
    )?;
    fresh(signature.time_s, now_s, window_s)
}

fn github(headers: &HeaderMap, body: &[u8], secrets: &[&str]) -> Result<(), VerifyError> {
    let malformed = || VerifyError::Malformed {
        header: HUB_SIGNATURE,
        why: "must be `sha256=` and 64 hexadecimal digits",
    };
    let written = header(headers, HUB_SIGNATURE)?
        .strip_prefix("sha256=")
        .ok_or_else(malformed)?;
    let mut digest = [0; 32];
    hex::decode_to_slice(written, &mut digest).map_err(|_| malformed())?;
    one_of(secrets.iter().any(|secret| {
        mac(secret.as_bytes(), &[body]).is_some_and(|mac| mac.verify_slice(&digest).is_ok())
    }))
}

fn gitlab(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&str],
    now_s: i64,
    window_s: u32,
) -> Result<(), VerifyError> {
    let (signing, plain): (Vec<&str>, Vec<&str>) = secrets
        .iter()
        .partition(|secret| secret.starts_with(SIGNING_TOKEN));
    let signed = if signing.is_empty() {
        None
    } else {
        match standard(headers, body, &signing, now_s, window_s) {
            Ok(()) => return Ok(()),
            Err(why) => Some(why),
        }
    };
    if plain.is_empty() {
        return Err(signed.unwrap_or(VerifyError::NoSecret));
    }
    let token = match (header(headers, GITLAB_TOKEN), signed) {
        (Ok(token), _) => token,
        // While a hook goes over to signing, the signature's fault is the one to tell.
        (Err(VerifyError::Missing(_)), Some(why)) => return Err(why),
        (Err(why), _) => return Err(why),
    };
    // Digests have one length, whatever the token's is.
    let token = Sha256::digest(token.as_bytes());
    one_of(plain.iter().any(|secret| {
        let secret = Sha256::digest(secret.as_bytes());
        bool::from(secret.as_slice().ct_eq(token.as_slice()))
    }))
}

/// Standard Webhooks: `webhook-signature` is a list of `v1,<base64>`, separated by spaces.
fn standard(
    headers: &HeaderMap,
    body: &[u8],
    tokens: &[&str],
    now_s: i64,
    window_s: u32,
) -> Result<(), VerifyError> {
    let id = header(headers, WEBHOOK_ID)?;
    let time = header(headers, WEBHOOK_TIMESTAMP)?;
    let time_s = seconds(time).map_err(|why| VerifyError::Malformed {
        header: WEBHOOK_TIMESTAMP,
        why,
    })?;
    let digests: Vec<Vec<u8>> = header(headers, WEBHOOK_SIGNATURE)?
        .split(' ')
        .filter_map(|item| STANDARD.decode(item.strip_prefix("v1,")?).ok())
        .collect();
    if digests.is_empty() {
        return Err(VerifyError::Malformed {
            header: WEBHOOK_SIGNATURE,
            why: "must be `v1,` and a digest in base64",
        });
    }
    one_of(tokens.iter().any(|token| {
        let Some(key) = token
            .strip_prefix(SIGNING_TOKEN)
            .and_then(|key| STANDARD.decode(key).ok())
            .filter(|key| !key.is_empty())
        else {
            return false;
        };
        digests.iter().any(|digest| {
            mac(&key, &[id.as_bytes(), b".", time.as_bytes(), b".", body])
                .is_some_and(|mac| mac.verify_slice(digest).is_ok())
        })
    }))?;
    fresh(time_s, now_s, window_s)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
