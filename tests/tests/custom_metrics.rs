//! Metrics of a user's own, all five kinds: what each gives, what each does wrong, and that the platform goes on in any case.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat, repository};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const EVALUATE: &str = "/api/v1/evaluate";

/// The manifest of an application with the metrics of `examples/metrics` and `tests/metrics`.
fn manifest() -> String {
    let built = || repository().join("target/metrics/spin.toml");
    let path = std::env::var_os("ASSAY_TEST_METRICS").map_or_else(built, PathBuf::from);
    assert!(
        path.is_file(),
        "no {}: run `cargo xtask metric --examples`",
        path.display()
    );
    path.to_string_lossy().into_owned()
}

/// A platform with metrics that are components.
fn composed(dir: &tempfile::TempDir) -> App {
    App::at(dir.path(), &Stores::embedded())
        .arg("--manifest")
        .arg(&manifest())
        .start()
}

fn case() -> Value {
    json!({"input": "What does it cost?", "actual_output": "It is $12.50, and $14.00 with a strap.", "context": ["The case is $12.50."]})
}

/// What a metric says of a case.
fn said(client: &Client, case: &Value, metric: &Value) -> Value {
    said_by(client, case, metric, &Value::Null)
}

fn said_by(client: &Client, case: &Value, metric: &Value, judge: &Value) -> Value {
    let asked = json!({"case": case, "metrics": [metric], "judge_model_id": judge});
    let found = client.post(EVALUATE, &asked).expect(200);
    found["results"][0].clone()
}

#[track_caller]
fn scores(result: &Value, score: f64) {
    assert_eq!(result["score"], json!(score), "{result}");
    assert_ne!(result["status"], "error", "{result}");
}

/// An error says why and is no score.
#[track_caller]
fn fails(result: &Value, words: &str) {
    assert_eq!(
        (&result["status"], &result["score"]),
        (&json!("error"), &Value::Null),
        "{result}"
    );
    let reason = result["reason"].as_str().unwrap();
    assert!(reason.contains(words), "{reason}");
}

/// The fields that are named where a metric is refused.
#[track_caller]
fn refused(client: &Client, metric: &Value) -> Vec<String> {
    let asked = json!({"case": case(), "metrics": [metric]});
    let doc = client
        .post(EVALUATE, &asked)
        .expect_problem(422, "validation");
    let errors = doc["errors"].as_array().unwrap().iter();
    errors
        .map(|e| e["field"].as_str().unwrap().to_owned())
        .collect()
}

fn metric(kind: &str, params: &Value) -> Value {
    json!({"kind": kind, "params": params})
}

fn prompt() -> Value {
    json!({
        "kind": "custom_prompt", "name": "polite",
        "params": {
            "prompt": "Is it polite?\n{{ actual_output }}",
            "answer_schema": {"type": "object", "required": ["verdict"], "properties": {"verdict": {"enum": ["yes", "half", "no"]}}},
            "score": {"pointer": "/verdict", "labels": {"yes": 1, "half": 0.5, "no": 0}},
        },
    })
}

