//! What a run does between its newest record and the next one.
//!
//! Nodes that need nobody are run again in memory, on a copy of the newest checkpoint, until one needs somebody. A node's deed is a
//! function of the state, so what is told here is what the next record begins with.

use super::tell::{Telling, began};
use super::writes::is_result;
use super::{Event, Noted};
use crate::compile::Play;
use crate::deed::{Act, Part};
use crate::fields::beginning;
use assay_graph::pregel::{
    Executor, Input, Journal, Name, Options, Outcome, Place, Questions, Record, Records, Saved,
    Task, at_once,
};
use assay_model::Timestamp;
use serde_json::Value;
use std::rc::Rc;

/// Records that are never read: the newest holds all that is needed.
#[derive(Clone, Copy)]
struct Nowhere;

/// A record was asked for.
#[derive(Debug)]
struct NoRecord;

impl Records for Nowhere {
    type Error = NoRecord;

    async fn read(&self, _: &str) -> Result<Record, NoRecord> {
        Err(NoRecord)
    }
}

/// Runs what needs nobody. What needs somebody has begun, and no more.
struct Onlooker<'p>(&'p Play);

impl Executor for Onlooker<'_> {
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        match self.0.act(task, questions) {
            Act::Done(outcome) => outcome,
            _ => Outcome::Asks(Value::Null),
        }
    }
}

/// What goes on after a run's newest record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnderWay {
    /// Its events, as far as they are known.
    pub events: Vec<Event>,
    /// The tasks in which an agent is asked now, also again.
    pub asked: Vec<Asked>,
}

/// A task in which an agent is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The node.
    pub node: Name,
    /// The task's id.
    pub task: Name,
}

/// The tasks after a checkpoint in which an agent is asked, and has not answered.
fn asked(play: &Play, saved: &Saved) -> Vec<Asked> {
    let answered = |task: &Task| {
        let of = saved.pending.iter().filter(|p| p.task == task.id);
        of.map(|p| &p.write).any(is_result)
    };
    let due = play.graph.due(saved).into_iter();
    due.filter(|task| play.part(&task.name) == Part::Agent && !answered(task))
        .map(|task| Asked {
            node: task.name,
            task: task.id,
        })
        .collect()
}

/// What goes on in a run that has begun and whose newest record is this one: the events as far as the record that will follow it in
/// `group` is known to begin with them, and who is asked. `started` is when the run began; `steps` how many super-steps one
/// invocation takes at most.
#[must_use]
pub fn under_way(
    play: &Play,
    newest: Option<&Record>,
    group: u64,
    started: Timestamp,
    steps: u32,
) -> UnderWay {
    let (mut journal, input, taken) = match newest {
        None => {
            let values = beginning(&play.course.item.item, &play.variables);
            (Journal::new(Nowhere), Input::Values(values), 0)
        }
        Some(record) => {
            let goes_on = Noted::written(record).is_some_and(|(_, goes_on, _)| goes_on);
            let last = record.checkpoints().pop();
            let Some(last) = last.filter(|_| goes_on) else {
                return UnderWay::default();
            };
            // Where tasks have had their turn already, none begins anew.
            if !last.pending.is_empty() {
                let asked = asked(play, &last);
                return UnderWay {
                    asked,
                    ..UnderWay::default()
                };
            }
            let journal = Journal::at(Nowhere, String::new(), Rc::new(record.clone()));
            (journal, Input::Nothing, last.metadata.step.unwrap_or(0))
        }
    };
    let taken = u32::try_from(taken).unwrap_or(0);
    let options = Options {
        recursion_limit: play.max_steps.saturating_sub(taken),
        steps: Some(steps),
        waits_outside: true,
        ..Options::default()
    };
    let place = Place::of(&play.course.run_id);
    let mut onlooker = Onlooker(play);
    // How it ends is for the next record to say.
    let _ = at_once(
        play.graph
            .invoke(&mut journal, &mut onlooker, &place, input, &options),
    );
    let Some(record) = journal.record() else {
        return UnderWay::default();
    };
    let last = record.checkpoints().pop();
    let mut telling = Telling::new(
        play,
        newest,
        &record,
        group,
        began(newest, &record, started),
    );
    telling.all(true);
    UnderWay {
        events: telling.events,
        asked: last.map(|last| asked(play, &last)).unwrap_or_default(),
    }
}
