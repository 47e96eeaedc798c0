//! Small measures of signals and of lists of numbers.

/// Below this a frame is silent.
pub(crate) const SILENCE_RMS: f64 = 300.0;

/// The level of nothing at all, in decibels.
const NOTHING_DB: f64 = -96.0;

/// The root of the mean square; 0 of nothing.
pub(crate) fn rms(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let square = |&sample: &i16| {
        let sample = i64::from(sample);
        sample * sample
    };
    let sum: i64 = samples.iter().map(square).sum();
    (sum as f64 / samples.len() as f64).sqrt()
}

/// A level in decibels below the loudest that there is.
pub(crate) fn dbfs(level: f64) -> f64 {
    if level <= 0.0 {
        return NOTHING_DB;
    }
    20.0 * (level / 32_768.0).log10()
}

/// How many samples a time of `ms` has, one at least.
pub(crate) fn width(rate: u32, ms: u32) -> usize {
    let samples = u64::from(rate) * u64::from(ms) / 1000;
    usize::try_from(samples).unwrap_or(usize::MAX).max(1)
}

/// Frames of `ms` after one another; the last one where it is at least half as long.
pub(crate) fn frames(samples: &[i16], rate: u32, ms: u32) -> impl Iterator<Item = &[i16]> {
    let width = width(rate, ms);
    samples
        .chunks(width)
        .filter(move |frame| frame.len() >= width / 2)
}

/// The sum of `a[i] * b[i]`, in four strands, for they need not wait for one another.
pub(crate) fn product(a: &[f64], b: &[f64]) -> f64 {
    let len = a.len().min(b.len());
    let (a, b) = (a.get(..len), b.get(..len));
    let (quads, rest) = a.unwrap_or_default().as_chunks::<4>();
    let (others, tail) = b.unwrap_or_default().as_chunks::<4>();
    let mut sums = [0.0_f64; 4];
    for ([a0, a1, a2, a3], [b0, b1, b2, b3]) in quads.iter().zip(others) {
        let [s0, s1, s2, s3] = &mut sums;
        *s0 += a0 * b0;
        *s1 += a1 * b1;
        *s2 += a2 * b2;
        *s3 += a3 * b3;
    }
    let rest: f64 = rest.iter().zip(tail).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f64>() + rest
}

/// A number within `[0, 1]`.
pub(crate) fn clamp(value: f64) -> f64 {
    value.clamp(0.0, 1.0)
}

/// The mean; `None` of nothing.
pub(crate) fn mean(of: &[f64]) -> Option<f64> {
    (!of.is_empty()).then(|| of.iter().sum::<f64>() / of.len() as f64)
}

/// The deviation of a whole population; `None` of nothing.
pub(crate) fn spread(of: &[f64]) -> Option<f64> {
    let mean = mean(of)?;
    let squares: f64 = of.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((squares / of.len() as f64).sqrt())
}

/// The middle one of sorted numbers, or the mean of the two in the middle; `None` of nothing.
pub(crate) fn middle(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted.get(half.checked_sub(1)?)?;
    Some((lower + upper) / 2.0)
}

/// The median; `None` of nothing.
pub(crate) fn median(mut of: Vec<f64>) -> Option<f64> {
    of.sort_by(f64::total_cmp);
    middle(&of)
}

/// The number below which a share of sorted numbers lies: one of them.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((share * last as f64) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_numbers() {
        assert_eq!((mean(&[]), spread(&[]), median(vec![])), (None, None, None));
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(spread(&[1.0, 3.0]), Some(1.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[], 0.75), None);
    }

    #[test]
    fn products_of_any_length() {
        let numbers: Vec<f64> = (0..11).map(f64::from).collect();
        for len in 0..11 {
            let (a, b) = (&numbers[..len], &numbers[1..]);
            let expected: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            assert_eq!(product(a, b), expected, "{len}");
        }
    }

    #[test]
    fn the_last_frame_is_half_a_frame_at_least() {
        let lens = |samples: usize| -> Vec<usize> {
            frames(&vec![0; samples], 1000, 10)
                .map(<[i16]>::len)
                .collect()
        };
        assert_eq!(lens(25), [10, 10, 5]);
        assert_eq!(lens(24), [10, 10]);
        assert_eq!(lens(4), [0_usize; 0]);
    }
}
