//! Who is calling: an API key, as Basic (public and secret) or Bearer (secret), turned into an [`Actor`].

use crate::chain;
use crate::clock;
use crate::db::{Db, Row};
use crate::platform::Platform;
use crate::problem::{Problem, ProblemKind};
use assay_access::{Role, hash_secret, secrets_equal};
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
    /// The API key's id.
    pub key_id: String,
    /// What the caller is in the workspace.
    pub role: Role,
}

struct Credential {
    public: Option<String>,
    secret: String,
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

/// Proves the caller. One answer for every way a key can be wrong, so that none can be probed.
pub(crate) async fn authenticate(
    headers: &HeaderMap,
    platform: &Platform,
) -> Result<Actor, Problem> {
    let wrong = || unauthenticated("The API key is unknown, wrong, expired or revoked.");
    let credential = credential(headers)?;
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
    let expired = row
        .opt_int("expires_at")?
        .is_some_and(|t| t <= clock::now().micros());
    if !same || !named || expired {
        return Err(wrong());
    }
    let role = row.text("role")?.parse().map_err(Problem::internal)?;
    Ok(Actor {
        workspace: row.text("workspace_id")?,
        key_id: row.text("id")?,
        role,
    })
}

async fn find(db: &Db, hash: &str) -> Result<Option<Row>, Problem> {
    let sql = "SELECT workspace_id, id, public_key, secret_hash, role, expires_at FROM api_keys \
               WHERE secret_hash = $1 AND revoked_at IS NULL";
    Ok(db.query(sql, [hash.into()]).await?.into_iter().next())
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
