//! A run's history: its checkpoints, what changed between two, edits of the state, forks, replays and how a fork compares.

use crate::campaign::Campaign;
use crate::pump::{self, FIRST_LEASE_MS};
use crate::records::{self, KvRecords};
use crate::run_rows::{Lease, RunRow};
use crate::runs;
use assay_edge::db::{Row, ScopedDb, Statement, Value as SqlValue};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Platform, Problem, ProblemKind, Reply, clock, new_id, reply,
};
use assay_graph::pregel::{
    Edit, Graph, Journal, Listing, Name, Place, RunError as GraphError, Saved, Snapshot, Source,
    Store as _, Written,
};
use assay_model::{ItemOutcome, RunStatus};
use assay_scenario::compile;
use assay_scenario::events::Noted;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Fields that one edit may write.
const MAX_FIELDS: usize = 50;

/// A run, opened: its row, its graph, its history.
struct Opened {
    row: Row,
    graph: Graph,
    place: Place,
    journal: Journal<KvRecords>,
}

async fn open(ctx: &Ctx, db: &ScopedDb, id: &str) -> Result<Opened, Problem> {
    let row = runs::row(db, id).await?;
    let system = ctx.platform.db().await?;
    let campaign = Campaign::of(&system, db.workspace(), &row.text("campaign_id")?).await?;
    let play = compile(campaign.course(id, &RunRow::read(&row)?));
    let play = play.map_err(|e| {
        let detail = format!("The run's scenario cannot be played: {e}");
        Problem::new(ProblemKind::Conflict, detail)
    })?;
    let key = row.opt_text("checkpoint")?.filter(|k| !k.is_empty());
    Ok(Opened {
        row,
        graph: play.graph,
        place: Place::of(id),
        journal: records::open(key.as_deref()).await?,
    })
}

impl Opened {
    async fn saved(&self, checkpoint: &str) -> Result<Saved, Problem> {
        let found = self.journal.get(&self.place, Some(checkpoint)).await?;
        found.ok_or_else(|| Problem::not_found("checkpoint"))
    }

    /// The id of the newest checkpoint.
    async fn newest(&self) -> Result<String, Problem> {
        let found = self.journal.get(&self.place, None).await?;
        let found = found
            .ok_or_else(|| Problem::new(ProblemKind::Conflict, "The run has no checkpoint yet."))?;
        Ok(found.checkpoint.id.to_string())
    }

    fn snapshot(&self, saved: &Saved) -> Result<Snapshot, Problem> {
        let snapshot = self.graph.snapshot(saved, false);
        snapshot.map_err(Problem::internal)
    }
}

/// A checkpoint as clients see it.
#[derive(Serialize)]
struct Checkpoint {
    id: String,
    parent: Option<String>,
    source: Option<Source>,
    step: Option<i64>,
    /// What its maker noted: when, and of what it is a fork.
    metadata: Map<String, Value>,
    /// The nodes that are to run.
    next: Vec<Name>,
    tasks: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
}

impl Checkpoint {
    fn of(snapshot: Snapshot, whole: bool) -> Self {
        let tasks = snapshot.tasks.iter().map(|task| {
            let mut told = json!({"id": task.id, "node": task.name, "questions": task.interrupts});
            if let Value::Object(told) = &mut told {
                told.extend(task.error.iter().map(|e| ("error".to_owned(), json!(e))));
                told.extend(task.result.iter().map(|r| ("wrote".to_owned(), r.clone())));
            }
            told
        });
        Self {
            tasks: tasks.collect(),
            id: snapshot.id.to_string(),
            parent: snapshot.parent.map(|p| p.to_string()),
            source: snapshot.metadata.source,
            step: snapshot.metadata.step,
            metadata: snapshot.metadata.more,
            next: snapshot.next,
            values: whole.then(|| json!(snapshot.values)),
        }
    }
}

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let run = open(&ctx, &db, ctx.param("id")?).await?;
    let listing = Listing {
        namespace: Some(String::new()),
        before: page.cursor.as_ref().map(|c| c.1.as_str().into()),
        limit: usize::try_from(page.fetch()).ok(),
        ..Listing::default()
    };
    let saved = run.journal.list(&listing).await?;
    let all = saved.iter().map(|(_, saved)| {
        let snapshot = run.snapshot(saved)?;
        Ok(Checkpoint::of(snapshot, false))
    });
    let all = all.collect::<Result<Vec<_>, Problem>>()?;
    let page = page.page(all, |c| Cursor(0, c.id.clone()));
    reply::ok(&json!({"data": page.data, "next_cursor": page.next_cursor}))
}

pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let run = open(&ctx, &db, ctx.param("id")?).await?;
    let saved = run.saved(ctx.param("checkpoint")?).await?;
    reply::ok(&Checkpoint::of(run.snapshot(&saved)?, true))
}

pub(crate) async fn diff(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["from", "to"])?;
    let db = ctx.db().await?;
    let run = open(&ctx, &db, ctx.param("id")?).await?;
    let (from, to) = (ctx.query("from"), ctx.query("to"));
    let to = match to {
        Some(id) => named(&run, "to", id).await?,
        None => run.saved(&run.newest().await?).await?,
    };
    let from = match (from, &to.parent) {
        (Some(id), _) => Some(named(&run, "from", id).await?),
        (None, Some(parent)) => Some(run.saved(parent).await?),
        (None, None) => None,
    };
    let values = |saved: &Saved| Ok::<_, Problem>(json!(run.snapshot(saved)?.values));
    let before = match &from {
        Some(saved) => values(saved)?,
        None => json!({}),
    };
    reply::ok(&json!({
        "from": from.map(|s| s.checkpoint.id),
        "to": to.checkpoint.id.clone(),
        "patch": json_patch::diff(&before, &values(&to)?),
    }))
}

/// A checkpoint that a parameter names.
async fn named(run: &Opened, field: &str, id: &str) -> Result<Saved, Problem> {
    let found = run.journal.get(&run.place, Some(id)).await?;
    found.ok_or_else(|| Problem::field(field, "is no checkpoint of this run"))
}

/// Changes of a state, as if a node had made them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Change {
    /// The checkpoint that is changed; the newest where none is named.
    checkpoint: Option<String>,
    /// What is written to fields, as the node would: to a list it is appended, to an object it is merged.
    values: BTreeMap<String, Value>,
    /// What fields hold from then on.
    overwrite: BTreeMap<String, Value>,
    /// The node: what follows it follows. The one that ran last where none is named.
    as_node: Option<String>,
}

impl Change {
    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.overwrite.is_empty() && self.as_node.is_none()
    }

    /// As the engine takes it.
    fn edit(&self, graph: &Graph) -> Result<Edit, Problem> {
        let mut writes: Vec<(Name, Written)> = Vec::new();
        for (place, fields) in [("values", &self.values), ("overwrite", &self.overwrite)] {
            if fields.len() > MAX_FIELDS {
                let message = format!("must have at most {MAX_FIELDS} entries");
                return Err(Problem::field(format!("/{place}"), message));
            }
            for (name, value) in fields {
                if !graph.has_field(name) {
                    let field = format!("/{place}/{name}");
                    return Err(Problem::field(field, "is no field of a run's state"));
                }
                let written = Written::from(value.clone());
                let written = match written {
                    Written::Value(value) if place == "overwrite" => Written::Overwrite(value),
                    written => written,
                };
                writes.push((name.as_str().into(), written));
            }
        }
        let as_node = self.as_node.as_deref();
        if let Some(node) = as_node.filter(|node| graph.node(node).is_none()) {
            let message = format!("is no node of the run's graph: `{node}`");
            return Err(Problem::field("/as_node", message));
        }
        Ok(Edit {
            values: Some(writes),
            as_node: as_node.map(Name::from),
        })
    }

    /// Makes the change.
    async fn make(
        &self,
        run: &Opened,
        journal: &mut Journal<KvRecords>,
        place: &Place,
    ) -> Result<String, Problem> {
        let edit = self.edit(&run.graph)?;
        let checkpoint = self.checkpoint.as_deref();
        let made = run.graph.edit(journal, place, checkpoint, vec![edit]).await;
        made.map(|id| id.to_string()).map_err(|error| match error {
            GraphError::Store(problem) => problem,
            GraphError::Invalid(error) => Problem::field("/values", error.to_string()),
            GraphError::Unknown(message) => Problem::field("/as_node", message),
            error => Problem::field("/values", error.to_string()),
        })
    }
}

