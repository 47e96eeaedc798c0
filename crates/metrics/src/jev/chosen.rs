//! Which answer the judge picked, and how probable it found each.

use super::LETTERS;
use assay_llm::TokenLogprob;
use serde_json::Value;

/// An answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    /// The probability of each answer, in their order; they sum to 1.
    pub(super) probabilities: Vec<f64>,
    /// Whether the judge gave probabilities, or else its word alone.
    pub(super) known: bool,
}

/// The answer in a judge's words, which is one of the first `count` letters, and what its tokens say of the others.
///
/// # Errors
/// What is wrong with the words, as the judge can be told.
pub(super) fn read(
    found: &Value,
    tokens: &[TokenLogprob],
    count: usize,
) -> Result<Answered, String> {
    let word = found.get("answer").and_then(Value::as_str);
    let word = word.ok_or("it has no text `answer`")?.trim();
    let picked = place(word, count);
    let picked = picked.ok_or("`answer` must be the letter of one of the answers")?;
    // The letter may occur in other words before: the last one is the answer.
    let token = tokens
        .iter()
        .rfind(|token| place(&token.token, count) == Some(picked));
    let mut probabilities = vec![0.0_f64; count];
    for alternative in token.map(|token| token.top.as_slice()).unwrap_or_default() {
        let at = place(&alternative.token, count).and_then(|at| probabilities.get_mut(at));
        if let Some(sum) = at {
            // A probability above 1 does not exist.
            *sum += alternative.logprob.exp().min(1.0);
        }
    }
    let total: f64 = probabilities.iter().sum();
    let known = total.is_finite() && total > 0.0;
    for (at, probability) in probabilities.iter_mut().enumerate() {
        *probability = match known {
            true => *probability / total,
            false => f64::from(u8::from(at == picked)),
        };
    }
    Ok(Answered {
        probabilities,
        known,
    })
}

/// The place of the letter that a word or a token is, apart from quotes and spaces around it.
fn place(word: &str, count: usize) -> Option<usize> {
    let word = word.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let mut chars = word.chars();
    let letter = chars.next()?.to_ascii_uppercase();
    let at = LETTERS.find(letter)?;
    (chars.next().is_none() && at < count).then_some(at)
}
