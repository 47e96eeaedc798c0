//! `spin.toml` is what Spin's manifest schema, version 2, allows, and is about the components that exist.
//!
//! The embedded engine reads less of the manifest than Spin does; this keeps the file good for both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::{Table, Value};

use super::names::{is_kebab, is_label, is_route, is_variable};
use super::{outbound, pass};
use crate::workspace;

const TOP: &[&str] = &[
    "spin_manifest_version",
    "application",
    "variables",
    "trigger",
    "component",
];
const APPLICATION: &[&str] = &[
    "name",
    "version",
    "description",
    "authors",
    "targets",
    "trigger",
    "tool",
];
const VARIABLE: &[&str] = &["description", "required", "default", "secret"];
const HTTP_TRIGGER: &[&str] = &[
    "id",
    "component",
    "components",
    "dependencies",
    "static_response",
    "route",
    "executor",
];
const COMPONENT: &[&str] = &[
    "source",
    "description",
    "variables",
    "environment",
    "files",
    "exclude_files",
    "allowed_outbound_hosts",
    "key_value_stores",
    "sqlite_databases",
    "ai_models",
    "targets",
    "build",
    "tool",
    "dependencies_inherit_configuration",
    "dependencies",
    "profile",
];
const BUILD: &[&str] = &["command", "workdir", "watch"];

/// Collects what is wrong, each with where.
#[derive(Default)]
struct Report(Vec<String>);

impl Report {
    fn add(&mut self, place: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{place}: {}", problem.as_ref()));
    }

    fn keys(&mut self, place: &str, table: &Table, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.add(place, format!("unknown key {key:?}"));
        }
    }

    fn string<'a>(&mut self, place: &str, table: &'a Table, key: &str) -> Option<&'a str> {
        let text = table.get(key)?.as_str();
        if text.is_none() {
            self.add(place, format!("{key} must be a string"));
        }
        text
    }

    fn strings<'a>(&mut self, place: &str, table: &'a Table, key: &str) -> Vec<&'a str> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let texts: Option<Vec<&str>> = value
            .as_array()
            .and_then(|list| list.iter().map(Value::as_str).collect());
        if texts.is_none() {
            self.add(place, format!("{key} must be a list of strings"));
        }
        texts.unwrap_or_default()
    }
}

/// Everything that can be said of the text alone.
fn check(text: &str) -> Vec<String> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("not TOML: {error}")],
    };
    let mut report = Report::default();
    report.keys("spin.toml", &manifest, TOP);
    if manifest
        .get("spin_manifest_version")
        .and_then(Value::as_integer)
        != Some(2)
    {
        report.add("spin.toml", "spin_manifest_version must be 2");
    }
    application(&mut report, &manifest);
    let variables = variables(&mut report, &manifest);
    let components = table(&mut report, &manifest, "component");
    for (id, component) in &components {
        let place = format!("component.{id}");
        match component.as_table() {
            Some(component) if is_kebab(id) => {
                check_component(&mut report, &place, component, &variables)
            }
            Some(_) => report.add(&place, "an id is lower-case words joined by '-'"),
            None => report.add(&place, "must be a table"),
        }
    }
    triggers(
        &mut report,
        &manifest,
        &components.keys().cloned().collect(),
    );
    report.0
}

fn table(report: &mut Report, parent: &Table, key: &str) -> Table {
    match parent.get(key) {
        None => Table::new(),
        Some(Value::Table(table)) => table.clone(),
        Some(_) => {
            report.add(key, "must be a table");
            Table::new()
        }
    }
}

fn application(report: &mut Report, manifest: &Table) {
    let application = table(report, manifest, "application");
    report.keys("application", &application, APPLICATION);
    for key in ["version", "description"] {
        report.string("application", &application, key);
    }
    report.strings("application", &application, "authors");
    if report
        .string("application", &application, "name")
        .is_none_or(str::is_empty)
    {
        report.add("application", "needs a name");
    }
}

