//! A metric of one's own in Rust: of the prices that an answer names, the share that occurs in what the agent was given.
//!
//! A price that nobody told the agent is one that it made up. [`prices`] finds amounts of money in a text, [`score`] compares them;
//! `metric` is the interface `assay:metric`, which only wasm has:
//!
//! ```sh
//! cargo build --release --target wasm32-wasip2 -p grounded-prices
//! cargo xtask metric grounded-prices target/wasm32-wasip2/release/grounded_prices.wasm
//! ```

#[cfg(target_arch = "wasm32")]
mod metric;
mod prices;

pub use prices::{Price, prices};

use serde_json::Value;

/// The fields of a case that tell an agent of prices.
const SOURCES: [&str; 4] = ["context", "retrieval_context", "tools_called", "input"];

/// A score and why; no score where the answer names no price.
#[derive(Debug, PartialEq)]
pub struct Verdict {
    /// From 0 to 1.
    pub score: Option<f64>,
    /// For a person.
    pub reason: String,
}

/// Scores a case. Prices below `from`, in units of their currency, are passed over.
pub fn score(case: &Value, from: f64) -> Verdict {
    let known: Vec<Price> = SOURCES
        .iter()
        .flat_map(|field| prices(&text(&case[*field])))
        .collect();
    let named: Vec<Price> = prices(&text(&case["actual_output"]))
        .into_iter()
        .filter(|price| price.amount() >= from)
        .collect();
    let made_up: Vec<&str> = named
        .iter()
        .filter(|price| !known.iter().any(|other| other.same(price)))
        .map(|price| price.shown.as_str())
        .collect();
    let (all, wrong) = (named.len(), made_up.len());
    match (all, wrong) {
        (0, _) => Verdict {
            score: None,
            reason: "the answer names no price".to_owned(),
        },
        (_, 0) => Verdict {
            score: Some(1.0),
            reason: format!("all prices that it names were given ({all})"),
        },
        _ => Verdict {
            score: Some((all - wrong) as f64 / all as f64),
            reason: format!("nobody told it of {}", made_up.join(", ")),
        },
    }
}

/// All texts within a value, each on a line of its own: contents may be texts, lists of parts, or results of tools.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join("\n"),
        Value::Object(all) => all.values().map(text).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scored(answer: &str, from: f64) -> Verdict {
        let case = json!({
            "input": "What does it cost?", "actual_output": answer,
            "context": ["The case is $12.50."],
            "tools_called": [{"name": "price", "output": {"price": "1.299,00 EUR"}}],
        });
        score(&case, from)
    }

    #[test]
    fn what_was_given_is_no_invention() {
        assert_eq!(scored("$12.50, or 1299 €", 0.0).score, Some(1.0));
        let half = scored("It is $12.50, and $14.00 with a strap.", 0.0);
        assert_eq!(half.score, Some(0.5));
        assert_eq!(half.reason, "nobody told it of $14.00");
        assert_eq!(
            scored("12.50 € it is", 0.0).score,
            Some(0.0),
            "another currency"
        );
        assert_eq!(
            scored("$0.99 for the box, $12.50 for it", 1.0).score,
            Some(1.0)
        );
        assert_eq!(scored("Ask for it in one of 12 shops.", 0.0).score, None);
    }
}
