//! Means of clustered values as inspect computes them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared")]
mod common;

use assay_stats::Level;
use assay_stats::inference::{Estimate, clustered_mean, mean};
use common::{TOLERANCE, interval, numbers, same};
use serde_json::Value;

#[test]
fn oracle_clustered_se() {
    common::run(
        &["clustered"],
        |case| case.get("stderr_clustered").map(|_| "clustered".to_owned()),
        |_, case| {
            let values = numbers(&case["values"]);
            let clusters = case["clusters"]
                .as_array()
                .unwrap()
                .iter()
                .map(Value::to_string);
            let clustered: Vec<(String, f64)> = clusters.zip(values.iter().copied()).collect();
            let plain = mean(&values).ok_or("no mean")?;
            same(Some(plain.mean), &case["mean"], TOLERANCE)?;
            compare(case, &plain, "")?;
            compare(
                case,
                &clustered_mean(&clustered).ok_or("no mean")?,
                "_clustered",
            )
        },
    );
}

/// Compares an estimate with those members of a case whose names end so.
fn compare(case: &Value, estimate: &Estimate, end: &str) -> Result<(), String> {
    let error = &case[format!("stderr{end}")];
    // Of one value or one cluster inspect says that the error is 0, and the interval a point. Nothing is known then, and a gate
    // must not take that for certainty, so that there is none here.
    let unknown = estimate.standard_error.is_none();
    assert_eq!(unknown, estimate.clusters.unwrap_or(estimate.count) < 2);
    if unknown {
        same(Some(0.0), error, 0.0)?;
    } else {
        same(estimate.standard_error, error, TOLERANCE).map_err(|e| format!("stderr{end}: {e}"))?;
    }
    for level in ["0.9", "0.95"] {
        let of = Level::new(level.parse().unwrap()).unwrap();
        let (t, wilson) = (
            format!("ci_t_{level}{end}"),
            format!("ci_wilson_{level}{end}"),
        );
        if unknown {
            assert_eq!(estimate.interval(of), None);
        } else {
            interval(estimate.interval(of), &case[&t], TOLERANCE)
                .map_err(|e| format!("{t}: {e}"))?;
        }
        interval(estimate.wilson(of), &case[&wilson], TOLERANCE)
            .map_err(|e| format!("{wilson}: {e}"))?;
    }
    Ok(())
}
