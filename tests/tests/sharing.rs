//! Public links to traces: what they show, to whom, and for how long.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::{Team, column, conversation, id};
use assay_tests::{Client, Stores, in_seconds};
use serde_json::{Value, json};

/// One test a store.
macro_rules! on_all {
    ($($name:ident $postgres:ident $clickhouse:ident $body:ident;)*) => {$(
        #[test]
        fn $name() {
            $body(&Stores::embedded());
        }

        #[test]
        fn $postgres() {
            if let Some(stores) = Stores::postgres() {
                $body(&stores);
            }
        }

        #[test]
        fn $clickhouse() {
            if let Some(stores) = Stores::clickhouse() {
                $body(&stores);
            }
        }
    )*};
}

on_all! {
    traces_are_shared_by_link postgres_traces_are_shared_by_link clickhouse_traces_are_shared_by_link shares;
}

/// What nobody who is not in the workspace may read.
const CANARIES: [&str; 6] = [
    "canary-user",
    "canary-metadata",
    "canary-tag",
    "canary-environment",
    "canary-comment",
    "s1",
];
/// What is read where the link shows payloads.
const PAYLOADS: [&str; 4] = [
    "canary-input",
    "canary-output",
    "canary-status",
    "canary-correction",
];

fn shares(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    conversation(&owner);
    let (editor, reviewer) = (
        team.key("editor", &Value::Null),
        team.key("reviewer", &Value::Null),
    );
    let anyone = Client::anonymous(&team.app.url);
    let path = "/api/v1/traces/t1/shares";
    assert_eq!(reviewer.get(path).expect(200)["data"], json!([]));

    let made = editor
        .post(path, &json!({"note": "For the supplier"}))
        .expect(201);
    let full = editor
        .post(
            path,
            &json!({"payloads": true, "expires_at": "2100-01-01T00:00:00Z"}),
        )
        .expect(201);
    let (token, full_token) = (
        made["token"].as_str().unwrap(),
        full["token"].as_str().unwrap(),
    );
    assert!(token.strip_prefix("sh-as-").is_some_and(|t| t.len() == 64) && token != full_token);
    assert_eq!(
        made["url"],
        format!("{}/api/v1/shared/{token}", team.app.url)
    );

    // Anyone with the link reads this trace and nothing of whose it is.
    let answer = anyone.get(&format!("/api/v1/shared/{token}"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let workspace = owner.get("/api/v1/workspace").expect(200);
    let hidden = [
        workspace["id"].as_str().unwrap(),
        made["created_by"].as_str().unwrap(),
    ];
    for canary in CANARIES.iter().chain(&PAYLOADS).chain(&hidden) {
        assert!(!answer.text.contains(canary), "{canary}: {}", answer.text);
    }
    let shared = answer.expect(200);
    assert_eq!(
        (&shared["id"], &shared["name"], &shared["payloads"]),
        (&json!("t1"), &json!("chat"), &json!(false))
    );
    assert_eq!(
        (&shared["observation_count"], &shared["error_count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(shared["total_cost_usd"], 0.25);
    let llm = shared["observations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|o| o["id"] == "llm")
        .unwrap();
    assert_eq!(
        (&llm["model"], &llm["usage"]["input"], &llm["input"]),
        (&json!("large-1"), &json!(12), &json!(null))
    );
    let good = shared["scores"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["name"] == "good")
        .unwrap();
    assert_eq!(good["value"], 0.5);
    let answer = anyone.get(&format!("/api/v1/shared/{full_token}"));
    for canary in CANARIES.iter().chain(&hidden) {
        assert!(!answer.text.contains(canary), "{canary}: {}", answer.text);
    }
    for canary in PAYLOADS {
        assert!(answer.text.contains(canary), "{canary}: {}", answer.text);
    }

    // As a tree, a page at a time.
    let tree =
        |token: &str, query: &str| anyone.get(&format!("/api/v1/shared/{token}/tree{query}"));
    let first = tree(token, "?limit=1");
    assert_eq!(first.header("x-robots-tag"), Some("noindex"));
    let first = first.expect(200);
    assert_eq!(
        (&first["data"][0]["id"], &first["data"][0]["descendants"]),
        (&json!("root"), &json!(1))
    );
    let next = first["next_cursor"].as_str().unwrap();
    let second = tree(token, &format!("?limit=1&cursor={next}")).expect(200);
    assert_eq!(
        (&second["data"][0]["id"], &second["next_cursor"]),
        (&json!("llm"), &json!(null))
    );
    assert_eq!(second["data"][0]["status_message"], json!(null));
    assert_eq!(
        tree(full_token, "?under=root").expect(200)["data"][0]["status_message"],
        "canary-status"
    );
    tree(token, "?under=elsewhere").expect_problem(404, "not-found");
    assert_eq!(tree(token, "?depth=0").field(), "depth");

    // A link opens no other trace and nothing else.
    for elsewhere in ["/observations", "/../traces/t2", "/scores"] {
        let answer = anyone.get(&format!("/api/v1/shared/{token}{elsewhere}"));
        assert!(
            [401, 404].contains(&answer.status),
            "{elsewhere}: {}",
            answer.text
        );
    }
    Client::with_bearer(&team.app.url, token)
        .get("/api/v1/traces/t1")
        .expect_problem(401, "unauthenticated");

    // Who may share, and what is wrong.
    reviewer
        .post(path, &json!({}))
        .expect_problem(403, "forbidden");
    let sender = team.key("editor", &json!({"scopes": ["traces_write"]}));
    sender
        .post(path, &json!({}))
        .expect_problem(403, "forbidden");
    editor
        .post("/api/v1/traces/none/shares", &json!({}))
        .expect_problem(404, "not-found");
    for (body, named) in [
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "/expires_at"),
        (json!({"note": "x".repeat(1001)}), "/note"),
        (json!({"payloads": "yes"}), "/payloads"),
    ] {
        assert_eq!(editor.post(path, &body).field(), named);
    }

    // One that runs out, one that is revoked and one that never was are told apart by nobody.
    let short = editor
        .post(path, &json!({"expires_at": in_seconds(1)}))
        .expect(201);
    let short_token = short["token"].as_str().unwrap();
    let _ = anyone
        .get(&format!("/api/v1/shared/{short_token}"))
        .expect(200);
    std::thread::sleep(std::time::Duration::from_millis(2_200));
    assert_eq!(editor.delete(&format!("{path}/{}", id(&made))).status, 204);
    assert_eq!(
        editor.delete(&format!("{path}/{}", id(&made))).status,
        204,
        "again changes nothing"
    );
    editor
        .delete(&format!("{path}/none"))
        .expect_problem(404, "not-found");
    let never = format!("sh-as-{}", "0".repeat(64));
    let opened = |token: &str| {
        let answer = anyone.get(&format!("/api/v1/shared/{token}"));
        let mut told = answer.expect_problem(404, "not-found");
        told.as_object_mut().unwrap().remove("request_id");
        let of_tree = tree(token, "");
        of_tree.expect_problem(404, "not-found");
        told
    };
    let told = opened(&never);
    for token in [short_token, token, "x", "%00", &"y".repeat(300)] {
        assert_eq!(opened(token), told, "{token}");
    }
    let _ = anyone
        .get(&format!("/api/v1/shared/{full_token}"))
        .expect(200);

    // Lists say all of a link but what opens it.
    let listed = reviewer.get(path);
    let statuses: Vec<&str> = ["expired", "active", "revoked"].to_vec();
    assert_eq!(column(&reviewer, path, "status"), statuses);
    assert_eq!(
        column(&reviewer, &format!("{path}?status=revoked"), "note"),
        ["For the supplier"]
    );
    assert_eq!(
        column(&reviewer, "/api/v1/shares?status=active", "id"),
        [id(&full)]
    );
    assert_eq!(
        reviewer.get("/api/v1/shares?trace_id=t2").expect(200)["data"],
        json!([])
    );
    let audit = owner
        .get("/api/v1/audit-log?target_kind=trace_share")
        .expect(200);
    let actions: Vec<&str> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "trace_share.revoke",
            "trace_share.create",
            "trace_share.create",
            "trace_share.create"
        ]
    );
    let mut seen = vec![
        ("list", listed.text),
        ("list of all", owner.get("/api/v1/shares").text),
        ("audit", audit.to_string()),
        ("log", team.app.log()),
    ];
    let mut secrets = vec![
        token.to_owned(),
        full_token.to_owned(),
        short_token.to_owned(),
    ];
    if let Some(url) = &stores.postgres {
        let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let rows = db
            .query("SELECT token_hash, t::text FROM trace_shares t", &[])
            .unwrap();
        assert_eq!(rows.len(), 3);
        for row in rows {
            seen.push(("table", row.get(1)));
            let hash: String = row.get(0);
            for (place, text) in seen.iter().filter(|(place, _)| *place != "table") {
                assert!(!text.contains(&hash), "the hash is in the {place}");
            }
        }
    }
    // Without what stands before it, lest the prefix hides a match.
    for secret in &mut secrets {
        secret.replace_range(..6, "");
        for (place, text) in &seen {
            assert!(!text.contains(secret.as_str()), "a token is in the {place}");
        }
    }
    for entry in std::fs::read_dir(team.dir.path())
        .unwrap()
        .map_while(Result::ok)
        .filter(|e| e.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "a token is in {}", entry.path().display());
        }
    }

    // Another workspace sees none of them and revokes none.
    let other = team.stranger();
    assert_eq!(other.get("/api/v1/shares").expect(200)["data"], json!([]));
    other
        .delete(&format!("{path}/{}", id(&full)))
        .expect_problem(404, "not-found");
    other
        .post(path, &json!({}))
        .expect_problem(404, "not-found");
    let _ = anyone
        .get(&format!("/api/v1/shared/{full_token}"))
        .expect(200);
}
