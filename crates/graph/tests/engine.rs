//! What a graph can do, each thing by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_graph::pregel::{
    Branch, ChannelSpec, Command, END, Edit, Ended, Executor, Fault, Goto, Graph, GraphBuilder,
    Input, InvalidGraph, Listing, MemoryStore, Name, Node, Options, Outcome, Place, Questions,
    Reducer, Resume, RetryPolicy, RunError, START, Send, Shared, Stops, Store, Task, TaskWrite,
    Written, at_once,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Body = Box<dyn FnMut(&Task, &mut Questions) -> Outcome>;

/// Runs nodes by name; one without a body writes its name.
#[derive(Default)]
struct Bodies {
    bodies: BTreeMap<&'static str, Body>,
    ran: Vec<String>,
    waits: Vec<u64>,
    cache: BTreeMap<String, Vec<TaskWrite>>,
}

impl Bodies {
    fn with(
        mut self,
        node: &'static str,
        body: impl FnMut(&Task, &mut Questions) -> Outcome + 'static,
    ) -> Self {
        self.bodies.insert(node, Box::new(body));
        self
    }
}

impl Executor for Bodies {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        self.ran.push(task.name.to_string());
        match self.bodies.get_mut(task.name.as_ref()) {
            Some(body) => body(task, questions),
            None => says(&task.name),
        }
    }

    async fn wait(&mut self, ms: u64) {
        self.waits.push(ms);
    }

    fn chance(&mut self) -> f64 {
        0.5
    }

    async fn cached(&mut self, key: &str) -> Option<Vec<TaskWrite>> {
        self.cache.get(key).cloned()
    }

    async fn cache(&mut self, key: &str, writes: &[TaskWrite], _: u64) {
        self.cache.insert(key.to_owned(), writes.to_vec());
    }
}

fn says(word: &str) -> Outcome {
    wrote("log", json!([word]))
}

fn wrote(field: &str, value: Value) -> Outcome {
    Outcome::Done {
        update: vec![(field.into(), value.into())],
        goto: Vec::new(),
    }
}

fn fails(retryable: bool) -> Outcome {
    Outcome::Failed(Fault {
        kind: "Down".into(),
        message: "it is down".into(),
        retryable,
        ..Fault::default()
    })
}

fn builder() -> GraphBuilder {
    Graph::builder().reduced("log", Reducer::Concat, Some(json!([])))
}

fn given(word: &str) -> Input {
    Input::Values(Map::from_iter([("log".to_owned(), json!([word]))]))
}

fn answers(resume: Resume) -> Input {
    Input::Command(Command {
        resume: Some(resume),
        ..Command::default()
    })
}

struct Run {
    graph: Graph,
    store: MemoryStore,
    place: Place,
}

impl Run {
    fn of(graph: Graph) -> Self {
        Self {
            graph,
            store: MemoryStore::default(),
            place: Place::of("t"),
        }
    }

    fn invoke(
        &mut self,
        bodies: &mut Bodies,
        input: Input,
    ) -> Result<Ended, RunError<std::convert::Infallible>> {
        at_once(self.graph.invoke(
            &mut self.store,
            bodies,
            &self.place,
            input,
            &Options::default(),
        ))
    }

    fn value(&self, field: &str) -> Value {
        let saved = at_once(self.store.get(&self.place, None)).unwrap().unwrap();
        let snapshot = self.graph.snapshot(&saved, true).unwrap();
        snapshot
            .values
            .get(field)
            .map(|v| v.as_ref().clone())
            .unwrap_or_default()
    }
}

fn retried(max_attempts: u32) -> Node {
    let mut node = Node::default();
    node.retry = Some(RetryPolicy {
        max_attempts,
        ..RetryPolicy::default()
    });
    node
}

