//! What the metric says, as the evaluator reads it.

use serde_json::{Map, Value, json};

/// What a metric says of itself. Where its schema is no JSON object the answer is an error.
#[must_use]
pub fn description(
    name: &str,
    description: &str,
    required_fields: &[String],
    params_schema: &str,
) -> Value {
    let schema = match params_schema.trim() {
        "" => Some(json!({"type": "object", "additionalProperties": false})),
        text => serde_json::from_str(text).ok().filter(Value::is_object),
    };
    match schema {
        Some(schema) => json!({
            "name": name, "description": description, "required_fields": required_fields, "params_schema": schema,
        }),
        None => error("its schema of parameters is no JSON object"),
    }
}

/// Why there is no score.
#[must_use]
pub fn error(why: &str) -> Value {
    json!({"error": why})
}

/// A score and why, or that there is none to give. What JSON cannot say, such as NaN, is an error; what is not from 0 to 1 the evaluator
/// refuses.
#[must_use]
pub fn outcome(score: Option<f64>, reason: &str, breakdown: &[(String, f64)]) -> Value {
    let Some(score) = score else {
        return json!({"not_applicable": reason});
    };
    let mut parts = Map::new();
    for (name, part) in breakdown {
        if parts.contains_key(name) {
            return error(&format!("its breakdown has `{name}` twice"));
        }
        if !part.is_finite() {
            return error(&format!("its breakdown has {part} for `{name}`"));
        }
        parts.insert(name.clone(), json!(part));
    }
    match score.is_finite() {
        true => json!({"score": score, "reason": reason, "breakdown": parts}),
        false => error(&format!("its score is {score}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_cannot_say_is_an_error() {
        let part = |name: &str, score: f64| (name.to_owned(), score);
        assert_eq!(
            outcome(Some(0.5), "half", &[part("a", 1.0)]),
            json!({"score": 0.5, "reason": "half", "breakdown": {"a": 1.0}})
        );
        assert_eq!(
            outcome(None, "no prices", &[]),
            json!({"not_applicable": "no prices"})
        );
        for wrong in [
            outcome(Some(f64::NAN), "", &[]),
            outcome(Some(f64::INFINITY), "", &[]),
            outcome(Some(1.0), "", &[part("a", f64::NAN)]),
            outcome(Some(1.0), "", &[part("a", 1.0), part("a", 0.0)]),
        ] {
            assert!(
                wrong["error"].is_string() && wrong.get("score").is_none(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_schema_is_an_object() {
        let said = |schema: &str| description("n", "d", &["context".to_owned()], schema);
        assert_eq!(
            said("")["params_schema"]["additionalProperties"],
            json!(false)
        );
        assert_eq!(
            said(r#"{"type": "object"}"#)["required_fields"],
            json!(["context"])
        );
        for wrong in ["{", "[]", "true", "1"] {
            assert!(said(wrong)["error"].is_string(), "{wrong}");
        }
    }
}
