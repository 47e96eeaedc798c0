//! Labelled items become items of a dataset.

use super::content;
use super::reports::{Answers, done};
use super::stored::{Item, QUEUE, Queue};
use super::{Who, id};
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, chain, reply};
use assay_model::{DatasetItem, LabelAnswer, LabelKind, LabelTarget, ReviewSubject, Validator};
use assay_review::consensus::{Consensus, consensus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Items that are handed over at once.
const AT_ONCE: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Export {
    dataset_id: String,
    /// The schema of words that says what the agent should have answered.
    #[serde(default)]
    expected_output_from: Option<String>,
    /// The split that the items are in.
    #[serde(default)]
    split: Option<String>,
}

#[derive(Serialize)]
struct HandedOver<'a> {
    workspace_id: &'a str,
    dataset_id: &'a str,
    actor: &'a str,
    items: &'a [DatasetItem],
}

#[derive(Default, Deserialize)]
struct Written {
    created: u64,
    updated: u64,
}

/// `POST /api/v1/review-queues/{id}/export`: what is done. An item that was exported before is replaced.
pub(crate) async fn export(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Export = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    check(&body, &queue)?;
    let answers = Answers::of(&db, &queue.id).await?;
    let mut by_item: BTreeMap<&str, Vec<&[LabelAnswer]>> = BTreeMap::new();
    for annotation in &answers.annotations {
        by_item
            .entry(&annotation.item)
            .or_default()
            .push(&annotation.answers);
    }
    let schemas = queue.schemas();
    let (mut items, mut gone, mut total) = (Vec::new(), 0_u64, Written::default());
    // Whether the dataset is there is told also where nothing is to be written.
    hand_over(&ctx, &db, &body, &items).await?;
    for item in done(&db, &queue.id).await? {
        let people = by_item.get(item.id.as_str()).cloned().unwrap_or_default();
        let said = consensus(&schemas, &people);
        match labelled(&ctx, &db, &queue, &body, &item, &said, people.len()).await? {
            Some(labelled) => items.push(labelled),
            None => gone += 1,
        }
        if items.len() == AT_ONCE {
            total.add(&hand_over(&ctx, &db, &body, &items).await?);
            items.clear();
        }
    }
    total.add(&hand_over(&ctx, &db, &body, &items).await?);
    reply::ok(&json!({"created": total.created, "updated": total.updated, "gone": gone}))
}

impl Written {
    fn add(&mut self, more: &Self) {
        self.created += more.created;
        self.updated += more.updated;
    }
}

fn check(body: &Export, queue: &Queue) -> Result<(), Problem> {
    let mut v = Validator::default();
    v.name("dataset_id", &body.dataset_id, 64);
    if let Some(split) = &body.split {
        v.name("split", split, 100);
    }
    if let Some(name) = &body.expected_output_from {
        let schema = queue.label_schemas.iter().find(|s| s.spec.name == *name);
        let fits = schema
            .is_some_and(|s| s.spec.kind == LabelKind::Text && s.spec.target == LabelTarget::Case);
        let message = "must be a label schema of the queue that asks for words about cases";
        v.require(fits, "expected_output_from", message);
    }
    v.finish().map_err(Problem::validation)
}

async fn hand_over(
    ctx: &Ctx,
    db: &ScopedDb,
    body: &Export,
    items: &[DatasetItem],
) -> Result<Written, Problem> {
    let handed = HandedOver {
        workspace_id: db.workspace(),
        dataset_id: &body.dataset_id,
        actor: Who::of(ctx)?.id,
        items,
    };
    chain::call(
        &ctx.platform,
        "resources",
        "/internal/dataset-items",
        &handed,
    )
    .await
    .map_err(|problem| match problem.kind() {
        ProblemKind::NotFound => {
            Problem::field("/dataset_id", "is not a dataset of this workspace")
        }
        _ => problem,
    })
}

/// What an item is about as a dataset's item; `None` when it is gone, or has no input.
async fn subject(
    ctx: &Ctx,
    db: &ScopedDb,
    subject: &ReviewSubject,
) -> Result<Option<DatasetItem>, Problem> {
    Ok(match subject {
        ReviewSubject::Run { run_id, .. } => content::run(db, run_id).await?.map(|run| {
            let mut item = run.item;
            if item.user_turns().is_empty() {
                item.input = run.outcome.input.map(Into::into);
            }
            item
        }),
        ReviewSubject::DatasetItem {
            dataset_id,
            item_key,
        } => content::dataset_item(db, dataset_id, item_key).await?,
        ReviewSubject::Trace {
            trace_id,
            observation_id,
            ..
        } => {
            let traced = content::traced(ctx, db, trace_id, observation_id.as_deref()).await?;
            traced.map(|(input, _)| DatasetItem {
                input: words(&input).map(Into::into),
                ..DatasetItem::default()
            })
        }
    }
    .filter(|item| item.user_turns().iter().any(|turn| !turn.trim().is_empty())))
}

/// A text as it is, everything else as JSON.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

async fn labelled(
    ctx: &Ctx,
    db: &ScopedDb,
    queue: &Queue,
    body: &Export,
    item: &Item,
    said: &Consensus,
    people: usize,
) -> Result<Option<DatasetItem>, Problem> {
    let Some(mut made) = subject(ctx, db, &item.subject).await? else {
        return Ok(None);
    };
    // By what it is about: items about several metrics of a run are several.
    made.key = Some(format!("review-{}", item.id));
    if let Some(split) = &body.split {
        made.split = Some(split.clone());
    }
    let reference = body.expected_output_from.as_ref();
    if let Some(Value::String(words)) = reference.and_then(|name| said.labels.get(name)) {
        made.expected_output = Some(words.into());
    }
    let mut metadata = match made.metadata {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    metadata.insert("labels".into(), Value::Object(said.labels.clone()));
    metadata.insert(
        "review".into(),
        json!({
            "queue_id": queue.id, "item_id": item.id, "subject": item.subject, "people": people, "disputed": said.disputed,
        }),
    );
    made.metadata = Value::Object(metadata);
    Ok(Some(made))
}
