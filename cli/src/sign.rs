//! The signature of calls that the platform makes to its own components.

use anyhow::Result;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// The header that carries the signature.
pub(crate) const HEADER: &str = "x-assay-internal";

/// Signs a call that is made now: `<unix seconds>.<hex of HMAC-SHA256>`.
///
/// # Errors
/// When the clock stands before 1970.
pub(crate) fn sign(key: &str, component: &str, path: &str, body: &[u8]) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    at(now, key, component, path, body)
}

/// A key for one purpose, made of another which cannot be told from it.
///
/// # Errors
/// None: HMAC takes keys of any length.
pub(crate) fn derived(key: &str, purpose: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    mac.update(purpose.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

fn at(now: u64, key: &str, component: &str, path: &str, body: &[u8]) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    mac.update(format!("{now}\n{component}\n{path}\n").as_bytes());
    mac.update(body);
    Ok(format!(
        "{now}.{}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_openssl() {
        // printf '1700000000\nidentity\n/internal/boot\n{}' | openssl dgst -sha256 -hmac key
        let signed = super::at(1_700_000_000, "key", "identity", "/internal/boot", b"{}").unwrap();
        assert_eq!(
            signed,
            "1700000000.ad097fc9170ffd5767cb12216b208add07d6cec16c05e2dd8dd3ca54b21b9110"
        );
    }
}
