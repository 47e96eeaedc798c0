//! What a graph is: channels, nodes, and what leads from one node to another.

use super::channel::{ChannelSpec, Reducer};
use super::checkpoint::TaskWrite;
use super::{END, Name, START};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a node leads, besides its edges.
#[derive(Debug, Clone, PartialEq)]
pub enum Goto {
    /// To a node, on the state; to [`END`] is nowhere.
    Node(Name),
    /// To a node, on a value of its own.
    Send(super::Send),
}

impl Goto {
    /// The node that it leads to.
    pub(crate) const fn node(&self) -> &Name {
        match self {
            Self::Node(node) => node,
            Self::Send(send) => &send.node,
        }
    }

    /// What is written to go there.
    pub(crate) fn into_write(self) -> TaskWrite {
        match self {
            Self::Node(node) => TaskWrite::Channel(trigger_of(&node), Value::Null.into()),
            Self::Send(send) => TaskWrite::Send(send),
        }
    }
}

/// Says where a node leads, of the state as it is with the node's own writes.
pub type Router = Arc<
    dyn Fn(&BTreeMap<Name, super::Shared>) -> Result<Vec<Goto>, super::Fault>
        + std::marker::Send
        + Sync,
>;

/// Edges of a node that depend on the state.
#[derive(Clone)]
pub struct Branch {
    /// Says where to.
    pub router: Router,
    /// The nodes that it may name; empty where it may name any.
    pub targets: BTreeSet<Name>,
}

/// The longest wait that another side may ask for, in milliseconds.
const LONGEST_ASKED_MS: u64 = 60_000;

/// How often a failed task is tried, and when.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// Tries, the first included.
    pub max_attempts: u32,
    /// Milliseconds before the second try.
    pub initial_ms: u64,
    /// By how much each wait is longer than the one before.
    pub factor: f64,
    /// The longest wait, in milliseconds.
    pub max_ms: u64,
    /// Milliseconds of which up to all are added, by chance.
    pub jitter_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial_ms: 500,
            factor: 2.0,
            max_ms: 128_000,
            jitter_ms: 1000,
        }
    }
}

impl RetryPolicy {
    /// Of calls of agents and models: quick at first, a quarter of a second of it by chance, so that two are never at once (Brooker,
    /// "Exponential Backoff And Jitter", AWS 2015).
    pub const CALLS: Self = Self {
        max_attempts: 3,
        initial_ms: 125,
        factor: 2.0,
        max_ms: 10_000,
        jitter_ms: 250,
    };

    /// One try.
    pub const NONE: Self = Self {
        max_attempts: 1,
        initial_ms: 0,
        factor: 1.0,
        max_ms: 0,
        jitter_ms: 0,
    };

    /// Milliseconds before the next try after so many that failed; `chance` is in `[0, 1)`. What the other side `asked` for is honoured
    /// up to a minute, where it is longer.
    #[must_use]
    pub fn wait_ms(&self, failures: u32, chance: f64, asked: Option<u64>) -> u64 {
        let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        let wait = (self.initial_ms as f64 * self.factor.powi(exponent)).min(self.max_ms as f64);
        let jitter = self.jitter_ms as f64 * chance.clamp(0.0, 1.0);
        // Saturates where it is more than 64 bits hold.
        ((wait + jitter) as u64).max(asked.unwrap_or(0).min(LONGEST_ASKED_MS))
    }
}

/// A node.
#[derive(Clone, Default)]
pub struct Node {
    /// It runs when one of these has changed.
    pub(crate) triggers: BTreeSet<Name>,
    /// What it writes when it has run, beside its own words.
    pub(crate) edges: Vec<(Name, Value)>,
    pub(crate) branches: Vec<Branch>,
    /// Nodes that it may go to by its own decision; empty where any will do.
    pub(crate) destinations: BTreeSet<Name>,
    /// What happens when it fails.
    pub retry: Option<RetryPolicy>,
    /// How long one try may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Whether it waits until everything else has come to rest.
    pub defer: bool,
    /// A graph that runs in its place.
    pub subgraph: Option<Arc<Graph>>,
    /// Whether that graph goes on, each time, from where it ended; else it begins anew.
    pub keeps_state: bool,
    /// The node that runs in the same super-step when this one has failed for good; it reads `{"node", "error", "state"}`.
    pub on_error: Option<Name>,
    /// How long what it writes may be taken from where it read the same before, in milliseconds.
    pub cache_ms: Option<u64>,
}

