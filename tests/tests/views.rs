//! Saved views: what can be saved, who sees and changes them, and which one a list begins with.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::{Team, column, id, tagged};
use assay_tests::{Client, Stores};
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
    views_are_saved postgres_views_are_saved clickhouse_views_are_saved views;
}

fn views(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    let (editor, reviewer, viewer) = (
        team.key("editor", &Value::Null),
        team.key("reviewer", &Value::Null),
        team.key("viewer", &Value::Null),
    );
    let path = "/api/v1/views";
    assert_eq!(
        owner.get(path).expect(200),
        json!({"data": [], "next_cursor": null})
    );
    let slow = json!([{"type": "number", "column": "latency", "operator": ">", "value": 5}]);
    let spec = json!({"name": "Slow", "table": "traces", "filter": slow, "sort": "-latency", "columns": ["name", "cost"]});
    let made = reviewer.post(path, &spec);
    let mine = made.expect(201);
    let at = format!("{path}/{}", id(&mine));
    assert_eq!(made.header("location"), Some(at.as_str()));
    assert_eq!(made.header("etag"), Some("\"v1\""));
    assert_eq!(
        (&mine["visibility"], &mine["default"]),
        (&json!("private"), &json!(false))
    );
    assert_eq!(reviewer.get(&at).expect(200), mine);
    // Saved as it can be run.
    let filter: String =
        url::form_urlencoded::byte_serialize(mine["filter"].to_string().as_bytes()).collect();
    let list = format!(
        "/api/v1/traces?filter={filter}&sort={}",
        mine["sort"].as_str().unwrap()
    );
    let _ = reviewer.get(&list).expect(200);

    // A private view is its owner's alone, also for who manages the workspace.
    for other in [&owner, &editor, &viewer] {
        assert_eq!(other.get(path).expect(200)["data"], json!([]));
        other.get(&at).expect_problem(404, "not-found");
    }
    owner
        .patch(&at, &json!({"name": "x"}))
        .expect_problem(404, "not-found");
    owner.delete(&at).expect_problem(404, "not-found");
    viewer.post(path, &spec).expect_problem(403, "forbidden");

    // What cannot be run is not saved, and the field is named.
    let with = |change: Value| {
        let mut body = spec.clone();
        body["name"] = json!("Other");
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    let condition = |column: &str, operator: &str| json!([slow[0], {"type": "string", "column": column, "operator": operator, "value": "x"}]);
    for (change, named) in [
        (json!({"filter": condition("shoe_size", "=")}), "/filter/1"),
        (
            json!({"filter": condition("latency", "contains")}),
            "/filter/1",
        ),
        (
            json!({"filter": condition("name", "any of")}),
            "/filter/1/operator",
        ),
        (json!({"filter": "latency > 5"}), "/filter"),
        (
            json!({"table": "scores", "filter": [], "sort": "timestamp"}),
            "/sort",
        ),
        (json!({"table": "scores", "sort": null}), "/filter/0"),
        (json!({"sort": "start_time"}), "/sort"),
        (json!({"table": "runs"}), "/table"),
        (json!({"name": ""}), "/name"),
        (json!({"columns": ["a", "a"]}), "/columns/1"),
        (json!({"visibility": "public"}), "/visibility"),
    ] {
        assert_eq!(
            owner.post(path, &with(change.clone())).field(),
            named,
            "{change}"
        );
    }
    assert_eq!(
        owner.get(path).expect(200)["data"],
        json!([]),
        "nothing was saved"
    );

    // A name is unique among the owner's views of the table.
    let taken = reviewer
        .post(path, &spec)
        .expect_problem(409, "already-exists");
    assert_eq!(taken["errors"][0]["field"], "/name");
    let _ = reviewer
        .post(
            path,
            &with(json!({"name": "Slow", "table": "observations", "sort": "-start_time"})),
        )
        .expect(201);
    let _ = editor.post(path, &spec).expect(201);

    // Shared: seen by all, changed by the owner and by whoever manages the workspace.
    let shared = reviewer
        .patch(&at, &json!({"visibility": "shared", "sort": null}))
        .expect(200);
    assert_eq!(
        (&shared["version"], &shared["sort"], &shared["name"]),
        (&json!(2), &json!(null), &json!("Slow"))
    );
    assert_eq!(column(&viewer, path, "name"), ["Slow"]);
    editor
        .patch(&at, &json!({"name": "x"}))
        .expect_problem(403, "forbidden");
    editor.delete(&at).expect_problem(403, "forbidden");
    viewer.delete(&at).expect_problem(403, "forbidden");
    tagged(&owner, "PATCH", &at, "\"v1\"", &json!({"name": "x"}))
        .expect_problem(412, "precondition-failed");
    let by_owner = tagged(
        &owner,
        "PATCH",
        &at,
        "\"v2\"",
        &json!({"name": "Slow ones"}),
    )
    .expect(200);
    assert_eq!(
        (&by_owner["owner_id"], &by_owner["version"]),
        (&mine["owner_id"], &json!(3))
    );
    let doc = owner
        .patch(&at, &json!({"visibility": "private"}))
        .expect_problem(403, "forbidden");
    assert_eq!(doc["errors"][0]["field"], "/visibility");
    let audit = owner
        .get("/api/v1/audit-log?action=view.update")
        .expect(200);
    assert_eq!(audit["data"].as_array().unwrap().len(), 1, "{audit}");
    let put = |body: &Value| {
        let text = body.to_string();
        reviewer.send(
            "PUT",
            &at,
            &[("content-type", "application/json")],
            Some(text.as_bytes()),
        )
    };
    let replaced =
        put(&json!({"name": "Anew", "table": "sessions", "visibility": "shared"})).expect(200);
    assert_eq!(
        (&replaced["filter"], &replaced["columns"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(put(&json!({"name": "Anew"})).field(), "");

    // One default a table: a person's own, and one for the workspace.
    let default = |client: &Client, name: &str, visibility: &str| {
        let body = with(json!({"name": name, "visibility": visibility, "default": true}));
        client.post(path, &body)
    };
    let one = id(&default(&reviewer, "one", "private").expect(201));
    let two = id(&default(&reviewer, "two", "private").expect(201));
    let all = id(&default(&owner, "all", "shared").expect(201));
    let doc = default(&reviewer, "three", "shared").expect_problem(403, "forbidden");
    assert_eq!(doc["errors"][0]["field"], "/default");
    let is_default =
        |id: &str| reviewer.get(&format!("{path}/{id}")).expect(200)["default"].clone();
    assert_eq!(
        [is_default(&one), is_default(&two), is_default(&all)],
        [false, true, true]
    );
    let _ = reviewer
        .patch(&format!("{path}/{one}"), &json!({"default": true}))
        .expect(200);
    assert_eq!(
        [is_default(&one), is_default(&two), is_default(&all)],
        [true, false, true]
    );

    // Pages and filters.
    let mine = column(
        &reviewer,
        &format!("{path}?visibility=private&table=traces"),
        "name",
    );
    assert_eq!(mine, ["two", "one"]);
    assert_eq!(column(&reviewer, &format!("{path}?q=TW"), "name"), ["two"]);
    let first = reviewer.get(&format!("{path}?limit=2")).expect(200);
    let next = first["next_cursor"].as_str().unwrap();
    let rest = column(&reviewer, &format!("{path}?cursor={next}"), "name");
    assert_eq!(rest.len() + 2, column(&reviewer, path, "name").len());
    assert_eq!(reviewer.get(&format!("{path}?table=runs")).field(), "table");
    assert_eq!(
        reviewer.get(&format!("{path}?tabel=traces")).field(),
        "tabel"
    );

    // Another workspace sees none, and the same names are free there.
    let other = team.stranger();
    assert_eq!(other.get(path).expect(200)["data"], json!([]));
    other
        .get(&format!("{path}/{all}"))
        .expect_problem(404, "not-found");
    other
        .delete(&format!("{path}/{all}"))
        .expect_problem(404, "not-found");
    let _ = default(&other, "all", "shared").expect(201);
    assert_eq!(is_default(&all), true);

    let gone = format!("{path}/{two}");
    assert_eq!(
        tagged(&reviewer, "DELETE", &gone, "\"v9\"", &Value::Null).status,
        412
    );
    assert_eq!(reviewer.delete(&gone).status, 204);
    reviewer.delete(&gone).expect_problem(404, "not-found");
}
