//! The API's description, made from the route table. Each component tells its part; `/api/openapi.json` joins them.

use crate::router::{Access, Component, Route};
use serde_json::{Map, Value, json};

/// Where a component tells its part. It holds nothing secret.
pub const INTERNAL_PATH: &str = "/internal/openapi";

/// The public operations of a component, as OpenAPI `paths`.
#[must_use]
pub fn paths(component: &Component) -> Value {
    let mut paths = Map::new();
    for route in component
        .routes
        .iter()
        .filter(|r| r.access != Access::Internal)
    {
        if let Some(item) = paths
            .entry(route.path)
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            item.insert(
                route.method.to_ascii_lowercase(),
                operation(component.name, route),
            );
        }
    }
    Value::Object(paths)
}

fn operation(tag: &str, route: &Route) -> Value {
    let problem = |text: &str| {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        json!({"description": text, "content": {"application/problem+json": {"schema": schema}}})
    };
    let mut responses = Map::new();
    responses.insert(route.success.to_string(), json!({"description": "Success"}));
    if matches!(route.method, "POST" | "PUT" | "PATCH") {
        responses.insert("400".into(), problem("The body cannot be read"));
        responses.insert("413".into(), problem("The body is too large"));
        responses.insert(
            "422".into(),
            problem("Fields are wrong; `errors` names them"),
        );
    }
    if let Access::Needs(_) = route.access {
        responses.insert("401".into(), problem("No valid credential"));
        responses.insert("403".into(), problem("The permission is missing"));
    }
    if route.path.contains('{') {
        responses.insert("404".into(), problem("No such resource"));
    }
    responses.insert("503".into(), problem("A store is not available"));
    let parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|s| s.strip_prefix('{').and_then(|s| s.strip_suffix('}')))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let mut op = json!({
        "tags": [tag],
        "summary": route.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(op) = op.as_object_mut() {
        match route.access {
            Access::Needs(permission) => {
                op.insert("x-permission".into(), json!(permission));
            }
            _ => {
                op.insert("security".into(), json!([]));
            }
        }
    }
    op
}

fn operation_id(route: &Route) -> String {
    let words: Vec<&str> = route
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty() && *w != "api" && *w != "v1")
        .collect();
    format!("{}_{}", route.method.to_ascii_lowercase(), words.join("_"))
}

/// The whole document around the joined paths.
#[must_use]
pub fn document(version: &str, paths: Map<String, Value>) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Assay", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "security": [{"basic": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "Public and secret key"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "Secret key"},
            },
            "schemas": {"Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "request_id": {"type": "string"},
                    "errors": {"type": "array", "items": {
                        "type": "object",
                        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    }},
                },
            }},
        },
    })
}
