//! The words of expressions in Python or JavaScript.

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 26] = [
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "//", "**", "<", ">", "+", "-", "*", "/",
    "%", "(", ")", "[", "]", ".", ",", "!", "?", ":",
];

/// The words of an expression.
///
/// # Errors
/// What in it is none.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = source.trim().trim_end_matches(';').trim_end();
    while let Some(first) = rest.chars().next() {
        let token = match first {
            ' ' | '\t' => {
                rest = rest.trim_start_matches([' ', '\t']);
                continue;
            }
            '\'' | '"' => {
                let (text, after) = quoted(rest, first)?;
                rest = after;
                Token::Text(text)
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let (name, after) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                if after.starts_with(['\'', '"']) {
                    return Err(format!(
                        "texts that begin with `{name}` have no counterpart"
                    ));
                }
                rest = after;
                Token::Name(name.to_owned())
            }
            c if c.is_ascii_digit() => {
                let (whole, after) = split(rest, |c| c.is_ascii_digit());
                let fraction = after
                    .strip_prefix('.')
                    .map(|tail| split(tail, |c| c.is_ascii_digit()));
                let number = match fraction {
                    Some((digits, tail)) if !digits.is_empty() => {
                        rest = tail;
                        format!("{whole}.{digits}")
                    }
                    _ => {
                        rest = after;
                        whole.to_owned()
                    }
                };
                if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                    return Err(format!("`{number}` is followed by letters"));
                }
                Token::Number(number)
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| format!("`{first}` has no counterpart"))?;
                rest = rest.strip_prefix(sign).unwrap_or_default();
                Token::Sign(sign)
            }
        };
        found.push(token);
    }
    Ok(found)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A text in quotes, and what follows it.
fn quoted(source: &str, quote: char) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut letters = source.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            let after = source.get(at + 1..).unwrap_or_default();
            return Ok((text, after));
        }
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match letters.next().map(|(_, escaped)| escaped) {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(same @ ('\\' | '\'' | '"')) => same,
            _ => return Err("an escape in a text has no counterpart".into()),
        });
    }
    Err("a text does not end".into())
}
