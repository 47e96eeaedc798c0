//! What is sent in one request: as much of what waits as fits, as the trace store has it now.

use super::waiting::Waiting;
use super::{Destination, body};
use assay_edge::db::ScopedDb;
use assay_edge::traces::TraceStore;
use assay_edge::{Platform, Problem, clock};
use assay_model::{Batch, Observation, ObservationType, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Observations that are read first, to see how large they are.
const FIRST: usize = 16;
/// Bytes of a request, before it is compressed, that are enough.
const ENOUGH: usize = 2 << 20;
/// How long an observation may go on after the last word on it until it is sent as it is, in milliseconds.
const UNFINISHED_MS: i64 = 600_000;

/// What goes into a request.
#[derive(Default)]
pub(super) struct Load {
    pub(super) batch: Batch,
    /// The batch on the wire.
    pub(super) body: Vec<u8>,
    /// What of the queue this settles: what is sent, what is not selected, what is gone.
    pub(super) taken: Vec<Waiting>,
    /// What is still going on: until when it waits.
    pub(super) unfinished: Vec<(Waiting, Timestamp)>,
}

/// Reads it.
pub(super) async fn load(
    platform: &Platform,
    db: &ScopedDb,
    to: &Destination,
    waiting: Vec<Waiting>,
) -> Result<Load, Problem> {
    let store = TraceStore::open(platform, db.workspace()).await?;
    let filter = to.spec.conditions().map_err(Problem::validation)?;
    let mut load = Load::default();
    let mut known = HashSet::new();
    let mut rest = waiting.into_iter();
    let (mut weight, mut step) = (0, FIRST);
    loop {
        // The first few tell how large the others may be.
        let so_far = load.batch.observations.len();
        let some = if so_far > 0 && weight / so_far * rest.len() <= ENOUGH - weight {
            rest.len()
        } else {
            step
        };
        step *= 2;
        let some: Vec<Waiting> = rest.by_ref().take(some).collect();
        if some.is_empty() {
            break;
        }
        let keys = keys(&store, &some).await?;
        let names: Vec<(String, String)> = keys.iter().map(|(_, key)| key.clone()).collect();
        let mut found: HashMap<(String, String), Observation> = store
            .observations_among(&filter, &names)
            .await?
            .into_iter()
            .map(|r| r.observation)
            .map(|o| ((o.trace_id.clone(), o.id.clone()), o))
            .collect();
        for (waiting, key) in keys {
            let Some(o) = found.remove(&key) else {
                load.taken.push(waiting);
                continue;
            };
            if let Some(until) = going_on(&o, &waiting) {
                load.unfinished.push((waiting, until));
                continue;
            }
            load.taken.push(waiting);
            // A trace without an observation may lead to one that waits itself.
            if known.insert(key) {
                weight += weigh(&o);
                load.batch.observations.push(o);
            }
        }
        if weight >= ENOUGH {
            break;
        }
    }
    // What was in no trace's way leads nowhere any more.
    surround(&store, &mut load.batch).await?;
    if !load.batch.observations.is_empty() {
        load.body = body(&load.batch, to);
    }
    Ok(load)
}

/// The observation that each of them is about: of a trace as a whole, the one where it begins.
async fn keys(
    store: &TraceStore,
    some: &[Waiting],
) -> Result<Vec<(Waiting, (String, String))>, Problem> {
    let whole: Vec<&str> = some
        .iter()
        .filter(|w| w.observation_id.is_empty())
        .map(|w| w.trace_id.as_str())
        .collect();
    let traces = if whole.is_empty() {
        HashMap::new()
    } else {
        store.traces_by_id(&whole).await?
    };
    let root = |trace: &str| traces.get(trace).and_then(|t| t.root_id.clone());
    Ok(some
        .iter()
        .map(|w| {
            let id = if w.observation_id.is_empty() {
                root(&w.trace_id).unwrap_or_default()
            } else {
                w.observation_id.clone()
            };
            (w.clone(), (w.trace_id.clone(), id))
        })
        .collect())
}

/// Until when an observation without an end waits for it. Others take the first word on a span for the last, so that it
/// is better sent whole. An event has no end.
fn going_on(o: &Observation, waiting: &Waiting) -> Option<Timestamp> {
    let until = waiting.word_at.plus_millis(UNFINISHED_MS);
    let open = o.end_time.is_none() && o.kind != ObservationType::Event;
    (open && until > clock::now()).then_some(until)
}

/// About how many bytes it has on the wire: what went in and came out is there twice.
fn weigh(o: &Observation) -> usize {
    let of = |value: &serde_json::Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string().len(), str::len)
    };
    2 * (of(&o.input) + of(&o.output) + of(&o.metadata)) + 1024
}

/// Adds what is known of the traces, and the scores; the spans come in the order in which they began.
async fn surround(store: &TraceStore, batch: &mut Batch) -> Result<(), Problem> {
    batch.observations.sort_by(|a, b| {
        (&a.trace_id, a.start_time, !a.is_root()).cmp(&(&b.trace_id, b.start_time, !b.is_root()))
    });
    let ids: BTreeSet<&str> = batch
        .observations
        .iter()
        .map(|o| o.trace_id.as_str())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = ids.into_iter().collect();
    let traces = store.traces_by_id(&ids).await?;
    let scores = store.scores_of_traces(&ids).await?;
    batch.traces = traces.into_values().map(|r| r.trace).collect();
    batch.scores = scores.into_iter().map(|r| r.score).collect();
    Ok(())
}
