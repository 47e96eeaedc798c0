//! A contest: of several answers to the same question a judge picks the best. DeepEval's `ArenaGEval`.
//!
//! No metric of one case, so it has a way of its own: [`Contest::start`] gives the first [`ContestStep`], and goes on as
//! [`crate::Evaluation`] does, on the same desk.
//!
//! The judge sees the contestants under aliases, in an order that a seed decides. Two are judged in both orders, and where the choices
//! differ nobody wins: models prefer what stands first, or last. A last call puts the real names into the reason.
//!
//! Deviations: upstream knows no ties, draws chance that nobody can draw again, and judges two contestants once. An answer of the last
//! call that cannot be used ends nothing here: the names are then put in word by word.

mod masks;
mod reason;

use crate::evaluation::{Evaluation, Step, blank};
use crate::fields::shown;
use crate::g_eval::prompt::steps_call;
use crate::g_eval::read_steps;
use crate::judge::{Asked, Judge};
use crate::pictures::Pictures;
use crate::prompt::{object, question, text};
use crate::registry::{Plan, Scored, Unscored};
use assay_llm::ChatAnswer;
use assay_model::{
    Ballot, ContestField, ContestPlace, ContestResult, ContestSpec, ContestStatus, MetricResult,
    MetricStatus, Validate,
};
use futures::future::try_join_all;
use masks::Round;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// What the judge says where no contestant is the best.
const TIE: &str = "tie";

/// What the fields are.
const FIELDS: [(&str, &str); 7] = [
    ("input", "what the user said, to all contestants alike"),
    ("expected_output", "the reference answer"),
    ("actual_output", "what a contestant answered"),
    ("context", "facts that hold"),
    ("retrieval_context", "what a contestant retrieved"),
    ("tools_called", "the tools that a contestant called"),
    ("conversation", "all that was said with a contestant"),
];

/// What the caller of a contest does next. As [`Step`].
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum ContestStep {
    /// Ask the judge these as well, and hand each answer to [`Contest::answer`].
    Ask(Vec<Asked>),
    /// The contest is over. `latency_ms` is the caller's to fill in.
    Done(Box<ContestResult>),
}

/// A contest at work.
pub struct Contest {
    evaluation: Evaluation,
    seed: u64,
    /// Filled in by the work, whose own result is but a word.
    outcome: Rc<RefCell<Outcome>>,
}

/// What is known of a contest so far.
#[derive(Debug, Default)]
struct Outcome {
    ballots: Vec<Ballot>,
    winner: Option<String>,
}

impl Contest {
    /// Begins a contest. One that breaks the rules of its type ends in an error at once.
    pub fn start(spec: &ContestSpec) -> (Self, ContestStep) {
        let outcome = Rc::<RefCell<Outcome>>::default();
        let plan = match spec.validate() {
            Ok(()) => {
                let (spec, outcome) = (spec.clone(), Rc::clone(&outcome));
                Plan::judge(move |judge| compare(judge, spec, outcome))
            }
            Err(faults) => {
                let first = faults.into_iter().next();
                let first = first.map(|f| format!("{} {}", f.field, f.message));
                Plan::Error(format!(
                    "the contest is wrong: {}",
                    first.unwrap_or_default()
                ))
            }
        };
        let (evaluation, step) = Evaluation::begin(blank("arena_g_eval"), plan, Pictures::of(&[]));
        let contest = Self {
            evaluation,
            seed: spec.seed,
            outcome,
        };
        let step = contest.told(step);
        (contest, step)
    }

    /// What is said of a contest that nobody waits for any longer.
    #[must_use]
    pub fn given_up(spec: &ContestSpec, reason: String) -> ContestResult {
        ContestResult {
            status: ContestStatus::Error,
            winner: None,
            reason,
            seed: spec.seed,
            ballots: Vec::new(),
            judge_model: None,
            judge_answers: Vec::new(),
            usage: None,
            cost_usd: None,
            latency_ms: None,
        }
    }

    /// Takes the judge's answer to a question. As [`Evaluation::answer`].
    pub fn answer(&mut self, id: u64, answer: Result<ChatAnswer, String>) -> ContestStep {
        let step = self.evaluation.answer(id, answer);
        self.told(step)
    }

    fn told(&self, step: Step) -> ContestStep {
        match step {
            Step::Ask(asked) => ContestStep::Ask(asked),
            // A contest has nothing done outside.
            Step::Run(_) => ContestStep::Ask(Vec::new()),
            Step::Done(result) => ContestStep::Done(Box::new(self.result(result))),
        }
    }

    fn result(&self, result: MetricResult) -> ContestResult {
        let outcome = self.outcome.borrow();
        // An error is no choice, whatever the ballots before it say.
        let failed = result.status == MetricStatus::Error;
        let winner = outcome.winner.clone().filter(|_| !failed);
        let status = match winner {
            _ if failed => ContestStatus::Error,
            Some(_) => ContestStatus::Won,
            None => ContestStatus::Tied,
        };
        ContestResult {
            status,
            winner,
            reason: result.reason,
            seed: self.seed,
            ballots: outcome.ballots.clone(),
            judge_model: result.judge_model,
            judge_answers: result.judge_answers,
            usage: result.usage,
            cost_usd: result.cost_usd,
            latency_ms: None,
        }
    }
}

