//! The best increasing function from a judge's scores to what is true.

use crate::number::finite;

/// An increasing function through points, flat outside of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Score and value, both in order; no score twice.
    points: Vec<(f64, f64)>,
}

/// Points that got one value together.
#[derive(Clone, Copy)]
struct Block {
    sum: f64,
    weight: f64,
    /// How many different scores it spans.
    scores: usize,
}

impl Block {
    fn value(&self) -> f64 {
        self.sum / self.weight
    }
}

impl Isotonic {
    /// The increasing function with the least squared error, by pooling neighbours that are out of order. Equal scores are one
    /// point with the mean of their values. `None` without points, and where one is no number.
    ///
    /// Source: Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information" (1955).
    #[must_use]
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        if points.is_empty() || points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return None;
        }
        let mut ordered: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x + 0.0, *y)).collect();
        ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut scores = Vec::new();
        let mut blocks: Vec<Block> = Vec::new();
        for same in ordered.chunk_by(|a, b| a.0 == b.0) {
            scores.extend(same.first().map(|(x, _)| *x));
            let mut block = Block {
                sum: same.iter().map(|(_, y)| y).sum(),
                weight: same.len() as f64,
                scores: 1,
            };
            while let Some(before) = blocks.pop_if(|before| before.value() >= block.value()) {
                block.sum += before.sum;
                block.weight += before.weight;
                block.scores += before.scores;
            }
            blocks.push(block);
        }
        let values = blocks
            .iter()
            .flat_map(|block| std::iter::repeat_n(block.value(), block.scores));
        let points: Vec<(f64, f64)> = scores.into_iter().zip(values).collect();
        Some(Self { points })
    }

    /// The function through points that are known, e.g. those of one that was fitted before. `None` without points, where one is no
    /// number, and where they do not stand in order or fall.
    #[must_use]
    pub fn through(points: &[(f64, f64)]) -> Option<Self> {
        let fine = points.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        let rises = points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
        (fine && rises && !points.is_empty()).then(|| Self {
            points: points.to_vec(),
        })
    }

    /// Score and value of all it goes through, in order; no score twice.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Its value at a score, linear between the points; `None` where the score is no number.
    #[must_use]
    pub fn at(&self, score: f64) -> Option<f64> {
        finite(score)?;
        let above = self.points.partition_point(|(x, _)| *x <= score);
        let left = above.checked_sub(1).and_then(|at| self.points.get(at));
        match (left, self.points.get(above)) {
            (Some((x0, y0)), Some((x1, y1))) => {
                let value = y0 + (y1 - y0) * ((score - x0) / (x1 - x0));
                // A rounding must not leave the range of its ends.
                finite(value.clamp(*y0, *y1))
            }
            (Some((_, y)), None) | (None, Some((_, y))) => Some(*y),
            (None, None) => None,
        }
    }
}
