//! Items put in by hand, looked at, and given to named people.

use super::content;
use super::stored::{ITEM, Item, ItemState, QUEUE, Queue, opt_json};
use super::{Who, conflict, id, known_people};
use assay_edge::db::{Row, ScopedDb, Statement, Value as Sql};
use assay_edge::review_items::{NewItem, enter};
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_model::{
    LabelAnswer, LabelSchemaSpec, MachineScore, MetricResult, ReviewSubject, Validate, Validator,
};
use assay_review::{rules, submission};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most items of one request.
const MAX_ITEMS: usize = 200;
/// How many people answer an item whose answers are known: each of them is measured by it.
const GOLD_PLACES: u32 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    items: Vec<ItemSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemSpec {
    subject: ReviewSubject,
    #[serde(default)]
    gold: Option<Vec<LabelAnswer>>,
    #[serde(default)]
    assignees: Vec<String>,
    #[serde(default)]
    priority: i64,
}

impl ItemSpec {
    fn wanted(&self, queue: &Queue) -> u32 {
        if self.gold.is_some() {
            GOLD_PLACES
        } else {
            queue.spec.annotators_per_item
        }
    }

    fn check(&self, queue: &Queue, schemas: &[LabelSchemaSpec], v: &mut Validator) {
        v.at("subject", |v| self.subject.check(v));
        if let Some(gold) = &self.gold {
            v.at("gold", |v| submission::check_gold(schemas, gold, v));
        }
        v.texts(
            "assignees",
            &self.assignees,
            self.wanted(queue) as usize,
            64,
        );
        let different: BTreeSet<&String> = self.assignees.iter().collect();
        let once = different.len() == self.assignees.len();
        v.require(once, "assignees", "must name nobody twice");
        v.range("priority", self.priority, -1000, 1000);
    }
}

/// `POST /api/v1/review-queues/{id}/items`: what is in the queue already stays as it is.
pub(crate) async fn add(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Added = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let mut v = Validator::default();
    let fits = (1..=MAX_ITEMS).contains(&body.items.len());
    v.require(fits, "items", format!("must be 1 to {MAX_ITEMS}"));
    let schemas = queue.schemas();
    let mut keys = BTreeSet::new();
    v.at("items", |v| {
        for (i, item) in body.items.iter().enumerate() {
            v.at(i, |v| {
                item.check(&queue, &schemas, v);
                let new = keys.insert(item.subject.key());
                v.require(new, "subject", "is twice in this request");
            });
        }
    });
    v.finish().map_err(Problem::validation)?;
    for (i, item) in body.items.iter().enumerate() {
        known_people(&db, &format!("/items/{i}/assignees"), &item.assignees).await?;
    }
    let total = body.items.len() as i64;
    let mut machines = machines(&ctx, &db, &body.items).await?;
    let items: Vec<NewItem> = body
        .items
        .into_iter()
        .map(|item| NewItem {
            id: new_id(),
            wanted: item.wanted(&queue),
            machine: machines.remove(&item.subject.key()),
            subject: item.subject,
            rule: None,
            gold: item.gold,
            reserved: item.assignees,
            priority: item.priority,
        })
        .collect();
    let by = Some(Who::of(&ctx)?.id);
    let statements = enter(db.dialect(), &queue.id, &items, by, clock::now())?;
    db.batch(statements.to_vec()).await?;
    let ids: Vec<&str> = items.iter().map(|i| i.id.as_str()).collect();
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT count(*) AS created FROM review_items WHERE workspace_id = $1 AND id IN ({list})"
    );
    let row = db.first(&sql, [json!(ids).to_string().into()]).await?;
    let created = row.map(|row| row.int("created")).transpose()?.unwrap_or(0);
    reply::ok(&json!({"created": created, "existing": total - created}))
}

