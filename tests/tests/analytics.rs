//! Sums, means and percentiles over many traces are the same from both stores, and what a naive program computes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    analytics_are_what_a_naive_program_computes clickhouse_analytics_are_what_a_naive_program_computes naive;
    analytics_of_everything_that_can_be_asked clickhouse_analytics_of_everything_that_can_be_asked everything;
    analytics_as_langfuse_asks clickhouse_analytics_as_langfuse_asks langfuse;
}

const MODELS: [&str; 3] = ["large-1", "small-1", "tiny"];

/// A small generator with a known seed.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One generation as the naive program knows it.
struct Generation {
    model: &'static str,
    hour: u64,
    day: u64,
    user: Option<String>,
    latency_ms: f64,
    tokens: u64,
    cost: f64,
    failed: bool,
}

/// Three days of traces with a generation each, and a score on every third.
fn fill(client: &Client) -> (Vec<Generation>, Vec<(String, f64)>) {
    let mut random = Lcg(7);
    let (mut known, mut scored) = (Vec::new(), Vec::new());
    let (mut traces, mut observations, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..300_u64 {
        let (day, hour, minute) = (random.below(3), random.below(24), random.below(60));
        let start = format!("2026-11-{:02}T{hour:02}:{minute:02}:00Z", 20 + day);
        let millis = random.below(30_000);
        let end = format!(
            "2026-11-{:02}T{hour:02}:{minute:02}:{:02}.{:03}Z",
            20 + day,
            millis / 1000,
            millis % 1000
        );
        let model = MODELS[random.below(3) as usize];
        let user = (random.below(4) > 0).then(|| format!("user-{}", random.below(5)));
        let (input, output) = (random.below(500), random.below(200));
        let cost = random.below(1000) as f64 / 128.0;
        let failed = random.below(10) == 0;
        traces.push(json!({
            "id": format!("t{i}"), "timestamp": start, "name": format!("flow-{}", i % 4), "user_id": user, "version": format!("v{}", i % 2),
            "tags": if i % 2 == 0 { json!(["even", "all"]) } else { json!(["all"]) },
        }));
        observations.push(json!({
            "id": "g", "trace_id": format!("t{i}"), "type": "GENERATION", "name": "llm", "model": model, "start_time": start,
            "end_time": end, "usage": {"input": input, "output": output}, "cost_usd": cost,
            "cost_details": {"input": cost / 4.0, "output": cost / 2.0, "cache_read_input_tokens": cost / 4.0},
            "level": if failed { "ERROR" } else { "DEFAULT" },
        }));
        if i % 3 == 0 {
            let value = random.below(100) as f64 / 64.0;
            scores.push(json!({
                "id": format!("s{i}"), "trace_id": format!("t{i}"), "observation_id": "g", "name": "helpful", "value": value,
                "timestamp": start,
            }));
            scored.push((model.to_owned(), value));
        }
        known.push(Generation {
            model,
            hour,
            day,
            user,
            latency_ms: millis as f64,
            tokens: input + output,
            cost,
            failed,
        });
    }
    let batch = json!({"traces": traces, "observations": observations, "scores": scores});
    let done = client.post("/api/v1/ingest", &batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
    (known, scored)
}

fn ask(client: &Client, change: Value) -> Value {
    let mut body = json!({
        "view": "observations", "metrics": [{"measure": "count", "aggregation": "count"}],
        "from": "2026-11-20T00:00:00Z", "to": "2026-11-23T00:00:00Z",
    });
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    client.post("/api/v1/analytics", &body).expect(200)
}

fn nearest_rank(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(percent * values.len()).div_ceil(100) - 1]
}

#[track_caller]
fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found}"));
    let error = (found - wanted).abs() / wanted.abs().max(1.0);
    assert!(error < 1e-12, "{found} is not {wanted}");
}

