//! What holds of the statistics whatever they are given.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_stats::agreement::{
    Distance, Weight, cohen_kappa, fleiss_kappa, kendall_tau_b, krippendorff_alpha, pearson,
    spearman,
};
use assay_stats::bootstrap::Replicates;
use assay_stats::calibration::{
    Isotonic, auroc, brier, calibration_error, choose_threshold, split_conformal,
};
use assay_stats::drift::{
    QuantileBins, categorical, centroid_shift, divergence, kernel_discrepancy, kolmogorov_smirnov,
    wasserstein,
};
use assay_stats::inference::{
    agresti_coull, benjamini_hochberg, benjamini_yekutieli, bonferroni, clopper_pearson,
    clustered_mean, detectable_difference_by_t, holm, jeffreys, mcnemar, mean, paired,
    paired_bootstrap, sign_test, signed_rank, wilson,
};
use assay_stats::pass_k::{pass_at, pass_hat};
use assay_stats::{Interval, Level};
use proptest::collection::vec;
use proptest::prelude::*;

const WEIGHTS: [Weight; 3] = [Weight::Same, Weight::Linear, Weight::Quadratic];
const DISTANCES: [Distance; 4] = [
    Distance::Nominal,
    Distance::Ordinal,
    Distance::Interval,
    Distance::Ratio,
];

/// Numbers of all kinds, also those that are none.
fn odd() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0f64,
        2 => (0..3i32).prop_map(f64::from),
        1 => prop::num::f64::ANY,
    ]
}

