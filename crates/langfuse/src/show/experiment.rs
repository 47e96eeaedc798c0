//! Experiments and their items, and the dataset runs that older clients read instead.

use crate::query::{
    ExperimentGroup, ExperimentGroups, ExperimentItemGroup as Group, ExperimentItemGroups,
};
use crate::show::{environment, nullable, object, raw};
use assay_model::{Observation, Timestamp};
use serde_json::{Value, json};

/// A run of an application over a dataset.
#[derive(Debug, Clone, Copy)]
pub struct Experiment<'a> {
    /// Of [`crate::ids::dataset_run_id`], or the client's own.
    pub id: &'a str,
    /// What it is called; the id stands in for it.
    pub name: Option<&'a str>,
    /// What it is about.
    pub description: Option<&'a str>,
    /// The dataset.
    pub dataset_id: Option<&'a str>,
    /// When its first item began.
    pub start_time: Timestamp,
    /// When its last item ended.
    pub end_time: Timestamp,
    /// How many items.
    pub item_count: u64,
    /// Anything else.
    pub metadata: &'a Value,
}

/// `GET /api/public/experiments`; `scores` are those of the experiment as a whole, as of [`crate::show::score_v3`].
#[must_use]
pub fn experiment(e: &Experiment, groups: &ExperimentGroups, scores: Vec<Value>) -> Value {
    let mut shown = json!({
        "id": e.id,
        "name": e.name.unwrap_or(e.id),
        "description": e.description,
        "datasetId": e.dataset_id,
        "startTime": e.start_time,
        "endTime": e.end_time,
        "itemCount": e.item_count,
    });
    if let Some(map) = shown.as_object_mut() {
        if groups.has(ExperimentGroup::Metadata) {
            map.insert("metadata".to_owned(), object(e.metadata));
        }
        if groups.has(ExperimentGroup::Scores) {
            map.insert("scores".to_owned(), Value::Array(scores));
        }
    }
    shown
}

/// `GET /api/public/experiment-items`: the observation that stands for the item, with the scores of it and its trace as
/// of [`crate::show::score_v3`]. `None` for an observation of no experiment.
#[must_use]
pub fn experiment_item(
    o: &Observation,
    groups: &ExperimentItemGroups,
    scores: Vec<Value>,
) -> Option<Value> {
    let link = o.experiment.as_ref()?;
    let mut shown = json!({
        "id": o.id,
        "traceId": o.trace_id,
        "startTime": o.start_time,
        "endTime": o.end_time,
        "level": o.level,
        "environment": environment(o.environment.as_deref()),
        "experimentId": link.id,
        "experimentName": link.name.as_deref().unwrap_or(&link.id),
        "experimentItemId": link.item_id.as_deref().unwrap_or(&o.id),
    });
    let map = shown.as_object_mut()?;
    let mut put = |group, field: &str, value: Value| {
        if groups.has(group) {
            map.insert(field.to_owned(), value);
        }
    };
    // The clients read the version as a time, and refuse the page when it is anything else.
    let version = link.item_version.as_deref();
    let version = version.and_then(|v| Timestamp::parse(v).ok());
    put(
        Group::Dataset,
        "experimentDatasetId",
        json!(link.dataset_id),
    );
    put(Group::Dataset, "experimentItemVersion", json!(version));
    put(Group::Io, "input", raw(&o.input));
    put(Group::Io, "output", raw(&o.output));
    put(Group::Io, "expectedOutput", raw(&link.expected_output));
    put(Group::Metadata, "metadata", object(&o.metadata));
    let of_item = nullable(&link.item_metadata);
    put(Group::ItemMetadata, "experimentItemMetadata", of_item);
    let of_experiment = nullable(&link.metadata);
    put(
        Group::ExperimentMetadata,
        "experimentMetadata",
        of_experiment,
    );
    let description = json!(link.description);
    put(
        Group::ExperimentMetadata,
        "experimentDescription",
        description,
    );
    put(Group::Scores, "scores", Value::Array(scores));
    Some(shown)
}

/// An experiment as older clients know it.
#[derive(Debug, Clone, Copy)]
pub struct DatasetRun<'a> {
    /// Of [`crate::ids::dataset_run_id`].
    pub id: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// What it is about.
    pub description: Option<&'a str>,
    /// Anything else, as it was written.
    pub metadata: &'a Value,
    /// The dataset.
    pub dataset_id: &'a str,
    /// The dataset's name.
    pub dataset_name: &'a str,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// `GET /api/public/datasets/{name}/runs`; the one that is read alone has its items, as of [`dataset_run_item`].
#[must_use]
pub fn dataset_run(run: &DatasetRun, items: Option<Vec<Value>>) -> Value {
    let mut shown = json!({
        "id": run.id,
        "name": run.name,
        "description": run.description,
        "metadata": run.metadata,
        "datasetId": run.dataset_id,
        "datasetName": run.dataset_name,
        "createdAt": run.created_at,
        "updatedAt": run.updated_at,
    });
    if let (Some(items), Some(map)) = (items, shown.as_object_mut()) {
        map.insert("datasetRunItems".to_owned(), Value::Array(items));
    }
    shown
}

/// What links an item of a dataset, a run and a trace.
#[derive(Debug, Clone, Copy)]
pub struct DatasetRunItem<'a> {
    /// Its id.
    pub id: &'a str,
    /// The run.
    pub run_id: &'a str,
    /// The run's name.
    pub run_name: &'a str,
    /// The item.
    pub item_id: &'a str,
    /// The trace.
    pub trace_id: &'a str,
    /// The observation within the trace, unless it is the whole.
    pub observation_id: Option<&'a str>,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When it was last stored.
    pub updated_at: Timestamp,
}

/// `POST /api/public/dataset-run-items`, and within runs.
#[must_use]
pub fn dataset_run_item(item: &DatasetRunItem) -> Value {
    json!({
        "id": item.id,
        "datasetRunId": item.run_id,
        "datasetRunName": item.run_name,
        "datasetItemId": item.item_id,
        "traceId": item.trace_id,
        "observationId": item.observation_id,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    })
}