/// What metrics said of what items are about, by the subjects' keys, once all of it is known to be there.
///
/// # Errors
/// A validation problem that names what is not there.
async fn machines(
    ctx: &Ctx,
    db: &ScopedDb,
    items: &[ItemSpec],
) -> Result<BTreeMap<String, MachineScore>, Problem> {
    let runs: BTreeSet<&str> = items.iter().filter_map(|i| i.subject.run()).collect();
    let outcomes = outcomes(db, &runs).await?;
    let mut machines = BTreeMap::new();
    let mut v = Validator::default();
    for (i, item) in items.iter().enumerate() {
        let wrong = match &item.subject {
            ReviewSubject::Run { run_id, metric } => match (outcomes.get(run_id), metric) {
                (None, _) => Some(("run_id", "is not a run of this workspace")),
                (Some(None), _) => Some(("run_id", "is a run that has not ended")),
                (Some(Some(_)), None) => None,
                (Some(Some(scores)), Some(metric)) => {
                    match scores.iter().find(|s| s.name == *metric) {
                        None => Some(("metric", "is not a metric of the run")),
                        Some(result) => {
                            machines.insert(item.subject.key(), rules::machine(result));
                            None
                        }
                    }
                }
            },
            ReviewSubject::Trace {
                trace_id,
                observation_id,
                ..
            } => {
                let observation = observation_id.as_deref();
                let there = there(ctx, db, trace_id, observation).await?;
                let field = if observation.is_some() {
                    "observation_id"
                } else {
                    "trace_id"
                };
                (!there).then_some((field, "is not in this workspace"))
            }
            ReviewSubject::DatasetItem {
                dataset_id,
                item_key,
            } => content::dataset_item(db, dataset_id, item_key)
                .await?
                .is_none()
                .then_some(("item_key", "is not an item of a dataset of this workspace")),
        };
        if let Some((field, message)) = wrong {
            v.at("items", |v| {
                v.at(i, |v| v.at("subject", |v| v.error(field, message)));
            });
        }
    }
    v.finish().map_err(Problem::validation)?;
    Ok(machines)
}

async fn there(
    ctx: &Ctx,
    db: &ScopedDb,
    trace: &str,
    observation: Option<&str>,
) -> Result<bool, Problem> {
    let store = TraceStore::open(&ctx.platform, db.workspace()).await?;
    match observation {
        None => store.has_trace(trace).await,
        Some(id) => Ok(store.observation_of(trace, id).await?.is_some()),
    }
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    scores: Vec<MetricResult>,
}

/// The scores of those runs that are there; `None` of one that has not ended.
async fn outcomes(
    db: &ScopedDb,
    runs: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Option<Vec<MetricResult>>>, Problem> {
    if runs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!("SELECT id, outcome FROM runs WHERE workspace_id = $1 AND id IN ({list})");
    let read = |row: &Row| {
        let outcome: Option<Outcome> = opt_json(row, "outcome")?;
        Ok((row.text("id")?, outcome.map(|o| o.scores)))
    };
    let rows = db.query(&sql, [json!(runs).to_string().into()]).await?;
    rows.iter().map(read).collect()
}

/// An item as it is shown: what a machine said and what is known only to those who may see it.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    queue_id: String,
    subject: ReviewSubject,
    state: ItemState,
    priority: i64,
    /// How many people are wanted, have answered, answer now and would not.
    wanted: i64,
    answered: i64,
    in_progress: i64,
    skips: i64,
    rule: Option<String>,
    machine: Option<MachineScore>,
    gold: Option<Vec<LabelAnswer>>,
    created_by: Option<String>,
    created_at: assay_model::Timestamp,
}

impl Shown {
    /// `sees`: whether they look after the queue, or have answered the item.
    pub(super) fn of(item: Item, queue: &Queue, sees: bool) -> Self {
        Self {
            id: item.id,
            queue_id: item.queue_id,
            subject: item.subject,
            state: item.state,
            priority: item.priority,
            wanted: if sees || item.gold.is_none() {
                item.wanted
            } else {
                // The number of places would give it away.
                i64::from(queue.spec.annotators_per_item)
            },
            answered: item.done,
            in_progress: item.held,
            skips: item.skips,
            rule: item.rule,
            machine: item.machine.filter(|_| sees || queue.spec.show_scores),
            gold: item.gold.filter(|_| sees),
            created_by: item.created_by,
            created_at: item.created_at,
        }
    }
}

