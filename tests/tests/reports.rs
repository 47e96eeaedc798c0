//! `assay report`: a campaign as a file, for a browser, a printer, a spreadsheet and a program.

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

const ITEMS: usize = 60;
const HOSTILE: &str =
    "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">\u{202e}";

/// An agent that is wrong about questions whose number is below `wrong`, in hostile words, and breaks at every eleventh.
fn agent(wrong: usize) -> Server {
    Server::start(move |_, body| {
        let question = last_user_message(body);
        let number: usize = question.trim_start_matches('q').parse().unwrap();
        if number % 11 == 10 {
            return Reply::json(400, &json!({"error": "no"}));
        }
        chat(&if number < wrong {
            HOSTILE.to_owned()
        } else {
            format!("=you said {question}")
        })
    })
}

fn campaign(client: &Client, dataset: &str, name: &str, agent: &Server) -> String {
    let url = format!("{}/v1/chat/completions", agent.url);
    let id = client.start(&json!({
        "name": name, "agent_id": client.agent(&url), "dataset_id": dataset, "max_attempts": 1,
        "metrics": [{"kind": "exact_match"}, {"kind": "contains", "name": "says it", "params": {"values": ["said"]}}],
    }));
    let _ = client.finished(&id, 60);
    id
}

/// Two campaigns on the same items: the newer one is worse.
fn campaigns(app: &App) -> (String, String) {
    let client = app.client();
    let items = (0..ITEMS).map(|i| {
        json!({"key": format!("k{i:02}"), "input": format!("q{i}"), "expected_output": format!("=you said q{i}")})
    });
    let dataset = client.dataset(&Value::Array(items.collect()));
    let (good, worse) = (agent(2), agent(15));
    let before = campaign(&client, &dataset, "main", &good);
    (before, campaign(&client, &dataset, "try", &worse))
}

fn report(app: &App, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(assay_bin())
        .arg("report")
        .args(arguments)
        .current_dir(folder)
        .env("ASSAY_URL", &app.url)
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .output()
        .unwrap()
}

fn written(app: &App, folder: &Path, name: &str, arguments: &[&str]) -> String {
    let output = report(app, folder, &[arguments, &["--output", name]].concat());
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty());
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_campaign_is_told_in_every_form() {
    let app = App::start(&Stores::embedded());
    let (before, after) = campaigns(&app);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let beside = ["name:try", "--baseline", before.as_str()];

    let document: Value = serde_json::from_str(&written(&app, folder, "r.json", &beside)).unwrap();
    assert_eq!(document["schema_version"], json!(1));
    assert_eq!(document["campaign"]["id"], json!(after));
    assert_eq!(document["campaign"]["name"], json!("try"));
    assert!(
        document["campaign"]["agents"][0]["name"].is_string(),
        "{}",
        document["campaign"]
    );
    assert!(document["campaign"]["dataset"]["version"].is_i64());
    assert_eq!(document["runs"].as_array().unwrap().len(), ITEMS);
    // 10, 21, 32, 43 and 54 break; of the first fifteen one does.
    let counts = &document["summary"]["runs"];
    assert_eq!(
        (&counts["passed"], &counts["failed"], &counts["error"]),
        (&json!(41), &json!(14), &json!(5)),
        "{counts}"
    );
    let exact = &document["summary"]["metrics"][0];
    assert_eq!(
        (&exact["scored"], &exact["passed"]),
        (&json!(55), &json!(41)),
        "{exact}"
    );
    let rate = exact["pass_rate"]["value"].as_f64().unwrap();
    assert!((rate - 41.0 / 55.0).abs() < 1e-9);
    // Wilson's interval of 41 of 55.
    let (low, high) = (
        exact["pass_rate"]["interval"]["low"].as_f64().unwrap(),
        exact["pass_rate"]["interval"]["high"].as_f64().unwrap(),
    );
    assert!(
        (low - 0.6171).abs() < 5e-4 && (high - 0.8418).abs() < 5e-4,
        "{low} {high}"
    );
    let whole = &document["comparison"]["metrics"][0];
    assert_eq!(
        (&whole["metric"], &whole["worsened"]),
        (&Value::Null, &json!(12))
    );

    // A row a run and metric; runs that broke have none.
    let table = written(&app, folder, "r.csv", &[after.as_str()]);
    let mut rows = table.lines();
    let head: Vec<&str> = rows.next().unwrap().split(',').collect();
    let status = head.iter().position(|c| *c == "metric_status").unwrap();
    let statuses: Vec<&str> = rows.map(|r| r.split(',').nth(status).unwrap()).collect();
    assert_eq!(statuses.len(), 55 * 2 + 5);
    assert_eq!(statuses.iter().filter(|s| **s == "failed").count(), 14 * 2);
    assert!(
        table.contains("'=you said q59") && !table.contains(",=you"),
        "{table}"
    );

    let text = written(&app, folder, "r.md", &beside);
    assert!(
        text.starts_with("# try\n") && text.contains("## Beside main"),
        "{text}"
    );
    assert!(
        text.contains("target status") || text.contains("target\\_status"),
        "{text}"
    );

    let page = written(&app, folder, "r.html", &beside);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;") && !page.contains('\u{202e}'));
    assert_eq!(page.matches("id=\"run-").count(), ITEMS);
    let few = written(
        &app,
        folder,
        "r.html",
        &[after.as_str(), "--max-runs", "25"],
    );
    assert!(few.contains("This file shows 25 of 60 runs") && few.len() < page.len());

    // Without a file it is standard output.
    let output = report(&app, folder, &[&after, "--format", "csv"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), table);
    refused(&app, folder, &after);
}

