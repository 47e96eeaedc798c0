//! The events of one run.

use super::live::Live;
use super::{MOST, Seen, Shown, end, seen, unknown};
use crate::campaign::Campaign;
use crate::records::{self, KvRecords};
use crate::run_rows::RunRow;
use crate::runs;
use crate::step::STEPS;
use assay_edge::db::{Row, ScopedDb, Value as SqlValue};
use assay_edge::sse::{self, Look};
use assay_edge::{Ctx, Cursor, Platform, Problem, ProblemKind, Reply, reply};
use assay_model::Timestamp;
use assay_scenario::compile;
use assay_scenario::events::{Asked, Begun, Event, EventId, Told, since};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// `GET /api/v1/runs/{id}/events`.
pub(crate) async fn events(ctx: Ctx) -> Result<Reply, Problem> {
    let as_json = sse::wants_json(&ctx);
    let seen = seen(&ctx, as_json)?;
    let db = ctx.db().await?;
    let id = ctx.param("id")?.to_owned();
    let row = row(&db, &id).await?;
    if let Some(seen) = &seen {
        must_be(&ctx.platform, &db, &row, seen).await?;
    }
    let after = seen.map(|seen| seen.id);
    if as_json {
        return page(&ctx, &db, &row, after).await;
    }
    let live = if row.opt_int("finished_at")?.is_some() {
        None
    } else {
        let campaign = row.text("campaign_id")?;
        Live::of(&ctx.platform, &db, &campaign, &id).await?
    };
    let tail = Tail {
        platform: ctx.platform.clone(),
        db,
        id,
        after,
        known: None,
        live,
        asked: Vec::new(),
    };
    Ok(sse::answer(&ctx, tail))
}

