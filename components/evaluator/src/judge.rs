//! A judge and how it is asked: at its pace, a few tries, and not twice for the same; else an error that is not a score.

use crate::allowance::Purse;
use crate::answers::{self, Answers};
use crate::slots::Slot;
use assay_edge::db::Db;
use assay_edge::dial::{DialError, Sealed, dial_taped};
use assay_edge::pace::SharedPace;
use assay_edge::tape::Tape;
use assay_edge::{Platform, clock, random_bytes};
use assay_graph::pregel::RetryPolicy;
use assay_graph::protocol::ModelSnapshot;
use assay_llm::{ChatAnswer, ChatOptions, model_call, parse_model};
use assay_metrics::JudgeCall;
use assay_model::RunErrorKind;
use assay_model::pace::Bounds;
use std::cell::RefCell;

/// Tries of a question that fails for other reasons than its being too much.
const TRIES: u32 = 3;
/// Tries of a question while the judge says that it is too much: it says when it may be asked again, and is slowed down.
const TRIES_WHEN_BUSY: u32 = 8;

/// A model that judges a case by a metric, once.
pub(crate) struct Judge<'j> {
    pub(crate) platform: &'j Platform,
    pub(crate) db: &'j Db,
    pub(crate) workspace: &'j str,
    pub(crate) model: &'j ModelSnapshot,
    pub(crate) tape: Tape,
    pub(crate) seed: u64,
    /// Whether answers of before count, and these will later.
    pub(crate) reuse: bool,
    /// What may be spent, where that is bounded.
    pub(crate) purse: Option<&'j Purse<'j>>,
    fresh: RefCell<Vec<(String, ChatAnswer)>>,
}

impl<'j> Judge<'j> {
    /// `None` for the seed's own calls where they are written down: a recording must hold every answer.
    pub(crate) fn new(
        platform: &'j Platform,
        db: &'j Db,
        workspace: &'j str,
        model: &'j ModelSnapshot,
        (tape, seed, reuse): (Tape, u64, bool),
        purse: Option<&'j Purse<'j>>,
    ) -> Self {
        Self {
            platform,
            db,
            workspace,
            model,
            tape,
            seed,
            reuse,
            purse,
            fresh: RefCell::default(),
        }
    }

    /// Asks.
    ///
    /// # Errors
    /// Why there is no answer, for a person.
    pub(crate) async fn ask(&self, call: &JudgeCall) -> Result<ChatAnswer, String> {
        if !self.reuse {
            return self.dial(call).await;
        }
        let key = answers::key(&self.model.spec, call, self.seed);
        let answers = Answers::of(self.db, self.workspace);
        // A store that fails costs a call, not the verdict.
        if let Ok(Some(answer)) = answers.find(&key).await {
            return Ok(answer);
        }
        let answer = self.dial(call).await?;
        self.fresh.borrow_mut().push((key, answer.clone()));
        Ok(answer)
    }

    /// Keeps the answers for later; called when they have led to a verdict. What could not be used is asked for anew next time.
    pub(crate) async fn keep(&self) {
        let fresh = self.fresh.take();
        if !fresh.is_empty() {
            let answers = Answers::of(self.db, self.workspace);
            // They are only spared calls.
            let _: Result<(), _> = answers.keep(&fresh).await;
        }
    }

    async fn dial(&self, call: &JudgeCall) -> Result<ChatAnswer, String> {
        let spec = &self.model.spec;
        let mut options = ChatOptions {
            response_schema: Some((call.schema_name.to_owned(), call.schema.clone())),
            logprobs: call.logprobs,
            seed: Some(self.seed),
            ..ChatOptions::default()
        };
        let mut failures = 0;
        loop {
            let spending = match self.purse {
                Some(purse) => Some(purse.begin().await?),
                None => None,
            };
            let error = match self.once(call, &options).await? {
                Ok(bytes) => match parse_model(spec, &bytes) {
                    Ok(mut answer) => {
                        if let Some(spending) = spending {
                            spending.end(answer.cost_usd).await;
                        }
                        answer.model.get_or_insert_with(|| spec.model.clone());
                        return Ok(answer);
                    }
                    Err(e) => DialError {
                        kind: RunErrorKind::TargetBadResponse,
                        message: format!("gave an answer that cannot be read: {e}"),
                        retryable: e.may_pass(),
                        retry_after_ms: None,
                        status: None,
                    },
                },
                Err(e) => {
                    // Scoring copes without schemas and log probabilities.
                    if let Some(fewer) = options.after_refusal(e.status, &e.message) {
                        options = fewer;
                        continue;
                    }
                    e
                }
            };
            failures += 1;
            let tries = if is_busy(&error) {
                TRIES_WHEN_BUSY
            } else {
                TRIES
            };
            if !error.retryable || failures >= tries {
                return Err(format!("the judge {}", error.message));
            }
            let chance = random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0);
            let wait = RetryPolicy::CALLS.wait_ms(failures, chance, error.retry_after_ms);
            clock::sleep(self.tape.wait_ms(wait)).await;
        }
    }

    /// One call, when it is its turn.
    async fn once(
        &self,
        call: &JudgeCall,
        options: &ChatOptions,
    ) -> Result<Result<bytes::Bytes, DialError>, String> {
        let sealed = self.model.credential.as_deref().map(|envelope| Sealed {
            place: format!("models/{}/credential", self.model.id),
            envelope,
        });
        let dial = || {
            let call = model_call(&self.model.spec, &call.messages, options);
            dial_taped(self.platform, &self.tape, call, sealed)
        };
        if self.tape.plays() {
            return Ok(dial().await.answer);
        }
        let failed = |_| "the judge's pace is not known: the store is not available".to_owned();
        let pace = self.pace();
        let slot = Slot::take(self.workspace, &self.model.id, || pace.at_once(self.db));
        let _slot = slot.await.map_err(failed)?;
        if let Some(ms) = pace.wait(self.db).await.map_err(failed)? {
            let seconds = ms.div_ceil(1000);
            return Err(format!(
                "the judge has failed again and again, and is left alone for {seconds} s more"
            ));
        }
        let answer = dial().await.answer;
        let noted = match &answer {
            Err(e) if is_too_much(e) => pace.too_much(self.db, e.retry_after_ms).await,
            _ => pace.well(self.db).await,
        };
        noted.map_err(failed)?;
        Ok(answer)
    }

    fn pace(&self) -> SharedPace<'_> {
        let spec = &self.model.spec;
        SharedPace {
            workspace: self.workspace,
            id: &self.model.id,
            bounds: Bounds {
                most_at_once: spec.concurrency,
                per_minute: spec.pace.map(|p| p.per_minute),
                burst: spec.pace.map_or(1, |p| p.burst),
            },
        }
    }
}

/// Whether the server asks for fewer calls.
fn is_busy(e: &DialError) -> bool {
    e.kind == RunErrorKind::TargetRateLimited || e.retry_after_ms.is_some()
}

/// Whether the server may have failed for having too much to do.
fn is_too_much(e: &DialError) -> bool {
    is_busy(e) || e.kind == RunErrorKind::TargetTimeout || e.retryable
}
