//! Notes: what could not be carried over as it was, where it stands, and why.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// Most places that one note names; the others are counted.
const MAX_PLACES: usize = 20;

/// Most notes; the others are counted in the last one.
const MAX_NOTES: usize = 1000;

/// Most characters of what a note says.
const MAX_CHARS: usize = 400;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is not there any more.
    Dropped,
    /// It is there, and means something else than it did.
    Changed,
}

/// Something that could not be carried over as it was. The same of many places is one note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Where it stands: a JSON pointer such as `/tests/0/assert/1`, or `line 7`. The first 20 places.
    pub at: Vec<String>,
    /// In how many places.
    pub times: u64,
    /// What became of it.
    pub effect: Effect,
    /// What it is, in one line.
    pub what: String,
    /// Why it could not be carried over, in one line.
    pub why: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.at.iter().take(3).cloned().collect::<Vec<_>>();
        f.write_str(&shown.join(", "))?;
        let more = self.times.saturating_sub(shown.len() as u64);
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        write!(f, ": {}: {}", self.what, self.why)
    }
}

/// Notes as they are collected.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    all: Vec<Note>,
    seen: HashMap<(Effect, String, String), usize>,
    beyond: u64,
}

impl Notes {
    /// Says that `what`, which stands at `at`, is not carried over.
    pub(crate) fn dropped(
        &mut self,
        at: impl fmt::Display,
        what: impl AsRef<str>,
        why: impl AsRef<str>,
    ) {
        self.add(&at, Effect::Dropped, what.as_ref(), why.as_ref());
    }

    /// Says that `what`, which stands at `at`, means something else than it did.
    pub(crate) fn changed(
        &mut self,
        at: impl fmt::Display,
        what: impl AsRef<str>,
        why: impl AsRef<str>,
    ) {
        self.add(&at, Effect::Changed, what.as_ref(), why.as_ref());
    }

    fn add(&mut self, at: &dyn fmt::Display, effect: Effect, what: &str, why: &str) {
        let key = (effect, one_line(what), one_line(why));
        if let Some(note) = self.seen.get(&key).and_then(|i| self.all.get_mut(*i)) {
            note.times += 1;
            if note.at.len() < MAX_PLACES {
                note.at.push(one_line(&at.to_string()));
            }
            return;
        }
        if self.all.len() >= MAX_NOTES {
            self.beyond += 1;
            return;
        }
        self.seen.insert(key.clone(), self.all.len());
        self.all.push(Note {
            at: vec![one_line(&at.to_string())],
            times: 1,
            effect,
            what: key.1,
            why: key.2,
        });
    }

    /// The notes, in the order in which they were made.
    pub(crate) fn finish(mut self) -> Vec<Note> {
        if self.beyond > 0 {
            self.all.push(Note {
                at: vec!["the file".to_owned()],
                times: self.beyond,
                effect: Effect::Dropped,
                what: "further notes".to_owned(),
                why: format!("{} different ones are listed already", self.all.len()),
            });
        }
        self.all
    }
}

/// A text as one line without control characters, cut where it is long.
pub(crate) fn one_line(text: &str) -> String {
    // Of a text of megabytes only the beginning is looked at.
    let head: String = text.chars().take(4 * MAX_CHARS).collect();
    let flat = head
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if flat.chars().count() <= MAX_CHARS {
        return flat;
    }
    let mut cut: String = flat.chars().take(MAX_CHARS - 1).collect();
    cut.push('…');
    cut
}

/// A place within another: a JSON pointer.
pub(crate) fn below(at: &str, name: impl fmt::Display) -> String {
    let name = name.to_string().replace('~', "~0").replace('/', "~1");
    format!("{at}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_of_many_places_is_one_note() {
        let mut notes = Notes::default();
        for i in 0..25 {
            notes.dropped(below("/tests", i), "assertion `python`", "code\nis not run");
        }
        notes.changed("line 7", "x", "y");
        let notes = notes.finish();
        assert_eq!(notes.len(), 2);
        assert_eq!((notes[0].times, notes[0].at.len()), (25, 20));
        assert_eq!(
            notes[0].to_string(),
            "/tests/0, /tests/1, /tests/2 and 22 more: assertion `python`: code is not run"
        );
        assert_eq!(notes[1].to_string(), "line 7: x: y");
    }

    #[test]
    fn notes_are_bounded() {
        let mut notes = Notes::default();
        for i in 0..1500 {
            notes.dropped("/", format!("{i} {}", "x".repeat(10_000)), "y");
        }
        let notes = notes.finish();
        assert_eq!((notes.len(), notes[1000].times), (1001, 500));
        assert!(notes.iter().all(|n| n.what.chars().count() <= MAX_CHARS));
    }

    #[test]
    fn places_are_json_pointers() {
        assert_eq!(below("/a", "b/c~d"), "/a/b~1c~0d");
    }
}
