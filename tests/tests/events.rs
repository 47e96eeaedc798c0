//! What happens in campaigns and runs, as those see it who look on: live, cut off and resumed, several at once, and afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::Team;
use assay_tests::{App, Client, Server, Stores, chat, last_user_message, wait_for};
use serde_json::{Value, json};
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

/// A stream of events, as an `EventSource` reads it.
struct Events(Box<dyn BufRead>);

impl Events {
    fn open(client: &Client, path: &str, last: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last.map(|id| ("last-event-id", id)).into_iter().collect();
        Self(client.stream(path, &headers))
    }

    /// The next event; `None` where the stream has said that it is the end, and ends.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event {
            name: String::new(),
            id: String::new(),
            data: Value::Null,
        };
        loop {
            let mut line = String::new();
            assert_ne!(
                self.0.read_line(&mut line).unwrap(),
                0,
                "the stream broke off"
            );
            let line = line.trim_end();
            if line.is_empty() && !event.name.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ => {}
            }
        }
        if event.name == "end" {
            let mut rest = String::new();
            assert_eq!(self.0.read_to_string(&mut rest).unwrap(), 0, "{rest}");
            return None;
        }
        assert_eq!(event.data["id"], event.id.as_str());
        assert_eq!(event.data["event"], event.name.as_str());
        Some(event)
    }

    fn some(&mut self, count: usize) -> Vec<Event> {
        (0..count).map_while(|_| self.next()).collect()
    }

    fn rest(mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

fn get_json(client: &Client, path: &str) -> assay_tests::Answer {
    client.send("GET", path, &[("accept", "application/json")], None)
}

/// All past events, page by page.
fn pages(client: &Client, path: &str, limit: u32) -> Vec<Event> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get_json(client, &format!("{path}?limit={limit}{cursor}")).expect(200);
        for data in page["data"].as_array().unwrap() {
            all.push(Event {
                name: data["event"].as_str().unwrap().to_owned(),
                id: data["id"].as_str().unwrap().to_owned(),
                data: data.clone(),
            });
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn place(event: &Event) -> (u64, u64) {
    let (group, n) = event.id.split_once('.').unwrap();
    (group.parse().unwrap(), n.parse().unwrap())
}

fn names<'e>(events: &'e [Event], run: &str) -> Vec<&'e str> {
    let of = events.iter().filter(|e| e.data["run_id"] == run);
    of.map(|e| e.name.as_str()).collect()
}

/// A campaign of some runs, each of two turns, with an agent that takes its time.
fn campaign(client: &Client, target: &Server, runs: usize) -> String {
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let items: Vec<Value> = (0..runs)
        .map(|n| {
            json!({
                "turns": [format!("First of {n}"), format!("Second of {n}")],
                "metrics": [{"kind": "contains", "params": {"values": ["Second"]}}],
            })
        })
        .collect();
    let dataset = client.dataset(&json!(items));
    client.start(&json!({
        "name": "watched", "agent_id": agent, "dataset_id": dataset, "concurrency": 2,
    }))
}

fn slow() -> Server {
    Server::start(|_, body| {
        let said = last_user_message(body).to_owned();
        chat(&format!("You said: {said}")).after(Duration::from_millis(250))
    })
}

