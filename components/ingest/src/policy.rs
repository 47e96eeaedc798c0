//! What a workspace lets in: secrets and personal data are taken out, and of all traces a part is kept, before anything is
//! stored. The policy is read anew every few seconds; what was let in under an older one stays as it is.

use assay_edge::db::{ScopedDb, Statement, Value as Sql};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{Ctx, Platform, Problem, Remembered, Reply, clock, random_bytes, reply};
use assay_langfuse::ingestion::ObservationPatch;
use assay_model::{Batch, Observation, Timestamp, Validate, Validator};
use assay_redact::{Policy, Redactor};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::rc::Rc;

/// How long a policy is remembered, in milliseconds.
const FRESH_MS: i64 = 3_000;
/// Longest time that traces are kept when a policy says how long, in days.
const MAX_DAYS: u32 = 36_500;

/// A workspace's policy of ingestion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IngestPolicy {
    /// What is taken out.
    #[serde(default)]
    redaction: Policy,
    /// Which part of all traces is kept, chosen by the trace's id.
    #[serde(default = "all")]
    sampling_rate: f64,
    /// How long traces are kept, from when they began; for ever when absent.
    #[serde(default)]
    retention_days: Option<u32>,
}

const fn all() -> f64 {
    1.0
}

impl Default for IngestPolicy {
    fn default() -> Self {
        Self {
            redaction: Policy::default(),
            sampling_rate: all(),
            retention_days: None,
        }
    }
}

impl Validate for IngestPolicy {
    fn check(&self, v: &mut Validator) {
        v.at("redaction", |v| self.redaction.check(v));
        v.range("sampling_rate", self.sampling_rate, 0.0, 1.0);
        if let Some(days) = self.retention_days {
            v.range("retention_days", days, 1, MAX_DAYS);
        }
    }
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    policy: IngestPolicy,
    /// Null while the workspace has none of its own.
    updated_at: Option<Timestamp>,
    updated_by: Option<String>,
}

/// What the relational store has.
struct Stored {
    policy: IngestPolicy,
    salt: Vec<u8>,
    version: i64,
    updated_at: Timestamp,
    updated_by: Option<String>,
}

fn place(workspace: &str) -> String {
    format!("ingest_policies/{workspace}")
}

async fn find(platform: &Platform, db: &ScopedDb) -> Result<Option<Stored>, Problem> {
    let sql = "SELECT spec, salt, version, updated_by, updated_at FROM ingest_policies WHERE workspace_id = $1";
    let Some(row) = db.first(sql, []).await? else {
        return Ok(None);
    };
    let sealed = row.text("salt")?;
    let salt = platform
        .keyring
        .open(&place(db.workspace()), &sealed)
        .map_err(Problem::internal)?;
    Ok(Some(Stored {
        policy: row.json("spec")?,
        salt: hex::decode(salt.expose()).map_err(Problem::internal)?,
        version: row.int("version")?,
        updated_at: row.time("updated_at")?,
        updated_by: row.opt_text("updated_by")?,
    }))
}

