//! Items of Langfuse's clients: what is written is read again.

use super::*;

#[track_caller]
fn there_and_back(written: Value) {
    let item: WrittenItem = serde_json::from_value(written.clone()).unwrap();
    let item = item.into_item("k".into());
    assert!(item.validate().is_ok());
    let Value::Object(item) = serde_json::to_value(item).unwrap() else {
        panic!("not an object")
    };
    let found = Found {
        item: Item::new("i", "k", item),
        shadowed: false,
        dataset_id: "d".into(),
        dataset_name: "n".into(),
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
    };
    let shown = found.shown();
    for name in [
        "input",
        "expectedOutput",
        "metadata",
        "status",
        "sourceTraceId",
    ] {
        if let Some(value) = written.get(name) {
            assert_eq!(&shown[name], value, "{name}");
        }
    }
}

#[test]
fn any_json_is_read_as_it_was_written() {
    there_and_back(json!({"datasetName": "n", "input": "hi", "expectedOutput": "1"}));
    there_and_back(json!({"datasetName": "n", "input": {"q": "hi"}, "expectedOutput": 1}));
    there_and_back(json!({"datasetName": "n", "input": [1], "metadata": {"a": 1}}));
    there_and_back(
        json!({"datasetName": "n", "input": "x", "metadata": "text", "status": "ARCHIVED", "sourceTraceId": "t"}),
    );
}
