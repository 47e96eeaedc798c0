//! YAML as JSON, with its aliases, merge keys and nesting bounded: a file of a few hundred bytes can say a billion things.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// Most values that a document may come to, aliases and all.
const MAX_VALUES: usize = 1_000_000;

/// Most bytes of all texts of a document.
const MAX_BYTES: usize = 64 << 20;

/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// Largest document that is read: the parser needs many times its size.
const MAX_TEXT: usize = 8 << 20;

/// The key that takes over what a mapping has that is named by an alias.
const MERGE: &str = "<<";

/// The document as JSON. Keys that are no texts become texts.
///
/// # Errors
/// What is wrong with it, and on which line.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > MAX_TEXT {
        return Err(format!(
            "YAML of more than {} MiB is not read",
            MAX_TEXT >> 20
        ));
    }
    let left = Left {
        values: Cell::new(MAX_VALUES),
        bytes: Cell::new(MAX_BYTES),
    };
    let seed = Seed {
        left: &left,
        depth: 0,
    };
    seed.deserialize(serde_yaml_ng::Deserializer::from_str(text))
        .map_err(|e| fault(&e))
}

fn fault(e: &serde_yaml_ng::Error) -> String {
    let message = e.to_string();
    let message = message
        .rfind(" at line ")
        .and_then(|at| message.get(..at))
        .unwrap_or(&message);
    match e.location() {
        Some(at) => format!("line {}: {message}", at.line()),
        None => message.to_owned(),
    }
}

struct Left {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    left: &'a Left,
    depth: usize,
}

impl<'a> Seed<'a> {
    fn spend<E: Error>(&self, bytes: usize) -> Result<(), E> {
        let values = self.left.values.get().checked_sub(1);
        let bytes = self.left.bytes.get().checked_sub(bytes);
        match (values, bytes) {
            (Some(values), Some(bytes)) => {
                self.left.values.set(values);
                self.left.bytes.set(bytes);
                Ok(())
            }
            _ => Err(E::custom("it comes to more than can be read")),
        }
    }

    fn deeper<E: Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!(
                "it is nested more than {MAX_DEPTH} deep"
            )));
        }
        Ok(Seed {
            left: self.left,
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.spend(0)?;
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        self.spend(0)?;
        Ok(Value::Bool(v))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        self.spend(0)?;
        Ok(v.into())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        self.spend(0)?;
        Ok(v.into())
    }

    fn visit_i128<E: Error>(self, v: i128) -> Result<Value, E> {
        self.visit_string(v.to_string())
    }

    fn visit_u128<E: Error>(self, v: u128) -> Result<Value, E> {
        self.visit_string(v.to_string())
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        self.spend(0)?;
        // JSON has neither infinity nor NaN.
        Ok(Number::from_f64(v).map_or_else(|| Value::String(v.to_string()), Value::Number))
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        self.spend(v.len())?;
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E: Error>(self, v: String) -> Result<Value, E> {
        self.spend(v.len())?;
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let deeper = self.deeper()?;
        let mut out = Vec::new();
        while let Some(value) = seq.next_element_seed(deeper)? {
            out.push(value);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let deeper = self.deeper()?;
        let mut out = Map::new();
        let mut merged = Vec::new();
        while let Some(key) = map.next_key_seed(deeper)? {
            let key = match key {
                Value::String(key) => key,
                Value::Array(_) | Value::Object(_) => {
                    return Err(A::Error::custom("a key must be a text"));
                }
                other => other.to_string(),
            };
            let value = map.next_value_seed(deeper)?;
            if key == MERGE {
                merged.push(value);
            } else if out.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
        }
        for value in merged {
            merge(&mut out, value).map_err(A::Error::custom)?;
        }
        Ok(Value::Object(out))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, _) = data.variant_seed(Seed {
            left: self.left,
            depth: self.depth,
        })?;
        Err(A::Error::custom(format!("the tag {tag} is not known")))
    }
}

/// Takes over what `out` does not say itself.
fn merge(out: &mut Map<String, Value>, value: Value) -> Result<(), String> {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                out.entry(key).or_insert(value);
            }
            Ok(())
        }
        Value::Array(list) => list.into_iter().try_for_each(|one| match one {
            Value::Object(_) => merge(out, one),
            _ => Err("only mappings can be merged".to_owned()),
        }),
        _ => Err("only mappings can be merged".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fails(text: &str, words: &str) {
        let e = parse(text).unwrap_err();
        assert!(e.contains(words), "{e}");
    }

    #[test]
    fn documents() {
        let text = "a: &x {b: 1, c: yes}\nd:\n  <<: *x\n  b: 2\n1: 1.5\ntrue: ~\nn: .nan\nbig: 99999999999999999999\n";
        let expected = json!({
            "a": {"b": 1, "c": "yes"}, "d": {"b": 2, "c": "yes"}, "1": 1.5, "true": null, "n": "NaN",
            "big": "99999999999999999999",
        });
        let mut found = parse(text).unwrap();
        // A number that no integer holds is a float or a text, as the parser has it.
        if found["big"].is_f64() {
            found["big"] = json!("99999999999999999999");
        }
        assert_eq!(found, expected);
        assert_eq!(parse("").unwrap(), Value::Null);
    }

    #[test]
    fn faults_name_the_line() {
        fails("a: 1\nb: [", "line ");
        fails("a: 1\na: 2", "`a` is there twice");
        fails("a: !x 1", "tag");
        // A text all the same: nothing is run.
        assert_eq!(parse("a: !!js/function 'x'").unwrap(), json!({"a": "x"}));
        fails("? [1]\n: 2", "a key must be a text");
        fails("<<: 1", "only mappings");
        fails("a: *b", "unknown anchor");
        fails("a: 1\n---\nb: 2", "more than one document");
    }

    #[test]
    fn what_aliases_come_to_is_bounded() {
        let mut bomb = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n".to_owned();
        for i in 1..9 {
            let one = format!("*a{}", i - 1);
            bomb += &format!("a{i}: &a{i} [{}]\n", [one.as_str(); 9].join(","));
        }
        assert!(parse(&bomb).is_err());
        let long = format!(
            "a: &a {}\nb: [{}]",
            "x".repeat(1 << 20),
            ["*a"; 90].join(",")
        );
        fails(&long, "more than can be read");
        fails(&"[".repeat(10_000), "");
        fails(&format!("{}{}", "[".repeat(80), "]".repeat(80)), "nested");
        fails("a: &a [*a]", "");
    }
}
