//! Forwarding: what is stored arrives at another platform, once, whatever that platform does, and ingestion notices nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Collector, CollectorAnswer, Stores, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
    forwarded_spans_arrive_once_and_as_they_are_stored postgres_forwarded_spans_arrive_once_and_as_they_are_stored clickhouse_forwarded_spans_arrive_once_and_as_they_are_stored arrival;
    forwarding_respects_filter_and_sampling postgres_forwarding_respects_filter_and_sampling clickhouse_forwarding_respects_filter_and_sampling selection;
    forwarding_survives_what_the_other_side_does postgres_forwarding_survives_what_the_other_side_does clickhouse_forwarding_survives_what_the_other_side_does trouble;
}

const PATH: &str = "/api/v1/ingest/destinations";
const SECRET: &str = "canary-destination-5a1c\"quoted";

/// Another platform, to read with what was sent: what it makes of the requests that were taken.
struct Reader {
    client: Client,
    fed: usize,
    _app: App,
}

impl Reader {
    fn start() -> Self {
        let app = App::start(&Stores::embedded());
        Self {
            client: app.client(),
            fed: 0,
            _app: app,
        }
    }

    /// Feeds it what is new at the collector.
    fn feed(&mut self, collector: &Collector) {
        for request in collector.requests().iter().skip(self.fed) {
            self.fed += 1;
            if request.answered != 200 {
                continue;
            }
            let headers = [
                ("content-type", "application/x-protobuf"),
                ("content-encoding", "gzip"),
            ];
            let taken = self
                .client
                .send("POST", "/v1/traces", &headers, Some(&request.body));
            assert_eq!(
                (taken.status, taken.text.as_str()),
                (200, ""),
                "{}",
                taken.text
            );
        }
    }

    fn observations(&self) -> Vec<Value> {
        observations(&self.client)
    }
}

/// All observations, by trace and id, without what each platform knows for itself.
fn observations(client: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("/api/v1/observations?limit=200{cursor}"))
            .expect(200);
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for o in &mut all {
        o.as_object_mut().unwrap().remove("received_at");
    }
    all.sort_by_key(|o| (o["trace_id"].to_string(), o["id"].to_string()));
    all
}

fn create(client: &Client, spec: &Value) -> String {
    let mut body = json!({"name": format!("d {}", uuid::Uuid::now_v7()), "kind": "otlp"});
    body.as_object_mut()
        .unwrap()
        .extend(spec.as_object().unwrap().clone());
    let made = client.post(PATH, &body).expect(201);
    settled();
    made["id"].as_str().unwrap().to_owned()
}

/// Every instance knows of the destinations by then.
fn settled() {
    std::thread::sleep(Duration::from_millis(3_200));
}

fn shown(client: &Client, id: &str) -> Value {
    client.get(&format!("{PATH}/{id}")).expect(200)
}

fn until(client: &Client, id: &str, what: &str, ready: impl Fn(&Value) -> bool) -> Value {
    let last = std::cell::RefCell::new(Value::Null);
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        wait_for(what, 60, || {
            let now = shown(client, id);
            last.replace(now.clone());
            ready(&now).then_some(now)
        })
    }));
    found.unwrap_or_else(|_| panic!("{what}: {}", last.borrow()))
}

