//! Whether a list can be read with a filter, told without reading it: for filters that are kept to be used later.

use super::filter::{OBSERVATIONS, SCORES, Select, TRACES, Table};
use super::{ListQuery, clickhouse, select, sqlite};
use crate::problem::Problem;
use assay_model::{FieldError, Filter};

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Traces, and what they are grouped by: sessions and end users.
    Traces,
    /// Observations.
    Observations,
    /// Scores.
    Scores,
}

impl Source {
    const fn table(self) -> &'static Table {
        match self {
            Self::Traces => &TRACES,
            Self::Observations => &OBSERVATIONS,
            Self::Scores => &SCORES,
        }
    }
}

/// Refuses a filter that a list cannot be read with, whichever store has it.
///
/// # Errors
/// A validation problem that names `filter`, and the first column that does not fit.
pub fn check_filter(source: Source, filter: &Filter) -> Result<(), Problem> {
    let query = ListQuery {
        filter: filter.clone(),
        ..ListQuery::default()
    };
    let select = Select::all(source.table(), &query)?;
    select::conditions(&mut sqlite::Params::default(), &select)?;
    select::conditions(&mut clickhouse::Params::of(""), &select).map(|_| ())
}

/// Whether every condition can be asked of the list, whichever store has it.
///
/// # Errors
/// A validation problem that names each condition that cannot, below `field`.
pub fn can_run(source: Source, field: &str, filter: &Filter) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    for (i, condition) in filter.conditions.iter().enumerate() {
        let one = Filter {
            conditions: vec![condition.clone()],
        };
        if let Err(problem) = check_filter(source, &one) {
            let message = problem
                .errors()
                .first()
                .map_or_else(|| problem.detail().to_owned(), |e| e.message.clone());
            wrong.push(FieldError {
                field: format!("{field}/{i}"),
                message,
            });
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::{Operand, Operator};
    use serde_json::json;

    #[test]
    fn what_cannot_be_asked_is_named() {
        let text = || Operand::Text("x".into());
        let filter = Filter::default()
            .and("name", Operator::Contains, text())
            .and("shoe size", Operator::Equal, text())
            .and("latency", Operator::Contains, text());
        for source in [Source::Traces, Source::Observations] {
            let problem = can_run(source, "/filter", &filter).unwrap_err();
            let fields: Vec<&str> = problem.errors().iter().map(|e| e.field.as_str()).collect();
            assert_eq!(fields, ["/filter/1", "/filter/2"]);
        }
        let by_user = Filter::default().and("userId", Operator::Equal, text());
        for source in [Source::Traces, Source::Observations, Source::Scores] {
            assert!(can_run(source, "/filter", &by_user).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_asked_of_observations_is_named() {
        let filter = |list| Filter::parse("filter", &list).unwrap();
        let good = filter(json!([
            {"type": "string", "column": "name", "operator": "contains", "value": "chat"},
            {"type": "stringOptions", "column": "level", "operator": "any of", "value": ["ERROR"]},
            {"type": "arrayOptions", "column": "tags", "operator": "all of", "value": ["a"]},
        ]));
        assert!(can_run(Source::Observations, "/filter", &good).is_ok());
        let bad = filter(json!([
            {"type": "string", "column": "name", "operator": "=", "value": "chat"},
            {"type": "string", "column": "nmae", "operator": "=", "value": "chat"},
            {"type": "number", "column": "name", "operator": ">", "value": 1},
        ]));
        let document = can_run(Source::Observations, "/filter", &bad)
            .unwrap_err()
            .document("");
        assert_eq!(document["errors"][0]["field"], "/filter/1");
        assert_eq!(document["errors"][1]["field"], "/filter/2");
    }
}
