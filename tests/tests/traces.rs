//! Traces are read the same from both stores: filters, orders, pages, trees, sessions, and Langfuse's events.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    traces_are_found_by_every_filter clickhouse_traces_are_found_by_every_filter filters;
    lists_are_sorted_and_paged clickhouse_lists_are_sorted_and_paged pages;
    long_lists_are_right_where_times_were_said_twice clickhouse_long_lists_are_right_where_times_were_said_twice long_lists;
    lists_by_words_that_several_events_said clickhouse_lists_by_words_that_several_events_said said;
    a_huge_trace_is_read_as_a_tree clickhouse_a_huge_trace_is_read_as_a_tree tree;
    words_on_a_trace_are_united clickhouse_words_on_a_trace_are_united words;
    events_of_an_observation_come_in_any_order clickhouse_events_of_an_observation_come_in_any_order events;
    large_texts_are_stored_once_and_forgotten clickhouse_large_texts_are_stored_once_and_forgotten payloads;
}

fn ingest(client: &Client, batch: &Value) {
    let done = client.post("/api/v1/ingest", batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
}

fn ids(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).expect(200);
    let rows = page["data"].as_array().unwrap().iter();
    let mut ids: Vec<String> = rows.map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn quoted(filter: &Value) -> String {
    url::form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect()
}

/// Three traces: `a` cheap and fine, `b` dear and failed, `c` with nothing but its root.
fn three(client: &Client) {
    let at = |s: u32| format!("2026-11-20T10:00:{s:02}Z");
    ingest(
        client,
        &json!({
            "traces": [
                {"id": "a", "name": "chat", "timestamp": at(0), "user_id": "ann", "session_id": "s1", "tags": ["x", "y"],
                 "metadata": {"plan": "pro", "seats": 3, "deep": {"er": "yes"}}, "environment": "production"},
                {"id": "b", "name": "search", "timestamp": at(10), "user_id": "bob", "session_id": "s1", "tags": ["x"],
                 "metadata": {"plan": "free", "seats": 11}},
            ],
            "observations": [
                {"id": "a1", "trace_id": "a", "name": "root", "start_time": at(0), "end_time": at(2), "input": "Where is my \"refund\"?",
                 "output": {"text": "Soon"}},
                {"id": "a2", "trace_id": "a", "parent_id": "a1", "type": "GENERATION", "name": "llm", "model": "large-1",
                 "start_time": at(1), "end_time": at(2), "cost_usd": 0.25, "usage": {"input": 10, "output": 5}},
                {"id": "b1", "trace_id": "b", "name": "root", "start_time": at(10), "end_time": at(20), "level": "ERROR",
                 "status_message": "boom", "model": "small-1", "cost_usd": 2.0, "usage": {"input": 100, "output": 50}},
                {"id": "c1", "trace_id": "c", "name": "lonely", "start_time": at(30), "environment": "staging"},
            ],
            "scores": [
                {"id": "s-a", "trace_id": "a", "name": "helpful", "value": 0.9},
                {"id": "s-b", "trace_id": "b", "name": "helpful", "value": 0.2},
                {"id": "s-c", "trace_id": "b", "name": "tone", "data_type": "CATEGORICAL", "string_value": "rude"},
            ],
        }),
    );
}

fn filters(client: &Client) {
    three(client);
    for (query, wanted) in [
        ("", "abc"),
        ("name=chat", "a"),
        ("name=lonely", "c"),
        ("user_id=ann", "a"),
        ("session_id=s1", "ab"),
        ("tag=x", "ab"),
        ("tag=x&tag=y", "a"),
        ("environment=production", "a"),
        ("model=small-1", "b"),
        ("status=error", "b"),
        ("status=ok", "ac"),
        ("min_latency=5", "b"),
        ("max_latency=5", "ac"),
        ("min_cost=0.2&max_cost=0.3", "a"),
        ("min_tokens=100", "b"),
        ("q=REFUND", "a"),
        ("q=%22refund%22", "a"),
        ("q=boom", "b"),
        ("q=nothing", ""),
        ("from=2026-11-20T10:00:10Z&to=2026-11-20T10:00:30Z", "b"),
    ] {
        let found = ids(client, &format!("/api/v1/traces?{query}")).concat();
        assert_eq!(found, wanted, "{query}");
    }
    let one = |kind: &str, column: &str, operator: &str, value: Value| json!([{"type": kind, "column": column, "operator": operator, "value": value}]);
    let keyed = |kind: &str, column: &str, key: &str, operator: &str, value: Value| json!([{"type": kind, "column": column, "key": key, "operator": operator, "value": value}]);
    for (filter, wanted) in [
        (one("string", "name", "contains", json!("EAR")), "b"),
        (
            one("string", "name", "does not contain", json!("ear")),
            "ac",
        ),
        (one("string", "name", "starts with", json!("ch")), "a"),
        (one("string", "name", "ends with", json!("ly")), "c"),
        (one("string", "userId", "<>", json!("ann")), "bc"),
        (
            one("stringOptions", "userId", "any of", json!(["ann", "bob"])),
            "ab",
        ),
        (
            one("stringOptions", "userId", "none of", json!(["ann"])),
            "bc",
        ),
        (one("arrayOptions", "tags", "none of", json!(["y"])), "bc"),
        (one("null", "userId", "is null", json!("")), "c"),
        (one("null", "userId", "is not null", json!("")), "ab"),
        (one("number", "errorCount", ">", json!(0)), "b"),
        (one("number", "observationCount", "=", json!(1)), "bc"),
        (
            one("stringOptions", "level", "none of", json!(["ERROR"])),
            "ac",
        ),
        (
            keyed("stringObject", "metadata", "plan", "=", json!("pro")),
            "a",
        ),
        (
            keyed("stringObject", "metadata", "/deep/er", "=", json!("yes")),
            "a",
        ),
        (
            keyed("numberObject", "metadata", "seats", ">", json!(5)),
            "b",
        ),
        (
            keyed("stringObject", "metadata", "plan", "<>", json!("pro")),
            "bc",
        ),
        (
            keyed("numberObject", "scores_avg", "helpful", ">=", json!(0.5)),
            "a",
        ),
        (
            keyed(
                "categoryOptions",
                "score_categories",
                "tone",
                "any of",
                json!(["rude"]),
            ),
            "b",
        ),
        (one("string", "input", "contains", json!("refund")), "a"),
        (one("string", "output", "contains", json!("soon")), "a"),
        (
            one("datetime", "timestamp", ">=", json!("2026-11-20T10:00:30Z")),
            "c",
        ),
    ] {
        let found = ids(
            client,
            &format!("/api/v1/traces?filter={}", quoted(&filter)),
        )
        .concat();
        assert_eq!(found, wanted, "{filter}");
    }
    for (query, wanted) in [
        ("trace_id=a", "a1a2"),
        ("root=true", "a1b1c1"),
        ("root=false", "a2"),
        ("user_id=bob", "b1"),
        ("trace_name=chat&type=generation", "a2"),
        ("tag=y", "a1a2"),
        ("environment=staging", "c1"),
        ("min_cost=1", "b1"),
        ("q=boom", "b1"),
        ("parent_id=a1", "a2"),
    ] {
        let found = ids(client, &format!("/api/v1/observations?{query}")).concat();
        assert_eq!(found, wanted, "{query}");
    }
    assert_eq!(ids(client, "/api/v1/scores?user_id=bob"), ["s-b", "s-c"]);
    assert_eq!(ids(client, "/api/v1/scores?max_value=0.5"), ["s-b"]);
    for (query, field) in [
        ("filter=x", "filter"),
        ("filter=%5B%7B%7D%5D", "filter/0"),
        ("sort=colour", "sort"),
        ("status=fine", "status"),
        ("min_cost=lots", "min_cost"),
        ("colour=red", "colour"),
    ] {
        let problem = client
            .get(&format!("/api/v1/traces?{query}"))
            .expect_problem(422, "validation");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let nowhere = quoted(&one("string", "colour", "=", json!("red")));
    client
        .get(&format!("/api/v1/traces?filter={nowhere}"))
        .expect_problem(422, "validation");

    let sessions = client.get("/api/v1/sessions").expect(200);
    let session = &sessions["data"][0];
    assert_eq!(
        (
            &session["id"],
            &session["trace_count"],
            &session["user_count"]
        ),
        (&json!("s1"), &json!(2), &json!(2))
    );
    assert_eq!(session["total_cost_usd"], 2.25);
    assert_eq!(ids(client, "/api/v1/users"), ["ann", "bob"]);
    let gone = client.delete("/api/v1/users/bob").expect(200);
    assert_eq!(gone, json!({"deleted": 1}));
    assert_eq!(ids(client, "/api/v1/traces").concat(), "ac");
    assert!(ids(client, "/api/v1/scores?trace_id=b").is_empty());
}

fn pages(client: &Client) {
    let observations: Vec<Value> = (0..7_u32)
        .map(|i| {
            json!({
                "id": format!("o{i}"), "trace_id": format!("t{i}"), "name": "n",
                "start_time": "2026-11-20T10:00:00Z", "end_time": format!("2026-11-20T10:00:0{}Z", (i * 3) % 7),
                "cost_usd": f64::from((i * 2) % 7), "usage": {"input": (i * 5) % 7, "output": 0},
            })
        })
        .collect();
    ingest(client, &json!({ "observations": observations }));
    let all = |path: &str, sort: &str| {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client
                .get(&format!("{path}?limit=3&sort={sort}{cursor}"))
                .expect(200);
            let rows = page["data"].as_array().unwrap().iter();
            all.extend(rows.map(|t| t["id"].as_str().unwrap()[1..].parse::<u32>().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    };
    let by = |factor: u32| {
        let mut order: Vec<u32> = (0..7).collect();
        order.sort_by_key(|i| (i * factor) % 7);
        order
    };
    for (sort, factor) in [("latency", 3), ("cost", 2), ("tokens", 5)] {
        let up = by(factor);
        let down: Vec<u32> = up.iter().rev().copied().collect();
        for path in ["/api/v1/traces", "/api/v1/observations"] {
            assert_eq!(all(path, sort), up, "{path} {sort}");
            assert_eq!(all(path, &format!("-{sort}")), down, "{path} -{sort}");
        }
    }
    // Times are all the same: ids break the tie.
    assert_eq!(all("/api/v1/traces", "-timestamp"), [6, 5, 4, 3, 2, 1, 0]);
    let page = client.get("/api/v1/traces?limit=3&sort=cost").expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    client
        .get(&format!("/api/v1/traces?cursor={cursor}"))
        .expect_problem(422, "validation");
    let langfuse = client.get("/api/public/traces?limit=3&page=3").expect(200);
    assert_eq!(
        langfuse["meta"],
        json!({"page": 3, "limit": 3, "totalItems": 7, "totalPages": 3})
    );
    assert_eq!(langfuse["data"].as_array().unwrap().len(), 1);
}

/// A list as it is read page by page, as numbers of the ids.
fn whole(client: &Client, path: &str, limit: usize) -> Vec<usize> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("{path}&limit={limit}{cursor}"))
            .expect(200);
        let rows = page["data"].as_array().unwrap().iter();
        all.extend(rows.map(|t| t["id"].as_str().unwrap()[1..].parse::<usize>().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Lists of more than a few pages, of things whose times were said anew: earlier, later, and the same again.
fn long_lists(client: &Client) {
    const N: usize = 700;
    let at = |second: usize| {
        format!(
            "2026-11-20T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    };
    // Some orders that have nothing to do with the ids; several share a time.
    let first = |i: usize| 40_000 + (i * 7919) % 350;
    let second = |i: usize| match i % 5 {
        0 => first(i).saturating_sub(20_000 + i),
        1 => first(i) + 3_000,
        _ => first(i),
    };
    let id = |letter: char, i: usize| format!("{letter}{i:04}");
    let batch = |time: &dyn Fn(usize) -> usize, which: &dyn Fn(usize) -> bool| {
        let ids = || (0..N).filter(|i| which(*i));
        json!({
            "traces": ids().map(|i| json!({"id": id('t', i), "timestamp": at(time(i)), "name": if i % 3 == 0 { "chat" } else { "search" }})).collect::<Vec<_>>(),
            "observations": ids().map(|i| json!({"id": id('o', i), "trace_id": "apart", "name": "n", "start_time": at(time(i))})).collect::<Vec<_>>(),
            "scores": ids().map(|i| json!({"id": id('s', i), "trace_id": "apart", "name": "v", "value": 1, "timestamp": at(time(i))})).collect::<Vec<_>>(),
        })
    };
    ingest(client, &batch(&first, &|_| true));
    ingest(client, &batch(&second, &|i| i % 5 < 3));
    // Of a trace the earliest time counts, of the others the last one said.
    let last = |i: usize| if i % 5 < 3 { second(i) } else { first(i) };
    let earliest = |i: usize| first(i).min(last(i));
    let order = |time: &dyn Fn(usize) -> usize, which: &dyn Fn(usize) -> bool| {
        let mut all: Vec<usize> = (0..N).filter(|i| which(*i)).collect();
        all.sort_by_key(|i| (time(*i), *i));
        all
    };
    let chat = |i: usize| i.is_multiple_of(3);
    for (path, sort, wanted) in [
        (
            "/api/v1/traces?q=t0",
            "timestamp",
            order(&earliest, &|_| true),
        ),
        (
            "/api/v1/traces?name=chat",
            "timestamp",
            order(&earliest, &chat),
        ),
        (
            "/api/v1/traces?from=2026-11-20T11:00:00Z&to=2026-11-20T11:10:00Z&name=chat",
            "timestamp",
            order(&earliest, &|i| {
                chat(i) && (39_600..40_200).contains(&earliest(i))
            }),
        ),
        (
            "/api/v1/observations?trace_id=apart",
            "start_time",
            order(&last, &|_| true),
        ),
        (
            "/api/v1/observations?name=n",
            "start_time",
            order(&last, &|_| true),
        ),
    ] {
        let down: Vec<usize> = wanted.iter().rev().copied().collect();
        assert_eq!(
            whole(client, &format!("{path}&sort={sort}"), 50),
            wanted,
            "{path}"
        );
        assert_eq!(
            whole(client, &format!("{path}&sort=-{sort}"), 50),
            down,
            "{path}"
        );
    }
    let scores: Vec<usize> = order(&last, &|_| true).into_iter().rev().collect();
    assert_eq!(whole(client, "/api/v1/scores?name=v", 130), scores);
    // Without any condition there is one trace more, to which the observations and scores belong.
    let mut all = order(&earliest, &|_| true);
    all.reverse();
    let page = client.get("/api/v1/traces?limit=200").expect(200);
    let rows = page["data"].as_array().unwrap().iter();
    let ids: Vec<&str> = rows.map(|t| t["id"].as_str().unwrap()).collect();
    let wanted: Vec<String> = all.iter().map(|i| id('t', *i)).take(200).collect();
    let without: Vec<&str> = ids.into_iter().filter(|id| *id != "apart").collect();
    assert_eq!(without, wanted[..without.len()]);
    assert!(without.len() >= 199);
}

/// What was said of a trace, word by word and in any order, with times of its own each.
#[derive(Clone, Default)]
struct Said {
    at: usize,
    user: Option<usize>,
    name: Option<usize>,
    tags: BTreeSet<usize>,
}

/// Lists of traces by words that several events say, some anew, in events that tell of other times than the trace's.
fn said(client: &Client) {
    const N: usize = 400;
    let at = |second: usize| format!("2026-11-20T10:{:02}:{:02}Z", second / 60, second % 60);
    let mut state = 7_usize;
    let mut below = |n: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut all = vec![Said::default(); N];
    for round in 0..3 {
        let mut traces = Vec::new();
        for (i, trace) in all.iter_mut().enumerate() {
            if round > 0 && below(2) == 0 {
                continue;
            }
            let second = below(600);
            trace.at = if round == 0 {
                second
            } else {
                trace.at.min(second)
            };
            let mut event = json!({"id": format!("t{i:04}"), "timestamp": at(second)});
            if below(2) == 0 {
                let user = below(9);
                trace.user = Some(user);
                event["user_id"] = json!(format!("u{user}"));
            }
            if below(2) == 0 {
                let name = below(3);
                trace.name = Some(name);
                event["name"] = json!(format!("n{name}"));
            }
            if below(3) == 0 {
                let tag = below(5);
                trace.tags.insert(tag);
                event["tags"] = json!([format!("g{tag}")]);
            }
            traces.push(event);
        }
        ingest(client, &json!({ "traces": traces }));
    }
    let wanted = |is: &dyn Fn(&Said) -> bool| {
        let mut found: Vec<usize> = (0..N).filter(|i| is(&all[*i])).collect();
        found.sort_by_key(|i| (all[*i].at, *i));
        found
    };
    let filter = |conditions: Value| format!("/api/v1/traces?filter={}", quoted(&conditions));
    let one = |column: &str, operator: &str, value: Value| {
        let kind = if value.is_array() {
            "arrayOptions"
        } else {
            "string"
        };
        json!({"column": column, "type": kind, "operator": operator, "value": value})
    };
    let lists: Vec<(String, Vec<usize>)> = vec![
        (
            "/api/v1/traces?user_id=u3".into(),
            wanted(&|t| t.user == Some(3)),
        ),
        ("/api/v1/traces?user_id=u9".into(), Vec::new()),
        (
            "/api/v1/traces?name=n1".into(),
            wanted(&|t| t.name == Some(1)),
        ),
        (
            "/api/v1/traces?name=n1&user_id=u3".into(),
            wanted(&|t| t.name == Some(1) && t.user == Some(3)),
        ),
        (
            "/api/v1/traces?name=n2&from=2026-11-20T10:02:00Z&to=2026-11-20T10:05:00Z".into(),
            wanted(&|t| t.name == Some(2) && (120..300).contains(&t.at)),
        ),
        (
            filter(json!([one("name", "does not contain", json!("n1"))])),
            wanted(&|t| t.name != Some(1)),
        ),
        (
            filter(json!([one("name", "starts with", json!("n"))])),
            wanted(&|t| t.name.is_some()),
        ),
        (
            filter(json!([one("tags", "all of", json!(["g1", "g2"]))])),
            wanted(&|t| t.tags.contains(&1) && t.tags.contains(&2)),
        ),
        (
            filter(json!([one("tags", "any of", json!(["g1", "g4"]))])),
            wanted(&|t| t.tags.contains(&1) || t.tags.contains(&4)),
        ),
        (
            filter(json!([
                one("tags", "none of", json!(["g0"])),
                one("userId", "=", json!("u1"))
            ])),
            wanted(&|t| !t.tags.contains(&0) && t.user == Some(1)),
        ),
    ];
    for (path, mut wanted) in lists {
        let up = whole(client, &format!("{path}&sort=timestamp"), 20);
        assert_eq!(up, wanted, "{path}");
        wanted.reverse();
        let down = whole(client, &format!("{path}&sort=-timestamp"), 20);
        assert_eq!(down, wanted, "-{path}");
    }
}

fn tree(client: &Client) {
    let node = |i: u32| {
        let parent = (i > 0).then(|| format!("n{:05}", (i - 1) / 10));
        json!({
            "id": format!("n{i:05}"), "trace_id": "huge", "parent_id": parent, "name": format!("node {i}"),
            "start_time": format!("2026-11-20T10:00:00.{i:06}Z"), "end_time": "2026-11-20T11:00:00Z",
        })
    };
    for part in 0..5_u32 {
        let observations: Vec<Value> = (part * 2000..(part + 1) * 2000).rev().map(node).collect();
        ingest(client, &json!({ "observations": observations }));
    }
    let first = client.get("/api/v1/traces/huge/tree?limit=200").expect(200);
    let rows = first["data"].as_array().unwrap();
    assert_eq!(rows.len(), 200);
    assert_eq!(
        (
            &rows[0]["id"],
            &rows[0]["descendants"],
            &rows[0]["children"]
        ),
        (&json!("n00000"), &json!(9999), &json!(10))
    );
    assert_eq!(
        (&rows[1]["id"], &rows[1]["depth"]),
        (&json!("n00001"), &json!(1))
    );
    assert_eq!(rows[2]["id"], "n00011");
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = client
            .get(&format!(
                "/api/v1/traces/huge/tree?limit=200&depth=3{cursor}"
            ))
            .expect(200);
        seen += page["data"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 1 + 10 + 100);
    let under = client
        .get("/api/v1/traces/huge/tree?under=n00100")
        .expect(200);
    assert_eq!(under["data"].as_array().unwrap().len(), 10);
    client
        .get("/api/v1/traces/nowhere/tree")
        .expect_problem(404, "not-found");
    let whole = client.get("/api/v1/traces/huge").expect(200);
    assert_eq!(whole["name"], "node 0", "the root is found across batches");
    assert_eq!(whole["observation_count"], 10_000);
}

fn words(client: &Client) {
    let child = json!({"id": "c", "trace_id": "t", "parent_id": "r", "name": "child", "start_time": "2026-11-20T10:00:01Z"});
    ingest(client, &json!({ "observations": [child] }));
    let before = client.get("/api/v1/traces/t").expect(200);
    assert_eq!(before["name"], "child", "the best that is known");
    ingest(
        client,
        &json!({"traces": [{"id": "t", "metadata": {"a": 1, "both": {"x": 1}}, "tags": ["one"], "user_id": "u"}]}),
    );
    ingest(
        client,
        &json!({
            "traces": [{"id": "t", "metadata": {"b": 2, "both": {"y": 2}}, "tags": ["two"]}],
            "observations": [{"id": "r", "trace_id": "t", "name": "root", "start_time": "2026-11-20T10:00:00Z", "input": "in", "output": "out"}],
        }),
    );
    let trace = client.get("/api/v1/traces/t").expect(200);
    assert_eq!(trace["name"], "root");
    assert_eq!(trace["user_id"], "u");
    assert_eq!(trace["tags"], json!(["one", "two"]));
    assert_eq!(
        trace["metadata"],
        json!({"a": 1, "b": 2, "both": {"x": 1, "y": 2}})
    );
    assert_eq!(
        (&trace["input"], &trace["output"]),
        (&json!("in"), &json!("out"))
    );
    let listed = client.get("/api/v1/traces").expect(200);
    assert_eq!(listed["data"][0]["input"], "in");
    ingest(
        client,
        &json!({"traces": [{"id": "t", "name": "given", "input": "own"}]}),
    );
    let trace = client.get("/api/v1/traces/t").expect(200);
    assert_eq!(
        (&trace["name"], &trace["input"]),
        (&json!("given"), &json!("own"))
    );
}

fn events(client: &Client) {
    let event = |id: &str, kind: &str, at: u32, body: Value| json!({"id": id, "type": kind, "timestamp": format!("2026-11-20T10:00:0{at}Z"), "body": body});
    let send = |events: Value| {
        client
            .post("/api/public/ingestion", &json!({ "batch": events }))
            .expect(207)
    };
    // The update comes first, and alone.
    let done = send(json!([event(
        "e2",
        "generation-update",
        2,
        json!({
            "id": "g", "traceId": "t", "output": "42", "endTime": "2026-11-20T10:00:03Z",
            "usage": {"promptTokens": 7, "completionTokens": 3}, "metadata": {"late": true},
        })
    )]));
    assert_eq!(done["successes"][0]["status"], 201, "{done}");
    send(json!([
        event(
            "e1",
            "generation-create",
            1,
            json!({
                "id": "g", "traceId": "t", "name": "llm", "model": "large-1", "input": "q",
                "startTime": "2026-11-20T10:00:01Z", "metadata": {"early": 1},
            })
        ),
        event(
            "e0",
            "trace-create",
            0,
            json!({"id": "t", "name": "legacy", "userId": "u"})
        ),
    ]));
    let read = || client.get("/api/v1/traces/t").expect(200);
    let trace = read();
    assert_eq!(
        (&trace["name"], &trace["user_id"]),
        (&json!("legacy"), &json!("u"))
    );
    let o = &trace["observations"][0];
    assert_eq!(
        (&o["name"], &o["model"], &o["input"], &o["output"]),
        (&json!("llm"), &json!("large-1"), &json!("q"), &json!("42"))
    );
    assert_eq!(o["usage"], json!({"input": 7, "output": 3}));
    assert_eq!(o["metadata"], json!({"early": 1, "late": true}));
    assert_eq!(o["end_time"], "2026-11-20T10:00:03.000000Z");
    // A repetition changes nothing; a wrong neighbour costs nothing.
    let done = send(json!([
        event("e2", "generation-update", 2, json!({"id": "g", "traceId": "t", "output": "other"})),
        event("e4", "span-create", 4, json!({"id": "bad\u{1}", "traceId": "t"})),
        {"id": "e5", "type": "nonsense", "timestamp": "2026-11-20T10:00:00Z", "body": {}},
        event("e6", "score-create", 6, json!({"id": "s", "traceId": "t", "name": "n", "value": 1})),
    ]));
    assert_eq!(done["errors"].as_array().unwrap().len(), 2, "{done}");
    let trace = read();
    assert_eq!(trace["observations"][0]["output"], "42");
    assert_eq!(trace["scores"][0]["value"], 1.0);
    // At the same time, in either order, all of them count.
    std::thread::scope(|scope| {
        for n in 0..8_u32 {
            let event = &event;
            let send = &send;
            scope.spawn(move || {
                let kind = if n == 0 { "span-create" } else { "span-update" };
                let body = json!({"id": "race", "traceId": "t", "metadata": {format!("k{n}"): n}});
                send(json!([event(&format!("r{n}"), kind, n, body)]));
            });
        }
    });
    let trace = read();
    let raced = trace["observations"].as_array().unwrap();
    let raced = raced.iter().find(|o| o["id"] == "race").unwrap();
    assert_eq!(raced["metadata"].as_object().unwrap().len(), 8, "{raced}");
}

fn payloads(client: &Client) {
    let large = "a long history of a chat. ".repeat(400);
    let observation = |trace: &str| json!({"id": "o", "trace_id": trace, "name": "n", "input": large, "output": [large.clone()], "start_time": "2026-11-20T10:00:00Z"});
    ingest(
        client,
        &json!({"observations": [observation("p"), observation("q")]}),
    );
    for trace in ["p", "q"] {
        let read = client.get(&format!("/api/v1/traces/{trace}")).expect(200);
        assert_eq!(read["observations"][0]["input"], json!(large));
        assert_eq!(read["output"], json!([large]), "the root's");
    }
    assert_eq!(ids(client, "/api/v1/traces?q=history%20of"), ["p", "q"]);
    assert_eq!(client.delete("/api/v1/traces/p").status, 204);
    let left = client.get("/api/v1/traces/q").expect(200);
    assert_eq!(left["observations"][0]["input"], json!(large));
    assert_eq!(client.delete("/api/v1/traces/q").status, 204);
    // It comes back whole, though it was forgotten.
    ingest(client, &json!({"observations": [observation("p")]}));
    let again = client.get("/api/v1/observations/o").expect(200);
    assert_eq!(again["input"], json!(large));
}
