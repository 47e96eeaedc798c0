//! A scripted server that speaks just enough of the HTTP API, and the command under test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// What the server was asked, in order: method, path, headers (lower case), body.
pub(crate) type Log = Arc<Mutex<Vec<(String, String, String, Value)>>>;

/// A server whose campaigns end as scripted.
pub(crate) struct Scripted {
    /// Its address.
    pub(crate) url: String,
    /// What it was asked.
    pub(crate) log: Log,
}

/// The states of a campaign's runs, in order; `run` goes on for ever, `wait` waits for a person.
pub(crate) type Script = &'static [&'static str];

impl Scripted {
    /// Starts a server. Its threads end with the test program.
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let state = log.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = state.clone();
                std::thread::spawn(move || serve(stream, script, &log));
            }
        });
        Self { url, log }
    }

    /// Bodies posted to paths that end so.
    pub(crate) fn posted(&self, end: &str) -> Vec<Value> {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|(m, p, ..)| m == "POST" && p.ends_with(end))
            .map(|(.., body)| body.clone())
            .collect()
    }
}

fn serve(stream: TcpStream, script: Script, log: &Log) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let (mut headers, mut length) = (String::new(), 0);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            let lower = header.to_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            headers.push_str(&header);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        log.lock()
            .unwrap()
            .push((method.clone(), path.clone(), headers, body.clone()));
        let cancelled = log
            .lock()
            .unwrap()
            .iter()
            .any(|(_, p, ..)| p.ends_with("/cancel"));
        let (status, answer) = answer(&method, &path, &body, script, cancelled);
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        let stream = reader.get_mut();
        if stream.write_all((head + &text).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(method: &str, path: &str, body: &Value, script: Script, cancelled: bool) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match (method, path.trim_start_matches("/api/v1/")) {
        ("GET", "agents" | "datasets" | "models" | "metric-library" | "prompts" | "scenarios") => {
            (200, json!({"data": [], "next_cursor": null}))
        }
        ("POST", "agents" | "datasets" | "models" | "metric-library" | "prompts" | "scenarios") => {
            (201, json!({"id": "1", "name": body["name"]}))
        }
        ("POST", "datasets/1/items") => (
            200,
            json!({"created": body["items"].as_array().unwrap().len(), "updated": 0}),
        ),
        ("POST", "campaigns") if script == ["refuse"] => {
            let errors = json!([{"field": "/metrics/0", "message": "is not possible"}]);
            (
                422,
                json!({"title": "Invalid request", "status": 422, "detail": "One field is wrong.", "errors": errors}),
            )
        }
        ("POST", "campaigns" | "campaigns/c/cancel") | ("GET", "campaigns/c") => {
            (200, campaign(script, cancelled))
        }
        ("GET", "campaigns/c/runs") => {
            let mut all = runs(script);
            all.retain(|run| !query.contains("waiting") || run["status"] == "waiting_for_person");
            (200, json!({"data": all, "next_cursor": null}))
        }
        ("GET", "runs/r1") => (
            200,
            json!({"run_id": "r1", "waits": [{"id": "q", "kind": "person", "node": "n", "question": "Is that right?"}]}),
        ),
        _ => (404, json!({"title": "Not found", "status": 404})),
    }
}

fn campaign(script: Script, cancelled: bool) -> Value {
    let count = |state: &str| script.iter().filter(|s| **s == state).count();
    let status = match (cancelled, count("run")) {
        (true, _) => "cancelled",
        (false, 0) if count("wait") == 0 => "completed",
        (false, _) => "running",
    };
    json!({"id": "c", "status": status, "created_at": "2026-11-24T06:00:00.000000Z", "summary": {
        "total": script.len(), "queued": 0, "running": count("run"), "waiting_for_person": count("wait"), "passed": count("pass"), "failed": count("fail"),
        "error": count("status") + count("unreachable"), "cancelled": 0}})
}

fn runs(script: Script) -> Vec<Value> {
    let run = |(i, state): (usize, &&str)| {
        let (status, verdict) = match *state {
            "pass" => ("passed", Some((1.0, "passed"))),
            "fail" => ("failed", Some((0.0, "failed"))),
            "wait" => ("waiting_for_person", Some((0.0, "failed"))),
            _ => ("error", None),
        };
        let scores: Vec<Value> = verdict
            .iter()
            .map(|(score, status)| {
                json!({"name": "exact_match", "kind": "exact_match", "version": 1, "status": status, "score": score,
                    "threshold": 1.0, "reason": "compared"})
            })
            .collect();
        let mut run = json!({"run_id": format!("r{i}"), "item_key": format!("item-{}", i + 1), "repetition": 0,
            "status": status, "trace_id": format!("{i:032x}"), "scores": scores, "latency_ms": 5.0});
        if verdict.is_none() {
            run["error"] =
                json!({"kind": format!("target_{state}"), "message": "it did not answer"});
        }
        run
    };
    script.iter().enumerate().map(run).collect()
}

/// What the command said.
pub(crate) struct Said {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// `assay run` on the server with `items` in the dataset.
#[allow(dead_code, reason = "tests of imports start no campaign")]
pub(crate) fn command(url: &str, dir: &std::path::Path, items: usize, more: &[&str]) -> Command {
    let path = dir.join("cases.jsonl");
    let lines: String = (0..items)
        .map(|i| format!("{{\"input\":\"q{i}\",\"expected_output\":\"a{i}\"}}\n"))
        .collect();
    std::fs::write(&path, lines).unwrap();
    let mut command = bare(dir);
    command.args([
        "run",
        "--target",
        "http://192.0.2.1/v1/chat/completions",
        "--url",
        url,
        "--dataset",
    ]);
    command
        .arg(&path)
        .args(more)
        .env("ASSAY_PUBLIC_KEY", "pk-as-test")
        .env("ASSAY_SECRET_KEY", "sk-as-test");
    command
}

/// The command, with nothing of this process' environment that it would look at.
pub(crate) fn bare(dir: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ASSAY_")) {
        command.env_remove(name);
    }
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn say(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