/// A graph that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGraph {
    /// Two nodes of one name, or a node with the name of the start or the end.
    #[error("node `{0}` is there twice, or its name is taken")]
    Name(Name),
    /// An edge from or to a node that is not there.
    #[error("an edge names `{0}`, which is no node")]
    Unknown(Name),
    /// Nothing begins.
    #[error("no edge leads from the start")]
    NoStart,
    /// A state field of the name of something else.
    #[error("field `{0}` is there twice, or its name is taken")]
    Field(Name),
}

/// A graph, ready to run.
#[derive(Clone)]
pub struct Graph {
    pub(crate) channels: BTreeMap<Name, ChannelSpec>,
    /// Channels that are the state, as nodes read it.
    pub(crate) fields: BTreeSet<Name>,
    /// In the order in which they were added.
    pub(crate) nodes: IndexMap<Name, Node>,
    /// Nodes by trigger.
    pub(crate) triggered: BTreeMap<Name, BTreeSet<Name>>,
    /// Of nodes without a policy of their own.
    pub(crate) retry: RetryPolicy,
}

/// The channel that starts a node.
pub(crate) fn trigger_of(node: &str) -> Name {
    format!("branch:to:{node}").into()
}

impl Graph {
    /// A graph without anything.
    #[must_use]
    pub fn builder() -> GraphBuilder {
        GraphBuilder::default()
    }

    /// The names of its nodes, as they were added, without the start.
    pub fn nodes(&self) -> impl Iterator<Item = &Name> {
        self.nodes.keys().filter(|name| name.as_ref() != START)
    }

    /// A node.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// Whether the state has a field of this name.
    #[must_use]
    pub fn has_field(&self, name: &str) -> bool {
        self.fields.contains(name)
    }

    /// How often a task of the node is tried.
    #[must_use]
    pub fn retry_of(&self, node: &str) -> RetryPolicy {
        self.nodes
            .get(node)
            .and_then(|n| n.retry)
            .unwrap_or(self.retry)
    }
}

/// A graph that is being put together.
#[derive(Default)]
pub struct GraphBuilder {
    fields: IndexMap<Name, ChannelSpec>,
    nodes: IndexMap<Name, Node>,
    edges: Vec<(Vec<Name>, Name)>,
    branches: Vec<(Name, Branch)>,
    retry: Option<RetryPolicy>,
    wrong: Option<InvalidGraph>,
}

impl GraphBuilder {
    /// A field of the state.
    #[must_use]
    pub fn field(mut self, name: &str, spec: ChannelSpec) -> Self {
        if self.fields.insert(name.into(), spec).is_some() {
            self.wrong.get_or_insert(InvalidGraph::Field(name.into()));
        }
        self
    }

    /// A field that is folded.
    #[must_use]
    pub fn reduced(self, name: &str, reducer: Reducer, initial: Option<Value>) -> Self {
        self.field(name, ChannelSpec::Reduced { reducer, initial })
    }

    /// A node.
    #[must_use]
    pub fn node(mut self, name: &str, node: Node) -> Self {
        let taken = name == START || name == END;
        if taken || self.nodes.insert(name.into(), node).is_some() {
            self.wrong.get_or_insert(InvalidGraph::Name(name.into()));
        }
        self
    }

