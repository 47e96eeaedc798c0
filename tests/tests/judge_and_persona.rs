//! A judge and a persona behind a scripted OpenAI-compatible server, so that every word can be asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat};
use serde_json::{Value, json};

const CRITERIA: &str = "The answer is polite.";

fn judge(answers: &'static [&'static str]) -> Server {
    let n = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |_, body| {
        let schema = body["response_format"]["json_schema"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if schema.to_lowercase().contains("step") {
            return chat(r#"{"steps": ["Read the answer.", "Rate its politeness."]}"#);
        }
        let i = n.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        chat(answers[i.min(answers.len() - 1)])
    })
}

fn judged(judge: &Server, answer: &'static str) -> (Value, Value) {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(move |_, _| chat(answer));
    let agent = client.agent(&target.url);
    let model = client.model(&format!("{}/v1", judge.url));
    let dataset = client.dataset(&json!([{"key": "only", "input": "hi"}]));
    let id = client.start(&json!({
        "name": "j", "agent_id": agent, "dataset_id": dataset, "judge_model_id": model,
        "metrics": [{"kind": "g_eval", "name": "polite", "params": {"criteria": CRITERIA, "fields": ["input", "actual_output"]}}],
    }));
    let campaign = client.finished(&id, 60);
    (campaign, client.runs(&id).remove(0))
}

#[test]
fn a_judge_scores_with_its_reason() {
    let judge = judge(&[r#"{"score": 9, "reason": "very polite"}"#]);
    let (_, run) = judged(&judge, "good day to you");
    assert_eq!(run["status"], "passed", "{run}");
    let score = &run["scores"][0];
    assert_eq!(
        (score["score"].as_f64(), score["reason"].as_str()),
        (Some(0.9), Some("very polite"))
    );
    assert_eq!(score["judge_model"], "scripted-1");
    assert!(
        score["prompt_hash"].is_string() && score["raw_verdict"].is_string(),
        "{score}"
    );
    assert_eq!(
        score["usage"],
        json!({"input": 14, "output": 6}),
        "two calls"
    );
    let asked = judge.requests();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].0.ends_with("/v1/chat/completions"));
    assert!(asked[0].1.to_string().contains(CRITERIA));
    assert!(asked[1].1.to_string().contains("good day to you"));
    assert!(
        asked[1].1["headers"]
            .to_string()
            .contains("Bearer sk-model-canary")
    );
}

#[test]
fn a_judge_that_talks_nonsense_is_asked_again_then_is_an_error() {
    let judge = judge(&["I would say it is fine."]);
    let (campaign, run) = judged(&judge, "hello");
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(run["scores"][0]["status"], "error");
    assert_eq!(
        run["scores"][0]["score"],
        Value::Null,
        "an error is never a score"
    );
    assert_eq!(campaign["verdict"], "inconclusive");
    assert_eq!(judge.requests().len(), 3, "steps, verdict, one repair");
}

#[test]
fn a_judge_that_repairs_its_answer_counts() {
    let judge = judge(&["no json here", r#"Sure: {"score": 3, "reason": "curt"}"#]);
    let (_, run) = judged(&judge, "what");
    assert_eq!(run["status"], "failed", "{run}");
    assert_eq!(run["scores"][0]["score"], 0.3);
}

#[test]
fn a_judge_that_is_down_is_an_error_with_its_reason() {
    let judge = Server::start(|_, _| Reply::json(503, &json!({"error": "overloaded"})));
    let (_, run) = judged(&judge, "hello");
    assert_eq!(run["status"], "error", "{run}");
    assert!(
        run["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .contains("503"),
        "{run}"
    );
}

#[test]
fn a_persona_talks_until_its_goal_is_reached() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, body| {
        let turns = body["messages"].as_array().map_or(0, Vec::len);
        chat(if turns > 2 {
            "Your order A1001 is shipped."
        } else {
            "What is your order number?"
        })
    });
    let persona = Server::start(|_, body| {
        let shown = body["messages"].to_string();
        chat(if shown.contains("is shipped") {
            "[[DONE]]"
        } else {
            "It is A1001."
        })
    });
    let agent = client.agent(&target.url);
    let model = client.model(&format!("{}/v1", persona.url));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Where is it", "situation": "You ordered shoes last week.", "goal": "Learn the state of the order.",
            "opening": "Where are my shoes?",
            "persona": {"name": "Ada", "description": "Impatient, writes short sentences."},
            "metrics": [{"kind": "contains", "params": {"values": ["shipped"]}}],
        }))
        .expect(201);
    let id = client.start(&json!({
        "name": "p", "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": model,
    }));
    let campaign = client.finished(&id, 60);
    assert_eq!(
        campaign["summary"]["passed"],
        1,
        "{campaign} {:?}",
        client.runs(&id)
    );
    let run = client.runs(&id).remove(0);
    let run = client.run(&run).expect(200);
    let said: Vec<_> = run["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["content"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        said,
        [
            "Where are my shoes?",
            "What is your order number?",
            "It is A1001.",
            "Your order A1001 is shipped."
        ]
    );
    assert_eq!(run["stop_reason"], "goal_reached");
    let asked = persona.requests()[0].1.to_string();
    assert!(
        asked.contains("Impatient") && asked.contains("ordered shoes"),
        "{asked}"
    );
}

