//! Scenarios, played to their end with answers that are given.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_graph::pregel::{
    Command, Ended, Executor, Fault, Input, MemoryStore, Options, Outcome, Place, Questions,
    Resume, RunError, Store as _, Task, at_once,
};
use assay_graph::protocol::{
    CallStats, Failure, FetchRequest, FetchResponse, ProgramResponse, RunItem, TargetAnswer,
    TargetResponse, UserTurnResponse,
};
use assay_model::{
    DatasetItem, HeaderPart, MetricKind, MetricResult, MetricSpec, MetricStatus, RunErrorKind,
    RunStatus, ScenarioSpec, Severity, ToolMock, Validate as _, Validator,
};
use assay_scenario::{Act, Course, Did, State, Unplayable, beginning, check, compile, fault};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Answers as it is told.
#[derive(Default)]
struct World {
    /// What the agent says, by what it was told last; else it repeats that.
    answers: BTreeMap<&'static str, &'static str>,
    /// What judges say, by the metric's name; else it passes.
    fails: Vec<&'static str>,
    /// What people answer, by node.
    people: BTreeMap<&'static str, Value>,
    /// Calls of the agent that fail before one is answered.
    down: u32,
    /// All that was asked.
    asked: Vec<String>,
    fetched: Vec<FetchRequest>,
    /// What programs read, by their ids; one of the name `broken` fails.
    ran: Vec<(String, Value)>,
    mocks: Vec<ToolMock>,
    /// The turn of a conversation after which a judge finds the outcome reached.
    reached: Option<u32>,
}
struct Doer<'w> {
    play: &'w assay_scenario::Play,
    world: &'w mut World,
}

impl Executor for Doer<'_> {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let did = match self.play.act(task, questions) {
            Act::Done(outcome) => return outcome,
            Act::User {
                judged: true,
                user_turns,
                ..
            } if self.world.reached.is_some_and(|turn| user_turns >= turn) => {
                self.world.asked.push("judge: reached".into());
                Did::User(UserTurnResponse::Stop {
                    reason: "goal_reached".into(),
                    call: None,
                })
            }
            Act::User {
                instructions,
                judged,
                ..
            } => {
                if judged {
                    self.world.asked.push("judge: not reached".into());
                }
                self.world.asked.push(format!("persona: {instructions}"));
                Did::User(UserTurnResponse::Say {
                    text: "words of the persona".into(),
                    call: None,
                    unhelpful: false,
                })
            }
            Act::Target {
                messages, mocks, ..
            } => {
                let told = messages
                    .last()
                    .map(|m| m.content.to_string())
                    .unwrap_or_default();
                self.world.asked.push(format!("agent: {told}"));
                self.world.mocks = mocks;
                if self.world.down > 0 {
                    self.world.down -= 1;
                    return self.play.outcome(
                        task,
                        Did::Target(TargetResponse::Failed(Failure {
                            error: assay_model::RunError {
                                kind: RunErrorKind::TargetStatus,
                                message: "the agent answered 503".into(),
                            },
                            retryable: true,
                            retry_after_ms: None,
                            call: CallStats::default(),
                        })),
                    );
                }
                let answer = self.world.answers.get(told.as_str());
                Did::Target(TargetResponse::Answer(TargetAnswer {
                    content: answer.map_or(told, |a| (*a).to_owned()),
                    images: Vec::new(),
                    tools_called: Vec::new(),
                    retrieval_context: Vec::new(),
                    session: Value::Null,
                    environment_state: None,
                    call: CallStats {
                        cost_usd: Some(0.25),
                        ..CallStats::default()
                    },
                }))
            }
            Act::Evaluate { metrics, .. } => {
                let results = metrics.iter().map(|m| {
                    self.world
                        .asked
                        .push(format!("judge: {}", m.display_name()));
                    verdict(m, !self.world.fails.contains(&m.display_name()))
                });
                Did::Evaluated(results.collect())
            }
            Act::Fetch(request) => {
                self.world.fetched.push(request);
                Did::Fetched(FetchResponse::Answer {
                    status: 200,
                    body: json!({"stock": 3}),
                    call: CallStats::default(),
                })
            }
            Act::Run {
                program_id,
                input,
                seed,
            } => {
                let broken = program_id == "broken";
                self.world.ran.push((program_id, input.clone()));
                Did::Ran(if broken {
                    ProgramResponse::Failed {
                        message: "exited with code 3".into(),
                    }
                } else {
                    ProgramResponse::Value {
                        output: json!({"read": input, "seed": seed}),
                        stderr: String::new(),
                        fuel: 1,
                    }
                })
            }
        };
        self.play.outcome(task, did)
    }
}

