//! What is wrong with a graph is said with its node, before anything runs.

use super::conversation::talk;
use super::{asks, binary, leads, play, spec, task, two, worth};
use assay_model::{MetricStatus, TestCase};
use serde_json::{Value, json};

#[track_caller]
pub(super) fn refused(kind: &str, nodes: &Value, expected: &[(&str, &str)]) {
    let spec = spec(kind, nodes, false);
    let found = crate::check_spec(&spec).expect_err("the graph is taken");
    for (field, message) in expected {
        let field = format!("/params/dag/nodes{field}");
        assert!(
            found
                .iter()
                .any(|fault| fault.field == field && fault.message.contains(message)),
            "{field} {message} {found:?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
    let whole = TestCase {
        scenario: Some("s".into()),
        ..talk(4)
    };
    let (result, asked) = play(&spec, &whole, &[]);
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
    assert!(
        result.reason.starts_with("the graph is wrong: "),
        "{}",
        result.reason
    );
    assert!(asked.is_empty());
}

fn changed(node: &str, to: Value) -> Value {
    let mut nodes = two();
    nodes[node] = to;
    nodes
}

#[test]
fn faults_name_the_node() {
    let first = |children: &[&str]| changed("first", binary("c1", children));
    refused(
        "dag",
        &first(&["y", "gone"]),
        &[
            ("/first/children", "`gone`, which is no node"),
            ("/first/children", "one verdict that is true"),
            ("/n", "exactly one judgement"),
        ],
    );
    refused(
        "dag",
        &first(&["y", "n", "good"]),
        &[
            ("/first/children", "one verdict that is true"),
            ("/good", "exactly one judgement"),
        ],
    );
    refused(
        "dag",
        &changed("n", worth(true, 0.0)),
        &[("/first/children", "one verdict that is true")],
    );
    refused(
        "dag",
        &changed("fair", worth("good", 1.0)),
        &[("/second/children", "\"good\" twice")],
    );
    refused(
        "dag",
        &changed("fair", worth(true, 1.0)),
        &[("/second/children", "texts")],
    );
    refused(
        "dag",
        &changed("y", leads(true, "gone")),
        &[
            ("/y/child", "`gone`, which is no node"),
            ("/second", "begins"),
            ("/first", "begins"),
        ],
    );
    refused(
        "dag",
        &changed("y", leads(true, "n")),
        &[
            ("/y/child", "another verdict"),
            ("/n", "exactly one judgement"),
            ("/second", "begins"),
            ("/first", "begins"),
        ],
    );
    refused(
        "dag",
        &changed("good", leads("good", "first")),
        &[("/first", "cycle")],
    );
    refused(
        "dag",
        &changed("t", task("all", &["n"])),
        &[
            ("/t/children", "must not name the verdict `n`"),
            ("/n", "exactly one judgement"),
            ("/first", "begins"),
        ],
    );
    let both = json!({"type": "VerdictNode", "verdict": "fair", "score": 1, "child": {"type": "node", "ref": "first"}});
    refused(
        "dag",
        &changed("fair", both),
        &[("/fair", "not both"), ("/fair", "cycle")],
    );
    refused(
        "dag",
        &changed("fair", json!({"type": "VerdictNode", "verdict": "fair"})),
        &[("/fair", "a `score` or a `child`")],
    );
    let mut blind = two();
    blind["first"]["evaluation_params"] = json!([]);
    refused(
        "dag",
        &blind,
        &[("/first/evaluation_params", "shown nothing")],
    );
    let mut graph = two();
    graph["fair"] = asks("fair", json!({"kind": "contains"}));
    let found = crate::check_spec(&spec("dag", &graph, false)).unwrap_err();
    assert_eq!(
        found[0].field,
        "/params/dag/nodes/fair/child/metric/params/values"
    );
}

#[test]
fn what_the_schema_refuses_is_named_too() {
    let check = |kind: &str, nodes: &Value, expected: &[&str]| {
        let found = crate::check_spec(&spec(kind, nodes, false))
            .err()
            .unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, expected, "{found:?}");
    };
    let at = |field: &str| format!("/params/dag/nodes{field}");
    check("dag", &json!({}), &[&at("")]);
    check(
        "dag",
        &changed("fair", worth("fair", 10.5)),
        &[&at("/fair/score")],
    );
    check(
        "dag",
        &changed("fair", json!({"type": "Leaf"})),
        &[&at("/fair/type")],
    );
    check("dag", &changed("fair", json!({})), &[&at("/fair/type")]);
    let mut odd = two();
    odd["first"]["evaluation_params"] = json!(["mood"]);
    odd["second"]["more"] = json!(1);
    check(
        "dag",
        &odd,
        &[&at("/first/evaluation_params/0"), &at("/second/more")],
    );
    let mut window = two();
    window["first"]["turn_window"] = json!([0, 1]);
    check("dag", &window, &[&at("/first/turn_window")]);
    let dag = json!({"kind": "dag", "params": {}});
    check(
        "dag",
        &changed("fair", asks("fair", dag)),
        &[&at("/fair/child/metric/kind")],
    );
    let many: serde_json::Map<String, Value> =
        (0..101).map(|n| (n.to_string(), worth("x", 1.0))).collect();
    check("dag", &json!(many), &[&at("")]);
}
