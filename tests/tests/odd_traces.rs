//! Traces whose values are odd: out of range, backwards, no number, large, many, in rings, of wrong clocks. By each way in,
//! on both trace stores; each has the outcome of `docs/ingestion.md`, and nothing else of its batch is lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::otlp::{self, Attribute, NANOS, Span};
use assay_tests::ways::{
    JSON, LINES, event, ids, langfuse, native, observations, partly, partly_json, protobuf,
};
use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};

/// One test a store.
macro_rules! on_both {
    ($($name:ident $clickhouse:ident $body:ident;)*) => {$(
        #[test]
        fn $name() {
            $body(&App::start(&Stores::embedded()).client());
        }

        #[test]
        fn $clickhouse() {
            if let Some(stores) = Stores::clickhouse() {
                $body(&App::start(&stores).client());
            }
        }
    )*};
}

on_both! {
    times_and_numbers_out_of_range clickhouse_times_and_numbers_out_of_range ranges;
    an_end_before_the_start_is_kept_as_sent clickhouse_an_end_before_the_start_is_kept_as_sent ends;
    costs_that_are_no_number_are_no_costs clickhouse_costs_that_are_no_number_are_no_costs costs;
    five_megabytes_of_text_come_back_whole clickhouse_five_megabytes_of_text_come_back_whole large;
    ten_thousand_spans_are_one_trace clickhouse_ten_thousand_spans_are_one_trace many;
    rings_of_parents_are_read_as_trees clickhouse_rings_of_parents_are_read_as_trees rings;
    clocks_that_are_days_off_keep_their_times clickhouse_clocks_that_are_days_off_keep_their_times clocks;
}

fn ranges(client: &Client) {
    let trace = Span::new(7, 1).trace_id();
    // Ids of the wrong length, in protobuf.
    let good = Span::new(7, 1);
    let with = |change: fn(&mut Span)| {
        let mut span = Span::new(7, 2);
        change(&mut span);
        span
    };
    let spans = [
        with(|s| s.id = vec![1; 7]),
        with(|s| s.id = vec![1; 9]),
        with(|s| s.id = vec![0; 8]),
        with(|s| s.trace = vec![1; 15]),
        with(|s| s.trace = vec![0; 16]),
        with(|s| s.parent = vec![1; 3]),
        good.clone(),
    ];
    let (count, why) = partly(&protobuf(client, &otlp::protobuf(&spans)));
    assert_eq!(count, 6, "{why}");
    assert!(
        why.starts_with("span 0 (01010101010101): the span id must be 8 bytes"),
        "{why}"
    );
    assert_eq!(ids(client, &trace), [good.span_id()]);

    // Ids that are numbers, and times and counts beyond 64 bits, in JSON.
    let with = |id: u64, field: &str, value: Value| {
        let mut span = Span::new(7, id).json();
        span[field] = value;
        span
    };
    let big = json!([{"key": "big", "value": {"intValue": "9223372036854775808"}}, {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "18446744073709551616"}}]);
    let body = otlp::json_of(vec![
        with(3, "startTimeUnixNano", json!("18446744073709551616")),
        with(4, "endTimeUnixNano", json!(-1)),
        with(5, "spanId", json!(18_446_744_073_709_551_615_u64)),
        with(6, "traceId", json!("18446744073709551616")),
        with(8, "attributes", big),
        Span::new(7, 9).json(),
    ]);
    let (count, why) = partly_json(&client.post("/v1/traces", &body));
    assert_eq!(count, 4, "{why}");
    for part in [
        "span 0 (0000000000000003): startTimeUnixNano: not an unsigned 64-bit integer",
        "span 1 (0000000000000004): endTimeUnixNano: ",
        "span 2 (1844674407370955): spanId: ",
        "span 3 (0000000000000006): the trace id must be 16 bytes",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    let found = observations(client, &trace);
    assert_eq!(found.len(), 3);
    // What is no count is kept as what it is.
    let kept = &found[1]["metadata"]["attributes"];
    assert_eq!(kept["big"], "9223372036854775808");
    assert_eq!(kept["gen_ai.usage.input_tokens"], "18446744073709551616");
    assert!(found[1]["usage"].is_null(), "{}", found[1]);

    let done = langfuse(
        client,
        &json!([
            event(
                "r1",
                "generation-create",
                json!({"id": "a", "traceId": "r", "name": "n", "usage": {"input": 9_223_372_036_854_775_808_u64}})
            ),
            event(
                "r2",
                "generation-create",
                json!({"id": "b", "traceId": "r", "name": "n", "promptVersion": 1e30})
            ),
            event(
                "r3",
                "span-create",
                json!({"id": "x".repeat(5_000), "traceId": "r", "name": "n"})
            ),
            event(
                "r4",
                "generation-create",
                json!({"id": "d", "traceId": "r", "name": "n", "usage": {"input": i64::MAX}})
            ),
        ]),
    );
    let errors = done["errors"].as_array().unwrap();
    let told: Vec<&str> = errors
        .iter()
        .map(|e| e["message"].as_str().unwrap())
        .collect();
    assert_eq!(errors.len(), 3, "{done}");
    for (told, field) in told.iter().zip(["usage.input", "promptVersion", "id"]) {
        assert!(told.contains(field), "{field}: {told}");
    }
    assert_eq!(ids(client, "r"), ["d"]);
    assert_eq!(observations(client, "r")[0]["usage"]["input"], i64::MAX);

    let o = |id: &str, field: &str, value: Value| {
        let mut record = json!({"id": id, "trace_id": "n", "name": "n"});
        record[field] = value;
        record
    };
    let done = native(
        client,
        &json!({"observations": [
            o("a", "usage", json!({"input": 9_223_372_036_854_775_808_u64, "output": 1})),
            o("b", "usage", json!({"input": -1, "output": 1})),
            o("c", "prompt_version", json!(9_223_372_036_854_775_808_u64)),
            o("d", "start_time", json!("10000-01-01T00:00:00Z")),
            o("e", "usage", json!({"input": i64::MAX, "output": 0})),
        ]}),
    );
    assert_eq!(done["accepted"], 1, "{done}");
    let rejected = done["rejected"].as_array().unwrap();
    let fields: Vec<&str> = rejected
        .iter()
        .map(|r| r["errors"][0]["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        [
            "/observations/0/usage/input",
            "/observations/1/usage/input",
            "/observations/2/prompt_version",
            "/observations/3/start_time"
        ]
    );
    assert_eq!(ids(client, "n"), ["e"]);
}

