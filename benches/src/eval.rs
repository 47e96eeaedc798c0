//! Evaluation: what scoring costs by itself, cases per second over HTTP beside DeepEval, and how near judging comes to what the judge
//! alone takes.

use crate::api::Api;
use crate::campaign;
use crate::context::Context;
use crate::platform::Platform;
use crate::report::{Report, figure};
use crate::serve::{Answer, DELIBERATES};
use crate::stats::median;
use anyhow::{Context as _, Result, bail};
use assay_metrics::{Evaluation, Step};
use assay_model::{MetricSpec, TestCase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Cases that are scored over HTTP.
const CASES: usize = 10_000;
/// Cases of a request, and cases that come one by one, over so many connections.
const BATCH: usize = 250;
const SINGLE: usize = 2_000;
const CONNECTIONS: usize = 16;
/// Where one case is scored.
const EVALUATE: &str = "/api/v1/evaluate";
/// Cases that the peer scores: it takes a while for each.
const PEER_CASES: usize = 200;
/// Cases that a judge is asked for, and how many it is asked at once.
const JUDGED: usize = 2_000;
const AT_ONCE: usize = 64;
/// Times that a case is scored in process.
const TIMES: u32 = 2_000;

pub(crate) fn bench(context: &Context) -> Result<Report> {
    let mut report = Report::new("eval: scoring", &["what", "figure"]);
    report.note(format!(
        "Scoring alone is one case of about 200 words, in process, the mean of {TIMES}. Over HTTP each case has five metrics. \
         DeepEval's `evaluate` has two, which is all that it can do without a model: beside it are the same cases and two metrics. A judge takes {} ms for an answer.",
        DELIBERATES.as_millis()
    ));
    alone(&mut report)?;
    // The very first start compiles, and keeps some of the memory that this took.
    context.platform()?.stop()?;
    let platform = context.platform()?;
    let rate = over_http(&platform, &mut report)?;
    match deepeval(context) {
        Ok(peer) => {
            let name = format!("deepeval {}, cases/s", peer.version);
            report.row([name, figure(peer.cases_per_s)]);
            let ratio = rate / peer.cases_per_s;
            report.at_least("eval: cases per second beside DeepEval", ratio, 40.0, "x");
        }
        Err(error) => {
            report.unmeasured("eval: beside DeepEval", &format!("{error:#}"));
        }
    }
    judged(context, &platform, &mut report)?;
    platform.stop()?;
    Ok(report)
}

/// The metrics that need no judge and that the case has all fields for.
fn metrics() -> Value {
    json!([
        {"kind": "exact_match"},
        {"kind": "regex", "params": {"pattern": "Parcel \\d+ is in .*", "search": true}},
        {"kind": "contains", "params": {"values": ["Lyon"]}},
        {"kind": "tool_correctness"},
        {"kind": "latency", "params": {"max_ms": 5000}},
    ])
}

fn case(i: usize, words: usize) -> Value {
    let answer = format!("Parcel {i} is in Lyon and comes on Friday.");
    let more = "It left the hub in time. ".repeat(words / 6);
    let said = format!("{answer} {more}");
    let said = said.trim_end();
    json!({
        "input": format!("Where is parcel {i}?"), "actual_output": said, "expected_output": said, "latency_ms": 12.5,
        "tools_called": [{"name": "track", "input_parameters": {"id": i}}],
        "expected_tools": [{"name": "track", "input_parameters": {"id": i}}],
    })
}

/// A case as the peer has them.
fn plain(i: usize) -> Value {
    let answer = format!("Parcel {i} is in Lyon and comes on Friday.");
    json!({"input": format!("Where is parcel {i}?"), "actual_output": answer, "expected_output": answer})
}

/// What each metric costs without anything around it.
fn alone(report: &mut Report) -> Result<()> {
    let specs: Vec<MetricSpec> = serde_json::from_value(metrics())?;
    let case: TestCase = serde_json::from_value(case(1, 200))?;
    let mut worst = 0.0_f64;
    for spec in &specs {
        let rounds: Vec<f64> = (0..5)
            .map(|_| {
                let began = Instant::now();
                for _ in 0..TIMES {
                    let (_, step) = Evaluation::start(black_box(spec), black_box(&case));
                    drop(black_box(step));
                }
                began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
            })
            .collect();
        if let Step::Done(result) = Evaluation::start(spec, &case).1
            && result.score != Some(1.0)
        {
            bail!("{}: {}", result.name, result.reason);
        }
        let microseconds = median(&rounds);
        report.row([
            format!("{} alone, microseconds", spec.display_name()),
            figure(microseconds),
        ]);
        worst = worst.max(microseconds);
    }
    report.below("eval: a metric without a judge", worst, 50.0, " µs");
    Ok(())
}

/// Scores all cases, in batches and one by one; gives cases per second in batches of what the peer scores, by the same two metrics.
fn over_http(platform: &Platform, report: &mut Report) -> Result<f64> {
    let batch = |i: usize| {
        let cases: Vec<Value> = (0..BATCH).map(|j| case(i * BATCH + j, 0)).collect();
        json!({"cases": cases, "metrics": metrics()}).to_string()
    };
    let place = "/api/v1/evaluate/batch";
    // Instances, caches and connections are not counted; memory is compared with what a tenth needs.
    requests(platform, place, CASES / BATCH / 10, 2, batch)?;
    let before = platform.usage()?.rss_mib;
    let seconds = requests(platform, place, CASES / BATCH, 2, batch)?;
    let after = platform.usage()?.rss_mib;
    let rate = CASES as f64 / seconds;
    let same = |i: usize| {
        let cases: Vec<Value> = (0..BATCH).map(|j| plain(i * BATCH + j)).collect();
        let metrics = metrics()
            .as_array()
            .map(|all| all.iter().take(2).cloned().collect::<Vec<_>>());
        json!({"cases": cases, "metrics": metrics}).to_string()
    };
    let equal = CASES as f64 / requests(platform, place, CASES / BATCH, 2, same)?;
    let one = |i: usize| json!({"case": case(i, 0), "metrics": metrics()}).to_string();
    let alone = requests(platform, EVALUATE, SINGLE, CONNECTIONS, one)?;
    report.row([
        format!("assay, cases/s in batches of {BATCH}"),
        figure(rate),
    ]);
    report.row([
        "assay, the peer's cases and metrics, cases/s".to_owned(),
        figure(equal),
    ]);
    report.row([
        "assay, cases/s one by one".to_owned(),
        figure(SINGLE as f64 / alone),
    ]);
    report.row(["RSS MiB after a tenth".to_owned(), figure(before)]);
    report.row(["RSS MiB after all".to_owned(), figure(after)]);
    report.below("eval: 10,000 cases of five metrics", seconds, 10.0, " s");
    report.below(
        "eval: memory beside a tenth of the cases",
        after / before,
        1.2,
        "x",
    );
    Ok(equal)
}

/// A judge that deliberates, asked by many at once.
fn judged(context: &Context, platform: &Platform, report: &mut Report) -> Result<()> {
    let (_judge, addr) = campaign::agent(context, Answer::Deliberate)?;
    let api = Api::new(platform);
    let model = json!({
        "name": "deliberate", "base_url": format!("http://{addr}/judge/v1"), "model": "judge", "concurrency": AT_ONCE,
    });
    let model = api.create("/api/v1/models", &model)?;
    let body = |i: usize| {
        let judging = json!({"reuse": false});
        let steps = ["The answer says where the parcel is."];
        let metrics = json!([{"kind": "g_eval", "params": {"evaluation_steps": steps}}]);
        json!({"case": case(i, 0), "metrics": metrics, "judge_model_id": model, "judging": judging})
            .to_string()
    };
    // As many are under way as the judge may be asked at once, so that nobody waits for anything else.
    requests(platform, EVALUATE, AT_ONCE, AT_ONCE, body)?;
    let seconds = requests(platform, EVALUATE, JUDGED, AT_ONCE, body)?;
    let ideal = JUDGED.div_ceil(AT_ONCE) as f64 * DELIBERATES.as_secs_f64();
    report.row([format!("{JUDGED} judged, s"), figure(seconds)]);
    report.row(["the judge alone, s".to_owned(), figure(ideal)]);
    report.below("eval: judging beside the ideal", seconds / ideal, 1.15, "x");
    Ok(())
}

/// Sends so many requests over so many connections, and gives the seconds it took. Each must succeed. They are made before, as the peer's
/// cases are.
fn requests(
    platform: &Platform,
    place: &str,
    count: usize,
    connections: usize,
    body: impl Fn(usize) -> String,
) -> Result<f64> {
    let bodies: Vec<String> = (0..count).map(body).collect();
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = platform.connect()?;
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(sent) = bodies.get(i) else {
                            return Ok(());
                        };
                        let media = "application/json";
                        let status = connection.post(place, media, sent.as_bytes())?;
                        if status != 200 {
                            bail!("{place} answered {status}");
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            worker
                .join()
                .map_err(|_| anyhow::anyhow!("a client broke"))??;
        }
        Ok(began.elapsed().as_secs_f64())
    })
}

/// What the peer says of itself.
#[derive(Deserialize)]
struct Peer {
    version: String,
    cases_per_s: f64,
}

fn deepeval(context: &Context) -> Result<Peer> {
    let output = Command::new(&context.python)
        .arg(context.root.join("benches/peers/deepeval_evaluate.py"))
        .args(["--cases", &PEER_CASES.to_string()])
        .current_dir(context.path(""))
        .output()
        .context("there is no Python with DeepEval")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "DeepEval: {}",
            said.lines().last().unwrap_or("ended without a word")
        );
    }
    serde_json::from_slice(&output.stdout).context("DeepEval gave no figures")
}
