//! Datasets: versions of their items, splits, files in and out, and Langfuse's shape, each on both relational stores.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Stores};
use serde_json::{Value, json};

fn on_sqlite(check: fn(&Client)) {
    check(&App::start(&Stores::embedded()).client());
}

fn on_postgres(check: fn(&Client)) {
    if let Some(stores) = Stores::postgres() {
        check(&App::start(&stores).client());
    }
}

#[test]
fn versions_keep_items_as_they_were() {
    on_sqlite(versions);
}

#[test]
fn postgres_versions_keep_items_as_they_were() {
    on_postgres(versions);
}

#[test]
fn files_go_in_and_out() {
    on_sqlite(files);
}

#[test]
fn postgres_files_go_in_and_out() {
    on_postgres(files);
}

#[test]
fn langfuse_reads_and_writes_datasets() {
    on_sqlite(langfuse);
}

#[test]
fn postgres_langfuse_reads_and_writes_datasets() {
    on_postgres(langfuse);
}

#[test]
fn langfuse_reads_items_as_they_were() {
    on_sqlite(langfuse_versions);
}

#[test]
fn postgres_langfuse_reads_items_as_they_were() {
    on_postgres(langfuse_versions);
}

#[test]
fn langfuse_keeps_runs() {
    on_sqlite(langfuse_runs);
}

#[test]
fn postgres_langfuse_keeps_runs() {
    on_postgres(langfuse_runs);
}

#[test]
fn langfuse_tells_items_of_one_key_apart() {
    on_sqlite(langfuse_keys);
}

#[test]
fn postgres_langfuse_tells_items_of_one_key_apart() {
    on_postgres(langfuse_keys);
}

fn dataset(client: &Client, name: &str) -> String {
    let made = client
        .post("/api/v1/datasets", &json!({"name": name}))
        .expect(201);
    format!("/api/v1/datasets/{}", made["id"].as_str().unwrap())
}

