//! What is shown, against recorded answers: what a row says is written as a client would, and read again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "helpers of tests"
)]

mod common;

use assay_langfuse::ids::{dataset_run_id, media_id};
use assay_langfuse::ingestion::{Event, fold, parse};
use assay_langfuse::score::parse_score;
use assay_langfuse::show::{
    DatasetRun, DatasetRunItem, Media, ObservationContext, ScoreContext, TraceContext, dataset_run,
    dataset_run_item, media, media_upload, observation_v1, page, project, score_v1, score_v2,
    session, trace_row, trace_single,
};
use assay_model::{Observation, Score, Timestamp, Trace};
use common::read;
use serde_json::{Map, Value, json};

const PROJECT: &str = "proj-test";

/// Numbers that differ from recorded ones: that server measured in nanoseconds, which its rows do not say, did not
/// measure the first token, and left cached tokens out of the input.
const DIFFERENCES: [&str; 3] = ["latency", "timeToFirstToken", "input"];

fn event(kind: &str, body: &Value) -> Event {
    let envelope =
        json!({"id": "e", "type": kind, "timestamp": "2026-11-24T00:00:00Z", "body": body});
    let entry = parse(json!({"batch": [envelope]})).unwrap().remove(0);
    entry.outcome.unwrap()
}

fn observation(row: &Value) -> Observation {
    // Of the two ways in which a row says what was spent, the newer.
    let mut row = row.clone();
    row["usage"] = Value::Null;
    match event("observation-create", &row) {
        Event::Observation(patch) => fold(vec![patch]),
        other => panic!("{other:?}"),
    }
}

fn trace(row: &Value) -> Trace {
    match event("trace-create", row) {
        Event::Trace(trace) => trace,
        other => panic!("{other:?}"),
    }
}

fn score(row: &Value) -> Score {
    let mut row = row.clone();
    if row["dataType"] == "CATEGORICAL" {
        row["value"] = row["stringValue"].clone();
    }
    parse_score(row).unwrap()
}

fn at(row: &Value, field: &str) -> Option<Timestamp> {
    Timestamp::parse(row[field].as_str()?).ok()
}

fn observation_context(row: &Value) -> ObservationContext<'_> {
    ObservationContext {
        project_id: PROJECT,
        created_at: at(row, "createdAt"),
        updated_at: at(row, "updatedAt"),
        ..ObservationContext::default()
    }
}

fn score_context(row: &Value) -> ScoreContext<'_> {
    ScoreContext {
        project_id: PROJECT,
        created_at: at(row, "createdAt"),
        updated_at: at(row, "updatedAt"),
        ..ScoreContext::default()
    }
}

fn shown_observation(row: &Value) -> Value {
    observation_v1(&observation(row), &observation_context(row))
}

fn strings(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).unwrap()
}

fn shown_trace(row: &Value) -> Value {
    let trace = trace(row);
    let first = &row["observations"][0];
    let list = |field: &str| row[field].as_array().unwrap().clone();
    let mut context = TraceContext {
        project_id: PROJECT,
        latency_seconds: row["latency"].as_f64(),
        total_cost: row["totalCost"].as_f64(),
        created_at: at(row, "createdAt"),
        updated_at: at(row, "updatedAt"),
        ..TraceContext::default()
    };
    if first.is_object() {
        let observations = list("observations").iter().map(shown_observation).collect();
        let scores = list("scores");
        let scores = scores
            .iter()
            .filter_map(|row| score_v1(&score(row), &score_context(row)))
            .collect();
        return trace_single(&trace, &context, observations, scores);
    }
    let (observations, scores) = (strings(&row["observations"]), strings(&row["scores"]));
    context.observation_ids = &observations;
    context.score_ids = &scores;
    trace_row(&trace, &context)
}

/// The same keys on every level and, but for [`DIFFERENCES`], the same values; times and numbers by what they are.
fn assert_same(ours: &Value, recorded: &Value, path: &str) {
    match (ours, recorded) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = |map: &Map<String, Value>| {
                let mut keys: Vec<_> = map.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(a), keys(b), "{path}");
            for (key, value) in a {
                if DIFFERENCES.contains(&key.as_str()) && value.is_number() {
                    assert!(b[key].is_number() || b[key].is_null(), "{path}.{key}");
                } else {
                    assert_same(value, &b[key], &format!("{path}.{key}"));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                assert_same(a, b, &format!("{path}.{i}"));
            }
        }
        (Value::Number(a), Value::Number(b)) => assert_eq!(a.as_f64(), b.as_f64(), "{path}"),
        (Value::String(a), Value::String(b)) => {
            let time = |text: &str| Timestamp::parse(text).ok();
            assert!(
                a == b || (time(a).is_some() && time(a) == time(b)),
                "{path}: {a}, not {b}"
            );
        }
        (a, b) => assert_eq!(a, b, "{path}"),
    }
}

