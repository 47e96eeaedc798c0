//! Graphs by chance, broken off between any two of their effects: in the end they are where they would have been.
//!
//! `ASSAY_SIMULATION_SEED` runs one seed again, `ASSAY_SIMULATION_GRAPHS` says how many there are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_graph::pregel::{
    Branch, ChannelSpec, Checkpoint, Command, END, Ended, Executor, Fault, Goto, Graph, Input,
    Journal, Listing, MemoryStore, Metadata, Name, Node, Options, Outcome, Place, Questions,
    Record, Records, Reducer, Resume, RetryPolicy, RunError, START, Saved, Send, Shared, Store,
    Task, TaskWrite, at_once,
};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

const GRAPHS: u64 = 10_000;

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What a node does, the same whenever it reads the same.
#[derive(Clone, Default)]
struct Deed {
    /// Whether it asks before it writes.
    asks: bool,
    /// How often it fails first, of every task.
    fails: u64,
    /// It sends for this node, once for each item it makes.
    sends: Option<Name>,
    /// It goes to this node by itself.
    goes: Option<Name>,
}

struct Plan {
    graph: Graph,
    deeds: BTreeMap<Name, Deed>,
}

fn log_and_count(builder: assay_graph::pregel::GraphBuilder) -> assay_graph::pregel::GraphBuilder {
    builder
        .reduced("log", Reducer::Concat, Some(json!([])))
        .reduced("count", Reducer::Add, Some(json!(0)))
        .reduced("seen", Reducer::Union, Some(json!([])))
        .field("last", ChannelSpec::AnyValue)
        .field("item", ChannelSpec::AnyValue)
}

/// A graph of a few nodes: chains, forks, joins, cycles that end, nodes that are sent for, graphs within.
fn plan(chance: &mut Chance, within: &str) -> Plan {
    let size = 2 + chance.below(5) as usize;
    let names: Vec<String> = (0..size).map(|i| format!("{within}n{i}")).collect();
    let mut builder = log_and_count(Graph::builder());
    let mut deeds = BTreeMap::new();
    for name in &names {
        let mut node = Node::default();
        node.defer = chance.one_in(8);
        node.retry = chance.one_in(2).then_some(RetryPolicy {
            max_attempts: 3,
            ..RetryPolicy::default()
        });
        let mut deed = Deed {
            asks: chance.one_in(8),
            fails: if node.retry.is_some() {
                chance.below(3)
            } else {
                0
            },
            ..Deed::default()
        };
        if within.is_empty() && chance.one_in(8) {
            let inner = plan(chance, name);
            deeds.extend(inner.deeds);
            node.subgraph = Some(Arc::new(inner.graph));
            deed = Deed::default();
        }
        if chance.one_in(6) {
            deed.sends = Some(names[chance.below(size as u64) as usize].as_str().into());
        }
        if chance.one_in(6) {
            deed.goes = Some(names[chance.below(size as u64) as usize].as_str().into());
        }
        deeds.insert(name.as_str().into(), deed);
        builder = builder.node(name, node);
    }
    builder = builder.edge(START, &names[0]);
    if chance.one_in(3) {
        builder = builder.edge(START, &names[size - 1]);
    }
    for (index, name) in names.iter().enumerate() {
        let other = names[chance.below(size as u64) as usize].clone();
        match chance.below(5) {
            // Forwards, so that it ends.
            0 | 1 if index + 1 < size => builder = builder.edge(name, &names[index + 1]),
            2 if index + 2 < size => {
                builder = builder
                    .edge(name, &names[index + 1])
                    .edge(name, &names[index + 2]);
            }
            3 if index > 0 && index + 1 < size => {
                builder = builder.join(
                    [names[index - 1].as_str(), name.as_str()],
                    &names[index + 1],
                );
            }
            _ => {
                let limit = 3 + chance.below(12) as i64;
                let branch = Branch {
                    router: Arc::new(move |state: &BTreeMap<Name, Shared>| {
                        let count = state.get("count").and_then(|c| c.as_i64()).unwrap_or(0);
                        let to = if count < limit { other.as_str() } else { END };
                        Ok(vec![Goto::Node(to.into())])
                    }),
                    targets: BTreeSet::new(),
                };
                builder = builder.branch(name, branch);
            }
        }
    }
    let graph = match builder.build() {
        Ok(graph) => graph,
        // Two joins of the same nodes, say.
        Err(_) => return plan(chance, within),
    };
    Plan { graph, deeds }
}

