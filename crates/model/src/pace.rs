//! How fast a target is called.
//!
//! Two bounds. The number of calls at once grows by one for each round of calls that went well, and is halved when the target says
//! that it is too much: additive increase, multiplicative decrease (Chiu and Jain, "Analysis of the Increase and Decrease Algorithms
//! for Congestion Avoidance in Computer Networks", 1989). And calls are let through at an even rate where there is one, by the generic cell rate
//! algorithm (ITU-T I.371). Time comes from outside, in milliseconds of one clock for all who share a pace.

use serde::{Deserialize, Serialize};

/// Bounds that somebody set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Most calls at once.
    pub most_at_once: u32,
    /// Calls a minute; no bound where there is none.
    #[serde(default)]
    pub per_minute: Option<u32>,
    /// How many may come at once where calls were saved up.
    #[serde(default = "one")]
    pub burst: u32,
}

const fn one() -> u32 {
    1
}

/// What a target has shown it can take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Calls at once, as a mean.
    limit: f64,
    /// When it was halved last.
    halved_at: Option<u64>,
    /// Until when the target asked to be left alone.
    quiet_until: u64,
    /// When the next call would be due if calls came evenly, in microseconds.
    next_due_us: u64,
    /// Moments in a row at which it failed, with no answer in between.
    #[serde(default)]
    failed: u32,
}

/// How long after a halving another one is not made: the calls that were under way tell of the same moment.
const SETTLES_MS: u64 = 1_000;
/// After so many bad moments in a row a target is left alone for a while: for a second, then for twice as long each time.
const BREAKS_AFTER: u32 = 3;
/// The longest that it is left alone unless it asks for more.
const LONGEST_BREAK_MS: u64 = 60_000;

impl Pace {
    /// Of a target that nothing is known of: it is trusted with what was set.
    #[must_use]
    pub const fn new(bounds: &Bounds) -> Self {
        Self {
            limit: bounds.most_at_once as f64,
            halved_at: None,
            quiet_until: 0,
            next_due_us: 0,
            failed: 0,
        }
    }

    /// How long it is to be left alone from now, in milliseconds, where it failed so often in a row that calls would be in vain: a
    /// circuit breaker. Afterwards as many calls as it has shown it can take find out whether it is well again: mostly one.
    #[must_use]
    pub fn broken_ms(&self, now_ms: u64) -> Option<u64> {
        let rest = self.quiet_until.checked_sub(now_ms)?;
        (self.failed >= BREAKS_AFTER && rest > 0).then_some(rest)
    }

    /// Whether its last calls went well and as many as were set may be made: then nothing needs to be noted of another one.
    #[must_use]
    pub fn is_well(&self, bounds: &Bounds) -> bool {
        self.failed == 0 && self.at_once(bounds) >= bounds.most_at_once
    }

    /// Calls at once that it may have now.
    #[must_use]
    pub fn at_once(&self, bounds: &Bounds) -> u32 {
        // At least one, or it would never be known when it is well again.
        (self.limit as u32).clamp(1, bounds.most_at_once.max(1))
    }

    /// Asks for one more call while so many are under way: milliseconds to wait, 0 for now, `None` until one of them has ended.
    pub fn ask(&mut self, bounds: &Bounds, under_way: u32, now_ms: u64) -> Option<u64> {
        if under_way >= self.at_once(bounds) {
            return None;
        }
        if now_ms < self.quiet_until {
            return Some(self.quiet_until - now_ms);
        }
        let Some(per_minute) = bounds.per_minute else {
            return Some(0);
        };
        let apart_us = 60_000_000 / u64::from(per_minute.max(1));
        let saved_us = apart_us * u64::from(bounds.burst.max(1) - 1);
        let now_us = now_ms.saturating_mul(1000);
        let due = self.next_due_us.max(now_us);
        if due - now_us > saved_us {
            return Some((due - now_us - saved_us).div_ceil(1000));
        }
        self.next_due_us = due + apart_us;
        Some(0)
    }

    /// A call was answered.
    pub fn well(&mut self, bounds: &Bounds) {
        self.failed = 0;
        let most = f64::from(bounds.most_at_once.max(1));
        self.limit = (self.limit + 1.0 / self.limit.max(1.0)).min(most);
    }

