//! The catalogue of metrics, and the check of a spec against it.

use crate::compiled::Compiled;
use crate::kinds::json_schema::compile;
use crate::registry::metric;
use assay_model::{FieldError, MetricKind, MetricSpec, Validate, Validator};
use jsonschema::error::ValidationErrorKind;
use serde::Serialize;
use serde_json::{Value, json};

/// What is told of one kind of metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CatalogueEntry {
    /// The kind, as a spec names it.
    pub kind: MetricKind,
    /// Display name.
    pub name: &'static str,
    /// What is measured, and how the score comes about.
    pub description: &'static str,
    /// Fields of the test case without which there is no score.
    pub required_fields: &'static [&'static str],
    /// The score at and above which a case passes when the spec names none.
    pub default_threshold: f64,
    /// JSON Schema of the parameters.
    pub params_schema: Value,
    /// Whether a judge model must be configured.
    pub needs_judge: bool,
    /// Version of the implementation; counts up with every change that can change a score.
    pub version: u32,
}

/// Every kind of metric, in a stable order.
#[must_use]
pub fn catalogue() -> Vec<CatalogueEntry> {
    let entry = |kind: MetricKind| {
        let about = metric(kind).about();
        CatalogueEntry {
            kind,
            name: about.name,
            description: about.description,
            required_fields: about.required_fields,
            default_threshold: about.default_threshold,
            params_schema: about.params_schema,
            needs_judge: kind.needs_judge(),
            version: about.version,
        }
    };
    MetricKind::ALL.into_iter().map(entry).collect()
}

/// Checks the whole of `spec`: its own rules and its parameters.
///
/// # Errors
/// Every wrong field, by JSON pointer from the spec, e.g. `/params/pattern`.
pub fn check_spec(spec: &MetricSpec) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    spec.check(&mut v);
    check_into(spec, &mut v);
    v.finish()
}

thread_local! {
    /// The schemas of parameters, which take longer to read than to check by.
    static SCHEMAS: Compiled<MetricKind, jsonschema::Validator> = const { Compiled::new() };
}

/// Checks the parameters of `spec`, which stands at the current path of `v`. For use beside [`Validate::check`] of what
/// holds the spec, which has checked its name and threshold already.
pub fn check_into(spec: &MetricSpec, v: &mut Validator) {
    if !spec.params.is_null() && !spec.params.is_object() {
        return;
    }
    let metric = metric(spec.kind);
    let read = |_: &MetricKind| {
        jsonschema::validator_for(&metric.about().params_schema).map_err(|fault| fault.to_string())
    };
    let schema = SCHEMAS.with(|schemas| schemas.get(spec.kind, read));
    v.at("params", |v| {
        let params = if spec.params.is_null() {
            json!({})
        } else {
            spec.params.clone()
        };
        if conforms(schema.as_deref(), &params, v) {
            metric.check(&params, v);
        }
    });
}

/// Names whatever in `params` breaks `schema`, by JSON pointer from the parameters: for metrics whose schema is known at run time alone.
///
/// # Errors
/// Every wrong field; one with an empty pointer where the schema itself is none.
pub fn check_params(schema: &Value, params: &Value) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    conforms(compile(schema).as_ref(), params, &mut v);
    v.finish()
}

/// Names at its place whatever in `params` breaks a schema, or that the schema cannot be read; whether nothing does.
fn conforms(
    schema: Result<&jsonschema::Validator, &String>,
    params: &Value,
    v: &mut Validator,
) -> bool {
    let validator = match schema {
        Ok(validator) => validator,
        Err(fault) => {
            v.error("", format!("cannot be checked: {fault}"));
            return false;
        }
    };
    let mut fine = true;
    for fault in validator.iter_errors(params) {
        fine = false;
        let pointer = fault.instance_path().to_string();
        let path: Vec<String> = pointer
            .split('/')
            .skip(1)
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
            .collect();
        below(&path, v, &mut |v| match fault.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    v.error(name, "is not a parameter of this kind of metric");
                }
            }
            ValidationErrorKind::Required { property } => {
                v.error(property.as_str().unwrap_or_default(), "is required");
            }
            _ => v.error("", assay_llm::excerpt(&fault.to_string())),
        });
    }
    fine
}

