//! The path of a scenario without a call: what would be done, node by node, under assumptions.

use crate::compile::{Play, Unplayable, compile, way_key};
use crate::course::Course;
use crate::deed::{Act, Did, Does, Waits};
use crate::fields::{beginning, fact};
use assay_graph::pregel::{
    Command, Ended, Executor, Input, MemoryStore, Options, Outcome, Place, Questions, Resume,
    RunError, Task, at_once,
};
use assay_graph::protocol::{
    CallStats, FetchResponse, ProgramResponse, TargetAnswer, TargetResponse, UserTurnResponse,
};
use assay_model::{MetricResult, MetricSpec, MetricStatus, Severity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Nodes that are shown, at most.
const MAX_VISITS: usize = 1_000;
/// What a persona would say.
const WORDS: &str = "(the persona's words)";
/// What the agent would answer.
const ANSWER: &str = "(the agent's answer)";

/// What is taken to happen where only a call could tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assumptions {
    /// By the id of a condition: which of its edges is taken, by its place among them; the one without `when` is the last.
    pub ways: BTreeMap<String, usize>,
    /// By the id of a node that waits: the answer.
    pub answers: BTreeMap<String, Value>,
    /// By the id of a node: what the agent, the server or the program answers.
    pub replies: BTreeMap<String, String>,
    /// By the name of a metric: its score, in `[0, 1]`; else it passes.
    pub scores: BTreeMap<String, f64>,
}

/// A node on the path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The super-step, from 0; nodes of one step run at once.
    pub step: u32,
    /// The node; of a scenario within, after the ids of the nodes around it.
    pub node: String,
    /// What would happen.
    pub does: String,
    /// Whether that takes a call, or somebody who answers.
    pub calls: bool,
    /// Why the run would end in error here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DryRun {
    /// The nodes, in order.
    pub path: Vec<Visit>,
    /// Whether it comes to an end.
    pub ends: bool,
    /// What the variables hold in the end.
    pub variables: Value,
}

struct Dreamer<'p> {
    play: &'p Play,
    assumptions: &'p Assumptions,
    path: Vec<Visit>,
    step: u32,
}

impl Executor for Dreamer<'_> {
    async fn ahead(&mut self, tasks: &[&Task]) {
        // The start is a step of the engine's own.
        if tasks.iter().any(|t| self.play.deeds.contains_key(&t.name)) {
            self.step += 1;
        }
    }

    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let assumed = self.assumptions.ways.get(task.name.as_ref());
        let decides = self.play.deeds.get(&task.name);
        let decides = decides.is_some_and(|d| matches!(d.does, Does::Decide(_)));
        let (outcome, does, calls) = match (assumed, decides) {
            (Some(way), true) => {
                let took = Outcome::Done {
                    update: vec![fact(&way_key(&task.name), json!(way))],
                    goto: Vec::new(),
                };
                (took, format!("takes edge {way}, as assumed"), false)
            }
            _ => self.dream(task, questions),
        };
        if matches!(outcome, Outcome::Asks(_)) {
            // It is told when it is answered.
            return outcome;
        }
        let error = match &outcome {
            Outcome::Failed(fault) => Some(fault.message.clone()),
            _ => None,
        };
        self.path.push(Visit {
            step: self.step.saturating_sub(1),
            node: task.name.to_string(),
            does,
            calls,
            error,
        });
        outcome
    }

    fn is_enough(&self) -> bool {
        self.path.len() >= MAX_VISITS
    }
}

