//! What people say of traces, also in Langfuse's shape; and that all of it goes with what it is about.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::{Team, column, conversation, id, tagged};
use assay_tests::{App, Client, Stores};
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
    traces_are_spoken_of postgres_traces_are_spoken_of clickhouse_traces_are_spoken_of comments;
    comments_in_langfuses_shape postgres_comments_in_langfuses_shape clickhouse_comments_in_langfuses_shape langfuse;
    what_was_said_goes_with_the_trace postgres_what_was_said_goes_with_the_trace clickhouse_what_was_said_goes_with_the_trace erasure;
    scores_are_under_the_policy postgres_scores_are_under_the_policy clickhouse_scores_are_under_the_policy policy;
}

fn comments(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    conversation(&owner);
    let (person, person_id) = team.member("reviewer");
    let (editor, viewer) = (
        team.key("editor", &Value::Null),
        team.key("viewer", &Value::Null),
    );
    let prompt = owner
        .post("/api/v1/prompts", &json!({"name": "p", "prompt": "Hi"}))
        .expect(201);
    let path = "/api/v1/comments";
    assert_eq!(
        viewer.get(path).expect(200),
        json!({"data": [], "next_cursor": null})
    );

    let body = |kind: &str, object: &str| json!({"object_type": kind, "object_id": object, "content": format!("on {kind}")});
    for (kind, object, trace) in [
        ("trace", "t1", json!("t1")),
        ("observation", "llm", json!("t1")),
        ("score", "right", json!("t1")),
        ("session", "s1", json!(null)),
        ("prompt", &id(&prompt), json!(null)),
        ("prompt", &format!("{}:1", id(&prompt)), json!(null)),
    ] {
        let made = editor.post(path, &body(kind, object)).expect(201);
        assert_eq!(
            (&made["trace_id"], &made["author_kind"]),
            (&trace, &json!("api_key")),
            "{made}"
        );
        for nothing in ["none", "t1:2"] {
            let answer = editor.post(path, &body(kind, nothing));
            assert_eq!(answer.field(), "/object_id", "{kind}");
        }
    }
    assert_eq!(
        column(&viewer, &format!("{path}?trace_id=t1"), "object_type"),
        ["score", "observation", "trace"]
    );
    assert_eq!(
        column(
            &viewer,
            &format!("{path}?object_type=session&object_id=s1"),
            "content"
        ),
        ["on session"]
    );

    // A person speaks to a member.
    let text = "Look, @owner:\n\n- *wrong* <script>alert(1)</script>";
    let spoken = json!({"object_type": "observation", "object_id": "llm", "trace_id": "t1", "content": text, "mentions": [person_id, person_id]});
    let made = person.post(path, &spoken);
    let comment = made.expect(201);
    let at = format!("{path}/{}", id(&comment));
    assert_eq!(made.header("location"), Some(at.as_str()));
    assert_eq!(comment["content"], text, "kept as it is written");
    assert_eq!(comment["mentions"], json!([person_id]));
    assert_eq!(
        (&comment["author_kind"], &comment["author_id"]),
        (&json!("user"), &json!(person_id))
    );
    assert_eq!(
        column(&viewer, &format!("{path}?author_id={person_id}"), "id"),
        [id(&comment)]
    );
    assert_eq!(
        column(&viewer, &format!("{path}?mentions={person_id}"), "id"),
        [id(&comment)]
    );

    // What is wrong is named, and nothing is kept of it.
    let with = |change: Value| {
        let mut body = body("trace", "t1");
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    for (change, named) in [
        (json!({"content": " \n"}), "/content"),
        (json!({"content": "x".repeat(5001)}), "/content"),
        (json!({"mentions": [person_id, "nobody"]}), "/mentions/1"),
        (json!({"object_type": "campaign"}), "/object_type"),
        (
            json!({"object_type": "observation", "object_id": "llm", "trace_id": "t2"}),
            "/object_id",
        ),
        (json!({"trace_id": "t1"}), "/trace_id"),
        (json!({"author_id": person_id}), "/author_id"),
    ] {
        assert_eq!(
            editor.post(path, &with(change.clone())).field(),
            named,
            "{change}"
        );
    }
    let _ = editor
        .post(path, &with(json!({"content": "é".repeat(5000)})))
        .expect(201);
    assert_eq!(column(&viewer, path, "id").len(), 8);

    // Only the author changes it; the author, and who manages the workspace, deletes it.
    viewer
        .post(path, &body("trace", "t1"))
        .expect_problem(403, "forbidden");
    for other in [&owner, &editor] {
        other
            .patch(&at, &json!({"content": "not mine"}))
            .expect_problem(403, "forbidden");
    }
    editor.delete(&at).expect_problem(403, "forbidden");
    let changed = person.send("PATCH", &at, &json!({"content": "It is right."}));
    assert_eq!(changed.header("etag"), Some("\"v2\""));
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["content"], &changed["mentions"]),
        (&json!("It is right."), &comment["mentions"])
    );
    assert_eq!(viewer.get(&at).expect(200), changed);
    let own = id(&editor.post(path, &body("trace", "t2")).expect(201));
    let own = format!("{path}/{own}");
    tagged(&editor, "PATCH", &own, "\"v2\"", &json!({"content": "x"}))
        .expect_problem(412, "precondition-failed");
    let _ = tagged(&editor, "PATCH", &own, "\"v1\"", &json!({"content": "x"})).expect(200);
    assert_eq!(editor.delete(&own).status, 204);
    assert_eq!(owner.delete(&at).status, 204);
    for gone in [&own, &at] {
        viewer.get(gone).expect_problem(404, "not-found");
    }
    let audit = owner
        .get("/api/v1/audit-log?action=comment.delete")
        .expect(200);
    assert_eq!(audit["data"].as_array().unwrap().len(), 2, "{audit}");

    // Pages neither repeat nor leave out.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = viewer.get(&format!("{path}?limit=3{cursor}")).expect(200);
        let rows = page["data"].as_array().unwrap();
        seen.extend(rows.iter().map(id));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, column(&viewer, &format!("{path}?limit=200"), "id"));

    // Another workspace sees none, and cannot speak of what is not its own.
    let other = team.stranger();
    assert_eq!(other.get(path).expect(200)["data"], json!([]));
    let foreign = format!("{path}/{}", seen[0]);
    other.get(&foreign).expect_problem(404, "not-found");
    other
        .patch(&foreign, &json!({"content": "x"}))
        .expect_problem(404, "not-found");
    other.delete(&foreign).expect_problem(404, "not-found");
    assert_eq!(other.post(path, &body("trace", "t1")).field(), "/object_id");
    let mention = json!({"object_type": "trace", "object_id": "mine", "content": "x", "mentions": [person_id]});
    let _ = other
        .post("/api/v1/ingest", &json!({"traces": [{"id": "mine"}]}))
        .expect(200);
    assert_eq!(other.post(path, &mention).field(), "/mentions/0");
}

