//! Whether a model says the same again and again: the check of reasoning of loop detection.

use super::agent_loop_detection::Finding;
use super::sequence_matcher::ratio;
use assay_model::TraceStep;
use std::collections::HashSet;

/// Most characters of an output that are compared with another, filler aside.
const MAX_CHARS: usize = 20_000;

/// Most steps of work for comparing outputs: some seconds at worst.
const BUDGET: u64 = 50_000_000;

/// How many words an output has at least to be compared.
const MIN_WORDS: usize = 20;

/// Above what likeness two outputs are the same.
const IDENTICAL: f64 = 0.95;

/// Words that are in every agent's mouth.
const FILLER: [&str; 45] = [
    "the",
    "a",
    "an",
    "is",
    "are",
    "was",
    "were",
    "i",
    "will",
    "now",
    "based",
    "on",
    "information",
    "provided",
    "to",
    "of",
    "in",
    "and",
    "that",
    "this",
    "with",
    "for",
    "it",
    "my",
    "next",
    "step",
    "going",
    "so",
    "do",
    "be",
    "have",
    "has",
    "not",
    "but",
    "as",
    "or",
    "from",
    "at",
    "by",
    "about",
    "above",
    "below",
    "up",
    "its",
    "let",
];

/// How alike outputs of a model are of which one follows the other.
pub(super) fn stagnation(steps: &[&TraceStep], threshold: f64) -> Result<Finding, String> {
    let outputs: Vec<Option<Vec<String>>> = steps
        .iter()
        .filter(|step| step.kind == "llm")
        .map(|step| step.output.as_str().map(words))
        .collect();
    let (mut most, mut at) = (0.0, 0);
    let mut budget = BUDGET;
    for (place, pair) in outputs.windows(2).enumerate() {
        let [Some(one), Some(next)] = pair else {
            continue;
        };
        if one.len() < MIN_WORDS || next.len() < MIN_WORDS {
            continue;
        }
        let likeness = likeness(one, next, &mut budget)
            .ok_or("the outputs of the trace are too many and too long to be compared")?;
        if likeness > most {
            (most, at) = (likeness, place + 1);
        }
    }
    // As upstream, the threshold of the user goes before the fixed one.
    if most < threshold {
        return Ok(Finding::FINE);
    }
    let (score, how) = if most > IDENTICAL {
        (0.0, "the same")
    } else {
        (0.5, "much the same")
    };
    let next = at + 1;
    Ok(Finding(
        score,
        Some(format!(
            "outputs {at} and {next} of the model say {how} (likeness {most:.2})"
        )),
    ))
}

/// The words that say something, in lower case.
fn words(text: &str) -> Vec<String> {
    let blank = |c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c);
    let mut room = MAX_CHARS;
    text.to_lowercase()
        .split(blank)
        .filter(|word| word.chars().count() > 2 && !FILLER.contains(word))
        .map_while(|word| {
            room = room.checked_sub(word.chars().count())?;
            Some(word.to_owned())
        })
        .collect()
}

/// The greater of two likenesses; `None` where `budget` does not suffice.
fn likeness(a: &[String], b: &[String], budget: &mut u64) -> Option<f64> {
    let jaccard = jaccard(a, b);
    // Nothing is more alike than what is the same.
    if jaccard >= 1.0 {
        return Some(jaccard);
    }
    let chars = |words: &[String]| words.join(" ").chars().collect::<Vec<_>>();
    Some(ratio(&chars(a), &chars(b), budget)?.max(jaccard))
}

/// The share of all bigrams that both have.
fn jaccard(a: &[String], b: &[String]) -> f64 {
    let bigrams = |words: &'_ [String]| -> HashSet<(String, String)> {
        let next = words.iter().skip(1);
        words.iter().cloned().zip(next.cloned()).collect()
    };
    let (a, b) = (bigrams(a), bigrams(b));
    let both = a.intersection(&b).count();
    match a.len() + b.len() - both {
        0 => 0.0,
        all => both as f64 / all as f64,
    }
}
