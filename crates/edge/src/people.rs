//! People: a session's cookie or access token, turned into who is calling and what they may do where.
//!
//! What a session is worth is looked up at each request: signing out, removing a member and changing a role act at once.
//! Only `identity` carries the code that proves tokens; the other components ask it.

use crate::chain;
use crate::clock;
use crate::db::{Db, Row};
use crate::guard::{Actor, Principal, grant};
use crate::log::log_error;
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use assay_access::{cookie, csrf_holds, hash_secret, same_origin, session_cookie};
use assay_model::Timestamp;
use http::{HeaderMap, Method, Uri, header};
use serde::{Deserialize, Serialize};

/// The header by which a person names one of their workspaces.
pub const WORKSPACE: &str = "x-assay-workspace";
/// The header that proves that a page of ours made the request.
pub const CSRF: &str = "x-csrf-token";
/// Where `identity` proves access tokens for the other components.
pub const AUTHENTICATE: &str = "/internal/authenticate";
/// How often it is noted that a session was used, in microseconds.
const SEEN_EVERY_US: i64 = 60_000_000;
/// How long a session lives unused, in microseconds.
pub const IDLE_US: i64 = 14 * 24 * 3_600 * 1_000_000;

/// A request, as far as it tells who is calling.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
}

impl Asked<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The session's cookie, if there is one.
    pub(crate) fn cookie(&self, platform: &Platform) -> Option<&str> {
        let name = session_cookie(platform.config.is_https());
        let headers = self.headers.get_all(header::COOKIE).into_iter();
        headers
            .filter_map(|h| h.to_str().ok())
            .find_map(|h| cookie(h, name))
    }

    /// The host that the client thinks it talks to.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.header("host")
            .or_else(|| self.uri.authority().map(http::uri::Authority::as_str))
    }

    /// Whether a request with a cookie was made by a page of ours.
    fn check_forgery(&self, platform: &Platform, session: &str) -> Result<(), Problem> {
        if matches!(*self.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        check_origin(self, platform)?;
        if csrf_holds(&platform.pepper, session, self.header(CSRF)) {
            return Ok(());
        }
        let detail = format!("Send the session's token in the header `{CSRF}`.");
        Err(Problem::new(ProblemKind::Forbidden, detail).naming(CSRF, "is missing or wrong"))
    }
}

/// Refuses a request that a page of another site made.
pub(crate) fn check_origin(asked: &Asked<'_>, platform: &Platform) -> Result<(), Problem> {
    let public_url = &platform.config.public_url;
    if same_origin(asked.header("origin"), public_url, asked.authority()) {
        return Ok(());
    }
    let detail = "The request comes from a page of another site.";
    Err(Problem::new(ProblemKind::Forbidden, detail).naming("origin", "is not this site"))
}

/// A person who signed in, wherever they may do something or nothing.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The session's id.
    pub session: String,
}

/// How a person shows their session.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    Cookie(&'a str),
    Token(&'a str),
}

/// What `identity` says of an access token. `None` when it proves nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proven {
    /// The person's id.
    pub user: String,
    /// The session's id.
    pub session: String,
    /// The workspace that the token is for.
    pub workspace: Option<String>,
}

fn wrong() -> Problem {
    let detail = "The session or access token is unknown, wrong, expired or revoked.";
    Problem::new(ProblemKind::Unauthenticated, detail)
}

const SELECT: &str = "SELECT s.id AS session, s.user_id AS user_id, s.last_seen_at AS last_seen_at, \
     m.workspace_id AS workspace_id, m.role AS role, r.permissions AS custom, CAST(NULL AS TEXT) AS scopes \
     FROM sessions s JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL \
     LEFT JOIN members m ON m.user_id = s.user_id \
     LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND 'custom:' || r.id = m.role";
