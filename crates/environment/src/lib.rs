//! A stateful world for agents that use tools, and whether an agent reached a goal in it: no I/O, no clock, no randomness.
//!
//! Environments and goals are data of `assay_model`; this crate says what they mean and what is wrong with them.
//!
//! An [`EnvironmentSpec`](assay_model::EnvironmentSpec) is data: a state, which is a JSON object, and tools. [`call`] does what one call of a tool does, in
//! the order of its [`EnvTool`](assay_model::EnvTool): the arguments are validated by the tool's JSON Schema, each check must hold, changes are
//! made one after the other, and a result is computed. A call that fails at any point changes nothing.
//!
//! Expressions are CEL, as `assay_expression` has it. They know `args` and `state`; changes and results also `before`, the
//! state as the call found it. In a change `state` is what the changes before it have made of it; in a result it is what all
//! have.
//!
//! A [`GoalState`](assay_model::GoalState) is reached when all its parts are ([`check`]): the final state is the wanted one, or the one that the gold
//! actions lead to from a fresh copy (as in tau-bench); assertions about it hold; the agent has said what it had to say.
//! A goal that cannot be decided is an error and never a score ([`GoalError`]).

mod call;
mod canonical;
mod change;
mod diff;
mod goal;
mod ignore;
mod path;
mod schema;
mod validate;

pub use call::{ToolError, call};
pub use canonical::{canonical_hash, canonical_json};
pub use diff::{Difference, differences};
pub use goal::{GoalError, GoalReport, Part, PartKind, check, check_goal};
pub use validate::check_environment;

/// The largest state, in bytes of JSON.
pub const MAX_STATE: usize = 1 << 20;
/// How deep a state may nest.
pub const MAX_STATE_DEPTH: usize = 64;
/// The largest result of a tool, in bytes of JSON: a model has to read it.
pub const MAX_RESULT: usize = 256 << 10;
/// The most tools of an environment.
pub const MAX_TOOLS: usize = 100;
