//! Metrics of retrieval compared with what Phoenix makes of the same relevances, every field of every case.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use assay_metrics::{Evaluation, Relevance, Step, hit_rate, ndcg, precision_at, reciprocal_rank};
use assay_model::TestCase;
use common::{list, run, same};
use serde_json::{Value, json};

#[test]
fn oracle_retrieval_metrics() {
    run(
        &["retrieval"],
        |case| {
            case.get("scores_in_rank_order")?;
            Some("retrieval".to_owned())
        },
        |_, case| {
            let fields = case.as_object().ok_or("no fields")?;
            for (name, expected) in fields {
                if name != "scores_in_rank_order" {
                    check(case, name, expected).map_err(|e| format!("{name}: {e}"))?;
                }
            }
            Ok(())
        },
    );
}

fn check(case: &Value, name: &str, expected: &Value) -> Result<(), String> {
    let relevance: Vec<Relevance> = list(&case["scores_in_rank_order"])
        .iter()
        .map(Value::as_f64)
        .collect();
    let (kind, k) = match name.split_once('@') {
        Some((kind, "all")) => (kind, None),
        Some((kind, k)) => (kind, Some(k.parse().map_err(|_| "no number of places")?)),
        None => (name, None),
    };
    let all: Vec<f64> = relevance.iter().copied().flatten().collect();
    let (kind, got) = match kind {
        "ndcg" => ("ndcg", ndcg(&relevance, &all, k)),
        "precision" => ("precision_at_k", precision_at(&relevance, k)),
        "hit" => ("hit_rate", hit_rate(&relevance, k)),
        "reciprocal_rank" => ("reciprocal_rank", reciprocal_rank(&relevance, k)),
        other => return Err(format!("{other} is not compared")),
    };
    match (got, expected.is_null()) {
        // What upstream has no number for is undefined here as well.
        (None, true) => return Ok(()),
        (None, false) => return Err(format!("undefined, expected {expected}")),
        (Some(got), _) => same(got, expected)?,
    }
    if relevance.contains(&None) || all.iter().all(|relevance| *relevance == 0.0) {
        // With nothing relevant the metric has nothing to say, where upstream says 0.
        return Ok(());
    }
    let graded = |(i, relevance): (usize, &f64)| json!({"document": format!("document {i}"), "relevance": relevance});
    let grades: Vec<Value> = all.iter().enumerate().map(graded).collect();
    let params = json!({"k": k, "grades": grades});
    let test_case = TestCase {
        retrieval_context: (0..all.len())
            .map(|i| format!(" document\n{i}").into())
            .collect(),
        ..TestCase::default()
    };
    let spec = serde_json::from_value(json!({"kind": kind, "params": params}));
    let Step::Done(result) = Evaluation::start(&spec.map_err(|e| e.to_string())?, &test_case).1
    else {
        return Err("a judge is asked".to_owned());
    };
    same(result.score.ok_or(result.reason)?, expected)
}
