//! A graph at work on a case.

use super::graph::{Does, Graph, Step, Then};
use super::look::look;
use crate::fields::first_missing;
use crate::judge::{Judge, JudgeCall};
use crate::prompt::{list, object, question, text};
use crate::registry::{Plan, Scored, Unscored, metric};
use crate::text::clip;
use crate::verdicts::explain;
use assay_model::{MetricSpec, MetricStatus, TestCase};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;

/// Most characters of what a task brought out.
const MAX_OUTPUT_CHARS: usize = 20_000;

/// Most characters of an output or a reason that the explanation of the score is shown.
const MAX_LOGGED_CHARS: usize = 2_000;

/// What a step came to.
enum Found {
    /// A task's output.
    Output(Value),
    /// Which of the outcomes it is, and why.
    Verdict(usize, String),
    /// What the metric says that a verdict led to.
    Scored(Scored),
}

type Work = Pin<Box<dyn Future<Output = Result<(String, Found), Unscored>>>>;

/// Where a case came to an end.
enum End {
    Score(f64, String),
    Metric(Scored),
}

/// What is known of a case on its way.
#[derive(Default)]
struct Way {
    /// How many have come to a step so far.
    come: BTreeMap<String, usize>,
    /// What the tasks brought out, by their ids.
    outputs: BTreeMap<String, (String, Value)>,
    /// What happened, in the order of the steps.
    log: BTreeMap<usize, Value>,
    /// The last end by the order of the steps, not of time.
    end: Option<(usize, End)>,
}

/// Leads `case` through `graph`.
///
/// # Errors
/// There is no score: the judge failed, the metric at the end has none, or there was no end.
pub(super) async fn run(
    judge: Judge,
    graph: Graph,
    case: TestCase,
    include_reason: bool,
) -> Result<Scored, Unscored> {
    let mut way = Way::default();
    let mut running: FuturesUnordered<Work> = FuturesUnordered::new();
    let mut next: Vec<String> = graph.roots.clone();
    loop {
        for id in std::mem::take(&mut next) {
            let Some(step) = graph.steps.get(&id) else {
                continue;
            };
            let come = way.come.entry(id).or_default();
            *come += 1;
            if *come == step.ways {
                let material = look(step, graph.scope, &case, &way.outputs)?;
                running.push(ask(judge.branch(step.rank), step.clone(), material));
            }
        }
        let Some(done) = running.next().await else {
            break;
        };
        let (id, found) = done?;
        let Some(step) = graph.steps.get(&id) else {
            continue;
        };
        match way.take(step, found) {
            Next::Steps(ids) => next = ids,
            Next::Metric(spec) => {
                let work = child(judge.branch(step.rank), spec, case.clone());
                running.push(Box::pin(
                    async move { Ok((id, Found::Scored(work.await?))) },
                ));
            }
        }
    }
    match way.end {
        Some((_, End::Metric(scored))) => Ok(scored),
        Some((_, End::Score(score, _))) if include_reason => {
            let what = "A case was led through a graph of questions, and the verdict at its end has the score.";
            let steps: Vec<Value> = way.log.into_values().collect();
            let found = json!({"steps": steps});
            let reason = explain(&judge, "MetricScoreReason", what, score, &found).await?;
            Ok(Scored::judged(score, reason))
        }
        Some((_, End::Score(score, reason))) => Ok(Scored::judged(score, reason)),
        None => Err(Unscored::Error(way.lost(&graph))),
    }
}

/// What goes on after a step.
enum Next {
    Steps(Vec<String>),
    Metric(MetricSpec),
}

impl Way {
    /// Takes what a step came to.
    fn take(&mut self, step: &Step, found: Found) -> Next {
        let name = step.label.as_ref().unwrap_or(&step.id);
        let short = |value: &Value| clip(&plain(value), MAX_LOGGED_CHARS);
        match (found, &step.does) {
            (
                Found::Output(output),
                Does::Task {
                    instructions,
                    output_label,
                    next,
                },
            ) => {
                let logged = json!({"node": name, "asked": instructions, "output": short(&output)});
                self.log.insert(step.rank, logged);
                self.outputs
                    .insert(step.id.clone(), (output_label.clone(), output));
                Next::Steps(next.clone())
            }
            (Found::Verdict(which, reason), Does::Judge { criteria, outcomes }) => {
                let Some((verdict, then)) = outcomes.get(which) else {
                    return Next::Steps(Vec::new());
                };
                let why = clip(&reason, MAX_LOGGED_CHARS);
                let logged =
                    json!({"node": name, "asked": criteria, "verdict": verdict, "reason": why});
                self.log.insert(step.rank, logged);
                match then {
                    Then::Step(id) => return Next::Steps(vec![id.clone()]),
                    Then::Metric(spec) => return Next::Metric(spec.clone()),
                    Then::Score(score) => {
                        let reason = format!("`{name}` came to {verdict}: {why}");
                        self.end(step.rank, End::Score(score / 10.0, reason));
                    }
                }
                Next::Steps(Vec::new())
            }
            (Found::Scored(scored), _) => {
                self.end(step.rank, End::Metric(scored));
                Next::Steps(Vec::new())
            }
            // A task gives no verdict, a judgement no output.
            _ => Next::Steps(Vec::new()),
        }
    }

    fn end(&mut self, rank: usize, end: End) {
        if self.end.as_ref().is_none_or(|(last, _)| *last < rank) {
            self.end = Some((rank, end));
        }
    }