async fn page(
    ctx: &Ctx,
    db: &ScopedDb,
    row: &Row,
    after: Option<EventId>,
) -> Result<Reply, Problem> {
    let page = ctx.page()?;
    let id = row.text("id")?;
    let told = told(&ctx.platform, db, row, head(row)?.as_deref(), after).await?;
    let fetched = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
    let events = told.events.into_iter().take(fetched).collect();
    let page = page.page(events, |e: &Event| Cursor(0, e.id.to_string()));
    let data = page.data.iter();
    let data: Vec<Value> = data.map(|e| shown(&id, e, e.id).data).collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// The row of a run, with all that its events are told from.
pub(super) async fn row(db: &ScopedDb, id: &str) -> Result<Row, Problem> {
    let sql = format!(
        "SELECT {}, finished_at FROM runs WHERE workspace_id = $1 AND id = $2",
        runs::COLUMNS
    );
    db.first(&sql, [SqlValue::from(id)])
        .await?
        .ok_or_else(|| Problem::not_found("run"))
}

/// The key of a run's newest record.
pub(super) fn head(row: &Row) -> Result<Option<String>, Problem> {
    Ok(row.opt_text("checkpoint")?.filter(|key| !key.is_empty()))
}

/// Refuses what is no event of the run.
async fn must_be(
    platform: &Platform,
    db: &ScopedDb,
    row: &Row,
    seen: &Seen,
) -> Result<(), Problem> {
    let before = seen.id.group.checked_sub(1);
    let before = before.map(|group| EventId { group, n: u32::MAX });
    // The run's beginning is all that its first group has.
    let known = match before {
        None => beginning(row)?.is_some_and(|e| e.id == seen.id),
        Some(_) => {
            let told = told(platform, db, row, head(row)?.as_deref(), before).await?;
            told.skipped || told.events.iter().any(|e| e.id == seen.id)
        }
    };
    if known {
        Ok(())
    } else {
        Err(unknown(seen.field))
    }
}

/// When it began, where it has.
fn started(row: &Row) -> Result<Option<Timestamp>, Problem> {
    Ok(row.opt_int("started_at")?.map(Timestamp::from_micros))
}

fn beginning(row: &Row) -> Result<Option<Event>, Problem> {
    let Some(at) = started(row)? else {
        return Ok(None);
    };
    let mut data = Map::new();
    data.insert("campaign_id".into(), json!(row.text("campaign_id")?));
    data.insert("item_key".into(), json!(row.text("item_key")?));
    data.insert("repetition".into(), json!(row.int("repetition")?));
    if let Some(from) = row.opt_text("forked_from")? {
        data.insert("forked_from".into(), json!(from));
    }
    Ok(Some(Event {
        id: EventId { group: 0, n: 0 },
        name: "run_started",
        at: Some(at),
        data,
    }))
}

/// The run's end, where it has ended: after its last record, and after what was under way then.
fn ending(row: &Row) -> Result<Option<Event>, Problem> {
    let Some(at) = row.opt_int("finished_at")? else {
        return Ok(None);
    };
    let outcome = runs::outcome(row)?;
    let mut data = Map::new();
    data.insert("status".into(), json!(outcome.status));
    data.insert("turns".into(), json!(outcome.turns));
    data.insert("latency_ms".into(), json!(outcome.latency_ms));
    data.insert("cost_usd".into(), json!(outcome.cost_usd));
    let scores = outcome.scores.iter();
    let scores = scores.map(|s| json!({"name": s.name, "status": s.status, "score": s.score}));
    data.insert("scores".into(), scores.collect());
    if let Some(error) = outcome.error {
        let mut told = Map::new();
        told.insert("kind".into(), json!(error.kind));
        assay_scenario::events::put(&mut told, "message", json!(error.message));
        data.insert("error".into(), Value::Object(told));
    }
    let seq = u64::try_from(row.int("seq")?).unwrap_or(0);
    let group = seq.saturating_add(3);
    Ok(Some(Event {
        id: EventId { group, n: 0 },
        name: "run_finished",
        at: Some(Timestamp::from_micros(at)),
        data,
    }))
}

/// The events of a run after one of them, as the record of that key and its row know them.
pub(super) async fn told(
    platform: &Platform,
    db: &ScopedDb,
    row: &Row,
    head: Option<&str>,
    after: Option<EventId>,
) -> Result<Told, Problem> {
    let mut told = match started(row)? {
        Some(started) => of_records(platform, db, row, head, started, after).await?,
        None => Told::default(),
    };
    let new = |event: &Event| after.is_none_or(|after| event.id > after);
    if let Some(event) = beginning(row)?.filter(new) {
        told.events.insert(0, event);
    }
    told.events.extend(ending(row)?.filter(new));
    Ok(told)
}

async fn of_records(
    platform: &Platform,
    db: &ScopedDb,
    row: &Row,
    newest: Option<&str>,
    started: Timestamp,
    after: Option<EventId>,
) -> Result<Told, Problem> {
    let system = platform.db().await?;
    let campaign = Campaign::of(&system, db.workspace(), &row.text("campaign_id")?).await?;
    let run = RunRow::read(row)?;
    // What cannot be played has no events but its beginning and its end.
    let Ok(play) = compile(campaign.course(&row.text("id")?, &run)) else {
        return Ok(Told::default());
    };
    let begun = Begun {
        newest,
        started,
        steps: STEPS,
    };
    match since(&play, &KvRecords, begun, after, MOST).await {
        Ok(told) => Ok(told),
        Err(problem) if problem.kind() == ProblemKind::StoreUnavailable => Err(problem),
        // Runs of before they were graphs have no records.
        Err(_) if records::is_old(newest).await? => Ok(Told::default()),
        Err(problem) => Err(problem),
    }
}

/// An event of a run, by its id in a stream.
pub(super) fn shown(run: &str, event: &Event, id: EventId) -> Shown {
    let mut data = Map::new();
    data.insert("id".into(), json!(id.to_string()));
    data.insert("event".into(), json!(event.name));
    data.insert("run_id".into(), json!(run));
    data.insert("at".into(), json!(event.at));
    data.extend(event.data.clone());
    Shown {
        id,
        name: event.name.to_owned(),
        data: Value::Object(data),
    }
}

struct Tail {
    platform: Rc<Platform>,
    db: ScopedDb,
    id: String,
    /// The last event that was sent.
    after: Option<EventId>,
    /// How far the run was at the last look.
    known: Option<(i64, String)>,
    /// The words of answers that stream, where there are any.
    live: Option<Live>,
    /// The tasks in which the agent was asked at the last look.
    asked: Vec<Asked>,
}

impl sse::Tail for Tail {
    async fn look(&mut self) -> Result<Look, Problem> {
        let sql = "SELECT seq, status FROM runs WHERE workspace_id = $1 AND id = $2";
        let found = self.db.first(sql, [SqlValue::from(self.id.as_str())]);
        let found = found.await?.ok_or_else(|| Problem::not_found("run"))?;
        let now = (found.int("seq")?, found.text("status")?);
        if let Some(live) = &mut self.live {
            live.looks_on().await;
        }
        if self.known.as_ref() == Some(&now) {
            let Some(live) = &mut self.live else {
                return Ok(Look::Nothing);
            };
            let asked = self.asked.as_slice();
            return Ok(live.words([(self.id.as_str(), now.0, asked)]).await);
        }
        let row = row(&self.db, &self.id).await?;
        let head = head(&row)?;
        let told = told(&self.platform, &self.db, &row, head.as_deref(), self.after).await?;
        let mut text = String::new();
        if told.skipped {
            text.push_str(&sse::event("skipped", None, "{}"));
        }
        for event in &told.events {
            text.push_str(&shown(&self.id, event, event.id).sent());
            self.after = Some(event.id);
        }
        self.known = Some((row.int("seq")?, row.text("status")?));
        self.asked = told.asked;
        Ok(if row.opt_int("finished_at")?.is_some() {
            Look::End(text + &end())
        } else if text.is_empty() {
            Look::Nothing
        } else {
            Look::Events(text)
        })
    }
}
