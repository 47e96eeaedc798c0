//! Datasets in the paths and shapes of Langfuse. Part of the component `resources`.

use crate::examples::{ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use assay_model::Timestamp;
use assay_model::schema::NAME;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where a page of Langfuse's lists is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LangfuseMeta {
    page: i64,
    limit: i64,
    total_items: i64,
    total_pages: i64,
}

/// An example of it.
pub(super) fn page_meta() -> Value {
    json!({"page": 1, "limit": 50, "totalItems": 1, "totalPages": 1})
}

/// The schema of a number from 1.
pub(super) fn number(max: i64, default: i64) -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": max, "default": default})
}

/// The schema of a time in a query; an empty one counts as absent.
pub(super) fn time() -> Value {
    json!({"type": "string", "anyOf": [{"format": "date-time"}, {"maxLength": 0}]})
}

/// A dataset as Langfuse's clients write it. Fields that are not named here are left out of account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseDatasetSpec {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    name: String,
    #[serde(default)]
    #[schemars(length(max = 10000))]
    description: Option<String>,
    /// Any JSON.
    #[serde(default)]
    metadata: Value,
    /// Kept and shown, not applied.
    #[serde(default)]
    input_schema: Value,
    /// Kept and shown, not applied.
    #[serde(default)]
    expected_output_schema: Value,
}

/// A dataset as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseDataset {
    id: String,
    name: String,
    description: Option<String>,
    metadata: Value,
    input_schema: Value,
    expected_output_schema: Value,
    /// The workspace.
    project_id: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of datasets as Langfuse has it.
#[derive(Serialize, JsonSchema)]
struct LangfuseDatasets {
    data: Vec<LangfuseDataset>,
    meta: LangfuseMeta,
}

/// Whether an item is in use.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum LangfuseItemStatus {
    Active,
    Archived,
}

/// An item as Langfuse's clients write it: created, or replaced where the dataset has one of that id.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseItemSpec {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    dataset_name: String,
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    id: Option<String>,
    /// Any JSON.
    #[serde(default)]
    input: Value,
    /// Any JSON.
    #[serde(default)]
    expected_output: Value,
    /// Any JSON.
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    source_trace_id: Option<String>,
    #[serde(default)]
    source_observation_id: Option<String>,
    #[serde(default)]
    status: Option<LangfuseItemStatus>,
}

/// An item as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseItem {
    id: String,
    status: LangfuseItemStatus,
    input: Value,
    expected_output: Value,
    metadata: Value,
    source_trace_id: Option<String>,
    source_observation_id: Option<String>,
    dataset_id: String,
    dataset_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Always empty.
    media_references: Vec<Value>,
}

/// A page of items as Langfuse has it.
#[derive(Serialize, JsonSchema)]
struct LangfuseItems {
    data: Vec<LangfuseItem>,
    meta: LangfuseMeta,
}

/// A dataset with what older clients read beside it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseWholeDataset {
    #[serde(flatten)]
    dataset: LangfuseDataset,
    items: Vec<LangfuseItem>,
    /// Names, newest first.
    runs: Vec<String>,
}

/// What links an item to a trace in a run, as Langfuse's clients write it. Fields that are not named here are left out of
/// account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseLinkSpec {
    /// The run begins with its first link.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    run_name: String,
    /// Of the run; what was said before stays where this is absent.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    run_description: Option<String>,
    /// Of the run, any JSON; what was said before stays where this is absent.
    #[serde(default)]
    metadata: Value,
    dataset_item_id: String,
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    trace_id: String,
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    observation_id: Option<String>,
    /// When the items were read: the item may have been deleted since.
    #[serde(default)]
    dataset_version: Option<Timestamp>,
    /// Now where it is absent.
    #[serde(default)]
    created_at: Option<Timestamp>,
}

/// What links an item to a trace in a run, as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseLink {
    id: String,
    dataset_run_id: String,
    dataset_run_name: String,
    dataset_item_id: String,
    trace_id: String,
    observation_id: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of links as Langfuse has it.
#[derive(Serialize, JsonSchema)]
struct LangfuseLinks {
    data: Vec<LangfuseLink>,
    meta: LangfuseMeta,
}

/// A run over a dataset as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseRun {
    /// As the clients compute it from workspace, dataset and name.
    id: String,
    name: String,
    description: Option<String>,
    metadata: Value,
    dataset_id: String,
    dataset_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of runs as Langfuse has it.
#[derive(Serialize, JsonSchema)]
struct LangfuseRuns {
    data: Vec<LangfuseRun>,
    meta: LangfuseMeta,
}

/// A run with its links.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseWholeRun {
    #[serde(flatten)]
    run: LangfuseRun,
    /// Newest first.
    dataset_run_items: Vec<LangfuseLink>,
}