fn verdict(metric: &MetricSpec, passed: bool) -> MetricResult {
    MetricResult {
        name: metric.display_name().to_owned(),
        kind: metric.kind.as_str().to_owned(),
        version: 1,
        status: [MetricStatus::Failed, MetricStatus::Passed][usize::from(passed)],
        score: Some(if passed { 1.0 } else { 0.0 }),
        threshold: 0.5,
        reason: String::new(),
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

fn course(scenario: Value, within: Vec<(&str, Value)>) -> Course {
    let scenario: ScenarioSpec = serde_json::from_value(scenario).unwrap();
    scenario.validate().unwrap();
    let mut v = Validator::default();
    check(&scenario, &mut v);
    v.finish().unwrap();
    let within = within
        .into_iter()
        .map(|(id, s)| (id.to_owned(), serde_json::from_value(s).unwrap()));
    Course {
        run_id: "run".into(),
        repetition: 0,
        seed: 7,
        item: RunItem {
            item: scenario.to_item(),
            scenario: Some(scenario),
            scenarios: within.collect(),
        },
        metrics: vec![MetricSpec::of(MetricKind::ExactMatch)],
        max_turns: 5,
        max_attempts: 3,
        trigger: json!({"sha": "abc"}),
    }
}

/// A scenario of these nodes and edges; an edge is `from to` or `from to when`.
fn graph(nodes: Value, edges: Vec<(&str, &str, Option<Value>)>) -> Value {
    let nodes: Vec<Value> = nodes
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, does)| json!({"id": id, "does": does}))
        .collect();
    let edges: Vec<Value> = edges
        .into_iter()
        .map(|(from, to, when)| match when {
            Some(when) => json!({"from": from, "to": to, "when": when}),
            None => json!({"from": from, "to": to}),
        })
        .collect();
    json!({"name": "s", "goal": "g", "persona": {"name": "Ada"},
        "graph": {"start": "begin", "nodes": nodes, "edges": edges}})
}

/// The last state, or why there is none.
fn play(course: Course, world: &mut World) -> Result<State, Fault> {
    let play = compile(course).unwrap();
    let (mut store, place) = (MemoryStore::default(), Place::of("run"));
    let options = Options {
        recursion_limit: play.max_steps,
        ..Options::default()
    };
    let mut input = Input::Values(beginning(&play.course.item.item, &play.variables));
    loop {
        let mut doer = Doer { play: &play, world };
        let ended = at_once(
            play.graph
                .invoke(&mut store, &mut doer, &place, input, &options),
        );
        match ended {
            Ok(Ended::Done) => break,
            Ok(Ended::Asks(asked)) => {
                let answers = asked.iter().map(|i| {
                    let node = i.value["node"].as_str().unwrap();
                    let answer = world.people.get(node).cloned().unwrap_or(Value::Null);
                    world
                        .asked
                        .push(format!("{}: {node}", i.value["kind"].as_str().unwrap()));
                    (i.id.clone(), answer)
                });
                input = Input::Command(Command {
                    resume: Some(Resume::Each(answers.collect())),
                    ..Command::default()
                });
            }
            Err(RunError::Failed(_, fault)) => return Err(fault),
            Err(RunError::RecursionLimit(limit)) => {
                return Err(fault(RunErrorKind::Scenario, format!("limit {limit}")));
            }
            other => panic!("{other:?}"),
        }
    }
    let saved = at_once(store.get(&place, None)).unwrap().unwrap();
    Ok(State::of_values(&saved.checkpoint.values))
}

