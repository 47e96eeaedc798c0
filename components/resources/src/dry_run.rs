//! Dry runs: the path that a scenario would take, without a call.

use crate::place::Place;
use crate::resource::{Resource as _, Stored, id};
use crate::scenarios::Scenarios;
use crate::snapshot::within;
use crate::versions;
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, reply};
use assay_graph::protocol::RunItem;
use assay_model::{FieldError, NodeKind, ScenarioGraph, ScenarioSpec, Validate as _, Validator};
use assay_scenario::{Assumptions, Course, Unplayable};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most turns of the user, and tries of a call, as a campaign has them that says nothing of it.
const MAX_TURNS: u32 = 10;
const MAX_ATTEMPTS: u32 = 3;
/// Most assumptions of a kind.
const MAX_ASSUMED: usize = 1_000;

/// A scenario that is not saved, and what is taken to happen in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsaved {
    scenario: Value,
    #[serde(default, deserialize_with = "assay_model::object")]
    assumptions: Assumptions,
}

/// `POST /api/v1/scenarios/{id}/dry-run`: of the newest version, or of the one that is named.
pub(crate) async fn saved(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let version = match body.remove("version") {
        None | Some(Value::Null) => None,
        Some(number) => match number.as_i64().filter(|n| *n > 0) {
            Some(number) => Some(number),
            None => {
                return Err(Problem::field(
                    "/version",
                    "must be the number of a version",
                ));
            }
        },
    };
    let assumptions: Assumptions =
        assay_edge::parse_json(&serde_json::to_vec(&body).map_err(Problem::internal)?)?;
    let db = ctx.db().await?;
    let id = id(&ctx, Scenarios::ID, Scenarios::NOUN)?;
    let stored = Stored::find::<Scenarios>(&db, &Place::WORKSPACE, id).await?;
    let spec = match version {
        None => stored.spec,
        Some(number) => match versions::exists::<Scenarios>(&db, id, number).await? {
            true => versions::find::<Scenarios>(&db, id, number).await?.spec,
            false => return Err(Problem::field("/version", "is no version of this scenario")),
        },
    };
    let scenario =
        serde_json::from_value(Value::Object(spec.clone())).map_err(Problem::internal)?;
    run(&db, "", &spec, scenario, &assumptions, "").await
}

/// `POST /api/v1/scenarios/dry-run`.
pub(crate) async fn unsaved(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Unsaved = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let under = |problem: Problem| problem.map_errors(|errors| prefixed("/scenario", errors));
    let Value::Object(spec) = body.scenario else {
        return Err(Problem::field("/scenario", "must be an object"));
    };
    let bytes = serde_json::to_vec(&spec).map_err(Problem::internal)?;
    let scenario: ScenarioSpec = assay_edge::parse_json(&bytes).map_err(under)?;
    scenario
        .validate()
        .map_err(|errors| under(Problem::validation(errors)))?;
    Scenarios::check(&scenario).map_err(under)?;
    let db = ctx.db().await?;
    run(
        &db,
        "/scenario",
        &spec,
        scenario,
        &body.assumptions,
        "/assumptions",
    )
    .await
}

/// The path. `at` and `assumed_at` are where the scenario and the assumptions stand in the request.
async fn run(
    db: &ScopedDb,
    at: &str,
    spec: &Map<String, Value>,
    scenario: ScenarioSpec,
    assumptions: &Assumptions,
    assumed_at: &str,
) -> Result<Reply, Problem> {
    check(assumptions, scenario.graph.as_ref())
        .map_err(|errors| Problem::validation(prefixed(assumed_at, errors)))?;
    let found = within(db, std::iter::once(spec)).await?;
    let mut scenarios = BTreeMap::new();
    for (id, spec) in found {
        let spec = serde_json::from_value(spec).map_err(Problem::internal)?;
        scenarios.insert(id, spec);
    }
    let graph = scenario.graph.clone();
    let dry = assay_scenario::dry_run(course(scenario, scenarios), assumptions);
    reply::ok(&dry.map_err(|e| unplayable(at, graph.as_ref(), &e))?)
}

