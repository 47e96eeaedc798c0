//! Agreement and calibration as scikit-learn, krippendorff, statsmodels and SciPy compute them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared")]
mod common;

use assay_stats::agreement::{
    Distance, Weight, cohen_kappa, fleiss_kappa, free_marginal_kappa, kendall_tau_b,
    krippendorff_alpha, pearson, percent_agreement, spearman,
};
use assay_stats::calibration::{Isotonic, auroc, brier, calibration_error, split_conformal};
use common::{list, members, numbers, pairs, same};
use serde_json::Value;

#[test]
fn oracle_agreement_calibration() {
    let kinds = [
        "two_raters",
        "multi_rater_alpha",
        "fleiss",
        "calibration",
        "isotonic",
        "split_conformal_quantile",
    ];
    common::run(&kinds, common::kind, |kind, case| match kind {
        "two_raters" => two_raters(case),
        "multi_rater_alpha" => multi_rater_alpha(case),
        "fleiss" => fleiss(case),
        "calibration" => calibration(case),
        "isotonic" => isotonic(case),
        _ => conformal(case),
    });
}

fn two_raters(case: &Value) -> Result<(), String> {
    let numbers = pairs(case, "a", "b");
    let categories: Vec<(i64, i64)> = list(&case["a"])
        .iter()
        .zip(list(&case["b"]))
        .map(|(a, b)| (a.as_i64().unwrap(), b.as_i64().unwrap()))
        .collect();
    let items: Vec<Vec<f64>> = numbers.iter().map(|(a, b)| vec![*a, *b]).collect();
    members(
        case,
        &[
            ("kappa", cohen_kappa(&categories, Weight::Same)),
            ("kappa_linear", cohen_kappa(&categories, Weight::Linear)),
            (
                "kappa_quadratic",
                cohen_kappa(&categories, Weight::Quadratic),
            ),
            ("percent_agreement", percent_agreement(&categories)),
            ("spearman", spearman(&numbers)),
            ("pearson", pearson(&numbers)),
            ("kendall_tau_b", kendall_tau_b(&numbers)),
            (
                "krippendorff_nominal",
                krippendorff_alpha(&items, Distance::Nominal),
            ),
            (
                "krippendorff_ordinal",
                krippendorff_alpha(&items, Distance::Ordinal),
            ),
            (
                "krippendorff_interval",
                krippendorff_alpha(&items, Distance::Interval),
            ),
        ],
    )
}

fn multi_rater_alpha(case: &Value) -> Result<(), String> {
    let raters = list(&case["matrix_rater_by_item"]);
    let items: Vec<Vec<f64>> = (0..list(&raters[0]).len())
        .map(|item| {
            raters
                .iter()
                .filter_map(|rater| rater[item].as_f64())
                .collect()
        })
        .collect();
    members(
        case,
        &[
            ("nominal", krippendorff_alpha(&items, Distance::Nominal)),
            ("ordinal", krippendorff_alpha(&items, Distance::Ordinal)),
            ("interval", krippendorff_alpha(&items, Distance::Interval)),
            ("ratio", krippendorff_alpha(&items, Distance::Ratio)),
        ],
    )
}

fn fleiss(case: &Value) -> Result<(), String> {
    let items: Vec<Vec<u32>> = list(&case["counts_item_by_category"])
        .iter()
        .map(|item| {
            list(item)
                .iter()
                .map(|c| c.as_u64().unwrap() as u32)
                .collect()
        })
        .collect();
    members(
        case,
        &[
            ("fleiss_kappa", fleiss_kappa(&items)),
            ("randolph", free_marginal_kappa(&items)),
        ],
    )
}

fn calibration(case: &Value) -> Result<(), String> {
    let forecasts: Vec<(f64, bool)> = pairs(case, "p", "y")
        .into_iter()
        .map(|(p, y)| (p, y == 1.0))
        .collect();
    let (ten, five) = (
        calibration_error(&forecasts, 10),
        calibration_error(&forecasts, 5),
    );
    members(
        case,
        &[
            ("brier", brier(&forecasts)),
            ("auroc", auroc(&forecasts)),
            ("ece10_equal_width", ten.map(|e| e.expected)),
            ("mce10", ten.map(|e| e.maximum)),
            ("ece5", five.map(|e| e.expected)),
        ],
    )
}

fn isotonic(case: &Value) -> Result<(), String> {
    let fitted = Isotonic::fit(&pairs(case, "x", "y")).ok_or("nothing was fitted")?;
    for (x, wanted) in numbers(&case["x"]).into_iter().zip(list(&case["fitted"])) {
        same(fitted.at(x), wanted, common::TOLERANCE).map_err(|e| format!("at {x}: {e}"))?;
    }
    Ok(())
}

fn conformal(case: &Value) -> Result<(), String> {
    let scores = numbers(&case["calibration_scores_sorted"]);
    let found = split_conformal(&scores, case["alpha"].as_f64().unwrap());
    members(
        case,
        &[
            ("rank_k", found.map(|f| f.rank as f64)),
            ("qhat", found.and_then(|f| f.distance)),
        ],
    )
}
