//! Where traces are forwarded to.

use super::shapes::{patch_as, property, secret_property, shown};
use crate::examples::{ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::schemas::Schemas;
use assay_access::Permission::{WorkspaceManage, WorkspaceRead};
use assay_model::{DestinationSpec, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a trial came to.
#[derive(Serialize, JsonSchema)]
struct DestinationTest {
    /// Whether the span was taken.
    ok: bool,
    latency_ms: i64,
    /// The status of a refusal; null when the span was taken, or when there was no answer.
    status: Option<u16>,
    /// What was said, by the other side or of the way to it.
    message: Option<String>,
    /// The trace that was sent.
    trace_id: String,
}

/// What a destination has beside what was written.
#[derive(Serialize, JsonSchema)]
struct Status {
    id: String,
    /// Whether a secret is stored; it is never shown.
    has_credential: bool,
    /// Observations that were taken.
    #[schemars(range(min = 0))]
    sent: i64,
    /// Observations that wait.
    #[schemars(range(min = 0))]
    waiting: i64,
    /// Observations that were refused for good.
    #[schemars(range(min = 0))]
    failed: i64,
    /// Observations that were given up because more than 100000 waited.
    #[schemars(range(min = 0))]
    dropped: i64,
    last_sent_at: Option<Timestamp>,
    /// What the other side, or the way to it, said the last time something went wrong.
    last_error: Option<String>,
    last_error_at: Option<Timestamp>,
    /// When the next try is, after one that failed.
    retry_at: Option<Timestamp>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

fn spec(s: &mut Schemas) -> Map<String, Value> {
    let mut schema = s.input_object::<DestinationSpec>();
    property(&mut schema, "credential", secret_property(), false);
    schema
}

fn written() -> Make {
    Box::new(|s| {
        let schema = spec(s);
        s.name_input("DestinationSpec", schema)
    })
}

fn patched() -> Make {
    let about = "JSON merge patch (RFC 7386): fields that are absent stay, null removes; `auth` is replaced as a whole.";
    patch_as("DestinationPatch", about, |_| true, spec)
}

fn answered() -> Make {
    shown::<DestinationSpec, Status>("Destination")
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "ingest",
        tag: "Forwarding",
    };
    let (list, one) = (
        "/api/v1/ingest/destinations",
        "/api/v1/ingest/destinations/{id}",
    );
    let written_example = json!({
        "name": "Langfuse", "kind": "langfuse", "url": "https://langfuse.example.com",
        "auth": {"type": "basic", "user": "pk-lf-17"}, "credential": "sk-lf-4711",
        "filter": [{"type": "stringOptions", "column": "environment", "operator": "any of", "value": ["production"]}],
        "sampling_rate": 0.5,
    });
    let mut shown = with(
        written_example.clone(),
        json!({
            "id": ID, "enabled": true, "has_credential": true, "sent": 1200, "waiting": 3, "failed": 0, "dropped": 0,
            "last_sent_at": TIME, "last_error": null, "last_error_at": null, "retry_at": null,
            "created_by": ID, "created_at": TIME, "updated_by": ID, "updated_at": TIME,
        }),
    );
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("credential");
    }
    let (read, manage) = (Needs(WorkspaceRead), Needs(WorkspaceManage));
    vec![
        part.op("list_destinations", "GET", list, read, 200, "List where traces are forwarded to, newest first")
            .page_as(answered(), shown.clone())
            .query("kind", "Only those of that kind.", json!({"type": "string", "enum": ["langfuse", "phoenix", "otlp", ""]}))
            .query("enabled", "Only those that are sent to, or only the others.", json!({"type": "string", "enum": ["true", "false", ""]})),
        part.op("create_destination", "POST", list, manage, 201, "Forward traces to another platform")
            .about("From the next seconds on, what is stored is sent there as OpenTelemetry spans, each observation when it has \
                    ended, after redaction, and never in the way of ingestion. What cannot be sent is tried again, for longer \
                    and longer; at most 100000 observations wait. A workspace has at most 20 destinations.")
            .body_as(written(), written_example)
            .answer_as(answered(), shown.clone())
            .sends("ETag")
            .sends("Location")
            .problem_as(409, "The name is taken, or there are as many as there may be"),
        part.op("get_destination", "GET", one, read, 200, "Get a destination with what was sent")
            .answer_as(answered(), shown.clone())
            .sends("ETag"),
        part.op("change_destination", "PATCH", one, manage, 200, "Change a destination")
            .about("What waits is tried again at once. A credential is given again when the URL leads to another server.")
            .takes("application/merge-patch+json", patched(), json!({"enabled": false}))
            .takes("application/json", patched(), json!({"enabled": false}))
            .answer_as(answered(), shown)
            .sends("ETag")
            .if_match()
            .problem_as(409, "The name is taken"),
        part.op("delete_destination", "DELETE", one, manage, 204, "Delete a destination with what waits for it")
            .about("Nothing more is sent, and what waited is forgotten.")
            .if_match(),
        part.op("test_destination", "POST", format!("{one}/test"), manage, 200, "Send one span to a destination")
            .about("Also to one that is not enabled. 200 also when it is refused, with what was said.")
            .answer::<DestinationTest>(json!({
                "ok": true, "latency_ms": 41, "status": null, "message": null, "trace_id": "0af7651916cd43dd8448eb211c80319c",
            })),
    ]
}
