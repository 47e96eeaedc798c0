//! What can be measured in a recording: level, silence, distortion, lost and repeated pieces, noise, pitch. Formulas and numbers are
//! those of DeepEval 4.3.1's `metrics/voice/_analysis.py`.

use super::pitch;
use super::signal::{SILENCE_RMS, clamp, dbfs, frames, mean, median, quantile, rms, spread, width};
use super::wav::Sound;
use std::collections::HashMap;

/// Milliseconds of a frame, and of one whose pitch is looked for.
const FRAME_MS: u32 = 20;
const PITCH_FRAME_MS: u32 = 40;

/// A hole has at most so many frames, is so much quieter than the speaker's pauses, and shows only where these are not silent themselves.
const DROPOUT_MAX_FRAMES: usize = 10;
const DROPOUT_FLOOR_RATIO: f64 = 0.1;
const MIN_PAUSE_FLOOR_RMS: f64 = 8.0;

/// From this sample on a recorder may have cut off.
const CLIPPING: u16 = 32_760;

/// Above this level a recording that ends has been cut off.
const EDGE_RMS: f64 = 1_000.0;

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Seconds.
    pub duration: f64,
    /// Mean level, in decibels below the loudest that there is; -96 where there is nothing.
    pub rms_dbfs: f64,
    /// Share of samples at the limit.
    pub clipping_fraction: f64,
    /// Share of frames that are silent.
    pub silence_fraction: f64,
    /// The longest silence, in milliseconds.
    pub longest_silence_ms: f64,
    /// Holes in the sound.
    pub dropout_events: usize,
    /// Quarters of a second that were played before, where one was played more than twice.
    pub loop_events: usize,
    /// How far speech stands above noise, in decibels: a guess.
    pub estimated_snr_db: f64,
    /// Changes of sign a sample.
    pub zero_crossing_rate: f64,
    /// Mean pitch, in hertz, where one is heard.
    pub pitch_mean_hz: Option<f64>,
    /// How much it varies, in hertz, where several are heard.
    pub pitch_variation_hz: Option<f64>,
    /// Whether it begins in the midst of sound.
    pub starts_abruptly: bool,
    /// Whether it ends in the midst of sound.
    pub ends_abruptly: bool,
}

impl Measures {
    /// Measures a recording.
    pub(crate) fn of(sound: &Sound) -> Self {
        let pitches: Vec<f64> = frames(&sound.samples, sound.rate, PITCH_FRAME_MS)
            .filter_map(|frame| pitch::of_voice(frame, sound.rate))
            .collect();
        Self {
            pitch_mean_hz: mean(&pitches),
            pitch_variation_hz: (pitches.len() > 1).then(|| spread(&pitches)).flatten(),
            ..Self::without_pitch(sound)
        }
    }

    /// The same without the pitch, which takes most of the time.
    pub(crate) fn without_pitch(sound: &Sound) -> Self {
        let (samples, rate) = (sound.samples.as_slice(), sound.rate);
        let levels: Vec<f64> = frames(samples, rate, FRAME_MS).map(rms).collect();
        let silent: Vec<bool> = levels.iter().map(|&level| level < SILENCE_RMS).collect();
        let silences = silent.iter().filter(|&&silent| silent).count();
        let count = samples.len() as f64;
        let clipped = samples.iter().filter(|s| s.unsigned_abs() >= CLIPPING);
        let edge = width(rate, FRAME_MS).min(samples.len());
        let (first, last) = (samples.get(..edge), samples.get(samples.len() - edge..));
        let abrupt = |edge: Option<&[i16]>| rms(edge.unwrap_or_default()) > EDGE_RMS;
        Self {
            duration: sound.duration(),
            rms_dbfs: dbfs(rms(samples)),
            clipping_fraction: clipped.count() as f64 / count,
            silence_fraction: match silent.len() {
                0 => 1.0,
                frames => silences as f64 / frames as f64,
            },
            longest_silence_ms: longest(&silent) as f64 * f64::from(FRAME_MS),
            dropout_events: dropouts(&levels, &silent),
            loop_events: loops(samples, rate),
            estimated_snr_db: snr_db(&levels),
            zero_crossing_rate: crossings(samples) as f64 / (count - 1.0).max(1.0),
            pitch_mean_hz: None,
            pitch_variation_hz: None,
            starts_abruptly: abrupt(first),
            ends_abruptly: abrupt(last),
        }
    }

