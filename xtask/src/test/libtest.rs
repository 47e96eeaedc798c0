//! Reads what `cargo test` prints.

use super::tally::Outcome;

/// The test and its outcome, when the line tells one.
pub(crate) fn case(line: &str) -> Option<(&str, Outcome)> {
    let (name, rest) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let outcome = match rest.split([',', ' ']).next()? {
        "ok" => Outcome::Passed,
        "FAILED" => Outcome::Failed,
        "ignored" => Outcome::Skipped,
        _ => return None,
    };
    // "name - should panic"
    Some((name.split(" - ").next()?, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line() {
        for (line, expected) in [
            ("test a::b ... ok", Some(("a::b", Outcome::Passed))),
            ("test a::b ... FAILED", Some(("a::b", Outcome::Failed))),
            (
                "test a::b ... ignored, takes an hour",
                Some(("a::b", Outcome::Skipped)),
            ),
            (
                "test a::b - should panic ... ok",
                Some(("a::b", Outcome::Passed)),
            ),
            ("test result: ok. 3 passed; 0 failed", None),
            ("running 3 tests", None),
        ] {
            assert_eq!(case(line), expected, "{line}");
        }
    }
}
