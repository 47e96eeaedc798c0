//! Signing in and out: part of the component `identity`.

use crate::examples::{ID, TIME};
use crate::operation::Access::{Person, Public};
use crate::operation::{Operation, Part};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A key that proves access tokens.
#[derive(Serialize, JsonSchema)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    alg: String,
    r#use: String,
    x: String,
}

/// Keys that prove access tokens.
#[derive(Serialize, JsonSchema)]
struct JwkSet {
    keys: Vec<Jwk>,
}

/// A one-time link's token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignInLink {
    #[schemars(extend("writeOnly" = true))]
    #[expect(dead_code, reason = "described, not read")]
    token: String,
}

/// A session that was opened. Its secret is in the cookie alone.
#[derive(Serialize, JsonSchema)]
struct OpenedSession {
    user_id: String,
    session_id: String,
    workspace_id: Option<String>,
    /// What unsafe requests carry in `x-csrf-token`.
    csrf_token: String,
    /// Seconds.
    expires_in: i64,
}

/// An identity provider.
#[derive(Serialize, JsonSchema)]
struct Provider {
    id: String,
    name: String,
    #[schemars(extend("format" = "uri-reference"))]
    sign_in_url: String,
}

/// The identity providers that are offered.
#[derive(Serialize, JsonSchema)]
struct Providers {
    data: Vec<Provider>,
}

/// What an access token is given for.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
#[expect(dead_code, reason = "described, not read")]
enum TokenGrant {
    /// A one-time link's token.
    SignInLink {
        token: String,
        workspace_id: Option<String>,
    },
    /// An ID token of a provider that is offered.
    IdToken {
        provider: String,
        id_token: String,
        /// Compared with the token's, where it is given.
        nonce: Option<String>,
        workspace_id: Option<String>,
    },
    /// The refresh token of the last answer. It works once; a second use ends the session.
    RefreshToken { refresh_token: String },
}

/// An access token, and what renews it.
#[derive(Serialize, JsonSchema)]
struct GrantedTokens {
    access_token: String,
    token_type: String,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
    session_id: String,
    user_id: String,
    workspace_id: Option<String>,
}

/// A session of the caller's own.
#[derive(Serialize, JsonSchema)]
struct Session {
    id: String,
    /// `cookie` or `token`.
    kind: String,
    /// Whether it is the one that asks.
    current: bool,
    created_at: assay_model::Timestamp,
    last_seen_at: assay_model::Timestamp,
    expires_at: assay_model::Timestamp,
    user_agent: Option<String>,
    address: Option<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    let auth = Part {
        component: "identity",
        tag: "Sign-in",
    };
    let text = || Box::new(|_: &mut _| json!({"type": "string"}));
    let session = json!({
        "id": ID, "kind": "cookie", "current": true, "created_at": TIME, "last_seen_at": TIME, "expires_at": TIME,
        "user_agent": "Mozilla/5.0", "address": "192.0.2.7",
    });
    let form = json!({"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}});
    vec![
        auth.op("get_jwks", "GET", "/api/v1/auth/jwks.json", Public, 200, "Publish the keys of access tokens")
            .about("The current key and those whose tokens may still be about.")
            .answer::<JwkSet>(json!({"keys": [{
                "kty": "OKP", "crv": "Ed25519", "kid": "q1Yk0A6n2mQ9d3xZ", "alg": "EdDSA", "use": "sig",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            }]})),
        auth.op("show_sign_in_link", "GET", "/api/v1/auth/link", Public, 200, "Show a sign-in link's button")
            .about("Does not use the link up.")
            .filter("token", "The link's token.")
            .gives("text/html", text(), json!(null)),
        auth.op("use_sign_in_link", "POST", "/api/v1/auth/link", Public, 200, "Sign in by a one-time link")
            .about("Opens a session by cookie. A form is answered by a redirect to the front page.")
            .body::<SignInLink>(json!({"token": "sl-as-7d1f"}))
            .takes("application/x-www-form-urlencoded", Box::new(move |_| form.clone()), json!({"token": "sl-as-7d1f"}))
            .answer::<OpenedSession>(json!({
                "user_id": ID, "session_id": ID, "workspace_id": ID, "csrf_token": "5f0c", "expires_in": 2_592_000,
            }))
            .problem_as(401, "The link is unknown, used or expired")
            .problem_as(403, "The page is another site's, or the account is disabled"),
        auth.op("list_identity_providers", "GET", "/api/v1/auth/providers", Public, 200, "List the identity providers")
            .answer::<Providers>(json!({
                "data": [{"id": "google", "name": "Google", "sign_in_url": "/api/v1/auth/sign-in/google"}],
            })),
        auth.op("sign_in", "GET", "/api/v1/auth/sign-in/{provider}", Public, 303, "Sign in with a provider")
            .about("Sends the browser to the provider: OpenID Connect's code flow with PKCE.")
            .filter("return_to", "A path of this site to come back to.")
            .sends("Location")
            .problem(502),
        auth.op("come_back", "GET", "/api/v1/auth/callback/{provider}", Public, 303, "Come back from a provider")
            .about("Opens a session by cookie.")
            .filter("code", "The provider's code.")
            .filter("state", "What the sign-in began with.")
            .filter("iss", "The provider's issuer.")
            .filter("error", "Why there is no code.")
            .sends("Location")
            .problem_as(401, "The answer is not this sign-in's, was used, or proves nothing")
            .problem_as(403, "The account is disabled")
            .problem(502),
        auth.op("get_token", "POST", "/api/v1/auth/token", Public, 200, "Get or renew an access token")
            .body::<TokenGrant>(json!({"grant_type": "refresh_token", "refresh_token": "rt-as-2b6e"}))
            .answer::<GrantedTokens>(json!({
                "access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 600,
                "refresh_token": "rt-as-90aa", "session_id": ID, "user_id": ID, "workspace_id": ID,
            }))
            .problem_as(401, "What is shown is unknown, used, expired or proves nothing")
            .problem_as(403, "The account is disabled")
            .problem_as(404, "The workspace is none of the person's")
            .problem(502),
        auth.op("sign_out", "POST", "/api/v1/auth/sign-out", Person, 204, "Sign out"),
        auth.op("sign_out_everywhere", "POST", "/api/v1/auth/sign-out-everywhere", Person, 204, "End all sessions"),
        auth.op("list_sessions", "GET", "/api/v1/auth/sessions", Person, 200, "List one's sessions")
            .about("Those that still live, newest first.")
            .page::<Session>(session),
        auth.op("end_session", "DELETE", "/api/v1/auth/sessions/{id}", Person, 204, "End a session")
            .about("The next request of that session is refused."),
    ]
}
