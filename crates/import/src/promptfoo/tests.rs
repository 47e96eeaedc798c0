//! Tests of promptfoo: where they stand, what they share, and the items they come to.

use super::checks::{check, resolve};
use super::prompts::{Asked, Prompt};
use super::{Config, expected, files, vars};
use crate::draft::Draft;
use crate::note::below;
use crate::records::{self, Document, place};
use crate::value::{self, is_void, keep, metadata, spread};
use crate::{ImportError, MAX_ITEMS};
use assay_model::DatasetItem;
use serde_json::{Map, Value};

/// A test, or what tests share.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) at: String,
    pub(super) index: usize,
    pub(super) fields: Map<String, Value>,
    /// Its assertions and their places.
    pub(super) asserts: Vec<(String, Map<String, Value>)>,
}

impl Test {
    /// A test as an object says it.
    pub(super) fn of(at: String, index: usize, mut fields: Map<String, Value>) -> Self {
        let list = match fields.remove("assert") {
            Some(Value::Array(list)) => list,
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        let asserts = list.into_iter().enumerate().map(|(i, one)| {
            let at = below(&place(&at, "assert"), i);
            match one {
                Value::Object(object) => (at, object),
                // Noted when it is looked at, for it has no type.
                _ => (at, Map::new()),
            }
        });
        Self {
            asserts: asserts.collect(),
            at: at.clone(),
            index,
            fields,
        }
    }
}

/// The tests that a value stands for: a list, or the name of a file of them.
///
/// # Errors
/// When there are too many.
pub(super) fn read(
    value: &Value,
    at: &str,
    config: &Config<'_>,
    draft: &mut Draft,
) -> Result<Vec<Test>, ImportError> {
    let mut out: Vec<Test> = Vec::new();
    match value {
        Value::Array(list) => {
            for (i, one) in list.iter().enumerate() {
                let at = below(at, i);
                match one {
                    Value::Object(object)
                        if object.contains_key("path") && !object.contains_key("vars") =>
                    {
                        generator(object, &at, draft);
                    }
                    Value::Object(object) => match resolve(object, config.root) {
                        Ok(object) => out.push(Test::of(at, out.len(), object.clone())),
                        Err(why) => draft.notes.dropped(at, "the test", why),
                    },
                    Value::String(reference) => of_file(reference, &at, config, &mut out, draft)?,
                    other => {
                        let why = format!("it is {}", value::kind(other));
                        draft.notes.dropped(at, "the test", why);
                    }
                }
                if out.len() > MAX_ITEMS {
                    return Err(ImportError::TooMany);
                }
            }
        }
        Value::String(reference) => of_file(reference, at, config, &mut out, draft)?,
        Value::Object(object) => generator(object, at, draft),
        _ => {}
    }
    Ok(out)
}

fn generator(object: &Map<String, Value>, at: &str, draft: &mut Draft) {
    let path = object.get("path").map(value::text).unwrap_or_default();
    draft
        .notes
        .dropped(at, format!("tests of `{path}`"), "code is not run");
}

/// The tests of a file. Its own places are told behind its name.
fn of_file(
    reference: &str,
    at: &str,
    config: &Config<'_>,
    out: &mut Vec<Test>,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    let what = format!("tests of `{reference}`");
    let path = files::path(reference);
    let bytes = match files::bytes(reference, config.source) {
        Ok(bytes) => bytes,
        Err(why) => {
            draft.notes.dropped(at, what, why);
            return Ok(());
        }
    };
    let document = match records::read(path, &bytes, &mut draft.notes) {
        Ok(document) => document,
        Err(ImportError::TooMany) => return Err(ImportError::TooMany),
        Err(e) => {
            draft.notes.dropped(at, what, e.to_string());
            return Ok(());
        }
    };
    let cells = matches!(document, Document::Rows { cells: true, .. });
    for mut row in document.into_rows(&["tests"], &mut draft.notes)? {
        row.at = format!("{path}, {}", row.at);
        row.index = out.len();
        out.push(match cells {
            true => expected::test(row, &mut draft.notes),
            false => Test::of(row.at, row.index, row.fields),
        });
    }
    Ok(())
}

/// Each situation of each scenario with each of its tests.
///
/// # Errors
/// When there are too many.
pub(super) fn scenarios(
    value: Option<&Value>,
    config: &Config<'_>,
    draft: &mut Draft,
) -> Result<Vec<(Test, Test)>, ImportError> {
    let mut out = Vec::new();
    let list = value.and_then(Value::as_array);
    for (i, one) in list.into_iter().flatten().enumerate() {
        let at = below("/scenarios", i);
        let read_one;
        let object = match one {
            Value::Object(object) => object,
            Value::String(reference) => match files::tree(reference, config.source) {
                Ok(Value::Object(object)) => {
                    read_one = object;
                    &read_one
                }
                Ok(_) => {
                    draft
                        .notes
                        .dropped(at, format!("scenario `{reference}`"), "it is no scenario");
                    continue;
                }
                Err(why) => {
                    draft
                        .notes
                        .dropped(at, format!("scenario `{reference}`"), why);
                    continue;
                }
            },
            other => {
                draft
                    .notes
                    .dropped(at, "the scenario", format!("it is {}", value::kind(other)));
                continue;
            }
        };
        let part = |name: &str| object.get(name).unwrap_or(&Value::Null);
        let situations = read(part("config"), &below(&at, "config"), config, draft)?;
        let tests = read(part("tests"), &below(&at, "tests"), config, draft)?;
        if out.len() + situations.len().saturating_mul(tests.len()) > MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        for situation in &situations {
            for test in &tests {
                let mut test = test.clone();
                test.index = out.len();
                test.at = match situations.len() {
                    1 => test.at,
                    _ => format!("{} with {}", test.at, situation.at),
                };
                out.push((situation.clone(), test));
            }
        }
    }
    Ok(out)
}

/// Takes the metrics of what every test has, as far as they name no variable.
pub(super) fn common(default: &Test, config: &Config<'_>, draft: &mut Draft) {
    let mut item = DatasetItem::default();
    let mut unheard = crate::note::Notes::default();
    for (at, assertion) in &default.asserts {
        check(&mut item, at, assertion, &Value::Null, config, &mut unheard);
    }
    draft.common = item.metrics;
}

/// Makes the items of a test: the last of `layers`, after what it shares with others.
///
/// # Errors
/// When there are too many.
pub(super) fn run(
    layers: &[&Test],
    config: &Config<'_>,
    draft: &mut Draft,
) -> Result<(), ImportError> {
    let Some(test) = layers.last() else {
        return Ok(());
    };
    let merged = |name: &str| {
        let mut out = Map::new();
        for layer in layers {
            if let Some(Value::Object(object)) = layer.fields.get(name) {
                out.extend(object.clone());
            }
        }
        out
    };
    for layer in layers {
        leftovers(layer, draft);
    }
    let Some(own) = variables(layers, config, draft) else {
        return Ok(());
    };
    let options = merged("options");
    let kept = merged("metadata");
    let expand = options.get("disableVarExpansion").and_then(Value::as_bool) != Some(true);
    let prompts = wanted(layers, config);
    let all = vars::combinations(own, expand)?;
    let several = all.len() > 1;
    for (n, mut vars) in all.into_iter().enumerate() {
        if let Err((what, why)) = vars::settle(&mut vars, config.source) {
            draft
                .notes
                .dropped(&test.at, format!("the test, and {what}"), why);
            continue;
        }
        let names = Value::Object(vars);
        let base = match several {
            true => format!("test-{:06}.{}", test.index + 1, n + 1),
            false => format!("test-{:06}", test.index + 1),
        };
        let one = One {
            test,
            layers,
            config,
            options: &options,
            kept: &kept,
            vars: &names,
        };
        if prompts.is_empty() {
            one.item(None, base, draft)?;
        } else {
            for (p, prompt) in &prompts {
                let key = match prompts.len() {
                    1 => base.clone(),
                    _ => format!("{base}/{p}"),
                };
                one.item(Some((*p, *prompt)), key, draft)?;
            }
        }
    }
    Ok(())
}

/// The variables of a test; nothing where they are in a file that is not at hand.
fn variables(
    layers: &[&Test],
    config: &Config<'_>,
    draft: &mut Draft,
) -> Option<Map<String, Value>> {
    let mut out = Map::new();
    for layer in layers {
        let named: Vec<&str> = match layer.fields.get("vars") {
            Some(Value::Object(object)) => {
                out.extend(object.clone());
                continue;
            }
            Some(Value::String(path)) => vec![path],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        for path in named {
            let found = files::tree(path, config.source);
            match found {
                Ok(Value::Object(object)) => out.extend(object),
                Ok(_) => {
                    draft.notes.dropped(
                        &layer.at,
                        format!("the test, and `{path}`"),
                        "it holds no variables",
                    );
                    return None;
                }
                Err(why) => {
                    draft
                        .notes
                        .dropped(&layer.at, format!("the test, and `{path}`"), why);
                    return None;
                }
            }
        }
    }
    Some(out)
}

/// The prompts that a test is asked with, each with its number.
fn wanted<'c>(layers: &[&Test], config: &'c Config<'_>) -> Vec<(usize, &'c Prompt)> {
    let mut labels: Option<Vec<String>> = None;
    for layer in layers {
        if let Some(Value::Array(list)) = layer.fields.get("prompts") {
            labels = Some(list.iter().map(value::text).collect());
        }
    }
    let named = |prompt: &Prompt| match (&labels, &prompt.label) {
        (None, _) => true,
        (Some(labels), Some(label)) => labels.iter().any(|l| l == label),
        (Some(_), None) => false,
    };
    let all = (1..).zip(&config.prompts);
    let some: Vec<_> = all.clone().filter(|(_, prompt)| named(prompt)).collect();
    if some.is_empty() { all.collect() } else { some }
}

/// A test with its variables, before it is asked.
struct One<'a> {
    test: &'a Test,
    layers: &'a [&'a Test],
    config: &'a Config<'a>,
    options: &'a Map<String, Value>,
    kept: &'a Map<String, Value>,
    vars: &'a Value,
}

