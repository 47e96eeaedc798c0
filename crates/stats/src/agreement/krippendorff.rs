//! Any number of raters, not all of whom rated every item, on any scale.

use crate::number::{finite, sorted};

/// How far two ratings are apart, by what the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Names: they are the same or not.
    Nominal,
    /// Places in an order: by how many ratings lie between.
    Ordinal,
    /// Equal steps: by the square of the difference.
    Interval,
    /// Amounts from 0 up: by the square of the difference over the sum.
    Ratio,
}

/// Krippendorff's alpha. An item is the ratings that it got, in any order; items with fewer than two say nothing and are left out.
/// 1 is agreement, 0 what chance would give, and less is possible.
///
/// `None` without such items, where all ratings are the same, where a rating is no number, and for [`Distance::Ratio`] where one is
/// negative. Takes time in the square of the number of different ratings.
///
/// Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
#[must_use]
pub fn krippendorff_alpha(items: &[Vec<f64>], distance: Distance) -> Option<f64> {
    let rated: Vec<&Vec<f64>> = items.iter().filter(|item| item.len() > 1).collect();
    let all: Vec<f64> = rated.iter().flat_map(|item| item.iter().copied()).collect();
    let fit = |v: &f64| v.is_finite() && (distance != Distance::Ratio || *v >= 0.0);
    if !all.iter().all(fit) {
        return None;
    }
    let scale = Scale::of(&all, distance);
    let mut observed = 0.0;
    for item in rated {
        let places = scale.places(item)?;
        observed += scale.disagreement(&places) / (item.len() as f64 - 1.0);
    }
    let totals: Vec<(usize, f64)> = scale.values.iter().map(|v| v.count).enumerate().collect();
    let expected = scale.disagreement(&totals) / (all.len() as f64 - 1.0);
    finite(1.0 - observed / expected)
}

/// One of the ratings that occur.
struct Value {
    value: f64,
    /// How often it occurs.
    count: f64,
    /// How many ratings are less, and half of those that are the same: the distance between two values on an ordinal scale is the
    /// difference of these.
    middle: f64,
}

struct Scale {
    values: Vec<Value>,
    distance: Distance,
}

impl Scale {
    fn of(all: &[f64], distance: Distance) -> Self {
        let mut less = 0.0;
        let values = sorted(all)
            .chunk_by(|a, b| a == b)
            .map(|same| {
                let count = same.len() as f64;
                less += count;
                Value {
                    value: same.first().copied().unwrap_or_default(),
                    count,
                    middle: less - count / 2.0,
                }
            })
            .collect();
        Self { values, distance }
    }

    /// An item's ratings as places among the values, each with how often it occurs in the item.
    fn places(&self, item: &[f64]) -> Option<Vec<(usize, f64)>> {
        sorted(item)
            .chunk_by(|a, b| a == b)
            .map(|same| {
                let value = same.first()?;
                let place = self.values.partition_point(|v| v.value < *value);
                Some((place, same.len() as f64))
            })
            .collect()
    }

    /// The distances of all ordered pairs of so many ratings at places.
    fn disagreement(&self, places: &[(usize, f64)]) -> f64 {
        let mut sum = 0.0;
        for (at, (a, times_a)) in places.iter().enumerate() {
            for (b, times_b) in places.iter().skip(at + 1) {
                if let (Some(a), Some(b)) = (self.values.get(*a), self.values.get(*b)) {
                    sum += 2.0 * times_a * times_b * self.apart(a, b);
                }
            }
        }
        sum
    }

    /// Of two values that differ.
    fn apart(&self, a: &Value, b: &Value) -> f64 {
        match self.distance {
            Distance::Nominal => 1.0,
            Distance::Ordinal => (a.middle - b.middle).powi(2),
            Distance::Interval => (a.value - b.value).powi(2),
            Distance::Ratio => ((a.value - b.value) / (a.value + b.value)).powi(2),
        }
    }
}
