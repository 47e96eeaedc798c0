//! Signing in with a provider: OpenID Connect's authorization code flow with PKCE.
//!
//! A sign-in rests in one row between going and coming back. The row is taken by one statement, so that an answer is used
//! once; it is bound to the browser by a cookie, so that nobody can finish another's sign-in, or make another finish theirs.

use crate::discovery::{self, Discovery, unavailable};
use crate::link::see_other;
use crate::providers::{self, Provider};
use crate::session::{self, Kind, new_secret, set_cookie};
use crate::user;
use assay_access::{
    Expected, Identity, TokenError, cookie, hash_secret, pkce_challenge, return_path,
    secrets_equal, sign_in_cookie, verify_id_token,
};
use assay_edge::kv::Kv;
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, header};
use serde::Deserialize;
use url::form_urlencoded;

/// How long a person may take at the provider, in seconds.
const SIGN_IN_S: i64 = 600;

fn redirect_uri(ctx: &Ctx, provider: &Provider) -> String {
    format!("{}/api/v1/auth/callback/{}", ctx.base_url(), provider.id)
}

fn place(state_hash: &str) -> String {
    format!("sign_ins/{state_hash}")
}

fn refused(detail: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, detail)
}

/// `GET /api/v1/auth/sign-in/{provider}`: on to the provider.
pub(crate) async fn start(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["return_to"])?;
    let provider = providers::find(ctx.param("provider")?).await?;
    let discovery = discovery::discover(&ctx.kv().await?, &provider).await?;
    let (state, nonce, verifier, browser) = (
        new_secret("")?,
        new_secret("")?,
        new_secret("")?,
        new_secret("")?,
    );
    let pepper = &ctx.platform.pepper;
    let state_hash = hash_secret(pepper, &state);
    let sealed = ctx.platform.keyring.seal(&place(&state_hash), &verifier)?;
    let now = clock::now();
    let expires = now.micros() + SIGN_IN_S * 1_000_000;
    let sql = "INSERT INTO sign_ins (state_hash, provider, nonce, verifier_sealed, browser_hash, return_to, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let row = [
        state_hash.into(),
        provider.id.into(),
        nonce.as_str().into(),
        sealed.into(),
        hash_secret(pepper, &browser).into(),
        return_path(ctx.query("return_to")).into(),
        now.into(),
        expires.into(),
    ];
    let db = ctx.platform.db().await?;
    db.execute("DELETE FROM sign_ins WHERE expires_at <= $1", [now.into()])
        .await?;
    db.execute(sql, row).await?;
    let mut url = url::Url::parse(&discovery.authorization_endpoint)
        .map_err(|e| unavailable(&provider, e))?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &redirect_uri(&ctx, &provider))
        .append_pair("scope", "openid email profile")
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &pkce_challenge(&verifier))
        .append_pair("code_challenge_method", "S256");
    let mut answer = see_other(url.as_str())?;
    let name = sign_in_cookie(ctx.platform.config.is_https());
    let headers = answer.headers_mut();
    set_cookie(headers, &ctx.platform, name, &browser, SIGN_IN_S, true)?;
    Ok(answer)
}

/// A sign-in that came back.
struct Returned {
    state_hash: String,
    nonce: String,
    verifier_sealed: String,
    return_to: String,
}

/// Takes the row of the sign-in that an answer belongs to. Whatever is wrong, it is gone after.
async fn take(ctx: &Ctx, provider: &Provider) -> Result<Returned, Problem> {
    let unknown = || {
        refused("This sign-in is unknown, used or expired. Start again.")
            .naming("state", "is unknown, used or expired")
    };
    let pepper = &ctx.platform.pepper;
    let state_hash = hash_secret(pepper, ctx.query("state").ok_or_else(unknown)?);
    let sql = "DELETE FROM sign_ins WHERE state_hash = $1 \
               RETURNING provider, nonce, verifier_sealed, browser_hash, return_to, expires_at";
    let db = ctx.platform.db().await?;
    let rows = db.query(sql, [state_hash.as_str().into()]).await?;
    let row = rows.first().ok_or_else(unknown)?;
    let name = sign_in_cookie(ctx.platform.config.is_https());
    let browser = ctx
        .headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|h| h.to_str().ok())
        .find_map(|h| cookie(h, name))
        .unwrap_or_default();
    let same = secrets_equal(&row.text("browser_hash")?, &hash_secret(pepper, browser));
    let late = row.int("expires_at")? <= clock::now().micros();
    if !same || late || row.text("provider")? != provider.id {
        return Err(unknown());
    }
    Ok(Returned {
        state_hash,
        nonce: row.text("nonce")?,
        verifier_sealed: row.text("verifier_sealed")?,
        return_to: row.text("return_to")?,
    })
}

