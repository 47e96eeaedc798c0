//! Filters of lists of traces, observations and scores: Langfuse's grammar, a JSON array of conditions that all hold.
//!
//! `[{"type":"string","column":"name","operator":"contains","value":"chat"}]`; types that look into an object or among
//! scores also have a `key`. Which columns there are, and of which type, is the store's catalogue.

use crate::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most conditions of a filter.
const MAX_CONDITIONS: usize = 30;
/// Most options of a condition.
const MAX_OPTIONS: usize = 200;
/// Most characters of a text.
const MAX_TEXT: usize = 2000;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// The same.
    #[serde(rename = "=")]
    Equal,
    /// Another one.
    #[serde(rename = "<>", alias = "!=")]
    NotEqual,
    /// Less, or earlier.
    #[serde(rename = "<")]
    Less,
    /// Less or the same.
    #[serde(rename = "<=")]
    AtMost,
    /// More, or later.
    #[serde(rename = ">")]
    Greater,
    /// More or the same.
    #[serde(rename = ">=")]
    AtLeast,
    /// The text has this part, in any case of ASCII letters.
    #[serde(rename = "contains", alias = "matches")]
    Contains,
    /// The text has no such part.
    #[serde(rename = "does not contain")]
    DoesNotContain,
    /// The text begins so.
    #[serde(rename = "starts with")]
    StartsWith,
    /// The text ends so.
    #[serde(rename = "ends with")]
    EndsWith,
    /// It is one of these; a list has one of these.
    #[serde(rename = "any of")]
    AnyOf,
    /// It is none of these; a list has none of these.
    #[serde(rename = "none of")]
    NoneOf,
    /// The list has all of these.
    #[serde(rename = "all of")]
    AllOf,
    /// There is no value.
    #[serde(rename = "is null", alias = "is not set")]
    IsNull,
    /// There is a value.
    #[serde(rename = "is not null", alias = "is set")]
    IsNotNull,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Some numbers.
    Numbers(Vec<f64>),
    /// A time.
    Time(Timestamp),
    /// Yes or no.
    Bool(bool),
    /// Some texts.
    Options(Vec<String>),
    /// Nothing: the operator says it all.
    None,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The column, as the client names it.
    pub column: String,
    /// The key within an object, or the name of a score.
    pub key: Option<String>,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
}

/// Conditions that all hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// The types that Langfuse's clients name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Datetime,
    String,
    Number,
    StringOptions,
    CategoryOptions,
    ArrayOptions,
    StringObject,
    NumberObject,
    Boolean,
    BooleanObject,
    Null,
}