/// The workspace that was asked for, then the session's, then the oldest membership.
const ORDER: &str = "AND s.revoked_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3 \
     ORDER BY CASE WHEN m.workspace_id = $4 THEN 0 WHEN m.workspace_id = s.workspace_id THEN 1 ELSE 2 END, \
     m.created_at, m.workspace_id LIMIT 1";

/// The session's row, with the best of the person's memberships.
async fn find(
    db: &Db,
    by: &str,
    key: &str,
    wanted: &str,
    now: Timestamp,
) -> Result<Option<Row>, Problem> {
    let idle = now.micros() - IDLE_US;
    let params = [key.into(), now.into(), idle.into(), wanted.into()];
    let sql = format!("{SELECT} WHERE s.{by} = $1 {ORDER}");
    Ok(db.query(&sql, params).await?.into_iter().next())
}

/// Proves the session and finds the membership to act by.
async fn resolve(
    asked: &Asked<'_>,
    platform: &Platform,
    shown: Shown<'_>,
) -> Result<(Person, Row, Option<String>), Problem> {
    let db = platform.db().await?;
    let now = clock::now();
    let header = asked.header(WORKSPACE).filter(|w| !w.contains('\0'));
    let (row, bound) = match shown {
        Shown::Cookie(secret) => {
            let hash = hash_secret(&platform.pepper, secret);
            let wanted = header.unwrap_or_default();
            (find(&db, "token_hash", &hash, wanted, now).await?, None)
        }
        Shown::Token(token) => {
            let body = serde_json::json!({"token": token});
            let proven: Option<Proven> =
                chain::call(platform, "identity", AUTHENTICATE, &body).await?;
            let proven = proven.ok_or_else(wrong)?;
            let wanted = header.or(proven.workspace.as_deref()).unwrap_or_default();
            let row = find(&db, "id", &proven.session, wanted, now).await?;
            let same = row
                .as_ref()
                .is_some_and(|r| r.text("user_id").is_ok_and(|u| u == proven.user));
            (row.filter(|_| same), proven.workspace)
        }
    };
    let row = row.ok_or_else(wrong)?;
    let person = Person {
        id: row.text("user_id")?,
        session: row.text("session")?,
    };
    if let Shown::Cookie(_) = shown {
        asked.check_forgery(platform, &person.session)?;
    }
    if now.micros() - row.int("last_seen_at")? > SEEN_EVERY_US {
        let sql = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1";
        let params = [person.session.as_str().into(), now.into()];
        // A store that cannot be written to may still be read from.
        if let Err(error) = db.execute(sql, params).await {
            log_error("edge", "", "last use of a session", &error.to_string());
        }
    }
    Ok((person, row, bound))
}

/// The person, whatever they may do.
pub(crate) async fn person(
    asked: &Asked<'_>,
    platform: &Platform,
    shown: Shown<'_>,
) -> Result<Person, Problem> {
    Ok(resolve(asked, platform, shown).await?.0)
}

/// The person as a member of one workspace.
pub(crate) async fn actor(
    asked: &Asked<'_>,
    platform: &Platform,
    shown: Shown<'_>,
) -> Result<Actor, Problem> {
    let (person, row, bound) = resolve(asked, platform, shown).await?;
    let found = row.opt_text("workspace_id")?;
    let forbidden = |detail: &str| Problem::new(ProblemKind::Forbidden, detail);
    if let Some(wanted) = asked.header(WORKSPACE) {
        // Whether it exists is told to its members only.
        if found.as_deref() != Some(wanted) {
            return Err(Problem::not_found("workspace").naming(WORKSPACE, "is none of yours"));
        }
    } else if bound.is_some() && found != bound {
        // A token is for one workspace: it does not silently act on another.
        return Err(forbidden(
            "You are not a member of the workspace that the access token is for.",
        ));
    }
    let workspace = found.ok_or_else(|| forbidden("You are not a member of any workspace."))?;
    Ok(Actor {
        workspace,
        principal: Principal::User {
            id: person.id,
            session: person.session,
        },
        grant: grant(&row)?,
    })
}
