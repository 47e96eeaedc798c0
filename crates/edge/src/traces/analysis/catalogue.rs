//! What can be asked of many rows at once: the dimensions and measures of each view, under Langfuse's names.

use super::super::columns::{self, Column, Kind, Sql};
use super::super::filter::{OBSERVATIONS, SCORES, TRACES, Table};
use assay_model::analysis::{Aggregation, View};
use serde::Serialize;

/// Tables that a term needs besides the view's own, `t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// None.
    Own,
    /// The trace of the row, `u`.
    Trace,
    /// The observation that a score is of, `v`.
    Observation,
    /// Sums over the observations of a trace, `j`.
    Sums,
    /// How many scores a row has, `k`.
    Scores,
}

/// Where a dimension's value comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Term {
    /// A column of the view's table.
    Own(&'static str),
    /// A column of its trace.
    Trace(&'static str),
    /// A column of the observation that a score is of.
    Observation(&'static str),
    /// Each tag of the trace, of which the row may be one itself.
    Tags(Join),
    /// An expression.
    Expr(Sql, Join),
}

/// What rows are grouped by.
#[derive(Debug)]
pub(super) struct Dimension {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) term: Term,
    /// Nearly each row has a value of its own, so that grouping by it makes sense for few rows only.
    pub(super) wide: bool,
}

/// What a measure's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasureKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Decimal,
    /// Texts, which are only counted.
    Id,
}

/// What is aggregated.
#[derive(Debug)]
pub(super) struct Measure {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) unit: &'static str,
    pub(super) kind: MeasureKind,
    pub(super) sql: Sql,
    pub(super) join: Join,
}

impl Measure {
    /// Whether it can be aggregated so.
    pub(super) fn allows(&self, aggregation: Aggregation) -> bool {
        self.kind != MeasureKind::Id
            || matches!(aggregation, Aggregation::Count | Aggregation::Uniq)
    }
}

/// A view over one table.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) table: &'static Table,
    /// Which rows of it.
    pub(super) only: Option<&'static str>,
    pub(super) dimensions: &'static [Dimension],
    pub(super) measures: &'static [Measure],
}

const fn sql(sqlite: &'static str, clickhouse: &'static str) -> Sql {
    Sql { sqlite, clickhouse }
}

const fn both(text: &'static str) -> Sql {
    sql(text, text)
}

const fn dimension(name: &'static str, term: Term, about: &'static str) -> Dimension {
    Dimension {
        name,
        about,
        term,
        wide: false,
    }
}

const fn wide(name: &'static str, term: Term, about: &'static str) -> Dimension {
    Dimension {
        wide: true,
        ..dimension(name, term, about)
    }
}

const fn measure(
    name: &'static str,
    kind: MeasureKind,
    unit: &'static str,
    join: Join,
    sql: Sql,
    about: &'static str,
) -> Measure {
    Measure {
        name,
        about,
        unit,
        kind,
        sql,
        join,
    }
}

/// Year and month of a time.
macro_rules! month {
    ($column:literal) => {
        Term::Expr(
            sql(
                concat!(
                    "strftime('%Y-%m', {t}.",
                    $column,
                    " / 1000000, 'unixepoch')"
                ),
                concat!("formatDateTime({t}.", $column, ", '%Y-%m')"),
            ),
            Join::Own,
        )
    };
}

/// A sum over a trace's observations; null when it has none.
macro_rules! summed {
    ($column:literal) => {
        sql(
            concat!("j.", $column),
            concat!("if(j.n = 0, NULL, j.", $column, ")"),
        )
    };
}

/// Milliseconds between two times of an observation, never negative; null when one is not known.
macro_rules! between {
    ($from:literal, $to:literal) => {
        sql(
            concat!("max(t.", $to, " - t.", $from, ", 0) / 1000.0"),
            concat!(
                "greatest(dateDiff('microsecond', t.",
                $from,
                ", t.",
                $to,
                "), 0) / 1000"
            ),
        )
    };
}

/// Values per second between two times; null when no time passed.
macro_rules! per_second {
    ($what:literal, $from:literal, $to:literal) => {
        sql(
            concat!(
                $what,
                " * 1e6 / nullif(max(t.",
                $to,
                " - t.",
                $from,
                ", 0), 0)"
            ),
            concat!(
                $what,
                " * 1e6 / nullIf(greatest(dateDiff('microsecond', t.",
                $from,
                ", t.",
                $to,
                "), 0), 0)"
            ),
        )
    };
}

