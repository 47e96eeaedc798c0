//! What can be asked, as it is told to clients.

use super::catalogue::{MeasureKind, Shape};
use assay_model::analysis::{Aggregation, View};
use serde::Serialize;

/// A view as it is told to clients.
#[derive(Debug, Serialize)]
pub struct ViewDescription {
    /// Its name.
    pub view: View,
    /// What it can be grouped by.
    pub dimensions: Vec<DimensionDescription>,
    /// What can be aggregated.
    pub measures: Vec<MeasureDescription>,
}

/// A dimension as it is told to clients.
#[derive(Debug, Serialize)]
pub struct DimensionDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether nearly each row has a value of its own.
    pub high_cardinality: bool,
}

/// A measure as it is told to clients.
#[derive(Debug, Serialize)]
pub struct MeasureDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// In which unit.
    pub unit: &'static str,
    /// What its values are.
    pub kind: MeasureKind,
    /// How it can be aggregated.
    pub aggregations: Vec<Aggregation>,
}

/// All that can be asked.
#[must_use]
pub fn describe() -> Vec<ViewDescription> {
    [
        View::Traces,
        View::Observations,
        View::ScoresNumeric,
        View::ScoresCategorical,
    ]
    .into_iter()
    .map(|view| {
        let shape = Shape::of(view);
        ViewDescription {
            view,
            dimensions: shape
                .dimensions
                .iter()
                .map(|d| DimensionDescription {
                    name: d.name,
                    description: d.about,
                    high_cardinality: d.wide,
                })
                .collect(),
            measures: shape
                .measures
                .iter()
                .map(|m| MeasureDescription {
                    name: m.name,
                    description: m.about,
                    unit: m.unit,
                    kind: m.kind,
                    aggregations: Aggregation::ALL
                        .into_iter()
                        .filter(|a| m.allows(*a))
                        .collect(),
                })
                .collect(),
        }
    })
    .collect()
}