/// Names and defaults; a required variable has none.
fn variables(report: &mut Report, manifest: &Table) -> BTreeMap<String, Option<String>> {
    let mut defaults = BTreeMap::new();
    for (name, value) in table(report, manifest, "variables") {
        let place = format!("variables.{name}");
        if !is_variable(&name) {
            report.add(&place, "a name is lower-case words joined by '_'");
        }
        let Some(variable) = value.as_table() else {
            report.add(&place, "must be a table");
            continue;
        };
        report.keys(&place, variable, VARIABLE);
        report.string(&place, variable, "description");
        let default = report
            .string(&place, variable, "default")
            .map(str::to_owned);
        let flag = |key: &str| variable.get(key).is_none_or(Value::is_bool);
        if !flag("required") || !flag("secret") {
            report.add(&place, "required and secret are true or false");
        }
        let required = variable.get("required").and_then(Value::as_bool) == Some(true);
        if required == default.is_some() {
            report.add(&place, "must be required or have a default, and not both");
        }
        defaults.insert(name, default);
    }
    defaults
}

fn check_component(
    report: &mut Report,
    place: &str,
    component: &Table,
    variables: &BTreeMap<String, Option<String>>,
) {
    report.keys(place, component, COMPONENT);
    match component.get("source") {
        Some(Value::String(path))
            if path.starts_with('/') || path.contains('\\') || !path.ends_with(".wasm") =>
        {
            report.add(
                place,
                format!("source {path:?} must be a relative path of a .wasm file"),
            );
        }
        Some(Value::String(_)) => {}
        Some(Value::Table(remote)) if remote.contains_key("url") => {
            report.keys(place, remote, &["url", "digest"]);
            if !remote.contains_key("digest") {
                report.add(place, "a remote source needs a digest");
            }
        }
        Some(Value::Table(remote)) => {
            report.keys(place, remote, &["registry", "package", "version"])
        }
        _ => report.add(place, "needs a source"),
    }
    for (name, value) in table(report, component, "variables") {
        if !is_variable(&name) {
            report.add(
                place,
                format!("variable {name:?}: a name is lower-case words joined by '_'"),
            );
        }
        match value.as_str().map(outbound::templates) {
            None => report.add(place, format!("variable {name:?} must be a string")),
            Some(Err(why)) => report.add(place, why),
            Some(Ok(used)) => {
                for unknown in used.iter().filter(|used| !variables.contains_key(*used)) {
                    report.add(
                        place,
                        format!(
                            "variable {name:?} uses {unknown:?}, which [variables] does not have"
                        ),
                    );
                }
            }
        }
    }
    if table(report, component, "environment")
        .values()
        .any(|value| !value.is_str())
    {
        report.add(place, "environment holds strings");
    }
    for host in report.strings(place, component, "allowed_outbound_hosts") {
        if let Err(why) = outbound::check(host, variables) {
            report.add(place, format!("allowed_outbound_hosts {why}"));
        }
    }
    for key in ["key_value_stores", "sqlite_databases"] {
        for label in report.strings(place, component, key) {
            if !is_label(label) {
                report.add(
                    place,
                    format!("{key}: {label:?} is neither kebab-case nor snake_case"),
                );
            }
        }
    }
    files(report, place, component);
    if let Some(build) = component.get("build") {
        let build = build.as_table().cloned().unwrap_or_default();
        report.keys(place, &build, BUILD);
        if !build.contains_key("command") {
            report.add(place, "build needs a command");
        }
    }
}

fn files(report: &mut Report, place: &str, component: &Table) {
    report.strings(place, component, "exclude_files");
    let mounts = component
        .get("files")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if component
        .get("files")
        .is_some_and(|files| !files.is_array())
    {
        report.add(place, "files must be a list");
    }
    for mount in mounts {
        let placed = mount.as_table().is_some_and(|mount| {
            mount.len() == 2
                && ["source", "destination"]
                    .iter()
                    .all(|key| mount.get(*key).is_some_and(Value::is_str))
        });
        if !mount.is_str() && !placed {
            report.add(
                place,
                "each of files is a pattern, or has a source and a destination",
            );
        }
    }
}

