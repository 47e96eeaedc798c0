//! Access tokens for clients that are no browsers: short-lived, renewed by a refresh token that is used once.

use crate::session::{self, Kind};
use crate::{link, oidc, signing, user};
use assay_access::{ACCESS_TOKEN_S, AccessClaims, hash_secret};
use assay_edge::db::Db;
use assay_edge::{Ctx, IDLE_US, Problem, ProblemKind, Reply, clock, new_id, reply};
use serde::Deserialize;
use serde_json::json;

const BODY_LIMIT: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
enum Grant {
    /// A one-time link's token.
    SignInLink {
        token: String,
        workspace_id: Option<String>,
    },
    /// An ID token that the client holds already.
    IdToken {
        provider: String,
        id_token: String,
        nonce: Option<String>,
        workspace_id: Option<String>,
    },
    /// The refresh token of the last answer.
    RefreshToken { refresh_token: String },
}

/// `POST /api/v1/auth/token`.
pub(crate) async fn grant(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let grant: Grant = ctx.raw_json(BODY_LIMIT).await?;
    let db = ctx.platform.db().await?;
    let (user, workspace) = match grant {
        Grant::RefreshToken { refresh_token } => return refresh(&ctx, &db, &refresh_token).await,
        Grant::SignInLink {
            token,
            workspace_id,
        } => (link::take(&ctx.platform, &db, &token).await?, workspace_id),
        Grant::IdToken {
            provider,
            id_token,
            nonce,
            workspace_id,
        } => {
            let identity = oidc::prove(&ctx, &provider, &id_token, nonce.as_deref()).await?;
            (user::of_identity(&db, &identity).await?, workspace_id)
        }
    };
    let workspace = workspace.as_deref();
    let opened = session::open(&ctx, &db, &user, Kind::Token, workspace).await?;
    let now = clock::now().micros();
    let expires = now + session::SESSION_S * 1_000_000;
    let session = Session {
        user,
        id: opened.id,
        workspace: opened.workspace,
        expires,
    };
    answer(&ctx, &db, &session).await
}

struct Session {
    id: String,
    user: String,
    workspace: Option<String>,
    /// When it ends at the latest; a refresh token does not outlive it.
    expires: i64,
}

/// A new access token and the next refresh token.
async fn answer(ctx: &Ctx, db: &Db, session: &Session) -> Result<Reply, Problem> {
    let now = clock::now();
    let key = signing::current(&ctx.platform, db).await?;
    let (issuer, audience) = signing::issuer(&ctx.platform);
    let now_s = now.micros() / 1_000_000;
    let claims = AccessClaims {
        iss: issuer,
        aud: audience,
        sub: session.user.clone(),
        sid: session.id.clone(),
        wid: session.workspace.clone(),
        iat: now_s,
        nbf: now_s,
        exp: now_s + ACCESS_TOKEN_S,
        jti: new_id(),
    };
    let access = key.issue(&claims).map_err(Problem::internal)?;
    let refresh = session::new_secret("rt-as-")?;
    let sql = "INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    let row = [
        hash_secret(&ctx.platform.pepper, &refresh).into(),
        session.id.as_str().into(),
        now.into(),
        session.expires.into(),
    ];
    db.execute(sql, row).await?;
    reply::ok(&json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_S,
        "refresh_token": refresh,
        "session_id": session.id,
        "user_id": session.user,
        "workspace_id": session.workspace,
    }))
}

/// Uses a refresh token. One that was used before is in two hands: the whole session ends.
async fn refresh(ctx: &Ctx, db: &Db, token: &str) -> Result<Reply, Problem> {
    let wrong = || {
        let detail = "The refresh token is unknown, used or expired. Sign in again.";
        Problem::new(ProblemKind::Unauthenticated, detail)
            .naming("/refresh_token", "is unknown, used or expired")
    };
    let hash = hash_secret(&ctx.platform.pepper, token);
    let now = clock::now();
    let sql = "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
               RETURNING session_id";
    let taken = db.query(sql, [hash.as_str().into(), now.into()]).await?;
    let Some(row) = taken.first() else {
        let sql =
            "SELECT session_id FROM refresh_tokens WHERE token_hash = $1 AND used_at IS NOT NULL";
        if let Some(row) = db.query(sql, [hash.into()]).await?.first() {
            session::end(db, &row.text("session_id")?, "refresh_token_reused").await?;
        }
        return Err(wrong());
    };
    let sql = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 \
               AND last_seen_at > $3 AND EXISTS (SELECT 1 FROM users u WHERE u.id = sessions.user_id AND u.disabled_at IS NULL) \
               RETURNING id, user_id, workspace_id, expires_at";
    let params = [
        row.text("session_id")?.into(),
        now.into(),
        (now.micros() - IDLE_US).into(),
    ];
    let rows = db.query(sql, params).await?;
    let row = rows.first().ok_or_else(wrong)?;
    let session = Session {
        id: row.text("id")?,
        user: row.text("user_id")?,
        workspace: row.opt_text("workspace_id")?,
        expires: row.int("expires_at")?,
    };
    answer(ctx, db, &session).await
}