/// The scenario as a campaign would run it that says nothing else.
fn course(scenario: ScenarioSpec, scenarios: BTreeMap<String, ScenarioSpec>) -> Course {
    Course {
        run_id: "dry-run".to_owned(),
        repetition: 0,
        seed: 0,
        item: RunItem {
            item: scenario.to_item(),
            scenario: Some(scenario),
            scenarios,
        },
        metrics: Vec::new(),
        max_turns: MAX_TURNS,
        max_attempts: MAX_ATTEMPTS,
        trigger: Value::Null,
    }
}

fn prefixed(at: &str, errors: Vec<FieldError>) -> Vec<FieldError> {
    let errors = errors.into_iter();
    let errors = errors.map(|e| FieldError {
        field: format!("{at}{}", e.field),
        message: e.message,
    });
    errors.collect()
}

/// Why it cannot be played, with the node: of a scenario within, the one that plays it.
fn unplayable(at: &str, graph: Option<&ScenarioGraph>, why: &Unplayable) -> Problem {
    let node = match why {
        Unplayable::Node(name, _) => name.split('/').next(),
        Unplayable::Scenarios(_) | Unplayable::Graph(_) => None,
    };
    let place = graph.zip(node).and_then(|(graph, node)| {
        let mut nodes = graph.nodes.iter();
        nodes.position(|n| n.id == node)
    });
    let field = place.map_or_else(
        || format!("{at}/graph"),
        |i| format!("{at}/graph/nodes/{i}"),
    );
    Problem::field(field, format!("cannot be played: {why}"))
}

