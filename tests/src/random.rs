//! Moments and sizes by chance, from a seed that is printed, so that a failure can be repeated.

/// A linear congruential generator: good enough to choose moments.
pub struct Random(u64);

impl Random {
    /// Seeded by `ASSAY_TEST_SEED`, else by this process. Prints the seed.
    #[must_use]
    pub fn seeded() -> Self {
        let given = std::env::var("ASSAY_TEST_SEED").ok();
        let seed = given
            .and_then(|s| s.parse::<u64>().ok())
            .unwrap_or_else(|| u64::from(std::process::id()) * 7919);
        eprintln!("ASSAY_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number below `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
