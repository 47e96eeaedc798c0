//! People in the loop: queues, answers, what they come to. Part of the component `evaluator`.

use super::shapes::{PATCH, patch_as, shown};
use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use crate::schemas::Schemas;
use assay_access::Permission::{CampaignsRead, ResourcesWrite, ScoresWrite};
use assay_model::schema::NAME;
use assay_model::{
    LabelAnswer, LabelSchemaSpec, MachineScore, ReviewQueueSpec, ReviewSubject, Timestamp,
};
use assay_review::agreement::SchemaAgreement;
use assay_review::judge::JudgeReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A label schema as it was when the queue was made.
#[derive(Serialize, JsonSchema)]
struct KeptLabelSchema {
    id: String,
    #[schemars(range(min = 1))]
    version: i64,
    spec: LabelSchemaSpec,
}

/// What a queue has beside what was written.
#[derive(Serialize, JsonSchema)]
struct QueueState {
    id: String,
    /// What is asked, in this order.
    label_schemas: Vec<KeptLabelSchema>,
    /// Counts changes; `ETag` is made from it.
    #[schemars(range(min = 1))]
    version: i64,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// How an item stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "described, not made")]
enum ReviewItemState {
    /// Nobody answers or has answered.
    Pending,
    /// Somebody does or has, and more are wanted.
    InProgress,
    /// As many have answered as are wanted.
    Done,
    /// So many skipped it that nobody else is asked.
    Skipped,
}

/// An item of a queue.
#[derive(Serialize, JsonSchema)]
struct ReviewItem {
    id: String,
    queue_id: String,
    subject: ReviewSubject,
    state: ReviewItemState,
    /// The higher comes first.
    priority: i64,
    /// How many people are to answer.
    #[schemars(range(min = 1))]
    wanted: i64,
    /// How many have.
    #[schemars(range(min = 0))]
    answered: i64,
    /// How many hold it.
    #[schemars(range(min = 0))]
    in_progress: i64,
    /// How many would not answer.
    #[schemars(range(min = 0))]
    skips: i64,
    /// The rule by which it entered; null of what somebody put in.
    rule: Option<String>,
    /// What the metric said; null also for who is not to see it before they answer.
    machine: Option<MachineScore>,
    /// The answers that are known; null also for who is not to see them before they answer.
    gold: Option<Vec<LabelAnswer>>,
    created_by: Option<String>,
    created_at: Timestamp,
}

/// Somebody who has a place of an item, or for whom one is kept.
#[derive(Serialize, JsonSchema)]
struct ReviewPerson {
    /// `open`, `leased`, `done`, or `aside` where the item is set aside.
    state: String,
    /// For whom alone the place is.
    assigned_to: Option<String>,
    person_id: Option<String>,
    /// `user`, `api_key` or `service_account`.
    person_kind: Option<String>,
    lease_until: Option<Timestamp>,
    answered_at: Option<Timestamp>,
}

/// An item with what there is to look at.
#[derive(Serialize, JsonSchema)]
struct ReviewItemDetail {
    #[serde(flatten)]
    item: ReviewItem,
    /// `input`, `output` and more, by what it is about; null when that is gone.
    content: Value,
    people: Vec<ReviewPerson>,
}

/// An item that is to enter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct NewReviewItem {
    subject: ReviewSubject,
    /// The answers, where they are known: people are measured by them. About cases, and not of words.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    gold: Option<Vec<LabelAnswer>>,
    /// Who alone may answer, as many as are named; the other places are everybody's.
    #[serde(default)]
    #[schemars(length(max = 10), inner(length(min = 1, max = 64)))]
    assignees: Vec<String>,
    /// The higher comes first.
    #[serde(default)]
    #[schemars(range(min = -1000, max = 1000))]
    priority: i64,
}

/// Items that are to enter, none twice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct NewReviewItems {
    #[schemars(length(min = 1, max = 200))]
    items: Vec<NewReviewItem>,
}

