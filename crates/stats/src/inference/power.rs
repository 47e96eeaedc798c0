//! How many items it takes to see a difference, and which difference can be seen with so many.

use crate::distribution::{normal_quantile, shifted_student, student_quantile};
use crate::number::{finite, solve};

/// Shifts of more standard errors are not looked for: who has so few items needs more.
const FARTHEST: f64 = 100.0;

/// How results differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The variance over items of the difference between the agents' true means on an item.
    pub between_items: f64,
    /// The mean variance of one agent's results on the same item.
    pub within_first: f64,
    /// That of the other agent.
    pub within_second: f64,
    /// How often each item is given to each agent.
    pub repetitions: u32,
}

impl Spread {
    /// The variance of one item's difference, or `None` where it is impossible.
    fn variance(&self) -> Option<f64> {
        let parts = [self.between_items, self.within_first, self.within_second];
        if self.repetitions == 0 || parts.iter().any(|v| !v.is_finite() || *v < 0.0) {
            return None;
        }
        Some(
            self.between_items
                + (self.within_first + self.within_second) / f64::from(self.repetitions),
        )
    }
}

/// The standard errors that a difference must have: z of the level on both sides, and z of the power.
fn errors(alpha: f64, power: f64) -> Option<f64> {
    let share = |x: f64| x > 0.0 && x < 1.0;
    if !share(alpha) || !share(power) || power <= alpha / 2.0 {
        return None;
    }
    finite(normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power))
}

/// How many items show a difference with so much power, at the level `alpha` on both sides; not rounded up. `None` where an
/// argument is out of range.
///
/// Source: Miller, "Adding Error Bars to Evals: A Statistical Approach to Language Model Evaluations" (2024).
#[must_use]
pub fn sample_size(difference: f64, spread: &Spread, alpha: f64, power: f64) -> Option<f64> {
    finite(errors(alpha, power)?.powi(2) * spread.variance()? / (difference * difference))
}

/// The least difference that so many items show with so much power: [`sample_size`] turned round.
#[must_use]
pub fn detectable_difference_of(
    items: u64,
    spread: &Spread,
    alpha: f64,
    power: f64,
) -> Option<f64> {
    detectable_difference(items, spread.variance()?.sqrt(), alpha, power)
}

/// The least difference that so many pairs show with so much power, where differences have this standard deviation; by the normal
/// distribution.
#[must_use]
pub fn detectable_difference(pairs: u64, deviation: f64, alpha: f64, power: f64) -> Option<f64> {
    if deviation < 0.0 {
        return None;
    }
    finite(errors(alpha, power)? * deviation / (pairs as f64).sqrt())
}

/// The same by Student's distribution, which knows that the standard deviation is itself an estimate. `None` also of fewer than
/// two pairs, and of so few that the difference would be more than 100 standard errors.
#[must_use]
pub fn detectable_difference_by_t(
    pairs: u64,
    deviation: f64,
    alpha: f64,
    power: f64,
) -> Option<f64> {
    errors(alpha, power)?;
    if deviation < 0.0 || pairs < 2 {
        return None;
    }
    let degrees = pairs as f64 - 1.0;
    let critical = student_quantile(1.0 - alpha / 2.0, degrees);
    let power_of = |shift: f64| {
        // The lower tail of a shift is the upper one of the opposite shift.
        1.0 - shifted_student(critical, degrees, shift)
            + (1.0 - shifted_student(critical, degrees, -shift))
    };
    if power_of(FARTHEST) < power {
        return None;
    }
    let shift = solve(0.0, FARTHEST, power, power_of);
    finite(shift * deviation / (pairs as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Wanted values: the root of the power by SciPy 1.17.1 (`brentq` on `nct`, to 1e-14).
    #[test]
    fn a_difference_by_t_is_the_root_of_its_power() {
        for (pairs, deviation, wanted) in [
            (50, 0.3, 0.121_254_900_640_812_72),
            (100, 0.4, 0.113_165_053_112_554_62),
            (200, 0.3, 0.059_719_252_622_016_11),
            (1000, 0.5, 0.044_339_537_797_131_87),
            (2000, 0.3, 0.018_802_616_810_355_58),
        ] {
            let got = detectable_difference_by_t(pairs, deviation, 0.05, 0.8).unwrap();
            assert!((got - wanted).abs() < 1e-10, "{pairs}: {got}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_undefined() {
        assert_eq!(detectable_difference_by_t(1, 0.3, 0.05, 0.8), None);
        assert_eq!(detectable_difference_by_t(2, 0.3, 1e-9, 0.8), None);
        assert_eq!(detectable_difference_by_t(50, -0.3, 0.05, 0.8), None);
        assert_eq!(detectable_difference(0, 0.3, 0.05, 0.8), None);
        assert_eq!(detectable_difference(50, 0.3, 0.05, 1.0), None);
        let spread = Spread {
            between_items: 0.1,
            within_first: 0.1,
            within_second: 0.1,
            repetitions: 0,
        };
        assert_eq!(sample_size(0.1, &spread, 0.05, 0.8), None);
        let spread = Spread {
            repetitions: 1,
            ..spread
        };
        assert_eq!(sample_size(0.0, &spread, 0.05, 0.8), None);
    }
}
