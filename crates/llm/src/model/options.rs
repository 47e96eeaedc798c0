//! What is wanted of one answer, and what to do without when it is refused.

use serde_json::Value;

/// What is wanted of one answer besides the model's own settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChatOptions {
    /// Name and JSON Schema of the object that the model must answer with.
    pub response_schema: Option<(String, Value)>,
    /// Whether token probabilities are wanted.
    pub logprobs: bool,
    /// For a repeatable answer, where the provider keeps to it.
    pub seed: Option<u64>,
    /// Leave the model's temperature out of the request: some models have but one.
    pub without_temperature: bool,
    /// The answer is to come as it is made, for those who look on.
    pub stream: bool,
}

impl ChatOptions {
    /// What to ask for after the server refused the request with `status` and said `why`; `None` when there is nothing to leave
    /// out, or something else is wrong.
    ///
    /// What `why` names goes first, alone. Servers that know neither schemas nor log probabilities do not always say so: the two go
    /// together. So no request is refused more often than there are wishes.
    #[must_use]
    pub fn after_refusal(&self, status: Option<u16>, why: &str) -> Option<Self> {
        if !matches!(status, Some(400 | 422 | 501)) {
            return None;
        }
        let why = why.to_ascii_lowercase();
        if !self.without_temperature && why.contains("temperature") {
            return Some(Self {
                without_temperature: true,
                ..self.clone()
            });
        }
        if self.logprobs && why.contains("logprob") {
            return Some(Self {
                logprobs: false,
                ..self.clone()
            });
        }
        if self.stream && why.contains("stream") {
            return Some(Self {
                stream: false,
                ..self.clone()
            });
        }
        (self.logprobs || self.response_schema.is_some()).then(|| Self {
            response_schema: None,
            logprobs: false,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_refusal_names_goes_first() {
        let all = ChatOptions {
            response_schema: Some(("Verdict".into(), json!({}))),
            logprobs: true,
            seed: Some(7),
            ..ChatOptions::default()
        };
        let cold = all.after_refusal(
            Some(400),
            "answered 400: `temperature` is deprecated for this model.",
        );
        let cold = cold.unwrap();
        assert!(cold.without_temperature && cold.logprobs && cold.response_schema.is_some());
        // It is left out once: whoever speaks of it again means something else.
        let plain = cold.after_refusal(Some(400), "temperature").unwrap();
        assert!(plain.without_temperature && !plain.logprobs && plain.response_schema.is_none());
        assert_eq!(plain.seed, Some(7));
        assert_eq!(plain.after_refusal(Some(400), "temperature"), None);
        let sure = all.after_refusal(
            Some(400),
            "Logprobs is not enabled for models/gemini-2.5-flash",
        );
        let sure = sure.unwrap();
        assert!(!sure.logprobs && sure.response_schema.is_some());
        assert!(!sure.after_refusal(Some(400), "logprobs").unwrap().logprobs);
    }

    #[test]
    fn who_does_not_stream_answers_as_a_whole() {
        let streamed = ChatOptions {
            stream: true,
            ..ChatOptions::default()
        };
        let why =
            "answered 400: Unsupported value: 'stream' does not support true with this model.";
        let whole = streamed.after_refusal(Some(400), why).unwrap();
        assert_eq!(whole, ChatOptions::default());
        assert_eq!(streamed.after_refusal(Some(400), "no"), None);
    }

    #[test]
    fn nothing_is_left_out_for_another_reason() {
        let schema = ChatOptions {
            response_schema: Some(("Verdict".into(), json!({}))),
            ..ChatOptions::default()
        };
        for status in [422, 501] {
            let plain = schema.after_refusal(Some(status), "no").unwrap();
            assert_eq!(plain, ChatOptions::default());
        }
        for status in [Some(401), Some(429), Some(500), Some(529), None] {
            assert_eq!(schema.after_refusal(status, "temperature"), None);
        }
        assert_eq!(ChatOptions::default().after_refusal(Some(400), "no"), None);
    }
}