fn status(status: u16) -> CollectorAnswer {
    CollectorAnswer::status(status)
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A trace by OTLP, one by Assay's own batches and one by Langfuse's events: seven observations.
fn ingest(client: &Client) {
    let span = |id: &str, parent: &str, attributes: Value| {
        let attributes: Vec<Value> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| json!({"key": k, "value": {"stringValue": v}}))
            .collect();
        json!({"traceId": TRACE, "spanId": id, "parentSpanId": parent, "name": id,
            "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000", "attributes": attributes})
    };
    let spans = [
        span(
            "00f067aa0ba902b1",
            "",
            json!({"user.id": "ann", "langfuse.trace.name": "chat", "input.value": "hello"}),
        ),
        span(
            "00f067aa0ba902b2",
            "00f067aa0ba902b1",
            json!({"gen_ai.request.model": "large-1", "own.key": "kept",
            "langfuse.observation.usage_details": "{\"input\": 3, \"output\": 4}"}),
        ),
        span(
            "00f067aa0ba902b3",
            "00f067aa0ba902b1",
            json!({"gen_ai.tool.name": "search"}),
        ),
    ];
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]});
    let request = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "lib"}, "spans": spans}]}]});
    let _ = client.post("/v1/traces", &request).expect(200);
    let batch = json!({
        "traces": [{"id": "native 1", "name": "mine", "tags": ["a", "b"], "metadata": {"plan": "pro"}, "session_id": "s"}],
        "observations": [
            {"id": "root", "trace_id": "native 1", "name": "r", "type": "AGENT", "start_time": "2026-11-20T10:00:00Z",
             "end_time": "2026-11-20T10:00:02Z", "input": {"question": [1, "two"]}, "output": "", "level": "WARNING",
             "environment": "production", "usage": {"input": 5, "output": 6}, "cost_usd": 0.25},
            {"id": "child", "trace_id": "native 1", "parent_id": "root", "name": "c", "start_time": "2026-11-20T10:00:01Z",
             "end_time": "2026-11-20T10:00:02Z", "metadata": {"a": {"b": [null, 1]}}},
        ],
        "scores": [{"id": "s1", "trace_id": "native 1", "observation_id": "root", "name": "good", "value": 1.0}],
    });
    let _ = client.post("/api/v1/ingest", &batch).expect(200);
    // Begun in one request and ended in another.
    let event = |id: &str, kind: &str, second: u32, body: Value| json!({"id": id, "type": kind, "timestamp": format!("2026-11-20T10:00:0{second}Z"), "body": body});
    let created = [
        event(
            "e0",
            "trace-create",
            0,
            json!({"id": "lf", "name": "old", "userId": "ben"}),
        ),
        event(
            "e1",
            "span-create",
            1,
            json!({"id": "l1", "traceId": "lf", "name": "work", "startTime": "2026-11-20T10:00:01Z"}),
        ),
        event(
            "e2",
            "event-create",
            1,
            json!({"id": "l2", "traceId": "lf", "parentObservationId": "l1", "name": "point", "startTime": "2026-11-20T10:00:01Z"}),
        ),
    ];
    let _ = client
        .post("/api/public/ingestion", &json!({"batch": created}))
        .expect(207);
    std::thread::sleep(Duration::from_millis(1500));
    let ended = [event(
        "e3",
        "span-update",
        3,
        json!({"id": "l1", "traceId": "lf", "output": {"done": true}, "endTime": "2026-11-20T10:00:03Z"}),
    )];
    let _ = client
        .post("/api/public/ingestion", &json!({"batch": ended}))
        .expect(207);
}

