//! The graph engine alone: super-steps per second of a loop of two nodes, on one core, with every checkpoint kept in memory.

use crate::context::Context;
use crate::report::{Report, figure};
use crate::stats::median;
use anyhow::{Result, bail};
use assay_graph::pregel::{
    Branch, END, Ended, Executor, Goto, Graph, Input, MemoryStore, Name, Node, Options, Outcome,
    Place, Questions, Reducer, START, Shared, Task, at_once,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// Super-steps of a round.
const STEPS: u32 = 20_000;
const ROUNDS: usize = 5;
/// Messages of the state, and numbers of them that are compared.
const MESSAGES: usize = 20;
const MANY: [usize; 3] = [200, 2_000, 20_000];

/// Two nodes that hand each other the turn until there were enough.
struct Loop;

impl Executor for Loop {
    async fn run(&mut self, task: &Task, _: &mut Questions) -> Outcome {
        Outcome::Done {
            update: vec![
                ("turns".into(), json!(1).into()),
                ("last".into(), json!(task.name).into()),
            ],
            goto: Vec::new(),
        }
    }
}

fn graph(turns: i64) -> Result<Graph> {
    let router = move |state: &BTreeMap<Name, Shared>| {
        let done = state.get("turns").and_then(|n| n.as_i64()).unwrap_or(0);
        let to = if done < turns { "user" } else { END };
        Ok(vec![Goto::Node(to.into())])
    };
    let branch = Branch {
        router: Arc::new(router),
        targets: BTreeSet::new(),
    };
    Ok(Graph::builder()
        .reduced("messages", Reducer::Concat, Some(json!([])))
        .reduced("turns", Reducer::Add, Some(json!(0)))
        .reduced("last", Reducer::Max, None)
        .node("user", Node::default())
        .node("agent", Node::default())
        .edge(START, "user")
        .edge("user", "agent")
        .branch("agent", branch)
        .build()?)
}

fn input(messages: usize) -> Input {
    let message = |i: usize| json!({"role": if i.is_multiple_of(2) { "user" } else { "assistant" }, "content": format!("message {i}")});
    let messages: Vec<Value> = (0..messages).map(message).collect();
    Input::Values(Map::from_iter([("messages".to_owned(), json!(messages))]))
}

/// Super-steps per second.
fn rate(messages: usize, steps: u32) -> Result<f64> {
    let mut store = MemoryStore::default();
    let graph = graph(i64::from(steps))?;
    let options = Options {
        recursion_limit: steps + 10,
        ..Options::default()
    };
    let began = Instant::now();
    let ended = at_once(graph.invoke(
        &mut store,
        &mut Loop,
        &Place::of("t"),
        input(messages),
        &options,
    ))?;
    if ended != Ended::Done {
        bail!("the loop ended as {ended:?}");
    }
    Ok(f64::from(steps) / began.elapsed().as_secs_f64())
}

fn rates(messages: usize, steps: u32) -> Result<f64> {
    let rounds: Result<Vec<f64>> = (0..ROUNDS).map(|_| rate(messages, steps)).collect();
    Ok(median(&rounds?))
}

/// Measures, in this process.
pub(crate) fn bench(_: &Context) -> Result<Report> {
    let mut report = Report::new(
        "graph: the engine alone",
        &["loop of two nodes", "super-steps/s"],
    );
    report.note(
        "One thread; every checkpoint and what tasks did are kept in memory. Medians of five rounds.",
    );
    let few = rates(MESSAGES, STEPS)?;
    report.row([format!("{MESSAGES} messages"), figure(few)]);
    report.at_least(
        "graph: super-steps per second on one core",
        few,
        100_000.0,
        "/s",
    );
    let mut slowest = few;
    for messages in MANY {
        let rate = rates(messages, STEPS)?;
        report.row([format!("{messages} messages"), figure(rate)]);
        slowest = slowest.min(rate);
    }
    // A thousand times the state may take a thousand times as long, and no more.
    let growth = few / slowest;
    let most = *MANY.last().unwrap_or(&MESSAGES) as f64 / MESSAGES as f64;
    report.below(
        "graph: time of a step with a thousand times the state",
        growth,
        most,
        "x",
    );
    let short = rate(MESSAGES, STEPS / 10)?;
    let long = rate(MESSAGES, STEPS * 5)?;
    report.row([format!("{} steps", STEPS / 10), figure(short)]);
    report.row([format!("{} steps", STEPS * 5), figure(long)]);
    report.below(
        "graph: time of a step after fifty times the history",
        short / long,
        2.0,
        "x",
    );
    Ok(report)
}
