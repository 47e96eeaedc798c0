//! One tier's run, by nextest where it is installed, else by cargo's own runner.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::tally::{Outcome, Tally};
use super::{Plan, Tier, junit, libtest};
use crate::shell::{capture, cargo, say, succeeds};
use crate::workspace;

/// nextest's exit code when tests failed; any other failure means that they did not run.
const TESTS_FAILED: i32 = 100;

/// Who runs the tests.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    /// cargo-nextest: one process a test, a report in JUnit's format.
    Nextest,
    /// `cargo test`.
    Libtest,
}

impl Runner {
    /// nextest when it is installed. It is not installed from here: that takes longer than it saves.
    pub(crate) fn find() -> Self {
        if succeeds(cargo().args(["nextest", "--version"])) {
            return Self::Nextest;
        }
        say(
            "cargo-nextest is not installed: using `cargo test` (`cargo install cargo-nextest --locked` makes runs faster)",
        );
        Self::Libtest
    }

    /// Runs the tier and adds its outcomes. A tier that does not build counts as one failure.
    pub(crate) fn run(self, tier: Tier, plan: &Plan, tally: &mut Tally) -> Result<()> {
        let finished = match self {
            Self::Nextest => nextest(tier, plan, tally)?,
            Self::Libtest => cargo_test(tier, plan, tally)?,
        };
        if !finished {
            eprintln!("error: this tier did not run to its end: {}", tier.label());
            tally.add(tier, tier.label(), Outcome::Failed);
        }
        Ok(())
    }
}

/// The packages of a tier. nextest builds `pure` and `e2e` as one set, so that the crates they share are compiled once, and a filter
/// tells them apart.
fn packages(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Host => &["--release", "-p", "assay-host", "-p", "assay-cli"],
        Tier::Pure | Tier::E2e => &[
            "--workspace",
            "--exclude",
            "assay-host",
            "--exclude",
            "assay-cli",
            "--exclude",
            "assay-benches",
        ],
    }
}

/// The filter expression of a tier, with what is left out.
fn expression(tier: Tier, plan: &Plan) -> String {
    let mut expression = match tier {
        Tier::Pure => return "not package(assay-tests)".to_owned(),
        Tier::Host => "all()".to_owned(),
        Tier::E2e => "package(assay-tests)".to_owned(),
    };
    for part in &plan.without {
        expression.push_str(&format!(" and not test({part})"));
    }
    expression
}

fn nextest(tier: Tier, plan: &Plan, tally: &mut Tally) -> Result<bool> {
    let report = workspace::root().join("target/nextest/ci/junit.xml");
    // The report of an earlier run must not be counted when this one does not build.
    let _ = fs::remove_file(&report);
    let mut command = cargo();
    command.args([
        "nextest",
        "run",
        "--profile",
        "ci",
        "--no-fail-fast",
        "--no-tests",
        "pass",
    ]);
    command
        .args(packages(tier))
        .args(["-E", &expression(tier, plan)])
        .args(&plan.filter);
    let status = command
        .envs(plan.variables.iter().cloned())
        .stdin(Stdio::null())
        .status()
        .context("cannot start nextest")?;
    let ran = match fs::read_to_string(&report) {
        Ok(text) => junit::cases(&text)?,
        Err(_) => Vec::new(),
    };
    for (name, outcome) in &ran {
        tally.add(tier, name, *outcome);
    }
    let finished = status.success() || status.code() == Some(TESTS_FAILED);
    if finished {
        let ran: Vec<&str> = ran.iter().map(|(name, _)| name.as_str()).collect();
        for name in listed(tier, plan)?
            .iter()
            .filter(|name| !ran.contains(&name.as_str()))
        {
            tally.add(tier, name, Outcome::Skipped);
        }
    }
    Ok(finished)
}

/// Every test of the tier that the filter would take, run or not.
fn listed(tier: Tier, plan: &Plan) -> Result<Vec<String>> {
    let mut command = cargo();
    command
        .args([
            "nextest",
            "list",
            "--profile",
            "ci",
            "--message-format",
            "json",
        ])
        .args(packages(tier));
    let list: serde_json::Value =
        serde_json::from_str(&capture(&mut command)?).context("nextest's list is not JSON")?;
    let mut names = Vec::new();
    for (suite, content) in list
        .get("rust-suites")
        .and_then(serde_json::Value::as_object)
        .into_iter()
        .flatten()
    {
        let end_to_end = content
            .get("package-name")
            .is_some_and(|package| package == "assay-tests");
        if end_to_end != (tier == Tier::E2e) {
            continue;
        }
        for test in content
            .get("testcases")
            .and_then(serde_json::Value::as_object)
            .into_iter()
            .flatten()
        {
            let (name, _) = test;
            if plan.filter.is_empty() || plan.filter.iter().any(|part| name.contains(part)) {
                names.push(format!("{suite}::{name}"));
            }
        }
    }
    Ok(names)
}

fn cargo_test(tier: Tier, plan: &Plan, tally: &mut Tally) -> Result<bool> {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]);
    match tier {
        Tier::Pure => command
            .args(packages(tier))
            .args(["--exclude", "assay-tests"]),
        Tier::Host => command.args(packages(tier)),
        Tier::E2e => command.args(["-p", "assay-tests"]),
    };
    command.arg("--").args(&plan.filter);
    if tier != Tier::Pure {
        for part in &plan.without {
            command.args(["--skip", part]);
        }
    }
    if tier == Tier::E2e {
        command.arg("--test-threads=2");
    }
    follow(command, tier, plan, tally)
}

/// Shows the runner's output as it comes, and counts it.
fn follow(mut command: Command, tier: Tier, plan: &Plan, tally: &mut Tally) -> Result<bool> {
    let mut child = command
        .envs(plan.variables.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let mut failed = 0;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            if let Some((name, outcome)) = libtest::case(&line) {
                failed += usize::from(outcome == Outcome::Failed);
                tally.add(tier, name, outcome);
            }
        }
    }
    let status = child.wait()?;
    // A failure without a failed test is a build that failed, or a test binary that crashed.
    Ok(status.success() || failed > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_left_out_by_name() {
        let plan = Plan {
            variables: Vec::new(),
            without: vec!["redis", "real_model"],
            filter: Vec::new(),
        };
        assert_eq!(
            expression(Tier::E2e, &plan),
            "package(assay-tests) and not test(redis) and not test(real_model)"
        );
        assert_eq!(
            expression(Tier::Host, &plan),
            "all() and not test(redis) and not test(real_model)"
        );
        assert_eq!(expression(Tier::Pure, &plan), "not package(assay-tests)");
    }

    #[test]
    fn the_ci_profile_writes_the_report_that_is_counted() {
        let settings: toml::Table =
            fs::read_to_string(workspace::root().join(".config/nextest.toml"))
                .unwrap()
                .parse()
                .unwrap();
        assert_eq!(
            settings["profile"]["ci"]["junit"]["path"].as_str(),
            Some("junit.xml")
        );
    }

    #[test]
    fn a_crash_without_a_failed_test_is_told() {
        let plan = Plan {
            variables: Vec::new(),
            without: Vec::new(),
            filter: Vec::new(),
        };
        let run = |script: &str| {
            let mut tally = Tally::default();
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            (
                follow(command, Tier::Pure, &plan, &mut tally).unwrap(),
                tally.to_string(),
            )
        };
        assert!(!run("exit 101").0);
        let (finished, report) =
            run("echo 'test a::b ... FAILED'; echo 'test a::c ... ok'; exit 101");
        assert!(
            finished && report.ends_with("1 passed, 1 failed\n"),
            "{report}"
        );
    }
}