/// The costs of an observation whose kind has this word in it; null when it tells no kinds.
macro_rules! costs {
    ($word:literal) => {
        sql(
            concat!(
                "CASE WHEN t.cost_details IS NOT NULL THEN (SELECT coalesce(sum(c.value), 0.0) \
                 FROM json_each(t.cost_details) AS c WHERE instr(lower(c.key), '",
                $word,
                "') > 0) END"
            ),
            concat!(
                "if(isNull(t.cost_details), NULL, arraySum(arrayMap(x -> x.2, arrayFilter(x -> \
                 positionCaseInsensitive(x.1, '",
                $word,
                "') > 0, JSONExtractKeysAndValues(coalesce(t.cost_details, '{}'), 'Float64')))))"
            ),
        )
    };
}

use MeasureKind::{Decimal, Id, Integer};

const COUNT: Measure = measure(
    "count",
    Integer,
    "rows",
    Join::Own,
    both("1"),
    "How many there are.",
);

const TRACE_VIEW: Shape = Shape {
    table: &TRACES,
    only: None,
    dimensions: &[
        wide("id", Term::Own("id"), "The trace."),
        dimension("name", Term::Own("name"), "Its name, or its root's."),
        wide("userId", Term::Own("userId"), "The end user."),
        wide("sessionId", Term::Own("sessionId"), "The conversation."),
        dimension(
            "release",
            Term::Own("release"),
            "The release of the traced code.",
        ),
        dimension(
            "version",
            Term::Own("version"),
            "The version of the traced code.",
        ),
        dimension("environment", Term::Own("environment"), "The deployment."),
        dimension(
            "tags",
            Term::Tags(Join::Own),
            "Each of its tags: a trace counts once for each.",
        ),
        dimension("timestampMonth", month!("timestamp"), "Year and month."),
    ],
    measures: &[
        COUNT,
        measure(
            "observationsCount",
            Integer,
            "observations",
            Join::Sums,
            both("coalesce(j.n, 0)"),
            "Observations of the trace.",
        ),
        measure(
            "scoresCount",
            Integer,
            "scores",
            Join::Scores,
            both("coalesce(k.n, 0)"),
            "Scores of the trace.",
        ),
        measure(
            "uniqueUserIds",
            Id,
            "users",
            Join::Own,
            USER,
            "Different end users.",
        ),
        measure(
            "uniqueSessionIds",
            Id,
            "sessions",
            Join::Own,
            SESSION,
            "Different conversations.",
        ),
        measure(
            "latency",
            Decimal,
            "ms",
            Join::Sums,
            sql("j.latency / 1000.0", "if(j.n = 0, NULL, j.latency / 1000)"),
            "From the first start to the last end.",
        ),
        measure(
            "inputTokens",
            Integer,
            "tokens",
            Join::Sums,
            summed!("input"),
            "Tokens of the prompts.",
        ),
        measure(
            "outputTokens",
            Integer,
            "tokens",
            Join::Sums,
            summed!("output"),
            "Tokens generated.",
        ),
        measure(
            "totalTokens",
            Integer,
            "tokens",
            Join::Sums,
            summed!("tokens"),
            "Tokens of both kinds.",
        ),
        measure(
            "totalCost",
            Decimal,
            "USD",
            Join::Sums,
            summed!("cost"),
            "What it cost.",
        ),
        measure(
            "errorCount",
            Integer,
            "observations",
            Join::Sums,
            both("coalesce(j.errors, 0)"),
            "Observations that failed.",
        ),
        measure(
            "failed",
            Integer,
            "0 or 1",
            Join::Sums,
            both("(coalesce(j.errors, 0) > 0)"),
            "Whether anything failed: its mean is the error rate.",
        ),
    ],
};

const USER: Sql = sql("t.user_id", "if(t.user_id.1 = 0, NULL, t.user_id.2)");
const SESSION: Sql = sql(
    "t.session_id",
    "if(t.session_id.1 = 0, NULL, t.session_id.2)",
);

