//! How long to wait before the next try.

/// First wait, in milliseconds.
const BASE_MS: f64 = 250.0;
/// Longest wait that we choose ourselves.
const CAP_MS: f64 = 10_000.0;
/// Longest wait that the other side may ask for.
const ASKED_CAP_MS: u64 = 60_000;

/// Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015), half of it fixed so that
/// two tries are never at once. What the other side asked for is honoured when it is longer.
///
/// `failures` counts from 1; `jitter` is in `[0, 1)`, drawn by the caller.
#[must_use]
pub fn backoff_ms(failures: u32, asked_ms: Option<u64>, jitter: f64) -> u64 {
    let exponent = failures.saturating_sub(1).min(16);
    let window = (BASE_MS * f64::from(2u32.pow(exponent))).min(CAP_MS);
    let own = window / 2.0 + window / 2.0 * jitter.clamp(0.0, 1.0);
    let asked = asked_ms.unwrap_or(0).min(ASKED_CAP_MS);
    (own as u64).max(asked)
}

#[cfg(test)]
mod tests {
    use super::backoff_ms;

    #[test]
    fn grows_then_stops_growing() {
        assert_eq!(backoff_ms(1, None, 0.0), 125);
        assert_eq!(backoff_ms(1, None, 1.0), 250);
        assert_eq!(backoff_ms(3, None, 1.0), 1000);
        assert_eq!(backoff_ms(40, None, 1.0), 10_000);
    }

    #[test]
    fn what_was_asked_is_honoured_within_reason() {
        assert_eq!(backoff_ms(1, Some(3000), 0.5), 3000);
        assert_eq!(backoff_ms(1, Some(3_600_000), 0.5), 60_000);
        assert_eq!(backoff_ms(1, Some(1), 0.0), 125);
    }
}
