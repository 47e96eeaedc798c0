//! The store in memory keeps checkpoints as LangGraph's does, operation by operation as recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared with the oracles of metrics")]
#[path = "../../metrics/tests/common/mod.rs"]
mod oracles;

use assay_graph::pregel::{
    Checkpoint, Fault, Interrupt, Listing, MemoryStore, Metadata, Name, Place, Saved, Store,
    TaskWrite, Written, at_once,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn place(cfg: &Value) -> Place {
    Place {
        thread: cfg["thread_id"].as_str().unwrap().to_owned(),
        namespace: cfg["checkpoint_ns"].as_str().unwrap_or_default().to_owned(),
    }
}

fn id(cfg: &Value) -> Option<Name> {
    cfg["checkpoint_id"].as_str().map(Into::into)
}

/// Versions are texts or numbers in the recordings; numbers in the engine.
fn versions(of: &Value) -> BTreeMap<Name, u64> {
    let all = of.as_object().into_iter().flatten();
    all.map(|(name, version)| {
        let number = version
            .as_u64()
            .or_else(|| version.as_f64().map(|f| f as u64));
        let text = || {
            version
                .as_str()
                .and_then(|t| t.split('.').next()?.parse().ok())
        };
        (name.as_str().into(), number.or_else(text).unwrap())
    })
    .collect()
}

fn tell(place: &Place, saved: &Saved, versions: &BTreeMap<(Place, Name), Value>) -> Value {
    let id = &saved.checkpoint.id;
    let values = saved.checkpoint.values.iter();
    let values: Map<String, Value> = values
        .map(|(k, v)| (k.to_string(), v.as_ref().clone()))
        .collect();
    let pending = saved.pending.iter().map(|p| match &p.write {
        TaskWrite::Channel(channel, Written::Value(value) | Written::Overwrite(value)) => {
            json!([p.task, channel, value.as_ref()])
        }
        TaskWrite::Error(fault) => json!([p.task, "__error__", fault.message]),
        TaskWrite::Interrupt(interrupt) => json!([p.task, "__interrupt__", interrupt.value]),
        TaskWrite::Resume(answers) => json!([p.task, "__resume__", answers]),
        other => panic!("{other:?}"),
    });
    json!({
        "config": {"thread_id": place.thread, "checkpoint_ns": place.namespace, "checkpoint_id": id},
        "parent": saved.parent,
        "values": values,
        "versions": versions[&(place.clone(), id.clone())],
        "metadata": saved.metadata,
        "pending_writes": pending.collect::<Vec<_>>(),
    })
}

fn write(write: &Value) -> TaskWrite {
    let value = write[1].clone();
    match write[0].as_str().unwrap() {
        "__error__" => TaskWrite::Error(Fault {
            kind: String::new(),
            message: value.as_str().unwrap().to_owned(),
            retryable: false,
            ..Fault::default()
        }),
        "__interrupt__" => TaskWrite::Interrupt(Interrupt {
            id: String::new(),
            value,
            asked: 0,
        }),
        "__resume__" => TaskWrite::Resume(value.as_array().cloned().unwrap_or_else(|| vec![value])),
        channel => TaskWrite::Channel(channel.into(), value.into()),
    }
}

fn check(case: &Value) -> Result<(), String> {
    let mut store = MemoryStore::default();
    let mut told: BTreeMap<(Place, Name), Value> = BTreeMap::new();
    for (number, op) in case["ops"].as_array().unwrap().iter().enumerate() {
        let cfg = &op["cfg"];
        let got = match op["op"].as_str().unwrap() {
            "put" => {
                let place = place(cfg);
                let id: Name = op["id"].as_str().unwrap().into();
                let values = op["values"].as_object().unwrap().iter();
                let checkpoint = Checkpoint {
                    id: id.clone(),
                    values: values
                        .map(|(k, v)| (k.as_str().into(), Arc::new(v.clone())))
                        .collect(),
                    versions: versions(&op["versions"]),
                    seen: BTreeMap::new(),
                };
                let metadata: Metadata = serde_json::from_value(op["metadata"].clone()).unwrap();
                let changed = op.get("new_versions").unwrap_or(&op["versions"]);
                let changed: BTreeSet<Name> = versions(changed).into_keys().collect();
                let parent = self::id(cfg);
                at_once(store.put(&place, &checkpoint, &metadata, parent.as_ref(), &changed))
                    .unwrap();
                let result = json!({"thread_id": place.thread, "checkpoint_ns": place.namespace, "checkpoint_id": id});
                told.insert((place, id), op["versions"].clone());
                result
            }
            "put_writes" => {
                let writes: Vec<TaskWrite> =
                    op["writes"].as_array().unwrap().iter().map(write).collect();
                let task = op["task_id"].as_str().unwrap().into();
                at_once(store.put_writes(&place(cfg), &id(cfg).unwrap(), &task, &writes)).unwrap();
                Value::Null
            }
            "get" => {
                let place = place(cfg);
                let found = at_once(store.get(&place, id(cfg).as_deref())).unwrap();
                found.map_or(Value::Null, |saved| tell(&place, &saved, &told))
            }
            "list" => {
                let text = |of: &Value, key: &str| of[key].as_str().map(str::to_owned);
                let filter = op["filter"].as_object().cloned().unwrap_or_default();
                let listing = Listing {
                    thread: text(cfg, "thread_id"),
                    namespace: text(cfg, "checkpoint_ns"),
                    before: id(&op["before"]),
                    filter: filter.into_iter().collect(),
                    limit: op["limit"].as_u64().map(|n| n as usize),
                };
                let found = at_once(store.list(&listing)).unwrap();
                json!(
                    found
                        .iter()
                        .map(|(p, s)| tell(p, s, &told))
                        .collect::<Vec<_>>()
                )
            }
            "delete_thread" => {
                store.delete_thread(op["thread_id"].as_str().unwrap());
                Value::Null
            }
            "copy_thread" => {
                let text = |key: &str| op[key].as_str().unwrap();
                store.copy_thread(text("source"), text("target"));
                Value::Null
            }
            other => return Err(format!("no such operation: {other}")),
        };
        if got != op["result"] {
            return Err(format!(
                "operation {number} ({}): got\n    {got}\n  expected\n    {}",
                op["op"], op["result"]
            ));
        }
    }
    Ok(())
}

#[test]
fn oracle_checkpointer_ops() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for (file, text) in oracles::files() {
        let content: Value = serde_json::from_str(&text).unwrap();
        let before = ran;
        for case in content["cases"].as_array().into_iter().flatten() {
            if case.get("ops").is_none_or(|ops| !ops[0]["cfg"].is_object()) {
                continue;
            }
            ran += 1;
            if let Err(what) = check(case) {
                wrong.push(format!("{file} {}: {what}", case["name"]));
            }
        }
        oracles::count(&file, ran - before);
    }
    println!("{ran} cases");
    assert!(ran > 0);
    assert!(
        wrong.is_empty(),
        "{} of {ran} differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
