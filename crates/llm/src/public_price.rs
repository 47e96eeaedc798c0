//! What models cost by their vendors' public price lists, for calls of models that the workspace names no price of.
//!
//! Nothing is guessed: tokens of a kind that has no price here (audio, say), and prompts that are longer than a price holds
//! for, have no cost.

use assay_model::TokenUsage;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicPrice {
    /// Of prompt.
    pub input: f64,
    /// Generated.
    pub output: f64,
    /// Of prompt that was read from a cache.
    pub cache_read: Option<f64>,
    /// Of prompt that was written to a cache.
    pub cache_write: Option<f64>,
    /// The longest prompt that these prices hold for, in tokens.
    pub up_to: Option<u64>,
}

static PRICES: LazyLock<HashMap<&'static str, PublicPrice>> = LazyLock::new(|| {
    include_str!("public_prices.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(read)
        .collect()
});

fn read(line: &'static str) -> Option<(&'static str, PublicPrice)> {
    let mut fields = line.split('\t');
    let name = fields.next()?;
    let (input, output) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let mut optional = || fields.next().filter(|f| !f.is_empty());
    let price = PublicPrice {
        input,
        output,
        cache_read: optional().and_then(|f| f.parse().ok()),
        cache_write: optional().and_then(|f| f.parse().ok()),
        up_to: optional().and_then(|f| f.parse().ok()),
    };
    Some((name, price))
}

/// Vendors whose models go by their bare names as well.
const VENDORS: [&str; 9] = [
    "gemini/",
    "mistral/",
    "deepseek/",
    "xai/",
    "groq/",
    "moonshot/",
    "dashscope/",
    "perplexity/",
    "voyage/",
];

/// The price of a model by the name that a call gave it: `gpt-4o`, `openai/gpt-4o`, `models/gemini-2.5-pro`.
#[must_use]
pub fn public_price(model: &str) -> Option<PublicPrice> {
    let name = model.trim().to_ascii_lowercase();
    let find = |name: &str| PRICES.get(name).copied();
    let of_vendor = |name: &str| {
        VENDORS
            .iter()
            .find_map(|vendor| find(&format!("{vendor}{name}")))
    };
    find(&name).or_else(|| of_vendor(&name)).or_else(|| {
        // A gateway's or a vendor's prefix, which the list does not have.
        let bare = [
            "openai/",
            "anthropic/",
            "google/",
            "models/",
            "mistralai/",
            "x-ai/",
        ]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))?;
        find(bare).or_else(|| of_vendor(bare))
    })
}

impl PublicPrice {
    /// What tokens cost, bucket by bucket and as `total`, in US dollars. `details` are disjoint buckets under Langfuse's
    /// names, `total` aside; where there are none, `usage` is all there is. `None` when a bucket has no price.
    #[must_use]
    pub fn cost(
        &self,
        usage: TokenUsage,
        details: &BTreeMap<String, u64>,
    ) -> Option<BTreeMap<String, f64>> {
        if self.up_to.is_some_and(|most| usage.input > most) {
            return None;
        }
        let whole = [("input", usage.input), ("output", usage.output)];
        let buckets: Vec<(&str, u64)> = if details.keys().any(|name| name != "total") {
            details
                .iter()
                .map(|(name, n)| (name.as_str(), *n))
                .collect()
        } else {
            whole.to_vec()
        };
        let mut costs = BTreeMap::new();
        let mut total = 0.0;
        for (name, tokens) in buckets {
            let price = match name {
                "total" => continue,
                "input" => self.input,
                "output" | "output_reasoning_tokens" | "output_reasoning" => self.output,
                _ if tokens == 0 => continue,
                "input_cached_tokens" | "cache_read_input_tokens" | "input_cache_read" => {
                    self.cache_read?
                }
                "input_cache_creation" | "cache_creation_input_tokens" => self.cache_write?,
                // Neither a part of the prompt nor of the answer: nobody bills it apart.
                other if !other.contains("input") && !other.contains("output") => continue,
                _ => return None,
            };
            let cost = tokens as f64 * price / 1e6;
            total += cost;
            costs.insert(name.to_owned(), cost);
        }
        costs.insert("total".to_owned(), total);
        Some(costs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, output: u64) -> TokenUsage {
        TokenUsage { input, output }
    }

    #[test]
    fn every_line_of_the_list_is_a_price() {
        let lines = include_str!("public_prices.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'));
        assert_eq!(lines.count(), PRICES.len());
        assert!(PRICES.len() > 900);
        assert!(PRICES.values().all(|p| p.input >= 0.0 && p.output >= 0.0));
    }

    #[test]
    fn models_by_the_names_that_calls_give_them() {
        let gpt = public_price("gpt-4o").unwrap();
        assert_eq!(
            (gpt.input, gpt.output, gpt.cache_read),
            (2.5, 10.0, Some(1.25))
        );
        for name in ["openai/gpt-4o", "GPT-4o", " gpt-4o "] {
            assert_eq!(public_price(name), Some(gpt), "{name}");
        }
        for name in [
            "gemini-2.5-pro",
            "models/gemini-2.5-pro",
            "google/gemini-2.5-pro",
        ] {
            assert_eq!(public_price(name).unwrap().up_to, Some(200_000), "{name}");
        }
        // As models of the two name themselves in their answers, and in what a client configures.
        for name in [
            "claude-sonnet-4-5-20250929",
            "claude-sonnet-5-5",
            "gemini-2.5-flash",
            "models/gemini-3.8-flash",
        ] {
            assert!(public_price(name).is_some(), "{name}");
        }
        for name in ["", "my-own-model", "openai/", "gpt-4o-but-mine"] {
            assert_eq!(public_price(name), None, "{name}");
        }
    }

    #[test]
    fn costs_by_bucket_and_nothing_guessed() {
        let gpt = public_price("gpt-4o").unwrap();
        let none = BTreeMap::new();
        let costs = gpt.cost(usage(1_000_000, 100_000), &none).unwrap();
        assert_eq!(costs["total"], 3.5);
        let buckets = |pairs: &[(&str, u64)]| -> BTreeMap<String, u64> {
            pairs.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect()
        };
        let cached = buckets(&[
            ("input", 600_000),
            ("input_cached_tokens", 400_000),
            ("output", 0),
            ("total", 1_000_000),
        ]);
        let costs = gpt.cost(usage(1_000_000, 0), &cached).unwrap();
        assert_eq!(
            (costs["input"], costs["input_cached_tokens"], costs["total"]),
            (1.5, 0.5, 2.0)
        );
        // Audio has another price, and prompts that were written to a cache have none.
        for bucket in ["input_audio_tokens", "input_cache_creation"] {
            let some = buckets(&[("input", 5), (bucket, 1)]);
            assert_eq!(gpt.cost(usage(6, 0), &some), None, "{bucket}");
            let none = buckets(&[("input", 5), (bucket, 0)]);
            assert!(gpt.cost(usage(5, 0), &none).is_some(), "{bucket}");
        }
        let gemini = public_price("gemini-2.5-pro").unwrap();
        assert!(gemini.cost(usage(200_000, 1), &none).is_some());
        assert_eq!(gemini.cost(usage(200_001, 1), &none), None);
    }
}
