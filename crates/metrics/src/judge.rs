//! The way from a metric to its judge.
//!
//! A metric that asks a judge is an `async fn` over a [`Judge`]. Nothing in it does I/O: a question goes to a desk, and the future
//! sleeps until whoever drives the evaluation has laid the answer there. So a metric reads like what it does, and its questions
//! that do not depend on one another are open at the same time.

use crate::pictures::Pictures;
use assay_llm::{ChatAnswer, extract_json};
use assay_model::{Message, Role};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::text::clip;

/// Most characters of a judge's words that are shown to it again, or kept.
pub(crate) const MAX_RAW_CHARS: usize = 10_000;

/// Most characters of an unusable answer that a person is told.
const MAX_SHOWN_CHARS: usize = 120;

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
    fn again(&self, said: &str, problem: &str) -> Self {
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

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Names it to [`crate::Evaluation::answer`].
    pub id: u64,
    /// The branch of the metric that asks. Asked one after the other, questions go in the order of their branches; those of one
    /// branch in the order of their ids.
    pub branch: Vec<u32>,
    /// The question.
    pub call: JudgeCall,
}

/// Where questions and answers lie.
#[derive(Default)]
pub(crate) struct Desk {
    next: u64,
    opened: Vec<Asked>,
    waiting: HashMap<u64, Option<Waker>>,
    answers: HashMap<u64, Result<ChatAnswer, String>>,
}

impl Desk {
    /// The questions that were put since this was called last.
    pub(crate) fn opened(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.opened)
    }

    /// How many questions have no answer yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Lays an answer there. `false` where nobody waits for it.
    pub(crate) fn lay(&mut self, id: u64, answer: Result<ChatAnswer, String>) -> bool {
        let Some(waker) = self.waiting.remove(&id) else {
            return false;
        };
        self.answers.insert(id, answer);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

/// The judge as a metric sees it.
#[derive(Clone)]
pub(crate) struct Judge {
    desk: Rc<RefCell<Desk>>,
    pictures: Rc<Pictures>,
    branch: Vec<u32>,
}

impl Judge {
    /// The judge who is asked at `desk` and can be shown `pictures`.
    pub(crate) fn at(desk: Rc<RefCell<Desk>>, pictures: Pictures) -> Self {
        Self {
            desk,
            pictures: Rc::new(pictures),
            branch: Vec::new(),
        }
    }

    /// The judge for the `n`th of several things that go on side by side.
    pub(crate) fn branch(&self, n: usize) -> Self {
        let mut branch = self.branch.clone();
        branch.push(u32::try_from(n).unwrap_or(u32::MAX));
        Self {
            desk: Rc::clone(&self.desk),
            pictures: Rc::clone(&self.pictures),
            branch,
        }
    }

    /// Asks, and takes what `read` finds in the JSON of the answer. An answer that cannot be used is asked for once more with a
    /// word on what is wrong, worded by `read` so that the judge understands.
    ///
    /// # Errors
    /// For a person: the judge could not be asked, or gave twice what cannot be used; or the question has too many images.
    pub(crate) async fn ask<T>(
        &self,
        call: JudgeCall,
        read: impl Fn(&Value, &ChatAnswer) -> Result<T, String>,
    ) -> Result<T, String> {
        let read = |answer: &ChatAnswer| match extract_json(&answer.content) {
            Some(verdict) => read(&verdict, answer),
            None if answer.finish_reason.as_deref() == Some("length") => Err(format!(
                "it was cut off where the model's `max_tokens` end, in \"{}\"",
                clip(&answer.content, MAX_SHOWN_CHARS)
            )),
            None => Err(format!(
                "it holds no JSON object but \"{}\"",
                clip(&answer.content, MAX_SHOWN_CHARS)
            )),
        };
        let call = match self.pictures.illustrate(&call.messages)? {
            Some(messages) => {
                JudgeCall::new(messages, call.schema_name, call.schema, call.logprobs)
            }
            None => call,
        };
        let answer = self.put(call.clone()).await?;
        let problem = match read(&answer) {
            Ok(found) => return Ok(found),
            Err(problem) => problem,
        };
        let again = call.again(&clip(&answer.content, MAX_RAW_CHARS), &problem);
        let answer = self.put(again).await?;
        read(&answer)
            .map_err(|problem| format!("the judge's answer could not be used, twice: {problem}"))
    }

    async fn put(&self, call: JudgeCall) -> Result<ChatAnswer, String> {
        let id = {
            let mut desk = self.desk.borrow_mut();
            let id = desk.next;
            desk.next += 1;
            let branch = self.branch.clone();
            desk.opened.push(Asked { id, branch, call });
            desk.waiting.insert(id, None);
            id
        };
        let answer = poll_fn(|cx| {
            let mut desk = self.desk.borrow_mut();
            match desk.answers.remove(&id) {
                Some(answer) => Poll::Ready(answer),
                None => {
                    desk.waiting.insert(id, Some(cx.waker().clone()));
                    Poll::Pending
                }
            }
        });
        answer
            .await
            .map_err(|why| format!("the judge could not be asked: {why}"))
    }
}
