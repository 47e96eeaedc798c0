//! What was said, as it was heard: the recording of one turn of a spoken conversation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most bytes that the recordings of a case may have together: 5 MiB, which is 160 seconds at 16 kHz and 16 bits.
pub const MAX_AUDIO_BYTES: usize = 5 << 20;

/// Most seconds after the beginning of the conversation at which a recording may begin: a week.
const MAX_START_S: f64 = 7.0 * 86_400.0;

/// Most bytes of a transcript.
const MAX_TRANSCRIPT: usize = 1 << 20;

/// What a recording is said to be.
const TYPES: [&str; 4] = ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"];

/// A recording of one turn. It travels as data: the platform fetches nothing, and no model is sent it, so that an address would be of
/// no use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audio {
    /// `data:audio/wav;base64,…`: a WAV file of PCM, 8 to 32 bits, at 4 to 192 kHz.
    #[schemars(regex(pattern = r"^data:audio/(wav|x-wav|wave|vnd\.wave);base64,"))]
    pub url: String,
    /// When it begins, in seconds from the beginning of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = MAX_START_S))]
    pub start_time: Option<f64>,
    /// What is heard in it, word for word, by a transcription that had nothing to do with the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
}

impl Audio {
    /// The recording in the file `bytes`, unchecked.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            url: format!("data:audio/wav;base64,{}", STANDARD.encode(bytes)),
            start_time: None,
            transcript: None,
        }
    }

    /// The media type and the data in base64.
    fn data(&self) -> Option<(&str, &str)> {
        self.url.strip_prefix("data:")?.split_once(";base64,")
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> usize {
        self.data().map_or(0, |(_, data)| {
            data.trim_end_matches('=').len().saturating_mul(3) / 4
        })
    }

    /// The file.
    ///
    /// # Errors
    /// What is wrong with `url`, for a person.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let form = "must be `data:audio/wav;base64,<data>`";
        let (media, data) = self.data().ok_or(form)?;
        if !TYPES.contains(&media) {
            return Err(format!("must be of audio/wav, and nothing else: {form}"));
        }
        if self.size() > MAX_AUDIO_BYTES {
            return Err(format!("must have at most {MAX_AUDIO_BYTES} bytes"));
        }
        let bytes = STANDARD
            .decode(data)
            .map_err(|fault| format!("is not base64: {fault}"))?;
        match (bytes.get(..4), bytes.get(8..12)) {
            (Some(b"RIFF"), Some(b"WAVE")) => Ok(bytes),
            _ => Err("is no WAV file: its first bytes are of something else".to_owned()),
        }
    }

    /// Names each field that is wrong, with what is wrong, for a person. Whether the file can be played is not looked at: an agent whose
    /// voice cannot be heard is something to be found out.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if let Err(fault) = self.bytes() {
            faults.push(("url", fault));
        }
        if let Some(start) = self.start_time
            && !(0.0..=MAX_START_S).contains(&start)
        {
            let bounds = format!("must be from 0 to {MAX_START_S} seconds");
            faults.push(("start_time", bounds));
        }
        if self
            .transcript
            .as_ref()
            .is_some_and(|t| t.len() > MAX_TRANSCRIPT)
        {
            faults.push(("transcript", "must be at most 1 MiB".to_owned()));
        }
        faults
    }
}

/// Whether so many bytes of recordings may stand in one case.
///
/// # Errors
/// Which bound they break, for a person.
pub fn check_audio<'a>(recordings: impl IntoIterator<Item = &'a Audio>) -> Result<(), String> {
    let sizes = recordings.into_iter().map(Audio::size);
    let bytes = sizes.fold(0_usize, usize::saturating_add);
    if bytes > MAX_AUDIO_BYTES {
        return Err(format!(
            "must have audio of at most {MAX_AUDIO_BYTES} bytes together, not {bytes}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(audio: &Audio) -> Vec<&'static str> {
        audio.faults().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn only_wav_files_are_taken() {
        let data = |media: &str, bytes: &[u8]| Audio {
            url: format!("data:{media};base64,{}", STANDARD.encode(bytes)),
            ..Audio::of(b"")
        };
        let check = |audio: Audio, ok: bool| {
            assert_eq!(fields(&audio).is_empty(), ok, "{audio:?}");
        };
        for media in TYPES {
            check(data(media, b"RIFF\0\0\0\0WAVE"), true);
        }
        check(data("audio/wav", b"RIFF\0\0\0\0WEBP"), false);
        check(data("audio/wav", b"RIFF"), false);
        check(data("audio/wav", b""), false);
        check(data("audio/mpeg", b"RIFF\0\0\0\0WAVE"), false);
        check(data("audio/wav", b"ID3\x04\0\0\0\0\0\0\0\0\0"), false);
        for url in [
            "https://example.com/a.wav",
            "data:audio/wav,abc",
            "data:audio/wav;base64,%%%",
            "file:///etc/passwd",
            "",
        ] {
            let url = url.to_owned();
            check(
                Audio {
                    url,
                    ..Audio::of(b"")
                },
                false,
            );
        }
    }

    #[test]
    fn bounds_are_named() {
        let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
        bytes.resize(MAX_AUDIO_BYTES, 0);
        let large = Audio::of(&bytes);
        assert_eq!(large.size(), MAX_AUDIO_BYTES);
        assert!(fields(&large).is_empty());
        assert!(check_audio([&large]).is_ok());
        let small = Audio::of(b"RIFF\0\0\0\0WAVE");
        assert!(check_audio([&large, &small]).is_err());
        bytes.push(0);
        assert_eq!(fields(&Audio::of(&bytes)), ["url"]);
        for (start, wrong) in [
            (0.0, false),
            (12.5, false),
            (-0.1, true),
            (f64::NAN, true),
            (f64::INFINITY, true),
        ] {
            let audio = Audio {
                start_time: Some(start),
                ..small.clone()
            };
            assert_eq!(fields(&audio) == ["start_time"], wrong, "{start}");
        }
        let audio = Audio {
            transcript: Some("x".repeat(MAX_TRANSCRIPT + 1)),
            ..small
        };
        assert_eq!(fields(&audio), ["transcript"]);
    }
}
