//! Stretches of a recording that hold one pitch. A voice that holds a vowel trembles and glides; a machine that whistles does neither.

use crate::voice::pitch::with_periodicity;
use crate::voice::signal::{dbfs, frames, mean, median, middle, rms};

/// Tones are looked for at this rate at most.
const RATE: u32 = 8_000;
/// Milliseconds of a frame.
pub(super) const FRAME_MS: u32 = 40;
/// The pitches of tones, in hertz.
const RANGE: (f64, f64) = (60.0, 1000.0);
/// How far a frame's pitch may be from the run's, as a share of it.
const TOLERANCE: f64 = 0.05;
/// For a frame or two a multiple of the period may be found.
const FOLDS: [f64; 5] = [1.0, 2.0, 0.5, 3.0, 1.0 / 3.0];
/// Frames without a pitch that a run goes over.
const BRIDGE: usize = 2;

/// A frame in which a pitch is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) index: usize,
    pub(super) pitch_hz: f64,
    periodicity: f64,
    level_dbfs: f64,
}

/// Frames that hold one pitch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) frames: usize,
    pub(super) pitch_hz: f64,
    pub(super) periodicity: f64,
    pub(super) level_dbfs: f64,
    /// How much the pitch changes from frame to frame, and from the first third to the last, as shares of it.
    pub(super) jitter: f64,
    pub(super) glide: f64,
}

impl Run {
    /// When it begins, in seconds.
    pub(super) fn offset(&self) -> f64 {
        seconds(self.start)
    }

    /// How long it is, in seconds.
    pub(super) fn duration(&self) -> f64 {
        seconds(self.frames)
    }
}

fn seconds(frames: usize) -> f64 {
    frames as f64 * f64::from(FRAME_MS) / 1000.0
}

/// The frames in which a pitch is heard.
pub(super) fn pitched(samples: &[i16], rate: u32) -> Vec<Frame> {
    let slower = (rate > RATE).then(|| resampled(samples, rate));
    let (samples, rate) = match &slower {
        Some(slower) => (slower.as_slice(), RATE),
        None => (samples, rate),
    };
    frames(samples, rate, FRAME_MS)
        .enumerate()
        .filter_map(|(index, frame)| {
            let (pitch_hz, periodicity) = with_periodicity(frame, rate, RANGE)?;
            let level_dbfs = dbfs(rms(frame));
            Some(Frame {
                index,
                pitch_hz,
                periodicity,
                level_dbfs,
            })
        })
        .collect()
}

/// Samples at [`RATE`], each between the two that are nearest to it.
fn resampled(samples: &[i16], rate: u32) -> Vec<i16> {
    let count = samples.len() as f64 * f64::from(RATE) / f64::from(rate);
    let count = (count.round_ties_even() as usize).max(1);
    let step = match count {
        1 => 0.0,
        _ => samples.len().saturating_sub(1) as f64 / count as f64,
    };
    let one = |i: usize| {
        let position = i as f64 * step;
        let left = position as usize;
        let between = position - left as f64;
        let at = |i: usize| samples.get(i).map(|&sample| f64::from(sample));
        let here = at(left).unwrap_or(0.0);
        let next = at(left + 1).unwrap_or(here);
        (here * (1.0 - between) + next * between) as i16
    };
    (0..count).map(one).collect()
}

/// The runs of frames that hold one pitch, in their order.
pub(super) fn runs(frames: &[Frame]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut open = Open::default();
    for frame in frames {
        if !open.takes(frame) {
            runs.extend(open.closed());
            open = Open::default();
            open.push(*frame);
        }
    }
    runs.extend(open.closed());
    runs
}

/// A run that may go on.
#[derive(Default)]
struct Open {
    frames: Vec<Frame>,
    /// Their pitches, sorted, so that the middle one is at hand however long the run.
    sorted: Vec<f64>,
    /// Frames of another pitch since the last of this one.
    strayed: usize,
}

impl Open {
    fn push(&mut self, frame: Frame) {
        let at = self.sorted.partition_point(|&p| p < frame.pitch_hz);
        self.sorted.insert(at, frame.pitch_hz);
        self.frames.push(frame);
        self.strayed = 0;
    }

