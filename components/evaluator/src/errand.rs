//! What metrics need done outside: programs of the workspace, which the simulator runs in its sandbox, calls of servers, embeddings, and
//! components of the installation.

use crate::composed;
use crate::named;
use assay_edge::db::ScopedDb;
use assay_edge::dial::{Dialled, Sealed, dial_taped, dial_within};
use assay_edge::tape::Tape;
use assay_edge::{Platform, Problem, chain, clock, named_secrets, random_bytes};
use assay_graph::pregel::RetryPolicy;
use assay_graph::protocol::{EvaluateRequest, ProgramRequest, ProgramResponse};
use assay_llm::{HttpCall, embeddings_call, embeds, parse_embeddings};
use assay_metrics::Errand;
use assay_model::{HeaderPart, Recording};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most bytes of a server's answer.
const MAX_BYTES: usize = 64 << 10;

/// What came of an errand: JSON, or why there is none, for a person.
pub(crate) type Came = Result<Value, String>;

/// Does an errand, on the tape of its metric. An error is a fault of ours.
pub(crate) async fn run(
    platform: &Platform,
    tape: &Tape,
    recording: Option<Recording>,
    request: &EvaluateRequest,
    errand: Errand,
) -> Result<Came, Problem> {
    match errand {
        Errand::Program { program_id, input } => {
            let request = ProgramRequest {
                workspace_id: request.workspace_id.clone(),
                program_id,
                input,
                seed: request.seed,
                recording,
            };
            program(platform, request).await
        }
        Errand::Component { name, input } => {
            composed::score(tape, &request.case, &name, &input).await
        }
        Errand::Call(call) => ask(platform, tape, &request.workspace_id, call).await,
        Errand::Embed { model_id, texts } => {
            embed(platform, tape, &request.workspace_id, &model_id, &texts).await
        }
    }
}

async fn program(platform: &Platform, request: ProgramRequest) -> Result<Came, Problem> {
    let answer: ProgramResponse =
        chain::call(platform, "simulator", "/internal/program", request).await?;
    Ok(match answer {
        ProgramResponse::Value { output, .. } => Ok(output),
        ProgramResponse::Failed { message } => Err(format!("the program {message}")),
    })
}

/// Asks a server, a few times where it may answer the next time.
async fn ask(
    platform: &Platform,
    tape: &Tape,
    workspace: &str,
    call: HttpCall,
) -> Result<Came, Problem> {
    let parts = call.secret_headers.iter().flat_map(|header| &header.parts);
    let names: BTreeSet<String> = parts
        .filter_map(|part| match part {
            HeaderPart::Secret(name) | HeaderPart::Signature(name) => Some(name.clone()),
            HeaderPart::Text(_) => None,
        })
        .collect();
    let db = ScopedDb::for_internal(platform.db().await?, workspace.to_owned());
    let secrets = named_secrets::sealed(&db, &names).await?;
    let dial = || dial_within(platform, tape, call.clone(), &secrets, MAX_BYTES);
    let answer = tried(tape, dial).await;
    Ok(match answer {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|e| format!("the webhook's answer is not JSON: {e}")),
        Err(failed) => Err(format!("the webhook {failed}")),
    })
}

/// Asks a model for embeddings, a few times where it may answer the next time.
async fn embed(
    platform: &Platform,
    tape: &Tape,
    workspace: &str,
    model_id: &str,
    texts: &[String],
) -> Result<Came, Problem> {
    let models = named::models(platform, workspace, &[model_id]).await?;
    let Some(model) = models.first().filter(|model| embeds(&model.spec)) else {
        return Ok(Err(
            "the model of its embeddings is not there, or makes none".to_owned(),
        ));
    };
    let dial = || {
        let sealed = model.credential.as_deref().map(|envelope| Sealed {
            place: format!("models/{}/credential", model.id),
            envelope,
        });
        dial_taped(platform, tape, embeddings_call(&model.spec, texts), sealed)
    };
    let answer = tried(tape, dial).await;
    let found = answer.and_then(|bytes| {
        parse_embeddings(&model.spec, &bytes, texts.len())
            .map_err(|e| format!("gave an answer that cannot be used: {e}"))
    });
    Ok(found
        .map(|embeddings| json!(embeddings))
        .map_err(|failed| format!("the model of its embeddings {failed}")))
}

/// The bytes that a server answers, or what it did instead; it is asked a few times where it may answer the next time.
pub(crate) async fn tried<D: Future<Output = Dialled>>(
    tape: &Tape,
    dial: impl Fn() -> D,
) -> Result<Bytes, String> {
    let mut failures = 0;
    loop {
        let failed = match dial().await.answer {
            Ok(bytes) => return Ok(bytes),
            Err(failed) => failed,
        };
        failures += 1;
        if !failed.retryable || failures >= RetryPolicy::CALLS.max_attempts {
            return Err(failed.message);
        }
        let chance = random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0);
        let wait = RetryPolicy::CALLS.wait_ms(failures, chance, failed.retry_after_ms);
        clock::sleep(tape.wait_ms(wait)).await;
    }
}
