//! From a record to events.

use super::writes::{answers, failure, is_result, question, to};
use super::{Event, EventId, Noted, put};
use crate::compile::{Play, way_key};
use crate::deed::{Act, Part};
use crate::fields::STOP_REASON;
use assay_graph::pregel::{
    Fault, Interrupt, Pending, Questions, Record, Saved, Source, Task, TaskWrite,
};
use assay_model::{Message, MetricResult, Role, Timestamp};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

/// The events of a record. `before` is the record before it; `group` numbers it within its run; `started` is when the run began.
#[must_use]
pub fn tell(
    play: &Play,
    before: Option<&Record>,
    record: &Record,
    group: u64,
    started: Timestamp,
) -> Vec<Event> {
    let mut telling = Telling::new(play, before, record, group, began(before, record, started));
    telling.all(false);
    telling.events
}

/// When the invocation began that wrote a record. It is the same before the record is written, where the run goes on by itself.
pub(super) fn began(
    before: Option<&Record>,
    record: &Record,
    started: Timestamp,
) -> Option<Timestamp> {
    let Some(before) = before else {
        return Some(started);
    };
    match Noted::written(before) {
        Some((at, true, _)) => Some(at),
        // It waited in between.
        _ => {
            let at = record.checkpoints().pop().and_then(|s| time(&s));
            at.or_else(|| Noted::written(record).map(|(at, ..)| at))
        }
    }
}

/// When a checkpoint's invocation began.
fn time(saved: &Saved) -> Option<Timestamp> {
    let at = saved.metadata.more.get("at")?;
    Timestamp::deserialize(at).ok()
}

/// What one record tells.
pub(super) struct Telling<'r> {
    play: &'r Play,
    /// The checkpoints that the record before has.
    known: Vec<Saved>,
    checkpoints: Vec<Saved>,
    notes: Vec<Noted>,
    waits_ms: Option<u64>,
    group: u64,
    began: Option<Timestamp>,
    pub(super) events: Vec<Event>,
}

/// A call that was noted.
struct Call {
    started: Timestamp,
    ended: Timestamp,
    data: Map<String, Value>,
}

impl<'r> Telling<'r> {
    pub(super) fn new(
        play: &'r Play,
        before: Option<&Record>,
        record: &Record,
        group: u64,
        began: Option<Timestamp>,
    ) -> Self {
        Self {
            play,
            known: before.map(Record::checkpoints).unwrap_or_default(),
            checkpoints: record.checkpoints(),
            notes: Noted::all(record),
            waits_ms: Noted::written(record).and_then(|(.., ms)| ms),
            group,
            began,
            events: Vec::new(),
        }
    }

    /// All of it; where the last super-step is `open`, of that one what begins.
    pub(super) fn all(&mut self, open: bool) {
        let checkpoints = std::mem::take(&mut self.checkpoints);
        let newest = self.known.iter().map(|k| k.checkpoint.id.clone()).max();
        for (index, saved) in checkpoints.iter().enumerate() {
            let id = &saved.checkpoint.id;
            let known = self.known.iter().find(|k| k.checkpoint.id == *id).cloned();
            if newest.as_ref().is_none_or(|newest| id > newest) {
                let parent = saved.parent.as_ref();
                let parent = checkpoints
                    .iter()
                    .find(|other| Some(&other.checkpoint.id) == parent);
                self.made(saved, parent);
            }
            let next = checkpoints.get(index + 1);
            let edited = next.is_some_and(|n| {
                n.metadata.source == Some(Source::Update) && n.parent.as_ref() == Some(id)
            });
            if edited || saved.pending.is_empty() {
                // What an edit wrote is told with what it made.
                continue;
            }
            let before = known.map(|k| k.pending).unwrap_or_default();
            self.step(saved, &before, open && next.is_none());
        }
    }

    /// A checkpoint that no super-step has made.
    fn made(&mut self, saved: &Saved, parent: Option<&Saved>) {
        let mut data = Map::new();
        data.insert("checkpoint".into(), json!(saved.checkpoint.id));
        match saved.metadata.source {
            Some(Source::Fork) => {
                let from = saved.metadata.more.get("forked_from");
                put(&mut data, "forked_from", from.cloned().unwrap_or_default());
                self.push("run_forked", time(saved), data);
            }
            Some(Source::Update) => {
                let before = parent.map(|p| &p.checkpoint.values);
                let mut changed = Map::new();
                for (name, value) in &saved.checkpoint.values {
                    let was = before.and_then(|b| b.get(name));
                    if self.play.graph.has_field(name) && was != Some(value) {
                        put(&mut changed, name, value.as_ref().clone());
                    }
                }
                put(&mut data, "changed", Value::Object(changed));
                let at = self.notes.iter().find_map(|note| match note {
                    Noted::Written { at, .. } => Some(*at),
                    Noted::Call { .. } => None,
                });
                self.push("state_edited", at, data);
            }
            _ => {}
        }
    }

