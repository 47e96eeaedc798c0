//! JSON Web Signatures: taken apart strictly and checked against public keys.
//!
//! A key says which algorithms it can prove, never the token: `none` and the HMAC family have no name here, so that a
//! public key cannot be taken for a shared secret.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::signature::Verifier as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// No token that we take is longer.
const MAX_LENGTH: usize = 16 << 10;
/// RSA keys below are too weak, above too slow.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Why a token proves nothing. The texts hold nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not three parts of base64 with JSON in them.
    #[error("is not a signed token")]
    Malformed,
    /// Its algorithm is not one that we take, or not its key's.
    #[error("is signed by an algorithm that is not accepted")]
    Algorithm,
    /// It names a key that its issuer does not publish.
    #[error("is signed by an unknown key")]
    UnknownKey,
    /// The signature is of another key or another text.
    #[error("has a wrong signature")]
    Signature,
    /// It was issued by someone else.
    #[error("is of another issuer")]
    Issuer,
    /// It was issued for someone else.
    #[error("is for another audience")]
    Audience,
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// Its time has not come.
    #[error("is not valid yet")]
    NotYet,
    /// It belongs to another sign-in.
    #[error("belongs to another sign-in")]
    Nonce,
}

/// The header of a token: what is needed to choose a key.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    /// Extensions that must be understood: we understand none.
    crit: Option<serde_json::Value>,
}

/// A token in parts, not proven yet.
pub(crate) struct Parts<'a> {
    pub(crate) header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Malformed)
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl<'a> Parts<'a> {
    pub(crate) fn of(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| TokenError::Malformed)?;
        if header.crit.is_some() {
            return Err(TokenError::Algorithm);
        }
        Ok(Self {
            header,
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// The claims, once the signature is proven.
    pub(crate) fn proven<T: DeserializeOwned>(&self, key: &PublicKey) -> Result<T, TokenError> {
        key.verify(&self.header.alg, self.signed.as_bytes(), &self.signature)?;
        serde_json::from_slice(&self.payload).map_err(|_| TokenError::Malformed)
    }
}

/// Whether a credential is a token by its looks; API keys have no dots.
#[must_use]
pub fn looks_like_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

/// A public key as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Jwk {
    /// The family.
    pub kty: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The one algorithm it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig` or `enc`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// A coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// A coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

/// What an issuer publishes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// The key that a token names; one without a name is proven by the only key that fits.
    pub(crate) fn find(&self, header: &Header) -> Result<PublicKey, TokenError> {
        let fits = |key: &&Jwk| {
            key.usage.as_deref().is_none_or(|u| u == "sig")
                && key.alg.as_ref().is_none_or(|a| *a == header.alg)
                && match &header.kid {
                    Some(kid) => key.kid.as_ref() == Some(kid),
                    None => true,
                }
        };
        let mut found = self.keys.iter().filter(fits).filter_map(PublicKey::of);
        match (found.next(), found.next(), &header.kid) {
            (Some(key), None, _) | (Some(key), Some(_), Some(_)) => Ok(key),
            _ => Err(TokenError::UnknownKey),
        }
    }
}

/// A public key that can be checked against.
pub(crate) enum PublicKey {
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    Rsa(Box<rsa::PublicKey>),
}

impl PublicKey {
    /// `None` for families that we do not take.
    fn of(jwk: &Jwk) -> Option<Self> {
        let part = |text: &Option<String>| decode(text.as_deref()?).ok();
        match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => {
                let bytes: [u8; 32] = part(&jwk.x)?.try_into().ok()?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok()?;
                Some(Self::Ed25519(Box::new(key)))
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (part(&jwk.x)?, part(&jwk.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
                Some(Self::P256(Box::new(key)))
            }
            ("RSA", _) => {
                let n = rsa::BoxedUint::from_be_slice_vartime(&part(&jwk.n)?);
                let e = rsa::BoxedUint::from_be_slice_vartime(&part(&jwk.e)?);
                let key = rsa::PublicKey::new_with_size_limits(n, e, RSA_BITS).ok()?;
                Some(Self::Rsa(Box::new(key)))
            }
            _ => None,
        }
    }

    fn verify(&self, alg: &str, message: &[u8], signature: &[u8]) -> Result<(), TokenError> {
        let wrong = |_| TokenError::Signature;
        match (self, alg) {
            (Self::Ed25519(key), "EdDSA" | "Ed25519") => {
                let signature = ed25519_dalek::Signature::from_slice(signature).map_err(wrong)?;
                key.verify_strict(message, &signature).map_err(wrong)
            }
            (Self::P256(key), "ES256") => {
                let signature = p256::ecdsa::Signature::from_slice(signature)
                    .map_err(|_| TokenError::Signature)?;
                key.verify(message, &signature)
                    .map_err(|_| TokenError::Signature)
            }
            (Self::Rsa(key), "RS256") => {
                let signature = rsa::pkcs1v15::Signature::try_from(signature)
                    .map_err(|_| TokenError::Signature)?;
                rsa::pkcs1v15::VerifyingKey::<Sha256>::new((**key).clone())
                    .verify(message, &signature)
                    .map_err(|_| TokenError::Signature)
            }
            (Self::Rsa(key), "PS256") => {
                let signature =
                    rsa::pss::Signature::try_from(signature).map_err(|_| TokenError::Signature)?;
                rsa::pss::VerifyingKey::<Sha256>::new((**key).clone())
                    .verify(message, &signature)
                    .map_err(|_| TokenError::Signature)
            }
            _ => Err(TokenError::Algorithm),
        }
    }
}