#[test]
fn programs_compute_variables() {
    let scenario = |program: &str| {
        let mut scenario = graph(
            json!({
                "begin": {"type": "task", "instruction": "hello"},
                "all": {"type": "code", "program_id": program, "output": "first"},
                "one": {"type": "code", "program_id": "p", "input": "{'said': answer, 'n': number + 1}", "output": "second"},
                "which": {"type": "condition"},
                "good": {"type": "end", "result": "passed"},
                "bad": {"type": "end", "result": "failed"},
            }),
            vec![
                ("begin", "all", None),
                ("all", "one", None),
                ("one", "which", None),
                (
                    "which",
                    "good",
                    Some(json!({"expression": "second.read.n == 42"})),
                ),
                ("which", "bad", None),
            ],
        );
        scenario["graph"]["variables"] = json!({"number": 41});
        course(scenario, vec![])
    };
    let mut world = World::default();
    let mut second = scenario("p");
    second.repetition = 2;
    let state = play(second, &mut world).unwrap();
    let read = json!({"said": "hello", "n": 42});
    assert_eq!(
        world.ran,
        [
            ("p".to_owned(), json!({"number": 41})),
            ("p".to_owned(), read.clone())
        ]
    );
    // Its random numbers are others in each repetition.
    assert_eq!(state.vars["second"], json!({"read": read, "seed": 9}));
    assert_eq!(state.status(), RunStatus::Passed);
    let mut world = World::default();
    let fault = play(scenario("broken"), &mut world).unwrap_err();
    assert_eq!(
        (fault.kind.as_str(), fault.message.as_str()),
        ("scenario", "node `all`: the program exited with code 3")
    );
    assert_eq!(world.ran.len(), 1, "another try would come to the same");
}

#[test]
fn an_item_is_a_conversation_and_a_score() {
    let item: DatasetItem = serde_json::from_value(json!({"turns": ["a", "b"]})).unwrap();
    let mut of = course(json!({"name": "s", "script": ["x"]}), vec![]);
    of.item = RunItem {
        item,
        scenario: None,
        scenarios: BTreeMap::new(),
    };
    let mut world = World {
        down: 2,
        ..World::default()
    };
    let state = play(of, &mut world).unwrap();
    let asked = [
        "agent: a",
        "agent: a",
        "agent: a",
        "agent: b",
        "judge: exact_match",
    ];
    assert_eq!(world.asked, asked);
    assert_eq!((state.user_turns, state.messages.len()), (2, 4));
    assert_eq!(state.stop_reason(), Some("script_ended"));
    assert_eq!(
        (state.status(), state.cost_usd()),
        (RunStatus::Passed, Some(0.5))
    );
}

#[test]
fn an_agent_that_stays_down_is_an_error() {
    let mut world = World {
        down: 9,
        ..World::default()
    };
    let fault = play(
        course(json!({"name": "s", "script": ["x"]}), vec![]),
        &mut world,
    )
    .unwrap_err();
    assert_eq!(
        (fault.kind.as_str(), world.asked.len()),
        ("target_status", 3)
    );
}

#[test]
fn variables_templates_and_expressions() {
    let scenario = graph(
        json!({
            "begin": {"type": "trigger", "on": {"webhook": {}}, "output": "push"},
            "sum": {"type": "code", "expression": "1 + 2", "output": "n"},
            "text": {"type": "transform", "template": "{\"n\": {{ n }}, \"sha\": \"{{ push.sha }}\"}", "json": true, "output": "made"},
            "look": {"type": "tool", "method": "POST", "url": "https://example.com/{{ n }}", "headers": {"X-Sha": "{{ push.sha }}", "Authorization": "{{ push.sha }} {{ secrets.weather }}"},
                "body": "{\"made\": {{ made | tojson }}}", "output": "found"},
            "tell": {"type": "task", "instruction": "There are {{ found.body.stock }}.", "output": "said"},
            "mock": {"type": "tool_mock", "tool": "search", "output": [1]},
            "again": {"type": "task", "instruction": "{{ said }} {{ answer }} {{ turns }} {{ seed }}"},
            "end": {"type": "end"},
        }),
        vec![
            ("begin", "sum", None),
            ("sum", "text", None),
            ("text", "look", None),
            ("look", "tell", None),
            ("tell", "mock", None),
            ("mock", "again", None),
            ("again", "end", None),
        ],
    );
    let mut world = World::default();
    let state = play(course(scenario, vec![]), &mut world).unwrap();
    assert_eq!(state.vars["made"], json!({"n": 3, "sha": "abc"}));
    let request = &world.fetched[0];
    assert_eq!(request.url, "https://example.com/3");
    assert_eq!(
        request.headers,
        BTreeMap::from([("x-sha".into(), "abc".into())])
    );
    // A secret stays a name.
    let header = &request.secret_headers[0];
    assert_eq!(header.name, "authorization");
    assert_eq!(
        header.parts,
        [
            HeaderPart::Text("abc ".into()),
            HeaderPart::Secret("weather".into())
        ]
    );
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(body, json!({"made": {"n": 3, "sha": "abc"}}));
    assert_eq!(world.asked[1], "agent: There are 3. There are 3. 1 7");
    assert_eq!(
        json!(world.mocks),
        json!([{"tool": "search", "output": [1]}])
    );
    assert_eq!((state.user_turns, state.scores.len()), (2, 1));
}

