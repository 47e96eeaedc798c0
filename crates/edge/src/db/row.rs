//! Values and rows, the same for both stores.

use super::DbError;
use serde::de::DeserializeOwned;
use std::rc::Rc;

/// A value of a column or parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `DOUBLE PRECISION`.
    Real(f64),
    /// `TEXT`.
    Text(String),
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(v.clone())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(v.into())
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Int(v.into())
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Real(v)
    }
}
impl From<assay_model::Timestamp> for Value {
    fn from(v: assay_model::Timestamp) -> Self {
        Self::Int(v.micros())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// JSON as text.
    #[must_use]
    pub fn json(v: &serde_json::Value) -> Self {
        if v.is_null() {
            Self::Null
        } else {
            Self::Text(v.to_string())
        }
    }
}

/// One row of a result. Columns are found by name.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Rc<[String]>,
    values: Vec<Value>,
}

impl Row {
    pub(super) const fn new(columns: Rc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// The column's value, `None` when there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.columns
            .iter()
            .position(|c| c == column)
            .and_then(|i| self.values.get(i))
    }

    /// The columns in their order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.columns
            .iter()
            .map(String::as_str)
            .zip(self.values.iter())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        self.opt_text(column)?
            .ok_or_else(|| DbError::Column(column.to_owned()))
    }

    /// A text or NULL.
    ///
    /// # Errors
    /// [`DbError::Column`] when the column is missing or of another type.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DbError> {
        match self.get(column) {
            Some(Value::Text(s)) => Ok(Some(s.clone())),
            Some(Value::Null) => Ok(None),
            _ => Err(DbError::Column(column.to_owned())),
        }
    }

    /// An integer that must be there.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        self.opt_int(column)?
            .ok_or_else(|| DbError::Column(column.to_owned()))
    }

    /// An integer or NULL.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DbError> {
        match self.get(column) {
            Some(Value::Int(i)) => Ok(Some(*i)),
            // Sums of integers come as reals from Postgres' numeric.
            Some(Value::Real(r)) if r.fract() == 0.0 => Ok(Some(*r as i64)),
            Some(Value::Null) => Ok(None),
            _ => Err(DbError::Column(column.to_owned())),
        }
    }

    /// A number or NULL.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn opt_real(&self, column: &str) -> Result<Option<f64>, DbError> {
        match self.get(column) {
            Some(Value::Real(r)) => Ok(Some(*r)),
            Some(Value::Int(i)) => Ok(Some(*i as f64)),
            Some(Value::Null) => Ok(None),
            _ => Err(DbError::Column(column.to_owned())),
        }
    }

    /// A time that must be there.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn time(&self, column: &str) -> Result<assay_model::Timestamp, DbError> {
        self.int(column).map(assay_model::Timestamp::from_micros)
    }

    /// JSON text read as `T`; NULL reads as JSON null.
    ///
    /// # Errors
    /// [`DbError::Column`].
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        let text = self.opt_text(column)?;
        serde_json::from_str(text.as_deref().unwrap_or("null"))
            .map_err(|e| DbError::Column(format!("{column}: {e}")))
    }
}
