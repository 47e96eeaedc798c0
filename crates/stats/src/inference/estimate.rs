//! A mean, and how far off it may be.

use super::proportion::wilson_interval;
use crate::distribution::{normal_quantile, student_quantile, student_two_sided};
use crate::number::{finite, usable, variance};
use crate::{Interval, Level};
use std::collections::BTreeMap;

/// A mean of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error; `None` of one value or one cluster, which says nothing of how others would differ.
    pub standard_error: Option<f64>,
    /// How many values there are.
    pub count: usize,
    /// How many clusters; `None` where each value stands for itself.
    pub clusters: Option<usize>,
}

/// Student's test of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// How many standard errors the mean is off.
    pub t: f64,
    /// Degrees of freedom.
    pub degrees: f64,
    /// The chance of a mean that far off or farther, on both sides.
    pub p: f64,
}

/// The mean of values of which each stands for itself. `None` without values, and where one is no number.
///
/// Source: Student, "The Probable Error of a Mean" (1908).
#[must_use]
pub fn mean(values: &[f64]) -> Option<Estimate> {
    if !usable(values) {
        return None;
    }
    let count = values.len();
    Some(Estimate {
        mean: finite(crate::number::mean(values))?,
        standard_error: if count < 2 {
            None
        } else {
            Some(finite((variance(values) / count as f64).sqrt())?)
        },
        count,
        clusters: None,
    })
}

/// The mean of values that come in clusters, such as repetitions of one item or questions on one text: values of a cluster resemble
/// each other, and say less than as many would that do not. Each value comes with its cluster. `None` as in [`mean`].
///
/// The variance is C / (C - 1) times the sum over clusters of the squared sum of deviations, over n squared.
///
/// Source: Miller, "Adding Error Bars to Evals: A Statistical Approach to Language Model Evaluations" (2024), with the
/// correction for few clusters of Cameron and Miller, "A Practitioner's Guide to Cluster-Robust Inference" (2015).
#[must_use]
pub fn clustered_mean<K: Ord>(values: &[(K, f64)]) -> Option<Estimate> {
    let alone: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let plain = mean(&alone)?;
    let mut off: BTreeMap<&K, f64> = BTreeMap::new();
    for (cluster, value) in values {
        *off.entry(cluster).or_default() += value - plain.mean;
    }
    let clusters = off.len();
    let squares: f64 = off.values().map(|sum| sum * sum).sum();
    let few = clusters as f64 / (clusters as f64 - 1.0);
    Some(Estimate {
        standard_error: if clusters < 2 {
            None
        } else {
            Some(finite((few * squares).sqrt() / values.len() as f64)?)
        },
        clusters: Some(clusters),
        ..plain
    })
}

impl Estimate {
    /// Degrees of freedom: values or clusters, less one.
    fn degrees(&self) -> f64 {
        self.clusters.unwrap_or(self.count) as f64 - 1.0
    }

    /// The interval of the true mean, by Student's distribution. `None` where the standard error is unknown. Of results that are
    /// all the same it is that one point: for shares, [`Self::wilson`] says more.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        let error = self.standard_error?;
        Interval::around(
            self.mean,
            student_quantile(level.upper(), self.degrees()) * error,
        )
    }

    /// The interval of the true mean of what is 0 or 1 (or between). Clustered values count as many as have the same standard
    /// error, but no more than there are, and by Student's distribution. `None` where the mean is not between 0 and 1, or where
    /// there is only one cluster.
    ///
    /// Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927), and Korn and Graubard,
    /// "Confidence Intervals for Proportions with Small Expected Number of Positive Counts Estimated from Survey Data" (1998).
    #[must_use]
    pub fn wilson(&self, level: Level) -> Option<Interval> {
        let all = self.count as f64;
        if self.clusters.is_none() {
            return wilson_interval(self.mean, all, normal_quantile(level.upper()));
        }
        let variance = self.standard_error?.powi(2);
        let alike = if variance > 0.0 {
            (self.mean * (1.0 - self.mean) / variance).min(all)
        } else {
            all
        };
        wilson_interval(
            self.mean,
            alike,
            student_quantile(level.upper(), self.degrees()),
        )
    }

    /// Whether the true mean may be `other`. `None` where the standard error is unknown or 0.
    #[must_use]
    pub fn test(&self, other: f64) -> Option<Test> {
        let t = finite((self.mean - other) / self.standard_error?)?;
        let degrees = self.degrees();
        Some(Test {
            t,
            degrees,
            p: student_two_sided(t, degrees),
        })
    }
}