#[test]
fn a_node_asks_twice_and_runs_from_its_start_each_time() {
    let graph = builder()
        .node("ask", Node::default())
        .edge(START, "ask")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default().with("ask", |_, questions| {
        let Some(name) = questions.answer() else {
            return Outcome::Asks(json!("name?"));
        };
        let Some(age) = questions.answer() else {
            return Outcome::Asks(json!("age?"));
        };
        wrote("log", json!([name, age]))
    });
    let asked = |ended: Ended| match ended {
        Ended::Asks(asked) => asked.into_iter().map(|i| i.value).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        asked(run.invoke(&mut bodies, given("in")).unwrap()),
        ["name?"]
    );
    let ended = run
        .invoke(&mut bodies, answers(Resume::One(json!("ann"))))
        .unwrap();
    assert_eq!(asked(ended), ["age?"]);
    // Nothing new: it asks again.
    assert_eq!(
        asked(run.invoke(&mut bodies, Input::Nothing).unwrap()),
        ["age?"]
    );
    let ended = run
        .invoke(&mut bodies, answers(Resume::One(json!(30))))
        .unwrap();
    assert_eq!(ended, Ended::Done);
    assert_eq!(run.value("log"), json!(["in", "ann", 30]));
    assert_eq!(bodies.ran.len(), 4);
}

#[test]
fn tries_are_counted_and_waited_for() {
    let graph = builder()
        .node("call", retried(3))
        .edge(START, "call")
        .build()
        .unwrap();
    let mut left = 2;
    let mut bodies = Bodies::default().with("call", move |_, _| {
        left -= 1;
        if left >= 0 { fails(true) } else { says("ok") }
    });
    let mut run = Run::of(graph.clone());
    assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
    // Half a second, then a whole one, and half a second by chance each.
    assert_eq!(bodies.waits, [1000, 1500]);
    let mut bodies = Bodies::default().with("call", |_, _| fails(false));
    let error = Run::of(graph).invoke(&mut bodies, given("in")).unwrap_err();
    assert_eq!(error.to_string(), "it is down");
    assert_eq!(bodies.ran, ["call"], "what cannot be tried again is not");
}

#[test]
fn another_node_stands_in_for_one_that_failed() {
    let mut node = retried(2);
    node.on_error = Some("sorry".into());
    let graph = builder()
        .node("call", node)
        .node("sorry", Node::default())
        .node("after", Node::default())
        .edge(START, "call")
        .edge("call", "after")
        .edge("sorry", "after")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default()
        .with("call", |_, _| fails(true))
        .with("sorry", |task, _| {
            let node = task.input.field("node").unwrap();
            let why = &task.input.field("error").unwrap()["message"];
            wrote(
                "log",
                json!([format!(
                    "{}: {}",
                    node.as_str().unwrap(),
                    why.as_str().unwrap()
                )]),
            )
        });
    assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
    assert_eq!(bodies.ran, ["call", "call", "sorry", "after"]);
    assert_eq!(run.value("log"), json!(["in", "call: it is down", "after"]));
}

#[test]
fn a_join_waits_for_all_and_a_deferred_node_for_everything() {
    let mut last = Node::default();
    last.defer = true;
    let graph = builder()
        .node("a", Node::default())
        .node("b", Node::default())
        .node("b2", Node::default())
        .node("both", Node::default())
        .node("last", last)
        .edge(START, "a")
        .edge(START, "b")
        .edge("b", "b2")
        .join(["a", "b2"], "both")
        .edge("a", "last")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default();
    assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
    assert_eq!(bodies.ran, ["a", "b", "b2", "both", "last"]);
}