impl Dreamer<'_> {
    /// What a node would do, what comes of it, and whether it takes a call.
    fn dream(&self, task: &Task, questions: &mut Questions) -> (Outcome, String, bool) {
        let reply = |or: &str| {
            let replies = &self.assumptions.replies;
            replies
                .get(task.name.as_ref())
                .map_or(or, String::as_str)
                .to_owned()
        };
        let (did, does) = match self.play.act(task, questions) {
            Act::Done(outcome) => {
                let kind = self.play.deeds.get(&task.name).map(|d| d.does.name());
                return (outcome, kind.unwrap_or("nothing").to_owned(), false);
            }
            // One exchange stands for a whole conversation.
            Act::User {
                user_turns,
                max_turns,
                ..
            } if user_turns > 0 && max_turns < u32::MAX => {
                let stop = UserTurnResponse::Stop {
                    reason: "goal_reached".into(),
                    call: None,
                };
                (
                    Did::User(stop),
                    "the persona has nothing more to say".to_owned(),
                )
            }
            Act::User { .. } => {
                let say = UserTurnResponse::Say {
                    text: reply(WORDS).into(),
                    call: None,
                    unhelpful: false,
                };
                (Did::User(say), "a model plays the persona".to_owned())
            }
            Act::Target { messages, .. } => {
                let last = messages
                    .last()
                    .map(|m| m.content.as_str())
                    .unwrap_or_default();
                let does = format!("the agent is asked: {last}");
                let answer = TargetAnswer {
                    content: reply(ANSWER),
                    images: Vec::new(),
                    tools_called: Vec::new(),
                    retrieval_context: Vec::new(),
                    session: Value::Null,
                    environment_state: None,
                    call: CallStats::default(),
                };
                (Did::Target(TargetResponse::Answer(answer)), does)
            }
            Act::Evaluate { metrics, .. } => {
                let names: Vec<&str> = metrics.iter().map(MetricSpec::display_name).collect();
                let does = format!("scored by {}", names.join(", "));
                let results = metrics.iter().map(|m| self.score(m)).collect();
                (Did::Evaluated(results), does)
            }
            Act::Fetch(request) => {
                let does = format!("{} {}", request.method, request.url);
                let body = reply("{}");
                let answer = FetchResponse::Answer {
                    status: 200,
                    body: serde_json::from_str(&body).unwrap_or(Value::String(body)),
                    call: CallStats::default(),
                };
                (Did::Fetched(answer), does)
            }
            Act::Run { program_id, .. } => {
                let output = reply("null");
                let value = ProgramResponse::Value {
                    output: serde_json::from_str(&output).unwrap_or(Value::String(output)),
                    stderr: String::new(),
                    fuel: 0,
                };
                (Did::Ran(value), format!("runs the program {program_id}"))
            }
        };
        (self.play.outcome(task, did), does, true)
    }

    fn score(&self, metric: &MetricSpec) -> MetricResult {
        let threshold = metric.threshold.unwrap_or(0.5);
        let score = self.assumptions.scores.get(metric.display_name());
        // What a judge would say of a condition is not known: it does not hold, unless that is assumed.
        let or = if metric.display_name().contains('#') {
            0.0
        } else {
            1.0
        };
        let score = score.copied().unwrap_or(or);
        MetricResult {
            name: metric.display_name().to_owned(),
            kind: metric.kind.as_str().to_owned(),
            version: 0,
            status: if score >= threshold {
                MetricStatus::Passed
            } else {
                MetricStatus::Failed
            },
            score: Some(score),
            threshold,
            reason: "assumed".into(),
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
}

/// The path that a run of `course` would take.
///
/// # Errors
/// The scenario cannot be played.
pub fn dry_run(course: Course, assumptions: &Assumptions) -> Result<DryRun, Unplayable> {
    let play = compile(course)?;
    let mut store = MemoryStore::default();
    let place = Place::of("dry-run");
    let options = Options {
        recursion_limit: play.max_steps,
        ..Options::default()
    };
    let mut dreamer = Dreamer {
        play: &play,
        assumptions,
        path: Vec::new(),
        step: 0,
    };
    let mut input = Input::Values(beginning(&play.course.item.item, &play.variables));
    let mut ends = false;
    loop {
        let run = play
            .graph
            .invoke(&mut store, &mut dreamer, &place, input, &options);
        match at_once(run) {
            Ok(Ended::Done) => ends = true,
            Ok(Ended::Asks(interrupts)) if dreamer.path.len() < MAX_VISITS => {
                let answers = interrupts.into_iter().map(|interrupt| {
                    let waits = serde_json::from_value::<Waits>(interrupt.value);
                    let node = waits.map(|w| w.node().to_owned()).unwrap_or_default();
                    let answer = assumptions.answers.get(&node).cloned();
                    (interrupt.id, answer.unwrap_or_else(|| json!("(an answer)")))
                });
                input = Input::Command(Command {
                    resume: Some(Resume::Each(answers.collect())),
                    ..Command::default()
                });
                continue;
            }
            Err(RunError::RecursionLimit(limit)) => dreamer.path.push(Visit {
                step: dreamer.step,
                node: String::new(),
                does: "it goes on and on".into(),
                calls: false,
                error: Some(format!("more than {limit} steps")),
            }),
            Ok(_) | Err(_) => {}
        }
        break;
    }
    let saved = at_once(assay_graph::pregel::Store::get(&store, &place, None))
        .ok()
        .flatten();
    let variables = saved.and_then(|s| s.checkpoint.values.get("vars").cloned());
    Ok(DryRun {
        path: dreamer.path,
        ends,
        variables: variables.map(|v| v.as_ref().clone()).unwrap_or_default(),
    })
}
