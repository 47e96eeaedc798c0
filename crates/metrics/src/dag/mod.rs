//! `dag` and `conversational_dag`: a graph of small questions leads to the score. DeepEval's `DAGMetric` and
//! `ConversationalDAGMetric`.
//!
//! A task node has the judge bring out something of the case, a judgement node has it decide, and of a judgement's verdicts the one
//! that was given goes on: to a score from 0 to 10, to another node, or to another metric, whose score and reason then are the
//! whole's. A node is shown what the task nodes right before it brought out, and the fields of the case that it names. It runs when
//! all that lead to it have come to it; the verdicts of one judgement count as one way, as only one is ever given. The graph is
//! written as upstream's `DeepAcyclicGraph.to_dict()` writes it, so one that has no metrics in it can be taken as it is.
//!
//! As upstream, strict mode raises the threshold to 1 and leaves the score: it is what the verdict says.
//!
//! Deviations:
//! - Nodes that do not wait for one another run at the same time. Where a case comes to several ends, the last one counts, by the
//!   order of the children, as upstream's sequential way has it, and one reason is asked for, when all is done; upstream asks for
//!   one at each end, and which end counts is left to chance when it does not run sequentially.
//! - Nodes that nothing leads to begin in the order of their ids.
//! - A metric that is a child is one of Assay's, as a campaign would name it; another graph must be written into this one instead.
//! - Refused before anything runs, and not only when it comes to it: a node that is shown nothing, a verdict of no judgement or of
//!   several, and a task that leads nowhere.
//! - A case that comes to no end is an error and names the nodes that waited; upstream has no score then, or that of the case before.
//! - A turn window may be of one turn. Turns are what the user and the agent said.

mod check;
mod graph;
mod look;
mod node;
mod run;
mod schema;

use crate::agentic::strict_threshold;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan};
use assay_model::{TestCase, Validator};
use check::Fault;
use graph::{Graph, Nodes};
use node::Node;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) struct Dag;

pub(crate) struct ConversationalDag;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    dag: Document,
    /// Read by [`strict_threshold`].
    #[serde(default, rename = "strict")]
    _strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    nodes: Nodes,
}

/// What a graph is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// One question and its answer.
    Answer,
    /// The turns of a conversation.
    Conversation,
}

/// Fields that a node of one question and answer can be shown.
const FIELDS: [&str; 13] = [
    "input",
    "actual_output",
    "expected_output",
    "context",
    "retrieval_context",
    "tools_called",
    "expected_tools",
    "conversation",
    "trace",
    "scenario",
    "expected_outcome",
    "user_description",
    "chatbot_role",
];

/// Fields of each turn that a node of a conversation can be shown.
const TURN_FIELDS: [&str; 4] = ["role", "content", "retrieval_context", "tools_called"];

/// Fields of the case that a node of a conversation can be shown as well.
const CASE_FIELDS: [&str; 4] = [
    "scenario",
    "expected_outcome",
    "user_description",
    "chatbot_role",
];

impl Scope {
    fn fields(self) -> Vec<&'static str> {
        match self {
            Self::Answer => FIELDS.to_vec(),
            Self::Conversation => TURN_FIELDS.into_iter().chain(CASE_FIELDS).collect(),
        }
    }

    fn params_schema(self) -> Value {
        json!({
            "type": "object",
            "properties": {
                "dag": schema::dag(self),
                "strict": {"type": "boolean", "default": false,
                    "description": "Only a full score passes. The score stays what the verdict says."},
                "include_reason": {"type": "boolean", "default": true,
                    "description": "Whether the judge is asked to explain a score of the graph's own, with one more call."},
            },
            "required": ["dag"],
            "additionalProperties": false,
        })
    }

    fn check(self, params: &Value, v: &mut Validator) {
        let nodes = match serde_json::from_value::<Params>(params.clone()) {
            Ok(params) => params.dag.nodes,
            Err(fault) => return v.error("dag", format!("is no graph: {fault}")),
        };
        v.at("dag", |v| {
            v.at("nodes", |v| {
                for (id, node) in &nodes {
                    v.at(id, |v| node.check_metric(v));
                }
                let faults = Graph::build(&nodes, self).err().unwrap_or_default();
                v.pointers(faults.into_iter().map(Fault::into_field).collect());
            });
        });
    }

    fn required_fields(self, params: &Value) -> Vec<String> {
        let Ok(params) = serde_json::from_value::<Params>(params.clone()) else {
            return Vec::new();
        };
        let named = params.dag.nodes.values().flat_map(Node::fields);
        let fields: BTreeSet<&str> = named
            .map(|field| match self {
                Self::Conversation if TURN_FIELDS.contains(&field.as_str()) => "conversation",
                _ => field,
            })
            .collect();
        fields.into_iter().map(str::to_owned).collect()
    }

    fn begin(self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let graph = match Graph::build(&params.dag.nodes, self) {
            Ok(graph) => graph,
            Err(faults) => {
                let first = faults.first().map(ToString::to_string).unwrap_or_default();
                return Plan::Error(format!("the graph is wrong: {first}"));
            }
        };
        let case = case.clone();
        Plan::judge(move |judge| run::run(judge, graph, case, params.include_reason))
    }
}

impl Metric for Dag {
    fn about(&self) -> About {
        About {
            name: "DAG",
            description: "A graph of tasks and judgements leads a case to its score: each verdict goes to a score, to the next node \
                          or to another metric.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: Scope::Answer.params_schema(),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        Scope::Answer.check(params, v);
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        Scope::Answer.required_fields(params)
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        Scope::Answer.begin(params, case)
    }
}

impl Metric for ConversationalDag {
    fn about(&self) -> About {
        About {
            name: "Conversational DAG",
            description: "A graph of tasks and judgements leads a conversation to its score. Each node sees all turns or a window \
                          of them.",
            required_fields: &[],
            default_threshold: 0.5,
            version: 1,
            params_schema: Scope::Conversation.params_schema(),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        Scope::Conversation.check(params, v);
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        Scope::Conversation.required_fields(params)
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        Scope::Conversation.begin(params, case)
    }
}

#[cfg(test)]
mod tests;