#[test]
fn what_is_sent_for_runs_on_its_own_value_in_the_order_it_was_sent() {
    let router = |_: &BTreeMap<Name, Shared>| {
        let sends = (0..3).rev().map(|i| {
            Goto::Send(Send {
                node: "square".into(),
                arg: json!(i),
            })
        });
        Ok(sends.collect())
    };
    let branch = Branch {
        router: Arc::new(router),
        targets: BTreeSet::from(["square".into()]),
    };
    let graph = builder()
        .node("square", Node::default())
        .node("sum", Node::default())
        .branch(START, branch)
        .edge("square", "sum")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default()
        .with("square", |task, _| {
            let n = task.input.to_value().as_i64().unwrap();
            wrote("log", json!([n * n]))
        })
        .with("sum", |task, _| {
            let log = task.input.field("log").unwrap().as_array().unwrap();
            let sum: i64 = log.iter().filter_map(Value::as_i64).sum();
            wrote("log", json!([sum]))
        });
    assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
    assert_eq!(run.value("log"), json!(["in", 4, 1, 0, 5]));
}

/// A graph of one node `inner` that asks.
fn asking() -> Graph {
    builder()
        .node("inner", Node::default())
        .edge(START, "inner")
        .build()
        .unwrap()
}

/// A graph that begins with that one, as its node `within`.
fn around() -> GraphBuilder {
    let mut within = Node::default();
    within.subgraph = Some(Arc::new(asking()));
    builder().node("within", within).edge(START, "within")
}

#[test]
fn a_graph_within_a_graph_asks_and_goes_on() {
    let graph = around()
        .node("after", Node::default())
        .edge("within", "after")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default().with("inner", |_, questions| match questions.answer() {
        None => Outcome::Asks(json!("sure?")),
        Some(answer) => wrote("log", json!([answer])),
    });
    let Ended::Asks(asked) = run.invoke(&mut bodies, given("in")).unwrap() else {
        panic!("it asks nothing");
    };
    let ended = run
        .invoke(
            &mut bodies,
            answers(Resume::Each([(asked[0].id.clone(), json!("yes"))].into())),
        )
        .unwrap();
    assert_eq!(ended, Ended::Done);
    // What the graph within was given comes back with what it made of it.
    assert_eq!(run.value("log"), json!(["in", "in", "yes", "after"]));
    let namespaces = at_once(run.store.list(&Listing::default())).unwrap();
    let inner = namespaces
        .iter()
        .find(|(place, _)| !place.namespace.is_empty())
        .unwrap();
    assert!(inner.0.namespace.starts_with("within:"));
    assert!(inner.1.metadata.parents.contains_key(""));
}

#[test]
fn a_graph_within_leads_out_of_itself() {
    let graph = around().node("rescue", Node::default()).build().unwrap();
    let mut run = Run::of(graph);
    let out = || Outcome::ToParent {
        update: vec![("log".into(), json!(["out"]).into())],
        goto: vec![Goto::Node("rescue".into())],
    };
    let mut bodies = Bodies::default().with("inner", move |_, _| out());
    assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
    assert_eq!(run.value("log"), json!(["in", "out", "rescue"]));
    let mut alone = Bodies::default().with("inner", move |_, _| out());
    let error = Run::of(asking())
        .invoke(&mut alone, given("in"))
        .unwrap_err();
    assert!(error.to_string().contains("in no other"), "{error}");
}

#[test]
fn a_graph_within_may_keep_its_state() {
    let counted = Graph::builder()
        .reduced("own", Reducer::Add, Some(json!(0)))
        .reduced("log", Reducer::Concat, Some(json!([])))
        .node("inner", Node::default())
        .edge(START, "inner")
        .build()
        .unwrap();
    for (keeps, wanted) in [(true, json!([1, 2])), (false, json!([1, 1]))] {
        let mut within = Node::default();
        within.subgraph = Some(Arc::new(counted.clone()));
        within.keeps_state = keeps;
        let graph = Graph::builder()
            .reduced("own", Reducer::Max, None)
            .reduced("totals", Reducer::Concat, Some(json!([])))
            .node("within", within)
            .node("note", Node::default())
            .edge(START, "within")
            .edge("within", "note")
            .branch("note", twice())
            .build()
            .unwrap();
        let mut run = Run::of(graph);
        let mut bodies = Bodies::default()
            .with("inner", |_, _| wrote("own", json!(1)))
            .with("note", |task, _| {
                let own = task.input.field("own").unwrap().clone();
                wrote("totals", json!([own]))
            });
        let input = Input::Values(Map::from_iter([("totals".to_owned(), json!([]))]));
        // The field goes in with the state, but not on the first time.
        let _ = run.invoke(&mut bodies, input).unwrap();
        let totals = run.value("totals");
        assert_eq!(totals.as_array().unwrap().len(), 2, "{keeps}: {totals}");
        if !keeps {
            assert_eq!(totals[0], wanted[0]);
        }
    }
}