impl Kind {
    const fn allows(self, operator: Operator) -> bool {
        use Operator as O;
        // Whether there is a value can be asked of any type.
        if matches!(operator, O::IsNull | O::IsNotNull) {
            return true;
        }
        match self {
            Self::Datetime => matches!(operator, O::Less | O::AtMost | O::Greater | O::AtLeast),
            Self::String | Self::StringObject => matches!(
                operator,
                O::Equal
                    | O::NotEqual
                    | O::Contains
                    | O::DoesNotContain
                    | O::StartsWith
                    | O::EndsWith
            ),
            Self::Number | Self::NumberObject => matches!(
                operator,
                O::Equal | O::NotEqual | O::Less | O::AtMost | O::Greater | O::AtLeast
            ),
            Self::StringOptions | Self::CategoryOptions => {
                matches!(operator, O::AnyOf | O::NoneOf)
            }
            Self::ArrayOptions => matches!(operator, O::AnyOf | O::NoneOf | O::AllOf),
            Self::Boolean | Self::BooleanObject => matches!(operator, O::Equal | O::NotEqual),
            Self::Null => false,
        }
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: Kind,
    column: String,
    operator: Operator,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    key: Option<String>,
}

impl Filter {
    /// Reads a filter from its JSON. The errors' fields are below `field`.
    ///
    /// # Errors
    /// One error a wrong condition.
    pub fn parse(field: &str, value: &Value) -> Result<Self, Vec<FieldError>> {
        let error = |at: &str, message: String| FieldError {
            field: format!("{field}{at}"),
            message,
        };
        let Value::Array(list) = value else {
            return Err(vec![error("", "must be a list of conditions".into())]);
        };
        if list.len() > MAX_CONDITIONS {
            let message = format!("must have at most {MAX_CONDITIONS} conditions");
            return Err(vec![error("", message)]);
        }
        let (mut conditions, mut errors) = (Vec::new(), Vec::new());
        for (i, raw) in list.iter().enumerate() {
            let read = Raw::deserialize(raw)
                .map_err(|e| (String::new(), e.to_string()))
                .and_then(|raw| {
                    condition(raw).map_err(|(at, message)| (format!("/{at}"), message))
                });
            match read {
                Ok(condition) => conditions.push(condition),
                Err((at, message)) => errors.push(error(&format!("/{i}{at}"), message)),
            }
        }
        if errors.is_empty() {
            Ok(Self { conditions })
        } else {
            Err(errors)
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn and(mut self, column: &str, operator: Operator, operand: Operand) -> Self {
        self.conditions.push(Condition {
            column: column.to_owned(),
            key: None,
            operator,
            operand,
        });
        self
    }

    /// Adds a condition on a key of an object, or on a score.
    #[must_use]
    pub fn and_key(
        mut self,
        column: &str,
        key: &str,
        operator: Operator,
        operand: Operand,
    ) -> Self {
        self.conditions.push(Condition {
            column: column.to_owned(),
            key: Some(key.to_owned()),
            operator,
            operand,
        });
        self
    }
}

type Wrong = (&'static str, String);

fn text(value: Value) -> Result<String, Wrong> {
    match value {
        Value::String(text) if text.chars().count() > MAX_TEXT => {
            Err(("value", format!("must have at most {MAX_TEXT} characters")))
        }
        // Postgres has no text with NUL; no value of ours has one where it is searched.
        Value::String(text) if text.contains('\0') => {
            Err(("value", "must not contain NUL".to_owned()))
        }
        Value::String(text) => Ok(text),
        _ => Err(("value", "must be a text".to_owned())),
    }
}

fn condition(raw: Raw) -> Result<Condition, Wrong> {
    if !raw.kind.allows(raw.operator) {
        return Err(("operator", "does not fit the type".to_owned()));
    }
    let keyed = matches!(
        raw.kind,
        Kind::StringObject | Kind::NumberObject | Kind::BooleanObject | Kind::CategoryOptions
    );
    if keyed && raw.key.as_ref().is_none_or(String::is_empty) {
        return Err(("key", "is missing".to_owned()));
    }
    if matches!(raw.operator, Operator::IsNull | Operator::IsNotNull) {
        return Ok(Condition {
            column: raw.column,
            key: raw.key.filter(|k| !k.is_empty()),
            operator: raw.operator,
            operand: Operand::None,
        });
    }
    let operand = match raw.kind {
        Kind::Null => return Err(("operator", "does not fit the type".to_owned())),
        Kind::Datetime => Operand::Time(
            Timestamp::parse(&text(raw.value)?)
                .map_err(|_| ("value", "must be an RFC 3339 time".to_owned()))?,
        ),
        Kind::String | Kind::StringObject => Operand::Text(text(raw.value)?),
        Kind::Number | Kind::NumberObject => Operand::Number(
            raw.value
                .as_f64()
                .filter(|n| n.is_finite())
                .ok_or(("value", "must be a number".to_owned()))?,
        ),
        Kind::Boolean | Kind::BooleanObject => Operand::Bool(
            raw.value
                .as_bool()
                .ok_or(("value", "must be true or false".to_owned()))?,
        ),
        Kind::StringOptions | Kind::CategoryOptions | Kind::ArrayOptions => {
            let Value::Array(list) = raw.value else {
                return Err(("value", "must be a list of texts".to_owned()));
            };
            if list.is_empty() || list.len() > MAX_OPTIONS {
                return Err(("value", format!("must have 1 to {MAX_OPTIONS} entries")));
            }
            Operand::Options(list.into_iter().map(text).collect::<Result<_, _>>()?)
        }
    };
    Ok(Condition {
        column: raw.column,
        key: raw.key.filter(|k| !k.is_empty()),
        operator: raw.operator,
        operand,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_are_read() {
        let filter = Filter::parse(
            "filter",
            &json!([
                {"type": "string", "column": "name", "operator": "contains", "value": "chat"},
                {"type": "arrayOptions", "column": "tags", "operator": "all of", "value": ["a", "b"]},
                {"type": "numberObject", "column": "scores_avg", "key": "faithful", "operator": ">=", "value": 0.5},
                {"type": "null", "column": "userId", "operator": "is null", "value": ""},
                {"type": "datetime", "column": "timestamp", "operator": "<", "value": "2026-01-01T00:00:00Z"},
            ]),
        )
        .unwrap();
        assert_eq!(filter.conditions.len(), 5);
        assert_eq!(filter.conditions[2].key.as_deref(), Some("faithful"));
        assert_eq!(filter.conditions[3].operand, Operand::None);
    }

    #[track_caller]
    fn wrong(condition: Value, field: &str) {
        let errors = Filter::parse("filter", &json!([condition])).unwrap_err();
        assert_eq!(errors[0].field, field);
    }

    #[test]
    fn what_is_wrong_is_named() {
        wrong(json!({"type": "strong", "column": "name"}), "filter/0");
        wrong(
            json!({"type": "string", "column": "name", "operator": "any of", "value": ["x"]}),
            "filter/0/operator",
        );
        wrong(
            json!({"type": "number", "column": "latency", "operator": ">", "value": "2"}),
            "filter/0/value",
        );
        wrong(
            json!({"type": "stringObject", "column": "metadata", "operator": "=", "value": "2"}),
            "filter/0/key",
        );
        wrong(
            json!({"type": "datetime", "column": "timestamp", "operator": ">", "value": "yesterday"}),
            "filter/0/value",
        );
        assert!(Filter::parse("filter", &json!({})).is_err());
        assert!(Filter::parse("filter", &Value::Array(vec![json!({}); 31])).is_err());
    }
}
