//! The events of a campaign: those of its runs, and its own.

use super::feed::{self, Span};
use super::live::Live;
use super::{MOST, Shown, end, run, seen, unknown};
use crate::campaigns;
use crate::runs;
use crate::sweep;
use assay_edge::db::{Row, ScopedDb, Value as SqlValue};
use assay_edge::sse::{self, Look};
use assay_edge::{Ctx, Cursor, Platform, Problem, Reply, clock, reply};
use assay_model::Timestamp;
use assay_scenario::events::{Asked, Event, EventId};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::rc::Rc;

/// Runs that are looked into at once.
const AT_ONCE: usize = 100;
/// Spans that are read at once.
const SPANS: i64 = 50;
/// Between two counts of a campaign's runs, in milliseconds.
const PROGRESS_EVERY_MS: i64 = 2_000;
/// How far back a look for runs that have ended begins again, in milliseconds: of other instances they may appear a little late.
const OVERLAP_MS: i64 = 10_000;
/// Where this many runs wait, they are looked at with every tenth look.
const MANY: usize = 500;

/// `GET /api/v1/campaigns/{id}/events`.
pub(crate) async fn events(ctx: Ctx) -> Result<Reply, Problem> {
    let as_json = sse::wants_json(&ctx);
    let seen = seen(&ctx, as_json)?;
    sweep::look(&ctx);
    let id = ctx.param("id")?.to_owned();
    let db = ctx.db().await?;
    campaigns::must_exist(&db, &id).await?;
    let mut tail = Tail {
        platform: ctx.platform.clone(),
        db,
        id,
        after: None,
        next: 1,
        known: HashMap::new(),
        finished_from: Timestamp::default(),
        looks: 0,
        waiting: 0,
        fresh: HashMap::new(),
        live: None,
        asked: HashMap::new(),
    };
    if let Some(seen) = seen {
        if !tail.is_event(seen.id).await? {
            return Err(unknown(seen.field));
        }
        tail.after = Some(seen.id);
        tail.next = number(seen.id.group);
    }
    if as_json {
        return page(&ctx, tail).await;
    }
    tail.live = Live::of(&ctx.platform, &tail.db, &tail.id, &tail.id).await?;
    Ok(sse::answer(&ctx, tail))
}

async fn page(ctx: &Ctx, mut tail: Tail) -> Result<Reply, Problem> {
    let page = ctx.page()?;
    let fetched = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
    let mut all: Vec<Shown> = Vec::new();
    while all.len() < fetched {
        let (events, over) = tail.news().await?;
        if events.is_empty() && (over || !tail.order().await?) {
            break;
        }
        all.extend(events);
    }
    all.truncate(fetched);
    let page = page.page(all, |e| Cursor(0, e.id.to_string()));
    let data = page.data.into_iter().map(|e| e.data);
    let data: Vec<Value> = data.collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// How far a run is.
struct Standing {
    id: String,
    at: (i64, String),
    ended: bool,
}

impl Standing {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.text("id")?,
            at: (row.int("seq")?, row.text("status")?),
            ended: row.opt_int("finished_at")?.is_some(),
        })
    }
}

struct Tail {
    platform: Rc<Platform>,
    db: ScopedDb,
    id: String,
    /// The last event that was sent: the number of a span, and its place in it.
    after: Option<EventId>,
    /// The number of the span that is read next.
    next: i64,
    /// How far runs that have not ended were when they were looked into.
    known: HashMap<String, (i64, String)>,
    /// Runs that ended before that have been told to their end.
    finished_from: Timestamp,
    looks: u32,
    /// Runs that waited at the last look.
    waiting: usize,
    /// The events of spans that this one has appended.
    fresh: HashMap<(String, EventId), Vec<Event>>,
    /// The words of answers that stream, where there are any.
    live: Option<Live>,
    /// The tasks in which agents were asked when runs were looked into, by run.
    asked: HashMap<String, Vec<Asked>>,
}

impl sse::Tail for Tail {
    async fn look(&mut self) -> Result<Look, Problem> {
        if let Some(live) = &mut self.live {
            live.looks_on().await;
        }
        let (mut events, mut over) = self.news().await?;
        if events.is_empty() && !over && self.order().await? {
            (events, over) = self.news().await?;
        }
        let text: String = events.iter().map(Shown::sent).collect();
        Ok(match (over, text.is_empty()) {
            (true, _) => Look::End(text + &end()),
            (false, true) => self.words().await,
            (false, false) => Look::Events(text),
        })
    }
}

impl Tail {
    /// The words of agents that are asked, where all that has happened before was told.
    async fn words(&mut self) -> Look {
        let Some(live) = &mut self.live else {
            return Look::Nothing;
        };
        let runs = self.asked.iter().filter_map(|(run, asked)| {
            let (seq, _) = self.known.get(run)?;
            Some((run.as_str(), *seq, asked.as_slice()))
        });
        live.words(runs).await
    }

