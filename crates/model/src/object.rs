//! Objects, and nothing else.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Reads an object. What is derived takes a list of the fields in their order as well, which no schema says.
///
/// # Errors
/// When it is something else, or the object is wrong.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Object(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(deserialize_with = "super::object")]
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Inner {
        a: Option<u32>,
        b: Option<u32>,
    }

    #[test]
    fn a_list_is_no_object() {
        let read = |inner| serde_json::from_value::<Outer>(json!({"inner": inner}));
        let inner = Inner {
            a: Some(1),
            b: None,
        };
        assert_eq!(read(json!({"a": 1})).unwrap(), Outer { inner });
        for wrong in [
            json!([null, null]),
            json!(null),
            json!("a"),
            json!({"c": 1}),
        ] {
            let error = read(wrong.clone()).unwrap_err().to_string();
            assert!(
                error.contains("object") || error.contains("unknown field"),
                "{wrong} {error}"
            );
        }
    }
}
