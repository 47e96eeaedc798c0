//! The environment of a run while the agent answers: its tools, and what becomes of its state.

use crate::target::Fault;
use assay_environment::{ToolError, call};
use assay_graph::protocol::World;
use assay_llm::ToolOutput;
use assay_model::{EnvTool, EnvironmentSpec, RunErrorKind, ToolCall};
use serde_json::Value;

/// The environment, if the run has one.
pub(crate) struct Place<'a> {
    world: Option<&'a World>,
    state: Value,
    /// Whether the agent has had a tool of it run.
    used: bool,
}

impl<'a> Place<'a> {
    pub(crate) fn new(world: Option<&'a World>) -> Self {
        Self {
            world,
            state: world.map(|w| w.state.clone()).unwrap_or_default(),
            used: false,
        }
    }

    /// The tools that it offers.
    pub(crate) fn tools(&self) -> &'a [EnvTool] {
        self.world.map_or(&[], |w| w.spec.tools.as_slice())
    }

    /// Runs a tool. What the agent did wrong it is told.
    ///
    /// # Errors
    /// A [`Fault`] of the environment itself, which is no fault of the agent's.
    pub(crate) fn run(&mut self, tool: &str, arguments: &Value) -> Result<ToolOutput, Fault> {
        self.used = true;
        Ok(match self.world {
            None => ToolOutput::error("there is no environment"),
            Some(world) => match self.act(&world.spec, tool, arguments)? {
                Ok(result) => ToolOutput::of(result),
                Err(why) => ToolOutput::error(why.to_string()),
            },
        })
    }

    /// Takes over what an agent has done that runs its tools itself: its calls are made here as well, in the order in which it
    /// tells of them. Calls of tools that the environment does not have, and those that it refuses, change nothing.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) fn told(&mut self, calls: &[ToolCall]) -> Result<(), Fault> {
        let Some(world) = self.world.filter(|_| !self.used) else {
            return Ok(());
        };
        for told in calls {
            // What the environment says of a call that was run elsewhere is for nobody.
            let _ = self.act(&world.spec, &told.name, &told.input_parameters)?;
        }
        Ok(())
    }

    fn act(
        &mut self,
        spec: &EnvironmentSpec,
        tool: &str,
        arguments: &Value,
    ) -> Result<Result<Value, ToolError>, Fault> {
        let state = std::mem::take(&mut self.state);
        let (state, result) = call(spec, state, tool, arguments);
        self.state = state;
        match result {
            Err(ToolError::Environment { at, why }) => {
                let message =
                    format!("the environment's tool `{tool}` is at fault, at `{at}`: {why}");
                Err(Fault::new(RunErrorKind::Scenario, message, false))
            }
            result => Ok(result),
        }
    }

    /// The state, if it is not what it was.
    pub(crate) fn changed(self) -> Option<Value> {
        let was = &self.world?.state;
        (self.state != *was).then_some(self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn world() -> World {
        let spec: EnvironmentSpec = serde_json::from_value(json!({
            "state": {"orders": {"A1": "pending"}, "n": 0},
            "tools": [
                {"name": "cancel", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
                    "checks": [{"expression": "args.id in state.orders", "error": "there is no such order"}],
                    "changes": [{"path": "/orders/{args.id}", "value": "'cancelled'"}],
                    "result": "state.orders[args.id]"},
                {"name": "broken", "changes": [{"path": "/n", "value": "1"}], "result": "state.nothing"},
                {"name": "look", "result": "state.orders"},
            ],
        }))
        .unwrap();
        World {
            state: spec.initial_state(),
            spec,
        }
    }

    #[test]
    fn calls_change_the_state_and_refusals_are_told() {
        let world = world();
        let mut place = Place::new(Some(&world));
        assert_eq!(place.tools().len(), 3);
        let output = place.run("cancel", &json!({"id": "A1"})).ok().unwrap();
        assert_eq!(output, ToolOutput::of(json!("cancelled")));
        for (arguments, says) in [
            (json!({"id": "B2"}), "no such order"),
            (json!({}), "arguments are wrong"),
        ] {
            let output = place.run("cancel", &arguments).ok().unwrap();
            assert!(
                output.is_error && output.value.to_string().contains(says),
                "{output:?}"
            );
        }
        let fault = place.run("broken", &json!({})).err().unwrap();
        assert!(fault.into_message().contains("/tools/1/result"));
        assert_eq!(
            place.changed(),
            Some(json!({"orders": {"A1": "cancelled"}, "n": 0}))
        );
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let world = world();
        let mut place = Place::new(Some(&world));
        assert!(place.run("look", &Value::Null).is_ok());
        assert_eq!(place.changed(), None);
        let mut nowhere = Place::new(None);
        assert!(nowhere.run("look", &Value::Null).ok().unwrap().is_error);
        assert_eq!(nowhere.changed(), None);
    }

    #[test]
    fn calls_that_an_agent_ran_itself_are_made_once() {
        let world = world();
        let told = |name: &str, id: &str| ToolCall {
            name: name.into(),
            input_parameters: json!({"id": id}),
            output: None,
        };
        let calls = [
            told("elsewhere", "x"),
            told("cancel", "B2"),
            told("cancel", "A1"),
        ];
        let mut place = Place::new(Some(&world));
        assert!(place.told(&calls).is_ok());
        assert_eq!(
            place.changed().unwrap()["orders"],
            json!({"A1": "cancelled"})
        );
        // Here the platform ran the tools, and the answer tells of the same calls.
        let mut place = Place::new(Some(&world));
        assert!(place.run("look", &Value::Null).is_ok());
        assert!(place.told(&calls).is_ok());
        assert_eq!(place.changed(), None);
    }
}
