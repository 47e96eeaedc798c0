//! How surely an agent passes a task that it is given several times.

/// The chance that `k` of `n` tries, `c` of which passed, all passed, if they are drawn by chance: C(c, k) / C(n, k). `None` where
/// there were fewer tries than `k`, or more passed than there were.
///
/// Of several tasks take the mean. Source: Yao et al., "tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains"
/// (2024), pass^k.
#[must_use]
pub fn pass_hat(n: u64, c: u64, k: u64) -> Option<f64> {
    if k > n || c > n {
        return None;
    }
    // C(c, k) / C(n, k) factor by factor, so that nothing overflows.
    Some(
        (0..k)
            .map(|i| {
                if c > i {
                    (c - i) as f64 / (n - i) as f64
                } else {
                    0.0
                }
            })
            .product(),
    )
}

/// The chance that at least one of `k` of `n` tries, `c` of which passed, passed: 1 - C(n - c, k) / C(n, k). `None` as in [`pass_hat`].
///
/// Source: Chen et al., "Evaluating Large Language Models Trained on Code" (2021), pass@k.
#[must_use]
pub fn pass_at(n: u64, c: u64, k: u64) -> Option<f64> {
    Some(1.0 - pass_hat(n, n.checked_sub(c)?, k)?)
}
