//! Whatever is sent, in whatever order.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_langfuse::ingestion::{Event, ObservationPatch, fold, parse};
use assay_model::Observation;
use proptest::prelude::*;
use serde_json::{Value, json};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!("2026-11-24T04:20:50Z")),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("input|total|prompt_tokens|[a-z]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Value> {
    let field = prop::sample::select(vec![
        "id",
        "traceId",
        "name",
        "startTime",
        "usage",
        "usageDetails",
        "costDetails",
        "metadata",
        "level",
        "type",
        "tags",
        "value",
        "modelParameters",
        "promptVersion",
        "input",
    ]);
    prop::collection::btree_map(field, any_value(), 0..8)
        .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()))
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(
        names in prop::collection::vec((0_i64..3, any::<bool>(), any::<u8>()), 1..6),
        seed in any::<usize>(),
    ) {
        let patch = |(i, (at, create, n)): (usize, &(i64, bool, u8))| ObservationPatch {
            trace_id: "t".to_owned(),
            id: "o".to_owned(),
            event_id: format!("e{i}"),
            at: assay_model::Timestamp::from_micros(*at),
            create: *create,
            fields: serde_json::from_value(json!({
                "name": n.to_string(), "metadata": {n.to_string(): i, "last": i},
            })).unwrap(),
        };
        let patches: Vec<_> = names.iter().enumerate().map(patch).collect();
        let mut others = patches.clone();
        others.push(patches[seed % patches.len()].clone());
        others.rotate_left(seed % patches.len());
        others.reverse();
        prop_assert_eq!(fold(patches), fold(others));
    }

    #[test]
    fn whatever_is_sent_is_answered(
        events in prop::collection::vec(("(span|generation|trace|score|observation)-create", any_body()), 0..5),
    ) {
        let envelope = |(kind, body): &(String, Value)| {
            json!({"id": "e", "type": kind, "timestamp": "2026-11-24T04:20:50Z", "body": body})
        };
        let list: Vec<Value> = events.iter().map(envelope).collect();
        let entries = parse(json!({"batch": list})).unwrap();
        prop_assert_eq!(entries.len(), events.len());
        for entry in &entries {
            if let Ok(Event::Observation(patch)) = &entry.outcome {
                prop_assert!(patch.fields.values().all(|v| !v.is_null()));
                // Each field that was taken is one of an observation, and fits.
                let read: Result<Observation, _> =
                    serde_json::from_value(Value::Object(patch.fields.clone()));
                prop_assert!(read.is_ok(), "{:?}: {:?}", patch.fields, read);
                let known = json!(Observation::default());
                prop_assert!(patch.fields.keys().all(|k| known.get(k).is_some()));
            }
        }
    }
}
