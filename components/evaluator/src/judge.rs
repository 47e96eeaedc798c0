//! Calls of the judge: a few tries, then an error that is not a score.

use assay_edge::dial::{Sealed, dial_taped};
use assay_edge::tape::Tape;
use assay_edge::{Platform, clock, random_bytes};
use assay_graph::pregel::RetryPolicy;
use assay_graph::protocol::ModelSnapshot;
use assay_llm::{ChatAnswer, ChatOptions, chat_call, parse_chat};
use assay_metrics::JudgeCall;

/// Asks the judge.
///
/// # Errors
/// Why there is no verdict, for a person.
pub(crate) async fn ask(
    platform: &Platform,
    tape: &Tape,
    judge: Option<&ModelSnapshot>,
    call: &JudgeCall,
    seed: u64,
) -> Result<ChatAnswer, String> {
    let Some(judge) = judge else {
        return Err("no judge model is configured".into());
    };
    let mut options = ChatOptions {
        response_schema: Some((call.schema_name.to_owned(), call.schema.clone())),
        logprobs: call.logprobs,
        seed: Some(seed),
    };
    let mut failures = 0;
    let mut plain = false;
    loop {
        let sealed = judge.credential.as_deref().map(|envelope| Sealed {
            place: format!("models/{}/credential", judge.id),
            envelope,
        });
        let dialled = dial_taped(
            platform,
            tape,
            chat_call(&judge.spec, &call.messages, &options),
            sealed,
        )
        .await;
        let (message, retryable, asked) = match dialled.answer {
            Ok(bytes) => match parse_chat(&bytes, judge.spec.price.as_ref()) {
                Ok(mut answer) => {
                    answer.model.get_or_insert_with(|| judge.spec.model.clone());
                    return Ok(answer);
                }
                Err(e) => (
                    format!("the judge's answer cannot be read: {e}"),
                    true,
                    None,
                ),
            },
            // Some servers know neither schemas nor log probabilities; scoring copes without.
            Err(e) if !plain && matches!(e.status, Some(400 | 422 | 501)) => {
                plain = true;
                options = ChatOptions {
                    seed: options.seed,
                    ..ChatOptions::default()
                };
                continue;
            }
            Err(e) => (
                format!("the judge {}", e.message),
                e.retryable,
                e.retry_after_ms,
            ),
        };
        failures += 1;
        if !retryable || failures >= RetryPolicy::CALLS.max_attempts {
            return Err(message);
        }
        let chance = random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0);
        clock::sleep(tape.wait_ms(RetryPolicy::CALLS.wait_ms(failures, chance, asked))).await;
    }
}
