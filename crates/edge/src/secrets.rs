//! Encryption at rest: AES-256-GCM envelopes that name their key, so that keys can be rotated.
//!
//! An envelope is `v1.<key id>.<base64 of nonce and ciphertext>`. The place it belongs to (table and row) is
//! authenticated with it, so an envelope copied to another row does not open. Plaintext leaves this module only to be
//! put into an outgoing header.

use crate::ids::random_bytes;
use crate::problem::{Problem, ProblemKind};
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

const NONCE: usize = 12;

/// A secret in the clear. Prints as dots, so that it cannot reach a log by accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself. For an outgoing header, nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Why an envelope does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with a key that is not configured.
    #[error("sealed with another key")]
    UnknownKey,
    /// It is damaged, or belongs to another row.
    #[error("damaged or moved")]
    Damaged,
}

struct Key {
    id: String,
    cipher: Aes256Gcm,
}

/// The configured keys: the first seals, all open.
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// Reads a comma-separated list of base64 keys of 32 bytes.
    ///
    /// # Errors
    /// A `misconfigured` problem; the key itself is not in it.
    pub fn parse(keys: &str) -> Result<Self, Problem> {
        let bad = || {
            Problem::new(
                ProblemKind::Misconfigured,
                "`encryption_key` must be 32 bytes in base64.",
            )
        };
        let mut ring = Vec::new();
        for text in keys.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            let bytes = STANDARD.decode(text).map_err(|_| bad())?;
            let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| bad())?;
            let digest = Sha256::digest(&bytes);
            ring.push(Key {
                id: hex::encode(digest.get(..4).unwrap_or_default()),
                cipher,
            });
        }
        if ring.is_empty() {
            Err(bad())
        } else {
            Ok(Self(ring))
        }
    }

    /// What envelopes of the key that seals begin with.
    pub(crate) fn prefix(&self) -> String {
        let id = self.0.first().map_or("", |key| &key.id);
        format!("v1.{id}.")
    }

    /// Whether there are keys that open and do not seal.
    pub(crate) fn is_rotating(&self) -> bool {
        self.0.len() > 1
    }

    /// Seals `plain` for `place`, e.g. `agents/<id>/credential`.
    ///
    /// # Errors
    /// When the engine gives no randomness.
    pub fn seal(&self, place: &str, plain: &str) -> Result<String, Problem> {
        let key = self
            .0
            .first()
            .ok_or_else(|| Problem::internal("no encryption key"))?;
        let nonce: [u8; NONCE] = random_bytes()?;
        let payload = Payload {
            msg: plain.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = key
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Problem::internal("encryption failed"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("v1.{}.{}", key.id, STANDARD.encode(bytes)))
    }

    /// Opens an envelope of `place`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, place: &str, envelope: &str) -> Result<Secret, OpenError> {
        let mut parts = envelope.splitn(3, '.');
        let (Some("v1"), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(OpenError::Damaged);
        };
        let key = self
            .0
            .iter()
            .find(|k| k.id == id)
            .ok_or(OpenError::UnknownKey)?;
        let bytes = STANDARD.decode(body).map_err(|_| OpenError::Damaged)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(OpenError::Damaged)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| OpenError::Damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        let plain = key
            .cipher
            .decrypt(&Nonce::from(nonce), payload)
            .map_err(|_| OpenError::Damaged)?;
        String::from_utf8(plain)
            .map(Secret)
            .map_err(|_| OpenError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(bytes: &[u8]) -> Keyring {
        let keys: Vec<String> = bytes.iter().map(|b| STANDARD.encode([*b; 32])).collect();
        Keyring::parse(&keys.join(",")).unwrap()
    }

    #[test]
    fn opens_only_in_its_place() {
        let ring = ring(&[1]);
        let envelope = ring.seal("agents/1", "s3cret").unwrap();
        assert!(!envelope.contains("s3cret"));
        assert_eq!(ring.open("agents/1", &envelope).unwrap().expose(), "s3cret");
        assert_eq!(
            ring.open("agents/2", &envelope).unwrap_err(),
            OpenError::Damaged
        );
    }

    #[test]
    fn a_new_first_key_still_opens_old_envelopes() {
        let envelope = ring(&[1]).seal("p", "x").unwrap();
        assert_eq!(ring(&[2, 1]).open("p", &envelope).unwrap().expose(), "x");
        assert_eq!(
            ring(&[2]).open("p", &envelope).unwrap_err(),
            OpenError::UnknownKey
        );
    }

    #[test]
    fn bad_keys_and_envelopes() {
        assert!(Keyring::parse("").is_err());
        assert!(Keyring::parse("c2hvcnQ=").is_err());
        for envelope in ["", "v1", "v1.x", "v2.a.b", "v1.00000000.!!"] {
            assert!(ring(&[1]).open("p", envelope).is_err(), "{envelope}");
        }
    }
}