fn live_on(stores: &Stores) {
    let team = Team::start(stores);
    let (client, target) = (team.owner(), slow());
    let id = campaign(&client, &target, 6);
    let path = format!("/api/v1/campaigns/{id}/events");

    // Two look on at once; one of them loses the connection again and again.
    let whole = {
        let (client, path) = (client.clone(), path.clone());
        std::thread::spawn(move || Events::open(&client, &path, None).rest())
    };
    let mut joined = Events::open(&client, &path, None).some(7);
    assert_eq!(joined[0].name, "campaign_started");
    for round in 0..3 {
        let last = joined.last().unwrap().id.clone();
        std::thread::sleep(Duration::from_millis(400));
        let mut stream = if round == 1 {
            Events::open(&client, &format!("{path}?last_event_id={last}"), None)
        } else {
            Events::open(&client, &path, Some(&last))
        };
        joined.extend(stream.some(5));
    }
    let last = joined.last().unwrap().id.clone();
    joined.extend(Events::open(&client, &path, Some(&last)).rest());
    let whole = whole.join().unwrap();
    let _ = client.finished(&id, 30);
    assert_eq!(joined, whole);

    // Afterwards it is the same, as a stream and in pages of any size.
    assert_eq!(Events::open(&client, &path, None).rest(), whole);
    for limit in [7, 200] {
        assert_eq!(pages(&client, &path, limit), whole);
    }
    assert!(whole.is_sorted_by(|a, b| place(a) < place(b)));
    for event in [&whole[3], whole.last().unwrap()] {
        let after = whole.iter().skip_while(|e| e.id != event.id).skip(1);
        let rest = Events::open(&client, &path, Some(&event.id)).rest();
        assert_eq!(rest, after.cloned().collect::<Vec<_>>());
    }
    let last = whole.last().unwrap();
    assert_eq!(last.name, "campaign_completed");
    assert_eq!(last.data["summary"]["passed"], 6, "{last:?}");
    assert_eq!(last.data["verdict"], "passed");

    // Each run tells all that it has, in its own order.
    for (index, run) in client.runs(&id).iter().enumerate() {
        let run = run["run_id"].as_str().unwrap();
        let own = format!("/api/v1/runs/{run}/events");
        let events = pages(&client, &own, 3);
        assert_eq!(Events::open(&client, &own, None).rest(), events);
        let told: Vec<&str> = events.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(told, names(&whole, run));
        let turn = [
            "node_started",
            "user_said",
            "node_finished",
            "node_started",
            "agent_asked",
            "agent_answered",
            "node_finished",
        ];
        let mut expected = vec!["run_started"];
        expected.extend(turn);
        expected.extend(turn);
        expected.extend(["node_started", "user_stopped", "node_finished"]);
        expected.extend(["node_started", "scored", "node_finished", "run_finished"]);
        assert_eq!(told, expected);
        let finished: Vec<&Event> = events
            .iter()
            .filter(|e| e.name == "node_finished")
            .collect();
        assert_eq!(finished[1].data["part"], "agent");
        let took = finished[1].data["duration_ms"].as_f64().unwrap();
        assert!((250.0..5_000.0).contains(&took), "{took}");
        assert_eq!(finished[1].data["try"], 1);
        assert_eq!(events.last().unwrap().data["status"], "passed");
        for event in events.iter().filter(|_| index == 0) {
            let rest = Events::open(&client, &own, Some(&event.id)).rest();
            assert_eq!(
                rest.len(),
                events.iter().filter(|e| place(e) > place(event)).count()
            );
        }
    }

    // Who is of another workspace sees nothing.
    let run = client.runs(&id)[0]["run_id"].as_str().unwrap().to_owned();
    let own = format!("/api/v1/runs/{run}/events");
    let stranger = team.stranger();
    for path in [&path, &own] {
        stranger.get(path).expect_problem(404, "not-found");
        get_json(&stranger, path).expect_problem(404, "not-found");
        Client::anonymous(&team.app.url)
            .get(path)
            .expect_problem(401, "unauthenticated");
        // What names no event is refused, in the header and in the parameter.
        for bad in ["x", "1", "01.0", "0.1", "99999999.0", "-1.0"] {
            let refused = client.send("GET", path, &[("last-event-id", bad)], None);
            let refused = refused.expect_problem(422, "validation");
            assert_eq!(refused["errors"][0]["field"], "last_event_id", "{bad}");
            client
                .get(&format!("{path}?last_event_id={bad}"))
                .expect_problem(422, "validation");
        }
        get_json(&client, &format!("{path}?cursor=x")).expect_problem(422, "validation");
        get_json(&client, &format!("{path}?limit=0")).expect_problem(422, "validation");
        client
            .get(&format!("{path}?cursor=x"))
            .expect_problem(422, "validation");
    }
    client
        .get("/api/v1/runs/none/events")
        .expect_problem(404, "not-found");
    client
        .get("/api/v1/campaigns/none/events")
        .expect_problem(404, "not-found");
}

#[test]
fn events_live_and_resumed() {
    live_on(&Stores::embedded());
}

#[test]
fn postgres_and_redis_events_live_and_resumed() {
    if let Some(stores) = Stores::postgres_and_redis() {
        live_on(&stores);
    }
}

/// An agent that answers when it is let.
fn gated(open: &Arc<AtomicBool>) -> Server {
    let open = open.clone();
    Server::start(move |_, body| {
        while !open.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        chat(&format!("You said: {}", last_user_message(body)))
    })
}

