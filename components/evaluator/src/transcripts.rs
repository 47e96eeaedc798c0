//! Recordings that a metric needs in words: a model of the workspace writes down what is heard in them, before anybody judges.

use crate::errand::tried;
use crate::named;
use assay_edge::dial::{Sealed, dial_taped};
use assay_edge::tape::Tape;
use assay_edge::{Platform, Problem};
use assay_graph::protocol::{EvaluateRequest, ModelSnapshot};
use assay_llm::{Transcript, embeds, parse_transcript, transcription_call};
use assay_metrics::{transcribed, untranscribed};
use assay_model::{Audio, MetricSpec, TestCase};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// Recordings that are sent at once.
const AT_ONCE: usize = 8;

/// A case with what was heard.
pub(crate) struct Spoken {
    pub(crate) case: TestCase,
    /// What it cost to hear it, in US dollars; `None` when that is unknown.
    pub(crate) cost_usd: Option<f64>,
}

/// The case with the transcripts that `metric` needs; `None` where it has them, or needs none. The inner error says why they cannot be had,
/// for a person.
///
/// # Errors
/// When a store fails.
pub(crate) async fn taken(
    platform: &Platform,
    tape: &Tape,
    request: &EvaluateRequest,
    metric: &MetricSpec,
) -> Result<Result<Option<Spoken>, String>, Problem> {
    let (model_id, recordings) = match untranscribed(metric, &request.case) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return Ok(Ok(None)),
        Err(why) => return Ok(Err(why)),
    };
    let models = named::models(platform, &request.workspace_id, &[model_id.as_str()]).await?;
    let Some(model) = models.first().filter(|model| embeds(&model.spec)) else {
        let why = "the model of its transcripts is not there, or makes none";
        return Ok(Err(why.to_owned()));
    };
    let each = recordings.into_iter().map(|(at, audio)| async move {
        let tape = tape.part(&at.to_string());
        let heard = hear(platform, &tape, model, audio).await;
        heard.map(|transcript| (at, transcript)).map_err(|failed| {
            format!("the model of its transcripts {failed} (of `/messages/{at}/audio`)")
        })
    });
    let heard: Result<Vec<(usize, Transcript)>, String> =
        stream::iter(each).buffered(AT_ONCE).try_collect().await;
    Ok(heard.map(|all| {
        let costs = all.iter().map(|(_, transcript)| transcript.cost_usd);
        let cost_usd = costs.sum::<Option<f64>>();
        let texts = all.into_iter().map(|(at, heard)| (at, heard.text));
        let case = transcribed(&request.case, texts.collect());
        Some(Spoken { case, cost_usd })
    }))
}

/// What a model hears, or what it did instead; it is asked a few times where it may answer the next time.
async fn hear(
    platform: &Platform,
    tape: &Tape,
    model: &ModelSnapshot,
    audio: &Audio,
) -> Result<Transcript, String> {
    let wav = audio
        .bytes()
        .map_err(|why| format!("cannot be asked: the recording {why}"))?;
    let dial = || {
        let sealed = model.credential.as_deref().map(|envelope| Sealed {
            place: format!("models/{}/credential", model.id),
            envelope,
        });
        dial_taped(
            platform,
            tape,
            transcription_call(&model.spec, &wav),
            sealed,
        )
    };
    let answer = tried(tape, dial).await?;
    parse_transcript(&model.spec, &answer)
        .map_err(|e| format!("gave an answer that cannot be used: {e}"))
}
