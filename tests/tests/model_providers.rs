//! Judges and personas behind scripted servers that speak Anthropic's and Google's own APIs, and refuse what these refuse.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const STEPS: &str = r#"{"steps": ["Read the answer.", "Rate its politeness."]}"#;
const VERDICT: &str = r#"{"reason": "very polite", "score": 9}"#;

/// An API as the tests see it.
struct Api {
    provider: &'static str,
    /// The version in its addresses.
    version: &'static str,
    model: &'static str,
    key: &'static str,
    /// What is wrong with a request, if anything is.
    fault: fn(&str, &Value) -> Option<String>,
    /// The schema that an answer must fit.
    schema: fn(&Value) -> &Value,
    says: fn(&str) -> Reply,
}

static ANTHROPIC: Api = Api {
    provider: "anthropic",
    version: "v1",
    model: "claude-scripted",
    key: "x-api-key",
    fault: |path, body| {
        let known = [
            "model",
            "max_tokens",
            "system",
            "messages",
            "temperature",
            "output_config",
        ];
        let content =
            |m: &Value| m["content"][0]["type"] == "text" && m["content"][0]["text"] != "";
        wrong(path == "/v1/messages", "not_found: path")
            .or_else(|| unknown(body, &known))
            .or_else(|| wrong(body["model"] == "claude-scripted", "model: not found"))
            .or_else(|| wrong(body["max_tokens"].is_u64(), "max_tokens: Field required"))
            .or_else(|| wrong(body["system"].is_string(), "system: Field required"))
            .or_else(|| alternation(&body["messages"], "assistant", content))
            .or_else(|| closed(&body["output_config"]["format"]["schema"]))
    },
    schema: |body| &body["output_config"]["format"]["schema"],
    says: |text| {
        Reply::json(
            200,
            &json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-scripted-1",
                "content": [{"type": "thinking", "thinking": "{\"score\": 0}", "signature": "c2ln"}, {"type": "text", "text": text}],
                "stop_reason": "end_turn", "stop_sequence": null,
                "usage": {"input_tokens": 2, "cache_creation_input_tokens": 1, "cache_read_input_tokens": 4, "output_tokens": 3},
            }),
        )
    },
};

static GEMINI: Api = Api {
    provider: "gemini",
    version: "v1beta",
    model: "gemini-scripted",
    key: "x-goog-api-key",
    fault: |path, body| {
        let content = |m: &Value| {
            m["parts"][0]["text"]
                .as_str()
                .is_some_and(|t| !t.is_empty())
        };
        let config = &body["generationConfig"];
        let configs = [
            "temperature",
            "maxOutputTokens",
            "seed",
            "responseMimeType",
            "responseJsonSchema",
            "responseLogprobs",
            "logprobs",
        ];
        let seed = config["seed"]
            .as_i64()
            .is_none_or(|seed| i32::try_from(seed).is_ok());
        let typed = config["responseJsonSchema"].is_null()
            || config["responseMimeType"] == "application/json";
        wrong(
            path == "/v1beta/models/gemini-scripted:generateContent",
            "NOT_FOUND",
        )
        .or_else(|| unknown(body, &["systemInstruction", "contents", "generationConfig"]))
        .or_else(|| unknown(config, &configs))
        .or_else(|| {
            wrong(
                body["systemInstruction"]["parts"][0]["text"].is_string(),
                "instructions",
            )
        })
        .or_else(|| wrong(config["maxOutputTokens"].is_u64(), "maxOutputTokens"))
        .or_else(|| {
            wrong(
                seed,
                "Invalid value at 'generation_config.seed' (TYPE_INT32)",
            )
        })
        .or_else(|| wrong(typed, "a response mime type is required"))
        .or_else(|| alternation(&body["contents"], "model", content))
    },
    schema: |body| &body["generationConfig"]["responseJsonSchema"],
    says: |text| {
        Reply::json(
            200,
            &json!({
                "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
                    {"text": "{\"score\": 0}", "thought": true}, {"text": text}]}}],
                "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1, "thoughtsTokenCount": 2, "totalTokenCount": 10},
                "modelVersion": "gemini-scripted-1",
            }),
        )
    },
};

static APIS: [&Api; 2] = [&ANTHROPIC, &GEMINI];

fn wrong(good: bool, fault: &str) -> Option<String> {
    (!good).then(|| fault.to_owned())
}

