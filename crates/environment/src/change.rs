//! One change of the state.

use serde_json::{Map, Value};

/// What is done at a place.
pub(crate) enum Edit {
    Set(Value),
    Append(Value),
    Delete,
}

/// Makes the edit at the place that the keys lead to.
///
/// # Errors
/// Why there is no such place; the state is as it was.
pub(crate) fn apply(state: &mut Value, keys: &[String], edit: Edit) -> Result<(), String> {
    let Some((last, parents)) = keys.split_last() else {
        return Err("the path is empty".to_owned());
    };
    let mut place = state;
    for key in parents {
        place = below(place, key).ok_or_else(|| format!("the state has no `{}`", short(key)))?;
    }
    match place {
        Value::Object(fields) => in_object(fields, last, edit),
        Value::Array(items) => in_list(items, last, edit),
        _ => Err(format!(
            "`{}` is below something that has no fields",
            short(last)
        )),
    }
}

fn below<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => fields.get_mut(key),
        Value::Array(items) => items.get_mut(index(key)?),
        _ => None,
    }
}

/// An index as JSON pointers write it: without leading zeros.
fn index(key: &str) -> Option<usize> {
    let plain = key.bytes().all(|b| b.is_ascii_digit()) && (key == "0" || !key.starts_with('0'));
    plain.then(|| key.parse().ok()).flatten()
}

fn in_object(fields: &mut Map<String, Value>, key: &str, edit: Edit) -> Result<(), String> {
    let missing = || format!("the state has no `{}`", short(key));
    match edit {
        Edit::Set(value) => {
            fields.insert(key.to_owned(), value);
        }
        Edit::Append(value) => append(fields.get_mut(key).ok_or_else(missing)?, key, value)?,
        Edit::Delete => {
            fields.remove(key).ok_or_else(missing)?;
        }
    }
    Ok(())
}

fn in_list(items: &mut Vec<Value>, key: &str, edit: Edit) -> Result<(), String> {
    let missing = || format!("the list has no `{}`", short(key));
    if key == "-" {
        return match edit {
            Edit::Set(value) => {
                items.push(value);
                Ok(())
            }
            Edit::Append(_) | Edit::Delete => Err(missing()),
        };
    }
    let at = index(key)
        .filter(|at| *at < items.len())
        .ok_or_else(missing)?;
    match edit {
        Edit::Set(value) => {
            if let Some(place) = items.get_mut(at) {
                *place = value;
            }
        }
        Edit::Append(value) => append(items.get_mut(at).ok_or_else(missing)?, key, value)?,
        Edit::Delete => {
            items.remove(at);
        }
    }
    Ok(())
}

fn append(place: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match place {
        Value::Array(items) => {
            items.push(value);
            Ok(())
        }
        _ => Err(format!("`{}` is no list to append to", short(key))),
    }
}

fn short(key: &str) -> String {
    key.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn edited(path: &[&str], edit: Edit) -> Result<Value, String> {
        let mut state = json!({"o": {"a": {"s": 1}}, "l": [1, [2], {"x": 3}]});
        let before = state.clone();
        let keys: Vec<String> = path.iter().map(|k| (*k).to_owned()).collect();
        match apply(&mut state, &keys, edit) {
            Ok(()) => Ok(state),
            Err(why) => {
                assert_eq!(state, before, "{path:?}");
                Err(why)
            }
        }
    }

    #[test]
    fn places_are_set_appended_to_and_deleted() {
        let set = || Edit::Set(json!("n"));
        let state = |o: Value, l: Value| json!({"o": o, "l": l});
        let (o, l) = (json!({"a": {"s": 1}}), json!([1, [2], {"x": 3}]));
        for (path, edit, expected) in [
            (
                &["o", "a", "s"][..],
                set(),
                state(json!({"a": {"s": "n"}}), l.clone()),
            ),
            (
                &["o", "b"],
                set(),
                state(json!({"a": {"s": 1}, "b": "n"}), l.clone()),
            ),
            (&["o", "a"], Edit::Delete, state(json!({}), l.clone())),
            (
                &["l", "0"],
                set(),
                state(o.clone(), json!(["n", [2], {"x": 3}])),
            ),
            (
                &["l", "-"],
                set(),
                state(o.clone(), json!([1, [2], {"x": 3}, "n"])),
            ),
            (
                &["l", "2", "x"],
                set(),
                state(o.clone(), json!([1, [2], {"x": "n"}])),
            ),
            (
                &["l"],
                Edit::Append(json!(4)),
                state(o.clone(), json!([1, [2], {"x": 3}, 4])),
            ),
            (
                &["l", "1"],
                Edit::Append(json!(4)),
                state(o.clone(), json!([1, [2, 4], {"x": 3}])),
            ),
            (
                &["l", "0"],
                Edit::Delete,
                state(o.clone(), json!([[2], {"x": 3}])),
            ),
        ] {
            assert_eq!(edited(path, edit), Ok(expected), "{path:?}");
        }
    }

    #[test]
    fn places_that_are_not_there_are_errors() {
        for (path, edit) in [
            (&[][..], Edit::Delete),
            (&["n", "a"], Edit::Set(json!(1))),
            (&["o", "b", "c"], Edit::Set(json!(1))),
            (&["o", "b"], Edit::Delete),
            (&["o", "b"], Edit::Append(json!(1))),
            (&["o", "a"], Edit::Append(json!(1))),
            (&["o", "a", "s", "t"], Edit::Set(json!(1))),
            (&["l", "3"], Edit::Set(json!(1))),
            (&["l", "01"], Edit::Set(json!(1))),
            (&["l", "-1"], Edit::Set(json!(1))),
            (&["l", "-"], Edit::Delete),
            (&["l", "x", "y"], Edit::Set(json!(1))),
            (&["l", "99999999999999999999999"], Edit::Delete),
        ] {
            assert!(edited(path, edit).is_err(), "{path:?}");
        }
    }
}