/// Changes the state of a run that waits. It is paused then, until it is resumed.
pub(crate) async fn edit(mut ctx: Ctx) -> Result<Reply, Problem> {
    let change: Change = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let id = ctx.param("id")?.to_owned();
    let db = ctx.db().await?;
    let run = open(&ctx, &db, &id).await?;
    if change.is_empty() {
        return Err(Problem::field(
            "/values",
            "is required, or `overwrite` or `as_node`",
        ));
    }
    if let Some(checkpoint) = &change.checkpoint {
        named(&run, "/checkpoint", checkpoint).await?;
    }
    let mut journal = run.journal.clone();
    let made = change.make(&run, &mut journal, &run.place).await?;
    let seq = run.row.int("seq")?;
    let key = records::key(&id, seq + 1, &new_id());
    journal.note(written(false));
    let key = records::write(&mut journal, key).await?;
    let sql = "UPDATE runs SET seq = seq + 1, checkpoint = $3, status = 'paused', waits = NULL, answers = NULL, \
               lease_token = NULL, lease_until = NULL \
               WHERE workspace_id = $1 AND id = $2 AND seq = $4 AND status IN ('waiting_for_person', 'paused')";
    let params: [SqlValue; 3] = [id.as_str().into(), key.into(), seq.into()];
    if db.execute(sql, params).await? == 0 {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "Only a run that waits for a person, or is paused, can be edited. Fork it instead.",
        ));
    }
    let saved = journal.get(&run.place, Some(&made)).await?;
    let saved = saved.ok_or_else(|| Problem::internal("the edit is not there"))?;
    reply::ok(&Checkpoint::of(run.snapshot(&saved)?, true))
}

/// Whether the next step of a run follows by itself, noted for whoever looks on.
fn written(goes_on: bool) -> Value {
    json!(Noted::Written {
        at: clock::now(),
        goes_on,
        waits_ms: None,
    })
}

/// Another run that goes on from a checkpoint of this one, with the state changed or as it was.
pub(crate) async fn fork(mut ctx: Ctx) -> Result<Reply, Problem> {
    let change: Change = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    branch(ctx, change).await
}

/// Another run that does again what follows a checkpoint of this one.
pub(crate) async fn replay(mut ctx: Ctx) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct From {
        checkpoint: String,
    }
    let from: From = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let change = Change {
        checkpoint: Some(from.checkpoint),
        ..Change::default()
    };
    branch(ctx, change).await
}

async fn branch(ctx: Ctx, mut change: Change) -> Result<Reply, Problem> {
    let id = ctx.param("id")?.to_owned();
    let db = ctx.db().await?;
    let run = open(&ctx, &db, &id).await?;
    let at = match &change.checkpoint {
        Some(at) => named(&run, "/checkpoint", at)
            .await?
            .checkpoint
            .id
            .to_string(),
        None => run.newest().await?,
    };
    let mut metadata = Map::new();
    metadata.insert("at".into(), json!(clock::now()));
    metadata.insert("forked_from".into(), json!({"run": id, "checkpoint": at}));
    let fork_id = new_id().replace('-', "");
    let place = Place::of(&fork_id);
    let forked = run.journal.fork(&run.place, &at, metadata).await?;
    let mut journal = forked.ok_or_else(|| Problem::not_found("checkpoint"))?;
    if !change.is_empty() {
        change.checkpoint = Some(at.clone());
        change.make(&run, &mut journal, &place).await?;
    }
    let key = records::key(&fork_id, 0, &new_id());
    journal.note(written(true));
    let key = records::write(&mut journal, key).await?;
    let lease = insert(&db, &run.row, &id, &fork_id, &at, &key).await?;
    let platform: &Platform = &ctx.platform;
    pump::hand_on(platform, &platform.db().await?, &lease).await;
    let shown = runs::load(&db, &fork_id).await?;
    let mut reply = reply::json(StatusCode::ACCEPTED, &shown)?;
    if let Ok(location) = http::HeaderValue::from_str(&format!("/api/v1/runs/{fork_id}")) {
        reply.headers_mut().insert(http::header::LOCATION, location);
    }
    Ok(reply)
}

