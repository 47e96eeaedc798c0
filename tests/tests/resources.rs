//! Resources: lists, deletion and restoring, bulk, versions, each on both relational stores.

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

macro_rules! on_both {
    ($($name:ident $postgres:ident $check:ident;)*) => {$(
        #[test]
        fn $name() {
            on_sqlite($check);
        }

        #[test]
        fn $postgres() {
            on_postgres($check);
        }
    )*};
}

on_both! {
    lists_are_alike postgres_lists_are_alike lists;
    deleted_ones_come_back postgres_deleted_ones_come_back deletion;
    kinds_check_what_they_are_given postgres_kinds_check_what_they_are_given kinds;
    versions_are_kept_and_compared postgres_versions_are_kept_and_compared versions;
    prompts_have_labels postgres_prompts_have_labels prompts;
    langfuse_reads_and_writes_prompts postgres_langfuse_reads_and_writes_prompts langfuse_prompts;
    repeated_requests_are_told_apart postgres_repeated_requests_are_told_apart repeated;
}

/// Every kind that has the uniform behaviour, with a body that fits it.
/// A list, and what is made there under a name.
type Kind = (String, fn(&str) -> Value);

fn all_kinds(client: &Client) -> Vec<Kind> {
    let base = client
        .post("/api/v1/knowledge-bases", &json!({"name": "for documents"}))
        .expect(201);
    let documents = format!(
        "/api/v1/knowledge-bases/{}/documents",
        base["id"].as_str().unwrap()
    );
    vec![
        (
            "/api/v1/agents".into(),
            |name| json!({"name": name, "kind": "openai_chat", "url": "https://example.com/", "description": "Größe of words"}),
        ),
        (
            "/api/v1/models".into(),
            |name| json!({"name": name, "base_url": "https://example.com/v1", "model": "m"}),
        ),
        (
            "/api/v1/personas".into(),
            |name| json!({"name": name, "description": "Größe of words"}),
        ),
        ("/api/v1/programs".into(), |name| {
            json!({"name": name, "description": "Größe of words",
                "wasm": "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs="})
        }),
        (
            "/api/v1/scenarios".into(),
            |name| json!({"name": name, "script": ["hi"], "situation": "Größe of words"}),
        ),
        (
            "/api/v1/metric-library".into(),
            |name| json!({"name": name, "description": "Größe of words", "metric": {"kind": "exact_match"}}),
        ),
        (
            "/api/v1/prompts".into(),
            |name| json!({"name": name, "description": "Größe of words", "prompt": "Hi {{who}}"}),
        ),
        (
            "/api/v1/knowledge-bases".into(),
            |name| json!({"name": name, "description": "Größe of words"}),
        ),
        (
            documents,
            |name| json!({"name": name, "description": "Größe of words", "media_type": "text/plain"}),
        ),
        (
            "/api/v1/datasets".into(),
            |name| json!({"name": name, "description": "Größe of words"}),
        ),
    ]
}

