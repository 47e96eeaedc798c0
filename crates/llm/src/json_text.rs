//! Finding the JSON object that a model was asked for in what it wrote.

use serde_json::Value;

/// Most bytes that are searched; a verdict is far smaller.
const MAX_BYTES: usize = 1 << 20;

/// How many opening braces are tried, so that hostile text costs linear time.
const MAX_STARTS: usize = 8;

/// The JSON object (or array) in `text`, if there is one.
///
/// Tried in this order: the whole text; the first fenced code block; first `{` to last `}`; the balanced object at each
/// of the first eight `{`. Each is tried as it stands, then with trailing commas dropped and raw control characters
/// within strings escaped: the two mistakes that models make most. Nesting deeper than 128 is refused.
#[must_use]
pub fn extract_json(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    let whole = std::iter::once(text);
    let fenced = fenced_block(text);
    let span = text
        .find('{')
        .zip(text.rfind('}'))
        .and_then(|(from, to)| text.get(from..=to));
    let starts = text
        .match_indices('{')
        .take(MAX_STARTS)
        .filter_map(|(from, _)| balanced(text.get(from..)?));
    whole
        .chain(fenced)
        .chain(span)
        .chain(starts)
        .find_map(parse)
}

fn parse(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&repair(text)))
        .ok()?;
    matches!(value, Value::Object(_) | Value::Array(_)).then_some(value)
}

fn fenced_block(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("```")?;
    let (_language, code) = rest.split_once('\n')?;
    let code = code.rsplit_once("```").map_or(code, |(code, _)| code);
    // Of several blocks the first is meant.
    Some(
        code.split_once("\n```")
            .map_or(code, |(first, _)| first)
            .trim(),
    )
}

/// The object that begins `text`, up to its matching brace.
fn balanced(text: &str) -> Option<&str> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => depth += 1,
            '}' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
            continue;
        }
        if matches!(c, '}' | ']') {
            let kept = out.trim_end();
            if let Some(before) = kept.strip_suffix(',') {
                out.truncate(before.len());
            }
        }
        in_string = c == '"';
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn finds_the_object() {
        let check = |text: &str, expected: Option<Value>| {
            assert_eq!(extract_json(text), expected, "{text:?}")
        };
        let score = Some(json!({"score": 7}));
        check(r#"{"score": 7}"#, score.clone());
        check(
            "Sure!\n```json\n{\"score\": 7}\n```\nBye {you}",
            score.clone(),
        );
        check("```\n{\"score\": 7}\n```", score.clone());
        check("the verdict: {\"score\": 7,} I hope", score.clone());
        check("{\"score\": 7} and {more}", score.clone());
        check("note {a} then {\"score\": 7} and {more}", score.clone());
        check("\u{feff}{\"score\": 7}", score);
        check(
            "{\"reason\": \"two\nlines\", }",
            Some(json!({"reason": "two\nlines"})),
        );
        check(
            r#"{"reason": "a , } in text"}"#,
            Some(json!({"reason": "a , } in text"})),
        );
        check("[1, 2,]", Some(json!([1, 2])));
        for none in [
            "", "7", "\"text\"", "no json", "{", "}{", "{{{{", "```", "```json",
        ] {
            check(none, None);
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert_eq!(extract_json(&"{\"a\":".repeat(200_000)), None);
        assert_eq!(extract_json(&"[".repeat(500_000)), None);
        assert_eq!(
            extract_json(&format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20))),
            None
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[\{\}\[\]",:\\`a1é\n ]{0,200}"#) {
            let _ = extract_json(&text);
        }

        #[test]
        fn finds_what_is_embedded(before in "[^{}`\"]{0,40}", after in "[^{}`\"]{0,40}", reason in ".{0,40}") {
            let value = json!({"score": 1, "reason": reason});
            prop_assert_eq!(extract_json(&format!("{before}{value}{after}")), Some(value));
        }
    }
}
