//! A shop as in tau-bench: orders that can be looked at, cancelled and exchanged, and goals in it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_environment::{
    GoalReport, PartKind, ToolError, call, canonical_hash, check, check_environment, check_goal,
};
use assay_model::{EnvironmentSpec, FieldError, GoalState, Validator};
use serde_json::{Value, json};

fn validate(spec: &EnvironmentSpec) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    check_environment(&mut v, spec);
    v.finish()
}

fn shop() -> EnvironmentSpec {
    let order_id = json!({"type": "string", "pattern": "^#W[0-9]+$"});
    let spec: EnvironmentSpec = serde_json::from_value(json!({
        "state": {
            "orders": {
                "#W1": {"user": "mia", "status": "pending", "items": [{"sku": "a", "price": 20, "n": 2}], "total": 40},
                "#W2": {"user": "mia", "status": "delivered", "items": [{"sku": "b", "price": 5.5, "n": 1}], "total": 5.5},
            },
            "users": {"mia": {"balance": 100, "orders": ["#W1", "#W2"]}},
            "log": [],
        },
        "tools": [
            {
                "name": "get_order", "description": "Shows an order.",
                "parameters": {"type": "object", "properties": {"order_id": order_id}, "required": ["order_id"]},
                "checks": [{"expression": "args.order_id in state.orders", "error": "order not found"}],
                "result": "state.orders[args.order_id]",
            },
            {
                "name": "cancel_order", "description": "Cancels a pending order and refunds it.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "order_id": order_id,
                        "reason": {"type": "string", "enum": ["no longer needed", "ordered by mistake"]},
                    },
                    "required": ["order_id", "reason"], "additionalProperties": false,
                },
                "checks": [
                    {"expression": "args.order_id in state.orders", "error": "order not found"},
                    {"expression": "state.orders[args.order_id].status == 'pending'", "error": "only pending orders can be cancelled"},
                ],
                "changes": [
                    {"path": "/orders/{args.order_id}/status", "value": "'cancelled'"},
                    {"path": "/orders/{args.order_id}/reason", "value": "args.reason"},
                    {
                        "path": "/users/{state.orders[args.order_id].user}/balance",
                        "value": "state.users[state.orders[args.order_id].user].balance + state.orders[args.order_id].total",
                    },
                    {"path": "/log", "append": "{'cancelled': args.order_id, 'was': before.orders[args.order_id].status, 'is': state.orders[args.order_id].status}"},
                ],
                "result": "{'status': state.orders[args.order_id].status, 'balance': state.users[state.orders[args.order_id].user].balance, 'paid': before.users.mia.balance}",
            },
            {
                "name": "set_quantity",
                "parameters": {
                    "type": "object",
                    "properties": {"order_id": order_id, "index": {"type": "integer"}, "n": {"type": "integer", "minimum": 0}},
                    "required": ["order_id", "index", "n"],
                },
                "checks": [{
                    "expression": "args.order_id in state.orders && args.index >= 0 && args.index < size(state.orders[args.order_id].items)",
                    "error": "item not found",
                }],
                "changes": [
                    {"path": "/orders/{args.order_id}/items/{args.index}/n", "when": "args.n > 0", "value": "args.n"},
                    {"path": "/orders/{args.order_id}/items/{args.index}", "when": "args.n == 0", "delete": true},
                    {
                        "path": "/orders/{args.order_id}/total",
                        "value": "sum(state.orders[args.order_id].items.map(i, i.price * i.n))",
                    },
                ],
                "result": "'total ' + string(state.orders[args.order_id].total)",
            },
        ],
    }))
    .unwrap();
    assert_eq!(validate(&spec), Ok(()));
    spec
}

fn goal(value: Value) -> GoalState {
    let goal: GoalState = serde_json::from_value(value).unwrap();
    let mut v = Validator::default();
    check_goal(&mut v, &goal, &shop());
    assert_eq!(v.finish(), Ok(()));
    goal
}