#[test]
fn a_prompt_is_put_to_the_judge() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let answer = Arc::new(Mutex::new(json!({"verdict": "half", "reason": "curt"})));
    let told = answer.clone();
    let judge = Server::start(move |_, body| {
        assert_eq!(
            body["response_format"]["json_schema"]["name"],
            "CustomVerdict"
        );
        chat(&told.lock().unwrap().to_string())
    });
    let model = json!(client.model(&format!("{}/v1", judge.url)));
    let result = said_by(&client, &case(), &prompt(), &model);
    scores(&result, 0.5);
    assert_eq!(result["reason"], "curt");
    assert_eq!(judge.requests().len(), 1);
    let asked = judge.requests()[0].1["body"]["messages"].to_string();
    assert!(asked.contains("It is $12.50"), "{asked}");

    // An answer of another shape is asked for once more; then it is an error.
    for wrong in [json!({"verdict": "perhaps"}), json!({"score": 1})] {
        *answer.lock().unwrap() = wrong;
        let before = judge.requests().len();
        let changed = json!({"actual_output": format!("Asked {before} times.")});
        fails(&said_by(&client, &changed, &prompt(), &model), "twice");
        assert_eq!(judge.requests().len() - before, 2);
    }

    let mut no_field = prompt();
    no_field["params"]["prompt"] = json!("{{ mood }}");
    no_field["params"]["score"] = json!({"pointer": "verdict"});
    let asked = json!({"case": case(), "metrics": [no_field], "judge_model_id": model});
    let doc = client
        .post(EVALUATE, &asked)
        .expect_problem(422, "validation");
    let fields: Vec<&Value> = doc["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["field"])
        .collect();
    assert!(
        fields.contains(&&json!("/metrics/0/params/prompt")),
        "{doc}"
    );
    assert!(
        fields.contains(&&json!("/metrics/0/params/score/pointer")),
        "{doc}"
    );
}

#[test]
fn an_expression_is_computed() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let expression = |text: &str| metric("expression", &json!({"expression": text}));
    let of = |text: &str| said(&client, &case(), &expression(text));
    scores(&of("size(context) == 1"), 1.0);
    scores(&of("actual_output.contains('free')"), 0.0);
    scores(&of("size(context) > 0 ? 0.25 : 1.0"), 0.25);
    fails(&of("null"), "null");
    fails(&of("'good'"), "good");
    fails(&of("size(context) + 6"), "7");
    // What would take too long is ended, and the platform is there as before.
    let message = json!({"role": "user", "content": "again"});
    let long = json!({"input": "q", "actual_output": "a", "messages": vec![message; 100]});
    let deep =
        "messages.all(a, messages.all(b, messages.all(c, messages.all(d, messages.all(e, true)))))";
    let begun = Instant::now();
    fails(&said(&client, &long, &expression(deep)), "gives no value");
    assert!(begun.elapsed() < Duration::from_secs(20));
    scores(&of("true"), 1.0);
    assert_eq!(
        refused(&client, &expression("size(mood) > ")),
        ["/metrics/0/params/expression"]
    );
    assert_eq!(
        refused(&client, &expression("mood > 1")),
        ["/metrics/0/params/expression"]
    );
}

/// A program that writes that and ends.
fn writes(text: &str) -> String {
    let escaped = text.replace('"', "\\\"");
    let length = text.len();
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "{escaped}")
            (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (i32.const {length}))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#
    )
}

