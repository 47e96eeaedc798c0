//! Digests of bodies.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// HMAC-SHA-256 over the parts, one after the other.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

/// SHA-256 in hexadecimal, as [`crate::Event::body_sha256`] has it.
#[must_use]
pub fn sha256(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}