impl One<'_> {
    fn item(
        &self,
        prompt: Option<(usize, &Prompt)>,
        key: String,
        draft: &mut Draft,
    ) -> Result<(), ImportError> {
        let at = self.test.at.as_str();
        let mut item = DatasetItem {
            key: Some(key),
            ..DatasetItem::default()
        };
        if let Err(why) = self.ask(&mut item, prompt.map(|(_, p)| p), draft) {
            draft.notes.dropped(at, "the test", why);
            return Ok(());
        }
        if let Some((number, prompt)) = prompt.filter(|_| self.config.prompts.len() > 1) {
            let label = prompt
                .label
                .as_deref()
                .and_then(|label| value::name(label, 80));
            item.tags.push(format!(
                "prompt: {}",
                label.unwrap_or_else(|| number.to_string())
            ));
        }
        for layer in self.layers {
            for (at, assertion) in &layer.asserts {
                check(
                    &mut item,
                    at,
                    assertion,
                    self.vars,
                    self.config,
                    &mut draft.notes,
                );
            }
            let about_context = |(_, a): &(String, Map<String, Value>)| {
                a.get("type")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.starts_with("context-"))
            };
            if let Some(context) = self.vars.get("context")
                && layer.asserts.iter().any(about_context)
            {
                item.context = value::contents(context.clone(), None);
            }
        }
        let mut kept = Map::new();
        spread(&mut kept, "metadata", Value::Object(self.kept.clone()));
        for name in ["description", "providerOutput"] {
            let found = self
                .layers
                .iter()
                .rev()
                .find_map(|layer| layer.fields.get(name));
            keep(&mut kept, name, found.cloned().unwrap_or_default());
        }
        keep(&mut kept, "vars", self.vars.clone());
        item.metadata = metadata(kept);
        draft.item(at, self.test.index, item)
    }

    /// Makes the rendered prompt what is asked, or a variable where there is none.
    fn ask(
        &self,
        item: &mut DatasetItem,
        prompt: Option<&Prompt>,
        draft: &mut Draft,
    ) -> Result<(), String> {
        let at = self.test.at.as_str();
        let Some(prompt) = prompt else {
            let none = Map::new();
            let vars = self.vars.as_object().unwrap_or(&none);
            let (text, how) =
                vars::question(vars).ok_or("it has neither a prompt nor variables")?;
            item.input = Some(text.into());
            if self.config.lost_prompts {
                draft
                    .notes
                    .changed(at, "the test, whose prompt is not known", how);
            }
            return Ok(());
        };
        let option = |name: &str| self.options.get(name).map(value::text).unwrap_or_default();
        let (prefix, suffix) = (option("prefix"), option("suffix"));
        let asked = Asked {
            vars: self.vars,
            prefix: &prefix,
            suffix: &suffix,
        };
        for name in prompt.ask(item, &asked)? {
            let why = "no variable of the test has this name; it is empty, as it is in promptfoo";
            draft
                .notes
                .changed(at, format!("`{name}` in the prompt"), why);
        }
        Ok(())
    }
}

