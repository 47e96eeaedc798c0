//! Drift as Arize Phoenix, NumPy and SciPy compute it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared")]
mod common;

use assay_stats::drift::{
    Divergence, QuantileBins, categorical, centroid_shift, divergence, kernel_discrepancy,
    kolmogorov_smirnov, wasserstein,
};
use common::{TOLERANCE, list, members, numbers, rows, same};
use serde_json::Value;

#[test]
fn oracle_drift() {
    let kinds = [
        "embedding_euclidean_centroid",
        "numeric_drift_quantile_bins",
        "categorical_drift",
        "mmd_rbf",
    ];
    common::run(&kinds, common::kind, |kind, case| match kind {
        "embedding_euclidean_centroid" => embedding(case),
        "numeric_drift_quantile_bins" => numeric(case),
        "categorical_drift" => categories(case),
        _ => kernel(case),
    });
}

fn embedding(case: &Value) -> Result<(), String> {
    let got = centroid_shift(&rows(&case["reference"]), &rows(&case["primary"]));
    members(
        case,
        &[
            ("phoenix_euclidean", got.map(|g| g.euclidean)),
            ("numpy_check", got.map(|g| g.euclidean)),
            ("cosine_distance_centroids", got.and_then(|g| g.cosine)),
            ("mean_per_dim_abs", got.map(|g| g.mean_absolute)),
        ],
    )
}

fn compare(case: &Value, got: Option<Divergence>) -> Result<(), String> {
    members(
        case,
        &[
            ("psi", got.map(|g| g.psi)),
            ("kl", got.map(|g| g.kl)),
            ("js_distance", got.map(|g| g.js_distance)),
        ],
    )
}

fn numeric(case: &Value) -> Result<(), String> {
    let (reference, primary) = (numbers(&case["reference"]), numbers(&case["primary"]));
    // The edges include both infinities.
    let edges = list(&case["bin_edges"]);
    let inner = &edges[1..edges.len() - 1];
    let bins = QuantileBins::of(&reference, 10).ok_or("no bins")?;
    assert_eq!(bins.breaks().len(), inner.len());
    for (got, wanted) in bins.breaks().iter().zip(inner) {
        let wanted: f64 = wanted.as_str().unwrap().parse().unwrap();
        same(Some(*got), &Value::from(wanted), TOLERANCE).map_err(|e| format!("edge: {e}"))?;
    }
    let counts = (
        bins.count(&reference).unwrap(),
        bins.count(&primary).unwrap(),
    );
    for (got, name) in [
        (&counts.0, "counts_reference"),
        (&counts.1, "counts_primary"),
    ] {
        let wanted: Vec<u64> = list(&case[name]).iter().filter_map(Value::as_u64).collect();
        if *got != wanted {
            return Err(format!("{name}: got {got:?}"));
        }
    }
    let pseudocount = case["pseudocount"].as_f64().unwrap();
    compare(case, divergence(&counts.0, &counts.1, pseudocount))?;
    let ks = kolmogorov_smirnov(&reference, &primary);
    members(
        case,
        &[
            ("ks_stat", ks.map(|k| k.statistic)),
            ("ks_p", ks.map(|k| k.p)),
            ("wasserstein", wasserstein(&reference, &primary)),
        ],
    )
}

fn categories(case: &Value) -> Result<(), String> {
    // Nothing is a category as well.
    let of = |name: &str| -> Vec<Option<String>> {
        list(&case[name])
            .iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let pseudocount = case["pseudocount"].as_f64().unwrap();
    compare(
        case,
        categorical(&of("reference"), &of("primary"), pseudocount),
    )
}

fn kernel(case: &Value) -> Result<(), String> {
    let gamma = case["gamma"].as_f64().unwrap();
    let got = kernel_discrepancy(&rows(&case["x"]), &rows(&case["y"]), gamma);
    members(
        case,
        &[
            ("mmd2_biased", got.map(|g| g.biased)),
            ("mmd2_unbiased", got.and_then(|g| g.unbiased)),
        ],
    )
}
