//! Pointers whose segments are computed: `/orders/{args.order_id}/items/{size(state.items) - 1}`.

use crate::ignore::unescape;
use assay_expression::{EvaluateError, Expression, Variables};
use serde_json::Value;

/// The most segments of a path.
const MAX_SEGMENTS: usize = 20;

/// A path, ready to be resolved.
#[derive(Debug)]
pub(crate) struct Path(Vec<Vec<Piece>>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Computed(Box<Expression>),
}

/// Why a path leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    Evaluate(EvaluateError),
    /// What was computed is no key.
    NoKey,
}

impl Path {
    /// # Errors
    /// What is wrong with it, for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('/').ok_or("must begin with `/`")?;
        let mut path = vec![Vec::new()];
        loop {
            let end = rest.find(['/', '{', '}']).unwrap_or(rest.len());
            let (literal, tail) = rest.split_at(end);
            if !literal.is_empty() {
                push(&mut path, Piece::Text(unescape(literal)?));
            }
            let mut characters = tail.chars();
            match characters.next() {
                None => break,
                Some('/') => {
                    path.push(Vec::new());
                    rest = characters.as_str();
                }
                Some('{') => {
                    let (source, after) = braced(characters.as_str())?;
                    let expression = Expression::compile(source).map_err(|why| why.to_string())?;
                    push(&mut path, Piece::Computed(Box::new(expression)));
                    rest = after;
                }
                Some(_) => return Err("has a `}` without its `{`".to_owned()),
            }
        }
        if path.len() > MAX_SEGMENTS {
            return Err(format!("must have at most {MAX_SEGMENTS} segments"));
        }
        Ok(Self(path))
    }

    /// The variables that its segments read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().flat_map(|piece| {
            let expression = match piece {
                Piece::Computed(expression) => Some(expression),
                Piece::Text(_) => None,
            };
            expression.into_iter().flat_map(|e| e.variables())
        })
    }

    /// The keys that it leads along.
    pub(crate) fn resolve(&self, variables: &Variables) -> Result<Vec<String>, Unresolved> {
        let segment = |pieces: &Vec<Piece>| {
            let mut key = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => key.push_str(text),
                    Piece::Computed(expression) => {
                        match expression
                            .evaluate(variables)
                            .map_err(Unresolved::Evaluate)?
                        {
                            Value::String(text) => key.push_str(&text),
                            Value::Number(number) if !number.is_f64() => {
                                key.push_str(&number.to_string());
                            }
                            _ => return Err(Unresolved::NoKey),
                        }
                    }
                }
            }
            Ok(key)
        };
        self.0.iter().map(segment).collect()
    }
}

fn push(path: &mut [Vec<Piece>], piece: Piece) {
    if let Some(segment) = path.last_mut() {
        segment.push(piece);
    }
}

/// What stands before the brace that closes, and what comes after it. Braces within, of maps, come in pairs.
fn braced(text: &str) -> Result<(&str, &str), String> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if let Some(open) = quote {
            if escaped {
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if character == open {
                quote = None;
            }
            continue;
        }
        match character {
            '\'' | '"' => quote = Some(character),
            '{' => depth += 1,
            '}' if depth == 0 => {
                let after = text.get(at + 1..).unwrap_or_default();
                return Ok((text.get(..at).unwrap_or_default(), after));
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    Err("has a `{` without its `}`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolve(path: &str) -> Result<Vec<String>, Unresolved> {
        let mut variables = Variables::new();
        variables
            .set("args", &json!({"id": "a/b~{c}", "n": 2, "x": 1.5}))
            .unwrap();
        Path::parse(path).unwrap().resolve(&variables)
    }

    #[test]
    fn segments_are_computed() {
        for (path, expected) in [
            ("/a/b", vec!["a", "b"]),
            ("/a~1b/~0", vec!["a/b", "~"]),
            ("/o/{args.id}/s", vec!["o", "a/b~{c}", "s"]),
            ("/l/{args.n - 1}", vec!["l", "1"]),
            ("/k-{args.n}-{args.n}", vec!["k-2-2"]),
            ("/{{'a': 'x/y'}['a']}", vec!["x/y"]),
            ("/{'}'}", vec!["}"]),
            ("/", vec![""]),
        ] {
            assert_eq!(resolve(path).unwrap(), expected, "{path}");
        }
        assert_eq!(resolve("/{args.x}"), Err(Unresolved::NoKey));
        assert_eq!(resolve("/{args}"), Err(Unresolved::NoKey));
        assert!(matches!(resolve("/{args.y}"), Err(Unresolved::Evaluate(_))));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let long = "/a".repeat(21);
        for bad in [
            "", "a", "/{", "/}", "/{a", "/{}", "/{a +}", "/~2", "/a}b", "/{'}", &long,
        ] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
        let path = Path::parse("/{args.a}/{state.b}").unwrap();
        assert_eq!(path.variables().collect::<Vec<_>>(), ["args", "state"]);
    }
}
