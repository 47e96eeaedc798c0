//! What an answer has said so far, while it streams: for those who look on.
//!
//! A run never rests on it. When the answer is there it is read as a whole, as it would be if nobody had looked on; what is wrong
//! with a stream ends what is told here and is nobody's fault until then.

use super::{a2a, anthropic, openai_responses};
use crate::decoder::Decoder;
use crate::stream::{Completion, Hears, Joined};
use assay_model::{AgentKind, AgentSpec};

/// Most bytes of a text that are told while it streams: 64 KiB.
pub const MAX_PARTIAL_BYTES: usize = 64 << 10;

/// An answer in the making. Takes the bytes of its body as they come, and gives the text so far.
pub struct Partial {
    decoder: Decoder,
    hears: Box<dyn Hears>,
    text: String,
    /// Whether nothing more is told.
    over: bool,
}

impl Partial {
    pub(super) fn new(agent: &AgentSpec) -> Self {
        let hears: Box<dyn Hears> = match agent.kind {
            AgentKind::OpenaiChat => Box::<Completion>::default(),
            AgentKind::OpenaiResponses => Box::<openai_responses::Streamed>::default(),
            AgentKind::AnthropicMessages => Box::<anthropic::Streamed>::default(),
            AgentKind::A2a => Box::<a2a::Told>::default(),
            AgentKind::Http => {
                let pointer = agent.response_pointer.as_deref().unwrap_or_default();
                Box::new(Joined::new(pointer))
            }
        };
        Self {
            decoder: Decoder::new(),
            hears,
            text: String::new(),
            over: false,
        }
    }

    /// Takes the next bytes of the body.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.over {
            return;
        }
        self.decoder.feed(bytes);
        let mut heard = false;
        while !self.over
            && let Some(data) = self.decoder.next()
        {
            heard = true;
            self.over = self.hears.hear(&data).unwrap_or(true);
        }
        if !heard {
            return;
        }
        self.text = self.hears.said();
        if self.text.len() > MAX_PARTIAL_BYTES {
            let end = self.text.floor_char_boundary(MAX_PARTIAL_BYTES);
            self.text.truncate(end);
            self.over = true;
        }
    }

    /// The text so far, [`MAX_PARTIAL_BYTES`] at most. As a rule it grows; an agent that takes back what it said changes it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Partial")
            .field("text", &self.text)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "partial_tests.rs"]
mod tests;
