//! Langfuse's batch of events, as its older SDKs send it.
//!
//! Events say of an observation what they know; a create and an update may come in different requests, in any order, at
//! the same time. So each event is kept first, under its own id, and then the observation is made of all that is known
//! of it. Whoever kept an event later sees the earlier ones, and its row is the later one.

use crate::keep::{keep, keep_at};
use crate::{body, forward, policy, price};
use assay_edge::db::{ScopedDb, Value as Sql};
use assay_edge::traces::schedule::EVENTS_KEPT_MS;
use assay_edge::traces::{TraceStore, check};
use assay_edge::{Ctx, Problem, Reply, clock, parse_json, reply};
use assay_langfuse::ingestion::{
    Entry, Event, EventError, ObservationPatch, fold, parse, response,
};
use assay_model::{Batch, FieldError, Observation, Timestamp, Validator};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most events of a request.
const MAX_EVENTS: usize = 20_000;

/// `POST /api/public/ingestion`: 207 with the outcome of each event.
pub(crate) async fn ingest(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    body::must_be_json(&ctx)?;
    let bytes = body::read_json(&mut ctx).await?;
    let value: Value = parse_json(&bytes)?;
    let mut entries =
        parse(value).map_err(|e| Problem::field(format!("/{}", e.field), e.message))?;
    if entries.len() > MAX_EVENTS {
        let message = format!("must have at most {MAX_EVENTS} entries");
        return Err(Problem::field("/batch", message));
    }
    let mut batch = Batch::default();
    let mut patches = Vec::new();
    for entry in &mut entries {
        if let Err(errors) = take(entry, &mut batch, &mut patches) {
            entry.outcome = Err(EventError::new(400, told(&errors)));
        }
    }
    let gate = policy::gate(&ctx).await?;
    gate.apply(&mut batch);
    policy::apply_to_events(&gate, &mut patches)?;
    if !patches.is_empty() {
        let db = ctx.db().await?;
        keep_events(&db, &patches).await?;
        // Taken after the events are kept and before they are read: of two rows the one that knows more is later.
        let received = clock::now();
        let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
        batch.observations = merged(&db, &store, &patches).await?;
        refuse_wrong(&mut batch, &mut entries);
        price::complete(&ctx, &mut batch.observations).await?;
        keep_at(&ctx, &batch, received).await?;
    } else {
        keep(&ctx, &batch).await?;
    }
    forward::hand_on(&ctx, &batch).await?;
    reply::json(StatusCode::MULTI_STATUS, &response(&entries))
}

fn told(errors: &[FieldError]) -> String {
    let all: Vec<String> = errors
        .iter()
        .map(|e| format!("{} {}", e.field, e.message))
        .collect();
    all.join("; ")
}

/// Puts what an event says into the batch, if it can be kept.
fn take(
    entry: &Entry,
    batch: &mut Batch,
    patches: &mut Vec<ObservationPatch>,
) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    match &entry.outcome {
        Ok(Event::Trace(trace)) => {
            check::trace(&mut v, trace);
            v.finish()?;
            batch.traces.push(trace.clone());
        }
        Ok(Event::Score(score)) => {
            check::score(&mut v, score);
            v.finish()?;
            batch.scores.push(score.clone());
        }
        Ok(Event::Observation(patch)) => {
            check::observation(&mut v, &fold(vec![patch.clone()]));
            v.finish()?;
            patches.push(patch.clone());
        }
        Ok(Event::Log) | Err(_) => {}
    }
    Ok(())
}

/// An observation that cannot be kept as a whole, though each event alone could: its events of this batch are refused.
fn refuse_wrong(batch: &mut Batch, entries: &mut [Entry]) {
    let mut wrong: BTreeMap<(String, String), String> = BTreeMap::new();
    batch.observations.retain(|o| {
        let mut v = Validator::default();
        check::observation(&mut v, o);
        match v.finish() {
            Ok(()) => true,
            Err(errors) => {
                wrong.insert((o.trace_id.clone(), o.id.clone()), told(&errors));
                false
            }
        }
    });
    for entry in entries {
        if let Ok(Event::Observation(patch)) = &entry.outcome
            && let Some(why) = wrong.get(&(patch.trace_id.clone(), patch.id.clone()))
        {
            entry.outcome = Err(EventError::new(400, why.clone()));
        }
    }
}