fn cancel() -> Value {
    json!({"order_id": "#W1", "reason": "no longer needed"})
}

#[test]
fn a_call_changes_the_state() {
    let spec = shop();
    let (state, result) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    assert_eq!(
        result,
        Ok(json!({"status": "cancelled", "balance": 140, "paid": 100}))
    );
    let mut expected = spec.initial_state();
    expected["orders"]["#W1"]["status"] = json!("cancelled");
    expected["orders"]["#W1"]["reason"] = json!("no longer needed");
    expected["users"]["mia"]["balance"] = json!(140);
    expected["log"] = json!([{"cancelled": "#W1", "was": "pending", "is": "cancelled"}]);
    assert_eq!(state, expected);
    // A second time the check knows.
    let (after, result) = call(&spec, state.clone(), "cancel_order", &cancel());
    assert_eq!(after, state);
    assert_eq!(
        result,
        Err(ToolError::Check {
            message: "only pending orders can be cancelled".into()
        })
    );
}

#[test]
fn a_call_that_reads_changes_nothing() {
    let spec = shop();
    let (state, result) = call(
        &spec,
        spec.initial_state(),
        "get_order",
        &json!({"order_id": "#W2"}),
    );
    assert_eq!(result.unwrap()["total"], json!(5.5));
    assert_eq!(state, spec.initial_state());
}

#[test]
fn changes_come_one_after_the_other() {
    let spec = shop();
    let set = |n: i64| {
        call(
            &spec,
            spec.initial_state(),
            "set_quantity",
            &json!({"order_id": "#W1", "index": 0, "n": n}),
        )
    };
    let (state, result) = set(3);
    assert_eq!(result, Ok(json!("total 60")));
    assert_eq!(
        state["orders"]["#W1"]["items"],
        json!([{"sku": "a", "price": 20, "n": 3}])
    );
    let (state, result) = set(0);
    assert_eq!(result, Ok(json!("total 0")));
    assert_eq!(state["orders"]["#W1"]["items"], json!([]));
    assert_eq!(state["orders"]["#W1"]["total"], json!(0));
}

#[test]
fn a_failed_call_changes_nothing_and_says_why() {
    let spec = shop();
    for (tool, args, text) in [
        ("fly", json!({}), "there is no tool `fly`"),
        ("get_order", json!({"order_id": "#W9"}), "order not found"),
        (
            "get_order",
            Value::Null,
            "the arguments are wrong: \"order_id\" is a required property",
        ),
        (
            "get_order",
            json!({"order_id": "W1"}),
            "the arguments are wrong: at `/order_id`: \"W1\" does not match \"^#W[0-9]+$\"",
        ),
        (
            "cancel_order",
            json!({"order_id": "#W2", "reason": "no longer needed"}),
            "only pending orders can be cancelled",
        ),
        (
            "set_quantity",
            json!({"order_id": "#W1", "index": 7, "n": 1}),
            "item not found",
        ),
    ] {
        let (state, result) = call(&spec, spec.initial_state(), tool, &args);
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), text, "{tool} {args}");
        assert!(error.is_agents());
        assert_eq!(state, spec.initial_state(), "{tool} {args}");
    }
    for args in [
        json!([]),
        json!("a"),
        json!({"order_id": 1}),
        json!({"order_id": "#W1", "reason": "x", "y": 1}),
    ] {
        let (_, result) = call(&spec, spec.initial_state(), "cancel_order", &args);
        assert!(matches!(result, Err(ToolError::Arguments { .. })), "{args}");
    }
}

#[test]
fn a_fault_of_the_environment_is_not_the_agents() {
    let mut spec = shop();
    spec.tools[1].changes[3].append = Some("state.nowhere".into());
    let (state, result) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    assert_eq!(
        result,
        Err(ToolError::Environment {
            at: "/tools/1/changes/3/append".into(),
            why: "there is no field `nowhere`; `has()` asks for one".into()
        })
    );
    assert!(!result.unwrap_err().is_agents());
    assert_eq!(state, spec.initial_state(), "three changes had been made");
    spec.tools[1].changes[3].append = None;
    let (_, result) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    assert!(matches!(result, Err(ToolError::Environment { at, .. }) if at == "/tools/1/changes/3"));
}