fn ends(client: &Client) {
    let span = Span::new(1, 1).between(NANOS + 5_000_000_000, NANOS);
    let other = Span::new(1, 2);
    assert_eq!(
        partly(&protobuf(client, &otlp::protobuf(&[span.clone(), other]))).0,
        0
    );
    let second = [
        Span::new(2, 1).between(NANOS + 5_000_000_000, NANOS),
        Span::new(2, 2),
    ];
    assert_eq!(
        partly_json(&client.post("/v1/traces", &otlp::json(&second))).0,
        0
    );
    let (late, early) = ("2026-11-20T10:00:05Z", "2026-11-20T10:00:00Z");
    let done = langfuse(
        client,
        &json!([
            event(
                "e1",
                "span-create",
                json!({"id": "0000000000000001", "traceId": "l", "name": "n", "startTime": late, "endTime": early})
            ),
            event(
                "e2",
                "span-create",
                json!({"id": "0000000000000002", "traceId": "l", "name": "n", "startTime": early})
            ),
        ]),
    );
    assert_eq!(done["errors"], json!([]));
    let done = native(
        client,
        &json!({"observations": [
            {"id": "0000000000000001", "trace_id": "n", "name": "n", "start_time": late, "end_time": early},
            {"id": "0000000000000002", "trace_id": "n", "name": "n", "start_time": early},
        ]}),
    );
    assert_eq!(done["rejected"], json!([]));
    for trace in [span.trace_id().as_str(), &second[0].trace_id(), "l", "n"] {
        let found = observations(client, trace);
        assert_eq!(found.len(), 2, "{trace}");
        assert_eq!(found[0]["start_time"], "2026-11-20T10:00:05.000000Z");
        assert_eq!(found[0]["end_time"], "2026-11-20T10:00:00.000000Z");
        let tree = client
            .get(&format!("/api/v1/traces/{trace}/tree"))
            .expect(200);
        assert_eq!(tree["data"].as_array().unwrap().len(), 2);
    }
    let listed = client.get("/api/v1/traces?max_latency=100").expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 4, "{listed}");
}

