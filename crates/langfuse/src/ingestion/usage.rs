//! Tokens and costs, in the shapes in which clients write them: buckets by name, the older `usage`, and what OpenAI's
//! API answers.

use crate::Invalid;
use crate::body::Body;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The shape of OpenAI's newer API. Its names are others' bucket names too: only an object of nothing else is taken for it.
const RESPONSE: [&str; 5] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "input_tokens_details",
    "output_tokens_details",
];
/// Names that only OpenAI's shapes have.
const OPENAI: [&str; 7] = [
    "promptTokens",
    "completionTokens",
    "totalTokens",
    "prompt_tokens",
    "completion_tokens",
    "input_tokens_details",
    "output_tokens_details",
];

/// Tokens and US dollars by bucket, each with `total` unless empty.
pub(crate) struct Spent {
    pub(crate) usage: BTreeMap<String, u64>,
    pub(crate) cost: BTreeMap<String, f64>,
}

/// Takes what was spent from an observation's body. The buckets win over the older `usage`.
pub(crate) fn read(body: &mut Body) -> Result<Spent, Invalid> {
    let mut spent = match body.object("usage")? {
        Some(Value::Object(map)) => legacy(map)?,
        _ => Spent {
            usage: BTreeMap::new(),
            cost: BTreeMap::new(),
        },
    };
    if let Some(Value::Object(map)) = body.object("usageDetails")? {
        let usage = counts("usageDetails", map)?;
        if !usage.is_empty() {
            spent.usage = usage;
        }
    }
    if let Some(Value::Object(map)) = body.object("costDetails")? {
        let cost = amounts("costDetails", map)?;
        if !cost.is_empty() {
            spent.cost = cost;
        }
    }
    Ok(spent)
}

/// `{input, output, total, unit, inputCost, outputCost, totalCost}`, or OpenAI's.
fn legacy(mut map: Map<String, Value>) -> Result<Spent, Invalid> {
    map.remove("unit");
    let mut costs = Map::new();
    for (name, bucket) in [
        ("inputCost", "input"),
        ("outputCost", "output"),
        ("totalCost", "total"),
    ] {
        if let Some(value) = map.remove(name) {
            costs.insert(bucket.to_owned(), value);
        }
    }
    Ok(Spent {
        usage: counts("usage", map)?,
        cost: amounts("usage", costs)?,
    })
}

fn counts(field: &str, mut map: Map<String, Value>) -> Result<BTreeMap<String, u64>, Invalid> {
    map.retain(|_, v| !v.is_null());
    let known = |name: &&str| map.contains_key(*name);
    let response = map.contains_key("input_tokens")
        && map.keys().all(|name| RESPONSE.contains(&name.as_str()));
    let mut buckets = if response || OPENAI.iter().any(known) {
        openai(field, map)?
    } else {
        map.iter()
            .map(|(name, v)| Ok((name.clone(), count(field, name, v)?)))
            .collect::<Result<BTreeMap<_, _>, Invalid>>()?
    };
    if !buckets.is_empty() && !buckets.contains_key("total") {
        let sum = buckets.values().copied().fold(0, u64::saturating_add);
        // Stores count in signed integers.
        buckets.insert("total".to_owned(), sum.min(i64::MAX.unsigned_abs()));
    }
    Ok(buckets)
}

/// OpenAI counts details within the whole; buckets are disjoint, so the whole is lessened by them.
fn openai(field: &str, mut map: Map<String, Value>) -> Result<BTreeMap<String, u64>, Invalid> {
    let mut buckets = BTreeMap::new();
    for (side, names, details) in [
        (
            "input",
            ["prompt_tokens", "promptTokens", "input_tokens"],
            ["prompt_tokens_details", "input_tokens_details"],
        ),
        (
            "output",
            ["completion_tokens", "completionTokens", "output_tokens"],
            ["completion_tokens_details", "output_tokens_details"],
        ),
    ] {
        let mut parts = 0_u64;
        for name in details {
            let Some(Value::Object(inner)) = map.remove(name) else {
                continue;
            };
            for (part, value) in inner.iter().filter(|(_, v)| !v.is_null()) {
                let n = count(&format!("{field}.{name}"), part, value)?;
                parts = parts.saturating_add(n);
                buckets.insert(format!("{side}_{part}"), n);
            }
        }
        let wholes = names.map(|name| map.remove(name).map(|v| (name, v)));
        if let Some((name, value)) = wholes.into_iter().flatten().next() {
            let whole = count(field, name, &value)?;
            buckets.insert(side.to_owned(), whole.saturating_sub(parts));
        }
    }
    for name in ["total_tokens", "totalTokens"] {
        if let Some(value) = map.remove(name) {
            buckets.insert("total".to_owned(), count(field, name, &value)?);
        }
    }
    // Providers add what they like, a price for one: what counts nothing is theirs alone.
    for (name, value) in map {
        if let Ok(n) = count(field, &name, &value) {
            buckets.entry(name).or_insert(n);
        }
    }
    Ok(buckets)
}

