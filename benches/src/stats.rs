//! Medians and percentiles of small samples.

/// The value at `quantile` (0 to 1) of the sorted sample, by the nearest rank. Zero for none.
pub(crate) fn quantile(sample: &[f64], quantile: f64) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a small sample"
    )]
    let index = (quantile.clamp(0.0, 1.0) * last as f64).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}

/// The middle value.
pub(crate) fn median(sample: &[f64]) -> f64 {
    quantile(sample, 0.5)
}

/// The largest value.
pub(crate) fn max(sample: &[f64]) -> f64 {
    quantile(sample, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_taken_from_the_sorted_sample() {
        let sample = [5.0, 1.0, 3.0];
        assert_eq!(median(&sample), 3.0);
        assert_eq!(max(&sample), 5.0);
        assert_eq!(quantile(&sample, 0.0), 1.0);
        assert_eq!(median(&[]), 0.0);
    }
}