/// What came of items that were to enter.
#[derive(Serialize, JsonSchema)]
struct ReviewItemsAdded {
    /// Items that were new.
    #[schemars(range(min = 0))]
    created: i64,
    /// Items that were in the queue, and stayed as they were.
    #[schemars(range(min = 0))]
    existing: i64,
}

/// A claimed item.
#[derive(Serialize, JsonSchema)]
struct ClaimedItem {
    id: String,
    queue_id: String,
    subject: ReviewSubject,
    /// `input`, `output` and more, by what it is about; null when that is gone.
    content: Value,
    /// What the machine said, where the queue shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<MachineScore>,
    label_schemas: Vec<KeptLabelSchema>,
    /// Until when it is kept.
    lease_until: Timestamp,
}

/// What was claimed.
#[derive(Serialize, JsonSchema)]
struct ReviewClaim {
    /// Null when there is nothing left for the caller.
    item: Option<ClaimedItem>,
}

/// Who alone is to answer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ReviewAssignment {
    /// Ids of members, service accounts or API keys; of nobody, where everybody may.
    #[schemars(length(max = 10), inner(length(min = 1, max = 64)))]
    assignees: Vec<String>,
}

/// How an item stands now.
#[derive(Serialize, JsonSchema)]
struct ReviewItemMoved {
    item_id: String,
    state: ReviewItemState,
}

/// Why an item is skipped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ReviewSkip {
    #[schemars(length(min = 1, max = 1000), regex(pattern = NAME))]
    reason: String,
}

/// What somebody answers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ReviewSubmission {
    /// One to each required schema about cases; as many as there are turns and observations to the others.
    #[schemars(length(max = 1000))]
    answers: Vec<LabelAnswer>,
    /// What else there is to say.
    #[serde(default)]
    #[schemars(length(max = 5000))]
    note: String,
}

/// How somebody did on an item whose answers are known.
#[derive(Serialize, JsonSchema)]
struct GoldTold {
    answers: Vec<LabelAnswer>,
    answered: u64,
    right: u64,
}

/// What came of answers.
#[derive(Serialize, JsonSchema)]
struct ReviewSubmitted {
    item_id: String,
    state: ReviewItemState,
    /// The known answers; null where none are.
    gold: Option<GoldTold>,
}

/// What somebody answered.
#[derive(Serialize, JsonSchema)]
struct ReviewAnnotation {
    item_id: String,
    #[schemars(range(min = 0))]
    slot: i64,
    person_id: String,
    /// `user`, `api_key` or `service_account`.
    person_kind: String,
    answers: Vec<LabelAnswer>,
    note: String,
    started_at: Option<Timestamp>,
    answered_at: Timestamp,
}

/// Items by state.
#[derive(Serialize, JsonSchema)]
struct ReviewStates {
    pending: i64,
    in_progress: i64,
    done: i64,
    skipped: i64,
}

/// Items whose answers are known.
#[derive(Serialize, JsonSchema)]
struct GoldProgress {
    items: i64,
    answers: i64,
}

/// How often somebody is right about what is known.
#[derive(Serialize, JsonSchema)]
struct GoldAccuracy {
    answered: u64,
    right: u64,
    #[schemars(range(min = 0, max = 1))]
    accuracy: Option<f64>,
}

/// What somebody did in a queue.
#[derive(Serialize, JsonSchema)]
struct ReviewWork {
    person_id: String,
    person_kind: String,
    answered: i64,
    in_progress: i64,
    skipped: i64,
    /// From the claim to the answer, in the mean.
    mean_seconds: Option<f64>,
    /// Null where they answered nothing that is known.
    gold: Option<GoldAccuracy>,
}

/// How far a queue is. Items whose answers are known are counted apart.
#[derive(Serialize, JsonSchema)]
struct ReviewProgress {
    queue_id: String,
    items: i64,
    states: ReviewStates,
    answers: i64,
    gold: GoldProgress,
    people: Vec<ReviewWork>,
}

