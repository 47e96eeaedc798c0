//! One call of a model: by the persona that it plays, or in a trial.

use assay_edge::Platform;
use assay_edge::dial::{DialError, Sealed, dial_followed};
use assay_edge::progress::Progress;
use assay_edge::tape::Tape;
use assay_graph::protocol::{CallStats, ModelSnapshot};
use assay_llm::{AnswerError, ChatAnswer, ChatOptions, model_call, parse_model};
use assay_model::{Message, RunError, RunErrorKind};

/// Why a model said nothing.
pub(crate) enum Silence {
    /// There was no answer.
    Dial(DialError),
    /// The answer cannot be read.
    Answer(AnswerError),
}

impl Silence {
    /// As it is told to a person.
    pub(crate) fn told(self) -> RunError {
        let (kind, message) = match self {
            Self::Dial(e) => (e.kind, format!("the model {}", e.message)),
            Self::Answer(e) => (
                RunErrorKind::TargetBadResponse,
                format!("the model's answer cannot be read: {e}"),
            ),
        };
        RunError { kind, message }
    }
}

/// Asks the model; what it said, and what the call took. What the server refuses is left out, from `options` as well, so that it is
/// not asked for again.
pub(crate) async fn ask(
    platform: &Platform,
    tape: &Tape,
    model: &ModelSnapshot,
    messages: &[Message],
    options: &mut ChatOptions,
) -> (CallStats, Result<String, Silence>) {
    let progress = Progress::default();
    let (stats, answer) = ask_followed(platform, tape, model, messages, options, &progress).await;
    (stats, answer.map(|answer| answer.content))
}

/// As [`ask`], with all of the answer; what comes in is in `progress` meanwhile.
pub(crate) async fn ask_followed(
    platform: &Platform,
    tape: &Tape,
    model: &ModelSnapshot,
    messages: &[Message],
    options: &mut ChatOptions,
    progress: &Progress,
) -> (CallStats, Result<ChatAnswer, Silence>) {
    let mut began = None;
    let dialled = loop {
        let call = model_call(&model.spec, messages, options);
        let sealed = model.credential.as_deref().map(|envelope| Sealed {
            place: format!("models/{}/credential", model.id),
            envelope,
        });
        let dialled = dial_followed(platform, tape, call, sealed, progress).await;
        began.get_or_insert(dialled.started);
        let refused = dialled.answer.as_ref().err();
        match refused.and_then(|e| options.after_refusal(e.status, &e.message)) {
            Some(fewer) => *options = fewer,
            None => break dialled,
        }
    };
    let mut stats = CallStats {
        started: began.unwrap_or(dialled.started),
        ended: dialled.ended,
        ..CallStats::default()
    };
    let bytes = match dialled.answer {
        Ok(bytes) => bytes,
        Err(e) => return (stats, Err(Silence::Dial(e))),
    };
    match parse_model(&model.spec, &bytes) {
        Ok(answer) => {
            stats.model.clone_from(&answer.model);
            stats.usage = answer.usage;
            stats.cost_usd = answer.cost_usd;
            (stats, Ok(answer))
        }
        Err(e) => (stats, Err(Silence::Answer(e))),
    }
}
