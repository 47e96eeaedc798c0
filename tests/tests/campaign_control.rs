//! Campaigns as matrices: several agents, personas and repetitions; paused, resumed, bounded, run again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat, last_user_message, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn echo() -> Server {
    Server::start(|_, body| chat(&format!("you said {}", last_user_message(body))))
}

fn slow(ms: u64) -> Server {
    Server::start(move |_, body| {
        std::thread::sleep(Duration::from_millis(ms));
        chat(&format!("you said {}", last_user_message(body)))
    })
}

fn url(server: &Server) -> String {
    format!("{}/v1/chat/completions", server.url)
}

fn items(n: usize) -> Value {
    let items = (0..n).map(|i| {
        json!({"key": format!("k{i}"), "input": format!("q{i}"), "expected_output": format!("you said q{i}")})
    });
    Value::Array(items.collect())
}

fn exact() -> Value {
    json!([{"kind": "exact_match"}])
}

fn campaign(client: &Client, id: &str) -> Value {
    client.get(&format!("/api/v1/campaigns/{id}")).expect(200)
}

fn until(client: &Client, id: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, 30, || Some(campaign(client, id)).filter(&is))
}

fn matrix_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, good) = (app.client(), echo());
    let bad = Server::start(|_, _| chat("no"));
    let agent = client.agent(&url(&bad));
    // The first version answers wrong, the second one right.
    let _ = client
        .patch(
            &format!("/api/v1/agents/{agent}"),
            &json!({"url": url(&good)}),
        )
        .expect(200);
    let scenarios: Vec<Value> = (0..2)
        .map(|i| {
            let scenario = json!({"name": format!("s{i}"), "script": ["hello"], "expected_output": "you said hello"});
            client.post("/api/v1/scenarios", &scenario).expect(201)["id"].clone()
        })
        .collect();
    let personas: Vec<Value> = ["Ada", "Bob"]
        .iter()
        .map(|name| {
            client
                .post("/api/v1/personas", &json!({"name": name}))
                .expect(201)["id"]
                .clone()
        })
        .collect();
    let id = client.start(&json!({
        "name": "matrix", "agents": [{"id": agent, "version": 1}, {"id": agent}], "scenario_ids": scenarios,
        "persona_ids": personas, "repetitions": 2, "metrics": exact(), "concurrency": 8,
    }));
    let done = client.finished(&id, 60);
    assert_eq!(
        (&done["summary"]["passed"], &done["summary"]["failed"]),
        (&json!(8), &json!(8)),
        "{done}"
    );
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for run in client.runs(&id) {
        assert_eq!(
            run["status"] == "passed",
            run["agent_version"] == 2,
            "{run}"
        );
        let of = format!(
            "{} {} {}",
            run["agent_version"], run["item_key"], run["persona_id"]
        );
        *seen.entry(of).or_default() += 1;
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
    assert!(seen.values().all(|n| *n == 2));
    let of_ada = client
        .get(&format!(
            "/api/v1/campaigns/{id}/runs?persona_id={}&agent_id={agent}",
            personas[0].as_str().unwrap()
        ))
        .expect(200);
    assert_eq!(of_ada["data"].as_array().map(Vec::len), Some(8));
    // What is wrong is named where it stands.
    let wrong = |change: Value, field: &str| {
        let mut spec = json!({"name": "x", "agents": [{"id": agent}], "scenario_ids": scenarios, "metrics": exact()});
        for (key, value) in change.as_object().unwrap() {
            spec[key] = value.clone();
        }
        let doc = client
            .post("/api/v1/campaigns", &spec)
            .expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field, "{doc}");
    };
    wrong(
        json!({"agents": [{"id": agent, "version": 99}]}),
        "/agents/0/version",
    );
    wrong(json!({"agents": [{"id": "x"}]}), "/agents/0/id");
    wrong(
        json!({"agents": [{"id": agent}, {"id": agent}]}),
        "/agents/1/id",
    );
    wrong(json!({"persona_ids": ["x"]}), "/persona_ids/0");
    wrong(json!({"agent_id": agent}), "/agents");
}

#[test]
fn a_campaign_is_a_matrix() {
    matrix_on(&Stores::embedded());
}

#[test]
fn postgres_a_campaign_is_a_matrix() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    matrix_on(&stores);
}

