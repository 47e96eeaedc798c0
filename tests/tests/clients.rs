//! The clients of others, unmodified, and our own SDK against the running product: the programs of `tests/clients`, on both
//! trace stores.
//!
//! Each program writes as its client does, reads back as its client does, and says what came back wrong. One that takes
//! several major versions of a client is run with each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, repository};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any program takes on a slow machine; all versions together stay under the limit of a test.
const SECONDS: u64 = 240;

/// A test of one program on each trace store.
macro_rules! on_both_stores {
    ($sqlite:ident, $clickhouse:ident, $run:ident($($argument:expr),*)) => {
        #[test]
        fn $sqlite() {
            $run(&Stores::embedded(), $($argument),*);
        }

        #[test]
        fn $clickhouse() {
            if let Some(stores) = Stores::clickhouse() {
                $run(&stores, $($argument),*);
            }
        }
    };
}

on_both_stores!(
    python_sdk_checks_keys,
    clickhouse_python_sdk_checks_keys,
    python(
        "auth_check",
        &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3", "LANGFUSE_2"]
    )
);
on_both_stores!(
    python_sdk_writes_spans,
    clickhouse_python_sdk_writes_spans,
    python("spans", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_writes_scores,
    clickhouse_python_sdk_writes_scores,
    python("scores", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_keeps_prompts,
    clickhouse_python_sdk_keeps_prompts,
    python("prompts", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_keeps_datasets,
    clickhouse_python_sdk_keeps_datasets,
    python("datasets", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_runs_experiments,
    clickhouse_python_sdk_runs_experiments,
    python("experiments", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_uploads_media,
    clickhouse_python_sdk_uploads_media,
    python("media", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_reads_traces,
    clickhouse_python_sdk_reads_traces,
    python("reading", &["LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_queries_observations,
    clickhouse_python_sdk_queries_observations,
    python("queries", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_deletes_traces,
    clickhouse_python_sdk_deletes_traces,
    python("deleting", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    python_sdk_of_the_ingestion_api,
    clickhouse_python_sdk_of_the_ingestion_api,
    python("legacy", &["LANGFUSE_2"])
);
on_both_stores!(
    python_sdk_of_opentelemetry,
    clickhouse_python_sdk_of_opentelemetry,
    python("opentelemetry_spans", &["OPENTELEMETRY"])
);
on_both_stores!(
    python_sdk_of_phoenix,
    clickhouse_python_sdk_of_phoenix,
    python("phoenix_spans", &["OPENTELEMETRY"])
);
on_both_stores!(
    python_sdk_of_our_own,
    clickhouse_python_sdk_of_our_own,
    python("assay_sdk", &["ASSAY_SDK"])
);
on_both_stores!(
    python_sdk_of_our_own_asserts,
    clickhouse_python_sdk_of_our_own_asserts,
    python("assay_assertions", &["ASSAY_SDK"])
);
on_both_stores!(
    python_sdk_writes_comments,
    clickhouse_python_sdk_writes_comments,
    python("comments", &["LANGFUSE_5", "LANGFUSE_4", "LANGFUSE_3"])
);
on_both_stores!(
    javascript_sdk_writes_spans,
    clickhouse_javascript_sdk_writes_spans,
    javascript("spans")
);
on_both_stores!(
    javascript_sdk_writes_scores,
    clickhouse_javascript_sdk_writes_scores,
    javascript("scores")
);
on_both_stores!(
    javascript_sdk_keeps_prompts,
    clickhouse_javascript_sdk_keeps_prompts,
    javascript("prompts")
);
on_both_stores!(
    javascript_sdk_keeps_datasets,
    clickhouse_javascript_sdk_keeps_datasets,
    javascript("datasets")
);
on_both_stores!(
    javascript_sdk_of_opentelemetry,
    clickhouse_javascript_sdk_of_opentelemetry,
    javascript("opentelemetry")
);

/// The tests of our own SDK for Python, which know a server of their own.
#[test]
fn python_sdk_of_our_own_passes_its_tests() {
    let Some(python) = given("ASSAY_TEST_ASSAY_SDK") else {
        return;
    };
    let sdk = repository().join("sdk/python");
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir"])
        .arg(&sdk)
        .arg("-c")
        .arg(sdk.join("pyproject.toml"))
        .arg(sdk.join("tests"));
    // No test at all is a failure of pytest's.
    if let Some(said) = failure(command, "http://127.0.0.1:9") {
        panic!("{said}");
    }
}

/// Runs a Python program with each client that is installed.
fn python(stores: &Stores, program: &str, clients: &[&str]) {
    let file = repository().join(format!("tests/clients/python/{program}.py"));
    let programs = clients
        .iter()
        .filter_map(|client| {
            let mut command = Command::new(given(&format!("ASSAY_TEST_{client}"))?);
            command.arg(&file);
            Some((format!("{program}.py with {client}"), command))
        })
        .collect();
    run(stores, programs);
}

/// Runs a JavaScript program.
fn javascript(stores: &Stores, program: &str) {
    let Some(folder) = given("ASSAY_TEST_JAVASCRIPT") else {
        return;
    };
    let node = std::env::var_os("ASSAY_TEST_NODE").unwrap_or_else(|| "node".into());
    let mut command = Command::new(node);
    command.arg(PathBuf::from(folder).join(format!("{program}.mjs")));
    run(stores, vec![(format!("{program}.mjs"), command)]);
}

/// What `cargo xtask test` installed; said aloud where it could not.
fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|v| !v.is_empty());
    if value.is_none() {
        eprintln!("SKIPPED: {name} is not set; run `cargo xtask test`");
    }
    value
}

/// Runs the programs one after the other against one platform. All are run, and all that failed are shown.
fn run(stores: &Stores, programs: Vec<(String, Command)>) {
    if programs.is_empty() {
        return;
    }
    let app = App::start(stores);
    let failures: Vec<String> = programs
        .into_iter()
        .filter_map(|(what, command)| {
            let said = failure(command, &app.url)?;
            Some(format!("--- {what} ---\n{said}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What a program printed, when it did not end well.
fn failure(mut command: Command, url: &str) -> Option<String> {
    let scratch = tempfile::tempdir().unwrap();
    let log = scratch.path().join("log");
    let output = File::create(&log).unwrap();
    // Whoever uses these clients has settings for them, which are not for the tests.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["LANGFUSE_", "OTEL_", "PHOENIX_", "PYTHON"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            command.env_remove(&name);
        }
    }
    let mut child = command
        .env("LANGFUSE_BASE_URL", url)
        .env("LANGFUSE_HOST", url)
        .env("LANGFUSE_PUBLIC_KEY", Client::PUBLIC)
        .env("LANGFUSE_SECRET_KEY", Client::SECRET)
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .current_dir(scratch.path())
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .expect("the program starts");
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    match status {
        Some(status) if status.success() => None,
        Some(status) => Some(format!("{said}\n{status}")),
        None => Some(format!("{said}\nstill running after {SECONDS} s")),
    }
}
