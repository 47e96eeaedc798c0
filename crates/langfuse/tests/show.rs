//! The rules of what is shown: groups of fields, values by type, what stands in for what.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_langfuse::query::{
    ExperimentGroups, ExperimentItemGroups, Groups, ScoreGroups, TraceGroups,
};
use assay_langfuse::score::parse_score;
use assay_langfuse::show::{
    Experiment, ObservationContext, Prices, ScoreContext, TraceContext, cursor_page,
    cursor_page_of, experiment, experiment_item, observation_v2, score_v1, score_v2, score_v3,
    select_trace, trace_row,
};
use assay_model::{ExperimentLink, Observation, Score, ScoreType, Timestamp, Trace};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn observations_of_the_newer_shape() {
    let trace = Trace {
        name: Some("t".to_owned()),
        user_id: Some("u".to_owned()),
        tags: vec!["a".to_owned()],
        public: Some(true),
        ..Trace::default()
    };
    let o = Observation {
        input: json!("{\"a\": 1}"),
        output: json!({"b": 2}),
        metadata: json!({"long": "é".repeat(300), "list": vec![1; 300], "short": 1}),
        start_time: Timestamp::from_micros(0),
        end_time: Some(Timestamp::from_micros(1_500_000)),
        completion_start_time: Some(Timestamp::from_micros(250_000)),
        parent_id: Some("p".to_owned()),
        app_root: true,
        ..Observation::default()
    };
    let context = ObservationContext {
        project_id: "p",
        trace: Some(&trace),
        prices: Prices {
            input: Some(0.000_000_15),
            ..Prices::default()
        },
        ..ObservationContext::default()
    };
    let show = |fields, expand: &[String]| {
        observation_v2(&o, &Groups::parse(fields).unwrap(), expand, &context)
    };
    // The table of the API's reference: `core` in any case, and each group alone.
    let core = [
        "endTime",
        "id",
        "parentObservationId",
        "projectId",
        "startTime",
        "traceId",
        "type",
    ];
    for (group, fields) in [
        ("core", &[] as &[&str]),
        (
            "basic",
            &[
                "bookmarked",
                "environment",
                "isRootObservation",
                "level",
                "name",
                "public",
                "sessionId",
                "statusMessage",
                "userId",
                "version",
            ],
        ),
        ("time", &["completionStartTime", "createdAt", "updatedAt"]),
        ("io", &["input", "output"]),
        ("metadata", &["metadata"]),
        (
            "model",
            &[
                "inputPrice",
                "internalModelId",
                "model",
                "modelId",
                "modelParameters",
                "outputPrice",
                "totalPrice",
            ],
        ),
        (
            "usage",
            &[
                "costDetails",
                "totalCost",
                "usageDetails",
                "usagePricingTierName",
            ],
        ),
        ("prompt", &["promptId", "promptName", "promptVersion"]),
        ("metrics", &["latency", "timeToFirstToken"]),
        ("trace_context", &["release", "tags", "traceName"]),
    ] {
        let mut expected: Vec<&str> = core.iter().chain(fields).copied().collect();
        expected.sort_unstable();
        assert_eq!(keys(&show(Some(group), &[])), expected, "{group}");
    }
    assert_eq!(keys(&show(None, &[])), keys(&show(Some("core,basic"), &[])));

    let all = show(
        Some("basic,io,metadata,model,metrics,trace_context"),
        &["list".to_owned()],
    );
    assert_eq!(all["input"], "{\"a\": 1}");
    assert_eq!(all["output"], "{\"b\":2}");
    assert_eq!(all["metadata"]["long"], "é".repeat(200));
    assert_eq!(all["metadata"]["list"].as_array().unwrap().len(), 300);
    assert_eq!(all["metadata"]["short"], 1);
    let cut = show(Some("metadata"), &[]);
    assert_eq!(cut["metadata"]["list"].as_str().unwrap().len(), 200);
    assert_eq!(all["inputPrice"], "0.00000015");
    assert_eq!(all["outputPrice"], Value::Null);
    assert_eq!(
        (&all["latency"], &all["timeToFirstToken"]),
        (&json!(1.5), &json!(0.25))
    );
    assert_eq!(
        (&all["userId"], &all["public"]),
        (&json!("u"), &json!(true))
    );
    assert_eq!(
        (&all["traceName"], &all["tags"]),
        (&json!("t"), &json!(["a"]))
    );
    assert_eq!(all["isRootObservation"], true);
}

