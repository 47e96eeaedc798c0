//! An expression, from its text to its result.

use crate::error::{CompileError, EvaluateError};
use crate::json::Writer;
use crate::lower::{Lowered, lower};
use crate::variables::{STANDARD, Variables};
use crate::{MAX_LENGTH, MAX_NESTING, scan};
use cel::common::types::CelBool;
use cel::common::value::{CowVal, Val};
use cel::{IdedExpr, ParseErrors, Value as CelValue};
use serde_json::Value;
use std::collections::BTreeSet;

/// An expression that was compiled.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    tree: IdedExpr,
    variables: BTreeSet<String>,
}

impl Expression {
    /// Compiles a text.
    ///
    /// # Errors
    /// What is wrong with it. No text makes it panic or overflow the stack.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        if source.len() > MAX_LENGTH {
            return Err(CompileError::TooLong { limit: MAX_LENGTH });
        }
        if source.trim().is_empty() {
            return Err(CompileError::Empty);
        }
        if scan::depth(source)? > MAX_NESTING {
            return Err(CompileError::TooDeep { limit: MAX_NESTING });
        }
        let tree = STANDARD.parser().parse(source).map_err(syntax)?;
        let Lowered { tree, variables } = lower(tree)?;
        Ok(Self {
            source: source.to_owned(),
            tree,
            variables,
        })
    }

    /// Its text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The variables that it reads, in order: first names only, `order` of `order.items[0].price`.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// Its value.
    ///
    /// # Errors
    /// Why it has none.
    pub fn evaluate(&self, variables: &Variables) -> Result<Value, EvaluateError> {
        Writer::new().write(self.value(variables)?.as_ref())
    }

    /// Its value, which must be true or false.
    ///
    /// # Errors
    /// [`EvaluateError::NotBool`] when it is neither, or why it has no value.
    pub fn evaluate_bool(&self, variables: &Variables) -> Result<bool, EvaluateError> {
        let value = self.value(variables)?;
        match value.downcast_ref::<CelBool>() {
            Some(truth) => Ok(*truth.inner()),
            None => Err(EvaluateError::NotBool(kind(value.as_ref()))),
        }
    }

    fn value<'a>(&'a self, variables: &'a Variables) -> Result<CowVal<'a, 'static>, EvaluateError> {
        let value = CelValue::resolve_val(&self.tree, variables.context());
        if variables.is_exhausted() {
            return Err(EvaluateError::TooExpensive);
        }
        Ok(value?)
    }
}

/// A type as JSON has it.
fn kind(value: &dyn Val) -> &'static str {
    match value.get_type().name() {
        "int" | "uint" | "double" => "a number",
        "string" | "bytes" => "a string",
        "list" => "a list",
        "map" => "an object",
        "null_type" => "null",
        _ => "something else",
    }
}

/// The first thing that the parser complains of, without its drawing of the place.
fn syntax(errors: ParseErrors) -> CompileError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let message = first.map_or("is not an expression", |error| error.msg.as_str());
    let place = |n: isize| usize::try_from(n).unwrap_or_default().max(1);
    CompileError::Syntax {
        line: place(line),
        column: place(column),
        message: message
            .trim_start_matches("Syntax error: ")
            .chars()
            .take(200)
            .collect(),
    }
}
