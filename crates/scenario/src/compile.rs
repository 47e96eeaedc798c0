//! From a scenario to a graph that runs.

use crate::course::{Course, numbered};
use crate::deed::{Deed, Does, Scene};
use crate::fields::{FAILED_AT, fields};
use assay_graph::pregel::{
    Branch, END, Goto, Graph, InvalidGraph, Name, Node as GraphNode, RetryPolicy, START, Shared,
};
use assay_model::{Branches, Node, NodeKind, ScenarioGraph, ScenarioSpec};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Scenarios within scenarios, at most.
const MAX_DEPTH: usize = 8;
/// Nodes of a run, with those of scenarios within, at most.
const MAX_NODES: usize = 2_000;
/// Super-steps of a run without a graph of its own, for each turn of the user, and around them.
const STEPS_A_TURN: u32 = 2;

/// A run, ready to be played.
pub struct Play {
    /// The graph.
    pub graph: Graph,
    /// Most super-steps.
    pub max_steps: u32,
    /// What it plays.
    pub course: Course,
    /// Variables and what they hold in the beginning.
    pub variables: BTreeMap<String, Value>,
    pub(crate) deeds: BTreeMap<Name, Deed>,
    pub(crate) scenes: Vec<Scene>,
    /// Of nodes that choose a way: where each leads.
    pub(crate) ways: BTreeMap<Name, Vec<Name>>,
}

/// A scenario that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplayable {
    /// A node is wrong.
    #[error("node `{0}` {1}")]
    Node(String, String),
    /// Scenarios that play each other, or too many.
    #[error("{0}")]
    Scenarios(String),
    /// The graph itself.
    #[error(transparent)]
    Graph(#[from] InvalidGraph),
}

/// Makes a run of a course.
///
/// # Errors
/// See [`Unplayable`]; a scenario that was checked when it was saved fails by what it names only.
pub fn compile(course: Course) -> Result<Play, Unplayable> {
    let outermost = Scene {
        scenario: course.item.scenario.clone(),
        item: course.item.item.clone(),
        metrics: course.all_metrics(),
        max_turns: course.turn_limit(),
    };
    let mut maker = Maker {
        course: &course,
        scenes: vec![outermost],
        nodes: Vec::new(),
        edges: Vec::new(),
        joins: Vec::new(),
        branches: Vec::new(),
        ways: BTreeMap::new(),
        stack: Vec::new(),
        max_steps: 0,
    };
    let graph = course.item.scenario.as_ref().and_then(|s| s.graph.clone());
    let mut variables = BTreeMap::new();
    match &graph {
        Some(graph) => {
            variables.clone_from(&graph.variables);
            let first = maker.graph("", graph, 0, LAST)?;
            maker.edges.push((START.into(), first));
            maker.node(LAST, Does::Rest, 0, None);
        }
        None => {
            let turns = maker.scenes.first().map_or(1, |s| s.max_turns);
            maker.converse("user", "target", None, 0, "evaluate");
            maker.edges.push((START.into(), "user".into()));
            maker.node("evaluate", Does::Rest, 0, None);
            maker.edges.push(("evaluate".into(), END.into()));
            maker.max_steps += turns.saturating_mul(STEPS_A_TURN) + 4;
        }
    }
    if graph.is_some() {
        maker.edges.push((LAST.into(), END.into()));
    }
    let Maker {
        scenes,
        nodes,
        edges,
        joins,
        branches,
        ways,
        max_steps,
        ..
    } = maker;
    let mut builder = fields(Graph::builder());
    let mut deeds = BTreeMap::new();
    for (name, node, deed) in nodes {
        builder = builder.node(&name, node);
        deeds.insert(name, deed);
    }
    for (from, to) in edges {
        builder = builder.edge(&from, &to);
    }
    for (from, to) in joins {
        builder = builder.join(from.iter().map(AsRef::as_ref), &to);
    }
    for (from, branch) in branches {
        builder = builder.branch(&from, branch);
    }
    Ok(Play {
        graph: builder.build()?,
        max_steps,
        course,
        variables,
        deeds,
        scenes,
        ways,
    })
}

/// Scores what no node has scored, after the last node of a graph. No node of a scenario can have this name.
const LAST: &str = "end:evaluate";

struct Maker<'c> {
    course: &'c Course,
    scenes: Vec<Scene>,
    nodes: Vec<(Name, GraphNode, Deed)>,
    edges: Vec<(Name, Name)>,
    joins: Vec<(Vec<Name>, Name)>,
    branches: Vec<(Name, Branch)>,
    ways: BTreeMap<Name, Vec<Name>>,
    /// The scenarios that are being put in.
    stack: Vec<String>,
    max_steps: u32,
}

