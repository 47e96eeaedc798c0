//! The events of a run: told live, or afterwards, or after a crash at any place, they are the same with the same ids.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_graph::pregel::{
    Command, Edit, Ended, Executor, Input, Journal, Options, Outcome, Place, Questions, Record,
    Records, Resume, RunError, Store as _, Task, Written, at_once,
};
use assay_graph::protocol::{CallStats, Failure, RunItem, TargetAnswer, TargetResponse};
use assay_model::{
    MetricResult, MetricStatus, RunErrorKind, ScenarioSpec, Severity, Timestamp, ToolCall,
    Validate as _, Validator,
};
use assay_scenario::events::{Begun, Event, EventId, Noted, Told, group_of, since};
use assay_scenario::{Act, Course, Did, Play, beginning, check, compile};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const STEPS: u32 = 64;

/// Records in memory, and how many were read.
#[derive(Clone, Default)]
struct Shelf(Rc<RefCell<(BTreeMap<String, Record>, usize)>>);

impl Records for Shelf {
    type Error = String;

    async fn read(&self, key: &str) -> Result<Record, String> {
        let mut shelf = self.0.borrow_mut();
        shelf.1 += 1;
        // As a store has it: what is not written is not read.
        let text = serde_json::to_string(shelf.0.get(key).ok_or("missing")?).unwrap();
        Ok(serde_json::from_str(&text).unwrap())
    }
}

/// Takes one step, as the orchestrator does.
struct Doer<'p> {
    play: &'p Play,
    /// Calls of the agent that fail before one is answered.
    down: u32,
    busy: bool,
    noted: Vec<Noted>,
}

impl Executor for Doer<'_> {
    fn is_enough(&self) -> bool {
        self.busy
    }

    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let did = match self.play.act(task, questions) {
            Act::Done(outcome) => return outcome,
            Act::Target { .. } if self.down > 0 => {
                self.down -= 1;
                Did::Target(TargetResponse::Failed(Failure {
                    error: assay_model::RunError {
                        kind: RunErrorKind::TargetStatus,
                        message: "the agent answered 503".into(),
                    },
                    retryable: true,
                    retry_after_ms: Some(7),
                    call: CallStats::default(),
                }))
            }
            Act::Target { messages, .. } => {
                let told = messages.last().map(|m| m.content.to_string());
                let tool = ToolCall {
                    name: "orders".into(),
                    input_parameters: json!({"number": 4711}),
                    output: Some(json!("x".repeat(3_000))),
                };
                Did::Target(TargetResponse::Answer(TargetAnswer {
                    content: format!("Answer to {}", told.unwrap_or_default()),
                    images: Vec::new(),
                    tools_called: vec![tool],
                    retrieval_context: Vec::new(),
                    environment_state: None,
                    session: Value::Null,
                    call: CallStats::default(),
                }))
            }
            Act::Evaluate { metrics, .. } => Did::Evaluated(
                metrics
                    .iter()
                    .map(|m| verdict(m.display_name(), m.kind.as_str()))
                    .collect(),
            ),
            act => panic!("nobody does {act:?}"),
        };
        self.busy = true;
        let (started, ended) = (Timestamp::from_micros(5_000), Timestamp::from_micros(9_000));
        self.noted.push(Noted::call(&task.id, started, ended, None));
        self.play.outcome(task, did)
    }
}

fn verdict(name: &str, kind: &str) -> MetricResult {
    MetricResult {
        name: name.to_owned(),
        kind: kind.to_owned(),
        version: 1,
        status: MetricStatus::Passed,
        score: Some(1.0),
        threshold: 0.5,
        reason: "It is there.".into(),
        severity: Severity::Major,
        confidence: None,
        judge_model: None,
        prompt_hash: None,
        raw_verdict: None,
        judge_answers: Vec::new(),
        judgements: None,
        judged_by: None,
        calibration: None,
        breakdown: std::collections::BTreeMap::new(),
        usage: None,
        cost_usd: None,
        latency_ms: None,
    }
}

/// A run as its row has it.
struct Run {
    play: Play,
    shelf: Shelf,
    seq: u64,
    newest: Option<String>,
    down: u32,
    questions: Vec<String>,
    goes_on: bool,
}