    /// A super-step: what begins, then what came of it.
    fn step(&mut self, saved: &Saved, before: &[Pending], open: bool) {
        let due = self.play.graph.due(saved);
        let of = |all: &[Pending], task: &Task| -> Vec<TaskWrite> {
            let of = all.iter().filter(|p| p.task == task.id);
            of.map(|p| p.write.clone()).collect()
        };
        let seen = due.iter().filter(|t| !self.is_hidden(&t.name));
        let seen: Vec<&Task> = seen.collect();
        for task in &seen {
            if of(before, task).is_empty() {
                self.started(task);
            }
        }
        if open {
            return;
        }
        for task in seen {
            let (was, is) = (of(before, task), of(&saved.pending, task));
            self.came_of(task, &was, &is);
        }
    }

    /// Whether a node is there for the engine alone.
    fn is_hidden(&self, node: &str) -> bool {
        node.starts_with("__") || (node.contains(':') && self.play.part(node) == Part::Nothing)
    }

    fn push(&mut self, name: &'static str, at: Option<Timestamp>, data: Map<String, Value>) {
        let n = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        let group = self.group;
        self.events.push(Event {
            id: EventId { group, n },
            name,
            at,
            data,
        });
    }

    /// What is told of a task in every event.
    fn of_task(task: &Task) -> Map<String, Value> {
        let mut data = Map::new();
        data.insert("node".into(), json!(task.name));
        data.insert("task".into(), json!(task.id));
        data
    }

    fn started(&mut self, task: &Task) {
        let part = self.play.part(&task.name);
        let mut data = Self::of_task(task);
        data.insert("part".into(), json!(part.as_str()));
        self.push("node_started", self.began, data);
        if part != Part::Agent {
            return;
        }
        if let Act::Target { messages, .. } = self.play.act(task, &mut Questions::default()) {
            let mut data = Self::of_task(task);
            let asked = messages.last().map(|m| m.content.to_string());
            put(&mut data, "text", json!(asked.unwrap_or_default()));
            self.push("agent_asked", self.began, data);
        }
    }

    fn call(&self, task: &Task) -> Option<Call> {
        self.notes.iter().find_map(|note| match note {
            Noted::Call {
                task: of,
                started,
                ended,
                model,
                usage,
                cost_usd,
            } if *of == task.id => {
                let took = ended.micros().saturating_sub(started.micros());
                let mut data = Map::new();
                data.insert("duration_ms".into(), json!(took as f64 / 1000.0));
                data.extend(model.iter().map(|m| ("model".to_owned(), json!(m))));
                data.extend(usage.iter().map(|u| ("usage".to_owned(), json!(u))));
                data.extend(cost_usd.iter().map(|c| ("cost_usd".to_owned(), json!(c))));
                Some(Call {
                    started: *started,
                    ended: *ended,
                    data,
                })
            }
            _ => None,
        })
    }

    /// What came of a task, as far as the record before did not tell it.
    fn came_of(&mut self, task: &Task, was: &[TaskWrite], is: &[TaskWrite]) {
        let call = self.call(task);
        let at = call.as_ref().map_or(self.began, |c| Some(c.ended));
        let given =
            |all: &[TaskWrite]| -> Vec<Value> { all.iter().find_map(answers).unwrap_or_default() };
        let asked = was.iter().find_map(question);
        for answer in given(is).into_iter().skip(given(was).len()) {
            let mut data = Self::of_task(task);
            let id = asked.as_ref().map(|q| q.id.clone());
            data.insert("question".into(), json!(id));
            put(&mut data, "answer", answer);
            self.push("answered", self.began, data);
        }
        let ended = is.iter().any(is_result) && !was.iter().any(is_result);
        if ended {
            let tries = was.iter().find_map(failure).map_or(0, |f| f.tries);
            self.ended(task, is, tries + 1, call, at);
            return;
        }
        let failed = is.iter().find_map(failure);
        if let Some(fault) = failed.filter(|f| was.iter().find_map(failure).as_ref() != Some(f)) {
            self.failed(task, &fault, call, at);
        }
        let asks = is.iter().find_map(question);
        if let Some(asks) = asks.filter(|q| asked.as_ref() != Some(q)) {
            self.asks(task, asks, at);
        }
    }

