//! The parameters of `GET /api/public/v3/scores`: lists between commas, any of which must match, in all of the filters.

use crate::Invalid;
use crate::query::{MAX_LIMIT, ScoreGroups, comma_list, given, limit, time};
use assay_model::{ScoreSource, ScoreType, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::json;

/// A value to be found.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreValue {
    /// Of a numeric or boolean score, which is 0 or 1.
    Number(f64),
    /// Of a categorical score.
    Text(String),
}

/// Which scores, and how much of each. An empty list filters nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreQuery {
    /// How much of each.
    pub groups: ScoreGroups,
    /// Rows of a page.
    pub limit: i64,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Ids.
    pub ids: Vec<String>,
    /// Names.
    pub names: Vec<String>,
    /// Who gave them.
    pub sources: Vec<ScoreSource>,
    /// Types.
    pub data_types: Vec<ScoreType>,
    /// Environments.
    pub environments: Vec<String>,
    /// Definitions.
    pub config_ids: Vec<String>,
    /// Review queues.
    pub queue_ids: Vec<String>,
    /// People who gave them.
    pub author_ids: Vec<String>,
    /// Values, where there is one type.
    pub values: Vec<ScoreValue>,
    /// The least value of numeric scores, itself included.
    pub value_min: Option<f64>,
    /// The greatest value of numeric scores, itself included.
    pub value_max: Option<f64>,
    /// Traces that are scored.
    pub trace_ids: Vec<String>,
    /// Sessions that are scored.
    pub session_ids: Vec<String>,
    /// Observations that are scored, within the traces.
    pub observation_ids: Vec<String>,
    /// Experiments that are scored.
    pub experiment_ids: Vec<String>,
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The instant after the last.
    pub to: Option<Timestamp>,
}

impl ScoreQuery {
    /// Of the parameters that `get` finds by name.
    ///
    /// # Errors
    /// Which parameter is wrong, or does not go with another.
    pub fn parse<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Invalid> {
        let list = |name: &str| comma_list(get(name));
        let mut query = Self {
            groups: ScoreGroups::parse(get("fields"))?,
            limit: limit(get("limit"), MAX_LIMIT)?,
            cursor: given(get("cursor")).map(str::to_owned),
            ids: list("id"),
            names: list("name"),
            sources: named("source", list("source"))?,
            data_types: named("dataType", list("dataType"))?,
            environments: list("environment"),
            config_ids: list("configId"),
            queue_ids: list("queueId"),
            author_ids: list("authorUserId"),
            values: Vec::new(),
            value_min: number("valueMin", get("valueMin"))?,
            value_max: number("valueMax", get("valueMax"))?,
            trace_ids: list("traceId"),
            session_ids: list("sessionId"),
            observation_ids: list("observationId"),
            experiment_ids: list("experimentId"),
            from: time("fromTimestamp", get("fromTimestamp"))?,
            to: time("toTimestamp", get("toTimestamp"))?,
        };
        query.values = query.valued(list("value"))?;
        query.subject()?;
        Ok(query)
    }

    /// A value can be compared where the type is one and the same.
    fn valued(&self, texts: Vec<String>) -> Result<Vec<ScoreValue>, Invalid> {
        let one = match self.data_types.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let bounded = self.value_min.is_some() || self.value_max.is_some();
        if bounded && one != Some(ScoreType::Numeric) {
            let message = "must be NUMERIC alone with valueMin or valueMax";
            return Err(Invalid::new("dataType", message));
        }
        let value = |text: String| match one {
            Some(ScoreType::Numeric) => {
                let n = text.parse().ok().filter(|n: &f64| n.is_finite());
                n.map(ScoreValue::Number)
                    .ok_or_else(|| Invalid::new("value", "must be numbers"))
            }
            Some(ScoreType::Boolean) => match text.as_str() {
                "true" => Ok(ScoreValue::Number(1.0)),
                "false" => Ok(ScoreValue::Number(0.0)),
                _ => Err(Invalid::new("value", "must be true or false")),
            },
            Some(ScoreType::Categorical) => Ok(ScoreValue::Text(text)),
            _ => {
                let message = "must be NUMERIC, BOOLEAN or CATEGORICAL alone with value";
                Err(Invalid::new("dataType", message))
            }
        };
        texts.into_iter().map(value).collect()
    }

