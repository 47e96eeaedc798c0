//! pass^k and pass@k as tau-bench and inspect compute them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared")]
mod common;

use assay_stats::pass_k::{over_tasks, pass_at, pass_hat};
use common::{list, same};
use serde_json::Value;

const TOLERANCE: f64 = 1e-12;

/// A case in which everything is given by k.
fn compare(wanted: &Value, of: impl Fn(u64) -> Option<f64>) -> Result<(), String> {
    for (k, wanted) in wanted.as_object().unwrap() {
        // "nan" is undefined.
        same(of(k.parse().unwrap()), wanted, TOLERANCE).map_err(|e| format!("{k}: {e}"))?;
    }
    Ok(())
}

#[test]
fn oracle_pass_k() {
    common::run(
        &["pass_k"],
        |case| case.get("pass_hat").map(|_| "pass_k".to_owned()),
        |_, case| {
            let (n, c) = (case["n"].as_u64().unwrap(), case["c"].as_u64().unwrap());
            compare(&case["pass_at"], |k| pass_at(n, c, k))?;
            compare(&case["pass_hat"], |k| pass_hat(n, c, k))
        },
    );
}

#[test]
fn oracle_pass_k_over_tasks() {
    let mut ran = 0;
    for (file, value) in common::files() {
        let before = ran;
        for case in value.get("multi_task").map_or(&[] as &[_], list) {
            let trials = case["trials"].as_u64().unwrap();
            let passed = list(&case["successes_per_task"]).iter();
            let tasks: Vec<(u64, u64)> = passed.map(|c| (trials, c.as_u64().unwrap())).collect();
            compare(&case["pass_hat"], |k| over_tasks(&tasks, k, pass_hat))
                .unwrap_or_else(|e| panic!("{file}: {e}\n  {case}"));
            ran += 1;
        }
        common::count(&file, ran - before);
    }
    println!("{ran} cases of several tasks");
    assert!(ran > 0);
}

#[test]
fn what_was_not_tried_often_enough_is_undefined() {
    assert_eq!(pass_hat(3, 3, 4), None);
    assert_eq!(pass_at(3, 4, 1), None);
    assert_eq!(pass_hat(3, 0, 0), Some(1.0));
    assert_eq!(over_tasks(&[(3, 3), (2, 2)], 3, pass_hat), None);
    assert_eq!(over_tasks(&[], 1, pass_hat), None);
}