/// A run with a persona that answers every call with the next of `replies`, the last one for ever: the run, and what the model was
/// asked.
fn played(persona: &Value, replies: &'static [&'static str]) -> (Value, Vec<Value>) {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("What is your order number?"));
    let n = std::sync::atomic::AtomicUsize::new(0);
    let model_server = Server::start(move |_, _| {
        let i = n.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        chat(replies[i.min(replies.len() - 1)])
    });
    let agent = client.agent(&target.url);
    let model = client.model(&format!("{}/v1", model_server.url));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Where is it", "situation": "You ordered shoes last week.", "goal": "Learn the state of the order.",
            "opening": "Where are my shoes?", "max_turns": 2, "persona": persona,
            "metrics": [{"kind": "contains", "params": {"values": ["order"]}}],
        }))
        .expect(201);
    let id = client.start(&json!({
        "name": "p", "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": model,
    }));
    let _ = client.finished(&id, 60);
    let run = client.runs(&id).remove(0);
    let asked = model_server.requests().into_iter().map(|(_, body)| body);
    (client.run(&run).expect(200), asked.collect())
}

#[test]
fn a_persona_that_gives_itself_away_is_held_back() {
    let persona = json!({
        "name": "Ada", "disclosure": [{"text": "The voucher code is STAFF50", "when": "never"}],
    });
    let (run, asked) = played(&persona, &["I have the code STAFF50."]);
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(run["error"]["kind"], "persona", "{run}");
    assert_eq!(asked.len(), 3, "one draft, and two more that were told why");
    assert!(asked[1].to_string().contains("never tells"), "{}", asked[1]);
    assert!(
        !run["messages"].to_string().contains("STAFF50"),
        "it was not said: {run}"
    );
}

#[test]
fn a_draft_is_verified_before_it_is_said() {
    let persona = json!({"name": "Ada", "strategy": "verify"});
    let replies = &[
        "It is B2.",
        r#"{"accepted": false, "problem": "It invents a number."}"#,
        "I do not have it at hand.",
        r#"{"accepted": true, "problem": ""}"#,
    ];
    let (run, asked) = played(&persona, replies);
    assert_eq!(run["status"], "passed", "{run}");
    assert_eq!(asked.len(), 4);
    assert!(
        asked[2].to_string().contains("It invents a number"),
        "{}",
        asked[2]
    );
    let said = run["messages"].to_string();
    assert!(
        said.contains("at hand") && !said.contains("B2"),
        "only the second draft is said: {said}"
    );
}

/// A conversation of three scripted turns with an expected outcome, whose judge says each of `verdicts` in turn, the last one for
/// ever: the run, its trace, and what the judge was asked.
fn expecting(verdicts: &'static [&'static str]) -> (Value, Value, Vec<Value>) {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, body| {
        let said = assay_tests::last_user_message(body);
        chat(&format!("About {said}: it is done."))
    });
    let judge = judge(verdicts);
    let agent = client.agent(&target.url);
    let model = client.model(&format!("{}/v1", judge.url));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Refund", "script": ["a refund", "thanks", "bye"], "expected_outcome": "A refund is granted.",
            "metrics": [{"kind": "contains", "params": {"values": ["done"]}}],
        }))
        .expect(201);
    let id = client.start(&json!({
        "name": "o", "agent_id": agent, "scenario_ids": [scenario["id"]], "judge_model_id": model, "max_attempts": 1,
    }));
    let _ = client.finished(&id, 60);
    let run = client.run(&client.runs(&id).remove(0)).expect(200);
    let trace = client.trace(&run).expect(200);
    let asked = judge.requests().into_iter().map(|(_, body)| body);
    (run, trace, asked.collect())
}

#[test]
fn a_judge_ends_a_conversation_when_its_outcome_is_reached() {
    let (run, trace, asked) = expecting(&[
        r#"{"reason": "It was only asked for.", "reached": false}"#,
        r#"{"reason": "It is granted.", "reached": true}"#,
    ]);
    assert_eq!(run["status"], "passed", "{run}");
    assert_eq!(run["stop_reason"], "goal_reached");
    assert_eq!(run["turns"], 2, "the third line is not said: {run}");
    assert_eq!(
        asked.len(),
        2,
        "after each answer, and never before the first"
    );
    let first = asked[0].to_string();
    assert!(
        first.contains("A refund is granted.") && first.contains("About a refund"),
        "{first}"
    );
    let turns: Vec<&Value> = trace["observations"]
        .as_array()
        .expect("observations")
        .iter()
        .filter(|o| o["name"] == "user turn")
        .collect();
    let counted = turns.iter().filter(|o| o["model"] == "scripted-1").count();
    assert_eq!(counted, 2, "what the judge took is told: {turns:?}");
}

