//! Intervals, and how sure one is of them.

/// An interval that a value is believed to lie in; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below the lower one.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies in it.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// An interval of finite ends, the lower one first.
    pub(crate) fn finite(low: f64, high: f64) -> Option<Self> {
        (low.is_finite() && high.is_finite() && low <= high).then_some(Self { low, high })
    }

    /// So far on both sides of a value.
    pub(crate) fn around(centre: f64, half: f64) -> Option<Self> {
        Self::finite(centre - half, centre + half)
    }

    /// The part of it that a share can take.
    pub(crate) fn of_share(self) -> Self {
        Self {
            low: self.low.clamp(0.0, 1.0),
            high: self.high.clamp(0.0, 1.0),
        }
    }
}

/// How often an interval holds the true value: a share between 0 and 1, neither included.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// What is used where nobody asked for another.
    pub const P95: Self = Self(0.95);

    /// `None` unless the level is between 0 and 1.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// As a share.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// How often the interval misses, on both sides together.
    #[must_use]
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// The quantile below which all but the upper miss lies: 0.975 of 0.95.
    pub(crate) fn upper(self) -> f64 {
        0.5 + self.0 / 2.0
    }
}
