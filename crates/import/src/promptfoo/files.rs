//! Files that a configuration names.

use crate::text::decode;
use crate::{Source, yaml};
use serde_json::Value;

/// Endings of files that are code, with or without a function's name after them.
const CODE: [&str; 9] = ["js", "cjs", "mjs", "ts", "cts", "mts", "py", "rb", "go"];

/// Endings of files that a text without `file://` can name.
const NAMED: [&str; 10] = [
    "txt", "json", "jsonl", "yaml", "yml", "md", "j2", "csv", "js", "py",
];

/// The path of a reference, without the scheme.
pub(super) fn path(reference: &str) -> &str {
    reference.strip_prefix("file://").unwrap_or(reference)
}

/// The ending of a path, in lower case; that of code also where a function is named behind it.
pub(super) fn ending(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let (first, _) = file.split_once(':').unwrap_or((file, ""));
    let ending = first.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}

/// Whether a text in place of a prompt or of tests names a file.
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with("file://")
        || !text.contains(['\n', '{', ' ']) && NAMED.contains(&ending(text).as_str())
}

/// The contents of a file.
///
/// # Errors
/// Why they are not at hand.
pub(super) fn bytes(reference: &str, source: &Source<'_>) -> Result<Vec<u8>, String> {
    let path = path(reference);
    if CODE.contains(&ending(path).as_str()) || reference.starts_with("exec:") {
        return Err("code is not run".to_owned());
    }
    if path.contains("://") {
        return Err("it is fetched from elsewhere".to_owned());
    }
    if path.contains(['*', '?']) {
        return Err("patterns of file names are not followed".to_owned());
    }
    if path.contains("{{") {
        return Err("the name of the file is a template".to_owned());
    }
    source.read(path)
}

/// The text of a file.
///
/// # Errors
/// Why it is not at hand.
pub(super) fn text(reference: &str, source: &Source<'_>) -> Result<String, String> {
    let bytes = bytes(reference, source)?;
    let (text, _) = decode(&bytes, false).map_err(|_| "it is no text".to_owned())?;
    Ok(text.into_owned())
}

/// What a file of JSON or YAML says.
///
/// # Errors
/// Why it is not at hand.
pub(super) fn tree(reference: &str, source: &Source<'_>) -> Result<Value, String> {
    let text = text(reference, source)?;
    match ending(path(reference)).as_str() {
        "json" => serde_json::from_str(&text).map_err(|e| format!("it is no JSON: {e}")),
        "yaml" | "yml" => yaml::parse(&text),
        _ => Err("it is neither JSON nor YAML".to_owned()),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn what_names_a_file() {
        for reference in ["file://a b.txt", "prompts.txt", "dir/p.json", "x.py:make"] {
            assert!(is_reference(reference), "{reference}");
        }
        for text in [
            "Say {{x}}.txt",
            "Write a poem.",
            "see a.txt",
            "{{prompt}}",
            "e.g",
            "a\nb.txt",
        ] {
            assert!(!is_reference(text), "{text}");
        }
        assert_eq!(ending("a.b/c.PY:make"), "py");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let source = Source::new("x", b"");
        for (reference, why) in [
            ("file://a.py", "code is not run"),
            ("exec:./a", "code is not run"),
            ("https://x/y.csv", "it is fetched from elsewhere"),
            ("file://a/*.txt", "patterns of file names are not followed"),
            ("file://a.txt", "it is another file, which was not given"),
        ] {
            assert_eq!(
                bytes(reference, &source),
                Err(why.to_owned()),
                "{reference}"
            );
        }
    }
}
