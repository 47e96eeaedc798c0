//! The bootstrap: what a statistic might have been, had chance picked other items.
//!
//! A seed draws the same items on every machine.
//!
//! Source: Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979); intervals are those of percentiles.

use crate::number::{finite, mean, quantile};
use crate::{Interval, Level};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Chance that a seed decides, on every machine alike.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The chance of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A place among so many, each as likely (to one part in 2^32 for up to 2^32 places); 0 where there is none.
    pub fn place(&mut self, of: usize) -> usize {
        ((u128::from(self.0.next_u64()) * of as u128) >> 64) as usize
    }

    /// A number between 0 and 1, neither included.
    pub fn share(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }
}

/// What a statistic came to, each time that items were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates(Vec<f64>);

impl Replicates {
    /// Of values that were made elsewhere; `None` where there is none, or one that is no number.
    #[must_use]
    pub fn new(mut values: Vec<f64>) -> Option<Self> {
        if !crate::number::usable(&values) {
            return None;
        }
        values.sort_by(f64::total_cmp);
        Some(Self(values))
    }

    /// Draws as many items as there are, with replacement, so many times, and takes the statistic of each.
    ///
    /// A draw of which the statistic is undefined is left out; `None` where more than half of them are, since what is left would
    /// say little of the whole.
    #[must_use]
    pub fn draw<T: Clone>(
        items: &[T],
        resamples: u32,
        seed: u64,
        statistic: impl Fn(&[T]) -> Option<f64>,
    ) -> Option<Self> {
        let mut chance = Chance::new(seed);
        let mut drawn = Vec::with_capacity(items.len());
        let mut values = Vec::new();
        for _ in 0..resamples {
            drawn.clear();
            drawn.extend(
                (0..items.len()).filter_map(|_| items.get(chance.place(items.len())).cloned()),
            );
            values.extend(statistic(&drawn).and_then(finite));
        }
        if values.len() < (resamples as usize).div_ceil(2) {
            return None;
        }
        Self::new(values)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The interval between the percentiles, linear between neighbours.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        Interval::finite(
            quantile(&self.0, 1.0 - level.upper())?,
            quantile(&self.0, level.upper())?,
        )
    }

    /// Their standard deviation (over n), which estimates the standard error of the statistic.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        let mean = mean(&self.0);
        let squares: f64 = self.0.iter().map(|v| (v - mean).powi(2)).sum();
        finite((squares / self.0.len() as f64).sqrt())
    }

    /// The share of them that is a value or less. Of a difference and a margin this is the one-sided p-value of "no more than
    /// that".
    #[must_use]
    pub fn at_most(&self, value: f64) -> f64 {
        self.0.partition_point(|v| *v <= value) as f64 / self.0.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything() {
        let draw =
            |seed| Replicates::draw(&[1.0, 2.0, 5.0, 9.0], 200, seed, |v| Some(mean(v))).unwrap();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        // Replays of what was recorded depend on it.
        let mut chance = Chance::new(7);
        let places: Vec<usize> = (0..6).map(|_| chance.place(100)).collect();
        assert_eq!(places, [15, 16, 70, 72, 60, 35]);
    }

    #[test]
    fn every_place_comes_about_as_often() {
        let mut chance = Chance::new(1);
        let mut count = [0u32; 7];
        for _ in 0..70_000 {
            count[chance.place(7)] += 1;
        }
        assert!(
            count.iter().all(|c| (9_600..10_400).contains(c)),
            "{count:?}"
        );
        assert_eq!(chance.place(0), 0);
        assert!(
            (0..1000)
                .map(|_| chance.share())
                .all(|s| s > 0.0 && s < 1.0)
        );
    }

    #[test]
    fn a_statistic_that_is_mostly_undefined_has_no_replicates() {
        let items = [0.0, 0.0, 0.0, 1.0];
        let rare = |v: &[f64]| (mean(v) > 0.7).then_some(1.0);
        assert_eq!(Replicates::draw(&items, 100, 3, rare), None);
        assert_eq!(Replicates::draw(&[] as &[f64], 100, 3, |_| None), None);
        assert_eq!(Replicates::draw(&items, 0, 3, |_| Some(1.0)), None);
    }
}
