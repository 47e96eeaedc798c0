//! Question-answer scoring: a judge gives a verdict for each of many small questions, the score is the share that passes.
//!
//! The engine of most of DeepEval's metrics, as of its version 4. Verdicts outside the vocabulary are dropped and count
//! neither way.

/// A judge's word on one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Borderline,
}

/// The verdict in what a judge wrote: its leading run of letters, whatever the case; `None` when it is not in the vocabulary.
///
/// `borderline` says whether [`Verdict::Borderline`] (or `idk`) is part of it. "yesterday" is not "yes".
#[must_use]
pub fn qag_normalize(raw: &str, borderline: bool) -> Option<Verdict> {
    // Longer than any word of the vocabulary: a hostile answer is not lowercased whole.
    let head: String = crate::text::strip(raw)
        .chars()
        .take(32)
        .flat_map(char::to_lowercase)
        .collect();
    let word = head
        .split(|c: char| !c.is_ascii_lowercase())
        .next()
        .unwrap_or_default();
    match word {
        "yes" => Some(Verdict::Yes),
        "no" => Some(Verdict::No),
        "borderline" | "idk" if borderline => Some(Verdict::Borderline),
        _ => None,
    }
}

/// The verdict that a judge's probability of "yes" stands for: yes from 0.5 on; with `borderline`, yes above 0.65, no below
/// 0.35, borderline between. `None` unless `p` is within `[0, 1]`.
#[must_use]
pub fn verdict_from_probability(p: f64, borderline: bool) -> Option<Verdict> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    Some(match borderline {
        true if p > 0.65 => Verdict::Yes,
        true if p < 0.35 => Verdict::No,
        true => Verdict::Borderline,
        false if p >= 0.5 => Verdict::Yes,
        false => Verdict::No,
    })
}

/// Share of `verdicts` that are among `passing`, in `[0, 1]`; dropped ones (`None`) count neither way, and without any the
/// score is `empty_score`. With `strict`, whatever is below 1 is 0.
#[must_use]
pub fn qag_score(
    verdicts: &[Option<Verdict>],
    passing: &[Verdict],
    empty_score: f64,
    strict: bool,
) -> f64 {
    let kept: Vec<Verdict> = verdicts.iter().flatten().copied().collect();
    let passed = kept.iter().filter(|v| passing.contains(v)).count();
    let score = if kept.is_empty() {
        empty_score
    } else {
        passed as f64 / kept.len() as f64
    };
    if strict && score < 1.0 { 0.0 } else { score }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words() {
        let check = |raw: &str, expected| assert_eq!(qag_normalize(raw, true), expected, "{raw}");
        check("yes", Some(Verdict::Yes));
        check("  YES, because", Some(Verdict::Yes));
        check("yes1", Some(Verdict::Yes));
        check("yesterday", None);
        check("no.", Some(Verdict::No));
        check("**no**", None);
        check("idk", Some(Verdict::Borderline));
        check("", None);
    }

    proptest! {
        #[test]
        fn scores_stay_within_bounds(raws in proptest::collection::vec(".{0,8}|yes|no|idk", 0..20), strict: bool) {
            let verdicts: Vec<_> = raws.iter().map(|raw| qag_normalize(raw, true)).collect();
            let score = qag_score(&verdicts, &[Verdict::Yes], 1.0, strict);
            prop_assert!((0.0..=1.0).contains(&score));
        }
    }
}