fn play(graph: &Value) -> Play {
    let spec: ScenarioSpec =
        serde_json::from_value(json!({"name": "events", "graph": graph})).unwrap();
    let mut v = Validator::default();
    spec.check(&mut v);
    check(&spec, &mut v);
    v.finish().unwrap();
    compile(Course {
        run_id: "r".into(),
        repetition: 0,
        seed: 1,
        item: RunItem {
            item: spec.to_item(),
            scenario: Some(spec),
            scenarios: BTreeMap::new(),
        },
        metrics: Vec::new(),
        max_turns: 10,
        max_attempts: 4,
        trigger: Value::Null,
    })
    .unwrap()
}

impl Run {
    fn new(graph: &Value, down: u32) -> Self {
        Self {
            play: play(graph),
            shelf: Shelf::default(),
            seq: 0,
            newest: None,
            down,
            questions: Vec::new(),
            goes_on: true,
        }
    }

    fn journal(&self) -> Journal<Shelf> {
        match &self.newest {
            None => Journal::new(self.shelf.clone()),
            Some(key) => at_once(Journal::resume(self.shelf.clone(), key)).unwrap(),
        }
    }

    /// Writes what was added under a key that no other try of the step has.
    fn write(&mut self, journal: &mut Journal<Shelf>, token: &str, goes_on: bool) -> String {
        journal.note(json!(Noted::Written {
            at: Timestamp::from_micros(1_000_000 * (self.seq as i64 + 1)),
            goes_on,
            waits_ms: None,
        }));
        let key = format!("run/r/{}-{token}", self.seq + 1);
        let record = journal.record().expect("something was added");
        self.shelf.0.borrow_mut().0.insert(key.clone(), record);
        key
    }

    /// One step. One that is `lost` was broken off before the row knew of it.
    fn step(&mut self, answer: Option<Value>, lost: bool) {
        let mut journal = self.journal();
        let place = Place::of("r");
        let newest = at_once(journal.get(&place, None)).unwrap();
        let input = match (&newest, answer) {
            (None, _) => {
                Input::Values(beginning(&self.play.course.item.item, &self.play.variables))
            }
            (Some(_), Some(answer)) => {
                let answers = self.questions.iter().map(|q| (q.clone(), answer.clone()));
                Input::Command(Command {
                    resume: Some(Resume::Each(answers.collect())),
                    ..Command::default()
                })
            }
            (Some(_), None) => Input::Nothing,
        };
        let mut options = Options {
            recursion_limit: self.play.max_steps,
            steps: Some(STEPS),
            waits_outside: true,
            ..Options::default()
        };
        let at = json!(Timestamp::from_micros(1_000_000 * self.seq as i64 + 7));
        options.metadata.insert("at".into(), at);
        let mut doer = Doer {
            play: &self.play,
            down: self.down,
            busy: false,
            noted: Vec::new(),
        };
        let graph = &self.play.graph;
        let ended = at_once(graph.invoke(&mut journal, &mut doer, &place, input, &options));
        let (down, noted) = (doer.down, doer.noted);
        for note in noted {
            journal.note(json!(note));
        }
        let goes_on = matches!(ended, Ok(Ended::More | Ended::Waits(_)));
        let key = self.write(&mut journal, if lost { "lost" } else { "won" }, goes_on);
        if lost {
            return;
        }
        self.questions = match &ended {
            Ok(Ended::Asks(asked)) => asked.iter().map(|i| i.id.clone()).collect(),
            _ => Vec::new(),
        };
        assert!(!matches!(ended, Err(RunError::Store(_))), "{ended:?}");
        (self.newest, self.down, self.goes_on) = (Some(key), down, goes_on);
        self.seq += 1;
    }

    fn told(&self, after: Option<EventId>, most: usize) -> Told {
        let begun = Begun {
            newest: self.newest.as_deref(),
            started: Timestamp::from_micros(42),
            steps: STEPS,
        };
        at_once(since(&self.play, &self.shelf, begun, after, most)).unwrap()
    }

    fn events(&self) -> Vec<Event> {
        self.told(None, usize::MAX).events
    }
}