    /// Whether nothing is loud enough to be heard.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silence_fraction >= 1.0
    }

    /// Words a minute of speech, for so many words; `None` without words or speech.
    #[must_use]
    pub fn speaking_rate_wpm(&self, words: usize) -> Option<f64> {
        let speech = self.duration * (1.0 - self.silence_fraction);
        (words > 0 && speech > 0.0).then(|| words as f64 / (speech / 60.0))
    }

    /// How natural it sounds, in `[0, 1]`: 1 less what distortion, holes, repetitions, silence, noise, a strange speed and a strange pitch
    /// take away.
    #[must_use]
    pub fn naturalness(&self, words_per_minute: Option<f64>) -> f64 {
        let mut score = 1.0;
        score -= (self.clipping_fraction * 25.0).min(0.35);
        score -= (self.dropout_events as f64 * 0.08).min(0.25);
        score -= (self.loop_events as f64 * 0.1).min(0.2);
        if self.silence_fraction > 0.45 {
            score -= ((self.silence_fraction - 0.45) * 0.5).min(0.2);
        }
        if self.estimated_snr_db < 15.0 {
            score -= ((15.0 - self.estimated_snr_db) / 50.0).min(0.2);
        }
        score -= match words_per_minute {
            Some(rate) if rate < 80.0 => ((80.0 - rate) / 300.0).min(0.2),
            Some(rate) if rate > 240.0 => ((rate - 240.0) / 500.0).min(0.2),
            _ => 0.0,
        };
        score -= match self.pitch_variation_hz {
            Some(variation) if !(4.0..=90.0).contains(&variation) => 0.1,
            _ => 0.0,
        };
        clamp(score)
    }

    /// How well it can be understood, in `[0, 1]`: by noise, level, distortion and holes.
    #[must_use]
    pub fn intelligibility(&self) -> f64 {
        let noise = clamp((self.estimated_snr_db - 3.0) / 22.0);
        let level = clamp(1.0 - (self.rms_dbfs + 20.0).abs() / 35.0);
        let distortion = clamp(1.0 - self.clipping_fraction * 30.0);
        let holes = clamp(1.0 - self.dropout_events as f64 * 0.12);
        clamp(0.4 * noise + 0.25 * level + 0.2 * distortion + 0.15 * holes)
    }
}

/// The longest run.
fn longest(silent: &[bool]) -> usize {
    let runs = silent.split(|&silent| !silent).map(<[bool]>::len);
    runs.max().unwrap_or(0)
}

/// Short silences within speech that are much deeper than the speaker's pauses.
fn dropouts(levels: &[f64], silent: &[bool]) -> usize {
    let paused = levels.iter().zip(silent).filter(|(_, silent)| **silent);
    let floor = median(paused.map(|(level, _)| *level).collect()).unwrap_or(0.0);
    if floor < MIN_PAUSE_FLOOR_RMS {
        return 0;
    }
    let (mut found, mut at) = (0, 0);
    for run in silent.chunk_by(|a, b| a == b) {
        let (start, end) = (at, at + run.len());
        at = end;
        let within = start > 0 && end < silent.len();
        if run.first() != Some(&true) || !within || run.len() > DROPOUT_MAX_FRAMES {
            continue;
        }
        let deepest = levels.get(start..end).unwrap_or_default().iter();
        let deepest = deepest.copied().fold(f64::INFINITY, f64::min);
        found += usize::from(deepest <= DROPOUT_FLOOR_RATIO * floor);
    }
    found
}

/// How far the louder frames stand above the quieter ones. Where none is quiet, noise is taken to be a hundredth of speech.
fn snr_db(levels: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = levels
        .iter()
        .copied()
        .filter(|&level| level > 0.0)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let (quiet, voiced) = sorted.split_at(sorted.partition_point(|&level| level < SILENCE_RMS));
    let Some(speech) = quantile(voiced, 0.75) else {
        return 0.0;
    };
    let noise = quantile(quiet, 0.25).unwrap_or_else(|| (speech / 100.0).max(1.0));
    20.0 * (speech.max(1.0) / noise.max(1.0)).log10()
}

fn crossings(samples: &[i16]) -> usize {
    let signs = samples.windows(2);
    signs
        .filter(|pair| matches!(pair, [before, after] if (*before < 0) != (*after < 0)))
        .count()
}

/// Repetitions of pieces of a quarter of a second that are played more than twice, sample by sample.
fn loops(samples: &[i16], rate: u32) -> usize {
    let width = usize::try_from(rate / 4).unwrap_or(usize::MAX).max(1);
    let mut played: HashMap<&[i16], usize> = HashMap::new();
    for piece in samples.chunks_exact(width) {
        if rms(piece) >= SILENCE_RMS {
            *played.entry(piece).or_default() += 1;
        }
    }
    let repeated = played.values().filter(|&&count| count > 2);
    repeated.map(|count| count - 1).sum()
}
