//! The queue of online evaluation: seen by people, worked by whoever evaluates.

use crate::query::text;
use assay_edge::db::ScopedDb;
use assay_edge::evaluation_queue::{
    self, Finished, Outcome, Rule, Selection, State, claim as take, enqueue,
};
use assay_edge::traces::{ListQuery, TraceStore};
use assay_edge::{Ctx, PageQuery, Problem, Reply, clock, reply};
use assay_model::{
    EvaluationRuleSpec, Operand, Operator, RuleEvaluator, Timestamp, Validate, Validator,
};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// Longest lease, in seconds.
const MAX_LEASE_S: u32 = 3_600;
/// Most entries of one request.
const MAX_ENTRIES: usize = 100;
/// Most traces of one request that looks back.
const MAX_BACKFILL: u32 = 10_000;

/// `GET /api/v1/evaluation-queue`: the entry that changed last first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "rule_id", "trace_id", "state"])?;
    let state = text(&ctx, "state")?
        .map(|name| {
            State::of(&name).ok_or_else(|| {
                let names = State::ALL.map(State::name).join(", ");
                Problem::field("state", format!("must be one of {names}"))
            })
        })
        .transpose()?;
    let only = Selection {
        rule: text(&ctx, "rule_id")?,
        trace: text(&ctx, "trace_id")?,
        state,
    };
    let page = ctx.page()?;
    reply::ok(&evaluation_queue::list(&ctx.db().await?, &only, &page).await?)
}

/// `GET /api/v1/evaluation-queue/summary`: how many entries of each rule stand how.
pub(crate) async fn summary(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let data = evaluation_queue::summary(&ctx.db().await?, clock::now()).await?;
    reply::ok(&json!({ "data": data }))
}

const fn ten() -> u32 {
    10
}

const fn five_minutes() -> u32 {
    300
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    #[serde(default = "ten")]
    limit: u32,
    #[serde(default = "five_minutes")]
    lease_s: u32,
    #[serde(default)]
    rule_id: Option<String>,
}

/// An id that a client names.
fn id(v: &mut Validator, field: &str, id: &str) {
    let right = (1..=200).contains(&id.chars().count()) && !id.contains('\0');
    v.require(
        right,
        field,
        "must be 1 to 200 characters, without control characters",
    );
}

impl Validate for Claim {
    fn check(&self, v: &mut Validator) {
        v.range("limit", self.limit, 1, MAX_ENTRIES as u32);
        v.range("lease_s", self.lease_s, 1, MAX_LEASE_S);
        if let Some(rule) = &self.rule_id {
            id(v, "rule_id", rule);
        }
    }
}

