//! Rubrics of G-Eval: what each range of scores means.

use serde::{Deserialize, Serialize};

/// Highest score of the scale.
const MAX_SCORE: u32 = 10;

/// What the scores of a range mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubricLevel {
    /// First and last score of the range, both within 0 to 10.
    pub score_range: (u32, u32),
    /// What a case of this range is like.
    pub expected_outcome: String,
}

/// Why a rubric is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// A range goes beyond the scale or backwards.
    #[error("the range {0} to {1} is not within 0 to {MAX_SCORE}, or goes backwards")]
    Range(u32, u32),
    /// Two ranges share a score, be it an end point.
    #[error("two ranges overlap at {0}")]
    Overlap(u32),
    /// The whole rubric spans one score, so that nothing can be told apart.
    #[error("the ranges span a single score")]
    Single,
}

/// `levels` by their first score.
///
/// # Errors
/// [`RubricError::Range`] and [`RubricError::Overlap`].
pub fn sort_rubric(mut levels: Vec<RubricLevel>) -> Result<Vec<RubricLevel>, RubricError> {
    if let Some(&RubricLevel {
        score_range: (lo, hi),
        ..
    }) = levels
        .iter()
        .find(|l| l.score_range.0 > l.score_range.1 || l.score_range.1 > MAX_SCORE)
    {
        return Err(RubricError::Range(lo, hi));
    }
    levels.sort_by_key(|level| level.score_range);
    for (one, next) in levels.iter().zip(levels.iter().skip(1)) {
        if next.score_range.0 <= one.score_range.1 {
            return Err(RubricError::Overlap(next.score_range.0));
        }
    }
    Ok(levels)
}

/// The range of scores that a sorted rubric spans; 0 to 10 without levels.
///
/// # Errors
/// [`RubricError::Single`]; upstream divides by zero there.
pub fn rubric_range(sorted: &[RubricLevel]) -> Result<(u32, u32), RubricError> {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Ok((0, MAX_SCORE));
    };
    let (lo, hi) = (first.score_range.0, last.score_range.1);
    if lo == hi {
        Err(RubricError::Single)
    } else {
        Ok((lo, hi))
    }
}

/// The rubric as the judge reads it: a line a level.
#[must_use]
pub fn format_rubric(sorted: &[RubricLevel]) -> String {
    let line = |level: &RubricLevel| match level.score_range {
        (lo, hi) if lo == hi => format!("{lo}: {}", level.expected_outcome),
        (lo, hi) => format!("{lo}-{hi}: {}", level.expected_outcome),
    };
    sorted.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `score` on the scale of `range`, as a share of it: 0 at its beginning, 1 at its end, beyond that below and above.
#[must_use]
pub fn normalise(score: f64, range: (u32, u32)) -> f64 {
    (score - f64::from(range.0)) / (f64::from(range.1) - f64::from(range.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(ranges: &[(u32, u32)]) -> Vec<RubricLevel> {
        ranges
            .iter()
            .map(|&score_range| RubricLevel {
                score_range,
                expected_outcome: "x".into(),
            })
            .collect()
    }

    #[test]
    fn ranges() {
        assert_eq!(rubric_range(&[]), Ok((0, 10)));
        assert_eq!(rubric_range(&levels(&[(4, 4)])), Err(RubricError::Single));
        assert_eq!(
            rubric_range(&sort_rubric(levels(&[(6, 6), (1, 2)])).unwrap()),
            Ok((1, 6))
        );
        assert_eq!(
            sort_rubric(levels(&[(3, 5), (0, 3)])),
            Err(RubricError::Overlap(3))
        );
        assert_eq!(format_rubric(&levels(&[(0, 1), (2, 2)])), "0-1: x\n2: x");
    }
}
