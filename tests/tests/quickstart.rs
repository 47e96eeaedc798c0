//! The quickstart of the API, run as it is written: every block of commands in one shell, and what each must print.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, repository};
use serde_json::Value;
use std::process::{Command, Stdio};

/// A fenced block: its language and its text.
struct Block {
    line: usize,
    language: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut all = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in document.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block {
                    line: number + 1,
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => all.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block does not end");
    all
}

/// `"…"` stands for any text that is not empty.
fn fits(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::String(any), Value::String(text)) if any == "…" => !text.is_empty(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fits(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| fits(a, b)))
        }
        _ => expected == got,
    }
}

fn documents(text: &str) -> Option<Vec<Value>> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .ok()
}

fn check(block: &Block, expected: Option<&Block>, said: &str) {
    let line = block.line;
    match expected {
        Some(expected) if expected.language == "json" => {
            let wanted = documents(&expected.text)
                .unwrap_or_else(|| panic!("line {}: no JSON", expected.line));
            let got =
                documents(said).unwrap_or_else(|| panic!("line {line} printed no JSON:\n{said}"));
            let same =
                wanted.len() == got.len() && wanted.iter().zip(&got).all(|(w, g)| fits(w, g));
            assert!(
                same,
                "line {line} printed\n{said}\nwhere this was expected:\n{}",
                expected.text
            );
        }
        Some(expected) => assert_eq!(said, expected.text, "line {line}"),
        None => assert_eq!(said, "", "line {line}: what is printed is not shown"),
    }
}

fn walk(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores).start();
    let document = std::fs::read_to_string(repository().join("docs/quickstart-api.md")).unwrap();
    let blocks = blocks(&document);
    let commands: Vec<usize> = (0..blocks.len())
        .filter(|i| blocks[*i].language == "sh")
        .collect();
    assert!(commands.len() > 10, "{} blocks of commands", commands.len());
    // One shell for all, since a block uses what those before it have set; a line that nobody writes parts their output.
    let mut script = String::from("set -euo pipefail\n");
    for index in &commands {
        script.push_str(&blocks[*index].text);
        script.push_str(&format!("echo '--- end of block {index}'\n"));
    }
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &script])
        .env("ASSAY_URL", &app.url)
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("http_proxy")
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .output()
        .expect("bash, curl and jq are installed");
    let mut rest = String::from_utf8(output.stdout).unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    for index in &commands {
        let end = format!("--- end of block {index}\n");
        let Some((said, after)) = rest.split_once(&end) else {
            panic!(
                "the commands at line {} fail:\n{rest}\n{wrong}",
                blocks[*index].line
            );
        };
        let expected = blocks
            .get(index + 1)
            .filter(|b| b.language == "json" || b.language == "text");
        check(&blocks[*index], expected, said);
        rest = after.to_owned();
    }
    assert!(output.status.success(), "{wrong}");
}

#[test]
fn the_quickstart_does_what_it_says() {
    walk(&Stores::embedded());
}

#[test]
fn postgres_the_quickstart_does_what_it_says() {
    if let Some(stores) = Stores::postgres() {
        walk(&stores);
    }
}