const OBSERVATION_VIEW: Shape = Shape {
    table: &OBSERVATIONS,
    only: None,
    dimensions: &[
        wide("id", Term::Own("id"), "The observation."),
        wide("traceId", Term::Own("traceId"), "Its trace."),
        wide(
            "parentObservationId",
            Term::Own("parentObservationId"),
            "The one above it.",
        ),
        dimension("type", Term::Own("type"), "Its kind."),
        dimension("name", Term::Own("name"), "Its name."),
        dimension("level", Term::Own("level"), "How serious it is."),
        dimension(
            "version",
            Term::Own("version"),
            "The version of the traced code.",
        ),
        dimension("environment", Term::Own("environment"), "The deployment."),
        dimension(
            "providedModelName",
            Term::Own("model"),
            "The model, as it was named.",
        ),
        dimension("promptName", Term::Own("promptName"), "The prompt."),
        dimension(
            "promptVersion",
            Term::Own("promptVersion"),
            "The version of the prompt.",
        ),
        wide("experimentId", Term::Own("experimentId"), "The experiment."),
        dimension(
            "experimentName",
            Term::Own("experimentName"),
            "The experiment's name.",
        ),
        dimension("traceName", Term::Trace("name"), "The name of its trace."),
        wide("userId", Term::Trace("userId"), "The end user."),
        wide("sessionId", Term::Trace("sessionId"), "The conversation."),
        dimension(
            "release",
            Term::Trace("release"),
            "The release of the traced code.",
        ),
        dimension(
            "traceRelease",
            Term::Trace("release"),
            "The release of the traced code.",
        ),
        dimension(
            "traceVersion",
            Term::Trace("version"),
            "The version that its trace names.",
        ),
        dimension(
            "tags",
            Term::Tags(Join::Trace),
            "Each tag of its trace: an observation counts once for each.",
        ),
        dimension("startTimeMonth", month!("start_time"), "Year and month."),
    ],
    measures: &[
        COUNT,
        measure(
            "uniqueTraceIds",
            Id,
            "traces",
            Join::Own,
            both("t.trace_id"),
            "Different traces.",
        ),
        measure(
            "latency",
            Decimal,
            "ms",
            Join::Own,
            between!("start_time", "end_time"),
            "From its start to its end.",
        ),
        measure(
            "streamingLatency",
            Decimal,
            "ms",
            Join::Own,
            between!("completion_start_time", "end_time"),
            "From its first token to its end.",
        ),
        measure(
            "timeToFirstToken",
            Decimal,
            "ms",
            Join::Own,
            between!("start_time", "completion_start_time"),
            "From its start to its first token.",
        ),
        measure(
            "inputTokens",
            Integer,
            "tokens",
            Join::Own,
            both("t.usage_input"),
            "Tokens of the prompt.",
        ),
        measure(
            "outputTokens",
            Integer,
            "tokens",
            Join::Own,
            both("t.usage_output"),
            "Tokens generated.",
        ),
        measure(
            "totalTokens",
            Integer,
            "tokens",
            Join::Own,
            TOKENS,
            "Tokens of both kinds.",
        ),
        measure(
            "outputTokensPerSecond",
            Decimal,
            "tokens/s",
            Join::Own,
            per_second!("t.usage_output", "completion_start_time", "end_time"),
            "Tokens generated per second after the first one.",
        ),
        measure(
            "tokensPerSecond",
            Decimal,
            "tokens/s",
            Join::Own,
            per_second!(
                "(coalesce(t.usage_input, 0) + coalesce(t.usage_output, 0))",
                "start_time",
                "end_time"
            ),
            "Tokens of both kinds per second.",
        ),
        measure(
            "inputCost",
            Decimal,
            "USD",
            Join::Own,
            costs!("input"),
            "What the prompt cost.",
        ),
        measure(
            "outputCost",
            Decimal,
            "USD",
            Join::Own,
            costs!("output"),
            "What was generated cost.",
        ),
        measure(
            "totalCost",
            Decimal,
            "USD",
            Join::Own,
            both("t.cost_usd"),
            "What it cost.",
        ),
        measure(
            "countScores",
            Integer,
            "scores",
            Join::Scores,
            both("coalesce(k.n, 0)"),
            "Its scores.",
        ),
        measure(
            "failed",
            Integer,
            "0 or 1",
            Join::Own,
            both("(t.level = 'ERROR')"),
            "Whether it failed: its mean is the error rate.",
        ),
    ],
};

/// Null where neither kind is known.
const TOKENS: Sql = both(
    "CASE WHEN t.usage_input IS NULL AND t.usage_output IS NULL THEN NULL \
     ELSE coalesce(t.usage_input, 0) + coalesce(t.usage_output, 0) END",
);