fn report(goal: &GoalState, state: &Value, said: &[&str]) -> GoalReport {
    check(goal, &shop(), state, said).unwrap()
}

#[test]
fn gold_actions_make_the_state_that_is_wanted() {
    let spec = shop();
    let wanted = goal(json!({
        "actions": [
            {"tool": "get_order", "arguments": {"order_id": "#W1"}},
            {"tool": "cancel_order", "arguments": cancel()},
        ],
        "outputs": ["$1,140.00", "#w1"],
    }));
    let (state, _) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    let said = ["Order #W1 is cancelled.", "You now have $1140.00"];
    let reached = report(&wanted, &state, &said);
    assert!(reached.reached, "{reached:?}");
    assert_eq!(
        reached
            .parts
            .iter()
            .map(|p| (p.what, p.at.as_str()))
            .collect::<Vec<_>>(),
        [
            (PartKind::Actions, "/actions"),
            (PartKind::Output, "/outputs/0"),
            (PartKind::Output, "/outputs/1"),
        ]
    );
    // The state is right, but nothing was said; what counts is one message, not all together.
    for said in [&[][..], &["order #W1 is cancelled"], &["$1140", ".00 #w1"]] {
        let missed = report(&wanted, &state, said);
        assert!(
            !missed.reached && missed.parts[0].ok && !missed.parts[1].ok,
            "{said:?}"
        );
        assert_eq!(missed.parts[1].reason, "the agent never said `$1,140.00`");
    }
    // Everything was said, but nothing done.
    let missed = report(&wanted, &spec.initial_state(), &said);
    assert!(!missed.reached && missed.parts[1].ok);
    let part = &missed.parts[0];
    assert_eq!(
        part.reason,
        "the final state differs from the one that the gold actions lead to in 4 places, first at `/log/0`"
    );
    let pointers: Vec<&str> = part.diff.iter().map(|d| d.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/log/0",
            "/orders/#W1/reason",
            "/orders/#W1/status",
            "/users/mia/balance"
        ]
    );
    assert_eq!(part.diff[3].expected, Some(json!(140)));
    assert_eq!(part.diff[3].found, Some(json!(100)));
}

#[test]
fn another_way_to_the_same_state_counts() {
    let spec = shop();
    let wanted = goal(
        json!({"actions": [{"tool": "set_quantity", "arguments": {"order_id": "#W1", "index": 0, "n": 3}}]}),
    );
    let mut state = spec.initial_state();
    for n in [5, 1, 3] {
        let (after, result) = call(
            &spec,
            state,
            "set_quantity",
            &json!({"order_id": "#W1", "index": 0, "n": n}),
        );
        assert!(result.is_ok());
        state = after;
    }
    assert!(report(&wanted, &state, &[]).reached);
    // 60 and 60.0 are the same amount.
    state["orders"]["#W1"]["total"] = json!(60.0);
    assert!(report(&wanted, &state, &[]).reached);
    state["orders"]["#W1"]["total"] = json!(60.5);
    assert!(!report(&wanted, &state, &[]).reached);
}

#[test]
fn no_actions_mean_that_nothing_may_change() {
    let spec = shop();
    let nothing = goal(json!({"actions": []}));
    assert!(report(&nothing, &spec.initial_state(), &[]).reached);
    let (state, _) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    assert!(!report(&nothing, &state, &[]).reached);
}

#[test]
fn states_are_compared_but_for_what_is_ignored() {
    let spec = shop();
    let (state, _) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    let mut wanted = json!({"state": spec.initial_state()});
    wanted["state"]["orders"]["#W1"]["status"] = json!("cancelled");
    wanted["ignore"] = json!(["/orders/*/reason", "/users/*/balance", "/log"]);
    assert!(report(&goal(wanted.clone()), &state, &[]).reached);
    wanted["ignore"] = json!(["/orders/*/reason", "/log"]);
    let missed = report(&goal(wanted), &state, &[]);
    assert!(!missed.reached);
    assert_eq!(missed.parts[0].diff.len(), 1);
    assert_eq!(missed.parts[0].diff[0].pointer, "/users/mia/balance");
}

