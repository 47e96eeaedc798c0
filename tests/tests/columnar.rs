//! ClickHouse's tables: they are brought up to date with what is in them, and let go of rows when they are told to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, repository};
use serde_json::json;

fn ids(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/api/v1/{query}")).expect(200);
    let rows = page["data"].as_array().unwrap().iter();
    rows.map(|t| t["id"].as_str().unwrap().to_owned()).collect()
}

/// Statements of a migration.
fn migrate(stores: &Stores, name: &str) {
    let file = repository().join("migrations/clickhouse").join(name);
    let sql = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = sql.lines().filter(|l| !l.starts_with("--")).collect();
    for statement in lines.join("\n").split(';') {
        if !statement.trim().is_empty() {
            let _ = stores.ask_clickhouse(statement);
        }
    }
}

#[test]
fn clickhouse_tables_of_before_are_brought_up_to_date() {
    let Some(stores) = Stores::clickhouse() else {
        return;
    };
    for name in [
        "0001_traces.sql",
        "0002_observability.sql",
        "0003_fine_rows.sql",
        "0004_fine_rows_filled.sql",
        "0005_coarse_rows_dropped.sql",
    ] {
        migrate(&stores, name);
    }
    let app = App::start(&stores);
    let client = app.client();
    let me = client.get("/api/v1/me").expect(200);
    let workspace = me["workspace"]["id"].as_str().unwrap();
    for sql in [
        "INSERT INTO trace_rows (workspace_id, id, timestamp, name) VALUES ('{w}', 'a', '2026-11-20 10:00:00', (1, 'chat')), \
         ('{w}', 'b', '2026-11-20 10:00:01', (1, 'search'))",
        // A later word, with a time of its own.
        "INSERT INTO trace_rows (workspace_id, id, timestamp, user_id) VALUES ('{w}', 'a', '2026-11-20 10:00:05', (2, 'ann'))",
        "INSERT INTO observation_rows (workspace_id, trace_id, id, name, start_time, level) VALUES \
         ('{w}', 'a', 'o', 'call', '2026-11-20 10:00:00', 'ERROR')",
        "INSERT INTO score_rows (workspace_id, id, trace_id, name, source, data_type, value, timestamp) VALUES \
         ('{w}', 's', 'a', 'good', 'API', 'NUMERIC', 1, '2026-11-20 10:00:00')",
    ] {
        let _ = stores.ask_clickhouse(&sql.replace("{w}", workspace));
    }
    for (query, wanted) in [
        ("traces?sort=-timestamp", vec!["b", "a"]),
        ("traces?name=chat", vec!["a"]),
        ("traces?name=chat&user_id=ann", vec!["a"]),
        ("observations?level=ERROR", vec!["o"]),
        ("scores?name=good", vec!["s"]),
    ] {
        assert_eq!(ids(&client, query), wanted, "{query}");
    }
    let tables = stores.ask_clickhouse("SHOW TABLES");
    assert!(!tables.contains("_times"), "{tables}");
}

#[test]
fn clickhouse_lets_go_of_rows_when_it_is_told_to() {
    let Some(stores) = Stores::clickhouse() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let start = |days: &str| {
        let app = App::at(dir.path(), &stores).env("ASSAY_CLICKHOUSE_TTL_DAYS", days);
        app.start()
    };
    let with_ttl = || {
        let sql = "SELECT count() FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '% TTL %'";
        stores.ask_clickhouse(sql).trim().to_owned()
    };
    let app = start("30");
    let client = app.client();
    let ago = |days: i64| (chrono::Utc::now() - chrono::TimeDelta::days(days)).to_rfc3339();
    let all = [
        ("old", ago(60)),
        ("new", ago(1)),
        ("far", "2160-01-01T00:00:00Z".to_owned()),
    ];
    let batch = json!({
        "observations": all.iter().map(|(id, at)| json!({"id": id, "trace_id": id, "name": "n", "start_time": at})).collect::<Vec<_>>(),
        "scores": all.iter().map(|(id, at)| json!({"id": id, "trace_id": id, "name": "v", "value": 1, "timestamp": at})).collect::<Vec<_>>(),
    });
    let done = client.post("/api/v1/ingest", &batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
    assert_eq!(with_ttl(), "8");
    for table in ["trace", "observation", "score"] {
        for kind in ["rows", "entries"] {
            let _ = stores.ask_clickhouse(&format!("OPTIMIZE TABLE {table}_{kind} FINAL"));
        }
    }
    for list in ["traces", "observations", "scores"] {
        assert_eq!(ids(&client, list), ["far", "new"], "{list}");
    }
    drop(app);
    let app = start("");
    assert_eq!(ids(&app.client(), "traces"), ["far", "new"]);
    assert_eq!(with_ttl(), "0");
}
