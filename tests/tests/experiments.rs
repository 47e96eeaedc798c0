//! Campaigns compared, gates that judge them, and a merge that a gate stops.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, assay_bin, chat, last_user_message};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

const ITEMS: usize = 30;

/// An agent that is wrong about questions whose number is below `wrong`.
fn agent(wrong: usize) -> Server {
    Server::start(move |_, body| {
        let question = last_user_message(body);
        let number: usize = question.trim_start_matches('q').parse().unwrap();
        chat(&if number < wrong {
            "no".to_owned()
        } else {
            format!("you said {question}")
        })
    })
}

fn url(server: &Server) -> String {
    format!("{}/v1/chat/completions", server.url)
}

/// A campaign of an agent over the dataset, to its end.
fn campaign(client: &Client, dataset: &str, agents: &[&Server]) -> String {
    let ids: Vec<Value> = agents
        .iter()
        .map(|a| json!({"id": client.agent(&url(a))}))
        .collect();
    let spec = json!({
        "name": "arm", "agents": ids, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}],
    });
    let id = client.start(&spec);
    let _ = client.finished(&id, 60);
    id
}

fn dataset(client: &Client) -> String {
    let items = (0..ITEMS).map(|i| {
        json!({"key": format!("k{i:02}"), "input": format!("q{i}"), "expected_output": format!("you said q{i}")})
    });
    client.dataset(&Value::Array(items.collect()))
}

fn metric<'v>(compared: &'v Value, name: &Value) -> &'v Value {
    let all = compared["metrics"].as_array().unwrap();
    all.iter().find(|m| m["metric"] == *name).unwrap()
}

fn compared_on(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let dataset = dataset(&client);
    let (good, worse) = (agent(0), agent(9));
    let broken = Server::start(|_, _| Reply::json(400, &json!({"error": "no"})));
    let before = campaign(&client, &dataset, &[&good]);
    let after = campaign(&client, &dataset, &[&worse]);
    let errors = campaign(&client, &dataset, &[&broken]);
    let two = campaign(&client, &dataset, &[&good, &worse]);

    let path = format!("/api/v1/campaigns/{after}/compare?baseline={before}");
    let found = client.get(&path).expect(200);
    assert_eq!(
        found,
        client.get(&path).expect(200),
        "it is the same each time"
    );
    assert_eq!(found["baseline"]["campaign_id"], json!(before));
    for name in [Value::Null, json!("exact_match")] {
        let m = metric(&found, &name);
        assert_eq!(
            (&m["pairs"], &m["worsened"], &m["improved"]),
            (&json!(30), &json!(9), &json!(0))
        );
        let difference = m["difference"].as_f64().unwrap();
        assert!((difference + 0.3).abs() < 1e-12, "{m}");
        let (low, high) = (
            m["interval"]["low"].as_f64(),
            m["interval"]["high"].as_f64(),
        );
        assert!(
            low.unwrap() < -0.3 && high.unwrap() > -0.3 && high.unwrap() < 0.0,
            "{m}"
        );
        assert_eq!(
            (&m["discordant"]["lost"], &m["discordant"]["gained"]),
            (&json!(9), &json!(0))
        );
        // Nine lost of nine: two in 2^9.
        let p = m["discordant"]["p_exact"].as_f64().unwrap();
        assert!((p - 2.0 / 512.0).abs() < 1e-12, "{m}");
    }
    // Errors are no scores: there is nothing to compare.
    let path = format!("/api/v1/campaigns/{errors}/compare?baseline={before}");
    assert_eq!(client.get(&path).expect(200)["metrics"], json!([]));

    // What got worse comes first, page by page.
    let base = format!("/api/v1/campaigns/{after}/changes?baseline={before}&metric=exact_match");
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{base}&limit=7{cursor}")).expect(200);
        for change in page["data"].as_array().unwrap() {
            let text = |field: &str| change[field].as_str().unwrap().to_owned();
            keys.push((text("item_key"), text("direction")));
            assert_eq!(change["candidate_runs"].as_array().unwrap().len(), 1);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let wanted: Vec<(String, String)> = (0..ITEMS)
        .map(|i| {
            (
                format!("k{i:02}"),
                if i < 9 { "worsened" } else { "unchanged" }.to_owned(),
            )
        })
        .collect();
    assert_eq!(keys, wanted);
    let only = client
        .get(&format!("{base}&direction=worsened&limit=100"))
        .expect(200);
    assert_eq!(only["data"].as_array().unwrap().len(), 9);

    // Of several agents one is named.
    let path = format!("/api/v1/campaigns/{two}/compare?baseline={before}");
    let problem = client.get(&path).expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("agent_id"));
    let agents = client
        .get(&format!("/api/v1/campaigns/{two}/runs?limit=100"))
        .expect(200);
    let ids: std::collections::BTreeSet<&str> = agents["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["agent_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    let worsened: Vec<Value> = ids
        .iter()
        .map(|id| {
            let found = client.get(&format!("{path}&agent_id={id}")).expect(200);
            metric(&found, &Value::Null)["worsened"].clone()
        })
        .collect();
    assert!(
        worsened.contains(&json!(0)) && worsened.contains(&json!(9)),
        "{worsened:?}"
    );

    judged(&client, &before, &after, &errors);
    refused(&client, &before, &after);
}

fn judged(client: &Client, before: &str, after: &str, errors: &str) {
    let gate = |candidate: &str, body: &Value| {
        client.post(&format!("/api/v1/campaigns/{candidate}/gate"), body)
    };
    let rules = json!([
        {"metric": "exact_match", "not_worse_by": 0.05, "min_items": 20},
        {"at_least": 0.6, "severity": "warning"},
    ]);
    let verdict = |candidate: &str| {
        let body = json!({"gate": {"rules": rules}, "baseline_id": before});
        gate(candidate, &body).expect(200)["report"].clone()
    };
    assert_eq!(verdict(before)["verdict"], json!("PASS"));
    let failed = verdict(after);
    assert_eq!(failed["verdict"], json!("FAIL"), "{failed}");
    assert!(
        failed["reason"]
            .as_str()
            .unwrap()
            .contains("from 1.000 to 0.700"),
        "{failed}"
    );
    assert_eq!(
        failed["rules"][1]["verdict"],
        json!("INCONCLUSIVE"),
        "{failed}"
    );
    let unknown = verdict(errors);
    assert_eq!(
        (&unknown["verdict"], &unknown["errors"]),
        (&json!("INCONCLUSIVE"), &json!(30))
    );
    let body = json!({"gate": {"rules": [{"metric": "nothing", "at_least": 0.1}]}});
    let nothing = gate(before, &body).expect(200);
    assert_eq!(nothing["report"]["verdict"], json!("INCONCLUSIVE"));
    let problem = gate(after, &json!({"gate": {"rules": rules}})).expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], json!("/baseline_id"));
    let body = json!({"gate": {"rules": [{"at_least": 3}]}});
    let problem = gate(after, &body).expect_problem(422, "validation");
    assert_eq!(
        problem["errors"][0]["field"],
        json!("/gate/rules/0/at_least")
    );
}

