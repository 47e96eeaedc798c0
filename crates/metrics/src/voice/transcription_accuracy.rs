//! `transcription_accuracy`: the share of what was said that the agent took for what it was. As in DeepEval.
//!
//! Against `content`, what the user says until the agent answers is compared with the `provider_transcript` of the answer. Against `audio`, each
//! turn's recording, as somebody else transcribed it (`audio.transcript`), is compared with the text that the agent worked with: what it took the
//! user's words to be, or what it meant to say itself.
//!
//! Recordings without a transcript are transcribed by `stt_model_id`, before the metric begins ([`untranscribed`], [`transcribed`]): it is done once,
//! however often is judged.
//!
//! Deviations: a transcript that comes with the case is taken, where upstream has its model transcribe every recording; without either it is an
//! error. Without anything to compare the metric has nothing to say, where upstream gives 1 and asks a judge why.

use crate::conversation::interactions::said;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::text::clip;
use crate::verdicts::{Wanted, explain, reasons, verdicts, verdicts_schema, words};
use assay_model::{Audio, Message, MetricKind, MetricSpec, Role, TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most characters of what was said at once that a judge is shown.
const MAX_CHARS: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Against {
    #[default]
    Content,
    Audio,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    compare_against: Against,
    stt_model_id: Option<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

/// What is the same in both: how the same words may be written.
const SAME: &str = "These are no faults: punctuation, capitals, where sentences are split; numbers in digits or in words; fillers, stutters and \
    backchannels that are left out of a sentence; other spellings, contractions, other ways to write dates, times, money and units; the same words \
    twice. These are faults: a number, quantity, date or duration of another value; a negation lost or added; words that are missing or made up, so \
    that the sense is another.";

pub(crate) struct TranscriptionAccuracy;

impl Metric for TranscriptionAccuracy {
    fn about(&self) -> About {
        About {
            name: "Transcription accuracy",
            description: "The share of what was said that the agent heard rightly: `provider_transcript` of its answers beside what the user \
                          said. Against `audio`, the share of recordings whose text accounts for what an independent transcription heard in \
                          them (`audio.transcript`).",
            required_fields: &["conversation", "provider_transcript"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"compare_against": {"enum": ["content", "audio"], "default": "content",
                    "description": "What was really said: the `content` of the user's turns, or what was heard in each turn's `audio`."},
                    "stt_model_id": {"type": "string", "minLength": 1, "maxLength": 100,
                    "description": "The model that transcribes recordings without a `transcript`, by OpenAI's API. Only against `audio`."}}),
                &[],
            ),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            v.require(
                params.stt_model_id.is_none() || params.compare_against == Against::Audio,
                "stt_model_id",
                "is of use only with `compare_against`: `audio`",
            );
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let named = match params.get("compare_against").and_then(Value::as_str) {
            Some("audio") => "audio",
            _ => "provider_transcript",
        };
        vec!["conversation".to_owned(), named.to_owned()]
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let turns = said(&case.messages);
        let exchanges = match params.compare_against {
            Against::Content => heard(&turns),
            Against::Audio => match recorded(&turns) {
                Ok(exchanges) => exchanges,
                Err(why) => return Plan::Error(why),
            },
        };
        if exchanges.is_empty() {
            let why = "no answer says what the agent took the user's words to be";
            return Plan::NotApplicable(why.to_owned());
        }
        Plan::judge(move |judge| score(judge, params, exchanges))
    }
}

/// Most recordings that are transcribed.
const MAX_RECORDINGS: usize = 100;

/// The recordings of a case that `metric` needs transcribed, by their places among the messages, and the model that it has for that; `None` where
/// there is nothing to do.
///
/// # Errors
/// There are too many, for a person.
#[allow(clippy::type_complexity, reason = "a model and what it is to do")]
pub fn untranscribed<'c>(
    metric: &MetricSpec,
    case: &'c TestCase,
) -> Result<Option<(String, Vec<(usize, &'c Audio)>)>, String> {
    let Ok(params) = read_params::<Params>(&metric.params) else {
        return Ok(None);
    };
    let is_voice = metric.kind == MetricKind::TranscriptionAccuracy;
    let model = params
        .stt_model_id
        .filter(|_| is_voice && params.compare_against == Against::Audio);
    let Some(model) = model else { return Ok(None) };
    let all: Vec<(usize, &Audio)> = case
        .messages
        .iter()
        .enumerate()
        .filter(|(_, message)| matches!(message.role, Role::User | Role::Assistant))
        .filter_map(|(at, message)| Some((at, message.audio.as_ref()?)))
        .filter(|(_, audio)| audio.transcript.is_none())
        .collect();
    if all.len() > MAX_RECORDINGS {
        let count = all.len();
        return Err(format!(
            "{count} recordings have no `transcript`; at most {MAX_RECORDINGS} are transcribed"
        ));
    }
    Ok((!all.is_empty()).then_some((model, all)))
}

/// A case whose recordings have these transcripts, by their places among the messages.
#[must_use]
pub fn transcribed(case: &TestCase, texts: Vec<(usize, String)>) -> TestCase {
    let mut case = case.clone();
    for (at, text) in texts {
        let message = case.messages.get_mut(at);
        if let Some(audio) = message.and_then(|message| message.audio.as_mut()) {
            audio.transcript = Some(text);
        }
    }
    case
}

/// What the user said until each answer, and what the agent took it to be.
fn heard(turns: &[&Message]) -> Vec<Value> {
    let (mut exchanges, mut spoken) = (Vec::new(), Vec::new());
    for turn in turns {
        if turn.role == Role::User {
            spoken.extend((!turn.content.as_str().is_empty()).then(|| turn.content.as_str()));
            continue;
        }
        if let Some(transcript) = &turn.provider_transcript
            && !spoken.is_empty()
        {
            exchanges.push(json!({
                "spoken": clip(&spoken.join(" "), MAX_CHARS),
                "transcribed": clip(transcript, MAX_CHARS),
                "agent_reply": clip(&turn.content, MAX_CHARS),
            }));
        }
        spoken.clear();
    }
    exchanges
}

/// What is heard in each recording, and the text that the agent worked with.
///
/// # Errors
/// A recording that nobody transcribed, for a person.
fn recorded(turns: &[&Message]) -> Result<Vec<Value>, String> {
    let mut exchanges = Vec::new();
    for (i, turn) in turns.iter().enumerate() {
        let Some(audio) = &turn.audio else { continue };
        let spoken = audio.transcript.as_ref().ok_or_else(|| {
            format!(
                "the recording of turn {} has no `transcript` to compare with",
                i + 1
            )
        })?;
        exchanges.push(json!({
            "turn": i + 1,
            "role": turn.role,
            "spoken": clip(spoken, MAX_CHARS),
            "transcribed": clip(worked_with(turns, i), MAX_CHARS),
            "start_time": audio.start_time,
        }));
    }
    Ok(exchanges)
}

/// The text that stood for a turn in the agent: what it meant to say, or what it heard. An answer has the transcript of all that was said
/// since the last one, which is that of a turn where this is all that was said.
fn worked_with<'m>(turns: &[&'m Message], at: usize) -> &'m str {
    let Some(turn) = turns.get(at) else { return "" };
    if turn.role == Role::Assistant {
        return turn
            .intended_content
            .as_deref()
            .unwrap_or(turn.content.as_str());
    }
    let is_agents = |turn: &&&Message| turn.role == Role::Assistant;
    let before = at.checked_sub(1).and_then(|before| turns.get(before));
    let alone = before.as_ref().is_none_or(is_agents);
    let answer = turns.get(at + 1).filter(is_agents).filter(|_| alone);
    let of_answer = answer.and_then(|answer| answer.provider_transcript.as_deref());
    let own = turn.provider_transcript.as_deref();
    own.or(of_answer).unwrap_or(turn.content.as_str())
}