fn arrival(stores: &Stores) {
    let app = App::start(stores);
    let client = &app.client();
    assert_eq!(
        client.get(PATH).expect(200),
        json!({"data": [], "next_cursor": null})
    );
    // The first is told to come back later, and does.
    let collector = Collector::start(|n| CollectorAnswer {
        retry_after: (n == 0).then_some(2),
        ..status(if n == 0 { 503 } else { 200 })
    });
    let made = client.post(
        PATH,
        &json!({"name": "L", "kind": "langfuse", "url": collector.url, "headers": {"x-team": "a"},
            "auth": {"type": "basic", "user": "pk-lf-1"}, "credential": SECRET}),
    );
    assert!(!made.text.contains("canary"), "{}", made.text);
    let made = made.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["has_credential"], true);
    for count in ["sent", "waiting", "failed", "dropped"] {
        assert_eq!(made[count], 0, "{made}");
    }
    settled();

    ingest(client);
    let done = until(client, &id, "all seven are sent", |d| {
        d["sent"] == 7 && d["waiting"] == 0
    });
    assert_eq!((&done["failed"], &done["dropped"]), (&json!(0), &json!(0)));
    assert!(
        done["last_sent_at"].is_string() && done["retry_at"].is_null(),
        "{done}"
    );
    assert!(
        done["last_error"].as_str().unwrap().contains("503"),
        "{done}"
    );

    let asked = collector.requests();
    assert!(
        asked[1].at - asked[0].at >= Duration::from_millis(1900),
        "it came back too early"
    );
    for request in &asked {
        assert_eq!(request.path, "/api/public/otel/v1/traces");
        assert_eq!(request.headers["x-team"], "a");
        assert_eq!(request.headers["content-type"], "application/x-protobuf");
        // base64 of `pk-lf-1:canary-destination-5a1c"quoted`.
        assert_eq!(
            request.headers["authorization"],
            "Basic cGstbGYtMTpjYW5hcnktZGVzdGluYXRpb24tNWExYyJxdW90ZWQ="
        );
    }
    // Read by a platform that knows nothing else, it is the same.
    let mut reader = Reader::start();
    reader.feed(&collector);
    let (ours, theirs) = (observations(client), reader.observations());
    assert_eq!(ours.len(), 7, "{ours:?}");
    for (our, their) in ours.iter().zip(&theirs) {
        assert_eq!(our, their);
    }
    assert_eq!(theirs.len(), 7);
    for trace in [TRACE, "native%201", "lf"] {
        let of = |client: &Client| {
            let mut trace = client.get(&format!("/api/v1/traces/{trace}")).expect(200);
            let trace = trace.as_object_mut().unwrap();
            trace.retain(|field, _| {
                [
                    "name",
                    "user_id",
                    "session_id",
                    "tags",
                    "metadata",
                    "input",
                    "output",
                    "total_cost_usd",
                    "usage",
                    "scores",
                ]
                .contains(&field.as_str())
            });
            json!(trace)
        };
        assert_eq!(of(client), of(&reader.client), "{trace}");
    }
    // Each span went over once: the one that ended later was not sent before.
    let spans = reader
        .client
        .get("/api/v1/observations?limit=200")
        .expect(200);
    assert_eq!(spans["data"].as_array().unwrap().len(), 7);

    // Whoever gets forwarded spans keeps them, and sends them no further: not even round in a ring.
    let second = Collector::start(|_| status(200));
    let _ = create(
        &reader.client,
        &json!({"url": format!("{}/in", second.url)}),
    );
    reader.fed = 0;
    reader.feed(&collector);
    let own = json!({"observations": [{"id": "o", "trace_id": "own", "name": "o", "end_time": "2026-11-20T10:00:00Z"}]});
    let _ = reader.client.post("/api/v1/ingest", &own).expect(200);
    wait_for("what is its own goes on", 30, || {
        (!second.requests().is_empty()).then_some(())
    });
    let mut last = Reader::start();
    std::thread::sleep(Duration::from_secs(2));
    last.feed(&second);
    assert_eq!(last.observations().len(), 1, "only what was its own");

    // Deleted, it gets nothing more.
    assert_eq!(client.delete(&format!("{PATH}/{id}")).status, 204);
    client
        .get(&format!("{PATH}/{id}"))
        .expect_problem(404, "not-found");
    settled();
    let before = collector.requests().len();
    ingest(client);
    std::thread::sleep(Duration::from_secs(7));
    assert_eq!(collector.requests().len(), before);
    assert!(!app.log().contains("canary"), "{}", app.log());
}

