//! Counts outcomes by what they were tested against, and prints them so that the last line is the total.

use std::fmt;

use super::{REAL_MODEL, Tier};
use crate::servers::Store;

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It passed.
    Passed,
    /// It failed, or its tier did not run.
    Failed,
    /// It was ignored or left out.
    Skipped,
}

#[derive(Clone, Copy, Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// One line of the report for each group.
const GROUPS: [&str; 8] = [
    "pure",
    "host",
    "sqlite",
    "postgres",
    "redis",
    "clickhouse",
    "chromium",
    "model",
];

/// The counts.
#[derive(Default)]
pub(crate) struct Tally {
    counts: [Count; GROUPS.len()],
}

impl Tally {
    /// Counts one test.
    pub(crate) fn add(&mut self, tier: Tier, name: &str, outcome: Outcome) {
        let group = group(tier, name);
        for (count, _) in self
            .counts
            .iter_mut()
            .zip(GROUPS)
            .filter(|(_, of)| *of == group)
        {
            match outcome {
                Outcome::Passed => count.passed += 1,
                Outcome::Failed => count.failed += 1,
                Outcome::Skipped => count.skipped += 1,
            }
        }
    }

    /// Whether something ran and nothing failed.
    pub(crate) fn is_success(&self) -> bool {
        let total = self.total();
        total.failed == 0 && total.passed > 0
    }

    fn total(&self) -> Count {
        self.counts
            .iter()
            .fold(Count::default(), |sum, count| Count {
                passed: sum.passed + count.passed,
                failed: sum.failed + count.failed,
                skipped: sum.skipped + count.skipped,
            })
    }
}

/// Tests outside the pure tier say in their names which store they are about, or that they need a real model; end to end, the
/// embedded store goes without saying.
fn group(tier: Tier, name: &str) -> &'static str {
    if tier == Tier::Pure {
        return "pure";
    }
    if tier == Tier::E2e && name.contains(REAL_MODEL) {
        return "model";
    }
    Store::ALL
        .into_iter()
        .map(Store::name)
        .find(|store| name.contains(store))
        .unwrap_or(if tier == Tier::Host { "host" } else { "sqlite" })
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, count) in GROUPS.iter().zip(&self.counts) {
            writeln!(f, "{group}: {count}")?;
        }
        writeln!(f, "{}", self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_grouped_by_store() {
        let mut tally = Tally::default();
        tally.add(
            Tier::Pure,
            "assay-edge::sql::postgres_text",
            Outcome::Passed,
        );
        tally.add(
            Tier::Host,
            "assay-host::postgres::round_trip",
            Outcome::Passed,
        );
        tally.add(Tier::Host, "assay-host::router", Outcome::Passed);
        tally.add(
            Tier::E2e,
            "assay-tests::campaign::clickhouse_traces",
            Outcome::Failed,
        );
        tally.add(Tier::E2e, "assay-tests::campaign::runs", Outcome::Passed);
        tally.add(
            Tier::E2e,
            "assay-tests::studio::chromium_sign_in",
            Outcome::Skipped,
        );
        tally.add(
            Tier::E2e,
            "assay-tests::real_model::real_model_judges",
            Outcome::Skipped,
        );
        let lines: Vec<String> = tally.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "pure: 1 passed, 0 failed",
                "host: 1 passed, 0 failed",
                "sqlite: 1 passed, 0 failed",
                "postgres: 1 passed, 0 failed",
                "redis: 0 passed, 0 failed",
                "clickhouse: 0 passed, 1 failed",
                "chromium: 0 passed, 0 failed, 1 skipped",
                "model: 0 passed, 0 failed, 1 skipped",
                "4 passed, 1 failed, 2 skipped",
            ]
        );
        assert!(!tally.is_success());
    }

    #[test]
    fn a_run_without_tests_is_no_success() {
        let mut tally = Tally::default();
        assert!(!tally.is_success());
        tally.add(Tier::Pure, "a", Outcome::Skipped);
        assert!(!tally.is_success());
        tally.add(Tier::Pure, "b", Outcome::Passed);
        assert!(tally.is_success());
    }
}
