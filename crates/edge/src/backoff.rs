//! How long to leave the other side alone before another try.

/// Waits that grow with each try, up to a bound. In milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// After the first try.
    pub first_ms: i64,
    /// By how much each wait is longer than the one before it.
    pub factor: i64,
    /// The longest.
    pub longest_ms: i64,
}

impl Backoff {
    /// The wait after so many tries, at least one.
    #[must_use]
    pub fn after(self, tries: i64) -> i64 {
        let grown = u32::try_from(tries.max(1) - 1).unwrap_or(u32::MAX);
        self.first_ms
            .saturating_mul(self.factor.saturating_pow(grown))
            .min(self.longest_ms)
    }

    /// As [`Self::after`], but as long as the other side asks for, where that is longer; not beyond the bound.
    #[must_use]
    pub fn after_asked(self, tries: i64, asked_ms: Option<u64>) -> i64 {
        self.after(tries)
            .max(asked_ms.map_or(0, |ms| self.asked(ms)))
    }

    /// What the other side asks for, within the bound.
    #[must_use]
    pub fn asked(self, ms: u64) -> i64 {
        i64::try_from(ms).unwrap_or(0).min(self.longest_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: Backoff = Backoff {
        first_ms: 5_000,
        factor: 4,
        longest_ms: 3_600_000,
    };

    #[test]
    fn waits_grow_to_a_bound() {
        let waits = [i64::MIN, 0, 1, 2, 3, 100, i64::MAX].map(|n| WAITS.after(n));
        assert_eq!(
            waits,
            [5_000, 5_000, 5_000, 20_000, 80_000, 3_600_000, 3_600_000]
        );
    }

    #[test]
    fn whoever_asks_for_more_is_given_it() {
        assert_eq!(WAITS.after_asked(1, None), 5_000);
        assert_eq!(WAITS.after_asked(2, Some(1)), 20_000);
        assert_eq!(WAITS.after_asked(2, Some(60_000)), 60_000);
        assert_eq!(WAITS.after_asked(2, Some(u64::MAX / 4)), 3_600_000);
        assert_eq!(WAITS.after_asked(1, Some(u64::MAX)), 5_000);
    }
}
