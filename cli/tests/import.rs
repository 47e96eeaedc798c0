//! `assay import` as a process, against a scripted server.

mod support;

use serde_json::{Value, json};
use std::path::Path;
use support::{Scripted, bare, say};

const GOLDENS: &str =
    r#"[{"input": "a", "expected_output": "b"}, {"input": "c", "expected_output": "d", "odd": 1}]"#;

fn import(server: &Scripted, dir: &Path, more: &[&str]) -> support::Said {
    let mut command = bare(dir);
    command
        .arg("import")
        .args(more)
        .args(["--url", &server.url])
        .env("ASSAY_PUBLIC_KEY", "pk-as-test")
        .env("ASSAY_SECRET_KEY", "sk-as-test");
    say(&mut command)
}

#[test]
fn nothing_is_created_on_trial_or_by_strictness() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("goldens.json");
    std::fs::write(&path, GOLDENS).unwrap();
    let file = path.to_str().unwrap();
    let server = Scripted::start(&[]);
    let said = import(&server, dir.path(), &[file, "--dry-run", "--json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["imports"][0]["format"], "deepeval");
    assert_eq!(told["imports"][0]["items"][1]["input"], "c");
    let said = import(&server, dir.path(), &[file, "--strict"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.out.contains("changed /1/odd: `odd`"), "{}", said.out);
    let said = import(&server, dir.path(), &["none.json"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("none.json cannot be read"),
        "{}",
        said.err
    );
    assert!(server.log.lock().unwrap().is_empty());
}

#[test]
fn what_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let config = "prompts: ['Be brief. {{q}}']\nproviders: [openai:gpt-4.1]\n\
        defaultTest: {assert: [{type: latency, threshold: 500}]}\n\
        tests:\n  - vars: {q: a}\n    assert: [{type: icontains, value: x}]\n  - vars: {q: b}\n";
    std::fs::write(dir.path().join("shop.yaml"), config).unwrap();
    let server = Scripted::start(&[]);
    let said = import(&server, dir.path(), &["shop.yaml"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(server.posted("/datasets")[0]["name"], "shop");
    let items = &server.posted("/items")[0]["items"];
    assert_eq!(items[0]["key"], "test-000001");
    assert_eq!(items[0]["metrics"][0]["kind"], "contains");
    assert_eq!(items[1]["input"], "Be brief. b");
    let metric = &server.posted("/metric-library")[0];
    assert_eq!(metric["name"], "shop: latency");
    assert_eq!(
        metric["metric"],
        json!({"kind": "latency", "params": {"max_ms": 500.0}})
    );
    assert_eq!(server.posted("/prompts")[0]["prompt"], "Be brief. {{q}}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(
        lines,
        [
            "promptfoo: 2 items, 1 metric, 1 prompt, 0 scenarios",
            "dataset `shop` 1",
            "metric `shop: latency` 1",
            "prompt `shop prompt` 1",
            "agent to create: `openai:gpt-4.1` (openai_chat)",
        ]
    );
}

#[test]
fn scenarios_and_several_datasets() {
    let dir = tempfile::tempdir().unwrap();
    let golden = r#"{"scenario": "A lamp is broken.", "expected_outcome": "A refund.", "user_description": "annoyed"}"#;
    std::fs::write(dir.path().join("g.jsonl"), golden).unwrap();
    let server = Scripted::start(&[]);
    let said = import(&server, dir.path(), &["g.jsonl", "--json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(server.posted("/scenarios")[0]["goal"], "A refund.");
    assert!(server.posted("/datasets").is_empty());
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["imports"][0]["created"]["scenarios"][0]["id"], "1");

    let registry: String = ["a", "b"]
        .iter()
        .map(|name| format!("{name}:\n  class: evals.elsuite.basic.match:Match\n  args: {{samples_jsonl: {name}.jsonl}}\n"))
        .collect();
    std::fs::write(dir.path().join("r.yaml"), registry).unwrap();
    for name in ["a.jsonl", "b.jsonl"] {
        std::fs::write(dir.path().join(name), r#"{"input": "x", "ideal": "y"}"#).unwrap();
    }
    let said = import(&server, dir.path(), &["r.yaml"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let names: Vec<Value> = server
        .posted("/datasets")
        .iter()
        .map(|d| d["name"].clone())
        .collect();
    assert_eq!(names, ["a", "b"]);
    let said = import(&server, dir.path(), &["r.yaml", "--dataset", "one"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("--dataset names one dataset"),
        "{}",
        said.err
    );
}
