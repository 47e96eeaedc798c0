//! The policy of what a workspace lets in, said and applied: secrets and personal data are taken out, and of all traces a part
//! is kept, before anything is stored. It is read anew every few seconds; what was let in under an older one stays as it is.

use assay_edge::db::{Statement, Value as Sql};
use assay_edge::policy::{self, StoredPolicy, find, seal_salt};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{Ctx, Problem, Remembered, Reply, clock, random_bytes, reply};
use assay_langfuse::ingestion::ObservationPatch;
use assay_model::{Batch, Observation, Timestamp};
use assay_redact::{Gate, IngestPolicy, Redactor};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value, json};
use std::rc::Rc;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    policy: IngestPolicy,
    /// Null while the workspace has none of its own.
    updated_at: Option<Timestamp>,
    updated_by: Option<String>,
}

/// What the workspace wrote.
fn read(stored: &StoredPolicy) -> Result<IngestPolicy, Problem> {
    IngestPolicy::deserialize(&stored.spec).map_err(Problem::internal)
}

fn answer(stored: Option<StoredPolicy>) -> Result<Reply, Problem> {
    let version = stored.as_ref().map_or(0, |s| s.version);
    let shown = match stored {
        Some(s) => Shown {
            policy: read(&s)?,
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
    let sealed = seal_salt(&ctx.platform, db.workspace(), &salt)?;
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

thread_local! {
    static KNOWN: Remembered<Gate> = Remembered::default();
}

/// The caller's policy, ready to be applied.
pub(crate) async fn gate(ctx: &Ctx) -> Result<Rc<Gate>, Problem> {
    policy::remembered(ctx, &KNOWN, |stored| match stored {
        None => Ok(Gate::OPEN),
        Some(stored) => {
            let made = Gate::new(&read(&stored)?, &stored.salt);
            // Nothing is let in under rules that cannot be applied.
            made.map_err(|e| Problem::internal(format!("redaction: {e:?}")))
        }
    })
    .await
}

/// Applies the policy to what events say of observations, before the events are kept.
pub(crate) fn apply_to_events(
    gate: &Gate,
    patches: &mut Vec<ObservationPatch>,
) -> Result<(), Problem> {
    patches.retain(|p| gate.keeps(&p.trace_id));
    let Some(redactor) = gate.redactor() else {
        return Ok(());
    };
    for patch in patches {
        let said = Value::Object(patch.fields.clone());
        let observation: Observation = serde_json::from_value(said).map_err(Problem::internal)?;
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
