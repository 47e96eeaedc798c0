//! Whether a change may go out: what an interval says of a bound.
//!
//! A gate never looks at a mean alone. What is not shown either way is inconclusive, and the answer to that is more items, not
//! another look at the same ones.

use crate::{Interval, Level};

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All that is believed possible is good enough.
    Pass,
    /// Nothing that is believed possible is good enough.
    Fail,
    /// Some is and some is not.
    Inconclusive,
}

/// Whether a candidate is worse than its baseline by less than a margin (0 or more), by the interval of candidate less baseline
/// where more is better. `None` where the margin is negative or no number.
#[must_use]
pub fn not_worse(difference: Interval, margin: f64) -> Option<Verdict> {
    if !margin.is_finite() || margin < 0.0 {
        return None;
    }
    Some(if difference.low > -margin {
        Verdict::Pass
    } else if difference.high < -margin {
        Verdict::Fail
    } else {
        Verdict::Inconclusive
    })
}

/// Whether a value is at least a floor, by its interval. `None` where the floor is no number.
#[must_use]
pub fn at_least(value: Interval, floor: f64) -> Option<Verdict> {
    if !floor.is_finite() {
        return None;
    }
    Some(if value.low >= floor {
        Verdict::Pass
    } else if value.high < floor {
        Verdict::Fail
    } else {
        Verdict::Inconclusive
    })
}

/// The level at which to look at results when a share of all items that there may be has come in, so that looking again and
/// again errs no more often than one look at the end: what of the error rate was spent up to a share t is 2 - 2 F(z / sqrt(t)).
///
/// Given are the share of the look before (0 for the first) and that of this one; the level is of the error that is spent
/// between them, and so is on the safe side, since looks at growing samples are not independent. `None` unless 0 <= before < now
/// <= 1, and where so little is spent that no interval could be that wide.
///
/// Source: Lan and DeMets, "Discrete Sequential Boundaries for Clinical Trials" (1983), with the spending of O'Brien and Fleming.
#[must_use]
pub fn level_of_look(level: Level, before: f64, now: f64) -> Option<Level> {
    if !(0.0 <= before && before < now && now <= 1.0) {
        return None;
    }
    let z = crate::distribution::normal_quantile(level.upper());
    let spent = |share: f64| {
        if share > 0.0 {
            crate::distribution::normal_two_sided(z / share.sqrt())
        } else {
            0.0
        }
    };
    Level::new(1.0 - (spent(now) - spent(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn interval(low: f64, high: f64) -> Interval {
        Interval { low, high }
    }

    #[test]
    fn a_margin_has_three_sides() {
        for (low, high, wanted) in [
            (-0.01, 0.03, Verdict::Pass),
            (0.01, 0.03, Verdict::Pass),
            (-0.03, 0.01, Verdict::Inconclusive),
            (-0.02, 0.0, Verdict::Inconclusive),
            (-0.09, -0.03, Verdict::Fail),
        ] {
            assert_eq!(not_worse(interval(low, high), 0.02), Some(wanted), "{low}");
        }
        assert_eq!(not_worse(interval(0.0, 1.0), -0.1), None);
    }

    #[test]
    fn a_floor_is_held_by_the_lower_end() {
        assert_eq!(at_least(interval(0.8, 0.9), 0.8), Some(Verdict::Pass));
        assert_eq!(
            at_least(interval(0.7, 0.9), 0.8),
            Some(Verdict::Inconclusive)
        );
        assert_eq!(at_least(interval(0.6, 0.7), 0.8), Some(Verdict::Fail));
        assert_eq!(at_least(interval(0.6, 0.7), f64::NAN), None);
    }

    #[test]
    fn looks_spend_what_one_look_would() {
        let spent: f64 = [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)]
            .iter()
            .map(|(before, now)| level_of_look(Level::P95, *before, *now).unwrap().alpha())
            .sum();
        assert!((spent - 0.05).abs() < 1e-9);
        // An early look must be very sure: 2 - 2 F(1.96 / 0.5).
        let early = level_of_look(Level::P95, 0.0, 0.25).unwrap();
        assert!(
            (early.alpha() - 8.857_544_4e-5).abs() < 1e-9,
            "{}",
            early.alpha()
        );
        assert_eq!(level_of_look(Level::P95, 0.5, 0.5), None);
        assert_eq!(level_of_look(Level::P95, 0.0, 1.5), None);
    }
}
