//! Arize Phoenix on SQLite: the peer that people would use in the platform's place.
//!
//! It answers 200 before it stores, 503 while too much waits, and forgets what waits when it ends. So its answers say
//! nothing: what counts is what is in its database once that does not change any more. Sent more than it can store it gets
//! slower still, busy with reading what it will not keep; so it is sent as much as it stores and a little ahead.

use super::load::{self, AGAIN, Loaded, Target};
use super::spans::SPANS;
use super::template::{self, Template};
use crate::context::Context;
use crate::process::{Process, tail};
use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, OpenFlags};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

const START: Duration = Duration::from_secs(180);
/// The database does not change any more when it has not for so long. It writes in batches that take seconds.
const SETTLED: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Spans that it took and has not stored, beyond which it is sent no more: two of its batches.
pub(crate) const AHEAD: u64 = 2000;
/// How long a sender waits that may not send more.
const PAUSE: Duration = Duration::from_millis(20);

/// What was measured.
pub(crate) struct Measured {
    /// As it calls itself.
    pub(crate) version: String,
    /// What its answers were.
    pub(crate) loaded: Loaded,
    /// Spans in its database in the end.
    pub(crate) stored: u64,
    /// From the first request to the last span in the database.
    pub(crate) seconds: f64,
    /// Whether it was done before time was up.
    pub(crate) settled: bool,
    /// Processor time of its process.
    pub(crate) cpu_s: f64,
}

/// Loads it for half of `time`, and looks what is stored until that settles or time is up.
pub(crate) fn measure(
    context: &Context,
    program: &Path,
    templates: &[Template],
    connections: usize,
    time: Duration,
) -> Result<Measured> {
    let folder = context.path("phoenix");
    std::fs::create_dir_all(&folder)?;
    let (mut process, target) = start(context, program, &folder)?;
    let database = Connection::open_with_flags(
        folder.join("phoenix.db"),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .context("Phoenix made no database")?;
    database.busy_timeout(Duration::from_secs(10))?;
    let count = || -> Result<u64> {
        let sql = "SELECT count(*) FROM spans";
        Ok(database
            .query_row(sql, [], |row| row.get::<_, i64>(0))?
            .try_into()?)
    };
    let before = process.usage()?.cpu_s;
    let began = Instant::now();
    let (mut stored, mut changed) = (count()?, began);
    let mut settled = false;
    let (seen, taken) = (AtomicU64::new(stored), AtomicU64::new(0));
    let end = began + time / 2;
    let loaded = std::thread::scope(|scope| -> Result<Loaded> {
        let load = scope.spawn(|| load(&target, templates, connections, end, &seen, &taken));
        let mut quiet_since = began;
        while began.elapsed() < time {
            sleep(LOOK_EVERY);
            let now = count()?;
            if now != stored {
                (stored, changed) = (now, Instant::now());
                seen.store(now, Relaxed);
            }
            if !load.is_finished() || stored == 0 {
                quiet_since = Instant::now();
            }
            let all = load.is_finished() && stored >= taken.load(Relaxed);
            settled = all || quiet_since.max(changed).elapsed() >= SETTLED;
            if settled {
                break;
            }
        }
        match load.join() {
            Ok(loaded) => loaded,
            Err(_) => bail!("the load gave up"),
        }
    })?;
    let log = context.path("phoenix.log");
    process.must_live(&log)?;
    if stored == 0 {
        let (taken, said) = (loaded.spans, tail(&log));
        bail!("Phoenix took {taken} spans and stored none: {said}");
    }
    Ok(Measured {
        version: version(program),
        stored,
        seconds: (changed - began).as_secs_f64(),
        settled,
        cpu_s: process.usage()?.cpu_s - before,
        loaded,
    })
}

/// Sends until `end`, never much more than is `stored`.
fn load(
    target: &Target,
    templates: &[Template],
    connections: usize,
    end: Instant,
    stored: &AtomicU64,
    taken: &AtomicU64,
) -> Result<Loaded> {
    load::over(connections, |number| {
        let mut own = Loaded::default();
        let mut body = Vec::new();
        let mut templates = templates.iter().cycle().skip(number);
        while Instant::now() < end {
            if taken.load(Relaxed) >= stored.load(Relaxed) + AHEAD {
                sleep(PAUSE);
                continue;
            }
            let template = templates.next().context("there is nothing to send")?;
            template.fill(&template::fresh(), &mut body);
            // It hangs up on who pauses for five seconds.
            if load::send(&mut target.connect()?, &body)? {
                own.spans += SPANS as u64;
                taken.fetch_add(SPANS as u64, Relaxed);
            } else {
                own.refused += 1;
                sleep(AGAIN);
            }
        }
        Ok(own)
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn start(context: &Context, program: &Path, folder: &Path) -> Result<(Process, Target)> {
    let port = free_port()?;
    let mut command = Command::new(program);
    command
        .arg("serve")
        .env("PHOENIX_WORKING_DIR", folder)
        .env("PHOENIX_HOST", "127.0.0.1")
        .env("PHOENIX_PORT", port.to_string())
        .env("PHOENIX_GRPC_PORT", free_port()?.to_string())
        // Nothing that is not asked for here: no calls out, no assistant.
        .env("PHOENIX_TELEMETRY_ENABLED", "false")
        .env("PHOENIX_ALLOW_EXTERNAL_RESOURCES", "false")
        .env("PHOENIX_DISABLE_AGENT_ASSISTANT", "true");
    let log = context.path("phoenix.log");
    let mut process = Process::start(&mut command, &log).context("there is no Phoenix")?;
    let target = Target {
        addr: ([127, 0, 0, 1], port).into(),
        authorization: String::new(),
    };
    let end = Instant::now() + START;
    while target
        .connect()
        .and_then(|mut connection| connection.get("/healthz"))
        .is_err()
    {
        process.must_live(&log)?;
        if Instant::now() > end {
            bail!("Phoenix does not answer");
        }
        sleep(Duration::from_millis(200));
    }
    Ok((process, target))
}

/// The version of the package beside the program.
fn version(program: &Path) -> String {
    let script = "from importlib.metadata import version; print(version('arize-phoenix'))";
    let output = Command::new(program.with_file_name("python"))
        .args(["-c", script])
        .output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
