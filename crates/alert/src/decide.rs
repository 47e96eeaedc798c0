//! Where an alert stands after a look, and whether that is told.

use crate::reading::Reading;
use assay_model::{AlertNews, AlertSpec, AlertState, OnNoData, Timestamp};

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: AlertState,
    /// Since when.
    pub since: Timestamp,
    /// Since when it fires: also while there are too few values to say whether it still does.
    pub firing_since: Option<Timestamp>,
    /// When that was told last.
    pub told_at: Option<Timestamp>,
    /// Whether it was told that there are too few values.
    pub told_no_data: bool,
}

impl Standing {
    /// Of an alert that was never looked at.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            state: AlertState::Ok,
            since: now,
            firing_since: None,
            told_at: None,
            told_no_data: false,
        }
    }
}

/// What a look comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Where the alert stands now.
    pub standing: Standing,
    /// The state that it left, where it is in another one now.
    pub left: Option<AlertState>,
    /// What the channels are told.
    pub news: Option<AlertNews>,
}

/// Decides. The same look again decides nothing further.
#[must_use]
pub fn decide(spec: &AlertSpec, before: &Standing, reading: &Reading, now: Timestamp) -> Decision {
    let mut standing = *before;
    let (state, news) = match reading.holds {
        None if spec.no_data == OnNoData::Keep => (before.state, None),
        None => {
            let tell = spec.no_data == OnNoData::Notify && !before.told_no_data;
            standing.told_no_data |= tell;
            (AlertState::NoData, tell.then_some(AlertNews::NoData))
        }
        Some(true) => {
            standing.told_no_data = false;
            let news = if before.firing_since.is_none() {
                Some(AlertNews::Firing)
            } else {
                let again = spec.renotify_minutes.zip(before.told_at);
                let due = again.is_some_and(|(minutes, told)| {
                    now >= told.plus_millis(i64::from(minutes) * 60_000)
                });
                due.then_some(AlertNews::Reminder)
            };
            standing.firing_since = before.firing_since.or(Some(now));
            if news.is_some() {
                standing.told_at = Some(now);
            }
            (AlertState::Firing, news)
        }
        Some(false) => {
            let told = before.firing_since.is_some() || before.told_no_data;
            let news = (told && spec.notify_recovery).then_some(AlertNews::Recovered);
            standing.firing_since = None;
            standing.told_at = None;
            standing.told_no_data = false;
            (AlertState::Ok, news)
        }
    };
    let left = (state != before.state).then_some(before.state);
    if left.is_some() {
        standing.state = state;
        standing.since = now;
    }
    Decision {
        standing,
        left,
        news,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::tests::spec;
    use AlertState::{Firing, NoData, Ok};
    use serde_json::{Value, json};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).plus_millis(minute * 60_000)
    }

    fn reading(holds: Option<bool>) -> Reading {
        Reading {
            value: None,
            samples: 0,
            holds,
            sentence: String::new(),
        }
    }

    /// The states and the news of one look a minute.
    fn play(more: Value, looks: &[Option<bool>]) -> Vec<(AlertState, Option<AlertNews>)> {
        let spec = spec(&more);
        let mut standing = Standing::new(at(0));
        let look = |(minute, holds): (i64, &Option<bool>)| {
            let decision = decide(&spec, &standing, &reading(*holds), at(minute));
            // A look that is taken twice, since the first was not written down in time, says the same.
            assert_eq!(
                decision,
                decide(&spec, &standing, &reading(*holds), at(minute))
            );
            standing = decision.standing;
            (standing.state, decision.news)
        };
        (0..).zip(looks).map(look).collect()
    }

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn a_firing_is_told_once_and_its_end_once() {
        let told = play(json!({}), &[NO, YES, YES, YES, NO, NO, YES]);
        let expected = [
            (Ok, None),
            (Firing, Some(AlertNews::Firing)),
            (Firing, None),
            (Firing, None),
            (Ok, Some(AlertNews::Recovered)),
            (Ok, None),
            (Firing, Some(AlertNews::Firing)),
        ];
        assert_eq!(told, expected);
        let silent = play(json!({"notify_recovery": false}), &[YES, NO]);
        assert_eq!(silent[1], (Ok, None));
    }

    #[test]
    fn too_few_values_are_no_recovery() {
        let told = play(json!({}), &[None, YES, None, YES, None, NO, None]);
        let expected = [
            (NoData, None),
            (Firing, Some(AlertNews::Firing)),
            (NoData, None),
            // It never ended, and is not told again.
            (Firing, None),
            (NoData, None),
            (Ok, Some(AlertNews::Recovered)),
            (NoData, None),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn too_few_values_are_told_or_passed_over_where_that_is_wanted() {
        let told = play(json!({"no_data": "notify"}), &[None, None, NO, None, YES]);
        let expected = [
            (NoData, Some(AlertNews::NoData)),
            (NoData, None),
            (Ok, Some(AlertNews::Recovered)),
            (NoData, Some(AlertNews::NoData)),
            (Firing, Some(AlertNews::Firing)),
        ];
        assert_eq!(told, expected);
        let kept = play(json!({"no_data": "keep"}), &[None, YES, None, NO]);
        let states: Vec<AlertState> = kept.iter().map(|(state, _)| *state).collect();
        assert_eq!(states, [Ok, Firing, Firing, Ok]);
    }

    #[test]
    fn it_is_told_again_where_that_is_wanted() {
        let told = play(
            json!({"renotify_minutes": 2}),
            &[YES, YES, YES, YES, YES, NO],
        );
        let news: Vec<Option<AlertNews>> = told.into_iter().map(|(_, news)| news).collect();
        let expected = [
            Some(AlertNews::Firing),
            None,
            Some(AlertNews::Reminder),
            None,
            Some(AlertNews::Reminder),
            Some(AlertNews::Recovered),
        ];
        assert_eq!(news, expected);
    }

    #[test]
    fn a_state_left_is_named_with_its_time() {
        let spec = spec(&json!({}));
        let before = Standing::new(at(0));
        let fired = decide(&spec, &before, &reading(YES), at(3));
        assert_eq!(fired.left, Some(Ok));
        assert_eq!(
            (fired.standing.since, fired.standing.firing_since),
            (at(3), Some(at(3)))
        );
        let still = decide(&spec, &fired.standing, &reading(YES), at(4));
        assert_eq!((still.left, still.standing.since), (None, at(3)));
    }
}
