//! A graph as it runs: checked, with its ways counted and its nodes in order.

use super::Scope;
use super::check::{Fault, check_links, check_sight, check_verdicts};
use super::node::{Child, Node};
use assay_model::MetricSpec;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes of a graph, verdicts included.
pub(super) const MAX_NODES: usize = 100;

/// A step that asks the judge.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) label: Option<String>,
    /// What of the case it is shown.
    pub(super) fields: Vec<String>,
    pub(super) window: Option<(usize, usize)>,
    /// The tasks right before it, whose outputs it is shown.
    pub(super) tasks: Vec<String>,
    /// How many have to come to it before it runs.
    pub(super) ways: usize,
    /// Its place in the order in which a sequential caller asks.
    pub(super) rank: usize,
    pub(super) does: Does,
}

/// What a step asks for.
#[derive(Debug, Clone)]
pub(super) enum Does {
    Task {
        instructions: String,
        output_label: String,
        next: Vec<String>,
    },
    Judge {
        criteria: String,
        outcomes: Vec<(Value, Then)>,
    },
}

/// What a verdict leads to.
#[derive(Debug, Clone)]
pub(super) enum Then {
    Score(f64),
    Step(String),
    Metric(MetricSpec),
}

/// A graph that can run.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) scope: Scope,
    pub(super) steps: BTreeMap<String, Step>,
    /// Where it begins.
    pub(super) roots: Vec<String>,
}

/// Nodes as they are written, by their ids.
pub(super) type Nodes = BTreeMap<String, Node>;

/// The ids of what leads to each node that something leads to.
pub(super) type Parents<'a> = BTreeMap<String, Vec<&'a str>>;

impl Graph {
    /// Checks the nodes and puts them together.
    ///
    /// # Errors
    /// What is wrong, with the node named; never empty.
    pub(super) fn build(nodes: &Nodes, scope: Scope) -> Result<Self, Vec<Fault>> {
        if nodes.is_empty() || nodes.len() > MAX_NODES {
            let what = format!("a graph has 1 to {MAX_NODES} nodes");
            return Err(vec![Fault::new("", "", what)]);
        }
        let parents = parents(nodes);
        let mut faults = Vec::new();
        for (id, node) in nodes {
            check_links(id, node, nodes, &mut faults);
            check_sight(id, node, nodes, &parents, scope, &mut faults);
        }
        check_verdicts(nodes, &parents, &mut faults);
        // A verdict that nothing leads to is a fault of its own.
        let begins =
            |(id, node): &(&String, &Node)| !parents.contains_key(*id) && !node.is_verdict();
        let roots: Vec<String> = nodes
            .iter()
            .filter(begins)
            .map(|(id, _)| id.clone())
            .collect();
        if roots.len() > 1 {
            let judges = roots
                .iter()
                .filter(|id| nodes.get(*id).is_some_and(|node| !node.is_task()));
            let what = "begins the graph, so that nothing else may begin it";
            faults.extend(judges.map(|id| Fault::new(id, "", what)));
        }
        let order = order(nodes, &roots).unwrap_or_else(|on_cycle| {
            faults.push(Fault::new(
                &on_cycle,
                "",
                "comes to itself again: a graph must have no cycle",
            ));
            Vec::new()
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        let ranks: BTreeMap<&str, usize> = order
            .iter()
            .enumerate()
            .map(|(rank, id)| (*id, rank))
            .collect();
        let step = |(id, node): (&String, &Node)| {
            let rank = ranks.get(id.as_str()).copied().unwrap_or_default();
            Some((id.clone(), step(id, node, nodes, &parents, rank)?))
        };
        let steps = nodes.iter().filter_map(step).collect();
        Ok(Self {
            scope,
            steps,
            roots,
        })
    }
}

fn parents(nodes: &Nodes) -> Parents<'_> {
    let mut parents: Parents<'_> = BTreeMap::new();
    for (id, node) in nodes {
        for next in node.next() {
            parents.entry(next.to_owned()).or_default().push(id);
        }
    }
    parents
}

/// Every node, each after all that lead to it, and otherwise depth first: the order in which upstream's sequential way takes those
/// that run. `Err` with a node that lies on a cycle.
fn order<'a>(nodes: &'a Nodes, roots: &'a [String]) -> Result<Vec<&'a str>, String> {
    let (mut done, mut above) = (BTreeSet::new(), BTreeSet::new());
    let mut order = Vec::new();
    // What no root leads to lies on a cycle or behind one.
    for start in roots.iter().rev().chain(nodes.keys()) {
        visit(start, nodes, &mut done, &mut above, &mut order)?;
    }
    order.reverse();
    Ok(order)
}

fn visit<'a>(
    id: &'a str,
    nodes: &'a Nodes,
    done: &mut BTreeSet<&'a str>,
    above: &mut BTreeSet<&'a str>,
    order: &mut Vec<&'a str>,
) -> Result<(), String> {
    if !above.insert(id) {
        return Err(id.to_owned());
    }
    if done.insert(id) {
        let next: Vec<&str> = nodes.get(id).into_iter().flat_map(Node::next).collect();
        for next in next.into_iter().rev() {
            visit(next, nodes, done, above, order)?;
        }
        order.push(id);
    }
    above.remove(id);
    Ok(())
}