/// What is slow is seen while it is under way, and a crash in the middle changes nothing of what was seen.
fn crash_on(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::at(dir.path(), stores).start();
    let client = app.client();
    let open = Arc::new(AtomicBool::new(false));
    let target = gated(&open);
    let id = campaign(&client, &target, 1);
    let run = wait_for("the run", 30, || client.runs(&id).first().cloned());
    let run = run["run_id"].as_str().unwrap().to_owned();
    let (of_run, of_campaign) = (
        format!("/api/v1/runs/{run}/events"),
        format!("/api/v1/campaigns/{id}/events"),
    );
    // Nothing has been answered and nothing was written, and yet it is told what the agent was asked.
    let seen = Events::open(&client, &of_run, None).some(6);
    let told: Vec<&str> = seen.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(
        told,
        [
            "run_started",
            "node_started",
            "user_said",
            "node_finished",
            "node_started",
            "agent_asked"
        ]
    );
    assert_eq!(seen[5].data["text"], "First of 0");
    let in_campaign = Events::open(&client, &of_campaign, None).some(7);
    assert_eq!(
        client.get(&format!("/api/v1/runs/{run}")).expect(200)["steps"],
        0
    );

    app.kill();
    let app = App::at(dir.path(), stores).start();
    let client = app.client();
    open.store(true, Ordering::Relaxed);
    // On stores that others may share, a lost step is taken up when its lease has run out.
    let _ = client.finished(&id, 180);
    let after = Events::open(&client, &of_run, Some(&seen[5].id)).rest();
    let joined: Vec<Event> = seen.into_iter().chain(after).collect();
    assert_eq!(joined, pages(&client, &of_run, 50));
    let last = in_campaign.last().unwrap().id.clone();
    let after = Events::open(&client, &of_campaign, Some(&last)).rest();
    let joined: Vec<Event> = in_campaign.into_iter().chain(after).collect();
    assert_eq!(joined, pages(&client, &of_campaign, 50));
    assert_eq!(names(&joined, &run).last(), Some(&"run_finished"));
}

#[test]
fn events_of_what_is_under_way_outlive_a_crash() {
    crash_on(&Stores::embedded());
}

#[test]
fn postgres_and_redis_events_of_what_is_under_way_outlive_a_crash() {
    if let Some(stores) = Stores::postgres_and_redis() {
        crash_on(&stores);
    }
}

/// Asks a person, goes the way that the answer says.
fn asking() -> Value {
    json!({
        "name": "May it?",
        "graph": {
            "start": "begin",
            "nodes": [
                {"id": "begin", "does": {"type": "start"}},
                {"id": "ask", "does": {"type": "persona_turn", "say": "Hello?"}},
                {"id": "answer", "does": {"type": "target_call"}},
                {"id": "person", "does": {"type": "wait_for_person", "question": "Is that good?", "output": "decision"}},
                {"id": "good", "does": {"type": "condition"}},
                {"id": "passed", "does": {"type": "end", "result": "passed"}},
                {"id": "failed", "does": {"type": "end", "result": "failed"}},
            ],
            "edges": [
                {"from": "begin", "to": "ask"},
                {"from": "ask", "to": "answer"},
                {"from": "answer", "to": "person"},
                {"from": "person", "to": "good"},
                {"from": "good", "to": "passed", "when": {"expression": "decision == 'yes'"}},
                {"from": "good", "to": "failed"},
            ],
        },
    })
}

