//! How surely an agent passes a task that it is given several times.

/// The chance that `k` of `n` tries, `c` of which passed, all passed, if they are drawn by chance: C(c, k) / C(n, k). `None` where
/// there were fewer tries than `k`, or more passed than there were.
///
/// Of several tasks take the mean. Source: Yao et al., "tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World
/// Domains" (2024), pass^k.
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

/// The chance that at least one of `k` of `n` tries, `c` of which passed, passed: 1 - C(n - c, k) / C(n, k). `None` as in
/// [`pass_hat`].
///
/// Source: Chen et al., "Evaluating Large Language Models Trained on Code" (2021), pass@k.
#[must_use]
pub fn pass_at(n: u64, c: u64, k: u64) -> Option<f64> {
    Some(1.0 - pass_hat(n, n.checked_sub(c)?, k)?)
}

/// The mean over tasks of [`pass_hat`] or [`pass_at`], each task given as its tries and how many of them passed. `None` without
/// tasks, and where it is undefined for one: a mean of the others would be of easier or harder ones.
#[must_use]
pub fn over_tasks(
    tasks: &[(u64, u64)],
    k: u64,
    of: impl Fn(u64, u64, u64) -> Option<f64>,
) -> Option<f64> {
    let sum: Option<f64> = tasks.iter().map(|(n, c)| of(*n, *c, k)).sum();
    crate::number::finite(sum? / tasks.len() as f64)
}