/// Writes the row of a fork, which goes on at once: somebody waits for it.
async fn insert(
    db: &ScopedDb,
    of: &Row,
    from: &str,
    id: &str,
    at: &str,
    key: &str,
) -> Result<Lease, Problem> {
    let now = clock::now();
    let until = now.plus_millis(FIRST_LEASE_MS);
    let token = new_id();
    let statement = Statement::new(
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, agent, persona_id, status, seq, \
           checkpoint, lease_token, lease_until, created_at, started_at, forked_from, forked_at) \
         SELECT workspace_id, $3, campaign_id, item_key, position, repetition, item, agent, persona_id, 'running', 0, $4, $5, $6, $7, $7, $2, $8 \
         FROM runs WHERE workspace_id = $1 AND id = $2",
        [
            from.into(),
            id.into(),
            key.into(),
            token.as_str().into(),
            until.into(),
            now.into(),
            at.into(),
        ],
    );
    db.batch(vec![statement]).await?;
    Ok(Lease {
        workspace_id: db.workspace().to_owned(),
        campaign_id: of.text("campaign_id")?,
        run_id: id.to_owned(),
        seq: 0,
        token,
        checkpoint: Some(key.to_owned()),
        recoveries: 0,
        until: Some(until),
        resumes: false,
    })
}

/// The forks of a run, newest last.
pub(crate) async fn forks(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let id = ctx.param("id")?;
    runs::row(&db, id).await?;
    let after = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(0, String::new()));
    let sql = format!(
        "SELECT {} FROM runs WHERE workspace_id = $1 AND forked_from = $2 AND id > $3 ORDER BY id LIMIT $4",
        runs::COLUMNS
    );
    let params: [SqlValue; 3] = [id.into(), after.1.into(), page.fetch().into()];
    let rows = db.query(&sql, params).await?;
    let all = rows.iter().map(|row| {
        let outcome = runs::outcome(row)?;
        Ok((row.opt_text("forked_at")?, outcome))
    });
    let all = all.collect::<Result<Vec<(Option<String>, ItemOutcome)>, Problem>>()?;
    let page = page.page(all, |(_, o)| Cursor(0, o.run_id.clone()));
    let data: Vec<Value> = page
        .data
        .into_iter()
        .map(|(at, outcome)| {
            let mut told = json!(outcome);
            if let Value::Object(told) = &mut told {
                told.insert("forked_at".into(), json!(at));
            }
            told
        })
        .collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// How a run compares with another one, a fork of it as a rule.
pub(crate) async fn compare(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["with"])?;
    let db = ctx.db().await?;
    let other = ctx
        .query("with")
        .ok_or_else(|| Problem::field("with", "is required: the id of another run"))?;
    let run = open(&ctx, &db, ctx.param("id")?).await?;
    let with = open(&ctx, &db, other).await.map_err(|problem| {
        if problem.kind() == ProblemKind::NotFound {
            return Problem::field("with", "is not a run of this workspace");
        }
        problem
    })?;
    let sides = [Side::of(&run).await?, Side::of(&with).await?];
    let [ours, theirs] = &sides;
    let mut names: Vec<&str> = Vec::new();
    for score in ours.outcome.scores.iter().chain(&theirs.outcome.scores) {
        if !names.contains(&score.name.as_str()) {
            names.push(&score.name);
        }
    }
    let score = |side: &Side, name: &str| {
        let found = side.outcome.scores.iter().find(|s| s.name == name);
        found.map(|s| json!({"status": s.status, "score": s.score, "reason": s.reason}))
    };
    let scores: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "run": score(ours, name), "with": score(theirs, name)}))
        .collect();
    // A fork begins with the checkpoint that it was made from.
    let parted = with.row.opt_text("forked_at")?;
    let parted = parted.filter(|_| {
        with.row.opt_text("forked_from").ok().flatten().as_deref() == Some(&ours.outcome.run_id)
    });
    reply::ok(&json!({
        "run": ours,
        "with": theirs,
        "parted_at": parted,
        "patch": json_patch::diff(&ours.values, &theirs.values),
        "scores": scores,
    }))
}

/// One of two runs.
#[derive(Serialize)]
struct Side {
    #[serde(flatten)]
    outcome: ItemOutcome,
    /// The nodes that ran, in order.
    path: Vec<String>,
    #[serde(skip)]
    values: Value,
}

impl Side {
    async fn of(run: &Opened) -> Result<Self, Problem> {
        let listing = Listing {
            namespace: Some(String::new()),
            ..Listing::default()
        };
        let mut all = run.journal.list(&listing).await?;
        let newest = all.first().map(|(_, saved)| run.snapshot(saved));
        let values = newest.transpose()?.map(|s| json!(s.values));
        all.reverse();
        // What was to run after a checkpoint has run where a step follows it.
        let mut path = Vec::new();
        let steps = all.iter().map(|(_, s)| s);
        let steps = steps.filter(|s| s.metadata.source == Some(Source::Loop));
        let followed: Vec<&Name> = steps.filter_map(|s| s.parent.as_ref()).collect();
        for (_, saved) in &all {
            if followed.contains(&&saved.checkpoint.id) {
                let next = run.snapshot(saved)?.next;
                path.extend(
                    next.iter()
                        .map(ToString::to_string)
                        .filter(|n| !n.starts_with("__")),
                );
            }
        }
        Ok(Self {
            outcome: runs::outcome(&run.row)?,
            path,
            values: values.unwrap_or_else(|| json!({})),
        })
    }
}

