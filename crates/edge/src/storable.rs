//! Text as it may be kept.

/// The first `most` characters of a text, fit for a column of either store: Postgres has no text with NUL in it.
#[must_use]
pub fn storable(text: &str, most: usize) -> String {
    text.replace('\0', "").chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::storable;

    #[test]
    fn nul_is_left_out_and_characters_are_counted() {
        assert_eq!(storable("a\0é\0b", 2), "aé");
        assert_eq!(storable("ab", 2), "ab");
        assert_eq!(storable("", 2), "");
    }
}
