//! How far people agree, schema by schema.

use crate::{Annotation, Estimate, estimate};
use assay_model::{LabelKind, LabelSchemaSpec};
use assay_stats::Level;
use assay_stats::agreement::{
    Distance, Weight, cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs of people that are told of, those with the most in common first.
const MOST_PAIRS: usize = 10;
/// Most different answers of which a table is made.
const MOST_CATEGORIES: usize = 100;
/// Numbers are told apart to that part of 1.
const FINE: f64 = 1e6;

/// What is known of the answers' order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// They are the same or not.
    Nominal,
    /// They stand in an order.
    Ordinal,
    /// They are numbers.
    Interval,
}

impl Scale {
    fn of(schema: &LabelSchemaSpec) -> Self {
        match schema.kind {
            LabelKind::Numeric => Self::Interval,
            LabelKind::Categorical if schema.ordered => Self::Ordinal,
            _ => Self::Nominal,
        }
    }

    const fn distance(self) -> Distance {
        match self {
            Self::Nominal => Distance::Nominal,
            Self::Ordinal => Distance::Ordinal,
            Self::Interval => Distance::Interval,
        }
    }
}

/// Two people.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Pair {
    /// The one.
    pub first: String,
    /// The other.
    pub second: String,
    /// What both answered.
    pub units: usize,
    /// The share that they answered the same.
    pub agreement: Option<f64>,
    /// Cohen's kappa: every difference weighs the same.
    pub kappa: Estimate,
    /// Cohen's kappa by the square of how far answers are apart; where they have an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_kappa: Option<Estimate>,
}

/// Fleiss' kappa of what equally many people answered.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Fleiss {
    /// How many people answered each.
    pub raters: usize,
    /// How many they answered.
    pub units: usize,
    /// 1 is agreement, 0 what chance would give.
    pub kappa: Estimate,
}

/// How far people agree about one schema. A unit is a case, a turn or an observation, as the schema says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SchemaAgreement {
    /// The schema, by its name.
    pub schema: String,
    /// What is known of the answers' order.
    pub scale: Scale,
    /// How many people answered.
    pub annotators: usize,
    /// How many units somebody answered.
    pub units: usize,
    /// Those that several people answered: the others say nothing here.
    pub shared: usize,
    /// The share of pairs of answers to the same unit that are the same, as the mean over units.
    pub agreement: Option<f64>,
    /// Krippendorff's alpha by the scale's distance: any number of people, not all of whom answered everything.
    pub krippendorff_alpha: Estimate,
    /// Of the units that three people or more answered: of those with the most usual number of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fleiss: Option<Fleiss>,
    /// Each two people; at most ten pairs, those with the most in common.
    pub pairs: Vec<Pair>,
}

/// What is rated: item, turn, observation.
type Unit<'a> = (&'a str, Option<u32>, Option<&'a str>);
/// Who rated a unit how.
type Ratings<'a> = BTreeMap<&'a str, f64>;

/// How far people agree, for each schema but those of words.
#[must_use]
pub fn agreement(
    schemas: &[LabelSchemaSpec],
    annotations: &[Annotation],
    level: Level,
) -> Vec<SchemaAgreement> {
    let rated = schemas.iter().filter(|s| s.kind != LabelKind::Text);
    rated
        .map(|schema| of_schema(schema, annotations, level))
        .collect()
}

fn of_schema(
    schema: &LabelSchemaSpec,
    annotations: &[Annotation],
    level: Level,
) -> SchemaAgreement {
    let mut units: BTreeMap<Unit<'_>, Ratings<'_>> = BTreeMap::new();
    for annotation in annotations {
        let answers = annotation.answers.iter();
        for answer in answers.filter(|a| a.schema == schema.name) {
            if let Some(place) = schema.place_of(&answer.value) {
                let unit = (
                    annotation.item.as_str(),
                    answer.turn,
                    answer.observation_id.as_deref(),
                );
                let ratings = units.entry(unit).or_default();
                ratings.insert(&annotation.person, place);
            }
        }
    }
    let annotators: BTreeSet<&str> = units.values().flat_map(|r| r.keys().copied()).collect();
    let shared: Vec<&Ratings<'_>> = units.values().filter(|r| r.len() > 1).collect();
    let scale = Scale::of(schema);
    let values: Vec<Vec<f64>> = shared
        .iter()
        .map(|r| r.values().copied().collect())
        .collect();
    SchemaAgreement {
        schema: schema.name.clone(),
        scale,
        annotators: annotators.len(),
        units: units.len(),
        shared: shared.len(),
        agreement: same(&values),
        krippendorff_alpha: estimate(&values, level, |items| {
            krippendorff_alpha(items, scale.distance())
        }),
        fleiss: fleiss(&values, level),
        pairs: pairs(&annotators, &shared, scale, level),
    }
}

