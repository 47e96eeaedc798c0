//! Checks of the document as a whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use crate::document::{document, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Where the document is checked in.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_checked_in_document_is_this_one() {
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    let made = text();
    if file != made {
        let at = file
            .lines()
            .zip(made.lines())
            .position(|(a, b)| a != b)
            .unwrap_or_default();
        panic!(
            "docs/openapi.json is old from line {} on: run `cargo xtask openapi`\n file: {}\n made: {}",
            at + 1,
            file.lines().nth(at).unwrap_or_default(),
            made.lines().nth(at).unwrap_or_default()
        );
    }
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            all.push((format!("{} {path}", method.to_uppercase()), op));
        }
    }
    all
}

/// A validator of a schema within the document.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let whole = json!({"allOf": [schema], "components": document["components"]});
    jsonschema::options()
        .should_validate_formats(true)
        .build(&whole)
        .unwrap()
}

fn check_media(document: &Value, place: &str, media: &Value, problems: &mut Vec<String>) {
    for (name, body) in media.as_object().into_iter().flatten() {
        let Some(example) = body.get("example") else {
            if name.ends_with("json") && !name.ends_with("ndjson") {
                problems.push(format!("{place}: no example of {name}"));
            }
            continue;
        };
        for error in validator(document, &body["schema"]).iter_errors(example) {
            problems.push(format!(
                "{place}, example of {name}: {} at `{}`",
                error,
                error.instance_path()
            ));
        }
    }
}

#[test]
fn every_example_satisfies_its_schema() {
    let document = document();
    let mut problems = Vec::new();
    for (name, op) in operations(&document) {
        check_media(
            &document,
            &format!("{name} request"),
            &op["requestBody"]["content"],
            &mut problems,
        );
        for (status, response) in op["responses"].as_object().unwrap() {
            let place = format!("{name} {status}");
            check_media(&document, &place, &response["content"], &mut problems);
        }
    }
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        check_media(&document, name, &response["content"], &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_wrong_example_is_found() {
    let document = json!({"components": {"schemas": {"N": {"type": "integer"}}}});
    let media = json!({
        "application/json": {"schema": {"$ref": "#/components/schemas/N"}, "example": "one"},
        "application/problem+json": {"schema": {}},
    });
    let mut problems = Vec::new();
    check_media(&document, "x", &media, &mut problems);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn every_operation_is_told_in_full() {
    let document = document();
    let mut ids = BTreeSet::new();
    let mut problems = Vec::new();
    for (name, op) in operations(&document) {
        let mut require = |ok: bool, what: &str| {
            if !ok {
                problems.push(format!("{name}: {what}"));
            }
        };
        require(
            ids.insert(op["operationId"].as_str().unwrap().to_owned()),
            "its operationId is another one's",
        );
        require(
            op["summary"].as_str().is_some_and(|s| !s.is_empty()),
            "no summary",
        );
        let responses = op["responses"].as_object().unwrap();
        let success = responses.iter().find(|(s, _)| s.starts_with(['2', '3']));
        let (status, body) = success.expect("a success");
        require(
            ["204", "303"].contains(&status.as_str()) || body.get("content").is_some(),
            "success says nothing of its body",
        );
        let public = op["security"] == json!([]);
        require(
            public || ["401", "403"].iter().all(|s| responses.contains_key(*s)),
            "401 or 403 is missing",
        );
        require(
            public || op["x-permission"].is_string() || op["security"].is_array(),
            "no permission is named",
        );
        require(
            !name.contains('{') || responses.contains_key("404"),
            "404 is missing",
        );
        let takes = op.get("requestBody").is_some();
        require(
            // A file's format may be a query parameter, which is wrong in a way of its own.
            !takes
                || ["400", "413"].iter().all(|s| responses.contains_key(*s))
                    && ["415", "422"].iter().any(|s| responses.contains_key(*s)),
            "a problem of bodies is missing",
        );
    }
    assert!(ids.len() > 40, "{}", ids.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_ref_leads_somewhere_and_every_schema_is_used() {
    fn refs(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(list) => list.iter().for_each(|v| refs(v, found)),
            Value::Object(map) => {
                if let Some(Value::String(to)) = map.get("$ref") {
                    found.insert(to.trim_start_matches('#').to_owned());
                }
                map.values().for_each(|v| refs(v, found));
            }
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    refs(&document, &mut found);
    for to in &found {
        assert!(document.pointer(to).is_some(), "{to} leads nowhere");
    }
    for (kind, all) in document["components"].as_object().unwrap() {
        if kind == "securitySchemes" {
            continue;
        }
        for name in all.as_object().unwrap().keys() {
            let used = found.contains(&format!("/components/{kind}/{name}"));
            // Offered to operations to come.
            let kept = ["Conflict", "TooManyRequests"].contains(&name.as_str());
            assert!(used || kept, "{kind}/{name} is not used");
        }
    }
}

/// A component whose table nobody compares could say anything.
#[test]
fn every_component_compares_its_routes_with_this() {
    let components = concat!(env!("CARGO_MANIFEST_DIR"), "/../../components");
    let mut compared = 0;
    for entry in std::fs::read_dir(components).unwrap() {
        let folder = entry.unwrap().path().join("src");
        let sources = std::fs::read_dir(&folder).into_iter().flatten();
        let public = sources.map(|f| f.unwrap().path()).any(|file| {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            text.lines()
                .any(|l| l.contains("route!(") && !l.contains("Internal"))
        });
        if public {
            let text = std::fs::read_to_string(folder.join("lib.rs")).unwrap();
            let name = folder.display();
            assert!(
                text.contains("assay_edge::contract!("),
                "{name}/lib.rs: add `assay_edge::contract!(COMPONENT);`"
            );
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared}");
}