/// Keeps events, each once.
async fn keep_events(db: &ScopedDb, patches: &[ObservationPatch]) -> Result<(), Problem> {
    let rows: Vec<Value> = patches
        .iter()
        .map(|p| {
            let text = serde_json::to_string(p).map_err(Problem::internal)?;
            Ok(json!({"e": p.event_id, "t": p.trace_id, "o": p.id, "p": text}))
        })
        .collect::<Result<_, Problem>>()?;
    let rows = serde_json::to_string(&rows).map_err(Problem::internal)?;
    let sql = db.pick(KEEP_SQLITE, KEEP_POSTGRES);
    let now: Sql = clock::now().into();
    db.execute(sql, [rows.into(), now]).await?;
    Ok(())
}

const KEEP_SQLITE: &str = "INSERT INTO observation_patches (workspace_id, event_id, trace_id, observation_id, patch, received_at) \
     SELECT $1, value->>'e', value->>'t', value->>'o', value->>'p', $3 FROM json_each($2) WHERE true ON CONFLICT DO NOTHING";
const KEEP_POSTGRES: &str = "INSERT INTO observation_patches (workspace_id, event_id, trace_id, observation_id, patch, received_at) \
     SELECT $1::text, r.e, r.t, r.o, r.p, $3::bigint FROM jsonb_to_recordset($2::text::jsonb) \
     AS r (e TEXT, t TEXT, o TEXT, p TEXT) ON CONFLICT DO NOTHING";

const READ_SQLITE: &str = "SELECT patch FROM observation_patches WHERE workspace_id = $1 AND (trace_id, observation_id) IN \
     (SELECT value->>0, value->>1 FROM json_each($2))";
const READ_POSTGRES: &str = "SELECT patch FROM observation_patches WHERE workspace_id = $1 AND (trace_id, observation_id) IN \
     (SELECT v->>0, v->>1 FROM jsonb_array_elements($2::text::jsonb) AS v)";

/// The observations that the events speak of, made of all that is known of them.
async fn merged(
    db: &ScopedDb,
    store: &TraceStore,
    patches: &[ObservationPatch],
) -> Result<Vec<Observation>, Problem> {
    let mut by_observation: BTreeMap<(String, String), Vec<ObservationPatch>> = patches
        .iter()
        .map(|p| ((p.trace_id.clone(), p.id.clone()), Vec::new()))
        .collect();
    let keys: Vec<&(String, String)> = by_observation.keys().collect();
    let keys = serde_json::to_string(&keys).map_err(Problem::internal)?;
    let sql = db.pick(READ_SQLITE, READ_POSTGRES);
    for row in db.query(sql, [keys.into()]).await? {
        let patch: ObservationPatch = row.json("patch")?;
        let key = (patch.trace_id.clone(), patch.id.clone());
        by_observation.entry(key).or_default().push(patch);
    }
    let mut observations = Vec::with_capacity(by_observation.len());
    for ((trace, id), mut known) in by_observation {
        // Its beginning may have been forgotten here; the store has it.
        if !known.iter().any(|p| p.create)
            && let Some(record) = store.observation_of(&trace, &id).await?
        {
            known.push(base(&record.observation)?);
        }
        observations.push(fold(known));
    }
    Ok(observations)
}

/// What the store knows of an observation, as what was said of it first.
fn base(o: &Observation) -> Result<ObservationPatch, Problem> {
    let mut fields: Map<String, Value> = match serde_json::to_value(o) {
        Ok(Value::Object(map)) => map,
        Ok(_) => Map::new(),
        Err(e) => return Err(Problem::internal(e)),
    };
    fields.retain(|_, v| !v.is_null());
    for own in ["id", "trace_id"] {
        fields.remove(own);
    }
    Ok(ObservationPatch {
        trace_id: o.trace_id.clone(),
        id: o.id.clone(),
        event_id: String::new(),
        at: Timestamp::default(),
        create: true,
        fields,
    })
}

/// Forgets events whose observations are complete long since.
pub(crate) async fn forget_old(ctx: &Ctx) -> Result<(), Problem> {
    let db = ctx.platform.db().await?;
    let sql = "DELETE FROM observation_patches WHERE received_at < $1";
    let before = clock::now().plus_millis(-EVENTS_KEPT_MS);
    db.execute(sql, [before.into()]).await?;
    Ok(())
}
