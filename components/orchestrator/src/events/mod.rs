//! What happens in runs and campaigns, live and afterwards: as server-sent events, or a page of past ones as JSON.
//!
//! A step of a run writes nothing for them. The events of a run are told from its row and its records (`assay_scenario::events`), and
//! are named by their place there. The order of a campaign's events is written down by whoever looks on first ([`feed`]), so that it is
//! the same for all; while nobody looks on nothing is written. Words of an answer that streams are told beside them ([`live`]).

mod campaign;
mod feed;
mod live;
mod run;

pub(crate) use campaign::events as of_campaign;
pub(crate) use feed::forget;
pub(crate) use run::events as of_run;

use assay_edge::{Ctx, Problem, sse};
use assay_scenario::events::EventId;
use serde_json::Value;

/// Most events of one run that are told at once. Of more than that the newest are, and that there were others.
const MOST: usize = 2_000;

/// What the caller has seen last, and what that was called.
struct Seen {
    field: &'static str,
    id: EventId,
}

/// The last event that the caller has seen: by `Last-Event-ID`, or of a page by its cursor.
fn seen(ctx: &Ctx, json: bool) -> Result<Option<Seen>, Problem> {
    let known: &[&str] = if json {
        &["limit", "cursor", sse::LAST_EVENT_ID]
    } else {
        &[sse::LAST_EVENT_ID]
    };
    ctx.only_query(known)?;
    let cursor = if json { ctx.page()?.cursor } else { None };
    let (field, text) = match cursor {
        Some(cursor) => ("cursor", Some(cursor.1)),
        None => (sse::LAST_EVENT_ID, sse::last_event_id(ctx)?),
    };
    let Some(text) = text else { return Ok(None) };
    let id = text.parse().map_err(|_| unknown(field))?;
    Ok(Some(Seen { field, id }))
}

/// The problem of an id that names no event.
fn unknown(field: &'static str) -> Problem {
    Problem::field(field, "is not an event's id")
}

/// An event, as it is told.
struct Shown {
    id: EventId,
    name: String,
    data: Value,
}

impl Shown {
    fn sent(&self) -> String {
        let id = self.id.to_string();
        sse::event(&self.name, Some(&id), &self.data.to_string())
    }
}

/// Says that nothing more will come.
fn end() -> String {
    sse::event("end", None, "{}")
}
