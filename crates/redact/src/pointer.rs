//! JSON pointers with a wildcard: where they lead, through JSON texts too.

use crate::json_text;
use crate::walk::Fate;
use serde_json::Value;

/// A parsed pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Any,
    Key(String),
}

impl Pointer {
    /// Parses RFC 6901, with `*` for any one segment.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err("must be empty or begin with `/`");
        };
        rest.split('/')
            .map(token)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Lets `act` decide on every value that the pointer leads to. `depth` is how many JSON texts may still be entered.
    pub(crate) fn apply(
        &self,
        value: &mut Value,
        depth: usize,
        act: &mut dyn FnMut(&mut Value) -> Fate,
    ) -> Fate {
        walk(value, &self.0, depth, act)
    }
}

fn token(segment: &str) -> Result<Token, &'static str> {
    if segment == "*" {
        return Ok(Token::Any);
    }
    let escapes = segment.matches('~').count();
    if escapes != segment.matches("~0").count() + segment.matches("~1").count() {
        return Err("`~` must be followed by `0` or `1`");
    }
    Ok(Token::Key(segment.replace("~1", "/").replace("~0", "~")))
}

fn walk(
    value: &mut Value,
    path: &[Token],
    depth: usize,
    act: &mut dyn FnMut(&mut Value) -> Fate,
) -> Fate {
    let Some((first, rest)) = path.split_first() else {
        return act(value);
    };
    let mut fate = Fate::Kept;
    match value {
        Value::Object(map) => {
            map.retain(|key, item| {
                let hit = match first {
                    Token::Any => true,
                    Token::Key(wanted) => key == wanted,
                };
                if !hit {
                    return true;
                }
                let own = walk(item, rest, depth, act);
                fate.note(own);
                own != Fate::Dropped
            });
        }
        Value::Array(list) => {
            for (index, item) in list.iter_mut().enumerate() {
                let hit = match first {
                    Token::Any => true,
                    Token::Key(wanted) => *wanted == index.to_string(),
                };
                if hit {
                    let own = walk(item, rest, depth, act);
                    fate.note(own);
                    if own == Fate::Dropped {
                        *item = Value::Null;
                    }
                }
            }
        }
        Value::String(text) if depth > 0 => {
            let Some(mut inner) = json_text::parse(text) else {
                return fate;
            };
            let own = walk(&mut inner.value, path, depth - 1, act);
            fate.note(own);
            if fate == Fate::Changed {
                *text = inner.value.to_string();
            }
        }
        _ => {}
    }
    fate
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masked(pointer: &str, mut value: Value) -> Value {
        Pointer::parse(pointer)
            .unwrap()
            .apply(&mut value, 4, &mut |v| {
                *v = json!("X");
                Fate::Changed
            });
        value
    }

    #[test]
    fn leads_to_keys_elements_and_wildcards() {
        let value = json!({"a": {"b": 1, "c/d": 2}, "l": [{"k": 1}, {"k": 2}, 3], "": 4});
        for (pointer, expected) in [
            ("", json!("X")),
            (
                "/a/b",
                json!({"a": {"b": "X", "c/d": 2}, "l": [{"k": 1}, {"k": 2}, 3], "": 4}),
            ),
            (
                "/a/c~1d",
                json!({"a": {"b": 1, "c/d": "X"}, "l": [{"k": 1}, {"k": 2}, 3], "": 4}),
            ),
            (
                "/l/*/k",
                json!({"a": {"b": 1, "c/d": 2}, "l": [{"k": "X"}, {"k": "X"}, 3], "": 4}),
            ),
            (
                "/l/1",
                json!({"a": {"b": 1, "c/d": 2}, "l": [{"k": 1}, "X", 3], "": 4}),
            ),
            (
                "/",
                json!({"a": {"b": 1, "c/d": 2}, "l": [{"k": 1}, {"k": 2}, 3], "": "X"}),
            ),
            ("/l/01", value.clone()),
            ("/none", value.clone()),
        ] {
            assert_eq!(masked(pointer, value.clone()), expected, "{pointer}");
        }
    }

    #[test]
    fn goes_on_in_json_texts() {
        assert_eq!(
            masked("/args/key", json!({"args": "{\"key\": 1, \"n\": [2]}"})),
            json!({"args": "{\"key\":\"X\",\"n\":[2]}"})
        );
        assert_eq!(
            masked("/0", json!("{\"key\": 1}")),
            json!("{\"key\": 1}"),
            "a text in which nothing is found keeps its spaces"
        );
    }

    #[test]
    fn drops_keys_and_empties_elements() {
        let mut value = json!({"a": [1, 2], "b": 3});
        for pointer in ["/a/0", "/b"] {
            Pointer::parse(pointer)
                .unwrap()
                .apply(&mut value, 4, &mut |_| Fate::Dropped);
        }
        assert_eq!(value, json!({"a": [null, 2]}));
    }

    #[test]
    fn refuses_what_is_no_pointer() {
        for bad in ["a", "/~", "/a~2b", "#/a"] {
            assert!(Pointer::parse(bad).is_err(), "{bad}");
        }
        for good in ["", "/", "/~0~1", "/*/a/*", "/~01"] {
            assert!(Pointer::parse(good).is_ok(), "{good}");
        }
    }
}
