//! Whether an agent reached a goal.

use crate::call::{call, is_about_state};
use crate::canonical::canonical_hash;
use crate::diff::{Difference, differences};
use crate::ignore::{segments, without};
use crate::validate;

use assay_expression::{Expression, Variables};
use assay_model::{EnvironmentSpec, FieldError, GoalAssertion, GoalState, GoldAction, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a part of a goal looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// The final state, compared with the one that is written down.
    State,
    /// The final state, compared with the one that the gold actions lead to.
    Actions,
    /// An assertion about the final state.
    Assertion,
    /// Something that the agent had to say.
    Output,
}

/// How one part of a goal came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// What was looked at.
    pub what: PartKind,
    /// JSON pointer into the goal.
    pub at: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Why, in a sentence.
    pub reason: String,
    /// Where states differ: what should be there as `expected`, what the agent left behind as `found`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<Difference>,
}

/// How a goal came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GoalReport {
    /// Whether all parts are as they should be.
    pub reached: bool,
    /// The parts, in the order state, actions, assertions, outputs.
    pub parts: Vec<Part>,
}

/// Why nobody can say whether a goal was reached: it is written wrong, or does not go with its environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the goal cannot be decided, at `{at}`: {why}")]
pub struct GoalError {
    /// JSON pointer into the goal.
    pub at: String,
    /// What is wrong.
    pub why: String,
}

impl GoalError {
    fn new(at: impl Into<String>, why: impl ToString) -> Self {
        Self {
            at: at.into(),
            why: why.to_string(),
        }
    }
}

/// Compares what an agent left behind, and what it said, with a goal. The conversation began with the state of `spec`.
///
/// # Errors
/// [`GoalError`] when the goal cannot be decided; it is no verdict on the agent.
pub fn check(
    goal: &GoalState,
    spec: &EnvironmentSpec,
    final_state: &Value,
    agent_messages: &[&str],
) -> Result<GoalReport, GoalError> {
    let ignored = goal
        .ignore
        .iter()
        .enumerate()
        .map(|(i, pointer)| {
            segments(pointer).map_err(|why| GoalError::new(format!("/ignore/{i}"), why))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut parts = Vec::new();
    if let Some(state) = &goal.state {
        let wanted = Value::Object(state.clone());
        parts.push(compare(PartKind::State, &wanted, final_state, &ignored));
    }
    if let Some(actions) = &goal.actions {
        let wanted = replay(spec, actions)?;
        parts.push(compare(PartKind::Actions, &wanted, final_state, &ignored));
    }
    if !goal.assertions.is_empty() {
        let mut variables = Variables::new();
        let mut set = |name: &str, value: &Value| {
            let set = variables.set(name, value);
            set.map_err(|why| GoalError::new("/assertions", why))
        };
        set("state", final_state)?;
        set("before", &spec.initial_state())?;
        for (i, assertion) in goal.assertions.iter().enumerate() {
            parts.push(assert(&format!("/assertions/{i}"), assertion, &variables)?);
        }
    }
    let said: Vec<String> = agent_messages.iter().map(|text| plain(text)).collect();
    for (i, output) in goal.outputs.iter().enumerate() {
        parts.push(output_part(format!("/outputs/{i}"), output, &said));
    }
    if parts.is_empty() {
        return Err(GoalError::new("", "it has no parts"));
    }
    Ok(GoalReport {
        reached: parts.iter().all(|part| part.ok),
        parts,
    })
}

/// The state after the gold actions, from a fresh copy.
fn replay(spec: &EnvironmentSpec, actions: &[GoldAction]) -> Result<Value, GoalError> {
    let mut state = spec.initial_state();
    for (i, action) in actions.iter().enumerate() {
        let arguments = Value::Object(action.arguments.clone());
        let (after, result) = call(spec, state, &action.tool, &arguments);
        if let Err(why) = result {
            return Err(GoalError::new(
                format!("/actions/{i}"),
                format!("`{}` fails: {why}", action.tool),
            ));
        }
        state = after;
    }
    Ok(state)
}

fn compare(what: PartKind, wanted: &Value, found: &Value, ignored: &[Vec<String>]) -> Part {
    let wanted = without(wanted.clone(), ignored);
    let found = without(found.clone(), ignored);
    let ok = canonical_hash(&wanted) == canonical_hash(&found);
    let diff = if ok {
        Vec::new()
    } else {
        differences(&wanted, &found)
    };
    let (at, other) = match what {
        PartKind::State => ("/state", "the wanted one"),
        _ => ("/actions", "the one that the gold actions lead to"),
    };
    let reason = match diff.first() {
        None => format!("the final state is {other}"),
        Some(first) => format!(
            "the final state differs from {other} in {} places, first at `{}`",
            diff.len(),
            first.pointer
        ),
    };
    Part {
        what,
        at: at.to_owned(),
        ok,
        reason,
        diff,
    }
}

fn assert(at: &str, assertion: &GoalAssertion, variables: &Variables) -> Result<Part, GoalError> {
    let at = format!("{at}/expression");
    let expression =
        Expression::compile(&assertion.expression).map_err(|why| GoalError::new(&at, why))?;
    let name = if assertion.description.is_empty() {
        &assertion.expression
    } else {
        &assertion.description
    };
    let (ok, reason) = match expression.evaluate_bool(variables) {
        Ok(true) => (true, format!("it holds: {name}")),
        Ok(false) => (false, format!("it does not hold: {name}")),
        // What it speaks of is not in the state that the agent left behind.
        Err(why) if is_about_state(&why) => (false, format!("it does not hold: {name} ({why})")),
        Err(why) => return Err(GoalError::new(at, why)),
    };
    Ok(Part {
        what: PartKind::Assertion,
        at,
        ok,
        reason,
        diff: Vec::new(),
    })
}

/// Without commas, which thousands have or have not, and in lower case.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(',', "")
}

fn output_part(at: String, output: &str, said: &[String]) -> Part {
    let wanted = plain(output);
    let ok = said.iter().any(|message| message.contains(&wanted));
    let reason = if ok {
        format!("the agent said `{output}`")
    } else {
        format!("the agent never said `{output}`")
    };
    Part {
        what: PartKind::Output,
        at,
        ok,
        reason,
        diff: Vec::new(),
    }
}

/// Adds what is wrong with a goal to `v`, also with respect to its environment: gold actions are tried out.
pub fn check_goal(v: &mut Validator, goal: &GoalState, spec: &EnvironmentSpec) {
    let mut alone = Validator::default();
    validate::goal(&mut alone, goal);
    if let Err(errors) = alone.finish() {
        v.pointers(errors);
        return;
    }
    if let Some(actions) = &goal.actions
        && let Err(GoalError { at, why }) = replay(spec, actions)
    {
        v.pointers(vec![FieldError {
            field: at,
            message: why,
        }]);
    }
}
