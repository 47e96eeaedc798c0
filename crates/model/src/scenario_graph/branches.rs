//! Which nodes are in which branch of which `parallel`.

use super::{NodeKind, ScenarioGraph};
use std::collections::{BTreeMap, BTreeSet};

/// The branches of all nodes that are `parallel`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branches {
    /// The node in which the branches of a `parallel` meet.
    pub meets: BTreeMap<String, String>,
    /// By a `join`: the `parallel` whose branches meet in it.
    pub parallel: BTreeMap<String, String>,
    /// The branches around a node, by `parallel`: the index of the edge that leads to it.
    pub within: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Branches {
    /// Of a graph.
    ///
    /// # Errors
    /// The node that is wrong, and what is wrong with it: branches that share a node, end, or do not meet in one `join`.
    pub fn of(graph: &ScenarioGraph) -> Result<Self, (String, String)> {
        let next = graph.next();
        let kinds: BTreeMap<&str, &NodeKind> = graph
            .nodes
            .iter()
            .map(|n| (n.id.as_str(), &n.does))
            .collect();
        let mut found = Self::default();
        let parallels = graph
            .nodes
            .iter()
            .filter(|n| matches!(n.does, NodeKind::Parallel {}));
        for node in parallels {
            let wrong = |what: &str| Err((node.id.clone(), what.to_owned()));
            let mut meets: BTreeSet<&str> = BTreeSet::new();
            let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
            for (index, edge) in graph.out(&node.id).enumerate() {
                // How many `parallel` are open on the way, besides this one; the join that closes this one ends the branch.
                let mut open: Vec<(&str, usize)> = vec![(edge.to.as_str(), 0)];
                let mut seen: BTreeSet<(&str, usize)> = BTreeSet::new();
                while let Some((id, depth)) = open.pop() {
                    if !seen.insert((id, depth)) {
                        continue;
                    }
                    let depth = match kinds.get(id) {
                        Some(NodeKind::Join {}) if depth == 0 => {
                            meets.insert(id);
                            continue;
                        }
                        Some(NodeKind::End { .. }) => {
                            return wrong("has a branch that ends without a `join`");
                        }
                        _ if id == node.id => {
                            return wrong("has a branch that comes back to it without a `join`");
                        }
                        Some(NodeKind::Join {}) => depth - 1,
                        Some(NodeKind::Parallel {}) => depth + 1,
                        _ => depth,
                    };
                    if depth > graph.nodes.len() {
                        return wrong("has a branch with more `parallel` than `join`");
                    }
                    if *taken.entry(id).or_insert(index) != index {
                        return wrong("has branches that share a node before they meet");
                    }
                    open.extend(next.get(id).into_iter().flatten().map(|to| (*to, depth)));
                }
            }
            let mut meets = meets.into_iter();
            let (Some(join), None) = (meets.next(), meets.next()) else {
                return wrong("has branches that do not meet in one `join`");
            };
            found.meets.insert(node.id.clone(), join.to_owned());
            if found
                .parallel
                .insert(join.to_owned(), node.id.clone())
                .is_some()
            {
                return Err((
                    join.to_owned(),
                    "joins the branches of more than one `parallel`".into(),
                ));
            }
            for (id, index) in taken {
                let within = found.within.entry(id.to_owned()).or_default();
                within.insert(node.id.clone(), index);
            }
        }
        let lonely = graph
            .nodes
            .iter()
            .find(|n| matches!(n.does, NodeKind::Join {}) && !found.parallel.contains_key(&n.id));
        match lonely {
            Some(node) => Err((
                node.id.clone(),
                "joins the branches of no `parallel`".into(),
            )),
            None => Ok(found),
        }
    }
}
