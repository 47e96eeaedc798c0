//! What tokens cost.

use assay_model::{Price, TokenUsage};

/// Cost in US dollars; `None` when the price or the usage is unknown. Never a guess and never a partial sum.
#[must_use]
pub fn cost(price: Option<&Price>, usage: Option<&TokenUsage>) -> Option<f64> {
    let (price, usage) = (price?, usage?);
    let input = usage.input as f64 * price.input_per_million;
    let output = usage.output as f64 * price.output_per_million;
    let dollars = (input + output) / 1e6;
    (dollars.is_finite() && dollars >= 0.0).then_some(dollars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_or_unknown() {
        let price = Price {
            input_per_million: 2.0,
            output_per_million: 10.0,
        };
        let usage = TokenUsage {
            input: 1_000_000,
            output: 500_000,
        };
        assert_eq!(cost(Some(&price), Some(&usage)), Some(7.0));
        assert_eq!(cost(None, Some(&usage)), None);
        assert_eq!(cost(Some(&price), None), None);
        let nan = Price {
            input_per_million: f64::NAN,
            output_per_million: 0.0,
        };
        assert_eq!(cost(Some(&nan), Some(&usage)), None);
    }
}