/// What is assumed must be possible, where that can be told: nodes of scenarios within are not looked for.
fn check(assumptions: &Assumptions, graph: Option<&ScenarioGraph>) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    let counts = [
        ("ways", assumptions.ways.len()),
        ("answers", assumptions.answers.len()),
        ("replies", assumptions.replies.len()),
        ("scores", assumptions.scores.len()),
    ];
    for (field, count) in counts {
        v.require(
            count <= MAX_ASSUMED,
            field,
            "must have at most 1000 entries",
        );
    }
    v.at("scores", |v| {
        for (name, score) in &assumptions.scores {
            v.range(name, *score, 0.0, 1.0);
        }
    });
    if let Some(graph) = graph {
        let node = |id: &str| graph.nodes.iter().find(|n| n.id == id);
        v.at("ways", |v| {
            for (id, way) in assumptions.ways.iter().filter(|(id, _)| !id.contains('/')) {
                let decides = node(id).is_some_and(|n| matches!(n.does, NodeKind::Condition {}));
                v.require(decides, id, "is no condition of this scenario");
                let edges = graph.out(id).count();
                v.require(
                    !decides || *way < edges,
                    id,
                    format!("must be the place of one of its {edges} edges, from 0"),
                );
            }
        });
        let answers = assumptions.answers.keys().map(|id| ("answers", id));
        let replies = assumptions.replies.keys().map(|id| ("replies", id));
        for (field, id) in answers.chain(replies).filter(|(_, id)| !id.contains('/')) {
            v.at(field, |v| {
                let message = "is no node of this scenario";
                v.require(node(id).is_some(), id, message);
            });
        }
    }
    v.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph() -> ScenarioGraph {
        serde_json::from_value(json!({
            "start": "ask",
            "nodes": [
                {"id": "ask", "does": {"type": "persona_turn", "say": "Where is it?"}},
                {"id": "good", "does": {"type": "condition"}},
                {"id": "done", "does": {"type": "end"}},
            ],
            "edges": [
                {"from": "ask", "to": "good"},
                {"from": "good", "to": "ask", "when": {"expression": "turns < 2"}},
                {"from": "good", "to": "done"},
            ],
        }))
        .unwrap()
    }

    fn wrong(assumptions: Value) -> Vec<String> {
        let assumptions: Assumptions = serde_json::from_value(assumptions).unwrap();
        let found = check(&assumptions, Some(&graph()));
        let found = found.err().unwrap_or_default().into_iter();
        found.map(|e| e.field).collect()
    }

    #[test]
    fn assumptions_are_of_the_scenario() {
        assert_eq!(
            wrong(
                json!({"ways": {"good": 1, "sub/good": 7}, "answers": {"ask": 1}, "scores": {"a": 0.5}})
            ),
            [""; 0]
        );
        assert_eq!(
            wrong(json!({"ways": {"good": 2, "ask": 0, "gone": 0}})),
            ["/ways/ask", "/ways/gone", "/ways/good"]
        );
        assert_eq!(
            wrong(json!({"answers": {"gone": 1}, "replies": {"away": ""}, "scores": {"a/b": 1.5}})),
            ["/scores/a~1b", "/answers/gone", "/replies/away"]
        );
    }

    #[test]
    fn what_cannot_be_played_is_named_by_its_node() {
        let graph = graph();
        let fields = |why: Unplayable| unplayable("/scenario", Some(&graph), &why).to_string();
        let within = Unplayable::Node("good/inner".into(), "leads nowhere".into());
        assert!(fields(within).contains("/scenario/graph/nodes/1"));
        let whole = fields(Unplayable::Scenarios("there are too many".into()));
        assert!(
            whole.contains("/scenario/graph") && !whole.contains("nodes"),
            "{whole}"
        );
    }

    /// The scenario of the end-to-end tests.
    fn asking() -> Value {
        json!({
            "name": "Asking",
        "metrics": [{"kind": "contains", "name": "speaks", "params": {"values": ["answer"]}}],
            "graph": {
                "start": "ask",
                "variables": {"order": "4711"},
                "nodes": [
                    {"id": "ask", "does": {"type": "persona_turn", "say": "Where is {{ order }}?"}},
                    {"id": "answer", "does": {"type": "target_call"}},
                    {"id": "good", "does": {"type": "condition"}},
                    {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}]}},
                    {"id": "done", "does": {"type": "end"}},
                ],
                "edges": [
                    {"from": "ask", "to": "answer"}, {"from": "answer", "to": "good"},
                    {"from": "good", "to": "score", "when": {"answer_contains": "depot"}},
                    {"from": "good", "to": "done"},
                    {"from": "score", "to": "done"},
                ],
            },
        })
    }

    fn path(
        scenario: Value,
        within: &[(&str, Value)],
        assumptions: Value,
    ) -> Result<Value, Unplayable> {
        let scenarios = within.iter().map(|(id, spec)| {
            (
                (*id).to_owned(),
                serde_json::from_value(spec.clone()).unwrap(),
            )
        });
        let course = course(
            serde_json::from_value(scenario).unwrap(),
            scenarios.collect(),
        );
        let assumptions: Assumptions = serde_json::from_value(assumptions).unwrap();
        assay_scenario::dry_run(course, &assumptions).map(|dry| json!(dry))
    }

    fn nodes(dry: &Value) -> Vec<&str> {
        let path = dry["path"].as_array().unwrap();
        path.iter().map(|v| v["node"].as_str().unwrap()).collect()
    }

    #[test]
    fn paths_follow_what_is_assumed() {
        let dry = path(asking(), &[], json!({})).unwrap();
        assert!(!nodes(&dry).contains(&"score"), "{dry}");
        assert_eq!(dry["ends"], true, "{dry}");
        assert_eq!(
            dry["path"][1]["does"], "the agent is asked: Where is 4711?",
            "{dry}"
        );
        assert_eq!(dry["variables"]["order"], "4711");
        for assumed in [
            json!({"replies": {"answer": "At the depot."}}),
            json!({"ways": {"good": 0}}),
        ] {
            let dry = path(asking(), &[], assumed).unwrap();
            assert!(nodes(&dry).contains(&"score"), "{dry}");
        }
        let mut outer = asking();
        outer["graph"]["nodes"][1]["does"] =
            json!({"type": "sub_scenario", "scenario_id": "inner"});
        let replied = json!({"replies": {"answer/answer": "At the depot."}});
        let dry = path(outer.clone(), &[("inner", asking())], replied).unwrap();
        assert!(nodes(&dry).contains(&"answer/score"), "{dry}");
        let gone = path(outer.clone(), &[], json!({})).unwrap_err();
        let graph: ScenarioGraph = serde_json::from_value(outer["graph"].clone()).unwrap();
        let told = unplayable("/scenario", Some(&graph), &gone).to_string();
        assert!(told.contains("/scenario/graph/nodes/1"), "{told}");
    }
}
