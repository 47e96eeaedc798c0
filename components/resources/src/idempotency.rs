//! `Idempotency-Key`: a request that is sent again gets the first one's answer, and does nothing.
//!
//! The key is written in the transaction of what it guards, so there is never one without the other, however many of the
//! same request race. Bodies are kept as keyed hashes: they may hold secrets.

use assay_access::hash_secret;
use assay_edge::db::{ScopedDb, Statement, Value};
use assay_edge::{Ctx, Problem, ProblemKind, clock};
use serde::Serialize;

const HEADER: &str = "idempotency-key";
/// How long answers are kept, in milliseconds: a day.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// One use of a key.
pub(crate) struct Idempotency {
    scope: String,
    key: String,
    body_hash: String,
}

impl Idempotency {
    /// The key of the request, if it has one; `scope` is what the key is unique in.
    pub(crate) fn of(
        ctx: &Ctx,
        scope: &str,
        body: &impl Serialize,
    ) -> Result<Option<Self>, Problem> {
        let Some(value) = ctx.headers.get(HEADER) else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default();
        if !(1..=200).contains(&key.len()) {
            return Err(Problem::field(
                "Idempotency-Key",
                "must have 1 to 200 characters of printable ASCII",
            ));
        }
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        let body_hash = hash_secret(&ctx.platform.pepper, &body);
        Ok(Some(Self {
            scope: scope.to_owned(),
            key: key.to_owned(),
            body_hash,
        }))
    }

    /// Keeps the answer, and forgets those that are older than a day. The statements fail as not unique when the key was
    /// used before.
    ///
    /// `response` is SQL whose parameters start at `$6`.
    pub(crate) fn keep(
        &self,
        response: &str,
        params: impl IntoIterator<Item = Value>,
    ) -> [Statement; 2] {
        let now = clock::now();
        let old = Statement::new(
            "DELETE FROM idempotency_keys WHERE workspace_id = $1 AND created_at < $2",
            [now.plus_millis(-KEPT_MS).into()],
        );
        let sql = format!(
            "INSERT INTO idempotency_keys (workspace_id, scope, idempotency_key, body_hash, created_at, response) \
             VALUES ($1, $2, $3, $4, $5, {response})"
        );
        let mut all: Vec<Value> = vec![
            self.scope.as_str().into(),
            self.key.as_str().into(),
            self.body_hash.as_str().into(),
            now.into(),
        ];
        all.extend(params);
        [old, Statement::new(sql, all)]
    }

    /// The first answer, if the key was used before.
    pub(crate) async fn replay(&self, db: &ScopedDb) -> Result<Option<serde_json::Value>, Problem> {
        let sql = "SELECT body_hash, response FROM idempotency_keys \
                   WHERE workspace_id = $1 AND scope = $2 AND idempotency_key = $3 AND created_at >= $4";
        let since = clock::now().plus_millis(-KEPT_MS);
        let key: [Value; 3] = [
            self.scope.as_str().into(),
            self.key.as_str().into(),
            since.into(),
        ];
        let Some(row) = db.first(sql, key).await? else {
            return Ok(None);
        };
        if row.text("body_hash")? != self.body_hash {
            let detail = "The idempotency key was used with another body.";
            return Err(Problem::new(ProblemKind::Conflict, detail)
                .naming("Idempotency-Key", "was used with another body"));
        }
        Ok(Some(row.json("response")?))
    }
}
