//! Rebuilds nested values from flattened keys: `0.message.role`, `0.message.content` → `[{"message": {...}}]`.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Deeper keys keep their rest as one name: no convention nests this far.
const MAX_DEPTH: usize = 24;

#[derive(Default)]
struct Node {
    value: Option<Value>,
    children: BTreeMap<String, Node>,
}

/// The nested value of keys without their prefix. Objects whose keys are all numbers become lists in that order, whatever
/// the gaps. A key that is both a value and a parent keeps its children.
pub(crate) fn rebuild(entries: Vec<(String, Value)>) -> Value {
    let mut root = Node::default();
    for (key, value) in entries {
        let mut node = &mut root;
        for part in key.splitn(MAX_DEPTH, '.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.value = Some(value);
    }
    build(root)
}

fn build(node: Node) -> Value {
    if node.children.is_empty() {
        return node.value.unwrap_or_default();
    }
    let indices: Option<Vec<u32>> = node.children.keys().map(|key| key.parse().ok()).collect();
    match indices {
        Some(indices) => {
            let mut items: Vec<(u32, Node)> = indices
                .into_iter()
                .zip(node.children.into_values())
                .collect();
            items.sort_by_key(|(index, _)| *index);
            Value::Array(items.into_iter().map(|(_, child)| build(child)).collect())
        }
        None => Value::Object(
            node.children
                .into_iter()
                .map(|(key, child)| (key, build(child)))
                .collect::<Map<String, Value>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(entries: &[(&str, Value)], expected: Value) {
        assert_eq!(
            rebuild(
                entries
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), v.clone()))
                    .collect()
            ),
            expected
        );
    }

    #[test]
    fn lists_and_objects() {
        check(&[], Value::Null);
        check(
            &[
                ("0.role", json!("user")),
                ("0.content", json!("hi")),
                ("1.role", json!("assistant")),
            ],
            json!([{"role": "user", "content": "hi"}, {"role": "assistant"}]),
        );
        check(
            &[("10.a", json!(10)), ("2.a", json!(2))],
            json!([{"a": 2}, {"a": 10}]),
        );
        check(&[("4294967295.a", json!(1))], json!([{"a": 1}]));
        check(
            &[("0.a", json!(1)), ("x.a", json!(2))],
            json!({"0": {"a": 1}, "x": {"a": 2}}),
        );
    }

    #[test]
    fn a_million_dots_do_not_recurse() {
        let deep = "a.".repeat(1_000_000);
        let mut value = rebuild(vec![(deep, json!(1))]);
        let mut depth = 0;
        while let Some(inner) = value
            .as_object_mut()
            .and_then(|o| o.values_mut().next())
            .map(Value::take)
        {
            value = inner;
            depth += 1;
        }
        assert_eq!(depth, MAX_DEPTH);
    }
}
