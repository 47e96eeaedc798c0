//! The interval around a pass rate.

/// The two-sided 95% quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95% interval for `passed` of `total`; `None` when nothing was scored.
///
/// Unlike the normal approximation it stays within `[0, 1]` and is honest for few items and for rates near 0 and 1.
pub(crate) fn wilson95(passed: u64, total: u64) -> Option<(f64, f64)> {
    if total == 0 {
        return None;
    }
    let n = total as f64;
    let p = passed as f64 / n;
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Some((
        ((centre - half) / scale).clamp(0.0, 1.0),
        ((centre + half) / scale).clamp(0.0, 1.0),
    ))
}

#[cfg(test)]
mod tests {
    use super::wilson95;

    #[test]
    fn agrees_with_published_values() {
        // Newcombe 1998, table I: 81/263 and 0/20.
        let (lo, hi) = wilson95(81, 263).unwrap();
        assert!(
            (lo - 0.2553).abs() < 1e-4 && (hi - 0.3662).abs() < 1e-4,
            "{lo} {hi}"
        );
        let (lo, hi) = wilson95(0, 20).unwrap();
        assert!(lo.abs() < 1e-12 && (hi - 0.1611).abs() < 1e-4, "{lo} {hi}");
        assert_eq!(wilson95(0, 0), None);
    }
}
