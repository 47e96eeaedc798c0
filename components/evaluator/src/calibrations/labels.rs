//! The scores that people labelled, out of all review queues of a workspace.

use super::too_many;
use assay_edge::Problem;
use assay_edge::db::{Params, Row, ScopedDb, Value as Sql};
use assay_model::{
    CalibrationSpec, JudgedBy, LabelAnswer, LabelKind, LabelSchemaSpec, LabelTarget, MachineScore,
};
use assay_review::calibration::{Labelled, labelled};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are read at once.
const AT_ONCE: i64 = 1_000;
/// Most answers that a calibration is made of: all are held in memory.
const MOST: usize = 50_000;

/// What of one metric people labelled.
#[derive(Default)]
pub(super) struct Labels {
    /// Of the judge as it is now, and of the metric as it was scored last.
    pub(super) scores: Vec<Labelled>,
    /// How the metric was when it was scored last; empty where there are none.
    pub(super) metric_hash: String,
    /// The label schema.
    schema: String,
    /// What was left out: scored before it was noted what by, by others, by this judge when it was another.
    pub(super) unknown: usize,
    pub(super) other_judge: usize,
    pub(super) judge_changed: usize,
    pub(super) metric_changed: usize,
    pub(super) unscored: usize,
}

/// A score with all that was answered about it, in whatever queue.
struct Score {
    machine: MachineScore,
    /// What it is about: the item of a dataset, a scenario.
    item: String,
    /// The id of its newest item, which tells when it entered.
    entered: String,
    answers: Vec<(String, Vec<LabelAnswer>)>,
}

impl Labels {
    pub(super) async fn read(
        db: &ScopedDb,
        spec: &CalibrationSpec,
        judge: &str,
        judge_hash: &str,
    ) -> Result<Self, Problem> {
        let mut all = Self::default();
        let schemas = schemas(db, spec).await?;
        let mut scores = BTreeMap::new();
        for (key, score) in answered(db, spec).await? {
            let left = match &score.machine.judged_by {
                None => &mut all.unknown,
                Some(by) if by.judge != judge => &mut all.other_judge,
                Some(by) if by.judge_hash != judge_hash => &mut all.judge_changed,
                Some(_) => {
                    scores.insert(key, score);
                    continue;
                }
            };
            *left += 1;
        }
        let hash_of = |score: &Score| {
            score
                .machine
                .judged_by
                .as_ref()
                .map(|by| by.metric_hash.clone())
        };
        let newest = scores.values().max_by(|a, b| a.entered.cmp(&b.entered));
        all.metric_hash = newest.and_then(hash_of).unwrap_or_default();
        let before = scores.len();
        scores.retain(|_, score| hash_of(score).is_some_and(|h| h == all.metric_hash));
        all.metric_changed = before - scores.len();
        all.schema = chosen(spec, &schemas, &scores)?;
        for score in scores.values() {
            let found = score.labelled(&all.schema, &schemas);
            all.unscored += usize::from(found.is_none());
            all.scores.extend(found);
        }
        Ok(all)
    }

    /// Scores on which people are divided.
    pub(super) fn ties(&self) -> usize {
        self.scores.iter().filter(|s| s.agrees.is_none()).count()
    }

    /// SHA-256 of all that a calibration is made of.
    pub(super) fn hash(&self, spec: &CalibrationSpec, by: &JudgedBy) -> String {
        let mut scores: Vec<Value> = self
            .scores
            .iter()
            .map(|s| json!([s.item, s.score, s.confidence, s.agrees, s.people]))
            .collect();
        scores.sort_by_cached_key(Value::to_string);
        // What narrowed the answers down is told by what is left of them.
        let all = json!([
            by,
            self.schema,
            spec.coverage,
            spec.minimum,
            spec.seed,
            scores
        ]);
        hex::encode(Sha256::digest(all.to_string().as_bytes()))
    }
}

impl Score {
    fn labelled(&self, name: &str, schemas: &Schemas) -> Option<Labelled> {
        let mut of_schema = None;
        let mut values: Vec<&Value> = Vec::new();
        for (queue, answers) in &self.answers {
            let asked = schemas.get(queue)?.iter().find(|s| s.name == name);
            of_schema = of_schema.or(asked);
            values.extend(
                answers
                    .iter()
                    .filter(|a| a.schema == name)
                    .map(|a| &a.value),
            );
        }
        labelled(of_schema?, &values, &self.machine, &self.item)
    }
}

/// What queues ask, by the queue's id.
type Schemas = BTreeMap<String, Vec<LabelSchemaSpec>>;

/// What the queues ask of which answers are taken.
///
/// # Errors
/// A validation problem where the queue that is named is none.
async fn schemas(db: &ScopedDb, spec: &CalibrationSpec) -> Result<Schemas, Problem> {
    #[derive(Deserialize)]
    struct Kept {
        spec: LabelSchemaSpec,
    }
    let mut params = Params::default();
    let mut sql = String::from("SELECT id, schemas FROM review_queues WHERE workspace_id = $1");
    if let Some(queue) = &spec.queue_id {
        sql.push_str(&format!(" AND id = {}", params.add(queue)));
    }
    let mut all = Schemas::new();
    for row in db.query(&sql, params.into_values()).await? {
        let kept: Vec<Kept> = row.json("schemas")?;
        let kept = kept.into_iter().map(|k| k.spec).collect();
        all.insert(row.text("id")?, kept);
    }
    if spec.queue_id.is_some() && all.is_empty() {
        let what = "is not a review queue of this workspace";
        return Err(Problem::field("/queue_id", what));
    }
    Ok(all)
}