async fn score(judge: Judge, params: Params, exchanges: Vec<Value>) -> Result<Scored, Unscored> {
    let count = exchanges.len();
    let task = match params.compare_against {
        Against::Content => format!(
            "`spoken` is what a caller said, word for word, and `transcribed` what a voice agent took it to be; `agent_reply` is what it answered, \
             which is not judged. Give each of the {count} exchanges, in their order, a verdict: `yes` when the agent heard rightly, `no` when it \
             did not. {SAME} A name or a place that is heard as another one is a fault, and so is an empty text where something was said. The \
             reason quotes what was said and what was heard instead."
        ),
        Against::Audio => format!(
            "`spoken` is what somebody who has nothing to do with the agent heard in the recording of one turn of a call, with its hesitations \
             and noises, and `transcribed` the text that the system worked with: of a `user` what it took the caller's words to be, of an \
             `assistant` what it meant to say. Give each of the {count} turns, in their order, a verdict: `yes` when the text accounts for what \
             was heard, `no` when it does not. {SAME} A name that is spelled otherwise and sounds the same is no fault, and small differences \
             that two transcriptions of clear speech may have are none; a name that is another word is one, and so is next to no text where \
             somebody makes himself heard at all, and words or noise that the text does not account for. The reason says who spoke, quotes \
             what was heard and what the text has, and names the `start_time` where it is known. `turn` and `start_time` are not judged."
        ),
    };
    let material = json!({"exchanges": exchanges});
    let call = question("Verdicts", &task, &material, verdicts_schema(false));
    let judged = verdicts(&judge, call, false, Wanted::Exactly(count)).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what = "A call was scored by the share of what was said that the voice agent's transcription got right. What is wrong is a fault of \
                the transcription or of the voice, not of the agent's reasoning.";
    let found = json!({"what was not heard rightly": reasons(&judged, &[Verdict::No])});
    let reason = explain(
        &judge,
        "TranscriptionAccuracyScoreReason",
        what,
        score,
        &found,
    )
    .await?;
    Ok(Scored::judged(score, reason))
}