#[test]
fn assertions_are_about_the_final_state() {
    let spec = shop();
    let (state, _) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
    let wanted = goal(json!({"assertions": [
        {"expression": "state.orders.filter(o, state.orders[o].status == 'cancelled') == ['#W1']"},
        {"expression": "state.users.mia.balance > before.users.mia.balance", "description": "mia was refunded"},
        {"expression": "state.orders['#W1'].reason.startsWith('no')"},
    ]}));
    assert!(report(&wanted, &state, &[]).reached);
    let missed = report(&wanted, &spec.initial_state(), &[]);
    let reasons: Vec<&str> = missed.parts.iter().map(|p| p.reason.as_str()).collect();
    assert_eq!(reasons[1], "it does not hold: mia was refunded");
    assert!(
        reasons[2].contains("there is no field `reason`"),
        "{reasons:?}"
    );
    assert!(missed.parts.iter().all(|p| !p.ok));
}

#[test]
fn a_goal_that_cannot_be_decided_is_no_verdict() {
    let spec = shop();
    for (goal, at) in [
        (json!({}), ""),
        (json!({"actions": [{"tool": "fly"}]}), "/actions/0"),
        (
            json!({"actions": [{"tool": "cancel_order", "arguments": cancel()}, {"tool": "cancel_order", "arguments": cancel()}]}),
            "/actions/1",
        ),
        (
            json!({"assertions": [{"expression": "state.log + 1"}]}),
            "/assertions/0/expression",
        ),
        (
            json!({"assertions": [{"expression": "state.log"}]}),
            "/assertions/0/expression",
        ),
        (
            json!({"assertions": [{"expression": "sttae.log == []"}]}),
            "/assertions/0/expression",
        ),
        (json!({"outputs": ["a"], "ignore": ["x"]}), "/ignore/0"),
    ] {
        let goal: GoalState = serde_json::from_value(goal).unwrap();
        let error = check(&goal, &spec, &spec.initial_state(), &["a"]).unwrap_err();
        assert_eq!(error.at, at, "{error}");
    }
}

#[test]
fn saving_a_goal_tries_its_actions() {
    let spec = shop();
    let fields = |goal: Value| {
        let goal: GoalState = serde_json::from_value(goal).unwrap();
        let mut v = Validator::default();
        v.at("goal", |v| check_goal(v, &goal, &spec));
        v.finish()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|e| e.field)
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(json!({})), ["/goal"]);
    assert_eq!(
        fields(json!({"actions": [{"tool": "get_order"}]})),
        ["/goal/actions/0"]
    );
    assert_eq!(
        fields(json!({
            "assertions": [{"expression": "args.x"}, {"expression": ""}], "outputs": ["ok", " ,"], "ignore": ["a", "/~"],
        })),
        [
            "/goal/ignore/0",
            "/goal/ignore/1",
            "/goal/assertions/0/expression",
            "/goal/assertions/1/expression",
            "/goal/outputs/1",
        ]
    );
}

#[test]
fn tools_are_told_to_models() {
    let spec = shop();
    let tools = spec.definitions();
    assert_eq!(tools.len(), 3);
    assert_eq!(tools[0]["function"]["name"], "get_order");
    assert_eq!(tools[2]["function"]["parameters"], spec.tools[2].parameters);
}

#[test]
fn the_same_calls_make_the_same_hash() {
    let spec = shop();
    let run = || {
        let (state, _) = call(&spec, spec.initial_state(), "cancel_order", &cancel());
        canonical_hash(&state)
    };
    assert_eq!(run(), run());
    assert_ne!(run(), canonical_hash(&spec.initial_state()));
}
