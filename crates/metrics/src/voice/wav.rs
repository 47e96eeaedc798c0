//! The samples of a WAV file, mixed down to one channel of 16 bits.

use hound::{Error, SampleFormat, WavReader};
use std::io::Cursor;

/// Rates that can be measured, in samples a second. Below, no voice is left; above, no recorder goes.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Most channels.
const MAX_CHANNELS: u16 = 16;

/// What is heard in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Its samples, one or more.
    pub(crate) samples: Vec<i16>,
    /// How many of them make a second.
    pub(crate) rate: u32,
}

impl Sound {
    /// How long it is, in seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }
}

/// Why nothing is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// The file is broken: nobody could play it.
    Broken(String),
    /// It may be sound, and cannot be measured here. For a person, to go on after the name of the recording.
    Unsupported(String),
}

/// Reads a file. What breaks off is read as far as it goes, and so is what a server streamed before it knew how long it would be.
pub(crate) fn decode(mut file: Vec<u8>) -> Result<Sound, Unheard> {
    fit(&mut file);
    let mut reader = WavReader::new(Cursor::new(file)).map_err(|fault| unheard(&fault))?;
    let spec = reader.spec();
    if !RATES.contains(&spec.sample_rate) || spec.channels > MAX_CHANNELS {
        return Err(Unheard::Unsupported(format!(
            "has {} channels at {} Hz; what can be measured is 1 to {MAX_CHANNELS} channels at {} to {} Hz",
            spec.channels,
            spec.sample_rate,
            RATES.start(),
            RATES.end()
        )));
    }
    let channels = usize::from(spec.channels);
    let all: Vec<i16> = match spec.sample_format {
        SampleFormat::Float => {
            let scaled = |sample: f32| (sample * 32_768.0) as i16;
            reader
                .samples::<f32>()
                .map_while(Result::ok)
                .map(scaled)
                .collect()
        }
        SampleFormat::Int => {
            let bits = spec.bits_per_sample;
            let scaled = |sample: i32| match bits {
                0..=15 => sample.saturating_mul(1 << (16 - bits)),
                16 => sample,
                _ => sample >> (bits - 16).min(16),
            };
            let clamped = |sample: i32| scaled(sample).clamp(-32_768, 32_767) as i16;
            reader
                .samples::<i32>()
                .map_while(Result::ok)
                .map(clamped)
                .collect()
        }
    };
    let samples: Vec<i16> = match channels {
        1 => all,
        _ => all.chunks_exact(channels).map(mixed).collect(),
    };
    if samples.is_empty() {
        return Err(Unheard::Broken("it holds no samples".to_owned()));
    }
    let rate = spec.sample_rate;
    Ok(Sound { samples, rate })
}

/// The mean of what the channels have at one moment, cut to an integer as upstream does.
fn mixed(frame: &[i16]) -> i16 {
    let sum: i32 = frame.iter().map(|&sample| i32::from(sample)).sum();
    let mean = f64::from(sum) / frame.len() as f64;
    mean as i16
}

fn unheard(fault: &Error) -> Unheard {
    match fault {
        Error::Unsupported => Unheard::Unsupported(
            "is compressed; what can be measured is PCM of 8 to 32 bits".to_owned(),
        ),
        Error::FormatError(what) => Unheard::Broken((*what).to_owned()),
        _ => Unheard::Broken("it breaks off before its samples".to_owned()),
    }
}

/// Writes into the header of the samples how many there are, where it says another number: what streams a file writes the largest one.
fn fit(file: &mut [u8]) -> Option<()> {
    let word = |file: &[u8], at: usize| {
        let bytes: [u8; 4] = file.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let (mut at, mut frame) = (12_usize, 0_usize);
    loop {
        let kind: [u8; 4] = file.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let size = usize::try_from(word(file, at + 4)?).ok()?;
        let body = at.checked_add(8)?;
        match &kind {
            b"fmt " => {
                let bytes = file.get(body.checked_add(12)?..body.checked_add(14)?)?;
                frame = usize::from(u16::from_le_bytes(bytes.try_into().ok()?));
            }
            b"data" => {
                let left = file.len().checked_sub(body)?;
                let whole = size.min(left).checked_div(frame)? * frame;
                let there = u32::try_from(whole).ok()?.to_le_bytes();
                file.get_mut(at + 4..body)?.copy_from_slice(&there);
                return Some(());
            }
            _ => {}
        }
        at = body.checked_add(size)?.checked_add(size % 2)?;
    }
}

#[cfg(test)]
#[path = "wav_tests.rs"]
mod tests;