impl Maker<'_> {
    fn node(&mut self, name: &str, does: Does, scene: usize, of: Option<&Node>) {
        let attempts = of.and_then(|n| n.max_attempts);
        let retry = RetryPolicy {
            max_attempts: attempts.unwrap_or(self.course.max_attempts),
            ..RetryPolicy::CALLS
        };
        let mut node = GraphNode::default();
        node.retry = Some(retry);
        node.timeout_ms = of.and_then(|n| n.timeout_ms);
        self.nodes.push((name.into(), node, Deed { does, scene }));
    }

    /// From a node to one of several, by what the state says.
    fn branch(
        &mut self,
        from: &str,
        targets: Vec<Name>,
        way: impl Fn(&BTreeMap<Name, Shared>) -> Option<usize> + Send + Sync + 'static,
    ) {
        let known: BTreeSet<Name> = targets.iter().cloned().collect();
        let router = move |state: &BTreeMap<Name, Shared>| {
            let index = way(state).unwrap_or(usize::MAX);
            let to = targets.get(index).or_else(|| targets.last());
            Ok(to.map(|to| Goto::Node(to.clone())).into_iter().collect())
        };
        let branch = Branch {
            router: Arc::new(router),
            targets: known,
        };
        self.branches.push((from.into(), branch));
    }

    /// From a node by the way that it has written down, an index of `targets`.
    fn by_way(&mut self, from: &str, targets: Vec<Name>) {
        let key = way_key(from);
        self.ways.insert(from.into(), targets.clone());
        self.branch(from, targets, move |state| {
            let way = state.get("facts")?.get(&key)?.as_u64()?;
            usize::try_from(way).ok()
        });
    }

    /// User and agent in turn, until the user has nothing more to say.
    fn converse(
        &mut self,
        user: &str,
        target: &str,
        max_turns: Option<u32>,
        scene: usize,
        after: &str,
    ) {
        let does = Does::Converse { max_turns };
        self.node(user, does, scene, None);
        self.node(target, Does::Call, scene, None);
        self.by_way(user, vec![target.into(), after.into()]);
        self.edges.push((target.into(), user.into()));
    }

    /// Puts a graph in; its ends lead to `after`. Returns its first node.
    fn graph(
        &mut self,
        prefix: &str,
        graph: &ScenarioGraph,
        scene: usize,
        after: &str,
    ) -> Result<Name, Unplayable> {
        let wrong = |(node, message): (String, String)| {
            Unplayable::Node(format!("{prefix}{node}"), message)
        };
        let branches = Branches::of(graph).map_err(wrong)?;
        self.max_steps = self.max_steps.saturating_add(graph.max_steps);
        for node in &graph.nodes {
            self.put(prefix, graph, &branches, node, scene, after)?;
            if self.nodes.len() > MAX_NODES {
                let message =
                    format!("has more than {MAX_NODES} nodes with those of scenarios within");
                return Err(Unplayable::Scenarios(format!("the scenario {message}")));
            }
        }
        // The places where branches arrive before they meet.
        for (join, parallel) in &branches.parallel {
            let count = graph.out(parallel).count();
            let arrivals: Vec<Name> = (0..count)
                .map(|index| arrival(prefix, join, index))
                .collect();
            for name in &arrivals {
                self.node(name, Does::Nothing, scene, None);
            }
            self.joins
                .push((arrivals, format!("{prefix}{join}").into()));
        }
        Ok(format!("{prefix}{}", graph.start).into())
    }

    fn put(
        &mut self,
        prefix: &str,
        graph: &ScenarioGraph,
        branches: &Branches,
        node: &Node,
        scene: usize,
        after: &str,
    ) -> Result<(), Unplayable> {
        let name = format!("{prefix}{}", node.id);
        let wrong = |message: &str| Unplayable::Node(name.clone(), message.to_owned());
        let to = |to: &str| -> Name { enter(prefix, branches, &node.id, to) };
        let plain = graph.out(&node.id).find(|e| e.when.is_none());
        let next = plain.map(|e| to(&e.to));
        let next = || next.clone().ok_or_else(|| wrong("leads nowhere"));
        match &node.does {
            NodeKind::End { result } => {
                self.node(&name, Does::End(*result), scene, Some(node));
                self.edges.push((name.as_str().into(), after.into()));
            }
            NodeKind::Parallel {} => {
                self.node(&name, Does::Nothing, scene, Some(node));
                let meets = branches.meets.get(&node.id);
                for (index, edge) in graph.out(&node.id).enumerate() {
                    let to = match meets {
                        Some(join) if *join == edge.to => arrival(prefix, join, index),
                        _ => to(&edge.to),
                    };
                    self.edges.push((name.as_str().into(), to));
                }
            }
            NodeKind::Condition {} => {
                let (mut whens, mut targets) = (Vec::new(), Vec::new());
                for edge in graph.out(&node.id) {
                    if let Some(when) = &edge.when {
                        whens.push(when.clone());
                        targets.push(to(&edge.to));
                    }
                }
                targets.push(next()?);
                self.node(&name, Does::Decide(whens), scene, Some(node));
                self.by_way(&name, targets);
            }
            NodeKind::Loop {
                times,
                r#while,
                each,
                item,
            } => {
                let again = graph.out(&node.id).find(|e| e.when.is_some());
                let again = again.ok_or_else(|| wrong("has nothing to do again"))?;
                let does = Does::Loop {
                    times: *times,
                    r#while: r#while.clone(),
                    each: each.clone(),
                    item: item.clone(),
                };
                let targets = vec![to(&again.to), next()?];
                self.node(&name, does, scene, Some(node));
                self.by_way(&name, targets);
            }
            NodeKind::Expectation { metric, severity } => {
                let does = Does::Expect(metric.clone(), *severity);
                self.node(&name, does, scene, Some(node));
                self.branch(&name, vec![END.into(), next()?], |state| {
                    let failed = state.get("facts")?.get(FAILED_AT).is_some();
                    Some(usize::from(!failed))
                });
            }
            NodeKind::Converse { max_turns } => {
                let target = format!("{name}:target");
                self.converse(&name, &target, *max_turns, scene, &next()?);
            }
            NodeKind::SubScenario {
                scenario_id,
                inputs,
            } => {
                self.node(&name, Does::Set(inputs.clone()), scene, Some(node));
                let first = self.sub(&name, scenario_id, &next()?)?;
                self.edges.push((name.as_str().into(), first));
            }
            kind => {
                let first = prefix.is_empty() && graph.start == node.id;
                self.node(&name, does(kind, first), scene, Some(node));
                self.edges.push((name.as_str().into(), next()?));
            }
        }
        Ok(())
    }

    /// Puts a scenario in at the place of a node. Returns its first node.
    fn sub(&mut self, at: &str, id: &str, after: &str) -> Result<Name, Unplayable> {
        let wrong = |message: &str| Unplayable::Node(at.to_owned(), message.to_owned());
        if self.stack.iter().any(|other| other == id) {
            return Err(wrong("plays a scenario within itself"));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(wrong("is too deep within other scenarios"));
        }
        let scenario: ScenarioSpec = self
            .course
            .item
            .scenarios
            .get(id)
            .cloned()
            .ok_or_else(|| wrong("names a scenario that is not there"))?;
        let item = scenario.to_item();
        let scripted = u32::try_from(item.turns.len()).unwrap_or(u32::MAX);
        let own = scenario.max_turns.unwrap_or(self.course.max_turns);
        let graph = scenario.graph.clone();
        self.scenes.push(Scene {
            metrics: numbered(&scenario.metrics),
            max_turns: own.min(self.course.max_turns).max(scripted),
            item,
            scenario: Some(scenario),
        });
        let scene = self.scenes.len() - 1;
        self.stack.push(id.to_owned());
        let first = match &graph {
            Some(graph) => {
                let prefix = format!("{at}/");
                self.graph(&prefix, graph, scene, after)?
            }
            None => {
                let (user, target) = (format!("{at}/user"), format!("{at}/target"));
                let turns = self.scenes.last().map_or(1, |s| s.max_turns);
                self.max_steps += turns.saturating_mul(STEPS_A_TURN) + 2;
                self.converse(&user, &target, None, scene, after);
                user.into()
            }
        };
        self.stack.pop();
        Ok(first)
    }
}