fn unknown(object: &Value, known: &[&str]) -> Option<String> {
    let fields = object.as_object().expect("an object");
    let field = fields.keys().find(|name| !known.contains(&name.as_str()))?;
    Some(format!("{field}: Extra inputs are not permitted"))
}

/// The user begins and ends, the other answers, and nobody says nothing.
fn alternation(turns: &Value, other: &str, says: impl Fn(&Value) -> bool) -> Option<String> {
    let turns = turns.as_array().map(Vec::as_slice).unwrap_or_default();
    let good = |(i, turn): (usize, &Value)| {
        turn["role"] == if i % 2 == 0 { "user" } else { other } && says(turn)
    };
    let good = turns.len() % 2 == 1 && turns.iter().enumerate().all(good);
    wrong(good, "roles must alternate, and texts must not be empty")
}

/// Structured outputs of Anthropic's want closed objects.
fn closed(schema: &Value) -> Option<String> {
    let open = schema["type"] == "object" && schema["additionalProperties"] != false;
    wrong(
        !open,
        "'additionalProperties' must be explicitly set to false",
    )
}

/// What both APIs say of a wrong request, near enough.
fn refused(fault: &str) -> Reply {
    let error = json!({"type": "invalid_request_error", "code": 400, "status": "INVALID_ARGUMENT", "message": fault});
    Reply::json(400, &json!({"type": "error", "error": error}))
}

/// A judge that first checks the request, then may have `objects` to it, then answers.
fn judge(
    api: &'static Api,
    objects: impl Fn(&Value) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |path, body| {
        if let Some(fault) = (api.fault)(path, body) {
            return refused(&fault);
        }
        if let Some(objection) = objects(body) {
            return objection;
        }
        let asks_for_steps = body.to_string().contains("Turn the criteria below");
        (api.says)(if asks_for_steps { STEPS } else { VERDICT })
    })
}

fn model(client: &Client, api: &Api, server: &Server) -> String {
    let spec = json!({
        "name": format!("model {}", uuid::Uuid::now_v7()), "provider": api.provider, "model": api.model,
        "base_url": format!("{}/{}", server.url, api.version), "api_key": "sk-model-canary",
        "price": {"input_per_million": 1.0, "output_per_million": 10.0},
    });
    let made = client.post("/api/v1/models", &spec).expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The run of a case that this judge judges.
fn judged(api: &Api, judge: &Server) -> Value {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("good day to you"));
    let agent = client.agent(&target.url);
    let model = model(&client, api, judge);
    let dataset = client.dataset(&json!([{"key": "only", "input": "hi"}]));
    let id = client.start(&json!({
        "name": "j", "agent_id": agent, "dataset_id": dataset, "judge_model_id": model,
        "metrics": [{"kind": "g_eval", "name": "polite",
            "params": {"criteria": "The answer is polite.", "fields": ["input", "actual_output"]}}],
    }));
    let _ = client.finished(&id, 60);
    client.runs(&id).remove(0)
}

fn check_passed(api: &Api, run: &Value) {
    assert_eq!(run["status"], "passed", "{}: {run}", api.provider);
    let score = &run["scores"][0];
    assert_eq!(score["score"], 0.9, "{score}");
    assert_eq!(score["reason"], "very polite");
    assert_eq!(score["judge_model"], format!("{}-1", api.model));
    assert_eq!(
        score["usage"],
        json!({"input": 14, "output": 6}),
        "two calls: {score}"
    );
}

#[test]
fn a_judge_speaks_its_own_api() {
    for api in APIS {
        let judge = judge(api, |_| None);
        check_passed(api, &judged(api, &judge));
        let asked = judge.requests();
        assert_eq!(asked.len(), 2, "nothing is refused: {asked:?}");
        for (path, seen) in &asked {
            assert!(!path.contains("canary"), "{path}");
            let headers = seen["headers"].to_string().to_lowercase();
            let key = format!("{}: sk-model-canary", api.key);
            assert!(headers.contains(&key), "{headers}");
            let versioned = headers.contains("anthropic-version: 2023-06-01");
            assert_eq!(versioned, api.provider == "anthropic", "{headers}");
            let schema = (api.schema)(&seen["body"]);
            assert_eq!(schema["type"], "object", "{seen}");
        }
    }
}

