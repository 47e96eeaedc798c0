//! A part of all traces, chosen by a digest of the trace's id: the same part whenever and wherever it is asked.

/// The first 53 bits of a digest as a number from 0 to below 1, which a double holds exactly.
#[must_use]
pub fn fraction(digest: &[u8]) -> f64 {
    let first: [u8; 8] = digest
        .get(..8)
        .and_then(|b| b.try_into().ok())
        .unwrap_or_default();
    (u64::from_be_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn digests_are_spread_over_the_whole() {
        assert_eq!(fraction(&[0; 32]), 0.0);
        assert_eq!(fraction(&[0x80, 0, 0, 0, 0, 0, 0, 0, 9]), 0.5);
        assert!((0.99..1.0).contains(&fraction(&[0xff; 32])));
    }
}