    /// A score has one kind of subject, and an observation is found by its trace.
    fn subject(&self) -> Result<(), Invalid> {
        if !self.observation_ids.is_empty() && self.trace_ids.is_empty() {
            return Err(Invalid::new("observationId", "needs traceId"));
        }
        let subjects = [
            ("traceId", &self.trace_ids),
            ("sessionId", &self.session_ids),
            ("experimentId", &self.experiment_ids),
        ];
        let mut named = subjects.iter().filter(|(_, ids)| !ids.is_empty());
        match (named.next(), named.next()) {
            (Some((first, _)), Some((second, _))) => {
                Err(Invalid::new(*second, format!("cannot go with {first}")))
            }
            _ => Ok(()),
        }
    }
}

/// Names of an enumeration, in any case of letters.
fn named<T: DeserializeOwned>(field: &str, names: Vec<String>) -> Result<Vec<T>, Invalid> {
    let read = |name: String| {
        serde_json::from_value(json!(name.to_uppercase()))
            .map_err(|_| Invalid::new(field, format!("`{name}` is not known")))
    };
    names.into_iter().map(read).collect()
}

fn number(name: &str, text: Option<&str>) -> Result<Option<f64>, Invalid> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|n: &f64| n.is_finite());
    number
        .map(Some)
        .ok_or_else(|| Invalid::new(name, "must be a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::ScoreGroup;

    fn parse(pairs: &[(&str, &'static str)]) -> Result<ScoreQuery, Invalid> {
        ScoreQuery::parse(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
    }

    #[test]
    fn lists_between_commas() {
        let query = parse(&[
            ("fields", "details,subject"),
            ("name", "a,b"),
            ("source", "api,EVAL"),
            ("dataType", "boolean"),
            ("value", "true"),
            ("traceId", "t"),
            ("observationId", "o,p"),
            ("limit", "100"),
        ])
        .unwrap();
        assert!(query.groups.has(ScoreGroup::Subject));
        assert_eq!(query.names, ["a", "b"]);
        assert_eq!(query.sources, [ScoreSource::Api, ScoreSource::Eval]);
        assert_eq!(query.data_types, [ScoreType::Boolean]);
        assert_eq!(query.values, [ScoreValue::Number(1.0)]);
        assert_eq!(query.observation_ids, ["o", "p"]);
        assert_eq!(query.limit, 100);
        assert_eq!(parse(&[]).unwrap().limit, 50);
    }

    #[test]
    fn errors_name_the_parameter() {
        for (pairs, field) in [
            (vec![("limit", "101")], "limit"),
            (vec![("fields", "everything")], "fields"),
            (vec![("source", "me")], "source"),
            (vec![("dataType", "STARS")], "dataType"),
            (vec![("value", "1")], "dataType"),
            (vec![("value", "x"), ("dataType", "TEXT")], "dataType"),
            (vec![("value", "x"), ("dataType", "NUMERIC")], "value"),
            (vec![("value", "1"), ("dataType", "BOOLEAN")], "value"),
            (
                vec![("value", "1"), ("dataType", "BOOLEAN,TEXT")],
                "dataType",
            ),
            (vec![("valueMin", "1")], "dataType"),
            (vec![("valueMin", "x"), ("dataType", "NUMERIC")], "valueMin"),
            (vec![("observationId", "o")], "observationId"),
            (vec![("traceId", "t"), ("sessionId", "s")], "sessionId"),
            (vec![("fromTimestamp", "today")], "fromTimestamp"),
        ] {
            assert_eq!(parse(&pairs).unwrap_err().field, field, "{pairs:?}");
        }
    }
}
