//! What is told of an agent's answer while it streams: who looks on, and what was said so far.
//!
//! Both are values of the key-value store that live for seconds, and nothing rests on them. Whoever looks on says so again and again
//! under [`Onlookers::key`]; while somebody does, whoever calls the agent writes the text so far under [`SoFar::key`]. What is left
//! behind by a crash names a step that is over, or is written over by the call that takes its place.

use assay_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long somebody who looks on counts as there, in milliseconds.
const STAYS_MS: i64 = 15_000;
/// How often whoever looks on says so, in milliseconds.
pub const RENEW_EVERY_MS: i64 = 5_000;
/// Most runs of one campaign that are looked at one by one.
const MOST: usize = 500;

/// Which call of a target may be looked at. The run and the turn are the request's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveCall {
    /// Whose run it is.
    pub workspace_id: String,
    /// The run's campaign.
    pub campaign_id: String,
    /// The task that the call is made for.
    pub task: String,
    /// The step of the run that it is made in.
    pub step: i64,
}

/// Who looks on at a campaign or at runs of it, and until when.
///
/// Two who write at once may forget one of them; it says so again before the words would cease.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Onlookers {
    /// By the id of the run, or of the campaign for all its runs.
    until: BTreeMap<String, Timestamp>,
}

impl Onlookers {
    /// Where those of a campaign are kept.
    #[must_use]
    pub fn key(workspace: &str, campaign: &str) -> String {
        format!("watched/{workspace}/{campaign}")
    }

    /// Somebody looks on at the run, or the campaign, of that id. Who has gone is forgotten.
    pub fn add(&mut self, id: &str, now: Timestamp) {
        self.until.retain(|_, until| *until > now);
        if self.until.len() < MOST || self.until.contains_key(id) {
            self.until.insert(id.to_owned(), now.plus_millis(STAYS_MS));
        }
    }

    /// Whether somebody looks on at a run.
    #[must_use]
    pub fn see(&self, campaign: &str, run: &str, now: Timestamp) -> bool {
        let is = |id: &str| self.until.get(id).is_some_and(|until| *until > now);
        is(campaign) || is(run)
    }
}

/// What an agent has said so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoFar {
    /// The step of the run that the call is made in.
    pub step: i64,
    /// The user's turn that is answered, from 1.
    pub turn: u32,
    /// When the request was made: another try, or the request after a tool's, begins anew.
    pub began: Timestamp,
    /// The text.
    pub text: String,
}

impl SoFar {
    /// Where the words of a task are kept while they come.
    #[must_use]
    pub fn key(workspace: &str, run: &str, task: &str) -> String {
        format!("live/{workspace}/{run}/{task}")
    }
}

/// What somebody was told of a task's answer.
#[derive(Debug, Clone, Default)]
pub struct Told {
    began: Timestamp,
    text: String,
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Characters that stand before it. None do where the answer begins anew.
    pub offset: usize,
    /// The words.
    pub text: String,
}

impl Told {
    /// What is new. A call that began earlier than the one that was told of last has been given up.
    pub fn news(&mut self, so_far: &SoFar) -> Option<Words> {
        if so_far.text.is_empty() || so_far.began < self.began {
            return None;
        }
        if so_far.began == self.began {
            if let Some(new) = so_far.text.strip_prefix(&self.text) {
                let offset = self.text.chars().count();
                self.text.push_str(new);
                let text = new.to_owned();
                return (!text.is_empty()).then_some(Words { offset, text });
            }
            // It was read before what is known already.
            if self.text.starts_with(&so_far.text) {
                return None;
            }
        }
        self.began = so_far.began;
        self.text.clone_from(&so_far.text);
        let text = so_far.text.clone();
        Some(Words { offset: 0, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> Timestamp {
        Timestamp::from_micros(ms * 1000)
    }

    #[test]
    fn who_looks_on_is_there_for_a_while() {
        let mut onlookers = Onlookers::default();
        assert!(!onlookers.see("c", "r", at(0)));
        onlookers.add("r", at(0));
        assert!(onlookers.see("c", "r", at(STAYS_MS - 1)));
        assert!(!onlookers.see("c", "r", at(STAYS_MS)));
        assert!(!onlookers.see("c", "other", at(1)));
        onlookers.add("c", at(10_000));
        assert!(onlookers.see("c", "other", at(10_001)));
        onlookers.add("r2", at(20_000));
        assert_eq!(onlookers.until.len(), 2, "who has gone is forgotten");
        for n in 0..MOST * 2 {
            onlookers.add(&n.to_string(), at(20_001));
        }
        assert_eq!(onlookers.until.len(), MOST);
        onlookers.add("c", at(24_000));
        assert!(onlookers.see("c", "r", at(38_000)), "who is there stays");
        let late = at(24_000 + RENEW_EVERY_MS * 2);
        assert!(onlookers.see("c", "r", late), "also who is late once");
    }

    #[test]
    fn each_word_is_told_once() {
        let mut told = Told::default();
        let mut news = |began: i64, text: &str| {
            let so_far = SoFar {
                step: 1,
                turn: 1,
                began: at(began),
                text: text.into(),
            };
            told.news(&so_far).map(|w| (w.offset, w.text))
        };
        let words = |offset: usize, text: &str| Some((offset, text.to_owned()));
        assert_eq!(news(5, ""), None);
        assert_eq!(news(5, "é"), words(0, "é"));
        assert_eq!(news(5, "é"), None);
        assert_eq!(news(5, "éa"), words(1, "a"));
        assert_eq!(news(5, "é"), None, "an older state of it");
        assert_eq!(news(5, "éab"), words(2, "b"));
        assert_eq!(news(4, "lost"), None, "a call that was given up");
        assert_eq!(news(6, ""), None);
        assert_eq!(news(6, "éa"), words(0, "éa"), "another try");
        assert_eq!(
            news(6, "other"),
            words(0, "other"),
            "it took back what it said"
        );
    }

    #[test]
    fn values_rest_as_json() {
        let mut onlookers = Onlookers::default();
        onlookers.add("r", at(0));
        let text = serde_json::to_string(&onlookers).unwrap();
        assert_eq!(serde_json::from_str::<Onlookers>(&text).unwrap(), onlookers);
        assert_eq!(Onlookers::key("w", "c"), "watched/w/c");
        assert_eq!(SoFar::key("w", "r", "t"), "live/w/r/t");
    }
}