fn costs(client: &Client) {
    let cost = |id: u64, cost: f64| {
        Span::new(1, id)
            .with("gen_ai.usage.cost", Attribute::Double(cost))
            .text("gen_ai.request.model", "m")
    };
    let spans = [
        cost(1, f64::NAN),
        cost(2, f64::INFINITY),
        cost(3, f64::NEG_INFINITY),
        cost(4, -1.0),
        cost(5, 0.25),
    ];
    assert_eq!(partly(&protobuf(client, &otlp::protobuf(&spans))).0, 0);
    let second: Vec<Span> = spans
        .iter()
        .cloned()
        .map(|mut s| {
            s.trace = 2_u128.to_be_bytes().to_vec();
            s
        })
        .collect();
    assert_eq!(
        partly_json(&client.post("/v1/traces", &otlp::json(&second))).0,
        0
    );
    for trace in [spans[0].trace_id(), second[0].trace_id()] {
        let found = observations(client, &trace);
        let costs: Vec<&Value> = found.iter().map(|o| &o["cost_usd"]).collect();
        assert_eq!(json!(costs), json!([null, null, null, null, 0.25]));
        // What is no amount is kept as what it was called.
        assert_eq!(
            found[0]["metadata"]["attributes"]["gen_ai.usage.cost"],
            "NaN"
        );
        assert_eq!(
            found[3]["metadata"]["attributes"]["gen_ai.usage.cost"],
            -1.0
        );
        assert_eq!(
            client.get(&format!("/api/v1/traces/{trace}")).expect(200)["total_cost_usd"],
            0.25
        );
    }
    let of = |id: &str, cost: Value| {
        event(
            id,
            "generation-create",
            json!({"id": id, "traceId": "l", "name": "n", "costDetails": {"total": cost}}),
        )
    };
    let done = langfuse(
        client,
        &json!([
            of("c1", json!("NaN")),
            of("c2", json!("Infinity")),
            of("c3", json!(-1)),
            of("c4", json!(0.25))
        ]),
    );
    let errors = done["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3, "{done}");
    assert!(errors.iter().all(|e| e["status"] == 400), "{done}");
    for wrong in errors {
        let told = wrong["message"].as_str().unwrap();
        assert!(
            told.contains("costDetails.total") || told.contains("cost_"),
            "{told}"
        );
    }
    assert_eq!(ids(client, "l"), ["c4"]);
    let of =
        |id: &str, cost: Value| json!({"id": id, "trace_id": "n", "name": "n", "cost_usd": cost});
    let done = native(
        client,
        &json!({"observations": [of("a", json!("NaN")), of("b", json!(-1)), of("c", json!(0.25))]}),
    );
    let fields: Vec<&Value> = done["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["errors"][0]["field"])
        .collect();
    assert_eq!(
        json!(fields),
        json!(["/observations/0/cost_usd", "/observations/1/cost_usd"])
    );
    assert_eq!(ids(client, "n"), ["c"]);
    // JSON has no word for it: in one text all is refused, in lines the line.
    let bare = br#"{"observations":[{"id":"d","trace_id":"n","name":"n","cost_usd":NaN}]}"#;
    client
        .send("POST", "/api/v1/ingest", &JSON, Some(bare))
        .expect_problem(400, "malformed-body");
    let bare = br#"{"batch":[{"id":"d","type":"span-create","timestamp":"2026-11-20T10:00:00Z","body":{"costDetails":{"total":NaN}}}]}"#;
    client
        .send("POST", "/api/public/ingestion", &JSON, Some(bare))
        .expect_problem(400, "malformed-body");
    let lines = b"{\"type\":\"observation\",\"body\":{\"id\":\"e\",\"trace_id\":\"n\",\"name\":\"n\",\"cost_usd\":NaN}}\n{\"type\":\"observation\",\"body\":{\"id\":\"f\",\"trace_id\":\"n\",\"name\":\"n\"}}\n";
    let done = client
        .send("POST", "/api/v1/ingest", &LINES, Some(lines))
        .expect(200);
    assert_eq!(
        (
            &done["accepted"],
            &done["rejected"][0]["errors"][0]["field"]
        ),
        (&json!(1), &json!("/0"))
    );
    assert_eq!(ids(client, "n"), ["c", "f"]);
}

fn large(client: &Client) {
    let text: String = (0..5 << 20)
        .map(|i| char::from(b'a' + (i * 7 / 1_000 % 26) as u8))
        .collect();
    let too_large = "x".repeat(9 << 20);
    let of = |trace: u128| {
        let wide = Span::new(trace, 1).text("input.value", text.clone());
        [
            wide,
            Span::new(trace, 2),
            Span::new(trace, 3).text("input.value", too_large.clone()),
        ]
    };
    let (count, why) = partly(&protobuf(client, &otlp::protobuf(&of(1))));
    assert_eq!(count, 1, "{why}");
    assert!(
        why.starts_with("span 2 (0000000000000003): the span has 9437"),
        "{why}"
    );
    let (count, why) = partly_json(&client.post("/v1/traces", &otlp::json(&of(2))));
    assert_eq!(count, 1, "{why}");
    let done = langfuse(
        client,
        &json!([
            event(
                "b1",
                "span-create",
                json!({"id": "0000000000000001", "traceId": "l", "name": "n", "input": text})
            ),
            event(
                "b2",
                "span-create",
                json!({"id": "0000000000000002", "traceId": "l", "name": "n"})
            ),
        ]),
    );
    assert_eq!(done["errors"], json!([]));
    let done = native(
        client,
        &json!({"observations": [
            {"id": "0000000000000001", "trace_id": "n", "name": "n", "input": text},
            {"id": "0000000000000002", "trace_id": "n", "name": "n"},
        ]}),
    );
    assert_eq!(done["rejected"], json!([]));
    for trace in [
        Span::new(1, 1).trace_id().as_str(),
        &Span::new(2, 1).trace_id(),
        "l",
        "n",
    ] {
        let found = observations(client, trace);
        assert_eq!(found.len(), 2, "{trace}");
        assert!(
            found[0]["input"] == text.as_str(),
            "{trace}: {} bytes",
            found[0]["input"].to_string().len()
        );
    }
}

fn many(client: &Client) {
    const N: u64 = 10_000;
    let of = |trace: u128| -> Vec<Span> {
        let span = |id| {
            if id == 1 {
                Span::new(trace, id)
            } else {
                Span::new(trace, id).under(id / 10 + 1)
            }
        };
        (1..=N).map(span).collect()
    };
    assert_eq!(partly(&protobuf(client, &otlp::protobuf(&of(1)))).0, 0);
    assert_eq!(
        partly_json(&client.post("/v1/traces", &otlp::json(&of(2)))).0,
        0
    );
    let events: Vec<Value> = (1..=N)
        .map(|id| event(&format!("m{id}"), "span-create", json!({"id": format!("o{id:05}"), "traceId": "l", "name": "n", "startTime": "2026-11-20T10:00:00Z"})))
        .collect();
    assert_eq!(langfuse(client, &json!(events))["errors"], json!([]));
    let list: Vec<Value> = (1..=N)
        .map(|id| json!({"id": format!("o{id:05}"), "trace_id": "n", "name": "n"}))
        .collect();
    assert_eq!(
        native(client, &json!({ "observations": list }))["accepted"],
        N
    );
    for trace in [
        Span::new(1, 1).trace_id().as_str(),
        &Span::new(2, 1).trace_id(),
        "l",
        "n",
    ] {
        let found = client.get(&format!("/api/v1/traces/{trace}")).expect(200);
        assert_eq!(found["observation_count"], N, "{trace}");
        assert_eq!(
            found["observations"].as_array().unwrap().len() as u64,
            N,
            "{trace}"
        );
    }
    let tree = client
        .get(&format!(
            "/api/v1/traces/{}/tree?limit=1",
            Span::new(1, 1).trace_id()
        ))
        .expect(200);
    assert_eq!(tree["data"][0]["descendants"], N - 1);
}

fn rings(client: &Client) {
    // A ring of three with something below, a span that is its own parent, one whose parent never comes, and a good root.
    let edges = [(1, 3), (2, 1), (3, 2), (4, 3), (5, 5), (6, 99)];
    let of = |trace: u128| -> Vec<Span> {
        let bad = edges
            .iter()
            .map(|(id, parent)| Span::new(trace, *id).under(*parent));
        bad.chain([Span::new(trace, 7), Span::new(trace, 8).under(7)])
            .collect()
    };
    assert_eq!(partly(&protobuf(client, &otlp::protobuf(&of(1)))).0, 0);
    assert_eq!(
        partly_json(&client.post("/v1/traces", &otlp::json(&of(2)))).0,
        0
    );
    let id = |id: u64| format!("{id:016x}");
    let all: Vec<(u64, Option<u64>)> = edges
        .iter()
        .map(|(i, p)| (*i, Some(*p)))
        .chain([(7, None), (8, Some(7))])
        .collect();
    let events: Vec<Value> = all.iter()
        .map(|(o, parent)| event(&format!("g{o}"), "span-create", json!({"id": id(*o), "traceId": "l", "name": "n", "parentObservationId": parent.map(id)})))
        .collect();
    assert_eq!(langfuse(client, &json!(events))["errors"], json!([]));
    let list: Vec<Value> = all.iter().map(|(o, parent)| json!({"id": id(*o), "trace_id": "n", "name": "n", "parent_id": parent.map(id)})).collect();
    assert_eq!(
        native(client, &json!({ "observations": list }))["rejected"],
        json!([])
    );
    for trace in [
        Span::new(1, 1).trace_id().as_str(),
        &Span::new(2, 1).trace_id(),
        "l",
        "n",
    ] {
        let tree = client
            .get(&format!("/api/v1/traces/{trace}/tree"))
            .expect(200);
        let mut shown: Vec<&str> = tree["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["id"].as_str().unwrap())
            .collect();
        shown.sort_unstable();
        let wanted: Vec<String> = (1..=8).map(id).collect();
        assert_eq!(shown, wanted, "each once: {tree}");
        assert_eq!(ids(client, trace).len(), 8);
    }
}

fn clocks(client: &Client) {
    const DAY: u64 = 86_400_000_000_000;
    let of = |trace: u128| {
        [
            Span::new(trace, 1).between(NANOS - 30 * DAY, NANOS - 30 * DAY + 1_000),
            Span::new(trace, 2).between(NANOS + 30 * DAY, NANOS + 30 * DAY + 1_000),
            Span::new(trace, 3),
            Span::new(trace, 4).between(1_000, 2_000),
            Span::new(trace, 5).between(u64::MAX - 1, u64::MAX),
        ]
    };
    assert_eq!(partly(&protobuf(client, &otlp::protobuf(&of(1)))).0, 0);
    assert_eq!(
        partly_json(&client.post("/v1/traces", &otlp::json(&of(2)))).0,
        0
    );
    let times = [
        "2026-10-21T10:00:00Z",
        "2026-12-20T10:00:00Z",
        "2026-11-20T10:00:00Z",
        "1970-01-01T00:00:00.000001Z",
        "2999-01-01T00:00:00Z",
    ];
    let id = |i: usize| format!("{:016x}", i + 1);
    let events: Vec<Value> = times
        .iter()
        .enumerate()
        .map(|(i, at)| {
            event(
                &format!("t{i}"),
                "span-create",
                json!({"id": id(i), "traceId": "l", "name": "n", "startTime": at}),
            )
        })
        .collect();
    assert_eq!(langfuse(client, &json!(events))["errors"], json!([]));
    let list: Vec<Value> = times
        .iter()
        .enumerate()
        .map(|(i, at)| json!({"id": id(i), "trace_id": "n", "name": "n", "start_time": at}))
        .collect();
    assert_eq!(
        native(client, &json!({ "observations": list }))["rejected"],
        json!([])
    );
    let traces = [
        Span::new(1, 1).trace_id(),
        Span::new(2, 1).trace_id(),
        "l".into(),
        "n".into(),
    ];
    for trace in &traces {
        let found = observations(client, trace);
        let starts: Vec<&Value> = found.iter().map(|o| &o["start_time"]).collect();
        // Beyond the last instant that all stores tell apart is that instant.
        assert_eq!(
            json!(starts),
            json!([
                "2026-10-21T10:00:00.000000Z",
                "2026-12-20T10:00:00.000000Z",
                "2026-11-20T10:00:00.000000Z",
                "1970-01-01T00:00:00.000001Z",
                "2261-12-31T23:59:59.999999Z",
            ]),
            "{trace}"
        );
        let whole = client.get(&format!("/api/v1/traces/{trace}")).expect(200);
        assert_eq!(
            whole["timestamp"], "1970-01-01T00:00:00.000001Z",
            "the earliest"
        );
    }
    // They are found by their own times.
    let within = client
        .get("/api/v1/observations?from=2026-12-01T00:00:00Z&to=2027-01-01T00:00:00Z")
        .expect(200);
    assert_eq!(within["data"].as_array().unwrap().len(), traces.len());
}
