//! Several raters, as many for each item, who put it into a category.

use crate::number::finite;

/// Fleiss' kappa. A row is an item: how many raters put it into each category.
///
/// `None` unless every item has the same categories and the same number of raters, two at least; and where only one category was
/// ever used.
///
/// Source: Fleiss, "Measuring Nominal Scale Agreement Among Many Raters" (1971).
#[must_use]
pub fn fleiss_kappa(items: &[Vec<u32>]) -> Option<f64> {
    let table = Table::of(items)?;
    let expected = table.used.iter().map(|share| share * share).sum::<f64>();
    finite((table.observed - expected) / (1.0 - expected))
}

/// Randolph's kappa: as [`fleiss_kappa`], but chance picks each category as often, whatever the raters picked.
///
/// `None` also where there is one category only.
///
/// Source: Randolph, "Free-Marginal Multirater Kappa" (2005).
#[must_use]
pub fn free_marginal_kappa(items: &[Vec<u32>]) -> Option<f64> {
    let table = Table::of(items)?;
    let expected = 1.0 / table.used.len() as f64;
    finite((table.observed - expected) / (1.0 - expected))
}

/// What both make of a table.
struct Table {
    /// The share of pairs of raters who agree.
    observed: f64,
    /// The share of ratings in each category.
    used: Vec<f64>,
}

impl Table {
    fn of(items: &[Vec<u32>]) -> Option<Self> {
        let first = items.first()?;
        let raters: u64 = first.iter().copied().map(u64::from).sum();
        if raters < 2 {
            return None;
        }
        let raters = raters as f64;
        let mut used = vec![0.0; first.len()];
        let mut observed = 0.0;
        for item in items {
            if item.len() != used.len()
                || item.iter().copied().map(f64::from).sum::<f64>() != raters
            {
                return None;
            }
            for (total, count) in used.iter_mut().zip(item) {
                *total += f64::from(*count);
            }
            let agreeing: f64 = item
                .iter()
                .map(|c| f64::from(*c) * (f64::from(*c) - 1.0))
                .sum();
            observed += agreeing / (raters * (raters - 1.0));
        }
        let ratings = raters * items.len() as f64;
        for total in &mut used {
            *total /= ratings;
        }
        Some(Self {
            observed: observed / items.len() as f64,
            used,
        })
    }
}
