//! Items whose answers are known: how often each person is right about them.

use crate::Annotation;
use assay_model::{LabelAnswer, LabelKind, LabelSchemaSpec};
use serde_json::Value;
use std::collections::BTreeMap;

/// Of a scale without steps the part of it within which a number is right.
const NEAR: f64 = 0.1;

/// What somebody made of items whose answers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Answers that are known and that they gave.
    pub answered: u64,
    /// Those of them that are right.
    pub right: u64,
}

impl Tally {
    /// The share that is right; `None` of nothing.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.right as f64 / self.answered as f64)
    }
}

/// Whether an answer is the known one. Numbers need only be near: within half a step, or within a tenth of a scale without steps.
#[must_use]
pub fn is_right(schema: &LabelSchemaSpec, known: &Value, given: &Value) -> bool {
    if schema.kind != LabelKind::Numeric {
        return known == given;
    }
    let (Some(known), Some(given), Some((min, max))) =
        (known.as_f64(), given.as_f64(), schema.scale())
    else {
        return false;
    };
    let near = schema.step.map_or(NEAR * (max - min), |step| step / 2.0);
    (known - given).abs() <= near
}

/// How one person's answers stand beside the known ones.
#[must_use]
pub fn tally(schemas: &[LabelSchemaSpec], known: &[LabelAnswer], given: &[LabelAnswer]) -> Tally {
    let mut tally = Tally::default();
    for gold in known {
        let schema = schemas.iter().find(|s| s.name == gold.schema);
        let answer = given.iter().find(|a| a.schema == gold.schema);
        if let (Some(schema), Some(answer)) = (schema, answer) {
            tally.answered += 1;
            tally.right += u64::from(is_right(schema, &gold.value, &answer.value));
        }
    }
    tally
}

/// The tallies of everybody who answered items whose answers are known.
#[must_use]
pub fn tallies(
    schemas: &[LabelSchemaSpec],
    gold: &BTreeMap<String, Vec<LabelAnswer>>,
    annotations: &[Annotation],
) -> BTreeMap<String, Tally> {
    let mut all: BTreeMap<String, Tally> = BTreeMap::new();
    for annotation in annotations {
        if let Some(known) = gold.get(&annotation.item) {
            let one = tally(schemas, known, &annotation.answers);
            let sum = all.entry(annotation.person.clone()).or_default();
            sum.answered += one.answered;
            sum.right += one.right;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn right_and_wrong() {
        let schemas: Vec<LabelSchemaSpec> = serde_json::from_value(json!([
            {"name": "good", "kind": "boolean"},
            {"name": "stars", "kind": "numeric", "min": 1, "max": 5, "step": 1},
            {"name": "share", "kind": "numeric", "min": 0, "max": 1},
        ]))
        .unwrap();
        let answers = |good: bool, stars: f64, share: f64| -> Vec<LabelAnswer> {
            serde_json::from_value(json!([
                {"schema": "good", "value": good}, {"schema": "stars", "value": stars}, {"schema": "share", "value": share},
            ]))
            .unwrap()
        };
        let known = answers(true, 4.0, 0.5);
        let tally = |given: &[LabelAnswer]| {
            let t = tally(&schemas, &known, given);
            (t.answered, t.right)
        };
        assert_eq!(tally(&known), (3, 3));
        assert_eq!(tally(&answers(true, 3.0, 0.55)), (3, 2));
        assert_eq!(tally(&answers(false, 5.0, 0.7)), (3, 0));
        assert_eq!(tally(&known[..1]), (1, 1));
        let annotation = |person: &str, item: &str, answers: Vec<LabelAnswer>| Annotation {
            item: item.into(),
            person: person.into(),
            answers,
        };
        let gold = BTreeMap::from([("i".to_owned(), known.clone())]);
        let all = tallies(
            &schemas,
            &gold,
            &[
                annotation("ann", "i", known.clone()),
                annotation("ben", "i", answers(false, 4.0, 0.5)),
                annotation("ben", "other", known.clone()),
            ],
        );
        assert_eq!(all["ann"].accuracy(), Some(1.0));
        assert_eq!(all["ben"].accuracy(), Some(2.0 / 3.0));
        assert_eq!(Tally::default().accuracy(), None);
    }
}
