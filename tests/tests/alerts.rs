//! Alerts: what changes in production is told once, to channels that may be down for a while, and so is that it is over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::Team;
use assay_tests::{App, Client, Reply, Server, Stores, wait_for};
use chrono::{SecondsFormat, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// One test a store.
macro_rules! on_all {
    ($($embedded:ident $postgres:ident $clickhouse:ident $body:ident;)*) => {$(
        #[test]
        fn $embedded() {
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
    an_alert_fires_once_and_recovers_once postgres_an_alert_fires_once_and_recovers_once clickhouse_an_alert_fires_once_and_recovers_once once;
    failures_and_changes_are_noticed postgres_failures_and_changes_are_noticed clickhouse_failures_and_changes_are_noticed noticed;
}

fn ago(seconds: i64) -> String {
    let at = Utc::now() - TimeDelta::seconds(seconds);
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn ingest(client: &Client, batch: &Value) {
    let done = client.post("/api/v1/ingest", batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
}

/// Scores of a name, all of a trace of their own.
fn scores(client: &Client, name: &str, values: &[f64], age_s: i64) {
    let trace = format!("trace-{}", uuid::Uuid::now_v7());
    let scores: Vec<Value> = values
        .iter()
        .map(|value| json!({"trace_id": trace, "name": name, "value": value, "timestamp": ago(age_s)}))
        .collect();
    let traces = json!([{"id": trace, "timestamp": ago(age_s), "name": "chat"}]);
    ingest(client, &json!({"traces": traces, "scores": scores}));
}

fn alert(client: &Client, more: &Value) -> String {
    let mut body = json!({
        "name": "Answers got worse", "measure": {"type": "score", "name": "answers"}, "window_minutes": 5, "min_samples": 3,
        "condition": {"type": "threshold", "aggregation": "mean", "comparison": "below", "value": 0.7},
        "description": "Look at the last release.", "severity": "critical", "channels": [],
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let made = client.post("/api/v1/alerts", &body).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn status(client: &Client, alert: &str) -> Value {
    client
        .get(&format!("/api/v1/alerts/{alert}/status"))
        .expect(200)
}

#[track_caller]
fn becomes(client: &Client, alert: &str, state: &str) -> Value {
    wait_for(&format!("the alert to be {state}"), 90, || {
        let found = status(client, alert);
        (found["state"] == state && found["looked_at"].is_string()).then_some(found)
    })
}

fn secret(client: &Client, name: &str, value: &str) {
    let body = json!({"name": name, "hosts": ["127.0.0.1"], "value": value});
    let _ = client.post("/api/v1/secrets", &body).expect(201);
}

/// The news that a webhook was sent, with the ids of what it was sent.
fn told(server: &Server) -> Vec<(String, String)> {
    let all = server.requests().into_iter();
    let hooks = all.filter(|(path, _)| path == "/hook");
    hooks
        .map(|(_, seen)| {
            let text = |field: &str| seen["body"][field].as_str().unwrap_or_default().to_owned();
            (text("type"), text("id"))
        })
        .collect()
}

fn header(seen: &Value, name: &str) -> String {
    let all = seen["headers"].as_array().unwrap().iter();
    let mut all = all.filter_map(|h| h.as_str()?.split_once(": "));
    let found = all.find(|(n, _)| n.eq_ignore_ascii_case(name));
    found
        .unwrap_or_else(|| panic!("no {name}: {seen}"))
        .1
        .to_owned()
}

fn once(stores: &Stores) {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = hits.clone();
    // Down at first.
    let server = Server::start(move |path, _| {
        if path == "/hook" && counted.fetch_add(1, Ordering::Relaxed) < 2 {
            return Reply::json(503, &json!({"error": "not now"}));
        }
        Reply::json(200, &json!({}))
    });
    let team = Team::start(stores);
    let client = team.owner();
    secret(&client, "signing", "canary-of-the-signature");
    secret(&client, "slack", "T0/B0/canary-of-slack");
    let fast = alert(
        &client,
        &json!({
            "window_minutes": 2,
            "channels": [
                {"type": "webhook", "url": format!("{}/hook", server.url), "signing_secret": "signing"},
                {"type": "slack", "url": format!("{}/services/{{{{ secrets.slack }}}}", server.url)},
                {"type": "email", "service": "resend", "url": format!("{}/emails", server.url), "from": "Assay <a@example.com>",
                    "to": ["b@example.com"], "headers": {"authorization": "Bearer {{ secrets.signing }}"}},
            ],
        }),
    );
    // Nothing is known yet, which is told nobody.
    let found = becomes(&client, &fast, "no_data");
    assert_eq!(found["notifications"], json!([]), "{found}");
    scores(&client, "answers", &[0.2, 0.3, 0.4], 0);
    let found = becomes(&client, &fast, "firing");
    assert!(
        found["message"].as_str().unwrap().contains("below 0.7"),
        "{found}"
    );
    // The channel comes up, and is told at last what it was not told.
    let first = wait_for("the webhook to be told", 60, || {
        let told = told(&server);
        (told.len() >= 3).then_some(told)
    });
    assert!(
        first
            .iter()
            .all(|(kind, id)| kind == "alert.firing" && *id == first[0].1),
        "{first:?}"
    );
    let found = wait_for("it to be written down", 30, || {
        let found = status(&client, &fast);
        let all = found["notifications"].as_array().unwrap().clone();
        all.iter().all(|n| n["state"] == "sent").then_some(found)
    });
    let attempts: BTreeSet<i64> = found["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["attempts"].as_i64().unwrap())
        .collect();
    assert_eq!(attempts, BTreeSet::from([1, 3]), "{found}");
    // It fires on, and is told no more.
    scores(&client, "answers", &[0.1, 0.1, 0.1], 0);
    let before = found["looked_at"].clone();
    wait_for("another look", 60, || {
        (status(&client, &fast)["looked_at"] != before).then_some(())
    });
    assert_eq!(told(&server).len(), 3);
    // All is well again.
    scores(&client, "answers", &[1.0; 60], 0);
    let _ = becomes(&client, &fast, "ok");
    let all = wait_for("the recovery to be told", 60, || {
        let told = told(&server);
        (told.len() >= 4).then_some(told)
    });
    assert_eq!(all[3].0, "alert.recovered");
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(told(&server).len(), 4);
    let events = client
        .get(&format!("/api/v1/alerts/{fast}/events"))
        .expect(200);
    let changes: Vec<(&str, &str)> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["from"].as_str().unwrap(), e["to"].as_str().unwrap()))
        .collect();
    // Once the scores are older than two minutes nothing is known again.
    let changes: Vec<_> = changes.into_iter().rev().take(3).collect();
    assert_eq!(
        changes,
        [("ok", "no_data"), ("no_data", "firing"), ("firing", "ok")]
    );
    let paged = client
        .get(&format!("/api/v1/alerts/{fast}/events?limit=1"))
        .expect(200);
    assert!(paged["next_cursor"].is_string(), "{paged}");
    // What each channel was sent.
    let seen = server.requests();
    let of = |path: &str| seen.iter().filter(|(p, _)| p == path).collect::<Vec<_>>();
    let hook = &of("/hook")[3].1;
    let signed = header(hook, "x-assay-signature");
    let (time, tag) = signed.split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"canary-of-the-signature").unwrap();
    mac.update(format!("{}.{}", time.strip_prefix("t=").unwrap(), hook["body"]).as_bytes());
    let own: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(tag, own, "{hook}");
    let slack = of("/services/T0/B0/canary-of-slack");
    assert_eq!(slack.len(), 2);
    let said = slack[0].1["body"]["text"].as_str().unwrap();
    assert_eq!(said, "[critical] Firing: Answers got worse");
    let mails = of("/emails");
    assert_eq!(mails.len(), 2);
    assert_eq!(
        header(&mails[0].1, "authorization"),
        "Bearer canary-of-the-signature"
    );
    let letter = mails[1].1["body"]["text"].as_str().unwrap();
    assert!(letter.contains("Look at the last release."), "{letter}");
    // Whoever tries it is told what each channel says.
    let tried = client
        .post(&format!("/api/v1/alerts/{fast}/test"), &json!({}))
        .expect(200);
    let channels = tried["channels"].as_array().unwrap();
    assert!(channels.iter().all(|c| c["sent"] == true), "{tried}");
    assert_eq!(told(&server).last().unwrap().0, "alert.test");
    // No secret is shown again.
    let shown = client.get(&format!("/api/v1/alerts/{fast}")).expect(200);
    assert!(!shown.to_string().contains("canary"), "{shown}");
    refused(&client);
    // Another workspace sees nothing.
    let stranger = team.stranger();
    assert_eq!(
        stranger.get("/api/v1/alerts").expect(200)["data"],
        json!([])
    );
    for path in ["", "/status", "/events"] {
        let _ = stranger
            .get(&format!("/api/v1/alerts/{fast}{path}"))
            .expect(404);
    }
    let _ = stranger
        .post(&format!("/api/v1/alerts/{fast}/test"), &json!({}))
        .expect(404);
}

/// What is wrong is named, and what may not be called is not.
fn refused(client: &Client) {
    for (more, field) in [
        (json!({"window_minutes": 0}), "/window_minutes"),
        (json!({"measure": {"type": "weather"}}), "/measure/type"),
        (
            json!({"filter": [{"type": "string", "column": "nope", "operator": "=", "value": "x"}]}),
            "/filter",
        ),
        (
            json!({"channels": [{"type": "slack", "url": "https://hooks.slack.com/{{ secrets.nobody }}"}]}),
            "/channels/0/url",
        ),
    ] {
        let mut body = json!({
            "name": "wrong", "measure": {"type": "latency"}, "window_minutes": 5, "channels": [],
            "condition": {"type": "threshold", "aggregation": "p95", "comparison": "above", "value": 1},
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let problem = client.post("/api/v1/alerts", &body).expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let private = alert(
        client,
        &json!({"name": "private", "channels": [{"type": "webhook", "url": "http://10.0.0.1/hook"}]}),
    );
    let tried = client
        .post(&format!("/api/v1/alerts/{private}/test"), &json!({}))
        .expect(200);
    assert_eq!(tried["channels"][0]["sent"], false, "{tried}");
    let error = tried["channels"][0]["error"].as_str().unwrap();
    assert!(error.contains("private address"), "{error}");
}

fn noticed(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let failures = alert(
        &client,
        &json!({
            "name": "Failures", "measure": {"type": "error_rate"}, "window_minutes": 1,
            "condition": {"type": "threshold", "aggregation": "mean", "comparison": "above", "value": 0.5},
            "filter": [{"type": "string", "column": "name", "operator": "=", "value": "pay"}],
        }),
    );
    let silence = alert(
        &client,
        &json!({
            "name": "Silence", "measure": {"type": "latency"}, "window_minutes": 1,
            "condition": {"type": "threshold", "aggregation": "count", "comparison": "below", "value": 1},
            "filter": [{"type": "string", "column": "name", "operator": "=", "value": "nightly"}],
        }),
    );
    let worse = alert(
        &client,
        &json!({
            "name": "Worse", "measure": {"type": "score", "name": "tone"}, "window_minutes": 1,
            "condition": {"type": "change_point", "reference_minutes": 120, "shift": "down", "min_shift": 0.1},
        }),
    );
    let spread =
        |low: f64| -> Vec<f64> { (0..20).map(|i| low + f64::from(i % 5) / 50.0).collect() };
    scores(&client, "tone", &spread(0.8), 600);
    scores(&client, "tone", &spread(0.4), 0);
    for i in 0..4 {
        let id = format!("pay-{i}");
        let level = if i == 0 { "DEFAULT" } else { "ERROR" };
        ingest(
            &client,
            &json!({
                "traces": [{"id": id, "timestamp": ago(0), "name": "pay"}],
                "observations": [{"id": "o", "trace_id": id, "name": "charge", "start_time": ago(0), "end_time": ago(0), "level": level}],
            }),
        );
    }
    // Nothing at all is a count.
    let found = becomes(&client, &silence, "firing");
    assert_eq!(found["value"], 0.0, "{found}");
    let found = becomes(&client, &failures, "firing");
    assert_eq!(
        (&found["value"], &found["samples"]),
        (&json!(0.75), &json!(4)),
        "{found}"
    );
    let found = becomes(&client, &worse, "firing");
    assert!(
        found["message"].as_str().unwrap().contains("have changed"),
        "{found}"
    );
    // What is off is not looked at.
    let path = format!("/api/v1/alerts/{silence}");
    let _ = client.patch(&path, &json!({"enabled": false})).expect(200);
    std::thread::sleep(Duration::from_secs(2));
    let before = status(&client, &silence)["looked_at"].clone();
    std::thread::sleep(Duration::from_secs(16));
    let now = status(&client, &silence);
    assert_eq!(
        (&now["looked_at"], &now["enabled"]),
        (&before, &json!(false))
    );
}
