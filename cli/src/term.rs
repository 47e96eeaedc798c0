//! Writing to the terminal. A reader that has gone away is no reason to stop serving, so nothing here fails.

use std::io::{self, IsTerminal, Write};

/// Writes a line of results to standard output.
pub(crate) fn out(line: impl AsRef<str>) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{}", line.as_ref());
    let _ = stdout.flush();
}

/// Writes a line about the work to standard error.
pub(crate) fn note(line: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
}

/// Whether a person watches standard error.
pub(crate) fn watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether standard output shows colours.
pub(crate) fn coloured() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Folds a text into one line of at most `max` characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= max {
        return flat;
    }
    let mut cut: String = flat.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_texts_are_cut_at_characters() {
        assert_eq!(super::one_line(" a\n b\t", 10), "a b");
        assert_eq!(super::one_line("äöüäöü", 4), "äöü…");
    }
}
