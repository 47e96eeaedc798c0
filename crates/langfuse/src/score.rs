//! Scores as clients write them: alone, in a list, or as events of a batch.

use crate::Invalid;
use crate::body::Body;
use assay_model::{Score, ScoreSource, ScoreType};
use serde_json::{Value, json};

/// The longest name of a score, in characters.
const MAX_NAME: usize = 500;

/// Reads one score. Without an id it has an empty one and without a time the epoch, both for the caller to make.
///
/// # Errors
/// Which field is wrong: a value that does not fit its type, or nothing that is scored, for example.
pub fn parse_score(row: Value) -> Result<Score, Invalid> {
    let mut body = Body::new("score", row)?;
    let mut score = Score {
        id: body.id("id")?.unwrap_or_default(),
        trace_id: body.id("traceId")?.unwrap_or_default(),
        observation_id: body.id("observationId")?,
        session_id: body.id("sessionId")?,
        experiment_id: body.id("datasetRunId")?,
        name: name(&mut body)?,
        source: source(&mut body)?,
        comment: body.text("comment")?,
        environment: body.environment()?,
        config_id: body.id("configId")?,
        queue_id: body.id("queueId")?,
        timestamp: body.time("timestamp")?.unwrap_or_default(),
        metadata: body.metadata().unwrap_or_default(),
        ..Score::default()
    };
    if score.trace_id.is_empty() {
        if score.observation_id.is_some() {
            let message = "is missing, and an observation is found by its trace";
            return Err(Invalid::new("traceId", message));
        }
        if score.session_id.is_none() && score.experiment_id.is_none() {
            let message = "is missing, and so are sessionId and datasetRunId: nothing is scored";
            return Err(Invalid::new("traceId", message));
        }
    }
    let kind = kind(&mut body)?;
    valued(&mut score, kind, body.value("value"))?;
    Ok(score)
}

fn name(body: &mut Body) -> Result<String, Invalid> {
    let name = body.text("name")?.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Invalid::new("name", "is missing"));
    }
    if name.chars().count() > MAX_NAME {
        let message = format!("must be at most {MAX_NAME} characters");
        return Err(Invalid::new("name", message));
    }
    Ok(name)
}

fn source(body: &mut Body) -> Result<ScoreSource, Invalid> {
    let Some(text) = body.text("source")? else {
        return Ok(ScoreSource::Api);
    };
    serde_json::from_value(json!(text.to_uppercase()))
        .map_err(|_| Invalid::new("source", "must be API, ANNOTATION or EVAL"))
}

fn kind(body: &mut Body) -> Result<Option<ScoreType>, Invalid> {
    let Some(text) = body.text("dataType")? else {
        return Ok(None);
    };
    serde_json::from_value(json!(text.to_uppercase()))
        .map(Some)
        .map_err(|_| {
            let message = "must be NUMERIC, BOOLEAN, CATEGORICAL, TEXT or CORRECTION";
            Invalid::new("dataType", message)
        })
}

/// A value without a type is numeric when it is a number, boolean when it is a truth, and else a category.
fn valued(score: &mut Score, kind: Option<ScoreType>, value: Option<Value>) -> Result<(), Invalid> {
    let kind = match (kind, &value) {
        (_, None) => return Err(Invalid::new("value", "is missing")),
        (Some(kind), _) => kind,
        (None, Some(Value::Number(_))) => ScoreType::Numeric,
        (None, Some(Value::Bool(_))) => ScoreType::Boolean,
        (None, Some(_)) => ScoreType::Categorical,
    };
    score.data_type = kind;
    match (kind, value) {
        (ScoreType::Numeric, Some(Value::Number(n))) => score.value = n.as_f64(),
        (ScoreType::Numeric, _) => return Err(Invalid::new("value", "must be a number")),
        (ScoreType::Boolean, Some(Value::Bool(yes))) => score.value = Some(f64::from(yes)),
        (ScoreType::Boolean, Some(Value::Number(n))) if is_truth(&n) => score.value = n.as_f64(),
        (ScoreType::Boolean, _) => {
            return Err(Invalid::new("value", "must be 0, 1, true or false"));
        }
        (_, Some(Value::String(text))) => score.string_value = Some(text),
        (_, _) => return Err(Invalid::new("value", "must be a text")),
    }
    Ok(())
}