/// Does what the plan says, and notes which tasks it was asked to do.
struct Doer<'p> {
    deeds: &'p BTreeMap<Name, Deed>,
    attempts: BTreeMap<Name, u64>,
    ran: Vec<Name>,
}

impl Executor for Doer<'_> {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let deed = &self.deeds[&task.name];
        self.ran.push(task.id.clone());
        let attempts = self.attempts.entry(task.id.clone()).or_default();
        *attempts += 1;
        if *attempts <= deed.fails {
            return Outcome::Failed(Fault {
                kind: "Busy".into(),
                message: "not now".into(),
                retryable: true,
                ..Fault::default()
            });
        }
        *attempts = 0;
        let mut word = task.name.to_string();
        if deed.asks {
            match questions.answer() {
                Some(answer) => word = format!("{word}:{answer}"),
                None => return Outcome::Asks(json!(format!("{}?", task.name))),
            }
        }
        let count = task
            .input
            .field("count")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        let mut hasher = DefaultHasher::new();
        (task.input.to_value().to_string(), &task.name).hash(&mut hasher);
        let seen = hasher.finish() % 5;
        let mut goto = Vec::new();
        if let Some(node) = deed.sends.as_ref().filter(|_| count < 6) {
            goto.extend((0..2).map(|item| {
                Goto::Send(Send {
                    node: node.clone(),
                    arg: json!({"item": item, "count": count + 6}),
                })
            }));
        }
        if let Some(node) = deed.goes.as_ref().filter(|_| count < 5) {
            goto.push(Goto::Node(node.clone()));
        }
        Outcome::Done {
            update: vec![
                ("log".into(), json!([word]).into()),
                ("count".into(), json!(1).into()),
                ("seen".into(), json!([seen]).into()),
                ("last".into(), json!(task.name).into()),
            ],
            goto,
        }
    }
}

/// A store that breaks off before or after its n-th write.
struct Breaking<'c> {
    store: MemoryStore,
    chance: Option<&'c mut Chance>,
    /// One write in so many.
    one_in: u64,
    /// Tasks whose results are stored.
    stored: BTreeSet<Name>,
}

impl Breaking<'_> {
    fn write(&mut self, write: impl FnOnce(&mut MemoryStore)) -> Result<(), &'static str> {
        let one_in = self.one_in;
        let breaks = self.chance.as_mut().is_some_and(|c| c.one_in(one_in));
        let after = self.chance.as_mut().is_some_and(|c| c.one_in(2));
        if !breaks || after {
            write(&mut self.store);
        }
        if breaks { Err("broken off") } else { Ok(()) }
    }
}

