//! The expected score of G-Eval: the judge's score weighted by how probable it found the alternatives.
//!
//! From the paper by Liu et al. (2023), as DeepEval computes it: of the last generated token that is the score, alternatives of
//! decimal digits with a probability of at least 1 % are summed up by their value, and the mean is taken.

use assay_llm::TokenLogprob;
use std::collections::BTreeMap;

/// Least probability of an alternative that counts.
const MIN_PROBABILITY: f64 = 0.01;

/// A score with its spread taken into account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedScore {
    /// The expected score, on the judge's scale.
    pub score: f64,
    /// The likeliest score's share of the probability that counts, in `(0, 1]`; `None` when there were no probabilities.
    pub confidence: Option<f64>,
}

/// The expected score for the judge's word `raw` and the tokens it was generated from.
///
/// Without tokens, or without one that is the score, it is `raw` itself. Digits other than ASCII do not count, unlike
/// upstream.
#[must_use]
pub fn weighted_score(raw: f64, tokens: &[TokenLogprob]) -> WeightedScore {
    let unweighted = WeightedScore {
        score: raw,
        confidence: None,
    };
    // `7` is printed for 7.0, as the judge wrote it when it was asked for an integer.
    let text = raw.to_string();
    let Some(token) = tokens.iter().rfind(|t| t.token == text) else {
        return unweighted;
    };
    let mut by_value: BTreeMap<u64, f64> = BTreeMap::new();
    for alternative in &token.top {
        let digits =
            !alternative.token.is_empty() && alternative.token.bytes().all(|b| b.is_ascii_digit());
        // A probability above 1 does not exist; a server that reports one must not outweigh the others.
        let probability = alternative.logprob.exp().min(1.0);
        if digits
            && alternative.logprob >= MIN_PROBABILITY.ln()
            && let Ok(value) = alternative.token.parse()
        {
            *by_value.entry(value).or_default() += probability;
        }
    }
    let total: f64 = by_value.values().sum();
    if total.is_nan() || total <= 0.0 {
        return unweighted;
    }
    let score = by_value
        .iter()
        .map(|(&value, p)| value as f64 * p)
        .sum::<f64>()
        / total;
    // Rounding may carry a mean out of what it is the mean of, and so a full score beyond its scale.
    let bounds = by_value.keys().next().zip(by_value.keys().next_back());
    let score = bounds.map_or(score, |(&low, &high)| score.clamp(low as f64, high as f64));
    let modal = by_value.values().copied().fold(0.0, f64::max);
    WeightedScore {
        score,
        confidence: Some(modal / total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_llm::TokenAlternative;
    use proptest::prelude::*;

    fn token(text: &str, top: &[(&str, f64)]) -> TokenLogprob {
        let top = top
            .iter()
            .map(|&(token, logprob)| TokenAlternative {
                token: token.into(),
                logprob,
            })
            .collect();
        TokenLogprob {
            token: text.into(),
            logprob: -0.1,
            top,
        }
    }

    #[test]
    fn rounding_does_not_leave_the_scale() {
        let weighted = weighted_score(99.0, &[token("99", &[("99", -3.872_888_710_548_146)])]);
        assert_eq!(weighted.score, 99.0);
    }

    #[test]
    fn confidence_is_the_modal_share() {
        let half = 0.5_f64.ln();
        let weighted = weighted_score(
            7.0,
            &[token(
                "7",
                &[("7", half), ("07", -10.0), ("9", (0.25_f64).ln())],
            )],
        );
        assert!((weighted.confidence.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(
            weighted_score(7.0, &[]),
            WeightedScore {
                score: 7.0,
                confidence: None
            }
        );
        assert_eq!(
            weighted_score(7.5, &[token("7", &[("7", half)])]).score,
            7.5
        );
        assert_eq!(
            weighted_score(
                10.0,
                &[token("1", &[("1", half)]), token("0", &[("0", half)])]
            )
            .score,
            10.0
        );
        assert_eq!(
            weighted_score(
                7.0,
                &[token("7", &[("7", f64::NAN), ("8", f64::NEG_INFINITY)])]
            )
            .score,
            7.0
        );
        assert_eq!(
            weighted_score(7.0, &[token("7", &[("99999999999999999999999", half)])]).score,
            7.0
        );
    }

    proptest! {
        #[test]
        fn is_a_mean_of_what_counts(top in proptest::collection::vec(("[0-9]{1,2}|x", -6.0..0.0_f64), 0..20)) {
            let pairs: Vec<(&str, f64)> = top.iter().map(|(t, p)| (t.as_str(), *p)).collect();
            let weighted = weighted_score(5.0, &[token("5", &pairs)]);
            prop_assert!((0.0..=99.0).contains(&weighted.score));
            prop_assert!(weighted.confidence.is_none_or(|c| c > 0.0 && c <= 1.0));
        }
    }
}