fn waits_edits_and_forks_on(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    // It fails once, then it answers.
    let failed = AtomicBool::new(false);
    let target = Server::start(move |_, _| {
        if failed.swap(true, Ordering::Relaxed) {
            chat("Hello!")
        } else {
            assay_tests::Reply::json(503, &json!({"error": "busy"}))
        }
    });
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let scenario = client.post("/api/v1/scenarios", &asking()).expect(201);
    let id = client.start(&json!({
        "name": "asked", "agent_id": agent, "scenario_ids": [scenario["id"]],
    }));
    let run = wait_for("a run that waits", 30, || {
        let mut runs = client.runs(&id).into_iter();
        runs.find(|r| r["status"] == "waiting_for_person")
    });
    let run = run["run_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{run}/events");
    let mut stream = Events::open(&client, &path, None);
    let mut all = Vec::new();
    while all.last().is_none_or(|e: &Event| e.name != "waiting") {
        all.push(stream.next().unwrap());
    }
    let retried = all.iter().find(|e| e.name == "node_retried").unwrap();
    assert_eq!(
        (&retried.data["node"], &retried.data["try"]),
        (&json!("answer"), &json!(1))
    );
    assert!(retried.data["wait_ms"].as_u64().is_some(), "{retried:?}");
    let waiting = all.last().unwrap();
    assert_eq!(
        (&waiting.data["kind"], &waiting.data["text"]),
        (&json!("person"), &json!("Is that good?"))
    );

    // An answer goes one way.
    let _ = client
        .post(
            &format!("/api/v1/runs/{run}/answers"),
            &json!({"answer": "yes"}),
        )
        .expect(202);
    all.extend(stream.rest());
    let one = |name: &str| all.iter().find(|e| e.name == name).unwrap();
    assert_eq!(&one("answered").data["question"], waiting_id(&all));
    assert_eq!(one("answered").data["answer"], "yes");
    assert_eq!(
        (&one("decided").data["to"], &one("decided").data["way"]),
        (&json!("passed"), &json!(0))
    );
    assert_eq!(all.last().unwrap().data["status"], "passed");
    assert_eq!(pages(&client, &path, 4), all);

    // A replay waits again; an edit of it is told, and what follows when it is resumed.
    let checkpoints = client
        .get(&format!("/api/v1/runs/{run}/checkpoints?limit=100"))
        .expect(200);
    let checkpoints = checkpoints["data"].as_array().unwrap();
    let before = checkpoints.iter().find(|c| c["next"] == json!(["person"]));
    let before = before.unwrap()["id"].clone();
    let fork = client
        .post(
            &format!("/api/v1/runs/{run}/replay"),
            &json!({"checkpoint": before}),
        )
        .expect(202);
    let fork = fork["run_id"].as_str().unwrap().to_owned();
    wait_for("the replay to wait", 30, || {
        let run = client.get(&format!("/api/v1/runs/{fork}")).expect(200);
        (run["status"] == "waiting_for_person").then_some(())
    });
    let path = format!("/api/v1/runs/{fork}/events");
    let mut stream = Events::open(&client, &path, None);
    let mut all = stream.some(4);
    let told: Vec<&str> = all.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(
        told,
        ["run_started", "run_forked", "node_started", "waiting"]
    );
    assert_eq!(
        all[1].data["forked_from"],
        json!({"run": run, "checkpoint": before})
    );
    let _ = client
        .post(
            &format!("/api/v1/runs/{fork}/state"),
            &json!({"values": {"vars": {"decision": "no"}}, "as_node": "person"}),
        )
        .expect(200);
    all.push(stream.next().unwrap());
    assert_eq!(all[4].name, "state_edited");
    assert_eq!(all[4].data["changed"]["vars"]["decision"], "no");
    let _ = client
        .post(&format!("/api/v1/runs/{fork}/resume"), &json!({}))
        .expect(202);
    all.extend(stream.rest());
    let decided = all.iter().find(|e| e.name == "decided").unwrap();
    assert_eq!(decided.data["to"], "failed");
    assert_eq!(all.last().unwrap().data["status"], "failed");
    assert_eq!(pages(&client, &path, 4), all);
}

fn waiting_id(all: &[Event]) -> &Value {
    &all.iter().find(|e| e.name == "waiting").unwrap().data["question"]
}

#[test]
fn events_of_waits_edits_and_forks() {
    waits_edits_and_forks_on(&Stores::embedded());
}

#[test]
fn postgres_and_redis_events_of_waits_edits_and_forks() {
    if let Some(stores) = Stores::postgres_and_redis() {
        waits_edits_and_forks_on(&stores);
    }
}

/// Who looks on as a campaign is cancelled sees how its runs end, and so does who looks afterwards.
#[test]
fn events_of_a_cancelled_campaign() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let open = Arc::new(AtomicBool::new(false));
    let target = gated(&open);
    let id = campaign(&client, &target, 4);
    let path = format!("/api/v1/campaigns/{id}/events");
    let mut stream = Events::open(&client, &path, None);
    // Two runs are under way: each is seen up to what its agent was asked.
    let mut all = Vec::new();
    while all
        .iter()
        .filter(|e: &&Event| e.name == "agent_asked")
        .count()
        < 2
    {
        all.push(stream.next().unwrap());
    }
    let _ = client
        .post(&format!("/api/v1/campaigns/{id}/cancel"), &json!({}))
        .expect(200);
    all.extend(stream.rest());
    open.store(true, Ordering::Relaxed);
    let last = all.last().unwrap();
    assert_eq!(last.name, "campaign_cancelled");
    assert_eq!(last.data["summary"]["cancelled"], 4);
    let ended: Vec<&Event> = all.iter().filter(|e| e.name == "run_finished").collect();
    assert_eq!(ended.len(), 2, "those that had begun");
    assert!(ended.iter().all(|e| e.data["status"] == "cancelled"));
    assert_eq!(pages(&client, &path, 9), all);
}
