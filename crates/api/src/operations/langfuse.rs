//! Datasets in the paths and shapes of Langfuse. Part of the component `resources`.

use crate::examples::{ID, TIME};
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
            .answer::<LangfuseDataset>(dataset),
        part.op("langfuse_list_items", "GET", items, read, 200, "List items as Langfuse does")
            .about("By dataset, in their order.")
            .filter("datasetName", "Only those of the dataset of that name.")
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
            .answer::<LangfuseItem>(shown),
        part.op("langfuse_delete_item", "DELETE", item, write, 200, "Delete an item as Langfuse does")
            .about("The oldest of that id, where several datasets have one.")
            .answer::<LangfuseDone>(json!({"message": "Dataset item deleted"})),
    ]
}
