//! Reads graphs of the program that Assay replaces: its nodes and edges as the editor there saves, exports and generates them.
//!
//! A node of the source becomes no, one or several nodes here; then the graph is given a shape that is valid. What has no
//! counterpart, or not for certain, becomes a note that says what was done instead. Nothing is dropped silently.
//!
//! | there | here |
//! |---|---|
//! | `start`, `end`, `wait`, `trigger`, `tool` | the same |
//! | `persona` | the scenario's persona, and `persona_turn` where it stands in the flow |
//! | `task` | `persona_turn` and `target_call` after a persona, which says it in its own words; else `task`, word for word |
//! | `condition` | `condition`, whose edge for `false` is the one without `when` |
//! | `expectation` | one `expectation` for each metric |
//! | `code` | `code`, if it is one assignment that comes to the same in CEL; host code is never run |
//! | `transform` | `code` of a path, or `transform` of a template |

mod cast;
mod code;
mod fork;
mod ids;
mod maker;
mod metrics;
mod python;
mod shape;
mod source;
mod steps;
mod tokens;
mod words;

use assay_model::{FieldError, ScenarioGraph, ScenarioSpec, Validate, Validator};
use ids::{Ids, cut, name};
use maker::Maker;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shape::Draft;
use source::{Item, Source};
use std::collections::BTreeSet;

/// Most bytes of a situation, and of a goal.
const MAX_SITUATION: usize = 20_000;
const MAX_GOAL: usize = 5_000;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The scenario: name, situation, persona and graph.
    pub scenario: ScenarioSpec,
    /// What could not be taken over as it was.
    pub notes: Vec<Note>,
}

/// Something that could not be taken over as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The node or edge: a JSON pointer in the source, e.g. `/nodes/3`.
    pub at: String,
    /// The id that its node has, or would have, in the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// What became of it, for a person.
    pub message: String,
}

/// Notes, each of them once.
#[derive(Debug, Clone, Default)]
struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, at: &str, node: Option<&str>, message: impl Into<String>) {
        let message = message.into();
        if !self
            .0
            .iter()
            .any(|note| note.at == at && note.message == message)
        {
            self.0.push(Note {
                at: at.to_owned(),
                node: node.map(str::to_owned),
                message,
            });
        }
    }

    /// All of them: of the whole first, then by node, then by edge.
    fn sorted(mut self) -> Vec<Note> {
        self.0.sort_by_key(|note| {
            let mut parts = note.at.rsplit('/');
            let index = parts.next().and_then(|part| part.parse::<usize>().ok());
            (note.at.contains("/edges/"), index)
        });
        self.0
    }

    fn of(&mut self, item: &Item, message: impl Into<String>) {
        self.add(&item.at, Some(&item.id), message);
    }

    fn all(&mut self, item: &Item, messages: Vec<String>) {
        for message in messages {
            self.of(item, message);
        }
    }
}

/// Reads a graph of the program that Assay replaces.
///
/// # Errors
/// Every field that is wrong, when the source is no such graph at all, or comes to more than a scenario may have.
pub fn import(source: &Value) -> Result<Imported, Vec<FieldError>> {
    let mut notes = Notes::default();
    let mut ids = Ids::default();
    let source = Source::read(source, &mut ids, &mut notes)?;
    let mut maker = Maker::of(source, ids, &mut notes);
    let draft = maker.draft(&mut notes);
    let scenario = scenario(&mut maker, &mut notes);
    // Where branches cannot be what they are here, only the first edges are taken, and there are no branches.
    let mut faults = Vec::new();
    for parallel in [true, false] {
        let mut notes = notes.clone();
        let graph = graph(draft.clone(), &maker, parallel, &mut notes);
        let scenario = ScenarioSpec {
            graph: Some(graph),
            ..scenario.clone()
        };
        match problems(&scenario) {
            Ok(()) => {
                return Ok(Imported {
                    scenario,
                    notes: notes.sorted(),
                });
            }
            Err(found) => faults = found,
        }
    }
    let named = faults.into_iter().map(|fault| FieldError {
        field: "/nodes".to_owned(),
        message: format!(
            "come to no valid scenario: `{}` {}",
            fault.field, fault.message
        ),
    });
    Err(named.collect())
}

fn problems(scenario: &ScenarioSpec) -> Result<(), Vec<FieldError>> {
    scenario.validate()?;
    let mut v = Validator::default();
    crate::check(scenario, &mut v);
    v.finish()
}

fn graph(mut draft: Draft, maker: &Maker, parallel: bool, notes: &mut Notes) -> ScenarioGraph {
    draft.settle(notes);
    draft.spread(parallel, notes);
    draft.bound(notes);
    let (start, nodes, edges) = draft.done();
    let mut graph = ScenarioGraph {
        start,
        nodes,
        edges,
        variables: maker.variables(),
        max_steps: 100,
    };
    // A node that was left out may have set what another one names.
    let text = serde_json::to_string(&graph).unwrap_or_default();
    let words: BTreeSet<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    for variable in maker.names.all() {
        let is_set = graph
            .nodes
            .iter()
            .any(|node| node.does.output() == Some(variable));
        if !is_set && !graph.variables.contains_key(variable) && words.contains(variable) {
            let message = format!(
                "what sets the variable `{variable}` is left out: it is empty until somebody fills it in"
            );
            notes.add("", None, message);
            graph.variables.insert(variable.to_owned(), json!(""));
        }
    }
    graph
}

/// All but the graph.
fn scenario(maker: &mut Maker, notes: &mut Notes) -> ScenarioSpec {
    let mut says = Vec::new();
    let metrics = maker.metrics(&mut says);
    let goal = maker.goal();
    let root = &mut maker.source.root;
    let called = root
        .text(&["name", "title"])
        .and_then(|text| name(&text, 200));
    if called.is_none() {
        says.push("it has no name: it is `Imported scenario`".to_owned());
    }
    let called = called.unwrap_or_else(|| "Imported scenario".to_owned());
    let texts = [root.text(&["description"]), maker.situation.clone()];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    let situation = texts.join("\n");
    let short = cut(&situation, MAX_SITUATION).map(str::to_owned);
    if short.is_some() {
        says.push(format!(
            "its description is longer than {MAX_SITUATION} bytes, the rest is left out"
        ));
    }
    let situation = short.unwrap_or(situation);
    let own = root.text(&["goal"]);
    if own.is_none() && maker.cast.persona.is_some() {
        says.push("its goal is what its tasks ask for, since a persona needs one".to_owned());
    }
    let wanted = own.unwrap_or(goal);
    let goal = [wanted, situation.clone(), called.clone()]
        .into_iter()
        .find(|text| !text.trim().is_empty())
        .unwrap_or_default();
    let tags = root.names(&["tags"]);
    // What the database adds.
    root.pass(&[
        "agent_name",
        "agentName",
        "workspace_id",
        "updated_at",
        "created_at",
        "status",
    ]);
    let rest = root.rest();
    if !rest.is_empty() {
        says.push(format!(
            "left out, since they have no counterpart: {}",
            rest.join(", ")
        ));
    }
    for message in says {
        notes.add("", None, message);
    }
    ScenarioSpec {
        name: called,
        situation,
        goal: cut(&goal, MAX_GOAL).unwrap_or(&goal).to_owned(),
        persona: maker.cast.persona.clone(),
        metrics,
        tags,
        ..ScenarioSpec::default()
    }
}

#[cfg(test)]
#[path = "any_tests.rs"]
mod any_tests;
#[cfg(test)]
#[path = "node_tests.rs"]
mod node_tests;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;
