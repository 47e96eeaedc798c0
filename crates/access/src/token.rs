//! Our own access tokens: short-lived, signed by Ed25519, for one audience.
//!
//! A token says who signed in and by which session; what the person may do is looked up at each request, so that a
//! token outlives neither its session nor a membership.

use crate::jws::{Jwk, JwkSet, Parts, TokenError, encode};
use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_S: i64 = 600;
/// How far clocks may be apart, in seconds.
pub const CLOCK_SKEW_S: i64 = 60;
/// The kind that the header names, so that no other token of ours is taken for one.
const TYP: &str = "at+jwt";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: the installation.
    pub iss: String,
    /// Whom it is for: the installation's API.
    pub aud: String,
    /// The person's id.
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// The workspace that it was issued for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wid: Option<String>,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// From when on it is valid.
    pub nbf: i64,
    /// Until when it is valid.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
}

/// A private key that signs access tokens.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

impl SigningKey {
    /// The key of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The public half, in base64.
    #[must_use]
    pub fn public_x(&self) -> String {
        encode(self.0.verifying_key().as_bytes())
    }

    /// Its name: a digest of the public half.
    #[must_use]
    pub fn kid(&self) -> String {
        let digest = Sha256::digest(self.0.verifying_key().as_bytes());
        encode(digest.get(..12).unwrap_or_default())
    }

    /// Signs a token.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] when the claims cannot be written, which does not happen.
    pub fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let header = serde_json::json!({"alg": "EdDSA", "typ": TYP, "kid": self.kid()});
        let payload = serde_json::to_vec(claims).map_err(|_| TokenError::Malformed)?;
        let signed = format!("{}.{}", encode(header.to_string()), encode(payload));
        let signature = self.0.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", encode(signature.to_bytes())))
    }
}

/// A key of ours as it is published.
#[must_use]
pub fn published(kid: &str, public_x: &str) -> Jwk {
    Jwk {
        kty: "OKP".into(),
        kid: Some(kid.to_owned()),
        alg: Some("EdDSA".into()),
        usage: Some("sig".into()),
        crv: Some("Ed25519".into()),
        x: Some(public_x.to_owned()),
        ..Jwk::default()
    }
}