/// A rating as a category.
fn category(place: f64) -> i64 {
    (place * FINE).round() as i64
}

/// The share of pairs that are the same, as the mean over units.
fn same(units: &[Vec<f64>]) -> Option<f64> {
    let shares: Vec<f64> = units
        .iter()
        .filter_map(|ratings| {
            let mut pairs = Vec::new();
            for (i, a) in ratings.iter().enumerate() {
                let others = ratings.iter().skip(i + 1);
                pairs.extend(others.map(|b| (category(*a), category(*b))));
            }
            percent_agreement(&pairs)
        })
        .collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

fn fleiss(units: &[Vec<f64>], level: Level) -> Option<Fleiss> {
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for unit in units.iter().filter(|u| u.len() > 2) {
        *sizes.entry(unit.len()).or_default() += 1;
    }
    let (raters, _) = sizes
        .into_iter()
        .max_by_key(|(size, count)| (*count, *size))?;
    let complete: Vec<&Vec<f64>> = units.iter().filter(|u| u.len() == raters).collect();
    let categories: BTreeSet<i64> = complete
        .iter()
        .flat_map(|u| u.iter().map(|v| category(*v)))
        .collect();
    if categories.len() > MOST_CATEGORIES {
        return None;
    }
    let table: Vec<Vec<u32>> = complete
        .iter()
        .map(|unit| {
            let count = |c: &i64| unit.iter().filter(|v| category(**v) == *c).count() as u32;
            categories.iter().map(count).collect()
        })
        .collect();
    Some(Fleiss {
        raters,
        units: table.len(),
        kappa: estimate(&table, level, fleiss_kappa),
    })
}

fn pairs(
    annotators: &BTreeSet<&str>,
    shared: &[&Ratings<'_>],
    scale: Scale,
    level: Level,
) -> Vec<Pair> {
    let mut common: BTreeMap<(&str, &str), Vec<(i64, i64)>> = BTreeMap::new();
    for first in annotators {
        for second in annotators.iter().filter(|s| *s > first) {
            let both: Vec<(i64, i64)> = shared
                .iter()
                .filter_map(|r| Some((category(*r.get(first)?), category(*r.get(second)?))))
                .collect();
            if !both.is_empty() {
                common.insert((first, second), both);
            }
        }
    }
    let mut common: Vec<_> = common.into_iter().collect();
    common.sort_by_key(|(_, both)| std::cmp::Reverse(both.len()));
    common.truncate(MOST_PAIRS);
    let of = |((first, second), both): ((&str, &str), Vec<(i64, i64)>)| Pair {
        first: first.to_owned(),
        second: second.to_owned(),
        units: both.len(),
        agreement: percent_agreement(&both),
        kappa: estimate(&both, level, |p| cohen_kappa(p, Weight::Same)),
        weighted_kappa: (scale != Scale::Nominal)
            .then(|| estimate(&both, level, |p| cohen_kappa(p, Weight::Quadratic))),
    };
    common.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn schemas(spec: Value) -> Vec<LabelSchemaSpec> {
        vec![serde_json::from_value(spec).unwrap()]
    }

    /// What each person said of items, in order; null is nothing.
    fn annotations(ratings: &[(&str, &[Value])]) -> Vec<Annotation> {
        let all = ratings.iter().flat_map(|(person, values)| {
            let said = values.iter().enumerate().filter(|(_, v)| !v.is_null());
            said.map(move |(i, value)| Annotation {
                item: format!("item-{i}"),
                person: (*person).to_owned(),
                answers: vec![
                    serde_json::from_value(json!({"schema": "s", "value": value})).unwrap(),
                ],
            })
        });
        all.collect()
    }

    #[test]
    fn two_people_and_yes_or_no() {
        let schemas = schemas(json!({"name": "s", "kind": "boolean"}));
        let yes = |n: usize| vec![json!(true); n];
        let no = |n: usize| vec![json!(false); n];
        // The classic: 20 both yes, 5 and 10 apart, 15 both no. Kappa is 0.4.
        let a = [yes(20), yes(5), no(10), no(15)].concat();
        let b = [yes(20), no(5), yes(10), no(15)].concat();
        let found = agreement(&schemas, &annotations(&[("a", &a), ("b", &b)]), Level::P95);
        let [one] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((one.units, one.shared, one.annotators), (50, 50, 2));
        assert!((one.agreement.unwrap() - 0.7).abs() < 1e-12);
        let pair = &one.pairs[0];
        assert!((pair.kappa.value.unwrap() - 0.4).abs() < 1e-12, "{pair:?}");
        let interval = pair.kappa.interval.unwrap();
        assert!(interval.low < 0.4 && 0.4 < interval.high, "{interval:?}");
        assert_eq!(pair.weighted_kappa, None, "yes and no have no order");
        assert!(one.fleiss.is_none(), "two people are too few");
        assert_eq!(
            found,
            agreement(&schemas, &annotations(&[("a", &a), ("b", &b)]), Level::P95)
        );
    }

    #[test]
    fn numbers_that_are_near_agree_more_than_those_that_are_far() {
        let schemas =
            schemas(json!({"name": "s", "kind": "numeric", "min": 1, "max": 5, "step": 1}));
        let numbers = |n: [u8; 6]| n.map(|n| json!(n)).to_vec();
        let near = agreement(
            &schemas,
            &annotations(&[
                ("a", &numbers([1, 2, 3, 4, 5, 1])),
                ("b", &numbers([2, 3, 4, 5, 4, 1])),
            ]),
            Level::P95,
        );
        let far = agreement(
            &schemas,
            &annotations(&[
                ("a", &numbers([1, 2, 3, 4, 5, 1])),
                ("b", &numbers([5, 4, 1, 1, 2, 1])),
            ]),
            Level::P95,
        );
        assert_eq!(near[0].agreement, far[0].agreement);
        let weighted =
            |found: &[SchemaAgreement]| found[0].pairs[0].weighted_kappa.unwrap().value.unwrap();
        assert!(weighted(&near) > weighted(&far) + 0.5);
        assert!(near[0].krippendorff_alpha.value > far[0].krippendorff_alpha.value);
    }

    #[test]
    fn several_people_of_whom_some_said_nothing() {
        let schemas = schemas(
            json!({"name": "s", "kind": "categorical", "categories": [{"label": "x"}, {"label": "y"}]}),
        );
        let (x, y) = (json!("x"), json!("y"));
        let a = [x.clone(), x.clone(), y.clone(), y.clone(), Value::Null];
        let b = [x.clone(), x.clone(), y.clone(), x.clone(), x.clone()];
        let c = [x.clone(), x.clone(), y.clone(), Value::Null, x.clone()];
        let found = agreement(
            &schemas,
            &annotations(&[("a", &a), ("b", &b), ("c", &c)]),
            Level::P95,
        );
        let one = &found[0];
        assert_eq!((one.units, one.shared, one.annotators), (5, 5, 3));
        // Three items have three answers, which all agree.
        let fleiss = one.fleiss.as_ref().unwrap();
        assert_eq!((fleiss.raters, fleiss.units), (3, 3));
        assert_eq!(fleiss.kappa.value, Some(1.0));
        assert_eq!(one.pairs.len(), 3);
        let alpha = one.krippendorff_alpha.value.unwrap();
        assert!(alpha > 0.5 && alpha < 1.0, "{alpha}");
    }

    #[test]
    fn nothing_says_nothing() {
        let schemas = schemas(json!({"name": "s", "kind": "boolean"}));
        let found = agreement(&schemas, &annotations(&[("a", &[json!(true)])]), Level::P95);
        assert_eq!((found[0].units, found[0].shared), (1, 0));
        assert_eq!(found[0].agreement, None);
        assert_eq!(found[0].krippendorff_alpha.value, None);
        assert!(found[0].pairs.is_empty());
        let words = vec![serde_json::from_value(json!({"name": "s", "kind": "text"})).unwrap()];
        assert!(agreement(&words, &[], Level::P95).is_empty());
    }
}
