//! The native peer: the same rows by hyper, prost and rusqlite, with nothing in between.
//!
//! It keeps the platform's promise, and no other: an answer of 200 means that the spans are in a committed transaction. It
//! proves no key, checks no span and has one table layout.

use super::columns::{self, Conflict, Insert, PRAGMAS};
use super::proto::Request;
use super::rows::{self, Rows};
use super::template::now_nanos;
use crate::serve::LISTENING;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prost::Message;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::convert::Infallible;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// From here on the write-ahead log is moved into the file, beside the writer, as the embedded engine does it.
const CHECKPOINT_BYTES: u64 = 4 << 20;
const CHECK_EVERY: Duration = Duration::from_millis(200);

/// Rows to write, and whom to tell.
type Job = (Rows, oneshot::Sender<bool>);

/// Serves on a free loopback port until killed, on a new database with the platform's tables.
pub(crate) fn run(database: &Path, migrations: &Path) -> Result<()> {
    let connection = Connection::open(database).context("cannot make a database")?;
    connection.execute_batch(PRAGMAS)?;
    columns::migrate(&connection, migrations)?;
    let (jobs, queue) = channel();
    std::thread::spawn(move || {
        if let Err(error) = write(&connection, &queue) {
            eprintln!("error: {error:#}");
        }
    });
    let path = database.to_owned();
    std::thread::spawn(move || checkpoint(&path));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads")?;
    runtime.block_on(serve(jobs))
}

async fn serve(jobs: Sender<Job>) -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{LISTENING}{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let jobs = jobs.clone();
        let service = service_fn(move |request| take(request, jobs.clone()));
        let mut http = http1::Builder::new();
        // A client that goes away in the middle is no matter here.
        let connection = http
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}

async fn take(
    request: hyper::Request<Incoming>,
    jobs: Sender<Job>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = match request.into_body().collect().await {
        Ok(body) => keep(body.to_bytes(), &jobs).await,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    Ok(response)
}

async fn keep(body: Bytes, jobs: &Sender<Job>) -> StatusCode {
    let Ok(request) = Request::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let (done, durable) = oneshot::channel();
    let sent = jobs.send((rows::rows(request, now_nanos()), done));
    match (sent, durable.await) {
        (Ok(()), Ok(true)) => StatusCode::OK,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// One transaction a request, one after the other: SQLite has one writer.
fn write(database: &Connection, queue: &Receiver<Job>) -> Result<()> {
    let prepare = |table: &str, known: &[&str]| -> Result<(Insert, rusqlite::Statement<'_>)> {
        let insert = columns::insert(database, table, known, Conflict::Replace)?;
        let statement = database.prepare(&insert.sql)?;
        Ok((insert, statement))
    };
    let (of_traces, mut traces) = prepare("traces", &rows::TRACE)?;
    let (of_observations, mut observations) = prepare("observations", &rows::OBSERVATION)?;
    for (rows, done) in queue {
        let transaction = database.unchecked_transaction()?;
        for row in &rows.traces {
            traces.execute(rusqlite::params_from_iter(values(row, &of_traces)))?;
        }
        for row in &rows.observations {
            observations.execute(rusqlite::params_from_iter(values(row, &of_observations)))?;
        }
        transaction.commit()?;
        // Who asked may be gone.
        let _ = done.send(true);
    }
    Ok(())
}

fn values<'a>(row: &'a [Value], insert: &'a Insert) -> impl Iterator<Item = &'a Value> {
    insert.used.iter().filter_map(|index| row.get(*index))
}

fn checkpoint(database: &Path) {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let Ok(connection) = Connection::open(database) else {
        return;
    };
    loop {
        std::thread::sleep(CHECK_EVERY);
        if std::fs::metadata(&log).is_ok_and(|meta| meta.len() >= CHECKPOINT_BYTES) {
            // What cannot be moved now is moved the next time.
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}
