//! Whether the conversation has come to its expected outcome, by the word of the campaign's judge.

use crate::model::{self, Silence};
use crate::user_turn::{failure, together};
use assay_edge::Platform;
use assay_edge::tape::Tape;
use assay_graph::protocol::{CallStats, Failure, ModelSnapshot, UserTurnRequest};
use assay_llm::ChatOptions;
use assay_persona::{StopReason, outcome_call, read_outcome};

/// How often the judge is asked when what it says is no verdict.
const MAX_TRIES: u32 = 2;

/// Asks the judge; why the conversation ends, if it does. A judge that gives no verdict ends nothing: the conversation has other
/// ends. `spent` is what all calls of this turn took.
///
/// # Errors
/// [`Failure`] when the judge does not answer at all.
pub(crate) async fn ask(
    platform: &Platform,
    tape: &Tape,
    request: &UserTurnRequest,
    judge: &ModelSnapshot,
    spent: &mut Option<CallStats>,
) -> Result<Option<StopReason>, Failure> {
    let scenario = request.item.scenario.as_ref();
    let Some(asked) = scenario.and_then(|s| outcome_call(s, &request.messages)) else {
        return Ok(None);
    };
    let mut options = ChatOptions {
        seed: Some(request.seed),
        response_schema: Some(asked.response_schema),
        ..ChatOptions::default()
    };
    let mut tries = 0;
    while tries < MAX_TRIES {
        let (mut stats, said) =
            model::ask(platform, tape, judge, &asked.messages, &mut options).await;
        stats.prompt_hash = Some(asked.prompt_hash.clone());
        let stats = match spent.take() {
            Some(before) => together(before, stats),
            None => stats,
        };
        *spent = Some(stats.clone());
        match said {
            Ok(text) => {
                if let Ok(outcome) = read_outcome(&text) {
                    return Ok(outcome.stop());
                }
            }
            Err(Silence::Dial(e)) => {
                return Err(Failure {
                    retryable: e.retryable,
                    retry_after_ms: e.retry_after_ms,
                    ..failure(stats, format!("the judge of the outcome {}", e.message))
                });
            }
            Err(Silence::Answer(_)) => {}
        }
        tries += 1;
    }
    Ok(None)
}
