//! When a conversation is over.
//!
//! A condition is asked after every round, with what was said since it was asked last, and remembers. Semantics are those of
//! AutoGen's termination conditions (`autogen_agentchat.conditions`, 0.7), recorded in `tests/oracles/autogen_termination.json`;
//! what is remembered can be kept in a checkpoint, and time comes from outside.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that was said or done, as conditions see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// By whom.
    pub source: String,
    /// What.
    pub what: What,
    /// Tokens of the prompt that it took.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens that were generated.
    #[serde(default)]
    pub completion_tokens: u64,
}

/// What was said or done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Words to the others.
    Text(String),
    /// Words to the others that end the conversation.
    Stop(String),
    /// The turn goes to this one.
    Handoff(String),
    /// A tool was run. No message to the others.
    Tool(String),
    /// Something else that is no message to the others.
    Event(String),
}

impl What {
    const fn is_message(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Stop(_) | Self::Handoff(_))
    }

    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Stop(text) | Self::Event(text) => text,
            Self::Handoff(_) | Self::Tool(_) => "",
        }
    }
}

/// When a conversation is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// So many messages were sent.
    MaxMessages {
        /// How many.
        most: u64,
        /// Whether what is no message counts too.
        #[serde(default)]
        with_events: bool,
    },
    /// A text was said, letter by letter.
    TextMention {
        /// The text.
        text: String,
        /// By one of these; by anyone when there are none.
        #[serde(default)]
        sources: Vec<String>,
    },
    /// Somebody said that it is over.
    StopMessage {},
    /// So many tokens were spent.
    TokenUsage {
        /// Of both kinds.
        #[serde(default)]
        total: Option<u64>,
        /// Of prompts.
        #[serde(default)]
        prompt: Option<u64>,
        /// Generated.
        #[serde(default)]
        completion: Option<u64>,
    },
    /// The turn goes to this one.
    Handoff {
        /// To whom.
        target: String,
    },
    /// So long after it was asked first.
    Timeout {
        /// Milliseconds.
        ms: u64,
    },
    /// One of these said or did anything.
    SourceMatch {
        /// Who.
        sources: Vec<String>,
    },
    /// Words were said to the others.
    TextMessage {
        /// By this one; by anyone where there is none.
        #[serde(default)]
        source: Option<String>,
    },
    /// A tool was run.
    FunctionCall {
        /// Which one.
        name: String,
    },
    /// Somebody outside says so, by [`Watch::stop`].
    External {},
    /// The same was said so many times in a row by the same one: they go round in circles.
    Repetition {
        /// How many times.
        times: u64,
    },
    /// One of these.
    Any(Vec<Condition>),
    /// Each of these, at one time or another.
    All(Vec<Condition>),
}

/// That it is over, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// The conditions that say so.
    pub source: String,
    /// Why, for a person.
    pub reason: String,
}

/// It was over before: whoever goes on must say so by [`Watch::reset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WasOver {
    /// A condition.
    #[error("Termination condition has already been reached.")]
    One,
    /// One of several.
    #[error("Termination condition has already been reached")]
    Any,
}

/// A condition with what it remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    condition: Condition,
    over: bool,
    messages: u64,
    prompt: u64,
    completion: u64,
    /// When it was asked first, in milliseconds of the caller's clock.
    since: Option<u64>,
    told: bool,
    /// What each of them said last, and how many times in a row.
    last: BTreeMap<String, (String, u64)>,
    parts: Vec<Watch>,
    /// Of all of several: what those have said that are over.
    said: Vec<Over>,
}

