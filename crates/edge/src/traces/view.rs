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

/// Whether every condition can be asked of the list, whichever store has it.
///
/// # Errors
/// A validation problem that names each condition that cannot, below `field`.
pub fn can_run(source: Source, field: &str, filter: &Filter) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    for (i, condition) in filter.conditions.iter().enumerate() {
        let query = ListQuery {
            filter: Filter {
                conditions: vec![condition.clone()],
            },
            ..ListQuery::default()
        };
        let select = Select::all(source.table(), &query)?;
        let written = select::conditions(&mut sqlite::Params::default(), &select)
            .and_then(|_| select::conditions(&mut clickhouse::Params::of(""), &select));
        if let Err(problem) = written {
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
}
