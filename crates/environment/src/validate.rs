//! What is wrong with an environment or a goal, by field.

use crate::call::deeper_than;
use crate::ignore::segments;
use crate::path::Path;
use crate::spec::{Assertion, Change, Check, EnvTool, EnvironmentSpec, Goal, GoldAction};
use crate::{MAX_STATE, MAX_STATE_DEPTH, MAX_TOOLS, schema};
use assay_expression::check_expression;
use assay_model::{Validate, Validator};
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

impl Validate for EnvironmentSpec {
    fn check(&self, v: &mut Validator) {
        check_state(v, "state", &self.state);
        v.require(!self.tools.is_empty(), "tools", "must not be empty");
        at_most(v, "tools", &self.tools, MAX_TOOLS);
        let mut names = BTreeSet::new();
        v.at("tools", |v| {
            for (i, tool) in self.tools.iter().enumerate().take(MAX_TOOLS) {
                v.at(i, |v| {
                    tool.check(v);
                    v.require(names.insert(&tool.name), "name", "is used twice");
                });
            }
        });
    }
}

impl Validate for EnvTool {
    fn check(&self, v: &mut Validator) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        v.require(
            (1..=64).contains(&self.name.len()) && self.name.bytes().all(plain),
            "name",
            "must be 1 to 64 letters, digits, `_` and `-`",
        );
        v.longest("description", &self.description, MAX_DESCRIPTION);
        if let Err(why) = schema::compile(&self.parameters) {
            v.error("parameters", why);
        }
        at_most(v, "checks", &self.checks, MAX_CHECKS);
        v.each("checks", &self.checks);
        at_most(v, "changes", &self.changes, MAX_CHANGES);
        v.each("changes", &self.changes);
        check_expression(v, "result", &self.result, &["args", "state", "before"]);
    }
}

impl Validate for Check {
    fn check(&self, v: &mut Validator) {
        check_expression(v, "expression", &self.expression, &["args", "state"]);
        v.require(!self.error.trim().is_empty(), "error", "must not be empty");
        v.longest("error", &self.error, 1000);
    }
}

impl Validate for Change {
    fn check(&self, v: &mut Validator) {
        let known = ["args", "state", "before"];
        if self.path.len() > MAX_PATH {
            v.longest("path", &self.path, MAX_PATH);
        } else {
            match Path::parse(&self.path) {
                Err(why) => v.error("path", why),
                Ok(path) => {
                    for name in path.variables().filter(|name| !known.contains(name)) {
                        v.error("path", format!("there is no variable `{name}` here"));
                    }
                }
            }
        }
        for (field, source) in [
            ("when", &self.when),
            ("value", &self.value),
            ("append", &self.append),
        ] {
            if let Some(source) = source {
                check_expression(v, field, source, &known);
            }
        }
        let given = [self.value.is_some(), self.append.is_some(), self.delete];
        v.require(
            given.into_iter().filter(|given| *given).count() == 1,
            "",
            "must have one of `value`, `append` and `delete`",
        );
    }
}

impl Validate for Goal {
    fn check(&self, v: &mut Validator) {
        v.require(
            self.state.is_some()
                || self.actions.is_some()
                || !self.assertions.is_empty()
                || !self.outputs.is_empty(),
            "",
            "must have one of `state`, `actions`, `assertions` and `outputs`",
        );
        if let Some(state) = &self.state {
            check_state(v, "state", state);
        }
        if let Some(actions) = &self.actions {
            at_most(v, "actions", actions, MAX_ACTIONS);
            v.each("actions", actions);
        }
        at_most(v, "ignore", &self.ignore, MAX_IGNORED);
        v.at("ignore", |v| {
            for (i, pointer) in self.ignore.iter().enumerate().take(MAX_IGNORED) {
                v.longest(&i.to_string(), pointer, 1000);
                if let Err(why) = segments(pointer) {
                    v.error(&i.to_string(), why);
                }
            }
        });
        at_most(v, "assertions", &self.assertions, MAX_ASSERTIONS);
        v.each("assertions", &self.assertions);
        at_most(v, "outputs", &self.outputs, MAX_OUTPUTS);
        v.at("outputs", |v| {
            for (i, output) in self.outputs.iter().enumerate().take(MAX_OUTPUTS) {
                let bare = output.replace(',', "");
                // Every message holds the empty text.
                v.require(!bare.trim().is_empty(), &i.to_string(), "must not be empty");
                v.longest(&i.to_string(), output, 1000);
            }
        });
    }
}

impl Validate for GoldAction {
    fn check(&self, v: &mut Validator) {
        v.name("tool", &self.tool, 64);
    }
}

impl Validate for Assertion {
    fn check(&self, v: &mut Validator) {
        check_expression(v, "expression", &self.expression, &["state", "before"]);
        v.longest("description", &self.description, 500);
    }
}