    /// The nodes that a node may go to by its own decision.
    #[must_use]
    pub fn destinations<'n>(mut self, node: &str, to: impl IntoIterator<Item = &'n str>) -> Self {
        if let Some(node) = self.nodes.get_mut(node) {
            node.destinations = to.into_iter().map(Name::from).collect();
        }
        self
    }

    /// From one node to another.
    #[must_use]
    pub fn edge(mut self, from: &str, to: &str) -> Self {
        self.edges.push((vec![from.into()], to.into()));
        self
    }

    /// From several nodes to one, which runs when all of them have.
    #[must_use]
    pub fn join<'n>(mut self, from: impl IntoIterator<Item = &'n str>, to: &str) -> Self {
        let from = from.into_iter().map(Name::from).collect();
        self.edges.push((from, to.into()));
        self
    }

    /// From a node to where the router says.
    #[must_use]
    pub fn branch(mut self, from: &str, branch: Branch) -> Self {
        self.branches.push((from.into(), branch));
        self
    }

    /// The policy of nodes that have none.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// The graph.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn build(self) -> Result<Graph, InvalidGraph> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let start: Name = START.into();
        let mut channels: BTreeMap<Name, ChannelSpec> = self.fields.clone().into_iter().collect();
        let mut add = |name: Name, spec| match channels.insert(name.clone(), spec) {
            None => Ok(()),
            Some(_) => Err(InvalidGraph::Field(name)),
        };
        add(start.clone(), ChannelSpec::Ephemeral { guard: true })?;
        let mut nodes = self.nodes;
        for (name, node) in &mut nodes {
            let spec = if node.defer {
                ChannelSpec::LastValueAfterFinish
            } else {
                ChannelSpec::Ephemeral { guard: false }
            };
            let trigger = trigger_of(name);
            node.triggers.insert(trigger.clone());
            add(trigger, spec)?;
        }
        let mut first = Node::default();
        first.triggers.insert(start.clone());
        nodes.insert(start.clone(), first);
        nodes.move_index(nodes.len() - 1, 0);
        let known = |nodes: &IndexMap<Name, Node>, name: &Name| match nodes.contains_key(name) {
            true => Ok(()),
            false => Err(InvalidGraph::Unknown(name.clone())),
        };
        for (from, to) in self.edges {
            if to.as_ref() != END {
                known(&nodes, &to)?;
            }
            for name in &from {
                known(&nodes, name)?;
            }
            let (channel, defer) = match (from.as_slice(), nodes.get(&to)) {
                (_, None) => continue,
                ([_], Some(_)) => (trigger_of(&to), None),
                (_, Some(node)) => {
                    let names: Vec<&str> = from.iter().map(AsRef::as_ref).collect();
                    (
                        format!("join:{}:{to}", names.join("+")).into(),
                        Some(node.defer),
                    )
                }
            };
            if let Some(after_finish) = defer {
                let names = from.iter().cloned().collect();
                add(
                    channel.clone(),
                    ChannelSpec::Barrier {
                        names,
                        after_finish,
                    },
                )?;
                if let Some(node) = nodes.get_mut(&to) {
                    node.triggers.insert(channel.clone());
                }
            }
            for name in from {
                let value = if defer.is_some() {
                    Value::String(name.to_string())
                } else {
                    Value::Null
                };
                if let Some(node) = nodes.get_mut(&name) {
                    node.edges.push((channel.clone(), value));
                }
            }
        }
        for (from, branch) in self.branches {
            known(&nodes, &from)?;
            for target in branch.targets.iter().filter(|t| t.as_ref() != END) {
                known(&nodes, target)?;
            }
            if let Some(node) = nodes.get_mut(&from) {
                node.branches.push(branch);
            }
        }
        let mut triggered: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
        for (name, node) in &nodes {
            let others = node.destinations.iter().chain(&node.on_error);
            for target in others.filter(|t| t.as_ref() != END) {
                known(&nodes, target)?;
            }
            for trigger in &node.triggers {
                triggered
                    .entry(trigger.clone())
                    .or_default()
                    .insert(name.clone());
            }
        }
        let begins = nodes
            .get(START)
            .is_some_and(|n| !n.edges.is_empty() || !n.branches.is_empty());
        if !begins {
            return Err(InvalidGraph::NoStart);
        }
        Ok(Graph {
            channels,
            fields: self.fields.into_keys().collect(),
            nodes,
            triggered,
            retry: self.retry.unwrap_or(RetryPolicy::NONE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RetryPolicy;

    #[test]
    fn waits_grow_then_stop_growing() {
        let wait = |failures, chance| RetryPolicy::CALLS.wait_ms(failures, chance, None);
        assert_eq!([wait(1, 0.0), wait(1, 1.0), wait(3, 0.0)], [125, 375, 500]);
        assert_eq!(wait(40, 0.0), 10_000);
        assert_eq!(wait(u32::MAX, 0.0), 10_000);
    }

    #[test]
    fn what_was_asked_is_honoured_within_reason() {
        let wait = |asked| RetryPolicy::CALLS.wait_ms(1, 0.0, Some(asked));
        assert_eq!([wait(3000), wait(3_600_000), wait(1)], [3000, 60_000, 125]);
    }
}
