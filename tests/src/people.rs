//! People who sign in: a small OpenID provider whose only rule is that the test says who comes.

use crate::{Answer, AppBuilder, Browser, Client, Reply, Server};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, OnceLock};

const CLIENT: &str = "assay";
const KID: &str = "people";

/// Who comes next, and the nonce of the sign-in that is on its way.
type Next = Arc<Mutex<(String, String)>>;

/// The provider; ends with its value.
pub struct People {
    server: Server,
    next: Next,
}

fn encode(value: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(value)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn id_token(issuer: &str, email: &str, nonce: &str) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock")
        .as_secs();
    let header = json!({"alg": "EdDSA", "kid": KID, "typ": "JWT"}).to_string();
    let claims = json!({
        "iss": issuer, "aud": CLIENT, "sub": email.to_lowercase(), "email": email, "email_verified": true,
        "name": email.split('@').next(), "nonce": nonce, "iat": now, "exp": now + 300,
    })
    .to_string();
    let signed = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes())
    );
    let signature = key().sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", encode(&signature))
}

impl People {
    /// Starts the provider.
    #[must_use]
    pub fn start() -> Self {
        let next = Next::default();
        let url: Arc<OnceLock<String>> = Arc::default();
        let (coming, own) = (next.clone(), url.clone());
        let server = Server::start(move |path, _| {
            let issuer = own.get().cloned().unwrap_or_default();
            match path {
                "/.well-known/openid-configuration" => Reply::json(
                    200,
                    &json!({
                        "issuer": issuer,
                        "authorization_endpoint": format!("{issuer}/authorize"),
                        "token_endpoint": format!("{issuer}/token"),
                        "jwks_uri": format!("{issuer}/keys"),
                        "id_token_signing_alg_values_supported": ["EdDSA"],
                    }),
                ),
                "/keys" => Reply::json(
                    200,
                    &json!({"keys": [{
                        "kty": "OKP", "crv": "Ed25519", "kid": KID, "alg": "EdDSA", "use": "sig",
                        "x": encode(key().verifying_key().as_bytes()),
                    }]}),
                ),
                _ => {
                    let (email, nonce) = coming.lock().expect("next").clone();
                    let token = id_token(&issuer, &email, &nonce);
                    Reply::json(200, &json!({"id_token": token, "token_type": "Bearer"}))
                }
            }
        });
        url.set(server.url.clone()).expect("once");
        Self { server, next }
    }

    /// A platform that knows the provider.
    #[must_use]
    pub fn known_to(&self, app: AppBuilder) -> AppBuilder {
        app.env("ASSAY_OIDC_NAME", "People")
            .env("ASSAY_OIDC_ISSUER", &self.server.url)
            .env("ASSAY_OIDC_CLIENT_ID", CLIENT)
            .env("ASSAY_OIDC_CLIENT_SECRET", "a-secret-of-the-test")
    }

    /// Access and refresh token of a person, for a program: in exchange for an ID token.
    #[must_use]
    pub fn tokens(&self, url: &str, email: &str) -> (String, String) {
        let token = id_token(&self.server.url, email, "a-nonce");
        let body = json!({"grant_type": "id_token", "provider": "oidc", "id_token": token, "nonce": "a-nonce"});
        let answer = Client::anonymous(url).post("/api/v1/auth/token", &body);
        let granted = answer.expect(200);
        let text = |name: &str| granted[name].as_str().expect("a token").to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// Signs a person in, who has proven the address.
    #[must_use]
    pub fn sign_in(&self, url: &str, email: &str) -> Visitor {
        let mut browser = Browser::new(url);
        let answer = browser.get("/api/v1/auth/sign-in/oidc");
        assert_eq!(answer.status, 303, "{}", answer.text);
        let to = answer.header("location").expect("a redirect").to_owned();
        let parameter = |name: &str| {
            let (_, rest) = to.split_once(&format!("{name}=")).expect("a parameter");
            rest.split('&').next().unwrap_or_default().to_owned()
        };
        let (state, nonce) = (parameter("state"), parameter("nonce"));
        *self.next.lock().expect("next") = (email.to_owned(), nonce);
        let back = browser.get(&format!(
            "/api/v1/auth/callback/oidc?code=any&state={state}"
        ));
        assert_eq!(back.status, 303, "{}", back.text);
        Visitor { browser }
    }
}

/// A person in a browser, who talks to the API as our pages do.
#[derive(Clone)]
pub struct Visitor {
    /// The browser.
    pub browser: Browser,
}

impl Visitor {
    /// The same person, acting in one of their workspaces.
    #[must_use]
    pub fn within(&self, workspace: &str) -> Self {
        let mut visitor = self.clone();
        visitor.browser.headers = vec![("x-assay-workspace".into(), workspace.into())];
        visitor
    }

    /// Sends JSON, or nothing when it is null.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let mut browser = self.browser.clone();
        let token = browser.cookies.get("assay_csrf").cloned();
        let token = token.unwrap_or_default();
        let headers = [
            ("x-csrf-token", token.as_str()),
            ("content-type", "application/json"),
        ];
        let text = (!body.is_null()).then(|| body.to_string());
        browser.send(method, path, &headers, text.as_deref())
    }

    /// `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    /// `POST` of JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body)
    }
}
