//! API keys: a public part that names the key, a secret part of which only a keyed hash is kept.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// A key pair as it is shown once, at its making.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyPair {
    /// Names the key; not a secret.
    pub public: String,
    /// Proves possession; never stored, never shown again.
    pub secret: String,
}

impl std::fmt::Debug for ApiKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeyPair")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A part is too short to be safe or too long to be a key.
    #[error("must have between 8 and 200 characters")]
    Length,
    /// A part could not travel in a Basic `Authorization` header.
    #[error("must be printable ASCII without `:` or spaces")]
    Characters,
}

impl ApiKeyPair {
    /// A fresh pair from 48 random bytes that the caller draws.
    #[must_use]
    pub fn from_random(random: &[u8; 48]) -> Self {
        let (public, secret) = random.split_at(16);
        Self {
            public: format!("pk-as-{}", hex::encode(public)),
            secret: format!("sk-as-{}", hex::encode(secret)),
        }
    }

    /// Checks one part of a pair that an operator chose.
    ///
    /// # Errors
    /// [`KeyError`] when it could not be used as a key.
    pub fn check_part(part: &str) -> Result<(), KeyError> {
        if !(8..=200).contains(&part.len()) {
            return Err(KeyError::Length);
        }
        if part.bytes().any(|b| !b.is_ascii_graphic() || b == b':') {
            return Err(KeyError::Characters);
        }
        Ok(())
    }
}

/// HMAC-SHA256 of a secret under the installation's pepper, in hex.
///
/// Generated secrets hold 256 random bits, so no slow hash is needed; the pepper keeps a stolen table useless even
/// where an operator chose a weak secret.
#[must_use]
pub fn hash_secret(pepper: &[u8], secret: &str) -> String {
    // HMAC takes keys of any length, so that this never fails; an empty tag would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(pepper) else {
        return String::new();
    };
    mac.update(secret.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Compares two texts in time that depends on their lengths only.
#[must_use]
pub fn secrets_equal(a: &str, b: &str) -> bool {
    !a.is_empty() && a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_keyed() {
        assert_ne!(hash_secret(b"a", "s"), hash_secret(b"b", "s"));
        assert_eq!(hash_secret(b"a", "s").len(), 64);
    }

    #[test]
    fn empty_never_equals() {
        assert!(!secrets_equal("", ""));
        assert!(secrets_equal("x", "x"));
        assert!(!secrets_equal("x", "xy"));
    }

    #[test]
    fn debug_hides_the_secret() {
        let pair = ApiKeyPair::from_random(&[7; 48]);
        assert!(!format!("{pair:?}").contains(&pair.secret));
    }

    #[test]
    fn parts() {
        for (part, ok) in [
            ("pk-test-1234", true),
            ("short", false),
            ("has space1", false),
            ("has:colon1", false),
        ] {
            assert_eq!(ApiKeyPair::check_part(part).is_ok(), ok, "{part}");
        }
    }
}
