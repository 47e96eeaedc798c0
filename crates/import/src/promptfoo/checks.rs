//! Assertions of a test: the metrics of its item.

use super::{Config, files, vars};
use crate::metrics::{Assertion, of_assertion};
use crate::note::{Notes, below};
use crate::value;
use assay_model::{DatasetItem, MetricSpec};
use serde_json::{Map, Value};

/// Most references that lead from one to the next.
const MAX_HOPS: usize = 8;

/// The object that an object stands for, where it is a reference into the configuration.
///
/// # Errors
/// The reference that leads nowhere.
pub(super) fn resolve<'v>(
    object: &'v Map<String, Value>,
    root: &'v Value,
) -> Result<&'v Map<String, Value>, String> {
    let mut found = object;
    for _ in 0..MAX_HOPS {
        let Some(reference) = found.get("$ref").and_then(Value::as_str) else {
            return Ok(found);
        };
        let pointer = reference.strip_prefix('#').unwrap_or(reference);
        found = root
            .pointer(pointer)
            .and_then(Value::as_object)
            .ok_or_else(|| format!("`{reference}` leads nowhere"))?;
    }
    Err("its references lead in a circle".to_owned())
}

/// Gives `item` the metrics of an assertion that stands at `at`.
pub(super) fn check(
    item: &mut DatasetItem,
    at: &str,
    assertion: &Map<String, Value>,
    vars: &Value,
    config: &Config<'_>,
    notes: &mut Notes,
) {
    let object = match resolve(assertion, config.root) {
        Ok(object) => object,
        Err(why) => return notes.dropped(at, "an assertion", why),
    };
    let Some(kind) = object.get("type").and_then(Value::as_str) else {
        return notes.dropped(at, "an assertion", "it has no `type`");
    };
    if kind == "assert-set" {
        return set(item, at, object, vars, config, notes);
    }
    let what = format!("assertion `{kind}`");
    let of = match read(kind, object, vars, config) {
        Ok(of) => of,
        Err(why) => return notes.dropped(at, what, why),
    };
    let mapped = match of_assertion(&of, item.expected_output.as_deref()) {
        Ok(mapped) => mapped,
        Err(why) => return notes.dropped(at, what, why),
    };
    if let Some(why) = mapped.dropped {
        notes.dropped(at, &what, why);
    }
    if let Some(why) = mapped.changed {
        notes.changed(at, &what, why);
    }
    if !mapped.metrics.is_empty() {
        differences(at, &what, object, &mapped.metrics, notes);
    }
    if mapped.expected.is_some() && item.expected_output.is_none() {
        item.expected_output = mapped.expected.map(Into::into);
    }
    for metric in mapped.metrics {
        if !item.metrics.contains(&metric) {
            item.metrics.push(metric);
        }
    }
}

/// Assertions that are weighed together: each is a metric of its own.
fn set(
    item: &mut DatasetItem,
    at: &str,
    object: &Map<String, Value>,
    vars: &Value,
    config: &Config<'_>,
    notes: &mut Notes,
) {
    if object.get("threshold").is_some_and(|t| !t.is_null()) {
        let why = "each of its metrics must pass, where promptfoo asks for a share of them";
        notes.changed(at, "assertion `assert-set`", why);
    }
    let list = object.get("assert").and_then(Value::as_array);
    for (i, one) in list.into_iter().flatten().enumerate() {
        let at = below(&below(at, "assert"), i);
        match one {
            Value::Object(one) if one.get("type").and_then(Value::as_str) != Some("assert-set") => {
                check(item, &at, one, vars, config, notes);
            }
            _ => notes.dropped(at, "an assertion", "it is none that a set can have"),
        }
    }
}

/// The assertion with its texts rendered and its files read.
fn read(
    kind: &str,
    object: &Map<String, Value>,
    vars: &Value,
    config: &Config<'_>,
) -> Result<Assertion, String> {
    if object.get("transform").is_some_and(|v| !value::is_void(v)) {
        return Err("it looks at an answer that code has changed, and code is not run".to_owned());
    }
    let given = object.get("value").unwrap_or(&Value::Null);
    let value = match given {
        Value::String(reference) if reference.starts_with("file://") => {
            let text = files::text(reference, config.source)
                .map_err(|why| format!("`{reference}`: {why}"))?;
            Value::String(text)
        }
        other => other.clone(),
    };
    let value = vars::render(&value, vars)
        .map_err(|fault| format!("its value cannot be rendered: {fault}"))?;
    let label = object.get("metric").and_then(Value::as_str);
    let label = label.map(|label| {
        crate::template::render(label, vars).map_or_else(|_| label.to_owned(), |r| r.text)
    });
    let threshold = match object.get("threshold") {
        Some(Value::Number(n)) => n.as_f64(),
        Some(Value::String(s)) => Some(
            s.trim()
                .parse()
                .map_err(|_| "its threshold is no number".to_owned())?,
        ),
        _ => None,
    };
    Ok(Assertion {
        kind: kind.to_owned(),
        value,
        threshold,
        label,
    })
}

/// Notes what of an assertion its metrics do not have.
fn differences(
    at: &str,
    what: &str,
    object: &Map<String, Value>,
    metrics: &[MetricSpec],
    notes: &mut Notes,
) {
    let weight = object.get("weight").and_then(Value::as_f64);
    if weight.is_some_and(|weight| weight == 0.0) {
        let why = "every metric counts, where promptfoo only reports one of weight 0";
        notes.changed(at, what, why);
    } else if weight.is_some_and(|weight| (weight - 1.0).abs() > f64::EPSILON) {
        notes.changed(
            at,
            format!("the weight of {what}"),
            "metrics have no weights: each must pass",
        );
    }
    if metrics.iter().any(|metric| metric.kind.needs_judge()) {
        for name in ["provider", "rubricPrompt"] {
            if object.get(name).is_some_and(|v| !value::is_void(v)) {
                let why = "the campaign's judge is asked, in the metric's own words";
                notes.changed(at, format!("`{name}` of {what}"), why);
            }
        }
    }
}