/// How far people agree.
#[derive(Serialize, JsonSchema)]
struct ReviewAgreement {
    queue_id: String,
    /// How sure intervals are.
    level: f64,
    schemas: Vec<SchemaAgreement>,
}

/// How far judges agree with people.
#[derive(Serialize, JsonSchema)]
struct ReviewJudges {
    queue_id: String,
    /// How sure intervals are.
    level: f64,
    reports: Vec<JudgeReport>,
}

/// Where labelled items go.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ReviewExport {
    #[schemars(length(min = 1, max = 64), regex(pattern = NAME))]
    dataset_id: String,
    /// The schema of words about cases whose answer becomes `expected_output`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    expected_output_from: Option<String>,
    /// The split that the items are in.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    split: Option<String>,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
struct ReviewExported {
    created: u64,
    /// Items that had been exported before.
    updated: u64,
    /// Items of which there is nothing left that could be one of a dataset.
    gone: u64,
}

/// What a person says in place of a metric's score, which stays as it is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ScoreOverride {
    id: String,
    run_id: String,
    metric: String,
    #[schemars(range(min = 0, max = 1))]
    score: f64,
    /// What the score is at the metric's threshold.
    status: assay_model::MetricStatus,
    /// What the machine said.
    machine_score: Option<f64>,
    machine_status: assay_model::MetricStatus,
    reason: String,
    /// `user`, `api_key` or `service_account`.
    author_kind: String,
    author_id: String,
    created_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<String>,
    withdrawn_reason: Option<String>,
}

/// What a person says otherwise.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct NewScoreOverride {
    /// The metric, by its name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    metric: String,
    #[schemars(range(min = 0, max = 1))]
    score: f64,
    #[schemars(length(min = 1, max = 2000), regex(pattern = NAME))]
    reason: String,
}

/// Why an override is withdrawn.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct OverrideWithdrawal {
    #[schemars(length(min = 1, max = 2000), regex(pattern = NAME))]
    reason: String,
}

fn queue() -> Value {
    json!({
        "name": "Doubtful answers", "description": "", "label_schema_ids": [ID], "annotators_per_item": 2, "lease_s": 900,
        "max_skips": 2, "show_scores": false, "enabled": true,
        "rules": [{"name": "wavering", "metric": "Answer relevancy", "when": {"type": "score_between", "low": 0.4, "high": 0.6}, "sample_percent": 100.0}],
    })
}

fn kept_schema() -> Value {
    json!({"id": ID, "version": 1, "spec": with(examples::label_schema(), json!({}))})
}

fn queue_shown() -> Value {
    with(
        queue(),
        json!({
            "id": ID, "label_schemas": [kept_schema()], "version": 1, "created_by": ID, "created_at": TIME, "updated_at": TIME,
        }),
    )
}

fn subject() -> Value {
    json!({"type": "run", "run_id": ID, "metric": "Answer relevancy"})
}

fn machine() -> Value {
    json!({"status": "failed", "score": 0.45, "threshold": 0.5, "confidence": 0.6, "reason": "It says nothing of refunds."})
}

fn item() -> Value {
    json!({
        "id": ID, "queue_id": ID, "subject": subject(), "state": "in_progress", "priority": 0, "wanted": 2, "answered": 1,
        "in_progress": 1, "skips": 0, "rule": "wavering", "machine": machine(), "gold": null, "created_by": null, "created_at": TIME,
    })
}

fn content() -> Value {
    json!({
        "campaign_id": ID, "trace_id": ID, "turns": 1, "input": "How long do refunds take?", "output": "A while.",
        "expected_output": null,
    })
}

fn answers() -> Value {
    json!([{"schema": "helpful", "value": "partly"}])
}

fn estimate(value: f64) -> Value {
    json!({"value": value, "interval": {"low": value - 0.1, "high": value + 0.1}})
}

