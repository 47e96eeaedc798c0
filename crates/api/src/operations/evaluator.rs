//! Metrics and single evaluations.

use crate::examples;
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use crate::types::{Catalogue, Evaluate, Verdicts};
use assay_access::Permission::{EvaluationsRun, ResourcesRead};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "evaluator",
        tag: "Metrics",
    };
    vec![
        part.op("list_metrics", "GET", "/api/v1/metrics", Needs(ResourcesRead), 200, "List the metrics that exist")
            .about("Each with the JSON Schema of its parameters.")
            .answer::<Catalogue>(json!({"data": [{
                "kind": "exact_match", "name": "Exact match", "description": "1 when the answer equals the reference.",
                "required_fields": ["actual_output", "expected_output"], "default_threshold": 1.0,
                "params_schema": {"type": "object", "additionalProperties": false}, "needs_judge": false, "version": 1,
            }]})),
        part.op("evaluate", "POST", "/api/v1/evaluate", Needs(EvaluationsRun), 200, "Score one test case")
            .about("Every metric at the same time, each on its own when one fails: an error is never a score.")
            .body::<Evaluate>(json!({
                "case": {"input": "How long do refunds take?", "actual_output": "A refund takes 5 business days."},
                "metrics": [{"kind": "contains", "params": {"values": ["refund"]}}],
            }))
            .answer::<Verdicts>(json!({"results": [examples::verdict()]})),
    ]
}
