//! What must not be said word for word: the script, and facts that are never told.

use crate::phrases::EMPTY_WORDS;
use crate::prompt::rules;
use crate::text::{contains, words};
use crate::turn::Turn;
use assay_model::{Disclosure, Fact, PersonaSpec, Role, ScenarioSpec};
use std::collections::HashSet;

/// So many words in a row are a quotation.
const RUN: usize = 8;

/// The share of a fact's words from which on the fact is told.
const TOLD: f64 = 0.8;

/// Texts as words: what the author wrote, what is secret of it, and what may be said.
pub(crate) struct Script {
    /// What the author wrote, secret or not.
    pub(crate) written: Vec<Vec<String>>,
    /// What was said so far, by either side.
    pub(crate) said: Vec<Vec<String>>,
    secret: Vec<Vec<String>>,
    tellable: Vec<Vec<String>>,
    never: Vec<(String, Vec<String>)>,
}

impl Script {
    pub(crate) fn new(turn: &Turn<'_>, scenario: &ScenarioSpec) -> Self {
        let persona = scenario.persona.clone().unwrap_or_default();
        let told = |fact: &&Fact| fact.when != Disclosure::Never;
        let open = |facts: &[Fact]| -> Vec<String> {
            facts
                .iter()
                .filter(told)
                .map(|fact| fact.text.clone())
                .collect()
        };
        let PersonaSpec {
            name,
            description,
            goals,
            traits,
            mood,
            language,
            tone,
            style,
            knowledge,
            disclosure,
            ..
        } = &persona;
        let mut tellable = vec![name.clone(), knowledge.clone()];
        tellable.extend(scenario.opening.clone());
        tellable.extend(open(disclosure));
        let mut secret = vec![
            scenario.situation.clone(),
            scenario.goal.clone(),
            description.clone(),
        ];
        secret.extend(goals.iter().cloned());
        secret.extend(turn.instructions.map(str::to_owned));
        secret.extend(scenario.expected_outcome.clone());
        let looks = [mood, language, tone, style].into_iter().chain(traits);
        let written = secret.iter().chain(&tellable).chain(looks);
        let written = written.map(|text| words(text)).collect();
        secret.push(rules(&persona));
        let all = |texts: Vec<String>| -> Vec<Vec<String>> {
            texts.iter().map(|text| words(text)).collect()
        };
        let said = turn.messages.iter().filter(|m| is_heard(m.role));
        Self {
            written,
            said: said.map(|m| words(&m.content)).collect(),
            secret: all(secret),
            tellable: all(tellable),
            never: disclosure
                .iter()
                .filter(|fact| !told(fact))
                .map(|fact| (fact.text.clone(), words(&fact.text)))
                .collect(),
        }
    }

    /// Eight words in a row that stand in the script, and neither in what the persona may tell nor in what was said before.
    pub(crate) fn quotation(&self, message: &[String]) -> Option<String> {
        let (secret, tellable, said) = (runs(&self.secret), runs(&self.tellable), runs(&self.said));
        message
            .windows(RUN)
            .find(|run| secret.contains(run) && !tellable.contains(run) && !said.contains(run))
            .map(|run| run.join(" "))
    }

    /// The fact that is never told, and that this message tells.
    pub(crate) fn never_told(&self, message: &[String]) -> Option<String> {
        let tellable: HashSet<&str> = self.tellable.iter().flatten().map(String::as_str).collect();
        let told = self
            .never
            .iter()
            .find(|(_, fact)| tells(message, fact, &tellable));
        told.map(|(text, _)| text.clone())
    }
}

fn runs(texts: &[Vec<String>]) -> HashSet<&[String]> {
    texts.iter().flat_map(|text| text.windows(RUN)).collect()
}

/// A person hears neither the agent's instructions nor its tools.
const fn is_heard(role: Role) -> bool {
    matches!(role, Role::User | Role::Assistant)
}

/// Whether `message` tells `fact`: word for word (of a long one eight words), by a number or code that stands nowhere else, or by
/// four in five of the words that carry it, in any order. `tellable` are the words of what may be told.
fn tells(message: &[String], fact: &[String], tellable: &HashSet<&str>) -> bool {
    let run = fact.len().min(RUN);
    if run > 0 && fact.windows(run).any(|part| contains(message, part)) {
        return true;
    }
    let content: HashSet<&str> = fact
        .iter()
        .map(String::as_str)
        .filter(|word| !EMPTY_WORDS.contains(word) && word.chars().count() > 1)
        .collect();
    let said: HashSet<&str> = message.iter().map(String::as_str).collect();
    let told: Vec<&str> = content.intersection(&said).copied().collect();
    let own = |word: &&str| !tellable.contains(*word);
    let is_code = |word: &&str| word.len() > 2 && word.chars().any(|c| c.is_ascii_digit());
    // A long code is also found where it was taken apart, as in `STAFF-50`.
    let unbroken = message.concat();
    let says = |code: &str| said.contains(code) || (code.len() > 4 && unbroken.contains(code));
    let mut codes = content.iter().copied().filter(is_code);
    if codes.any(|code| own(&code) && says(code)) {
        return true;
    }
    // No more words than a fact has: exact in a float.
    let most = !told.is_empty() && told.len() as f64 >= TOLD * content.len() as f64;
    // A fact made of words that may be told anyway is told only by several of them together.
    most && if content.iter().any(own) {
        told.iter().any(own)
    } else {
        content.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fact: &str, message: &str, tellable: &str) -> bool {
        let tellable = words(tellable);
        let tellable = tellable.iter().map(String::as_str).collect();
        tells(&words(message), &words(fact), &tellable)
    }

    #[test]
    fn facts_that_are_told() {
        let check = |fact: &str, message: &str, expected: bool| {
            assert_eq!(
                told(fact, message, "you want a refund of order A1"),
                expected,
                "{fact}: {message}"
            );
        };
        check("You are divorced", "Well, I am divorced.", true);
        check("You are divorced", "I live alone.", false);
        // A code alone, in any words.
        check("The staff code is STAFF50", "Try staff50 please", true);
        check("The staff code is STAFF50", "I have no code", false);
        check("The staff code is STAFF50", "s-t-a-f-f 50", true);
        check("The door is 471", "Room 4711", false);
        check("The door is 471", "It says 471.", true);
        // Most of its words, in any order.
        check(
            "Your brother stole the parcel",
            "The parcel? My brother stole it.",
            true,
        );
        check(
            "Your brother stole the parcel",
            "My brother has no parcel.",
            false,
        );
        // An identifier that may be said anyway tells nothing.
        check("The order A1 was returned twice", "It is order A1", false);
        check(
            "The order A1 was returned twice",
            "order A1, twice returned",
            true,
        );
        check("bạn đã ly hôn", "Tôi ly hôn rồi", true);
        check("", "anything", false);
        check("You want a refund", "I want a refund", true);
        check("refund", "I want a refund", true);
        check("The refund", "I want my refund", false);
    }
}
