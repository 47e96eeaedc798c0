//! Deployment files parse, pin what they run, and name variables that the application has.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_yaml_ng::Value;

use super::{files, pass, text_of};

/// Every document of a YAML file.
fn documents(text: &str) -> Result<Vec<Value>, String> {
    serde_yaml_ng::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).map_err(|error| error.to_string()))
        .collect()
}

/// Every image, wherever it is named.
fn images(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                match value.as_str() {
                    Some(image) if key.as_str() == Some("image") => found.push(image.to_owned()),
                    _ => images(value, found),
                }
            }
        }
        Value::Sequence(list) => list.iter().for_each(|value| images(value, found)),
        _ => {}
    }
}

/// A tag that says more than a major version, or a digest.
fn is_pinned(image: &str) -> bool {
    let tag = image
        .rsplit('/')
        .next()
        .and_then(|name| name.split_once(':'))
        .map(|(_, tag)| tag);
    image.contains("@sha256:")
        || tag.is_some_and(|tag| tag.contains('.') && tag.starts_with(|c: char| c.is_ascii_digit()))
}

/// The variables that SpinApp documents set.
fn spin_variables(document: &Value) -> Vec<String> {
    if document.get("kind").and_then(Value::as_str) != Some("SpinApp") {
        return Vec::new();
    }
    let variables = document
        .get("spec")
        .and_then(|spec| spec.get("variables"))
        .and_then(Value::as_sequence);
    let names = variables
        .into_iter()
        .flatten()
        .filter_map(|variable| variable.get("name")?.as_str());
    names.map(str::to_owned).collect()
}

/// The variables that a text sets through the environment.
fn environment_variables(text: &str) -> Vec<String> {
    text.split("SPIN_VARIABLE_")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

fn check(path: &str, text: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut used = environment_variables(text);
    if path.ends_with(".yaml") || path.ends_with(".yml") {
        match documents(text) {
            Err(why) => problems.push(format!("{path}: {why}")),
            Ok(documents) => {
                let mut named = Vec::new();
                documents
                    .iter()
                    .for_each(|document| images(document, &mut named));
                problems.extend(
                    named
                        .iter()
                        .filter(|image| !is_pinned(image))
                        .map(|image| format!("{path}: the image {image} is not pinned")),
                );
                used.extend(documents.iter().flat_map(spin_variables));
            }
        }
    }
    if path.ends_with(".toml")
        && let Err(why) = text.parse::<toml::Table>()
    {
        problems.push(format!("{path}: {why}"));
    }
    for name in used.iter().filter(|name| !known.contains(*name)) {
        problems.push(format!("{path}: spin.toml has no variable {name}"));
    }
    problems
}

#[test]
fn tidy_infra_parses_and_fits_the_manifest() {
    let manifest: toml::Table = text_of("spin.toml")
        .expect("there is a spin.toml")
        .parse()
        .unwrap();
    let known: BTreeSet<String> = manifest
        .get("variables")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    let infra: Vec<String> = files()
        .into_iter()
        .filter(|path| path.starts_with("infra/"))
        .collect();
    assert!(!infra.is_empty());
    let problems: Vec<String> = infra
        .iter()
        .filter_map(|path| Some(check(path, &text_of(path)?, &known)))
        .flatten()
        .collect();
    pass(&problems);
}

#[test]
fn broken_deployment_files_are_refused() {
    let known = BTreeSet::from(["public_url".to_owned()]);
    let app = "kind: SpinApp\nspec:\n  image: example.com/assay:1.2.3\n  variables:\n    - name: public_url\n";
    assert_eq!(check("infra/a.yaml", app, &known), [""; 0]);
    for (path, text) in [
        ("infra/a.yaml", "a: [1, 2\n"),
        ("infra/a.yaml", "a: 1\n---\nb: {\n"),
        (
            "infra/a.yaml",
            "services:\n  db:\n    image: postgres:latest\n",
        ),
        ("infra/a.yaml", "services:\n  db:\n    image: postgres\n"),
        ("infra/a.yaml", "services:\n  db:\n    image: postgres:17\n"),
        (
            "infra/a.yaml",
            "kind: SpinApp\nspec:\n  variables:\n    - name: other\n",
        ),
        ("infra/a.toml", "a = \n"),
        ("infra/README.md", "export SPIN_VARIABLE_OTHER=1"),
    ] {
        assert_eq!(check(path, text, &known).len(), 1, "{text}");
    }
    assert!(
        check(
            "infra/README.md",
            "export SPIN_VARIABLE_PUBLIC_URL=1, the prefix `SPIN_VARIABLE_`",
            &known
        )
        .is_empty()
    );
}
