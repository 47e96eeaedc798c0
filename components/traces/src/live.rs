//! Traces as they come in, as server-sent events.
//!
//! An event is a trace as the lists show it, whenever it had something new; the same trace comes again when it grows. A
//! client that lost the connection names the last event's id and goes on from there, for ten minutes; what came in twice
//! for it is the same. A stream ends by itself after some minutes, so that the caller proves again who it is.

use crate::query::text;
use crate::traces::{FILTERS, Shown, conditions};
use assay_edge::db::ScopedDb;
use assay_edge::reply::Writer;
use assay_edge::traces::feed::{self, WATCHED_MS};
use assay_edge::traces::{ListQuery, Sort, SortKey, Source, TraceStore, check_filter};
use assay_edge::{Ctx, PageQuery, Problem, ProblemKind, Reply, clock, log_error, reply};
use assay_model::{Filter, Operand, Operator, Timestamp};
use http::HeaderValue;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

/// Between two looks, in milliseconds.
const LOOK_EVERY_MS: u64 = 500;
/// Between two signs of life, in milliseconds: proxies end what is silent for long.
const ALIVE_EVERY_MS: i64 = 15_000;
/// How long a stream lasts, in milliseconds.
const LASTS_MS: i64 = 300_000;
/// How far back each look begins again, in milliseconds: rows of other instances may appear a little late.
const OVERLAP_MS: i64 = 3_000;
/// Rows of the feed that are read at once.
const AT_ONCE: i64 = 500;
/// Most traces that one look shows: nobody reads more within half a second.
const MOST_TRACES: usize = 600;
/// Looks in a row that may find the store away.
const MOST_FAILURES: u64 = 10;
/// Traces that are read at once.
const PAGE: u32 = 200;

/// `GET /api/v1/live/traces`.
pub(crate) async fn traces(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.push("last_event_id");
    ctx.only_query(&known)?;
    let filter = conditions(&ctx)?.filter();
    check_filter(Source::Traces, &filter)?;
    let now = clock::now();
    let since = match ctx.header("last-event-id") {
        Some(id) if !id.is_empty() => Some(id.to_owned()),
        _ => text(&ctx, "last_event_id")?,
    };
    let since = since.map(|id| place(&id, now)).transpose()?;
    let db = ctx.db().await?;
    feed::watch(&db).await?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let (writer, mut answer) = reply::streamed("text/event-stream");
    // Reverse proxies that collect answers would hold the events back.
    answer
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    let tail = Tail {
        store,
        db,
        filter,
        after: since.unwrap_or(now),
        back_to: since.map_or(now, |at| at.plus_millis(-OVERLAP_MS)),
        seen: HashMap::new(),
        pending: BTreeSet::new(),
    };
    let (component, request) = (ctx.component, ctx.request_id.clone());
    spin_sdk::wasip3::spawn(async move {
        if let Err(problem) = run(tail, writer).await {
            let cause = problem.to_string();
            log_error(component, &request, "a live tail broke off", &cause);
        }
    });
    Ok(answer)
}

/// Sends until nobody reads any more, or the time is over.
async fn run(mut tail: Tail, mut writer: Writer) -> Result<(), Problem> {
    let began = clock::now();
    let mut alive = began;
    let mut failures = 0;
    let mut reads = writer.send("retry: 1000\n\n").await;
    while reads {
        let now = clock::now();
        if now.millis_since(began) >= LASTS_MS {
            break;
        }
        if now.millis_since(alive) >= ALIVE_EVERY_MS {
            alive = now;
            // Also says that somebody still looks on.
            feed::watch(&tail.db).await?;
            reads = writer.send(": alive\n\n").await;
        }
        match tail.look().await {
            Ok(events) if events.is_empty() => clock::sleep(LOOK_EVERY_MS).await,
            Ok(events) => reads = writer.send(events).await,
            // What could not be read now is read with the next look.
            Err(problem) if problem.kind() == ProblemKind::StoreUnavailable => {
                failures += 1;
                if failures > MOST_FAILURES {
                    return Err(problem);
                }
                clock::sleep(LOOK_EVERY_MS * failures).await;
                continue;
            }
            Err(problem) => return Err(problem),
        }
        failures = 0;
    }
    Ok(())
}

struct Tail {
    store: TraceStore,
    db: ScopedDb,
    filter: Filter,
    /// When the last row that was seen was written.
    after: Timestamp,
    /// Rows before that are of no interest.
    back_to: Timestamp,
    /// Rows that were seen, by id, with their times.
    seen: HashMap<String, Timestamp>,
    /// Traces that had something new and are not shown yet.
    pending: BTreeSet<String>,
}

impl Tail {
    /// The events of what is new.
    async fn look(&mut self) -> Result<String, Problem> {
        let from = self.after.plus_millis(-OVERLAP_MS).max(self.back_to);
        let (mut at, mut id) = (from, String::new());
        loop {
            let rows = feed::news(&self.db, (at, &id), AT_ONCE).await?;
            let Some(last) = rows.last() else { break };
            (at, id) = (last.at, last.id.clone());
            let full = rows.len() as i64 == AT_ONCE;
            for row in rows {
                if self.seen.insert(row.id, row.at).is_none() {
                    self.pending.extend(row.traces);
                }
            }
            if !full {
                break;
            }
        }
        self.after = self.after.max(at);
        let oldest = self.after.plus_millis(-2 * OVERLAP_MS);
        self.seen.retain(|_, at| *at >= oldest);
        if self.pending.is_empty() {
            return Ok(String::new());
        }
        let place = format!("{}-{id}", self.after.micros());
        let events = self.events(&self.pending, &place).await?;
        self.pending.clear();
        Ok(events)
    }

    /// An event for each of the traces that the filter selects, the oldest first, and how many were too many to show.
    async fn events(&self, traces: &BTreeSet<String>, id: &str) -> Result<String, Problem> {
        let ids: Vec<String> = traces.iter().take(MOST_TRACES).cloned().collect();
        let mut text = String::new();
        for some in ids.chunks(PAGE as usize) {
            let query = ListQuery {
                filter: self.filter.clone().and(
                    "id",
                    Operator::AnyOf,
                    Operand::Options(some.to_vec()),
                ),
                sort: Sort {
                    key: SortKey::Time,
                    descending: false,
                },
                offset: 0,
            };
            let page = PageQuery {
                limit: PAGE,
                cursor: None,
            };
            let found = self.store.list_traces(&query, &page).await?;
            for shown in Shown::all(&self.store, found.data).await? {
                let data = serde_json::to_string(&shown).map_err(Problem::internal)?;
                // Writing to a String never fails; JSON has no line breaks.
                let _ = write!(text, "event: trace\nid: {id}\ndata: {data}\n\n");
            }
        }
        let left_out = traces.len().saturating_sub(MOST_TRACES);
        if left_out > 0 {
            let _ = write!(
                text,
                "event: skipped\nid: {id}\ndata: {{\"traces\":{left_out}}}\n\n"
            );
        }
        Ok(text)
    }
}

/// The time in an event's id, not longer ago than anything is kept.
fn place(id: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let micros = id.split('-').next().and_then(|at| at.parse().ok());
    let at = micros.ok_or_else(|| Problem::field("last_event_id", "is not an event's id"))?;
    let oldest = now.plus_millis(-WATCHED_MS).micros();
    Ok(Timestamp::from_micros(i64::clamp(at, oldest, now.micros())))
}