fn langfuse(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    conversation(&owner);
    let (_, person_id) = team.member("viewer");
    let workspace = owner.get("/api/v1/workspace").expect(200)["id"].clone();
    let path = "/api/public/comments";
    let body = |kind: &str, object: &str| json!({"projectId": workspace, "objectType": kind, "objectId": object, "content": "so"});
    let bad = |body: &Value| {
        owner.post(path, body).expect_problem(400, "validation")["errors"][0]["field"].clone()
    };

    let mut by_person = body("OBSERVATION", "llm");
    by_person["authorUserId"] = json!(person_id);
    let first = owner.post(path, &body("TRACE", "t1")).expect(200);
    assert_eq!(first.as_object().unwrap().len(), 1, "{first}");
    let second = owner.post(path, &by_person).expect(200);
    let _ = owner.post(path, &body("SESSION", "s1")).expect(200);
    let shown = owner.get(&format!("{path}/{}", id(&second))).expect(200);
    for (name, value) in [
        ("projectId", workspace.clone()),
        ("objectType", json!("OBSERVATION")),
        ("objectId", json!("llm")),
        ("content", json!("so")),
        ("authorUserId", json!(person_id)),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert!(shown["createdAt"].is_string() && shown["updatedAt"].is_string());
    // In whose name it is written is said; who wrote it is known all the same.
    let ours = owner
        .get(&format!("/api/v1/comments/{}", id(&second)))
        .expect(200);
    assert_eq!(
        (&ours["author_kind"], &ours["on_behalf_of"]),
        (&json!("api_key"), &json!(person_id))
    );

    // Langfuse knows no comments on scores.
    let on_score = json!({"object_type": "score", "object_id": "good", "content": "so"});
    let on_score = id(&owner.post("/api/v1/comments", &on_score).expect(201));
    owner
        .get(&format!("{path}/{on_score}"))
        .expect_problem(404, "not-found");
    let page = owner.get(&format!("{path}?limit=2")).expect(200);
    assert_eq!(
        page["meta"],
        json!({"page": 1, "limit": 2, "totalItems": 3, "totalPages": 2})
    );
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let only = |query: &str| {
        owner.get(&format!("{path}?{query}")).expect(200)["meta"]["totalItems"].clone()
    };
    assert_eq!(only("objectType=TRACE"), 1);
    assert_eq!(only("objectType=OBSERVATION&objectId=llm"), 1);
    assert_eq!(only(&format!("authorUserId={person_id}&page=&limit=")), 1);
    assert_eq!(only("fromTimestamp=2100-01-01T00:00:00Z"), 0);

    owner
        .post(path, &body("TRACE", "none"))
        .expect_problem(404, "not-found");
    assert_eq!(bad(&body("SCORE", "good")), "/objectType");
    assert_eq!(
        bad(&json!({"objectType": "TRACE", "objectId": "t1", "content": " "})),
        "/content"
    );
    assert_eq!(
        bad(&json!({"objectType": "TRACE", "objectId": "", "content": "x"})),
        "/objectId"
    );
    by_person["authorUserId"] = json!("nobody");
    assert_eq!(bad(&by_person), "/authorUserId");
    let doc = owner
        .get(&format!("{path}?objectId=t1"))
        .expect_problem(400, "validation");
    assert_eq!(doc["errors"][0]["field"], "objectType");

    let other = team.stranger();
    assert_eq!(other.get(path).expect(200)["data"], json!([]));
    other
        .get(&format!("{path}/{}", id(&first)))
        .expect_problem(404, "not-found");
    // The project is that of the key, whatever the body says.
    other
        .post(path, &body("TRACE", "t1"))
        .expect_problem(404, "not-found");
}

fn erasure(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    let anyone = Client::anonymous(&team.app.url);
    let path = "/api/v1/comments";
    let say = |kind: &str, object: &str| {
        let body = json!({"object_type": kind, "object_id": object, "content": "so"});
        id(&owner.post(path, &body).expect(201))
    };
    let share = |trace: &str| {
        let made = owner
            .post(&format!("/api/v1/traces/{trace}/shares"), &json!({}))
            .expect(201);
        format!("/api/v1/shared/{}", made["token"].as_str().unwrap())
    };
    let gone = |comment: &str| owner.get(&format!("{path}/{comment}")).status == 404;
    conversation(&owner);
    let [on_trace, on_observation, on_score] = [
        say("trace", "t1"),
        say("observation", "llm"),
        say("score", "right"),
    ];
    let (on_other, on_session) = (say("trace", "t2"), say("session", "s1"));
    let (one, two) = (share("t1"), share("t2"));

    // A score takes what was said of it.
    let on_good = say("score", "good");
    assert_eq!(owner.delete("/api/v1/scores/good").status, 204);
    assert!(gone(&on_good) && !gone(&on_score));

    // A trace takes what was said of it and its parts, and the links to it; its session is still there.
    assert_eq!(owner.delete("/api/v1/traces/t1").status, 204);
    assert!(gone(&on_trace) && gone(&on_observation) && gone(&on_score));
    assert!(!gone(&on_other) && !gone(&on_session));
    anyone.get(&one).expect_problem(404, "not-found");
    let _ = anyone.get(&two).expect(200);
    owner
        .get("/api/v1/traces/t1/shares")
        .expect_problem(404, "not-found");
    assert_eq!(
        owner.get("/api/v1/shares?trace_id=t1").expect(200)["data"],
        json!([])
    );
    // What comes late under the same id is nobody's to read by the old link.
    let _ = owner
        .post(
            "/api/v1/ingest",
            &json!({"traces": [{"id": "t1", "name": "late"}]}),
        )
        .expect(200);
    anyone.get(&one).expect_problem(404, "not-found");
    assert_eq!(
        owner.get(&format!("{path}?trace_id=t1")).expect(200)["data"],
        json!([])
    );

    // The last trace of a session takes what was said of the session.
    let _ = owner
        .send(
            "DELETE",
            "/api/public/traces",
            &[("content-type", "application/json")],
            Some(br#"{"traceIds":["t2"]}"#),
        )
        .expect(200);
    assert!(gone(&on_other) && gone(&on_session));
    anyone.get(&two).expect_problem(404, "not-found");

    // An end user who is forgotten.
    conversation(&owner);
    let (on_trace, on_session, link) = (say("trace", "t1"), say("session", "s1"), share("t1"));
    let done = owner.delete("/api/v1/users/canary-user").expect(200);
    assert_eq!(done["deleted"], 1);
    assert!(gone(&on_trace) && !gone(&on_session), "t2 is another one's");
    anyone.get(&link).expect_problem(404, "not-found");
}

fn policy(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let _ = client
        .post("/api/v1/ingest", &json!({"traces": [{"id": "t"}]}))
        .expect(200);
    let rules = json!([{"name": "mail", "kind": {"type": "class", "class": "email"}},
                       {"name": "secret", "kind": {"type": "pattern", "pattern": "TOPSECRET"}, "action": "remove"}]);
    let policy = json!({"redaction": {"rules": rules}}).to_string();
    let headers = [("content-type", "application/json")];
    let _ = client
        .send(
            "PUT",
            "/api/v1/ingest/policy",
            &headers,
            Some(policy.as_bytes()),
        )
        .expect(200);
    // Every instance has read it by then.
    std::thread::sleep(std::time::Duration::from_millis(3_200));

    let said = "ask ann@example.com";
    let masked = "ask [REDACTED:mail]";
    let ours = json!({"id": "a", "trace_id": "t", "name": "n", "value": 1, "comment": said, "metadata": {"by": said}});
    let answer = client.post("/api/v1/scores", &ours).expect(200);
    assert_eq!(
        (&answer["comment"], &answer["metadata"]["by"]),
        (&json!(masked), &json!(masked))
    );
    let theirs =
        |id: &str| json!({"id": id, "traceId": "t", "name": "n", "value": 1, "comment": said});
    let _ = client.post("/api/public/scores", &theirs("b")).expect(200);
    let _ = client
        .post("/api/public/scores", &json!([theirs("c"), theirs("d")]))
        .expect(202);
    for score in ["a", "b", "c", "d"] {
        let kept = client.get(&format!("/api/v1/scores/{score}")).expect(200);
        assert_eq!(kept["comment"], masked, "{score}");
    }

    let comment =
        |content: &str| json!({"object_type": "trace", "object_id": "t", "content": content});
    let made = client.post("/api/v1/comments", &comment(said)).expect(201);
    assert_eq!(made["content"], masked);
    let at = format!("/api/v1/comments/{}", id(&made));
    let changed = client
        .patch(&at, &json!({"content": format!("{said}!")}))
        .expect(200);
    assert_eq!(changed["content"], format!("{masked}!"));
    assert_eq!(client.get(&at).expect(200), changed);
    assert_eq!(
        client
            .post("/api/v1/comments", &comment("it is TOPSECRET"))
            .field(),
        "/content"
    );
    let words = client.get("/api/v1/scores?q=ann%40example").expect(200);
    assert_eq!(words["data"], json!([]));
}
