//! What the arguments of `assay run` become.

use super::*;
use clap::Parser;

#[derive(Parser)]
struct Wrapped {
    #[command(flatten)]
    run: RunArgs,
}

fn plan(items: &str, more: &[&str]) -> Result<Plan> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cases.jsonl");
    std::fs::write(&path, items).unwrap();
    let mut args = vec![
        "run",
        "--target",
        "http://127.0.0.1:1/v1/chat/completions",
        "--dataset",
    ];
    args.push(path.to_str().unwrap());
    args.extend(more);
    let env = |name: &str| (name == "KEY").then(|| "sekret".to_owned());
    Wrapped::try_parse_from(args)
        .map_err(|e| anyhow!("{e}"))?
        .run
        .plan(env)
}

fn message(items: &str, more: &[&str]) -> String {
    format!("{:#}", plan(items, more).err().unwrap())
}

const EXPECTED: &str = "{\"input\":\"a\",\"expected_output\":\"b\"}";

#[test]
fn exact_match_where_every_item_has_a_reference() {
    let plan = plan(EXPECTED, &[]).unwrap();
    assert_eq!(plan.metrics, [MetricSpec::of(MetricKind::ExactMatch)]);
    assert_eq!(plan.name, "cases");
}

#[test]
fn items_with_metrics_of_their_own_need_no_other() {
    let items = "{\"input\":\"a\",\"metrics\":[\"contains:x\"]}";
    assert!(plan(items, &[]).unwrap().metrics.is_empty());
}

#[test]
fn nothing_to_judge_by_is_an_error_that_says_what_to_give() {
    let text = message(&format!("{EXPECTED}\n{{\"input\":\"c\"}}"), &[]);
    assert!(
        text.starts_with("nothing says how to judge item `item-2`: give --metric"),
        "{text}"
    );
}

#[test]
fn a_judge_must_be_named() {
    let text = message(EXPECTED, &["--metric", "g_eval:criteria=Is it kind?"]);
    assert_eq!(
        text,
        "metric `g_eval` asks a model: give --judge-url and --judge-model"
    );
    let judge = [
        "--judge-url",
        "http://j/v1/",
        "--judge-model",
        "m",
        "--judge-api-key-env",
        "KEY",
    ];
    let plan = plan(
        EXPECTED,
        &[&["--metric", "g_eval:criteria=Is it kind?"], &judge[..]].concat(),
    )
    .unwrap();
    let (spec, key) = plan.judge.unwrap();
    assert_eq!(
        (spec.base_url.as_str(), key.as_deref()),
        ("http://j/v1", Some("sekret"))
    );
    assert_eq!(spec.provider, ModelProvider::OpenaiCompatible);
}

#[test]
fn a_judge_may_speak_another_api() {
    let metric = ["--metric", "g_eval:criteria=Is it kind?"];
    let judge = ["--judge-url", "http://j/v1", "--judge-model", "m"];
    let all = [&metric[..], &judge[..], &["--judge-provider", "gemini"]].concat();
    let (spec, _) = plan(EXPECTED, &all).unwrap().judge.unwrap();
    assert_eq!(spec.provider, ModelProvider::Gemini);
}

#[test]
fn keys_come_from_the_environment() {
    assert_eq!(
        plan(EXPECTED, &["--api-key-env", "KEY"])
            .unwrap()
            .credential
            .as_deref(),
        Some("sekret")
    );
    let text = message(EXPECTED, &["--api-key-env", "NOPE"]);
    assert_eq!(text, "the environment variable NOPE is not set, or empty");
}

#[test]
fn an_http_agent_needs_a_template_and_a_pointer() {
    let text = message(EXPECTED, &["--kind", "http"]);
    assert!(
        text.contains("target: body_template is required for kind `http`"),
        "{text}"
    );
    let more = [
        "--kind",
        "http",
        "--body-template",
        "{\"q\":\"{{ input }}\"}",
        "--response-pointer",
        "/a",
    ];
    let plan = plan(EXPECTED, &more).unwrap();
    assert_eq!(plan.agent.body_template["q"], "{{ input }}");
}

#[test]
fn shares_and_headers_are_checked() {
    assert!(message(EXPECTED, &["--gate", "1.5"]).contains("must be between 0 and 1"));
    assert!(message(EXPECTED, &["--header", "nonsense"]).contains("must be `name: value`"));
    let text = message(EXPECTED, &["--header", "authorization: x"]);
    assert!(text.contains("is set by the platform"), "{text}");
}