#[test]
fn a_judge_without_a_verdict_ends_nothing() {
    let (run, _, asked) = expecting(&["Hard to say."]);
    assert_eq!(run["status"], "passed", "{run}");
    assert_eq!(run["stop_reason"], "script_ended");
    assert_eq!(run["turns"], 3);
    // Two answers were followed by a line; each verdict was asked for twice.
    assert_eq!(asked.len(), 4);
}

/// A model that says one thing whenever it plays.
fn player(line: &'static str) -> Server {
    Server::start(move |_, _| chat(line))
}

fn library_persona(client: &Client, name: &str, model: &str) -> Value {
    let persona = json!({"name": name, "model": model});
    client.post("/api/v1/personas", &persona).expect(201)["id"].clone()
}

fn personas_have_models(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let target = Server::start(|_, _| chat("What is your order number?"));
    let (ada, bob) = (player("It is A1."), player("It is B2."));
    let agent = client.agent(&target.url);
    let models = [&ada, &bob].map(|server| client.model(&format!("{}/v1", server.url)));
    let scenario = json!({
        "name": "Where is it", "situation": "You ordered shoes.", "goal": "Learn where they are.", "max_turns": 2,
        "opening": "Where are my shoes?", "persona": {"name": "Eve"},
        "metrics": [{"kind": "contains", "params": {"values": ["order"]}}],
    });
    let scenario = client.post("/api/v1/scenarios", &scenario).expect(201)["id"].clone();
    let personas = [
        library_persona(&client, "Ada", &models[0]),
        library_persona(&client, "Bob", &models[1]),
    ];
    let spec = |more: Value| {
        let mut spec = json!({"name": "p", "agent_id": agent, "scenario_ids": [scenario]});
        let more = more.as_object().expect("an object").clone();
        spec.as_object_mut().expect("an object").extend(more);
        spec
    };
    let refused = |path: &str, body: &Value, field: &str| {
        let doc = client.post(path, body).expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field, "{doc}");
    };

    // No model of the campaign: each persona has its own. What they spend is counted.
    let id = client.start(&spec(json!({
        "persona_ids": personas, "concurrency": 1, "budget": {"tokens": 100_000},
    })));
    let done = client.finished(&id, 60);
    assert_eq!(done["summary"]["passed"], 2, "{done}");
    for run in client.runs(&id) {
        let line = match run["persona_id"] == personas[0] {
            true => "It is A1.",
            false => "It is B2.",
        };
        let said = client.run(&run).expect(200)["messages"].to_string();
        assert!(said.contains(line), "{said}");
    }
    assert_eq!((ada.requests().len(), bob.requests().len()), (1, 1));
    // Two answers and one turn of the model, in each of two runs.
    assert_eq!(done["spent"]["tokens"], 60, "{done}");

    // Whoever names none is played by the campaign's, which must be there.
    refused("/api/v1/campaigns", &spec(json!({})), "/scenario_ids/0");
    let own = client.start(&spec(json!({"persona_model_id": models[1]})));
    assert_eq!(client.finished(&own, 60)["summary"]["passed"], 1);
    assert_eq!((ada.requests().len(), bob.requests().len()), (1, 2));

    // A model that changes changes who plays.
    let rerun = || {
        let path = format!("/api/v1/campaigns/{id}/rerun");
        let made = client.post(&path, &json!({"only": "changed"})).expect(202);
        client.finished(made["id"].as_str().expect("an id"), 60)
    };
    assert_eq!(rerun()["summary"]["passed"], 2);
    assert_eq!(ada.requests().len(), 1, "nothing has changed");
    let path = format!("/api/v1/models/{}", models[0]);
    let _ = client
        .patch(&path, &json!({"temperature": 0.5}))
        .expect(200);
    assert_eq!(rerun()["summary"]["passed"], 2);
    assert_eq!(ada.requests().len(), 2, "the model has changed");

    // An id that names no model is refused wherever it is said.
    let nobody = json!({"name": "Mallory", "model": "00000000-0000-7000-8000-000000000000"});
    refused("/api/v1/personas", &nobody, "/model");
    let inline = json!({"name": "s", "goal": "g", "persona": nobody});
    refused("/api/v1/scenarios", &inline, "/persona/model");
    assert_eq!(client.delete(&path).status, 204);
    refused(
        "/api/v1/campaigns",
        &spec(json!({"persona_ids": personas})),
        "/persona_ids/0",
    );
}

#[test]
fn a_persona_is_played_by_its_own_model() {
    personas_have_models(&Stores::embedded());
}

#[test]
fn postgres_a_persona_is_played_by_its_own_model() {
    if let Some(stores) = Stores::postgres() {
        personas_have_models(&stores);
    }
}
