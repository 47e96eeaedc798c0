//! The problems that operations end in (RFC 9457): described once, referred to everywhere.

use serde_json::{Map, Value, json};

struct Problem {
    status: u16,
    name: &'static str,
    kind: &'static str,
    title: &'static str,
    detail: &'static str,
    description: &'static str,
}

const fn p(
    status: u16,
    name: &'static str,
    kind: &'static str,
    title: &'static str,
    detail: &'static str,
    description: &'static str,
) -> Problem {
    Problem {
        status,
        name,
        kind,
        title,
        detail,
        description,
    }
}

const ALL: [Problem; 12] = [
    p(
        400,
        "MalformedBody",
        "malformed-body",
        "The request body cannot be read",
        "The body is empty; send JSON.",
        "The body is not what its content type says",
    ),
    p(
        401,
        "Unauthenticated",
        "unauthenticated",
        "Authentication is required",
        "Send an API key.",
        "No credential, or one that proves nothing",
    ),
    p(
        403,
        "Forbidden",
        "forbidden",
        "Permission is missing",
        "The role `viewer` does not grant this.",
        "The credential is good and the permission is missing",
    ),
    p(
        404,
        "NotFound",
        "not-found",
        "Not found",
        "There is no such agent.",
        "There is no such thing in the caller's workspace",
    ),
    p(
        409,
        "Conflict",
        "conflict",
        "The state does not allow this",
        "The resource is being changed by others. Try again.",
        "The state of the resource does not allow it",
    ),
    p(
        412,
        "PreconditionFailed",
        "precondition-failed",
        "The resource has changed",
        "The resource has changed since. Read it again, then repeat the change.",
        "`If-Match` did not hold",
    ),
    p(
        413,
        "BodyTooLarge",
        "body-too-large",
        "The request body is too large",
        "The body may have at most 4194304 bytes.",
        "The body is larger than the cap",
    ),
    p(
        415,
        "UnsupportedMediaType",
        "unsupported-media-type",
        "The content type is not supported",
        "Send application/json, not text/plain.",
        "The content type or encoding is not spoken here",
    ),
    p(
        422,
        "Validation",
        "validation",
        "Some fields are wrong",
        "Check /name.",
        "Fields or query parameters are wrong; `errors` names them",
    ),
    p(
        429,
        "TooManyRequests",
        "too-many-requests",
        "Too many requests",
        "Try again in 2 seconds.",
        "Too much at once; `Retry-After` says when to try again",
    ),
    p(
        502,
        "ProviderUnavailable",
        "provider-unavailable",
        "The identity provider is not available",
        "Google cannot be used right now. Try again.",
        "The identity provider is down, or does not answer as it should",
    ),
    p(
        503,
        "Unavailable",
        "store-unavailable",
        "A store is not available",
        "The database is locked, down or read-only. Try again.",
        "A store is not available, or the installation is misconfigured",
    ),
];

fn of(status: u16) -> Option<&'static Problem> {
    ALL.iter().find(|p| p.status == status)
}

/// A response that an operation ends in: the shared one, or the same for a reason of its own.
pub(crate) fn response(status: u16, why: Option<&str>) -> Value {
    match (of(status), why) {
        (Some(p), None) => json!({"$ref": format!("#/components/responses/{}", p.name)}),
        (Some(p), Some(why)) => body(p, why),
        (None, _) => json!({"description": why.unwrap_or("A problem")}),
    }
}

/// As [`response`], where protobuf is refused in protobuf: a `google.rpc.Status`.
pub(crate) fn otlp(status: u16) -> Value {
    let Some(p) = of(status) else {
        return response(status, None);
    };
    let mut response = body(p, p.description);
    if let Some(Value::Object(content)) = response.get_mut("content") {
        content.insert("application/x-protobuf".into(), json!({}));
    }
    response
}

/// `components.responses`.
pub(crate) fn shared() -> Value {
    let all: Map<String, Value> = ALL
        .iter()
        .map(|p| (p.name.to_owned(), body(p, p.description)))
        .collect();
    Value::Object(all)
}

fn body(p: &Problem, description: &str) -> Value {
    let mut example = json!({
        "type": format!("urn:assay:problem:{}", p.kind),
        "title": p.title,
        "status": p.status,
        "detail": p.detail,
        "request_id": crate::examples::ID,
    });
    if p.status == 422
        && let Some(map) = example.as_object_mut()
    {
        map.insert(
            "errors".into(),
            json!([{"field": "/name", "message": "must not be empty"}]),
        );
    }
    let header = match p.status {
        401 => Some("WWW-Authenticate"),
        429 | 503 => Some("Retry-After"),
        _ => None,
    };
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    let mut response = json!({
        "description": description,
        "content": {"application/problem+json": {"schema": schema, "example": example}},
    });
    if let (Some(header), Some(map)) = (header, response.as_object_mut()) {
        let name = header.replace('-', "");
        let mut headers = Map::new();
        headers.insert(
            header.into(),
            json!({"$ref": format!("#/components/headers/{name}")}),
        );
        map.insert("headers".into(), Value::Object(headers));
    }
    response
}
