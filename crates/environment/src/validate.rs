//! What is wrong with an environment or a goal, by field.

use crate::call::deeper_than;
use crate::ignore::segments;
use crate::path::Path;
use crate::{MAX_STATE, MAX_STATE_DEPTH, MAX_TOOLS, schema};
use assay_expression::check_expression;
use assay_model::{
    EnvChange, EnvCheck, EnvTool, EnvironmentSpec, GoalAssertion, GoalState, Validator,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const MAX_CHECKS: usize = 30;
const MAX_CHANGES: usize = 50;
const MAX_DESCRIPTION: usize = 4000;
const MAX_PATH: usize = 2000;
const MAX_ACTIONS: usize = 100;
const MAX_ASSERTIONS: usize = 50;
const MAX_OUTPUTS: usize = 50;
const MAX_IGNORED: usize = 100;

fn at_most<T>(v: &mut Validator, field: &str, list: &[T], most: usize) {
    v.require(
        list.len() <= most,
        field,
        format!("must have at most {most} entries"),
    );
}

fn each<T>(v: &mut Validator, field: &str, list: &[T], check: fn(&mut Validator, &T)) {
    v.at(field, |v| {
        for (i, item) in list.iter().enumerate() {
            v.at(i, |v| check(v, item));
        }
    });
}

fn check_state(v: &mut Validator, field: &str, state: &Map<String, Value>) {
    let state = Value::Object(state.clone());
    if deeper_than(&state, MAX_STATE_DEPTH) {
        v.error(field, format!("must nest at most {MAX_STATE_DEPTH} levels"));
    } else {
        v.require(
            state.to_string().len() <= MAX_STATE,
            field,
            format!("must be at most {MAX_STATE} bytes"),
        );
    }
}

/// Adds what is wrong with an environment to `v`.
pub fn check_environment(v: &mut Validator, spec: &EnvironmentSpec) {
    check_state(v, "state", &spec.state);
    v.require(!spec.tools.is_empty(), "tools", "must not be empty");
    at_most(v, "tools", &spec.tools, MAX_TOOLS);
    let mut names = BTreeSet::new();
    v.at("tools", |v| {
        for (i, tool) in spec.tools.iter().enumerate().take(MAX_TOOLS) {
            v.at(i, |v| {
                check_tool(v, tool);
                v.require(names.insert(&tool.name), "name", "is used twice");
            });
        }
    });
}

fn check_tool(v: &mut Validator, tool: &EnvTool) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    v.require(
        (1..=64).contains(&tool.name.len()) && tool.name.bytes().all(plain),
        "name",
        "must be 1 to 64 letters, digits, `_` and `-`",
    );
    v.longest("description", &tool.description, MAX_DESCRIPTION);
    if let Err(why) = schema::compile(&tool.parameters) {
        v.error("parameters", why);
    }
    at_most(v, "checks", &tool.checks, MAX_CHECKS);
    each(v, "checks", &tool.checks, check_condition);
    at_most(v, "changes", &tool.changes, MAX_CHANGES);
    each(v, "changes", &tool.changes, check_change);
    check_expression(v, "result", &tool.result, &["args", "state", "before"]);
}

fn check_condition(v: &mut Validator, check: &EnvCheck) {
    check_expression(v, "expression", &check.expression, &["args", "state"]);
    v.require(!check.error.trim().is_empty(), "error", "must not be empty");
    v.longest("error", &check.error, 1000);
}

fn check_change(v: &mut Validator, change: &EnvChange) {
    let known = ["args", "state", "before"];
    if change.path.len() > MAX_PATH {
        v.longest("path", &change.path, MAX_PATH);
    } else {
        match Path::parse(&change.path) {
            Err(why) => v.error("path", why),
            Ok(path) => {
                for name in path.variables().filter(|name| !known.contains(name)) {
                    v.error("path", format!("there is no variable `{name}` here"));
                }
            }
        }
    }
    for (field, source) in [
        ("when", &change.when),
        ("value", &change.value),
        ("append", &change.append),
    ] {
        if let Some(source) = source {
            check_expression(v, field, source, &known);
        }
    }
    let given = [
        change.value.is_some(),
        change.append.is_some(),
        change.delete,
    ];
    v.require(
        given.into_iter().filter(|given| *given).count() == 1,
        "",
        "must have one of `value`, `append` and `delete`",
    );
}

/// Adds what is wrong with a goal by itself to `v`.
pub(crate) fn goal(v: &mut Validator, goal: &GoalState) {
    v.require(
        goal.state.is_some()
            || goal.actions.is_some()
            || !goal.assertions.is_empty()
            || !goal.outputs.is_empty(),
        "",
        "must have one of `state`, `actions`, `assertions` and `outputs`",
    );
    if let Some(state) = &goal.state {
        check_state(v, "state", state);
    }
    if let Some(actions) = &goal.actions {
        at_most(v, "actions", actions, MAX_ACTIONS);
        each(v, "actions", actions, |v, action| {
            v.name("tool", &action.tool, 64)
        });
    }
    at_most(v, "ignore", &goal.ignore, MAX_IGNORED);
    v.at("ignore", |v| {
        for (i, pointer) in goal.ignore.iter().enumerate().take(MAX_IGNORED) {
            v.longest(&i.to_string(), pointer, 1000);
            if let Err(why) = segments(pointer) {
                v.error(&i.to_string(), why);
            }
        }
    });
    at_most(v, "assertions", &goal.assertions, MAX_ASSERTIONS);
    each(v, "assertions", &goal.assertions, check_assertion);
    at_most(v, "outputs", &goal.outputs, MAX_OUTPUTS);
    v.at("outputs", |v| {
        for (i, output) in goal.outputs.iter().enumerate().take(MAX_OUTPUTS) {
            let bare = output.replace(',', "");
            // Every message holds the empty text.
            v.require(!bare.trim().is_empty(), &i.to_string(), "must not be empty");
            v.longest(&i.to_string(), output, 1000);
        }
    });
}

fn check_assertion(v: &mut Validator, assertion: &GoalAssertion) {
    check_expression(v, "expression", &assertion.expression, &["state", "before"]);
    v.longest("description", &assertion.description, 500);
}
