//! The playground. Part of the component `resources`.

use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use assay_access::Permission::EvaluationsRun;
use assay_model::{ModelChatReply, ModelChatRequest};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Models",
    };
    let reply = json!({
        "ok": true, "answer": "Five business days.", "finish_reason": "stop", "model": "gpt-4.1-mini-2025-04-14",
        "usage": {"input": 24, "output": 6}, "cost_usd": 0.00002, "latency_ms": 640, "first_text_ms": 210, "error": null,
    });
    let sent = format!(
        "event: text\ndata: {{\"text\":\"Five business days.\"}}\n\nevent: answer\ndata: {reply}\n\n"
    );
    let asked = json!({
        "messages": [
            {"role": "system", "content": "You answer in one sentence."},
            {"role": "user", "content": "How long do refunds take?"},
        ],
        "temperature": 0.2,
    });
    vec![
        part.op("chat_with_model", "POST", "/api/v1/models/{id}/chat", Needs(EvaluationsRun), 200, "Talk to a model")
            .about("Server-sent events: `text`, each with the next piece of the answer, and one `answer` at the end, with what became of it. With `Accept: application/json` the latter alone, as JSON. It succeeds also where the model does not: then `error` says why. A stream without `answer` broke off. Who stops reading ends the model's call. Nothing is kept.")
            .body::<ModelChatRequest>(asked)
            .answer::<ModelChatReply>(reply)
            .gives("text/event-stream", Box::new(|_| json!({"type": "string"})), json!(sent)),
    ]
}
