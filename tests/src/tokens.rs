//! Access tokens that prove nothing, each for a reason of its own.

use crate::Client;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `header.payload` with a signature of the test's making.
fn forge(header: &Value, payload: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{payload}", encode(header.to_string()));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).expect("any key will do");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// The claims of a token.
#[must_use]
pub fn claims(access: &str) -> Value {
    let payload = access.split('.').nth(1).expect("a token");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("Base64")).expect("JSON")
}

/// What can be made of a good token without the key that signed it.
#[must_use]
pub fn forged(url: &str, access: &str) -> Vec<(&'static str, String)> {
    let keys = Client::anonymous(url).get("/api/v1/auth/jwks.json");
    let public = keys.expect(200)["keys"][0].clone();
    let parts: Vec<&str> = access.split('.').collect();
    let header = |alg: &str| json!({"alg": alg, "typ": "at+jwt", "kid": public["kid"]});
    let mut other = claims(access);
    other["sub"] = json!("somebody-else");
    let text = public["x"].as_str().expect("a key").to_owned();
    let raw = URL_SAFE_NO_PAD.decode(&text).expect("Base64");
    let own = SigningKey::from_bytes(&[7; 32]);
    let by_own = |m: &[u8]| own.sign(m).to_bytes().to_vec();
    let none = |_: &[u8]| Vec::new();
    let unknown = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "nobody"});
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(own.verifying_key().as_bytes())});
    let brings = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "mine", "jwk": jwk});
    vec![
        (
            "tampered",
            format!("{}.{}.{}", parts[0], encode(other.to_string()), parts[2]),
        ),
        ("cut", format!("{}.{}.", parts[0], parts[1])),
        ("none", forge(&header("none"), parts[1], none)),
        ("None", forge(&header("None"), parts[1], none)),
        (
            "HS256 with the raw key",
            forge(&header("HS256"), parts[1], |m| hmac(&raw, m)),
        ),
        (
            "HS256 with the published key",
            forge(&header("HS256"), parts[1], |m| hmac(text.as_bytes(), m)),
        ),
        ("RS256", forge(&header("RS256"), parts[1], by_own)),
        ("another key", forge(&header("EdDSA"), parts[1], by_own)),
        ("an unknown kid", forge(&unknown, parts[1], by_own)),
        ("a key of the token's own", forge(&brings, parts[1], by_own)),
    ]
}

/// A key that the installation takes for one of its own, so that a token can be right but for one claim.
pub struct Planted(SigningKey);

const KID: &str = "planted";

impl Planted {
    /// Puts it into the installation's database.
    #[must_use]
    pub fn into(postgres_url: &str) -> Self {
        let key = SigningKey::from_bytes(&[11; 32]);
        let mut db = postgres::Client::connect(postgres_url, postgres::NoTls).expect("connect");
        // Retired, so that the installation does not sign with it.
        let sql = "INSERT INTO signing_keys (kid, private_sealed, public_x, created_at, retire_at, remove_at) \
                   VALUES ($1, 'none', $2, 1, 2, 9000000000000000)";
        let x = encode(key.verifying_key().as_bytes());
        db.execute(sql, &[&KID, &x]).expect("insert a key");
        Self(key)
    }

    /// A token with these claims.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": KID});
        forge(&header, &encode(claims.to_string()), |m| {
            self.0.sign(m).to_bytes().to_vec()
        })
    }

    /// Tokens that are right but for one claim each.
    #[must_use]
    pub fn wrong(&self, access: &str) -> Vec<(&'static str, String)> {
        let with = |name: &str, value: Value| {
            let mut claims = claims(access);
            claims[name] = value;
            self.sign(&claims)
        };
        let iat = claims(access)["iat"].as_i64().expect("a time");
        vec![
            ("expired", with("exp", json!(iat - 600))),
            ("not yet good", with("nbf", json!(iat + 3_600))),
            (
                "of another audience",
                with("aud", json!("https://other.example/api")),
            ),
            (
                "of another issuer",
                with("iss", json!("https://other.example")),
            ),
            ("without an end", with("exp", Value::Null)),
            ("of another's session", with("sub", json!("somebody-else"))),
            (
                "of no session",
                with("sid", json!("019ab4c2-0000-7000-8000-000000000000")),
            ),
        ]
    }
}
