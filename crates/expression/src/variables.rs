//! What an expression speaks of, and what its evaluation may cost.

use crate::error::EvaluateError;
use crate::fuel::Fuel;
use crate::{DEFAULT_BUDGET, MAX_DEPTH, functions, json};
use cel::{Context, Env};
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// CEL's standard library. It holds functions and types, nothing of a request.
pub(crate) static STANDARD: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

/// Variables by name, with one budget for all evaluations over them.
pub struct Variables {
    context: Context<'static, 'static>,
    fuel: Arc<Fuel>,
}

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variables")
            .field("budget", &self.fuel.left())
            .finish_non_exhaustive()
    }
}

impl Default for Variables {
    fn default() -> Self {
        Self::new()
    }
}

impl Variables {
    /// None, with [`DEFAULT_BUDGET`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_budget(DEFAULT_BUDGET)
    }

    /// None, with a budget in units as [`DEFAULT_BUDGET`] tells.
    #[must_use]
    pub fn with_budget(budget: u64) -> Self {
        let fuel = Arc::new(Fuel::new(budget));
        let mut context = Context::with_env(Arc::clone(&STANDARD));
        // Should the interpreter come to have a function that is added here, then calls of it that do not pay would be the
        // harm; no evaluation at all is none. A test sees that this does not happen.
        let fuel = match functions::install(&mut context, &fuel) {
            Ok(()) => fuel,
            Err(_) => Arc::new(Fuel::new(0)),
        };
        Self { context, fuel }
    }

    /// Gives a variable its value, in place of an earlier one.
    ///
    /// # Errors
    /// [`EvaluateError::TooLarge`] when the value nests deeper than [`MAX_DEPTH`]; the variable stays as it was.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), EvaluateError> {
        let value = json::from_json(value, MAX_DEPTH)?;
        self.context.add_variable_as_val(name, value);
        Ok(())
    }

    /// What is left of the budget.
    #[must_use]
    pub fn budget(&self) -> u64 {
        self.fuel.left()
    }

    pub(crate) const fn context(&self) -> &Context<'static, 'static> {
        &self.context
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.fuel.is_exhausted()
    }
}
