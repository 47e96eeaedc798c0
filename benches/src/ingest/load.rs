//! Load over several connections: as much as is taken, or at a fixed rate.

use super::spans::SPANS;
use super::template::{self, Template};
use crate::wire::Connection;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a sender waits that was told to come again.
pub(crate) const AGAIN: Duration = Duration::from_millis(100);

/// Where load goes to.
pub(crate) struct Target {
    /// The server.
    pub(crate) addr: SocketAddr,
    /// Goes with each request.
    pub(crate) authorization: String,
}

impl Target {
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.addr, &self.authorization)
            .with_context(|| format!("{} takes no connection", self.addr))
    }
}

/// When load ends.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After a time.
    Elapsed(Duration),
    /// After so many spans.
    Sent(u64),
}

/// What became of load.
#[derive(Default)]
pub(crate) struct Loaded {
    /// Spans of bodies that were answered 200.
    pub(crate) spans: u64,
    /// Bodies that were answered 429 or 503.
    pub(crate) refused: u64,
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
    /// Of each body that was taken.
    pub(crate) latencies_ms: Vec<f64>,
}

impl Loaded {
    /// Spans per second.
    pub(crate) fn rate(&self) -> f64 {
        self.spans as f64 / self.seconds
    }

    fn add(&mut self, other: Self) {
        self.spans += other.spans;
        self.refused += other.refused;
        self.latencies_ms.extend(other.latencies_ms);
    }
}

/// Sends one body; whether it was taken. A refusal to come back to is none, everything else is an error.
pub(crate) fn send(connection: &mut Connection, body: &[u8]) -> Result<bool> {
    match connection.post("/v1/traces", "application/x-protobuf", body)? {
        200 => Ok(true),
        429 | 503 => Ok(false),
        status => bail!("a body of spans was answered {status}"),
    }
}

/// Sends bodies over so many connections, each with the next one as soon as it has its answer. `taken` counts the spans as
/// they are taken.
pub(crate) fn closed(
    target: &Target,
    templates: &[Template],
    connections: usize,
    until: Until,
    taken: &AtomicU64,
) -> Result<Loaded> {
    let began = Instant::now();
    let sent = AtomicU64::new(0);
    let goes_on = || match until {
        Until::Elapsed(limit) => began.elapsed() < limit,
        Until::Sent(limit) => sent.fetch_add(SPANS as u64, Relaxed) < limit,
    };
    let mut all = over(connections, |number| {
        let mut connection = target.connect()?;
        let mut own = Loaded::default();
        let mut body = Vec::new();
        for template in templates.iter().cycle().skip(number) {
            if !goes_on() {
                break;
            }
            template.fill(&template::fresh(), &mut body);
            loop {
                let began = Instant::now();
                if send(&mut connection, &body)? {
                    own.latencies_ms.push(1e3 * began.elapsed().as_secs_f64());
                    own.spans += SPANS as u64;
                    taken.fetch_add(SPANS as u64, Relaxed);
                    break;
                }
                own.refused += 1;
                sleep(AGAIN);
                if let Until::Elapsed(_) = until
                    && !goes_on()
                {
                    break;
                }
            }
        }
        Ok(own)
    })?;
    all.seconds = began.elapsed().as_secs_f64();
    Ok(all)
}

/// Sends bodies at a fixed rate, whether earlier ones are answered or not, as long as a connection is free. Latencies count
/// from the moment at which a body was to be sent.
pub(crate) fn open(
    target: &Target,
    templates: &[Template],
    connections: usize,
    bodies_per_second: f64,
    time: Duration,
) -> Result<Loaded> {
    let count = (bodies_per_second * time.as_secs_f64()) as u64;
    let next = AtomicU64::new(0);
    // Everyone is connected when the first body is due.
    let began = Instant::now() + Duration::from_millis(200);
    let mut all = over(connections, |_| {
        let mut connection = target.connect()?;
        let mut own = Loaded::default();
        let mut body = Vec::new();
        loop {
            let number = next.fetch_add(1, Relaxed);
            if number >= count {
                return Ok(own);
            }
            let Some(template) = templates.get(number as usize % templates.len().max(1)) else {
                bail!("there is nothing to send");
            };
            template.fill(&template::fresh(), &mut body);
            let due = began + Duration::from_secs_f64(number as f64 / bodies_per_second);
            sleep(due.saturating_duration_since(Instant::now()));
            if send(&mut connection, &body)? {
                own.latencies_ms.push(1e3 * due.elapsed().as_secs_f64());
                own.spans += SPANS as u64;
            } else {
                own.refused += 1;
            }
        }
    })?;
    all.seconds = began.elapsed().as_secs_f64();
    Ok(all)
}

/// Runs `work` once a connection, all at once, and adds up what they did.
pub(crate) fn over(
    connections: usize,
    work: impl Fn(usize) -> Result<Loaded> + Sync,
) -> Result<Loaded> {
    std::thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (0..connections)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        let mut all = Loaded::default();
        for worker in workers {
            match worker.join() {
                Ok(done) => all.add(done?),
                Err(_) => bail!("a sender gave up"),
            }
        }
        Ok(all)
    })
}