fn is_truth(n: &serde_json::Number) -> bool {
    n.as_f64().is_some_and(|n| n == 0.0 || n == 1.0)
}

/// The status and body of the answer to a list of scores: how many were accepted, and what is wrong with the others.
#[must_use]
pub fn list_response(accepted: usize, rejected: &[String]) -> (u16, Value) {
    if rejected.is_empty() {
        return (202, json!({"message": "Accepted"}));
    }
    let errors: Vec<Value> = rejected.iter().map(|m| json!({"message": m})).collect();
    let body = json!({"accepted": accepted, "rejected": rejected.len(), "errors": errors});
    (207, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(mut row: Value) -> Result<Score, Invalid> {
        if row.get("name").is_none() {
            row["name"] = json!("n");
        }
        parse_score(row)
    }

    #[test]
    fn values_and_types() {
        use ScoreType::{Boolean, Categorical, Correction, Numeric, Text};
        for (value, named, kind, number, text) in [
            (json!(0.5), None, Numeric, Some(0.5), None),
            (json!("good"), None, Categorical, None, Some("good")),
            (json!(true), None, Boolean, Some(1.0), None),
            (json!(1.0), Some("BOOLEAN"), Boolean, Some(1.0), None),
            (json!(0), Some("boolean"), Boolean, Some(0.0), None),
            (json!("x"), Some("TEXT"), Text, None, Some("x")),
            (json!("y"), Some("CORRECTION"), Correction, None, Some("y")),
        ] {
            let mut row = json!({"traceId": "t", "value": value});
            if let Some(named) = named {
                row["dataType"] = json!(named);
            }
            let score = parsed(row).unwrap();
            assert_eq!(score.data_type, kind);
            assert_eq!((score.value, score.string_value.as_deref()), (number, text));
        }
    }

    #[test]
    fn errors_name_the_field() {
        for (row, field) in [
            (json!(3), "score"),
            (json!({"traceId": "t"}), "value"),
            (json!({"traceId": "t", "value": null}), "value"),
            (json!({"traceId": "t", "value": [1]}), "value"),
            (
                json!({"traceId": "t", "value": "x", "dataType": "NUMERIC"}),
                "value",
            ),
            (
                json!({"traceId": "t", "value": 2, "dataType": "BOOLEAN"}),
                "value",
            ),
            (
                json!({"traceId": "t", "value": 2, "dataType": "TEXT"}),
                "value",
            ),
            (
                json!({"traceId": "t", "value": 2, "dataType": "STARS"}),
                "dataType",
            ),
            (json!({"value": 1}), "traceId"),
            (
                json!({"observationId": "o", "sessionId": "s", "value": 1}),
                "traceId",
            ),
            (json!({"traceId": "t", "value": 1, "name": " "}), "name"),
            (json!({"traceId": "t", "value": 1, "source": "x"}), "source"),
            (
                json!({"traceId": "t", "value": 1, "timestamp": "x"}),
                "timestamp",
            ),
        ] {
            let row = if row.is_object() {
                parsed(row)
            } else {
                parse_score(row)
            };
            assert_eq!(row.unwrap_err().field, field);
        }
        assert_eq!(
            parse_score(json!({"traceId": "t", "value": 1}))
                .unwrap_err()
                .field,
            "name"
        );
    }

    #[test]
    fn what_the_caller_makes() {
        let score = parsed(json!({"datasetRunId": "r", "value": 1})).unwrap();
        assert_eq!(score.id, "");
        assert_eq!(score.timestamp.micros(), 0);
        assert_eq!(score.experiment_id.as_deref(), Some("r"));
        assert_eq!(score.environment, None);
    }

    #[test]
    fn answers_to_lists() {
        assert_eq!(list_response(2, &[]).0, 202);
        let (status, body) = list_response(1, &["score 1: value: must be a number".to_owned()]);
        assert_eq!(status, 207);
        assert_eq!(body["rejected"], 1);
    }
}