/// Who wins by `ballots`: whoever all of them name. `None` is a tie, as is no ballot at all.
#[must_use]
pub fn decide(ballots: &[Option<usize>]) -> Option<usize> {
    let (first, rest) = ballots.split_first()?;
    first.filter(|_| rest.iter().all(|ballot| ballot == first))
}

async fn compare(
    judge: Judge,
    spec: ContestSpec,
    outcome: Rc<RefCell<Outcome>>,
) -> Result<Scored, Unscored> {
    let seen: Vec<Value> = spec
        .contestants
        .iter()
        .map(|c| own(&spec, &c.case))
        .collect();
    let rounds = masks::rounds(&spec, &seen);
    let first = judge.branch(0);
    let steps = if spec.evaluation_steps.is_empty() {
        let fields: Vec<String> = spec.fields.iter().map(|f| f.as_str().to_owned()).collect();
        let call = steps_call(&spec.criteria, &fields, &FIELDS);
        first.ask(call, |found, _| read_steps(found)).await?
    } else {
        spec.evaluation_steps.clone()
    };
    let each = rounds.iter().enumerate().map(|(i, round)| {
        let judge = judge.branch(i + 1);
        ask(judge, &spec, &steps, &seen, round)
    });
    let choices: Vec<(Option<usize>, String)> = try_join_all(each).await?;
    let name = |at: usize| spec.contestants.get(at).map(|c| c.name.clone());
    let ballots: Vec<Option<usize>> = choices.iter().map(|(at, _)| *at).collect();
    let told = rounds.iter().zip(&choices);
    let told = told.map(|(round, (at, reason))| Ballot {
        order: round.places(&spec),
        winner: at.and_then(name),
        reason: reason.clone(),
    });
    let told: Vec<Ballot> = told.collect();
    let winner = decide(&ballots).and_then(name);
    {
        let mut outcome = outcome.borrow_mut();
        outcome.ballots.clone_from(&told);
        outcome.winner = winner;
    }
    let agree = ballots.iter().all(|ballot| Some(ballot) == ballots.first());
    let reason = match told.as_slice() {
        [only, ..] if agree => {
            let judge = judge.branch(rounds.len() + 1);
            reason::rewritten(&judge, only).await
        }
        told => reason::of_disagreement(told),
    };
    // What counts is in the outcome.
    Ok(Scored::judged(1.0, reason))
}

/// What the judge sees of one contestant.
fn own(spec: &ContestSpec, case: &assay_model::TestCase) -> Value {
    let fields = spec.fields.iter().filter(|field| !field.is_shared());
    let each = fields.map(|field| (field.as_str().to_owned(), shown(field.as_str(), case)));
    Value::Object(each.collect())
}

/// Asks for one choice: the contestant's place in the spec, or none, and why.
async fn ask(
    judge: Judge,
    spec: &ContestSpec,
    steps: &[String],
    seen: &[Value],
    round: &Round,
) -> Result<(Option<usize>, String), String> {
    let shared: Vec<ContestField> = spec
        .fields
        .iter()
        .copied()
        .filter(|f| f.is_shared())
        .collect();
    let mut material: Map<String, Value> = Map::new();
    if let Some(first) = spec.contestants.first() {
        let each = shared
            .iter()
            .map(|f| (f.as_str().to_owned(), shown(f.as_str(), &first.case)));
        material.extend(each);
    }
    let contestants = round
        .iter()
        .filter_map(|(alias, at)| Some(json!({"name": alias, "case": seen.get(at)?})));
    material.insert("contestants".to_owned(), contestants.collect());
    let numbered: Vec<String> = (1..)
        .zip(steps)
        .map(|(n, step)| format!("{n}. {step}"))
        .collect();
    let task = format!(
        "Choose the contestant that satisfies these evaluation steps best:\n{}\n\nThe order in which the contestants stand, their names and the \
         length of what they say are no merit. `winner` is the contestant's name, or `{TIE}` where none is better than the best of the others. \
         The reason names, in two or three sentences, what of each contestant decides, and calls contestants by their names.",
        numbered.join("\n")
    );
    let words: Vec<&str> = round.iter().map(|(alias, _)| alias).chain([TIE]).collect();
    let schema = object(&[("reason", text()), ("winner", json!({"enum": words}))]);
    let call = question("Winner", &task, &Value::Object(material), schema);
    judge.ask(call, |found, _| read(found, round)).await
}

/// The choice in a judge's answer.
fn read(found: &Value, round: &Round) -> Result<(Option<usize>, String), String> {
    let word = found.get("winner").and_then(Value::as_str);
    let word = word.ok_or("it has no text `winner`")?.trim();
    let reason = found.get("reason").and_then(Value::as_str);
    let reason = reason.unwrap_or("the judge gave no reason").to_owned();
    if word.eq_ignore_ascii_case(TIE) {
        return Ok((None, reason));
    }
    let at = round.find(word);
    let at = at.ok_or_else(|| format!("`winner` must be the name of a contestant, or `{TIE}`"))?;
    Ok((Some(at), reason))
}

impl Round {
    /// The order as it is told.
    fn places(&self, spec: &ContestSpec) -> Vec<ContestPlace> {
        let each = self.iter().filter_map(|(alias, at)| {
            let name = spec.contestants.get(at)?.name.clone();
            let alias = alias.to_owned();
            Some(ContestPlace { alias, name })
        });
        each.collect()
    }
}

#[cfg(test)]
#[path = "arena_tests.rs"]
mod tests;
