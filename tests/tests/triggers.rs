//! What comes before a campaign, and what starts one by itself: dry runs, imported graphs, hooks, schedules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Reply, Server, Stores, chat, wait_for};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

const SCENARIOS: &str = "/api/v1/scenarios";

/// Asks, and asks again until the answer is good.
fn asking() -> Value {
    json!({
        "name": "Asking",
    "metrics": [{"kind": "contains", "name": "speaks", "params": {"values": ["answer"]}}],
        "graph": {
            "start": "ask",
            "variables": {"order": "4711"},
            "nodes": [
                {"id": "ask", "does": {"type": "persona_turn", "say": "Where is {{ order }}?"}},
                {"id": "answer", "does": {"type": "target_call"}},
                {"id": "good", "does": {"type": "condition"}},
                {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}]}},
                {"id": "done", "does": {"type": "end"}},
            ],
            "edges": [
                {"from": "ask", "to": "answer"}, {"from": "answer", "to": "good"},
                {"from": "good", "to": "score", "when": {"answer_contains": "depot"}},
                {"from": "good", "to": "done"},
                {"from": "score", "to": "done"},
            ],
        },
    })
}

fn nodes(dry: &Value) -> Vec<&str> {
    let path = dry["path"].as_array().unwrap();
    path.iter().map(|v| v["node"].as_str().unwrap()).collect()
}

fn field(answer: &Value) -> &str {
    answer["errors"][0]["field"].as_str().unwrap()
}

