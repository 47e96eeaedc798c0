//! Whether of two agents on the same items one passes more often.

use crate::distribution::{chi_squared_upper, coins, sign_two_sided};

/// McNemar's test, in its forms. All are p-values on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// By the binomial distribution: never too small, often too large.
    pub exact: f64,
    /// The same with half the chance of what was seen: seldom too small, and the one to use with few items. `None` where no item
    /// tells the two apart.
    pub mid: Option<f64>,
    /// By the chi-squared distribution: statistic and p-value, for 25 items and more that tell the two apart. `None` where none
    /// does.
    pub chi_squared: Option<(f64, f64)>,
    /// The same with a correction for continuity.
    pub corrected: Option<(f64, f64)>,
}

/// Compares by the items that one passed and the other failed, and the other way round. Items that both passed or both failed
/// say nothing.
///
/// Source: McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or Percentages" (1947); the
/// mid-p-value is that of Fagerland, Lydersen and Laake, "The McNemar Test for Binary Matched-Pairs Data" (2013).
#[must_use]
pub fn mcnemar(first_only: u64, second_only: u64) -> McNemar {
    let exact = sign_two_sided(first_only, second_only);
    let all = first_only.saturating_add(second_only);
    if all == 0 {
        return McNemar {
            exact,
            mid: None,
            chi_squared: None,
            corrected: None,
        };
    }
    let seen = coins(all, first_only.min(second_only));
    let mid = if first_only == second_only {
        1.0 - seen / 2.0
    } else {
        exact - seen
    };
    let apart = first_only.abs_diff(second_only) as f64;
    let chi_squared = |apart: f64| {
        let statistic = apart * apart / all as f64;
        (statistic, chi_squared_upper(statistic))
    };
    McNemar {
        exact,
        mid: Some(mid.clamp(0.0, 1.0)),
        chi_squared: Some(chi_squared(apart)),
        corrected: Some(chi_squared(apart - 1.0)),
    }
}
