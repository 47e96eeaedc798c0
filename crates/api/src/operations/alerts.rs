//! What alerts can beside what all resources can: part of the component `resources`.

use crate::examples::{ID, TIME};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use serde_json::{Value, json};

fn object(name: &'static str, properties: Value) -> Make {
    let required: Vec<String> = properties
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    let schema = json!({"type": "object", "required": required, "properties": properties});
    Box::new(move |s| s.name_output(name, schema.as_object().cloned().unwrap_or_default()))
}

fn or_null(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

fn state() -> Value {
    json!({"type": "string", "enum": ["ok", "firing", "no_data"]})
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Alerts",
    };
    let message =
        "The mean of the score `answers` over the last 60 minutes is 0.52, below 0.7 (42 values).";
    let notification = json!({
        "type": "object", "required": ["id", "channel", "news", "state", "attempts", "due_at", "sent_at", "error", "created_at"],
        "properties": {
            "id": {"type": "string"}, "channel": {"type": "integer", "description": "Its place in `channels`, from 0."},
            "news": {"type": "string", "enum": ["firing", "reminder", "recovered", "no_data"]},
            "state": {"type": "string", "enum": ["waiting", "sent", "failed"]}, "attempts": {"type": "integer"},
            "due_at": or_null("string"), "sent_at": or_null("string"), "error": or_null("string"), "created_at": {"type": "string"},
        },
    });
    let tried = json!({"type": "object", "required": ["channel", "type", "sent", "error"], "properties": {
        "channel": {"type": "integer"}, "type": {"type": "string"}, "sent": {"type": "boolean"}, "error": or_null("string"),
    }});
    vec![
        part.op("get_alert_status", "GET", "/api/v1/alerts/{id}/status", Needs(ResourcesRead), 200, "Tell where an alert stands, and what was told")
            .about("Its state, what it found when it was last looked at, and the last 50 notifications. `error` says why it could not be looked at.")
            .answer_as(
                object("AlertStatus", json!({
                    "alert_id": {"type": "string"}, "enabled": {"type": "boolean"}, "state": state(), "since": {"type": "string"},
                    "firing_since": or_null("string"), "value": or_null("number"), "samples": {"type": "integer"},
                    "message": {"type": "string"}, "looked_at": or_null("string"), "error": or_null("string"),
                    "notifications": {"type": "array", "items": notification},
                })),
                json!({
                    "alert_id": ID, "enabled": true, "state": "firing", "since": TIME, "firing_since": TIME, "value": 0.52, "samples": 42,
                    "message": message, "looked_at": TIME, "error": null,
                    "notifications": [{
                        "id": ID, "channel": 0, "news": "firing", "state": "sent", "attempts": 1, "due_at": null, "sent_at": TIME,
                        "error": null, "created_at": TIME,
                    }],
                }),
            ),
        part.op("list_alert_events", "GET", "/api/v1/alerts/{id}/events", Needs(ResourcesRead), 200, "List the changes of an alert, newest first")
            .about("Changes are kept for 90 days.")
            .page_as(
                object("AlertEvent", json!({
                    "id": {"type": "string"}, "from": state(), "to": state(), "value": or_null("number"), "samples": {"type": "integer"},
                    "message": {"type": "string"}, "at": {"type": "string"},
                })),
                json!({"id": ID, "from": "ok", "to": "firing", "value": 0.52, "samples": 42, "message": message, "at": TIME}),
            ),
        part.op("test_alert", "POST", "/api/v1/alerts/{id}/test", Needs(ResourcesWrite), 200, "Try the channels of an alert")
            .about("Looks at what is watched and tells every channel what is found now, marked as a test. The alert stands where it stood; a channel that refuses is named with the reason, and is not tried again.")
            .answer_as(
                object("AlertTest", json!({
                    "holds": or_null("boolean"), "value": or_null("number"), "samples": {"type": "integer"}, "message": {"type": "string"},
                    "channels": {"type": "array", "items": tried},
                })),
                json!({
                    "holds": true, "value": 0.52, "samples": 42, "message": message,
                    "channels": [{"channel": 0, "type": "slack", "sent": true, "error": null}],
                }),
            ),
    ]
}