fn agreement() -> Value {
    json!({
        "schema": "helpful", "scale": "ordinal", "annotators": 2, "units": 60, "shared": 50, "agreement": 0.8,
        "krippendorff_alpha": estimate(0.7),
        "pairs": [{
            "first": ID, "second": ID, "units": 50, "agreement": 0.8, "kappa": estimate(0.6), "weighted_kappa": estimate(0.7),
        }],
    })
}

fn judge() -> Value {
    json!({
        "metric": "Answer relevancy", "schema": "helpful", "items": 50, "ties": 2, "unscored": 1, "accuracy": estimate(0.86),
        "kappa": estimate(0.7), "confusion": {"both_passed": 30, "judge_alone_passed": 3, "people_alone_passed": 4, "both_failed": 13},
        "sensitivity": 0.88, "specificity": 0.81, "spearman": estimate(0.6), "bias": estimate(-0.02), "mean_absolute_error": 0.15,
        "curve": [{"score": 0.2, "people_pass": 0.1}, {"score": 0.9, "people_pass": 0.95}],
    })
}

fn override_shown() -> Value {
    json!({
        "id": ID, "run_id": ID, "metric": "Answer relevancy", "score": 1.0, "status": "passed", "machine_score": 0.45,
        "machine_status": "failed", "reason": "The refund is named in the second sentence.", "author_kind": "user", "author_id": ID,
        "created_at": TIME, "withdrawn_at": null, "withdrawn_by": null, "withdrawn_reason": null,
    })
}

const LEVEL: &str = "How sure intervals are; 0.95 where it is absent.";

fn level() -> Value {
    json!({"type": "number", "minimum": 0.5, "exclusiveMaximum": 1})
}

pub(super) fn operations() -> Vec<Operation> {
    let mut all = queues();
    all.extend(items());
    all.extend(answering());
    all.extend(reports());
    all.extend(overrides());
    all
}

const PART: Part = Part {
    component: "evaluator",
    tag: "Reviews",
};

fn queues() -> Vec<Operation> {
    let spec = || shown::<ReviewQueueSpec, QueueState>("ReviewQueue");
    let path = "/api/v1/review-queues";
    let one = "/api/v1/review-queues/{id}";
    vec![
        PART.op("list_review_queues", "GET", path, Needs(CampaignsRead), 200, "List review queues, newest first")
            .page_as(spec(), queue_shown())
            .filter("q", "Only those whose name has this in it."),
        PART.op("create_review_queue", "POST", path, Needs(ResourcesWrite), 201, "Make a review queue")
            .about("It asks what its label schemas ask now: later versions of them are for later queues.")
            .body::<ReviewQueueSpec>(queue())
            .answer_as(spec(), queue_shown())
            .sends("ETag")
            .sends("Location")
            .problem_as(409, "There is another queue of that name"),
        PART.op("get_review_queue", "GET", one, Needs(CampaignsRead), 200, "Get a review queue")
            .answer_as(spec(), queue_shown())
            .sends("ETag"),
        PART.op("update_review_queue", "PATCH", one, Needs(ResourcesWrite), 200, "Change a review queue")
            .about("What is asked cannot be changed. How many people are wanted is said of items that enter from now on.")
            .body_as(
                patch_as("ReviewQueuePatch", PATCH, |field| field != "name", Schemas::input_object::<ReviewQueueSpec>),
                json!({"enabled": false}),
            )
            .answer_as(spec(), queue_shown())
            .sends("ETag")
            .if_match()
            .problem_as(409, "There is another queue of that name"),
        PART.op("delete_review_queue", "DELETE", one, Needs(ResourcesWrite), 204, "Delete a review queue with all that was answered")
            .if_match(),
    ]
}

