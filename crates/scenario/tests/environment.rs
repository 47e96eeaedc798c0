//! Runs in an environment, played to their end: whose state the agent finds, and whether the goal is reached.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_environment::call;
use assay_graph::pregel::{
    Ended, Executor, Input, MemoryStore, Options, Outcome, Place, Questions, Store as _, Task,
    at_once,
};
use assay_graph::protocol::{CallStats, RunItem, TargetAnswer, TargetResponse};
use assay_model::{
    FieldError, MetricKind, MetricResult, MetricSpec, MetricStatus, RunStatus, ScenarioSpec,
    Severity, Validate as _, Validator,
};
use assay_scenario::{Act, Course, Did, State, beginning, check, compile};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn shop() -> Value {
    json!({
        "state": {"orders": {"A1": {"status": "pending"}, "B2": {"status": "shipped"}}, "log": []},
        "tools": [{
            "name": "cancel",
            "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            "checks": [{"expression": "args.id in state.orders", "error": "there is no such order"}],
            "changes": [{"path": "/orders/{args.id}/status", "value": "'cancelled'"}, {"path": "/log", "append": "args.id"}],
        }],
    })
}

/// An agent that does what it is told: the user's words are the tool's argument, and what it says.
struct Doer<'p> {
    play: &'p assay_scenario::Play,
    /// The states that it found.
    found: Vec<Value>,
}

impl Executor for Doer<'_> {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let did = match self.play.act(task, questions) {
            Act::Done(outcome) => return outcome,
            Act::Target {
                messages,
                environment,
                ..
            } => {
                let told = messages.last().unwrap().content.to_string();
                let state = environment.map(|world| {
                    self.found.push(world.state.clone());
                    let was = world.state.clone();
                    let (state, _) = call(&world.spec, world.state, "cancel", &json!({"id": told}));
                    (state != was).then_some(state)
                });
                Did::Target(TargetResponse::Answer(TargetAnswer {
                    content: told,
                    images: Vec::new(),
                    tools_called: Vec::new(),
                    retrieval_context: Vec::new(),
                    session: Value::Null,
                    environment_state: state.flatten(),
                    call: CallStats::default(),
                }))
            }
            Act::Evaluate { metrics, .. } => {
                Did::Evaluated(metrics.iter().map(|m| passed(m.display_name())).collect())
            }
            other => panic!("{other:?}"),
        };
        self.play.outcome(task, did)
    }
}