/// `GET /api/v1/auth/callback/{provider}`: back from the provider, with a code or an error.
pub(crate) async fn callback(ctx: Ctx) -> Result<Reply, Problem> {
    let provider = providers::find(ctx.param("provider")?).await?;
    let returned = take(&ctx, &provider).await?;
    let kv = ctx.kv().await?;
    let discovery = discovery::discover(&kv, &provider).await?;
    // Whoever answers for another issuer would be given this one's code (RFC 9207).
    let issuer = ctx.query("iss");
    let named = discovery.authorization_response_iss_parameter_supported;
    if issuer.is_some_and(|i| i != discovery.issuer) || (named && issuer.is_none()) {
        return Err(refused("The answer is of another identity provider.")
            .naming("iss", "is another issuer"));
    }
    if let Some(error) = ctx.query("error") {
        let known = error.len() <= 40 && error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let error = if known { error } else { "an error" };
        return Err(refused(&format!(
            "{} ended the sign-in: {error}.",
            provider.name
        )));
    }
    let code = ctx
        .query("code")
        .ok_or_else(|| Problem::field("code", "is missing"))?;
    let verifier = ctx
        .platform
        .keyring
        .open(&place(&returned.state_hash), &returned.verifier_sealed)
        .map_err(Problem::internal)?;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &redirect_uri(&ctx, &provider))
        .append_pair("code_verifier", verifier.expose())
        .finish();
    let tokens = exchange(&provider, &discovery, form).await?;
    let expected = Expected {
        issuer: &discovery.issuer,
        client_id: &provider.client_id,
        nonce: Some(&returned.nonce),
        access_token: tokens.access_token.as_deref(),
        own_addresses: provider.is_one_tenant(),
    };
    let identity = proven(&kv, &provider, &discovery, &tokens.id_token, &expected).await?;
    let db = ctx.platform.db().await?;
    let user = user::of_identity(&db, &identity).await?;
    let opened = session::open(&ctx, &db, &user, Kind::Cookie, None).await?;
    let mut answer = see_other(&returned.return_to)?;
    let headers = answer.headers_mut();
    opened.write_cookies(headers, &ctx.platform)?;
    let name = sign_in_cookie(ctx.platform.config.is_https());
    set_cookie(headers, &ctx.platform, name, "", 0, true)?;
    Ok(answer)
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Exchanges the code.
async fn exchange(
    provider: &Provider,
    discovery: &Discovery,
    mut form: String,
) -> Result<Tokens, Problem> {
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let (id, secret) = (encode(&provider.client_id), encode(&provider.client_secret));
    let mut headers = vec![(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    if secret.is_empty() {
        form.push_str(&format!("&client_id={id}"));
    } else if discovery.takes_basic() {
        let basic = STANDARD.encode(format!("{id}:{secret}"));
        headers.push(("authorization".to_owned(), format!("Basic {basic}")));
    } else {
        form.push_str(&format!("&client_id={id}&client_secret={secret}"));
    }
    let url = &discovery.token_endpoint;
    let (status, body) =
        discovery::call(provider, Method::POST, url, headers, form.into_bytes()).await?;
    if status.is_success() {
        // The cause is not logged: a part of the answer could be in it.
        return serde_json::from_slice(&body)
            .map_err(|_| unavailable(provider, "its token answer cannot be read"));
    }
    let error =
        serde_json::from_slice::<Refusal>(&body).map_or_else(|_| String::new(), |r| r.error);
    match error.as_str() {
        "invalid_grant" => Err(
            refused("The sign-in code is wrong, used or expired. Start again.")
                .naming("code", "is wrong, used or expired"),
        ),
        "invalid_client" | "unauthorized_client" => {
            let detail = format!(
                "{} does not accept this installation's client.",
                provider.name
            );
            Err(Problem::new(ProblemKind::Misconfigured, detail))
        }
        _ => Err(unavailable(
            provider,
            format!("its token endpoint answers {status}"),
        )),
    }
}

/// Proves an ID token; reads the provider's keys again when it names one that is not known.
async fn proven(
    kv: &Kv,
    provider: &Provider,
    discovery: &Discovery,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Identity, Problem> {
    let now_s = clock::now().micros() / 1_000_000;
    let keys = discovery::keys(kv, provider, discovery, false).await?;
    let mut found = verify_id_token(token, &keys, expected, now_s);
    if let Err(TokenError::UnknownKey) = found {
        let keys = discovery::keys(kv, provider, discovery, true).await?;
        found = verify_id_token(token, &keys, expected, now_s);
    }
    let mut identity = found.map_err(|why| {
        refused(&format!("The ID token {why}.")).naming("/id_token", why.to_string())
    })?;
    identity.email = identity.email.filter(|_| provider.proves_addresses());
    Ok(identity)
}

/// Proves an ID token that a client brings of its own.
pub(crate) async fn prove(
    ctx: &Ctx,
    provider: &str,
    token: &str,
    nonce: Option<&str>,
) -> Result<Identity, Problem> {
    let found = providers::all()
        .await?
        .into_iter()
        .find(|p| p.id == provider);
    let provider =
        found.ok_or_else(|| Problem::field("/provider", "is not offered by this installation"))?;
    let kv = ctx.kv().await?;
    let discovery = discovery::discover(&kv, &provider).await?;
    let expected = Expected {
        issuer: &discovery.issuer,
        client_id: &provider.client_id,
        nonce,
        access_token: None,
        own_addresses: provider.is_one_tenant(),
    };
    proven(&kv, &provider, &discovery, token, &expected).await
}