macro_rules! score_dimensions {
    ($value:literal) => {
        &[
            wide("id", Term::Own("id"), "The score."),
            wide("traceId", Term::Own("traceId"), "The trace that is scored."),
            wide(
                "observationId",
                Term::Own("observationId"),
                "The observation that is scored.",
            ),
            dimension("name", Term::Own("name"), "What was measured."),
            dimension("source", Term::Own("source"), "Where it came from."),
            dimension("dataType", Term::Own("dataType"), "Its type."),
            dimension("environment", Term::Own("environment"), "The deployment."),
            dimension("configId", Term::Own("configId"), "Its configuration."),
            wide("authorUserId", Term::Own("authorUserId"), "Who gave it."),
            wide(
                "datasetRunId",
                Term::Own("datasetRunId"),
                "The experiment that is scored.",
            ),
            dimension($value, Term::Own($value), "Its value."),
            dimension("traceName", Term::Trace("name"), "The name of the trace."),
            wide("userId", Term::Trace("userId"), "The end user."),
            wide(
                "sessionId",
                Term::Expr(SCORE_SESSION, Join::Trace),
                "The conversation.",
            ),
            dimension(
                "traceRelease",
                Term::Trace("release"),
                "The release of the traced code.",
            ),
            dimension(
                "traceVersion",
                Term::Trace("version"),
                "The version of the traced code.",
            ),
            dimension(
                "tags",
                Term::Tags(Join::Trace),
                "Each tag of the trace: a score counts once for each.",
            ),
            dimension(
                "observationName",
                Term::Observation("name"),
                "The name of the observation.",
            ),
            dimension(
                "observationModelName",
                Term::Observation("model"),
                "The model of the observation.",
            ),
            dimension(
                "observationPromptName",
                Term::Observation("promptName"),
                "The prompt of the observation.",
            ),
            dimension(
                "observationPromptVersion",
                Term::Observation("promptVersion"),
                "The version of that prompt.",
            ),
            dimension("timestampMonth", month!("timestamp"), "Year and month."),
            dimension(
                "timestampDay",
                Term::Expr(
                    sql(
                        "strftime('%Y-%m-%d', {t}.timestamp / 1000000, 'unixepoch')",
                        "formatDateTime({t}.timestamp, '%Y-%m-%d')",
                    ),
                    Join::Own,
                ),
                "The day.",
            ),
        ]
    };
}

/// Of a conversation as a whole, or of a trace in it.
const SCORE_SESSION: Sql = sql(
    "coalesce({t}.session_id, u.session_id)",
    "coalesce({t}.session_id, if(u.session_id.1 = 0, NULL, u.session_id.2))",
);

const SCORE_TRACES: Measure = measure(
    "uniqueTraceIds",
    Id,
    "traces",
    Join::Own,
    both("t.trace_id"),
    "Different traces.",
);

const NUMERIC_VIEW: Shape = Shape {
    table: &SCORES,
    only: Some("t.data_type IN ('NUMERIC', 'BOOLEAN')"),
    dimensions: score_dimensions!("value"),
    measures: &[
        COUNT,
        SCORE_TRACES,
        measure(
            "value",
            Decimal,
            "as the score's",
            Join::Own,
            both("t.value"),
            "The score's value; yes is 1 and no is 0.",
        ),
    ],
};

const CATEGORICAL_VIEW: Shape = Shape {
    table: &SCORES,
    only: Some("t.data_type = 'CATEGORICAL'"),
    dimensions: score_dimensions!("stringValue"),
    measures: &[COUNT, SCORE_TRACES],
};

impl Shape {
    /// That of a view.
    pub(super) const fn of(view: View) -> &'static Self {
        match view {
            View::Traces => &TRACE_VIEW,
            View::Observations => &OBSERVATION_VIEW,
            View::ScoresNumeric => &NUMERIC_VIEW,
            View::ScoresCategorical => &CATEGORICAL_VIEW,
        }
    }

    pub(super) fn dimension(&self, name: &str) -> Option<&'static Dimension> {
        self.dimensions.iter().find(|d| d.name == name)
    }

    pub(super) fn measure(&self, name: &str) -> Option<&'static Measure> {
        self.measures.iter().find(|m| m.name == name)
    }

    /// Which table a dimension needs besides the view's own.
    pub(super) const fn join(dimension: &Dimension) -> Join {
        match dimension.term {
            Term::Own(_) => Join::Own,
            Term::Trace(_) => Join::Trace,
            Term::Observation(_) => Join::Observation,
            Term::Tags(join) | Term::Expr(_, join) => join,
        }
    }

    /// The expression of a dimension's column and the alias of its table; `None` for tags.
    pub(super) fn expression(&self, dimension: &Dimension) -> Option<(Sql, &'static str)> {
        let (columns, name, alias): (&'static [Column], _, _) = match dimension.term {
            Term::Tags(_) => return None,
            Term::Expr(sql, _) => return Some((sql, "t")),
            Term::Own(name) => (self.table.of.columns(), name, "t"),
            Term::Trace(name) => (columns::TRACES, name, "u"),
            Term::Observation(name) => (columns::OBSERVATIONS, name, "v"),
        };
        match columns::find(columns, name)?.kind {
            Kind::Text(sql) | Kind::Number(sql) => Some((sql, alias)),
            _ => None,
        }
    }
}

/// Whether nearly each row has a value of its own in this dimension.
#[must_use]
pub fn is_wide(view: View, dimension: &str) -> bool {
    Shape::of(view).dimension(dimension).is_some_and(|d| d.wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_an_expression() {
        for view in [
            View::Traces,
            View::Observations,
            View::ScoresNumeric,
            View::ScoresCategorical,
        ] {
            let shape = Shape::of(view);
            for d in shape.dimensions {
                let tags = matches!(d.term, Term::Tags(_));
                assert_eq!(shape.expression(d).is_none(), tags, "{view:?} {}", d.name);
            }
        }
    }
}
