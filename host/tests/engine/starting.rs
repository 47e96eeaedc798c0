//! What can go wrong before the first request.

use crate::support::{App, HEAD, fixtures, is};
use assay_host::{Loaded, Server, precompile};

const HELLO: &str = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"hello\"\n[component.hello]\nsource = \"hello.wasm\"\n";

#[tokio::test]
async fn a_bad_manifest() {
    for (manifest, expected) in [
        (
            "spin_manifest_version = 2\n[application",
            "spin.toml: line 2",
        ),
        ("spin_manifest_version = 1\n", "version 1 is not supported"),
        (&HELLO.replace("source", "sauce"), "unknown field `sauce`"),
        (&HELLO.replace("hello.wasm", "missing.wasm"), "cannot read"),
        (
            &format!("{HELLO}allowed_outbound_hosts = [\"a.com\"]"),
            "must be `scheme://host[:port]`",
        ),
        (
            &format!("{HELLO}key_value_stores = [\"other\"]"),
            "[key_value_store.other]",
        ),
        (
            &format!("{HELLO}sqlite_databases = [\"other\"]"),
            "[sqlite_database.other]",
        ),
        (
            &format!("[variables]\nx = {{ required = true }}\n{HELLO}"),
            "no value for required `x`",
        ),
    ] {
        let error = App::new(manifest).start_error().await;
        assert!(error.contains(expected), "{error}");
    }
    let mut app = App::new(HELLO);
    app.options.manifest = app.folder.path().join("nowhere.toml");
    assert!(
        app.start_error()
            .await
            .contains("nowhere.toml: No such file")
    );
}

#[tokio::test]
async fn a_file_that_is_no_component() {
    let mut app = App::new(HELLO);
    app.options.component_dir = Some(app.folder.path().to_owned());
    for bytes in [
        &b"not wasm"[..],
        b"",
        b"\0asm\x01\0\0\0",
        b"\0asm\x0d\0\x01\0",
    ] {
        std::fs::write(app.folder.path().join("hello.wasm"), bytes).unwrap();
        let error = app.start_error().await;
        assert!(error.starts_with("component `hello`: "), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_and_a_folder_in_use() {
    let app = App::new(HELLO);
    let running = app.start().await;
    assert!(
        app.start_error()
            .await
            .ends_with("is in use by another process")
    );
    let mut other = App::new(HELLO);
    other.options.listen = running.server.addr();
    let error = other.start_error().await;
    assert!(
        error.starts_with("cannot listen on 127.0.0.1:") && error.contains("in use"),
        "{error}"
    );
    // Both are free again once the first server is gone.
    running.server.shutdown().await;
    other.options.data_dir = app.options.data_dir.clone();
    is(other.start().await.get("/").await, 200, "Hello, world!");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_one() {
    let mut app = App::new(HELLO);
    let file = app.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    app.options.data_dir = file.join("data");
    assert!(app.start_error().await.starts_with("data folder "));
    let mut app = App::guest();
    std::fs::create_dir_all(app.options.data_dir.join("sqlite_db.db")).unwrap();
    assert!(app.start_error().await.starts_with("database "));
    app.options.data_dir = app.folder.path().join("other");
    std::fs::create_dir_all(&app.options.data_dir).unwrap();
    std::fs::write(app.options.data_dir.join("sqlite_db.db"), vec![7; 8192]).unwrap();
    assert!(app.start_error().await.contains("not a database"));
}

#[tokio::test]
async fn a_database_that_another_process_holds() {
    let app = App::guest();
    std::fs::create_dir_all(&app.options.data_dir).unwrap();
    let other = rusqlite::Connection::open(app.options.data_dir.join("sqlite_db.db")).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (n)")
        .unwrap();
    assert!(app.start_error().await.contains("locked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_cache_is_mended() {
    let mut app = App::new(HELLO);
    app.options.cache_dir = None;
    let mut seen = Vec::new();
    precompile(&app.options, |progress| seen.push(progress.loaded)).unwrap();
    precompile(&app.options, |progress| seen.push(progress.loaded)).unwrap();
    assert_eq!(seen, [Loaded::Compiled, Loaded::Cached]);
    for entry in std::fs::read_dir(app.options.cache_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "cwasm") {
            std::fs::write(path, b"\x7fELF nonsense").unwrap();
        }
    }
    is(app.start().await.get("/").await, 200, "Hello, world!");
    precompile(&app.options, |progress| seen.push(progress.loaded)).unwrap();
    assert_eq!(seen.last(), Some(&Loaded::Cached));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variables_come_from_the_options() {
    let mut app = App::guest();
    app.options.variables.insert("word".into(), "other".into());
    is(app.start().await.get("/var/mixed").await, 200, "other-s");
    app.options.variables.insert("unknown".into(), "x".into());
    assert!(app.start_error().await.contains("`unknown`"));
    assert!(HEAD.contains("fixture") && fixtures().exists());
    _ = Server::start;
}
