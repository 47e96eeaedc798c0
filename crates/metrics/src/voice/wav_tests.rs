//! Files as recorders write them, and files as nobody should.

use super::*;
use hound::{WavSpec, WavWriter};
use proptest::prelude::*;

/// A file with these samples, by hound's own writer.
fn file(spec: WavSpec, samples: &[i32]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for &sample in samples {
        match spec.sample_format {
            SampleFormat::Int => writer.write_sample(sample).unwrap(),
            SampleFormat::Float => {
                let sample = sample as f32 / 32_768.0;
                writer.write_sample(sample).unwrap();
            }
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn of(bits: u16, channels: u16, rate: u32) -> WavSpec {
    WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: bits,
        sample_format: SampleFormat::Int,
    }
}

fn samples(file: Vec<u8>) -> Vec<i16> {
    decode(file).unwrap().samples
}

const WAVE: [i32; 6] = [0, 100, -100, 32_767, -32_768, 7];

fn shorts(of: &[i32]) -> Vec<i16> {
    of.iter().map(|&s| i16::try_from(s).unwrap()).collect()
}

#[test]
fn every_depth_is_read_as_sixteen_bits() {
    let expected = shorts(&WAVE);
    assert_eq!(samples(file(of(16, 1, 8000), &WAVE)), expected);
    let louder = |shift: i32| WAVE.map(|sample| sample << shift);
    assert_eq!(samples(file(of(24, 1, 8000), &louder(8))), expected);
    assert_eq!(samples(file(of(32, 1, 8000), &louder(16))), expected);
    let float = WavSpec {
        sample_format: SampleFormat::Float,
        ..of(32, 1, 8000)
    };
    assert_eq!(samples(file(float, &WAVE)), expected);
    let coarse = file(of(8, 1, 8000), &[0, 1, -128, 127]);
    assert_eq!(samples(coarse), [0, 256, -32_768, 32_512]);
}

#[test]
fn channels_are_mixed() {
    let stereo = file(of(16, 2, 8000), &[100, 200, -3, 0, 32_767, 32_767]);
    assert_eq!(samples(stereo), [150, -1, 32_767]);
    let sound = decode(file(of(16, 4, 16_000), &[4, 8, 12, 16])).unwrap();
    assert_eq!((sound.samples, sound.rate), (vec![10], 16_000));
}

#[test]
fn streamed_and_torn_files_are_read_as_far_as_they_go() {
    let whole = file(of(16, 2, 8000), &WAVE);
    let size_at = whole.windows(4).position(|w| w == b"data").unwrap() + 4;
    for size in [u32::MAX, u32::MAX - 1, 0x7fff_ffff] {
        let mut streamed = whole.clone();
        streamed[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
        assert_eq!(decode(streamed), decode(whole.clone()), "{size}");
    }
    // Two frames of three, and a part of the third.
    let mut torn = whole;
    torn.truncate(torn.len() - 3);
    assert_eq!(samples(torn), [50, 16_333]);
}

#[test]
fn what_is_broken_and_what_is_not_supported() {
    let broken = |file: Vec<u8>| assert!(matches!(decode(file), Err(Unheard::Broken(_))));
    broken(Vec::new());
    broken(b"RIFF\0\0\0\0WAVE".to_vec());
    broken(file(of(16, 1, 8000), &[]));
    let whole = file(of(16, 1, 8000), &WAVE);
    broken(whole[..40].to_vec());
    let mut silent = whole.clone();
    silent[22] = 0;
    broken(silent);
    let unsupported = |file: Vec<u8>| assert!(matches!(decode(file), Err(Unheard::Unsupported(_))));
    unsupported(file(of(16, 1, 3999), &WAVE));
    unsupported(file(of(16, 1, 200_000), &WAVE));
    unsupported(file(of(16, 17, 8000), &[1; 17]));
    // Mu-law, as telephones have it.
    let mut telephone = whole;
    telephone[20] = 7;
    unsupported(telephone);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = crate::voice::measure(bytes);
    }

    #[test]
    fn no_header_makes_it_panic(
        changes in proptest::collection::vec((0_usize..80, any::<u8>()), 0..8),
        bits in prop_oneof![Just(8_u16), Just(16), Just(24), Just(32)],
        channels in 1_u16..4,
        count in 0_usize..300,
        cut in 0_usize..80,
    ) {
        let frames = count * usize::from(channels);
        let mut bytes = file(of(bits, channels, 8000), &vec![100; frames]);
        for (at, byte) in changes {
            if let Some(there) = bytes.get_mut(at) {
                *there = byte;
            }
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        if let Ok(found) = crate::voice::measure(bytes) {
            prop_assert!((0.0..=1.0).contains(&found.naturalness(None)));
            prop_assert!((0.0..=1.0).contains(&found.intelligibility()));
        }
    }
}
