//! Glitches of recordings: held tones, sound that was lost, streams that were cut, distortion. Rules and numbers are those of DeepEval
//! 4.3.1's `metrics/audio_glitch/_detectors.py`.

mod silences;
mod tones;

use super::Turn;
use super::measure::Measures;
use super::signal::{median, quantile};
use super::timeline::timeline;
use crate::registry::Unscored;
use silences::{Silences, silences};
use std::collections::HashSet;
use tones::{Frame, Run, pitched, runs};

/// A tone is at least so long and so periodic, and trembles and glides no more than this.
const LEAST_TONE_S: f64 = 0.8;
const LEAST_PERIODICITY: f64 = 0.85;
const MOST_JITTER: f64 = 0.002;
const MOST_GLIDE: f64 = 0.01;
/// And it is so much longer than what its speaker holds, or so much higher than the voice, or so long at all.
const HOLD_RATIO: f64 = 3.0;
const PITCH_RATIO: f64 = 1.3;
const LONG_S: f64 = 2.5;
const TYPICAL_HOLD: f64 = 0.9;

/// Where so much of a speaker's pauses is nothing, nothing is no loss: some machines write pauses so.
const DIGITAL_PAUSES: f64 = 0.2;
/// The same speaker goes on within so many seconds of a cut.
const MOST_CUT_S: f64 = 15.0;
/// Share of samples at the limit from which on it is distortion.
const LEAST_CLIPPING: f64 = 0.01;

/// What is wrong with a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// It cannot be played.
    Undecodable(String),
    /// It whistles.
    HeldTone { pitch_hz: f64, duration: f64 },
    /// There is nothing where a room would be heard.
    DeadStream { duration: f64, to_the_end: bool },
    /// It ends in the midst of speech, and its speaker goes on so many seconds later.
    StreamCut { gap: f64 },
    /// So large a share of it is at the limit.
    Clipping { fraction: f64 },
}

impl Fault {
    /// The name that it has upstream.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Undecodable(_) => "audio_undecodable",
            Self::HeldTone { .. } => "held_tone",
            Self::DeadStream { .. } => "dead_stream",
            Self::StreamCut { .. } => "stream_cut",
            Self::Clipping { .. } => "clipping",
        }
    }

    /// For a person.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Undecodable(why) => format!("cannot be played: {why}"),
            Self::HeldTone { pitch_hz, duration } => {
                format!("holds a tone of {pitch_hz:.0} Hz for {duration:.1} s")
            }
            Self::DeadStream { duration, .. } => format!("is dead for {duration:.1} s"),
            Self::StreamCut { gap } => {
                format!("stops in the midst of speech, and goes on {gap:.2} s later")
            }
            Self::Clipping { fraction } => {
                format!("is distorted: {:.1}% is at the limit", fraction * 100.0)
            }
        }
    }
}

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glitch {
    /// The place of its turn among the turns.
    pub(super) at: usize,
    /// Seconds from the beginning of the recording.
    pub(super) offset: f64,
    pub(super) fault: Fault,
}

/// A recording looked at.
struct Clip {
    at: usize,
    agents: bool,
    duration: f64,
    ends_abruptly: bool,
    clipping_fraction: f64,
    frames: Vec<Frame>,
    runs: Vec<Run>,
    silences: Silences,
}

/// What is usual of a speaker.
#[derive(Default)]
struct Speaker {
    pitch_hz: Option<f64>,
    hold_s: Option<f64>,
    digital_pauses: bool,
}