/// Where a condition writes down which way it took.
pub(crate) fn way_key(node: &str) -> String {
    format!("way:{node}")
}

/// The place where a branch arrives before all of them meet.
fn arrival(prefix: &str, join: &str, index: usize) -> Name {
    format!("{prefix}{join}:{index}").into()
}

/// The node to which an edge leads: into a `join` it leads to where its branch arrives.
fn enter(prefix: &str, branches: &Branches, from: &str, to: &str) -> Name {
    let index = branches.parallel.get(to).map(|parallel| {
        let within = branches.within.get(from);
        within.and_then(|w| w.get(parallel)).copied()
    });
    match index {
        Some(Some(index)) => arrival(prefix, to, index),
        _ => format!("{prefix}{to}").into(),
    }
}

/// What a node does that has one way to go on.
fn does(kind: &NodeKind, first: bool) -> Does {
    match kind.clone() {
        NodeKind::Trigger { output, .. } if first => Does::Started(output),
        NodeKind::Trigger { on, output } => Does::Await(on, output),
        NodeKind::PersonaTurn { say, instructions } => Does::Speak { say, instructions },
        NodeKind::TargetCall {} => Does::Call,
        NodeKind::Task {
            instruction,
            output,
        } => Does::Task {
            instruction,
            output,
        },
        NodeKind::Evaluate { metrics } => Does::Evaluate(metrics),
        NodeKind::ToolMock { tool, output } => Does::Mock { tool, output },
        NodeKind::Tool {
            method,
            url,
            headers,
            body,
            output,
            any_status,
        } => Does::Fetch {
            method,
            url,
            headers,
            body,
            output,
            any_status,
        },
        NodeKind::Code {
            expression: Some(expression),
            output,
            ..
        } => Does::Compute { expression, output },
        NodeKind::Code {
            program_id: Some(program_id),
            input,
            output,
            ..
        } => Does::Run {
            program_id,
            input,
            output,
        },
        NodeKind::Transform {
            template,
            json,
            output,
        } => Does::Transform {
            template,
            json,
            output,
        },
        NodeKind::Wait { seconds } => Does::Wait(seconds),
        NodeKind::WaitForPerson {
            question,
            output,
            as_user,
        } => Does::AskPerson {
            question,
            output,
            as_user,
        },
        _ => Does::Nothing,
    }
}