fn triggers(report: &mut Report, manifest: &Table, components: &BTreeSet<String>) {
    let triggers = table(report, manifest, "trigger");
    if triggers.is_empty() {
        report.add("trigger", "there is none");
    }
    let (mut routes, mut ids, mut used) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (kind, list) in &triggers {
        for (index, entry) in list.as_array().into_iter().flatten().enumerate() {
            let place = format!("trigger.{kind}[{index}]");
            let Some(entry) = entry.as_table() else {
                report.add(&place, "must be a table");
                continue;
            };
            if let Some(id) = report.string(&place, entry, "id")
                && !ids.insert(id.to_owned())
            {
                report.add(&place, format!("the id {id:?} is taken"));
            }
            match report.string(&place, entry, "component") {
                Some(component) if components.contains(component) => {
                    used.insert(component.to_owned());
                }
                Some(component) => {
                    report.add(&place, format!("there is no component {component:?}"))
                }
                None if !entry.contains_key("static_response") => {
                    report.add(&place, "names no component")
                }
                None => {}
            }
            if kind == "http" {
                report.keys(&place, entry, HTTP_TRIGGER);
                route(report, &place, entry, &mut routes);
            }
        }
        if !list.is_array() {
            report.add(kind, "triggers are written [[trigger.kind]]");
        }
    }
    for idle in components.difference(&used) {
        report.add(
            &format!("component.{idle}"),
            "no trigger calls it, so Spin would not load it",
        );
    }
}

fn route(report: &mut Report, place: &str, entry: &Table, routes: &mut BTreeSet<String>) {
    match entry.get("route") {
        Some(Value::String(route)) if !is_route(route) => {
            report.add(place, format!("{route:?} is no route"))
        }
        Some(Value::String(route)) => {
            if !routes.insert(route.clone()) {
                report.add(place, format!("the route {route:?} is taken"));
            }
        }
        Some(Value::Table(private))
            if private.len() == 1 && private.get("private") == Some(&Value::Boolean(true)) => {}
        _ => report.add(place, "needs a route: a path, or { private = true }"),
    }
}

/// The manifest and the folders are about the same components, and each source is where cargo leaves it.
fn same_components(sources: &[(String, String)], components: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, package) in components {
        let expected = workspace::wasm_file(package);
        match sources.iter().find(|(id, _)| id == folder) {
            None => problems.push(format!("components/{folder}: spin.toml does not name it")),
            Some((_, source)) if *source != expected => {
                problems.push(format!(
                    "component.{folder}: source {source:?} should be {expected:?}"
                ));
            }
            Some(_) => {}
        }
    }
    for (id, _) in sources
        .iter()
        .filter(|(id, _)| !components.iter().any(|(folder, _)| folder == id))
    {
        problems.push(format!("component.{id}: there is no components/{id}"));
    }
    problems
}

#[test]
fn tidy_manifest_is_what_spin_allows() {
    let text =
        fs::read_to_string(workspace::root().join("spin.toml")).expect("there is a spin.toml");
    pass(&check(&text));
}

#[test]
fn tidy_manifest_lists_the_components() {
    let root = workspace::root();
    let components: Vec<(String, String)> = workspace::components(&root)
        .unwrap()
        .into_iter()
        // Metrics are composed with it; by itself it can do nothing.
        .filter(|package| package.name != "assay-metric-adapter")
        .map(|package| {
            (
                package.folder.trim_start_matches("components/").to_owned(),
                package.name,
            )
        })
        .collect();
    let mut sources = workspace::spin_sources(&root)
        .unwrap()
        .expect("there is a spin.toml");
    // Whoever has metrics of their own has them entered there.
    sources.retain(|(id, _)| !id.starts_with("metric-"));
    pass(&same_components(&sources, &components));
}