/// `key=input` of all items, over pages of two.
fn items(client: &Client, dataset: &str, query: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{dataset}/items?limit=2&{query}{cursor}"))
            .expect(200);
        for item in page["data"].as_array().unwrap() {
            all.push(format!(
                "{}={}",
                item["key"].as_str().unwrap(),
                item["input"].as_str().unwrap()
            ));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn versions(client: &Client) {
    let path = dataset(client, "versions");
    let put = |items: Value| {
        client
            .post(&format!("{path}/items"), &json!({"items": items}))
            .expect(200)
    };
    let version = || client.get(&path).expect(200)["version"].as_i64().unwrap();
    assert_eq!(version(), 1);
    let done = put(json!([
        {"key": "a", "input": "1", "split": "train"},
        {"key": "b", "input": "1", "split": "test"},
        {"key": "c", "input": "1", "split": "test"}
    ]));
    assert_eq!(done, json!({"created": 3, "updated": 0}));
    assert_eq!(version(), 2);
    let done = put(json!([{"key": "b", "input": "2", "split": "train"}, {"input": "new"}]));
    assert_eq!(done, json!({"created": 1, "updated": 1}));
    assert_eq!(version(), 3);
    let first = client.get(&format!("{path}/items?limit=1")).expect(200);
    let a = first["data"][0]["id"].as_str().unwrap();
    let at = format!("{path}/items/{a}");
    assert_eq!(client.get(&at).header("etag"), Some("\"v2\""));
    let only = |tag: &str| client.send("DELETE", &at, &[("if-match", tag)], None);
    only("\"v1\"").expect_problem(412, "precondition-failed");
    assert_eq!(version(), 3);
    assert_eq!(only("\"v2\"").status, 204);
    assert_eq!(version(), 4);
    client
        .delete(&format!("{path}/items/{a}"))
        .expect_problem(404, "not-found");
    assert_eq!(version(), 4, "what changes nothing makes no version");
    put(json!([{"key": "b", "input": "3"}]));

    let now = items(client, &path, "");
    assert_eq!(now.len(), 3);
    assert_eq!((now[0].as_str(), now[1].as_str()), ("b=3", "c=1"));
    assert!(now[2].starts_with("item-") && now[2].ends_with("=new"));
    assert!(items(client, &path, "version=1").is_empty());
    assert_eq!(items(client, &path, "version=2"), ["a=1", "b=1", "c=1"]);
    let third = items(client, &path, "version=3");
    assert_eq!(third.len(), 4);
    assert_eq!(third[..3], ["a=1", "b=2", "c=1"]);
    assert_eq!(items(client, &path, "version=4")[..2], ["b=2", "c=1"]);
    assert_eq!(items(client, &path, "version=5"), now);

    assert_eq!(items(client, &path, "split=test"), ["c=1"]);
    assert!(items(client, &path, "split=train").is_empty());
    assert_eq!(
        items(client, &path, "split=train&version=3"),
        ["a=1", "b=2"]
    );
    assert_eq!(items(client, &path, "split=test&version=2"), ["b=1", "c=1"]);
    for wrong in ["6", "0", "x", "-1"] {
        let doc = client
            .get(&format!("{path}/items?version={wrong}"))
            .expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], "version");
    }

    // A change of the dataset itself is a version, too; its items stay.
    let _ = client
        .patch(&path, &json!({"description": "d"}))
        .expect(200);
    assert_eq!(version(), 6);
    assert_eq!(items(client, &path, "version=6"), now);
    let list = client.get(&format!("{path}/versions")).expect(200);
    let numbers: Vec<i64> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["version"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
    let diff = client.get(&format!("{path}/diff?from=5&to=6")).expect(200);
    assert_eq!(
        diff["patch"],
        json!([{"op": "replace", "path": "/description", "value": "d"}])
    );

    // Writers that race leave whole versions: each has all of its items and none of a later one.
    let path = dataset(client, "race");
    std::thread::scope(|scope| {
        for i in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for k in 0..4 {
                    let value = format!("{i}-{k}");
                    let body = json!({"items": [{"key": "x", "input": value}, {"key": "y", "input": value}]});
                    let _ = client.post(&format!("{path}/items"), &body).expect(200);
                }
            });
        }
    });
    assert_eq!(client.get(&path).expect(200)["version"], 17);
    for version in 2..=17 {
        let seen = items(client, &path, &format!("version={version}"));
        let of = |i: usize| seen[i].split('=').nth(1).unwrap().to_owned();
        assert_eq!(seen.len(), 2, "{version}");
        assert_eq!(of(0), of(1), "{version}");
    }
}

fn upload(client: &Client, path: &str, media: &str, body: &str) -> Answer {
    client.send(
        "POST",
        path,
        &[("content-type", media)],
        Some(body.as_bytes()),
    )
}