/// Back to `within` once.
fn twice() -> Branch {
    Branch {
        router: Arc::new(|state: &BTreeMap<Name, Shared>| {
            let n = state
                .get("totals")
                .and_then(|t| t.as_array())
                .map_or(0, Vec::len);
            Ok(vec![Goto::Node(if n < 2 { "within" } else { END }.into())])
        }),
        targets: BTreeSet::new(),
    }
}

#[test]
fn what_a_node_read_before_need_not_run_again() {
    let mut node = Node::default();
    node.cache_ms = Some(60_000);
    let graph = builder()
        .node("dear", node)
        .edge(START, "dear")
        .build()
        .unwrap();
    let mut bodies = Bodies::default();
    for _ in 0..2 {
        let mut run = Run::of(graph.clone());
        assert_eq!(run.invoke(&mut bodies, given("in")).unwrap(), Ended::Done);
        assert_eq!(run.value("log"), json!(["in", "dear"]));
    }
    let mut other = Run::of(graph);
    assert_eq!(
        other.invoke(&mut bodies, given("else")).unwrap(),
        Ended::Done
    );
    assert_eq!(bodies.ran, ["dear", "dear"]);
}

#[test]
fn channels_of_every_kind() {
    let graph = Graph::builder()
        .field("topic", ChannelSpec::Topic { accumulate: false })
        .field("all", ChannelSpec::Topic { accumulate: true })
        .field("brief", ChannelSpec::Ephemeral { guard: true })
        .field("any", ChannelSpec::AnyValue)
        .field("secret", ChannelSpec::Untracked)
        .reduced("most", Reducer::Max, None)
        .reduced("least", Reducer::Min, None)
        .reduced("set", Reducer::Union, Some(json!([])))
        .reduced("map", Reducer::Merge, Some(json!({})))
        .reduced("text", Reducer::Concat, Some(json!("")))
        .node("a", Node::default())
        .node("b", Node::default())
        .node("c", Node::default())
        .edge(START, "a")
        .edge(START, "b")
        .join(["a", "b"], "c")
        .build()
        .unwrap();
    let all = |word: &'static str, n: i64| Outcome::Done {
        update: [
            ("topic", json!(word)),
            ("all", json!([word, n])),
            ("any", json!(word)),
            ("most", json!(n)),
            ("least", json!(n)),
            ("set", json!([word, "x"])),
            ("map", json!({word: n, "last": word})),
            ("text", json!(word)),
            ("unknown", json!(1)),
        ]
        .map(|(field, value)| (Name::from(field), Written::from(value)))
        .into(),
        goto: Vec::new(),
    };
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default()
        .with("a", move |_, _| all("a", 1))
        .with("b", move |_, _| all("b", 2))
        .with("c", |task, _| {
            assert_eq!(task.input.field("topic"), Some(&json!(["a", "b"])));
            assert_eq!(task.input.field("any"), Some(&json!("b")));
            assert_eq!(task.input.field("brief"), None);
            Outcome::Done {
                update: vec![
                    ("brief".into(), json!(1).into()),
                    ("secret".into(), json!("s").into()),
                    ("set".into(), Written::Overwrite(Arc::new(json!(["only"])))),
                ],
                goto: Vec::new(),
            }
        });
    let input = Input::Values(Map::from_iter([("text".to_owned(), json!(">"))]));
    assert_eq!(run.invoke(&mut bodies, input).unwrap(), Ended::Done);
    for (field, wanted) in [
        ("topic", Value::Null),
        ("all", json!(["a", 1, "b", 2])),
        ("any", Value::Null),
        ("brief", json!(1)),
        ("secret", Value::Null),
        ("most", json!(2)),
        ("least", json!(1)),
        ("set", json!(["only"])),
        ("map", json!({"a": 1, "b": 2, "last": "b"})),
        ("text", json!(">ab")),
    ] {
        assert_eq!(run.value(field), wanted, "{field}");
    }
}