    /// The target said that it is too much, or failed under it (429, 5xx, no answer), and may have said how long to wait.
    pub fn too_much(&mut self, retry_after_ms: Option<u64>, now_ms: u64) {
        if let Some(ms) = retry_after_ms {
            self.quiet_until = self.quiet_until.max(now_ms.saturating_add(ms));
        }
        let settled = self
            .halved_at
            .is_none_or(|at| now_ms.saturating_sub(at) >= SETTLES_MS);
        if settled {
            self.limit = (self.limit / 2.0).max(1.0);
            self.halved_at = Some(now_ms);
            self.failed = self.failed.saturating_add(1);
            if let Some(doublings) = self.failed.checked_sub(BREAKS_AFTER) {
                let alone = 1_000_u64 << doublings.min(16);
                let until = now_ms.saturating_add(alone.min(LONGEST_BREAK_MS));
                self.quiet_until = self.quiet_until.max(until);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        most_at_once: 8,
        per_minute: None,
        burst: 1,
    };

    #[test]
    fn what_fails_again_and_again_is_left_alone_for_ever_longer() {
        let mut pace = Pace::new(&BOUNDS);
        for moment in [10_000, 12_000] {
            // Many calls fail at one moment: it counts once.
            for _ in 0..10 {
                pace.too_much(None, moment);
            }
            assert_eq!(pace.broken_ms(moment), None);
        }
        let mut now = 14_000;
        for alone in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            pace.too_much(None, now);
            assert_eq!(pace.broken_ms(now), Some(alone));
            assert_eq!(pace.ask(&BOUNDS, 0, now), Some(alone));
            now += alone;
            assert_eq!(pace.broken_ms(now), None);
            assert_eq!(pace.at_once(&BOUNDS), 1);
        }
        assert!(!pace.is_well(&BOUNDS));
        pace.well(&BOUNDS);
        pace.too_much(None, now);
        assert_eq!(pace.broken_ms(now), None, "an answer closes the circuit");
        for _ in 0..100 {
            pace.well(&BOUNDS);
        }
        assert!(pace.is_well(&BOUNDS));
    }

    #[test]
    fn it_is_halved_once_for_one_moment_and_grows_again() {
        let mut pace = Pace::new(&BOUNDS);
        assert_eq!(pace.at_once(&BOUNDS), 8);
        for _ in 0..5 {
            pace.too_much(None, 10_000);
        }
        assert_eq!(pace.at_once(&BOUNDS), 4, "five calls of one moment");
        pace.too_much(None, 11_000);
        assert_eq!(pace.at_once(&BOUNDS), 2);
        for _ in 0..10 {
            pace.too_much(None, 100_000);
            pace.too_much(None, 200_000);
        }
        assert_eq!(pace.at_once(&BOUNDS), 1, "never none");
        // A round of calls makes it one more.
        for (calls, at_once) in [(1, 2), (2, 2), (1, 3)] {
            (0..calls).for_each(|_| pace.well(&BOUNDS));
            assert_eq!(pace.at_once(&BOUNDS), at_once);
        }
        (0..1000).for_each(|_| pace.well(&BOUNDS));
        assert_eq!(pace.at_once(&BOUNDS), 8, "never more than was set");
    }

    #[test]
    fn it_waits_as_long_as_it_was_asked_to() {
        let mut pace = Pace::new(&BOUNDS);
        pace.too_much(Some(3_000), 10_000);
        assert_eq!(pace.ask(&BOUNDS, 0, 10_500), Some(2_500));
        assert_eq!(pace.ask(&BOUNDS, 4, 13_000), None, "as many as it may have");
        assert_eq!(pace.ask(&BOUNDS, 3, 13_000), Some(0));
    }

    #[test]
    fn calls_come_evenly() {
        let bounds = Bounds {
            per_minute: Some(60),
            burst: 2,
            ..BOUNDS
        };
        let mut pace = Pace::new(&bounds);
        assert_eq!(pace.ask(&bounds, 0, 0), Some(0));
        assert_eq!(pace.ask(&bounds, 0, 0), Some(0), "one was saved up");
        assert_eq!(pace.ask(&bounds, 0, 0), Some(1_000));
        assert_eq!(pace.ask(&bounds, 0, 400), Some(600));
        assert_eq!(pace.ask(&bounds, 0, 1_000), Some(0));
        // In an hour: what was saved up, and one a second.
        let mut through = 0;
        for ms in (1_000..3_601_000).step_by(100) {
            through += u32::from(pace.ask(&bounds, 0, ms) == Some(0));
        }
        assert_eq!(through, 3_599);
    }
}