    /// The next events in the order that is written down, and whether they are the last.
    async fn news(&mut self) -> Result<(Vec<Shown>, bool), Problem> {
        let finished = self.campaign().await?.opt_int("finished_at")?;
        if feed::is_over(finished.map(Timestamp::from_micros)) {
            return Ok((Vec::new(), true));
        }
        let spans = feed::from(&self.db, &self.id, self.next, SPANS).await?;
        let mut all = Vec::new();
        let mut over = false;
        for (number, span) in spans {
            over = span.run.is_empty() && span.ended;
            let told = self.told(number, &span).await?;
            all.extend(
                told.into_iter()
                    .filter(|e| self.after.is_none_or(|a| e.id > a)),
            );
            self.next = number + 1;
            if all.len() >= MOST {
                break;
            }
        }
        self.fresh.clear();
        if let Some(last) = all.last() {
            self.after = Some(last.id);
        }
        Ok((all, over))
    }

    /// The events of a span.
    async fn told(&mut self, number: i64, span: &Span) -> Result<Vec<Shown>, Problem> {
        let group = u64::try_from(number).unwrap_or(0);
        if let Some(event) = &span.event {
            let id = EventId { group, n: 0 };
            let name = event.get("event").and_then(Value::as_str);
            let mut told = Map::new();
            told.insert("id".into(), json!(id.to_string()));
            told.extend(event.as_object().cloned().unwrap_or_default());
            return Ok(vec![Shown {
                id,
                name: name.unwrap_or_default().to_owned(),
                data: Value::Object(told),
            }]);
        }
        let Some(upto) = span.upto else {
            return Ok(Vec::new());
        };
        let events = match self.fresh.remove(&(span.run.clone(), upto)) {
            Some(events) => events,
            None => {
                let row = run::row(&self.db, &span.run).await?;
                let head = span.checkpoint.as_deref();
                let told = run::told(&self.platform, &self.db, &row, head, span.since).await?;
                told.events
            }
        };
        let events = events.iter().filter(|e| e.id <= upto).zip(0..);
        Ok(events
            .map(|(event, n)| run::shown(&span.run, event, EventId { group, n }))
            .collect())
    }

    /// Whether there is such an event.
    async fn is_event(&mut self, id: EventId) -> Result<bool, Problem> {
        let spans = feed::from(&self.db, &self.id, number(id.group), 1).await?;
        let Some((number, span)) = spans.into_iter().next() else {
            return Ok(false);
        };
        Ok(self.told(number, &span).await?.iter().any(|e| e.id == id))
    }

    async fn campaign(&self) -> Result<Row, Problem> {
        let sql = "SELECT name, status, created_at, finished_at FROM campaigns WHERE workspace_id = $1 AND id = $2";
        let found = self.db.first(sql, [SqlValue::from(self.id.as_str())]);
        found.await?.ok_or_else(|| Problem::not_found("campaign"))
    }

    /// Writes down the order of what is new. `false` where nothing is.
    async fn order(&mut self) -> Result<bool, Problem> {
        let (last, over) = feed::newest(&self.db, &self.id).await?;
        if over {
            return Ok(false);
        }
        // Before its runs: what has ended by then has ended for good.
        let campaign = self.campaign().await?;
        let ended = campaign.opt_int("finished_at")?.is_some();
        let mut spans = Vec::new();
        if last == 0 {
            let data = json!({"name": campaign.text("name")?});
            spans.push(self.own(
                "campaign_started",
                campaign.time("created_at")?,
                &data,
                false,
            ));
        }
        let now = clock::now();
        let (runs, all_of_finished) = self.candidates(ended).await?;
        let mut looked = Vec::new();
        if !runs.is_empty() {
            looked = self.spans(&runs, &mut spans).await?;
        }
        if ended && runs.is_empty() {
            let shown = campaigns::shown(&self.db, &self.id).await?;
            let name = match campaign.text("status")?.as_str() {
                "cancelled" => "campaign_cancelled",
                _ => "campaign_completed",
            };
            let at = campaign.time("finished_at")?;
            spans.push(self.own(name, at, &shown, true));
        } else if !spans.is_empty() {
            let told = feed::last_of_campaign(&self.db, &self.id).await?;
            if now.millis_since(told) >= PROGRESS_EVERY_MS {
                let shown = campaigns::shown(&self.db, &self.id).await?;
                spans.push(self.own("campaign_progress", now, &shown, false));
            }
        }
        let appended = spans.is_empty() || feed::append(&self.db, &self.id, last, &spans).await?;
        if !appended {
            self.fresh.clear();
            return Ok(true);
        }
        for run in looked {
            if run.ended {
                self.known.remove(&run.id);
                self.asked.remove(&run.id);
            } else {
                self.known.insert(run.id, run.at);
            }
        }
        if all_of_finished {
            self.finished_from = now.plus_millis(-OVERLAP_MS);
        }
        Ok(!spans.is_empty())
    }

