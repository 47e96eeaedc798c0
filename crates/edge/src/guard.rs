//! Who is calling, turned into an [`Actor`]: an API key, as Basic (public and secret) or Bearer (secret), or a person
//! who signed in, by an access token as Bearer or by the session's cookie.

use crate::chain;
use crate::clock;
use crate::db::{Db, Row};
use crate::log::log_error;
use crate::people::{self, Asked, Person, Shown};
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use assay_access::{Grant, PermissionSet, RoleName, hash_secret, looks_like_token, secrets_equal};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use std::cell::Cell;

thread_local! {
    /// Whether this instance has seen the first start done, so that wrong keys cost no more than right ones.
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// The caller, proven.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The workspace the credential belongs to.
    pub workspace: String,
    /// Who it is.
    pub principal: Principal,
    /// What the caller may do in the workspace.
    pub grant: Grant,
}

/// Who a caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An API key, by its id, and the service account that it belongs to.
    ApiKey {
        /// The key's id.
        id: String,
        /// The account's id.
        service_account: Option<String>,
    },
    /// A person who signed in.
    User {
        /// The person's id.
        id: String,
        /// The session's id.
        session: String,
    },
}

impl Principal {
    /// The word for its kind, as the audit log has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ApiKey {
                service_account: None,
                ..
            } => "api_key",
            Self::ApiKey { .. } => "service_account",
            Self::User { .. } => "user",
        }
    }

    /// The id that `created_by` names.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::ApiKey {
                id,
                service_account,
            } => service_account.as_deref().unwrap_or(id),
            Self::User { id, .. } => id,
        }
    }
}

struct Credential {
    public: Option<String>,
    secret: String,
}

/// What a request shows.
enum Presented<'a> {
    Key(Credential),
    Person(Shown<'a>),
}

/// A person's token or cookie where there is one, an API key otherwise. The `Authorization` header is stronger than a
/// cookie, which the browser sends unasked.
fn presented<'a>(asked: &'a Asked<'_>, platform: &Platform) -> Result<Presented<'a>, Problem> {
    match asked.header(header::AUTHORIZATION.as_str()) {
        Some(value) => {
            if let Some(token) = bearer(value).filter(|t| looks_like_token(t)) {
                return Ok(Presented::Person(Shown::Token(token)));
            }
        }
        None if asked.headers.contains_key(header::AUTHORIZATION) => {}
        None => {
            if let Some(secret) = asked.cookie(platform) {
                return Ok(Presented::Person(Shown::Cookie(secret)));
            }
        }
    }
    credential(asked.headers).map(Presented::Key)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim())
}

/// Proves a person, whatever they may do.
pub(crate) async fn person(asked: &Asked<'_>, platform: &Platform) -> Result<Person, Problem> {
    match presented(asked, platform)? {
        Presented::Person(shown) => people::person(asked, platform, shown).await,
        Presented::Key(credential) => {
            by_key(credential, platform).await?;
            let detail = "An API key is not a person. Sign in.";
            Err(Problem::new(ProblemKind::Forbidden, detail))
        }
    }
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, detail)
}

/// Reads the `Authorization` header.
fn credential(headers: &HeaderMap) -> Result<Credential, Problem> {
    let bad =
        || unauthenticated("The Authorization header is neither Basic nor Bearer with an API key.");
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| unauthenticated("Send an API key in the Authorization header."))?;
    let (scheme, rest) = value
        .to_str()
        .map_err(|_| bad())?
        .split_once(' ')
        .ok_or_else(bad)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Credential {
            public: None,
            secret: rest.trim().to_owned(),
        });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(bad());
    }
    let pair = STANDARD
        .decode(rest.trim())
        .ok()
        .and_then(|b| String::from_utf8(b).ok())
        .ok_or_else(bad)?;
    let (public, secret) = pair.split_once(':').ok_or_else(bad)?;
    Ok(Credential {
        public: Some(public.to_owned()),
        secret: secret.to_owned(),
    })
}

/// Proves the caller.
pub(crate) async fn authenticate(asked: &Asked<'_>, platform: &Platform) -> Result<Actor, Problem> {
    match presented(asked, platform)? {
        Presented::Key(credential) => by_key(credential, platform).await,
        Presented::Person(shown) => people::actor(asked, platform, shown).await,
    }
}