fn dry_runs(client: &Client) {
    let made = client.post(SCENARIOS, &asking()).expect(201);
    let path = format!("{SCENARIOS}/{}/dry-run", made["id"].as_str().unwrap());
    let dry = client.post(&path, &json!({})).expect(200);
    assert!(!nodes(&dry).contains(&"score"), "{dry}");
    assert_eq!(dry["ends"], true, "{dry}");
    assert_eq!(dry["variables"]["order"], "4711");
    assert_eq!(dry["path"][1]["does"], "the agent is asked: Where is 4711?");
    let replied = json!({"replies": {"answer": "It is at the depot."}});
    let dry = client.post(&path, &replied).expect(200);
    assert!(nodes(&dry).contains(&"score"), "{dry}");
    let assumed = client
        .post(&path, &json!({"ways": {"good": 0}}))
        .expect(200);
    assert!(nodes(&assumed).contains(&"score"), "{assumed}");

    // An older version takes its own path.
    let change = json!({"graph": {"variables": {"order": "17"}}});
    let changed = client.patch(
        &format!("{SCENARIOS}/{}", made["id"].as_str().unwrap()),
        &change,
    );
    assert_eq!(changed.expect(200)["version"], 2);
    let newest = client.post(&path, &json!({})).expect(200);
    assert_eq!(newest["variables"]["order"], "17");
    let first = client.post(&path, &json!({"version": 1})).expect(200);
    assert_eq!(first["variables"]["order"], "4711");

    for (body, named) in [
        (json!({"version": 9}), "/version"),
        (json!({"version": "1"}), "/version"),
        (json!({"ways": {"good": 7}}), "/ways/good"),
        (json!({"ways": {"ask": 0}}), "/ways/ask"),
        (json!({"answers": {"nobody": 1}}), "/answers/nobody"),
        (json!({"scores": {"contains": 2}}), "/scores/contains"),
    ] {
        let doc = client.post(&path, &body).expect_problem(422, "validation");
        assert_eq!(field(&doc), named, "{doc}");
    }
    client
        .post(
            &format!("{SCENARIOS}/019ab4c2-0000-7000-8000-000000000000/dry-run"),
            &json!({}),
        )
        .expect_problem(404, "not-found");

    // One that is not saved plays what the workspace has.
    let mut outer = asking();
    outer["name"] = json!("Outer");
    outer["graph"]["nodes"][1]["does"] = json!({"type": "sub_scenario", "scenario_id": made["id"]});
    let unsaved = format!("{SCENARIOS}/dry-run");
    let body =
        json!({"scenario": outer, "assumptions": {"replies": {"answer/answer": "At the depot."}}});
    let dry = client.post(&unsaved, &body).expect(200);
    assert!(nodes(&dry).contains(&"answer/score"), "{dry}");
    let names = client.get(&format!("{SCENARIOS}?limit=200")).expect(200);
    let names: Vec<&Value> = names["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["name"])
        .collect();
    assert!(
        !names.contains(&&json!("Outer")),
        "nothing is kept: {names:?}"
    );
    let mut gone = outer;
    gone["graph"]["nodes"][1]["does"]["scenario_id"] =
        json!("019ab4c2-0000-7000-8000-000000000000");
    let doc = client
        .post(&unsaved, &json!({"scenario": gone}))
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/scenario/graph/nodes/1", "{doc}");
    let mut wrong = asking();
    wrong["graph"]["start"] = json!("nowhere");
    let doc = client
        .post(&unsaved, &json!({"scenario": wrong}))
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/scenario/graph/start", "{doc}");
    let doc = client
        .post(
            &unsaved,
            &json!({"scenario": asking(), "assumptions": {"ways": {"good": 7}}}),
        )
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/assumptions/ways/good", "{doc}");
}

fn imports(client: &Client) {
    let node = |id: &str, category: &str, label: &str| {
        json!({"id": id, "type": "customNode", "position": {"x": 0, "y": 0},
            "data": {"category": category, "label": label}})
    };
    let source = json!({
        "name": "From elsewhere",
        "nodes": [node("1", "start", "Start"), node("2", "task", "Ask for the order"), node("3", "end", "End")],
        "edges": [
            {"id": "a", "source": "1", "target": "2"},
            {"id": "b", "source": "2", "target": "3"},
        ],
    });
    let path = format!("{SCENARIOS}/import");
    let seen = client.post(&path, &json!({"source": source})).expect(200);
    assert_eq!(seen["scenario"]["name"], "From elsewhere", "{seen}");
    assert!(
        seen["notes"].is_array() && seen.get("id").is_none(),
        "{seen}"
    );
    let wanted = json!({"source": source, "name": "Imported", "save": true});
    let kept = client.post(&path, &wanted).expect(200);
    let id = kept["id"].as_str().unwrap();
    let got = client.get(&format!("{SCENARIOS}/{id}")).expect(200);
    assert_eq!(
        (&got["name"], &got["version"]),
        (&json!("Imported"), &json!(1))
    );
    assert_eq!(got["graph"], kept["scenario"]["graph"]);
    let dry = client
        .post(&format!("{SCENARIOS}/{id}/dry-run"), &json!({}))
        .expect(200);
    assert!(nodes(&dry).len() > 2, "{dry}");
    client
        .post(&path, &wanted)
        .expect_problem(409, "already-exists");
    for (body, under) in [
        (json!({"source": {"nodes": "none"}}), "/source"),
        (json!({"source": []}), "/source"),
        (json!({"source": source, "name": ""}), "/name"),
    ] {
        let doc = client.post(&path, &body).expect_problem(422, "validation");
        assert!(field(&doc).starts_with(under), "{doc}");
    }
}

#[test]
fn scenarios_are_tried_without_a_call() {
    dry_runs(&App::start(&Stores::embedded()).client());
}

#[test]
fn postgres_scenarios_are_tried_without_a_call() {
    if let Some(stores) = Stores::postgres() {
        dry_runs(&App::start(&stores).client());
    }
}

#[test]
fn graphs_are_imported() {
    imports(&App::start(&Stores::embedded()).client());
}

#[test]
fn postgres_graphs_are_imported() {
    if let Some(stores) = Stores::postgres() {
        imports(&App::start(&stores).client());
    }
}

const HOOKS: &str = "/api/v1/hooks";
const SECRET: &str = "0f6a1b0c4d3e7f3b7c1a9d552f6a1b0c";
const SHA: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

fn mac(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    let digest = mac.finalize().into_bytes();
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// A request as GitHub signs it.
fn github(stranger: &Client, path: &str, secret: &str, delivery: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let signature = format!("sha256={}", mac(secret, body.as_bytes()));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "push"),
        ("x-github-delivery", delivery),
        ("x-hub-signature-256", signature.as_str()),
    ];
    stranger.send("POST", path, &headers, Some(body.as_bytes()))
}