#[test]
fn what_does_not_go_together_ends_the_run_and_nothing_is_lost() {
    let graph = builder()
        .field("one", ChannelSpec::LastValue)
        .node("a", Node::default())
        .node("b", Node::default())
        .edge(START, "a")
        .edge(START, "b")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let mut bodies = Bodies::default()
        .with("a", |_, _| wrote("one", json!(1)))
        .with("b", |_, _| wrote("one", json!(2)));
    let error = run.invoke(&mut bodies, given("in")).unwrap_err();
    assert!(matches!(error, RunError::Invalid(_)), "{error}");
    let mut bodies = Bodies::default().with("a", |_, _| wrote("log", json!("no list")));
    let graph = builder()
        .node("a", Node::default())
        .edge(START, "a")
        .build()
        .unwrap();
    let error = Run::of(graph).invoke(&mut bodies, given("in")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "At key 'log': cannot Concat a list and a text"
    );
}

#[test]
fn a_node_leads_only_where_it_may() {
    let graph = builder()
        .node("a", Node::default())
        .node("b", Node::default())
        .node("c", Node::default())
        .edge(START, "a")
        .destinations("a", ["b"])
        .build()
        .unwrap();
    let to = |node: &'static str| {
        Bodies::default().with("a", move |_, _| Outcome::Done {
            update: Vec::new(),
            goto: vec![Goto::Node(node.into())],
        })
    };
    let mut bodies = to("b");
    assert_eq!(
        Run::of(graph.clone())
            .invoke(&mut bodies, given("in"))
            .unwrap(),
        Ended::Done
    );
    assert_eq!(bodies.ran, ["a", "b"]);
    for node in ["c", "nowhere"] {
        let error = Run::of(graph.clone())
            .invoke(&mut to(node), given("in"))
            .unwrap_err();
        assert!(error.to_string().contains(node), "{error}");
    }
}

#[test]
fn graphs_that_cannot_be_are_refused() {
    let node = Node::default;
    let wrong = |builder: GraphBuilder| builder.build().err().unwrap();
    assert_eq!(wrong(builder().node("a", node())), InvalidGraph::NoStart);
    assert_eq!(
        wrong(builder().node("a", node()).node("a", node())),
        InvalidGraph::Name("a".into())
    );
    assert_eq!(
        wrong(builder().node(END, node())),
        InvalidGraph::Name(END.into())
    );
    assert_eq!(
        wrong(builder().node("a", node()).edge(START, "b")),
        InvalidGraph::Unknown("b".into())
    );
    assert_eq!(
        wrong(builder().reduced("log", Reducer::Add, None)),
        InvalidGraph::Field("log".into())
    );
    let mut stands_in = node();
    stands_in.on_error = Some("gone".into());
    assert_eq!(
        wrong(builder().node("a", stands_in).edge(START, "a")),
        InvalidGraph::Unknown("gone".into())
    );
}

