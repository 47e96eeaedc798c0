//! Traces as they come in, as server-sent events.
//!
//! An event is a trace as the lists show it, whenever it had something new; the same trace comes again when it grows. A
//! client that lost the connection names the last event's id and goes on from there, for ten minutes; what came in twice
//! for it is the same. A stream ends by itself after some minutes, so that the caller proves again who it is.

use crate::traces::{FILTERS, Shown, conditions};
use assay_edge::db::ScopedDb;
use assay_edge::sse::{self, Look};
use assay_edge::traces::feed::{self, WATCHED_MS};
use assay_edge::traces::{ListQuery, Sort, SortKey, Source, TraceStore, check_filter};
use assay_edge::{Ctx, PageQuery, Problem, Reply, clock};
use assay_model::{Filter, Operand, Operator, Timestamp};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// How far back each look begins again, in milliseconds: rows of other instances may appear a little late.
const OVERLAP_MS: i64 = 3_000;
/// Rows of the feed that are read at once.
const AT_ONCE: i64 = 500;
/// Most traces that one look shows: nobody reads more within half a second.
const MOST_TRACES: usize = 600;
/// Traces that are read at once.
const PAGE: u32 = 200;

/// `GET /api/v1/live/traces`.
pub(crate) async fn traces(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.push(sse::LAST_EVENT_ID);
    ctx.only_query(&known)?;
    let filter = conditions(&ctx)?.filter();
    check_filter(Source::Traces, &filter)?;
    let now = clock::now();
    let since = sse::last_event_id(&ctx)?;
    let since = since.map(|id| place(&id, now)).transpose()?;
    let db = ctx.db().await?;
    feed::watch(&db).await?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let tail = Tail {
        store,
        db,
        filter,
        after: since.unwrap_or(now),
        back_to: since.map_or(now, |at| at.plus_millis(-OVERLAP_MS)),
        seen: HashMap::new(),
        pending: BTreeSet::new(),
    };
    Ok(sse::answer(&ctx, tail))
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

impl sse::Tail for Tail {
    /// The events of what is new.
    async fn look(&mut self) -> Result<Look, Problem> {
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
            return Ok(Look::Nothing);
        }
        let place = format!("{}-{id}", self.after.micros());
        let events = self.events(&self.pending, &place).await?;
        self.pending.clear();
        Ok(if events.is_empty() {
            Look::Nothing
        } else {
            Look::Events(events)
        })
    }

    async fn alive(&mut self) -> Result<(), Problem> {
        feed::watch(&self.db).await
    }
}

impl Tail {
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
                text.push_str(&sse::event("trace", Some(id), &data));
            }
        }
        let left_out = traces.len().saturating_sub(MOST_TRACES);
        if left_out > 0 {
            let data = json!({"traces": left_out}).to_string();
            text.push_str(&sse::event("skipped", Some(id), &data));
        }
        Ok(text)
    }
}

/// The time in an event's id, not longer ago than anything is kept.
fn place(id: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let micros = id.split('-').next().and_then(|at| at.parse().ok());
    let at = micros.ok_or_else(sse::no_id)?;
    let oldest = now.plus_millis(-WATCHED_MS).micros();
    Ok(Timestamp::from_micros(i64::clamp(at, oldest, now.micros())))
}
