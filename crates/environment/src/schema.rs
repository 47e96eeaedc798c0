//! Arguments of calls, validated by the JSON Schema of their tool.

use assay_model::FieldError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// The largest schema, in bytes.
const MAX_SCHEMA: usize = 64 << 10;
/// Most steps that a pattern within a schema may go back.
const MAX_BACKTRACKS: usize = 50_000;
/// Most faults that are told.
const MAX_FAULTS: usize = 10;

/// Compiles a schema. References to other documents are refused: nothing is fetched.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn compile(schema: &Value) -> Result<jsonschema::Validator, String> {
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err("must have the type `object`".to_owned());
    }
    let size = schema.to_string().len();
    if size > MAX_SCHEMA {
        return Err(format!("must be at most {MAX_SCHEMA} bytes"));
    }
    let patterns = jsonschema::PatternOptions::fancy_regex()
        .backtrack_limit(MAX_BACKTRACKS)
        .size_limit(1 << 18);
    jsonschema::options()
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|fault| format!("is not a JSON Schema: {}", short(&fault.to_string())))
}

/// # Errors
/// The arguments that are wrong, by JSON pointer. `None` when that was not found out, for a pattern took too many steps.
pub(crate) fn validate(
    schema: &jsonschema::Validator,
    args: &Value,
) -> Result<(), Option<Vec<FieldError>>> {
    let mut faults = Vec::new();
    for fault in schema.iter_errors(args).take(MAX_FAULTS) {
        if matches!(
            fault.kind(),
            ValidationErrorKind::BacktrackLimitExceeded { .. }
        ) {
            return Err(None);
        }
        faults.push(FieldError {
            field: fault.instance_path().to_string(),
            message: short(&fault.to_string()),
        });
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Some(faults))
    }
}

fn short(text: &str) -> String {
    text.chars().take(300).collect()
}