    fn failed(&mut self, task: &Task, fault: &Fault, call: Option<Call>, at: Option<Timestamp>) {
        let mut data = Self::of_task(task);
        data.insert("kind".into(), json!(fault.kind));
        put(&mut data, "message", json!(fault.message));
        data.extend(call.map(|c| c.data).unwrap_or_default());
        if fault.tries == 0 {
            self.push("node_failed", at, data);
            return;
        }
        data.insert("try".into(), json!(fault.tries));
        data.insert("wait_ms".into(), json!(self.waits_ms));
        self.push("node_retried", at, data);
    }

    fn asks(&mut self, task: &Task, asks: Interrupt, at: Option<Timestamp>) {
        let mut data = Self::of_task(task);
        data.insert("question".into(), json!(asks.id));
        if let Value::Object(said) = asks.value {
            for (key, value) in said {
                let key = if key == "question" { "text" } else { &key };
                put(&mut data, key, value);
            }
        }
        self.push("waiting", at, data);
    }

    fn ended(
        &mut self,
        task: &Task,
        is: &[TaskWrite],
        tries: u32,
        call: Option<Call>,
        at: Option<Timestamp>,
    ) {
        let part = self.play.part(&task.name);
        let wrote =
            |field: &str| -> Vec<&Value> { is.iter().filter_map(|w| to(w, field)).collect() };
        let messages = wrote("messages").into_iter().flat_map(|list| {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|m| Message::deserialize(m).ok())
        });
        let messages: Vec<Message> = messages.collect();
        let facts = |name: &str| {
            wrote("facts")
                .into_iter()
                .find_map(|f| f.get(name).cloned())
        };
        let (way, stop) = (facts(&way_key(&task.name)), facts(STOP_REASON));
        let scores = wrote("scores").into_iter().flat_map(|list| {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|s| MetricResult::deserialize(s).ok())
        });
        let scores: Vec<MetricResult> = scores.collect();
        // What a task told the agent was told when it began.
        let messages = messages.into_iter();
        for message in messages.filter(|m| part != Part::Agent || m.role != Role::User) {
            self.said(task, message, at);
        }
        if let Some(reason) = stop.filter(|_| part == Part::User) {
            let mut data = Self::of_task(task);
            put(&mut data, "reason", reason);
            self.push("user_stopped", at, data);
        }
        if let Some(way) = way.filter(|_| part == Part::Condition) {
            let mut data = Self::of_task(task);
            data.insert("to".into(), json!(self.leads_to(&task.name, &way)));
            data.insert("way".into(), way);
            self.push("decided", at, data);
        }
        for score in scores {
            self.scored(task, score, at);
        }
        let mut data = Self::of_task(task);
        data.insert("part".into(), json!(part.as_str()));
        data.insert("try".into(), json!(tries));
        if let Some(call) = call {
            data.insert("started".into(), json!(call.started));
            data.extend(call.data);
        }
        self.push("node_finished", at, data);
    }

    fn said(&mut self, task: &Task, message: Message, at: Option<Timestamp>) {
        for tool in message.tool_calls {
            let mut data = Self::of_task(task);
            data.insert("tool".into(), json!(tool.name));
            let mut answered = data.clone();
            put(&mut data, "arguments", tool.input_parameters);
            self.push("tool_called", at, data);
            if let Some(output) = tool.output {
                put(&mut answered, "output", output);
                self.push("tool_answered", at, answered);
            }
        }
        let name = match message.role {
            Role::User => "user_said",
            Role::Assistant => "agent_answered",
            _ => "said",
        };
        let mut data = Self::of_task(task);
        put(&mut data, "text", json!(message.content.as_str()));
        self.push(name, at, data);
    }

    fn scored(&mut self, task: &Task, score: MetricResult, at: Option<Timestamp>) {
        let mut data = Self::of_task(task);
        data.insert("name".into(), json!(score.name));
        data.insert("kind".into(), json!(score.kind));
        data.insert("status".into(), json!(score.status));
        data.insert("score".into(), json!(score.score));
        data.insert("threshold".into(), json!(score.threshold));
        data.insert("severity".into(), json!(score.severity));
        put(&mut data, "reason", json!(score.reason));
        self.push("scored", at, data);
    }

    /// The node to which a way leads.
    fn leads_to(&self, node: &str, way: &Value) -> Option<String> {
        let way = usize::try_from(way.as_u64()?).ok()?;
        let ways = self.play.ways.get(node)?;
        let to = ways.get(way).or_else(|| ways.last())?;
        // A branch arrives before the node in which branches meet.
        let shown = to.split_once(':').filter(|_| self.is_hidden(to));
        Some(shown.map_or_else(|| to.to_string(), |(node, _)| node.to_owned()))
    }
}
