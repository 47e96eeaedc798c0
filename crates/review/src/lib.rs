//! People in the loop, without doing any I/O.
//!
//! Which scores of a run enter a queue ([`rules`]), what may be answered ([`submission`]), what several people's answers come to
//! ([`consensus`]), how far those people agree ([`agreement`]), how sure one can be of each of them ([`gold`]), how far a judge
//! can be believed beside them ([`judge`]) and what that says of its next scores ([`calibration`]).
//!
//! What is undefined is `None`, never NaN. Chance is seeded: the same answers make the same report.

pub mod agreement;
pub mod calibration;
pub mod consensus;
pub mod gold;
pub mod judge;
pub mod rules;
pub mod submission;

use assay_model::LabelAnswer;
use assay_stats::{Interval, Level, bootstrap::Replicates};
use schemars::JsonSchema;
use serde::Serialize;

/// What one person answered about one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// The item.
    pub item: String,
    /// Who answered.
    pub person: String,
    /// The answers.
    pub answers: Vec<LabelAnswer>,
}

/// Where a value is believed to lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Between {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for Between {
    fn from(interval: Interval) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
        }
    }
}

/// A value with where it is believed to lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Estimate {
    /// The value; null where it is undefined, e.g. where everybody always gave the same answer.
    pub value: Option<f64>,
    /// The bootstrap's interval over items; null where too few say anything.
    pub interval: Option<Between>,
}

/// What the bootstrap is drawn by.
const SEED: u64 = 0x0a55_a701;
/// How often it draws.
const RESAMPLES: usize = 1_000;
/// How many items it may draw in all: a report is made while somebody waits.
const MOST_DRAWN: usize = 2_000_000;
/// Fewer draws make no interval.
const FEWEST: usize = 100;

/// A statistic of items, with its interval.
fn estimate<T: Clone>(
    items: &[T],
    level: Level,
    statistic: impl Fn(&[T]) -> Option<f64>,
) -> Estimate {
    let resamples = (MOST_DRAWN / items.len().max(1)).min(RESAMPLES);
    let drawn = if resamples < FEWEST || items.len() < 2 {
        None
    } else {
        Replicates::draw(items, resamples as u32, SEED, &statistic)
    };
    Estimate {
        value: statistic(items),
        interval: drawn.and_then(|r| r.interval(level)).map(Between::from),
    }
}