#[test]
fn edits_are_of_a_node() {
    let graph = builder()
        .node("a", Node::default())
        .node("b", Node::default())
        .edge(START, "a")
        .edge(START, "b")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    run.invoke(&mut Bodies::default(), given("in")).unwrap();
    let edit = |as_node: Option<&str>, word: &str| Edit {
        values: Some(vec![("log".into(), json!([word]).into())]),
        as_node: as_node.map(Into::into),
    };
    let place = run.place.clone();
    let mut make = |edits: Vec<Edit>| at_once(run.graph.edit(&mut run.store, &place, None, edits));
    let error = make(vec![edit(None, "x")]).unwrap_err().to_string();
    assert_eq!(error, "Ambiguous update, specify as_node");
    let error = make(vec![edit(Some("zz"), "x")]).unwrap_err().to_string();
    assert_eq!(error, "Node zz does not exist");
    assert!(make(vec![edit(Some("a"), "x"), edit(None, "y")]).is_err());
    assert!(make(Vec::new()).is_err());
    make(vec![edit(Some("a"), "x"), edit(Some("b"), "y")]).unwrap();
    assert_eq!(run.value("log"), json!(["in", "a", "b", "x", "y"]));
    let gone = at_once(run.graph.edit(
        &mut run.store,
        &place,
        Some("ffff"),
        vec![edit(Some("a"), "x")],
    ));
    assert!(matches!(gone, Err(RunError::Unknown(_))));
}

#[test]
fn threads_are_copied_pruned_and_forgotten() {
    let graph = builder()
        .node("a", Node::default())
        .edge(START, "a")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let options = Options {
        metadata: Map::from_iter([("run_id".to_owned(), json!("r1"))]),
        ..Options::default()
    };
    let mut bodies = Bodies::default();
    at_once(run.graph.invoke(
        &mut run.store,
        &mut bodies,
        &run.place,
        given("in"),
        &options,
    ))
    .unwrap();
    let count = |store: &MemoryStore, thread: &str| {
        let listing = Listing {
            thread: Some(thread.to_owned()),
            ..Listing::default()
        };
        at_once(store.list(&listing)).unwrap().len()
    };
    run.store.copy_thread("t", "u");
    assert_eq!((count(&run.store, "t"), count(&run.store, "u")), (3, 3));
    run.store.prune("u");
    assert_eq!((count(&run.store, "t"), count(&run.store, "u")), (3, 1));
    let of_run = Listing {
        filter: [("run_id".to_owned(), json!("r1"))].into(),
        ..Listing::default()
    };
    assert_eq!(at_once(run.store.list(&of_run)).unwrap().len(), 4);
    run.store.delete_for_runs(&["r1"]);
    assert_eq!(
        at_once(run.store.list(&Listing::default())).unwrap().len(),
        0
    );
}

#[test]
fn a_run_comes_back_after_so_many_super_steps() {
    let graph = builder()
        .node("a", Node::default())
        .node("b", Node::default())
        .edge(START, "a")
        .edge("a", "b")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let options = Options {
        steps: Some(1),
        ..Options::default()
    };
    let mut bodies = Bodies::default();
    let mut ended = Vec::new();
    let mut input = given("in");
    for _ in 0..4 {
        let step = run
            .graph
            .invoke(&mut run.store, &mut bodies, &run.place, input, &options);
        ended.push(at_once(step).unwrap());
        input = Input::Nothing;
    }
    assert_eq!(ended, [Ended::More, Ended::More, Ended::Done, Ended::Done]);
    assert_eq!(run.value("log"), json!(["in", "a", "b"]));
}

#[test]
fn a_graph_within_stops_where_it_is_to() {
    let graph = around()
        .node("after", Node::default())
        .edge("within", "after")
        .build()
        .unwrap();
    let mut run = Run::of(graph);
    let options = Options {
        stop_before: Stops::At(BTreeSet::from(["inner".into()])),
        ..Options::default()
    };
    let mut bodies = Bodies::default();
    let ended = run.graph.invoke(
        &mut run.store,
        &mut bodies,
        &run.place,
        given("in"),
        &options,
    );
    assert_eq!(at_once(ended).unwrap(), Ended::Stopped);
    assert!(bodies.ran.is_empty());
    let ended = run.graph.invoke(
        &mut run.store,
        &mut bodies,
        &run.place,
        Input::Nothing,
        &options,
    );
    assert_eq!(at_once(ended).unwrap(), Ended::Done);
    assert_eq!(bodies.ran, ["inner", "after"]);
}
