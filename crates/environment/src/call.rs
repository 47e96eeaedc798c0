//! One call of a tool.

use crate::change::{self, Edit};
use crate::path::{Path, Unresolved};
use crate::schema;

use crate::{MAX_RESULT, MAX_STATE, MAX_STATE_DEPTH};
use assay_expression::{EvaluateError, Expression, Variables};
use assay_model::{EnvChange, EnvTool, EnvironmentSpec, FieldError};
use serde_json::{Value, json};

/// Why a call did nothing. The text is what the agent is told, but for [`ToolError::Environment`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// There is no such tool.
    #[error("there is no tool `{name}`")]
    UnknownTool {
        /// The name that was called.
        name: String,
    },
    /// The arguments are not those of the tool's schema.
    #[error("the arguments are wrong: {}", told(.faults))]
    Arguments {
        /// What is wrong, by JSON pointer into the arguments.
        faults: Vec<FieldError>,
    },
    /// A check does not hold.
    #[error("{message}")]
    Check {
        /// The check's error.
        message: String,
    },
    /// The environment itself is at fault: an expression that has no value, a place that is not there, a limit. No agent can be
    /// blamed for it.
    #[error("the tool failed: {why}")]
    Environment {
        /// JSON pointer into the specification.
        at: String,
        /// What went wrong.
        why: String,
    },
}

impl ToolError {
    /// Whether the agent did something wrong, rather than whoever wrote the environment.
    #[must_use]
    pub const fn is_agents(&self) -> bool {
        !matches!(self, Self::Environment { .. })
    }
}

fn told(faults: &[FieldError]) -> String {
    let texts: Vec<String> = faults
        .iter()
        .map(|fault| match fault.field.as_str() {
            "" => fault.message.clone(),
            field => format!("at `{field}`: {}", fault.message),
        })
        .collect();
    texts.join("; ")
}

/// Calls a tool: the state afterwards, and what the agent gets. `args` may be null, which is no arguments.
///
/// After an error the state is the one that was given.
pub fn call(
    spec: &EnvironmentSpec,
    state: Value,
    tool: &str,
    args: &Value,
) -> (Value, Result<Value, ToolError>) {
    let Some((index, tool)) = spec.tool(tool) else {
        let name = tool.chars().take(100).collect();
        return (state, Err(ToolError::UnknownTool { name }));
    };
    match Call::begin(index, tool, &state, args).and_then(|call| call.run(&state)) {
        Ok((after, result)) => (after, Ok(result)),
        Err(why) => (state, Err(why)),
    }
}

/// A call under way.
struct Call<'a> {
    /// Where the tool stands in the specification.
    index: usize,
    tool: &'a EnvTool,
    variables: Variables,
}

impl<'a> Call<'a> {
    /// Validates the arguments and makes the variables.
    fn begin(
        index: usize,
        tool: &'a EnvTool,
        state: &Value,
        args: &Value,
    ) -> Result<Self, ToolError> {
        let none = json!({});
        let args = if args.is_null() { &none } else { args };
        let mut call = Self {
            index,
            tool,
            variables: Variables::new(),
        };
        let compiled =
            schema::compile(&tool.parameters).map_err(|why| call.fault("parameters", &why))?;
        schema::validate(&compiled, args).map_err(|faults| match faults {
            Some(faults) => ToolError::Arguments { faults },
            None => call.fault("parameters", "a pattern takes too many steps"),
        })?;
        call.variables
            .set("args", args)
            .map_err(|_| ToolError::Arguments {
                faults: vec![FieldError {
                    field: String::new(),
                    message: "nest too deeply".to_owned(),
                }],
            })?;
        call.set("state", state)?;
        Ok(call)
    }

    fn fault(&self, at: &str, why: &str) -> ToolError {
        ToolError::Environment {
            at: format!("/tools/{}/{at}", self.index),
            why: why.to_owned(),
        }
    }

