//! Campaigns: durable steps per second with an agent and a judge that answer at once, beside LangGraph.

use crate::api::{Api, text};
use crate::context::Context;
use crate::platform::Platform;
use crate::process::Process;
use crate::report::{Report, figure};
use crate::serve::{LISTENING, SAYS};
use crate::stats::{max, median};
use anyhow::{Context as _, Result, bail};
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

/// What one campaign did.
struct Ran {
    steps: f64,
    seconds: f64,
    /// Processor time of the platform.
    cpu_s: f64,
}

impl Ran {
    fn rate(&self) -> f64 {
        self.steps / self.seconds
    }
}

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
    let (_agent, addr) = agent(context)?;
    let api = Api::new(&platform);
    let (plain, judged) = specs(&api, &addr)?;
    let mut ours = Vec::new();
    let mut peers: Vec<Peer> = Vec::new();
    let mut absent = String::new();
    // Not counted: instances, caches, connections.
    run(&api, &platform, &plain)?;
    for round in 1..=ROUNDS {
        eprintln!("campaign: round {round} of {ROUNDS}");
        ours.push((
            run(&api, &platform, &plain)?,
            run(&api, &platform, &judged)?,
        ));
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
    let (plain, judged): (Vec<Ran>, Vec<Ran>) = ours.into_iter().unzip();
    Ok(report(&plain, &judged, &peers, &absent))
}

fn report(plain: &[Ran], judged: &[Ran], peers: &[Peer], absent: &str) -> Report {
    let middle = |runs: &[Ran], figure: fn(&Ran) -> f64| {
        median(&runs.iter().map(figure).collect::<Vec<_>>())
    };
    let rate = middle(plain, Ran::rate);
    let mut report = Report::new(
        "campaign: durable steps per second",
        &["what", "steps/s", "items/s", "ms CPU/step", "x ours"],
    );
    for (name, runs) in [
        ("assay, exact match", plain),
        ("assay, exact match and a judge", judged),
    ] {
        report.row([
            name.to_owned(),
            figure(middle(runs, Ran::rate)),
            figure(middle(runs, |ran| ITEMS as f64 / ran.seconds)),
            figure(middle(runs, |ran| 1e3 * ran.cpu_s / ran.steps)),
            figure(middle(runs, Ran::rate) / rate),
        ]);
    }
    let peer_rates = by_kind(peers);
    for (name, peer_rate) in &peer_rates {
        report.row([
            name.clone(),
            figure(*peer_rate),
            String::new(),
            String::new(),
            figure(peer_rate / rate),
        ]);
    }
    report.note(format!(
        "Medians of {ROUNDS} alternating rounds. {ITEMS} single-turn items, concurrency {CONCURRENCY}, embedded stores; a step is a \
         checkpoint that is on disk before the next step starts. Processor time is the platform's, not the agent's."
    ));
    let judged_rate = middle(judged, Ran::rate);
    report.at_least("campaign: durable steps/s", rate, 1000.0, "/s");
    report.at_least("campaign: the same with a judge", judged_rate, 1000.0, "/s");
    let what = "campaign: steps/s beside LangGraph's fastest";
    let fastest = max(&peer_rates.iter().map(|(_, rate)| *rate).collect::<Vec<_>>());
    if fastest > 0.0 {
        report.at_least(what, rate / fastest, 1.0, "x");
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
fn agent(context: &Context) -> Result<(Process, String)> {
    let this = std::env::current_exe().context("this program has no path")?;
    let mut command = Command::new(this);
    command.args(["serve", "chat"]);
    let log = context.path("agent.log");
    Process::start_until(&mut command, &log, LISTENING, Duration::from_secs(10))
}

/// A campaign without a judge and one with.
fn specs(api: &Api, addr: &str) -> Result<(Value, Value)> {
    let agent = json!({"name": "instant", "kind": "openai_chat", "url": format!("http://{addr}/v1/chat/completions")});
    let agent = api.create("/api/v1/agents", &agent)?;
    let judge = json!({"name": "instant", "base_url": format!("http://{addr}/judge/v1"), "model": "instant-1"});
    let judge = api.create("/api/v1/models", &judge)?;
    let dataset = api.dataset("many items", ITEMS, SAYS)?;
    let plain = json!({
        "name": "bench", "agent_id": agent, "dataset_id": dataset, "concurrency": CONCURRENCY,
        "metrics": [{"kind": "exact_match"}],
    });
    let mut judged = plain.clone();
    if let Some(spec) = judged.as_object_mut() {
        spec.insert("judge_model_id".to_owned(), judge.into());
        let metrics = json!([
            {"kind": "exact_match"},
            {"kind": "g_eval", "name": "apt", "params": {"evaluation_steps": ["Is the answer apt?"]}},
        ]);
        spec.insert("metrics".to_owned(), metrics);
    }
    Ok((plain, judged))
}

fn run(api: &Api, platform: &Platform, spec: &Value) -> Result<Ran> {
    let before = platform.usage()?.cpu_s;
    let id = api.create("/api/v1/campaigns", spec)?;
    let campaign = api.finished(&id, PATIENCE)?;
    let cpu_s = platform.usage()?.cpu_s - before;
    let passed = campaign.pointer("/summary/passed").and_then(Value::as_u64);
    if passed != u64::try_from(ITEMS).ok() {
        bail!("not every item passed: {campaign}");
    }
    // By the platform's own clock, so that it does not matter how often we ask.
    let time = |name: &str| -> Result<chrono::DateTime<chrono::FixedOffset>> {
        let text = text(&campaign, name)?;
        chrono::DateTime::parse_from_rfc3339(&text).with_context(|| format!("{name}: {text}"))
    };
    let took = (time("finished_at")? - time("created_at")?)
        .to_std()
        .context("the clock went back")?;
    let mut steps = 0.0;
    for run in api.runs(&id)? {
        let run = api.get(&format!("/api/v1/runs/{run}"))?;
        steps += run
            .get("steps")
            .and_then(Value::as_f64)
            .context("no steps")?;
    }
    Ok(Ran {
        steps,
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
        let ran = Ran {
            steps: 8000.0,
            seconds: 4.0,
            cpu_s: 4.0,
        };
        let report = report(&[ran], &[], &[], "is missing");
        let verdicts: Vec<_> = report.targets.iter().map(|t| t.verdict).collect();
        use crate::report::Verdict;
        assert_eq!(
            verdicts,
            [Verdict::Pass, Verdict::Fail, Verdict::Unmeasured]
        );
    }
}
