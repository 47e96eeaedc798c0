//! The engine does what LangGraph does, case by case as recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;
#[allow(dead_code, reason = "shared with the oracles of metrics")]
#[path = "../../metrics/tests/common/mod.rs"]
mod oracles;

use assay_graph::pregel::{
    Checkpoint, Command, Edit, Ended, Goto, Graph, Input, Listing, MemoryStore, Metadata, Name,
    Options, Path, Place, Resume, RunError, Saved, Snapshot, Stops, Store, TaskWrite, Written,
    at_once,
};
use common::{Runner, Spec};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The history as the oracles tell it, newest first.
fn history(graph: &Graph, store: &MemoryStore, place: &Place) -> (Vec<Snapshot>, Vec<Value>) {
    let listing = Listing {
        thread: Some(place.thread.clone()),
        namespace: Some(String::new()),
        ..Listing::default()
    };
    let all = at_once(store.list(&listing)).unwrap();
    let snapshots: Vec<Snapshot> = all
        .iter()
        .map(|(_, saved)| graph.snapshot(saved, false).unwrap())
        .collect();
    let index_of = |id: &Name| snapshots.iter().position(|s| s.id == *id);
    let told = snapshots.iter().enumerate().map(|(index, s)| {
        let asked = |task: &assay_graph::pregel::TaskState| -> Vec<Value> {
            task.interrupts.iter().map(|i| i.value.clone()).collect()
        };
        let tasks = s.tasks.iter().map(|task| {
            json!({
                "name": task.name,
                "path": match &task.path {
                    Path::Push(n) => json!(["__pregel_push", n, false]),
                    _ => json!(["__pregel_pull", task.name]),
                },
                "error": task.error.as_ref().map(|f| format!("{}('{}')", f.kind, f.message)),
                "interrupts": asked(task),
                "result": task.result,
            })
        });
        json!({
            "index": index,
            "values": state(s),
            "next": s.next,
            "source": s.metadata.source,
            "step": s.metadata.step,
            "parent_index": s.parent.as_ref().and_then(index_of),
            "tasks": tasks.collect::<Vec<_>>(),
            "interrupts": s.tasks.iter().flat_map(asked).collect::<Vec<_>>(),
        })
    });
    let told = told.collect();
    (snapshots, told)
}

fn state(snapshot: &Snapshot) -> Value {
    let fields = snapshot
        .values
        .iter()
        .map(|(k, v)| (k.to_string(), v.as_ref().clone()));
    Value::Object(fields.collect())
}

fn written(values: &Value) -> Vec<(Name, Written)> {
    let fields = values.as_object().into_iter().flatten();
    fields
        .map(|(k, v)| (k.as_str().into(), v.clone().into()))
        .collect()
}

fn kind<E>(error: &RunError<E>) -> String {
    match error {
        RunError::NoInput => "EmptyInputError".into(),
        RunError::SeveralQuestions => "RuntimeError".into(),
        RunError::RecursionLimit(_) => "GraphRecursionError".into(),
        RunError::Invalid(_) | RunError::Unknown(_) => "InvalidUpdateError".into(),
        RunError::Failed(_, fault) => fault.kind.clone(),
        RunError::Store(_) => "Store".into(),
    }
}

fn expect(what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    Err(format!("{what}: got\n    {got}\n  expected\n    {wanted}"))
}

fn sorted(list: &Value) -> Value {
    let mut all: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect();
    all.sort();
    json!(all)
}

