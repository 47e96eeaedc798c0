//! Shares: so many of so many.
//!
//! The intervals are `None` without items, and where there are more hits than items. [`wilson`] is the one to show,
//! [`clopper_pearson`] the one to promise by.

use crate::distribution::{beta_quantile, normal_quantile, normal_two_sided};
use crate::number::finite;
use crate::{Interval, Level};

fn share(hits: u64, items: u64) -> Option<f64> {
    if hits > items {
        return None;
    }
    finite(hits as f64 / items as f64)
}

/// The interval of a share by its score test: of about the right coverage even near 0 and 1.
///
/// Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927).
#[must_use]
pub fn wilson(hits: u64, items: u64, level: Level) -> Option<Interval> {
    wilson_interval(
        share(hits, items)?,
        items as f64,
        normal_quantile(level.upper()),
    )
}

/// Of a share of so many items (which need not be whole), with the quantile to use.
pub(super) fn wilson_interval(share: f64, items: f64, quantile: f64) -> Option<Interval> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let square = quantile * quantile / items;
    let centre = (share + square / 2.0) / (1.0 + square);
    let half =
        quantile * (share * (1.0 - share) / items + square / (4.0 * items)).sqrt() / (1.0 + square);
    let interval = Interval::around(centre, half)?.of_share();
    // The ends of a share of nothing and of all are exact, whatever was rounded.
    Some(Interval {
        low: if share == 0.0 { 0.0 } else { interval.low },
        high: if share == 1.0 { 1.0 } else { interval.high },
    })
}

/// The exact interval of a share: it holds the true one at least as often as the level says.
///
/// Source: Clopper and Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial" (1934).
#[must_use]
pub fn clopper_pearson(hits: u64, items: u64, level: Level) -> Option<Interval> {
    share(hits, items)?;
    let (hit, missed) = (hits as f64, (items - hits) as f64);
    Interval::finite(
        if hits == 0 {
            0.0
        } else {
            beta_quantile(hit, missed + 1.0, 1.0 - level.upper())
        },
        if hits == items {
            1.0
        } else {
            beta_quantile(hit + 1.0, missed, level.upper())
        },
    )
}

/// The interval of a share by Jeffreys' prior.
///
/// Source: Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001).
#[must_use]
pub fn jeffreys(hits: u64, items: u64, level: Level) -> Option<Interval> {
    share(hits, items)?;
    let (a, b) = (hits as f64 + 0.5, (items - hits) as f64 + 0.5);
    Interval::finite(
        beta_quantile(a, b, 1.0 - level.upper()),
        beta_quantile(a, b, level.upper()),
    )
}

/// The interval of a share with the centre of Wilson's, wider.
///
/// Source: Agresti and Coull, "Approximate Is Better than 'Exact' for Interval Estimation of Binomial Proportions" (1998).
#[must_use]
pub fn agresti_coull(hits: u64, items: u64, level: Level) -> Option<Interval> {
    share(hits, items)?;
    let quantile = normal_quantile(level.upper());
    let more = items as f64 + quantile * quantile;
    let centre = (hits as f64 + quantile * quantile / 2.0) / more;
    let half = quantile * (centre * (1.0 - centre) / more).sqrt();
    Some(Interval::around(centre, half)?.of_share())
}

/// The textbook interval of a share. Near 0 and 1 and of few items it is far too narrow: it is here to compare with other tools.
#[must_use]
pub fn normal_interval(hits: u64, items: u64, level: Level) -> Option<Interval> {
    let share = share(hits, items)?;
    let half = normal_quantile(level.upper()) * (share * (1.0 - share) / items as f64).sqrt();
    Some(Interval::around(share, half)?.of_share())
}

/// A test by the normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZTest {
    /// Standard errors between the two, above 0 where the second is greater.
    pub z: f64,
    /// The chance of that many or more, on both sides.
    pub p: f64,
}

/// Whether two shares of different items are the same, each as hits and items. `None` where a share is impossible, and where all
/// hit or all miss. Shares of the same items are compared by [`super::mcnemar`].
#[must_use]
pub fn two_proportions(first: (u64, u64), second: (u64, u64)) -> Option<ZTest> {
    let apart = share(second.0, second.1)? - share(first.0, first.1)?;
    let (of_first, of_second) = (first.1 as f64, second.1 as f64);
    let pooled = (first.0 as f64 + second.0 as f64) / (of_first + of_second);
    let error = (pooled * (1.0 - pooled) * (1.0 / of_first + 1.0 / of_second)).sqrt();
    let z = finite(apart / error)?;
    Some(ZTest {
        z,
        p: normal_two_sided(z),
    })
}