fn fields(answer: &Answer) -> Vec<String> {
    let doc = answer.expect_problem(422, "validation");
    let errors = doc["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|e| e["field"].as_str().unwrap().to_owned())
        .collect()
}

fn files(client: &Client) {
    let path = dataset(client, "files");
    let import = format!("{path}/import");
    let csv = "key,input,expected_output,split,context,team\na,\"one, two\",1,train,x|y,geo\nb,two,2,test,,geo\n";
    let done = upload(client, &import, "text/csv; charset=utf-8", csv).expect(200);
    assert_eq!(
        done,
        json!({"created": 2, "updated": 0, "skipped": 0, "errors": []})
    );
    let first = client.get(&format!("{path}/items?limit=1")).expect(200);
    let first = &first["data"][0];
    assert_eq!(first["input"], "one, two");
    assert_eq!(first["context"], json!(["x", "y"]));
    assert_eq!(first["metadata"], json!({"team": "geo"}));

    // All or nothing: what is wrong is named by its line, and nothing is kept.
    let bad = "key,input\nc,three\nd,\nc,again\ne,1,2\n";
    let answer = upload(client, &import, "text/csv", bad);
    assert_eq!(
        fields(&answer),
        ["/lines/3/input", "/lines/4/key", "/lines/5"]
    );
    assert_eq!(client.get(&path).expect(200)["item_count"], 2);
    let done = upload(client, &format!("{import}?on_error=skip"), "text/csv", bad).expect(200);
    assert_eq!((&done["created"], &done["skipped"]), (&json!(1), &json!(3)));
    assert_eq!(done["errors"].as_array().unwrap().len(), 3);
    assert_eq!(client.get(&path).expect(200)["item_count"], 3);

    let jsonl = "{\"key\":\"a\",\"input\":\"changed\"}\n\n{\"input\":\"m\",\"metrics\":[{\"kind\":\"regex\",\"params\":{\"pattern\":\"(\"}}]}\n";
    let answer = upload(
        client,
        &format!("{import}?format=jsonl"),
        "text/plain",
        jsonl,
    );
    assert_eq!(fields(&answer), ["/lines/3/metrics/0/params/pattern"]);
    let yaml = "- key: a\n  input: changed\n- turns: [hi, bye]\n  tags: [t]\n";
    let done = upload(client, &import, "application/yaml", yaml).expect(200);
    assert_eq!((&done["created"], &done["updated"]), (&json!(1), &json!(1)));
    for (query, media, body, field) in [
        ("", "text/plain", "x", "format"),
        ("?format=xml", "text/plain", "x", "format"),
        ("?format=csv&on_error=retry", "text/plain", "x", "on_error"),
        ("?format=csv", "text/plain", "", "/lines/1"),
        ("?format=jsonl", "text/plain", "", "/lines"),
        ("?format=csv", "text/plain", "question\nx\n", "/lines/1"),
        ("?format=yaml", "text/plain", "- {input: ]", "/lines/1"),
        ("?format=jsonl", "text/plain", "{", "/lines/1"),
    ] {
        let answer = upload(client, &format!("{import}{query}"), media, body);
        assert_eq!(fields(&answer), [field], "{query} {body}");
    }
    let answer = client.send(
        "POST",
        &format!("{import}?format=jsonl"),
        &[],
        Some(b"{\"input\":\"\xff\"}"),
    );
    assert_eq!(fields(&answer), ["/lines/1"]);
    upload(client, "/api/v1/datasets/no-such/import", "text/csv", csv)
        .expect_problem(404, "not-found");

    // A repeated request is answered as the first was, and writes nothing.
    let version = || client.get(&path).expect(200)["version"].clone();
    let once = || {
        client.send(
            "POST",
            &import,
            &[
                ("content-type", "application/jsonl"),
                ("idempotency-key", "import-1"),
            ],
            Some(b"{\"input\":\"once\"}\n"),
        )
    };
    let answer = once().expect(200);
    let before = version();
    assert_eq!(once().expect(200), answer);
    assert_eq!(version(), before);

    // What goes out comes in again as the same, in every format.
    let all = client.get(&format!("{path}/items?limit=200")).expect(200);
    for (format, media) in [
        ("csv", "text/csv"),
        ("jsonl", "application/jsonl"),
        ("yaml", "application/yaml"),
    ] {
        let answer = client.get(&format!("{path}/export?format={format}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.header("content-type").unwrap().starts_with(media));
        assert!(answer.header("x-next-cursor").is_none());
        let copy = dataset(client, &format!("copy {format}"));
        let _ = upload(client, &format!("{copy}/import"), media, &answer.text).expect(200);
        let copied = client.get(&format!("{copy}/items?limit=200")).expect(200);
        let bare = |page: &Value| -> Vec<Value> {
            let mut rows = page["data"].as_array().unwrap().clone();
            for row in &mut rows {
                let row = row.as_object_mut().unwrap();
                row.remove("id");
                row.remove("position");
            }
            rows
        };
        assert_eq!(bare(&copied), bare(&all), "{format}");
    }
    let old = client.get(&format!("{path}/export?version=2&split=train"));
    assert_eq!(old.text.lines().count(), 1);
    assert!(old.text.contains("one, two"), "{}", old.text);

    // More than an answer holds: the cursor leads on, and the header stands once.
    let big = dataset(client, "big");
    let lines: String = (0..2500)
        .map(|i| format!("{{\"key\":\"k{i:04}\",\"input\":\"{i}\"}}\n"))
        .collect();
    let done = upload(
        client,
        &format!("{big}/import"),
        "application/jsonl",
        &lines,
    )
    .expect(200);
    assert_eq!(done["created"], 2500);
    let (mut text, mut cursor, mut answers) = (String::new(), String::new(), 0);
    loop {
        let answer = client.get(&format!("{big}/export?format=csv{cursor}"));
        assert_eq!(answer.status, 200);
        text.push_str(&answer.text);
        answers += 1;
        match answer.header("x-next-cursor") {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((answers, text.lines().count()), (3, 2501));
}

fn langfuse(client: &Client) {
    let base = "/api/public/v2/datasets";
    let made = client
        .post(
            base,
            &json!({"name": "acc/set", "description": "d", "metadata": {"a": 1}, "inputSchema": {"type": "object"}}),
        )
        .expect(200);
    for (field, value) in [
        ("name", json!("acc/set")),
        ("description", json!("d")),
        ("metadata", json!({"a": 1})),
        ("inputSchema", json!({"type": "object"})),
        ("expectedOutputSchema", Value::Null),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert!(made["projectId"].is_string());
    let one = "/api/public/v2/datasets/acc%2Fset";
    assert_eq!(client.get(one).expect(200), made);
    let again = client
        .post(base, &json!({"name": "acc/set", "metadata": "text"}))
        .expect(200);
    assert_eq!(again["id"], made["id"], "by name");
    assert_eq!(again["metadata"], "text");
    let page = client.get(&format!("{base}?page=1&limit=10")).expect(200);
    assert_eq!(page["meta"]["totalItems"], 1);
    assert_eq!(page["data"][0], again);
    client
        .get(&format!("{base}/none"))
        .expect_problem(404, "not-found");

    let path = "/api/public/dataset-items";
    let written = json!({"datasetName": "acc/set", "id": "my/id 1", "input": {"q": [1]}, "expectedOutput": "yes", "metadata": {"m": 1}, "sourceTraceId": "t1"});
    let item = client.post(path, &written).expect(200);
    for (field, value) in [
        ("id", json!("my/id 1")),
        ("status", json!("ACTIVE")),
        ("input", json!({"q": [1]})),
        ("expectedOutput", json!("yes")),
        ("metadata", json!({"m": 1})),
        ("sourceTraceId", json!("t1")),
        ("datasetName", json!("acc/set")),
        ("datasetId", made["id"].clone()),
        ("mediaReferences", json!([])),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    let one = format!("{path}/my%2Fid%201");
    assert_eq!(client.get(&one).expect(200), item);
    let replaced = client
        .post(
            path,
            &json!({"datasetName": "acc/set", "id": "my/id 1", "input": "text", "status": "ARCHIVED"}),
        )
        .expect(200);
    assert_eq!(
        (
            &replaced["input"],
            &replaced["status"],
            &replaced["expectedOutput"]
        ),
        (&json!("text"), &json!("ARCHIVED"), &Value::Null)
    );
    let made = client
        .post(path, &json!({"datasetName": "acc/set", "input": "second"}))
        .expect(200);
    assert!(made["id"].is_string());
    let page = client
        .get(&format!("{path}?datasetName=acc%2Fset&limit=1&page=2"))
        .expect(200);
    assert_eq!(page["data"][0]["input"], "second");
    assert_eq!(page["meta"]["totalPages"], 2);
    let doc = client
        .post(path, &json!({"datasetName": "acc/set"}))
        .expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "/input");
    client
        .post(path, &json!({"datasetName": "none", "input": "x"}))
        .expect_problem(404, "not-found");
    assert!(client.delete(&one).expect(200)["message"].is_string());
    client.get(&one).expect_problem(404, "not-found");
    client.delete(&one).expect_problem(404, "not-found");
}

fn ids(page: &Value, field: &str) -> Vec<String> {
    let rows = page["data"].as_array().unwrap().iter();
    rows.map(|row| row[field].as_str().unwrap().to_owned())
        .collect()
}

fn langfuse_versions(client: &Client) {
    let _ = client
        .post("/api/public/v2/datasets", &json!({"name": "then"}))
        .expect(200);
    let path = "/api/public/dataset-items";
    let put = |body: Value| client.post(path, &body).expect(200);
    let a = put(
        json!({"datasetName": "then", "id": "a", "input": "1", "sourceTraceId": "t1", "sourceObservationId": "o1"}),
    );
    let b =
        put(json!({"datasetName": "then", "id": "b", "input": "nul \u{0}", "sourceTraceId": "t1"}));
    let a2 = put(json!({"datasetName": "then", "id": "a", "input": "2", "sourceTraceId": "t2"}));
    let _ = client.delete(&format!("{path}/b")).expect(200);
    let at = |time: &Value| {
        let time = time.as_str().unwrap();
        client
            .get(&format!("{path}?datasetName=then&version={time}"))
            .expect(200)
    };
    let now = client.get(&format!("{path}?datasetName=then")).expect(200);
    assert_eq!(now["data"], json!([a2]));
    let first = at(&a["updatedAt"]);
    assert_eq!(
        (ids(&first, "id"), &first["meta"]["totalItems"]),
        (vec!["a".to_owned()], &json!(1))
    );
    assert_eq!(first["data"][0], a, "with its times, though replaced since");
    let second = at(&b["updatedAt"]);
    assert_eq!(second["data"], json!([a, b]));
    assert_eq!(ids(&at(&a2["updatedAt"]), "input"), ["2", "nul \u{0}"]);
    assert_eq!(at(&json!("2999-01-01T00:00:00Z"))["data"], json!([a2]));
    assert_eq!(at(&json!("2000-01-01T00:00:00Z"))["data"], json!([]));

    let found = |query: &str| ids(&client.get(&format!("{path}?{query}")).expect(200), "id");
    assert_eq!(found("sourceTraceId=t2"), ["a"]);
    assert!(found("sourceTraceId=t1").is_empty());
    let time = b["updatedAt"].as_str().unwrap();
    let then = format!("datasetName=then&version={time}");
    assert_eq!(found(&format!("{then}&sourceTraceId=t1")), ["a", "b"]);
    assert_eq!(
        found(&format!("{then}&sourceTraceId=t1&sourceObservationId=o1")),
        ["a"]
    );
    assert!(found(&format!("{then}&sourceObservationId=o2")).is_empty());
    for (query, field) in [
        ("version=2999-01-01T00:00:00Z", "datasetName"),
        ("datasetName=then&version=2", "version"),
        ("sourceTraceId=%00", "sourceTraceId"),
    ] {
        let doc = client
            .get(&format!("{path}?{query}"))
            .expect_problem(400, "validation");
        assert_eq!(doc["errors"][0]["field"], field);
    }
}

fn langfuse_runs(client: &Client) {
    let set = client
        .post("/api/public/v2/datasets", &json!({"name": "acc/runs"}))
        .expect(200);
    for id in ["i1", "i2"] {
        let item = json!({"datasetName": "acc/runs", "id": id, "input": "x"});
        let _ = client.post("/api/public/dataset-items", &item).expect(200);
    }
    let path = "/api/public/dataset-run-items";
    // As a client sends it.
    let link = |item: &str, trace: &str, more: Value| {
        let mut body = json!({
            "runName": "run/1 é", "runDescription": "desc", "metadata": {"model": "m"}, "datasetItemId": item,
            "observationId": "a03704db18b6dc18", "traceId": trace, "datasetVersion": null,
        });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        client.post(path, &body)
    };
    let made = link("i1", "t1", json!({})).expect(200);
    let run = made["datasetRunId"].as_str().unwrap();
    assert_eq!(
        (run.len(), run.bytes().all(|b| b.is_ascii_hexdigit())),
        (16, true)
    );
    for (field, value) in [
        ("datasetRunName", "run/1 é"),
        ("datasetItemId", "i1"),
        ("traceId", "t1"),
        ("observationId", "a03704db18b6dc18"),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    // The same again replaces; what it does not say of the run stays.
    let again = link(
        "i1",
        "t1",
        json!({"observationId": null, "runDescription": null, "metadata": null}),
    )
    .expect(200);
    assert_eq!(
        (&again["id"], &again["createdAt"]),
        (&made["id"], &made["createdAt"])
    );
    assert_eq!(again["observationId"], Value::Null);
    let second = link("i2", "t2", json!({"metadata": ["any", 1]})).expect(200);
    assert_eq!(second["datasetRunId"], made["datasetRunId"]);
    let third = link("i2", "t3", json!({"createdAt": "2020-01-01T00:00:00Z"})).expect(200);
    assert_eq!(third["createdAt"], "2020-01-01T00:00:00.000000Z");

    let runs = "/api/public/datasets/acc%2Fruns/runs";
    let one = format!("{runs}/run%2F1%20%C3%A9");
    let shown = client.get(&one).expect(200);
    for (field, value) in [
        ("id", &made["datasetRunId"]),
        ("name", &json!("run/1 é")),
        ("description", &json!("desc")),
        ("metadata", &json!({"model": "m"})),
        ("datasetId", &set["id"]),
        ("datasetName", &json!("acc/runs")),
        ("datasetRunItems", &json!([second, again, third])),
    ] {
        assert_eq!(&shown[field], value, "{field}");
    }
    let _ = link(
        "i1",
        "t1",
        json!({"runName": "other", "metadata": null, "runDescription": null}),
    )
    .expect(200);
    let list = client.get(&format!("{runs}?limit=1&page=2")).expect(200);
    assert_eq!(
        list["meta"],
        json!({"page": 2, "limit": 1, "totalItems": 2, "totalPages": 2})
    );
    assert_eq!(ids(&list, "name"), ["run/1 é"]);
    assert!(list["data"][0].get("datasetRunItems").is_none());
    let set_id = set["id"].as_str().unwrap();
    let links = format!("{path}?datasetId={set_id}&runName=run%2F1+%C3%A9");
    let page = client.get(&format!("{links}&limit=2")).expect(200);
    assert_eq!(page["data"], json!([second, again]));
    assert_eq!(page["meta"]["totalItems"], 3);

    let old = client.get("/api/public/datasets/acc%2Fruns").expect(200);
    assert_eq!(old["runs"], json!(["other", "run/1 é"]));
    let keys: Vec<_> = old["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["id"])
        .collect();
    assert_eq!(keys, ["i1", "i2"]);
    assert_eq!(
        ids(&client.get("/api/public/datasets").expect(200), "id"),
        [set_id]
    );

    // An item that is deleted is linked no more, but by who read it before; its links stay.
    let read = client.get("/api/public/dataset-items/i2").expect(200);
    let _ = client.delete("/api/public/dataset-items/i2").expect(200);
    link("i2", "t4", json!({})).expect_problem(404, "not-found");
    link(
        "i2",
        "t4",
        json!({"datasetVersion": "2000-01-01T00:00:00Z"}),
    )
    .expect_problem(404, "not-found");
    let late = link("i2", "t4", json!({"datasetVersion": read["updatedAt"]})).expect(200);
    assert_eq!(late["datasetRunId"], made["datasetRunId"]);
    let kept = client.get(&one).expect(200);
    assert_eq!(kept["datasetRunItems"].as_array().unwrap().len(), 4);

    for (more, field) in [
        (json!({"runName": ""}), "/runName"),
        (json!({"traceId": ""}), "/traceId"),
        (json!({"observationId": "\u{0}"}), "/observationId"),
        (json!({"runDescription": "\u{0}"}), "/runDescription"),
    ] {
        let doc = link("i1", "t1", more).expect_problem(400, "validation");
        assert_eq!(doc["errors"][0]["field"], field);
    }
    for (query, field) in [("runName=x", "datasetId"), ("datasetId=x", "runName")] {
        let doc = client
            .get(&format!("{path}?{query}"))
            .expect_problem(400, "validation");
        assert_eq!(doc["errors"][0]["field"], field);
    }
    link("none", "t1", json!({})).expect_problem(404, "not-found");
    for gone in [
        format!("{path}?datasetId=none&runName=other"),
        format!("{path}?datasetId={set_id}&runName=none"),
        format!("{runs}/none"),
        "/api/public/datasets/none/runs".to_owned(),
        "/api/public/datasets/none".to_owned(),
    ] {
        client.get(&gone).expect_problem(404, "not-found");
    }
    assert!(client.delete(&one).expect(200)["message"].is_string());
    client.get(&one).expect_problem(404, "not-found");
    client.get(&links).expect_problem(404, "not-found");
    client.delete(&one).expect_problem(404, "not-found");
    assert_eq!(ids(&client.get(runs).expect(200), "name"), ["other"]);

    // First links of a run at the same time make one run.
    std::thread::scope(|scope| {
        for i in 0..4 {
            let link = &link;
            scope.spawn(move || {
                link("i1", &format!("t{i}"), json!({"runName": "race"})).expect(200)
            });
        }
    });
    let race = client.get(&format!("{runs}/race")).expect(200);
    assert_eq!(race["datasetRunItems"].as_array().unwrap().len(), 4);

    // A dataset takes its runs along, and brings them back.
    let native = format!("/api/v1/datasets/{set_id}");
    assert_eq!(client.delete(&native).status, 204);
    client
        .get(&format!("{runs}/other"))
        .expect_problem(404, "not-found");
    client
        .get(&format!("{path}?datasetId={set_id}&runName=other"))
        .expect_problem(404, "not-found");
    link("i1", "t1", json!({})).expect_problem(404, "not-found");
    let _ = client
        .post(&format!("{native}/restore"), &json!({}))
        .expect(200);
    assert_eq!(
        client.get(&format!("{runs}/other")).expect(200)["name"],
        "other"
    );
}

/// Keys are unique in a dataset, Langfuse's ids in a project: the oldest item of a key has it as its id, others their own.
fn langfuse_keys(client: &Client) {
    let path = "/api/public/dataset-items";
    for name in ["a", "b", "c"] {
        let _ = client
            .post("/api/public/v2/datasets", &json!({"name": name}))
            .expect(200);
    }
    let put = |body: Value| {
        client.post(path, &body).expect(200)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let listed = |dataset: &str| {
        ids(
            &client
                .get(&format!("{path}?datasetName={dataset}"))
                .expect(200),
            "id",
        )
    };
    let of = |id: &str| client.get(&format!("{path}/{id}")).expect(200)["datasetName"].clone();
    assert_eq!(
        put(json!({"datasetName": "a", "id": "refund", "input": "of a"})),
        "refund"
    );
    let second = put(json!({"datasetName": "b", "id": "refund", "input": "of b"}));
    assert_ne!(second, "refund");
    assert_eq!((of("refund"), of(&second)), (json!("a"), json!("b")));
    assert_eq!(
        (listed("a"), listed("b")),
        (vec!["refund".to_owned()], vec![second.clone()])
    );

    // Written again under either name it is the same item.
    for id in ["refund", &second] {
        assert_eq!(
            put(json!({"datasetName": "b", "id": id, "input": "anew"})),
            second
        );
    }
    assert_eq!(listed("b"), [second.as_str()]);
    assert_eq!(
        client.get(&format!("{path}/{second}")).expect(200)["input"],
        "anew"
    );
    assert_eq!(
        client.get(&format!("{path}/refund")).expect(200)["input"],
        "of a"
    );

    // A link leads to the run of the dataset whose item it is.
    let link = json!({"runName": "r", "datasetItemId": second, "traceId": "t"});
    let made = client
        .post("/api/public/dataset-run-items", &link)
        .expect(200);
    assert_eq!(made["datasetItemId"], second.as_str());
    let _ = client.get("/api/public/datasets/b/runs/r").expect(200);
    client
        .get("/api/public/datasets/a/runs/r")
        .expect_problem(404, "not-found");

    // A copy under that id is another item, and takes nothing from it.
    let copy = put(json!({"datasetName": "c", "id": second, "input": "copied"}));
    assert_ne!(copy, second);
    assert_eq!((of(&second), of(&copy)), (json!("b"), json!("c")));
    assert_eq!(client.delete(&format!("{path}/{second}")).status, 200);
    assert_eq!((of("refund"), listed("b").len()), (json!("a"), 0));
}