#[test]
fn conditions_take_the_first_edge_that_holds() {
    let scenario = graph(
        json!({
            "begin": {"type": "task", "instruction": "hello"},
            "which": {"type": "condition"},
            "a": {"type": "end", "result": "passed"},
            "b": {"type": "end", "result": "failed"},
            "c": {"type": "end"},
        }),
        vec![
            ("begin", "which", None),
            ("which", "a", Some(json!({"judge": "It is polite."}))),
            ("which", "b", Some(json!({"answer_contains": "HELLO"}))),
            ("which", "c", None),
        ],
    );
    let mut world = World::default();
    let state = play(course(scenario.clone(), vec![]), &mut world).unwrap();
    assert_eq!(
        world.asked,
        ["agent: hello", "judge: which#0", "judge: exact_match"]
    );
    assert_eq!(state.scores[0].name, "a");
    // What a judge has said of a condition is no score of the run.
    assert_eq!(state.scores.len(), 2);
    let mut world = World {
        fails: vec!["which#0"],
        ..World::default()
    };
    let state = play(course(scenario, vec![]), &mut world).unwrap();
    assert_eq!(
        (state.scores[0].name.as_str(), state.status()),
        ("b", RunStatus::Failed)
    );
}

#[test]
fn an_expectation_weighs_what_it_is_said_to() {
    let of = |severity: &str| {
        let scenario = graph(
            json!({
                "begin": {"type": "task", "instruction": "hello"},
                "must": {"type": "expectation", "metric": {"kind": "contains"}, "severity": severity},
                "more": {"type": "task", "instruction": "more"},
                "end": {"type": "end"},
            }),
            vec![
                ("begin", "must", None),
                ("must", "more", None),
                ("more", "end", None),
            ],
        );
        let mut world = World {
            fails: vec!["must"],
            ..World::default()
        };
        let state = play(course(scenario, vec![]), &mut world).unwrap();
        (state.status(), state.user_turns, state.scores.len())
    };
    assert_eq!(of("minor"), (RunStatus::Passed, 2, 2));
    assert_eq!(of("major"), (RunStatus::Failed, 2, 2));
    // It ends there; nothing else is scored.
    assert_eq!(of("critical"), (RunStatus::Failed, 1, 1));
}

#[test]
fn a_loop_counts_takes_values_and_ends() {
    let of = |does: Value| {
        let scenario = graph(
            json!({
                "begin": does,
                "say": {"type": "persona_turn", "say": "{{ x }}"},
                "end": {"type": "end", "result": "passed"},
            }),
            vec![
                ("begin", "say", Some(json!({"again": {}}))),
                ("begin", "end", None),
                ("say", "begin", None),
            ],
        );
        let state = play(course(scenario, vec![]), &mut World::default()).unwrap();
        let said = state.messages.iter().map(|m| m.content.as_str());
        said.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        of(json!({"type": "loop", "times": 3, "item": "x"})),
        "0 1 2"
    );
    assert_eq!(
        of(json!({"type": "loop", "each": "['a', 'b'].map(t, t + '!')", "item": "x"})),
        "a! b!"
    );
    assert_eq!(
        of(json!({"type": "loop", "times": 9, "while": "turns < 2", "item": "x"})),
        "0 1"
    );
}