fn below(path: &[String], v: &mut Validator, f: &mut dyn FnMut(&mut Validator)) {
    match path.split_first() {
        Some((first, rest)) => v.at(first, |v| below(rest, v, f)),
        None => f(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, params: Value, expected: &[&str]) {
        let spec: MetricSpec =
            serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
        let found = check_spec(&spec).err().unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, expected, "{kind} {params} {found:?}");
    }

    #[test]
    fn parameters() {
        check("exact_match", Value::Null, &[]);
        check("exact_match", json!({"ignore_case": true}), &[]);
        check(
            "exact_match",
            json!({"ignore_case": "yes"}),
            &["/params/ignore_case"],
        );
        check(
            "exact_match",
            json!({"a": 1, "b/c": 2}),
            &["/params/a", "/params/b~1c"],
        );
        check("regex", json!({}), &["/params/pattern"]);
        check("regex", json!({"pattern": "a("}), &["/params/pattern"]);
        check("regex", json!({"pattern": "a)|(b"}), &["/params/pattern"]);
        check(
            "regex",
            json!({"pattern": "(a{1000}){1000}"}),
            &["/params/pattern"],
        );
        check(
            "regex",
            json!({"pattern": "(".repeat(500) + &")".repeat(500)}),
            &["/params/pattern"],
        );
        check(
            "regex",
            json!({"pattern": "a|ab", "search": true, "ignore_case": true}),
            &[],
        );
        check("contains", json!({}), &["/params/values"]);
        check("contains", json!({"values": []}), &["/params/values"]);
        check("contains", json!({"values": [""]}), &["/params/values/0"]);
        check("contains", json!({"none": ["x"]}), &[]);
        check(
            "contains",
            json!({"values": ["x"], "mode": "some"}),
            &["/params/mode"],
        );
        check("json_schema", json!({}), &["/params/schema"]);
        check(
            "json_schema",
            json!({"schema": {"type": "objekt"}}),
            &["/params/schema"],
        );
        check(
            "json_schema",
            json!({"schema": {"$ref": "https://example.com/s.json"}}),
            &["/params/schema"],
        );
        check("json_schema", json!({"schema": {"type": "object"}}), &[]);
        check("latency", json!({"max_ms": 0}), &["/params/max_ms"]);
        check("latency", json!({"max_ms": 1500.5}), &[]);
        check("cost", json!({"max_usd": -1}), &["/params/max_usd"]);
        check("cost", json!({"max_usd": 0}), &[]);
        check("tool_correctness", Value::Null, &[]);
        check(
            "tool_correctness",
            json!({"evaluate": ["names"]}),
            &["/params/evaluate/0"],
        );
        check("g_eval", Value::Null, &["/params/criteria"]);
        check("g_eval", json!({"criteria": "polite"}), &[]);
        check("g_eval", json!({"criteria": " "}), &["/params/criteria"]);
        check(
            "g_eval",
            json!({"evaluation_steps": ["a"], "fields": ["input", "mood"]}),
            &["/params/fields/1"],
        );
        check(
            "g_eval",
            json!({"criteria": "c", "rubric": [{"score_range": [0, 11], "expected_outcome": "x"}]}),
            &["/params/rubric/0/score_range/1"],
        );
        let rubric = |ranges: &[[u8; 2]]| {
            let levels: Vec<_> = ranges
                .iter()
                .map(|r| json!({"score_range": r, "expected_outcome": "x"}))
                .collect();
            json!({"criteria": "c", "rubric": levels})
        };
        check("g_eval", rubric(&[[0, 3], [3, 5]]), &["/params/rubric"]);
        check("g_eval", rubric(&[[5, 2]]), &["/params/rubric"]);
        check("g_eval", rubric(&[[5, 5]]), &["/params/rubric"]);
        check("g_eval", rubric(&[[7, 10], [0, 2]]), &[]);
    }

    #[test]
    fn the_built_in_library_is_sound() {
        let all = assay_model::LibraryMetricSpec::built_in().unwrap();
        let mut names: Vec<&str> = all.iter().map(|m| m.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        // These name what only a workspace or an installation has.
        let own = [
            MetricKind::EmbeddingSimilarity,
            MetricKind::Program,
            MetricKind::Webhook,
            MetricKind::Component,
        ];
        for kind in MetricKind::ALL {
            let there = all.iter().any(|m| m.metric.kind == kind);
            assert_eq!(there, !own.contains(&kind), "{kind:?}");
        }
        for metric in &all {
            assert_eq!(metric.validate(), Ok(()), "{}", metric.name);
            assert_eq!(check_spec(&metric.metric), Ok(()), "{}", metric.name);
        }
    }

    #[test]
    fn own_rules_are_checked_too() {
        let mut spec = MetricSpec::of(MetricKind::ExactMatch);
        spec.threshold = Some(2.0);
        spec.params = json!([1]);
        let fields: Vec<String> = check_spec(&spec)
            .unwrap_err()
            .into_iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(fields, ["/threshold", "/params"]);
    }

    #[test]
    fn catalogue_is_whole() {
        let entries = catalogue();
        assert_eq!(entries.len(), MetricKind::ALL.len());
        for entry in entries {
            assert!(
                jsonschema::meta::is_valid(&entry.params_schema),
                "{:?}",
                entry.kind
            );
            assert_eq!(
                entry.params_schema["additionalProperties"],
                json!(false),
                "{:?}",
                entry.kind
            );
            assert!((0.0..=1.0).contains(&entry.default_threshold));
            assert!(!entry.description.is_empty());
            assert_eq!(
                serde_json::to_value(&entry).unwrap()["kind"],
                json!(entry.kind.as_str())
            );
        }
    }
}
