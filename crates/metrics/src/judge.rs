//! Questions to a judge model, as data.

use crate::registry::Scored;
use assay_llm::ChatAnswer;
use assay_model::{Message, Role};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One question to the judge. Send it with `schema` as the response format, and with log probabilities where wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeCall {
    /// The conversation that poses the question.
    pub messages: Vec<Message>,
    /// Name of the answer's schema.
    pub schema_name: &'static str,
    /// JSON Schema of the answer.
    pub schema: Value,
    /// Whether token probabilities refine the score. A judge that gives none is scored by its word alone.
    pub logprobs: bool,
    /// SHA-256, in hex, of all the above: equal calls have equal hashes, so it can also be the key of a cache.
    pub prompt_hash: String,
}

impl JudgeCall {
    /// A call with its hash.
    pub(crate) fn new(
        messages: Vec<Message>,
        schema_name: &'static str,
        schema: Value,
        logprobs: bool,
    ) -> Self {
        let hashed = json!([messages, schema_name, schema, logprobs]).to_string();
        let prompt_hash = hex::encode(Sha256::digest(hashed.as_bytes()));
        Self {
            messages,
            schema_name,
            schema,
            logprobs,
            prompt_hash,
        }
    }

    /// The same question once more, after `said` turned out to be of no use.
    pub(crate) fn again(&self, said: &str, problem: &str) -> Self {
        let mut messages = self.messages.clone();
        // Some servers refuse an empty message.
        messages.push(Message::new(
            Role::Assistant,
            if said.is_empty() { "(no answer)" } else { said },
        ));
        messages.push(Message::new(
            Role::User,
            format!(
                "That answer cannot be used: {problem}. Answer the same question again with one JSON object that satisfies \
                 this JSON Schema, and nothing else:\n{}",
                self.schema
            ),
        ));
        Self::new(
            messages,
            self.schema_name,
            self.schema.clone(),
            self.logprobs,
        )
    }
}

/// A metric's dialogue with the judge.
pub(crate) trait Judged: Send {
    /// The question that is open.
    fn call(&self) -> JudgeCall;

    /// Takes the answer to the open question; `verdict` is the JSON found in it.
    ///
    /// # Errors
    /// What is wrong with it, worded so that the judge understands; the question stays open.
    fn read(&mut self, verdict: &Value, answer: &ChatAnswer) -> Result<Next, String>;
}

/// What follows an answer.
pub(crate) enum Next {
    /// Another question is open now.
    Ask,
    /// The score.
    Scored(Scored),
}
