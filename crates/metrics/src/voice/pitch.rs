//! The pitch of a frame, by what it has in common with itself a little later.

use super::signal::{SILENCE_RMS, product, rms};

/// Pitches are looked for at about this rate: those of voices lie far below.
const RATE: u32 = 8_000;

/// The pitches of voices, in hertz.
const VOICES: (f64, f64) = (70.0, 400.0);

/// Least part of a frame's energy that must come again.
const LEAST_CORRELATION: f64 = 0.15;

/// Lags are looked at in steps of this, and one by one around the best.
const COARSE_STEP: usize = 3;
/// A lag is as good as the best from this share of it on, and the shortest of those counts: not a whole multiple of the period.
const AS_GOOD: f64 = 0.9;

/// A frame thinned out, around its mean, and the lags that pitches from `low` to `high` have.
struct Lags {
    data: Vec<f64>,
    rate: f64,
    least: usize,
    most: usize,
}

impl Lags {
    /// `None` of what is silent or too short.
    fn of(frame: &[i16], rate: u32, (low, high): (f64, f64)) -> Option<Self> {
        if rms(frame) < SILENCE_RMS {
            return None;
        }
        let step = (rate / RATE).max(1);
        let every = usize::try_from(step).ok()?;
        let thinned = || frame.iter().step_by(every).map(|&s| f64::from(s));
        let count = frame.len().div_ceil(every);
        let mean = thinned().sum::<f64>() / count as f64;
        let rate = f64::from(rate) / f64::from(step);
        let least = ((rate / high) as usize).max(1);
        let most = (count / 2).min((rate / low) as usize);
        (most > least).then(|| Self {
            data: thinned().map(|sample| sample - mean).collect(),
            rate,
            least,
            most,
        })
    }

    /// What the frame has in common with itself `lag` later.
    fn overlap(&self, lag: usize) -> f64 {
        let later = self.data.get(lag..).unwrap_or_default();
        product(later, &self.data)
    }
}

/// The pitch of a voice in a frame, in hertz; `None` where none is heard.
pub(crate) fn of_voice(frame: &[i16], rate: u32) -> Option<f64> {
    let lags = Lags::of(frame, rate, VOICES)?;
    let energy = product(&lags.data, &lags.data);
    if energy <= 0.0 {
        return None;
    }
    let (mut best, mut most) = (lags.least, f64::NEG_INFINITY);
    for lag in lags.least..=lags.most {
        let overlap = lags.overlap(lag);
        if overlap > most {
            (best, most) = (lag, overlap);
        }
    }
    (most / energy >= LEAST_CORRELATION).then(|| lags.rate / best as f64)
}

/// The pitch of a frame, in hertz, and how periodic it is, 1 for a pure tone. Looks further than [`of_voice`]: what a machine whistles
/// may lie far above a voice.
pub(crate) fn with_periodicity(frame: &[i16], rate: u32, range: (f64, f64)) -> Option<(f64, f64)> {
    let lags = Lags::of(frame, rate, range)?;
    let mut energy = Vec::with_capacity(lags.data.len() + 1);
    let mut sum = 0.0;
    energy.push(sum);
    for sample in &lags.data {
        sum += sample * sample;
        energy.push(sum);
    }
    if sum <= 0.0 {
        return None;
    }
    let likeness = |lag: usize| {
        let head = energy.get(lags.data.len().saturating_sub(lag));
        let before = energy.get(lag);
        let (head, tail) = (
            head.copied().unwrap_or(0.0),
            sum - before.copied().unwrap_or(sum),
        );
        if head <= 0.0 || tail <= 0.0 {
            return 0.0;
        }
        lags.overlap(lag) / (head * tail).sqrt()
    };
    let coarse: Vec<(usize, f64)> = (lags.least..=lags.most)
        .step_by(COARSE_STEP)
        .map(|lag| (lag, likeness(lag)))
        .collect();
    let most = coarse
        .iter()
        .map(|(_, l)| *l)
        .fold(f64::NEG_INFINITY, f64::max);
    if most <= 0.0 {
        return None;
    }
    let (anchor, _) = coarse.iter().find(|(_, l)| *l >= AS_GOOD * most)?;
    let from = anchor.saturating_sub(COARSE_STEP).max(lags.least);
    let to = (anchor + COARSE_STEP).min(lags.most);
    let fine: Vec<f64> = (from..=to).map(likeness).collect();
    let mut at = 0;
    let mut best = f64::NEG_INFINITY;
    for (i, &found) in fine.iter().enumerate() {
        if found > best {
            (at, best) = (i, found);
        }
    }
    let beside = |i: Option<usize>| i.and_then(|i| fine.get(i)).copied().unwrap_or(best);
    let (left, right) = (beside(at.checked_sub(1)), beside(at.checked_add(1)));
    // The top of the parabola through the three.
    let curvature = left - 2.0 * best + right;
    let offset = if curvature < 0.0 {
        0.5 * (left - right) / curvature
    } else {
        0.0
    };
    Some((lags.rate / ((from + at) as f64 + offset), best))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: u32, amplitude: f64) -> Vec<i16> {
        let wave = |i: u32| {
            let turns = hz * f64::from(i) / f64::from(rate);
            (amplitude * (std::f64::consts::TAU * turns).sin()) as i16
        };
        (0..rate / 25).map(wave).collect()
    }

    #[test]
    fn tones_have_their_pitch() {
        for rate in [8_000, 16_000, 44_100, 48_000] {
            for hz in [80.0, 130.0, 220.0, 390.0] {
                let found = of_voice(&tone(hz, rate, 8000.0), rate).unwrap();
                assert!((found - hz).abs() < hz * 0.05, "{hz} {rate} {found}");
            }
            for hz in [80.0, 220.0, 440.0] {
                let frame = tone(hz, rate, 8000.0);
                let (found, periodicity) = with_periodicity(&frame, rate, (60.0, 1000.0)).unwrap();
                assert!((found - hz).abs() < hz * 0.04, "{hz} {rate} {found}");
                assert!(periodicity > 0.95, "{hz} {rate} {periodicity}");
            }
        }
    }

    #[test]
    fn what_is_no_tone_has_none() {
        for frame in [
            vec![],
            vec![9000],
            vec![0; 320],
            vec![9000; 320],
            tone(200.0, 8000, 100.0),
        ] {
            assert_eq!(of_voice(&frame, 8000), None);
            assert_eq!(with_periodicity(&frame, 8000, (60.0, 1000.0)), None);
        }
    }
}
