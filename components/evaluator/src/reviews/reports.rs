//! What a queue's answers come to: how far it is, how far people agree, how sure one can be of them and of the judge.

use super::id;
use super::stored::{Item, ItemState, QUEUE, Queue, opt_json, select_items};
use assay_edge::db::{ScopedDb, Value as Sql};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, reply};
use assay_model::LabelAnswer;
use assay_review::judge::{Judged, judge_reports};
use assay_review::{Annotation, agreement, gold};
use assay_stats::Level;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

/// Rows that are read at once.
const AT_ONCE: i64 = 1_000;
/// Most answers that a report is made of: all are held in memory.
const MOST: usize = 50_000;

/// All that was answered, and what of the items reports need.
pub(super) struct Answers {
    pub(super) annotations: Vec<Annotation>,
    /// Known answers, by item.
    pub(super) gold: BTreeMap<String, Vec<LabelAnswer>>,
    /// Scores, by item.
    judged: BTreeMap<String, Judged>,
}

impl Answers {
    pub(super) async fn of(db: &ScopedDb, queue: &str) -> Result<Self, Problem> {
        let mut all = Self {
            annotations: Vec::new(),
            gold: BTreeMap::new(),
            judged: BTreeMap::new(),
        };
        let sql = "SELECT s.item_id, s.slot, s.person_id, s.answers, i.gold, i.metric, i.machine FROM review_slots s \
                   JOIN review_items i ON i.workspace_id = s.workspace_id AND i.id = s.item_id \
                   WHERE s.workspace_id = $1 AND s.queue_id = $2 AND s.state = 'done' AND (s.item_id, s.slot) > ($3, $4) \
                   ORDER BY s.item_id, s.slot LIMIT $5";
        let mut after = (String::new(), -1);
        loop {
            let params: [Sql; 4] = [queue.into(), after.0.into(), after.1.into(), AT_ONCE.into()];
            let rows = db.query(sql, params).await?;
            let Some(last) = rows.last() else {
                return Ok(all);
            };
            after = (last.text("item_id")?, last.int("slot")?);
            for row in &rows {
                let item = row.text("item_id")?;
                if let Some(gold) = opt_json(row, "gold")? {
                    all.gold.insert(item.clone(), gold);
                }
                if let (Some(metric), Some(machine)) =
                    (row.opt_text("metric")?, opt_json(row, "machine")?)
                {
                    all.judged.insert(item.clone(), Judged { metric, machine });
                }
                all.annotations.push(Annotation {
                    item,
                    person: row.text("person_id")?,
                    answers: row.json("answers")?,
                });
            }
            if all.annotations.len() > MOST {
                let what = format!("The queue has more than {MOST} answers.");
                return Err(Problem::new(ProblemKind::Conflict, what));
            }
        }
    }

    /// Those to items whose answers are not known: on the others people agree because they were picked to be clear.
    fn of_unknown(&self) -> Vec<Annotation> {
        let unknown = |a: &&Annotation| !self.gold.contains_key(&a.item);
        self.annotations.iter().filter(unknown).cloned().collect()
    }
}

fn level(ctx: &Ctx) -> Result<Level, Problem> {
    let Some(text) = ctx.query("level") else {
        return Ok(Level::P95);
    };
    let level = f64::from_str(text).ok().filter(|l| *l >= 0.5);
    level
        .and_then(Level::new)
        .ok_or_else(|| Problem::field("level", "must be a number from 0.5 to less than 1"))
}

/// `GET /api/v1/review-queues/{id}/agreement`.
pub(crate) async fn agreement_of(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["level"])?;
    let level = level(&ctx)?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let answers = Answers::of(&db, &queue.id).await?;
    let schemas = agreement::agreement(&queue.schemas(), &answers.of_unknown(), level);
    reply::ok(&json!({"queue_id": queue.id, "level": level.get(), "schemas": schemas}))
}

/// `GET /api/v1/review-queues/{id}/judge-report`.
pub(crate) async fn judge(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["level", "metric"])?;
    let level = level(&ctx)?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let mut answers = Answers::of(&db, &queue.id).await?;
    if let Some(metric) = ctx.query("metric") {
        answers.judged.retain(|_, judged| judged.metric == metric);
    }
    let unknown = answers.of_unknown();
    let reports = judge_reports(&queue.schemas(), &unknown, &answers.judged, level);
    reply::ok(&json!({"queue_id": queue.id, "level": level.get(), "reports": reports}))
}

/// `GET /api/v1/review-queues/{id}/progress`: items by state, those whose answers are known apart; and what each person did.
pub(crate) async fn progress(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let counted = select_items("i.workspace_id = $1 AND i.queue_id = $2", "$3");
    let sql = format!(
        "SELECT c.state AS state, CASE WHEN c.gold IS NULL THEN 0 ELSE 1 END AS known, count(*) AS items, sum(c.done) AS answers \
         FROM ({counted}) c GROUP BY c.state, CASE WHEN c.gold IS NULL THEN 0 ELSE 1 END"
    );
    let now = clock::now();
    let rows = db
        .query(&sql, [queue.id.as_str().into(), now.into()])
        .await?;
    let mut states: BTreeMap<&str, i64> = [
        ItemState::Pending,
        ItemState::InProgress,
        ItemState::Done,
        ItemState::Skipped,
    ]
    .into_iter()
    .map(|s| (s.as_str(), 0))
    .collect();
    let (mut answers, mut known, mut known_answers) = (0, 0, 0);
    for row in &rows {
        let (state, items, given) = (row.text("state")?, row.int("items")?, row.int("answers")?);
        if row.int("known")? == 1 {
            known += items;
            known_answers += given;
        } else {
            answers += given;
            if let Some(count) = states.get_mut(state.as_str()) {
                *count += items;
            }
        }
    }
    let total: i64 = states.values().sum();
    reply::ok(&json!({
        "queue_id": queue.id, "items": total, "states": states, "answers": answers,
        "gold": {"items": known, "answers": known_answers}, "people": people(&db, &queue, now).await?,
    }))
}