impl Watch {
    /// A condition that remembers nothing yet.
    #[must_use]
    pub fn new(condition: Condition) -> Self {
        let parts = match &condition {
            Condition::Any(parts) | Condition::All(parts) => {
                parts.iter().cloned().map(Self::new).collect()
            }
            _ => Vec::new(),
        };
        Self {
            condition,
            over: false,
            messages: 0,
            prompt: 0,
            completion: 0,
            since: None,
            told: false,
            last: BTreeMap::new(),
            parts,
            said: Vec::new(),
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::new(self.condition.clone());
    }

    /// Tells every [`Condition::External`] that it is over.
    pub fn stop(&mut self) {
        self.told = true;
        self.parts.iter_mut().for_each(Self::stop);
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self.condition {
            Condition::Any(_) => self.parts.iter().any(Self::is_over),
            Condition::All(_) => self.parts.iter().all(Self::is_over),
            _ => self.over,
        }
    }

    /// Whether it is over with what was said since it was asked last. `now_ms` is any clock that does not go back.
    ///
    /// # Errors
    /// It was over before.
    pub fn ask(&mut self, said: &[Said], now_ms: u64) -> Result<Option<Over>, WasOver> {
        match self.condition {
            Condition::Any(_) => self.any(said, now_ms),
            Condition::All(_) => self.all(said, now_ms),
            _ if self.over => Err(WasOver::One),
            _ => {
                let over = self.one(said, now_ms);
                self.over = over.is_some();
                Ok(over)
            }
        }
    }

    fn any(&mut self, said: &[Said], now_ms: u64) -> Result<Option<Over>, WasOver> {
        if self.is_over() {
            return Err(WasOver::Any);
        }
        let mut all = Vec::new();
        for part in &mut self.parts {
            all.extend(part.ask(said, now_ms)?);
        }
        Ok(joined(&all))
    }

    fn all(&mut self, said: &[Said], now_ms: u64) -> Result<Option<Over>, WasOver> {
        if self.is_over() {
            return Err(WasOver::One);
        }
        let mut waits = false;
        for part in self.parts.iter_mut().filter(|part| !part.is_over()) {
            match part.ask(said, now_ms)? {
                Some(over) => self.said.push(over),
                None => waits = true,
            }
        }
        Ok(joined(&self.said).filter(|_| !waits))
    }

    fn one(&mut self, said: &[Said], now_ms: u64) -> Option<Over> {
        let over = |source: &str, reason: String| {
            Some(Over {
                source: source.to_owned(),
                reason,
            })
        };
        match &self.condition {
            Condition::MaxMessages { most, with_events } => {
                let counts = said.iter().filter(|s| *with_events || s.what.is_message());
                self.messages += counts.count() as u64;
                if self.messages < *most {
                    return None;
                }
                let count = self.messages;
                over(
                    "MaxMessageTermination",
                    format!(
                        "Maximum number of messages {most} reached, current message count: {count}"
                    ),
                )
            }
            Condition::TextMention { text, sources } => {
                let from = |s: &&Said| sources.is_empty() || sources.contains(&s.source);
                let has = said
                    .iter()
                    .filter(from)
                    .any(|s| s.what.text().contains(text));
                has.then(|| over("TextMentionTermination", format!("Text '{text}' mentioned")))?
            }
            Condition::StopMessage {} => {
                let has = said.iter().any(|s| matches!(s.what, What::Stop(_)));
                has.then(|| over("StopMessageTermination", "Stop message received".into()))?
            }
            Condition::TokenUsage {
                total,
                prompt,
                completion,
            } => {
                for s in said {
                    self.prompt += s.prompt_tokens;
                    self.completion += s.completion_tokens;
                }
                let (p, c) = (self.prompt, self.completion);
                let reached = |most: &Option<u64>, n: u64| most.is_some_and(|most| n >= most);
                if !(reached(total, p + c) || reached(prompt, p) || reached(completion, c)) {
                    return None;
                }
                let all = p + c;
                over(
                    "TokenUsageTermination",
                    format!(
                        "Token usage limit reached, total token count: {all}, prompt token count: {p}, completion token count: {c}."
                    ),
                )
            }
            Condition::Handoff { target } => {
                let to = said
                    .iter()
                    .find(|s| s.what == What::Handoff(target.clone()))?;
                over(
                    "HandoffTermination",
                    format!("Handoff to {target} from {} detected.", to.source),
                )
            }
            Condition::Timeout { ms } => {
                let since = *self.since.get_or_insert(now_ms);
                (now_ms.saturating_sub(since) >= *ms).then(|| {
                    let seconds = *ms as f64 / 1000.0;
                    over(
                        "TimeoutTermination",
                        format!("Timeout of {seconds} seconds reached"),
                    )
                })?
            }
            Condition::SourceMatch { sources } => {
                let who = said.iter().find(|s| sources.contains(&s.source))?;
                over(
                    "SourceMatchTermination",
                    format!("'{}' answered", who.source),
                )
            }
            Condition::TextMessage { source } => {
                let is = |s: &&Said| {
                    matches!(s.what, What::Text(_))
                        && source.as_ref().is_none_or(|x| *x == s.source)
                };
                let who = said.iter().find(is)?;
                over(
                    "TextMessageTermination",
                    format!("Text message received from '{}'", who.source),
                )
            }
            Condition::FunctionCall { name } => {
                let has = said.iter().any(|s| s.what == What::Tool(name.clone()));
                has.then(|| {
                    over(
                        "FunctionCallTermination",
                        format!("Function '{name}' was executed."),
                    )
                })?
            }
            Condition::External {} => self.told.then(|| {
                over(
                    "ExternalTermination",
                    "External termination requested".into(),
                )
            })?,
            Condition::Repetition { times } => {
                for s in said.iter().filter(|s| s.what.is_message()) {
                    let words = s.what.text().trim().to_lowercase();
                    let (last, count) = self.last.entry(s.source.clone()).or_default();
                    *count = if *last == words { *count + 1 } else { 1 };
                    *last = words;
                    if *count >= *times {
                        let reason = format!("'{}' said the same {times} times", s.source);
                        return over("Repetition", reason);
                    }
                }
                None
            }
            // They ask their parts.
            Condition::Any(_) | Condition::All(_) => None,
        }
    }
}

fn joined(all: &[Over]) -> Option<Over> {
    if all.is_empty() {
        return None;
    }
    let join = |of: fn(&Over) -> &str| all.iter().map(of).collect::<Vec<_>>().join(", ");
    Some(Over {
        source: join(|o| &o.source),
        reason: join(|o| &o.reason),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(source: &str, text: &str) -> Said {
        Said {
            source: source.into(),
            what: What::Text(text.into()),
            prompt_tokens: 0,
            completion_tokens: 0,
        }
    }

    #[test]
    fn time_is_counted_from_the_first_question() {
        let mut watch = Watch::new(Condition::Timeout { ms: 1500 });
        assert_eq!(watch.ask(&[], 10_000), Ok(None));
        assert_eq!(watch.ask(&[], 11_499), Ok(None));
        let over = watch.ask(&[], 11_500).unwrap().unwrap();
        assert_eq!(over.reason, "Timeout of 1.5 seconds reached");
        assert_eq!(watch.ask(&[], 12_000), Err(WasOver::One));
        watch.reset();
        assert_eq!(watch.ask(&[], 12_000), Ok(None));
    }

    #[test]
    fn somebody_outside_ends_it() {
        let mut watch = Watch::new(Condition::Any(vec![
            Condition::External {},
            Condition::MaxMessages {
                most: 9,
                with_events: false,
            },
        ]));
        assert_eq!(watch.ask(&[says("a", "x")], 0), Ok(None));
        watch.stop();
        let over = watch.ask(&[], 0).unwrap().unwrap();
        assert_eq!(over.source, "ExternalTermination");
        assert_eq!(watch.ask(&[], 0), Err(WasOver::Any));
    }

    #[test]
    fn going_round_in_circles_is_seen_though_others_speak_in_between() {
        let mut watch = Watch::new(Condition::Repetition { times: 3 });
        let round = |n: u32| {
            [
                says("user", &format!("word {n}")),
                says("agent", " Sorry, what? "),
            ]
        };
        assert_eq!(watch.ask(&round(1), 0), Ok(None));
        assert_eq!(watch.ask(&round(2), 0), Ok(None));
        let over = watch.ask(&[says("user", "word 3"), says("agent", "sorry, what?")], 0);
        assert_eq!(
            over.unwrap().unwrap().reason,
            "'agent' said the same 3 times"
        );
    }

    #[test]
    fn what_is_remembered_outlives_a_checkpoint() {
        let mut watch = Watch::new(Condition::All(vec![
            Condition::MaxMessages {
                most: 2,
                with_events: false,
            },
            Condition::TextMention {
                text: "bye".into(),
                sources: Vec::new(),
            },
        ]));
        assert_eq!(watch.ask(&[says("a", "bye")], 0), Ok(None));
        let text = serde_json::to_string(&watch).unwrap();
        let mut watch: Watch = serde_json::from_str(&text).unwrap();
        let over = watch.ask(&[says("b", "x")], 0).unwrap().unwrap();
        assert_eq!(over.source, "TextMentionTermination, MaxMessageTermination");
    }
}