fn items() -> Vec<Operation> {
    let path = "/api/v1/review-queues/{id}/items";
    let one = "/api/v1/review-queues/{id}/items/{item_id}";
    let states = json!({"type": "string", "enum": ["pending", "in_progress", "done", "skipped"]});
    let moved = || json!({"item_id": ID, "state": "pending"});
    vec![
        PART.op("list_review_items", "GET", path, Needs(CampaignsRead), 200, "List a queue's items, newest first")
            .about("Who does not look after queues sees what a machine said, and what is known, once they have answered.")
            .page::<ReviewItem>(item())
            .query("state", "Only items that stand so.", states)
            .filter("metric", "Only items about this metric.")
            .filter("run_id", "Only items about this run.")
            .filter("rule", "Only items that entered by this rule.")
            .query("gold", "Only items whose answers are known, or are not; for who looks after queues.", json!({"type": "boolean"})),
        PART.op("add_review_items", "POST", path, Needs(ResourcesWrite), 200, "Put items into a queue")
            .about("Runs, traces, observations and items of datasets. What is in the queue already stays as it is.")
            .body::<NewReviewItems>(json!({"items": [{"subject": subject(), "assignees": [ID]}]}))
            .answer::<ReviewItemsAdded>(json!({"created": 1, "existing": 0})),
        PART.op("get_review_item", "GET", one, Needs(CampaignsRead), 200, "Get an item of a queue")
            .answer::<ReviewItemDetail>(with(item(), json!({"content": content(), "people": [{
                "state": "leased", "assigned_to": null, "person_id": ID, "person_kind": "user", "lease_until": TIME, "answered_at": null,
            }]}))),
        PART.op("assign_review_item", "POST", one.to_owned() + "/assign", Needs(ResourcesWrite), 200, "Give an item to named people")
            .about("The places that nobody has taken are theirs alone, in this order; everybody's, where nobody is named.")
            .body::<ReviewAssignment>(json!({"assignees": [ID]}))
            .answer::<ReviewItemMoved>(moved())
            .problem_as(409, "Every place of it is taken"),
        PART.op("reopen_review_item", "POST", one.to_owned() + "/reopen", Needs(ResourcesWrite), 200, "Ask again who skipped an item")
            .answer::<ReviewItemMoved>(moved()),
    ]
}

fn answering() -> Vec<Operation> {
    let one = "/api/v1/review-queues/{id}/items/{item_id}";
    vec![
        PART.op("claim_review_item", "POST", "/api/v1/review-queues/{id}/claim", Needs(ScoresWrite), 200, "Claim the next item")
            .about("It is kept for the caller for `lease_s`. Who holds one gets that one again, kept for as long anew. Nobody gets an item that they have answered or skipped.")
            .answer::<ReviewClaim>(json!({"item": {
                "id": ID, "queue_id": ID, "subject": subject(), "content": content(), "label_schemas": [kept_schema()], "lease_until": TIME,
            }}))
            .problem_as(409, "The caller claims at the same time from elsewhere"),
        PART.op("submit_review_answers", "POST", one.to_owned() + "/answers", Needs(ScoresWrite), 200, "Answer what is asked of an item")
            .about("By whoever holds it, also when the time has run out and nobody else has taken it. The same answers again do nothing.")
            .body::<ReviewSubmission>(json!({"answers": answers()}))
            .answer::<ReviewSubmitted>(json!({"item_id": ID, "state": "done", "gold": null}))
            .problem_as(409, "The caller does not hold it, or has answered otherwise"),
        PART.op("skip_review_item", "POST", one.to_owned() + "/skip", Needs(ScoresWrite), 200, "Skip an item")
            .about("Somebody else is asked, until `max_skips` people would not answer.")
            .body::<ReviewSkip>(json!({"reason": "I do not speak the language."}))
            .answer::<ReviewItemMoved>(json!({"item_id": ID, "state": "pending"}))
            .problem_as(409, "The caller does not hold it"),
        PART.op("release_review_item", "POST", one.to_owned() + "/release", Needs(ScoresWrite), 204, "Give a claimed item back"),
        PART.op("list_review_annotations", "GET", "/api/v1/review-queues/{id}/annotations", Needs(CampaignsRead), 200, "List what was answered")
            .about("Item by item. Who does not look after queues sees their own.")
            .page::<ReviewAnnotation>(json!({
                "item_id": ID, "slot": 0, "person_id": ID, "person_kind": "user", "answers": answers(), "note": "", "started_at": TIME,
                "answered_at": TIME,
            }))
            .filter("item_id", "Only answers to this item.")
            .filter("person_id", "Only answers of this person."),
    ]
}