fn check(case: &Case) -> Result<(), String> {
    let spec = &case.graph;
    let graph = spec.graph();
    let place = Place::of("t");
    let mut store = MemoryStore::default();
    for (number, step) in case.steps.iter().enumerate() {
        let step_name = format!("step {number} ({})", step["op"]);
        let (before, _) = history(&graph, &store, &place);
        let at = step["at_history_index"]
            .as_u64()
            .map(|i| before[i as usize].id.clone());
        let mut runner = Runner::of(spec);
        let outcome: Result<Option<Ended>, RunError<_>> = match step["op"].as_str().unwrap() {
            "invoke" => {
                let resume = if let Some(answer) = step.get("resume") {
                    Some(Resume::One(answer.clone()))
                } else if let Some(by_value) = step["resume_by_value"].as_object() {
                    let questions = before[0].tasks.iter().flat_map(|t| &t.interrupts);
                    let answers = questions.filter_map(|i| {
                        Some((i.id.clone(), by_value.get(i.value.as_str()?)?.clone()))
                    });
                    Some(Resume::Each(answers.collect()))
                } else {
                    None
                };
                let commanded =
                    step.get("command_update").is_some() || step.get("command_goto").is_some();
                let input = if resume.is_some() || commanded {
                    let goto = match &step["command_goto"] {
                        Value::Null => Vec::new(),
                        Value::String(node) => vec![Goto::Node(node.as_str().into())],
                        Value::Array(all) => all
                            .iter()
                            .map(|n| Goto::Node(n.as_str().unwrap().into()))
                            .collect(),
                        other => panic!("goto {other}"),
                    };
                    Input::Command(Command {
                        update: written(&step["command_update"]),
                        goto,
                        resume,
                    })
                } else {
                    match &step["input"] {
                        Value::Object(map) => Input::Values(map.clone()),
                        _ => Input::Nothing,
                    }
                };
                let stops = |names: &std::collections::BTreeSet<Name>| match names.is_empty() {
                    true => Stops::None,
                    false => Stops::At(names.clone()),
                };
                let options = Options {
                    at,
                    recursion_limit: step["recursion_limit"].as_u64().unwrap_or(10_007) as u32,
                    stop_before: stops(&spec.interrupt_before),
                    stop_after: stops(&spec.interrupt_after),
                    at_exit_only: step["durability"] == "exit",
                    steps: None,
                    waits_outside: false,
                    metadata: Map::new(),
                };
                at_once(graph.invoke(&mut store, &mut runner, &place, input, &options)).map(Some)
            }
            "update_state" => {
                let edit = Edit {
                    values: Some(written(&step["values"])),
                    as_node: step["as_node"].as_str().map(Into::into),
                };
                at_once(graph.edit(&mut store, &place, at.as_deref(), vec![edit])).map(|_| None)
            }
            "update_state_end" => {
                let edit = Edit {
                    values: None,
                    as_node: Some(assay_graph::pregel::END.into()),
                };
                at_once(graph.edit(&mut store, &place, at.as_deref(), vec![edit])).map(|_| None)
            }
            other => return Err(format!("no such operation: {other}")),
        };
        let of = |what: &str| format!("{step_name}: {what}");
        match (&outcome, step.get("error")) {
            (Err(error), wanted) => {
                expect(
                    &of("error"),
                    &json!(kind(error)),
                    wanted.unwrap_or(&Value::Null),
                )?;
                let wanted = step["error_message"].as_str().unwrap_or_default();
                if !wanted.starts_with(&error.to_string()) {
                    return Err(of(&format!("says {error}, expected {wanted}")));
                }
            }
            (Ok(_), Some(wanted)) if !wanted.is_null() => {
                return Err(of(&format!("ended well, expected {wanted}")));
            }
            _ => {}
        }
        expect(&of("calls"), &json!(runner.calls), &step["node_calls"])?;
        let (_, told) = history(&graph, &store, &place);
        let wanted = step["history_newest_first"].as_array().unwrap();
        for (index, (got, wanted)) in told.iter().zip(wanted).enumerate() {
            expect(&of(&format!("history {index}")), got, wanted)?;
        }
        expect(
            &of("length of the history"),
            &json!(told.len()),
            &json!(wanted.len()),
        )?;
        if let (Some(wanted), Ok(Some(ended))) = (step.get("updates_stream"), &outcome) {
            let mut got = runner.updates.clone();
            if let Ended::Asks(asked) = ended {
                for interrupt in asked {
                    got.push(json!({"__interrupt__": [{"__interrupt_value__": interrupt.value}]}));
                }
            }
            // Stops are told in the stream too, without a value.
            let wanted: Vec<&Value> = wanted
                .as_array()
                .unwrap()
                .iter()
                .filter(|u| u["__interrupt__"] != json!([]))
                .collect();
            expect(
                &of("updates"),
                &sorted(&json!(got)),
                &sorted(&json!(wanted)),
            )?;
        }
        if let (Some(wanted), Ok(Some(Ended::Done | Ended::Stopped))) =
            (step.get("final_values"), &outcome)
        {
            let mut wanted = wanted.clone();
            if let Some(map) = wanted.as_object_mut() {
                map.remove("__interrupt__");
            }
            let latest = at_once(store.get(&place, None)).unwrap().unwrap();
            let now = graph.snapshot(&latest, true).unwrap();
            if step.get("at_history_index").is_none() {
                expect(&of("values"), &state(&now), &wanted)?;
            }
        }
    }
    Ok(())
}

/// A case, read from text: nodes are in an order.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    graph: Spec,
    steps: Vec<Value>,
}

#[derive(serde::Deserialize)]
struct Runs {
    cases: Vec<Case>,
}

