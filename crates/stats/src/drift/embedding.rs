//! Distances between two samples of vectors. A sample is a list of vectors of one length.

use crate::number::finite;

/// Whether both samples have vectors, all of one length, of numbers.
fn usable(first: &[Vec<f64>], second: &[Vec<f64>]) -> Option<()> {
    let length = first.first()?.len();
    let fine = |v: &Vec<f64>| v.len() == length && v.iter().all(|x| x.is_finite());
    let all = first.iter().chain(second).all(fine);
    (all && length > 0 && !second.is_empty()).then_some(())
}

fn centroid(sample: &[Vec<f64>]) -> Vec<f64> {
    let mut sum = vec![0.0; sample.first().map_or(0, Vec::len)];
    for vector in sample {
        for (total, value) in sum.iter_mut().zip(vector) {
            *total += value;
        }
    }
    for total in &mut sum {
        *total /= sample.len() as f64;
    }
    sum
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// How far the mean of one sample is from that of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CentroidShift {
    /// In a straight line. It depends on how long vectors are: compare it with that of random halves of the reference.
    pub euclidean: f64,
    /// 1 less the cosine between the two, 0 to 2; `None` where one is the origin.
    pub cosine: Option<f64>,
    /// The mean over dimensions of the absolute difference.
    pub mean_absolute: f64,
}

/// Compares the means of two samples. `None` where one is empty, where lengths differ, and where there is something that is no
/// number.
///
/// Source: Arize Phoenix 4, embedding drift.
#[must_use]
pub fn centroid_shift(reference: &[Vec<f64>], primary: &[Vec<f64>]) -> Option<CentroidShift> {
    usable(reference, primary)?;
    let (a, b) = (centroid(reference), centroid(primary));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let cosine = product(&a, &b) / (product(&a, &a).sqrt() * product(&b, &b).sqrt());
    let absolute: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum();
    Some(CentroidShift {
        euclidean: finite(squared_distance(&a, &b).sqrt())?,
        cosine: finite(1.0 - cosine.clamp(-1.0, 1.0)),
        mean_absolute: finite(absolute / a.len() as f64)?,
    })
}

/// The squared maximum mean discrepancy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discrepancy {
    /// With each vector's likeness to itself: never negative, and above 0 for samples of the same kind.
    pub biased: f64,
    /// Without it: around 0, and so at times negative, for samples of the same kind; `None` where a sample is one vector.
    pub unbiased: Option<f64>,
}

/// How unlike two samples are in all respects, not only their means, where vectors are alike by exp(-gamma distance^2). Takes
/// time in the square of the number of vectors. `None` as in [`centroid_shift`], and unless gamma is above 0.
///
/// Source: Gretton et al., "A Kernel Two-Sample Test" (2012).
#[must_use]
pub fn kernel_discrepancy(
    first: &[Vec<f64>],
    second: &[Vec<f64>],
    gamma: f64,
) -> Option<Discrepancy> {
    usable(first, second)?;
    if !gamma.is_finite() || gamma <= 0.0 {
        return None;
    }
    let likeness = |a: &[f64], b: &[f64]| (-gamma * squared_distance(a, b)).exp();
    let within = |sample: &[Vec<f64>]| {
        let pairs = sample.iter().enumerate();
        2.0 * pairs
            .flat_map(|(at, a)| sample.iter().skip(at + 1).map(move |b| likeness(a, b)))
            .sum::<f64>()
    };
    let across: f64 = first
        .iter()
        .flat_map(|a| second.iter().map(move |b| likeness(a, b)))
        .sum();
    let (m, n) = (first.len() as f64, second.len() as f64);
    let (in_first, in_second) = (within(first), within(second));
    let across = 2.0 * across / (m * n);
    Some(Discrepancy {
        biased: finite((in_first + m) / (m * m) + (in_second + n) / (n * n) - across)?.max(0.0),
        unbiased: finite(in_first / (m * (m - 1.0)) + in_second / (n * (n - 1.0)) - across),
    })
}
