//! A scenario as a graph: typed nodes, and edges between them. The Studio edits this very JSON.

mod branches;
mod node;

pub use branches::Branches;
pub use node::{
    EndResult, Method, NodeKind, RESERVED_VARIABLES, Sentiment, Severity, Trigger, When,
};

use crate::secret::named;
use crate::{Validate, Validator};
use node::{ID, check_variable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const MAX_NODES: usize = 200;
const MAX_EDGES: usize = 1000;

/// Where the Studio shows a node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// To the right, in pixels.
    pub x: f64,
    /// Down, in pixels.
    pub y: f64,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name, unique in the graph.
    #[schemars(regex(pattern = ID))]
    pub id: String,
    /// What it does.
    pub does: NodeKind,
    /// What the Studio calls it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 200))]
    pub label: String,
    /// How long one try of it may take, in milliseconds; what the agent, the judge or the campaign says where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: Option<u64>,
    /// How often it is tried; as the campaign says where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10))]
    pub max_attempts: Option<u32>,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// What follows a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The node before.
    #[schemars(regex(pattern = ID))]
    pub from: String,
    /// The node after.
    #[schemars(regex(pattern = ID))]
    pub to: String,
    /// When it is taken; only out of a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// A scenario's course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioGraph {
    /// The node to begin with.
    #[schemars(regex(pattern = ID))]
    pub start: String,
    /// The nodes.
    #[schemars(length(min = 1, max = 200))]
    pub nodes: Vec<Node>,
    /// The edges; out of a condition, in the order in which they are tried.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub edges: Vec<Edge>,
    /// Variables and what they hold in the beginning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 200))]
    pub variables: BTreeMap<String, Value>,
    /// Nodes that are visited before the run is given up.
    #[serde(default = "default_steps")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_steps: u32,
}

const fn default_steps() -> u32 {
    100
}

impl ScenarioGraph {
    /// The scenarios that are played within, each with its JSON pointer from the graph.
    pub fn sub_scenarios(&self) -> impl Iterator<Item = (String, &str)> {
        self.nodes.iter().enumerate().filter_map(|(i, node)| {
            let NodeKind::SubScenario { scenario_id, .. } = &node.does else {
                return None;
            };
            Some((format!("/nodes/{i}/does/scenario_id"), scenario_id.as_str()))
        })
    }

