//! Pauses of a recording, and those in which there is nothing at all: a room is never quite silent, so that zeros are sound that was lost.

use crate::voice::signal::{SILENCE_RMS, frames, rms};

/// Milliseconds of a frame.
const FRAME_MS: u32 = 20;
/// The loudest sample of nothing.
const NOTHING: u16 = 2;
/// Seconds of nothing that are a loss within a recording, and at its end, where speech machines put zeros.
const LEAST_S: f64 = 0.5;
const LEAST_TRAILING_S: f64 = 1.0;

/// A stretch of nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dead {
    /// When it begins, in seconds.
    pub(super) offset: f64,
    /// How long it is, in seconds.
    pub(super) duration: f64,
    /// Whether nothing comes after it.
    pub(super) to_the_end: bool,
}

/// The pauses of a recording.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Silences {
    /// Those stretches of nothing that are too long.
    pub(super) dead: Vec<Dead>,
    /// Of each pause the share that is nothing.
    pub(super) nothing: Vec<f64>,
}

pub(super) fn silences(samples: &[i16], rate: u32) -> Silences {
    // Of each frame whether it is nothing, and whether something is said.
    let each: Vec<(bool, bool)> = frames(samples, rate, FRAME_MS)
        .map(|frame| {
            let nothing = frame.iter().all(|s| s.unsigned_abs() <= NOTHING);
            (nothing, rms(frame) >= SILENCE_RMS)
        })
        .collect();
    let seconds = |frames: usize| frames as f64 * f64::from(FRAME_MS) / 1000.0;
    let last_said = each.iter().rposition(|(_, said)| *said);
    let mut found = Silences::default();
    let (mut at, mut heard) = (0, false);
    for run in each.chunk_by(|(_, a), (_, b)| a == b) {
        let mut from = at;
        at += run.len();
        if run.first().is_some_and(|(_, said)| *said) {
            heard = true;
            continue;
        }
        let nothing = run.iter().filter(|(nothing, _)| *nothing).count();
        found.nothing.push(nothing as f64 / run.len() as f64);
        for piece in run.chunk_by(|(a, _), (b, _)| a == b) {
            let (start, end) = (from, from + piece.len());
            from = end;
            if !heard || piece.first().is_none_or(|(nothing, _)| !nothing) {
                continue;
            }
            let duration = seconds(end - start);
            let to_the_end = end == each.len();
            let lost = match to_the_end {
                true => duration >= LEAST_TRAILING_S,
                false => duration >= LEAST_S && last_said.is_some_and(|last| last >= end),
            };
            if lost {
                found.dead.push(Dead {
                    offset: seconds(start),
                    duration,
                    to_the_end,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of 20 ms at 8 kHz: `s` says something, `r` is a room, `0` nothing.
    fn of(frames: &str) -> Silences {
        let level = |c: char| match c {
            's' => 5000,
            'r' => 50,
            _ => 0,
        };
        let samples: Vec<i16> = frames.chars().flat_map(|c| [level(c); 160]).collect();
        silences(&samples, 8000)
    }

    #[test]
    fn nothing_is_lost_sound_where_something_was_said() {
        let lost = |frames: &str| of(frames).dead;
        assert_eq!(lost(&format!("s{}s", "0".repeat(24))), []);
        let within = lost(&format!("s{}rs", "0".repeat(25)));
        assert_eq!(
            within,
            [Dead {
                offset: 0.02,
                duration: 0.5,
                to_the_end: false
            }]
        );
        assert_eq!(lost(&format!("{}s", "0".repeat(60))), []);
        assert_eq!(lost(&format!("s{}r", "0".repeat(25))), []);
        assert_eq!(lost(&format!("s{}", "0".repeat(49))), []);
        assert!(lost(&format!("s{}", "0".repeat(50)))[0].to_the_end);
        assert_eq!(lost(&format!("s{}s", "r".repeat(100))), []);
        assert_eq!(lost(""), []);
    }

    #[test]
    fn each_pause_has_its_share_of_nothing() {
        assert_eq!(of("rs00rrs0").nothing, [0.0, 0.5, 1.0]);
        assert!(of("sss").nothing.is_empty());
    }
}