fn pauses_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, target) = (app.client(), slow(100));
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(30)));
    let spec = json!({"name": "p", "agent_id": agent, "dataset_id": dataset, "metrics": exact(), "concurrency": 2});
    let id = client.start(&spec);
    until(&client, &id, "two runs to end", |c| {
        c["summary"]["passed"].as_u64() >= Some(2)
    });
    let path = |what: &str| format!("/api/v1/campaigns/{id}/{what}");
    assert_eq!(
        client.post(&path("pause"), &json!({})).expect(200)["status"],
        "paused"
    );
    let still = until(&client, &id, "nothing to go on", |c| {
        c["summary"]["running"] == 0
    });
    let calls = target.requests().len();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(target.requests().len(), calls, "{still}");
    assert_eq!(
        client.post(&path("pause"), &json!({})).expect(200)["status"],
        "paused"
    );
    let _ = client.post(&path("resume"), &json!({})).expect(200);
    let done = client.finished(&id, 60);
    assert_eq!(done["summary"]["passed"], 30, "{done}");
    // Nothing was asked twice.
    assert_eq!(target.requests().len(), 30);
    let _ = client
        .post(&path("pause"), &json!({}))
        .expect_problem(409, "conflict");
    let _ = client
        .post(&path("resume"), &json!({}))
        .expect_problem(409, "conflict");
}

#[test]
fn a_campaign_pauses_and_goes_on() {
    pauses_on(&Stores::embedded());
}

#[test]
fn postgres_a_campaign_pauses_and_goes_on() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    pauses_on(&stores);
}

fn budget_on(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    // A hundred tokens a call.
    let target = Server::start(|_, _| {
        Reply::json(
            200,
            &json!({
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100},
            }),
        )
    });
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(20)));
    let id = client.start(&json!({
        "name": "b", "agent_id": agent, "dataset_id": dataset, "metrics": exact(), "concurrency": 1,
        "budget": {"tokens": 550},
    }));
    let paused = until(&client, &id, "its budget to pause it", |c| {
        c["status"] == "paused"
    });
    assert!(
        paused["paused_reason"].as_str().unwrap().contains("tokens"),
        "{paused}"
    );
    assert_eq!(paused["spent"]["tokens"], 500, "{paused}");
    assert_eq!(target.requests().len(), 5);
    let path = format!("/api/v1/campaigns/{id}/resume");
    let _ = client
        .post(&path, &json!({"budget": {"tokens": 100_000}}))
        .expect(200);
    let done = client.finished(&id, 60);
    assert_eq!(done["summary"]["failed"], 20, "{done}");
    assert_eq!(done["spent"]["tokens"], 2000, "{done}");
    assert_eq!(target.requests().len(), 20);
}

#[test]
fn a_campaign_pauses_rather_than_overspend() {
    budget_on(&Stores::embedded());
}

#[test]
fn postgres_a_campaign_pauses_rather_than_overspend() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    budget_on(&stores);
}