/// What each person did: answers, skips, what they hold, the usual time of an answer, and how often they are right.
async fn people(
    db: &ScopedDb,
    queue: &Queue,
    now: assay_model::Timestamp,
) -> Result<Vec<Value>, Problem> {
    let sql = "SELECT person_id, min(person_kind) AS kind, count(CASE WHEN state = 'done' THEN 1 END) AS done, \
               count(CASE WHEN state = 'leased' AND lease_until >= $3 THEN 1 END) AS held, \
               avg(CASE WHEN state = 'done' THEN finished_at - started_at END) AS took \
               FROM review_slots WHERE workspace_id = $1 AND queue_id = $2 AND person_id IS NOT NULL GROUP BY person_id";
    let id = queue.id.as_str();
    let worked = db.query(sql, [id.into(), now.into()]).await?;
    let sql = "SELECT person_id, min(person_kind) AS kind, count(*) AS skips FROM review_skips \
               WHERE workspace_id = $1 AND queue_id = $2 GROUP BY person_id";
    let skipped = db.query(sql, [id.into()]).await?;
    let (known, given) = golden(db, id).await?;
    let tallies = gold::tallies(&queue.schemas(), &known, &given);
    let mut all: BTreeMap<String, Work> = BTreeMap::new();
    for row in &worked {
        let work = Work {
            kind: row.text("kind")?,
            answered: row.int("done")?,
            held: row.int("held")?,
            seconds: row.opt_real("took")?.map(|micros| micros / 1e6),
            skipped: 0,
        };
        all.insert(row.text("person_id")?, work);
    }
    for row in &skipped {
        let kind = row.text("kind")?;
        let work = all.entry(row.text("person_id")?).or_default();
        (work.kind, work.skipped) = (kind, row.int("skips")?);
    }
    let shown = all.into_iter().map(|(person, work)| {
        let gold = tallies.get(&person).map(
            |t| json!({"answered": t.answered, "right": t.right, "accuracy": t.accuracy()}),
        );
        json!({
            "person_id": person, "person_kind": work.kind, "answered": work.answered, "in_progress": work.held,
            "skipped": work.skipped, "mean_seconds": work.seconds, "gold": gold,
        })
    });
    Ok(shown.collect())
}

/// What one person did.
#[derive(Default)]
struct Work {
    kind: String,
    answered: i64,
    held: i64,
    seconds: Option<f64>,
    skipped: i64,
}

type Golden = (BTreeMap<String, Vec<LabelAnswer>>, Vec<Annotation>);

/// The items whose answers are known, and what was answered.
async fn golden(db: &ScopedDb, queue: &str) -> Result<Golden, Problem> {
    let sql = "SELECT s.item_id, s.person_id, s.answers, i.gold FROM review_items i \
               JOIN review_slots s ON s.workspace_id = i.workspace_id AND s.item_id = i.id AND s.state = 'done' \
               WHERE i.workspace_id = $1 AND i.queue_id = $2 AND i.gold IS NOT NULL ORDER BY s.item_id, s.slot LIMIT 20000";
    let (mut known, mut given) = (BTreeMap::new(), Vec::new());
    for row in db.query(sql, [queue.into()]).await? {
        let item = row.text("item_id")?;
        known.insert(item.clone(), row.json("gold")?);
        given.push(Annotation {
            item,
            person: row.text("person_id")?,
            answers: row.json("answers")?,
        });
    }
    Ok((known, given))
}

/// Items of a queue that as many have answered as are wanted, and whose answers were not known.
pub(super) async fn done(db: &ScopedDb, queue: &str) -> Result<Vec<Item>, Problem> {
    let done = select_items(
        "i.workspace_id = $1 AND i.queue_id = $2 AND i.gold IS NULL AND i.id > $3",
        "$4",
    );
    let sql = format!("SELECT * FROM ({done}) f WHERE f.state = 'done' ORDER BY f.id LIMIT $5");
    let (mut all, mut after) = (Vec::new(), String::new());
    let mut seen = BTreeSet::new();
    loop {
        let params: [Sql; 4] = [
            queue.into(),
            after.as_str().into(),
            clock::now().into(),
            AT_ONCE.into(),
        ];
        let rows = db.query(&sql, params).await?;
        for row in &rows {
            let item = Item::read(row)?;
            after.clone_from(&item.id);
            if seen.insert(item.id.clone()) {
                all.push(item);
            }
        }
        if rows.len() < AT_ONCE as usize {
            return Ok(all);
        }
        if all.len() > MOST {
            let what = format!("The queue has more than {MOST} items that are done.");
            return Err(Problem::new(ProblemKind::Conflict, what));
        }
    }
}
