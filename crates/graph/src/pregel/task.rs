//! Tasks: what a super-step runs.

use super::channel::{InvalidWrite, Written};
use super::checkpoint::{CheckpointId, Fault, Interrupt, Pending, TaskWrite};
use super::definition::Goto;
use super::live::{Live, Path};
use super::{END, Name, PUSH, START, Shared};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::Xxh3;

/// What a task reads.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskInput {
    /// The state.
    State(BTreeMap<Name, Shared>),
    /// A value of its own.
    Arg(Value),
}

impl TaskInput {
    /// A field of the state, or of the value where that is an object.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Self::State(state) => state.get(name).map(AsRef::as_ref),
            Self::Arg(value) => value.get(name),
        }
    }

    /// As one value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::State(state) => {
                let fields = state
                    .iter()
                    .map(|(k, v)| (k.to_string(), v.as_ref().clone()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Self::Arg(value) => value.clone(),
        }
    }
}

/// A node that is to run once.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The same whenever the same checkpoint is run on: a key by which effects are done once.
    pub id: Name,
    /// The node.
    pub name: Name,
    /// Where it comes from.
    pub path: Path,
    /// The channels that had it run.
    pub(crate) triggers: Vec<Name>,
    /// What it reads.
    pub input: TaskInput,
    /// Answers to its questions, of before.
    pub answers: Vec<Value>,
    /// Its place among graphs within graphs: `node:id`, one after the other with `|` between.
    pub namespace: String,
    /// How long it may take, in milliseconds; whoever runs it sees to that.
    pub timeout_ms: Option<u64>,
}

impl Task {
    /// By what its writes are found again: the node, and what it reads.
    pub(crate) fn cache_key(&self) -> String {
        let input = self.input.to_value().to_string();
        hash(&[self.name.as_bytes(), input.as_bytes()]).to_string()
    }

    /// The task of another node that stands in for this one, which failed.
    pub(crate) fn handler(
        &self,
        live: &Live<'_>,
        node: &Name,
        fault: &Fault,
        around: &str,
    ) -> Self {
        let place = namespace(around, node);
        let id = hash(&[self.id.as_bytes(), place.as_bytes(), b"error"]);
        let state = TaskInput::State(live.state()).to_value();
        let error = json!({"kind": fault.kind, "message": fault.message});
        Self {
            namespace: format!("{place}:{id}"),
            id,
            name: node.clone(),
            path: Path::Handler(Box::new(self.path.clone())),
            triggers: Vec::new(),
            input: TaskInput::Arg(json!({"node": self.name, "error": error, "state": state})),
            answers: Vec::new(),
            timeout_ms: live.graph.nodes.get(node).and_then(|n| n.timeout_ms),
        }
    }

    /// With the answers that its questions have had.
    pub(crate) fn answered(mut self, pending: &[Pending]) -> Self {
        let answers = pending.iter().find_map(|p| match &p.write {
            TaskWrite::Resume(answers) if p.task == self.id => Some(answers.clone()),
            _ => None,
        });
        self.answers = answers.unwrap_or_default();
        self
    }
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It ended.
    Done {
        /// What it writes to fields of the state; those that there are not are passed over.
        update: Vec<(Name, Written)>,
        /// Where it goes besides its edges.
        goto: Vec<Goto>,
    },
    /// It ended, and so does the graph that it is in: the graph around goes on where it says.
    ToParent {
        /// What it writes to fields of that graph's state.
        update: Vec<(Name, Written)>,
        /// Nodes of that graph.
        goto: Vec<Goto>,
    },
    /// It asks something, and is to run again when it is answered.
    Asks(Value),
    /// It failed.
    Failed(Fault),
}

/// The questions of a task while it runs: the first is answered with the first answer, and so on.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    answers: Vec<Value>,
    asked: usize,
}

impl Questions {
    pub(crate) const fn of(answers: Vec<Value>) -> Self {
        Self { answers, asked: 0 }
    }