    /// An event of the campaign itself.
    fn own(&self, name: &str, at: Timestamp, data: &Value, ended: bool) -> Span {
        let mut event = Map::new();
        event.insert("event".into(), json!(name));
        event.insert("campaign_id".into(), json!(self.id));
        event.insert("at".into(), json!(at));
        event.extend(data.as_object().cloned().unwrap_or_default());
        Span {
            run: String::new(),
            since: None,
            upto: None,
            checkpoint: None,
            event: Some(Value::Object(event)),
            ended,
        }
    }

    /// Runs that may have something new, and whether all that have ended are among them. Of a campaign that has ended those are
    /// all that are left to tell.
    async fn candidates(&mut self, ended: bool) -> Result<(Vec<Standing>, bool), Problem> {
        let mut found = Vec::new();
        self.looks = self.looks.wrapping_add(1);
        if !ended {
            let statuses = if self.waiting < MANY || self.looks.is_multiple_of(10) {
                "'running', 'waiting_for_person', 'paused'"
            } else {
                "'running'"
            };
            let sql = format!(
                "SELECT id, seq, status, finished_at FROM runs WHERE workspace_id = $1 AND campaign_id = $2 \
                 AND status IN ({statuses})"
            );
            let rows = self.db.query(&sql, [SqlValue::from(self.id.as_str())]);
            let mut waiting = 0;
            for row in rows.await? {
                let run = Standing::read(&row)?;
                waiting += usize::from(run.at.1 != "running");
                if self.known.get(&run.id) != Some(&run.at) {
                    found.push(run);
                }
            }
            if statuses.contains("paused") {
                self.waiting = waiting;
            }
        }
        found.truncate(AT_ONCE);
        let from = if ended {
            Timestamp::default()
        } else {
            self.finished_from
        };
        let sql = "SELECT id, seq, status, finished_at FROM runs r WHERE workspace_id = $1 AND campaign_id = $2 \
                   AND finished_at >= $3 AND started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaign_events e \
                     WHERE e.workspace_id = $1 AND e.campaign_id = $2 AND e.run_id = r.id AND e.ended = 1) \
                   ORDER BY finished_at LIMIT $4";
        let limit = i64::try_from(AT_ONCE).unwrap_or(100);
        let params: [SqlValue; 3] = [self.id.as_str().into(), from.into(), limit.into()];
        let rows = self.db.query(sql, params).await?;
        let all = rows.len() < AT_ONCE;
        for row in &rows {
            let run = Standing::read(row)?;
            // It has ended since it was found among those that go on.
            found.retain(|other| other.id != run.id);
            found.push(run);
        }
        Ok((found, all))
    }

    /// The spans of what runs have that was not told yet. The runs that were looked into.
    async fn spans(
        &mut self,
        runs: &[Standing],
        spans: &mut Vec<Span>,
    ) -> Result<Vec<Standing>, Problem> {
        let ids: Vec<String> = runs.iter().map(|r| r.id.clone()).collect();
        let upto = feed::told(&self.db, &self.id, &ids).await?;
        let mut looked = Vec::new();
        for row in self.rows(&ids).await? {
            let run = Standing::read(&row)?;
            let (since, over) = upto.get(&run.id).copied().unwrap_or_default();
            if !over {
                let head = run::head(&row)?;
                let told =
                    run::told(&self.platform, &self.db, &row, head.as_deref(), since).await?;
                self.asked.remove(&run.id);
                if self.live.is_some() && !told.asked.is_empty() {
                    self.asked.insert(run.id.clone(), told.asked);
                }
                if let Some(last) = told.events.last() {
                    let upto = last.id;
                    spans.push(Span {
                        run: run.id.clone(),
                        since,
                        upto: Some(upto),
                        checkpoint: head,
                        event: None,
                        ended: run.ended,
                    });
                    self.fresh.insert((run.id.clone(), upto), told.events);
                }
            }
            looked.push(run);
        }
        Ok(looked)
    }

    /// The rows of runs, in the order of their ids.
    async fn rows(&self, ids: &[String]) -> Result<Vec<Row>, Problem> {
        let sql = format!(
            "SELECT {}, finished_at FROM runs WHERE workspace_id = $1 AND id IN ({}) ORDER BY id",
            runs::COLUMNS,
            self.db.pick(
                "SELECT value FROM json_each($2)",
                "SELECT jsonb_array_elements_text($2::text::jsonb)",
            )
        );
        Ok(self
            .db
            .query(&sql, [SqlValue::from(json!(ids).to_string())])
            .await?)
    }
}

/// The number of a span.
fn number(group: u64) -> i64 {
    i64::try_from(group).unwrap_or(i64::MAX)
}
