//! What can be wrong with a graph, found before it runs.

use super::graph::{Nodes, Parents};
use super::node::{Child, Node};
use super::{Scope, TURN_FIELDS};
use assay_model::{FieldError, MetricKind, Validator};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most turns of a conversation that a node is shown.
pub(super) const MAX_WINDOW: usize = 200;

/// What is wrong with a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    node: String,
    field: String,
    message: String,
}

impl Fault {
    pub(super) fn new(node: &str, field: &str, message: impl Into<String>) -> Self {
        Self {
            node: node.to_owned(),
            field: field.to_owned(),
            message: message.into(),
        }
    }

    /// With a pointer that begins at the nodes.
    pub(super) fn into_field(self) -> FieldError {
        let mut v = Validator::default();
        v.at(&self.node, |v| v.error(&self.field, self.message.clone()));
        let mut found = v.finish().err().unwrap_or_default();
        found.pop().unwrap_or(FieldError {
            field: String::new(),
            message: self.message,
        })
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            node,
            field,
            message,
        } = self;
        match field.as_str() {
            _ if node.is_empty() => f.write_str(message),
            "" => write!(f, "node `{node}` {message}"),
            _ => write!(f, "`{field}` of node `{node}` {message}"),
        }
    }
}

/// What a node leads to: it is there, and of the right type.
pub(super) fn check_links(id: &str, node: &Node, nodes: &Nodes, faults: &mut Vec<Fault>) {
    let mut bad = |field: &str, what: String| faults.push(Fault::new(id, field, what));
    let mut seen = BTreeSet::new();
    for child in node.children() {
        if !seen.insert(child) {
            bad("children", format!("names `{child}` twice"));
        }
        match nodes.get(child) {
            None => bad("children", format!("names `{child}`, which is no node")),
            Some(next) if node.is_task() && next.is_verdict() => {
                bad(
                    "children",
                    format!("must not name the verdict `{child}`: only judgements have verdicts"),
                );
            }
            Some(next) if !node.is_task() && !next.is_verdict() => {
                bad(
                    "children",
                    format!("must name verdicts, and `{child}` is none"),
                );
            }
            Some(_) => {}
        }
    }
    match node {
        Node::VerdictNode { score, child, .. } => match (score, child) {
            (Some(_), Some(_)) => bad("", "must have a `score` or a `child`, not both".to_owned()),
            (None, None) => bad("", "must have a `score` or a `child`".to_owned()),
            (Some(score), None) if !(0.0..=10.0).contains(score) => {
                bad("score", "must be from 0 to 10".to_owned());
            }
            (None, Some(Child::Node { to })) => match nodes.get(to) {
                None => bad("child", format!("leads to `{to}`, which is no node")),
                Some(next) if next.is_verdict() => {
                    bad("child", format!("must not lead to another verdict, `{to}`"));
                }
                Some(_) => {}
            },
            (None, Some(Child::Metric { metric }))
                if matches!(
                    metric.kind,
                    MetricKind::EmbeddingSimilarity
                        | MetricKind::Program
                        | MetricKind::Webhook
                        | MetricKind::Component
                ) || metric.model().is_some() =>
            {
                bad(
                    "child",
                    "must be no metric that is computed outside".to_owned(),
                );
            }
            (None, Some(Child::Metric { metric }))
                if matches!(metric.kind, MetricKind::Dag | MetricKind::ConversationalDag) =>
            {
                bad(
                    "child",
                    "must not be another graph: write its nodes into this one".to_owned(),
                );
            }
            _ => {}
        },
        _ if node.children().is_empty() => bad("children", "must not be empty".to_owned()),
        _ => {}
    }
}

/// What a node is shown: something, and what there is.
pub(super) fn check_sight(
    id: &str,
    node: &Node,
    nodes: &Nodes,
    parents: &Parents<'_>,
    scope: Scope,
    faults: &mut Vec<Fault>,
) {
    if node.is_verdict() {
        return;
    }
    let known = scope.fields();
    for field in node.fields() {
        if !known.contains(&field.as_str()) {
            faults.push(Fault::new(
                id,
                "evaluation_params",
                format!("names `{field}`, which is no field"),
            ));
        }
    }
    let told = parents.get(id).is_some_and(|all| {
        all.iter()
            .any(|parent| nodes.get(*parent).is_some_and(Node::is_task))
    });
    if node.fields().is_empty() && !told {
        let what = "must not be empty where no task leads to the node: it is shown nothing";
        faults.push(Fault::new(id, "evaluation_params", what));
    }
    let Some((start, end)) = node.window() else {
        return;
    };
    let turns = node
        .fields()
        .iter()
        .any(|field| TURN_FIELDS.contains(&field.as_str()));
    let what = if scope != Scope::Conversation {
        "is for conversations".to_owned()
    } else if !turns {
        format!(
            "is of no use without one of {} in `evaluation_params`",
            TURN_FIELDS.join(", ")
        )
    } else if start > end {
        "must not end before it begins".to_owned()
    } else if end - start >= MAX_WINDOW {
        format!("must have at most {MAX_WINDOW} turns")
    } else {
        return;
    };
    faults.push(Fault::new(id, "turn_window", what));
}

/// Each verdict is one of one judgement, and a judgement's verdicts are those that it needs.
pub(super) fn check_verdicts(nodes: &Nodes, parents: &Parents<'_>, faults: &mut Vec<Fault>) {
    for (id, node) in nodes {
        if node.is_verdict() && parents.get(id).map_or(0, Vec::len) != 1 {
            faults.push(Fault::new(
                id,
                "",
                "must be a child of exactly one judgement",
            ));
        }
        let verdicts: Vec<&Value> = node
            .children()
            .iter()
            .filter_map(|child| match nodes.get(child) {
                Some(Node::VerdictNode { verdict, .. }) => Some(verdict),
                _ => None,
            })
            .collect();
        let count = |verdict: Value| verdicts.iter().filter(|&&v| *v == verdict).count();
        match node {
            Node::BinaryJudgementNode { .. }
                if verdicts.len() != 2 || count(json!(true)) != 1 || count(json!(false)) != 1 =>
            {
                let what = "must be one verdict that is true and one that is false";
                faults.push(Fault::new(id, "children", what));
            }
            Node::NonBinaryJudgementNode { .. } => {
                if verdicts.iter().any(|verdict| !verdict.is_string()) {
                    faults.push(Fault::new(
                        id,
                        "children",
                        "must be verdicts that are texts",
                    ));
                }
                if let Some(twice) = verdicts
                    .iter()
                    .find(|verdict| count((**verdict).clone()) > 1)
                {
                    faults.push(Fault::new(
                        id,
                        "children",
                        format!("have the verdict {twice} twice"),
                    ));
                }
            }
            _ => {}
        }
    }
}