#[test]
fn what_a_judge_refuses_is_left_out() {
    for api in APIS {
        // Claude has but one temperature, and not every Gemini tells probabilities.
        let picky = judge(api, |body| {
            let config = &body["generationConfig"];
            if body.get("temperature").is_some() {
                return Some(refused("`temperature` is deprecated for this model."));
            }
            let sure = config.get("responseLogprobs").is_some();
            sure.then(|| refused("Logprobs is not enabled for models/gemini-scripted"))
        });
        check_passed(api, &judged(api, &picky));
        let asked = picky.requests();
        let (_, last) = asked.last().expect("a request");
        let schema = (api.schema)(&last["body"]);
        assert_eq!(
            schema["type"], "object",
            "the schema is still asked for: {last}"
        );

        let plain = judge(api, |body| {
            (!(api.schema)(body).is_null()).then(|| refused("structured output is not supported"))
        });
        check_passed(api, &judged(api, &plain));
        assert_eq!(
            plain.requests().len(),
            4,
            "each of two calls is refused once"
        );
    }
}

#[test]
fn a_judge_that_refuses_to_answer_is_an_error_with_its_reason() {
    let claude = judge(&ANTHROPIC, |_| {
        Some(Reply::json(
            200,
            &json!({
                "type": "message", "role": "assistant", "model": "claude-scripted-1", "stop_reason": "refusal",
                "stop_details": {"type": "refusal", "category": "bio", "explanation": "It is about biology."},
                "content": [], "usage": {"input_tokens": 1, "output_tokens": 1},
            }),
        ))
    });
    let gemini = judge(&GEMINI, |_| {
        Some(Reply::json(
            200,
            &json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
        ))
    });
    for (api, judge, why) in [
        (&ANTHROPIC, &claude, "It is about biology."),
        (&GEMINI, &gemini, "PROHIBITED_CONTENT"),
    ] {
        let run = judged(api, judge);
        assert_eq!(run["status"], "error", "{run}");
        assert_eq!(run["scores"][0]["score"], Value::Null, "{run}");
        let message = run["error"]["message"].as_str().unwrap_or_default();
        assert!(
            message.contains("refused to answer") && message.contains(why),
            "{run}"
        );
        assert_eq!(judge.requests().len(), 1, "it is not asked again");
    }
}

#[test]
fn a_judge_that_is_overloaded_is_asked_again() {
    for (api, status) in [(&ANTHROPIC, 529), (&GEMINI, 503)] {
        let n = AtomicUsize::new(0);
        let busy = judge(api, move |_| {
            let first = n.fetch_add(1, Ordering::SeqCst) == 0;
            let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
            first.then(|| Reply::json(status, &error))
        });
        check_passed(api, &judged(api, &busy));
        assert_eq!(busy.requests().len(), 3);
    }
}

#[test]
fn a_persona_speaks_its_own_api() {
    for api in APIS {
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
        let persona = Server::start(move |path, body| {
            if let Some(fault) = (api.fault)(path, body) {
                return refused(&fault);
            }
            let over = body.to_string().contains("is shipped");
            (api.says)(if over { "[[DONE]]" } else { "It is A1001." })
        });
        let agent = client.agent(&target.url);
        let model = model(&client, api, &persona);
        let scenario = json!({
            "name": "Where is it", "situation": "You ordered shoes last week.", "goal": "Learn the state of the order.",
            "opening": "Where are my shoes?", "persona": {"name": "Ada"},
            "metrics": [{"kind": "contains", "params": {"values": ["shipped"]}}],
        });
        let scenario = client.post("/api/v1/scenarios", &scenario).expect(201);
        let id = client.start(&json!({
            "name": "p", "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": model,
        }));
        let campaign = client.finished(&id, 60);
        let run = client.run(&client.runs(&id).remove(0)).expect(200);
        assert_eq!(campaign["summary"]["passed"], 1, "{}: {run}", api.provider);
        assert_eq!(run["stop_reason"], "goal_reached", "{run}");
        assert_eq!(run["messages"][2]["content"], "It is A1001.", "{run}");
        assert_eq!(persona.requests().len(), 2, "nothing is refused");
    }
}

#[test]
fn a_temperature_that_the_api_does_not_have_is_refused() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let spec = json!({"name": "m", "provider": "anthropic", "model": "m", "temperature": 1.5,
        "base_url": "https://api.anthropic.com/v1"});
    let doc = client
        .post("/api/v1/models", &spec)
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/temperature", "{doc}");
}
