//! Sums and orders that everything else is made of.

/// The number, unless it is none.
pub(crate) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// Whether all are numbers, and there is one at all.
pub(crate) fn usable(values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|v| v.is_finite())
}

/// The mean of what is not empty.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance of a sample (over n - 1) of two or more.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// In order. `-0.0` becomes `0.0`, so that equal values are next to each other.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().map(|v| v + 0.0).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which a share of sorted ones lies, between neighbours linear: type 7 of Hyndman and Fan, "Sample Quantiles in
/// Statistical Packages" (1996), as NumPy does it, from the nearer neighbour.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)? as f64);
    let below = place.floor();
    let part = place - below;
    let low = *sorted.get(below as usize)?;
    let high = sorted.get(below as usize + 1).copied().unwrap_or(low);
    Some(if part < 0.5 {
        low + (high - low) * part
    } else {
        high - (high - low) * (1.0 - part)
    })
}

/// The rank of each value, from 1; of equal values each gets the mean of theirs. Also the sizes of the groups of equal values.
pub(crate) fn ranks(values: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let mut order: Vec<(usize, f64)> = values.iter().map(|v| v + 0.0).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranked: Vec<(usize, f64)> = Vec::with_capacity(values.len());
    let mut groups = Vec::new();
    for group in order.chunk_by(|a, b| a.1 == b.1) {
        let rank = ranked.len() as f64 + (group.len() as f64 + 1.0) / 2.0;
        ranked.extend(group.iter().map(|(place, _)| (*place, rank)));
        groups.push(group.len());
    }
    ranked.sort_by_key(|(place, _)| *place);
    (ranked.into_iter().map(|(_, rank)| rank).collect(), groups)
}

/// Where an increasing function passes a value between two others: bisection down to neighbouring numbers.
pub(crate) fn solve(mut low: f64, mut high: f64, value: f64, of: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        // Also where an end is no number.
        if !(low < middle && middle < high) {
            return middle;
        }
        if of(middle) < value {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        let (ranked, groups) = ranks(&[3.0, 1.0, 3.0, -0.0, 0.0]);
        assert_eq!(ranked, [4.5, 3.0, 4.5, 1.5, 1.5]);
        assert_eq!(groups, [2, 1, 2]);
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7.0], 0.9), Some(7.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), Some(4.0));
    }

    #[test]
    fn a_root_is_found_to_the_last_digit() {
        assert!((solve(0.0, 2.0, 2.0, |x| x * x) - 2f64.sqrt()).abs() < 1e-15);
    }
}