/// A request as anybody signs it, now.
fn generic(stranger: &Client, path: &str, secret: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let time = chrono::Utc::now().timestamp().to_string();
    let digest = mac(secret, format!("{time}.{body}").as_bytes());
    let signature = format!("t={time},v1={digest}");
    let headers = [
        ("content-type", "application/json"),
        ("assay-signature", signature.as_str()),
    ];
    stranger.send("POST", path, &headers, Some(body.as_bytes()))
}

fn push(branch: &str, commit: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"),
        "before": "0123456789012345678901234567890123456789",
        "after": commit,
        "created": false, "deleted": false, "forced": false,
        "repository": {"id": 1, "name": "bot", "full_name": "acme/bot", "html_url": "https://github.com/acme/bot"},
        "sender": {"login": "ada"},
        "head_commit": {"id": commit, "message": "Better words", "url": "https://github.com/acme/bot/commit/1"},
        "commits": [{"id": commit, "message": "Better words", "added": [], "modified": ["prompts/a.md"], "removed": []}],
    })
}

/// The campaign of an agent that says what is expected.
fn campaign(client: &Client, target: &Server) -> Value {
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let dataset = client.dataset(&json!([{"key": "a", "input": "Hello?"}]));
    json!({
        "name": "by itself", "agent_id": agent, "dataset_id": dataset,
        "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}],
    })
}