/// Asks twice, in parallel branches of which one counts, then asks a person, and goes round once more if it is told to.
fn graph() -> Value {
    json!({
        "start": "begin",
        "variables": {"number": 1},
        "nodes": [
            {"id": "begin", "does": {"type": "start"}},
            {"id": "count", "does": {"type": "code", "expression": "number + 1", "output": "number"}},
            {"id": "both", "does": {"type": "parallel"}},
            {"id": "ask", "does": {"type": "task", "instruction": "Where is order {{ number }}?"}},
            {"id": "other", "does": {"type": "transform", "template": "{{ number }}!", "output": "text"}},
            {"id": "met", "does": {"type": "join"}},
            {"id": "say", "does": {"type": "persona_turn", "say": "And now?"}},
            {"id": "answer", "does": {"type": "target_call"}},
            {"id": "person", "does": {"type": "wait_for_person", "question": "Again?", "output": "again"}},
            {"id": "enough", "does": {"type": "condition"}},
            {"id": "known", "does": {"type": "expectation", "metric": {"kind": "contains", "params": {"values": ["now"]}}}},
            {"id": "done", "does": {"type": "end"}},
        ],
        "edges": [
            {"from": "begin", "to": "count"},
            {"from": "count", "to": "both"},
            {"from": "both", "to": "ask"},
            {"from": "both", "to": "other"},
            {"from": "ask", "to": "met"},
            {"from": "other", "to": "met"},
            {"from": "met", "to": "say"},
            {"from": "say", "to": "answer"},
            {"from": "answer", "to": "person"},
            {"from": "person", "to": "enough"},
            {"from": "enough", "to": "count", "when": {"expression": "again == 'yes'"}},
            {"from": "enough", "to": "known"},
            {"from": "known", "to": "done"},
        ],
    })
}

/// Plays the graph to its end and looks after every step; the step of that number is lost once. All looks, oldest first.
fn looks(lost: Option<u64>, down: u32) -> (Run, Vec<Vec<Event>>) {
    let mut run = Run::new(&graph(), down);
    let mut all = vec![run.events()];
    let mut answers = ["yes", "no"].into_iter();
    for _ in 0..100 {
        let answer = if run.questions.is_empty() {
            None
        } else {
            answers.next().map(|a| json!(a))
        };
        if lost == Some(run.seq) {
            run.step(answer.clone(), true);
            all.push(run.events());
        }
        run.step(answer, false);
        all.push(run.events());
        if !run.goes_on && run.questions.is_empty() {
            return (run, all);
        }
    }
    panic!("it goes on and on");
}

fn names(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|e| {
            let node = e.data.get("node").and_then(Value::as_str).unwrap_or("-");
            format!("{} {node}", e.name)
        })
        .collect()
}

#[test]
fn what_is_seen_live_is_what_is_read_afterwards() {
    for down in [0, 2] {
        let (_, whole) = looks(None, down);
        let last = whole.last().unwrap();
        assert!(last.is_sorted_by(|a, b| a.id < b.id));
        for look in &whole {
            assert_eq!(look.as_slice(), &last[..look.len()], "{:?}", names(look));
        }
        // Broken off in any step and taken again, it is the same to whoever looks on.
        for lost in 0..whole.len() as u64 {
            let (_, again) = looks(Some(lost), down);
            assert_eq!(again.last().unwrap(), last, "lost in step {lost}");
            for look in &again {
                assert_eq!(look.as_slice(), &last[..look.len()]);
            }
        }
    }
}

#[test]
fn reading_goes_on_after_any_event_with_what_is_new_alone() {
    let (run, looks) = looks(None, 1);
    let all = looks.last().unwrap();
    for (index, event) in all.iter().enumerate() {
        run.shelf.0.borrow_mut().1 = 0;
        let told = run.told(Some(event.id), usize::MAX);
        assert_eq!(told.events, all[index + 1..], "{}", event.id);
        assert!(!told.skipped);
        let newest = group_of(run.newest.as_deref().unwrap()).unwrap();
        let read = run.shelf.0.borrow().1 as u64;
        assert!(
            read <= newest - event.id.group + 3,
            "{read} for {}",
            event.id
        );
    }
    // Read in parts, it is the same.
    let mut parts: Vec<Event> = Vec::new();
    loop {
        let told = run.told(parts.last().map(|e| e.id), usize::MAX);
        if told.events.is_empty() {
            break;
        }
        parts.extend(told.events.into_iter().take(3));
    }
    assert_eq!(&parts, all);
}