#[test]
fn traces_and_all_in_them() {
    let single = read("read_trace_py4.response.json");
    assert_same(&shown_trace(&single), &single, "trace");
    for name in ["read_traces_list_py4", "read_traces_list_tags_py4"] {
        let list = read(&format!("{name}.response.json"));
        let limit = list["meta"]["limit"].as_i64().unwrap();
        let rows: Vec<Value> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(shown_trace)
            .collect();
        assert_eq!(rows.len(), 1);
        assert_same(&page(rows, 1, limit, 1), &list, name);
    }
}

#[test]
fn observations_of_the_older_shape() {
    let one = read("read_obs_v1_one_py4.response.json");
    let shown = shown_observation(&one);
    assert_same(&shown, &one, "observation");
    assert_eq!(shown["usage"]["input"], 14);
    let list = read("read_obs_v1_py4.response.json");
    assert_same(&page(vec![shown], 1, 50, 1), &list, "observations");
}

#[test]
fn scores_of_the_older_shape() {
    let list = read("read_scores_v2_py4.response.json");
    let rows = list["data"].as_array().unwrap();
    let shown: Vec<Value> = rows
        .iter()
        .filter_map(|row| score_v2(&score(row), &score_context(row)))
        .collect();
    assert_same(&page(shown, 1, 50, 4), &list, "scores");
}

#[test]
fn sessions_projects_media_and_runs() {
    let recorded = read("read_session.response.json");
    let traces = recorded["traces"]
        .as_array()
        .unwrap()
        .iter()
        .map(shown_trace)
        .collect();
    let created = at(&recorded, "createdAt").unwrap();
    let shown = session(
        recorded["id"].as_str().unwrap(),
        created,
        PROJECT,
        None,
        Some(traces),
    );
    assert_same(&shown, &recorded, "session");

    let recorded = read("projects_get.response.json");
    let shown = json!({"data": [project(PROJECT, "test", "org-test", "Test Org")]});
    assert_same(&shown, &recorded, "projects");

    let upload = read("media_create.json");
    let id = media_id(upload["sha256Hash"].as_str().unwrap()).unwrap();
    let recorded = read("media_create.response.json");
    let shown = media_upload(&id, recorded["uploadUrl"].as_str());
    assert_same(&shown, &recorded, "media_upload");
    let recorded = read("media_get.response.json");
    let shown = media(&Media {
        id: &id,
        content_type: "image/png",
        content_length: 48,
        uploaded_at: at(&recorded, "uploadedAt").unwrap(),
        url: recorded["url"].as_str().unwrap(),
        url_expiry: at(&recorded, "urlExpiry").unwrap(),
    });
    assert_same(&shown, &recorded, "media");

    let recorded = read("dataset_run_get.response.json");
    let text = |row: &'static str| recorded[row].as_str().unwrap();
    let id = dataset_run_id(PROJECT, text("datasetId"), text("name"));
    let items = recorded["datasetRunItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            dataset_run_item(&DatasetRunItem {
                id: item["id"].as_str().unwrap(),
                run_id: &id,
                run_name: text("name"),
                item_id: item["datasetItemId"].as_str().unwrap(),
                trace_id: item["traceId"].as_str().unwrap(),
                observation_id: item["observationId"].as_str(),
                created_at: at(item, "createdAt").unwrap(),
                updated_at: at(item, "updatedAt").unwrap(),
            })
        });
    let run = DatasetRun {
        id: &id,
        name: text("name"),
        description: recorded["description"].as_str(),
        metadata: &recorded["metadata"],
        dataset_id: text("datasetId"),
        dataset_name: text("datasetName"),
        created_at: at(&recorded, "createdAt").unwrap(),
        updated_at: at(&recorded, "updatedAt").unwrap(),
    };
    assert_same(&dataset_run(&run, Some(items.collect())), &recorded, "run");
    let list = read("dataset_runs_list.response.json");
    assert_same(
        &page(vec![dataset_run(&run, None)], 1, 50, 1),
        &list,
        "runs",
    );
}
