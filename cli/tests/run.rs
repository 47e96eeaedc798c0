//! `assay run` as a process, against a scripted server: what it sends, what it says, and its exit code.

mod support;

use serde_json::Value;
use std::time::{Duration, Instant};
use support::{Script, Scripted, bare, command, say};

#[test]
fn the_exit_code_tells_what_came_of_it() {
    let table: [(Script, &[&str], i32); 8] = [
        (&["pass", "pass"], &[], 0),
        (&["pass", "fail"], &[], 1),
        (&["pass", "fail"], &["--gate", "0.5"], 0),
        (&["pass", "status"], &[], 3),
        (&["pass", "status"], &["--max-error-rate", "0.5"], 0),
        (&["status", "unreachable"], &[], 3),
        (&["unreachable", "unreachable"], &[], 2),
        (&["refuse"], &[], 2),
    ];
    for (script, more, code) in table {
        let dir = tempfile::tempdir().unwrap();
        let server = Scripted::start(script);
        let said = say(&mut command(&server.url, dir.path(), 2, more));
        assert_eq!(
            said.code,
            Some(code),
            "{script:?} {more:?}: {} {}",
            said.out,
            said.err
        );
    }
}

#[test]
fn what_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["pass"]);
    let said = say(&mut command(
        &server.url,
        dir.path(),
        1,
        &["--concurrency", "7", "--name", "nightly"],
    ));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let campaign = &server.posted("/campaigns")[0];
    assert_eq!(campaign["name"], "nightly");
    assert_eq!(campaign["concurrency"], 7);
    assert_eq!(campaign["metrics"][0]["kind"], "exact_match");
    assert_eq!(
        server.posted("/agents")[0]["url"],
        "http://192.0.2.1/v1/chat/completions"
    );
    assert_eq!(server.posted("/items")[0]["items"][0]["key"], "item-1");
    for (method, path, headers, _) in server.log.lock().unwrap().iter() {
        let lower = headers.to_lowercase();
        assert!(
            lower.contains("authorization: basic cgstyxmtdgvzddpzay1hcy10zxn0"),
            "{method} {path}: {headers}"
        );
        assert_eq!(
            lower.contains("idempotency-key:"),
            method == "POST" && path == "/api/v1/campaigns",
            "{path}"
        );
    }
}

#[test]
fn results_go_to_standard_output_and_the_rest_to_standard_error() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["pass", "fail", "status"]);
    let said = say(&mut command(
        &server.url,
        dir.path(),
        3,
        &["--output", "json"],
    ));
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["items"].as_array().unwrap().len(), 3);
    assert_eq!(report["verdict"], "inconclusive");
    assert!(said.err.contains("3/3 done"), "{}", said.err);

    let said = say(&mut command(
        &server.url,
        dir.path(),
        3,
        &["--output", "junit"],
    ));
    assert!(said.out.starts_with("<?xml"), "{}", said.out);
    assert!(
        said.out
            .contains("tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\""),
        "{}",
        said.out
    );

    let file = dir.path().join("report.md");
    let said = say(&mut command(
        &server.url,
        dir.path(),
        3,
        &["--output", "md", "--out-file", file.to_str().unwrap()],
    ));
    assert!(
        std::fs::read_to_string(file)
            .unwrap()
            .starts_with("## Assay: cases inconclusive")
    );
    assert!(said.out.contains("Result"), "{}", said.out);
}

#[test]
fn faults_are_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["refuse"]);
    let said = say(&mut command(&server.url, dir.path(), 1, &[]));
    assert_eq!(
        said.err,
        "assay: campaign: Invalid request: One field is wrong. (/metrics/0: is not possible)\n"
    );

    std::fs::write(
        dir.path().join("bad.jsonl"),
        "{\"input\":\"a\"}\n{\"input\":\n",
    )
    .unwrap();
    let said = say(bare(dir.path()).args([
        "run",
        "--target",
        "http://192.0.2.1/",
        "--dataset",
        "bad.jsonl",
    ]));
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(2),
            "assay: bad.jsonl: line 2: the JSON ends too early\n"
        )
    );

    let said = say(bare(dir.path()).arg("up"));
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.starts_with("assay: no spin.toml of Assay") && said.err.lines().count() == 1,
        "{}",
        said.err
    );

    let missing = bare(dir.path())
        .args([
            "up",
            "--manifest",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../spin.toml"),
        ])
        .env("ASSAY_INIT_WORKSPACE", "x")
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    let text = String::from_utf8(missing.stderr).unwrap();
    assert!(
        text.starts_with("assay: ASSAY_INIT_OWNER_EMAIL, "),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_cancels_the_campaign() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["pass", "run"]);
    let mut child = command(&server.url, dir.path(), 2, &[])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.posted("/campaigns").is_empty() {
        assert!(Instant::now() < deadline, "no campaign is started");
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(server.posted("/cancel").len(), 1);
}

const ASKED: &str = "run r1 asks: Is that right? Answer it: POST ";

#[test]
fn who_does_not_wait_is_told_what_runs_wait_for() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["pass", "wait"]);
    let said = say(&mut command(&server.url, dir.path(), 2, &["--no-wait"]));
    assert_eq!(said.code, Some(4), "{}", said.err);
    let line = format!("{ASKED}{}/api/v1/runs/r1/answers\n", server.url);
    assert_eq!(said.err.matches(&line).count(), 1, "{}", said.err);
    assert!(said.err.contains("1 of 2 runs wait"), "{}", said.err);
    assert!(server.posted("/cancel").is_empty(), "it goes on");
    // While something goes on there is something to wait for, and what has ended has a verdict.
    let server = Scripted::start(&["pass", "fail"]);
    let said = say(&mut command(&server.url, dir.path(), 2, &["--no-wait"]));
    assert_eq!(said.code, Some(1), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn who_waits_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Scripted::start(&["pass", "wait"]);
    let child = command(&server.url, dir.path(), 2, &[])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let polls = || {
        let log = server.log.lock().unwrap();
        let asked = log
            .iter()
            .skip_while(|(_, path, ..)| path != "/api/v1/runs/r1");
        asked
            .filter(|(_, path, ..)| path == "/api/v1/campaigns/c")
            .count()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while polls() < 4 {
        assert!(Instant::now() < deadline, "the campaign is not followed");
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(said.matches(ASKED).count(), 1, "{said}");
}
