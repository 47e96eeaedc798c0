//! What turns one JSON value into another, as JSON Patch (RFC 6902).

use assay_model::PatchOperation;
use serde_json::Value;

/// The operations that turn `from` into `to`. Lists are compared place by place.
pub(crate) fn diff(from: &Value, to: &Value) -> Vec<PatchOperation> {
    let mut all = Vec::new();
    walk("", from, to, &mut all);
    all
}

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn walk(path: &str, from: &Value, to: &Value, all: &mut Vec<PatchOperation>) {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => {
            for name in from.keys().filter(|name| !to.contains_key(*name)) {
                all.push(PatchOperation::Remove {
                    path: below(path, name),
                });
            }
            for (name, value) in to {
                match from.get(name) {
                    Some(old) => walk(&below(path, name), old, value, all),
                    None => all.push(PatchOperation::Add {
                        path: below(path, name),
                        value: value.clone(),
                    }),
                }
            }
        }
        (Value::Array(from), Value::Array(to)) => {
            for (i, (old, new)) in from.iter().zip(to).enumerate() {
                walk(&format!("{path}/{i}"), old, new, all);
            }
            // From the end, so that places before stay what they are.
            for i in (to.len()..from.len()).rev() {
                all.push(PatchOperation::Remove {
                    path: format!("{path}/{i}"),
                });
            }
            for value in to.iter().skip(from.len()) {
                all.push(PatchOperation::Add {
                    path: format!("{path}/-"),
                    value: value.clone(),
                });
            }
        }
        _ if from == to => {}
        _ => all.push(PatchOperation::Replace {
            path: path.to_owned(),
            value: to.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 6902 as far as [`diff`] uses it, written apart from it.
    fn apply(mut doc: Value, patch: &[PatchOperation]) -> Value {
        for operation in patch {
            let (path, value) = match operation {
                PatchOperation::Add { path, value } | PatchOperation::Replace { path, value } => {
                    (path, Some(value.clone()))
                }
                PatchOperation::Remove { path } => (path, None),
            };
            if path.is_empty() {
                doc = value.unwrap();
                continue;
            }
            let (parent, last) = path.rsplit_once('/').unwrap();
            let last = last.replace("~1", "/").replace("~0", "~");
            match (doc.pointer_mut(parent).unwrap(), operation) {
                (Value::Object(map), PatchOperation::Remove { .. }) => {
                    assert!(map.remove(&last).is_some());
                }
                (Value::Object(map), PatchOperation::Add { .. }) => {
                    assert!(map.insert(last, value.unwrap()).is_none());
                }
                (Value::Object(map), PatchOperation::Replace { .. }) => {
                    assert!(map.insert(last, value.unwrap()).is_some());
                }
                (Value::Array(list), PatchOperation::Remove { .. }) => {
                    list.remove(last.parse().unwrap());
                }
                (Value::Array(list), PatchOperation::Add { .. }) => {
                    assert_eq!(last, "-");
                    list.push(value.unwrap());
                }
                (Value::Array(list), PatchOperation::Replace { .. }) => {
                    list[last.parse::<usize>().unwrap()] = value.unwrap();
                }
                _ => panic!("{operation:?}"),
            }
        }
        doc
    }

    #[test]
    fn a_patch_leads_from_one_to_the_other() {
        let all = [
            json!({}),
            json!({"a": 1}),
            json!({"a": 1, "b": [1, 2, 3]}),
            json!({"a": {"x/y": 1, "m~n": [true]}, "b": [3]}),
            json!({"a": {"x/y": 2, "m~n": []}, "b": [1, {"c": null}, 3, 4]}),
            json!({"a": [], "b": null}),
            json!([1]),
            json!("text"),
        ];
        for from in &all {
            for to in &all {
                let patch = diff(from, to);
                assert_eq!(
                    &apply(from.clone(), &patch),
                    to,
                    "{from} to {to}: {patch:?}"
                );
                assert_eq!(patch.is_empty(), from == to);
            }
        }
    }

    #[test]
    fn operations_look_as_the_rfc_says() {
        let patch = diff(&json!({"a": 1, "b": 2}), &json!({"a": 3, "c": 4}));
        assert_eq!(
            serde_json::to_value(patch).unwrap(),
            json!([
                {"op": "remove", "path": "/b"},
                {"op": "replace", "path": "/a", "value": 3},
                {"op": "add", "path": "/c", "value": 4}
            ])
        );
    }
}
