//! What a client's record must be before it is stored.

use assay_model::{Observation, Score, ScoreType, Trace, Validate as _, Validator};

/// Most characters of an id.
const MAX_ID: usize = 200;
/// Most characters of a name, a user, a session, a tag.
const MAX_NAME: usize = 1000;

fn id(v: &mut Validator, field: &str, value: &str) {
    if value.is_empty() {
        v.error(field, "must not be empty");
    } else if value.chars().count() > MAX_ID {
        v.error(field, format!("must be at most {MAX_ID} characters"));
    } else if value.chars().any(char::is_control) {
        v.error(field, "must not contain control characters");
    }
}

fn short(v: &mut Validator, field: &str, value: Option<&String>) {
    let fits = value.is_none_or(|t| t.chars().count() <= MAX_NAME);
    v.require(
        fits,
        field,
        format!("must be at most {MAX_NAME} characters"),
    );
}

/// Checks a trace.
pub fn trace(v: &mut Validator, t: &Trace) {
    id(v, "id", &t.id);
    for (field, value) in [
        ("name", &t.name),
        ("user_id", &t.user_id),
        ("session_id", &t.session_id),
        ("environment", &t.environment),
        ("release", &t.release),
        ("version", &t.version),
    ] {
        short(v, field, value.as_ref());
    }
    v.require(t.tags.len() <= 100, "tags", "must be at most 100");
    v.at("tags", |v| {
        for (i, tag) in t.tags.iter().enumerate() {
            let fits = !tag.is_empty() && tag.chars().count() <= MAX_NAME;
            v.require(
                fits,
                &i.to_string(),
                format!("must have 1 to {MAX_NAME} characters"),
            );
        }
    });
}

/// Checks an observation. That it ends before it starts is no fault: clocks of two machines differ.
pub fn observation(v: &mut Validator, o: &Observation) {
    id(v, "id", &o.id);
    id(v, "trace_id", &o.trace_id);
    if let Some(parent) = &o.parent_id {
        id(v, "parent_id", parent);
    }
    short(v, "name", Some(&o.name));
    for (field, value) in [
        ("model", &o.model),
        ("prompt_name", &o.prompt_name),
        ("environment", &o.environment),
        ("version", &o.version),
    ] {
        short(v, field, value.as_ref());
    }
    if let Some(cost) = o.cost_usd {
        v.range("cost_usd", cost, 0.0, 1e12);
    }
    v.at("cost_details", |v| {
        for (bucket, cost) in &o.cost_details {
            v.range(bucket, *cost, 0.0, 1e12);
        }
    });
    if let Some(usage) = &o.usage {
        v.at("usage", |v| usage.check(v));
    }
    v.at("usage_details", |v| {
        for (bucket, tokens) in &o.usage_details {
            v.range(bucket, *tokens, 0, i64::MAX.unsigned_abs());
        }
    });
    if let Some(experiment) = &o.experiment {
        v.at("experiment", |v| id(v, "id", &experiment.id));
    }
}

/// Checks a score.
pub fn score(v: &mut Validator, s: &Score) {
    id(v, "id", &s.id);
    // A session or an experiment can be scored as a whole.
    if !s.trace_id.is_empty() || (s.session_id.is_none() && s.experiment_id.is_none()) {
        id(v, "trace_id", &s.trace_id);
    }
    for (field, of) in [
        ("observation_id", &s.observation_id),
        ("session_id", &s.session_id),
        ("experiment_id", &s.experiment_id),
    ] {
        if let Some(of) = of {
            id(v, field, of);
        }
    }
    for (field, value) in [
        ("environment", &s.environment),
        ("config_id", &s.config_id),
        ("queue_id", &s.queue_id),
        ("author_id", &s.author_id),
    ] {
        short(v, field, value.as_ref());
    }
    v.name("name", &s.name, MAX_NAME);
    match (s.data_type, s.value, &s.string_value) {
        (ScoreType::Numeric, Some(value), _) => {
            v.require(value.is_finite(), "value", "must be a number");
        }
        (ScoreType::Boolean, Some(value), _) => {
            v.require(value == 0.0 || value == 1.0, "value", "must be 0 or 1");
        }
        (ScoreType::Numeric | ScoreType::Boolean, None, _) => v.error("value", "must be given"),
        (ScoreType::Categorical | ScoreType::Text | ScoreType::Correction, _, None) => {
            v.error("string_value", "must be given")
        }
        (ScoreType::Categorical | ScoreType::Text | ScoreType::Correction, _, Some(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(s: Score, fields: &[&str]) {
        let mut v = Validator::default();
        score(&mut v, &s);
        let errors = v.finish().err().unwrap_or_default();
        let found: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn scores() {
        let s = Score {
            id: "s".into(),
            trace_id: "t".into(),
            name: "n".into(),
            value: Some(0.5),
            ..Score::default()
        };
        check(s.clone(), &[]);
        check(
            Score {
                id: String::new(),
                value: None,
                ..s.clone()
            },
            &["/id", "/value"],
        );
        check(
            Score {
                value: Some(f64::NAN),
                ..s.clone()
            },
            &["/value"],
        );
        check(
            Score {
                data_type: ScoreType::Boolean,
                ..s.clone()
            },
            &["/value"],
        );
        check(
            Score {
                data_type: ScoreType::Categorical,
                ..s.clone()
            },
            &["/string_value"],
        );
        check(
            Score {
                trace_id: "a\nb".into(),
                ..s
            },
            &["/trace_id"],
        );
    }
}