#[test]
fn the_newest_are_told_where_there_are_too_many() {
    let (run, looks) = looks(None, 0);
    let all = looks.last().unwrap();
    let told = run.told(None, 10);
    assert!(told.skipped);
    assert!((10..all.len()).contains(&told.events.len()));
    assert!(all.ends_with(&told.events));
    // It begins with a whole record.
    assert_eq!(told.events[0].id.n, 0);
}

#[test]
fn a_slow_node_is_seen_while_it_is_under_way() {
    let (_, looks) = looks(None, 0);
    // Before any record was written.
    assert_eq!(
        names(&looks[0]),
        [
            "node_started begin",
            "node_finished begin",
            "node_started count",
            "node_finished count",
            "node_started both",
            "node_finished both",
            "node_started ask",
            "agent_asked ask",
            "node_started other",
        ]
    );
    assert_eq!(looks[0][7].data["text"], "Where is order 2?");
    let second = &looks[1][looks[0].len()..];
    assert_eq!(
        names(second),
        [
            "tool_called ask",
            "tool_answered ask",
            "agent_answered ask",
            "node_finished ask",
            "node_finished other",
            "node_started met",
            "node_finished met",
            "node_started say",
            "user_said say",
            "node_finished say",
            "node_started answer",
            "agent_asked answer",
        ]
    );
    assert_eq!(second[0].data["arguments"], json!({"number": 4711}));
    assert_eq!(second[1].data["truncated"], true);
    assert_eq!(second[1].data["output"].as_str().unwrap().len(), 2_000);
    assert_eq!(second[3].data["duration_ms"], 4.0);
    assert_eq!(second[3].at, Some(Timestamp::from_micros(9_000)));
    assert_eq!(second[10].at, Some(Timestamp::from_micros(1_000_000)));
}

#[test]
fn who_is_asked_is_known_until_there_is_an_answer() {
    let mut run = Run::new(&graph(), 2);
    let mut seen: Vec<Vec<String>> = Vec::new();
    for _ in 0..5 {
        let told = run.told(None, usize::MAX);
        // Whoever has seen all events knows it as well.
        let last = told.events.last().map(|e| e.id);
        assert_eq!(run.told(last, usize::MAX).asked, told.asked);
        for asked in &told.asked {
            let is = |e: &&Event| e.name == "agent_asked" && e.data["task"] == *asked.task;
            let event = told.events.iter().find(is).unwrap();
            assert_eq!(event.data["node"], *asked.node);
        }
        seen.push(told.asked.iter().map(|a| a.node.to_string()).collect());
        run.step(None, false);
    }
    // It is asked three times, for two tries fail; then comes the other node, and a person.
    let expected: [&[&str]; 5] = [&["ask"], &["ask"], &["ask"], &["answer"], &[]];
    assert_eq!(seen, expected);
}

#[test]
fn questions_answers_decisions_and_scores_are_told() {
    let (_, looks) = looks(None, 0);
    let all = looks.last().unwrap();
    let of = |name: &str| -> Vec<&Event> { all.iter().filter(|e| e.name == name).collect() };
    let waiting = of("waiting");
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0].data["kind"], "person");
    assert_eq!(waiting[0].data["text"], "Again?");
    let answered = of("answered");
    assert_eq!(answered[0].data["question"], waiting[0].data["question"]);
    assert_eq!(
        (&answered[0].data["answer"], &answered[1].data["answer"]),
        (&json!("yes"), &json!("no"))
    );
    let decided = of("decided");
    assert_eq!(
        (&decided[0].data["to"], &decided[0].data["way"]),
        (&json!("count"), &json!(0))
    );
    assert_eq!(
        (&decided[1].data["to"], &decided[1].data["way"]),
        (&json!("known"), &json!(1))
    );
    let scored = of("scored");
    assert_eq!(scored[0].data["name"], "known");
    assert_eq!(scored[0].data["status"], "passed");
    // Nothing is told twice.
    for name in ["node_started", "node_finished"] {
        let mut tasks: Vec<&str> = of(name)
            .iter()
            .map(|e| e.data["task"].as_str().unwrap())
            .collect();
        let count = tasks.len();
        tasks.sort_unstable();
        tasks.dedup();
        assert_eq!(tasks.len(), count, "{name}");
    }
}