fn refused(client: &Client, before: &str, after: &str) {
    let path = format!("/api/v1/campaigns/{after}/compare");
    let field = |query: &str| {
        let problem = client
            .get(&format!("{path}{query}"))
            .expect_problem(422, "validation");
        problem["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(field(""), "baseline");
    assert_eq!(field("?baseline=none"), "baseline");
    assert_eq!(field(&format!("?baseline={before}&level=1")), "level");
    assert_eq!(
        field(&format!("?baseline={before}&agent_id=none")),
        "agent_id"
    );
    let path = format!("/api/v1/campaigns/{after}/changes?baseline={before}");
    for (query, wanted) in [("metric=none", "metric"), ("direction=up", "direction")] {
        let problem = client
            .get(&format!("{path}&{query}"))
            .expect_problem(422, "validation");
        assert_eq!(problem["errors"][0]["field"], json!(wanted));
    }
    let path = format!("/api/v1/campaigns/none/compare?baseline={before}");
    let _ = client.get(&path).expect_problem(404, "not-found");
    // What goes on is not compared.
    let slow = Server::start(|_, _| chat("x").after(std::time::Duration::from_secs(20)));
    let data = client.dataset(&json!([{"key": "k", "input": "q", "expected_output": "x"}]));
    let running = client.start(&json!({
        "name": "slow", "agent_id": client.agent(&url(&slow)), "dataset_id": data, "metrics": [{"kind": "exact_match"}],
    }));
    let path = format!("/api/v1/campaigns/{running}/compare?baseline={before}");
    let _ = client.get(&path).expect_problem(409, "conflict");
    let _ = client.post(&format!("/api/v1/campaigns/{running}/cancel"), &json!({}));
}

#[test]
fn campaigns_are_compared_and_judged() {
    compared_on(&Stores::embedded());
}

#[test]
fn postgres_campaigns_are_compared_and_judged() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    compared_on(&stores);
}

fn git(repository: &Path, arguments: &[&str], app: &App) -> Output {
    Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["-c", "user.name=t", "-c", "user.email=t@x.example"])
        .args(arguments)
        .env("ASSAY_URL", &app.url)
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", repository)
        .output()
        .unwrap()
}

