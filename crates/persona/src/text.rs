//! Words of a text, and how alike two texts are.

use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// Most words of a text that are compared with another: the edit distance costs their product.
const MAX_COMPARED: usize = 400;

/// From here on two texts say the same.
const SAME: f64 = 0.95;

/// Characters without a width, which break words for a computer and for nobody else.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The words of `text` in lower case: runs of letters and digits. Apostrophes and invisible characters are taken out first, and
/// characters that look the same are made the same (NFKC), so that `I’m`, `I'm` and `im` are one word, as is `là` however it
/// was typed.
pub(crate) fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .nfkc()
        .filter(|&c| !is_invisible(c) && !matches!(c, '\'' | '’' | '‘' | '`'))
        .flat_map(char::to_lowercase)
        // Lower case of one letter may be a letter and a mark.
        .nfc()
        .collect();
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether `part` stands in `whole`, word by word. Nothing stands nowhere.
pub(crate) fn contains(whole: &[String], part: &[String]) -> bool {
    !part.is_empty() && whole.windows(part.len()).any(|run| run == part)
}

/// Whether two texts, given as [`words`], say the same: their pairs of neighbouring words are the same but for one in twenty
/// (Jaccard), or so few words must be put in, taken out or changed to make one the other (Levenshtein). Texts of one word or
/// none are compared as they are. Only the first 400 words count.
pub(crate) fn alike(a: &[String], b: &[String]) -> bool {
    let (a, b) = (first(a), first(b));
    if a == b {
        return true;
    }
    if a.len() < 2 || b.len() < 2 {
        return false;
    }
    jaccard(a, b) >= SAME || edits(a, b) >= SAME
}

fn first(words: &[String]) -> &[String] {
    words.get(..MAX_COMPARED).unwrap_or(words)
}

fn jaccard(a: &[String], b: &[String]) -> f64 {
    let (a, b): (HashSet<_>, HashSet<_>) = (a.windows(2).collect(), b.windows(2).collect());
    let both = a.intersection(&b).count();
    let any = a.union(&b).count();
    // No more than 800 pairs: exact in a float.
    both as f64 / any.max(1) as f64
}

fn edits(a: &[String], b: &[String]) -> f64 {
    let most = a.len().max(b.len()).max(1);
    // A longer text needs at least as many edits as it has more words.
    if a.len().abs_diff(b.len()) * 20 > most {
        return 0.0;
    }
    1.0 - strsim::generic_levenshtein(&Words(a), &Words(b)) as f64 / most as f64
}

/// What `strsim` iterates over.
struct Words<'a>(&'a [String]);

impl<'a> IntoIterator for &Words<'a> {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_the_same_however_they_were_typed() {
        let check = |text: &str, expected: &[&str]| assert_eq!(words(text), expected, "{text}");
        check("  I'm\n an  AI! ", &["im", "an", "ai"]);
        check("I’m an A\u{200b}I", &["im", "an", "ai"]);
        // Composed and decomposed, and letters of full width.
        check("Tôi LÀ", &["tôi", "là"]);
        check("To\u{302}i la\u{300}", &["tôi", "là"]);
        check("ＤＯＮＥ", &["done"]);
        check("*?!", &[]);
    }

    #[test]
    fn likeness() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(alike(&words(a), &words(b)), expected, "{a} / {b}");
            assert_eq!(alike(&words(b), &words(a)), expected, "{b} / {a}");
        };
        check("", "", true);
        check("", "hi", false);
        check("Yes.", "yes", true);
        check("Yes.", "No.", false);
        check("Your order A1 is late", "Your order A2 is late", false);
        // One word of forty was changed, which breaks two pairs of 39: 37 of 41, but 39 words of 40.
        let long: Vec<String> = (0..40).map(|i| format!("word{i}")).collect();
        let text = long.join(" ");
        check(&text, &text.replace("word20", "other"), true);
        check(&text, &text.replace("word2", "other"), false);
        // Two of forty are missing at the end, then ten.
        check(&text, &long[..38].join(" "), true);
        check(&text, &long[..30].join(" "), false);
        // Said twice over, the pairs are the same but for one.
        check(&text, &format!("{text} {text}"), true);
    }

    proptest! {
        #[test]
        fn likeness_is_mutual_and_of_itself(a in "[a-d ]{0,60}", b in "[a-d ]{0,60}") {
            let (a, b) = (words(&a), words(&b));
            prop_assert!(alike(&a, &a));
            prop_assert_eq!(alike(&a, &b), alike(&b, &a));
        }
    }
}