#[test]
fn tries_are_told_one_by_one() {
    let (_, looks) = looks(None, 2);
    let all = looks.last().unwrap();
    let retried: Vec<&Event> = all.iter().filter(|e| e.name == "node_retried").collect();
    let tries: Vec<&Value> = retried.iter().map(|e| &e.data["try"]).collect();
    assert_eq!(tries, [&json!(1), &json!(2)]);
    assert_eq!(retried[0].data["message"], "the agent answered 503");
    let finished = all
        .iter()
        .find(|e| e.name == "node_finished" && e.data["node"] == "ask");
    assert_eq!(finished.unwrap().data["try"], 3);
    // The branch beside it has ended with the first try.
    let other = all
        .iter()
        .filter(|e| e.name == "node_finished" && e.data["node"] == "other");
    assert!(other.clone().next().unwrap().id < retried[1].id);
    assert_eq!(other.count(), 2, "once each time round");
    // Tries that are over end the run.
    let mut run = Run::new(&graph(), 9);
    while run.goes_on {
        run.step(None, false);
    }
    let failed = run.events().pop().unwrap();
    assert_eq!(
        (failed.name, &failed.data["node"]),
        ("node_failed", &json!("ask"))
    );
}

#[test]
fn edits_are_told_and_what_they_follow_is_not_told_again() {
    let mut run = Run::new(&graph(), 0);
    while run.questions.is_empty() {
        run.step(None, false);
    }
    let before = run.events();
    let mut journal = run.journal();
    let edit = Edit {
        values: Some(vec![("vars".into(), Written::from(json!({"number": 7})))]),
        as_node: Some("begin".into()),
    };
    let place = Place::of("r");
    at_once(run.play.graph.edit(&mut journal, &place, None, vec![edit])).unwrap();
    let key = run.write(&mut journal, "edit", false);
    (run.newest, run.questions) = (Some(key), Vec::new());
    run.seq += 1;
    let edited = run.events();
    assert_eq!(&edited[..before.len()], before);
    let new = &edited[before.len()..];
    assert_eq!(names(new), ["state_edited -"]);
    assert_eq!(new[0].data["changed"]["vars"]["number"], 7);
    // It is paused: nothing is under way before it is resumed.
    run.step(None, false);
    let resumed = run.events();
    assert_eq!(&resumed[..edited.len()], edited);
    assert_eq!(names(&resumed[edited.len()..][..1]), ["node_started count"]);
}

#[test]
fn a_fork_begins_with_where_it_comes_from() {
    let (run, looks) = looks(None, 0);
    let place = Place::of("r");
    let history = run.journal();
    let third = at_once(history.get(&place, Some("00000003")))
        .unwrap()
        .unwrap();
    assert!(third.checkpoint.versions.contains_key("vars"));
    let from = json!({"run": "r", "checkpoint": "00000003"});
    let metadata = [("forked_from".to_owned(), from.clone())]
        .into_iter()
        .collect();
    let mut journal = at_once(history.fork(&place, "00000003", metadata))
        .unwrap()
        .unwrap();
    let mut fork = Run::new(&graph(), 0);
    journal.note(json!(Noted::Written {
        at: Timestamp::from_micros(3),
        goes_on: true,
        waits_ms: None
    }));
    let record = journal.record().unwrap();
    fork.shelf
        .0
        .borrow_mut()
        .0
        .insert("run/f/0-x".into(), record);
    fork.newest = Some("run/f/0-x".into());
    let begun = fork.events();
    assert_eq!(begun[0].name, "run_forked");
    assert_eq!(begun[0].data["forked_from"], from);
    assert_eq!(begun[0].id.to_string(), "1.0");
    assert!(begun.len() > 1, "what is under way is seen at once");
    fork.step(None, false);
    assert_eq!(&fork.events()[..begun.len()], begun);
    assert!(looks.last().unwrap().iter().all(|e| e.name != "run_forked"));
}
