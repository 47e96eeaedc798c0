//! One-time links that sign a person in, such as the owner's at the first start.
//!
//! Opening the link only shows a button: what previews links (mail scanners, chats, browsers that read ahead) does not
//! use it up. Pressing the button does.

use crate::session::{self, Kind};
use assay_access::hash_secret;
use assay_edge::db::Db;
use assay_edge::{Ctx, Platform, Problem, ProblemKind, Reply, clock, reply};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

const PREFIX: &str = "sl-as-";
/// How long a link is good, in microseconds.
const LIVES_US: i64 = 3_600 * 1_000_000;
/// A form with a token in it is small.
const FORM_LIMIT: usize = 4096;

/// Makes a link for the first owner of the first workspace and gives its path; `None` when there is no owner, or, where
/// it is for the `first` time only, when the owner was here before. Links made before end.
pub(crate) async fn for_owner(
    platform: &Platform,
    db: &Db,
    first: bool,
) -> Result<Option<String>, Problem> {
    let sql = "SELECT u.id AS user_id, u.last_sign_in_at AS last_sign_in_at FROM system_settings s \
               JOIN members m ON m.workspace_id = s.value AND m.role = 'owner' JOIN users u ON u.id = m.user_id \
               WHERE s.name = 'bootstrapped' ORDER BY m.created_at, m.user_id LIMIT 1";
    let rows = db.query(sql, Vec::new()).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    if first && row.opt_int("last_sign_in_at")?.is_some() {
        return Ok(None);
    }
    let (user, now) = (row.text("user_id")?, clock::now());
    let token = session::new_secret(PREFIX)?;
    let sql = "UPDATE sign_in_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL";
    db.execute(sql, [user.as_str().into(), now.into()]).await?;
    let sql = "INSERT INTO sign_in_links (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    let row = [
        hash_secret(&platform.pepper, &token).into(),
        user.into(),
        now.into(),
        (now.micros() + LIVES_US).into(),
    ];
    db.execute(sql, row).await?;
    Ok(Some(format!("/api/v1/auth/link?token={token}")))
}

/// Uses a link up: the person it is for.
pub(crate) async fn take(platform: &Platform, db: &Db, token: &str) -> Result<String, Problem> {
    let sql = "UPDATE sign_in_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
               RETURNING user_id";
    let hash = hash_secret(&platform.pepper, token);
    let rows = db.query(sql, [hash.into(), clock::now().into()]).await?;
    let row = rows.first().ok_or_else(|| {
        let detail = "The sign-in link is unknown, used or expired.";
        Problem::new(ProblemKind::Unauthenticated, detail)
            .naming("/token", "is unknown, used or expired")
    })?;
    Ok(row.text("user_id")?)
}

fn is_token(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 64 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `GET /api/v1/auth/link`: a page with a button.
pub(crate) async fn show(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["token"])?;
    let token = ctx.query("token").unwrap_or_default();
    // What is no token is not written into a page.
    if !is_token(token) {
        return Err(Problem::field("token", "is not a sign-in link's token"));
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in to Assay</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px system-ui;display:grid;place-items:center;min-height:90vh}}\
         button{{font:inherit;padding:.6em 1.4em}}</style>\
         <main><h1>Sign in to Assay</h1><p>This link works once.</p>\
         <form method=\"post\" action=\"/api/v1/auth/link\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <button autofocus>Sign in</button></form></main></html>"
    );
    let mut answer = reply::bytes(StatusCode::OK, "text/html; charset=utf-8", page);
    let csp = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        ("content-security-policy", csp),
        // Not `no-referrer`, which would also hide from ourselves where the form was sent from.
        ("referrer-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        let (name, value) = (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    token: String,
}

/// `POST /api/v1/auth/link`: uses the link up and opens a session by cookie. A form is sent on to the front page, JSON
/// gets JSON.
pub(crate) async fn exchange(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    ctx.same_origin()?;
    let form = ctx
        .header("content-type")
        .is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let token = if form {
        let body = ctx.bytes(FORM_LIMIT).await?;
        let mut fields = url::form_urlencoded::parse(&body);
        fields
            .find(|(name, _)| name == "token")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    } else {
        ctx.raw_json::<Use>(FORM_LIMIT).await?.token
    };
    let db = ctx.platform.db().await?;
    let user = take(&ctx.platform, &db, &token).await?;
    let opened = session::open(&ctx, &db, &user, Kind::Cookie, None).await?;
    let mut answer = if form {
        see_other("/")?
    } else {
        reply::ok(&json!({
            "user_id": user,
            "session_id": opened.id,
            "workspace_id": opened.workspace,
            "csrf_token": opened.csrf(&ctx.platform),
            "expires_in": session::SESSION_S,
        }))?
    };
    opened.write_cookies(answer.headers_mut(), &ctx.platform)?;
    Ok(answer)
}

/// 303 to a path of ours or to a provider.
pub(crate) fn see_other(to: &str) -> Result<Reply, Problem> {
    let mut answer = reply::no_content();
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let to = HeaderValue::from_str(to).map_err(|_| Problem::internal("a redirect's address"))?;
    answer.headers_mut().insert(header::LOCATION, to);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn only_a_token_is_written_into_the_page() {
        assert!(is_token(&format!("sl-as-{}", "0f".repeat(32))));
        for bad in ["", "sl-as-", "sl-as-\"><script>", &"a".repeat(70)] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