fn answer(stored: Option<Stored>) -> Result<Reply, Problem> {
    let version = stored.as_ref().map_or(0, |s| s.version);
    let shown = match stored {
        Some(s) => Shown {
            policy: s.policy,
            updated_at: Some(s.updated_at),
            updated_by: s.updated_by,
        },
        None => Shown {
            policy: IngestPolicy::default(),
            updated_at: None,
            updated_by: None,
        },
    };
    let mut answer = reply::json(StatusCode::OK, &shown)?;
    let tag = HeaderValue::from_str(&etag(version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// `GET /api/v1/ingest/policy`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    answer(find(&ctx.platform, &ctx.db().await?).await?)
}

/// `PUT /api/v1/ingest/policy`: from the next seconds on.
pub(crate) async fn put(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let policy: IngestPolicy = ctx.json().await?;
    let db = ctx.db().await?;
    let known = find(&ctx.platform, &db).await?;
    let version = known.as_ref().map_or(0, |s| s.version);
    IfMatch::of(&ctx.headers).check(version)?;
    // The salt stays: values hashed before and after can still be joined.
    let salt = match known {
        Some(known) => known.salt,
        None => random_bytes::<32>()?.to_vec(),
    };
    // What rules cannot be together is told here, not at the next batch.
    Redactor::new(&policy.redaction, &salt).map_err(Problem::validation)?;
    let sealed = ctx
        .platform
        .keyring
        .seal(&place(db.workspace()), &hex::encode(&salt))?;
    let spec = serde_json::to_string(&policy).map_err(Problem::internal)?;
    let actor = ctx.actor()?.principal.id().to_owned();
    let sql = "INSERT INTO ingest_policies (workspace_id, spec, salt, retention_days, version, updated_by, updated_at) \
               VALUES ($1, $2, $3, $4, CAST($5 AS BIGINT) + 1, $6, $7) ON CONFLICT (workspace_id) DO UPDATE SET \
               spec = excluded.spec, retention_days = excluded.retention_days, cleared_at = NULL, version = excluded.version, \
               updated_by = excluded.updated_by, updated_at = excluded.updated_at \
               WHERE ingest_policies.version = CAST($5 AS BIGINT)";
    let row: [Sql; 6] = [
        spec.into(),
        sealed.into(),
        policy.retention_days.map(i64::from).into(),
        version.into(),
        actor.into(),
        clock::now().into(),
    ];
    let detail = json!({
        "rules": policy.redaction.rules.iter().map(|r| &r.name).collect::<Vec<_>>(),
        "sampling_rate": policy.sampling_rate,
        "retention_days": policy.retention_days,
    });
    let target = ("workspace", db.workspace());
    let audit = ctx.audit("ingest_policy.update", target, &detail)?;
    if !db
        .guarded_batch(vec![Statement::new(sql, row), audit])
        .await?
    {
        return Err(failed());
    }
    KNOWN.with(|known| known.forget(db.workspace()));
    answer(find(&ctx.platform, &db).await?)
}

/// A policy, ready to be applied.
pub(crate) struct Gate {
    redactor: Option<Redactor>,
    sampling_rate: f64,
}

thread_local! {
    static KNOWN: Remembered<Gate> = Remembered::default();
}

/// The workspace's policy.
pub(crate) async fn gate(ctx: &Ctx) -> Result<Rc<Gate>, Problem> {
    let workspace = &ctx.actor()?.workspace;
    if let Some(gate) = KNOWN.with(|known| known.get(workspace)) {
        return Ok(gate);
    }
    let stored = find(&ctx.platform, &ctx.db().await?).await?;
    let gate = match stored {
        None => Gate {
            redactor: None,
            sampling_rate: all(),
        },
        Some(stored) => Gate {
            redactor: if stored.policy.redaction.rules.is_empty() {
                None
            } else {
                let made = Redactor::new(&stored.policy.redaction, &stored.salt);
                // Nothing is let in under rules that cannot be applied.
                Some(made.map_err(|e| Problem::internal(format!("redaction: {e:?}")))?)
            },
            sampling_rate: stored.policy.sampling_rate,
        },
    };
    Ok(KNOWN.with(|known| known.keep(workspace, gate, FRESH_MS)))
}

impl Gate {
    /// Whether the trace is among those that are kept: the same for all that is ever sent of it.
    fn keeps(&self, trace: &str) -> bool {
        if self.sampling_rate >= 1.0 || trace.is_empty() {
            return true;
        }
        let digest = Sha256::digest(trace.as_bytes());
        let first: [u8; 8] = digest
            .get(..8)
            .and_then(|b| b.try_into().ok())
            .unwrap_or_default();
        // 53 bits are a fraction exactly.
        let fraction = (u64::from_be_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64;
        fraction < self.sampling_rate
    }

    /// Takes out what is not to be stored.
    pub(crate) fn apply(&self, batch: &mut Batch) {
        batch.traces.retain(|t| self.keeps(&t.id));
        batch.observations.retain(|o| self.keeps(&o.trace_id));
        batch.scores.retain(|s| self.keeps(&s.trace_id));
        if let Some(redactor) = &self.redactor {
            redactor.batch(batch);
        }
    }

    /// The same for what events say of observations, before the events are kept.
    pub(crate) fn apply_to_events(
        &self,
        patches: &mut Vec<ObservationPatch>,
    ) -> Result<(), Problem> {
        patches.retain(|p| self.keeps(&p.trace_id));
        let Some(redactor) = &self.redactor else {
            return Ok(());
        };
        for patch in patches {
            let said = Value::Object(patch.fields.clone());
            let observation: Observation =
                serde_json::from_value(said).map_err(Problem::internal)?;
            let mut batch = Batch {
                observations: vec![observation],
                ..Batch::default()
            };
            redactor.batch(&mut batch);
            let left = batch.observations.first();
            let left = serde_json::to_value(left).map_err(Problem::internal)?;
            let Value::Object(mut left) = left else {
                continue;
            };
            let mut fields = Map::new();
            for key in patch.fields.keys() {
                if let Some(value) = left.remove(key).filter(|v| !v.is_null()) {
                    fields.insert(key.clone(), value);
                }
            }
            patch.fields = fields;
        }
        Ok(())
    }
}
