//! promptfoo: `promptfooconfig.yaml`, and tests in files of their own. `docs/import.md` has the table.
//!
//! A test is asked with each prompt, as promptfoo does: the rendered prompt is what the item asks. Files that a configuration
//! names are read where the caller gives them; code is never run.

mod checks;
mod expected;
mod files;
mod prompts;
mod providers;
mod tests;
mod vars;

use crate::draft::Draft;
use crate::note::below;
use crate::records::Document;
use crate::value::is_void;
use crate::{Format, ImportError, Source};
use prompts::Prompt;
use serde_json::{Map, Value};
use tests::Test;

/// Settings that are carried over, or are of no account elsewhere.
const USED: [&str; 10] = [
    "$schema",
    "assertionTemplates",
    "description",
    "defaultTest",
    "prompts",
    "providers",
    "scenarios",
    "targets",
    "tests",
    "version",
];

/// Settings that are not, and why.
const SETTINGS: [(&str, &str); 15] = [
    ("commandLineOptions", RUN),
    ("derivedMetrics", "there are no metrics of metrics"),
    ("env", "variables of the environment are not read"),
    ("evaluateOptions", RUN),
    ("extensions", "code is not run"),
    ("metadata", "it says nothing of the tests"),
    ("nunjucksFilters", "code is not run"),
    ("outputPath", RUN),
    (
        "providerPromptMap",
        "every item is asked of every agent of a campaign",
    ),
    ("redteam", "its tests are made when promptfoo runs it"),
    ("sharing", RUN),
    ("strategies", "its tests are made when promptfoo runs it"),
    ("tags", "it says nothing of the tests"),
    ("tracing", RUN),
    ("writeLatestResults", RUN),
];

const RUN: &str = "it says how promptfoo runs";

/// What is at hand while a configuration is read.
struct Config<'a> {
    source: &'a Source<'a>,
    /// What `$ref` points into.
    root: &'a Value,
    prompts: Vec<Prompt>,
    /// Whether prompts are named that could not be read.
    lost_prompts: bool,
}

pub(crate) fn convert(
    document: Document,
    source: &Source<'_>,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    let null = Value::Null;
    match document {
        Document::Tree(Value::Object(object))
            if !object.contains_key("vars") && !object.contains_key("assert") =>
        {
            let root = Value::Object(object);
            config(&root, source, draft)
        }
        Document::Tree(value @ (Value::Array(_) | Value::Object(_))) => {
            let config = Config {
                source,
                root: &null,
                prompts: Vec::new(),
                lost_prompts: true,
            };
            let value = match value {
                Value::Object(one) => Value::Array(vec![Value::Object(one)]),
                list => list,
            };
            let tests = tests::read(&value, "", &config, draft)?;
            tests
                .iter()
                .try_for_each(|test| tests::run(&[test], &config, draft))
        }
        Document::Rows { cells, rows } => {
            let config = Config {
                source,
                root: &null,
                prompts: Vec::new(),
                lost_prompts: true,
            };
            for row in rows {
                let test = match cells {
                    true => expected::test(row, &mut draft.notes),
                    false => Test::of(row.at, row.index, row.fields),
                };
                tests::run(&[&test], &config, draft)?;
            }
            Ok(())
        }
        Document::Tree(_) => Err(ImportError::Wrong {
            format: Format::Promptfoo,
            why: "it is neither a configuration nor a list of tests".to_owned(),
        }),
    }
}

fn config(root: &Value, source: &Source<'_>, draft: &mut Draft) -> Result<(), ImportError> {
    let none = Map::new();
    let object = root.as_object().unwrap_or(&none);
    if ![
        "prompts",
        "providers",
        "targets",
        "tests",
        "scenarios",
        "defaultTest",
        "redteam",
    ]
    .iter()
    .any(|name| object.contains_key(*name))
    {
        return Err(ImportError::Wrong {
            format: Format::Promptfoo,
            why: "it has neither `prompts` nor `providers` nor `tests`".to_owned(),
        });
    }
    if let Some(said) = object.get("description").and_then(Value::as_str) {
        draft.description = said.to_owned();
    }
    for (name, value) in object {
        if USED.contains(&name.as_str()) || is_void(value) {
            continue;
        }
        let why = SETTINGS.iter().find(|(setting, _)| setting == name);
        let why = why.map_or("it is no setting that is known here", |(_, why)| *why);
        draft
            .notes
            .dropped(below("", name), format!("`{name}`"), why);
    }
    for name in ["providers", "targets"] {
        if let Some(value) = object.get(name) {
            providers::read(value, &below("", name), draft);
        }
    }
    let named = object.get("prompts").is_some_and(|p| !is_void(p));
    let prompts = prompts::read(object.get("prompts").unwrap_or(&Value::Null), source, draft);
    let config = Config {
        source,
        root,
        lost_prompts: prompts.is_empty() && named,
        prompts,
    };
    prompts::keep(&config.prompts, draft);
    let default = default_test(object.get("defaultTest"), &config, draft);
    if let Some(default) = &default {
        tests::common(default, &config, draft);
    }
    let layers = |rest: &[&'_ Test]| -> Vec<Test> { rest.iter().map(|t| (*t).clone()).collect() };
    let tests = match object.get("tests") {
        Some(value) => tests::read(value, "/tests", &config, draft)?,
        None => Vec::new(),
    };
    let mut asked = false;
    for test in &tests {
        asked = true;
        let all: Vec<&Test> = default.iter().chain([test]).collect();
        tests::run(&all, &config, draft)?;
    }
    for (situation, test) in tests::scenarios(object.get("scenarios"), &config, draft)? {
        asked = true;
        let both = layers(&[&situation, &test]);
        let all: Vec<&Test> = default.iter().chain(&both).collect();
        tests::run(&all, &config, draft)?;
    }
    let given = ["tests", "scenarios", "redteam"];
    if !asked
        && !given
            .iter()
            .any(|name| object.get(*name).is_some_and(|v| !is_void(v)))
    {
        // Without tests promptfoo asks each prompt once.
        let lone = Test::of("/prompts".to_owned(), 0, Map::new());
        let all: Vec<&Test> = default.iter().chain([&lone]).collect();
        tests::run(&all, &config, draft)?;
    }
    Ok(())
}

/// What every test has, in place or in a file of its own.
fn default_test(value: Option<&Value>, config: &Config<'_>, draft: &mut Draft) -> Option<Test> {
    let at = "/defaultTest";
    match value? {
        Value::Object(fields) => Some(Test::of(at.to_owned(), 0, fields.clone())),
        Value::String(path) => match files::tree(path, config.source) {
            Ok(Value::Object(fields)) => Some(Test::of(at.to_owned(), 0, fields)),
            Ok(_) => {
                draft
                    .notes
                    .dropped(at, format!("`{path}`"), "it is no test");
                None
            }
            Err(why) => {
                draft.notes.dropped(at, format!("`{path}`"), why);
                None
            }
        },
        _ => None,
    }
}