#[test]
fn scores_of_the_newest_shape() {
    let show = |row: Value, fields: &str| {
        let groups = ScoreGroups::parse(Some(fields)).unwrap();
        score_v3(
            &parse_score(row).unwrap(),
            &groups,
            &ScoreContext::default(),
        )
        .unwrap()
    };
    let row = |kind: &str, value: Value| json!({"id": "s", "traceId": "t", "name": "n", "dataType": kind, "value": value});
    for (kind, value, expected) in [
        ("NUMERIC", json!(0.5), json!(0.5)),
        ("BOOLEAN", json!(1.0), json!(true)),
        ("BOOLEAN", json!(false), json!(false)),
        ("CATEGORICAL", json!("x"), json!("x")),
        ("TEXT", json!("x"), json!("x")),
        ("CORRECTION", json!("x"), json!("x")),
    ] {
        assert_eq!(show(row(kind, value), "core")["value"], expected, "{kind}");
    }
    let core = show(row("TEXT", json!("x")), "");
    assert_eq!(core.as_object().unwrap().len(), 10);
    let details = show(row("TEXT", json!("x")), "details,annotation");
    assert_eq!(details["metadata"], json!({}));
    for key in ["comment", "configId", "authorUserId", "queueId"] {
        assert!(
            details.get(key).is_some() && core.get(key).is_none(),
            "{key}"
        );
    }
    for (target, subject) in [
        (
            json!({"traceId": "t", "sessionId": "s"}),
            json!({"kind": "trace", "id": "t"}),
        ),
        (
            json!({"traceId": "t", "observationId": "o"}),
            json!({"kind": "observation", "id": "o", "traceId": "t"}),
        ),
        (
            json!({"sessionId": "s"}),
            json!({"kind": "session", "id": "s"}),
        ),
        (
            json!({"datasetRunId": "r"}),
            json!({"kind": "experiment", "id": "r"}),
        ),
    ] {
        let mut row = target;
        row["name"] = json!("n");
        row["value"] = json!(1);
        assert_eq!(show(row, "subject")["subject"], subject);
    }
}

#[test]
fn scores_that_a_shape_does_not_know() {
    let correction = Score {
        trace_id: "t".to_owned(),
        data_type: ScoreType::Correction,
        string_value: Some("better".to_owned()),
        ..Score::default()
    };
    let context = ScoreContext::default();
    assert_eq!(score_v1(&correction, &context), None);
    let shown = score_v2(&correction, &context).unwrap();
    assert_eq!(
        (&shown["value"], &shown["stringValue"]),
        (&json!(0.0), &json!("better"))
    );
    let of_session = Score {
        session_id: Some("s".to_owned()),
        value: Some(1.0),
        ..Score::default()
    };
    assert_eq!(score_v1(&of_session, &context), None);
    assert_eq!(
        score_v2(&of_session, &context).unwrap()["traceId"],
        Value::Null
    );
    let without_value = Score::default();
    assert_eq!(score_v2(&without_value, &context), None);
    assert_eq!(
        score_v3(&without_value, &ScoreGroups::all(), &context),
        None
    );
    let text = Score {
        data_type: ScoreType::Text,
        string_value: Some("x".to_owned()),
        ..correction
    };
    assert!(score_v2(&text, &context).unwrap().get("value").is_none());
}

#[test]
fn scores_of_a_known_trace_show_some_of_it() {
    let trace = Trace {
        user_id: Some("u".to_owned()),
        ..Trace::default()
    };
    let score = parse_score(json!({"traceId": "t", "name": "n", "value": 1})).unwrap();
    let context = ScoreContext {
        trace: Some(&trace),
        ..ScoreContext::default()
    };
    let expected = json!({"userId": "u", "tags": [], "environment": "default"});
    assert_eq!(score_v2(&score, &context).unwrap()["trace"], expected);
    assert_eq!(score_v1(&score, &context).unwrap().get("trace"), None);
}

