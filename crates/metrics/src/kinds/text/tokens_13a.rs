//! The tokeniser 13a of WMT's mteval, by which BLEU is reported; `sacrebleu`'s default.
//!
//! Its rules are regular expressions that put spaces around punctuation. None of them looks across a space, so that each run
//! without the characters of the first rule is cut by itself, and tokens are parts of the text.

use crate::text::{is_space, words};
use std::borrow::Cow;

/// `text` before it is cut: markup undone, lines joined.
pub(super) fn prepare(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(is_space);
    let mut line = Cow::Borrowed(text);
    let mut replace = |from: &str, to: &str| {
        if line.contains(from) {
            line = Cow::Owned(line.replace(from, to));
        }
    };
    replace("<skipped>", "");
    replace("-\n", "");
    replace("\n", " ");
    replace("&quot;", "\"");
    replace("&amp;", "&");
    replace("&lt;", "<");
    replace("&gt;", ">");
    line
}

/// The tokens of a prepared line.
pub(super) fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::with_capacity(line.len() / 4);
    for run in line.split_inclusive(apart) {
        let end = run
            .char_indices()
            .next_back()
            .filter(|(_, c)| apart(*c))
            .map_or(run.len(), |(at, _)| at);
        let (run, mark) = run.split_at(end);
        if run.contains(['.', ',', '-']) {
            cut(run, &mut tokens);
        } else {
            push(run, &mut tokens);
        }
        if mark != " " && !mark.is_empty() {
            tokens.push(mark);
        }
    }
    tokens
}

/// Whether `c` is a token by itself wherever it stands (or a space): `[\{-\~\[-\` -\&\(-\+\:-\@\/]`.
const fn apart(c: char) -> bool {
    matches!(c, '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/')
}

/// Adds the words of `part`: white space other than the space is still in it.
fn push<'a>(part: &'a str, tokens: &mut Vec<&'a str>) {
    if part.bytes().all(|b| b.is_ascii_graphic()) {
        if !part.is_empty() {
            tokens.push(part);
        }
    } else {
        tokens.extend(words(part));
    }
}

/// Cuts full stops and commas off unless they stand between digits, and dashes off digits before them.
///
/// All characters that matter are of one byte, and none of these bytes is part of another character.
fn cut<'a>(run: &'a str, tokens: &mut Vec<&'a str>) {
    let point = |b: u8| matches!(b, b'.' | b',');
    let bytes = run.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    // Whether there is a cut before each byte. Beyond either end there are spaces.
    let mut cuts = vec![false; bytes.len() + 1];
    let free = |cuts: &mut [bool], i: usize| {
        let places = cuts.iter_mut().skip(i).take(2);
        places.for_each(|cut| *cut = true);
    };
    // `([^0-9])([\.,])` to `\1 \2 `: a point that was taken is not before another one.
    let mut taken = false;
    for i in 0..bytes.len() {
        let before = if i == 0 { b' ' } else { at(i - 1) };
        taken = !taken && point(at(i)) && !before.is_ascii_digit();
        if taken {
            free(&mut cuts, i);
        }
    }
    // `([\.,])([^0-9])` to ` \1 \2`, on what the first rule gave.
    let mut i = 0;
    while i < bytes.len() {
        let spaced = cut_before(&cuts, i + 1);
        let found = point(at(i)) && (spaced || !at(i + 1).is_ascii_digit());
        if found {
            free(&mut cuts, i);
        }
        i += if found && !spaced { 2 } else { 1 };
    }
    // `([0-9])(-)` to `\1 \2 `.
    for i in 1..bytes.len() {
        if at(i) == b'-' && at(i - 1).is_ascii_digit() && !cut_before(&cuts, i) {
            free(&mut cuts, i);
        }
    }
    let mut start = 0;
    for (end, _) in cuts
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(i, cut)| **cut || *i == bytes.len())
    {
        push(run.get(start..end).unwrap_or_default(), tokens);
        start = end;
    }
}

/// Whether byte `i` has a space before it; the end has.
fn cut_before(cuts: &[bool], i: usize) -> bool {
    i + 1 >= cuts.len() || cuts.get(i).copied().unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_as_sacrebleu() {
        let check = |text: &str, expected: &str| {
            let line = prepare(text);
            assert_eq!(tokens(&line).join(" "), expected, "{text:?}");
        };
        // Recorded from sacrebleu 2.6.0.
        check("Hello, world!", "Hello , world !");
        check("It's 3.14, or 1,000.", "It's 3.14 , or 1,000 .");
        check("...", ". . .");
        check("a..b", "a . . b");
        check("1..5", "1 . . 5");
        check("1.-2", "1 . -2");
        check("2010-2012 well-known", "2010 - 2012 well-known");
        check("$3.50 each", "$ 3.50 each");
        check("U.S.A. is big", "U . S . A . is big");
        check("<skipped>x", "x");
        check("hy-\nphen\nline", "hyphen line");
        check("&quot;a&amp;lt;b&quot;", "\" a < b \"");
        check("tab\there.\nnbsp\u{a0}x.", "tab here . nbsp x .");
        check("é.é,é", "é . é , é");
        check("x@y.com/z?q=1&b", "x @ y . com / z ? q = 1 & b");
        check("5-.", "5 - .");
        check("-5 --", "-5 --");
        check("'quoted'", "'quoted'");
        check("1,.2", "1 , . 2");
        check("。,a", "。 , a");
        check("  ", "");
    }
}