    /// The answer to the next question, or none yet: then the task must end with [`Outcome::Asks`].
    pub fn answer(&mut self) -> Option<Value> {
        let answer = self.answers.get(self.asked).cloned();
        self.asked += usize::from(answer.is_some());
        answer
    }

    /// The answers that were asked for.
    pub(crate) fn answered(&self) -> &[Value] {
        self.answers.get(..self.asked).unwrap_or_default()
    }
}

fn hash(parts: &[&[u8]]) -> Name {
    let mut hasher = Xxh3::new();
    for part in parts {
        hasher.update(part);
        // So that no two lists of parts are one text.
        hasher.update(&[0]);
    }
    format!("{:032x}", hasher.digest128()).into()
}

/// The id of a question of the task in this place, after so many that were answered.
pub(crate) fn interrupt_id(namespace: &str, asked: usize) -> String {
    if asked == 0 {
        return hash(&[namespace.as_bytes()]).to_string();
    }
    hash(&[namespace.as_bytes(), asked.to_string().as_bytes()]).to_string()
}

/// The place of a node's task within graphs around it.
pub(crate) fn namespace(around: &str, node: &str) -> String {
    if around.is_empty() {
        node.to_owned()
    } else {
        format!("{around}|{node}")
    }
}

/// The tasks of the next super-step: those that were sent for, then nodes whose triggers have changed, as they were added.
pub(crate) fn due(
    live: &Live<'_>,
    checkpoint: &CheckpointId,
    step: i64,
    around: &str,
    pending: &[Pending],
) -> Vec<Task> {
    let mut tasks = Vec::new();
    let step = step.to_string();
    let mut add = |name: &Name, path: Path, triggers: Vec<Name>, input: TaskInput| {
        let place = namespace(around, name);
        let index;
        let (kind, rest): (&str, Vec<&[u8]>) = match &path {
            Path::Push(n) => {
                index = n.to_string();
                ("push", vec![index.as_bytes()])
            }
            _ => ("pull", triggers.iter().map(|t| t.as_bytes()).collect()),
        };
        let mut parts: Vec<&[u8]> = vec![
            checkpoint.as_bytes(),
            place.as_bytes(),
            step.as_bytes(),
            name.as_bytes(),
            kind.as_bytes(),
        ];
        parts.extend(rest);
        let id = hash(&parts);
        let task = Task {
            namespace: format!("{place}:{id}"),
            id,
            name: name.clone(),
            path,
            triggers,
            input,
            answers: Vec::new(),
            timeout_ms: live.graph.nodes.get(name).and_then(|n| n.timeout_ms),
        };
        tasks.push(task.answered(pending));
    };
    for (index, send) in live.sends.iter().enumerate() {
        if live.graph.nodes.contains_key(&send.node) {
            let arg = TaskInput::Arg(send.arg.clone());
            add(&send.node, Path::Push(index), vec![PUSH.into()], arg);
        }
    }
    let mut state = None;
    for (name, node) in &live.graph.nodes {
        if !live.is_due(name) {
            continue;
        }
        let input = if name.as_ref() == START {
            TaskInput::Arg(live.input().cloned().unwrap_or_default())
        } else {
            TaskInput::State(state.get_or_insert_with(|| live.state()).clone())
        };
        let triggers = node.triggers.iter().cloned().collect();
        add(name, Path::Pull(name.clone()), triggers, input);
    }
    tasks
}