    /// Whether the run goes on with `frame`, of which it may take no note.
    fn takes(&mut self, frame: &Frame) -> bool {
        let (Some(last), Some(reference)) = (self.frames.last(), middle(&self.sorted)) else {
            self.push(*frame);
            return true;
        };
        let missing = frame.index.saturating_sub(last.index + 1);
        if missing <= BRIDGE && same(frame.pitch_hz, reference) {
            self.push(*frame);
            return true;
        }
        let strays = missing == 0 && self.strayed < BRIDGE;
        self.strayed += usize::from(strays);
        strays
    }

    fn closed(&self) -> Option<Run> {
        let reference = middle(&self.sorted)?;
        let (first, last) = (self.frames.first()?, self.frames.last()?);
        let folded: Vec<f64> = self
            .frames
            .iter()
            .map(|frame| fold(frame.pitch_hz, reference))
            .collect();
        let third = (folded.len() / 3).max(1);
        let begins = mean(folded.get(..third)?)?;
        let ends = mean(folded.get(folded.len() - third..)?)?;
        let changes = folded.iter().zip(folded.iter().skip(1));
        let changes = changes.map(|(a, b)| (b - a).abs());
        let levels: Vec<f64> = self.frames.iter().map(|f| f.level_dbfs).collect();
        let periodicity = self.frames.iter().map(|f| f.periodicity).collect();
        Some(Run {
            start: first.index,
            frames: last.index - first.index + 1,
            periodicity: median(periodicity)?,
            level_dbfs: mean(&levels)?,
            jitter: median(changes.collect()).unwrap_or(0.0) / reference,
            glide: (ends - begins).abs() / reference,
            pitch_hz: median(folded)?,
        })
    }
}

/// Whether a pitch is the reference's, or one that may be found in its place.
fn same(pitch: f64, reference: f64) -> bool {
    FOLDS.iter().any(|fold| {
        let other = reference * fold;
        (pitch - other).abs() <= TOLERANCE * other
    })
}

/// The pitch that was heard where a multiple may have been found: the one nearest to the reference.
fn fold(pitch: f64, reference: f64) -> f64 {
    let folded = FOLDS.iter().map(|fold| pitch / fold);
    folded
        .min_by(|a, b| {
            let (far, near) = ((a - reference).abs(), (b - reference).abs());
            far.total_cmp(&near).then(a.total_cmp(b))
        })
        .unwrap_or(pitch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(index: usize, pitch_hz: f64) -> Frame {
        Frame {
            index,
            pitch_hz,
            periodicity: 0.9,
            level_dbfs: -20.0,
        }
    }

    fn lens(pitches: &[(usize, f64)]) -> Vec<(usize, usize)> {
        let frames: Vec<Frame> = pitches.iter().map(|&(i, p)| frame(i, p)).collect();
        runs(&frames).iter().map(|r| (r.start, r.frames)).collect()
    }

    #[test]
    fn runs_go_over_gaps_strays_and_multiples() {
        assert_eq!(lens(&[]), []);
        assert_eq!(lens(&[(3, 200.0)]), [(3, 1)]);
        assert_eq!(lens(&[(0, 200.0), (1, 205.0), (2, 195.0)]), [(0, 3)]);
        assert_eq!(lens(&[(0, 200.0), (1, 300.0), (2, 200.0)]), [(0, 3)]);
        assert_eq!(
            lens(&[(0, 200.0), (1, 300.0), (2, 310.0), (3, 300.0)]),
            [(0, 1), (2, 2)]
        );
        assert_eq!(
            lens(&[(0, 200.0), (1, 201.0), (2, 100.0), (3, 401.0)]),
            [(0, 4)]
        );
        assert_eq!(lens(&[(0, 200.0), (3, 200.0)]), [(0, 4)]);
        assert_eq!(lens(&[(0, 200.0), (4, 200.0)]), [(0, 1), (4, 1)]);
    }

    #[test]
    fn a_long_tone_takes_no_long_time() {
        let frames: Vec<Frame> = (0..40_000).map(|i| frame(i, 300.0)).collect();
        let found = runs(&frames);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].jitter, found[0].glide), (0.0, 0.0));
    }
}
