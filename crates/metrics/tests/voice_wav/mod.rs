//! Recordings made by recipes: `{"rate": 16000, "channels": 1, "floor": [20, 7], "parts": [["tone", 440, 9000, 0.5]]}`.
//!
//! Parts follow one another: `tone` hz amplitude seconds; `voice` hz amplitude seconds depth vibrato; `noise` amplitude seconds seed; `zero`
//! seconds; `gap` seconds, which is nothing in spite of a floor. `floor` is the amplitude and the seed of noise that is added to all. Channel c
//! has the samples divided by c + 1. `{"base64": ..}` is a file as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::f64::consts::PI;

/// The file of a recipe.
pub(crate) fn file(clip: &Value) -> Vec<u8> {
    if let Some(data) = clip["base64"].as_str() {
        return STANDARD.decode(data).unwrap();
    }
    let data = bytes(clip);
    let rate = u32::try_from(clip["rate"].as_u64().unwrap()).unwrap();
    let channels = channels(clip);
    let size = u32::try_from(data.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2 * u32::from(channels)).to_le_bytes());
    file.extend((2 * channels).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    file
}

/// What the samples of a recipe hash to.
pub(crate) fn hash(clip: &Value) -> String {
    hex::encode(Sha256::digest(bytes(clip)))
}

fn channels(clip: &Value) -> u16 {
    u16::try_from(clip["channels"].as_u64().unwrap_or(1)).unwrap()
}

/// Numbers of chance, the same ones always.
struct Noise(u64);

impl Noise {
    fn within(&mut self, amplitude: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % (2 * amplitude + 1) - amplitude
    }
}

fn bytes(clip: &Value) -> Vec<u8> {
    let rate = clip["rate"].as_f64().unwrap();
    let mut samples: Vec<Option<i64>> = Vec::new();
    for part in clip["parts"].as_array().unwrap() {
        let number = |i: usize| part[i].as_f64().unwrap();
        let times = |seconds: f64| 0..(seconds * rate).round_ties_even() as i64;
        match part[0].as_str().unwrap() {
            "tone" => {
                let (hz, amplitude) = (number(1), number(2));
                let wave = |i: i64| (amplitude * (2.0 * PI * hz * i as f64 / rate).sin()) as i64;
                samples.extend(times(number(3)).map(wave).map(Some));
            }
            "voice" => {
                let (hz, amplitude, depth, vibrato) = (number(1), number(2), number(4), number(5));
                let mut phase = 0.0_f64;
                for i in times(number(3)) {
                    let f = hz * (1.0 + depth * (2.0 * PI * vibrato * i as f64 / rate).sin());
                    phase += 2.0 * PI * f / rate;
                    let wave =
                        0.6 * phase.sin() + 0.3 * (2.0 * phase).sin() + 0.1 * (3.0 * phase).sin();
                    samples.push(Some((amplitude * wave) as i64));
                }
            }
            "noise" => {
                let mut noise = Noise(part[3].as_u64().unwrap());
                let amplitude = part[1].as_i64().unwrap();
                samples.extend(times(number(2)).map(|_| Some(noise.within(amplitude))));
            }
            "zero" => samples.extend(times(number(1)).map(|_| Some(0))),
            "gap" => samples.extend(times(number(1)).map(|_| None)),
            other => panic!("{other} is no part"),
        }
    }
    if let Some([amplitude, seed]) = clip["floor"].as_array().map(Vec::as_slice) {
        let mut noise = Noise(seed.as_u64().unwrap());
        for sample in samples.iter_mut().flatten() {
            *sample += noise.within(amplitude.as_i64().unwrap());
        }
    }
    let clamped = samples
        .iter()
        .map(|s| s.unwrap_or(0).clamp(-32_768, 32_767));
    let spread = clamped.flat_map(|sample| {
        let each = 1..=i64::from(channels(clip));
        each.map(move |c| i16::try_from(sample / c).unwrap())
    });
    spread.flat_map(i16::to_le_bytes).collect()
}