fn share(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

fn sound(interval: Option<Interval>) -> bool {
    interval.is_none_or(|i| i.low.is_finite() && i.high.is_finite() && i.low <= i.high)
}

fn finite(number: Option<f64>) -> bool {
    number.is_none_or(f64::is_finite)
}

proptest! {
    #[test]
    fn agreement_has_bounds_and_no_sides(pairs in vec((0..5u8, 0..5u8), 0..40)) {
        let turned: Vec<(u8, u8)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
        for weight in WEIGHTS {
            let kappa = cohen_kappa(&pairs, weight);
            prop_assert!(kappa.is_none_or(|k| (-1.0 - 1e-12..=1.0).contains(&k)));
            let other = cohen_kappa(&turned, weight);
            prop_assert_eq!(kappa.is_some(), other.is_some());
            prop_assert!((kappa.unwrap_or(0.0) - other.unwrap_or(0.0)).abs() < 1e-12);
        }
        let items: Vec<Vec<f64>> = pairs.iter().map(|(a, b)| vec![f64::from(*a), f64::from(*b)]).collect();
        let turned: Vec<Vec<f64>> = items.iter().map(|i| i.iter().rev().copied().collect()).collect();
        for distance in DISTANCES {
            let alpha = krippendorff_alpha(&items, distance);
            prop_assert!(alpha.is_none_or(|a| a <= 1.0));
            prop_assert_eq!(alpha, krippendorff_alpha(&turned, distance));
        }
    }

    #[test]
    fn raters_who_always_agree_have_all_of_it(ratings in vec(0..4u8, 2..30)) {
        prop_assume!(ratings.iter().any(|r| *r != ratings[0]));
        let pairs: Vec<(u8, u8)> = ratings.iter().map(|r| (*r, *r)).collect();
        let items: Vec<Vec<f64>> = ratings.iter().map(|r| vec![f64::from(*r); 3]).collect();
        let counts: Vec<Vec<u32>> = ratings.iter().map(|r| (0..4).map(|c| 3 * u32::from(c == *r)).collect()).collect();
        for weight in WEIGHTS {
            prop_assert_eq!(cohen_kappa(&pairs, weight), Some(1.0));
        }
        for distance in DISTANCES {
            prop_assert_eq!(krippendorff_alpha(&items, distance), Some(1.0));
        }
        prop_assert!((fleiss_kappa(&counts).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn correlations_are_bounded(pairs in vec((odd(), odd()), 0..30)) {
        for of in [pearson, spearman, kendall_tau_b] {
            prop_assert!(of(&pairs).is_none_or(|r| r.abs() <= 1.0 + 1e-12));
        }
    }

    #[test]
    fn an_isotonic_fit_rises_and_keeps_the_mean(points in vec((0..20u8, -5.0..5.0f64), 1..60), more in vec(-2.0..25.0f64, 2..20)) {
        let points: Vec<(f64, f64)> = points.into_iter().map(|(x, y)| (f64::from(x), y)).collect();
        let fit = Isotonic::fit(&points).unwrap();
        let mut at = more;
        at.sort_by(f64::total_cmp);
        for pair in at.windows(2) {
            prop_assert!(fit.at(pair[0]).unwrap() <= fit.at(pair[1]).unwrap());
        }
        let fitted: f64 = points.iter().map(|(x, _)| fit.at(*x).unwrap()).sum();
        prop_assert!((fitted - points.iter().map(|(_, y)| y).sum::<f64>()).abs() < 1e-9);
        // To fit what was fitted changes nothing.
        let again: Vec<(f64, f64)> = points.iter().map(|(x, _)| (*x, fit.at(*x).unwrap())).collect();
        let again = Isotonic::fit(&again).unwrap();
        prop_assert!(points.iter().all(|(x, _)| (again.at(*x).unwrap() - fit.at(*x).unwrap()).abs() < 1e-9));
    }

    #[test]
    fn calibration_is_a_share(forecasts in vec((0.0..=1.0f64, any::<bool>()), 1..50), bins in 1..20u32) {
        prop_assert!(share(brier(&forecasts).unwrap()));
        let error = calibration_error(&forecasts, bins).unwrap();
        prop_assert!(error.expected >= 0.0 && error.expected <= error.maximum + 1e-12 && error.maximum <= 1.0 + 1e-12);
        if let Some(area) = auroc(&forecasts) {
            prop_assert!(share(area));
            let turned: Vec<(f64, bool)> = forecasts.iter().map(|(p, came)| (-p, *came)).collect();
            prop_assert!((area + auroc(&turned).unwrap() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_conformal_distance_covers_what_it_was_made_of(distances in vec(0.0..1.0f64, 0..60), alpha in 0.01..0.99f64) {
        let found = split_conformal(&distances, alpha).unwrap();
        if let Some(most) = found.distance {
            let covered = distances.iter().filter(|d| **d <= most).count() as f64;
            prop_assert!(covered + 1e-9 >= (distances.len() as f64 + 1.0) * (1.0 - alpha));
        } else {
            prop_assert!(found.rank > distances.len());
            prop_assert_eq!(found.interval(0.5), None);
        }
    }

    #[test]
    fn a_threshold_keeps_its_promise(items in vec((0.0..1.0f64, prop::bool::weighted(0.97)), 0..200)) {
        if let Some(found) = choose_threshold(&items, 0.1, 0.1) {
            let kept = items.iter().filter(|(c, _)| *c >= found.confidence);
            prop_assert_eq!(kept.clone().count(), found.kept);
            prop_assert_eq!(kept.filter(|(_, right)| !right).count(), found.wrong);
            prop_assert!(found.bound <= 0.1 && found.wrong as f64 / found.kept as f64 <= found.bound);
        }
    }

    #[test]
    fn intervals_of_shares_hold_the_share(k in 0..200u64, more in 0..200u64, level in 0.5..0.999f64) {
        prop_assume!(k + more > 0);
        let n = k + more;
        let level = Level::new(level).unwrap();
        let rate = k as f64 / n as f64;
        for of in [wilson, clopper_pearson, agresti_coull] {
            let interval = of(k, n, level).unwrap();
            prop_assert!(share(interval.low) && share(interval.high));
            prop_assert!(interval.low <= rate + 1e-12 && rate <= interval.high + 1e-12);
            // What misses is the mirror of what hits.
            let mirror = of(more, n, level).unwrap();
            prop_assert!((interval.low + mirror.high - 1.0).abs() < 1e-9);
        }
        let (exact, prior) = (clopper_pearson(k, n, level).unwrap(), jeffreys(k, n, level).unwrap());
        prop_assert!(exact.low <= prior.low && prior.high <= exact.high);
        prop_assert_eq!(wilson(n + 1, n, level), None);
    }

    #[test]
    fn estimates_are_sound(values in vec((0..4u8, odd()), 0..30), level in 0.5..0.999f64) {
        let alone: Vec<f64> = values.iter().map(|(_, v)| *v).collect();
        let level = Level::new(level).unwrap();
        for estimate in [mean(&alone), clustered_mean(&values)].into_iter().flatten() {
            prop_assert!(estimate.mean.is_finite() && finite(estimate.standard_error));
            prop_assert!(sound(estimate.interval(level)) && sound(estimate.wilson(level)));
            prop_assert!(estimate.test(0.0).is_none_or(|t| share(t.p)));
        }
        let pairs: Vec<(f64, f64)> = values.iter().map(|(k, v)| (f64::from(*k), *v)).collect();
        if let Some(paired) = paired(&pairs) {
            prop_assert!(finite(paired.unpaired_error) && finite(paired.effect) && finite(paired.correlation));
        }
        prop_assert!(share(sign_test(&alone)));
        prop_assert!(signed_rank(&alone).is_none_or(|r| share(r.p) && r.statistic >= 0.0));
    }

    #[test]
    fn a_cluster_each_is_no_cluster(values in vec(-3.0..3.0f64, 2..30)) {
        let clustered: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
        let (plain, clustered) = (mean(&values).unwrap(), clustered_mean(&clustered).unwrap());
        prop_assert!((plain.standard_error.unwrap() - clustered.standard_error.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn tests_have_no_sides(b in 0..300u64, c in 0..300u64) {
        let test = mcnemar(b, c);
        prop_assert_eq!(test, mcnemar(c, b));
        prop_assert!(share(test.exact) && test.mid.is_none_or(|mid| share(mid) && mid <= test.exact));
        for (statistic, p) in [test.chi_squared, test.corrected].into_iter().flatten() {
            prop_assert!(statistic >= 0.0 && share(p));
        }
    }

    #[test]
    fn counts_of_any_size_are_sound(b: u64, c: u64, shift in 0..64u32, pairs: u64) {
        let (b, c) = (b >> shift, c >> (63 - shift));
        let test = mcnemar(b, c);
        prop_assert!(share(test.exact) && test.mid.is_none_or(share));
        for of in [wilson, clopper_pearson, agresti_coull, jeffreys] {
            prop_assert!(sound(of(b, c, Level::P95)));
        }
        let detectable = detectable_difference_by_t(pairs >> shift, 0.3, 0.05, 0.8);
        prop_assert!(detectable.is_none_or(|d| d.is_finite() && d > 0.0));
    }

    #[test]
    fn adjusted_chances_are_not_less(p in vec(0.0..=1.0f64, 0..20)) {
        let (all, stepped) = (bonferroni(&p).unwrap(), holm(&p).unwrap());
        let (found, dependent) = (benjamini_hochberg(&p).unwrap(), benjamini_yekutieli(&p).unwrap());
        for (at, p) in p.iter().enumerate() {
            prop_assert!(p - 1e-12 <= found[at] && found[at] <= stepped[at] + 1e-12 && stepped[at] <= all[at] + 1e-12);
            prop_assert!(found[at] <= dependent[at] && dependent[at] <= 1.0 && all[at] <= 1.0);
        }
    }

    #[test]
    fn a_bootstrap_stays_among_its_values(values in vec((0..5u8, odd()), 0..30), seed: u64) {
        let drawn = paired_bootstrap(&values, 50, seed);
        prop_assert_eq!(&drawn, &paired_bootstrap(&values, 50, seed));
        if let Some(interval) = drawn.as_ref().and_then(|d| d.interval(Level::P95)) {
            let least = values.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min);
            let most = values.iter().map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max);
            let slack = 1e-9 * (1.0 + least.abs().max(most.abs()));
            prop_assert!(least - slack <= interval.low && interval.high <= most + slack);
        }
    }

    #[test]
    fn more_tries_pass_less_often_all_and_more_often_once(n in 1..60u64, missed in 0..60u64, k in 1..60u64) {
        let c = n.saturating_sub(missed);
        if let (Some(hat), Some(less), Some(at)) = (pass_hat(n, c, k), pass_hat(n, c, k - 1), pass_at(n, c, k)) {
            prop_assert!(share(hat) && share(at) && hat <= less && hat <= at + 1e-12);
        }
    }

    #[test]
    fn divergence_has_bounds(counts in vec((0..50u64, 0..50u64), 1..12), pseudocount in 0.0..2.0f64) {
        let (reference, primary): (Vec<u64>, Vec<u64>) = counts.into_iter().unzip();
        let found = divergence(&reference, &primary, pseudocount);
        if let Some(found) = found {
            prop_assert!(found.psi + 1e-12 >= found.kl && found.kl >= 0.0);
            prop_assert!(found.js_distance <= 2f64.ln().sqrt() + 1e-12);
            let turned = divergence(&primary, &reference, pseudocount).unwrap();
            prop_assert!((found.psi - turned.psi).abs() < 1e-9 && (found.js_distance - turned.js_distance).abs() < 1e-7);
        }
        prop_assert!(divergence(&reference, &reference, pseudocount).is_none_or(|d| d.psi < 1e-12));
    }

    #[test]
    fn bins_hold_everything(reference in vec(odd(), 0..60), values in vec(odd(), 0..60), bins in 0..12u32) {
        if let Some(found) = QuantileBins::of(&reference, bins) {
            prop_assert!(found.breaks().windows(2).all(|b| b[0] < b[1]));
            prop_assert!(found.breaks().len() < bins as usize);
            if let Some(counts) = found.count(&values) {
                prop_assert_eq!(counts.iter().sum::<u64>(), values.len() as u64);
            }
        }
        let text = |v: &[f64]| v.iter().map(f64::to_string).collect::<Vec<_>>();
        prop_assert!(categorical(&text(&reference), &text(&values), 1.0).is_none_or(|d| d.psi.is_finite()));
    }

    #[test]
    fn samples_are_as_far_apart_both_ways(first in vec(odd(), 0..40), second in vec(odd(), 0..40)) {
        let forth = kolmogorov_smirnov(&first, &second);
        if let (Some(forth), Some(back)) = (forth, kolmogorov_smirnov(&second, &first)) {
            prop_assert!((forth.p - back.p).abs() < 1e-9 && share(forth.p) && share(forth.statistic));
            prop_assert!(forth.statistic == back.statistic);
        }
        prop_assert!(wasserstein(&first, &second).is_none_or(|d| d.is_finite() && d >= 0.0));
        if let Some(same) = kolmogorov_smirnov(&first, &first) {
            prop_assert_eq!((same.statistic, same.p), (0.0, 1.0));
        }
    }

    #[test]
    fn vectors_are_compared_or_not(first in vec(vec(odd(), 0..4), 0..8), second in vec(vec(odd(), 0..4), 0..8)) {
        if let Some(shift) = centroid_shift(&first, &second) {
            prop_assert!(shift.euclidean >= 0.0 && shift.mean_absolute <= shift.euclidean * (1.0 + 1e-9));
            prop_assert!(shift.cosine.is_none_or(|c| (0.0..=2.0).contains(&c)));
        }
        if let Some(found) = kernel_discrepancy(&first, &second, 0.5) {
            prop_assert!(found.biased >= 0.0 && finite(found.unbiased));
        }
    }
}

#[test]
fn clopper_and_pearson_hold_what_they_promise() {
    for n in [5u64, 20, 60] {
        let intervals: Vec<Interval> = (0..=n)
            .map(|k| clopper_pearson(k, n, Level::P95).unwrap())
            .collect();
        for p in (1..100).map(|i| f64::from(i) / 100.0) {
            let mut chance = (1.0 - p).powi(n as i32);
            let mut covered = 0.0;
            for (k, interval) in (0..=n).zip(&intervals) {
                if interval.contains(p) {
                    covered += chance;
                }
                chance *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            }
            assert!(covered >= 0.95 - 1e-9, "{n} {p}: {covered}");
        }
    }
}

#[test]
fn an_agreement_has_an_interval() {
    let pairs: Vec<(u8, u8)> = (0..60)
        .map(|i| (i % 3, if i % 7 == 0 { 0 } else { i % 3 }))
        .collect();
    let kappa = cohen_kappa(&pairs, Weight::Same).unwrap();
    let drawn = Replicates::draw(&pairs, 1000, 1, |p| cohen_kappa(p, Weight::Same)).unwrap();
    let interval = drawn.interval(Level::P95).unwrap();
    assert!(
        interval.contains(kappa) && interval.low > 0.6 && interval.high < 1.0 + 1e-12,
        "{interval:?}"
    );
}
