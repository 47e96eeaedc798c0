//! Transcription of recordings: requests of OpenAI's API, which most servers of speech speak, and their answers.

use crate::answer::parse_json;
use crate::model::below;
use crate::{AnswerError, AuthSlot, HttpCall, cost, excerpt};
use assay_model::{ModelProvider, ModelSpec, TokenUsage};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Most bytes of a transcript: 64 KiB.
const MAX_TEXT: usize = 64 << 10;

/// What models that tidy up what they hear are asked for; others make things up when they are asked for anything.
const VERBATIM: &str = "Write down every sound as it is: um and uh, half words, words that are none as they sound, and noises in brackets, \
                        such as [beep].";
const TIDY: &str = "gpt-4o";

/// What a model heard in a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The words.
    pub text: String,
    /// Tokens spent, when the server says; many count seconds.
    pub usage: Option<TokenUsage>,
    /// Cost in US dollars, when usage and price are known.
    pub cost_usd: Option<f64>,
}

/// The request for what is heard in a WAV file.
#[must_use]
pub fn transcription_call(model: &ModelSpec, wav: &[u8]) -> HttpCall {
    let mut hash = DefaultHasher::new();
    wav.hash(&mut hash);
    // No file holds what is made of all of it.
    let boundary = format!("assay-{:016x}", hash.finish());
    let mut body = Vec::with_capacity(wav.len() + 1024);
    let mut field = |name: &str, value: &str| {
        let part = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    };
    field("model", &model.model);
    field("response_format", "json");
    if model.model.starts_with(TIDY) {
        field("prompt", VERBATIM);
    }
    let file = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"turn.wav\"\r\ncontent-type: audio/wav\r\n\r\n"
    );
    body.extend(file.into_bytes());
    body.extend(wav);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    let form = format!("multipart/form-data; boundary={boundary}");
    HttpCall {
        method: "POST",
        url: below(&model.base_url, "/audio/transcriptions"),
        headers: vec![
            ("content-type".to_owned(), form),
            ("accept".to_owned(), "application/json".to_owned()),
        ],
        secret_headers: Vec::new(),
        auth: Some(match model.provider {
            ModelProvider::AzureOpenai => AuthSlot::header("api-key"),
            _ => AuthSlot::bearer(),
        }),
        body,
        timeout_ms: model.timeout_ms,
    }
}

/// Reads the body of a successful answer.
///
/// # Errors
/// [`AnswerError`] when it is too large, not JSON, an error report, or has no text.
pub fn parse_transcript(model: &ModelSpec, body: &[u8]) -> Result<Transcript, AnswerError> {
    let body = parse_json(body)?;
    if let Some(error) = body.get("error").filter(|error| !error.is_null()) {
        let said = error.pointer("/message").and_then(Value::as_str);
        let said = said.map_or_else(|| error.to_string(), str::to_owned);
        return Err(AnswerError::Reported(excerpt(&said)));
    }
    let text = body.get("text").and_then(Value::as_str);
    let text = text.ok_or(AnswerError::Shape("it has no `text`"))?;
    if text.len() > MAX_TEXT {
        return Err(AnswerError::Shape("its `text` is too long"));
    }
    let tokens = |place: &str| body.pointer(place).and_then(Value::as_u64);
    let spent = tokens("/usage/input_tokens").zip(tokens("/usage/output_tokens"));
    let usage = spent.map(|(input, output)| TokenUsage { input, output });
    Ok(Transcript {
        text: text.to_owned(),
        cost_usd: cost(model.price.as_ref(), usage.as_ref()),
        usage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model(provider: &str, name: &str) -> ModelSpec {
        serde_json::from_value(json!({
            "name": "s", "provider": provider, "base_url": "https://models.example/v1/", "model": name,
            "price": {"input_per_million": 2.0, "output_per_million": 10.0},
        }))
        .unwrap()
    }

    #[test]
    fn the_request_is_a_form_with_the_file() {
        let wav = b"RIFF\0\0\0\0WAVE--assay-\r\n\xff";
        let call = transcription_call(&model("openai", "whisper-1"), wav);
        assert_eq!(call.url, "https://models.example/v1/audio/transcriptions");
        let (_, form) = &call.headers[0];
        let boundary = form.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = [
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n").into_bytes(),
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"response_format\"\r\n\r\njson\r\n").into_bytes(),
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"turn.wav\"\r\ncontent-type: audio/wav\r\n\r\n").into_bytes(),
            wav.to_vec(),
            format!("\r\n--{boundary}--\r\n").into_bytes(),
        ];
        assert_eq!(call.body, expected.concat());
        let asked = transcription_call(&model("openai", "gpt-4o-transcribe"), wav);
        assert!(String::from_utf8_lossy(&asked.body).contains(VERBATIM));
        let azure = transcription_call(&model("azure_openai", "w"), wav);
        assert_eq!(azure.auth, Some(AuthSlot::header("api-key")));
    }

    #[test]
    fn answers_are_read() {
        let read =
            |body: Value| parse_transcript(&model("openai", "w"), body.to_string().as_bytes());
        let plain =
            read(json!({"text": " Hello. ", "usage": {"type": "duration", "seconds": 3}})).unwrap();
        assert_eq!(
            (plain.text.as_str(), plain.usage, plain.cost_usd),
            (" Hello. ", None, None)
        );
        let counted = read(
            json!({"text": "", "usage": {"type": "tokens", "input_tokens": 1_000_000, "output_tokens": 100_000}}),
        );
        assert_eq!(counted.unwrap().cost_usd, Some(3.0));
        assert!(matches!(
            read(json!({"error": {"message": "no"}})),
            Err(AnswerError::Reported(_))
        ));
        for wrong in [
            json!({}),
            json!({"text": 3}),
            json!([]),
            json!({"text": "x".repeat(MAX_TEXT + 1)}),
        ] {
            assert!(matches!(read(wrong), Err(AnswerError::Shape(_))));
        }
        assert!(parse_transcript(&model("openai", "w"), b"<html>").is_err());
    }
}