fn hooks_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, stranger) = (app.client(), Client::anonymous(&app.url));
    let target = Server::start(|_, _| chat("It is at the depot."));
    let forge = Server::start(|_, _| Reply::json(201, &json!({"id": 7})));
    let spec = json!({
        "name": "Pushes", "provider": "github",
        "filter": {"events": ["push"], "branches": ["main"]},
        "campaign": campaign(&client, &target),
        "status": {"api": forge.url, "context": "assay/main"},
        "secrets": [SECRET], "token": "ghp_canary4711",
    });
    let made = client.post(HOOKS, &spec).expect(201);
    let id = made["id"].as_str().unwrap();
    let (own, path) = (format!("{HOOKS}/{id}"), format!("/hooks/{id}"));
    assert!(made["url"].as_str().unwrap().ends_with(&path), "{made}");
    assert_eq!(
        (&made["secret_count"], &made["has_token"]),
        (&json!(1), &json!(true))
    );
    for text in [
        made.to_string(),
        client.get(&own).text,
        client.get(HOOKS).text,
    ] {
        assert!(!text.contains(SECRET) && !text.contains("canary"), "{text}");
    }
    client
        .post(HOOKS, &spec)
        .expect_problem(409, "already-exists");

    // Whatever is wrong, strangers are told the same.
    let event = push("main", SHA);
    let wrong = github(
        &stranger,
        &path,
        "another secret of that length",
        "d-0",
        &event,
    );
    let wrong = wrong.expect_problem(401, "unauthenticated");
    let nobody = github(
        &stranger,
        "/hooks/019ab4c2-0000-7000-8000-000000000000",
        SECRET,
        "d-0",
        &event,
    );
    assert_eq!(
        nobody.expect_problem(401, "unauthenticated")["detail"],
        wrong["detail"]
    );
    stranger
        .post(&path, &event)
        .expect_problem(401, "unauthenticated");

    // One campaign a delivery, also when the body comes again under another id.
    let first = github(&stranger, &path, SECRET, "d-1", &event).expect(202);
    let started = first["campaign_id"].as_str().unwrap().to_owned();
    for delivery in ["d-1", "d-2"] {
        let again = github(&stranger, &path, SECRET, delivery, &event).expect(200);
        assert_eq!(again["campaign_id"], started.as_str(), "{again}");
    }
    let other = github(&stranger, &path, SECRET, "d-3", &push("feature", SHA)).expect(202);
    assert!(
        other["ignored"].as_str().unwrap().contains("feature"),
        "{other}"
    );
    let done = client.finished(&started, 30);
    assert_eq!(
        (&done["verdict"], &done["created_by"]),
        (&json!("passed"), &json!(id)),
        "{done}"
    );

    // The commit is told, at last how it went.
    let told = wait_for("the commit is told", 30, || {
        let requests = forge.requests();
        let last = requests.last()?.clone();
        (last.1["body"]["state"] == "success").then_some(last)
    });
    assert_eq!(told.0, format!("/repos/acme/bot/statuses/{SHA}"));
    assert_eq!(told.1["body"]["context"], "assay/main");
    assert!(
        told.1["headers"]
            .to_string()
            .contains("Bearer ghp_canary4711")
    );
    let deliveries = wait_for("the delivery says so", 30, || {
        let listed = client.get(&format!("{own}/deliveries")).expect(200);
        let all = listed["data"].as_array().unwrap().clone();
        (all.last()?["status"]["told"] == "success").then_some(all)
    });
    assert_eq!(deliveries.len(), 2, "{deliveries:?}");
    assert_eq!(
        (&deliveries[0]["outcome"], &deliveries[1]["outcome"]),
        (&json!("ignored"), &json!("started"))
    );
    assert_eq!(
        (&deliveries[1]["repeats"], &deliveries[1]["campaign_id"]),
        (&json!(2), &json!(started))
    );
    assert_eq!(deliveries[1]["event"]["sha"], SHA);
    let page = client.get(&format!("{own}/deliveries?limit=1")).expect(200);
    assert_eq!(page["data"][0]["id"], deliveries[0]["id"]);
    assert!(page["next_cursor"].is_string());

    // A secret is replaced while the old one is good.
    let next = "9f86d081884c7d659a2feaa0c55ad015";
    let both = client
        .patch(&own, &json!({"secrets": [next, SECRET]}))
        .expect(200);
    assert_eq!(
        (&both["secret_count"], &both["version"]),
        (&json!(2), &json!(2))
    );
    let mut commits = (1..).map(|n| push("main", &format!("{n:040x}")));
    for secret in [SECRET, next] {
        let event = commits.next().unwrap();
        let taken = github(&stranger, &path, secret, &format!("r-{secret}"), &event).expect(202);
        assert!(taken["campaign_id"].is_string(), "{taken}");
    }
    let _ = client.patch(&own, &json!({"secrets": [next]})).expect(200);
    github(&stranger, &path, SECRET, "r-3", &commits.next().unwrap())
        .expect_problem(401, "unauthenticated");

    // What cannot be is named.
    for (change, field) in [
        (json!({"secrets": []}), "/secrets"),
        (json!({"secrets": ["short"]}), "/secrets/0"),
        (json!({"token": null}), "/token"),
        (json!({"provider": "generic"}), "/status"),
        (
            json!({"campaign": {"agent_id": "019ab4c2-0000-7000-8000-000000000000"}}),
            "/campaign/agent_id",
        ),
        (
            json!({"filter": {"branches": ["a["]}}),
            "/filter/branches/0",
        ),
        (
            json!({"status": {"api": "https://elsewhere.example"}}),
            "/token",
        ),
    ] {
        let doc = client
            .patch(&own, &change)
            .expect_problem(422, "validation");
        assert_eq!(self::field(&doc), field, "{doc}");
    }
    let stale = [("content-type", "application/json"), ("if-match", "\"v1\"")];
    client
        .send("PATCH", &own, &stale, Some(b"{}"))
        .expect_problem(412, "precondition-failed");

    // One that is not enabled takes nothing, and one that is gone leaves nothing.
    let _ = client.patch(&own, &json!({"enabled": false})).expect(200);
    github(&stranger, &path, next, "r-4", &commits.next().unwrap())
        .expect_problem(401, "unauthenticated");
    assert_eq!(client.delete(&own).status, 204);
    client
        .get(&format!("{own}/deliveries"))
        .expect_problem(404, "not-found");
    assert!(!app.log().contains("canary") && !app.log().contains(SECRET));
}