/// A program whose body is that.
fn does(body: &str) -> String {
    format!(r#"(module (memory (export "memory") 1) (func (export "_start") {body}))"#)
}

fn upload(client: &Client, name: &str, text: &str) -> Value {
    let spec = json!({"name": name, "wasm": STANDARD.encode(wat::parse_str(text).unwrap())});
    let made = client.post("/api/v1/programs", &spec).expect(201);
    metric("program", &json!({"program_id": made["id"]}))
}

#[test]
fn a_program_is_run_in_a_sandbox() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let of = |name: &str, text: &str| said(&client, &case(), &upload(&client, name, text));
    let result = of(
        "scores",
        &writes(r#"{"score": 0.75, "reason": "most", "breakdown": {"tone": 0.5}}"#),
    );
    scores(&result, 0.75);
    assert_eq!(
        (&result["reason"], &result["breakdown"]["tone"]),
        (&json!("most"), &json!(0.5))
    );
    let skipped = of("skips", &writes(r#"{"not_applicable": "no orders"}"#));
    assert_eq!(skipped["status"], "skipped", "{skipped}");
    fails(&of("lies", &writes(r#"{"score": 7}"#)), "not from 0 to 1");
    fails(&of("mumbles", &writes("good")), "JSON");
    fails(&of("spins", &does("(loop $l (br $l))")), "has used up");
    let grows = "(loop $l (drop (memory.grow (i32.const 16))) (br $l))";
    fails(&of("grows", &does(grows)), "memory");
    fails(&of("traps", &does("(unreachable)")), "the program");
    scores(&of("after", &writes(r#"{"score": 1}"#)), 1.0);
    let none = metric("program", &json!({"program_id": "0198c0de"}));
    assert_eq!(refused(&client, &none), ["/metrics/0/params/program_id"]);
}

const SIGNING: &str = "canary-signing-3b1f";
const TOKEN: &str = "canary-token-77ae";

fn secret(client: &Client, name: &str, value: &str) {
    let spec = json!({"name": name, "hosts": ["127.0.0.1"], "value": value});
    let _ = client.post("/api/v1/secrets", &spec).expect(201);
}

fn signed_hook(url: &str) -> Value {
    let headers = json!({"Authorization": "Bearer {{ secrets.metrics_token }}"});
    metric(
        "webhook",
        &json!({"url": url, "headers": headers, "signing_secret": "metrics_hook"}),
    )
}

/// A header of a request that a server has had.
fn header<'a>(request: &'a Value, name: &str) -> &'a str {
    let mut all = request["headers"].as_array().unwrap().iter();
    let found = all.find_map(|line| {
        let (key, value) = line.as_str().unwrap().split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    });
    found.unwrap_or_else(|| panic!("no {name}: {request}"))
}

#[test]
fn a_server_is_asked_with_a_signature() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    secret(&client, "metrics_hook", SIGNING);
    secret(&client, "metrics_token", TOKEN);
    let server = Server::start(|path, _| match path {
        "/score" => Reply::json(200, &json!({"score": 0.25, "reason": "a quarter"})),
        "/shows" => Reply::json(
            200,
            &json!({"score": 1, "reason": format!("you sent {TOKEN}")}),
        ),
        "/lies" => Reply::json(200, &json!({"score": 1.5})),
        "/broken" => Reply::json(500, &json!({"error": TOKEN})),
        "/refuses" => Reply::json(400, &json!({"error": "no"})),
        "/slow" => Reply::json(200, &json!({"score": 1})).after(Duration::from_millis(1_500)),
        "/moved" => Reply::json(302, &json!({})).header("location", "/score"),
        other => panic!("nobody should ask for {other}"),
    });
    let at = |path: &str| format!("{}{path}", server.url);

    let result = said(&client, &case(), &signed_hook(&at("/score")));
    scores(&result, 0.25);
    let (_, request) = server.requests().remove(0);
    assert_eq!(request["body"]["actual_output"], case()["actual_output"]);
    assert_eq!(header(&request, "authorization"), format!("Bearer {TOKEN}"));
    let signature = header(&request, "x-assay-signature");
    let (time, tag) = signature
        .strip_prefix("t=")
        .unwrap()
        .split_once(",v1=")
        .unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(now.as_secs().abs_diff(time.parse().unwrap()) < 60, "{time}");
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", request["body"]).as_bytes());
    let expected: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(tag, expected);
    assert!(!request.to_string().contains(SIGNING), "{request}");

    // What the other side shows of a secret nobody sees, and neither is it logged.
    let shown = said(&client, &case(), &signed_hook(&at("/shows")));
    scores(&shown, 1.0);
    let broken = said(&client, &case(), &signed_hook(&at("/broken")));
    fails(&broken, "answered 500");
    for canary in [SIGNING, TOKEN] {
        for text in [shown.to_string(), broken.to_string(), app.log()] {
            assert!(!text.contains(canary), "{canary}: {text}");
        }
    }

    let plain = |path: &str, more: Value| {
        let mut params = json!({"url": at(path)});
        let more = more.as_object().unwrap().clone();
        params.as_object_mut().unwrap().extend(more);
        metric("webhook", &params)
    };
    fails(&said(&client, &case(), &plain("/lies", json!({}))), "1.5");
    let before = server.requests().len();
    fails(
        &said(&client, &case(), &plain("/refuses", json!({}))),
        "answered 400",
    );
    assert_eq!(server.requests().len() - before, 1, "no second try");
    fails(
        &said(&client, &case(), &plain("/moved", json!({}))),
        "redirect",
    );
    let slow = plain("/slow", json!({"timeout_ms": 100}));
    fails(&said(&client, &case(), &slow), "within 100 ms");

    let url = |url: &str| metric("webhook", &json!({"url": url}));
    assert_eq!(
        refused(&client, &url("http://metrics.example.com/score")),
        ["/metrics/0/params/url"]
    );
    let mut unknown = signed_hook(&at("/score"));
    unknown["params"]["signing_secret"] = json!("nobody");
    assert_eq!(
        refused(&client, &unknown),
        ["/metrics/0/params/signing_secret"]
    );
    fails(
        &said(
            &client,
            &case(),
            &url("https://identity.spin.internal/score"),
        ),
        "may not be called",
    );
}

#[test]
fn a_server_at_a_private_address_is_refused_unless_it_is_allowed() {
    let server = Server::start(|_, _| Reply::json(200, &json!({"score": 1})));
    let hook = metric("webhook", &json!({"url": server.url}));
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), &Stores::embedded()).listen("0.0.0.0:0");
    let platform = app.start();
    let result = said(&platform.client(), &case(), &hook);
    fails(&result, "may not be called");
    assert!(server.requests().is_empty());
    drop(platform);
    let allowed = App::at(dir.path(), &Stores::embedded())
        .listen("0.0.0.0:0")
        .arg("--allow-private-targets")
        .start();
    scores(&said(&allowed.client(), &case(), &hook), 1.0);
    assert_eq!(server.requests().len(), 1);
}

/// A key of a role with some of its permissions.
fn key(client: &Client, url: &str, scopes: &[&str]) -> Client {
    let spec = json!({"name": "some", "role": "editor", "scopes": scopes});
    let made = client.post("/api/v1/api-keys", &spec).expect(201);
    let [public, secret] = ["public_key", "secret_key"].map(|f| made[f].as_str().unwrap());
    Client::with_keys(url, public, secret)
}

#[test]
fn to_name_a_secret_takes_the_right_to_write_resources() {
    let app = App::start(&Stores::embedded());
    let owner = app.client();
    secret(&owner, "metrics_hook", SIGNING);
    secret(&owner, "metrics_token", TOKEN);
    let server = Server::start(|_, _| Reply::json(200, &json!({"score": 1})));
    let agent_server = Server::start(|_, _| chat("of course"));
    let scopes = [
        "evaluations_run",
        "campaigns_run",
        "campaigns_read",
        "resources_read",
    ];
    let some = key(&owner, &app.url, &scopes);
    let hook = signed_hook(&server.url);
    let plain = metric("webhook", &json!({"url": server.url}));
    let fields = |at: &str| {
        let params = format!("{at}/0/params");
        json!([
            format!("{params}/headers/Authorization"),
            format!("{params}/signing_secret")
        ])
    };
    let forbidden = |answer: assay_tests::Answer, at: &str| {
        let doc = answer.expect_problem(403, "forbidden");
        let errors = doc["errors"].as_array().unwrap();
        let named: Vec<&Value> = errors.iter().map(|e| &e["field"]).collect();
        assert_eq!(json!(named), fields(at), "{doc}");
    };

    let asked = json!({"case": case(), "metrics": [hook]});
    forbidden(some.post(EVALUATE, &asked), "/metrics");
    assert!(server.requests().is_empty(), "nothing was sent");
    scores(&said(&some, &case(), &plain), 1.0);
    scores(&said(&owner, &case(), &hook), 1.0);

    let agent = owner.agent(&agent_server.url);
    let dataset = owner.dataset(&json!([{"key": "a", "input": "hi"}]));
    let campaign = |metric: &Value| json!({"name": "c", "agent_id": agent, "dataset_id": dataset, "metrics": [metric]});
    let list = "/api/v1/campaigns";
    forbidden(some.post(list, &campaign(&hook)), "/metrics");
    let plainly = some.start(&campaign(&plain));
    let owned = owner.start(&campaign(&hook));
    for id in [&plainly, &owned] {
        let _ = owner.finished(id, 60);
    }
    // What somebody who may has written may be run again by whoever runs campaigns, but not written into another.
    let again = some
        .post(&format!("{list}/{owned}/rerun"), &json!({}))
        .expect(202);
    let again = owner.finished(again["id"].as_str().unwrap(), 60);
    assert_eq!(again["summary"]["passed"], 1, "{again}");
    let changes = json!({"changes": {"metrics": [hook]}});
    let rerun = format!("{list}/{plainly}/rerun");
    forbidden(some.post(&rerun, &changes), "/changes/metrics");

    let schedule = |name: &str, metric: &Value| json!({"name": name, "cron": "0 0 1 1 *", "campaign": campaign(metric)});
    let schedules = "/api/v1/schedules";
    forbidden(
        some.post(schedules, &schedule("s", &hook)),
        "/campaign/metrics",
    );
    let kept = owner.post(schedules, &schedule("s", &hook)).expect(201);
    let one = format!("{schedules}/{}", kept["id"].as_str().unwrap());
    let _ = some.patch(&one, &json!({"enabled": false})).expect(200);
    let mut moved = hook.clone();
    moved["params"]["url"] = json!(format!("{}/elsewhere", server.url));
    let change = json!({"campaign": {"metrics": [moved]}});
    forbidden(some.patch(&one, &change), "/campaign/metrics");
}

fn component(name: &str, params: &Value) -> Value {
    metric("component", &json!({"component": name, "params": params}))
}

fn misbehaving(what: &str) -> Value {
    component("misbehaving", &json!({"do": what}))
}

#[test]
fn a_component_scores() {
    let dir = tempfile::tempdir().unwrap();
    let app = composed(&dir);
    let client = app.client();
    let result = said(&client, &case(), &component("grounded-prices", &json!({})));
    scores(&result, 0.5);
    assert_eq!(result["reason"], "nobody told it of $14.00");
    let without_params = metric("component", &json!({"component": "grounded-prices"}));
    scores(&said(&client, &case(), &without_params), 0.5);
    let dear = component("grounded-prices", &json!({"from": 13}));
    scores(&said(&client, &case(), &dear), 0.0);
    let no_price = json!({"input": "q", "actual_output": "Ask in the shop."});
    let skipped = said(&client, &no_price, &dear);
    assert_eq!(skipped["status"], "skipped", "{skipped}");
    assert_eq!(
        skipped["reason"],
        "not applicable: the answer names no price"
    );

    // What it says of itself is in the catalogue, and what it requires is what a case must have.
    let catalogue = client.get("/api/v1/metrics").expect(200);
    let kinds = catalogue["data"].as_array().unwrap();
    let entry = kinds.iter().find(|k| k["kind"] == "component").unwrap();
    let listed = entry["components"].as_array().unwrap();
    let of = |name: &str| listed.iter().find(|c| c["component"] == name).unwrap();
    assert_eq!(of("grounded-prices")["name"], "Grounded prices");
    assert_eq!(
        of("misbehaving")["required_fields"],
        json!(["expected_output"])
    );
    let others = kinds.iter().filter(|k| k.get("components").is_some());
    assert_eq!(others.count(), 1);
    let lacks = said(&client, &case(), &misbehaving("loop"));
    assert_eq!(lacks["status"], "skipped", "{lacks}");
    let none = json!({"input": "q", "context": ["It is $1."]});
    let missing = said(&client, &none, &component("grounded-prices", &json!({})));
    fails(&missing, "gave no answer");

    // What is wrong is named when it is said.
    for (wrong, field) in [
        (component("no-such", &json!({})), "component"),
        (component("identity", &json!({})), "component"),
        (metric("component", &json!({})), "component"),
        (component("../x", &json!({})), "component"),
        (
            component("grounded-prices", &json!({"from": -1})),
            "params/from",
        ),
        (
            component("grounded-prices", &json!({"form": 1})),
            "params/form",
        ),
        (component("misbehaving", &json!({})), "params/do"),
        (component("grounded-prices", &json!([])), "params"),
    ] {
        let expected = format!("/metrics/0/params/{field}");
        assert_eq!(refused(&client, &wrong), [expected], "{wrong}");
    }
    let library = |metric: &Value| {
        let spec = json!({"name": "prices", "description": "d", "metric": metric});
        client.post("/api/v1/metric-library", &spec)
    };
    let doc = library(&component("no-such", &json!({}))).expect_problem(422, "validation");
    let field = doc["errors"][0]["field"].as_str().unwrap();
    assert!(field.ends_with("/params/component"), "{doc}");
    let _ = library(&component("grounded-prices", &json!({}))).expect(201);
}

#[test]
fn a_component_in_javascript_metric_scores_too() {
    let dir = tempfile::tempdir().unwrap();
    let app = composed(&dir);
    let client = app.client();
    let promised = component("promised-times", &json!({"max_hours": 48}));
    let of = |answer: &str| {
        let case = json!({"input": "When?", "actual_output": answer});
        said(&client, &case, &promised)
    };
    let half = of("A refund takes 5 days. We answer within 2 hours.");
    scores(&half, 0.5);
    assert_eq!(half["reason"], "longer than 48 hours: takes 5 days");
    scores(&of("We answer within 2 to 3 hours."), 1.0);
    assert_eq!(of("Soon.")["status"], "skipped");
    assert_eq!(
        refused(&client, &component("promised-times", &json!({}))),
        ["/metrics/0/params/params/max_hours"]
    );
    // Both languages side by side, on the same case.
    let both = json!({
        "case": {"input": "q", "actual_output": "It is $3, and it takes 9 days."},
        "metrics": [component("grounded-prices", &json!({})), promised],
    });
    let both = client.post(EVALUATE, &both).expect(200);
    let scores: Vec<&Value> = both["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["score"])
        .collect();
    assert_eq!(scores, [&json!(0.0), &json!(0.0)], "{both}");
}

#[test]
fn what_a_component_does_wrong_is_an_error_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let app = composed(&dir);
    let client = app.client();
    let case = json!({"input": "q", "actual_output": "a", "expected_output": "e"});
    let of = |what: &str| said(&client, &case, &misbehaving(what));
    for (what, words) in [
        ("trap", "failed: it trapped"),
        ("grow", "failed: it trapped"),
        ("recurse", "failed: it trapped"),
        ("refuse", "the component says: it will not"),
        ("nan", "its score is NaN"),
        ("seven", "7, not from 0 to 1"),
        ("babble", "larger than"),
    ] {
        fails(&of(what), words);
    }
    let parts = of("parts");
    scores(&parts, 0.5);
    assert_eq!(parts["breakdown"], json!({"first": 0.25, "second": 0.75}));
    // It reaches no files and knows no settings; an instance serves one case and is gone.
    scores(&of("reach"), 0.0);
    for _ in 0..3 {
        scores(&of("count"), 1.0);
    }

    // While some loop the platform answers, and so do metrics beside them.
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let loops: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    fails(&of("loop"), "took longer than it may");
                    over.store(true, Ordering::SeqCst);
                    begun.elapsed()
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        let mut answered = 0;
        while !over.load(Ordering::SeqCst) {
            let _ = client.get("/api/v1/me").expect(200);
            scores(&of("count"), 1.0);
            answered += i32::from(!over.load(Ordering::SeqCst));
        }
        assert!(answered > 0, "nobody else was served meanwhile");
        for looped in loops {
            let took = looped.join().unwrap();
            assert!(took < Duration::from_secs(15), "{took:?}");
        }
    });
    scores(&of("count"), 1.0);

    // One call, one of them at fault: the others have their scores.
    let asked = json!({"case": case, "metrics": [misbehaving("trap"), misbehaving("parts"), metric("expression", &json!({"expression": "true"}))]});
    let found = client.post(EVALUATE, &asked).expect(200);
    let statuses: Vec<&Value> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["status"])
        .collect();
    assert_eq!(
        json!(statuses),
        json!(["error", "passed", "passed"]),
        "{found}"
    );
}

#[test]
fn an_installation_without_components_says_so() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    assert_eq!(
        refused(&client, &component("grounded-prices", &json!({}))),
        ["/metrics/0/params/component"]
    );
    let catalogue = client.get("/api/v1/metrics").expect(200);
    let kinds = catalogue["data"].as_array().unwrap();
    let entry = kinds.iter().find(|k| k["kind"] == "component").unwrap();
    assert_eq!(entry["components"], json!([]));
}

