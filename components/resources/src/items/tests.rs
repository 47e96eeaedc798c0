//! Items: keys, places, and what is said of wrong ones.

use super::*;

fn item(key: Option<&str>) -> DatasetItem {
    DatasetItem {
        key: key.map(str::to_owned),
        input: Some("hello".into()),
        ..DatasetItem::default()
    }
}

#[test]
fn only_what_looks_made_counts() {
    for (key, number) in [
        ("item-7", Some(7)),
        ("item-07", None),
        ("item-+7", None),
        ("item-", None),
        ("items-7", None),
        ("item-99999999999999", None),
    ] {
        assert_eq!(made_number(key), number, "{key}");
    }
}

#[test]
fn keys_are_made_from_places_and_nul_stays_within_text() {
    let mut nul = item(Some("mine"));
    nul.input = Some("a\0b".into());
    let rows = rows(vec![item(None), nul], 10).unwrap();
    assert!(!rows.replace("\\\\u0000", "").contains("\\u0000"));
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    assert_eq!(
        (&rows[0]["key"], &rows[0]["position"]),
        (&json!("item-11"), &json!(11))
    );
    let text: DatasetItem = serde_json::from_str(rows[0]["item"].as_str().unwrap()).unwrap();
    assert_eq!(text.key.as_deref(), Some("item-11"));
    assert_eq!(
        (&rows[1]["key"], &rows[1]["position"]),
        (&json!("mine"), &json!(12))
    );
}

#[test]
fn wrong_items_are_named_by_place() {
    let bad = Items {
        items: vec![item(Some("a")), DatasetItem::default(), item(Some("a"))],
    };
    let fields: Vec<String> = bad
        .validate()
        .unwrap_err()
        .into_iter()
        .map(|e| e.field)
        .collect();
    assert_eq!(fields, ["/items/1/input", "/items/2/key"]);
    assert!(Items { items: Vec::new() }.validate().is_err());
    assert!(
        Items {
            items: vec![item(None); 1001]
        }
        .validate()
        .is_err()
    );
}

#[test]
fn metrics_are_named_by_their_place() {
    let body =
        json!({"items": [{"input": "x"}, {"input": "y", "metrics": [{"kind": "exact_match"}]}]});
    let items: Items = serde_json::from_value(body).unwrap();
    let pointers: Vec<_> = items.metrics().into_iter().map(|l| l.pointer).collect();
    assert_eq!(pointers, ["/items/1/metrics"]);
}
