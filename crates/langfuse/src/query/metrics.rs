//! The parameter `query` of `GET /api/public/metrics` and `/api/public/v2/metrics`, and the parameters of
//! `GET /api/public/metrics/daily`.

use crate::Invalid;
use assay_model::analysis::{Analysis, Direction, Granularity, MAX_ROWS, Metric, OrderBy, View};
use assay_model::{FieldError, Timestamp, Validate};
use serde::Deserialize;
use serde_json::Value;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsVersion {
    /// All views; as many rows as there are.
    One,
    /// No view of traces; a hundred rows unless more are asked for.
    Two,
}

#[derive(Deserialize)]
struct Field {
    field: String,
}

#[derive(Deserialize)]
struct TimeDimension {
    granularity: Granularity,
}

#[derive(Deserialize, Default)]
struct Config {
    bins: Option<u32>,
    row_limit: Option<u32>,
}

#[derive(Deserialize)]
struct RawOrder {
    field: String,
    direction: Direction,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    view: View,
    #[serde(default)]
    dimensions: Option<Vec<Field>>,
    metrics: Vec<Metric>,
    #[serde(default)]
    filters: Option<Vec<Value>>,
    #[serde(default)]
    time_dimension: Option<TimeDimension>,
    from_timestamp: Timestamp,
    to_timestamp: Timestamp,
    #[serde(default)]
    order_by: Option<Vec<RawOrder>>,
    #[serde(default)]
    config: Option<Config>,
    #[serde(default)]
    chart_config: Option<Config>,
}

/// The question that a `query` asks.
///
/// # Errors
/// One error a wrong field, below `query`.
pub fn parse(version: MetricsVersion, text: Option<&str>) -> Result<Analysis, Vec<FieldError>> {
    let error = |at: String, message: String| {
        vec![FieldError {
            field: format!("query{at}"),
            message,
        }]
    };
    let Some(text) = text.filter(|t| !t.is_empty()) else {
        return Err(error(String::new(), "is required".into()));
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let raw: Raw = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let path = e.path().to_string();
        let at = if path == "." || path == "?" {
            String::new()
        } else {
            format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
        };
        error(at, e.into_inner().to_string())
    })?;
    if version == MetricsVersion::Two && raw.view == View::Traces {
        let message = "must be `observations`, `scores-numeric` or `scores-categorical`";
        return Err(error("/view".into(), message.into()));
    }
    let config = raw.config.or(raw.chart_config).unwrap_or_default();
    let most = match version {
        MetricsVersion::One => MAX_ROWS,
        MetricsVersion::Two => 100,
    };
    if config.row_limit.is_some_and(|n| n > 1000) {
        let message = "must be 1 to 1000";
        return Err(error("/config/row_limit".into(), message.into()));
    }
    let analysis = Analysis {
        view: raw.view,
        dimensions: raw
            .dimensions
            .unwrap_or_default()
            .into_iter()
            .map(|d| d.field)
            .collect(),
        metrics: raw.metrics,
        filter: raw.filters.unwrap_or_default(),
        from: raw.from_timestamp,
        to: raw.to_timestamp,
        granularity: raw.time_dimension.map(|t| t.granularity),
        utc_offset_minutes: 0,
        order_by: raw
            .order_by
            .unwrap_or_default()
            .into_iter()
            .map(|o| OrderBy {
                field: o.field,
                direction: o.direction,
            })
            .collect(),
        bins: config.bins.unwrap_or(10),
        limit: config.row_limit.unwrap_or(most),
    };
    analysis.validate().map_err(theirs)?;
    Ok(analysis)
}

