//! Metrics of spoken conversations: those of DeepEval 4.3.1, by the signal of the recordings. Nobody listens: no model is asked but for
//! `transcription_accuracy`, which compares words.
//!
//! A turn is one message of the user or of the agent, and is called by its place among all messages, from 1. In every metric 1 is good.
//!
//! Deviations from upstream, beside those that the files name:
//!
//! - A conversation in which no turn has a recording leaves all of them nothing to say, where upstream calls an agent of text
//!   unresponsive and its sound broken.
//! - A recording of the agent in which nothing is loud enough to be heard is a critical fault of it, and as a voice worth 0. Upstream finds it
//!   whole, and natural to 0.6.
//! - Samples of 8, 24 and 32 bits are read as well as those of 16, which upstream calls undecodable. What is compressed ends in an error:
//!   that it cannot be measured here says nothing of the agent.
//! - A recording that cannot be played has a beginning and no end: it takes part in turn taking as far as that goes. Upstream leaves it
//!   out, so that the silence after it begins where the one before it ends.

pub(crate) mod agent_responsiveness;
pub(crate) mod audio_glitch;
pub(crate) mod audio_integrity;
mod glitch;
mod measure;
mod pitch;
mod signal;
pub(crate) mod speech_intelligibility;
mod timeline;
pub(crate) mod transcription_accuracy;
pub(crate) mod turn_taking_naturalness;
pub(crate) mod voice_consistency;
pub(crate) mod voice_naturalness;
pub(crate) mod voice_reliability;
mod wav;

#[cfg(test)]
#[path = "voice_tests.rs"]
mod tests;

use crate::kinds::read_params;
use crate::registry::{About, Plan, Scored, Unscored};
use assay_model::{Audio, Message, Role, TestCase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wav::{Sound, Unheard};

pub use measure::Measures;
pub use transcription_accuracy::{transcribed, untranscribed};

/// Most turns whose scores are told one by one.
const MAX_TOLD: usize = 100;

/// The parameters that metrics of the signal have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    strict: bool,
}

/// What is told of a metric of the signal.
fn about(name: &'static str, description: &'static str) -> About {
    About {
        name,
        description,
        required_fields: &["conversation", "audio"],
        default_threshold: 0.5,
        version: 1,
        params_schema: json!({
            "type": "object",
            "properties": {
                "strict": {"type": "boolean", "default": false, "description": "Only a full score passes; any other is 0."},
            },
            "additionalProperties": false,
        }),
    }
}

/// The plan of a metric of the signal: `score` says what it makes of the turns, of which one has a recording.
fn plan(
    params: &Value,
    case: &TestCase,
    score: impl FnOnce(&[Turn<'_>]) -> Result<Scored, Unscored>,
) -> Plan {
    let params: Params = match read_params(params) {
        Ok(params) => params,
        Err(plan) => return plan,
    };
    let turns = turns(case);
    if turns.iter().all(|turn| turn.audio().is_none()) {
        return Plan::NotApplicable("no turn has `audio`".to_owned());
    }
    match score(&turns) {
        Ok(scored) => Plan::Scored(scored.strictly(params.strict)),
        Err(Unscored::Error(why)) => Plan::Error(why),
        Err(Unscored::NotApplicable(why)) => Plan::NotApplicable(why),
    }
}

/// What is measured in a WAV file.
///
/// # Errors
/// It cannot be played, or cannot be measured, for a person.
pub fn measure(file: Vec<u8>) -> Result<Measures, String> {
    match wav::decode(file) {
        Ok(sound) => Ok(Measures::of(&sound)),
        Err(Unheard::Broken(why)) => Err(why),
        Err(Unheard::Unsupported(what)) => Err(format!("it {what}")),
    }
}

/// What the user or the agent said at once.
#[derive(Debug, Clone, Copy)]
struct Turn<'c> {
    /// Its place among the messages, from 1.
    number: usize,
    message: &'c Message,
}

impl Turn<'_> {
    fn is_agents(&self) -> bool {
        self.message.role == Role::Assistant
    }

    fn audio(&self) -> Option<&Audio> {
        self.message.audio.as_ref()
    }

    /// What is heard in its recording, or why nobody could hear it; `None` without one.
    ///
    /// # Errors
    /// It may be heard, and cannot be measured.
    fn sound(&self) -> Result<Option<Result<Sound, String>>, Unscored> {
        let Some(audio) = self.audio() else {
            return Ok(None);
        };
        let named = |what: String| {
            let at = self.number - 1;
            Unscored::Error(format!("`/messages/{at}/audio/url` {what}"))
        };
        match wav::decode(audio.bytes().map_err(named)?) {
            Ok(sound) => Ok(Some(Ok(sound))),
            Err(Unheard::Broken(why)) => Ok(Some(Err(why))),
            Err(Unheard::Unsupported(what)) => Err(named(what)),
        }
    }
}

/// The turns of a conversation.
fn turns(case: &TestCase) -> Vec<Turn<'_>> {
    (1..)
        .zip(&case.messages)
        .map(|(number, message)| Turn { number, message })
        .filter(|turn| matches!(turn.message.role, Role::User | Role::Assistant))
        .collect()
}

/// What `measure` finds in each recording of the agent that can be heard, with its turn.
fn measured<'t, 'c>(
    turns: &'t [Turn<'c>],
    measure: fn(&Sound) -> Measures,
) -> Result<Vec<(&'t Turn<'c>, Measures)>, Unscored> {
    let mut all = Vec::new();
    for turn in turns.iter().filter(|turn| turn.is_agents()) {
        if let Some(Ok(sound)) = turn.sound()? {
            all.push((turn, measure(&sound)));
        }
    }
    Ok(all)
}

/// A metric that is the mean of what each recording of the agent is worth, with what is told of it.
fn each_recording(
    turns: &[Turn<'_>],
    measure: fn(&Sound) -> Measures,
    of: impl Fn(&Turn<'_>, &Measures) -> (f64, String),
) -> Result<Scored, Unscored> {
    let measured = measured(turns, measure)?;
    let mut breakdown = BTreeMap::new();
    let (mut told, mut scores) = (Vec::new(), Vec::new());
    for (turn, measures) in &measured {
        let (score, why) = match measures.is_silent() {
            true => (0.0, "nothing is heard".to_owned()),
            false => of(turn, measures),
        };
        scores.push(score);
        if scores.len() > MAX_TOLD {
            continue;
        }
        breakdown.insert(format!("turn_{}", turn.number), score);
        told.push(format!("Turn {}: {score:.2} ({why}).", turn.number));
    }
    let Some(mean) = signal::mean(&scores) else {
        let why = "no recording of the agent can be played";
        return Err(Unscored::NotApplicable(why.to_owned()));
    };
    Ok(Scored {
        breakdown,
        ..Scored::certain(mean.clamp(0.0, 1.0), told.join(" "))
    })
}

/// A number of things in words: `1 hole`, `2 holes`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