fn selection(stores: &Stores) {
    let app = App::start(stores);
    let client = &app.client();
    let (failures, part) = (
        Collector::start(|_| status(200)),
        Collector::start(|_| status(200)),
    );
    let filter = json!([
        {"type": "stringOptions", "column": "level", "operator": "any of", "value": ["ERROR"]},
        {"type": "string", "column": "userId", "operator": "=", "value": "ann"},
    ]);
    let filtered = create(client, &json!({"url": failures.url, "filter": filter}));
    let sampled = create(
        client,
        &json!({"url": part.url, "sampling_rate": 0.3, "kind": "phoenix", "project": "p"}),
    );
    let mut observations = Vec::new();
    for i in 0..200 {
        let level = if i % 10 == 0 { "ERROR" } else { "DEFAULT" };
        for part in 0..2 {
            observations.push(json!({"id": format!("o{part}"), "trace_id": format!("t{i}"), "name": "n", "level": level,
                "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T10:00:01Z"}));
        }
    }
    let traces: Vec<Value> = (0..100)
        .map(|i| json!({"id": format!("t{i}"), "user_id": "ann"}))
        .collect();
    let batch = json!({"traces": traces, "observations": observations});
    let _ = client.post("/api/v1/ingest", &batch).expect(200);
    // Ten traces of ann's failed, of two observations each.
    let done = until(client, &filtered, "what failed is sent", |d| {
        d["waiting"] == 0 && d["sent"] != 0
    });
    assert_eq!(done["sent"], 20, "{done}");
    let done = until(client, &sampled, "a part is sent", |d| {
        d["waiting"] == 0 && d["sent"] != 0
    });
    let sent = done["sent"].as_u64().unwrap();
    assert!((60..=180).contains(&sent), "{sent} of 400");
    let mut reader = Reader::start();
    reader.feed(&part);
    let mut by_trace: BTreeMap<String, u32> = BTreeMap::new();
    for o in reader.observations() {
        *by_trace.entry(o["trace_id"].to_string()).or_default() += 1;
    }
    assert_eq!(by_trace.len() as u64 * 2, sent);
    assert!(by_trace.values().all(|n| *n == 2), "a trace is sent whole");
    assert_eq!(part.requests()[0].path, "/v1/traces");

    // What was redacted before it was stored is redacted here, and what was deleted before it was sent is not sent.
    let policy = json!({"redaction": {"rules": [{"name": "ticket", "kind": {"type": "pattern", "pattern": "TICKET-[0-9]+"}}]}});
    let headers = [("content-type", "application/json")];
    let put = client.send(
        "PUT",
        "/api/v1/ingest/policy",
        &headers,
        Some(policy.to_string().as_bytes()),
    );
    let _ = put.expect(200);
    let pause = |enabled: bool| {
        let path = format!("{PATH}/{filtered}");
        let _ = client
            .patch(&path, &json!({"enabled": enabled, "filter": null}))
            .expect(200);
    };
    // Down for a moment, so that something waits.
    let closed = Collector::start(|_| status(200));
    let url = closed.url.clone();
    drop(closed);
    let _ = client
        .patch(
            &format!("{PATH}/{filtered}"),
            &json!({"url": url, "filter": null}),
        )
        .expect(200);
    settled();
    let one = |trace: &str| json!({"id": "o", "trace_id": trace, "name": "n", "input": "about TICKET-17", "end_time": "2026-11-20T10:00:01Z"});
    let batch = json!({"observations": [one("kept"), one("gone")]});
    let _ = client.post("/api/v1/ingest", &batch).expect(200);
    until(client, &filtered, "two wait", |d| {
        d["waiting"] == 2 && d["last_error"].is_string()
    });
    pause(false);
    assert_eq!(client.delete("/api/v1/traces/gone").status, 204);
    let again = Collector::start(|_| status(200));
    let _ = client
        .patch(&format!("{PATH}/{filtered}"), &json!({"url": again.url}))
        .expect(200);
    std::thread::sleep(Duration::from_secs(6));
    assert!(again.requests().is_empty(), "it is not enabled");
    pause(true);
    let done = until(client, &filtered, "what is left is sent", |d| {
        d["waiting"] == 0
    });
    assert_eq!(done["sent"], 21, "{done}");
    let mut reader = Reader::start();
    reader.feed(&again);
    let found = reader.observations();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["trace_id"], &found[0]["input"]),
        (&json!("kept"), &json!("about [REDACTED:ticket]"))
    );
}

