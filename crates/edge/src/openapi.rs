//! The contract beside the route table: `docs/openapi.json` describes every public route, and nothing else.
//!
//! The document is made from `assay-api`, which knows no component; [`contract!`](crate::contract) puts a test beside each
//! table that compares the two.

use crate::router::{Access, Component, Route};
use serde_json::Value;
use std::collections::BTreeMap;

/// Puts a test beside a component's route table: the document describes each of its public routes as it is.
#[macro_export]
macro_rules! contract {
    ($component:expr) => {
        #[cfg(test)]
        #[test]
        fn the_contract_describes_every_route() {
            let document = include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../docs/openapi.json"
            ));
            let drift = $crate::openapi::drift(&$component, document);
            assert!(drift.is_empty(), "{}", drift.join("\n"));
        }
    };
}

/// What the document says otherwise than the table, a line each.
#[must_use]
pub fn drift(component: &Component, document: &str) -> Vec<String> {
    let document: Value = match serde_json::from_str(document) {
        Ok(document) => document,
        Err(e) => return vec![format!("docs/openapi.json is not JSON: {e}")],
    };
    let mut described: BTreeMap<(String, &str), &Value> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation.get("x-component") == Some(&Value::from(component.name)) {
                described.insert((method.to_ascii_uppercase(), path), operation);
            }
        }
    }
    let file = format!("crates/api/src/operations/{}.rs", component.name);
    let mut drift = Vec::new();
    for route in component.routes {
        if route.access == Access::Internal {
            continue;
        }
        let name = format!("{} {}", route.method, route.path);
        match described.remove(&(route.method.to_owned(), route.path)) {
            None => drift.push(format!(
                "{name} is not described: add it to {file}, then run `cargo xtask openapi`"
            )),
            Some(operation) => {
                drift.extend(differences(route, operation).into_iter().map(|what| {
                    format!("{name}: {what}; see {file}, then run `cargo xtask openapi`")
                }))
            }
        }
    }
    drift.extend(described.keys().map(|(method, path)| {
        format!("{method} {path} is described in {file}, and there is no such route")
    }));
    drift
}

fn differences(route: &Route, operation: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let success = route.success.to_string();
    let responses = operation.get("responses");
    if responses.and_then(|r| r.get(&success)).is_none() {
        found.push(format!(
            "the route's success is {success}, the contract's is not"
        ));
    }
    let summary = operation.get("summary").and_then(Value::as_str);
    if summary != Some(route.summary) {
        found.push(format!(
            "the route says \"{}\", the contract {summary:?}",
            route.summary
        ));
    }
    let permission = match route.access {
        Access::Needs(permission) => serde_json::to_value(permission).ok(),
        _ => None,
    };
    if operation.get("x-permission") != permission.as_ref() {
        found.push(format!(
            "the route needs {permission:?}, the contract says {:?}",
            operation.get("x-permission")
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_access::Permission::TracesRead;
    use serde_json::json;

    fn route(path: &'static str) -> Route {
        Route {
            method: "GET",
            path,
            access: Access::Needs(TracesRead),
            summary: "List",
            success: 200,
            handler: |_| Box::pin(async { Err(crate::Problem::internal("unused")) }),
        }
    }

    #[track_caller]
    fn check(path: &'static str, operation: Value, words: &[&str]) {
        let routes: &'static [Route] = Box::leak(Box::new([route(path)]));
        let component = Component {
            name: "traces",
            routes,
        };
        let document = json!({"paths": {"/a": {"get": operation}}}).to_string();
        let found = drift(&component, &document);
        assert_eq!(found.len(), words.len(), "{found:?}");
        for (line, word) in found.iter().zip(words) {
            assert!(line.contains(word), "{line}");
        }
    }

    #[test]
    fn names_what_is_missing_and_what_differs() {
        let fine = json!({
            "x-component": "traces", "summary": "List", "x-permission": "traces_read", "responses": {"200": {}},
        });
        check("/a", fine.clone(), &[]);
        check(
            "/b",
            fine,
            &["GET /b is not described", "GET /a is described"],
        );
        let other = json!({"x-component": "other"});
        check("/b", other, &["GET /b is not described"]);
        let wrong = json!({
            "x-component": "traces", "summary": "Lst", "responses": {"201": {}},
        });
        check("/a", wrong, &["success is 200", "\"List\"", "traces_read"]);
    }
}