/// The same, which must work.
fn done(repository: &Path, arguments: &[&str], app: &App) {
    let output = git(repository, arguments, app);
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A repository whose agent is a file of answers, and a hook that judges what a merge would make of it.
#[test]
fn a_merge_that_makes_it_worse_is_stopped() {
    let app = App::start(&Stores::embedded());
    let dir = tempfile::tempdir().unwrap();
    let repository = dir.path();
    let file = repository.join("agent.json");
    let answers = {
        let file = file.clone();
        Server::start(move |_, body| {
            let text = std::fs::read_to_string(&file).unwrap();
            let answers: Value = serde_json::from_str(&text).unwrap();
            chat(answers[last_user_message(body)].as_str().unwrap_or("?"))
        })
    };
    let agent = |wrong: usize, tone: &str| {
        let answers: serde_json::Map<String, Value> = (0..ITEMS)
            .map(|i| {
                (
                    format!("q{i}"),
                    json!(if i < wrong {
                        "no".to_owned()
                    } else {
                        format!("a{i}")
                    }),
                )
            })
            .chain([("tone".to_owned(), json!(tone))])
            .collect();
        std::fs::write(&file, Value::Object(answers).to_string()).unwrap();
    };
    let items: String = (0..ITEMS)
        .map(|i| json!({"key": format!("k{i}"), "input": format!("q{i}"), "expected_output": format!("a{i}")}).to_string() + "\n")
        .collect();
    std::fs::write(repository.join("items.jsonl"), items).unwrap();
    let gate = "rules:\n  - metric: exact_match\n    not_worse_by: 0.05\n    min_items: 20\n";
    std::fs::write(repository.join("gate.yaml"), gate).unwrap();
    let assay = assay_bin();
    let evaluate = format!(
        "'{}' run --target '{}' --dataset items.jsonl --metric exact_match --gate 0 --output json --name",
        assay.display(),
        url(&answers)
    );
    let hook = format!(
        "#!/bin/sh\nset -e\n{evaluate} candidate >/dev/null\n'{}' gate name:candidate --baseline name:main --gate gate.yaml --output md --out-file verdict.md\n",
        assay.display()
    );
    done(repository, &["init", "-q", "-b", "main"], &app);
    std::fs::write(repository.join(".git/info/exclude"), "verdict.md\n").unwrap();
    agent(0, "plain");
    done(repository, &["add", "."], &app);
    done(repository, &["commit", "-qm", "An agent"], &app);
    for (branch, wrong, tone) in [("worse", 9, "plain"), ("better", 0, "warm")] {
        done(repository, &["checkout", "-qb", branch, "main"], &app);
        agent(wrong, tone);
        done(repository, &["commit", "-qam", branch], &app);
    }
    done(repository, &["checkout", "-q", "main"], &app);
    let path = repository.join(".git/hooks/pre-merge-commit");
    std::fs::write(&path, hook).unwrap();
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
    let baseline = Command::new("sh")
        .args(["-c", &format!("{evaluate} main")])
        .current_dir(repository)
        .env("ASSAY_URL", &app.url)
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .output()
        .unwrap();
    assert!(baseline.status.success(), "{baseline:?}");
    let head = || String::from_utf8(git(repository, &["rev-parse", "HEAD"], &app).stdout).unwrap();
    let before = head();
    let stopped = git(
        repository,
        &["merge", "--no-ff", "-m", "worse", "worse"],
        &app,
    );
    assert!(!stopped.status.success(), "{stopped:?}");
    let told = [stopped.stdout, stopped.stderr].concat();
    let told = String::from_utf8(told).unwrap();
    assert!(
        told.contains("FAIL: the mean of `exact_match` went from 1.000 to 0.700"),
        "{told}"
    );
    assert_eq!(head(), before, "nothing was merged");
    let verdict = std::fs::read_to_string(repository.join("verdict.md")).unwrap();
    assert!(verdict.starts_with("## Assay gate: FAIL"), "{verdict}");
    done(repository, &["merge", "--abort"], &app);
    let merged = git(
        repository,
        &["merge", "--no-ff", "-m", "better", "better"],
        &app,
    );
    assert!(merged.status.success(), "{merged:?}");
    assert_ne!(head(), before);
    let verdict = std::fs::read_to_string(repository.join("verdict.md")).unwrap();
    assert!(verdict.starts_with("## Assay gate: PASS"), "{verdict}");

    // The same as a step of a workflow.
    agent(9, "plain");
    let [summary, outputs] = ["summary.md", "outputs"].map(|f| repository.join(".git").join(f));
    let step = Command::new("bash")
        .arg(assay_tests::repository().join("infra/github-action/gate.sh"))
        .current_dir(repository)
        .envs([
            ("ASSAY_URL", app.url.as_str()),
            ("ASSAY_PUBLIC_KEY", Client::PUBLIC),
            ("ASSAY_SECRET_KEY", Client::SECRET),
            ("INPUT_ASSAY", assay.to_str().unwrap()),
            ("INPUT_TARGET", &url(&answers)),
            ("INPUT_DATASET", "items.jsonl"),
            ("INPUT_METRICS", "exact_match\ncontains:a\n"),
            ("INPUT_GATE", "gate.yaml"),
            ("INPUT_NAME", "feature/x & y"),
            ("INPUT_BASELINE", "name:main"),
            ("INPUT_INCONCLUSIVE", "tell"),
        ])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", &outputs)
        .env("RUNNER_TEMP", repository.join(".git"))
        .output()
        .unwrap();
    assert_eq!(step.status.code(), Some(1), "{step:?}");
    let told = String::from_utf8_lossy(&step.stdout);
    let annotation = "::error file=gate.yaml,title=exact_match mean not worse by 0.05::";
    assert!(told.contains(annotation), "{told}");
    assert_eq!(std::fs::read_to_string(outputs).unwrap(), "verdict=FAIL\n");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("feature/x &amp; y"), "{summary}");
}
