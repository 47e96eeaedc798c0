//! Campaigns: durable steps per second with an agent and a judge that answer at once, beside LangGraph.

use crate::api::{Api, text};
use crate::context::Context;
use crate::platform::Platform;
use crate::process::Process;
use crate::report::{Report, figure};
use crate::serve::{Answer, LISTENING, SAYS};
use crate::stats::{max, median};
use anyhow::{Context as _, Result, bail};
use clap::ValueEnum as _;
use serde::Deserialize;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

const ROUNDS: usize = 3;
const ITEMS: usize = 2000;
const CONCURRENCY: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(300);
/// Super-steps of each way to run LangGraph.
const PEER_STEPS: usize = 2000;

/// Loops of the graph that works by itself, and how often each goes round.
const LOOPS: usize = 16;
const ROUNDS_OF_A_LOOP: usize = 300;

/// What one campaign did.
pub(crate) struct Ran {
    runs: f64,
    /// Invocations that did something outside, each with its record.
    steps: f64,
    /// Super-steps of its graphs, each with its checkpoint.
    super_steps: f64,
    pub(crate) seconds: f64,
    /// Processor time of the platform.
    pub(crate) cpu_s: f64,
}

/// A round of all campaigns.
struct Round {
    plain: Ran,
    judged: Ran,
    looped: Ran,
}

/// One of the campaigns of a round.
type Of = fn(&Round) -> &Ran;

/// One way to run LangGraph.
#[derive(Deserialize)]
struct Rate {
    durability: String,
    threads: u32,
    steps_per_s: f64,
}

#[derive(Deserialize)]
struct Peer {
    version: String,
    rates: Vec<Rate>,
}

pub(crate) fn bench(context: &Context) -> Result<Report> {
    let platform = context.platform()?;
    let (_agent, addr) = agent(context, Answer::Chat)?;
    let api = Api::new(&platform);
    let specs = Specs::new(&api, &addr)?;
    let mut ours = Vec::new();
    let mut peers: Vec<Peer> = Vec::new();
    let mut absent = String::new();
    // Not counted: instances, caches, connections.
    run(&api, &platform, &specs.plain, ITEMS)?;
    for round in 1..=ROUNDS {
        eprintln!("campaign: round {round} of {ROUNDS}");
        ours.push(Round {
            plain: run(&api, &platform, &specs.plain, ITEMS)?,
            judged: run(&api, &platform, &specs.judged, ITEMS)?,
            looped: run(&api, &platform, &specs.looped, LOOPS)?,
        });
        match langgraph(context) {
            Ok(peer) => peers.push(peer),
            Err(error) if absent.is_empty() => {
                absent = format!("{error:#}");
                eprintln!("WITHOUT LangGraph: {absent}");
            }
            Err(_) => {}
        }
    }
    platform.stop()?;
    Ok(report(&ours, &peers, &absent))
}

