//! What p-values are worth when there are several of them.
//!
//! Each function gives adjusted p-values in the order of its input, which are compared with the level that a single one would
//! be. `None` where a p-value is not between 0 and 1.

fn usable(p: &[f64]) -> Option<()> {
    p.iter().all(|p| (0.0..=1.0).contains(p)).then_some(())
}

/// p-values with their places, from the least up.
fn ordered(p: &[f64]) -> Vec<(usize, f64)> {
    let mut ordered: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    ordered.sort_by(|a, b| a.1.total_cmp(&b.1));
    ordered
}

/// Back in the order of the input.
fn placed(mut adjusted: Vec<(usize, f64)>) -> Vec<f64> {
    adjusted.sort_by_key(|(place, _)| *place);
    adjusted.into_iter().map(|(_, p)| p.min(1.0)).collect()
}

/// Times their number. The chance of any false alarm stays below the level; [`holm`] does the same and finds more.
#[must_use]
pub fn bonferroni(p: &[f64]) -> Option<Vec<f64>> {
    usable(p)?;
    Some(
        p.iter()
            .map(|one| (one * p.len() as f64).min(1.0))
            .collect(),
    )
}

/// The chance of any false alarm stays below the level, whatever the tests have to do with each other: for gates that block.
///
/// Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure" (1979).
#[must_use]
pub fn holm(p: &[f64]) -> Option<Vec<f64>> {
    usable(p)?;
    let mut most = 0f64;
    let adjusted = ordered(p)
        .into_iter()
        .enumerate()
        .map(|(rank, (place, one))| {
            most = most.max(one * (p.len() - rank) as f64);
            (place, most)
        });
    Some(placed(adjusted.collect()))
}

/// The expected share of false alarms among alarms stays below the level, for tests that are independent or lean the same way: for
/// dashboards.
///
/// Source: Benjamini and Hochberg, "Controlling the False Discovery Rate" (1995).
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Option<Vec<f64>> {
    step_up(p, 1.0)
}

/// As [`benjamini_hochberg`], whatever the tests have to do with each other.
///
/// Source: Benjamini and Yekutieli, "The Control of the False Discovery Rate in Multiple Testing under Dependency" (2001).
#[must_use]
pub fn benjamini_yekutieli(p: &[f64]) -> Option<Vec<f64>> {
    step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum())
}

fn step_up(p: &[f64], times: f64) -> Option<Vec<f64>> {
    usable(p)?;
    let mut least = 1f64;
    let adjusted = ordered(p)
        .into_iter()
        .enumerate()
        .rev()
        .map(|(rank, (place, one))| {
            least = least.min(one * times * p.len() as f64 / (rank + 1) as f64);
            (place, least)
        });
    Some(placed(adjusted.collect()))
}
