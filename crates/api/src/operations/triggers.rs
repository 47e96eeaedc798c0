//! What starts campaigns by itself, and scenarios before they are run: dry runs, imports, hooks, schedules.

use crate::examples::{self, ID};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use assay_model::ScenarioSpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is taken to happen where only a call could tell.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Assumptions {
    /// By the id of a condition: which of its edges is taken, by its place among them; the one without `when` is the last.
    #[schemars(extend("maxProperties" = 1000))]
    ways: BTreeMap<String, u32>,
    /// By the id of a node that waits: the answer.
    #[schemars(extend("maxProperties" = 1000))]
    answers: BTreeMap<String, Value>,
    /// By the id of a node: what the agent or the server answers.
    #[schemars(extend("maxProperties" = 1000))]
    replies: BTreeMap<String, String>,
    /// By the name of a metric: its score, in `[0, 1]`; else it passes.
    #[schemars(extend("maxProperties" = 1000))]
    scores: BTreeMap<String, f64>,
}

/// A dry run of a scenario that is saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct DryRunRequest {
    /// The version; the newest where none is named.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<i64>,
    /// See `Assumptions`.
    #[serde(default)]
    ways: BTreeMap<String, u32>,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    #[serde(default)]
    replies: BTreeMap<String, String>,
    #[serde(default)]
    scores: BTreeMap<String, f64>,
}

/// A dry run of a scenario that is not saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct DryRunOf {
    scenario: ScenarioSpec,
    #[serde(default)]
    assumptions: Assumptions,
}

/// A node on the path.
#[derive(Serialize, JsonSchema)]
struct Visit {
    /// The super-step, from 0; nodes of one step run at once.
    step: u32,
    /// The node; of a scenario within, after the ids of the nodes around it.
    node: String,
    /// What would happen.
    does: String,
    /// Whether that takes a call, or somebody who answers.
    calls: bool,
    /// Why the run would end in error here.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The path that a run would take.
#[derive(Serialize, JsonSchema)]
struct DryRun {
    /// The nodes, in order.
    path: Vec<Visit>,
    /// Whether it comes to an end.
    ends: bool,
    /// What the variables hold in the end.
    variables: Value,
}

/// A graph of React Flow.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ImportRequest {
    /// As the editor saves, exports or generates it: `nodes` and `edges`, and what stands beside them.
    source: Map<String, Value>,
    /// The scenario's name, in place of the source's own.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Whether the scenario is kept.
    #[serde(default)]
    save: bool,
}

/// Something that could not be taken over as it was.
#[derive(Serialize, JsonSchema)]
struct ImportNote {
    /// The node or edge: a JSON pointer in the source.
    at: String,
    /// The id that its node has, or would have, in the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    message: String,
}

/// What a graph comes to.
#[derive(Serialize, JsonSchema)]
struct ImportedScenario {
    scenario: ScenarioSpec,
    /// What could not be taken over as it was.
    notes: Vec<ImportNote>,
    /// The scenario that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    scenarios()
}

fn scenarios() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Scenarios",
    };
    let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
    let path = json!({
        "path": [
            {"step": 0, "node": "ask", "does": "a model plays the persona", "calls": true},
            {"step": 1, "node": "answer", "does": "the agent is asked: Where is it?", "calls": true},
        ],
        "ends": true,
        "variables": {"number": 1},
    });
    vec![
        part.op("dry_run_scenario", "POST", "/api/v1/scenarios/{id}/dry-run", read, 200, "Show the path of a scenario without a call")
            .about("Node by node, under assumptions where only a call could tell. Nothing outside is asked, and nothing is kept.")
            .body::<DryRunRequest>(json!({"version": 3, "ways": {"found": 1}, "answers": {"person": "yes"}}))
            .answer::<DryRun>(path.clone()),
        part.op("dry_run_new_scenario", "POST", "/api/v1/scenarios/dry-run", read, 200, "Show the path of a scenario that is not saved")
            .about("Scenarios that it plays within are those of the workspace.")
            .body::<DryRunOf>(json!({"scenario": examples::scenario(), "assumptions": {"scores": {"contains": 0.0}}}))
            .answer::<DryRun>(path),
        part.op("import_scenario", "POST", "/api/v1/scenarios/import", write, 200, "Read a scenario from a graph of React Flow")
            .about("As the program that Assay replaces keeps it. What has no counterpart becomes a note that says what was done \
                    instead.")
            .body::<ImportRequest>(json!({
                "source": {
                    "name": "Late order",
                    "nodes": [
                        {"id": "1", "type": "customNode", "data": {"category": "start"}},
                        {"id": "2", "type": "customNode", "data": {"category": "end"}},
                    ],
                    "edges": [{"id": "e", "source": "1", "target": "2"}],
                },
                "save": true,
            }))
            .answer::<ImportedScenario>(json!({
                "scenario": examples::scenario(),
                "notes": [{"at": "/nodes/1", "node": "end", "message": "it has no result: the run's scores decide"}],
                "id": ID,
            }))
            .problem_as(409, "The name is taken"),
    ]
}