/// What a run came to, metric by metric.
fn told(client: &Client, campaign: &str) -> Vec<Value> {
    let runs = client.runs(campaign);
    let of = |run: &Value| client.run(run).expect(200)["scores"].clone();
    runs.iter().map(of).collect()
}

#[test]
fn a_campaign_scores_by_all_of_them_and_plays_them_again() {
    let dir = tempfile::tempdir().unwrap();
    let app = composed(&dir);
    let client = app.client();
    secret(&client, "metrics_hook", SIGNING);
    secret(&client, "metrics_token", TOKEN);
    let agent = Server::start(|_, _| chat("It is $12.50, and $14.00 with a strap."));
    let judge = Server::start(|_, _| chat(&json!({"verdict": "yes", "reason": "r"}).to_string()));
    let server = Server::start(|_, _| Reply::json(200, &json!({"score": 0.75})));
    let named = |name: &str, mut metric: Value| {
        metric["name"] = json!(name);
        metric
    };
    let program = upload(&client, "scores", &writes(r#"{"score": 0.25}"#));
    let spec = json!({
        "name": "all", "agent_id": client.agent(&agent.url),
        "judge_model_id": client.model(&format!("{}/v1", judge.url)),
        "dataset_id": client.dataset(&json!([
            {"key": "a", "input": "What does it cost?", "expected_output": "e", "context": ["The case is $12.50."]},
        ])),
        "metrics": [
            prompt(),
            named("short", metric("expression", &json!({"expression": "size(actual_output) < 500"}))),
            named("program", program),
            named("server", signed_hook(&server.url)),
            named("prices", component("grounded-prices", &json!({}))),
            named("wrong", misbehaving("trap")),
        ],
    });
    let with = |field: &str, value: &Value| {
        let mut spec = spec.clone();
        spec[field] = value.clone();
        spec
    };
    let recorded = client.start(&with("record", &json!(true)));
    let _ = client.finished(&recorded, 60);
    let first = told(&client, &recorded);
    let scores: Vec<(&str, &Value)> = first[0]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), &s["score"]))
        .collect();
    let expected = json!({"polite": 1.0, "short": 1.0, "program": 0.25, "server": 0.75, "prices": 0.5, "wrong": null});
    assert_eq!(scores.len(), 6, "{first:?}");
    for (name, score) in scores {
        assert_eq!(score, &expected[name], "{name}: {first:?}");
    }

    // Played again nobody is asked, and no component either: what came of it is in the recording.
    let asked = [
        agent.requests().len(),
        judge.requests().len(),
        server.requests().len(),
    ];
    let replayed = client.start(&with("replay_of", &json!(recorded)));
    let _ = client.finished(&replayed, 60);
    assert_eq!(told(&client, &replayed), first);
    let after = [
        agent.requests().len(),
        judge.requests().len(),
        server.requests().len(),
    ];
    assert_eq!(after, asked);
    assert!(!app.log().contains(SIGNING) && !app.log().contains(TOKEN));
}
