//! JSON into values of the interpreter and back.

use crate::error::EvaluateError;
use crate::{MAX_DEPTH, MAX_RESULT};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull,
    CelString, CelTimestamp, CelType, CelUInt,
};
use cel::common::value::Val;
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// # Errors
/// [`EvaluateError::TooLarge`] when it nests too deeply.
pub(crate) fn from_json(value: &Value, depth: usize) -> Result<Box<dyn Val>, EvaluateError> {
    let below = || depth.checked_sub(1).ok_or(EvaluateError::TooLarge);
    Ok(match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(truth) => Box::new(CelBool::from(*truth)),
        Value::Number(number) => from_number(number),
        Value::String(text) => Box::new(CelString::from(text.clone())),
        Value::Array(items) => {
            let below = below()?;
            let items = items.iter().map(|item| from_json(item, below));
            Box::new(CelList::from(items.collect::<Result<Vec<_>, _>>()?))
        }
        Value::Object(fields) => {
            let below = below()?;
            let fields = fields.iter().map(|(key, item)| {
                Ok((
                    CelMapKey::String(CelString::from(key.clone())),
                    from_json(item, below)?,
                ))
            });
            let fields: HashMap<_, _> = fields.collect::<Result<_, EvaluateError>>()?;
            Box::new(CelMap::from(fields))
        }
    })
}

fn from_number(number: &Number) -> Box<dyn Val> {
    if let Some(int) = number.as_i64() {
        Box::new(CelInt::from(int))
    } else if let Some(uint) = number.as_u64() {
        Box::new(CelUInt::from(uint))
    } else {
        // A number that JSON can hold and a double cannot is read as an infinity nowhere: the parser refuses it.
        Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN)))
    }
}

/// Writes results, and counts what they hold.
pub(crate) struct Writer {
    left: usize,
}

impl Writer {
    pub(crate) const fn new() -> Self {
        Self { left: MAX_RESULT }
    }

    /// Counts bytes of the result.
    fn take(&mut self, bytes: usize) -> Result<(), EvaluateError> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or(EvaluateError::TooLarge)?;
        Ok(())
    }

    /// # Errors
    /// [`EvaluateError::TooLarge`] and [`EvaluateError::NotJson`].
    pub(crate) fn write(&mut self, value: &dyn Val) -> Result<Value, EvaluateError> {
        self.value(value, MAX_DEPTH)
    }

    fn value(&mut self, value: &dyn Val, depth: usize) -> Result<Value, EvaluateError> {
        if let Some(list) = value.downcast_ref::<CelList>() {
            return self.list(list, depth);
        }
        if let Some(map) = value.downcast_ref::<CelMap>() {
            return self.map(map, depth);
        }
        let json = if let Some(text) = value.downcast_ref::<CelString>() {
            self.take(text.inner().len())?;
            return Ok(Value::String(text.inner().to_owned()));
        } else if let Some(int) = value.downcast_ref::<CelInt>() {
            Value::from(*int.inner())
        } else if let Some(uint) = value.downcast_ref::<CelUInt>() {
            Value::from(*uint.inner())
        } else if let Some(double) = value.downcast_ref::<CelDouble>() {
            let number = Number::from_f64(*double.inner());
            Value::Number(number.ok_or(EvaluateError::NotJson("a number that is not finite"))?)
        } else if let Some(truth) = value.downcast_ref::<CelBool>() {
            Value::Bool(*truth.inner())
        } else if value.downcast_ref::<CelNull>().is_some() {
            Value::Null
        } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
            self.take(bytes.inner().len().saturating_mul(4) / 3)?;
            Value::String(STANDARD.encode(bytes.inner()))
        } else if let Some(time) = value.downcast_ref::<CelTimestamp>() {
            Value::String(timestamp(time.inner()))
        } else if let Some(duration) = value.downcast_ref::<CelDuration>() {
            Value::String(seconds(duration.inner()))
        } else if let Some(kind) = value.downcast_ref::<CelType>() {
            Value::String(kind.name().to_owned())
        } else {
            return Err(EvaluateError::NotJson("a value of a type of its own"));
        };
        self.take(8)?;
        Ok(json)
    }

    fn list(&mut self, list: &CelList<'_>, depth: usize) -> Result<Value, EvaluateError> {
        let below = depth.checked_sub(1).ok_or(EvaluateError::TooLarge)?;
        self.take(2)?;
        let items = list
            .inner()
            .iter()
            .map(|item| self.value(item.as_ref(), below));
        items.collect::<Result<_, _>>().map(Value::Array)
    }

    fn map(&mut self, map: &CelMap<'_>, depth: usize) -> Result<Value, EvaluateError> {
        let below = depth.checked_sub(1).ok_or(EvaluateError::TooLarge)?;
        self.take(2)?;
        let mut entries: Vec<(&CelMapKey<'_>, &Box<dyn Val + '_>)> = map.inner().iter().collect();
        // The interpreter's maps have no order, and JSON's keep the one they were made in.
        entries.sort_by(|a, b| a.0.cmp(b.0));
        let mut fields = Map::new();
        for (key, item) in entries {
            let key = match key {
                CelMapKey::String(text) => text.inner().to_owned(),
                CelMapKey::Int(int) => int.inner().to_string(),
                CelMapKey::UInt(uint) => uint.inner().to_string(),
                CelMapKey::Bool(truth) => truth.inner().to_string(),
            };
            self.take(key.len() + 4)?;
            let item = self.value(item.as_ref(), below)?;
            if fields.insert(key, item).is_some() {
                return Err(EvaluateError::NotJson(
                    "two keys of an object have the same text",
                ));
            }
        }
        Ok(Value::Object(fields))
    }
}

/// `2026-01-02T03:04:05.5Z`.
fn timestamp(time: &chrono::DateTime<chrono::FixedOffset>) -> String {
    let utc = time.to_utc();
    // A leap second is written as the second before.
    let nanos = utc.timestamp_subsec_nanos() % 1_000_000_000;
    format!("{}{}Z", utc.format("%Y-%m-%dT%H:%M:%S"), fraction(nanos))
}

/// `-1.5s`.
fn seconds(duration: &chrono::Duration) -> String {
    let nanos = duration.subsec_nanos();
    let sign = if *duration < chrono::Duration::zero() {
        "-"
    } else {
        ""
    };
    format!(
        "{sign}{}{}s",
        duration.num_seconds().unsigned_abs(),
        fraction(nanos.unsigned_abs())
    )
}

fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        return String::new();
    }
    format!(".{}", format!("{nanos:09}").trim_end_matches('0'))
}