#[test]
fn hooks_start_campaigns() {
    hooks_on(&Stores::embedded());
}

#[test]
fn postgres_hooks_start_campaigns() {
    if let Some(stores) = Stores::postgres() {
        hooks_on(&stores);
    }
}

/// Waits for a signed request, then scores what it was told.
fn waiting(on: &str) -> Value {
    json!({
        "name": format!("Waits {on}"),
        "graph": {
            "start": "came",
            "nodes": [
                {"id": "came", "does": {"type": "trigger", "on": {"webhook": {}}, "output": "came"}},
                {"id": "ask", "does": {"type": "persona_turn", "say": "{{ came.payload.words }}"}},
                {"id": "answer", "does": {"type": "target_call"}},
                {"id": "gate", "does": {"type": "trigger", "on": {"webhook": {}}, "output": "approval"}},
                {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}]}},
                {"id": "done", "does": {"type": "end"}},
            ],
            "edges": [
                {"from": "came", "to": "ask"}, {"from": "ask", "to": "answer"}, {"from": "answer", "to": "gate"},
                {"from": "gate", "to": "score"}, {"from": "score", "to": "done"},
            ],
        },
    })
}

fn run_hooks_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, stranger) = (app.client(), Client::anonymous(&app.url));
    let target = Server::start(|_, _| chat("It is at the depot."));
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let scenario = client.post(SCENARIOS, &waiting("twice")).expect(201);
    let hook = client.post(
        HOOKS,
        &json!({
            "name": "Anybody", "provider": "generic", "secrets": [SECRET],
            "campaign": {"name": "waits", "agent_id": agent, "scenario_ids": [scenario["id"]]},
        }),
    );
    let hook = hook.expect(201);
    let path = format!("/hooks/{}", hook["id"].as_str().unwrap());
    let pong = generic(&stranger, &path, SECRET, &json!({"event": "ping"})).expect(202);
    assert_eq!(pong, json!({"pong": true}));
    let body = json!({"words": "Where is my parcel?"});
    let taken = generic(&stranger, &path, SECRET, &body).expect(202);
    let campaign = taken["campaign_id"].as_str().unwrap();

    // What came with the hook is what the scenario begins with; then the run waits for a request of its own.
    let run = wait_for("the run waits", 30, || {
        let runs = client.runs(campaign);
        runs.into_iter()
            .find(|r| r["status"] == "waiting_for_person")
    });
    let run = client.run(&run).expect(200);
    assert_eq!(
        run["messages"][0]["content"], "Where is my parcel?",
        "{run}"
    );
    let webhook = &run["waits"][0]["webhook"];
    let (url, secret) = (
        webhook["url"].as_str().unwrap(),
        webhook["secret"].as_str().unwrap(),
    );
    let at = format!("/hooks/runs/{}", run["run_id"].as_str().unwrap());
    assert!(url.contains(&at), "{url}");
    let approved = json!({"approved": true});
    generic(&stranger, &at, SECRET, &approved).expect_problem(401, "unauthenticated");
    generic(
        &stranger,
        "/hooks/runs/0af7651916cd43dd8448eb211c80319c",
        secret,
        &approved,
    )
    .expect_problem(401, "unauthenticated");
    let asked = &url[url.find("/hooks/runs/").unwrap()..];
    let answered = generic(&stranger, asked, secret, &approved).expect(202);
    assert_eq!(answered["question"], run["waits"][0]["id"]);
    let done = client.finished(campaign, 30);
    assert_eq!(done["verdict"], "passed", "{done}");
    let run = client.run(&run).expect(200);
    assert_eq!(run["variables"]["approval"], approved, "{run}");
    generic(&stranger, asked, secret, &approved).expect_problem(409, "conflict");
}

