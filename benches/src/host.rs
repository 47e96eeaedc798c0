//! The engine: a hello component in the platform, beside bare hyper and `wasmtime serve`.

use crate::context::Context;
use crate::process::{Process, Usage};
use crate::report::{Report, figure};
use crate::serve::LISTENING;
use crate::stats::median;
use crate::wire::{Call, Connection};
use crate::wrk::{self, Round};
use anyhow::{Context as _, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Rounds of load; peers alternate, so that a busy moment of the machine hits all of them.
const ROUNDS: usize = 5;
const SECONDS: u32 = 5;
pub(crate) const ROUTE: &str = "/bench-hello";

/// What Spin, and so the platform's engine, tells a component about each request; here for the peer that does not.
const SPIN_HEADERS: [&str; 8] = [
    "spin-full-url: http://127.0.0.1:3210/bench-hello",
    "spin-path-info: ",
    "spin-matched-route: /bench-hello",
    "spin-raw-component-route: /bench-hello",
    "spin-component-route: /bench-hello",
    "spin-base-path: /",
    "spin-client-addr: 127.0.0.1:40000",
    "x-request-id: 0123456789abcdef0123456789abcdef",
];

/// One server under load.
struct Peer {
    name: &'static str,
    url: String,
    headers: &'static [&'static str],
    rounds: Vec<Round>,
    usage: Option<Usage>,
}

impl Peer {
    fn new(name: &'static str, url: String) -> Self {
        Self {
            name,
            url,
            headers: &[],
            rounds: Vec::new(),
            usage: None,
        }
    }

    fn load(&self, seconds: u32) -> Result<Round> {
        wrk::load(&self.url, self.headers, seconds)
    }

    fn middle(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(&self.rounds.iter().map(figure).collect::<Vec<_>>())
    }

    fn per_second(&self) -> f64 {
        self.middle(|round| round.per_second)
    }

    fn p99_ms(&self) -> f64 {
        self.middle(|round| round.p99_ms)
    }
}

pub(crate) fn bench(context: &Context) -> Result<Report> {
    let platform = context.platform_of(&manifest(context)?)?;
    let (hyper, hyper_addr) = bare_hyper(context)?;
    let mut peers = vec![
        Peer::new("bare hyper", format!("http://{hyper_addr}/")),
        Peer::new("assay", format!("{}{ROUTE}", platform.url())),
    ];
    let (wasmtime, absent) = match wasmtime_serve(context) {
        Ok((process, addr)) => {
            let url = format!("http://{addr}/");
            peers.push(Peer::new("wasmtime serve", url.clone()));
            let mut told = Peer::new("wasmtime serve, sent Spin's headers", url);
            told.headers = &SPIN_HEADERS;
            peers.push(told);
            (Some(process), String::new())
        }
        Err(error) => {
            let absent = format!("{error:#}");
            eprintln!("WITHOUT wasmtime serve: {absent}");
            (None, absent)
        }
    };
    // One short round each, not counted: instances, caches, the processor's clock.
    for peer in &peers {
        peer.load(1)?;
    }
    for round in 1..=ROUNDS {
        eprintln!("host: round {round} of {ROUNDS}");
        for peer in &mut peers {
            peer.rounds.push(peer.load(SECONDS)?);
        }
    }
    let theirs = wasmtime.as_ref().map(Process::usage).transpose()?;
    let usages = [
        Some(hyper.usage()?),
        Some(platform.usage()?),
        theirs,
        theirs,
    ];
    for (peer, usage) in peers.iter_mut().zip(usages) {
        peer.usage = usage;
    }
    Ok(report(&peers, &absent, &version(context)))
}

fn report(peers: &[Peer], absent: &str, version: &str) -> Report {
    let mut report = Report::new(
        "host: a hello component under load (wrk -t1 -c16)",
        &[
            "server", "req/s", "p50 ms", "p99 ms", "RSS MiB", "x hyper", "x ours",
        ],
    );
    let rate = |index: usize| peers.get(index).map(Peer::per_second);
    let p99 = |index: usize| peers.get(index).map_or(0.0, Peer::p99_ms);
    let (hyper, ours) = (rate(0).unwrap_or_default(), rate(1).unwrap_or_default());
    for peer in peers {
        report.row([
            peer.name.to_owned(),
            figure(peer.per_second()),
            figure(peer.middle(|round| round.p50_ms)),
            figure(peer.p99_ms()),
            figure(peer.usage.map_or(0.0, |usage| usage.rss_mib)),
            figure(peer.per_second() / hyper),
            figure(peer.per_second() / ours),
        ]);
    }
    report.note(format!(
        "Medians of {ROUNDS} alternating rounds of {SECONDS} s. {version}. `assay` is the whole platform with one more component. \
         Each header costs the component a few calls; the last row is the peer with as many as Spin's interface demands."
    ));
    report.at_least("host: requests/s beside bare hyper", ours / hyper, 0.4, "x");
    let what = "host: requests/s beside wasmtime serve";
    match rate(2) {
        Some(theirs) => report.at_least(what, ours / theirs, 0.8, "x"),
        None => report.unmeasured(what, absent),
    }
    report.below("host: p99 beside bare hyper's", p99(1) / p99(0), 5.0, "x");
    report
}