/// What a task that has ended writes: to the state, then to the triggers of wherever it leads.
///
/// # Errors
/// What the task is at fault for: a router that fails, or a way that is not open to it.
pub(crate) fn writes_of(
    live: &Live<'_>,
    name: &str,
    update: Vec<(Name, Written)>,
    goto: Vec<Goto>,
) -> Result<Vec<TaskWrite>, Fault> {
    let graph = live.graph;
    let mut writes: Vec<TaskWrite> = update
        .into_iter()
        .filter(|(field, _)| graph.fields.contains(field))
        .map(|(field, written)| TaskWrite::Channel(field, written))
        .collect();
    let Some(node) = graph.nodes.get(name) else {
        return Ok(writes);
    };
    let own = writes.len();
    lead(live, goto, &node.destinations, name, &mut writes)?;
    for (channel, value) in &node.edges {
        writes.push(TaskWrite::Channel(channel.clone(), value.clone().into()));
    }
    for branch in &node.branches {
        let state = live
            .fresh(writes.iter().take(own))
            .map_err(|error| invalid(&error))?;
        let goto = (branch.router)(&state)?;
        lead(live, goto, &branch.targets, name, &mut writes)?;
    }
    if writes.is_empty() {
        writes.push(TaskWrite::Nothing);
    }
    Ok(writes)
}

/// Writes that lead to nodes.
fn lead(
    live: &Live<'_>,
    goto: Vec<Goto>,
    open: &std::collections::BTreeSet<Name>,
    from: &str,
    writes: &mut Vec<TaskWrite>,
) -> Result<(), Fault> {
    for to in goto {
        let node = to.node();
        if node.as_ref() == END {
            continue;
        }
        if !live.graph.nodes.contains_key(node) || (!open.is_empty() && !open.contains(node)) {
            return Err(Fault {
                kind: "InvalidGoto".into(),
                message: format!(
                    "`{from}` leads to `{node}`, which is no node that it may lead to"
                ),
                ..Fault::default()
            });
        }
        writes.push(to.into_write());
    }
    Ok(())
}

pub(crate) fn invalid(error: &InvalidWrite) -> Fault {
    Fault {
        kind: "InvalidUpdateError".into(),
        message: error.to_string(),
        ..Fault::default()
    }
}

/// Puts writes of a task to what is pending, as a store does: of results the first word counts, of failures, questions
/// and answers the last.
pub(crate) fn put_writes(pending: &mut Vec<Pending>, task: &Name, writes: &[TaskWrite]) {
    let special = |write: &TaskWrite| !write.is_result();
    if !writes.iter().all(special)
        && pending
            .iter()
            .any(|p| p.task == *task && p.write.is_result())
    {
        // The task has had its say.
        return;
    }
    for write in writes.iter().filter(|w| special(w)) {
        let kind = std::mem::discriminant(write);
        pending.retain(|p| p.task != *task || std::mem::discriminant(&p.write) != kind);
    }
    pending.extend(writes.iter().map(|write| Pending {
        task: task.clone(),
        write: write.clone(),
    }));
    // As stores have it: task by task, answers and questions first.
    let rank = |p: &Pending| match p.write {
        TaskWrite::Resume(_) => 0,
        TaskWrite::Interrupt(_) => 1,
        TaskWrite::Error(_) => 2,
        _ => 3,
    };
    pending.sort_by(|a, b| a.task.cmp(&b.task).then(rank(a).cmp(&rank(b))));
}

/// Questions that nobody has answered, each with its task.
pub(crate) fn open_questions(pending: &[Pending]) -> Vec<(&Name, &Interrupt)> {
    let answers = |task: &Name| {
        let mut of = pending.iter().filter(|p| p.task == *task);
        of.find_map(|p| match &p.write {
            TaskWrite::Resume(answers) => Some(answers.len()),
            _ => None,
        })
    };
    let ended = |task: &Name| {
        pending
            .iter()
            .any(|p| p.task == *task && p.write.is_result())
    };
    pending
        .iter()
        .filter_map(|p| match &p.write {
            TaskWrite::Interrupt(interrupt) => Some((&p.task, interrupt)),
            _ => None,
        })
        .filter(|(task, i)| answers(task).unwrap_or(0) <= i.asked && !ended(task))
        .collect()
}
