//! How deep a text nests, found out before the parser descends into it.
//!
//! The parser, its tree's destructor and the interpreter all recurse, and a stack that overflows cannot be caught. Brackets
//! are not all: `a.b.b.b` and `1 + 1 + 1` grow to the left, one level an operator. So the text is cut into tokens here, by
//! the rules of CEL's grammar, and what those rules do not know is refused, lest the parser recover from it in its own way.

use crate::error::CompileError;

/// One bracket that is open, or the whole text.
#[derive(Default)]
struct Group {
    /// The bracket that closes it.
    close: Option<u8>,
    /// Operators since the last separator.
    chain: usize,
    /// The deepest bracket since the last separator.
    inner: usize,
    /// The deepest term since the last comma.
    deepest: usize,
    /// `?` since the last comma: the branches of conditionals nest to the right.
    branches: usize,
    /// `&&` and `||` since the last comma: the parser balances them.
    terms: usize,
    /// The deepest element that a comma ended.
    done: usize,
}

impl Group {
    fn end_term(&mut self) {
        self.deepest = self.deepest.max(self.chain + self.inner);
        self.chain = 0;
        self.inner = 0;
    }

    fn end_element(&mut self) {
        self.end_term();
        let balanced = (usize::BITS - self.terms.leading_zeros()) as usize;
        self.done = self.done.max(self.deepest + self.branches + balanced);
        self.deepest = 0;
        self.branches = 0;
        self.terms = 0;
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    groups: Vec<Group>,
}

/// The depth of `source`: an upper bound of the levels that its syntax tree has.
///
/// # Errors
/// [`CompileError::Syntax`] for what cannot be a token and for brackets that do not match.
pub(crate) fn depth(source: &str) -> Result<usize, CompileError> {
    let mut scanner = Scanner {
        bytes: source.as_bytes(),
        at: 0,
        groups: vec![Group::default()],
    };
    while let Some(byte) = scanner.peek(0) {
        scanner.token(byte)?;
    }
    let mut last = scanner.groups.pop().unwrap_or_default();
    if last.close.is_some() {
        return Err(scanner.wrong("a bracket is not closed"));
    }
    last.end_element();
    Ok(last.done)
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn follows(&self, text: &[u8]) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(text))
    }

    fn wrong(&self, message: &str) -> CompileError {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |i| i + 1);
        let line = before.get(line_start..).unwrap_or_default();
        CompileError::Syntax {
            line: 1 + before.iter().filter(|b| **b == b'\n').count(),
            column: 1 + String::from_utf8_lossy(line).chars().count(),
            message: message.to_owned(),
        }
    }

    fn group(&mut self, act: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            act(group);
        }
    }

    fn token(&mut self, byte: u8) -> Result<(), CompileError> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' => self.at += 1,
            b'/' if self.follows(b"//") => {
                while self.peek(0).is_some_and(|b| b != b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'9' => {
                while self
                    .peek(0)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'.')
                {
                    // `1.e`, `[1].b`: a dot that no digit follows is an operator.
                    if self.peek(0) == Some(b'.') {
                        self.group(|g| g.chain += 1);
                    }
                    self.at += 1;
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.word(),
            b'"' | b'\'' => return self.string(false),
            b'(' | b'[' | b'{' => {
                self.group(|g| g.chain += 1);
                self.groups.push(Group {
                    close: Some(match byte {
                        b'(' => b')',
                        b'[' => b']',
                        _ => b'}',
                    }),
                    ..Group::default()
                });
                self.at += 1;
            }
            b')' | b']' | b'}' => {
                if self.groups.last().and_then(|g| g.close) != Some(byte) {
                    return Err(self.wrong("this bracket closes nothing"));
                }
                let mut closed = self.groups.pop().unwrap_or_default();
                closed.end_element();
                self.group(|g| g.inner = g.inner.max(closed.done));
                self.at += 1;
            }
            b',' => {
                self.group(Group::end_element);
                self.at += 1;
            }
            b':' => {
                self.group(Group::end_term);
                self.at += 1;
            }
            b'?' => {
                self.group(|g| {
                    g.end_term();
                    g.branches += 1;
                });
                self.at += 1;
            }
            b'&' | b'|' if self.peek(1) == Some(byte) => {
                self.group(|g| {
                    g.end_term();
                    g.terms += 1;
                });
                self.at += 2;
            }
            b'=' if self.peek(1) == Some(b'=') => self.operator(2),
            b'!' | b'<' | b'>' if self.peek(1) == Some(b'=') => self.operator(2),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'<' | b'>' | b'.' => self.operator(1),
            _ => return Err(self.wrong("this character has no meaning here")),
        }
        Ok(())
    }

    fn operator(&mut self, length: usize) {
        self.group(|g| g.chain += 1);
        self.at += length;
    }

    /// An identifier, a keyword, or the prefix of a string.
    fn word(&mut self) -> Result<(), CompileError> {
        let start = self.at;
        while self
            .peek(0)
            .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        if matches!(self.peek(0), Some(b'"' | b'\'')) {
            match word.to_ascii_lowercase().as_slice() {
                b"r" | b"br" => return self.string(true),
                b"b" => return self.string(false),
                // Two tokens without an operator between them.
                _ => return Err(self.wrong("an operator is missing before this string")),
            }
        }
        if word == b"in" {
            self.group(|g| g.chain += 1);
        }
        Ok(())
    }

    fn string(&mut self, raw: bool) -> Result<(), CompileError> {
        let open = self.at;
        let quote = self.peek(0).unwrap_or_default();
        let triple = [quote; 3];
        let long = self.follows(&triple);
        self.at += if long { 3 } else { 1 };
        loop {
            match self.peek(0) {
                Some(byte) if byte == quote && (!long || self.follows(&triple)) => {
                    self.at += if long { 3 } else { 1 };
                    return Ok(());
                }
                Some(b'\\') if !raw => self.escape()?,
                Some(b'\n' | b'\r') if !long => break,
                Some(_) => self.at += 1,
                None => break,
            }
        }
        self.at = open;
        Err(self.wrong("this string does not end"))
    }

    fn escape(&mut self) -> Result<(), CompileError> {
        let digits = |from: usize, count: usize| {
            (from..from + count).all(|i| self.peek(i).is_some_and(|b| b.is_ascii_hexdigit()))
        };
        let octal = |i: usize| self.peek(i).is_some_and(|b| (b'0'..=b'7').contains(&b));
        let length = match self.peek(1) {
            Some(
                b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`',
            ) => 2,
            Some(b'x' | b'X') if digits(2, 2) => 4,
            Some(b'u') if digits(2, 4) => 6,
            Some(b'U') if digits(2, 8) => 10,
            Some(b'0'..=b'3') if octal(2) && octal(3) => 4,
            _ => return Err(self.wrong("this escape has no meaning")),
        };
        self.at += length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_and_chains() {
        for (source, expected) in [
            ("a", 0),
            ("a.b.c", 2),
            ("1 + 2 + 3", 2),
            ("a + b, c", 1),
            ("((a))", 2),
            ("f(a, g(b), c + d + e)", 3),
            ("[[1], [2, [3]]]", 3),
            ("a ? b : c ? d : e", 2),
            ("x in y", 1),
            ("'((((((' + \"[[[\" // ((((", 1),
            (r#"'\'((' == '\\' "#, 1),
            (r"r'\' + '('", 1),
            ("'''a'b((\n'''", 0),
            ("inner + in_b", 1),
            ("1.5e3", 1),
        ] {
            assert_eq!(depth(source), Ok(expected), "{source}");
        }
    }

    #[test]
    fn logical_chains_are_balanced() {
        let many = vec!["a == 1"; 200].join(" || ");
        assert!(depth(&many).unwrap() <= 9);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for source in [
            "'a", "\"a\nb\"", "'''a'", "(a", "a)", "(a]", "a & b", "a | b", "a = b", "a @ b",
            "`a`", "#", r"'\q'", r"'\x1'", r"'\u12'", r"'\400'", "é", "a'b'", "r'a",
        ] {
            assert!(
                matches!(depth(source), Err(CompileError::Syntax { .. })),
                "{source}"
            );
        }
    }

    #[test]
    fn a_fault_is_placed() {
        assert_eq!(
            depth("'é' +\n  #"),
            Err(CompileError::Syntax {
                line: 2,
                column: 3,
                message: "this character has no meaning here".into()
            })
        );
    }
}