fn reports() -> Vec<Operation> {
    let one = "/api/v1/review-queues/{id}";
    let many = "The queue has more answers than a report is made of";
    vec![
        PART.op("get_review_progress", "GET", one.to_owned() + "/progress", Needs(CampaignsRead), 200, "How far a queue is, and what each person did")
            .answer::<ReviewProgress>(json!({
                "queue_id": ID, "items": 4, "states": {"pending": 1, "in_progress": 1, "done": 2, "skipped": 0}, "answers": 5,
                "gold": {"items": 1, "answers": 1},
                "people": [{
                    "person_id": ID, "person_kind": "user", "answered": 3, "in_progress": 1, "skipped": 0, "mean_seconds": 42.5,
                    "gold": {"answered": 1, "right": 1, "accuracy": 1.0},
                }],
            })),
        PART.op("get_review_agreement", "GET", one.to_owned() + "/agreement", Needs(CampaignsRead), 200, "How far people agree, schema by schema")
            .about("Items whose answers are known are left out. Intervals are the bootstrap's over items, and seeded.")
            .query("level", LEVEL, level())
            .answer::<ReviewAgreement>(json!({"queue_id": ID, "level": 0.95, "schemas": [agreement()]}))
            .problem_as(409, many),
        PART.op("get_judge_report", "GET", one.to_owned() + "/judge-report", Needs(CampaignsRead), 200, "How far judges agree with people, metric by metric")
            .about("Each metric that items are about beside each schema whose answers can be compared with scores: numbers, yes or no, categories that have scores.")
            .query("level", LEVEL, level())
            .filter("metric", "Only this metric.")
            .answer::<ReviewJudges>(json!({"queue_id": ID, "level": 0.95, "reports": [judge()]}))
            .problem_as(409, many),
        PART.op("export_review_queue", "POST", one.to_owned() + "/export", Needs(ResourcesWrite), 200, "Make labelled items a dataset's")
            .about("What is done becomes items with the key `review-<item>` and the labels in `metadata.labels`. What was exported before is replaced.")
            .body::<ReviewExport>(json!({"dataset_id": ID, "split": "golden"}))
            .answer::<ReviewExported>(json!({"created": 2, "updated": 0, "gone": 0}))
            .problem_as(409, many),
    ]
}

fn overrides() -> Vec<Operation> {
    let part = Part {
        component: "orchestrator",
        tag: "Runs",
    };
    let path = "/api/v1/runs/{id}/overrides";
    vec![
        part.op("list_overrides", "GET", path, Needs(CampaignsRead), 200, "List what people said in place of a run's scores, newest first")
            .about("Also what was withdrawn.")
            .page::<ScoreOverride>(override_shown()),
        part.op("override_score", "POST", path, Needs(ScoresWrite), 201, "Say otherwise than a metric")
            .about("The machine's score stays; comparisons and gates take the person's, unless they are asked for the machine's. An override of the same metric that held before is withdrawn.")
            .body::<NewScoreOverride>(json!({
                "metric": "Answer relevancy", "score": 1.0, "reason": "The refund is named in the second sentence.",
            }))
            .answer::<ScoreOverride>(override_shown())
            .problem_as(409, "Somebody else overrides the same score at the same time"),
        part.op("withdraw_override", "POST", "/api/v1/runs/{id}/overrides/{override_id}/withdraw", Needs(ScoresWrite), 200, "Withdraw an override")
            .body::<OverrideWithdrawal>(json!({"reason": "I had the wrong run before me."}))
            .answer::<ScoreOverride>(with(override_shown(), json!({
                "withdrawn_at": TIME, "withdrawn_by": ID, "withdrawn_reason": "I had the wrong run before me.",
            })))
            .problem_as(409, "It was withdrawn already"),
    ]
}