    /// Says that a case came to no end.
    fn lost(&self, graph: &Graph) -> String {
        let waits = |(id, come): (&String, &usize)| {
            let step = graph.steps.get(id)?;
            (*come < step.ways).then(|| format!("`{id}`"))
        };
        let waiting: Vec<String> = self.come.iter().filter_map(waits).collect();
        if waiting.is_empty() {
            return "the graph came to no verdict that has a score".to_owned();
        }
        let waiting = waiting.join(", ");
        format!(
            "the graph came to no verdict that has a score: {waiting} waited for a node that was not on the way"
        )
    }
}

/// A text as it is, what is not as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Has the judge do a step.
fn ask(judge: Judge, step: Step, material: Value) -> Work {
    Box::pin(async move {
        let found = match &step.does {
            Does::Task { instructions, .. } => {
                let task = format!(
                    "Do with the material what these instructions say, and nothing else:\n{instructions}\n\nThe output has what they \
                     ask for and no remarks, as a text or as a list of texts."
                );
                let output = json!({"anyOf": [text(), list(&text())]});
                let schema = object(&[("output", output)]);
                let call = question("TaskNodeOutput", &task, &material, schema);
                Found::Output(judge.ask(call, |found, _| read_output(found)).await?)
            }
            Does::Judge { criteria, outcomes } => {
                let call = judgement(criteria, outcomes, &material);
                let read = |found: &Value| read_verdict(found, outcomes);
                let (which, reason) = judge.ask(call, |found, _| read(found)).await?;
                Found::Verdict(which, reason)
            }
        };
        Ok((step.id, found))
    })
}

/// The question of a judgement. Its verdicts are true and false, or texts.
fn judgement(criteria: &str, outcomes: &[(Value, Then)], material: &Value) -> JudgeCall {
    let why = "The reason says in one or two sentences what in the material decides.";
    if outcomes.iter().any(|(verdict, _)| verdict.is_boolean()) {
        let task = format!(
            "Decide whether this holds for the material:\n{criteria}\n\nThe verdict is `true` when it holds and `false` when it does \
             not. {why}"
        );
        let schema = object(&[("reason", text()), ("verdict", json!({"type": "boolean"}))]);
        return question("BinaryJudgementVerdict", &task, material, schema);
    }
    let verdicts: Vec<&Value> = outcomes.iter().map(|(verdict, _)| verdict).collect();
    let options = json!(verdicts);
    let task = format!(
        "Decide this by the material:\n{criteria}\n\nThe verdict is the one of these that fits best, letter by letter: {options}. {why}"
    );
    let schema = object(&[("reason", text()), ("verdict", json!({"enum": options}))]);
    question("NonBinaryJudgementVerdict", &task, material, schema)
}

/// A text, or a list of texts or an object of texts, as upstream has it.
fn read_output(found: &Value) -> Result<Value, String> {
    let output = found.get("output").ok_or("it has no `output`")?;
    let fine = match output {
        Value::String(_) => true,
        Value::Array(all) => all.iter().all(Value::is_string),
        Value::Object(all) => all.values().all(Value::is_string),
        _ => false,
    };
    if !fine {
        return Err("`output` must be a text or a list of texts".to_owned());
    }
    let plain = plain(output);
    if plain.chars().count() > MAX_OUTPUT_CHARS {
        return Ok(json!(clip(&plain, MAX_OUTPUT_CHARS)));
    }
    Ok(output.clone())
}

/// Which of the outcomes the verdict is, and its reason.
fn read_verdict(found: &Value, outcomes: &[(Value, Then)]) -> Result<(usize, String), String> {
    let said = found.get("verdict").ok_or("it has no `verdict`")?;
    // Some models write true and false as texts.
    let same = |verdict: &Value| match (verdict, said) {
        (Value::Bool(verdict), Value::String(said)) => {
            said.trim().eq_ignore_ascii_case(&verdict.to_string())
        }
        (Value::String(verdict), Value::String(said)) => verdict.trim() == said.trim(),
        _ => verdict == said,
    };
    let which = outcomes.iter().position(|(verdict, _)| same(verdict));
    let which = which.ok_or_else(|| {
        let verdicts: Vec<String> = outcomes
            .iter()
            .map(|(verdict, _)| verdict.to_string())
            .collect();
        format!("`verdict` must be one of {}", verdicts.join(", "))
    })?;
    let reason = found.get("reason").and_then(Value::as_str);
    Ok((
        which,
        reason.unwrap_or("the judge gave no reason").to_owned(),
    ))
}

/// Runs a metric within the same dialogue.
async fn child(judge: Judge, spec: MetricSpec, case: TestCase) -> Result<Scored, Unscored> {
    let name = spec.display_name();
    let kind = metric(spec.kind);
    if let Some((status, why)) = first_missing(&kind.required_fields(&spec.params), &case) {
        let why = why.strip_prefix("not applicable: ").unwrap_or(&why);
        let why = format!("the metric `{name}`: {why}");
        return Err(match status {
            MetricStatus::Skipped => Unscored::NotApplicable(why),
            _ => Unscored::Error(why),
        });
    }
    let found = match kind.begin(&spec.params, &case) {
        Plan::Scored(scored) => Ok(scored),
        Plan::Error(why) => Err(Unscored::Error(why)),
        Plan::NotApplicable(why) => Err(Unscored::NotApplicable(why)),
        Plan::Judge(work) => work(judge).await,
        Plan::Errand(_) => Err(Unscored::Error(
            "it is computed outside, which a node of a graph cannot wait for".to_owned(),
        )),
    };
    found.map_err(|unscored| match unscored {
        Unscored::Error(why) => Unscored::Error(format!("the metric `{name}`: {why}")),
        Unscored::NotApplicable(why) => {
            Unscored::NotApplicable(format!("the metric `{name}`: {why}"))
        }
    })
}
