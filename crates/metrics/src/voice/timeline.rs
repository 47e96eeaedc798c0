//! When who was heard.

use super::Turn;
use super::wav::Sound;
use crate::registry::Unscored;

/// A recording in the time of the conversation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// Its place among the turns.
    pub(super) at: usize,
    /// Seconds from the beginning of the conversation.
    pub(super) start: f64,
    /// The same; `None` of what cannot be played.
    pub(super) end: Option<f64>,
}

/// The recordings in the order in which they begin; `None` where it is not known of each when it begins.
pub(super) fn timeline(turns: &[Turn<'_>]) -> Result<Option<Vec<Entry>>, Unscored> {
    let mut entries = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        let Some(audio) = turn.audio() else { continue };
        let Some(start) = audio.start_time else {
            return Ok(None);
        };
        let sound = turn.sound()?.and_then(Result::ok);
        let end = sound.as_ref().map(Sound::duration).map(|s| start + s);
        entries.push(Entry { at, start, end });
    }
    entries.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.at.cmp(&b.at)));
    Ok(Some(entries))
}
