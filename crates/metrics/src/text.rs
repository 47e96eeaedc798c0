//! Small operations on text.

/// What Python takes for white space: the information separators as well.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// `text` without white space at either end, as Python's `str.strip` has it.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What stands between white space, as Python's `str.split` has it.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// The sentences of `text`: it is cut at white space after `.`, `!` and `?`. `DeepEval`'s `split_sentences`.
#[must_use]
pub fn split_sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = strip(text);
    while let Some((at, c)) = end_of_sentence(rest) {
        let (sentence, after) = rest.split_at(at + c.len_utf8());
        sentences.push(sentence);
        rest = after.trim_start_matches(is_space);
    }
    if !rest.is_empty() {
        sentences.push(rest);
    }
    sentences
}

/// Where the first sentence of `text` ends, when another follows.
fn end_of_sentence(text: &str) -> Option<(usize, char)> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if matches!(c, '.' | '!' | '?') && chars.peek().is_some_and(|(_, next)| is_space(*next)) {
            return Some((at, c));
        }
    }
    None
}

/// `text`, of at most about `max` characters: three quarters from its beginning, the rest from its end.
pub(crate) fn clip(text: &str, max: usize) -> String {
    let len = text.chars().count();
    if len <= max {
        return text.to_owned();
    }
    let tail = max / 4;
    let head: String = text.chars().take(max - tail).collect();
    let end: String = text.chars().skip(len - tail).collect();
    format!("{head}[... {} characters left out ...]{end}", len - max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_on_characters() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("ééééééééé", 4), "ééé[... 5 characters left out ...]é");
        assert_eq!(clip("ab", 0), "[... 2 characters left out ...]");
    }

    #[test]
    fn strips_what_python_strips() {
        assert_eq!(strip("\u{a0}\x1c a \n\x1f"), "a");
    }

    #[test]
    fn sentences_end_before_white_space() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(split_sentences(text), expected, "{text:?}");
        };
        check("", &[]);
        check(" \n", &[]);
        check(
            "Version 1.2 is out.  Get it!\n",
            &["Version 1.2 is out.", "Get it!"],
        );
        check("What?! No.\u{a0}Yes", &["What?!", "No.", "Yes"]);
        check("... é. é", &["...", "é.", "é"]);
    }
}
