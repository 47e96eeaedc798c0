//! What a campaign is made from: the request, checked, and the resources it names, frozen.

use assay_edge::{Platform, Problem, chain};
use assay_graph::protocol::{
    AgentSnapshot, CampaignSnapshot, CheckMetricsRequest, MetricList, ModelSnapshot, RunItem,
};
use assay_model::{
    CampaignSpec, FieldError, MetricSpec, NodeKind, ScenarioGraph, ScenarioSpec, Validate as _,
    Validator,
};
use assay_scenario::{Course, compile};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// A scenario as it was when the campaign began.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ScenarioSnapshot {
    pub(crate) id: String,
    pub(crate) spec: ScenarioSpec,
}

/// A dataset as it was when the campaign began.
#[derive(Debug, Deserialize)]
struct DatasetSnapshot {
    item_count: u64,
}

#[derive(Debug, Deserialize)]
struct Snapshot {
    agent: AgentSnapshot,
    #[serde(default)]
    models: Vec<ModelSnapshot>,
    #[serde(default)]
    dataset: Option<DatasetSnapshot>,
    #[serde(default)]
    scenarios: Vec<ScenarioSnapshot>,
    /// Scenarios that those play within, and so on, by id.
    #[serde(default)]
    within: BTreeMap<String, ScenarioSpec>,
}

/// Everything a campaign starts from.
pub(crate) struct Input {
    pub(crate) spec: CampaignSpec,
    pub(crate) snapshot: CampaignSnapshot,
    pub(crate) scenarios: Vec<ScenarioSnapshot>,
    /// Scenarios that those play within, and so on, by id.
    pub(crate) within: BTreeMap<String, ScenarioSpec>,
}

/// Checks what only the evaluator knows: the parameters of the metrics.
pub(crate) async fn check_metrics(
    platform: &Platform,
    metrics: &[MetricSpec],
) -> Result<(), Problem> {
    if metrics.is_empty() {
        return Ok(());
    }
    let list = MetricList {
        pointer: "/metrics".into(),
        metrics: metrics.to_vec(),
        single: false,
    };
    let request = CheckMetricsRequest { lists: vec![list] };
    chain::call(platform, "evaluator", "/internal/check-metrics", &request).await
}

/// Checks the request by itself.
pub(crate) fn check(spec: &CampaignSpec) -> Result<(), Problem> {
    let mut v = Validator::default();
    spec.check(&mut v);
    let needs_judge = spec.metrics.iter().any(|m| m.kind.needs_judge());
    v.require(
        !needs_judge || spec.judge_model_id.is_some(),
        "judge_model_id",
        "is required by a metric",
    );
    v.finish().map_err(Problem::validation)
}

/// Freezes what the request names.
pub(crate) async fn resolve(
    platform: &Platform,
    workspace: &str,
    spec: CampaignSpec,
) -> Result<Input, Problem> {
    let model_ids: Vec<&str> = [&spec.judge_model_id, &spec.persona_model_id]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let body = json!({
        "workspace_id": workspace,
        "agent_id": spec.agent_id,
        "model_ids": model_ids,
        "dataset_id": spec.dataset_id,
        "scenario_ids": spec.scenario_ids,
    });
    let found: Snapshot = chain::call(platform, "resources", "/internal/snapshot", &body).await?;
    let model = |id: &Option<String>, field: &str| match id {
        None => Ok(None),
        Some(id) => match found.models.iter().find(|m| m.id == *id) {
            Some(model) => Ok(Some(model.clone())),
            None => Err(Problem::field(field, "is not a model of this workspace")),
        },
    };
    let judge = model(&spec.judge_model_id, "/judge_model_id")?;
    let persona = model(&spec.persona_model_id, "/persona_model_id")?;
    if found.dataset.as_ref().is_some_and(|d| d.item_count == 0) {
        return Err(Problem::field(
            "/dataset_id",
            "names a dataset without items",
        ));
    }
    check_scenarios(&spec, &found.scenarios, &found.within)?;
    let snapshot = CampaignSnapshot {
        agent: found.agent,
        judge,
        persona,
        metrics: spec.metrics.clone(),
        max_turns: spec.max_turns,
        max_attempts: spec.max_attempts,
        seed: spec.seed,
        trigger: serde_json::Value::Null,
    };
    Ok(Input {
        spec,
        snapshot,
        scenarios: found.scenarios,
        within: found.within,
    })
}

/// A scenario must be playable with what the campaign configures, and so must those that it plays within.
fn check_scenarios(
    spec: &CampaignSpec,
    scenarios: &[ScenarioSnapshot],
    within: &BTreeMap<String, ScenarioSpec>,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (i, scenario) in scenarios.iter().enumerate() {
        let mut error = |message: String| {
            errors.push(FieldError {
                field: format!("/scenario_ids/{i}"),
                message,
            });
        };
        let item = scenario_item(scenario.clone(), within);
        let named: Vec<&ScenarioSpec> = std::iter::once(&scenario.spec)
            .chain(item.scenarios.values())
            .collect();
        if named.iter().any(|s| s.needs_persona_model()) && spec.persona_model_id.is_none() {
            error("has no script; `persona_model_id` is required to play it".into());
        }
        let graphs = || named.iter().filter_map(|s| s.graph.as_ref());
        let mut nodes = graphs().flat_map(|g| &g.nodes);
        let scores = nodes.any(|n| {
            !n.does.metrics().is_empty() || matches!(n.does, NodeKind::End { result: Some(_) })
        });
        if !scores && scenario.spec.metrics.is_empty() && spec.metrics.is_empty() {
            error("has no metrics, and neither has the campaign".into());
        }
        let mut metrics = named.iter().flat_map(|s| {
            let nodes = s.graph.iter().flat_map(|g| &g.nodes);
            s.metrics.iter().chain(nodes.flat_map(|n| n.does.metrics()))
        });
        let judged = metrics.any(|m| m.kind.needs_judge());
        if judged && spec.judge_model_id.is_none() {
            error("has a metric that needs `judge_model_id`".into());
        }
        if graphs().any(ScenarioGraph::asks_judge) && spec.judge_model_id.is_none() {
            error("has a condition that needs `judge_model_id`".into());
        }
        let course = Course {
            run_id: String::new(),
            repetition: 0,
            seed: spec.seed,
            item,
            metrics: spec.metrics.clone(),
            max_turns: spec.max_turns,
            max_attempts: spec.max_attempts,
            trigger: serde_json::Value::Null,
        };
        if let Err(unplayable) = compile(course) {
            error(format!("cannot be played: {unplayable}"));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(errors))
    }
}

/// What a run of a scenario is about, with the scenarios that it plays within.
pub(crate) fn scenario_item(
    scenario: ScenarioSnapshot,
    within: &BTreeMap<String, ScenarioSpec>,
) -> RunItem {
    let mut scenarios = BTreeMap::new();
    let mut open: Vec<&ScenarioSpec> = vec![&scenario.spec];
    while let Some(spec) = open.pop() {
        let named = spec.graph.iter().flat_map(ScenarioGraph::sub_scenarios);
        for (_, id) in named {
            if let Some(other) = within.get(id)
                && scenarios.insert(id.to_owned(), other.clone()).is_none()
            {
                open.push(other);
            }
        }
    }
    RunItem {
        item: scenario.spec.to_item(),
        scenario: Some(scenario.spec),
        scenarios,
    }
}