fn trouble(stores: &Stores) {
    let app = App::start(stores);
    let client = &app.client();
    let batch = |name: &str, n: usize| {
        let one = |i: usize| {
            json!({"id": format!("o{i}"), "trace_id": name, "name": "n", "input": "x".repeat(500),
            "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T10:00:01Z"})
        };
        json!({"observations": (0..n).map(one).collect::<Vec<_>>()})
    };
    let ingest = |name: &str, n: usize| -> Duration {
        let (body, began) = (batch(name, n), Instant::now());
        assert_eq!(
            client.post("/api/v1/ingest", &body).expect(200)["accepted"],
            n
        );
        began.elapsed()
    };
    let without: Duration = (0..20).map(|i| ingest(&format!("before {i}"), 20)).sum();

    // One hangs, one takes some spans only, and one is well.
    let hanging = Collector::start(|_| CollectorAnswer {
        delay: Duration::from_secs(30),
        ..status(200)
    });
    // ExportTraceServiceResponse: two rejected, "too old".
    let partly = Collector::start(|n| CollectorAnswer {
        body: if n == 0 {
            b"\x0a\x0b\x08\x02\x12\x07too old".to_vec()
        } else {
            Vec::new()
        },
        ..status(200)
    });
    let well = Collector::start(|_| status(200));
    let dead = create(client, &json!({"url": hanging.url}));
    let some = create(client, &json!({"url": partly.url}));
    let good = create(client, &json!({"url": well.url}));
    let with: Duration = (0..20).map(|i| ingest(&format!("beside {i}"), 20)).sum();
    assert!(
        with < without * 5 + Duration::from_secs(2),
        "{without:?} became {with:?}"
    );
    let done = until(client, &good, "the well one has all", |d| d["waiting"] == 0);
    assert_eq!(done["sent"], 400, "{done}");
    let done = until(client, &some, "the one that takes some is done", |d| {
        d["waiting"] == 0
    });
    assert_eq!(
        (&done["sent"], &done["failed"]),
        (&json!(398), &json!(2)),
        "{done}"
    );
    assert!(
        done["last_error"].as_str().unwrap().contains("too old"),
        "{done}"
    );
    let done = until(client, &dead, "the hanging one is told of", |d| {
        d["last_error"].is_string()
    });
    assert!(
        done["last_error"]
            .as_str()
            .unwrap()
            .contains("no answer within"),
        "{done}"
    );
    assert_eq!(
        (&done["sent"], &done["waiting"]),
        (&json!(0), &json!(400)),
        "{done}"
    );
    assert!(done["retry_at"].is_string(), "{done}");
    for id in [&dead, &some] {
        assert_eq!(client.delete(&format!("{PATH}/{id}")).status, 204);
    }

    // A request that is refused for good is made smaller, and given up when nothing helps; the others go on.
    let picky = Collector::start(|n| status(if n < 5 { 400 } else { 200 }));
    let refused = create(client, &json!({"url": picky.url}));
    ingest("refused", 10);
    let done = until(client, &refused, "the rest is taken", |d| d["waiting"] == 0);
    assert_eq!(
        (&done["sent"], &done["failed"]),
        (&json!(9), &json!(1)),
        "{done}"
    );
    assert!(
        done["last_error"].as_str().unwrap().contains("400"),
        "{done}"
    );

    // A trial says what the other side says, and shows no credential that it sends back.
    let rude = Collector::start(|_| CollectorAnswer {
        body: format!("key {SECRET} is not valid").into_bytes(),
        ..status(403)
    });
    let denied = create(
        client,
        &json!({"url": rude.url, "auth": {"type": "header", "name": "X-Key"}, "credential": SECRET, "enabled": false}),
    );
    let test = |id: &str| client.post(&format!("{PATH}/{id}/test"), &json!({}));
    let tried = test(&denied);
    assert!(!tried.text.contains("canary"), "{}", tried.text);
    let tried = tried.expect(200);
    assert_eq!(
        (&tried["ok"], &tried["status"]),
        (&json!(false), &json!(403)),
        "{tried}"
    );
    assert!(
        tried["message"].as_str().unwrap().contains("is not valid"),
        "{tried}"
    );
    assert_eq!(rude.requests()[0].headers["x-key"], SECRET);
    let tried = test(&good).expect(200);
    assert_eq!(
        (&tried["ok"], &tried["message"]),
        (&json!(true), &Value::Null),
        "{tried}"
    );
    let mut reader = Reader::start();
    reader.feed(&well);
    let trace = tried["trace_id"].as_str().unwrap();
    let _ = reader
        .client
        .get(&format!("/api/v1/traces/{trace}"))
        .expect(200);
    assert_eq!(shown(client, &denied)["sent"], 0, "a trial is not counted");
}

/// More waits than may: the oldest goes, and is counted.
#[test]
fn forwarding_keeps_no_more_than_it_may() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let down = Collector::start(|_| status(503));
    let id = create(client, &json!({"url": down.url}));
    let end = "2026-11-20T10:00:01Z";
    for part in 0..11 {
        let one = |i: usize| json!({"id": i.to_string(), "trace_id": format!("t{part}"), "name": "n", "end_time": end});
        let batch: Vec<Value> = (0..10_000).map(one).collect();
        let _ = client
            .post("/api/v1/ingest", &json!({"observations": batch}))
            .expect(200);
        let waiting = shown(client, &id)["waiting"].as_u64().unwrap();
        assert!(waiting <= 100_000, "{waiting}");
    }
    let now = shown(client, &id);
    assert_eq!(
        (&now["waiting"], &now["dropped"]),
        (&json!(100_000), &json!(10_000)),
        "{now}"
    );
    assert_eq!(now["sent"], 0);
}

/// What runs of campaigns did goes the same way.
#[test]
fn forwarding_takes_traces_of_campaigns_along() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let collector = Collector::start(|_| status(200));
    let id = create(client, &json!({"url": collector.url}));
    let agent = client.agent(&format!(
        "{}/sample-agent/v1/chat/completions",
        app.url.trim_end_matches('/')
    ));
    let dataset = client.dataset(
        &json!([{"key": "k", "input": "How long do refunds take?", "expected_output": "x"}]),
    );
    let campaign = client.start(
        &json!({"name": "c", "agent_id": agent, "dataset_id": dataset,
        "metrics": [{"kind": "exact_match"}]}),
    );
    let _ = client.finished(&campaign, 60);
    let ours = observations(client);
    assert!(ours.len() > 3, "{ours:?}");
    until(client, &id, "all of it is sent", |d| {
        d["waiting"] == 0 && d["sent"] == ours.len()
    });
    let mut reader = Reader::start();
    reader.feed(&collector);
    assert_eq!(reader.observations(), ours);
}
