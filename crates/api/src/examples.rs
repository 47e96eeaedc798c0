//! Examples that several operations share.

use serde_json::{Value, json};

/// An id.
pub(crate) const ID: &str = "019ab4c2-7f3b-7c1a-9d55-2f6a1b0c4d3e";
/// A run's and its trace's id.
pub(crate) const TRACE: &str = "019ab4c27f3b7c1a9d552f6a1b0c4d3e";
/// A time.
pub(crate) const TIME: &str = "2026-11-24T06:00:00.000000Z";

/// `a` with the fields of `b`.
pub(crate) fn with(mut a: Value, b: Value) -> Value {
    if let (Some(a), Value::Object(b)) = (a.as_object_mut(), b) {
        a.extend(b);
    }
    a
}

pub(crate) fn agent() -> Value {
    json!({
        "name": "Support bot",
        "description": "Answers questions about orders",
        "kind": "openai_chat",
        "url": "https://bot.example.com/v1/chat/completions",
        "auth": {"type": "bearer"},
        "timeout_ms": 30000,
    })
}

pub(crate) fn model() -> Value {
    json!({
        "name": "Judge",
        "provider": "openai",
        "base_url": "https://api.example.com/v1",
        "model": "large-1",
        "temperature": 0.0,
        "max_tokens": 1024,
        "price": {"input_per_million": 0.5, "output_per_million": 1.5},
        "capabilities": {"json_schema": true, "logprobs": true, "seed": true, "temperature": true},
        "timeout_ms": 60000,
        "concurrency": 64,
    })
}

pub(crate) fn scenario() -> Value {
    json!({
        "name": "Late order",
        "situation": "The order A1001 is a week late.",
        "goal": "Learn where the order is.",
        "script": ["Where is my order?", "It is A1001"],
        "metrics": [{"kind": "contains", "params": {"values": ["TRK-1001"]}}],
    })
}

pub(crate) fn persona() -> Value {
    json!({
        "name": "Impatient traveller",
        "description": "Has missed a train",
        "goals": ["Get the money back"],
        "traits": ["curt"],
        "mood": "tired",
        "language": "en",
        "tone": "annoyed",
        "style": "short lines",
        "patience": 2,
        "knowledge": "The train was at nine",
        "disclosure": [
            {"text": "The booking's number is B77", "when": "when_asked"},
            {"text": "The ticket was a gift", "when": "never"},
        ],
        "strategy": "verify",
    })
}

pub(crate) fn secret() -> Value {
    json!({"name": "weather", "description": "The key of the weather service", "hosts": ["api.example.com"]})
}

pub(crate) fn program() -> Value {
    json!({"name": "Check digit", "description": "Whether an order's number can be one"})
}

/// The bytes of a program that does nothing, in base64.
pub(crate) const WASM: &str =
    "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=";

pub(crate) fn library_metric() -> Value {
    json!({
        "name": "Names the refund",
        "description": "The answer speaks of the refund",
        "metric": {"kind": "contains", "params": {"values": ["refund"]}},
    })
}

pub(crate) fn label_schema() -> Value {
    json!({
        "name": "helpful",
        "description": "Whether the answer helps",
        "guidelines": "Ask yourself whether *you* could go on from here.",
        "kind": "categorical",
        "target": "case",
        "required": true,
        "categories": [
            {"label": "no", "score": 0.0}, {"label": "partly", "score": 0.5}, {"label": "yes", "score": 1.0},
        ],
        "ordered": true,
    })
}

pub(crate) fn evaluation_rule() -> Value {
    json!({
        "name": "Slow answers",
        "description": "A tenth of all answers of the chat in production",
        "enabled": true,
        "filter": [
            {"type": "string", "column": "name", "operator": "=", "value": "chat"},
            {"type": "stringOptions", "column": "environment", "operator": "any of", "value": ["production"]},
        ],
        "sampling_rate": 0.1,
        "delay_s": 30,
        "metrics": [{"kind": "latency", "params": {"max_ms": 2000}}],
        "evaluator": "platform",
        "at_once": 4,
        "max_attempts": 5,
        "daily_budget": {"cost_usd": 5.0, "judge_calls": 2000},
    })
}

pub(crate) fn alert() -> Value {
    json!({
        "name": "Answers got worse",
        "description": "Look at the last release first.",
        "enabled": true,
        "measure": {"type": "score", "name": "answers"},
        "filter": [{"type": "stringOptions", "column": "environment", "operator": "any of", "value": ["production"]}],
        "window_minutes": 60,
        "condition": {"type": "threshold", "aggregation": "mean", "comparison": "below", "value": 0.7, "pass_at": 0.5},
        "min_samples": 20,
        "no_data": "show",
        "severity": "critical",
        "channels": [{"type": "webhook", "url": "https://hooks.example.com/assay"}],
        "renotify_minutes": 240,
        "notify_recovery": true,
    })
}

