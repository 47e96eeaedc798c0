//! Small operations on text.

/// `text` without white space at either end, as Python's `str.strip` has it: the information separators count as well.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
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
}
