//! DeepEval's catalogue: each of its metrics has a kind here, with the same threshold.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use assay_metrics::catalogue;
use common::{run, same};
use serde_json::json;

/// Upstream's names that are not those of kinds with `Metric` behind them.
const OTHERS: [(&str, &str); 9] = [
    ("PatternMatchMetric", "regex"),
    ("JsonCorrectnessMetric", "json_schema"),
    ("PIILeakageMetric", "pii_leakage"),
    ("DAGMetric", "dag"),
    ("ConversationalDAGMetric", "conversational_dag"),
    ("GEval", "g_eval"),
    ("ConversationalGEval", "conversational_g_eval"),
    ("MCPUseMetric", "mcp_use"),
    ("MultiTurnMCPUseMetric", "multi_turn_mcp_use"),
];

/// `TurnRelevancyMetric` as `turn_relevancy`.
fn kind(upstream: &str) -> String {
    if let Some((_, kind)) = OTHERS.iter().find(|(name, _)| *name == upstream) {
        return (*kind).to_owned();
    }
    let name = upstream.strip_suffix("Metric").unwrap_or(upstream);
    let name = name.replace("MCP", "Mcp");
    let mut kind = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            kind.push('_');
        }
        kind.extend(letter.to_lowercase());
    }
    kind
}

#[test]
fn oracle_catalog_has_no_metric_that_is_not_here() {
    let known = catalogue();
    run(
        &["metric"],
        |case| {
            case.get("mandatory_args")?;
            Some("metric".to_owned())
        },
        |_, case| {
            let upstream = case["metric"].as_str().ok_or("no name")?;
            // The best of several answers is a contest, and no metric of one case.
            if upstream == "ArenaGEval" {
                return Ok(());
            }
            let kind = kind(upstream);
            let entry = known.iter().find(|entry| entry.kind.as_str() == kind);
            let entry = entry.ok_or_else(|| format!("there is no kind `{kind}`"))?;
            // Upstream's strict metrics have a threshold of 1, whatever they say.
            let strict = case["defaults"]["strict_mode"] == json!(true);
            let threshold = if strict {
                json!(1)
            } else {
                case["defaults"]["threshold"].clone()
            };
            same(entry.default_threshold, &threshold)
                .map_err(|e| format!("the threshold of {kind}: {e}"))
        },
    );
}