impl Speaker {
    fn of(clips: &[&Clip]) -> Self {
        let (mut pitches, mut holds, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
        for clip in clips {
            nothing.extend(&clip.silences.nothing);
            // What is as long as a tone says nothing of the voice.
            let long = clip.runs.iter().filter(|r| r.duration() >= LEAST_TONE_S);
            let held: HashSet<usize> = long.flat_map(|r| r.start..r.start + r.frames).collect();
            let free = clip.frames.iter().filter(|f| !held.contains(&f.index));
            pitches.extend(free.map(|frame| frame.pitch_hz));
            let several = clip.runs.iter().filter(|run| run.frames > 1);
            holds.extend(several.map(Run::duration));
        }
        holds.sort_by(f64::total_cmp);
        Self {
            pitch_hz: median(pitches),
            hold_s: quantile(&holds, TYPICAL_HOLD),
            digital_pauses: median(nothing).is_some_and(|share| share >= DIGITAL_PAUSES),
        }
    }

    /// Whether a run is no voice of this speaker's.
    fn whistles(&self, run: &Run) -> bool {
        let duration = run.duration();
        let is_tone = duration >= LEAST_TONE_S
            && run.periodicity >= LEAST_PERIODICITY
            && run.jitter <= MOST_JITTER
            && run.glide <= MOST_GLIDE;
        let held = self
            .hold_s
            .is_some_and(|hold| hold > 0.0 && duration / hold >= HOLD_RATIO);
        let high = self
            .pitch_hz
            .is_some_and(|hz| run.pitch_hz / hz >= PITCH_RATIO);
        is_tone && (held || high || duration >= LONG_S)
    }
}

/// The glitches of all recordings, in the order of the turns.
pub(super) fn glitches(turns: &[Turn<'_>]) -> Result<Vec<Glitch>, Unscored> {
    let mut found = Vec::new();
    let mut clips = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        match turn.sound()? {
            None => {}
            Some(Err(why)) => found.push(Glitch {
                at,
                offset: 0.0,
                fault: Fault::Undecodable(why),
            }),
            Some(Ok(sound)) => {
                let measures = Measures::without_pitch(&sound);
                let frames = pitched(&sound.samples, sound.rate);
                clips.push(Clip {
                    at,
                    agents: turn.is_agents(),
                    duration: measures.duration,
                    ends_abruptly: measures.ends_abruptly,
                    clipping_fraction: measures.clipping_fraction,
                    runs: runs(&frames),
                    frames,
                    silences: silences(&sound.samples, sound.rate),
                });
            }
        }
    }
    let speaker = |agents: bool| {
        let own: Vec<&Clip> = clips.iter().filter(|c| c.agents == agents).collect();
        Speaker::of(&own)
    };
    let (user, agent) = (speaker(false), speaker(true));
    let speaker = |clip: &Clip| if clip.agents { &agent } else { &user };
    for clip in &clips {
        of_clip(clip, speaker(clip), &mut found);
    }
    let cuts = cuts(turns, &clips, speaker)?;
    // That it is dead to its end is what shows the cut.
    let cut: HashSet<usize> = cuts.iter().map(|cut| cut.at).collect();
    found.retain(|other| {
        let dead = matches!(
            other.fault,
            Fault::DeadStream {
                to_the_end: true,
                ..
            }
        );
        !(dead && cut.contains(&other.at))
    });
    found.extend(cuts);
    found.sort_by(|a, b| a.at.cmp(&b.at).then(a.offset.total_cmp(&b.offset)));
    Ok(found)
}

/// What is wrong with a recording by itself.
fn of_clip(clip: &Clip, speaker: &Speaker, found: &mut Vec<Glitch>) {
    let mut add = |offset, fault| {
        found.push(Glitch {
            at: clip.at,
            offset,
            fault,
        });
    };
    for run in clip.runs.iter().filter(|run| speaker.whistles(run)) {
        let (pitch_hz, duration) = (run.pitch_hz, run.duration());
        add(run.offset(), Fault::HeldTone { pitch_hz, duration });
    }
    if !speaker.digital_pauses {
        for dead in &clip.silences.dead {
            let (duration, to_the_end) = (dead.duration, dead.to_the_end);
            add(
                dead.offset,
                Fault::DeadStream {
                    duration,
                    to_the_end,
                },
            );
        }
    }
    if clip.clipping_fraction > LEAST_CLIPPING {
        let fraction = clip.clipping_fraction;
        add(0.0, Fault::Clipping { fraction });
    }
}

/// Recordings that end in the midst of speech and after which the same speaker goes on.
fn cuts<'s>(
    turns: &[Turn<'_>],
    clips: &[Clip],
    speaker: impl Fn(&Clip) -> &'s Speaker,
) -> Result<Vec<Glitch>, Unscored> {
    let entries = timeline(turns)?.unwrap_or_default();
    let pairs = entries.iter().zip(entries.iter().skip(1));
    let cut = pairs.filter_map(|(current, following)| {
        let clip = clips
            .binary_search_by_key(&current.at, |clip| clip.at)
            .ok()?;
        let clip = clips.get(clip)?;
        let next = turns.get(following.at)?;
        let dead = clip.silences.dead.iter().find(|dead| dead.to_the_end);
        let dead = dead.filter(|_| !speaker(clip).digital_pauses);
        let gap = following.start - current.end?;
        let cut = next.is_agents() == clip.agents
            && (clip.ends_abruptly || dead.is_some())
            && gap > 0.0
            && gap <= MOST_CUT_S;
        cut.then(|| Glitch {
            at: clip.at,
            offset: dead.map_or(clip.duration, |dead| dead.offset),
            fault: Fault::StreamCut { gap },
        })
    });
    Ok(cut.collect())
}