/// Proves an access token of ours. `audience` is both who issues and whom it is for.
///
/// # Errors
/// [`TokenError`], with the first reason.
pub fn verify_access(
    token: &str,
    keys: &JwkSet,
    issuer: &str,
    audience: &str,
    now_s: i64,
) -> Result<AccessClaims, TokenError> {
    let parts = Parts::of(token)?;
    if parts.header.alg != "EdDSA" || parts.header.typ.as_deref() != Some(TYP) {
        return Err(TokenError::Algorithm);
    }
    if parts.header.kid.is_none() {
        return Err(TokenError::UnknownKey);
    }
    let claims: AccessClaims = parts.proven(&keys.find(&parts.header)?)?;
    if claims.iss != issuer {
        return Err(TokenError::Issuer);
    }
    if claims.aud != audience {
        return Err(TokenError::Audience);
    }
    if claims.exp.saturating_add(CLOCK_SKEW_S) <= now_s {
        return Err(TokenError::Expired);
    }
    if claims.nbf.saturating_sub(CLOCK_SKEW_S) > now_s {
        return Err(TokenError::NotYet);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            iss: "https://a".into(),
            aud: "https://a/api".into(),
            sub: "u".into(),
            sid: "s".into(),
            wid: None,
            iat: 1000,
            nbf: 1000,
            exp: 1600,
            jti: "j".into(),
        }
    }

    fn keys(signing: &[&SigningKey]) -> JwkSet {
        JwkSet {
            keys: signing
                .iter()
                .map(|k| published(&k.kid(), &k.public_x()))
                .collect(),
        }
    }

    #[track_caller]
    fn check(token: &str, now: i64, expected: Result<(), TokenError>) {
        let set = keys(&[&key(1), &key(2)]);
        let found = verify_access(token, &set, "https://a", "https://a/api", now);
        assert_eq!(found.map(|_| ()), expected, "{token}");
    }

    /// A token with a header of the attacker's choice, over the payload of a good one.
    fn forged(header: &serde_json::Value, signature: impl Fn(&str) -> Vec<u8>) -> String {
        let payload = encode(serde_json::to_vec(&claims()).unwrap());
        let signed = format!("{}.{payload}", encode(header.to_string()));
        format!("{signed}.{}", encode(signature(&signed)))
    }

    #[test]
    fn a_token_of_ours_is_proven_within_its_time() {
        let token = key(1).issue(&claims()).unwrap();
        check(&token, 1000, Ok(()));
        check(&token, 1600 + CLOCK_SKEW_S - 1, Ok(()));
        check(&token, 1600 + CLOCK_SKEW_S, Err(TokenError::Expired));
        check(&token, 1000 - CLOCK_SKEW_S, Ok(()));
        check(&token, 1000 - CLOCK_SKEW_S - 1, Err(TokenError::NotYet));
        check(&key(2).issue(&claims()).unwrap(), 1000, Ok(()));
    }

    #[test]
    fn every_wrong_token_is_refused() {
        let unknown = key(3).issue(&claims()).unwrap();
        check(&unknown, 1000, Err(TokenError::UnknownKey));
        let wrong = |change: fn(&mut AccessClaims)| {
            let mut claims = claims();
            change(&mut claims);
            key(1).issue(&claims).unwrap()
        };
        check(
            &wrong(|c| c.iss = "https://b".into()),
            1000,
            Err(TokenError::Issuer),
        );
        check(
            &wrong(|c| c.aud = "https://a".into()),
            1000,
            Err(TokenError::Audience),
        );
        let good = key(1).issue(&claims()).unwrap();
        let other = wrong(|c| c.sub = "root".into());
        let parts: Vec<&str> = good.split('.').collect();
        let theirs: Vec<&str> = other.split('.').collect();
        let tampered = format!("{}.{}.{}", parts[0], theirs[1], parts[2]);
        check(&tampered, 1000, Err(TokenError::Signature));
        let other_kid = format!(
            "{}.{}.{}",
            encode(
                serde_json::json!({"alg": "EdDSA", "typ": TYP, "kid": key(2).kid()}).to_string()
            ),
            parts[1],
            parts[2]
        );
        check(&other_kid, 1000, Err(TokenError::Signature));
        for bad in [
            "",
            "a.b.c",
            "eyJ.e30.",
            "..",
            &good[1..],
            &format!("{good}.x"),
        ] {
            check(bad, 1000, Err(TokenError::Malformed));
        }
    }

    #[test]
    fn no_algorithm_but_ours() {
        let kid = key(1).kid();
        for alg in ["none", "None", "HS256", "RS256", "ES256", ""] {
            let header = serde_json::json!({"alg": alg, "typ": TYP, "kid": kid});
            check(
                &forged(&header, |_| Vec::new()),
                1000,
                Err(TokenError::Algorithm),
            );
        }
        // The public key as the secret of an HMAC, in both of the spellings that libraries fell for.
        let raw = crate::jws::decode(&key(1).public_x()).unwrap();
        for secret in [raw, key(1).public_x().into_bytes()] {
            let header = serde_json::json!({"alg": "HS256", "typ": TYP, "kid": kid});
            let token = forged(&header, |signed| {
                use hmac::{Hmac, KeyInit as _, Mac as _};
                let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
                mac.update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            });
            check(&token, 1000, Err(TokenError::Algorithm));
        }
        let untyped = serde_json::json!({"alg": "EdDSA", "kid": kid});
        check(
            &forged(&untyped, |_| Vec::new()),
            1000,
            Err(TokenError::Algorithm),
        );
        let crit = serde_json::json!({"alg": "EdDSA", "typ": TYP, "kid": kid, "crit": ["b64"]});
        check(
            &forged(&crit, |_| Vec::new()),
            1000,
            Err(TokenError::Algorithm),
        );
        let no_kid = serde_json::json!({"alg": "EdDSA", "typ": TYP});
        check(
            &forged(&no_kid, |_| Vec::new()),
            1000,
            Err(TokenError::UnknownKey),
        );
    }
}
