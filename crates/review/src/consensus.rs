//! What several people's answers about a case come to.

use assay_model::{LabelAnswer, LabelKind, LabelSchemaSpec, LabelTarget};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What people said of a case, taken together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consensus {
    /// By schema: what most said of yes or no and of categories, the mean of numbers, the first words.
    pub labels: Map<String, Value>,
    /// The schemas of which as many said one thing as another.
    pub disputed: Vec<String>,
}

/// What the answers of several people come to, for each schema about cases.
#[must_use]
pub fn consensus(schemas: &[LabelSchemaSpec], people: &[&[LabelAnswer]]) -> Consensus {
    let mut found = Consensus::default();
    for schema in schemas.iter().filter(|s| s.target == LabelTarget::Case) {
        let said: Vec<&Value> = people
            .iter()
            .flat_map(|answers| answers.iter().filter(|a| a.schema == schema.name))
            .map(|a| &a.value)
            .collect();
        let label = match schema.kind {
            LabelKind::Text => said.first().map(|v| (*v).clone()),
            LabelKind::Numeric => {
                let numbers: Vec<f64> = said.iter().filter_map(|v| v.as_f64()).collect();
                let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
                (!numbers.is_empty()).then(|| json!(mean))
            }
            LabelKind::Boolean | LabelKind::Categorical => match most(&said) {
                Most::Nothing => None,
                Most::One(value) => Some(value.clone()),
                Most::Several => {
                    found.disputed.push(schema.name.clone());
                    None
                }
            },
        };
        if let Some(label) = label {
            found.labels.insert(schema.name.clone(), label);
        }
    }
    found
}

enum Most<'a> {
    Nothing,
    One(&'a Value),
    Several,
}

fn most<'a>(said: &[&'a Value]) -> Most<'a> {
    let mut counts: BTreeMap<String, (usize, &'a Value)> = BTreeMap::new();
    for value in said {
        counts.entry(value.to_string()).or_insert((0, value)).0 += 1;
    }
    let Some(top) = counts.values().map(|(n, _)| *n).max() else {
        return Most::Nothing;
    };
    let mut first = counts.values().filter(|(n, _)| *n == top);
    match (first.next(), first.next()) {
        (Some((_, value)), None) => Most::One(value),
        _ => Most::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_say() {
        let schemas: Vec<LabelSchemaSpec> = serde_json::from_value(json!([
            {"name": "good", "kind": "boolean"}, {"name": "stars", "kind": "numeric", "min": 0, "max": 5},
            {"name": "why", "kind": "text"}, {"name": "turn", "kind": "boolean", "target": "turn"},
        ]))
        .unwrap();
        let person = |good: bool, stars: f64, why: &str| -> Vec<LabelAnswer> {
            serde_json::from_value(json!([
                {"schema": "good", "value": good}, {"schema": "stars", "value": stars}, {"schema": "why", "value": why},
                {"schema": "turn", "turn": 0, "value": true},
            ]))
            .unwrap()
        };
        let (a, b, c) = (
            person(true, 4.0, "so"),
            person(false, 1.0, "no"),
            person(true, 1.0, "yes"),
        );
        let three = consensus(&schemas, &[&a, &b, &c]);
        let labels = json!({"good": true, "stars": 2.0, "why": "so"});
        assert_eq!(
            (Value::Object(three.labels), three.disputed.len()),
            (labels, 0)
        );
        let two = consensus(&schemas, &[&a, &b]);
        assert_eq!(two.disputed, ["good"]);
        assert_eq!(two.labels.get("good"), None);
        assert_eq!(consensus(&schemas, &[]), Consensus::default());
    }
}