/// The application as it ships, and the hello component on a route of its own.
pub(crate) fn manifest(context: &Context) -> Result<PathBuf> {
    if !context.hello.is_file() {
        bail!(
            "{}: not built; run `cargo xtask bench`",
            context.hello.display()
        );
    }
    let text = std::fs::read_to_string(context.manifest()).context("cannot read spin.toml")?;
    let hello = context.hello.to_str().context("no UTF-8 path")?;
    let text = with_hello(
        &text,
        context.root.to_str().context("no UTF-8 path")?,
        hello,
    )?;
    let path = context.path("hello.toml");
    std::fs::write(&path, text).context("cannot write a manifest")?;
    Ok(path)
}

fn with_hello(text: &str, root: &str, hello: &str) -> Result<String> {
    let mut manifest: toml::Table = text.parse().context("spin.toml is not TOML")?;
    let components = manifest
        .get_mut("component")
        .and_then(toml::Value::as_table_mut)
        .context("spin.toml has no components")?;
    for (_, component) in components.iter_mut() {
        if let Some(toml::Value::String(source)) = component.get_mut("source") {
            *source = format!("{root}/{source}");
        }
    }
    let mut added = toml::Table::new();
    added.insert("source".to_owned(), hello.into());
    components.insert("hello".to_owned(), added.into());
    let mut route = toml::Table::new();
    route.insert("route".to_owned(), ROUTE.into());
    route.insert("component".to_owned(), "hello".into());
    manifest
        .get_mut("trigger")
        .and_then(|trigger| trigger.get_mut("http"))
        .and_then(toml::Value::as_array_mut)
        .context("spin.toml has no routes")?
        .push(route.into());
    Ok(manifest.to_string())
}

fn bare_hyper(context: &Context) -> Result<(Process, SocketAddr)> {
    let this = std::env::current_exe().context("this program has no path")?;
    let log = context.path("hyper.log");
    let patience = Duration::from_secs(10);
    let mut command = Command::new(this);
    command.args(["serve", "hello"]);
    let (process, addr) = Process::start_until(&mut command, &log, LISTENING, patience)?;
    Ok((process, addr.parse().context("no address")?))
}

/// `wasmtime serve` with its own defaults for instance reuse, on the same file.
fn wasmtime_serve(context: &Context) -> Result<(Process, SocketAddr)> {
    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let log = context.path("wasmtime.log");
    let mut command = Command::new(&context.wasmtime);
    command
        .args(["serve", "-S", "p3,cli", "-W", "component-model-async"])
        .args(["--addr", &addr.to_string()])
        .arg(&context.hello);
    let mut process = Process::start(&mut command, &log)?;
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        process.must_live(&log)?;
        let answered = Connection::open(addr, "")
            .ok()
            .and_then(|mut connection| connection.succeed(&Call::get("/")).ok());
        if answered.is_some() {
            return Ok((process, addr));
        }
        if Instant::now() > end {
            bail!("wasmtime serve does not answer");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn version(context: &Context) -> String {
    let output = Command::new(&context.wasmtime).arg("--version").output();
    output.ok().map_or_else(
        || "Without wasmtime".to_owned(),
        |output| {
            let said = String::from_utf8_lossy(&output.stdout);
            let mut words = said.split_whitespace();
            format!(
                "{} {}",
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default()
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hello_component_joins_the_application() {
        let text = "[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"b\"\n[component.b]\nsource = \"b.wasm\"\n";
        let made: toml::Table = with_hello(text, "/r", "/h.wasm").unwrap().parse().unwrap();
        assert_eq!(made["component"]["b"]["source"].as_str(), Some("/r/b.wasm"));
        assert_eq!(
            made["component"]["hello"]["source"].as_str(),
            Some("/h.wasm")
        );
        assert_eq!(made["trigger"]["http"][1]["route"].as_str(), Some(ROUTE));
    }
}
