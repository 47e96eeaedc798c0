//! What lists of the trace store can be filtered by: the catalogue of columns, under Langfuse's names and ours.
//!
//! Expressions are written for both stores side by side; `{t}` is the alias of the row's table.

/// An expression in both dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) clickhouse: &'static str,
}

const fn sql(sqlite: &'static str, clickhouse: &'static str) -> Sql {
    Sql { sqlite, clickhouse }
}

/// The same in both.
const fn both(text: &'static str) -> Sql {
    sql(text, text)
}

/// A field of a trace that ClickHouse keeps with the time of the word.
macro_rules! word {
    ($name:literal) => {
        sql(
            concat!("{t}.", $name),
            concat!("if({t}.", $name, ".1 = 0, NULL, {t}.", $name, ".2)"),
        )
    };
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, or null.
    Text(Sql),
    /// A number, or null.
    Number(Sql),
    /// A time, or null.
    Time(Sql),
    /// Yes or no.
    Bool(Sql),
    /// A list of texts.
    Tags,
    /// A JSON object; conditions name a key or a pointer.
    Json,
    /// What went in or came out, of the row itself.
    Content(&'static str),
    /// As [`Kind::Content`], of a trace: its own, or its root's.
    TraceContent(&'static str),
    /// Words anywhere: names, ids, what went in and came out.
    Search,
    /// A number over the observations of a trace.
    Sum(Sql),
    /// A text that one of the trace's observations has.
    Observed(&'static str),
    /// The mean of the scores of that name; the key is the name.
    ScoreMean,
    /// The value of a score of that name; the key is the name.
    ScoreLabel,
    /// A column of the trace that the row belongs to.
    OfTrace(&'static str),
    /// A text of the observation that a score is of.
    OfObservation(&'static str),
}

/// A column under its names.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) names: &'static [&'static str],
    pub(super) kind: Kind,
}

const fn column(names: &'static [&'static str], kind: Kind) -> Column {
    Column { names, kind }
}

/// Microseconds from the first start to the last end.
pub(super) const TRACE_LATENCY: Sql = sql(
    "max(max({t}.start_time, coalesce({t}.end_time, {t}.start_time))) - min({t}.start_time)",
    "dateDiff('microsecond', min({t}.start_time), max(greatest({t}.start_time, coalesce({t}.end_time, {t}.start_time))))",
);
/// Dollars.
pub(super) const TRACE_COST: Sql = sql("sum({t}.cost_usd)", "sumKahan({t}.cost_usd)");
/// Tokens of both kinds; null when none are known.
pub(super) const TRACE_TOKENS: Sql =
    both("sum(coalesce({t}.usage_input, 0) + coalesce({t}.usage_output, 0))");

/// Columns of traces.
pub(super) const TRACES: &[Column] = &[
    column(&["id"], Kind::Text(both("{t}.id"))),
    column(&["timestamp"], Kind::Time(both("{t}.timestamp"))),
    column(
        &["name", "traceName"],
        Kind::Text(sql(
            "coalesce({t}.name, {t}.root_name)",
            "if({t}.name.1 != 0, {t}.name.2, if({t}.root.2 = '', NULL, {t}.root.3))",
        )),
    ),
    column(&["userId", "user_id"], Kind::Text(word!("user_id"))),
    column(
        &["sessionId", "session_id"],
        Kind::Text(word!("session_id")),
    ),
    column(&["environment"], Kind::Text(word!("environment"))),
    column(&["release"], Kind::Text(word!("release"))),
    column(&["version"], Kind::Text(word!("version"))),
    column(
        &["public"],
        Kind::Bool(sql("coalesce({t}.public, 0)", "({t}.public.2 = '1')")),
    ),
    column(&["tags", "traceTags"], Kind::Tags),
    column(&["metadata"], Kind::Json),
    column(&["input"], Kind::TraceContent("input")),
    column(&["output"], Kind::TraceContent("output")),
    column(&["search", "q"], Kind::Search),
    column(
        &["latency"],
        Kind::Sum(sql(
            "(max(max({t}.start_time, coalesce({t}.end_time, {t}.start_time))) - min({t}.start_time)) / 1e6",
            "dateDiff('microsecond', min({t}.start_time), max(greatest({t}.start_time, coalesce({t}.end_time, {t}.start_time)))) / 1e6",
        )),
    ),
    column(&["totalCost", "total_cost", "cost"], Kind::Sum(TRACE_COST)),
    column(&["totalTokens", "total_tokens"], Kind::Sum(TRACE_TOKENS)),
    column(
        &["inputTokens", "input_tokens"],
        Kind::Sum(both("sum({t}.usage_input)")),
    ),
    column(
        &["outputTokens", "output_tokens"],
        Kind::Sum(both("sum({t}.usage_output)")),
    ),
    column(
        &["errorCount", "error_count"],
        Kind::Sum(sql(
            "sum({t}.level = 'ERROR')",
            "countIf({t}.level = 'ERROR')",
        )),
    ),
    column(
        &["warningCount", "warning_count"],
        Kind::Sum(sql(
            "sum({t}.level = 'WARNING')",
            "countIf({t}.level = 'WARNING')",
        )),
    ),
    column(
        &["observationCount", "observation_count"],
        Kind::Sum(both("count(*)")),
    ),
    column(&["model", "providedModelName"], Kind::Observed("model")),
    column(&["level"], Kind::Observed("level")),
    column(
        &["observationType", "observation_type"],
        Kind::Observed("type"),
    ),
    column(
        &["observationName", "observation_name"],
        Kind::Observed("name"),
    ),
    column(
        &["promptName", "prompt_name"],
        Kind::Observed("prompt_name"),
    ),
    column(&["scores_avg", "score", "scores"], Kind::ScoreMean),
    column(&["score_categories", "score_label"], Kind::ScoreLabel),
];

/// Columns of observations.
pub(super) const OBSERVATIONS: &[Column] = &[
    column(&["id"], Kind::Text(both("{t}.id"))),
    column(&["traceId", "trace_id"], Kind::Text(both("{t}.trace_id"))),
    column(
        &["parentObservationId", "parent_id"],
        Kind::Text(both("{t}.parent_id")),
    ),
    column(&["type"], Kind::Text(both("{t}.type"))),
    column(&["name"], Kind::Text(both("{t}.name"))),
    column(&["level"], Kind::Text(both("{t}.level"))),
    column(
        &["statusMessage", "status_message"],
        Kind::Text(both("{t}.status_message")),
    ),
    column(
        &["startTime", "start_time"],
        Kind::Time(both("{t}.start_time")),
    ),
    column(&["endTime", "end_time"], Kind::Time(both("{t}.end_time"))),
    column(
        &["latency"],
        Kind::Number(sql(
            "max({t}.end_time - {t}.start_time, 0) / 1e6",
            "greatest(dateDiff('microsecond', {t}.start_time, {t}.end_time), 0) / 1e6",
        )),
    ),
    column(
        &["timeToFirstToken", "time_to_first_token"],
        Kind::Number(sql(
            "max({t}.completion_start_time - {t}.start_time, 0) / 1e6",
            "greatest(dateDiff('microsecond', {t}.start_time, {t}.completion_start_time), 0) / 1e6",
        )),
    ),
    column(
        &["model", "providedModelName"],
        Kind::Text(both("{t}.model")),
    ),
    column(
        &["promptName", "prompt_name"],
        Kind::Text(both("{t}.prompt_name")),
    ),
    column(
        &["promptVersion", "prompt_version"],
        Kind::Number(both("{t}.prompt_version")),
    ),
    column(&["version"], Kind::Text(both("{t}.version"))),
    column(&["environment"], Kind::Text(both("{t}.environment"))),
    column(
        &["totalCost", "total_cost", "cost"],
        Kind::Number(both("{t}.cost_usd")),
    ),
    column(
        &["inputTokens", "input_tokens"],
        Kind::Number(both("{t}.usage_input")),
    ),
    column(
        &["outputTokens", "output_tokens"],
        Kind::Number(both("{t}.usage_output")),
    ),
    column(
        &["totalTokens", "total_tokens"],
        Kind::Number(both(
            "(coalesce({t}.usage_input, 0) + coalesce({t}.usage_output, 0))",
        )),
    ),
    column(
        &["isRootObservation", "is_root"],
        Kind::Bool(both("({t}.parent_id IS NULL OR {t}.app_root = 1)")),
    ),
    column(
        &["experimentId", "experiment_id"],
        Kind::Text(both("{t}.experiment_id")),
    ),
    column(
        &["experimentName", "experiment_name"],
        Kind::Text(sql(
            "({t}.experiment ->> 'name')",
            "JSONExtractString(coalesce({t}.experiment, ''), 'name')",
        )),
    ),
    column(
        &["experimentDatasetId", "experiment_dataset_id"],
        Kind::Text(sql(
            "({t}.experiment ->> 'dataset_id')",
            "JSONExtractString(coalesce({t}.experiment, ''), 'dataset_id')",
        )),
    ),
    column(
        &["experimentItemId", "experiment_item_id"],
        Kind::Text(sql(
            "({t}.experiment ->> 'item_id')",
            "JSONExtractString(coalesce({t}.experiment, ''), 'item_id')",
        )),
    ),
    column(
        &["experimentItemRoot"],
        Kind::Bool(sql(
            "({t}.experiment_id IS NOT NULL AND {t}.id = {t}.experiment ->> 'root_observation_id')",
            "({t}.experiment_id IS NOT NULL AND {t}.id = JSONExtractString(coalesce({t}.experiment, ''), 'root_observation_id'))",
        )),
    ),
    column(&["metadata"], Kind::Json),
    column(&["input"], Kind::Content("input")),
    column(&["output"], Kind::Content("output")),
    column(&["search", "q"], Kind::Search),
    column(&["userId", "user_id"], Kind::OfTrace("userId")),
    column(&["sessionId", "session_id"], Kind::OfTrace("sessionId")),
    column(&["traceName", "trace_name"], Kind::OfTrace("name")),
    column(&["tags", "traceTags"], Kind::OfTrace("tags")),
    column(&["release", "traceRelease"], Kind::OfTrace("release")),
    column(&["traceVersion"], Kind::OfTrace("version")),
];

/// Columns of scores.
pub(super) const SCORES: &[Column] = &[
    column(&["id"], Kind::Text(both("{t}.id"))),
    column(&["traceId", "trace_id"], Kind::Text(both("{t}.trace_id"))),
    column(
        &["observationId", "observation_id"],
        Kind::Text(both("{t}.observation_id")),
    ),
    column(
        &["sessionId", "session_id"],
        Kind::Text(both("{t}.session_id")),
    ),
    column(
        &["experimentId", "experiment_id", "datasetRunId"],
        Kind::Text(both("{t}.experiment_id")),
    ),
    column(&["name"], Kind::Text(both("{t}.name"))),
    column(&["source"], Kind::Text(both("{t}.source"))),
    column(
        &["dataType", "data_type"],
        Kind::Text(both("{t}.data_type")),
    ),
    column(&["value"], Kind::Number(both("{t}.value"))),
    column(
        &["stringValue", "string_value"],
        Kind::Text(both("{t}.string_value")),
    ),
    column(&["comment"], Kind::Text(both("{t}.comment"))),
    column(&["environment"], Kind::Text(both("{t}.environment"))),
    column(
        &["authorUserId", "author_id"],
        Kind::Text(both("{t}.author_id")),
    ),
    column(&["queueId", "queue_id"], Kind::Text(both("{t}.queue_id"))),
    column(
        &["configId", "config_id"],
        Kind::Text(both("{t}.config_id")),
    ),
    column(&["timestamp"], Kind::Time(both("{t}.timestamp"))),
    column(&["metadata"], Kind::Json),
    column(&["search", "q"], Kind::Search),
    column(&["userId", "user_id"], Kind::OfTrace("userId")),
    column(&["traceName", "trace_name"], Kind::OfTrace("name")),
    column(&["tags", "traceTags"], Kind::OfTrace("tags")),
    column(&["traceRelease"], Kind::OfTrace("release")),
    column(&["traceVersion"], Kind::OfTrace("version")),
    column(&["observationName"], Kind::OfObservation("name")),
    column(&["observationModelName"], Kind::OfObservation("model")),
    column(
        &["observationPromptName"],
        Kind::OfObservation("prompt_name"),
    ),
];

/// The column of that name.
pub(super) fn find(columns: &'static [Column], name: &str) -> Option<&'static Column> {
    columns.iter().find(|c| c.names.contains(&name))
}
