//! A scenario as a graph: typed nodes, and edges between them. The Studio edits this very JSON.

use crate::schema::NOT_BLANK;
use crate::{MetricSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Names of nodes.
const ID: &str = "^[A-Za-z0-9_-]{1,64}$";
const MAX_NODES: usize = 200;
const MAX_EDGES: usize = 1000;

/// What a node does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum NodeKind {
    /// The user says something: `say` word for word, or what a model that plays the persona makes of the situation.
    PersonaTurn {
        /// The words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(inner(length(min = 1, max = 20000), regex(pattern = NOT_BLANK)))]
        say: Option<String>,
        /// What the persona is after in this turn, for whoever plays it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[schemars(length(max = 5000))]
        instructions: String,
    },
    /// The agent answers.
    TargetCall {},
    /// The conversation so far is scored.
    Evaluate {
        /// By these metrics; by the scenario's and the campaign's when there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 50))]
        metrics: Vec<MetricSpec>,
    },
    /// The first edge whose condition holds is taken, else the one without.
    Condition {},
    /// From here on the tool answers this.
    ToolMock {
        /// The tool's name.
        #[schemars(length(min = 1, max = 200), regex(pattern = NOT_BLANK))]
        tool: String,
        /// What it answers.
        #[serde(default)]
        output: Value,
    },
    /// A person decides.
    WaitForPerson {
        /// What the person is asked.
        #[schemars(length(min = 1, max = 5000), regex(pattern = NOT_BLANK))]
        question: String,
    },
    /// Another scenario is played at this place.
    SubScenario {
        /// Which one.
        #[schemars(length(min = 1, max = 64), regex(pattern = NOT_BLANK))]
        scenario_id: String,
    },
    /// The scenario is over.
    End {},
}

impl NodeKind {
    /// Whether something outside happens, so that a loop through it goes on to something new.
    const fn takes_a_turn(&self) -> bool {
        matches!(
            self,
            Self::PersonaTurn { .. }
                | Self::TargetCall {}
                | Self::WaitForPerson { .. }
                | Self::SubScenario { .. }
        )
    }
}

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
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// When an edge out of a condition is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// The agent's last answer contains this, in any case.
    AnswerContains(#[schemars(length(min = 1, max = 5000))] String),
    /// The agent called this tool in its last answer.
    ToolCalled(#[schemars(length(min = 1, max = 200))] String),
    /// The user had at least so many turns.
    TurnsAtLeast(#[schemars(range(min = 1, max = 1000))] u32),
    /// A metric of the last evaluation scored below.
    ScoreBelow {
        /// The metric's name.
        #[schemars(length(min = 1, max = 200))]
        metric: String,
        /// The bound.
        #[schemars(range(min = 0, max = 1))]
        value: f64,
    },
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
            let NodeKind::SubScenario { scenario_id } = &node.does else {
                return None;
            };
            Some((format!("/nodes/{i}/does/scenario_id"), scenario_id.as_str()))
        })
    }

    /// Whether a model must play the persona.
    #[must_use]
    pub fn needs_persona(&self) -> bool {
        let played = |node: &Node| matches!(node.does, NodeKind::PersonaTurn { say: None, .. });
        self.nodes.iter().any(played)
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
            .filter(|n| !n.does.takes_a_turn())
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
        let text = |text: &str, max: usize| !text.trim().is_empty() && text.chars().count() <= max;
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let is_id = (1..=64).contains(&node.id.len()) && node.id.bytes().all(letters);
        v.require(
            is_id,
            "id",
            "must have 1 to 64 letters, digits, `_` and `-`",
        );
        v.at("does", |v| match &node.does {
            NodeKind::PersonaTurn { say, instructions } => {
                let fits = say.as_ref().is_none_or(|say| text(say, 20_000));
                v.require(
                    fits,
                    "say",
                    "must have 1 to 20000 characters, not all of them blank",
                );
                v.longest("instructions", instructions, 5_000);
            }
            NodeKind::Evaluate { metrics } => {
                v.require(
                    metrics.len() <= 50,
                    "metrics",
                    "must have at most 50 entries",
                );
                v.each("metrics", metrics);
            }
            NodeKind::ToolMock { tool, .. } => {
                v.require(text(tool, 200), "tool", "must have 1 to 200 characters");
            }
            NodeKind::WaitForPerson { question } => {
                v.require(
                    text(question, 5_000),
                    "question",
                    "must have 1 to 5000 characters",
                );
            }
            NodeKind::SubScenario { scenario_id } => {
                v.require(
                    text(scenario_id, 64),
                    "scenario_id",
                    "must have 1 to 64 characters",
                );
            }
            NodeKind::TargetCall {} | NodeKind::Condition {} | NodeKind::End {} => {}
        });
        let out: Vec<&Edge> = self.edges.iter().filter(|e| e.from == node.id).collect();
        let plain = out.iter().filter(|e| e.when.is_none()).count();
        match node.does {
            NodeKind::End {} => {
                v.require(out.is_empty(), "id", "ends the scenario: no edge leads on")
            }
            NodeKind::Condition {} => v.require(
                plain == 1,
                "id",
                "needs exactly one edge without `when`, for when no condition holds",
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
        let spins = !node.does.takes_a_turn() && self.spins(node);
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
        let fits = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
        let ok = match &edge.when {
            None => true,
            Some(When::AnswerContains(text)) => fits(text, 5_000),
            Some(When::ToolCalled(tool)) => fits(tool, 200),
            Some(When::TurnsAtLeast(turns)) => (1..=1000).contains(turns),
            Some(When::ScoreBelow { metric, value }) => {
                fits(metric, 200) && (0.0..=1.0).contains(value)
            }
        };
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
        let ends = self.nodes.iter().filter(|n| n.does == NodeKind::End {});
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
    }
}

#[cfg(test)]
#[path = "scenario_graph_tests.rs"]
mod tests;