#[test]
fn runs_wait_for_signed_requests() {
    run_hooks_on(&Stores::embedded());
}

#[test]
fn postgres_runs_wait_for_signed_requests() {
    if let Some(stores) = Stores::postgres() {
        run_hooks_on(&stores);
    }
}

fn schedules_on(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let target = Server::start(|_, _| chat("It is at the depot."));
    let list = "/api/v1/schedules";
    let spec =
        json!({"name": "Each minute", "cron": "* * * * *", "campaign": campaign(&client, &target)});
    let made = client.post(list, &spec).expect(201);
    let own = format!("{list}/{}", made["id"].as_str().unwrap());
    assert!(
        made["next_at"].is_string() && made["last_campaign_id"].is_null(),
        "{made}"
    );
    client
        .post(list, &spec)
        .expect_problem(409, "already-exists");

    // Now, whatever the clock says.
    let now = client.post(&format!("{own}/run"), &json!({})).expect(202);
    let by_hand = now["id"].as_str().unwrap().to_owned();
    assert_eq!(client.finished(&by_hand, 30)["verdict"], "passed");
    assert_eq!(
        client.get(&own).expect(200)["last_campaign_id"],
        by_hand.as_str()
    );

    // When it is due, once.
    let due = wait_for("the schedule is due", 90, || {
        let schedule = client.get(&own).expect(200);
        schedule["last_at"].is_string().then_some(schedule)
    });
    let _ = client.patch(&own, &json!({"enabled": false})).expect(200);
    assert_eq!(due["last_error"], Value::Null, "{due}");
    let by_clock = due["last_campaign_id"].as_str().unwrap();
    assert_ne!(by_clock, by_hand);
    let done = client.finished(by_clock, 30);
    assert_eq!(
        (&done["verdict"], &done["created_by"]),
        (&json!("passed"), &made["id"])
    );
    let all = client.get("/api/v1/campaigns?name=by%20itself").expect(200);
    let by_clock = all["data"].as_array().unwrap().iter();
    let by_clock = by_clock.filter(|c| c["created_by"] == made["id"]).count();
    assert!((1..=2).contains(&by_clock), "{by_clock}");
    let off = client.get(&own).expect(200);
    assert_eq!(
        (&off["enabled"], &off["next_at"]),
        (&json!(false), &Value::Null)
    );

    for (change, field) in [
        (json!({"cron": "daily at noon please"}), "/cron"),
        (json!({"cron": "61 * * * *"}), "/cron"),
        (json!({"time_zone": "Middle/Earth"}), "/time_zone"),
        (json!({"time_zone": "CET+1\u{0}"}), "/time_zone"),
        (
            json!({"campaign": {"agent_id": "019ab4c2-0000-7000-8000-000000000000"}}),
            "/campaign/agent_id",
        ),
    ] {
        let doc = client
            .patch(&own, &change)
            .expect_problem(422, "validation");
        assert_eq!(self::field(&doc), field, "{doc}");
    }
    let listed = client.get(list).expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");

    // By other clocks it is another time.
    let when = |zone: &str| {
        let change = json!({"enabled": true, "cron": "0 3 1 1 *", "time_zone": zone});
        let changed = client.patch(&own, &change).expect(200);
        assert_eq!(changed["time_zone"], zone);
        changed["next_at"].as_str().unwrap().to_owned()
    };
    assert!(when("UTC").contains("-01-01T03:00:00"), "{}", when("UTC"));
    assert!(when("Asia/Tokyo").contains("-12-31T18:00:00"));
    assert_eq!(client.delete(&own).status, 204);
    client.get(&own).expect_problem(404, "not-found");
}

#[test]
fn schedules_start_campaigns() {
    schedules_on(&Stores::embedded());
}

#[test]
fn postgres_schedules_start_campaigns() {
    if let Some(stores) = Stores::postgres() {
        schedules_on(&stores);
    }
}