fn amounts(field: &str, map: Map<String, Value>) -> Result<BTreeMap<String, f64>, Invalid> {
    let mut buckets = BTreeMap::new();
    for (name, value) in map.into_iter().filter(|(_, v)| !v.is_null()) {
        let amount = number(&value).ok_or_else(|| {
            Invalid::new(format!("{field}.{name}"), "must be an amount of US dollars")
        })?;
        buckets.insert(name, amount);
    }
    if !buckets.is_empty() && !buckets.contains_key("total") {
        buckets.insert("total".to_owned(), buckets.values().sum());
    }
    Ok(buckets)
}

/// A number, or the text of one.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n| n.is_finite())
}

fn count(field: &str, name: &str, value: &Value) -> Result<u64, Invalid> {
    let exact = match value {
        Value::Number(n) => n.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    // Clients that know one kind of number write 3.0; below 2^53 that is exact.
    let whole = || {
        number(value)
            .filter(|n| n.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(n))
            .map(|n| n as u64)
    };
    exact
        .or_else(whole)
        .filter(|n| *n <= i64::MAX.unsigned_abs())
        .ok_or_else(|| {
            Invalid::new(
                format!("{field}.{name}"),
                "must be a whole number, 0 or more",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spent(body: Value) -> (Value, Value) {
        let Spent { usage, cost } = read(&mut Body::new("body", body).unwrap()).unwrap();
        (json!(usage), json!(cost))
    }

    #[test]
    fn shapes_of_usage() {
        for (given, expected) in [
            (
                json!({"input": 3, "output": 2, "unit": "TOKENS"}),
                json!({"input": 3, "output": 2, "total": 5}),
            ),
            (
                json!({"input": "3", "output": 2.0, "total": 9}),
                json!({"input": 3, "output": 2, "total": 9}),
            ),
            (
                json!({"promptTokens": 3, "completionTokens": 2, "totalTokens": null}),
                json!({"input": 3, "output": 2, "total": 5}),
            ),
            (
                json!({"prompt_tokens": 120, "completion_tokens": 45, "total_tokens": 165,
                    "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": null},
                    "completion_tokens_details": {"reasoning_tokens": 7}, "cost": 0.001}),
                json!({"input": 20, "input_cached_tokens": 100, "output": 38,
                    "output_reasoning_tokens": 7, "total": 165}),
            ),
            (
                json!({"input_tokens": 4, "output_tokens": 1, "total_tokens": 5,
                    "input_tokens_details": {"cached_tokens": 9}}),
                json!({"input": 0, "input_cached_tokens": 9, "output": 1, "total": 5}),
            ),
            (
                json!({"input_tokens": 4, "cache_read_input_tokens": 1}),
                json!({"input_tokens": 4, "cache_read_input_tokens": 1, "total": 5}),
            ),
            (json!({"unit": "TOKENS", "input": null}), json!({})),
        ] {
            assert_eq!(spent(json!({"usage": given})).0, expected, "{given}");
            if given.get("unit").is_none() {
                assert_eq!(spent(json!({"usageDetails": given})).0, expected, "{given}");
            }
        }
    }

    #[test]
    fn buckets_win_over_the_older_shape() {
        let (usage, cost) = spent(json!({
            "usage": {"input": 1, "inputCost": "0.25", "outputCost": 0.5},
            "usageDetails": {"input": 7},
        }));
        assert_eq!(usage, json!({"input": 7, "total": 7}));
        assert_eq!(cost, json!({"input": 0.25, "output": 0.5, "total": 0.75}));
        let (_, cost) = spent(json!({"usage": {"totalCost": 1}, "costDetails": {"total": 0.001}}));
        assert_eq!(cost, json!({"total": 0.001}));
    }

    #[test]
    fn errors_name_the_bucket() {
        for (given, field) in [
            (json!({"usage": {"input": -1}}), "usage.input"),
            (
                json!({"usageDetails": {"input": 1.5}}),
                "usageDetails.input",
            ),
            (
                json!({"usage": {"promptTokens": "x"}}),
                "usage.promptTokens",
            ),
            (json!({"usage": 3}), "usage"),
            (
                json!({"costDetails": {"total": "NaN"}}),
                "costDetails.total",
            ),
            (
                json!({"usage": {"prompt_tokens": 1, "prompt_tokens_details": {"a": []}}}),
                "usage.prompt_tokens_details.a",
            ),
        ] {
            let wrong = read(&mut Body::new("body", given).unwrap());
            assert_eq!(wrong.err().unwrap().field, field);
        }
    }
}
