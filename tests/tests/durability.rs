//! What was acknowledged is stored, exactly: while the platform is killed again and again, while ClickHouse is killed,
//! frozen, full and read-only, while PostgreSQL with the spool in it is killed.
//!
//! Each test loads the platform by several connections, keeps the books of what was answered, and compares them with what
//! is read back. Nothing waits for a time: the next blow falls when so much more was acknowledged, or refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{
    App, ClickHouseServer, Client, Fault, FaultProxy, Load, PostgresServer, Random, Stores,
    wait_for,
};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long what waits in the spool may take to arrive, in seconds: the sweep comes by every five.
const DRAINED_S: u64 = 200;
/// Between two batches of a connection, where ClickHouse is the store: its engine takes one statement at a time.
const PACE: Duration = Duration::from_millis(100);

#[test]
fn a_platform_that_is_killed_under_load_keeps_what_it_acknowledged() {
    const KILLS: u64 = 6;
    let dir = tempfile::tempdir().expect("a folder");
    let mut random = Random::seeded();
    let mut app = App::at(dir.path(), &Stores::embedded()).start();
    let load = Load::begin(app.client(), Duration::ZERO);
    for _ in 0..KILLS {
        load.wait(5 + random.below(60));
        app.kill();
        app = App::at(dir.path(), &Stores::embedded()).start();
        load.move_to(app.client());
    }
    load.wait(20);
    let (unanswered, refused) = (load.unanswered(), load.refused());
    let books = load.end();
    // A kill between two requests proves nothing.
    assert!(unanswered >= KILLS, "{unanswered} requests were cut off");
    assert_eq!(refused, 0);
    assert!(
        !books.all_acknowledged(),
        "a batch without an answer that nobody sent again"
    );
    books.compare(&app.client(), 1);
}

/// One thing that is said anew again and again, each time after the last was acknowledged.
struct Updates {
    stopped: Arc<AtomicBool>,
    writer: JoinHandle<u64>,
}

impl Updates {
    fn begin(client: Client) -> Self {
        let stopped = Arc::<AtomicBool>::default();
        let end = stopped.clone();
        let writer = std::thread::spawn(move || {
            let mut version = 0;
            while !end.load(Ordering::SeqCst) {
                let name = format!("version {}", version + 1);
                let batch = json!({
                    "traces": [{"id": "updated", "user_id": name, "tags": [name.split(' ').next()]}],
                    "observations": [{"id": "o", "trace_id": "updated", "name": "said", "output": name, "start_time": "2026-11-20T10:00:00Z"}],
                    "scores": [{"id": "updated-score", "trace_id": "updated", "name": "n", "value": version + 1}],
                });
                let answer = client.post("/api/v1/ingest", &batch).expect(200);
                assert_eq!(answer["accepted"], 3);
                version += 1;
                std::thread::sleep(PACE);
            }
            version
        });
        Self { stopped, writer }
    }

    /// Stops; the last version that was acknowledged.
    fn end(self) -> u64 {
        self.stopped.store(true, Ordering::SeqCst);
        self.writer.join().expect("the writer")
    }
}

/// Ends the load, waits until nothing waits any more, and compares.
fn settle(client: &Client, load: Load, updates: Updates, spooled: impl Fn() -> u64) {
    assert_eq!((load.refused(), load.unanswered()), (0, 0));
    let books = load.end();
    assert!(books.all_acknowledged());
    let last = updates.end();
    wait_for("the spool is empty", DRAINED_S, || {
        (spooled() == 0).then_some(())
    });
    books.compare(client, 1);
    // What waited came in after what was said later, and changed none of it.
    let trace = client.get("/api/v1/traces/updated").expect(200);
    let word = format!("version {last}");
    let words = json!([
        trace["user_id"],
        trace["observations"][0]["output"],
        trace["scores"][0]["value"]
    ]);
    assert_eq!(words, json!([word, word, last as f64]));
    assert_eq!(trace["observations"].as_array().map(Vec::len), Some(1));
    assert_eq!(trace["scores"].as_array().map(Vec::len), Some(1));
    eprintln!("{last} updates");
}

