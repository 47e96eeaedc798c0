//! Key-value stores, SQLite and Postgres.

use std::time::{Duration, Instant};

use crate::support::{self, App, eventually, is};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_value_round_trip() {
    let running = App::guest().start().await;
    is(running.get("/kv/get/default/a").await, 404, "none");
    is(running.post("/kv/set/default/a", "1").await, 200, "set");
    is(running.post("/kv/set/default/a", "2").await, 200, "set");
    is(running.post("/kv/set/default/b", "3").await, 200, "set");
    is(running.get("/kv/get/default/a").await, 200, "2");
    is(running.get("/kv/exists/default/a").await, 200, "true");
    is(running.get("/kv/keys/default").await, 200, "a,b");
    is(running.get("/kv/delete/default/a").await, 200, "deleted");
    is(running.get("/kv/exists/default/a").await, 200, "false");
    let denied = running.get("/kv/get/other/a").await;
    assert_eq!(denied.0, 403);
    assert!(denied.1.contains("AccessDenied"), "{}", denied.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_and_databases_with_names() {
    let mut app = App::new(
        r#"
[[trigger.http]]
route = "/one/..."
component = "one"
[[trigger.http]]
route = "/two/..."
component = "two"
[component.one]
source = "guest.wasm"
key_value_stores = ["default", "more"]
sqlite_databases = ["extra"]
[component.two]
source = "guest.wasm"
key_value_stores = ["default"]
"#,
    );
    assert!(app.start_error().await.contains("[key_value_store.more]"));
    let config = app.folder.path().join("runtime-config.toml");
    std::fs::write(
        &config,
        "[key_value_store.more]\ntype = \"spin\"\npath = \"more.db\"\n[sqlite_database.extra]\ntype = \"spin\"\npath = \"sub/extra.db\"\n",
    )
    .unwrap();
    app.options.runtime_config = Some(config);
    let running = app.start().await;
    is(running.post("/one/kv/set/more/a", "1").await, 200, "set");
    is(running.get("/one/kv/get/default/a").await, 404, "none");
    is(
        running.post("/two/kv/set/default/b", "shared").await,
        200,
        "set",
    );
    is(running.get("/one/kv/get/default/b").await, 200, "shared");
    assert_eq!(running.get("/two/kv/get/more/a").await.0, 403);
    is(running.get("/one/sql/open/extra").await, 200, "opened");
    assert!(
        running
            .get("/two/sql/open/extra")
            .await
            .1
            .contains("AccessDenied")
    );
    assert!(app.folder.path().join("sub/extra.db").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_values_errors_and_rules() {
    let running = App::guest().start().await;
    is(running.get("/sql/init").await, 200, "ok");
    is(
        running.get("/sql/values").await,
        200,
        r#"[Integer(-1), Real(0.5), Text("ü"), Blob([0, 255]), Null]"#,
    );
    is(running.get("/sql/late-error").await, 200, "2 true");
    assert!(running.get("/sql/bad").await.1.contains("syntax error"));
    assert!(
        running
            .get("/sql/attach/+tmp+x.db")
            .await
            .1
            .contains("not authorized")
    );
    is(running.get("/sql/attach/:memory:").await, 200, "None");
    is(running.get("/sql/pragmas").await, 200, "1");
    for _ in 0..3 {
        // A fresh connection each time: the table of the last one is gone.
        is(running.get("/sql/temp").await, 200, "1");
    }
    is(running.get("/sql/write/a/1").await, 200, "1 true");
    is(running.get("/sql/rollback").await, 200, "0 3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dozen_components_write_to_one_file() {
    let mut manifest = String::new();
    for n in 0..12 {
        manifest.push_str(&format!(
            "[[trigger.http]]\nroute = \"/{n}/...\"\ncomponent = \"c{n}\"\n[component.c{n}]\nsource = \"guest.wasm\"\nsqlite_databases = [\"default\"]\n"
        ));
    }
    let running = std::sync::Arc::new(App::new(&manifest).start().await);
    is(running.get("/0/sql/init").await, 200, "ok");
    let tasks: Vec<_> = (0..24)
        .map(|n| {
            let running = running.clone();
            tokio::spawn(async move { running.get(&format!("/{}/sql/write/{n}/20", n % 12)).await })
        })
        .collect();
    for task in tasks {
        is(task.await.unwrap(), 200, "1 true");
    }
    is(
        running.get("/3/sql/count").await,
        200,
        &(24 * 20 * 3).to_string(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abandoned_transaction_is_rolled_back() {
    let running = App::guest().start().await;
    is(running.get("/sql/init").await, 200, "ok");
    is(running.get("/sql/write/a/1").await, 200, "1 true");
    is(running.get("/sql/abandon").await, 200, "left");
    is(running.get("/sql/count").await, 200, "3");
    assert_eq!(running.get("/sql/abandon/panic").await.0, 500);
    is(running.get("/sql/write/b/1").await, 200, "1 true");
    is(running.get("/sql/count").await, 200, "6");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_do_not_wait_for_a_writer_and_writers_queue() {
    let running = App::guest().start().await;
    is(running.get("/sql/init").await, 200, "ok");
    let start = Instant::now();
    let (held, written, read) = tokio::join!(
        running.get("/sql/hold/500"),
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let got = running.get("/sql/write/a/1").await;
            (got, start.elapsed())
        },
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let got = running.get("/sql/count").await;
            (got, start.elapsed())
        }
    );
    is(held, 200, "held");
    is(written.0, 200, "1 true");
    is(read.0, 200, "0");
    assert!(written.1 >= Duration::from_millis(450), "{:?}", written.1);
    assert!(read.1 < Duration::from_millis(400), "{:?}", read.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_may_hold_the_file_for_a_while() {
    let app = App::guest();
    let running = app.start().await;
    is(running.get("/sql/init").await, 200, "ok");
    let other = rusqlite::Connection::open(app.options.data_dir.join("sqlite_db.db")).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES ('other', 0)")
        .unwrap();
    let (written, ()) = tokio::join!(running.get("/sql/write/a/1"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.execute_batch("COMMIT").unwrap();
    });
    is(written, 200, "1 true");
    is(running.get("/sql/count").await, 200, "4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let Ok(url) = std::env::var("ASSAY_TEST_POSTGRES_URL") else {
        eprintln!("SKIPPED: set ASSAY_TEST_POSTGRES_URL to test Postgres");
        return;
    };
    let mut app = App::new(&support::GUEST.replace(
        "\"http://*.spin.internal\"",
        "\"http://*.spin.internal\", \"postgres://127.0.0.1:*\", \"postgres://localhost:*\"",
    ));
    let running = app.start().await;
    let post = async |task: &str| running.post(&format!("/pg/{task}"), url.clone()).await;
    is(
        post("values").await,
        200,
        r#"[Boolean(true), Int64(-7), Str("ü"), Uuid("01890a5d-ac96-774b-bcce-b302099a8057"), Jsonb([123, 34, 97, 34, 58, 32, 91, 49, 93, 125]), Datetime((1970, 1, 2, 0, 0, 0, 0)), Decimal("1.50"), ArrayInt32([Some(1), None]), DbNull, Floating64(0.5)]"#,
    );
    is(post("setup").await, 200, "ok");
    // The transaction goes with its guest, though the client stays in the pool.
    for _ in 0..3 {
        is(post("abandon").await, 200, "1");
        is(post("count").await, 200, "0");
    }
    let error = post("error").await.1;
    assert!(error.contains("42P01"), "{error}");
    let denied = running
        .post("/pg/count", "host=db.example.com user=x password=hush")
        .await;
    assert_eq!(denied.0, 403);
    assert!(
        denied.1.contains("not permitted") && !denied.1.contains("hush"),
        "{}",
        denied.1
    );
    let denied = running
        .post("/pg/count", "host=127.0.0.1 hostaddr=10.0.0.1 user=x")
        .await;
    assert!(denied.1.contains("not permitted"), "{}", denied.1);
    running.server.shutdown().await;

    app.options.networks.block_private = true;
    let running = app.start().await;
    let blocked = running.post("/pg/count", url.clone()).await;
    assert!(blocked.1.contains("blocked network"), "{}", blocked.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    let Ok(url) = std::env::var("ASSAY_TEST_REDIS_URL") else {
        eprintln!("SKIPPED: set ASSAY_TEST_REDIS_URL to test key-value stores in Redis");
        return;
    };
    let mut app = App::guest();
    let config = app.folder.path().join("runtime-config.toml");
    std::fs::write(
        &config,
        format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"{url}\"\n"),
    )
    .unwrap();
    app.options.runtime_config = Some(config);
    let running = app.start().await;
    is(
        running.post("/kv/set/default/assay-host-a", "1").await,
        200,
        "set",
    );
    is(running.get("/kv/get/default/assay-host-a").await, 200, "1");
    is(
        running.get("/kv/exists/default/assay-host-a").await,
        200,
        "true",
    );
    assert!(
        running
            .get("/kv/keys/default")
            .await
            .1
            .contains("assay-host-a")
    );
    is(
        running.get("/kv/delete/default/assay-host-a").await,
        200,
        "deleted",
    );
    eventually(|| async { running.get("/kv/get/default/assay-host-a").await.0 == 404 }).await;
}
