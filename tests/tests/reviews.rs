//! People in the loop: what is in doubt goes to people, who answer it, agree or not, and say otherwise than the machine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::Team;
use assay_tests::{App, Client, Server, Stores, chat, last_user_message};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// An agent that is wrong about questions whose number is below `wrong`.
fn agent(wrong: usize) -> Server {
    Server::start(move |_, body| {
        let question = last_user_message(body);
        let number: usize = question.trim_start_matches('q').parse().unwrap();
        chat(&if number < wrong {
            "no".to_owned()
        } else {
            format!("you said {question}")
        })
    })
}

/// A campaign of that agent over a dataset, to its end.
fn campaign(client: &Client, name: &str, dataset: &str, agent: &Server) -> String {
    let spec = json!({
        "name": name, "agent_id": client.agent(&format!("{}/v1/chat/completions", agent.url)), "dataset_id": dataset,
        "metrics": [{"kind": "exact_match", "threshold": 0.5}, {"kind": "contains", "params": {"values": ["o"]}}],
    });
    let id = client.start(&spec);
    let _ = client.finished(&id, 60);
    id
}

fn dataset(client: &Client, items: usize) -> String {
    let items = (0..items).map(|i| {
        json!({"key": format!("k{i:02}"), "input": format!("q{i}"), "expected_output": format!("you said q{i}")})
    });
    client.dataset(&Value::Array(items.collect()))
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

fn schema(client: &Client, spec: &Value) -> String {
    id(&client.post("/api/v1/label-schemas", spec).expect(201))
}

fn queue(client: &Client, spec: &Value) -> String {
    let made = client.post("/api/v1/review-queues", spec);
    format!("/api/v1/review-queues/{}", id(&made.expect(201)))
}

/// The next item for somebody.
fn claim(client: &Client, queue: &str) -> Value {
    client
        .post(&format!("{queue}/claim"), &json!({}))
        .expect(200)["item"]
        .clone()
}

fn answer(client: &Client, queue: &str, item: &Value, answers: &Value) -> Value {
    let path = format!("{queue}/items/{}/answers", item["id"].as_str().unwrap());
    client.post(&path, &json!({"answers": answers})).expect(200)
}

fn good(value: bool) -> Value {
    json!([{"schema": "good", "value": value}])
}

fn items(client: &Client, queue: &str, query: &str) -> Vec<Value> {
    let found = client.get(&format!("{queue}/items?limit=200{query}"));
    found.expect(200)["data"].as_array().unwrap().clone()
}

fn a_team_works_on(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    let [ann, ben, eve] = ["reviewer"; 3].map(|role| team.key(role, &json!({})));
    let good_schema = schema(&owner, &json!({"name": "good", "kind": "boolean"}));
    let stars = schema(
        &owner,
        &json!({"name": "stars", "kind": "numeric", "min": 1, "max": 5, "step": 1, "required": false}),
    );
    let queue = queue(
        &owner,
        &json!({
            "name": "wrong answers", "label_schema_ids": [good_schema, stars], "annotators_per_item": 2, "lease_s": 900,
            "rules": [{"name": "wrong", "metric": "exact_match", "when": {"type": "score_below", "value": 0.5}, "campaigns": ["candidate"]}],
        }),
    );
    let dataset = dataset(&owner, 6);
    let before = campaign(&owner, "baseline", &dataset, &agent(0));
    // Two answers are wrong, in a campaign that the rule is about; it is not about the other one.
    let after = campaign(&owner, "candidate", &dataset, &agent(2));
    let _ = campaign(&owner, "another", &dataset, &agent(3));
    let entered = items(&owner, &queue, "");
    assert_eq!(entered.len(), 2, "{entered:?}");
    for item in &entered {
        assert_eq!(item["state"], json!("pending"));
        assert_eq!(
            (&item["rule"], &item["subject"]["metric"]),
            (&json!("wrong"), &json!("exact_match"))
        );
        assert_eq!(item["machine"]["score"], json!(0.0));
    }

    // Both get an item, and with it what there is to look at; not what the machine said.
    let first = claim(&ann, &queue);
    assert_eq!(first["content"]["output"], json!("no"));
    assert!(first.get("machine").is_none(), "{first}");
    assert_eq!(
        claim(&ann, &queue)["id"],
        first["id"],
        "who holds one gets that one again"
    );
    let seen = ann.get(&format!("{queue}/items/{}", first["id"].as_str().unwrap()));
    assert_eq!(seen.expect(200)["machine"], Value::Null);
    let bens = claim(&ben, &queue);
    assert_eq!(bens["id"], first["id"], "two are wanted of each");
    let eves = claim(&eve, &queue);
    assert_ne!(eves["id"], first["id"], "and no third");

    // What is wrong is named, and nothing is written.
    let path = format!("{queue}/items/{}/answers", first["id"].as_str().unwrap());
    let wrong =
        json!({"answers": [{"schema": "good", "value": 1}, {"schema": "stars", "value": 9}]});
    let problem = ann.post(&path, &wrong).expect_problem(422, "validation");
    let fields: Vec<&Value> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["field"])
        .collect();
    assert_eq!(
        fields,
        [&json!("/answers/0/value"), &json!("/answers/1/value")]
    );
    assert_eq!(
        answer(&ann, &queue, &first, &good(false))["state"],
        json!("in_progress")
    );
    // Sent twice it is one; otherwise it is refused.
    assert_eq!(
        answer(&ann, &queue, &first, &good(false))["gold"],
        Value::Null
    );
    let other = ann.post(&path, &json!({"answers": good(true)}));
    let _ = other.expect_problem(409, "conflict");

    // Ben goes home: after his lease Eve, who is done with hers, gets his place. Then he comes back too late.
    answer(&eve, &queue, &eves, &good(true));
    assert_eq!(
        claim(&eve, &queue),
        Value::Null,
        "Ben holds what is left for her"
    );
    let _ = owner.patch(&queue, &json!({"lease_s": 1})).expect(200);
    assert_eq!(
        claim(&ben, &queue)["id"],
        first["id"],
        "from now for a second"
    );
    std::thread::sleep(Duration::from_millis(1500));
    let _ = owner.patch(&queue, &json!({"lease_s": 900})).expect(200);
    assert_eq!(claim(&eve, &queue)["id"], first["id"]);
    let late = ben.post(&path, &json!({"answers": good(true)}));
    let _ = late.expect_problem(409, "conflict");
    assert_eq!(
        answer(&eve, &queue, &first, &good(false))["state"],
        json!("done")
    );
    // Ann is asked for the other one alone, and nobody twice.
    let second = claim(&ann, &queue);
    assert_eq!(second["id"], eves["id"]);
    answer(&ann, &queue, &second, &good(false));
    for person in [&ann, &ben, &eve] {
        assert_eq!(claim(person, &queue), Value::Null);
    }

    // Who only answers sees their own answers, who looks after the queue all of them.
    let all = |client: &Client| {
        client.get(&format!("{queue}/annotations")).expect(200)["data"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((all(&ann), all(&ben), all(&owner)), (2, 0, 4));
    let progress = owner.get(&format!("{queue}/progress")).expect(200);
    assert_eq!(progress["states"]["done"], json!(2));
    assert_eq!(
        (&progress["items"], &progress["answers"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(
        progress["people"].as_array().unwrap().len(),
        2,
        "{progress}"
    );

    // They agree on one of two.
    let report = owner.get(&format!("{queue}/agreement")).expect(200);
    let of_good = &report["schemas"][0];
    assert_eq!(
        (&of_good["schema"], &of_good["shared"]),
        (&json!("good"), &json!(2))
    );
    assert_eq!(of_good["agreement"], json!(0.5));
    assert_eq!(of_good["pairs"][0]["units"], json!(2));
    let judges = owner.get(&format!("{queue}/judge-report")).expect(200);
    let judge = &judges["reports"][0];
    assert_eq!((&judge["items"], &judge["ties"]), (&json!(1), &json!(1)));
    assert_eq!(judge["confusion"]["both_failed"], json!(1));

    overridden(
        &team,
        &ann,
        &before,
        &after,
        second["subject"]["run_id"].as_str().unwrap(),
    );
    exported(&owner, &queue);
}

/// A reviewer says otherwise than the machine of one run.
fn overridden(team: &Team, ann: &Client, before: &str, after: &str, run: &str) {
    let owner = team.owner();
    let path = format!("/api/v1/runs/{run}/overrides");
    let difference = |scores: &str| {
        let path = format!("/api/v1/campaigns/{after}/compare?baseline={before}{scores}");
        let found = owner.get(&path).expect(200);
        let metrics = found["metrics"].as_array().unwrap();
        let of = |name: Value| {
            metrics.iter().find(|m| m["metric"] == name).unwrap()["worsened"].as_u64()
        };
        (
            of(Value::Null),
            of(json!("exact_match")),
            found["candidate"]["overridden"].as_u64(),
        )
    };
    assert_eq!(difference(""), (Some(2), Some(2), Some(0)));
    let wrong = ann.post(&path, &json!({"metric": "nope", "score": 2, "reason": ""}));
    let problem = wrong.expect_problem(422, "validation");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    let unknown = ann.post(
        &path,
        &json!({"metric": "nope", "score": 1, "reason": "so"}),
    );
    let _ = unknown.expect_problem(422, "validation");
    let body = json!({"metric": "exact_match", "score": 1, "reason": "It means the same."});
    let first = ann.post(&path, &body).expect(201);
    assert_eq!(
        (&first["status"], &first["machine_status"]),
        (&json!("passed"), &json!("failed"))
    );
    let made = ann
        .post(
            &path,
            &json!({"metric": "exact_match", "score": 0.9, "reason": "Almost."}),
        )
        .expect(201);
    let shown = owner.get(&format!("/api/v1/runs/{run}")).expect(200);
    let score = shown["scores"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["name"] == "exact_match")
        .unwrap();
    assert_eq!(score["score"], json!(0.0), "the machine's score stays");
    assert_eq!(
        shown["overrides"].as_array().unwrap().len(),
        1,
        "one holds: {shown}"
    );
    assert_eq!(shown["overrides"][0]["score"], made["score"]);
    // `contains` failed too where the answer is `no`? It has an `o`: the run now passes as a whole.
    assert_eq!(
        difference(""),
        (Some(1), Some(2), Some(1)),
        "0.9 is less than 1, and passes"
    );
    assert_eq!(difference("&scores=machine"), (Some(2), Some(2), Some(0)));
    let gate = |scores: &str| {
        let gate = json!({"rules": [{"statistic": "pass_rate", "at_least": 0.5}]});
        let body = json!({"gate": gate, "scores": scores});
        let judged = owner
            .post(&format!("/api/v1/campaigns/{after}/gate"), &body)
            .expect(200);
        judged["report"]["rules"][0]["value"].as_f64().unwrap()
    };
    assert!(gate("effective") > gate("machine") + 0.1);
    assert_eq!(gate("human"), 1.0);

    let withdraw = format!("{path}/{}/withdraw", made["id"].as_str().unwrap());
    let done = ann
        .post(&withdraw, &json!({"reason": "I read it again."}))
        .expect(200);
    assert_eq!(done["withdrawn_reason"], json!("I read it again."));
    let again = ann.post(&withdraw, &json!({"reason": "Twice."}));
    let _ = again.expect_problem(409, "conflict");
    assert_eq!(difference(""), (Some(2), Some(2), Some(0)));
    let history = owner.get(&path).expect(200);
    assert_eq!(history["data"].as_array().unwrap().len(), 2, "{history}");
    let log = owner.get("/api/v1/audit-log?limit=200").expect(200);
    let acts: Vec<&str> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["action"].as_str().unwrap())
        .collect();
    for (act, times) in [
        ("score.override", 2),
        ("score.override_withdraw", 1),
        ("review_queue.create", 1),
    ] {
        assert_eq!(
            acts.iter().filter(|a| **a == act).count(),
            times,
            "{act}: {acts:?}"
        );
    }
    let viewer = team.key("viewer", &json!({}));
    let _ = viewer.post(&path, &body).expect_problem(403, "forbidden");
    let stranger = team.stranger();
    let _ = stranger.get(&path).expect_problem(404, "not-found");
    let _ = stranger.post(&path, &body).expect_problem(404, "not-found");
}

/// What is done becomes a golden dataset, once.
fn exported(owner: &Client, queue: &str) {
    let golden = owner
        .post("/api/v1/datasets", &json!({"name": "golden"}))
        .expect(201);
    let body = json!({"dataset_id": golden["id"], "split": "golden"});
    let path = format!("{queue}/export");
    assert_eq!(
        owner.post(&path, &body).expect(200),
        json!({"created": 2, "updated": 0, "gone": 0})
    );
    assert_eq!(
        owner.post(&path, &body).expect(200),
        json!({"created": 0, "updated": 2, "gone": 0})
    );
    let items = owner
        .get(&format!("/api/v1/datasets/{}/items", id(&golden)))
        .expect(200);
    let items = items["data"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let labels: BTreeSet<String> = items
        .iter()
        .map(|i| i["metadata"]["labels"].to_string())
        .collect();
    let wanted = [json!({"good": false}), json!({})].map(|l| l.to_string());
    assert_eq!(
        labels,
        BTreeSet::from(wanted),
        "where they disagree there is no label"
    );
    assert!(
        items
            .iter()
            .all(|i| i["expected_output"].is_string() && i["split"] == "golden")
    );
    let nowhere = owner.post(&path, &json!({"dataset_id": "nope"}));
    let problem = nowhere.expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/dataset_id"));
}

#[test]
fn a_team_reviews_what_is_in_doubt() {
    a_team_works_on(&Stores::embedded());
}

#[test]
fn postgres_a_team_reviews_what_is_in_doubt() {
    if let Some(stores) = Stores::postgres() {
        a_team_works_on(&stores);
    }
}

/// A queue with items of a dataset put in by hand, as many as are asked.
fn by_hand(client: &Client, spec: Value, count: usize) -> (String, Vec<Value>) {
    let schema = schema(client, &json!({"name": "good", "kind": "boolean"}));
    let mut whole = json!({"name": "by hand", "label_schema_ids": [schema]});
    whole
        .as_object_mut()
        .unwrap()
        .extend(spec.as_object().unwrap().clone());
    let queue = queue(client, &whole);
    let dataset = dataset(client, count);
    let subjects = (0..count).map(
        |i| json!({"type": "dataset_item", "dataset_id": dataset, "item_key": format!("k{i:02}")}),
    );
    (queue, subjects.collect())
}

fn people_who_claim_at_once_on(stores: &Stores) {
    let app = App::start(stores);
    let owner = app.client();
    let (queue, subjects) = by_hand(&owner, json!({"annotators_per_item": 2}), 10);
    let body = json!({"items": subjects.iter().map(|s| json!({"subject": s})).collect::<Vec<_>>()});
    let path = format!("{queue}/items");
    assert_eq!(
        owner.post(&path, &body).expect(200),
        json!({"created": 10, "existing": 0})
    );
    assert_eq!(
        owner.post(&path, &body).expect(200),
        json!({"created": 0, "existing": 10})
    );
    let people: Vec<Client> = (0..4)
        .map(|i| {
            let spec = json!({"name": format!("p{i}"), "role": "reviewer"});
            let made = owner.post("/api/v1/api-keys", &spec).expect(201);
            let [public, secret] =
                ["public_key", "secret_key"].map(|f| made[f].as_str().unwrap().to_owned());
            Client::with_keys(&app.url, &public, &secret)
        })
        .collect();
    // Each works in two windows at once, until there is nothing left.
    std::thread::scope(|scope| {
        for person in &people {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let claimed = person.post(&format!("{queue}/claim"), &json!({}));
                        if claimed.status == 409 {
                            continue;
                        }
                        let item = claimed.expect(200)["item"].clone();
                        if item.is_null() {
                            break;
                        }
                        let path =
                            format!("{queue}/items/{}/answers", item["id"].as_str().unwrap());
                        let done = person.post(&path, &json!({"answers": good(true)}));
                        assert_eq!(done.status, 200, "{}", done.text);
                    }
                });
            }
        }
    });
    let all = owner
        .get(&format!("{queue}/annotations?limit=200"))
        .expect(200);
    let answers = all["data"].as_array().unwrap();
    assert_eq!(answers.len(), 20, "two of each, and no third");
    let different: BTreeSet<(&str, &str)> = answers
        .iter()
        .map(|a| {
            (
                a["item_id"].as_str().unwrap(),
                a["person_id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(different.len(), 20, "nobody answered one twice");
    assert_eq!(items(&owner, &queue, "&state=done").len(), 10);
}

#[test]
fn people_who_claim_at_once_never_have_the_same_place() {
    people_who_claim_at_once_on(&Stores::embedded());
}

#[test]
fn postgres_people_who_claim_at_once_never_have_the_same_place() {
    if let Some(stores) = Stores::postgres() {
        people_who_claim_at_once_on(&stores);
    }
}

fn items_are_skipped_assigned_and_known_on(stores: &Stores) {
    let team = Team::start(stores);
    let owner = team.owner();
    let (ann, ben) = (
        team.key("reviewer", &json!({})),
        team.key("reviewer", &json!({})),
    );
    let ben_id = ben.get("/api/v1/me").expect(200)["key"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (queue, subjects) = by_hand(&owner, json!({"max_skips": 2}), 3);
    let add = |item: Value| owner.post(&format!("{queue}/items"), &json!({"items": [item]}));

    // Two who would not answer are enough; then it can be asked again.
    let _ = add(json!({"subject": subjects[0]})).expect(200);
    let mut skipped = String::new();
    for (person, state) in [(&ann, "pending"), (&ben, "skipped")] {
        let item = claim(person, &queue);
        skipped = item["id"].as_str().unwrap().to_owned();
        let path = format!("{queue}/items/{skipped}/skip");
        let _ = person
            .post(&path, &json!({"reason": " "}))
            .expect_problem(422, "validation");
        for _ in 0..2 {
            let moved = person
                .post(&path, &json!({"reason": "I cannot tell."}))
                .expect(200);
            assert_eq!(moved["state"], json!(state));
        }
        assert_eq!(claim(person, &queue), Value::Null);
    }
    let path = format!("{queue}/items/{skipped}");
    let _ = ann
        .post(&format!("{path}/reopen"), &json!({}))
        .expect_problem(403, "forbidden");
    let _ = owner
        .post(&format!("{path}/reopen"), &json!({}))
        .expect(200);
    let again = claim(&ann, &queue);
    assert_eq!(again["id"], json!(skipped));
    let _ = ann.post(&format!("{path}/release"), &json!({}));

    // What is for one is for no other.
    let problem = add(json!({"subject": subjects[1], "assignees": ["nobody"]}))
        .expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/items/0/assignees/0"));
    let _ = owner
        .post(&format!("{path}/assign"), &json!({"assignees": [ben_id]}))
        .expect(200);
    assert_eq!(claim(&ann, &queue), Value::Null);
    let bens = claim(&ben, &queue);
    assert_eq!(bens["id"], json!(skipped));
    answer(&ben, &queue, &bens, &good(true));

    // What is known looks like anything else, until it is answered.
    let gold = json!({"subject": subjects[2], "gold": good(true)});
    let words = json!({"subject": subjects[2], "gold": [{"schema": "good", "value": "yes"}]});
    let _ = add(words).expect_problem(422, "validation");
    let _ = add(gold).expect(200);
    for (person, value, right) in [(&ann, true, 1), (&ben, false, 0)] {
        let item = claim(person, &queue);
        let shown = person
            .get(&format!("{queue}/items/{}", item["id"].as_str().unwrap()))
            .expect(200);
        assert_eq!(
            (&shown["gold"], &shown["wanted"]),
            (&Value::Null, &json!(1))
        );
        let told = answer(person, &queue, &item, &good(value));
        assert_eq!(
            (&told["gold"]["answers"], &told["gold"]["right"]),
            (&good(true), &json!(right))
        );
    }
    let progress = owner.get(&format!("{queue}/progress")).expect(200);
    assert_eq!(progress["gold"], json!({"items": 1, "answers": 2}));
    let accuracies: BTreeSet<String> = progress["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["gold"]["accuracy"].to_string())
        .collect();
    assert_eq!(
        accuracies,
        BTreeSet::from(["0.0".to_owned(), "1.0".to_owned()])
    );
    let report = owner.get(&format!("{queue}/agreement")).expect(200);
    assert_eq!(
        report["schemas"][0]["units"],
        json!(1),
        "what is known is not counted"
    );
    changed(&owner, &queue);
}

/// Queues are changed under `If-Match`, and deleted with all that is in them.
fn changed(owner: &Client, queue: &str) {
    let found = owner.get(queue);
    let tag = found.header("etag").unwrap().to_owned();
    let body = |v: &Value| v.to_string().into_bytes();
    let with = [
        ("content-type", "application/json"),
        ("if-match", tag.as_str()),
    ];
    let changed = owner.send(
        "PATCH",
        queue,
        &with,
        Some(body(&json!({"annotators_per_item": 3})).as_slice()),
    );
    assert_eq!(changed.expect(200)["annotators_per_item"], json!(3));
    let stale = owner.send(
        "PATCH",
        queue,
        &with,
        Some(body(&json!({"annotators_per_item": 4})).as_slice()),
    );
    let _ = stale.expect_problem(412, "precondition-failed");
    let asked = owner.patch(queue, &json!({"label_schema_ids": ["other"]}));
    let problem = asked.expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/label_schema_ids"));
    let named = owner.get(queue).expect(200)["label_schema_ids"].clone();
    let twice = owner.post(
        "/api/v1/review-queues",
        &json!({"name": "by hand", "label_schema_ids": named}),
    );
    let _ = twice.expect_problem(409, "already-exists");
    assert_eq!(owner.delete(queue).status, 204);
    let _ = owner
        .get(&format!("{queue}/items"))
        .expect_problem(404, "not-found");
}

#[test]
fn items_are_skipped_assigned_and_known() {
    items_are_skipped_assigned_and_known_on(&Stores::embedded());
}

#[test]
fn postgres_items_are_skipped_assigned_and_known() {
    if let Some(stores) = Stores::postgres() {
        items_are_skipped_assigned_and_known_on(&stores);
    }
}

/// Traces and observations are reviewed too, turn by turn and call by call, and become items of a dataset.
fn traces_are_reviewed_on(stores: &Stores) {
    const TRACE: &str = "0123456789abcdef0123456789abcdef";
    let app = App::start(stores);
    let client = app.client();
    let batch = json!({
        "traces": [{"id": TRACE, "name": "chat", "timestamp": "2026-11-24T06:00:00Z", "input": "How long?", "output": "A while."}],
        "observations": [{"id": "0123456789abcdef", "trace_id": TRACE, "type": "TOOL", "name": "search",
            "start_time": "2026-11-24T06:00:00Z", "input": {"q": "refund"}, "output": ["nothing"]}],
    });
    let sent = client.post("/api/v1/ingest", &batch).expect(200);
    assert_eq!(sent["accepted"], json!(2), "{sent}");
    let polite = schema(
        &client,
        &json!({"name": "polite", "kind": "boolean", "target": "turn"}),
    );
    let tool = schema(
        &client,
        &json!({"name": "tool", "kind": "categorical", "target": "observation",
            "categories": [{"label": "right"}, {"label": "wrong"}]}),
    );
    let better = schema(&client, &json!({"name": "better", "kind": "text"}));
    let queue = queue(
        &client,
        &json!({"name": "traces", "label_schema_ids": [polite, tool, better]}),
    );
    let path = format!("{queue}/items");
    let gone = json!({"type": "trace", "trace_id": TRACE, "observation_id": "nope"});
    let problem = client.post(&path, &json!({"items": [{"subject": gone}]}));
    let problem = problem.expect_problem(422, "validation");
    assert_eq!(
        problem["errors"][0]["field"],
        json!("/items/0/subject/observation_id")
    );
    let whole = json!({"type": "trace", "trace_id": TRACE});
    let part = json!({"type": "trace", "trace_id": TRACE, "observation_id": "0123456789abcdef"});
    let both = json!({"items": [{"subject": whole, "priority": 1}, {"subject": part}]});
    let added = client.post(&path, &both).expect(200);
    assert_eq!(added, json!({"created": 2, "existing": 0}));

    let first = claim(&client, &queue);
    assert_eq!(first["subject"], whole, "what has priority comes first");
    assert_eq!(first["content"]["output"], json!("A while."));
    let answers = json!([
        {"schema": "polite", "value": true, "turn": 0}, {"schema": "polite", "value": false, "turn": 1},
        {"schema": "tool", "value": "wrong", "observation_id": "0123456789abcdef", "note": "It asked for the wrong thing."},
        {"schema": "better", "value": "Five days."},
    ]);
    assert_eq!(
        answer(&client, &queue, &first, &answers)["state"],
        json!("done")
    );
    let second = claim(&client, &queue);
    assert_eq!(second["content"]["input"], json!({"q": "refund"}));
    let mine = json!([{"schema": "better", "value": "Ask for refunds."}]);
    answer(&client, &queue, &second, &mine);
    let report = client.get(&format!("{queue}/agreement")).expect(200);
    let units: Vec<&Value> = report["schemas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["units"])
        .collect();
    assert_eq!(
        units,
        [&json!(2), &json!(1)],
        "turns, calls, and no words: {report}"
    );

    let golden = client.post("/api/v1/datasets", &json!({"name": "golden"}));
    let golden = id(&golden.expect(201));
    let body = json!({"dataset_id": golden, "expected_output_from": "better"});
    let done = client.post(&format!("{queue}/export"), &body).expect(200);
    assert_eq!(done["created"], json!(2));
    let made = client
        .get(&format!("/api/v1/datasets/{golden}/items"))
        .expect(200);
    let made: BTreeSet<(&str, &str)> = made["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| {
            (
                i["input"].as_str().unwrap(),
                i["expected_output"].as_str().unwrap(),
            )
        })
        .collect();
    let wanted = [
        ("How long?", "Five days."),
        (r#"{"q":"refund"}"#, "Ask for refunds."),
    ];
    assert_eq!(made, BTreeSet::from(wanted));
    let numbers = json!({"dataset_id": golden, "expected_output_from": "polite"});
    let refused = client.post(&format!("{queue}/export"), &numbers);
    let _ = refused.expect_problem(422, "validation");
}

#[test]
fn traces_are_reviewed() {
    traces_are_reviewed_on(&Stores::embedded());
}

#[test]
fn postgres_traces_are_reviewed() {
    if let Some(stores) = Stores::postgres() {
        traces_are_reviewed_on(&stores);
    }
}