impl Store for Breaking<'_> {
    type Error = &'static str;

    async fn get(&self, place: &Place, id: Option<&str>) -> Result<Option<Saved>, Self::Error> {
        self.store.get(place, id).await.map_err(|e| match e {})
    }

    async fn next_id(&self, place: &Place) -> Result<Name, Self::Error> {
        self.store.next_id(place).await.map_err(|e| match e {})
    }

    async fn put(
        &mut self,
        place: &Place,
        checkpoint: &Checkpoint,
        metadata: &Metadata,
        parent: Option<&Name>,
        changed: &BTreeSet<Name>,
    ) -> Result<(), Self::Error> {
        // As a store on a disk has it, so that all of it can be written and read.
        let text = serde_json::to_string(checkpoint).unwrap();
        let checkpoint: Checkpoint = serde_json::from_str(&text).unwrap();
        self.write(|store| {
            let Ok(()) = at_once(store.put(place, &checkpoint, metadata, parent, changed));
        })
    }

    async fn put_writes(
        &mut self,
        place: &Place,
        id: &Name,
        task: &Name,
        writes: &[TaskWrite],
    ) -> Result<(), Self::Error> {
        let text = serde_json::to_string(writes).unwrap();
        let writes: Vec<TaskWrite> = serde_json::from_str(&text).unwrap();
        let result = writes.iter().any(|w| {
            matches!(
                w,
                TaskWrite::Channel(..) | TaskWrite::Send(_) | TaskWrite::Nothing
            )
        });
        let done = self.write(|store| {
            let Ok(()) = at_once(store.put_writes(place, id, task, &writes));
        });
        if done.is_ok() && result {
            self.stored.insert(task.clone());
        }
        done
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<(Place, Saved)>, Self::Error> {
        self.store.list(listing).await.map_err(|e| match e {})
    }
}

/// Where the run is in the end, and what it did.
fn run(plan: &Plan, chance: Option<&mut Chance>, one_in: u64) -> (String, Vec<Value>, usize) {
    let place = Place::of("t");
    let mut store = Breaking {
        store: MemoryStore::default(),
        chance,
        one_in,
        stored: BTreeSet::new(),
    };
    let options = Options {
        recursion_limit: 60,
        ..Options::default()
    };
    let first = || Input::Values(Map::from_iter([("log".to_owned(), json!(["in"]))]));
    let mut input = first();
    let mut breaks = 0;
    let mut attempts = BTreeMap::new();
    let ended = loop {
        let stored = store.stored.clone();
        let mut doer = Doer {
            deeds: &plan.deeds,
            attempts: std::mem::take(&mut attempts),
            ran: Vec::new(),
        };
        let ended = at_once(
            plan.graph
                .invoke(&mut store, &mut doer, &place, input, &options),
        );
        for task in &doer.ran {
            assert!(!stored.contains(task), "a task that had ended ran again");
        }
        input = Input::Nothing;
        match ended {
            Err(RunError::Store(_)) => {
                breaks += 1;
                assert!(breaks < 10_000, "it never ends");
                // The next process knows nothing of tries.
                attempts.clear();
                if at_once(store.get(&place, None)).unwrap().is_none() {
                    input = first();
                }
            }
            Ok(Ended::Asks(asked)) => {
                let answers = asked.iter().map(|i| (i.id.clone(), json!("yes")));
                input = Input::Command(Command {
                    resume: Some(Resume::Each(answers.collect())),
                    ..Command::default()
                });
            }
            Ok(Ended::Done) => break "done".to_owned(),
            Ok(other) => break format!("{other:?}"),
            Err(error) => break error.to_string(),
        }
    };
    (ended, history_of(plan, &store), breaks)
}

/// The checkpoints of a run, without what differs between two runs of one graph.
fn history_of<S: Store<Error: std::fmt::Debug>>(plan: &Plan, store: &S) -> Vec<Value> {
    let listing = Listing {
        thread: Some("t".into()),
        namespace: Some(String::new()),
        ..Listing::default()
    };
    let history = at_once(store.list(&listing)).unwrap();
    let history = history.iter().map(|(_, saved)| {
        let mut seen = saved.checkpoint.seen.clone();
        // When it was gone on with is another matter.
        seen.remove("__interrupt__");
        let snapshot = plan.graph.snapshot(saved, false).unwrap();
        json!({
            "step": snapshot.metadata.step,
            "values": saved.checkpoint.values,
            "versions": saved.checkpoint.versions,
            "seen": seen,
            "next": snapshot.next,
        })
    });
    history.collect()
}

