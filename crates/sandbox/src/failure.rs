//! Why a program came to no value, in words for its author.

use crate::Refused;

/// Bytes of its standard error that are shown, the last ones.
const SHOWN: usize = 1_000;

/// Why a program came to no value. Its text goes on from "the program", for a person. None of them is cured by another try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is no program.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It ran for too long.
    #[error("has used up the {0} instructions that it may run")]
    OutOfFuel(u64),
    /// It wanted too much memory.
    #[error("wanted more than the {0} bytes of memory that it may have")]
    OutOfMemory(usize),
    /// It did what no program may, or gave up by itself.
    #[error("was stopped: {what}{}", said(.stderr))]
    Trapped {
        /// What it did.
        what: String,
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// It says that it has failed.
    #[error("exited with code {code}{}", said(.stderr))]
    Exited {
        /// The code, not 0.
        code: i32,
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// It wrote nothing.
    #[error("wrote nothing to its standard output{}", said(.stderr))]
    Silent {
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// What it wrote is not JSON.
    #[error("wrote something to its standard output that is not JSON: {0}")]
    NotJson(String),
    /// What it wrote is nested too deep.
    #[error("wrote JSON that is nested more than {0} deep")]
    TooDeep(usize),
    /// It wrote too much.
    #[error("wrote more than {0} bytes to its standard output")]
    TooMuchOutput(usize),
}

/// The end of what a program has said, for the end of a sentence.
fn said(stderr: &str) -> String {
    let text = stderr.trim();
    let from = text.len().saturating_sub(SHOWN);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
    match text.get(from.unwrap_or_default()..).unwrap_or_default() {
        "" => String::new(),
        end => format!("; it said: {end}"),
    }
}

/// What a program wrote to its standard error, as text that every store takes.
pub(crate) fn text(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let plain = |c: char| {
        if c.is_control() && c != '\n' && c != '\t' {
            ' '
        } else {
            c
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_what_it_said_is_shown() {
        assert_eq!(said(" \n"), "");
        assert_eq!(said("no such order\n"), "; it said: no such order");
        let long = said(&"é".repeat(2_000));
        assert!(long.len() < 1_100 && long.ends_with('é'), "{}", long.len());
        assert_eq!(text(b"a\0b\xff\n"), "a b\u{fffd}\n");
    }
}