/// That it was done.
#[derive(Serialize, JsonSchema)]
struct LangfuseDone {
    message: String,
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Langfuse datasets",
    };
    let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
    let (list, one) = ("/api/public/v2/datasets", "/api/public/v2/datasets/{name}");
    let (items, item) = (
        "/api/public/dataset-items",
        "/api/public/dataset-items/{id}",
    );
    let dataset = json!({
        "id": ID, "name": "refunds", "description": "", "metadata": {"team": "support"}, "inputSchema": null,
        "expectedOutputSchema": null, "projectId": ID, "createdAt": TIME, "updatedAt": TIME,
    });
    let shown = json!({
        "id": "how-long", "status": "ACTIVE", "input": {"question": "How long do refunds take?"},
        "expectedOutput": "Five days.", "metadata": null, "sourceTraceId": null, "sourceObservationId": null,
        "datasetId": ID, "datasetName": "refunds", "createdAt": TIME, "updatedAt": TIME, "mediaReferences": [],
    });
    vec![
        part.op("langfuse_list_datasets", "GET", list, read, 200, "List datasets as Langfuse does")
            .about("Newest first.")
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfuseDatasets>(json!({"data": [dataset], "meta": page_meta()})),
        part.op("langfuse_put_dataset", "POST", list, write, 200, "Create or change a dataset as Langfuse does")
            .about("What the body leaves out is emptied.")
            .body::<LangfuseDatasetSpec>(json!({"name": "refunds", "metadata": {"team": "support"}}))
            .answer::<LangfuseDataset>(dataset.clone())
            .problem_as(409, "Others keep changing the dataset"),
        part.op("langfuse_get_dataset", "GET", one, read, 200, "Get a dataset as Langfuse does")
            .answer::<LangfuseDataset>(dataset.clone()),
        part.op("langfuse_list_items", "GET", items, read, 200, "List items as Langfuse does")
            .about("By dataset, in their order.")
            .filter("datasetName", "Only those of the dataset of that name.")
            .filter("sourceTraceId", "Only those made from that trace.")
            .filter("sourceObservationId", "Only those made from that observation.")
            .query(
                "version",
                "As they were at that time; only beside `datasetName`.",
                json!({"type": "string", "format": "date-time"}),
            )
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfuseItems>(json!({"data": [shown], "meta": page_meta()}))
            .problem(404),
        part.op("langfuse_put_item", "POST", items, write, 200, "Create or replace an item as Langfuse does")
            .body::<LangfuseItemSpec>(json!({
                "datasetName": "refunds", "id": "how-long", "input": {"question": "How long do refunds take?"},
                "expectedOutput": "Five days.",
            }))
            .answer::<LangfuseItem>(shown.clone())
            .problem(404)
            .problem_as(409, "Others keep changing the dataset"),
        part.op("langfuse_get_item", "GET", item, read, 200, "Get an item as Langfuse does")
            .about("The oldest of that id, where several datasets have one.")
            .answer::<LangfuseItem>(shown.clone()),
        part.op("langfuse_delete_item", "DELETE", item, write, 200, "Delete an item as Langfuse does")
            .about("The oldest of that id, where several datasets have one.")
            .answer::<LangfuseDone>(json!({"message": "Dataset item deleted"})),
        part.op("langfuse_list_datasets_v1", "GET", "/api/public/datasets", read, 200, "List datasets as Langfuse once did")
            .about("Newest first, without items and runs.")
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfuseDatasets>(json!({"data": [dataset], "meta": page_meta()})),
        part.op(
            "langfuse_get_dataset_v1",
            "GET",
            "/api/public/datasets/{name}",
            read,
            200,
            "Get a dataset with its items as Langfuse once did",
        )
        .about("A dataset of more than 10000 items is refused.")
        .answer::<LangfuseWholeDataset>(with(dataset, json!({"items": [shown], "runs": ["prompt-2"]}))),
    ]
    .into_iter()
    .chain(runs())
    .collect()
}

fn runs() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Langfuse datasets",
    };
    let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
    let links = "/api/public/dataset-run-items";
    let (list, one) = (
        "/api/public/datasets/{name}/runs",
        "/api/public/datasets/{name}/runs/{run}",
    );
    let link = json!({
        "id": ID, "datasetRunId": "2aa4b0294fcd2b3e", "datasetRunName": "prompt-2", "datasetItemId": "how-long",
        "traceId": "3053e94d4a96cb352ccf40e11fe89420", "observationId": null, "createdAt": TIME, "updatedAt": TIME,
    });
    let run = json!({
        "id": "2aa4b0294fcd2b3e", "name": "prompt-2", "description": null, "metadata": {"model": "small"},
        "datasetId": ID, "datasetName": "refunds", "createdAt": TIME, "updatedAt": TIME,
    });
    vec![
        part.op("langfuse_put_link", "POST", links, write, 200, "Link an item to a trace in a run as Langfuse does")
            .about(
                "Replaces the link of the same run, item and trace. The trace need not be there yet. Of several datasets \
                 with an item of that id the oldest item counts.",
            )
            .body::<LangfuseLinkSpec>(json!({
                "runName": "prompt-2", "metadata": {"model": "small"}, "datasetItemId": "how-long",
                "traceId": "3053e94d4a96cb352ccf40e11fe89420",
            }))
            .answer::<LangfuseLink>(link.clone())
            .problem(404)
            .problem_as(409, "Others keep making the run"),
        part.op("langfuse_list_links", "GET", links, read, 200, "List the links of a run as Langfuse does")
            .about("Newest first.")
            .required_query("datasetId", "The dataset.", json!({"type": "string"}))
            .required_query("runName", "The run.", json!({"type": "string"}))
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfuseLinks>(json!({"data": [link], "meta": page_meta()}))
            .problem(404),
        part.op("langfuse_list_runs", "GET", list, read, 200, "List a dataset's runs as Langfuse does")
            .about("Newest first.")
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .answer::<LangfuseRuns>(json!({"data": [run], "meta": page_meta()})),
        part.op("langfuse_get_run", "GET", one, read, 200, "Get a run with its links as Langfuse does")
            .answer::<LangfuseWholeRun>(with(run, json!({"datasetRunItems": [link]}))),
        part.op("langfuse_delete_run", "DELETE", one, write, 200, "Delete a run as Langfuse does")
            .about("The run and its links; the traces stay.")
            .answer::<LangfuseDone>(json!({"message": "Dataset run deleted"})),
    ]
}