#[cfg(test)]
const GOOD: &str = r#"
spin_manifest_version = 2
[application]
name = "sample"
authors = ["Someone"]
[variables]
database_url = { default = "" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/api/..."
component = "api"
[component.api]
source = "target/api.wasm"
allowed_outbound_hosts = ["http://*.spin.internal", "{{ database_url }}"]
key_value_stores = ["default"]
files = ["a.txt", { source = "assets", destination = "/" }]
[component.api.variables]
token = "{{ token }}"
[component.api.build]
command = "cargo build"
"#;

#[test]
fn each_broken_rule_is_found() {
    assert_eq!(check(GOOD), [""; 0]);
    for (from, to) in [
        ("spin_manifest_version = 2", "spin_manifest_version = 1"),
        ("name = \"sample\"", "name = \"\""),
        ("authors = [\"Someone\"]", "author = \"Someone\""),
        ("database_url = { default = \"\" }", "database_url = {}"),
        (
            "database_url = { default = \"\" }",
            "database_url = { default = \"\", required = true }",
        ),
        (
            "database_url = { default = \"\" }",
            "database_url = { default = \"db.example\" }",
        ),
        (
            "token = { required = true, secret = true }",
            "Token = { required = true }\ntoken = { default = \"\" }",
        ),
        (
            "token = { required = true, secret = true }",
            "token = { required = true, hidden = true }",
        ),
        ("route = \"/api/...\"", "route = \"api\""),
        ("route = \"/api/...\"", "route = { private = false }"),
        ("route = \"/api/...\"", "route = \"/api/...\"\npath = \"x\""),
        (
            "[component.api]\n",
            "[[trigger.http]]\nroute = \"/api/...\"\ncomponent = \"api\"\n[component.api]\n",
        ),
        (
            "[component.api]\n",
            "[component.idle]\nsource = \"idle.wasm\"\n[component.api]\n",
        ),
        ("component = \"api\"", "component = \"other\""),
        (
            "source = \"target/api.wasm\"",
            "source = \"/target/api.wasm\"",
        ),
        (
            "source = \"target/api.wasm\"",
            "source = { url = \"https://example.com/api.wasm\" }",
        ),
        (
            "source = \"target/api.wasm\"",
            "source = \"target/api.wasm\"\nallowed_http_hosts = []",
        ),
        ("\"http://*.spin.internal\"", "\"*\""),
        ("[\"default\"]", "[\"b@d\"]"),
        ("[\"default\"]", "\"default\""),
        (
            "{ source = \"assets\", destination = \"/\" }",
            "{ source = \"assets\" }",
        ),
        ("token = \"{{ token }}\"", "token = \"{{ tokens }}\""),
        ("token = \"{{ token }}\"", "token = 1"),
        ("command = \"cargo build\"", "workdir = \".\""),
    ] {
        let broken = GOOD.replacen(from, to, 1);
        assert_ne!(broken, GOOD, "{from}");
        assert!(!check(&broken).is_empty(), "{from} -> {to}");
    }
    let renamed = GOOD
        .replace("component.api", "component.a_pi")
        .replace("\"api\"", "\"a_pi\"");
    assert!(!check(&renamed).is_empty());
    assert_eq!(check("a = ").len(), 1);
}

#[test]
fn a_component_that_only_one_side_knows_is_found() {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let folders = [pair("traces", "assay-traces")];
    let right = pair("traces", "target/wasm32-wasip2/component/assay_traces.wasm");
    assert!(same_components(std::slice::from_ref(&right), &folders).is_empty());
    assert_eq!(same_components(&[], &folders).len(), 1);
    assert_eq!(
        same_components(&[right.clone(), pair("other", "x.wasm")], &folders).len(),
        1
    );
    assert_eq!(
        same_components(&[pair("traces", "traces.wasm")], &folders).len(),
        1
    );
}