/// Answers of people to a run's questions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    /// To the only question.
    #[serde(default)]
    answer: Option<Value>,
    /// By the ids of questions.
    #[serde(default)]
    answers: BTreeMap<String, Value>,
}

/// Answers what a run asks; it goes on then.
pub(crate) async fn answer(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body: Answers = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let id = ctx.param("id")?.to_owned();
    let db = ctx.db().await?;
    let row = runs::row(&db, &id).await?;
    let asked = RunRow::read(&row)?.waits;
    let open: Vec<_> = asked.iter().filter(|w| w.due.is_none()).collect();
    if row.text("status")? != RunStatus::WaitingForPerson.as_str() {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The run waits for nobody.",
        ));
    }
    let answers = match (body.answer, open.as_slice()) {
        (Some(_), _) if !body.answers.is_empty() => {
            return Err(Problem::field("/answers", "cannot stand beside `answer`"));
        }
        (Some(answer), [only]) => BTreeMap::from([(only.id.clone(), answer)]),
        (Some(_), _) => {
            let message = "is for the only question, and there are several: use `answers`";
            return Err(Problem::field("/answer", message));
        }
        (None, _) => body.answers,
    };
    if answers.is_empty() {
        return Err(Problem::field("/answers", "is required, or `answer`"));
    }
    for (question, answer) in &answers {
        let field = || format!("/answers/{question}");
        let Some(asked) = open.iter().find(|w| w.id == *question) else {
            return Err(Problem::field(field(), "is no open question of this run"));
        };
        let speaks = matches!(asked.waits, assay_scenario::Waits::UserTurn { .. });
        let said = answer.as_str().is_some_and(|text| !text.trim().is_empty());
        if speaks && !said {
            let message = "must be a text that is not blank: it is what the user says";
            return Err(Problem::field(field(), message));
        }
    }
    write_answers(&db, &row, &id, &answers).await?;
    go_on(&ctx, &db, &row, &id).await
}

/// Hands answers to the run, which is queued then.
pub(crate) async fn write_answers(
    db: &ScopedDb,
    row: &Row,
    id: &str,
    answers: &BTreeMap<String, Value>,
) -> Result<(), Problem> {
    let sql = "UPDATE runs SET status = 'queued', answers = $3, lease_until = NULL \
               WHERE workspace_id = $1 AND id = $2 AND status = 'waiting_for_person' AND seq = $4";
    let params: [SqlValue; 3] = [
        id.into(),
        json!(answers).to_string().into(),
        row.int("seq")?.into(),
    ];
    if db.execute(sql, params).await? == 0 {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The run was answered already.",
        ));
    }
    Ok(())
}

/// A paused run goes on.
pub(crate) async fn resume(ctx: Ctx) -> Result<Reply, Problem> {
    let id = ctx.param("id")?.to_owned();
    let db = ctx.db().await?;
    let row = runs::row(&db, &id).await?;
    let sql = "UPDATE runs SET status = 'queued' WHERE workspace_id = $1 AND id = $2 AND status = 'paused'";
    if db.execute(sql, [SqlValue::from(id.as_str())]).await? == 0 {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The run is not paused.",
        ));
    }
    go_on(&ctx, &db, &row, &id).await
}

/// A run that is queued again is taken up at once where there is room.
async fn go_on(ctx: &Ctx, db: &ScopedDb, row: &Row, id: &str) -> Result<Reply, Problem> {
    take_up(&ctx.platform, db, row).await?;
    reply::json(StatusCode::ACCEPTED, &runs::shown(ctx, db, id).await?)
}

/// Takes a queued run up where its campaign has room.
pub(crate) async fn take_up(platform: &Platform, db: &ScopedDb, row: &Row) -> Result<(), Problem> {
    let system = platform.db().await?;
    let campaign = row.text("campaign_id")?;
    pump::pump(platform, &system, db.workspace(), &campaign).await?;
    Ok(())
}