/// Batches that wait in the embedded database.
fn in_sqlite(engine: &ClickHouseServer, data: &Path) -> u64 {
    let count = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM trace_spool').fetchone()[0])";
    let said = Command::new(engine.python())
        .args(["-c", count])
        .arg(data.join("sqlite_db.db"))
        .output()
        .expect("python");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.trim().parse().expect("a count")
}

/// Batches that wait in PostgreSQL.
fn in_postgres(url: &str) -> u64 {
    let mut db = postgres::Client::connect(url, postgres::NoTls).expect("connect");
    let row = db.query_one("SELECT count(*) FROM trace_spool", &[]);
    let count: i64 = row.expect("a count").get(0);
    count.unsigned_abs()
}

#[test]
fn clickhouse_that_is_killed_and_frozen_under_load_gets_what_was_acknowledged() {
    let Some(mut engine) = ClickHouseServer::start() else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::at(dir.path(), &engine.stores()).start();
    let load = Load::begin(app.client(), PACE);
    let updates = Updates::begin(app.client());
    load.wait(20);
    engine.kill();
    load.wait(60);
    assert!(
        in_sqlite(&engine, dir.path()) > 0,
        "nothing is in the spool"
    );
    engine.restart();
    load.wait(40);
    engine.freeze();
    load.wait(60);
    engine.thaw();
    load.wait(20);
    settle(&app.client(), load, updates, || {
        in_sqlite(&engine, dir.path())
    });
}

#[test]
fn postgres_keeps_what_clickhouse_refuses_under_load() {
    let (Some(mut stores), Some(rows)) = (Stores::clickhouse(), Stores::postgres()) else {
        return;
    };
    let rows = rows.postgres.expect("PostgreSQL");
    stores.postgres = Some(rows.clone());
    let server = stores.clickhouse.as_mut().expect("ClickHouse");
    let proxy = FaultProxy::before(&server.0);
    server.0.clone_from(&proxy.url);
    let app = App::start(&stores);
    let load = Load::begin(app.client(), PACE);
    let updates = Updates::begin(app.client());
    load.wait(20);
    for fault in [Fault::ReadOnly, Fault::Memory, Fault::AnswerLost] {
        let before = proxy.hits();
        proxy.set(fault);
        // A store that failed is left alone for seconds, in which the fault meets nobody.
        wait_for(&format!("{fault:?} to be met"), 30, || {
            (proxy.hits() > before).then_some(())
        });
        load.wait(5);
        proxy.set(Fault::None);
        load.wait(20);
    }
    settle(&app.client(), load, updates, || in_postgres(&rows));
}

#[test]
fn postgres_that_is_killed_with_the_spool_in_it_loses_nothing_on_the_way_to_clickhouse() {
    let (Some(mut postgres), Some(mut stores)) = (PostgresServer::start(), Stores::clickhouse())
    else {
        return;
    };
    let server = stores.clickhouse.as_mut().expect("ClickHouse");
    let proxy = FaultProxy::before(&server.0);
    server.0.clone_from(&proxy.url);
    stores.postgres = Some(postgres.url());
    let app = App::start(&stores);
    let load = Load::begin(app.client(), PACE);
    load.wait(30);
    // ClickHouse takes nothing, so that the spool fills; then the server that holds the spool dies.
    proxy.set(Fault::ReadOnly);
    load.wait(40);
    assert_eq!(load.refused(), 0);
    assert!(in_postgres(&postgres.url()) > 0, "nothing is in the spool");
    postgres.kill();
    load.wait_refused(20);
    postgres.restart();
    load.wait(20);
    proxy.set(Fault::None);
    load.wait(20);
    assert_eq!(load.unanswered(), 0, "who cannot be served is told so");
    let books = load.end();
    wait_for("the spool is empty", DRAINED_S, || {
        (in_postgres(&postgres.url()) == 0).then_some(())
    });
    books.compare(&app.client(), 1);
}
