//! Streams of server-sent events: what is new is sent as it is found, until nobody reads any more or there is nothing left to come.
//!
//! Source: HTML Living Standard, section 9.2 "Server-sent events". A stream ends by itself after some minutes, so that the caller
//! proves again who it is; it names the last event that it has seen, and goes on from there.

use crate::clock;
use crate::ctx::Ctx;
use crate::log::log_error;
use crate::problem::{Problem, ProblemKind};
use crate::reply::{self, Reply, Writer};
use http::HeaderValue;

/// Between two looks, in milliseconds.
const LOOK_EVERY_MS: u64 = 500;
/// Between two signs of life, in milliseconds: proxies end what is silent for long.
const ALIVE_EVERY_MS: i64 = 15_000;
/// How long a stream lasts, in milliseconds.
const LASTS_MS: i64 = 300_000;
/// Looks in a row that may find the store away.
const MOST_FAILURES: u64 = 10;
/// Most characters of an event's id.
const MOST_ID: usize = 200;
/// The parameter, for clients that cannot send the header.
pub const LAST_EVENT_ID: &str = "last_event_id";

/// What a look has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Nothing new.
    Nothing,
    /// Events, as they are sent.
    Events(String),
    /// The last of all, as it is sent; nothing comes after it.
    End(String),
}

/// Where events come from.
#[allow(
    async_fn_in_trait,
    reason = "guests have one thread: no future need be sent to another"
)]
pub trait Tail {
    /// What is new since the last look.
    ///
    /// # Errors
    /// When a store is away, the next look comes later and must find what this one has not; anything else ends the stream.
    async fn look(&mut self) -> Result<Look, Problem>;

    /// Somebody still looks on.
    ///
    /// # Errors
    /// Any: it ends the stream.
    async fn alive(&mut self) -> Result<(), Problem> {
        Ok(())
    }
}

/// The id of the last event that the caller has seen: the header `Last-Event-ID`, or else the parameter.
///
/// # Errors
/// A validation problem that names [`LAST_EVENT_ID`].
pub fn last_event_id(ctx: &Ctx) -> Result<Option<String>, Problem> {
    let header = ctx.header("last-event-id").filter(|id| !id.is_empty());
    let id = header.or_else(|| ctx.query(LAST_EVENT_ID).filter(|id| !id.is_empty()));
    match id {
        Some(id) if id.len() > MOST_ID || id.chars().any(char::is_control) => Err(no_id()),
        id => Ok(id.map(str::to_owned)),
    }
}

/// The problem of an id that names no event.
#[must_use]
pub fn no_id() -> Problem {
    Problem::field(LAST_EVENT_ID, "is not an event's id")
}

/// An event as it is sent; without an id the last one stays the last. `data` is JSON, which has no line breaks.
#[must_use]
pub fn event(name: &str, id: Option<&str>, data: &str) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {name}\n{id}data: {data}\n\n")
}

/// Whether the caller wants past events as JSON, not a stream.
#[must_use]
pub fn wants_json(ctx: &Ctx) -> bool {
    let accepted = ctx.header("accept").unwrap_or_default();
    let accepts = |media: &str| {
        let mut ranges = accepted
            .split(',')
            .filter_map(|range| range.split(';').next());
        ranges.any(|range| range.trim().eq_ignore_ascii_case(media))
    };
    accepts("application/json") && !accepts("text/event-stream")
}

/// An answer of events, and what writes it.
#[must_use]
pub fn begin() -> (Writer, Reply) {
    let (writer, mut answer) = reply::streamed("text/event-stream");
    let headers = answer.headers_mut();
    // Reverse proxies that collect answers would hold the events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    (writer, answer)
}

/// The answer that a tail writes.
#[must_use]
pub fn answer<T: Tail + 'static>(ctx: &Ctx, tail: T) -> Reply {
    let (writer, answer) = begin();
    let (component, request) = (ctx.component, ctx.request_id.clone());
    spin_sdk::wasip3::spawn(async move {
        if let Err(problem) = run(tail, writer).await {
            let cause = problem.to_string();
            log_error(component, &request, "a stream of events broke off", &cause);
        }
    });
    answer
}

/// Sends until nobody reads any more, the time is over, or all was sent.
async fn run(mut tail: impl Tail, mut writer: Writer) -> Result<(), Problem> {
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
            tail.alive().await?;
            reads = writer.send(": alive\n\n").await;
        }
        match tail.look().await {
            Ok(Look::Nothing) => clock::sleep(LOOK_EVERY_MS).await,
            Ok(Look::Events(events)) => reads = writer.send(events).await,
            Ok(Look::End(last)) => {
                writer.send(last).await;
                break;
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_written_as_the_standard_has_them() {
        assert_eq!(
            event("trace", Some("1.2"), "{}"),
            "event: trace\nid: 1.2\ndata: {}\n\n"
        );
        assert_eq!(event("end", None, "{}"), "event: end\ndata: {}\n\n");
    }
}