/// The names of all pages of a list.
fn names(client: &Client, path: &str, query: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{path}?limit={limit}&{query}{cursor}"))
            .expect(200);
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= limit);
        all.extend(rows.iter().map(|r| r["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn wrong_field(client: &Client, path: &str) -> String {
    let doc = client.get(path).expect_problem(422, "validation");
    doc["errors"][0]["field"].as_str().unwrap().to_owned()
}

fn lists(client: &Client) {
    let me = client.get("/api/v1/me").expect(200);
    let me = me["key"]["id"].as_str().unwrap().to_owned();
    for (path, body) in all_kinds(client) {
        let path = path.as_str();
        let made: Vec<Value> = ["b", "d", "a", "e", "c"]
            .iter()
            .map(|n| client.post(path, &body(&format!("list {n}"))).expect(201))
            .collect();
        let named = |letters: &str| -> Vec<String> {
            letters.chars().map(|l| format!("list {l}")).collect()
        };
        for limit in [1, 2, 5, 200] {
            let sorted = |sort: &str| names(client, path, &format!("q=list&sort={sort}"), limit);
            assert_eq!(sorted("name"), named("abcde"), "{path}");
            assert_eq!(sorted("-name"), named("edcba"), "{path}");
            assert_eq!(sorted("created_at"), named("bdaec"), "{path}");
            assert_eq!(sorted("-created_at"), named("ceadb"), "{path}");
            assert_eq!(
                names(client, path, "q=list", limit),
                named("ceadb"),
                "{path}"
            );
        }
        // A change moves what it touches, in this sort alone.
        let first = format!("{path}/{}", made[0]["id"].as_str().unwrap());
        let _ = client.patch(&first, &json!({})).expect(200);
        assert_eq!(
            names(client, path, "q=list&sort=updated_at", 2),
            named("daecb")
        );
        assert_eq!(
            names(client, path, "q=list&sort=created_at", 2),
            named("bdaec")
        );

        assert_eq!(names(client, path, "name=list%20d", 50), named("d"));
        assert_eq!(names(client, path, "q=LIST%20D", 50), named("d"));
        if !path.ends_with("models") {
            assert_eq!(
                names(client, path, "q=gr%C3%B6%C3%9Fe%20OF", 50).len(),
                5,
                "{path}: the description is searched, whatever the case"
            );
        }
        assert!(names(client, path, "q=%25", 50).is_empty(), "no wildcards");
        assert!(names(client, path, "q=%5F", 50).is_empty(), "no wildcards");
        assert_eq!(
            names(client, path, &format!("q=list&created_by={me}"), 50).len(),
            5
        );
        assert_eq!(made[0]["created_by"], me, "{path}");
        assert!(names(client, path, "q=list&created_by=nobody", 50).is_empty());
        let at = made[2]["created_at"].as_str().unwrap();
        assert_eq!(
            names(client, path, &format!("q=list&created_after={at}"), 50),
            named("ce")
        );
        assert_eq!(
            names(client, path, &format!("q=list&created_before={at}"), 50),
            named("db")
        );

        let page = client
            .get(&format!("{path}?q=list&sort=name&limit=2"))
            .expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        for other in [
            "q=list&sort=-name",
            "q=list&sort=created_at",
            "sort=name",
            "q=list",
        ] {
            let field = wrong_field(client, &format!("{path}?{other}&cursor={cursor}"));
            assert_eq!(field, "cursor", "{path} {other}");
        }
        for (query, field) in [
            ("sort=spec", "sort"),
            ("sort=", "sort"),
            ("deleted=yes", "deleted"),
            ("created_after=yesterday", "created_after"),
            ("limit=201", "limit"),
            ("limit=0", "limit"),
            ("q=", "q"),
            ("q=a%00b", "q"),
            ("name=a%00b", "name"),
            ("created_by=a%00b", "created_by"),
            ("cursor=WzEsImEiXQ", "cursor"),
            ("nmae=x", "nmae"),
        ] {
            assert_eq!(
                wrong_field(client, &format!("{path}?{query}")),
                field,
                "{path}"
            );
        }
    }
}

fn deletion(client: &Client) {
    for (path, body) in all_kinds(client) {
        let path = path.as_str();
        let make = |name: &str| -> String {
            let made = client.post(path, &body(name)).expect(201);
            made["id"].as_str().unwrap().to_owned()
        };
        let one = make("gone");
        let item = format!("{path}/{one}");
        let before = client.get(&item);
        assert_eq!(client.delete(&item).status, 204);
        client.get(&item).expect_problem(404, "not-found");
        client
            .patch(&item, &json!({"name": "x"}))
            .expect_problem(404, "not-found");
        assert!(names(client, path, "name=gone", 50).is_empty());
        assert_eq!(names(client, path, "name=gone&deleted=only", 50), ["gone"]);
        assert_eq!(
            names(client, path, "name=gone&deleted=include", 50),
            ["gone"]
        );
        let restored = client.post(&format!("{item}/restore"), &json!({}));
        assert_eq!(restored.expect(200), before.json(), "{path}");
        assert_eq!(restored.header("etag"), before.header("etag"));
        // Restoring what is there changes nothing.
        let again = client.post(&format!("{item}/restore"), &json!({}));
        assert_eq!(again.expect(200), before.json());

        assert_eq!(client.delete(&item).status, 204);
        let other = make("gone");
        let doc = client
            .post(&format!("{item}/restore"), &json!({}))
            .expect_problem(409, "already-exists");
        assert_eq!(doc["errors"][0]["field"], "/name");
        client
            .post(&format!("{path}/no-such/restore"), &json!({}))
            .expect_problem(404, "not-found");

        let bulk = |action: &str, ids: &[&str]| -> Vec<String> {
            let answer = client
                .post(
                    &format!("{path}/bulk"),
                    &json!({"action": action, "ids": ids}),
                )
                .expect(200);
            let results = answer["results"].as_array().unwrap();
            for (result, id) in results.iter().zip(ids) {
                assert_eq!(result["id"], *id, "in the order of the ids");
            }
            let outcomes: Vec<String> = results
                .iter()
                .map(|r| r["outcome"].as_str().unwrap().to_owned())
                .collect();
            let done = outcomes.iter().filter(|o| *o == "done").count();
            assert_eq!(answer["done"], done);
            outcomes
        };
        assert_eq!(
            bulk("restore", &[&one, &other, "no-such", "a\0b"]),
            ["name_taken", "not_found", "not_found", "not_found"]
        );
        let third = make("third");
        assert_eq!(
            bulk("delete", &[&other, &one, &third, &other]),
            ["done", "not_found", "done", "not_found"]
        );
        assert_eq!(
            bulk("restore", &[&third, &one, &other]),
            ["done", "done", "name_taken"]
        );
        for (body, field) in [
            (json!({"action": "delete", "ids": []}), "/ids"),
            (json!({"action": "delete", "ids": vec!["x"; 501]}), "/ids"),
            (json!({"action": "burn", "ids": ["x"]}), "/action"),
        ] {
            let doc = client
                .post(&format!("{path}/bulk"), &body)
                .expect_problem(422, "validation");
            assert_eq!(doc["errors"][0]["field"], field);
        }
    }
}

fn kinds(client: &Client) {
    let field = |path: &str, body: Value| {
        let doc = client.post(path, &body).expect_problem(422, "validation");
        doc["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        field("/api/v1/personas", json!({"name": "x", "patience": 11})),
        "/patience"
    );
    let persona = client
        .post(
            "/api/v1/personas",
            &json!({"name": "Ida", "goals": ["a refund"], "traits": ["curt"], "tone": "dry", "language": "de", "knowledge": "order 7"}),
        )
        .expect(201);
    assert_eq!(persona["patience"], 5);

    let base = client
        .post("/api/v1/knowledge-bases", &json!({"name": "manuals"}))
        .expect(201);
    let path = format!("/api/v1/knowledge-bases/{}", base["id"].as_str().unwrap());
    let documents = format!("{path}/documents");
    let document = json!({"name": "a.pdf", "media_type": "application/pdf", "size": 12, "sha256": "ab".repeat(32), "source_url": "https://example.com/a.pdf", "tags": ["x"]});
    let answer = client.post(&documents, &document);
    let made = answer.expect(201);
    assert_eq!(
        answer.header("location").unwrap(),
        format!("{documents}/{}", made["id"].as_str().unwrap())
    );
    assert_eq!(made["status"], "pending");
    let one = answer.header("location").unwrap();
    assert_eq!(client.get(one).expect(200)["name"], "a.pdf");
    assert_eq!(client.get(&path).expect(200)["document_count"], 1);
    client
        .post(&documents, &document)
        .expect_problem(409, "already-exists");
    assert_eq!(
        field(&documents, json!({"name": "b", "media_type": "pdf"})),
        "/media_type"
    );
    assert_eq!(
        field(
            &documents,
            json!({"name": "b", "media_type": "a/b", "sha256": "zz"})
        ),
        "/sha256"
    );
    // The same name is free in another base, which does not show the first one's document.
    let other = client
        .post("/api/v1/knowledge-bases", &json!({"name": "other"}))
        .expect(201);
    let other = format!(
        "/api/v1/knowledge-bases/{}/documents",
        other["id"].as_str().unwrap()
    );
    let _ = client.post(&other, &document).expect(201);
    client
        .get(&format!("{other}/{}", made["id"].as_str().unwrap()))
        .expect_problem(404, "not-found");
    client
        .patch(
            &format!("{other}/{}", made["id"].as_str().unwrap()),
            &json!({"size": 1}),
        )
        .expect_problem(404, "not-found");
    client
        .get("/api/v1/knowledge-bases/no-such/documents")
        .expect_problem(404, "not-found");
    let changed = client.patch(one, &json!({"status": "ready"})).expect(200);
    assert_eq!(
        (&changed["status"], &changed["version"]),
        (&json!("ready"), &json!(2))
    );
    assert_eq!(client.delete(&path).status, 204);
    client.get(one).expect_problem(404, "not-found");

    assert_eq!(
        field(
            "/api/v1/metric-library",
            json!({"name": "r", "metric": {"kind": "regex", "params": {"pattern": "("}}})
        ),
        "/metric/params/pattern"
    );
    assert_eq!(
        field(
            "/api/v1/metric-library",
            json!({"name": "r", "metric": {"kind": "soap"}})
        ),
        "/metric/kind"
    );
    assert_eq!(
        field("/api/v1/prompts", json!({"name": "p", "prompt": 7})),
        "/prompt"
    );
    assert_eq!(
        field("/api/v1/prompts", json!({"name": "p", "prompt": []})),
        "/prompt"
    );
}

fn versions(client: &Client) {
    for (path, first, change, patch) in [
        (
            "/api/v1/scenarios",
            json!({"name": "s", "script": ["hi", "bye"], "goal": "g"}),
            json!({"script": ["hi"], "goal": "h"}),
            json!([{"op": "replace", "path": "/goal", "value": "h"}, {"op": "remove", "path": "/script/1"}]),
        ),
        (
            "/api/v1/metric-library",
            json!({"name": "m", "metric": {"kind": "exact_match", "threshold": 0.5}}),
            json!({"metric": {"threshold": 0.7}}),
            json!([{"op": "replace", "path": "/metric/threshold", "value": 0.7}]),
        ),
        (
            "/api/v1/prompts",
            json!({"name": "p", "prompt": "a"}),
            json!({"prompt": [{"role": "user", "content": "b"}], "commit_message": "to chat"}),
            json!([{"op": "add", "path": "/commit_message", "value": "to chat"}, {"op": "replace", "path": "/prompt", "value": [{"role": "user", "content": "b"}]}]),
        ),
    ] {
        let made = client.post(path, &first).expect(201);
        let item = format!("{path}/{}", made["id"].as_str().unwrap());
        let answer = client.patch(&item, &change);
        assert_eq!(answer.expect(200)["version"], 2);
        assert_eq!(answer.header("etag"), Some("\"v2\""));
        // A change of what is not there any more leaves no version.
        let stale = client.send(
            "PATCH",
            &item,
            &[("content-type", "application/json"), ("if-match", "\"v1\"")],
            Some(b"{\"name\": \"stale\"}"),
        );
        stale.expect_problem(412, "precondition-failed");
        let list = client.get(&format!("{item}/versions?limit=1")).expect(200);
        assert_eq!(list["data"][0]["version"], 2);
        let next = list["next_cursor"].as_str().unwrap();
        let list = client
            .get(&format!("{item}/versions?limit=1&cursor={next}"))
            .expect(200);
        assert_eq!(list["data"][0]["version"], 1);
        assert!(list["next_cursor"].is_null());
        assert_eq!(list["data"][0]["created_by"], made["created_by"]);
        let old = client.get(&format!("{item}/versions/1")).expect(200);
        for (name, value) in first.as_object().unwrap() {
            assert_eq!(&old["spec"][name], value, "{path} {name}");
        }
        let diff = client.get(&format!("{item}/diff?from=1&to=2")).expect(200);
        assert_eq!(diff, json!({"from": 1, "to": 2, "patch": patch}), "{path}");
        let none = client.get(&format!("{item}/diff?from=2&to=2")).expect(200);
        assert_eq!(none["patch"], json!([]));
        assert_eq!(
            wrong_field(client, &format!("{item}/diff?from=x&to=2")),
            "from"
        );
        client
            .get(&format!("{item}/diff?from=1&to=9"))
            .expect_problem(404, "not-found");
        client
            .get(&format!("{item}/versions/3"))
            .expect_problem(404, "not-found");
        client
            .get(&format!("{item}/versions/x"))
            .expect_problem(404, "not-found");
        // A deleted resource keeps its versions for when it comes back.
        assert_eq!(client.delete(&item).status, 204);
        client
            .get(&format!("{item}/versions"))
            .expect_problem(404, "not-found");
        let _ = client
            .post(&format!("{item}/restore"), &json!({}))
            .expect(200);
        let list = client.get(&format!("{item}/versions")).expect(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
    }

    // Changes that race all count, and each leaves its version.
    let made = client
        .post("/api/v1/prompts", &json!({"name": "race", "prompt": "0"}))
        .expect(201);
    let item = format!("/api/v1/prompts/{}", made["id"].as_str().unwrap());
    let done = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4)
            .map(|i| {
                let item = &item;
                scope.spawn(move || {
                    (0..5)
                        .filter(|k| {
                            let body = json!({"prompt": format!("{i} {k}")});
                            client.patch(item, &body).status == 200
                        })
                        .count()
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).sum::<usize>()
    });
    let list = client
        .get(&format!("{item}/versions?limit=200"))
        .expect(200);
    let numbers: Vec<u64> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["version"].as_u64().unwrap())
        .collect();
    let expected: Vec<u64> = (1..=done as u64 + 1).rev().collect();
    assert_eq!(numbers, expected);
}

fn prompts(client: &Client) {
    let made = client
        .post(
            "/api/v1/prompts",
            &json!({"name": "greet", "prompt": "Hi {{ name }} of {{city}}", "config": {"temperature": 0}}),
        )
        .expect(201);
    assert_eq!(made["variables"], json!(["city", "name"]));
    assert_eq!(made["type"], "text");
    assert_eq!(made["labels"], json!({"latest": 1}));
    let item = format!("/api/v1/prompts/{}", made["id"].as_str().unwrap());
    let put = |label: &str, body: Value| {
        client.send(
            "PUT",
            &format!("{item}/labels/{label}"),
            &[("content-type", "application/json")],
            Some(body.to_string().as_bytes()),
        )
    };
    let shown = put("production", json!({"version": 1})).expect(200);
    assert_eq!(shown["labels"], json!({"latest": 1, "production": 1}));
    let changed = client
        .patch(&item, &json!({"prompt": "Hello {{name}}"}))
        .expect(200);
    assert_eq!(changed["variables"], json!(["name"]));
    let shown = client.get(&item).expect(200);
    assert_eq!(shown["labels"], json!({"latest": 2, "production": 1}));
    let version = client.get(&format!("{item}/versions/1")).expect(200);
    assert_eq!(version["labels"], json!(["production"]));
    assert_eq!(version["spec"]["config"], json!({"temperature": 0}));
    let shown = put("production", json!({"version": 2})).expect(200);
    assert_eq!(shown["labels"], json!({"latest": 2, "production": 2}));
    let version = client.get(&format!("{item}/versions/1")).expect(200);
    assert_eq!(version["labels"], json!([]), "a label names one version");
    for (label, body, field) in [
        ("latest", json!({"version": 1}), "label"),
        ("Bad%20One", json!({"version": 1}), "label"),
        ("staging", json!({"version": 3}), "/version"),
        ("staging", json!({"version": "1"}), "/version"),
    ] {
        let doc = put(label, body).expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field);
    }
    assert_eq!(
        client.delete(&format!("{item}/labels/production")).status,
        204
    );
    client
        .delete(&format!("{item}/labels/production"))
        .expect_problem(404, "not-found");
}

fn langfuse_prompts(client: &Client) {
    let base = "/api/public/v2/prompts";
    let made = client
        .post(
            base,
            &json!({"name": "acc/folder x", "prompt": "Hi {{name}}", "type": "text", "labels": ["production"], "tags": ["a"], "config": {"t": 1}, "commitMessage": "first"}),
        )
        .expect(201);
    for (field, value) in [
        ("name", json!("acc/folder x")),
        ("type", json!("text")),
        ("version", json!(1)),
        ("prompt", json!("Hi {{name}}")),
        ("config", json!({"t": 1})),
        ("labels", json!(["production", "latest"])),
        ("tags", json!(["a"])),
        ("commitMessage", json!("first")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let one = "/api/public/v2/prompts/acc%2Ffolder%20x";
    assert_eq!(client.get(one).expect(200), made);
    // Without tags the ones before stay.
    let chat =
        json!([{"role": "system", "content": "x"}, {"type": "placeholder", "name": "history"}]);
    let second = client
        .post(
            base,
            &json!({"name": "acc/folder x", "prompt": chat, "type": "chat", "tags": null}),
        )
        .expect(201);
    assert_eq!(
        (&second["version"], &second["tags"]),
        (&json!(2), &json!(["a"]))
    );
    assert_eq!(
        (&second["prompt"], &second["labels"]),
        (&chat, &json!(["latest"]))
    );
    assert_eq!(client.get(one).expect(200)["version"], 1, "production");
    assert_eq!(
        client.get(&format!("{one}?label=latest")).expect(200)["version"],
        2
    );
    assert_eq!(client.get(&format!("{one}?version=2")).expect(200), second);
    client
        .get(&format!("{one}?version=9"))
        .expect_problem(404, "not-found");
    client
        .get(&format!("{one}?label=none"))
        .expect_problem(404, "not-found");
    client
        .get(&format!("{base}/none"))
        .expect_problem(404, "not-found");
    let moved = client
        .patch(
            &format!("{one}/versions/2"),
            &json!({"newLabels": ["production"]}),
        )
        .expect(200);
    assert_eq!(moved["labels"], json!(["production", "latest"]));
    assert_eq!(client.get(one).expect(200)["version"], 2);
    assert_eq!(
        client.get(&format!("{one}?version=1")).expect(200)["labels"],
        json!([])
    );

    let _ = client
        .post(base, &json!({"name": "other", "prompt": "x"}))
        .expect(201);
    let page = client.get(&format!("{base}?limit=1&page=1")).expect(200);
    assert_eq!(
        page["meta"],
        json!({"page": 1, "limit": 1, "totalItems": 2, "totalPages": 2})
    );
    let row = &page["data"][0];
    assert_eq!(row["name"], "acc/folder x");
    assert_eq!(
        (&row["versions"], &row["type"]),
        (&json!([1, 2]), &json!("chat"))
    );
    let found = |query: &str| {
        let page = client.get(&format!("{base}?{query}")).expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(found("tag=a"), 1);
    assert_eq!(found("tag=b"), 0);
    assert_eq!(found("label=production"), 1);
    assert_eq!(found("label=latest"), 2);
    assert_eq!(found("name=other"), 1);
    // The native side shows the same prompt.
    let native = client
        .get("/api/v1/prompts?name=acc%2Ffolder%20x")
        .expect(200);
    assert_eq!(
        native["data"][0]["labels"],
        json!({"latest": 2, "production": 2})
    );
    for (body, field) in [
        (json!({"name": "x", "prompt": "x", "type": "chat"}), "/type"),
        (
            json!({"name": "x", "prompt": "x", "labels": ["Bad One"]}),
            "/labels/0",
        ),
        (json!({"name": "", "prompt": "x"}), "/name"),
    ] {
        let doc = client.post(base, &body).expect_problem(400, "validation");
        assert_eq!(doc["errors"][0]["field"], field);
    }
    assert_eq!(client.delete(one).status, 204);
    client.get(one).expect_problem(404, "not-found");
}

/// What is kept for repeated requests grows with a day's requests, not with all there ever were.
#[test]
fn postgres_keys_of_repeated_requests_are_forgotten() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let app = App::start(&stores);
    let client = app.client();
    let send = |key: &str, name: &str| once(&client, key, name);
    let _ = send("old", "Ida").expect(201);
    let _ = send("older", "Ole").expect(201);
    let url = stores.postgres.as_ref().unwrap();
    let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
    db.execute(
        "UPDATE idempotency_keys SET created_at = created_at - 25::bigint * 3600 * 1000000",
        &[],
    )
    .unwrap();
    let _ = send("old", "Eva").expect(201);
    let kept = db
        .query_one("SELECT count(*) FROM idempotency_keys", &[])
        .unwrap();
    assert_eq!(kept.get::<_, i64>(0), 1);
}

/// Makes a persona under an idempotency key.
fn once(client: &Client, key: &str, name: &str) -> Answer {
    let body = json!({"name": name}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    client.send("POST", "/api/v1/personas", &headers, Some(body.as_bytes()))
}

fn repeated(client: &Client) {
    let send = |key: &str, name: &str| once(client, key, name);
    let first = send("k1", "Ida").expect(201);
    let again = send("k1", "Ida");
    assert_eq!(again.expect(201), first);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let doc = send("k1", "Ole").expect_problem(409, "conflict");
    assert_eq!(doc["errors"][0]["field"], "Idempotency-Key");
    send("k2", "Ida").expect_problem(409, "already-exists");
}
