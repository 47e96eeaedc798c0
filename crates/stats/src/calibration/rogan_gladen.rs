//! What a pass rate is when the judge that found it errs.

use crate::bootstrap::{Chance, Replicates};
use crate::distribution::binomial_quantile;
use crate::number::finite;
use crate::{Interval, Level};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub of_those: u64,
    /// Of how many.
    pub all: u64,
}

impl Counted {
    fn share(self) -> Option<f64> {
        if self.of_those > self.all {
            return None;
        }
        finite(self.of_those as f64 / self.all as f64)
    }

    /// As many, drawn anew.
    fn again(self, chance: &mut Chance) -> Option<Self> {
        Some(Self {
            of_those: binomial_quantile(self.all, self.share()?, chance.share()),
            all: self.all,
        })
    }
}

/// What is known of a judge from items that people labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detector {
    /// Of those that passed by people's word, how many the judge passed: sensitivity.
    pub sensitivity: Counted,
    /// Of those that failed by people's word, how many the judge failed: specificity.
    pub specificity: Counted,
}

/// A judge that does not tell one from the other corrects nothing: below this, sensitivity and specificity less 1 are no divisor.
const LEAST_POWER: f64 = 0.01;

fn corrected(observed: f64, sensitivity: f64, specificity: f64) -> Option<f64> {
    let power = sensitivity + specificity - 1.0;
    if power.abs() < LEAST_POWER {
        return None;
    }
    finite(((observed + specificity - 1.0) / power).clamp(0.0, 1.0))
}

/// The true rate behind one that a judge observed: (observed + specificity - 1) / (sensitivity + specificity - 1), within 0 and 1.
/// `None` where a count is impossible or of nothing, and for a judge that is no better than a coin.
///
/// Source: Rogan and Gladen, "Estimating Prevalence from the Results of a Screening Test" (1978).
#[must_use]
pub fn corrected_rate(observed: Counted, judge: &Detector) -> Option<f64> {
    corrected(
        observed.share()?,
        judge.sensitivity.share()?,
        judge.specificity.share()?,
    )
}

/// The interval of [`corrected_rate`], by the bootstrap of what was observed and of what is known of the judge. `None` also
/// where most draws of the judge would be no better than a coin.
#[must_use]
pub fn corrected_rate_interval(
    observed: Counted,
    judge: &Detector,
    level: Level,
    resamples: u32,
    seed: u64,
) -> Option<Interval> {
    corrected_rate(observed, judge)?;
    let mut chance = Chance::new(seed);
    let mut values = Vec::new();
    for _ in 0..resamples {
        let drawn = observed.again(&mut chance)?;
        let judge = Detector {
            sensitivity: judge.sensitivity.again(&mut chance)?,
            specificity: judge.specificity.again(&mut chance)?,
        };
        values.extend(corrected_rate(drawn, &judge));
    }
    if values.len() < (resamples as usize).div_ceil(2) {
        return None;
    }
    Replicates::new(values)?.interval(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn counted(of_those: u64, all: u64) -> Counted {
        Counted { of_those, all }
    }

    #[test]
    fn a_rate_is_corrected() {
        let judge = Detector {
            sensitivity: counted(90, 100),
            specificity: counted(80, 100),
        };
        // (0.62 - 0.2) / 0.7
        let rate = corrected_rate(counted(620, 1000), &judge).unwrap();
        assert!((rate - 0.6).abs() < 1e-12);
        assert_eq!(corrected_rate(counted(100, 1000), &judge), Some(0.0));
        assert_eq!(corrected_rate(counted(1, 0), &judge), None);
        let range =
            corrected_rate_interval(counted(620, 1000), &judge, Level::P95, 2000, 5).unwrap();
        assert!(range.contains(rate));
        // By the delta method: variance (0.62 * 0.38 / 1000 + 0.6^2 * 0.0009 + 0.4^2 * 0.0016) / 0.7^2, to which 1.96 belongs.
        assert!((range.high - range.low - 0.1597).abs() < 0.016, "{range:?}");
    }

    #[test]
    fn a_coin_corrects_nothing() {
        let coin = Detector {
            sensitivity: counted(50, 100),
            specificity: counted(50, 100),
        };
        assert_eq!(corrected_rate(counted(5, 10), &coin), None);
        assert_eq!(
            corrected_rate_interval(counted(5, 10), &coin, Level::P95, 100, 5),
            None
        );
    }
}
