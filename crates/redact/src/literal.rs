//! A text that a pattern cannot match without: asking for it first is cheaper than running the pattern.

/// The longest literal that every match of `pattern` contains, if that can be told without understanding the pattern.
/// `None` is always a correct answer; the shapes that are hard to be sure of get it.
pub(crate) fn required(pattern: &str) -> Option<String> {
    // Alternatives need not contain each other's literals, and flags change what a literal is.
    if pattern.contains('|') || pattern.contains("(?") {
        return None;
    }
    let mut best = String::new();
    let mut run = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let literal = match c {
            '\\' => match chars.next()? {
                escaped if escaped.is_ascii_punctuation() => Some(escaped),
                // Digits, words, boundaries, code points: some take an argument, which would be read as a literal.
                'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'A' | 'z' => None,
                'b' | 'B' if chars.peek() != Some(&'{') => None,
                _ => return None,
            },
            '[' => {
                skip_class(&mut chars)?;
                None
            }
            '(' => {
                skip_group(&mut chars)?;
                None
            }
            '?' | '*' | '{' => {
                // What stands before it may be absent.
                run.pop();
                if c == '{' {
                    chars.by_ref().find(|c| *c == '}')?;
                }
                None
            }
            '.' | '^' | '$' | '+' | ')' | ']' | '}' => None,
            other => Some(other),
        };
        match literal {
            Some(c) => run.push(c),
            None => keep_longer(&mut best, &mut run),
        }
    }
    keep_longer(&mut best, &mut run);
    (!best.is_empty()).then_some(best)
}

fn keep_longer(best: &mut String, run: &mut String) {
    if run.len() > best.len() {
        std::mem::swap(best, run);
    }
    run.clear();
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips the rest of a class. `None` when it nests.
fn skip_class(chars: &mut Chars<'_>) -> Option<()> {
    if chars.peek() == Some(&'^') {
        chars.next();
    }
    // A `]` or a `-` that stands first is one of the class.
    let mut first = true;
    loop {
        match chars.next()? {
            '\\' => drop(chars.next()?),
            '[' => return None,
            ']' if !first => return Some(()),
            _ => {}
        }
        first = false;
    }
}

/// Skips the rest of a group.
fn skip_group(chars: &mut Chars<'_>) -> Option<()> {
    let mut depth = 1_u32;
    while depth > 0 {
        match chars.next()? {
            '\\' => drop(chars.next()?),
            '[' => skip_class(chars)?,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_every_match_contains() {
        for (pattern, expected) in [
            (r"CUST-\d{6}", Some("CUST-")),
            (r"\bsecret=\w+", Some("secret=")),
            (r"colou?r", Some("colo")),
            (r"ab*cd", Some("cd")),
            (r"xy{0,2}z", Some("x")),
            (r"ab+c", Some("ab")),
            (r"[abc]+-end", Some("-end")),
            (r"[]x]yy", Some("yy")),
            (r"(token )?id", Some("id")),
            (r"(a(b)c)?dd", Some("dd")),
            (r"a\.b\/c", Some("a.b/c")),
            (r"\d+", None),
            (r"cat|dog", None),
            (r"(?i)secret", None),
            (r"\x41bc", None),
            (r"[[:alpha:]]x", None),
        ] {
            assert_eq!(required(pattern).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn matches_contain_it() {
        for (pattern, text) in [
            (r"colou?r", "color"),
            (r"ab*cd", "acd"),
            (r"xy{0,2}z", "xz"),
            (r"(token )?id", "id"),
            (r"[]x]yy", "]yy"),
            (r"a{2}b", "aab"),
            (r"a??b", "b"),
            (r"ab{1,}?", "ab"),
        ] {
            let literal = required(pattern).unwrap_or_default();
            assert!(regex_lite::Regex::new(pattern).unwrap().is_match(text));
            assert!(text.contains(&literal), "{pattern}: {literal}");
        }
    }
}