/// Whether answers can be held against scores.
fn comparable(schema: &LabelSchemaSpec) -> bool {
    let worth = match schema.kind {
        LabelKind::Boolean | LabelKind::Numeric => true,
        LabelKind::Categorical => schema.categories.iter().any(|c| c.score.is_some()),
        LabelKind::Text => false,
    };
    worth && schema.target == LabelTarget::Case
}

/// The schema whose answers are taken: the one that is named, or the only one that there is.
///
/// # Errors
/// A validation problem where there are several, and where the one that is named cannot be held against scores.
fn chosen(
    spec: &CalibrationSpec,
    schemas: &Schemas,
    scores: &BTreeMap<String, Score>,
) -> Result<String, Problem> {
    let known: Vec<&LabelSchemaSpec> = schemas.values().flatten().collect();
    if let Some(name) = &spec.schema {
        let named: Vec<_> = known.iter().filter(|s| s.name == *name).collect();
        let why = match named.iter().any(|s| comparable(s)) {
            true => return Ok(name.clone()),
            false if named.is_empty() => "is asked by no review queue that is looked at",
            false => "has answers that cannot be held against scores",
        };
        return Err(Problem::field("/schema", why));
    }
    let answered: BTreeSet<&str> = scores
        .values()
        .flat_map(|score| &score.answers)
        .flat_map(|(_, answers)| answers)
        .map(|a| a.schema.as_str())
        .collect();
    let fit: BTreeSet<&str> = known
        .iter()
        .filter(|s| comparable(s) && answered.contains(s.name.as_str()))
        .map(|s| s.name.as_str())
        .collect();
    match fit.len() {
        0 | 1 => Ok(fit
            .first()
            .map(|name| (*name).to_owned())
            .unwrap_or_default()),
        _ => {
            let names: Vec<&str> = fit.into_iter().collect();
            let what = format!("is needed: people answered `{}`", names.join("`, `"));
            Err(Problem::field("/schema", what))
        }
    }
}

/// All scores of the metric with answers, by what they are about. Items whose answers are known are left out: they were picked
/// because they are clear.
async fn answered(
    db: &ScopedDb,
    spec: &CalibrationSpec,
) -> Result<BTreeMap<String, Score>, Problem> {
    let mut params = Params::default();
    let mut only = format!(
        "i.workspace_id = $1 AND i.metric = {} AND i.machine IS NOT NULL AND i.gold IS NULL",
        params.add(&spec.metric)
    );
    if let Some(queue) = &spec.queue_id {
        only.push_str(&format!(" AND i.queue_id = {}", params.add(queue)));
    }
    if let Some(dataset) = &spec.dataset_id {
        // Not `jsonb`, which has no texts with NUL, of which a campaign may have some.
        let of = db.pick(
            "json_extract(c.spec, '$.dataset_id')",
            "(c.spec::json ->> 'dataset_id')",
        );
        only.push_str(&format!(" AND {of} = {}", params.add(dataset)));
    }
    if let Some(from) = spec.answered_from {
        only.push_str(&format!(" AND s.finished_at >= {}", params.add(from)));
    }
    if let Some(to) = spec.answered_to {
        only.push_str(&format!(" AND s.finished_at < {}", params.add(to)));
    }
    let narrowed = params.into_values();
    let next = narrowed.len() + 2;
    let sql = format!(
        "SELECT i.id, i.item_key, i.queue_id, i.machine, s.slot, s.answers, r.item_key AS about FROM review_items i \
         JOIN review_slots s ON s.workspace_id = i.workspace_id AND s.item_id = i.id AND s.state = 'done' \
         LEFT JOIN runs r ON r.workspace_id = i.workspace_id AND r.id = i.run_id \
         LEFT JOIN campaigns c ON c.workspace_id = r.workspace_id AND c.id = r.campaign_id \
         WHERE {only} AND (i.id, s.slot) > (${next}, ${}) ORDER BY i.id, s.slot LIMIT ${}",
        next + 1,
        next + 2
    );
    let mut all: BTreeMap<String, Score> = BTreeMap::new();
    let (mut after, mut count) = ((String::new(), -1_i64), 0);
    loop {
        let mut params = narrowed.clone();
        let page: [Sql; 3] = [after.0.into(), after.1.into(), AT_ONCE.into()];
        params.extend(page);
        let rows = db.query(&sql, params).await?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = (last.text("id")?, last.int("slot")?);
        count += rows.len();
        if count > MOST {
            return Err(too_many(MOST));
        }
        for row in &rows {
            add(&mut all, row)?;
        }
    }
}

fn add(all: &mut BTreeMap<String, Score>, row: &Row) -> Result<(), Problem> {
    let key = row.text("item_key")?;
    let score = match all.entry(key.clone()) {
        std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
        std::collections::btree_map::Entry::Vacant(free) => free.insert(Score {
            machine: row.json("machine")?,
            item: row.opt_text("about")?.unwrap_or(key),
            entered: String::new(),
            answers: Vec::new(),
        }),
    };
    // Ids rise with time, and rows come in the order of ids.
    score.entered = row.text("id")?;
    score
        .answers
        .push((row.text("queue_id")?, row.json("answers")?));
    Ok(())
}