/// `GET /api/v1/review-queues/{id}/items/{item_id}`: with what there is to look at, and who does.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let item = Item::find(&db, &queue.id, id(&ctx, "item_id", ITEM)?).await?;
    let who = Who::of(&ctx)?;
    let sql = "SELECT state, reserved_for, person_id, person_kind, lease_until, finished_at FROM review_slots \
               WHERE workspace_id = $1 AND item_id = $2 ORDER BY slot";
    let rows = db.query(sql, [item.id.as_str().into()]).await?;
    let mut people = Vec::new();
    let mut sees = who.manages;
    for row in &rows {
        let (state, person) = (row.text("state")?, row.opt_text("person_id")?);
        sees |= state == "done" && person.as_deref() == Some(who.id);
        let reserved = row.opt_text("reserved_for")?;
        if person.is_some() || reserved.is_some() {
            let time = |column| -> Result<_, Problem> {
                let at = row.opt_int(column)?;
                Ok(at.map(assay_model::Timestamp::from_micros))
            };
            people.push(json!({
                "state": state, "assigned_to": reserved, "person_id": person, "person_kind": row.opt_text("person_kind")?,
                "lease_until": time("lease_until")?, "answered_at": time("finished_at")?,
            }));
        }
    }
    let content = content::of(&ctx, &db, &item.subject).await?;
    let mut shown =
        serde_json::to_value(Shown::of(item, &queue, sees)).map_err(Problem::internal)?;
    if let Value::Object(shown) = &mut shown {
        shown.insert("content".into(), content);
        shown.insert("people".into(), json!(people));
    }
    reply::ok(&shown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assign {
    assignees: Vec<String>,
}

/// `POST /api/v1/review-queues/{id}/items/{item_id}/assign`: the places that nobody has taken, for these people alone and in this
/// order; for everybody, where nobody is named.
pub(crate) async fn assign(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Assign = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let (queue, item) = (id(&ctx, "id", QUEUE)?, id(&ctx, "item_id", ITEM)?);
    let mut v = Validator::default();
    v.texts("assignees", &body.assignees, GOLD_PLACES as usize, 64);
    let different: BTreeSet<&String> = body.assignees.iter().collect();
    let once = different.len() == body.assignees.len();
    v.require(once, "assignees", "must name nobody twice");
    v.finish().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    Item::find(&db, queue, item).await?;
    known_people(&db, "/assignees", &body.assignees).await?;
    let sql = "SELECT slot, state, person_id FROM review_slots WHERE workspace_id = $1 AND item_id = $2 ORDER BY slot";
    let rows = db.query(sql, [item.into()]).await?;
    let (mut free, mut there) = (Vec::new(), BTreeSet::new());
    for row in &rows {
        match (row.text("state")?.as_str(), row.opt_text("person_id")?) {
            ("leased" | "done", Some(person)) => {
                there.insert(person);
            }
            _ => free.push(row.int("slot")?),
        }
    }
    // Who has the item already needs no place.
    let mut wanted = body.assignees.iter().filter(|p| !there.contains(*p));
    let mut statements = Vec::new();
    for slot in free {
        let sql = "UPDATE review_slots SET reserved_for = $4 \
                   WHERE workspace_id = $1 AND item_id = $2 AND slot = $3 AND state IN ('open', 'aside')";
        let row: [Sql; 3] = [item.into(), slot.into(), wanted.next().cloned().into()];
        statements.push(Statement::new(sql, row));
    }
    if wanted.next().is_some() {
        let message = "are more than the places that nobody has taken";
        return Err(Problem::field("/assignees", message));
    }
    if statements.is_empty() {
        return Err(conflict("Every place of the item is taken."));
    }
    let detail = json!({"queue_id": queue, "assignees": body.assignees});
    statements.push(ctx.audit("review_item.assign", ("review_item", item), &detail)?);
    db.batch(statements).await?;
    let item = Item::find(&db, queue, item).await?;
    reply::ok(&json!({"item_id": item.id, "state": item.state}))
}