/// Errors on an [`Analysis`] under the names that the `query` has for its parts.
#[must_use]
pub fn theirs(errors: Vec<FieldError>) -> Vec<FieldError> {
    const NAMES: [(&str, &str); 7] = [
        ("/filter", "/filters"),
        ("/from", "/fromTimestamp"),
        ("/to", "/toTimestamp"),
        ("/granularity", "/timeDimension/granularity"),
        ("/order_by", "/orderBy"),
        ("/bins", "/config/bins"),
        ("/limit", "/config/row_limit"),
    ];
    let mut errors = errors;
    for e in &mut errors {
        let renamed = NAMES.iter().find_map(|(ours, theirs)| {
            let rest = e.field.strip_prefix(ours)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("query{theirs}{rest}"))
        });
        e.field = renamed.unwrap_or_else(|| format!("query{}", e.field));
    }
    errors
}

/// As the answer of version two or one shows the beginning of a bucket: days and what is longer without a time.
#[must_use]
pub fn bucket(width: Option<Granularity>, at: Timestamp) -> String {
    let text = at.to_rfc3339();
    match width {
        Some(Granularity::Minute | Granularity::Hour) => {
            format!("{}Z", text.get(..19).unwrap_or(&text))
        }
        _ => text.get(..10).unwrap_or(&text).to_owned(),
    }
}

/// Days from the epoch that the daily metrics go back to when no beginning is named: all of them.
///
/// # Errors
/// The parameter's name when a time is wrong, or the end is not after the beginning.
pub fn period(
    from: Option<&str>,
    to: Option<&str>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Invalid> {
    let from = super::time("fromTimestamp", from)?.unwrap_or_default();
    let to = super::time("toTimestamp", to)?.unwrap_or(now);
    if from >= to {
        return Err(Invalid::new("toTimestamp", "must be after `fromTimestamp`"));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::analysis::Aggregation;
    use serde_json::json;

    fn query() -> Value {
        json!({
            "view": "observations", "dimensions": [{"field": "providedModelName"}],
            "metrics": [{"measure": "latency", "aggregation": "p95"}], "filters": [],
            "timeDimension": {"granularity": "day"}, "fromTimestamp": "2026-01-01T00:00:00.000Z",
            "toTimestamp": "2026-02-01T00:00:00Z", "orderBy": null, "config": {"row_limit": 5},
        })
    }

    fn with(name: &str, value: Value) -> Result<Analysis, Vec<FieldError>> {
        let mut q = query();
        q[name] = value;
        parse(MetricsVersion::Two, Some(&q.to_string()))
    }

    #[test]
    fn a_query_of_a_client() {
        let a = parse(MetricsVersion::Two, Some(&query().to_string())).unwrap();
        assert_eq!(a.dimensions, ["providedModelName"]);
        assert_eq!(a.metrics[0].aggregation, Aggregation::P95);
        assert_eq!((a.limit, a.granularity), (5, Some(Granularity::Day)));
        let bare = json!({
            "view": "traces", "metrics": [{"measure": "count", "aggregation": "count"}],
            "fromTimestamp": "2026-01-01T00:00:00Z", "toTimestamp": "2026-02-01T00:00:00Z",
        });
        assert!(parse(MetricsVersion::One, Some(&bare.to_string())).is_ok());
        let refused = parse(MetricsVersion::Two, Some(&bare.to_string())).unwrap_err();
        assert_eq!(refused[0].field, "query/view");
    }

    #[test]
    fn what_is_wrong_is_named_as_the_client_names_it() {
        let field = |r: Result<Analysis, Vec<FieldError>>| r.unwrap_err()[0].field.clone();
        assert_eq!(field(with("metrics", json!([]))), "query/metrics");
        assert_eq!(
            field(with(
                "metrics",
                json!([{"measure": "latency", "aggregation": "median"}])
            )),
            "query/metrics/0/aggregation"
        );
        assert_eq!(
            field(with("toTimestamp", json!("2025-01-01T00:00:00Z"))),
            "query/toTimestamp"
        );
        assert_eq!(field(with("filters", json!([1]))), "query/filters/0");
        assert_eq!(
            field(with("config", json!({"row_limit": 1001}))),
            "query/config/row_limit"
        );
        assert_eq!(field(parse(MetricsVersion::One, None)), "query");
        assert_eq!(field(parse(MetricsVersion::One, Some("{"))), "query");
    }
}
