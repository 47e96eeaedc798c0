//! Judges that are calibrated on what people labelled: how sure one can be of their next scores, and what goes to people by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::Team;
use assay_tests::{Client, Reply, Server, Stores, chat, last_user_message};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A judge that gives everything 9 of 10, and is as sure of it as the case says.
fn judge() -> Server {
    Server::start(|_, body| {
        let asked = last_user_message(body);
        let at = asked.find("sure-").expect("how sure to be") + 5;
        let sure = asked[at..at + 2].parse::<f64>().unwrap() / 100.0;
        let told = chat(&json!({"reason": "So it seems.", "score": 9}).to_string());
        let mut told: Value = serde_json::from_slice(&told.body).unwrap();
        let top = json!([
            {"token": "9", "logprob": sure.ln()}, {"token": "8", "logprob": (1.0 - sure).ln()},
        ]);
        told["choices"][0]["logprobs"] =
            json!({"content": [{"token": "9", "logprob": sure.ln(), "top_logprobs": top}]});
        Reply::json(200, &told)
    })
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

fn metric(step: &str) -> Value {
    json!({"kind": "g_eval", "name": "right", "params": {"evaluation_steps": [step]}})
}

/// Items of which a half has the judge say that it is sure, the other that it is less so.
fn dataset(client: &Client, count: usize) -> String {
    let items = (0..count).map(|i| {
        let sure = if i % 2 == 0 { 95 } else { 65 };
        json!({"key": format!("k{i:02}"), "input": format!("number {i:02}, sure-{sure}")})
    });
    client.dataset(&Value::Array(items.collect()))
}

/// What people think of an item: three of four of what the judge is sure of are right, and one of four of the rest.
fn stars(input: &str) -> u32 {
    let number: usize = input["number ".len().."number ".len() + 2].parse().unwrap();
    let (pair, sure) = (number / 2, number.is_multiple_of(2));
    if pair.is_multiple_of(4) == sure { 1 } else { 5 }
}

struct Bench {
    team: Team,
    owner: Client,
    judge: String,
    agent: String,
    schemas: [String; 2],
    _servers: [Server; 2],
}

impl Bench {
    fn start(stores: &Stores) -> Self {
        let team = Team::start(stores);
        let owner = team.owner();
        let judge = judge();
        // It says what it was asked.
        let agent = Server::start(|_, body| chat(last_user_message(body)));
        let model =
            json!({"name": "judge", "base_url": format!("{}/v1", judge.url), "model": "scripted"});
        let schema = |spec: Value| id(&owner.post("/api/v1/label-schemas", &spec).expect(201));
        Self {
            judge: id(&owner.post("/api/v1/models", &model).expect(201)),
            agent: owner.agent(&format!("{}/v1/chat/completions", agent.url)),
            schemas: [
                schema(json!({"name": "stars", "kind": "numeric", "min": 1, "max": 5, "step": 1})),
                schema(json!({"name": "good", "kind": "boolean", "required": false})),
            ],
            owner,
            team,
            _servers: [judge, agent],
        }
    }

    /// A campaign over a dataset, to its end; and its scores, by the items' keys.
    fn campaign(
        &self,
        name: &str,
        dataset: &str,
        more: &Value,
    ) -> (String, BTreeMap<String, Value>) {
        let mut spec = json!({
            "name": name, "agent_id": self.agent, "dataset_id": dataset, "judge_model_id": self.judge,
            "metrics": [metric("Check it.")],
        });
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let id = self.owner.start(&spec);
        let _ = self.owner.finished(&id, 60);
        let runs = self.owner.runs(&id).into_iter();
        let scores = runs.map(|run| {
            let key = run["item_key"].as_str().unwrap().to_owned();
            (key, run["scores"][0].clone())
        });
        (id, scores.collect())
    }

    fn queue(&self, name: &str, rules: &Value) -> String {
        let spec = json!({"name": name, "label_schema_ids": self.schemas, "rules": rules});
        let made = self.owner.post("/api/v1/review-queues", &spec).expect(201);
        format!("/api/v1/review-queues/{}", id(&made))
    }

    /// What is in a queue, by how sure the judge said that it is.
    fn entered(&self, queue: &str) -> Vec<f64> {
        let found = self.owner.get(&format!("{queue}/items?limit=200"));
        let found = found.expect(200);
        let items = found["data"].as_array().unwrap().iter();
        let mut all: Vec<f64> = items
            .map(|i| i["machine"]["confidence"].as_f64().unwrap())
            .collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// Answers all that there is in a queue.
    fn answer_all(&self, queue: &str) -> usize {
        let mut count = 0;
        loop {
            let claimed = self.owner.post(&format!("{queue}/claim"), &json!({}));
            let item = claimed.expect(200)["item"].clone();
            if item.is_null() {
                return count;
            }
            let stars = stars(item["content"]["input"].as_str().unwrap());
            let mut answers = vec![json!({"schema": "stars", "value": stars})];
            if count == 0 {
                answers.push(json!({"schema": "good", "value": true}));
            }
            let path = format!("{queue}/items/{}/answers", id(&item));
            let _ = self
                .owner
                .post(&path, &json!({"answers": answers}))
                .expect(200);
            count += 1;
        }
    }

    fn ask(&self, more: &Value) -> assay_tests::Answer {
        let mut spec = json!({"metric": "right", "judge_model_id": self.judge, "schema": "stars"});
        for (key, value) in more.as_object().unwrap() {
            spec[key] = value.clone();
        }
        self.owner.post("/api/v1/calibrations", &spec)
    }

    fn evaluate(&self, sure: u32, step: &str) -> Value {
        let asked = json!({
            "judge_model_id": self.judge, "metrics": [metric(step)],
            "case": {"input": "Which?", "actual_output": format!("This, sure-{sure}")},
        });
        self.owner.post("/api/v1/evaluate", &asked).expect(200)["results"][0].clone()
    }
}

fn near(value: &Value, wanted: f64) -> bool {
    value.as_f64().is_some_and(|v| (v - wanted).abs() < 1e-6)
}

fn a_judge_is_calibrated_on(stores: &Stores) {
    let bench = Bench::start(stores);
    let owner = &bench.owner;
    let labels = bench.queue(
        "labels",
        &json!([{"name": "all", "when": {"type": "always"}}]),
    );

    // There is nothing to be calibrated on, and that is said.
    let problem = bench
        .ask(&json!({"schema": null}))
        .expect_problem(409, "conflict");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("0 scores of `right`") && detail.contains("30 are needed"),
        "{detail}"
    );
    for (more, field) in [
        (json!({"judge_model_id": "nope"}), "/judge_model_id"),
        (json!({"queue_id": "nope"}), "/queue_id"),
        (json!({"schema": "nope"}), "/schema"),
        (json!({"coverage": 2}), "/coverage"),
        (json!({"judging": {"runs": 0}}), "/judging/runs"),
    ] {
        let problem = bench.ask(&more).expect_problem(422, "validation");
        assert_eq!(problem["errors"][0]["field"], json!(field), "{problem}");
    }
    assert!(bench.evaluate(95, "Check it.").get("calibration").is_none());

    // Forty scores, which people label.
    let (_, scores) = bench.campaign("before", &dataset(owner, 40), &json!({}));
    assert_eq!(scores.len(), 40);
    assert_eq!(bench.answer_all(&labels), 40);
    let problem = bench
        .ask(&json!({"schema": null}))
        .expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/schema"), "{problem}");
    let few = bench
        .ask(&json!({"schema": "good"}))
        .expect_problem(409, "conflict");
    assert!(
        few["detail"]
            .as_str()
            .unwrap()
            .contains("39 have no score or no answer"),
        "{few}"
    );
    let few = bench
        .ask(&json!({"minimum": 41}))
        .expect_problem(409, "conflict");
    assert!(
        few["detail"].as_str().unwrap().contains("40 scores"),
        "{few}"
    );
    let few = bench
        .ask(&json!({"judging": {"runs": 3}}))
        .expect_problem(409, "conflict");
    assert!(
        few["detail"]
            .as_str()
            .unwrap()
            .contains("40 are of another judge"),
        "{few}"
    );
    let late = json!({"answered_from": "2999-01-01T00:00:00Z"});
    let _ = bench.ask(&late).expect_problem(409, "conflict");
    let _ = bench
        .ask(&json!({"dataset_id": "other"}))
        .expect_problem(409, "conflict");

    // Asked by four at once it is one calibration, and one version.
    let spec = json!({"metric": "right", "judge_model_id": bench.judge, "schema": "stars"});
    let made: BTreeSet<String> = std::thread::scope(|scope| {
        let ask = || owner.post("/api/v1/calibrations", &spec);
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let answers = asked.into_iter().map(|a| a.join().unwrap());
        answers
            .map(|a| {
                assert!([200, 201].contains(&a.status), "{}", a.text);
                id(&a.json())
            })
            .collect()
    });
    assert_eq!(made.len(), 1, "{made:?}");
    let first = made.into_iter().next().unwrap();
    let again = bench.ask(&json!({"queue_id": labels.rsplit('/').next()}));
    assert_eq!(id(&again.expect(200)), first, "the same answers");
    let path = format!("/api/v1/calibrations/{first}");
    let shown = owner.get(&path).expect(200);
    assert_eq!(
        (&shown["version"], &shown["active"], &shown["stale"]),
        (&json!(1), &json!(true), &Value::Null)
    );
    let fit = &shown["fit"];
    assert_eq!(
        (&fit["labelled"], &fit["agreement"]),
        (&json!(40), &json!(0.5))
    );
    assert_eq!(fit["raw"]["bins"].as_array().unwrap().len(), 10);
    let error = |of: &str| fit[of]["expected_calibration_error"].as_f64().unwrap();
    assert!(error("calibrated") < error("raw"), "{fit}");

    // The raw confidence stays; beside it is what it is worth.
    let (sure, less) = (
        bench.evaluate(95, "Check it."),
        bench.evaluate(65, "Check it."),
    );
    assert!(near(&sure["confidence"], 0.95) && near(&less["confidence"], 0.65));
    let chance = |result: &Value| result["calibration"]["confidence"].as_f64().unwrap();
    assert!(
        (0.5..0.95).contains(&chance(&sure)) && (0.0..0.5).contains(&chance(&less)),
        "{sure} {less}"
    );
    assert_eq!(sure["calibration"]["id"], json!(first));
    let expected = less["calibration"]["expected_score"].as_f64().unwrap();
    assert!(
        expected < 0.6 && less["score"].as_f64().unwrap() > 0.8,
        "{less}"
    );
    let interval = less["calibration"]["interval"].as_array().unwrap();
    assert!(interval[0].as_f64() <= Some(expected) && interval[1].as_f64() >= Some(expected));

    // What is in doubt by it goes to people, though the judge itself is sure.
    let rule = |when: Value| json!([{"name": "doubt", "when": when, "campaigns": ["after"]}]);
    let doubtful = bench.queue(
        "doubt",
        &rule(json!({"type": "confidence_below", "value": 0.5})),
    );
    let crossing = bench.queue(
        "cross",
        &rule(json!({"type": "interval_crosses_threshold"})),
    );
    let divided = bench.queue("divided", &rule(json!({"type": "disagreement"})));
    let four = dataset(owner, 4);
    let (after, scores) = bench.campaign("after", &four, &json!({"record": true}));
    for score in scores.values() {
        assert_eq!(score["calibration"]["id"], json!(first), "{score}");
    }
    let of_doubt = bench.entered(&doubtful);
    assert!(
        of_doubt.len() == 2 && of_doubt.iter().all(|c| *c < 0.7),
        "{of_doubt:?}"
    );
    assert_eq!(bench.entered(&crossing).len(), 4);
    assert!(bench.entered(&divided).is_empty());

    // Fitted otherwise it is another version, which is applied from then on; to what is played again the old one is.
    let second = id(&bench.ask(&json!({"seed": 1})).expect(201));
    assert_eq!(
        bench.evaluate(95, "Check it.")["calibration"]["id"],
        json!(second)
    );
    let old = owner.get(&path).expect(200);
    assert_eq!(
        (&old["active"], &old["version"]),
        (&json!(false), &json!(1))
    );
    let listed = |query: &str| -> Vec<String> {
        let found = owner
            .get(&format!("/api/v1/calibrations{query}"))
            .expect(200);
        let rows = found["data"].as_array().unwrap().clone();
        assert!(rows.iter().all(|r| r.get("fit").is_none()), "{found}");
        rows.iter().map(id).collect()
    };
    assert_eq!(listed(""), [second.as_str(), first.as_str()]);
    assert_eq!(listed("?active=true&metric=right"), [second.as_str()]);
    assert_eq!(
        listed(&format!("?active=false&judge={}", bench.judge)),
        [first.as_str()]
    );
    assert!(listed("?metric=other").is_empty());
    let page = owner.get("/api/v1/calibrations?limit=1").expect(200);
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(listed(&format!("?limit=1&cursor={next}")), [first.as_str()]);
    let (_, played) = bench.campaign("replay", &four, &json!({"replay_of": after}));
    assert_eq!(json!(played).to_string(), json!(scores).to_string());

    changed(&bench, &second, &path, &first);
    hidden(&bench, &path);
}

/// What was calibrated is another now: then nothing is made of it.
fn changed(bench: &Bench, second: &str, first_path: &str, first: &str) {
    let owner = &bench.owner;
    let other = bench.evaluate(95, "Check something else.");
    assert_eq!(
        other["calibration"],
        json!({"id": second, "stale": "metric_changed"}),
        "{other}"
    );
    let model = format!("/api/v1/models/{}", bench.judge);
    let _ = owner
        .patch(&model, &json!({"temperature": 0.5}))
        .expect(200);
    let warm = bench.evaluate(95, "Check it.");
    assert_eq!(
        warm["calibration"],
        json!({"id": second, "stale": "judge_changed"}),
        "{warm}"
    );
    assert!(near(&warm["confidence"], 0.95), "the raw one stays: {warm}");
    let path = format!("/api/v1/calibrations/{second}");
    assert_eq!(
        owner.get(&path).expect(200)["stale"],
        json!("judge_changed")
    );
    let (_, scores) = bench.campaign("warm", &dataset(owner, 2), &json!({}));
    assert_eq!(
        scores["k00"]["calibration"]["stale"],
        json!("judge_changed")
    );
    let none = bench.ask(&json!({})).expect_problem(409, "conflict");
    let detail = none["detail"].as_str().unwrap();
    assert!(
        detail.contains("40 are of this judge with other settings"),
        "{detail}"
    );
    // A name is nothing that an answer depends on.
    let _ = owner
        .patch(&model, &json!({"temperature": 0.0, "name": "renamed"}))
        .expect(200);
    assert_eq!(owner.get(&path).expect(200)["stale"], Value::Null);
    // The version before holds again.
    assert_eq!(owner.delete(&path).status, 204);
    let _ = owner.get(&path).expect_problem(404, "not-found");
    assert_eq!(owner.get(first_path).expect(200)["active"], json!(true));
    assert_eq!(
        bench.evaluate(95, "Check it.")["calibration"]["id"],
        json!(first)
    );
    let log = owner.get("/api/v1/audit-log?limit=200").expect(200);
    let acts = |act: &str| {
        let all = log["data"].as_array().unwrap();
        all.iter().filter(|a| a["action"] == act).count()
    };
    assert_eq!(
        (acts("calibration.create"), acts("calibration.delete")),
        (2, 1)
    );
}

/// Another workspace sees nothing of it, and who only reads changes nothing.
fn hidden(bench: &Bench, path: &str) {
    let stranger = bench.team.stranger();
    let _ = stranger.get(path).expect_problem(404, "not-found");
    let gone = stranger.delete(path);
    let _ = gone.expect_problem(404, "not-found");
    let list = stranger.get("/api/v1/calibrations").expect(200);
    assert_eq!(list["data"], json!([]));
    let theirs = json!({"metric": "right", "judge_model_id": bench.judge});
    let problem = stranger.post("/api/v1/calibrations", &theirs);
    let problem = problem.expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/judge_model_id"));
    let reviewer = bench.team.key("reviewer", &json!({}));
    let _ = reviewer.get(path).expect(200);
    assert_eq!(reviewer.delete(path).status, 403);
    let _ = bench.owner.get(path).expect(200);
}

#[test]
fn a_judge_is_calibrated_on_what_people_labelled() {
    a_judge_is_calibrated_on(&Stores::embedded());
}

#[test]
fn postgres_redis_and_clickhouse_a_judge_is_calibrated_on_what_people_labelled() {
    if let Some(stores) = Stores::shared() {
        a_judge_is_calibrated_on(&stores);
    }
}