#[test]
fn a_root_stands_in_for_what_its_trace_does_not_say() {
    let root = Observation {
        name: "root".to_owned(),
        input: json!("[1]"),
        environment: Some("prod".to_owned()),
        ..Observation::default()
    };
    let context = TraceContext {
        root: Some(&root),
        ..TraceContext::default()
    };
    let shown = trace_row(&Trace::default(), &context);
    assert_eq!(
        (&shown["name"], &shown["input"]),
        (&json!("root"), &json!([1]))
    );
    assert_eq!(shown["environment"], "prod");
    let own = Trace {
        name: Some("own".to_owned()),
        input: json!("q"),
        ..Trace::default()
    };
    let shown = trace_row(&own, &context);
    assert_eq!(
        (&shown["name"], &shown["input"]),
        (&json!("own"), &json!("q"))
    );
}

#[test]
fn traces_by_groups() {
    let ids = ["o".to_owned()];
    let context = TraceContext {
        observation_ids: &ids,
        score_ids: &ids,
        latency_seconds: Some(1.0),
        ..TraceContext::default()
    };
    let row = trace_row(&Trace::default(), &context);
    assert_eq!(select_trace(row.clone(), &TraceGroups::default()), row);
    let core = select_trace(row, &TraceGroups::parse(Some("core,scores")).unwrap());
    assert!(core.get("input").is_none() && core.get("metadata").is_none());
    assert_eq!(
        (&core["observations"], &core["scores"]),
        (&json!([]), &json!(["o"]))
    );
    assert_eq!(
        (&core["latency"], &core["totalCost"]),
        (&json!(-1), &json!(-1))
    );
}

#[test]
fn experiments_and_items() {
    let mut o = Observation {
        id: "root".to_owned(),
        input: json!("{\"q\": 1}"),
        experiment: Some(ExperimentLink {
            id: "x".to_owned(),
            item_version: Some("not a time".to_owned()),
            expected_output: json!({"a": 1}),
            ..ExperimentLink::default()
        }),
        ..Observation::default()
    };
    let core = [
        "endTime",
        "environment",
        "experimentId",
        "experimentItemId",
        "experimentName",
        "id",
        "level",
        "startTime",
        "traceId",
    ];
    let show = |o: &Observation, fields| {
        let groups = ExperimentItemGroups::parse(fields).unwrap();
        experiment_item(o, &groups, vec![json!({"id": "s"})])
    };
    assert_eq!(keys(&show(&o, Some("core")).unwrap()), core);
    let item = show(&o, None).unwrap();
    assert_eq!(item.as_object().unwrap().len(), core.len() + 2);
    assert_eq!(
        (&item["experimentName"], &item["experimentItemId"]),
        (&json!("x"), &json!("root"))
    );
    assert_eq!(item["experimentItemVersion"], Value::Null);
    let all = show(
        &o,
        Some("dataset,io,metadata,itemMetadata,experimentMetadata,scores"),
    )
    .unwrap();
    assert_eq!(
        (&all["input"], &all["expectedOutput"]),
        (&json!("{\"q\": 1}"), &json!("{\"a\":1}"))
    );
    assert_eq!(all["scores"].as_array().unwrap().len(), 1);
    assert_eq!(all.as_object().unwrap().len(), 19);
    o.experiment = None;
    assert_eq!(show(&o, None), None);

    let metadata = json!("m");
    let shown = |fields| {
        let experiment_ = Experiment {
            id: "x",
            name: None,
            description: None,
            dataset_id: Some("d"),
            start_time: Timestamp::default(),
            end_time: Timestamp::default(),
            item_count: 3,
            metadata: &metadata,
        };
        experiment(
            &experiment_,
            &ExperimentGroups::parse(fields).unwrap(),
            Vec::new(),
        )
    };
    assert_eq!(shown(None).as_object().unwrap().len(), 7);
    let all = shown(Some("metadata,scores"));
    assert_eq!(
        (&all["name"], &all["metadata"]),
        (&json!("x"), &json!({"metadata": "m"}))
    );
    assert_eq!(all["scores"], json!([]));
    let page = cursor_page(vec![all], Some("next"));
    assert_eq!(page["meta"]["cursor"], "next");
    assert_eq!(
        cursor_page_of(Vec::new(), None, 50)["meta"],
        json!({"limit": 50, "cursor": null})
    );
}
