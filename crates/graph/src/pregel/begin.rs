//! How a run begins, or goes on: what comes from outside.

use super::call::{Command, Executor, Input, Resume, RunError};
use super::checkpoint::{NULL_TASK, Source, TaskWrite};
use super::definition::Goto;
use super::drive::{Invocation, of};
use super::live::{Path, TaskWrites};
use super::store::Store;
use super::task::open_questions;
use super::{END, Name, START};
use serde_json::Value;

impl<S: Store, X: Executor> Invocation<'_, S, X> {
    /// Takes the input.
    pub(super) async fn begin(&mut self, input: Input) -> Result<(), RunError<S::Error>> {
        let is_command = matches!(input, Input::Command(_));
        let answers = matches!(&input, Input::Command(c) if c.resume.is_some());
        let goes_on = !matches!(input, Input::Values(_));
        let resumes = self.live.has_begun() && self.within.resumes.unwrap_or(goes_on);
        let travels = self.replays && !(answers || self.within.resumes == Some(true));
        if travels {
            self.pending
                .retain(|p| !matches!(p.write, TaskWrite::Resume(_)));
        }
        let mut values = None;
        match input {
            Input::Nothing => {}
            Input::Values(map) => values = Some(map),
            Input::Command(command) => self.command(command).await?,
        }
        self.live.hear(&self.pending)?;
        if resumes {
            self.live.go_on();
            let is_fork = matches!(self.metadata.source, Some(Source::Update | Source::Fork));
            if travels && !is_fork {
                self.pending
                    .retain(|p| !matches!(p.write, TaskWrite::Interrupt(_)));
                self.put(Source::Fork).await?;
            }
        } else if let Some(values) = values {
            self.input(Value::Object(values)).await?;
        } else if self.within.resumes.is_none() && !(is_command && self.live.has_begun()) {
            return Err(RunError::NoInput);
        }
        Ok(())
    }

    pub(super) async fn command(&mut self, command: Command) -> Result<(), RunError<S::Error>> {
        let mut writes = Vec::new();
        for to in command.goto {
            // To the end is nowhere; a task that is sent for needs a node.
            if matches!(&to, Goto::Node(node) if node.as_ref() == END) {
                continue;
            }
            self.must_be_node(to.node())?;
            writes.push(to.into_write());
        }
        let mut each = false;
        match command.resume {
            Some(Resume::Each(answers)) => {
                each = true;
                self.answers = answers;
            }
            Some(Resume::One(answer)) => {
                each = true;
                self.answer(answer).await?;
            }
            None => {}
        }
        for (field, written) in command.update {
            if !self.graph.fields.contains(&field) {
                return Err(RunError::Unknown(format!("there is no field `{field}`")));
            }
            writes.push(TaskWrite::Channel(field, written));
        }
        if writes.is_empty() && !each {
            return Err(RunError::NoInput);
        }
        if !writes.is_empty() {
            if !self.live.has_begun() {
                return Err(RunError::NoInput);
            }
            self.keep(&NULL_TASK.into(), writes).await?;
        }
        Ok(())
    }

    /// Answers the only open question. Where there is none, all have had their answers, and this one changes nothing.
    pub(super) async fn answer(&mut self, answer: Value) -> Result<(), RunError<S::Error>> {
        let open = open_questions(&self.pending);
        let (task, id) = match open.as_slice() {
            [] => return Ok(()),
            [(task, interrupt)] => ((*task).clone(), interrupt.id.clone()),
            _ => return Err(RunError::SeveralQuestions),
        };
        let due = self.due();
        let asks_itself = due.iter().find(|t| {
            let within = self
                .graph
                .nodes
                .get(&t.name)
                .is_some_and(|n| n.subgraph.is_some());
            t.id == task && !within
        });
        match asks_itself {
            Some(task) => {
                let mut answers = task.answers.clone();
                answers.push(answer);
                self.keep(&task.id, vec![TaskWrite::Resume(answers)])
                    .await?;
            }
            // A task within, which keeps the answer when it runs.
            None => {
                self.answers.insert(id, answer);
            }
        }
        Ok(())
    }

    pub(super) fn must_be_node(&self, node: &Name) -> Result<(), RunError<S::Error>> {
        if self.graph.nodes.contains_key(node) {
            return Ok(());
        }
        Err(RunError::Unknown(format!("there is no node `{node}`")))
    }

    /// Puts values in at the start. Tasks that had not ended are let go.
    pub(super) async fn input(&mut self, values: Value) -> Result<(), RunError<S::Error>> {
        let due = self.due();
        let write = TaskWrite::Channel(START.into(), values.into());
        let mut tasks: Vec<TaskWrites<'_>> = due.iter().map(|t| of(t, Vec::new())).collect();
        tasks.push(TaskWrites {
            path: Path::Outside,
            name: "__input__",
            triggers: &[],
            writes: vec![&write],
        });
        self.live.apply(tasks)?;
        self.pending.clear();
        self.put(Source::Input).await
    }
}
