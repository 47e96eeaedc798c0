//! `assay import` on a server: what a file comes to is there, and importing it again makes nothing twice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, assay_bin, repository};
use serde_json::Value;
use std::process::Command;

#[test]
fn a_file_is_imported_once_however_often() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let folder = repository().join("crates/import/tests/samples");
    let import = |name: &str| -> Value {
        let output = Command::new(assay_bin())
            .arg("import")
            .arg(folder.join(name))
            .args(["--json", "--url", &app.url])
            .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
            .env("ASSAY_SECRET_KEY", Client::SECRET)
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {err}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    for name in [
        "promptfooconfig.yaml",
        "promptfoo_chat.yaml",
        "promptfoo_tests.csv",
        "deepeval_goldens.json",
        "deepeval_conversations.jsonl",
        "langfuse_page.json",
        "openai_samples.jsonl",
        "ragas.csv",
        "ragas_turns.jsonl",
    ] {
        let first = import(name);
        let again = import(name);
        assert_eq!(first, again, "{name}: another id would be another thing");
        let one = &first["imports"][0];
        if let Some(id) = one["created"]["dataset"]["id"].as_str() {
            let items = client
                .get(&format!("/api/v1/datasets/{id}/items?limit=100"))
                .expect(200);
            assert_eq!(
                items["data"].as_array().unwrap().len() as u64,
                one["items"].as_u64().unwrap(),
                "{name}"
            );
        }
    }
    // Metrics that hold for all items are in the library, beside what every workspace has.
    let done = import("promptfooconfig.yaml");
    let made = done["imports"][0]["created"]["metrics"].as_array().unwrap();
    assert!(!made.is_empty(), "{done}");
    for metric in made {
        let id = metric["id"].as_str().unwrap();
        let _ = client
            .get(&format!("/api/v1/metric-library/{id}"))
            .expect(200);
    }
}
