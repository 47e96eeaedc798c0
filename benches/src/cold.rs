//! Starting: the platform with code that was compiled before, and a component that has no instance yet.

use crate::context::Context;
use crate::platform::{self, COMPONENTS, authorization};
use crate::process::Process;
use crate::report::{Report, figure};
use crate::stats::{max, median};
use crate::wire::{Call, Connection};
use anyhow::{Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// Starts of the platform for each first request.
const STARTS: usize = 7;
/// Starts after which each component is asked.
const ROUNDS: usize = 5;
/// Longer than the engine keeps an instance without work.
const INSTANCES_GONE: Duration = Duration::from_secs(7);

/// The first request of a person, of a program, and of an orchestrator of containers.
const FIRST: [(&str, Call); 3] = [
    ("GET /healthz (the engine alone)", Call::get("/healthz")),
    ("GET / (a component)", Call::get("/")),
    (
        "GET /api/v1/me (a component, key checked)",
        Call::get("/api/v1/me"),
    ),
];

pub(crate) fn bench(context: &Context) -> Result<Report> {
    // Compiles, and makes the first owner.
    context.platform()?.stop()?;
    let mut report = Report::new(
        "cold: milliseconds to the first answer",
        &["what", "median ms", "slowest ms", "after idling", "warm"],
    );
    starts(context, &mut report)?;
    components(context, &mut report)?;
    report.note(format!(
        "Starts: from the process's start to the last byte of the first 200, {STARTS} starts each. Components: the first request after \
         a start, the first after {} s without any (the engine drops idle instances after 5 s), and the next one; {ROUNDS} starts.",
        INSTANCES_GONE.as_secs()
    ));
    Ok(report)
}

/// The platform's first answer. The slowest kind of first request is the one that counts.
fn starts(context: &Context, report: &mut Report) -> Result<()> {
    let mut took = vec![Vec::new(); FIRST.len()];
    for start in 1..=STARTS {
        eprintln!("cold: start {start} of {STARTS}");
        for ((_, call), sample) in FIRST.iter().zip(&mut took) {
            sample.push(first_answer(context, call)?);
        }
    }
    for ((name, _), sample) in FIRST.iter().zip(&took) {
        report.row([
            (*name).to_owned(),
            figure(median(sample)),
            figure(max(sample)),
            String::new(),
            String::new(),
        ]);
    }
    let medians: Vec<f64> = took.iter().map(|sample| median(sample)).collect();
    report.below(
        "cold: start to first 200 (slowest kind)",
        max(&medians),
        300.0,
        " ms",
    );
    Ok(())
}

/// Milliseconds from the start of the process to the end of its first answer.
fn first_answer(context: &Context, call: &Call) -> Result<f64> {
    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let log = platform::log(context);
    let mut command = platform::command(
        context,
        &context.manifest(),
        &context.path("data"),
        &addr.to_string(),
    );
    let began = Instant::now();
    let mut process = Process::start(&mut command, &log)?;
    while !answers(addr, call) {
        process.must_live(&log)?;
        if began.elapsed() > Duration::from_secs(60) {
            bail!("the platform does not answer {}", call.path);
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let took = began.elapsed().as_secs_f64() * 1e3;
    process.terminate()?;
    Ok(took)
}

fn answers(addr: SocketAddr, call: &Call) -> bool {
    Connection::open(addr, &authorization())
        .is_ok_and(|mut connection| connection.succeed(call).is_ok())
}

/// What was measured of one component, in milliseconds.
#[derive(Clone, Default)]
struct Sample {
    fresh: Vec<f64>,
    idled: Vec<f64>,
    warm: Vec<f64>,
}

fn components(context: &Context, report: &mut Report) -> Result<()> {
    let mut samples = vec![Sample::default(); COMPONENTS.len()];
    for round in 0..ROUNDS {
        eprintln!("cold: components, round {} of {ROUNDS}", round + 1);
        let platform = context.platform()?;
        let mut connection = platform.connect()?;
        connection.succeed(&Call::get("/healthz"))?;
        let mut ask =
            |call: &Call| -> Result<f64> { Ok(connection.succeed(call)?.as_secs_f64() * 1e3) };
        // Another one begins each time, so that none pays each time for what components share.
        let order = |samples: &mut Vec<Sample>,
                     f: &mut dyn FnMut(&Call, &mut Sample) -> Result<()>| {
            let mut pairs: Vec<_> = COMPONENTS.iter().zip(samples).collect();
            let by = round % pairs.len();
            pairs.rotate_left(by);
            pairs
                .into_iter()
                .try_for_each(|((_, call), sample)| f(call, sample))
        };
        order(&mut samples, &mut |call, sample| {
            sample.fresh.push(ask(call)?);
            sample.warm.push(ask(call)?);
            Ok(())
        })?;
        std::thread::sleep(INSTANCES_GONE);
        order(&mut samples, &mut |call, sample| {
            sample.idled.push(ask(call)?);
            Ok(())
        })?;
        platform.stop()?;
    }
    for ((name, _), sample) in COMPONENTS.iter().zip(&samples) {
        report.row([
            format!("first request to {name}"),
            figure(median(&sample.fresh)),
            figure(max(&sample.fresh)),
            figure(median(&sample.idled)),
            figure(median(&sample.warm)),
        ]);
    }
    let firsts = samples
        .iter()
        .flat_map(|sample| [median(&sample.fresh), median(&sample.idled)]);
    report.below(
        "cold: first request to a component (slowest component)",
        max(&firsts.collect::<Vec<_>>()),
        5.0,
        " ms",
    );
    Ok(())
}