fn rerun_on(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let broken = Arc::new(AtomicU32::new(1));
    let breaks = broken.clone();
    let target = Server::start(move |_, body| {
        let said = last_user_message(body);
        let wrong = breaks.load(Ordering::SeqCst) == 1 && said.ends_with('3');
        chat(&if wrong {
            "no".to_owned()
        } else {
            format!("you said {said}")
        })
    });
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(5)));
    let id = client
        .start(&json!({"name": "r", "agent_id": agent, "dataset_id": dataset, "metrics": exact()}));
    assert_eq!(client.finished(&id, 60)["summary"]["failed"], 1);
    broken.store(0, Ordering::SeqCst);
    let rerun = |of: &str, body: Value| {
        let made = client
            .post(&format!("/api/v1/campaigns/{of}/rerun"), &body)
            .expect(202);
        let again = made["id"].as_str().unwrap().to_owned();
        assert_eq!(made["rerun_of"], of, "{made}");
        (client.finished(&again, 60), again)
    };
    // What failed alone.
    let (failed, failed_id) = rerun(&id, json!({"only": "failed"}));
    assert_eq!(
        (&failed["summary"]["total"], &failed["summary"]["passed"]),
        (&json!(1), &json!(1)),
        "{failed}"
    );
    assert_eq!(client.runs(&failed_id)[0]["item_key"], "k3");
    // Nothing has changed: nothing is called.
    let calls = target.requests().len();
    let (same, same_id) = rerun(&id, json!({"only": "changed"}));
    assert_eq!(target.requests().len(), calls);
    assert_eq!(
        (&same["summary"]["passed"], &same["summary"]["failed"]),
        (&json!(4), &json!(1)),
        "{same}"
    );
    assert!(
        client
            .runs(&same_id)
            .iter()
            .all(|r| r["carried_from"].is_string()),
        "{same}"
    );
    // One item has.
    let change =
        json!({"items": [{"key": "k0", "input": "new", "expected_output": "you said new"}]});
    let _ = client
        .post(&format!("/api/v1/datasets/{dataset}/items"), &change)
        .expect(200);
    let (changed, changed_id) = rerun(&id, json!({"only": "changed"}));
    assert_eq!(target.requests().len(), calls + 1);
    assert_eq!(changed["summary"]["total"], 5, "{changed}");
    let carried = client
        .runs(&changed_id)
        .iter()
        .filter(|r| r["carried_from"].is_string())
        .count();
    assert_eq!(carried, 4);
    // All of it, with another name.
    let (all, _) = rerun(&id, json!({"changes": {"name": "again", "repetitions": 2}}));
    assert_eq!(
        (&all["name"], &all["summary"]["total"]),
        (&json!("again"), &json!(10))
    );
    let _ = client
        .post(
            &format!("/api/v1/campaigns/{failed_id}/rerun"),
            &json!({"only": "error"}),
        )
        .expect_problem(422, "validation");
    let _ = client
        .post(
            &format!("/api/v1/campaigns/{id}/rerun"),
            &json!({"changes": {"concurrency": 0}}),
        )
        .expect_problem(422, "validation");
}

#[test]
fn a_campaign_is_run_again() {
    rerun_on(&Stores::embedded());
}

#[test]
fn postgres_a_campaign_is_run_again() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    rerun_on(&stores);
}

#[test]
fn an_agent_is_called_as_fast_as_it_may_be() {
    let app = App::start(&Stores::embedded());
    let (client, target) = (app.client(), echo());
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(12)));
    let began = std::time::Instant::now();
    let id = client.start(&json!({
        "name": "rate", "agent_id": agent, "dataset_id": dataset, "metrics": exact(), "concurrency": 12,
        "pace": {"per_minute": 240, "burst": 4},
    }));
    assert_eq!(client.finished(&id, 60)["summary"]["passed"], 12);
    // Four at once, the other eight a quarter of a second apart.
    assert!(
        began.elapsed() >= Duration::from_millis(1_900),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_agent_that_has_too_much_to_do_is_asked_less_at_once() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let (going, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (now, peak) = (going.clone(), most.clone());
    // Two at once are all that it can do.
    let target = Server::start(move |_, body| {
        let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
        peak.fetch_max(at_once, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(60));
        let answer = if at_once > 2 {
            Reply::json(429, &json!({"error": {"message": "slow down"}}))
        } else {
            chat(&format!("you said {}", last_user_message(body)))
        };
        now.fetch_sub(1, Ordering::SeqCst);
        answer
    });
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(40)));
    let id = client.start(&json!({
        "name": "aimd", "agent_id": agent, "dataset_id": dataset, "metrics": exact(), "concurrency": 16, "max_attempts": 10,
    }));
    let done = client.finished(&id, 120);
    assert_eq!(done["summary"]["passed"], 40, "{done}");
    assert!(most.load(Ordering::SeqCst) > 2);
    // Once it is known, most of what is asked is answered.
    let requests = target.requests().len();
    assert!(requests < 40 * 4, "{requests} requests for 40 answers");
}

#[test]
fn what_is_more_urgent_begins_first() {
    let app = App::start(&Stores::embedded());
    let (client, target) = (app.client(), slow(50));
    let (agent, dataset) = (client.agent(&url(&target)), client.dataset(&items(20)));
    let spec = |name: &str, priority: u32| json!({"name": name, "agent_id": agent, "dataset_id": dataset, "metrics": exact(), "concurrency": 2, "priority": priority});
    let later = client.start(&spec("later", 1));
    let urgent = client.start(&spec("urgent", 9));
    let done = client.finished(&urgent, 60);
    let behind = campaign(&client, &later);
    assert_eq!(done["summary"]["passed"], 20);
    assert!(behind["summary"]["passed"].as_u64() < Some(10), "{behind}");
    assert_eq!(client.finished(&later, 60)["summary"]["passed"], 20);
}