/// A node as it runs; `None` for a verdict, which is part of its judgement.
fn step(id: &str, node: &Node, nodes: &Nodes, parents: &Parents<'_>, rank: usize) -> Option<Step> {
    let (label, does) = match node {
        Node::TaskNode {
            instructions,
            output_label,
            label,
            children,
            ..
        } => {
            let does = Does::Task {
                instructions: instructions.clone(),
                output_label: output_label.clone(),
                next: children.clone(),
            };
            (label, does)
        }
        Node::BinaryJudgementNode {
            criteria,
            label,
            children,
            ..
        }
        | Node::NonBinaryJudgementNode {
            criteria,
            label,
            children,
            ..
        } => {
            let outcomes = children
                .iter()
                .filter_map(|child| outcome(nodes.get(child)?))
                .collect();
            let criteria = criteria.clone();
            (label, Does::Judge { criteria, outcomes })
        }
        Node::VerdictNode { .. } => return None,
    };
    let parents = parents.get(id).map_or(&[][..], Vec::as_slice);
    let is_task = |parent: &&&str| nodes.get(**parent).is_some_and(Node::is_task);
    Some(Step {
        id: id.to_owned(),
        label: label.clone(),
        fields: node.fields().to_vec(),
        window: node.window(),
        tasks: parents
            .iter()
            .filter(is_task)
            .map(|&parent| parent.to_owned())
            .collect(),
        ways: ways(parents, nodes).max(1),
        rank,
        does,
    })
}

/// How many have to come to a node. Of the verdicts of one judgement only one ever comes.
fn ways(parents: &[&str], nodes: &Nodes) -> usize {
    let judgement_of = |verdict: &str| {
        let mut judgements = nodes
            .iter()
            .filter(|(_, node)| node.children().iter().any(|child| child == verdict));
        judgements.next().map(|(id, _)| id.as_str())
    };
    let from: BTreeSet<&str> = parents
        .iter()
        .map(|&parent| match nodes.get(parent) {
            Some(node) if node.is_verdict() => judgement_of(parent).unwrap_or(parent),
            _ => parent,
        })
        .collect();
    from.len()
}

fn outcome(node: &Node) -> Option<(Value, Then)> {
    let Node::VerdictNode {
        verdict,
        score,
        child,
    } = node
    else {
        return None;
    };
    let then = match (score, child) {
        (_, Some(Child::Node { to })) => Then::Step(to.clone()),
        (_, Some(Child::Metric { metric })) => Then::Metric(metric.clone()),
        (Some(score), None) => Then::Score(*score),
        (None, None) => return None,
    };
    Some((verdict.clone(), then))
}