#[test]
fn branches_run_side_by_side_and_meet() {
    let scenario = graph(
        json!({
            "begin": {"type": "parallel"},
            "a": {"type": "task", "instruction": "a"},
            "b": {"type": "code", "expression": "1", "output": "b"},
            "which": {"type": "condition"},
            "c": {"type": "code", "expression": "2", "output": "c"},
            "inner": {"type": "parallel"},
            "d": {"type": "code", "expression": "3", "output": "d"},
            "met": {"type": "join"},
            "join": {"type": "join"},
            "once": {"type": "task", "instruction": "once"},
            "end": {"type": "end"},
        }),
        vec![
            ("begin", "a", None),
            ("begin", "b", None),
            ("begin", "inner", None),
            ("a", "join", None),
            ("b", "which", None),
            ("which", "c", Some(json!({"expression": "b == 1"}))),
            ("which", "join", None),
            ("c", "join", None),
            ("inner", "d", None),
            ("inner", "met", None),
            ("d", "met", None),
            ("met", "join", None),
            ("join", "once", None),
            ("once", "end", None),
        ],
    );
    let mut world = World::default();
    let state = play(course(scenario, vec![]), &mut world).unwrap();
    assert_eq!(
        world.asked,
        ["agent: a", "agent: once", "judge: exact_match"]
    );
    assert_eq!(Value::Object(state.vars), json!({"b": 1, "c": 2, "d": 3}));
}

#[test]
fn people_and_time_are_waited_for() {
    let scenario = graph(
        json!({
            "begin": {"type": "wait", "seconds": 5},
            "nightly": {"type": "trigger", "on": {"cron": "0 3 * * *"}},
            "hook": {"type": "trigger", "on": {"webhook": {}}, "output": "hooked"},
            "speak": {"type": "wait_for_person", "question": "What now?", "as_user": true},
            "call": {"type": "target_call"},
            "ask": {"type": "wait_for_person", "question": "{{ answer }}?", "output": "ok"},
            "end": {"type": "end"},
        }),
        vec![
            ("begin", "nightly", None),
            ("nightly", "hook", None),
            ("hook", "speak", None),
            ("speak", "call", None),
            ("call", "ask", None),
            ("ask", "end", None),
        ],
    );
    let mut world = World {
        people: BTreeMap::from([
            ("speak", json!("I say")),
            ("ask", json!(true)),
            ("hook", json!({"a": 1})),
        ]),
        ..World::default()
    };
    let state = play(course(scenario, vec![]), &mut world).unwrap();
    let asked = [
        "timer: begin",
        "timer: nightly",
        "webhook: hook",
        "user_turn: speak",
        "agent: I say",
        "person: ask",
        "judge: exact_match",
    ];
    assert_eq!(world.asked, asked);
    assert_eq!(
        Value::Object(state.vars),
        json!({"hooked": {"a": 1}, "ok": true})
    );
}

#[test]
fn scenarios_within_scenarios() {
    let scripted = json!({"name": "in", "script": ["one", "two"]});
    let inner = graph(
        json!({
            "begin": {"type": "persona_turn", "instructions": "Be {{ mood }}."},
            "call": {"type": "target_call"},
            "deeper": {"type": "sub_scenario", "scenario_id": "scripted"},
            "end": {"type": "end"},
        }),
        vec![
            ("begin", "call", None),
            ("call", "deeper", None),
            ("deeper", "end", None),
        ],
    );
    let outer = graph(
        json!({
            "begin": {"type": "sub_scenario", "scenario_id": "inner", "inputs": {"mood": "curt"}},
            "twice": {"type": "sub_scenario", "scenario_id": "scripted"},
            "end": {"type": "end"},
        }),
        vec![("begin", "twice", None), ("twice", "end", None)],
    );
    let mut world = World::default();
    let within = vec![("inner", inner.clone()), ("scripted", scripted)];
    let state = play(course(outer.clone(), within), &mut world).unwrap();
    let asked = [
        "persona: Be curt.",
        "agent: words of the persona",
        "agent: one",
        "agent: two",
        "agent: one",
        "agent: two",
        "judge: exact_match",
    ];
    assert_eq!(world.asked, asked);
    assert_eq!(state.user_turns, 5);
    // One that plays itself, or is not there, is named with the node that names it.
    let missing = compile(course(outer.clone(), vec![("inner", inner)]))
        .err()
        .unwrap();
    let named = |e: &Unplayable| matches!(e, Unplayable::Node(node, _) if node == "begin/deeper");
    assert!(named(&missing), "{missing}");
    let itself = graph(
        json!({"begin": {"type": "sub_scenario", "scenario_id": "inner"}, "end": {"type": "end"}}),
        vec![("begin", "end", None)],
    );
    assert!(compile(course(outer, vec![("inner", itself)])).is_err());
}