    fn set(&mut self, name: &str, state: &Value) -> Result<(), ToolError> {
        let set = self.variables.set(name, state);
        set.map_err(|why| self.fault("changes", &why.to_string()))
    }

    fn compile(&self, at: &str, source: &str) -> Result<Expression, ToolError> {
        Expression::compile(source).map_err(|why| self.fault(at, &why.to_string()))
    }

    fn evaluate(&self, at: &str, source: &str) -> Result<Value, ToolError> {
        let expression = self.compile(at, source)?;
        let value = expression.evaluate(&self.variables);
        value.map_err(|why| self.fault(at, &why.to_string()))
    }

    fn holds(&self, at: &str, source: &str) -> Result<bool, ToolError> {
        let expression = self.compile(at, source)?;
        let value = expression.evaluate_bool(&self.variables);
        value.map_err(|why| self.fault(at, &why.to_string()))
    }

    fn run(mut self, before: &Value) -> Result<(Value, Value), ToolError> {
        for (i, check) in self.tool.checks.iter().enumerate() {
            if !self.holds(&format!("checks/{i}/expression"), &check.expression)? {
                return Err(ToolError::Check {
                    message: check.error.clone(),
                });
            }
        }
        self.set("before", before)?;
        let mut state = before.clone();
        for (i, change) in self.tool.changes.iter().enumerate() {
            let at = format!("changes/{i}");
            if let Some(when) = &change.when
                && !self.holds(&format!("{at}/when"), when)?
            {
                continue;
            }
            let keys = self.keys(&format!("{at}/path"), &change.path)?;
            let edit = self.edit(&at, change)?;
            change::apply(&mut state, &keys, edit)
                .map_err(|why| self.fault(&format!("{at}/path"), &why))?;
            if deeper_than(&state, MAX_STATE_DEPTH) {
                return Err(self.fault(&at, "the state would nest too deeply"));
            }
            if state.to_string().len() > MAX_STATE {
                return Err(self.fault(&at, "the state would be too large"));
            }
            self.set("state", &state)?;
        }
        let result = self.evaluate("result", &self.tool.result)?;
        if result.to_string().len() > MAX_RESULT {
            return Err(self.fault("result", "it is too large"));
        }
        Ok((state, result))
    }

    fn keys(&self, at: &str, path: &str) -> Result<Vec<String>, ToolError> {
        let path = Path::parse(path).map_err(|why| self.fault(at, &why))?;
        path.resolve(&self.variables).map_err(|why| match why {
            Unresolved::Evaluate(why) => self.fault(at, &why.to_string()),
            Unresolved::NoKey => self.fault(at, "a segment must be a string or a whole number"),
        })
    }

    fn edit(&self, at: &str, change: &EnvChange) -> Result<Edit, ToolError> {
        match (&change.value, &change.append, change.delete) {
            (Some(value), None, false) => {
                Ok(Edit::Set(self.evaluate(&format!("{at}/value"), value)?))
            }
            (None, Some(value), false) => {
                Ok(Edit::Append(self.evaluate(&format!("{at}/append"), value)?))
            }
            (None, None, true) => Ok(Edit::Delete),
            _ => Err(self.fault(at, "must have one of `value`, `append` and `delete`")),
        }
    }
}

/// Whether a value nests deeper than so many levels. Goes no deeper than that itself.
pub(crate) fn deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => {
            levels == 0 || items.iter().any(|item| deeper_than(item, levels - 1))
        }
        Value::Object(fields) => {
            levels == 0 || fields.values().any(|item| deeper_than(item, levels - 1))
        }
        _ => false,
    }
}

/// Whether an expression failed for what the state is like, rather than for how it is written.
pub(crate) const fn is_about_state(error: &EvaluateError) -> bool {
    matches!(
        error,
        EvaluateError::MissingField(_) | EvaluateError::OutOfBounds
    )
}
