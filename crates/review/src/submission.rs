//! What somebody answers about an item, checked against what is asked.

use assay_model::{FieldError, LabelAnswer, LabelSchemaSpec, LabelTarget, Validator};
use std::collections::BTreeSet;

/// Most answers at once: turns and observations may have several each.
const MAX_ANSWERS: usize = 1_000;
/// Most bytes of what else is said of an answer.
const MAX_NOTE: usize = 5_000;

/// Checks answers: each is to a schema that is asked, about what it is about, of a value that fits; none is given twice, none that is
/// required is missing.
///
/// # Errors
/// What is wrong, below `/answers`.
pub fn check(schemas: &[LabelSchemaSpec], answers: &[LabelAnswer]) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    v.at("answers", |v| each(schemas, answers, v));
    let missing = schemas.iter().filter(|s| {
        s.required && s.target == LabelTarget::Case && answers.iter().all(|a| a.schema != s.name)
    });
    for schema in missing {
        v.error("answers", format!("says nothing of `{}`", schema.name));
    }
    v.finish()
}

/// Checks answers that are known beforehand: they need not be complete, are about cases, and words are no gold.
///
/// What is wrong is named below where `v` is.
pub fn check_gold(schemas: &[LabelSchemaSpec], answers: &[LabelAnswer], v: &mut Validator) {
    each(schemas, answers, v);
    v.require(!answers.is_empty(), "", "must not be empty");
    for (i, answer) in answers.iter().enumerate() {
        let schema = schemas.iter().find(|s| s.name == answer.schema);
        let fits = schema
            .is_none_or(|s| s.target == LabelTarget::Case && s.place_of(&answer.value).is_some());
        v.at(i, |v| {
            v.require(fits, "schema", "must be about the case, and not of words");
        });
    }
}

fn each(schemas: &[LabelSchemaSpec], answers: &[LabelAnswer], v: &mut Validator) {
    let few = answers.len() <= MAX_ANSWERS;
    v.require(few, "", format!("must be at most {MAX_ANSWERS}"));
    let mut seen = BTreeSet::new();
    for (i, answer) in answers.iter().enumerate() {
        let place = (&answer.schema, answer.turn, &answer.observation_id);
        let new = seen.insert(place);
        v.at(i, |v| {
            one(schemas, answer, v);
            v.require(new, "schema", "is answered twice");
        });
    }
}

fn one(schemas: &[LabelSchemaSpec], answer: &LabelAnswer, v: &mut Validator) {
    v.longest("note", &answer.note, MAX_NOTE);
    let Some(schema) = schemas.iter().find(|s| s.name == answer.schema) else {
        let names: Vec<&str> = schemas.iter().map(|s| s.name.as_str()).collect();
        v.error("schema", format!("must be one of {}", names.join(", ")));
        return;
    };
    if let Err(why) = schema.accepts(&answer.value) {
        v.error("value", why);
    }
    let about = |v: &mut Validator, field: &str, wanted: bool, given: bool| match (wanted, given) {
        (true, false) => v.error(field, "is required: the schema is about each of them"),
        (false, true) => v.error(field, "is nothing that the schema is about"),
        _ => {}
    };
    let turns = schema.target == LabelTarget::Turn;
    about(v, "turn", turns, answer.turn.is_some());
    let observations = schema.target == LabelTarget::Observation;
    about(
        v,
        "observation_id",
        observations,
        answer.observation_id.is_some(),
    );
    if let Some(turn) = answer.turn {
        v.range("turn", turn, 0, 9_999);
    }
    if let Some(id) = &answer.observation_id {
        v.name("observation_id", id, 200);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn schemas() -> Vec<LabelSchemaSpec> {
        serde_json::from_value(json!([
            {"name": "good", "kind": "boolean"},
            {"name": "tone", "kind": "numeric", "min": 1, "max": 5, "step": 1, "required": false},
            {"name": "polite", "kind": "boolean", "target": "turn"},
            {"name": "tool", "kind": "categorical", "target": "observation", "categories": [{"label": "right"}, {"label": "wrong"}]},
        ]))
        .unwrap()
    }

    #[track_caller]
    fn check_that(answers: Value, fields: &[&str]) {
        let answers: Vec<LabelAnswer> = serde_json::from_value(answers).unwrap();
        let errors = check(&schemas(), &answers).err().unwrap_or_default();
        let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn answers_fit_what_is_asked() {
        check_that(json!([{"schema": "good", "value": true}]), &[]);
        check_that(
            json!([
                {"schema": "good", "value": true}, {"schema": "polite", "value": true, "turn": 0},
                {"schema": "polite", "value": false, "turn": 1}, {"schema": "tool", "value": "right", "observation_id": "o"},
            ]),
            &[],
        );
        check_that(json!([]), &["/answers"]);
        check_that(
            json!([{"schema": "good", "value": 1}, {"schema": "tone", "value": 1.5}, {"schema": "nope", "value": 1}]),
            &["/answers/0/value", "/answers/1/value", "/answers/2/schema"],
        );
        check_that(
            json!([
                {"schema": "good", "value": true, "turn": 1}, {"schema": "polite", "value": true},
                {"schema": "tool", "value": "right"},
            ]),
            &[
                "/answers/0/turn",
                "/answers/1/turn",
                "/answers/2/observation_id",
            ],
        );
        check_that(
            json!([{"schema": "good", "value": true}, {"schema": "good", "value": false}]),
            &["/answers/1/schema"],
        );
    }

    #[test]
    fn gold_is_about_cases_and_not_of_words() {
        let schemas: Vec<LabelSchemaSpec> = serde_json::from_value(json!([
            {"name": "good", "kind": "boolean"}, {"name": "why", "kind": "text"},
        ]))
        .unwrap();
        let gold = |answers: Value| {
            let answers: Vec<LabelAnswer> = serde_json::from_value(answers).unwrap();
            let mut v = Validator::default();
            check_gold(&schemas, &answers, &mut v);
            v.finish().is_ok()
        };
        assert!(gold(json!([{"schema": "good", "value": true}])));
        assert!(!gold(json!([{"schema": "why", "value": "so"}])));
        assert!(!gold(json!([])));
    }
}