#[test]
fn what_cannot_be_computed_names_its_node() {
    let of = |does: Value| {
        let scenario = graph(
            json!({"begin": does, "end": {"type": "end", "result": "passed"}}),
            vec![("begin", "end", None)],
        );
        play(course(scenario, vec![]), &mut World::default()).unwrap_err()
    };
    for does in [
        json!({"type": "code", "expression": "1 / 0", "output": "x"}),
        json!({"type": "code", "expression": "item.nothing", "output": "x"}),
        json!({"type": "transform", "template": "{{ item.nothing.more }}", "output": "x"}),
        json!({"type": "transform", "template": "not json", "json": true, "output": "x"}),
    ] {
        let fault = of(does.clone());
        assert_eq!(fault.kind, "scenario", "{does}");
        assert!(
            fault.message.starts_with("node `begin`: "),
            "{}",
            fault.message
        );
    }
    let endless = graph(
        json!({
            "begin": {"type": "persona_turn", "say": "again"},
            "which": {"type": "condition"},
            "end": {"type": "end"},
        }),
        vec![
            ("begin", "which", None),
            ("which", "end", Some(json!({"turns_at_least": 1000}))),
            ("which", "begin", None),
        ],
    );
    let fault = play(course(endless, vec![]), &mut World::default()).unwrap_err();
    assert_eq!(fault.message, "limit 100");
}

#[test]
fn a_graph_is_checked_beyond_its_shape() {
    let wrong = |does: Value, field: &str| {
        let scenario = graph(
            json!({"begin": does, "end": {"type": "end", "result": "passed"}}),
            vec![("begin", "end", None)],
        );
        let scenario: ScenarioSpec = serde_json::from_value(scenario).unwrap();
        let mut v = Validator::default();
        check(&scenario, &mut v);
        let errors = v.finish().unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [format!("/graph/nodes/0/does/{field}")],
            "{errors:?}"
        );
    };
    wrong(
        json!({"type": "persona_turn", "say": "{{ nobody }}"}),
        "say",
    );
    wrong(json!({"type": "persona_turn", "say": "{{"}), "say");
    wrong(
        json!({"type": "code", "expression": "nobody + 1", "output": "x"}),
        "expression",
    );
    wrong(
        json!({"type": "code", "expression": "1 +", "output": "x"}),
        "expression",
    );
    wrong(
        json!({"type": "tool", "url": "https://x.example/", "headers": {"a": "{{ b }}"}}),
        "headers/a",
    );
    wrong(
        json!({"type": "tool", "url": "https://x.example/", "headers": {"a": "{{ b }} {{ secrets.c }}"}}),
        "headers/a",
    );
    wrong(
        json!({"type": "tool", "url": "https://x.example/{{ secrets.c }}"}),
        "url",
    );
    wrong(
        json!({"type": "trigger", "on": {"cron": "99 * * * *"}}),
        "on",
    );
    wrong(
        json!({"type": "trigger", "on": {"cron": "* * * * * *"}}),
        "on",
    );
}

#[test]
fn a_judge_may_end_a_conversation_by_its_outcome() {
    let of = |fields: Value, reached: u32| {
        let mut scenario = json!({"name": "s", "script": ["a", "b", "c"]});
        let fields = fields.as_object().unwrap().clone();
        scenario.as_object_mut().unwrap().extend(fields);
        let mut world = World {
            reached: Some(reached),
            ..World::default()
        };
        let state = play(course(scenario, vec![]), &mut world).unwrap();
        let reason = state.stop_reason().unwrap().to_owned();
        world.asked.retain(|a| a != "judge: exact_match");
        (reason, world.asked)
    };
    let expects = json!({"expected_outcome": "A refund is granted."});
    // Never before the agent has said something.
    assert_eq!(
        of(expects.clone(), 0),
        (
            "goal_reached".into(),
            vec!["agent: a".into(), "judge: reached".into()]
        )
    );
    let asked = [
        "agent: a",
        "judge: not reached",
        "persona: ",
        "agent: words of the persona",
        "judge: reached",
    ];
    assert_eq!(
        of(expects, 2),
        ("goal_reached".into(), asked.map(str::to_owned).to_vec())
    );
    let (reason, asked) = of(json!({}), 0);
    assert_eq!(
        (reason.as_str(), asked.len()),
        ("script_ended", 3),
        "nothing is expected"
    );
    // What ends anyway needs no judge.
    let (reason, asked) = of(
        json!({"expected_outcome": "It is over.", "end_phrases": ["a"]}),
        0,
    );
    assert_eq!((reason.as_str(), asked.len()), ("agent_ended", 1));
}