/// `POST /api/v1/evaluation-queue/claim`: what is ready, for a time.
pub(crate) async fn claim(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Claim = ctx.json().await?;
    let now = clock::now();
    let until = now.plus_millis(i64::from(asked.lease_s) * 1000);
    let db = ctx.db().await?;
    let data = take(
        &db,
        RuleEvaluator::External,
        asked.rule_id.as_deref(),
        asked.limit,
        (now, until),
    )
    .await?;
    reply::ok(&json!({ "data": data }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    items: Vec<FinishItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FinishItem {
    rule_id: String,
    trace_id: String,
    lease_token: String,
    outcome: Outcome,
    #[serde(default)]
    reason: Option<String>,
    /// With `retry`: how long not to try again, in seconds.
    #[serde(default)]
    delay_s: u32,
}

impl Validate for FinishItem {
    fn check(&self, v: &mut Validator) {
        id(v, "rule_id", &self.rule_id);
        id(v, "trace_id", &self.trace_id);
        id(v, "lease_token", &self.lease_token);
        if let Some(reason) = &self.reason {
            v.longest("reason", reason, 2000);
            v.require(!reason.contains('\0'), "reason", "must not contain NUL");
        }
        v.range("delay_s", self.delay_s, 0, 86_400);
    }
}

impl Validate for Finish {
    fn check(&self, v: &mut Validator) {
        v.require(
            (1..=MAX_ENTRIES).contains(&self.items.len()),
            "items",
            format!("must be 1 to {MAX_ENTRIES}"),
        );
        v.each("items", &self.items);
    }
}

/// `POST /api/v1/evaluation-queue/finish`: what became of entries; those that somebody else has by now are named.
pub(crate) async fn finish(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Finish = ctx.json().await?;
    let now = clock::now();
    let finished: Vec<Finished> = asked
        .items
        .into_iter()
        .map(|item| Finished {
            due: now.plus_millis(i64::from(item.delay_s) * 1000),
            rule_id: item.rule_id,
            trace_id: item.trace_id,
            lease_token: item.lease_token,
            outcome: item.outcome,
            reason: item.reason,
            uncounted: false,
        })
        .collect();
    let mut theirs = evaluation_queue::finish(&ctx.db().await?, &finished, now).await?;
    let count = theirs.len();
    let lost: Vec<_> = finished
        .iter()
        .filter(|f| !theirs.remove(&(f.rule_id.clone(), f.trace_id.clone())))
        .map(|f| json!({"rule_id": f.rule_id, "trace_id": f.trace_id}))
        .collect();
    reply::ok(&json!({"finished": count, "lost": lost}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    rule_id: String,
    /// Of these traces alone; all when absent.
    #[serde(default)]
    trace_ids: Option<Vec<String>>,
    /// Those that came to one of these ends.
    #[serde(default = "failed")]
    states: Vec<State>,
}

fn failed() -> Vec<State> {
    vec![State::Failed]
}

impl Validate for Retry {
    fn check(&self, v: &mut Validator) {
        id(v, "rule_id", &self.rule_id);
        if let Some(traces) = &self.trace_ids {
            v.require(
                (1..=1000).contains(&traces.len()),
                "trace_ids",
                "must be 1 to 1000",
            );
            v.at("trace_ids", |v| {
                for (i, trace) in traces.iter().enumerate() {
                    id(v, &i.to_string(), trace);
                }
            });
        }
        let ended = [State::Done, State::Failed, State::Skipped];
        v.require(
            !self.states.is_empty() && self.states.iter().all(|s| ended.contains(s)),
            "states",
            "must be of done, failed and skipped",
        );
    }
}

/// `POST /api/v1/evaluation-queue/retry`: evaluates again what came to an end.
pub(crate) async fn retry(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Retry = ctx.json().await?;
    let db = ctx.db().await?;
    rule(&db, &asked.rule_id).await?;
    let traces = asked.trace_ids.as_deref();
    let n =
        evaluation_queue::retry(&db, &asked.rule_id, &asked.states, traces, clock::now()).await?;
    reply::ok(&json!({ "requeued": n }))
}

async fn rule(db: &ScopedDb, id: &str) -> Result<EvaluationRuleSpec, Problem> {
    let sql = "SELECT spec FROM evaluation_rules WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    match db.first(sql, [id.into()]).await? {
        Some(row) => Ok(row.json("spec")?),
        None => Err(Problem::field(
            "/rule_id",
            "there is no such evaluation rule",
        )),
    }
}

const fn most() -> u32 {
    MAX_BACKFILL
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backfill {
    rule_id: String,
    from: Timestamp,
    to: Timestamp,
    #[serde(default = "most")]
    limit: u32,
}

impl Validate for Backfill {
    fn check(&self, v: &mut Validator) {
        id(v, "rule_id", &self.rule_id);
        v.require(self.from < self.to, "to", "must be after `from`");
        v.range("limit", self.limit, 1, MAX_BACKFILL);
    }
}

/// `POST /api/v1/evaluation-queue/backfill`: traces that are there already, the newest first, as if they came in now.
pub(crate) async fn backfill(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Backfill = ctx.json().await?;
    let db = ctx.db().await?;
    let mut spec = rule(&db, &asked.rule_id).await?;
    if !spec.enabled {
        return Err(Problem::field("/rule_id", "the evaluation rule is off"));
    }
    let filter = spec
        .conditions()
        .map_err(Problem::validation)?
        .and("timestamp", Operator::AtLeast, Operand::Time(asked.from))
        .and("timestamp", Operator::Less, Operand::Time(asked.to));
    // They are complete: there is nothing to wait for.
    spec.delay_s = 0;
    let rule = Rule {
        id: asked.rule_id,
        spec,
    };
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let query = ListQuery {
        filter,
        ..ListQuery::default()
    };
    let (mut matched, mut enqueued) = (0, 0);
    let mut page = PageQuery {
        limit: 200,
        cursor: None,
    };
    while matched < asked.limit {
        page.limit = (asked.limit - matched).min(200);
        let (ids, next) = store.trace_ids(&query, &page).await?;
        matched += ids.len() as u32;
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        enqueued += enqueue(&db, std::slice::from_ref(&rule), &ids, clock::now()).await?;
        match next {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    reply::ok(&json!({"matched": matched, "enqueued": enqueued}))
}