/// Fields of a test that are carried over.
const USED: [&str; 6] = [
    "vars",
    "description",
    "metadata",
    "prompts",
    "options",
    "providerOutput",
];

/// Options of a test that are.
const OPTIONS: [&str; 3] = ["prefix", "suffix", "disableVarExpansion"];

/// Notes what of a layer is not carried over.
fn leftovers(layer: &Test, draft: &mut Draft) {
    for (name, found) in &layer.fields {
        let at = place(&layer.at, name);
        match name.as_str() {
            _ if is_void(found) || USED.contains(&name.as_str()) => {}
            "threshold" => {
                let why = "every metric must pass, where promptfoo asks for a mean score";
                draft.notes.changed(at, "the test's `threshold`", why);
            }
            "assertScoringFunction" => {
                draft
                    .notes
                    .dropped(at, format!("`{name}`"), "code is not run")
            }
            "provider" | "providers" => {
                let why = "every item is asked of every agent of a campaign";
                draft.notes.changed(at, format!("the test's `{name}`"), why);
            }
            _ => draft.notes.dropped(
                at,
                format!("`{name}` of a test"),
                "items have no such field",
            ),
        }
    }
    let options = layer.fields.get("options").and_then(Value::as_object);
    for (name, found) in options.into_iter().flatten() {
        let at = below(&place(&layer.at, "options"), name);
        match name.as_str() {
            _ if is_void(found) || OPTIONS.contains(&name.as_str()) => {}
            "transform" | "postprocess" | "transformVars" => {
                let why = "code is not run: metrics look at the answer as it is";
                draft.notes.changed(at, format!("option `{name}`"), why);
            }
            "provider" | "rubricPrompt" | "factuality" => {
                let why = "the campaign's judge is asked, in the metric's own words";
                draft.notes.changed(at, format!("option `{name}`"), why);
            }
            _ => draft
                .notes
                .dropped(at, format!("option `{name}`"), "it says how promptfoo runs"),
        }
    }
}
