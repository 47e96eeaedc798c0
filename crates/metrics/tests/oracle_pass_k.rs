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

use assay_metrics::pass_k::{pass_at, pass_hat};
use serde_json::Value;

#[test]
fn oracle_pass_k() {
    common::run(
        &["pass_k"],
        |case| case.get("pass_hat").map(|_| "pass_k".to_owned()),
        |_, case| {
            let (n, c) = (case["n"].as_u64().unwrap(), case["c"].as_u64().unwrap());
            for (name, of) in [
                ("pass_at", pass_at as fn(_, _, _) -> _),
                ("pass_hat", pass_hat),
            ] {
                for (k, wanted) in case[name].as_object().unwrap() {
                    let got: Option<f64> = of(n, c, k.parse().unwrap());
                    match (got, wanted) {
                        // Not a number: undefined.
                        (None, Value::String(_) | Value::Null) => {}
                        (Some(got), wanted) => {
                            common::same(got, wanted).map_err(|e| format!("{name} {k}: {e}"))?;
                        }
                        (None, wanted) => {
                            return Err(format!("{name} {k}: none, expected {wanted}"));
                        }
                    }
                }
            }
            Ok(())
        },
    );
}

#[test]
fn what_was_not_tried_often_enough_is_undefined() {
    assert_eq!(pass_hat(3, 3, 4), None);
    assert_eq!(pass_at(3, 4, 1), None);
    assert_eq!(pass_hat(3, 0, 0), Some(1.0));
}
