//! The whole document around the operations.

use crate::operations;
use crate::problems;
use crate::schemas::Schemas;
use crate::types::Problem;
use serde_json::{Map, Value, json};

/// The OpenAPI document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for op in operations::all() {
        if !tags.contains(&op.tag) {
            tags.push(op.tag);
        }
        let described = op.describe(&mut schemas);
        let item = paths.entry(op.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(op.method.to_ascii_lowercase(), described);
        }
    }
    let _ = schemas.output::<Problem>();
    let tags: Vec<Value> = tags.iter().map(|t| json!({"name": t})).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Assay",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Evaluates AI agents: simulates users, scores answers, watches traces",
            "description": "Every 4xx and 5xx is a problem document (RFC 9457) whose `type` is stable. Lists are read a \
                            page at a time. Times are RFC 3339 in UTC.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"basic": []}, {"bearer": []}, {"session": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "Public key as user, secret key as password"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "The secret key, or an access token of a person"},
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "assay_session",
                    "description": "A browser's session; over https `__Host-assay_session`. Unsafe requests carry `x-csrf-token`",
                },
            },
            "parameters": parameters(),
            "headers": headers(),
            "responses": problems::shared(),
        },
    });
    let schemas = schemas.finish(&mut document);
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.insert("schemas".into(), Value::Object(schemas));
    }
    sorted(document)
}

/// The document as it is checked in and served.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", document())
}

fn parameters() -> Value {
    let time = |name: &str, description: &str| {
        json!({
            "name": name, "in": "query", "description": description,
            "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "maxLength": 0}]},
        })
    };
    json!({
        "Limit": {
            "name": "limit", "in": "query", "description": "Most rows of the page.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        },
        "Cursor": {
            "name": "cursor", "in": "query", "description": "`next_cursor` of the page before. It is opaque.",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        },
        "From": time("from", "Only from this instant on."),
        "To": time("to", "Only before this instant; not before `from`."),
        "IfMatch": {
            "name": "If-Match", "in": "header",
            "description": "Change only the version whose `ETag` this is; `*` for any.",
            "schema": {"type": "string"},
            "example": "\"v3\"",
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header",
            "description": "A request that is sent again with the same key and body gets the first one's answer and does nothing.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([\\t -~]*[!-~])?$"},
            "example": "nightly-2026-11-24",
        },
    })
}

fn headers() -> Value {
    json!({
        "ETag": {
            "description": "The version, for `If-Match`.",
            "schema": {"type": "string", "pattern": "^\"[^\"]*\"$"},
            "example": "\"v1\"",
        },
        "Location": {
            "description": "Where the new thing is.",
            "schema": {"type": "string", "format": "uri-reference"},
        },
        "XNextCursor": {
            "description": "`cursor` of the next answer; absent on the last one.",
            "schema": {"type": "string"},
        },
        "IdempotentReplayed": {
            "description": "`true` when this is the answer of an earlier request with the same `Idempotency-Key`.",
            "schema": {"type": "string", "const": "true"},
        },
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
        "WWWAuthenticate": {"description": "How to authenticate.", "schema": {"type": "string"}},
    })
}

/// Keys in order, whatever the map keeps: the text must not depend on how `serde_json` was compiled.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().map(|(k, v)| (k, sorted(v))).collect())
        }
        other => other,
    }
}
