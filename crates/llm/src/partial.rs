//! What an answer has said so far, while it streams: for those who look on.
//!
//! A run never rests on it. When the answer is there it is read as a whole, as it would be if nobody had looked on; what is wrong
//! with a stream ends what is told here and is nobody's fault until then.

use crate::decoder::Decoder;
use crate::model;
use crate::stream::Hears;
use assay_model::ModelSpec;

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
    pub(crate) fn new(hears: Box<dyn Hears>) -> Self {
        Self {
            decoder: Decoder::new(),
            hears,
            text: String::new(),
            over: false,
        }
    }

    /// Of a model that was asked to stream.
    #[must_use]
    pub fn of_model(model: &ModelSpec) -> Self {
        Self::new(model::hears(model))
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