/// Records on a disk.
#[derive(Clone, Default)]
struct Disk(Rc<RefCell<BTreeMap<String, String>>>);

impl Records for Disk {
    type Error = String;

    async fn read(&self, key: &str) -> Result<Record, String> {
        let all = self.0.borrow();
        let text = all.get(key).ok_or_else(|| format!("no record {key}"))?;
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

/// The same run as the platform has it: a few super-steps at a time, each time by a process that knows but the key of the newest
/// record, and sometimes by one that ends before it could tell of what it wrote.
fn run_by_records(plan: &Plan, chance: &mut Chance) -> Vec<Value> {
    let (place, disk) = (Place::of("t"), Disk::default());
    let mut attempts = BTreeMap::new();
    let mut input = Input::Values(Map::from_iter([("log".to_owned(), json!(["in"]))]));
    let mut newest: Option<String> = None;
    for invocation in 0.. {
        assert!(invocation < 10_000, "it never ends");
        let mut journal = match &newest {
            // What is left out of memory is not missed.
            Some(key) if chance.below(2) == 0 => {
                at_once(Journal::resume(disk.clone(), key)).unwrap()
            }
            Some(key) => at_once(Journal::open(disk.clone(), key)).unwrap(),
            None => Journal::new(disk.clone()),
        };
        let mut doer = Doer {
            deeds: &plan.deeds,
            attempts: attempts.clone(),
            ran: Vec::new(),
        };
        let options = Options {
            recursion_limit: 10_000,
            steps: Some(1 + chance.below(4) as u32),
            waits_outside: true,
            ..Options::default()
        };
        let run = plan
            .graph
            .invoke(&mut journal, &mut doer, &place, input.clone(), &options);
        let ended = at_once(run).unwrap();
        let tried = doer.attempts;
        let key = format!("{invocation}");
        if let Some(record) = journal.record() {
            let text = serde_json::to_string(&record).unwrap();
            disk.0.borrow_mut().insert(key.clone(), text);
            if chance.one_in(5) {
                // It is tried again from where it was, and fails as often again.
                continue;
            }
            journal.written(key.clone(), record);
            newest = Some(key);
        }
        attempts = tried;
        input = match ended {
            Ended::Done => return history_of(plan, &journal),
            Ended::Asks(asked) => {
                let answers = asked.iter().map(|i| (i.id.clone(), json!("yes")));
                Input::Command(Command {
                    resume: Some(Resume::Each(answers.collect())),
                    ..Command::default()
                })
            }
            _ => Input::Nothing,
        };
    }
    Vec::new()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn graphs_that_are_broken_off_end_where_they_would_have_ended() {
    let seeds = match number("ASSAY_SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ASSAY_SIMULATION_GRAPHS").unwrap_or(GRAPHS),
    };
    println!("seeds {seeds:?}");
    let (mut breaks, mut steps, mut ends) = (0, 0, BTreeMap::new());
    for seed in seeds {
        let mut chance = Chance(seed);
        let plan = plan(&mut chance, "");
        let (wanted, history, _) = run(&plan, None, 1);
        let one_in = 2 + chance.below(12);
        let (ended, broken, times) = run(&plan, Some(&mut chance), one_in);
        assert_eq!(ended, wanted, "seed {seed}");
        if wanted == "done" {
            // Where a limit ended it, the limit begins anew with each process.
            assert_eq!(broken, history, "seed {seed}");
            // Each record is written and read as text, so that fewer will do.
            if seed % 8 == 0 {
                let recorded = run_by_records(&plan, &mut chance);
                assert_eq!(recorded, history, "seed {seed}, by records");
            }
        }
        breaks += times;
        steps += history.len();
        let end = if wanted == "done" { "done" } else { "limit" };
        *ends.entry(end).or_insert(0_u64) += 1;
    }
    println!("{breaks} breaks in runs of {steps} super-steps; {ends:?}");
}
