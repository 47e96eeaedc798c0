//! The library of resources: what a proven caller pays for reading one, and for a page of very many.

use crate::api::Api;
use crate::context::Context;
use crate::host::{ROUTE, manifest};
use crate::platform::{Platform, authorization};
use crate::report::{Report, figure};
use crate::stats::median;
use crate::wrk::{self, Round};
use anyhow::{Context as _, Result, bail};
use serde_json::json;

/// Rounds of load, alternating.
const ROUNDS: usize = 5;
const SECONDS: u32 = 3;
/// Rows of the small library and of the large one.
const FEW: usize = 1_000;
const MANY: usize = 100_000;
/// Requests at once while the library is filled.
const WRITERS: usize = 8;

/// Makes agents from the number `from` on, so that there are `to`.
fn fill(platform: &Platform, from: usize, to: usize) -> Result<()> {
    eprintln!("library: {to} agents");
    std::thread::scope(|scope| {
        let write = |writer: usize| {
            move || -> Result<()> {
                let api = Api::new(platform);
                for i in (from + writer..to).step_by(WRITERS) {
                    let agent = json!({
                        "name": format!("agent {i:06}"), "kind": "openai_chat", "description": "Answers questions about orders",
                        "url": "https://bot.example.com/v1/chat/completions", "auth": {"type": "bearer"},
                    });
                    api.create("/api/v1/agents", &agent)?;
                }
                Ok(())
            }
        };
        let writers: Vec<_> = (0..WRITERS).map(|w| scope.spawn(write(w))).collect();
        for writer in writers {
            match writer.join() {
                Ok(done) => done?,
                Err(_) => bail!("a writer gave up"),
            }
        }
        Ok(())
    })
}

fn middle(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    median(&rounds.iter().map(of).collect::<Vec<_>>())
}

fn row(report: &mut Report, what: &str, rounds: &[Round], hello: f64) {
    let rate = middle(rounds, |r| r.per_second);
    report.row([
        what.to_owned(),
        figure(rate),
        figure(middle(rounds, |r| r.p50_ms)),
        figure(middle(rounds, |r| r.p99_ms)),
        figure(rate / hello),
    ]);
}

pub(crate) fn bench(context: &Context) -> Result<Report> {
    // On data of its own: a hundred thousand agents would be in the way of the other benchmarks.
    let platform = Platform::start(context, &manifest(context)?, &context.path("library"))?;
    let header = format!("authorization: {}", authorization());
    let headers = [header.as_str()];
    fill(&platform, 0, FEW)?;
    let api = Api::new(&platform);
    let page = api.get("/api/v1/agents?limit=1")?;
    let agent = page
        .pointer("/data/0/id")
        .and_then(serde_json::Value::as_str);
    let one = format!(
        "{}/api/v1/agents/{}",
        platform.url(),
        agent.context("no agent")?
    );
    let hello_url = format!("{}{ROUTE}", platform.url());
    let list = format!("{}/api/v1/agents?limit=50", platform.url());

    for url in [&hello_url, &one, &list] {
        wrk::load(url, &headers, 1)?;
    }
    let (mut hello, mut get, mut few) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("library: round {round} of {ROUNDS}");
        hello.push(wrk::load(&hello_url, &[], SECONDS)?);
        get.push(wrk::load(&one, &headers, SECONDS)?);
        few.push(wrk::load(&list, &headers, SECONDS)?);
    }
    let mut crowd = Vec::new();
    for _ in 0..ROUNDS {
        crowd.push(wrk::load_over(64, &one, &headers, SECONDS)?);
    }
    fill(&platform, FEW, MANY)?;
    wrk::load(&list, &headers, 1)?;
    let mut many = Vec::new();
    for _ in 0..ROUNDS {
        many.push(wrk::load(&list, &headers, SECONDS)?);
    }

    let mut report = Report::new(
        "library: authorised reads on embedded SQLite (wrk -t1)",
        &["what", "req/s", "p50 ms", "p99 ms", "x hello"],
    );
    let base = middle(&hello, |r| r.per_second);
    row(&mut report, "hello, 16 connections", &hello, base);
    row(&mut report, "GET an agent, 16 connections", &get, base);
    row(&mut report, "GET an agent, 64 connections", &crowd, base);
    row(&mut report, "a page of 50 of 1,000 agents", &few, base);
    row(&mut report, "a page of 50 of 100,000 agents", &many, base);
    report.note(format!(
        "Medians of {ROUNDS} rounds of {SECONDS} s. Each read proves an API key and its role in the database, as every request does."
    ));
    let rate = |rounds: &[Round]| middle(rounds, |r| r.per_second);
    report.at_least(
        "library: authorised GET beside hello",
        rate(&get) / base,
        0.35,
        "x",
    );
    let p99 = middle(&crowd, |r| r.p99_ms);
    report.below("library: p99 of GET at 64 connections", p99, 20.0, " ms");
    let cost = rate(&few) / rate(&many);
    report.below(
        "library: a page of 100,000 beside one of 1,000",
        cost,
        1.5,
        "x",
    );
    Ok(report)
}