#[test]
fn oracle_langgraph_runs() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for (file, text) in oracles::files() {
        // Other files are of other things.
        if !text.contains("\"dsl\"") {
            continue;
        }
        let runs: Runs = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        oracles::count(&file, runs.cases.len());
        for case in runs.cases {
            ran += 1;
            if let Err(what) = check(&case) {
                wrong.push(format!("{file} {}: {what}", case.name));
            }
        }
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

/// A file of crashes: the n-th thing that is kept is lost, and with it the process.
#[derive(serde::Deserialize)]
struct Crashes {
    graphs: std::collections::BTreeMap<String, Spec>,
    inputs: std::collections::BTreeMap<String, Map<String, Value>>,
    cases: Vec<Value>,
}

/// A store whose n-th write fails before anything is written.
struct Failing {
    store: MemoryStore,
    left: u64,
}

impl Failing {
    fn write(&mut self) -> Result<(), String> {
        self.left = self.left.wrapping_sub(1);
        if self.left == 0 {
            Err("Crash".into())
        } else {
            Ok(())
        }
    }
}

impl Store for Failing {
    type Error = String;

    async fn get(&self, place: &Place, id: Option<&str>) -> Result<Option<Saved>, String> {
        self.store.get(place, id).await.map_err(|e| match e {})
    }

    async fn next_id(&self, place: &Place) -> Result<Name, String> {
        self.store.next_id(place).await.map_err(|e| match e {})
    }

    async fn put(
        &mut self,
        place: &Place,
        checkpoint: &Checkpoint,
        metadata: &Metadata,
        parent: Option<&Name>,
        changed: &BTreeSet<Name>,
    ) -> Result<(), String> {
        self.write()?;
        self.store
            .put(place, checkpoint, metadata, parent, changed)
            .await
            .map_err(|e| match e {})
    }

    async fn put_writes(
        &mut self,
        place: &Place,
        id: &Name,
        task: &Name,
        writes: &[TaskWrite],
    ) -> Result<(), String> {
        self.write()?;
        self.store
            .put_writes(place, id, task, writes)
            .await
            .map_err(|e| match e {})
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<(Place, Saved)>, String> {
        self.store.list(listing).await.map_err(|e| match e {})
    }
}

fn latest(graph: &Graph, store: &MemoryStore, place: &Place) -> (Value, Value) {
    let Some(saved) = at_once(store.get(place, None)).unwrap() else {
        return (json!({}), json!([]));
    };
    let now = graph.snapshot(&saved, true).unwrap();
    (state(&now), json!(now.next))
}

fn check_crash(case: &Value, spec: &Spec, input: &Map<String, Value>) -> Result<(), String> {
    let graph = spec.graph();
    let place = Place::of("t");
    let options = Options::default();
    let mut store = Failing {
        store: MemoryStore::default(),
        left: case["crash_before_persist_op"].as_u64().unwrap(),
    };
    let mut runner = Runner::of(spec);
    let values = || Input::Values(input.clone());
    let crashed = at_once(graph.invoke(&mut store, &mut runner, &place, values(), &options));
    if !matches!(&crashed, Err(RunError::Store(_))) {
        return Err(format!("it did not crash: {crashed:?}"));
    }
    // Where the loss of what a task did is told at the end only, more has been done: here a run ends at once.
    let tells_at_once = case["op"].as_str().unwrap().starts_with("put:");
    if tells_at_once {
        expect(
            "calls before",
            &json!(runner.calls),
            &case["calls_before_crash"],
        )?;
        let (values, next) = latest(&graph, &store.store, &place);
        expect("values after", &values, &case["values_after_crash"])?;
        expect("next after", &next, &case["next_after_crash"])?;
    }
    let before = runner.calls.clone();
    let mut runner = Runner::of(spec);
    let mut resumed =
        at_once(graph.invoke(&mut store, &mut runner, &place, Input::Nothing, &options));
    if let Err(error) = &resumed {
        expect("error", &json!(kind(error)), &case["resume_error"])?;
        resumed = at_once(graph.invoke(&mut store, &mut runner, &place, values(), &options));
    }
    if !matches!(resumed, Ok(Ended::Done)) {
        return Err(format!("it did not end well: {resumed:?}"));
    }
    if tells_at_once {
        expect(
            "calls on resume",
            &json!(runner.calls),
            &case["calls_on_resume"],
        )?;
    }
    expect(
        "values",
        &latest(&graph, &store.store, &place).0,
        &case["final"],
    )?;
    let (all, _) = history(&graph, &store.store, &place);
    expect("history", &json!(all.len()), &case["history_len"])?;
    // A node runs once more at most: the one whose words were lost.
    let mut uncrashed = Runner::of(spec);
    let ended = at_once(graph.invoke(
        &mut MemoryStore::default(),
        &mut uncrashed,
        &place,
        values(),
        &options,
    ));
    assert!(matches!(ended, Ok(Ended::Done)));
    let sum = |calls: &std::collections::BTreeMap<String, u64>| calls.values().sum::<u64>();
    let again = sum(&before) + sum(&runner.calls) - sum(&uncrashed.calls);
    if again > u64::from(!tells_at_once) {
        return Err(format!("{again} nodes ran again"));
    }
    Ok(())
}

#[test]
fn oracle_langgraph_crashes() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for (file, text) in oracles::files() {
        if !text.contains("\"crash_before_persist_op\"") {
            continue;
        }
        let crashes: Crashes =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        oracles::count(&file, crashes.cases.len());
        for case in &crashes.cases {
            ran += 1;
            let graph = case["graph"].as_str().unwrap();
            if let Err(what) = check_crash(case, &crashes.graphs[graph], &crashes.inputs[graph]) {
                wrong.push(format!("{file} {case}: {what}"));
            }
        }
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
