//! Nodes that compute: code that is one assignment, and transformations that are a path or a template.

use super::python;
use super::words::{Names, is_name};

/// The longest template, in bytes.
const MAX_TEMPLATE: usize = 100_000;

/// What a node computes.
pub(super) enum Computed {
    Expression(String),
    Template(String),
}

/// Code that is one assignment.
pub(super) fn assigned(
    code: &str,
    outputs: &[String],
    names: &Names,
) -> Result<(Computed, String), String> {
    let lines = code.lines().map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|l| !l.is_empty() && !l.starts_with(['#']) && !l.starts_with("//"))
        .collect();
    let [line] = lines.as_slice() else {
        return Err(if lines.is_empty() {
            "it has no code".to_owned()
        } else {
            "code is never run, and it is more than one assignment".to_owned()
        });
    };
    let line = ["const ", "let ", "var "]
        .iter()
        .find_map(|word| line.strip_prefix(word))
        .unwrap_or(line);
    let parts = line
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()));
    let Some((name, value)) =
        parts.filter(|(name, value)| is_name(name) && !value.starts_with('='))
    else {
        return Err("code is never run, and it is no assignment".to_owned());
    };
    if !outputs.is_empty() && !outputs.iter().any(|output| output == name) {
        return Err(format!("it sets `{name}`, which is none of its outputs"));
    }
    let expression =
        python::value(value, names).map_err(|why| format!("code is never run, and {why}"))?;
    Ok((Computed::Expression(expression), name.to_owned()))
}

/// What a transformation comes to: a path or a small expression, or a template. It did nothing there.
pub(super) fn transformed(
    spec: Option<String>,
    names: &mut Names,
    output: String,
) -> Result<(Computed, String), String> {
    let spec = spec.ok_or_else(|| "it does not say what becomes of what".to_owned())?;
    if spec.contains("{{") {
        let template = names.template(&spec, MAX_TEMPLATE, &mut Vec::new());
        return Ok((Computed::Template(template), output));
    }
    // A path in jq, JSONPath or JSONata.
    let path = spec.trim().trim_start_matches(['$', '.']);
    let expression = python::value(path, names)
        .map_err(|why| format!("its transformation has no counterpart: {why}"))?;
    Ok((Computed::Expression(expression), output))
}
