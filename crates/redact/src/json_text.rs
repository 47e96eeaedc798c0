//! Strings that are the text of a JSON object or array.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// What a text holds.
pub(crate) struct Parsed {
    /// The last of several values where a key is there twice.
    pub(crate) value: Value,
    /// Whether a key is there twice: then the text holds what the value does not.
    pub(crate) lossy: bool,
}

/// The object or array that `text` is, if it is one.
pub(crate) fn parse(text: &str) -> Option<Parsed> {
    if !looks_like(text) {
        return None;
    }
    let twice = Cell::new(false);
    let mut source = serde_json::Deserializer::from_str(text);
    let value = Reader(&twice).deserialize(&mut source).ok()?;
    source.end().ok()?;
    Some(Parsed {
        value,
        lossy: twice.get(),
    })
}

fn looks_like(text: &str) -> bool {
    let text = text.trim_ascii();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

/// Reads a value, and notes whether a key is there twice.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value::from(n))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        Ok(Value::from(n))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Value, E> {
        Ok(Number::from_f64(n).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.insert(key, entries.next_value_seed(self)?).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_objects_and_arrays_only() {
        for (text, expected) in [
            (" {\"a\": [1, -2, 0.5, null, true, \"\\u0041\"]} ", true),
            ("[]", true),
            ("1", false),
            ("\"{}\"", false),
            ("{a}", false),
            ("[REDACTED:x]", false),
            ("", false),
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.is_some(), expected, "{text}");
            if let Some(parsed) = parsed {
                assert_eq!(
                    parsed.value,
                    serde_json::from_str::<Value>(text).unwrap(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn notices_keys_that_are_there_twice() {
        assert!(parse("[{\"a\": 1, \"a\": 2}]").unwrap().lossy);
        assert!(!parse("[{\"a\": 1}, {\"a\": 2}]").unwrap().lossy);
    }
}