    /// The secrets that its nodes name, each with its JSON pointer from the graph.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let nodes = self.nodes.iter().enumerate();
        let named = nodes.filter_map(|(i, node)| match &node.does {
            NodeKind::Tool { headers, .. } => {
                Some(named(&format!("/nodes/{i}/does/headers"), headers))
            }
            _ => None,
        });
        named.flatten().collect()
    }

    /// The programs that are run, each with its JSON pointer from the graph.
    pub fn programs(&self) -> impl Iterator<Item = (String, &str)> {
        self.nodes.iter().enumerate().filter_map(|(i, node)| {
            let NodeKind::Code {
                program_id: Some(id),
                ..
            } = &node.does
            else {
                return None;
            };
            Some((format!("/nodes/{i}/does/program_id"), id.as_str()))
        })
    }

    /// Whether a model must play the persona.
    #[must_use]
    pub fn needs_persona(&self) -> bool {
        let played = |node: &Node| {
            matches!(
                node.does,
                NodeKind::PersonaTurn { say: None, .. } | NodeKind::Converse { .. }
            )
        };
        self.nodes.iter().any(played)
    }

    /// Whether an edge asks the judge.
    #[must_use]
    pub fn asks_judge(&self) -> bool {
        let mut conditions = self.edges.iter().filter_map(|e| e.when.as_ref());
        conditions.any(When::needs_judge)
    }

    /// The edges that lead from a node, in the order in which they are tried.
    pub fn out<'g>(&'g self, node: &'g str) -> impl Iterator<Item = &'g Edge> {
        self.edges.iter().filter(move |e| e.from == node)
    }

    /// Where edges lead, by where they come from.
    fn next(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &self.edges {
            next.entry(&edge.from).or_default().push(&edge.to);
        }
        next
    }

    /// Nodes that can be reached from `from` by `next`.
    fn reach<'a>(
        from: impl IntoIterator<Item = &'a str>,
        next: &BTreeMap<&'a str, Vec<&'a str>>,
    ) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = from.into_iter().collect();
        while let Some(node) = open.pop() {
            if found.insert(node) {
                open.extend(next.get(node).into_iter().flatten());
            }
        }
        found
    }

    /// Whether `node` comes back to itself without a turn of anyone.
    fn spins(&self, node: &Node) -> bool {
        let still: BTreeSet<&str> = self
            .nodes
            .iter()
            .filter(|n| !n.does.goes_on())
            .map(|n| n.id.as_str())
            .collect();
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &self.edges {
            if still.contains(edge.from.as_str()) && still.contains(edge.to.as_str()) {
                next.entry(&edge.from).or_default().push(&edge.to);
            }
        }
        let after = next.get(node.id.as_str()).into_iter().flatten().copied();
        Self::reach(after, &next).contains(node.id.as_str())
    }

    fn check_node(&self, node: &Node, v: &mut Validator) {
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let is_id = (1..=64).contains(&node.id.len()) && node.id.bytes().all(letters);
        v.require(
            is_id,
            "id",
            "must have 1 to 64 letters, digits, `_` and `-`",
        );
        v.longest("label", &node.label, 200);
        if let Some(ms) = node.timeout_ms {
            v.range("timeout_ms", ms, 100, 600_000);
        }
        if let Some(attempts) = node.max_attempts {
            v.range("max_attempts", attempts, 1, 10);
        }
        v.at("does", |v| node.does.check(v));
        let out: Vec<&Edge> = self.out(&node.id).collect();
        let plain = out.iter().filter(|e| e.when.is_none()).count();
        let again = |e: &&&Edge| e.when == Some(When::Again {});
        let agains = out.iter().filter(again).count();
        match node.does {
            NodeKind::End { .. } => {
                v.require(out.is_empty(), "id", "ends the scenario: no edge leads on");
            }
            NodeKind::Condition {} => {
                v.require(
                    plain == 1,
                    "id",
                    "needs exactly one edge without `when`, for when no condition holds",
                );
                v.require(agains == 0, "id", "is no loop: no edge is marked `again`");
            }
            NodeKind::Loop { .. } => v.require(
                plain == 1 && agains == 1 && out.len() == 2,
                "id",
                "needs exactly two edges: one marked `again`, and one without `when` for when it is over",
            ),
            NodeKind::Parallel {} => v.require(
                (2..=16).contains(&plain) && out.len() == plain,
                "id",
                "needs 2 to 16 edges, none of them with `when`",
            ),
            _ => {
                v.require(out.len() == 1, "id", "needs exactly one edge that leads on");
                v.require(
                    plain == out.len(),
                    "id",
                    "is no condition: its edge has no `when`",
                );
            }
        }
        let spins = !node.does.goes_on() && self.spins(node);
        v.require(
            !spins,
            "id",
            "comes back to itself without a turn of anyone",
        );
    }

    fn check_edge(&self, edge: &Edge, ids: &BTreeSet<&str>, v: &mut Validator) {
        for (field, id) in [("from", &edge.from), ("to", &edge.to)] {
            v.require(ids.contains(id.as_str()), field, "is no node of the graph");
        }
        let ok = edge.when.as_ref().is_none_or(When::is_sound);
        v.require(ok, "when", "is out of bounds");
    }
}

impl Validate for ScenarioGraph {
    fn check(&self, v: &mut Validator) {
        v.range("max_steps", self.max_steps, 1, 1000);
        let sizes = [
            ("nodes", self.nodes.len(), MAX_NODES),
            ("edges", self.edges.len(), MAX_EDGES),
        ];
        for (field, len, most) in sizes {
            if len > most {
                return v.error(field, format!("must have at most {most} entries"));
            }
        }
        v.require(
            self.variables.len() <= 200,
            "variables",
            "must have at most 200 entries",
        );
        v.at("variables", |v| {
            for name in self.variables.keys() {
                check_variable(name, name, v);
            }
        });
        let mut ids = BTreeSet::new();
        v.at("nodes", |v| {
            for (i, node) in self.nodes.iter().enumerate() {
                v.at(i, |v| {
                    v.require(ids.insert(node.id.as_str()), "id", "is there twice")
                });
            }
        });
        v.require(
            ids.contains(self.start.as_str()),
            "start",
            "is no node of the graph",
        );
        v.at("edges", |v| {
            for (i, edge) in self.edges.iter().enumerate() {
                v.at(i, |v| self.check_edge(edge, &ids, v));
            }
        });
        let (mut next, mut before): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for edge in &self.edges {
            let (from, to) = (edge.from.as_str(), edge.to.as_str());
            next.entry(from).or_default().push(to);
            before.entry(to).or_default().push(from);
        }
        let reached = Self::reach([self.start.as_str()], &next);
        let ends = self
            .nodes
            .iter()
            .filter(|n| matches!(n.does, NodeKind::End { .. }));
        let ending = Self::reach(ends.map(|n| n.id.as_str()), &before);
        v.at("nodes", |v| {
            for (i, node) in self.nodes.iter().enumerate() {
                v.at(i, |v| {
                    self.check_node(node, v);
                    let id = node.id.as_str();
                    v.require(
                        reached.contains(id),
                        "id",
                        "cannot be reached from the start",
                    );
                    v.require(ending.contains(id), "id", "leads to no end");
                });
            }
        });
        if let Err((node, message)) = Branches::of(self) {
            let index = self.nodes.iter().position(|n| n.id == node);
            v.at("nodes", |v| {
                v.at(index.unwrap_or_default(), |v| v.error("id", message));
            });
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