fn refused(app: &App, folder: &Path, campaign: &str) {
    std::fs::write(folder.join("kept.html"), "before").unwrap();
    for (arguments, words) in [
        (&["none"][..], "404"),
        (&["name:none"], "no campaign of the name"),
        (&["a name"], "by its name it is"),
        (&[campaign, "--baseline", "none"], "baseline"),
        (
            &[campaign, "--baseline", "none", "--format", "csv"],
            "no place in CSV",
        ),
        (
            &[campaign, "--output", "nowhere/r.html"],
            "cannot be written",
        ),
        (&[campaign, "--level", "2"], "--level"),
    ] {
        let output = report(app, folder, &[arguments, &["--max-runs", "10"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains(words) || words == "404" && said.to_lowercase().contains("not found"),
            "{said}"
        );
    }
    // What was there stays where the new one cannot be made.
    let _ = report(app, folder, &["none", "--output", "kept.html"]);
    assert_eq!(
        std::fs::read_to_string(folder.join("kept.html")).unwrap(),
        "before"
    );
    let left: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

fn chromium(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let Some(browser) = std::env::var_os("ASSAY_TEST_CHROMIUM").filter(|v| !v.is_empty()) else {
        eprintln!("SKIPPED: ASSAY_TEST_CHROMIUM is not set; run `cargo xtask test`");
        return None;
    };
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args([
            "--no-pdf-header-footer",
            "--virtual-time-budget=3000",
            "--window-size=1280,1600",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .args(arguments)
        .arg(format!("file://{}", folder.join("r.html").display()))
        .current_dir(folder)
        .output()
        .unwrap();
    Some(output)
}

#[test]
fn chromium_reads_and_prints_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    std::fs::write(folder.join("r.html"), "<p>there is a browser").unwrap();
    if chromium(folder, &["--dump-dom"]).is_none() {
        return;
    }
    let app = App::start(&Stores::embedded());
    let (before, after) = campaigns(&app);
    let _ = written(&app, folder, "r.html", &[&after, "--baseline", &before]);
    let output = chromium(folder, &["--dump-dom"]).unwrap();
    let dom = String::from_utf8(output.stdout).unwrap();
    // Our script has run (it shows the filter), theirs has not.
    assert!(
        dom.contains("<title>try – Assay report</title>"),
        "{}",
        &dom[..2000]
    );
    assert!(
        dom.contains("id=\"filter\">") || !dom.contains("id=\"filter\" hidden"),
        "the filter is shown"
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("Content Security Policy"), "{said}");

    let output = chromium(folder, &["--print-to-pdf=r.pdf"]).unwrap();
    let pdf = std::fs::read(folder.join("r.pdf")).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    assert!(pdf.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&pdf);
    let pages = text
        .matches("/Type /Page\n")
        .count()
        .max(text.matches("/Type /Page ").count());
    assert!((3..40).contains(&pages), "{pages} pages");
}