fn passed(name: &str) -> MetricResult {
    MetricResult {
        name: name.into(),
        kind: "exact_match".into(),
        version: 1,
        status: MetricStatus::Passed,
        score: Some(1.0),
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

/// The last state of a run, and the states that its agent found.
fn play(scenario: Value, metrics: Vec<MetricSpec>) -> (State, Vec<Value>) {
    let scenario: ScenarioSpec = serde_json::from_value(scenario).unwrap();
    let play = compile(Course {
        run_id: "run".into(),
        repetition: 0,
        seed: 7,
        item: RunItem {
            item: scenario.to_item(),
            scenario: Some(scenario),
            scenarios: BTreeMap::new(),
        },
        metrics,
        max_turns: 5,
        max_attempts: 3,
        trigger: Value::Null,
    })
    .unwrap();
    let (mut store, place) = (MemoryStore::default(), Place::of("run"));
    let input = Input::Values(beginning(&play.course.item.item, &play.variables));
    let mut doer = Doer {
        play: &play,
        found: Vec::new(),
    };
    let ended =
        at_once(
            play.graph
                .invoke(&mut store, &mut doer, &place, input, &Options::default()),
        );
    assert!(matches!(ended, Ok(Ended::Done)), "{ended:?}");
    let saved = at_once(store.get(&place, None)).unwrap().unwrap();
    (State::of_values(&saved.checkpoint.values), doer.found)
}

fn verdict(state: &State) -> &MetricResult {
    let mut verdicts = state.scores.iter().filter(|s| s.kind == "environment");
    let verdict = verdicts.next().unwrap();
    assert!(verdicts.next().is_none(), "one goal, one verdict");
    verdict
}

#[test]
fn each_answer_finds_what_the_one_before_it_left() {
    let (state, found) = play(
        json!({"name": "s", "script": ["A1", "nothing", "B2"], "environment": shop(),
            "goal_state": {"actions": [
                {"tool": "cancel", "arguments": {"id": "A1"}}, {"tool": "cancel", "arguments": {"id": "B2"}}]}}),
        vec![],
    );
    let logs: Vec<&Value> = found.iter().map(|state| &state["log"]).collect();
    assert_eq!(logs, [&json!([]), &json!(["A1"]), &json!(["A1"])]);
    assert_eq!(
        state.environment.as_ref().unwrap()["log"],
        json!(["A1", "B2"])
    );
    let goal = verdict(&state);
    assert_eq!(
        (goal.name.as_str(), goal.status, goal.score, goal.threshold),
        ("goal_state", MetricStatus::Passed, Some(1.0), 1.0)
    );
    assert_eq!(state.status(), RunStatus::Passed);
}

#[test]
fn a_goal_that_is_missed_says_by_what() {
    let (state, _) = play(
        json!({"name": "s", "script": ["B2"], "environment": shop(), "goal_state": {
            "ignore": ["/log"], "outputs": ["a refund"],
            "actions": [{"tool": "cancel", "arguments": {"id": "A1"}}]}}),
        vec![],
    );
    let goal = verdict(&state);
    assert_eq!((goal.status, goal.score), (MetricStatus::Failed, Some(0.0)));
    for part in [
        "`/orders/A1/status` should be \"cancelled\" and is \"pending\"",
        "`/orders/B2/status` should be \"shipped\" and is \"cancelled\"",
        "never said `a refund`",
    ] {
        assert!(goal.reason.contains(part), "{}", goal.reason);
    }
    let report: Value = serde_json::from_str(goal.raw_verdict.as_deref().unwrap()).unwrap();
    assert_eq!(report["parts"].as_array().unwrap().len(), 2);
    assert_eq!(state.status(), RunStatus::Failed);
}

#[test]
fn a_goal_that_cannot_be_decided_is_no_score() {
    let (state, _) = play(
        json!({"name": "s", "script": ["A1"], "environment": shop(), "goal_state": {
            "actions": [{"tool": "cancel", "arguments": {"id": "Z9"}}]}}),
        vec![MetricSpec::of(MetricKind::ExactMatch)],
    );
    let goal = verdict(&state);
    assert_eq!((goal.status, goal.score), (MetricStatus::Error, None));
    assert!(goal.reason.contains("cannot be decided"), "{}", goal.reason);
    assert_eq!(state.status(), RunStatus::Error, "the metric has passed");
}

#[test]
fn a_goal_stands_beside_metrics_whatever_their_names() {
    let mut metric = MetricSpec::of(MetricKind::ExactMatch);
    metric.name = Some("goal_state".into());
    let (state, _) = play(
        json!({"name": "s", "script": ["nothing"], "environment": shop(), "goal_state": {"actions": [{"tool": "cancel", "arguments": {"id": "A1"}}]}}),
        vec![metric],
    );
    let names: Vec<&str> = state.verdicts().iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["goal_state", "goal_state (environment)"]);
    assert_eq!(state.status(), RunStatus::Failed, "neither hides the other");
}

#[test]
fn a_graph_ends_with_its_goal() {
    let (state, _) = play(
        json!({"name": "s", "environment": shop(), "goal_state": {"assertions": [{"expression": "state.log == ['A1']"}]},
            "graph": {"start": "a", "nodes": [
                {"id": "a", "does": {"type": "task", "instruction": "A1"}},
                {"id": "b", "does": {"type": "end", "result": "passed"}},
            ], "edges": [{"from": "a", "to": "b"}]}}),
        vec![],
    );
    assert_eq!(verdict(&state).status, MetricStatus::Passed);
    assert_eq!(state.scores.len(), 2);
}

fn wrong(scenario: Value) -> Vec<FieldError> {
    let scenario: ScenarioSpec = serde_json::from_value(scenario).unwrap();
    let mut v = Validator::default();
    scenario.check(&mut v);
    check(&scenario, &mut v);
    v.finish().err().unwrap_or_default()
}

#[test]
fn what_is_wrong_is_named_when_it_is_saved() {
    let of = |fields: Value| {
        let mut scenario = json!({"name": "s", "script": ["x"]});
        let fields = fields.as_object().unwrap().clone();
        scenario.as_object_mut().unwrap().extend(fields);
        let wrong = wrong(scenario).into_iter().map(|e| e.field);
        wrong.collect::<Vec<_>>()
    };
    let goal = json!({"actions": [{"tool": "cancel", "arguments": {"id": "A1"}}]});
    assert!(of(json!({"environment": shop(), "goal_state": goal})).is_empty());
    assert!(of(json!({"environment": shop()})).is_empty());
    assert_eq!(of(json!({"goal_state": goal})), ["/goal_state"]);
    let lost = json!({"actions": [{"tool": "cancel", "arguments": {"id": "Z9"}}]});
    assert_eq!(
        of(json!({"environment": shop(), "goal_state": lost})),
        ["/goal_state/actions/0"]
    );
    assert_eq!(
        of(json!({"environment": shop(), "goal_state": {}})),
        ["/goal_state"]
    );
    assert_eq!(
        of(
            json!({"environment": {"tools": [{"name": "a b", "result": "args.x +"}]}, "goal_state": {}})
        ),
        ["/environment/tools/0/name", "/environment/tools/0/result"]
    );
}

#[test]
fn one_branch_alone_may_change_the_environment() {
    let of = |second: Value, environment: bool| {
        let mut scenario = json!({"name": "s", "goal": "g", "persona": {"name": "Ada"},
        "graph": {"start": "p", "nodes": [
            {"id": "p", "does": {"type": "parallel"}},
            {"id": "a", "does": {"type": "task", "instruction": "A1"}},
            {"id": "b", "does": second},
            {"id": "j", "does": {"type": "join"}},
            {"id": "c", "does": {"type": "task", "instruction": "B2"}},
            {"id": "e", "does": {"type": "end"}},
        ], "edges": [
            {"from": "p", "to": "a"}, {"from": "p", "to": "b"}, {"from": "a", "to": "j"}, {"from": "b", "to": "j"},
            {"from": "j", "to": "c"}, {"from": "c", "to": "e"},
        ]}});
        if environment {
            scenario["environment"] = shop();
        }
        let fields = wrong(scenario).into_iter().map(|e| e.field);
        fields.collect::<Vec<_>>()
    };
    let task = json!({"type": "task", "instruction": "B2"});
    assert_eq!(of(task.clone(), true), ["/graph/nodes/0"]);
    assert!(of(task, false).is_empty());
    let waits = json!({"type": "wait", "seconds": 1});
    assert!(of(waits, true).is_empty());
}