fn report(ours: &[Round], peers: &[Peer], absent: &str) -> Report {
    let middle = |of: Of, figure: fn(&Ran) -> f64| {
        median(&ours.iter().map(of).map(figure).collect::<Vec<_>>())
    };
    let calls = |ran: &Ran| ran.steps / ran.seconds;
    let super_steps = |ran: &Ran| ran.super_steps / ran.seconds;
    let kinds: [(&str, Of); 3] = [
        ("assay, exact match", |round| &round.plain),
        ("assay, exact match and a judge", |round| &round.judged),
        ("assay, loops that ask nobody", |round| &round.looped),
    ];
    let mut report = Report::new(
        "campaign: durable steps per second",
        &[
            "what",
            "super-steps/s",
            "calls/s",
            "runs/s",
            "ms CPU/super-step",
        ],
    );
    for (name, of) in kinds {
        report.row([
            name.to_owned(),
            figure(middle(of, super_steps)),
            figure(middle(of, calls)),
            figure(middle(of, |ran| ran.runs / ran.seconds)),
            figure(middle(of, |ran| 1e3 * ran.cpu_s / ran.super_steps)),
        ]);
    }
    let peer_rates = by_kind(peers);
    for (name, peer_rate) in &peer_rates {
        report.row([
            name.clone(),
            figure(*peer_rate),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    report.note(format!(
        "Medians of {ROUNDS} alternating rounds; {ITEMS} single-turn items or {LOOPS} loops of {ROUNDS_OF_A_LOOP} rounds and three nodes, \
         {CONCURRENCY} at once, embedded stores. A super-step is a checkpoint of the run's history. Calls are invocations that asked \
         the agent or a judge, or finished the run: their record is on disk before the next begins. Processor time is the platform's."
    ));
    let plain = middle(|round| &round.plain, calls);
    let judged = middle(|round| &round.judged, calls);
    report.at_least("campaign: durable calls/s", plain, 1000.0, "/s");
    report.at_least("campaign: the same with a judge", judged, 1000.0, "/s");
    let fastest = max(&peer_rates.iter().map(|(_, rate)| *rate).collect::<Vec<_>>());
    // Of equal work: what the other rows do besides is no part of the peer's.
    let what = "campaign: super-steps/s of loops that ask nobody, beside LangGraph's fastest";
    if fastest > 0.0 {
        let rate = middle(|round| &round.looped, super_steps);
        report.at_least(what, rate / fastest, 3.0, "x");
    } else {
        report.unmeasured(what, absent);
    }
    report
}

/// The median rate of each way to run LangGraph.
fn by_kind(peers: &[Peer]) -> Vec<(String, f64)> {
    let Some(first) = peers.first() else {
        return Vec::new();
    };
    let kinds = first.rates.iter().map(|kind| {
        let same =
            |rate: &&Rate| rate.durability == kind.durability && rate.threads == kind.threads;
        let rates = peers
            .iter()
            .filter_map(|peer| Some(peer.rates.iter().find(same)?.steps_per_s));
        let name = format!(
            "LangGraph {}, {}, {} at once",
            first.version, kind.durability, kind.threads
        );
        (name, median(&rates.collect::<Vec<_>>()))
    });
    kinds.collect()
}

/// An agent and a judge in one process.
pub(crate) fn agent(context: &Context, answer: Answer) -> Result<(Process, String)> {
    let this = std::env::current_exe().context("this program has no path")?;
    let name = answer.to_possible_value().context("no such agent")?;
    let mut command = Command::new(this);
    command.args(["serve", name.get_name()]);
    let log = context.path("agent.log");
    Process::start_until(&mut command, &log, LISTENING, Duration::from_secs(10))
}

/// The campaigns that are run.
struct Specs {
    plain: Value,
    judged: Value,
    looped: Value,
}

impl Specs {
    fn new(api: &Api, addr: &str) -> Result<Self> {
        let agent = json!({"name": "instant", "kind": "openai_chat", "url": format!("http://{addr}/v1/chat/completions")});
        let agent = api.create("/api/v1/agents", &agent)?;
        let judge = json!({"name": "instant", "base_url": format!("http://{addr}/judge/v1"), "model": "instant-1"});
        let judge = api.create("/api/v1/models", &judge)?;
        let dataset = api.dataset("many items", ITEMS, SAYS)?;
        let scenario = api.create("/api/v1/scenarios", &two_nodes())?;
        Ok(Self {
            plain: json!({
                "name": "bench", "agent_id": agent, "dataset_id": dataset, "concurrency": CONCURRENCY,
                "metrics": [{"kind": "exact_match"}],
            }),
            judged: json!({
                "name": "bench", "agent_id": agent, "dataset_id": dataset, "concurrency": CONCURRENCY,
                "judge_model_id": judge, "judging": {"reuse": false}, "metrics": [
                    {"kind": "exact_match"},
                    {"kind": "g_eval", "name": "apt", "params": {"evaluation_steps": ["Is the answer apt?"]}},
                ],
            }),
            looped: json!({
                "name": "bench", "agent_id": agent, "scenario_ids": [scenario], "concurrency": CONCURRENCY,
                "repetitions": LOOPS,
            }),
        })
    }
}

/// What LangGraph's loop does: one node counts and writes the user's words, the other counts and writes an answer, until there
/// were enough. Here that is a node's to know, so that a round has a super-step more.
fn two_nodes() -> Value {
    json!({
        "name": "two nodes",
        "graph": {
            "start": "again",
            "max_steps": ROUNDS_OF_A_LOOP * 3 + 20,
            "variables": {"n": 0, "user": ""},
            "nodes": [
                {"id": "simulate", "does": {"type": "transform", "template": "question {{ n }}", "output": "user"}},
                {"id": "target", "does": {"type": "code", "expression": "n + 1", "output": "n"}},
                {"id": "again", "does": {"type": "loop", "times": ROUNDS_OF_A_LOOP}},
                {"id": "end", "does": {"type": "end", "result": "passed"}},
            ],
            "edges": [
                {"from": "simulate", "to": "target"},
                {"from": "target", "to": "again"},
                {"from": "again", "to": "simulate", "when": {"again": {}}},
                {"from": "again", "to": "end"},
            ],
        },
    })
}

/// Runs a campaign whose runs must all pass.
pub(crate) fn run(api: &Api, platform: &Platform, spec: &Value, runs: usize) -> Result<Ran> {
    let before = platform.usage()?.cpu_s;
    let id = api.create("/api/v1/campaigns", spec)?;
    let campaign = api.finished(&id, PATIENCE)?;
    let cpu_s = platform.usage()?.cpu_s - before;
    let passed = campaign.pointer("/summary/passed").and_then(Value::as_u64);
    if passed != u64::try_from(runs).ok() {
        bail!("not every run passed: {campaign}");
    }
    // By the platform's own clock, so that it does not matter how often we ask.
    let time = |name: &str| -> Result<chrono::DateTime<chrono::FixedOffset>> {
        let text = text(&campaign, name)?;
        chrono::DateTime::parse_from_rfc3339(&text).with_context(|| format!("{name}: {text}"))
    };
    let took = (time("finished_at")? - time("created_at")?)
        .to_std()
        .context("the clock went back")?;
    let (mut steps, mut super_steps) = (0.0, 0.0);
    for run in api.runs(&id)? {
        let row = api.get(&format!("/api/v1/runs/{run}"))?;
        let taken = row.get("steps").and_then(Value::as_f64);
        steps += taken.context("no steps")?;
        let newest = api.get(&format!("/api/v1/runs/{run}/checkpoints?limit=1"))?;
        let step = newest.pointer("/data/0/step").and_then(Value::as_f64);
        super_steps += step.context("no checkpoint")?;
    }
    Ok(Ran {
        runs: runs as f64,
        steps,
        super_steps,
        seconds: took.as_secs_f64(),
        cpu_s,
    })
}

/// Runs the peer. Its database is in the folder of this run: the same disk as the platform's.
fn langgraph(context: &Context) -> Result<Peer> {
    let output = Command::new(&context.python)
        .arg(context.root.join("benches/peers/langgraph_loop.py"))
        .args(["--steps", &PEER_STEPS.to_string()])
        .args(["--threads", &CONCURRENCY.to_string()])
        .arg("--dir")
        .arg(context.path(""))
        .output()
        .context("there is no Python with LangGraph")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "LangGraph: {}",
            said.lines().last().unwrap_or("ended without a word")
        );
    }
    serde_json::from_slice(&output.stdout).context("LangGraph gave no figures")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(rate: f64) -> Peer {
        let rates = ["sync", "async"].map(|durability| Rate {
            durability: durability.to_owned(),
            threads: 16,
            steps_per_s: rate,
        });
        Peer {
            version: "1".to_owned(),
            rates: rates.into(),
        }
    }

    #[test]
    fn rates_of_the_peer_are_medians_by_kind() {
        let found = by_kind(&[peer(1.0), peer(9.0), peer(2.0)]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|(_, rate)| *rate == 2.0), "{found:?}");
        assert!(by_kind(&[]).is_empty());
    }

    #[test]
    fn without_the_peer_the_comparison_is_open() {
        let ran = || Ran {
            runs: 2000.0,
            steps: 8000.0,
            super_steps: 12_000.0,
            seconds: 4.0,
            cpu_s: 4.0,
        };
        let slow = Ran {
            seconds: 40.0,
            ..ran()
        };
        let round = Round {
            plain: ran(),
            judged: slow,
            looped: ran(),
        };
        let report = report(&[round], &[], "is missing");
        let verdicts: Vec<_> = report.targets.iter().map(|t| t.verdict).collect();
        use crate::report::Verdict;
        assert_eq!(
            verdicts,
            [Verdict::Pass, Verdict::Fail, Verdict::Unmeasured]
        );
    }
}
