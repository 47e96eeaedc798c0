//! `ter`: how many words one has to insert, delete, replace or move to make the expected output of the answer.
//!
//! Snover and others, "A Study of Translation Edit Rate with Targeted Human Annotation", 2006, as `sacrebleu` computes it: case
//! does not matter, words stand between white space, and the search for moves has Tercom's bounds. That search is what makes it
//! the slowest of these metrics: some hundred words that have little in common take milliseconds.

use super::MAX_STEPS;
use super::beam::Beam;
use super::symbols::Words;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::words;
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::ops::{AddAssign, Range};

/// Most words that are moved at once.
const MAX_MOVED: usize = 10;

/// How far they are moved at most, in words.
const MAX_DISTANCE: usize = 50;

/// Most moves that are tried.
const MAX_TRIED: usize = 1000;

/// The edits of one text or of many; those of many texts are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerCounts {
    /// Words inserted, deleted or replaced, and moves.
    pub edits: u64,
    /// Words of the reference.
    pub reference_len: u64,
}

impl TerCounts {
    /// The edits of one answer; `None` when it takes too long to find them.
    #[must_use]
    pub fn of(answer: &str, reference: &str) -> Option<Self> {
        let (answer, reference) = (answer.to_lowercase(), reference.to_lowercase());
        let mut ids = Words::default();
        let answer = ids.ids(words(&answer));
        let reference = ids.ids(words(&reference));
        let edits = if reference.is_empty() {
            answer.len() as u64
        } else {
            edits(answer, &reference)?
        };
        Some(Self {
            edits,
            reference_len: reference.len() as u64,
        })
    }

    /// Edits for each word of the reference; above 1 for an answer that is worse than none.
    #[must_use]
    pub fn rate(&self) -> f64 {
        match (self.edits, self.reference_len) {
            (0, 0) => 0.0,
            (_, 0) => 1.0,
            (edits, len) => edits as f64 / len as f64,
        }
    }
}

impl AddAssign for TerCounts {
    fn add_assign(&mut self, other: Self) {
        self.edits += other.edits;
        self.reference_len += other.reference_len;
    }
}

/// Moves words as long as it makes the distance less; moves and distance together.
fn edits(answer: Vec<u32>, reference: &[u32]) -> Option<u64> {
    let mut beam = Beam::new(reference, answer);
    let mut search = Search {
        reference,
        tried: 0,
        looked_at: 0,
    };
    let mut moves = 0;
    loop {
        let best = search.best(&mut beam)?;
        if search.tried >= MAX_TRIED {
            break;
        }
        match best {
            Some(best) if best.distance < beam.distance() => {
                let moved = moved(beam.answer(), &best.from, best.to).0;
                beam.put(moved);
                moves += 1;
            }
            _ => break,
        }
    }
    Some(moves + u64::from(beam.distance()))
}

/// A move of some words of the answer.
struct Move {
    /// The words.
    from: Range<usize>,
    /// Before which word they are put.
    to: usize,
    /// The distance then.
    distance: u32,
}

impl Move {
    /// Less is better: the distance, then more words, then those that stand first, then the place that comes first.
    fn rank(&self) -> impl Ord + use<> {
        (
            self.distance,
            Reverse(self.from.len()),
            self.from.start,
            self.to,
        )
    }
}

/// The search for moves.
struct Search<'a> {
    reference: &'a [u32],
    tried: usize,
    /// Pairs of places that were compared so far.
    looked_at: u64,
}

impl Search<'_> {
    /// The best move, when there is any; the outer `None` when it takes too long.
    fn best(&mut self, beam: &mut Beam<'_>) -> Option<Option<Move>> {
        let alignment = beam.alignment();
        let answer = beam.answer().to_vec();
        let mut best: Option<Move> = None;
        for start in 0..answer.len() {
            let near = start.saturating_sub(MAX_DISTANCE)
                ..self.reference.len().min(start + MAX_DISTANCE + 1);
            self.looked_at += near.len() as u64;
            if beam.cells + self.looked_at > MAX_STEPS {
                return None;
            }
            for place in near {
                let ours = answer.get(start..).unwrap_or_default().iter();
                let theirs = self.reference.get(place..).unwrap_or_default().iter();
                let alike = ours.zip(theirs).take(MAX_MOVED);
                let longest = alike.take_while(|(a, b)| a == b).count();
                for len in 1..=longest {
                    let from = start..start + len;
                    let wrong = |all: &[bool], range: Range<usize>| {
                        all.get(range).is_some_and(|some| some.contains(&true))
                    };
                    let next = alignment.next.get(place).copied().unwrap_or_default();
                    // What is right stays, and nothing is moved into itself.
                    if !wrong(&alignment.answer_wrong, from.clone())
                        || !wrong(&alignment.reference_wrong, place..place + len)
                        || (from.start < next && next <= from.end)
                    {
                        continue;
                    }
                    let before = match place.checked_sub(1) {
                        None => Some(0),
                        Some(before) => alignment.next.get(before).copied(),
                    };
                    let behind = alignment.next.get(place..place + len).unwrap_or_default();
                    let mut last = None;
                    for to in before.into_iter().chain(behind.iter().copied()) {
                        if last.replace(to) == Some(to) {
                            continue;
                        }
                        let (words, changed) = moved(&answer, &from, to);
                        let found = Move {
                            from: from.clone(),
                            to,
                            distance: beam.distance_of(&words, changed),
                        };
                        self.tried += 1;
                        if best.as_ref().is_none_or(|best| found.rank() < best.rank()) {
                            best = Some(found);
                        }
                    }
                    if self.tried >= MAX_TRIED {
                        return Some(best);
                    }
                }
            }
        }
        Some(best)
    }
}

/// `words` with those of `from` put before the word `to`, or as many words on when that is one of them; and where they changed.
fn moved(words: &[u32], from: &Range<usize>, to: usize) -> (Vec<u32>, Range<usize>) {
    let mut words = words.to_vec();
    let len = from.len();
    let changed = if to < from.start {
        to..from.end
    } else if to > from.end {
        from.start..to
    } else {
        from.start..words.len().min(to + len)
    };
    if let Some(part) = words.get_mut(changed.clone()) {
        if to < from.start {
            part.rotate_right(len);
        } else {
            part.rotate_left(len);
        }
    }
    (words, changed)
}

pub(crate) struct Ter;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {}

impl Metric for Ter {
    fn about(&self) -> About {
        About {
            name: "Translation edit rate",
            description: "1 less the share of the expected output's words that have to be inserted, deleted, replaced or moved \
                          to make it of the answer (TER), and no less than 0. Upper and lower case are the same.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {},
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        if let Err(plan) = read_params::<Params>(params) {
            return plan;
        }
        let (answer, reference) = super::pair(case, false);
        if words(&reference).next().is_none() {
            return super::empty_reference();
        }
        let Some(counts) = TerCounts::of(&answer, &reference) else {
            return super::too_long(": use `edit_similarity` with the unit `words`");
        };
        let rate = counts.rate();
        let reason = format!(
            "{} edits lead from the answer to the expected output of {} words",
            counts.edits, counts.reference_len
        );
        let mut scored = Scored::certain((1.0 - rate).max(0.0), reason);
        let parts = [("ter", rate), ("edits", counts.edits as f64)];
        let named = parts.map(|(name, value)| (name.to_owned(), value));
        scored.breakdown.extend(named);
        Plan::Scored(scored)
    }
}
