//! First requests that race: two processes on one fresh database apply migrations once and make one workspace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Stores};

#[test]
fn two_first_starts_on_one_postgres_agree() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let folders = [
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    ];
    let apps: Vec<App> = std::thread::scope(|scope| {
        let starts: Vec<_> = folders
            .iter()
            .map(|dir| {
                scope.spawn(|| {
                    App::at(dir.path(), &stores)
                        .env("ASSAY_ENCRYPTION_KEY", KEY)
                        .start()
                })
            })
            .collect();
        starts
            .into_iter()
            .map(|s| s.join().expect("it starts"))
            .collect()
    });
    let workspaces: Vec<_> = apps
        .iter()
        .map(|app| app.client().get("/api/v1/me").expect(200)["workspace"]["id"].clone())
        .collect();
    assert_eq!(workspaces[0], workspaces[1]);

    let url = stores.postgres.as_ref().expect("a database");
    let mut db = postgres::Client::connect(url, postgres::NoTls).expect("connect");
    let mut count = |sql: &str| db.query_one(sql, &[]).expect("a count").get::<_, i64>(0);
    let applied = count("SELECT count(*) FROM schema_migrations");
    assert_eq!(
        applied,
        count("SELECT max(version) FROM schema_migrations"),
        "each applied once"
    );
    assert_eq!(count("SELECT count(*) FROM workspaces"), 1);
    assert_eq!(count("SELECT count(*) FROM api_keys"), 1);
}

/// Replicas share one key; 32 bytes in Base64.
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
