//! What a provider says of a person: OpenID Connect's ID token, proven.

use crate::jws::{JwkSet, Parts, TokenError, encode};
use crate::key::secrets_equal;
use crate::token::CLOCK_SKEW_S;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// An ID token older than this is not taken, however long it says that it is valid.
const MAX_AGE_S: i64 = 24 * 3600;

/// One audience, or a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    iat: i64,
    nonce: Option<String>,
    at_hash: Option<String>,
    tid: Option<String>,
    email: Option<String>,
    /// A flag; some providers write it as text.
    email_verified: Option<serde_json::Value>,
    name: Option<String>,
}

/// What an ID token must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer; `{tenantid}` stands for the tenant that the token names.
    pub issuer: &'a str,
    /// Our id at the provider.
    pub client_id: &'a str,
    /// The sign-in's nonce; `None` where a client brings a token of its own.
    pub nonce: Option<&'a str>,
    /// The access token that came with it, which `at_hash` must be of.
    pub access_token: Option<&'a str>,
    /// Whether the issuer is one organisation's own, which gives out its people's addresses and so need not say of each that
    /// it is verified.
    pub own_addresses: bool,
}

/// A person, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer, with the tenant filled in.
    pub issuer: String,
    /// The person's id there.
    pub subject: String,
    /// The address, only where the provider says that it is theirs.
    pub email: Option<String>,
    /// The name.
    pub name: String,
}

/// Where a multi-tenant issuer writes the tenant.
pub const TENANT: &str = "{tenantid}";

/// Proves an ID token.
///
/// # Errors
/// [`TokenError`]; [`TokenError::UnknownKey`] means that the provider's keys may be worth reading again.
pub fn verify_id_token(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
    now_s: i64,
) -> Result<Identity, TokenError> {
    let parts = Parts::of(token)?;
    if !["RS256", "PS256", "ES256", "EdDSA", "Ed25519"].contains(&parts.header.alg.as_str()) {
        return Err(TokenError::Algorithm);
    }
    let claims: Claims = parts.proven(&keys.find(&parts.header)?)?;
    let issuer = match (&claims.tid, expected.issuer.contains(TENANT)) {
        (Some(tid), true) if is_tenant(tid) => expected.issuer.replace(TENANT, tid),
        (_, true) => return Err(TokenError::Issuer),
        (_, false) => expected.issuer.to_owned(),
    };
    if claims.iss != issuer || claims.sub.is_empty() || claims.sub.len() > 255 {
        return Err(TokenError::Issuer);
    }
    let ours = |aud: &str| aud == expected.client_id;
    let (for_us, others) = match &claims.aud {
        Audience::One(one) => (ours(one), false),
        Audience::Many(many) => (many.iter().any(|a| ours(a)), many.len() > 1),
    };
    let azp = claims.azp.as_deref();
    if !for_us || azp.is_some_and(|a| !ours(a)) || (others && azp.is_none()) {
        return Err(TokenError::Audience);
    }
    let latest = now_s.saturating_add(CLOCK_SKEW_S);
    let earliest = now_s.saturating_sub(CLOCK_SKEW_S);
    if claims.exp <= earliest || claims.iat < earliest.saturating_sub(MAX_AGE_S) {
        return Err(TokenError::Expired);
    }
    if claims.iat > latest || claims.nbf.is_some_and(|t| t > latest) {
        return Err(TokenError::NotYet);
    }
    if let Some(nonce) = expected.nonce
        && !secrets_equal(nonce, claims.nonce.as_deref().unwrap_or_default())
    {
        return Err(TokenError::Nonce);
    }
    if let (Some(token), Some(hash)) = (expected.access_token, &claims.at_hash) {
        // All algorithms that we take hash by SHA-256, but Ed25519, for which SHA-512 is meant and not agreed on.
        let digest = Sha256::digest(token.as_bytes());
        let half = encode(digest.get(..16).unwrap_or_default());
        let hashes = matches!(parts.header.alg.as_str(), "RS256" | "PS256" | "ES256");
        if hashes && !secrets_equal(&half, hash) {
            return Err(TokenError::Signature);
        }
    }
    let verified = match &claims.email_verified {
        Some(serde_json::Value::Bool(yes)) => *yes,
        Some(serde_json::Value::String(text)) => text == "true",
        None => expected.own_addresses,
        Some(_) => false,
    };
    Ok(Identity {
        issuer,
        subject: claims.sub,
        email: claims.email.filter(|_| verified),
        name: claims.name.unwrap_or_default(),
    })
}