fn naive(client: &Client) {
    let (known, scored) = fill(client);
    // By model: every aggregation.
    let metric = |measure: &str, how: &str| json!({"measure": measure, "aggregation": how});
    let answer = ask(
        client,
        json!({
            "dimensions": ["providedModelName"],
            "metrics": [
                metric("count", "count"), metric("latency", "p50"), metric("latency", "p95"), metric("latency", "p99"),
                metric("latency", "avg"), metric("totalCost", "sum"), metric("totalTokens", "max"), metric("failed", "avg"),
                metric("inputCost", "sum"), metric("uniqueTraceIds", "uniq"),
            ],
            "order_by": [{"field": "providedModelName", "direction": "asc"}],
        }),
    );
    let rows = answer["data"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{answer}");
    for (row, model) in rows.iter().zip(MODELS) {
        let mine: Vec<&Generation> = known.iter().filter(|g| g.model == model).collect();
        let n = mine.len() as f64;
        let mut latencies: Vec<f64> = mine.iter().map(|g| g.latency_ms).collect();
        assert_eq!(row["providedModelName"], model);
        close(&row["count_count"], n);
        close(&row["uniq_uniqueTraceIds"], n);
        for percent in [50, 95, 99] {
            close(
                &row[format!("p{percent}_latency")],
                nearest_rank(&mut latencies, percent),
            );
        }
        close(&row["avg_latency"], latencies.iter().sum::<f64>() / n);
        close(&row["sum_totalCost"], mine.iter().map(|g| g.cost).sum());
        close(
            &row["sum_inputCost"],
            mine.iter().map(|g| g.cost / 2.0).sum(),
        );
        close(
            &row["max_totalTokens"],
            mine.iter().map(|g| g.tokens).max().unwrap() as f64,
        );
        close(
            &row["avg_failed"],
            mine.iter().filter(|g| g.failed).count() as f64 / n,
        );
    }
    // Over time, with no gaps.
    let answer = ask(client, json!({"granularity": "hour"}));
    assert_eq!(answer["granularity"], "hour");
    let rows = answer["data"].as_array().unwrap();
    assert_eq!(rows.len(), 72);
    for (i, row) in rows.iter().enumerate() {
        let (day, hour) = (i as u64 / 24, i as u64 % 24);
        let n = known
            .iter()
            .filter(|g| (g.day, g.hour) == (day, hour))
            .count();
        assert_eq!(row["count_count"], n, "{row}");
        let begin = format!("2026-11-{:02}T{hour:02}:00:00.000000Z", 20 + day);
        assert_eq!(row["time_dimension"], begin);
    }
    // Days of Ho Chi Minh City.
    let answer = ask(
        client,
        json!({"granularity": "day", "utc_offset_minutes": 420}),
    );
    let rows = answer["data"].as_array().unwrap();
    let mut days = [0; 4];
    for g in &known {
        days[usize::from(g.hour >= 17) + g.day as usize] += 1;
    }
    let counts: Vec<i64> = rows
        .iter()
        .map(|r| r["count_count"].as_i64().unwrap())
        .collect();
    assert_eq!(counts, days);
    // By the user of the trace, and those without one.
    let answer = ask(client, json!({"dimensions": ["userId"]}));
    let mut users: BTreeMap<Option<String>, i64> = BTreeMap::new();
    for g in &known {
        *users.entry(g.user.clone()).or_default() += 1;
    }
    let found: BTreeMap<Option<String>, i64> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let user = r["userId"].as_str().map(str::to_owned);
            (user, r["count_count"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(found, users);
    // Means of scores by the model of the observation that they are of.
    let answer = ask(
        client,
        json!({
            "view": "scores-numeric", "dimensions": ["name", "observationModelName"],
            "metrics": [metric("value", "avg"), metric("count", "count")],
        }),
    );
    let rows = answer["data"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{answer}");
    for row in rows {
        let values: Vec<f64> = scored
            .iter()
            .filter(|(model, _)| row["observationModelName"] == model.as_str())
            .map(|(_, v)| *v)
            .collect();
        assert_eq!(row["name"], "helpful");
        assert_eq!(row["count_count"], values.len());
        close(
            &row["avg_value"],
            values.iter().sum::<f64>() / values.len() as f64,
        );
    }
    // A histogram has every value in one bin.
    let answer = ask(
        client,
        json!({"metrics": [metric("latency", "histogram")], "bins": 7}),
    );
    let bins = answer["data"][0]["histogram_latency"].as_array().unwrap();
    assert!(bins.len() <= 7);
    let low = known.iter().map(|g| g.latency_ms).fold(f64::MAX, f64::min);
    let high = known.iter().map(|g| g.latency_ms).fold(0.0, f64::max);
    close(&bins[0][0], low);
    close(&bins.last().unwrap()[1], high);
    let counted: i64 = bins.iter().map(|b| b[2].as_i64().unwrap()).sum();
    assert_eq!(counted, 300);
    let below = |bound: f64| known.iter().filter(|g| g.latency_ms < bound).count() as i64;
    assert_eq!(bins[0][2], below(bins[0][1].as_f64().unwrap()));
    // Traces: their sums, and their tags one by one.
    let answer = ask(
        client,
        json!({
            "view": "traces", "dimensions": ["tags"],
            "metrics": [metric("count", "count"), metric("totalCost", "sum"), metric("scoresCount", "sum"), metric("latency", "p90")],
        }),
    );
    let rows = answer["data"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["tags"], &rows[0]["count_count"]),
        (&json!("all"), &json!(300))
    );
    assert_eq!(
        (&rows[1]["tags"], &rows[1]["count_count"]),
        (&json!("even"), &json!(150))
    );
    assert_eq!(rows[0]["sum_scoresCount"], 100);
    close(
        &rows[0]["sum_totalCost"],
        known.iter().map(|g| g.cost).sum(),
    );
    let mut latencies: Vec<f64> = known.iter().map(|g| g.latency_ms).collect();
    close(&rows[0]["p90_latency"], nearest_rank(&mut latencies, 90));
    // The filter, the order and the limit.
    let answer = ask(
        client,
        json!({
            "dimensions": ["traceName", "traceVersion"], "limit": 3,
            "filter": [{"type": "stringOptions", "column": "providedModelName", "operator": "any of", "value": ["tiny"]}],
            "order_by": [{"field": "traceName", "direction": "desc"}, {"field": "count_count", "direction": "asc"}],
        }),
    );
    assert_eq!(answer["truncated"], true);
    let names: Vec<&str> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["traceName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["flow-3", "flow-2", "flow-1"]);
    // Nothing of another workspace, and nothing at all where there is nothing.
    let nothing = ask(
        client,
        json!({
            "from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z",
            "metrics": [metric("count", "count"), metric("latency", "p95"), metric("totalCost", "sum"), metric("failed", "avg")],
        }),
    );
    assert_eq!(
        nothing["data"],
        json!([{"count_count": 0, "p95_latency": null, "sum_totalCost": null, "avg_failed": null}])
    );
}

/// Each dimension with each measure in each way: the stores understand every one.
fn everything(client: &Client) {
    fill(client);
    let catalogue = client.get("/api/v1/analytics").expect(200);
    let mut asked = 0;
    for view in catalogue["data"].as_array().unwrap() {
        let name = view["view"].as_str().unwrap();
        for dimension in view["dimensions"].as_array().unwrap() {
            let answer = ask(
                client,
                json!({"view": name, "dimensions": [dimension["name"]], "granularity": "month"}),
            );
            assert!(answer["data"].is_array());
            asked += 1;
        }
        for measure in view["measures"].as_array().unwrap() {
            let metrics: Vec<Value> = measure["aggregations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|how| json!({"measure": measure["name"], "aggregation": how}))
                .collect();
            // At most ten of them at once.
            for some in metrics.chunks(6) {
                let answer = ask(
                    client,
                    json!({"view": name, "metrics": some, "granularity": "week", "dimensions": ["environment"]}),
                );
                assert!(answer["data"].is_array());
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "{asked}");
    for (change, field) in [
        (json!({"view": "spans"}), "/view"),
        (json!({"dimensions": ["nope"]}), "/dimensions/0"),
        (
            json!({"metrics": [{"measure": "nope", "aggregation": "sum"}]}),
            "/metrics/0/measure",
        ),
        (
            json!({"metrics": [{"measure": "uniqueTraceIds", "aggregation": "avg"}]}),
            "/metrics/0/aggregation",
        ),
        (
            json!({"order_by": [{"field": "sum_latency", "direction": "asc"}]}),
            "/order_by/0/field",
        ),
        (
            json!({"filter": [{"type": "string", "column": "nope", "operator": "=", "value": "x"}]}),
            "/filter",
        ),
        (
            json!({"granularity": "minute", "to": "2027-11-23T00:00:00Z"}),
            "/granularity",
        ),
    ] {
        let mut body = json!({
            "view": "observations", "metrics": [{"measure": "count", "aggregation": "count"}],
            "from": "2026-11-20T00:00:00Z", "to": "2026-11-23T00:00:00Z",
        });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let problem = client.post("/api/v1/analytics", &body).expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

fn query(client: &Client, version: &str, change: Value) -> assay_tests::Answer {
    let mut query = json!({
        "view": "observations", "dimensions": [{"field": "providedModelName"}],
        "metrics": [{"measure": "totalCost", "aggregation": "sum"}, {"measure": "count", "aggregation": "count"}],
        "filters": [{"column": "type", "operator": "any of", "value": ["GENERATION"], "type": "stringOptions"}],
        "fromTimestamp": "2026-11-20T00:00:00Z", "toTimestamp": "2026-11-23T00:00:00Z", "timeDimension": null, "orderBy": null,
    });
    query
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let text: String = url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
    client.get(&format!("/api/public{version}/metrics?query={text}"))
}

fn langfuse(client: &Client) {
    let (known, _) = fill(client);
    let total = |model: &str| {
        known
            .iter()
            .filter(|g| g.model == model)
            .map(|g| g.cost)
            .sum::<f64>()
    };
    let answer = query(client, "/v2", json!({})).expect(200);
    let rows = answer["data"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        close(
            &row["sum_totalCost"],
            total(row["providedModelName"].as_str().unwrap()),
        );
    }
    let dear = |row: &Value| row["sum_totalCost"].as_f64().unwrap();
    assert!(dear(&rows[0]) >= dear(&rows[1]) && dear(&rows[1]) >= dear(&rows[2]));
    let answer = query(
        client,
        "",
        json!({"view": "traces", "dimensions": [], "filters": [], "timeDimension": {"granularity": "day"}, "metrics": [{"measure": "count", "aggregation": "count"}]}),
    )
    .expect(200);
    let days: Vec<&str> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["time_dimension"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2026-11-20", "2026-11-21", "2026-11-22"]);
    let refused = query(client, "/v2", json!({"dimensions": [{"field": "userId"}]})).expect(400);
    assert_eq!(refused["errors"][0]["field"], "query/dimensions/0");
    let refused = query(
        client,
        "/v2",
        json!({"filters": [{"type": "string", "column": "nope", "operator": "=", "value": "x"}]}),
    )
    .expect(400);
    assert_eq!(refused["errors"][0]["field"], "query/filters");
    let _ = client.get("/api/public/metrics").expect(400);

    let daily = client.get("/api/public/metrics/daily?limit=2").expect(200);
    assert_eq!(daily["meta"]["totalItems"], 3);
    assert_eq!(daily["data"][0]["date"], "2026-11-22");
    let of_day: Vec<&Generation> = known.iter().filter(|g| g.day == 2).collect();
    assert_eq!(daily["data"][0]["countTraces"], of_day.len());
    assert_eq!(daily["data"][0]["countObservations"], of_day.len());
    close(
        &daily["data"][0]["totalCost"],
        of_day.iter().map(|g| g.cost).sum(),
    );
    let usage = daily["data"][0]["usage"].as_array().unwrap();
    assert_eq!(usage.len(), 3);
    for row in usage {
        let mine = of_day.iter().filter(|g| row["model"] == g.model);
        assert_eq!(row["totalUsage"], mine.map(|g| g.tokens).sum::<u64>());
    }
    let of_user = client
        .get("/api/public/metrics/daily?userId=user-1&tags=even")
        .expect(200);
    let counted: i64 = of_user["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["countTraces"].as_i64().unwrap())
        .sum();
    let wanted = known
        .iter()
        .enumerate()
        .filter(|(i, g)| i % 2 == 0 && g.user.as_deref() == Some("user-1"))
        .count();
    assert_eq!(counted, wanted as i64);
}
