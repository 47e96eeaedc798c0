//! Metrics and single evaluations.

use crate::evaluated::{BatchVerdicts, Compare, Evaluate, EvaluateBatch, Verdicts};
use crate::examples;
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use crate::types::Catalogue;
use assay_access::Permission::{EvaluationsRun, ResourcesRead};
use assay_model::ContestResult;
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
        part.op("evaluate_batch", "POST", "/api/v1/evaluate/batch", Needs(EvaluationsRun), 200, "Score many test cases by the same metrics")
            .about("As `evaluate`, for up to 1,000 cases, 100 where a metric asks a judge, a program or a server; more of these are a campaign. \
                    A case that is wrong is named, and none is scored.")
            .body::<EvaluateBatch>(json!({
                "cases": [
                    {"input": "How long do refunds take?", "actual_output": "A refund takes 5 business days."},
                    {"input": "Can I return a parcel?", "actual_output": "Yes, and you get a refund."},
                ],
                "metrics": [{"kind": "contains", "params": {"values": ["refund"]}}],
            }))
            .answer::<BatchVerdicts>(json!({"cases": [{"results": [examples::verdict()]}, {"results": [examples::verdict()]}]})),
        part.op("compare_answers", "POST", "/api/v1/evaluate/compare", Needs(EvaluationsRun), 200, "Have a judge pick the best of several answers")
            .about("The judge sees the contestants under aliases, in an order that the seed decides. Two are judged in both orders, and where \
                    the choices differ it is a tie. A judge that gives no choice that can be used is an error, and nobody has won.")
            .body::<Compare>(json!({
                "contest": {
                    "criteria": "Which answer helps the customer more?",
                    "contestants": [
                        {"name": "v1", "case": {"input": "Where is my parcel?", "actual_output": "I do not know."}},
                        {"name": "v2", "case": {"input": "Where is my parcel?", "actual_output": "In Lyon; it comes on Friday."}},
                    ],
                },
                "judge_model_id": examples::ID,
            }))
            .answer::<ContestResult>(json!({
                "status": "won", "winner": "v2", "reason": "v2 says where the parcel is.", "seed": 0, "judge_answers": [],
                "ballots": [{
                    "order": [{"alias": "Amy", "name": "v1"}, {"alias": "Ben", "name": "v2"}],
                    "winner": "v2", "reason": "Ben says where the parcel is.",
                }],
            })),
    ]
}