/// What a sign-in shows of its verifier before the code is exchanged: PKCE's `S256`.
#[must_use]
pub fn pkce_challenge(verifier: &str) -> String {
    encode(Sha256::digest(verifier.as_bytes()))
}

/// A tenant is a UUID: nothing else may be put into the issuer.
fn is_tenant(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{SigningKey, published};
    use serde_json::{Value, json};

    const NOW: i64 = 1_000_000;

    fn sign(claims: &Value) -> String {
        use ed25519_dalek::Signer as _;
        let seed = [9; 32];
        let kid = SigningKey::from_seed(&seed).kid();
        let header = json!({"alg": "EdDSA", "kid": kid}).to_string();
        let signed = format!("{}.{}", encode(header), encode(claims.to_string()));
        let signature = ed25519_dalek::SigningKey::from_bytes(&seed).sign(signed.as_bytes());
        format!("{signed}.{}", encode(signature.to_bytes()))
    }

    fn good() -> Value {
        json!({"iss": "https://issuer", "sub": "7", "aud": "us", "exp": NOW + 300, "iat": NOW, "nonce": "n",
            "email": "a@example.com", "email_verified": true, "name": "A"})
    }

    fn verify(claims: &Value, issuer: &str) -> Result<Identity, TokenError> {
        verify_of(claims, issuer, false)
    }

    fn verify_of(
        claims: &Value,
        issuer: &str,
        own_addresses: bool,
    ) -> Result<Identity, TokenError> {
        let key = SigningKey::from_seed(&[9; 32]);
        let keys = JwkSet {
            keys: vec![published(&key.kid(), &key.public_x())],
        };
        let expected = Expected {
            issuer,
            client_id: "us",
            nonce: Some("n"),
            access_token: None,
            own_addresses,
        };
        verify_id_token(&sign(claims), &keys, &expected, NOW)
    }

    #[track_caller]
    fn check(change: &Value, expected: Result<(), TokenError>) {
        let mut claims = good();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let found = verify(&claims, "https://issuer");
        assert_eq!(found.map(|_| ()), expected, "{change}");
    }

    #[test]
    fn each_claim_counts() {
        use TokenError as E;
        check(&json!({}), Ok(()));
        check(&json!({"iss": "https://other"}), Err(E::Issuer));
        check(&json!({"iss": "https://issuer/"}), Err(E::Issuer));
        check(&json!({"sub": ""}), Err(E::Issuer));
        check(&json!({"aud": "them"}), Err(E::Audience));
        check(&json!({"aud": ["us"]}), Ok(()));
        check(&json!({"aud": ["us", "them"]}), Err(E::Audience));
        check(&json!({"aud": ["us", "them"], "azp": "us"}), Ok(()));
        check(&json!({"azp": "them"}), Err(E::Audience));
        check(&json!({"exp": NOW - CLOCK_SKEW_S + 1}), Ok(()));
        check(&json!({"exp": NOW - CLOCK_SKEW_S}), Err(E::Expired));
        check(&json!({"iat": NOW + CLOCK_SKEW_S}), Ok(()));
        check(&json!({"iat": NOW + CLOCK_SKEW_S + 1}), Err(E::NotYet));
        check(&json!({"nbf": NOW + CLOCK_SKEW_S + 1}), Err(E::NotYet));
        check(&json!({"iat": NOW - 2 * MAX_AGE_S}), Err(E::Expired));
        check(&json!({"nonce": "other"}), Err(E::Nonce));
        check(&json!({"nonce": null}), Err(E::Nonce));
        check(&json!({"exp": "soon"}), Err(E::Malformed));
    }

    #[test]
    fn an_address_counts_only_when_it_is_verified() {
        for (verified, email) in [
            (json!(true), Some("a@example.com".to_owned())),
            (json!("true"), Some("a@example.com".to_owned())),
            (json!(false), None),
            (json!(1), None),
            (Value::Null, None),
        ] {
            let mut claims = good();
            claims["email_verified"] = verified;
            assert_eq!(verify(&claims, "https://issuer").unwrap().email, email);
        }
    }

    #[test]
    fn an_organisation_vouches_for_the_addresses_it_gives_out() {
        for (verified, email) in [
            (Value::Null, Some("a@example.com".to_owned())),
            (json!(true), Some("a@example.com".to_owned())),
            (json!(false), None),
        ] {
            let mut claims = good();
            claims["email_verified"] = verified;
            let found = verify_of(&claims, "https://issuer", true).unwrap();
            assert_eq!(found.email, email);
        }
    }

    #[test]
    fn the_challenge_of_rfc_7636_appendix_b() {
        assert_eq!(
            pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_tenant_is_filled_in_and_nothing_else() {
        let tid = "9188040d-6c67-4c5b-b112-36a304b66dad";
        let template = "https://login.example/{tenantid}/v2.0";
        let mut claims = good();
        claims["iss"] = json!(format!("https://login.example/{tid}/v2.0"));
        assert_eq!(verify(&claims, template).unwrap_err(), TokenError::Issuer);
        claims["tid"] = json!(tid);
        assert!(verify(&claims, template).unwrap().issuer.contains(tid));
        claims["tid"] = json!("x/../evil");
        claims["iss"] = json!("https://login.example/x/../evil/v2.0");
        assert_eq!(verify(&claims, template).unwrap_err(), TokenError::Issuer);
    }

    /// Tokens that another program signed, by each algorithm that we take and two that we do not.
    #[test]
    fn tokens_of_another_program() {
        #[derive(Deserialize)]
        struct Token {
            alg: String,
            jwk: crate::jws::Jwk,
            token: String,
        }
        #[derive(Deserialize)]
        struct Oracle {
            tokens: Vec<Token>,
        }
        let oracle = include_str!("testdata/jws_jose.json");
        let oracle: Oracle = serde_json::from_str(oracle).unwrap();
        let expected = Expected {
            issuer: "https://issuer.example",
            client_id: "us",
            nonce: Some("n"),
            access_token: None,
            own_addresses: false,
        };
        let keys = JwkSet {
            keys: oracle.tokens.iter().map(|t| t.jwk.clone()).collect(),
        };
        let verify = |token: &str, keys: &JwkSet| {
            verify_id_token(token, keys, &expected, NOW).map(|i| i.subject)
        };
        for t in &oracle.tokens {
            let taken = ["RS256", "PS256", "ES256", "EdDSA"].contains(&t.alg.as_str());
            let wanted = if taken {
                Ok("7".to_owned())
            } else {
                Err(TokenError::Algorithm)
            };
            assert_eq!(verify(&t.token, &keys), wanted, "{}", t.alg);
            // The same signature over another text.
            let mut parts: Vec<&str> = t.token.split('.').collect();
            let other = encode(json!({"iss": "https://issuer.example", "sub": "8"}).to_string());
            parts[1] = &other;
            assert!(verify(&parts.join("."), &keys).is_err(), "{}", t.alg);
            // The key of every other token under this one's name.
            for o in oracle.tokens.iter().filter(|o| o.alg != t.alg) {
                let mut jwk = o.jwk.clone();
                jwk.kid = Some(t.alg.clone());
                let keys = JwkSet { keys: vec![jwk] };
                assert!(verify(&t.token, &keys).is_err(), "{} by {}", t.alg, o.alg);
            }
        }
        assert_eq!(oracle.tokens.len(), 6);
    }
}
