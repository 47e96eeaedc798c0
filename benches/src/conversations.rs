//! Many conversations at once with an agent that takes a second for each answer: how near their time is to what the agent alone
//! would take, and the memory that they need.

use crate::api::Api;
use crate::campaign::{self, Ran};
use crate::context::Context;
use crate::platform::Platform;
use crate::report::{Report, figure};
use crate::serve::{Answer, SAYS, THINKS};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const CONVERSATIONS: usize = 1000;
/// As many as that go on at once, and as many turns of the user each has.
const SHAPES: [(usize, usize); 2] = [(CONVERSATIONS, 10), (250, 5)];
/// How often memory is read.
const LOOKS: Duration = Duration::from_millis(100);

pub(crate) fn bench(context: &Context) -> Result<Report> {
    // The very first start compiles, and keeps some of the memory that this took.
    context.platform()?.stop()?;
    let platform = context.platform()?;
    let (_agent, addr) = campaign::agent(context, Answer::Thoughtful)?;
    let api = Api::new(&platform);
    let agent = json!({"name": "thoughtful", "kind": "openai_chat", "url": format!("http://{addr}/v1/chat/completions")});
    let agent = api.create("/api/v1/agents", &agent)?;
    let mut report = Report::new(
        "conversations: an agent that takes a second",
        &[
            "what",
            "s",
            "ideal s",
            "x ideal",
            "s CPU",
            "RSS MiB before",
            "at most",
        ],
    );
    report.note(format!(
        "{CONVERSATIONS} scripted conversations, each scored by exact match. Ideal is what the agent's answers alone take at that \
         concurrency. The agent and the platform share the machine."
    ));
    let mut most = 0.0_f64;
    for (at_once, turns) in SHAPES {
        eprintln!("conversations: {at_once} at once");
        let dataset = dataset(&api, turns)?;
        let spec = json!({
            "name": "conversations", "agent_id": agent, "dataset_id": dataset, "concurrency": at_once,
            "metrics": [{"kind": "exact_match"}],
        });
        let before = platform.usage()?.rss_mib;
        let (ran, peak) = watched(&platform, || {
            campaign::run(&api, &platform, &spec, CONVERSATIONS)
        })?;
        let waves = CONVERSATIONS.div_ceil(at_once) * turns;
        let ideal = THINKS.as_secs_f64() * waves as f64;
        let beside = ran.seconds / ideal;
        report.row([
            format!("{at_once} at once, {turns} turns"),
            figure(ran.seconds),
            figure(ideal),
            figure(beside),
            figure(ran.cpu_s),
            figure(before),
            figure(peak),
        ]);
        let what = format!("conversations: time beside the ideal, {at_once} at once");
        report.below(&what, beside, 1.3, "x");
        most = most.max(peak);
    }
    report.below("conversations: peak memory", most, 400.0, " MiB");
    platform.stop()?;
    Ok(report)
}

/// Conversations whose user says so many things and wants the same answer to each.
fn dataset(api: &Api, turns: usize) -> Result<String> {
    let id = api.create(
        "/api/v1/datasets",
        &json!({"name": format!("{turns} turns")}),
    )?;
    let items: Vec<Value> = (0..CONVERSATIONS)
        .map(|i| {
            let turns: Vec<String> = (0..turns).map(|t| format!("ping {i} {t}")).collect();
            json!({"key": format!("c-{i:06}"), "turns": turns, "expected_output": SAYS})
        })
        .collect();
    api.post(
        &format!("/api/v1/datasets/{id}/items"),
        &json!({ "items": items }),
    )?;
    Ok(id)
}

/// What `work` gives, and the most memory that the platform had meanwhile, in MiB.
fn watched(platform: &Platform, work: impl FnOnce() -> Result<Ran>) -> Result<(Ran, f64)> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| -> Result<f64> {
            let mut most = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                most = most.max(platform.usage()?.rss_mib);
                thread::sleep(LOOKS);
            }
            Ok(most)
        });
        let ran = work();
        over.store(true, Ordering::Relaxed);
        match watcher.join() {
            Ok(most) => Ok((ran?, most?)),
            Err(_) => bail!("memory could not be read"),
        }
    })
}