/// One answer for every way a key can be wrong, so that none can be probed.
async fn by_key(credential: Credential, platform: &Platform) -> Result<Actor, Problem> {
    let wrong = || unauthenticated("The API key is unknown, wrong, expired or revoked.");
    if credential.secret.is_empty() || credential.secret.len() > 500 {
        return Err(wrong());
    }
    let hash = hash_secret(&platform.pepper, &credential.secret);
    let db = platform.db().await?;
    let row = match find(&db, &hash).await? {
        Some(row) => row,
        None if first_start(platform, &db).await? => find(&db, &hash).await?.ok_or_else(wrong)?,
        None => return Err(wrong()),
    };
    let same = secrets_equal(&row.text("secret_hash")?, &hash);
    let named = match credential.public {
        Some(public) => secrets_equal(&row.text("public_key")?, &public),
        None => true,
    };
    let now = clock::now();
    let expired = row
        .opt_int("expires_at")?
        .is_some_and(|t| t <= now.micros());
    let service_account = row.opt_text("service_account_id")?;
    let disabled = service_account.is_some() && row.int("enabled")? == 0;
    if !same || !named || expired || disabled {
        return Err(wrong());
    }
    let (workspace, id) = (row.text("workspace_id")?, row.text("id")?);
    let last_used = row.opt_int("last_used_at")?.unwrap_or_default();
    if now.micros() - last_used > LAST_USED_EVERY_US {
        let sql = "UPDATE api_keys SET last_used_at = $3 WHERE workspace_id = $1 AND id = $2";
        let key = [workspace.as_str().into(), id.as_str().into(), now.into()];
        // A store that cannot be written to may still be read from.
        if let Err(error) = db.execute(sql, key).await {
            log_error("edge", "", "last use of a key", &error.to_string());
        }
    }
    Ok(Actor {
        workspace,
        principal: Principal::ApiKey {
            id,
            service_account,
        },
        grant: grant(&row)?,
    })
}

/// How often the last use of a key is noted, in microseconds.
const LAST_USED_EVERY_US: i64 = 60_000_000;

/// What a row with `role`, `custom` and `scopes` grants.
pub(crate) fn grant(row: &Row) -> Result<Grant, Problem> {
    let set = |column: &str| -> Result<Option<PermissionSet>, Problem> {
        let text = row.opt_text(column)?;
        text.map(|json| serde_json::from_str(&json).map_err(Problem::internal))
            .transpose()
    };
    let role: RoleName = row.text("role")?.parse().map_err(Problem::internal)?;
    Ok(Grant::new(role, set("custom")?, set("scopes")?))
}

/// A service account's keys have its role, whatever was theirs.
const FIND: &str = "SELECT k.workspace_id AS workspace_id, k.id AS id, k.public_key AS public_key, \
     k.secret_hash AS secret_hash, COALESCE(s.role, k.role) AS role, r.permissions AS custom, k.scopes AS scopes, \
     k.expires_at AS expires_at, k.last_used_at AS last_used_at, k.service_account_id AS service_account_id, \
     CASE WHEN s.id IS NOT NULL AND s.disabled_at IS NULL THEN 1 ELSE 0 END AS enabled FROM api_keys k \
     LEFT JOIN service_accounts s ON s.workspace_id = k.workspace_id AND s.id = k.service_account_id \
     LEFT JOIN roles r ON r.workspace_id = k.workspace_id AND 'custom:' || r.id = COALESCE(s.role, k.role) \
     WHERE k.secret_hash = $1 AND k.revoked_at IS NULL";

async fn find(db: &Db, hash: &str) -> Result<Option<Row>, Problem> {
    Ok(db.query(FIND, [hash.into()]).await?.into_iter().next())
}

/// Under an engine that starts components only when a request comes, nobody has called `/internal/boot` before the
/// first request: so the first unknown key does, once an instance. Whether it is worth looking the key up again.
async fn first_start(platform: &Platform, db: &Db) -> Result<bool, Problem> {
    if STARTED.get() {
        return Ok(false);
    }
    let sql = "SELECT 1 AS one FROM system_settings WHERE name = 'bootstrapped'";
    if db.query(sql, Vec::new()).await?.is_empty() {
        let body = serde_json::json!({"exclusive": false});
        chain::call::<_, serde_json::Value>(platform, "identity", "/internal/boot", &body).await?;
    }
    // Also when there is nothing to start with: what the operator sets reaches only new instances.
    STARTED.set(true);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut h = HeaderMap::new();
        h.insert(header::AUTHORIZATION, value.parse().unwrap());
        h
    }

    #[test]
    fn reads_both_schemes() {
        let c = credential(&headers("Bearer sk-1")).unwrap();
        assert_eq!((c.public, c.secret.as_str()), (None, "sk-1"));
        let c = credential(&headers(&format!(
            "basic {}",
            STANDARD.encode("pk:sk:with:colons")
        )))
        .unwrap();
        assert_eq!(
            (c.public.as_deref(), c.secret.as_str()),
            (Some("pk"), "sk:with:colons")
        );
    }

    #[test]
    fn refuses_the_rest() {
        for bad in ["", "Bearer", "Digest x", "Basic !!!", "Basic cGs="] {
            assert!(credential(&headers(bad)).is_err(), "{bad}");
        }
        assert!(credential(&HeaderMap::new()).is_err());
    }
}