pub(crate) fn prompt() -> Value {
    json!({
        "name": "answer",
        "description": "How the bot answers",
        "prompt": "Answer in one sentence: {{question}}",
        "config": {"temperature": 0},
    })
}

pub(crate) fn knowledge_base() -> Value {
    json!({"name": "Handbook", "description": "What the support knows"})
}

pub(crate) fn document() -> Value {
    json!({
        "name": "Refunds",
        "description": "When and how",
        "media_type": "application/pdf",
        "size": 18432,
        "status": "pending",
    })
}

pub(crate) fn dataset() -> Value {
    json!({"name": "Support cases", "description": "What customers ask"})
}

pub(crate) fn item() -> Value {
    json!({
        "key": "refund",
        "input": "How long do refunds take?",
        "expected_output": "5 business days",
        "tags": ["billing"],
    })
}

pub(crate) fn campaign_spec() -> Value {
    json!({
        "name": "Nightly",
        "agent_id": ID,
        "dataset_id": ID,
        "metrics": [{"kind": "contains", "params": {"values": ["refund"]}, "threshold": 0.9}],
        "gate": {"min_pass_rate": 0.9, "max_error_rate": 0.1},
        "repetitions": 1,
        "concurrency": 4,
    })
}

pub(crate) fn campaign() -> Value {
    let spec = with(
        campaign_spec(),
        json!({"max_turns": 10, "max_attempts": 3, "seed": 0}),
    );
    json!({
        "id": ID,
        "name": "Nightly",
        "status": "completed",
        "summary": {"total": 10, "queued": 0, "running": 0, "waiting_for_person": 0, "paused": 0, "passed": 9, "failed": 1, "error": 0, "cancelled": 0},
        "pass_rate": 0.9,
        "verdict": "passed",
        "spec": spec,
        "created_by": ID,
        "created_at": TIME,
        "finished_at": TIME,
        "rerun_of": null,
        "paused_reason": null,
        "spent": null,
    })
}

pub(crate) fn verdict() -> Value {
    json!({
        "name": "contains",
        "kind": "contains",
        "version": 1,
        "status": "passed",
        "score": 1.0,
        "threshold": 0.9,
        "reason": "Every string occurs.",
        "confidence": 1.0,
        "latency_ms": 0.2,
    })
}

pub(crate) fn outcome() -> Value {
    json!({
        "run_id": TRACE,
        "item_key": "refund",
        "repetition": 0,
        "status": "passed",
        "trace_id": TRACE,
        "input": "How long do refunds take?",
        "output": "A refund takes 5 business days.",
        "expected_output": "5 business days",
        "turns": 1,
        "scores": [verdict()],
        "latency_ms": 120.5,
    })
}

pub(crate) fn trace() -> Value {
    json!({
        "id": TRACE,
        "name": "chat",
        "timestamp": TIME,
        "user_id": "u-17",
        "session_id": "s-4",
        "input": "How long do refunds take?",
        "output": "5 business days",
        "metadata": null,
        "tags": ["billing"],
        "environment": "production",
        "release": "2026.11",
        "version": null,
        "public": null,
    })
}

pub(crate) fn observation() -> Value {
    json!({
        "id": "4bf92f3577b34da6",
        "trace_id": TRACE,
        "parent_id": null,
        "type": "GENERATION",
        "name": "answer",
        "start_time": TIME,
        "end_time": TIME,
        "completion_start_time": null,
        "level": "DEFAULT",
        "status_message": null,
        "input": [{"role": "user", "content": "How long do refunds take?"}],
        "output": "5 business days",
        "model": "large-1",
        "model_parameters": {"temperature": 0},
        "usage": {"input": 12, "output": 5},
        "usage_details": {"input": 12, "output": 5, "total": 17},
        "cost_usd": 0.0001,
        "cost_details": {"total": 0.0001},
        "prompt_name": "support",
        "prompt_version": 3,
        "environment": "production",
        "version": null,
        "app_root": false,
        "experiment": null,
        "metadata": null,
    })
}

pub(crate) fn score() -> Value {
    json!({
        "id": ID,
        "trace_id": TRACE,
        "observation_id": null,
        "session_id": null,
        "experiment_id": null,
        "name": "helpful",
        "data_type": "NUMERIC",
        "value": 1.0,
        "string_value": null,
        "source": "API",
        "comment": "Answered at once",
        "environment": null,
        "config_id": null,
        "queue_id": null,
        "author_id": null,
        "timestamp": TIME,
        "metadata": null,
    })
}
