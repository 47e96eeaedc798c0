//! What a campaign is made from: the request, checked, and the resources it names, frozen.

use assay_edge::{Ctx, Platform, Problem, chain};
use assay_graph::protocol::{
    AgentSnapshot, CampaignSnapshot, CheckMetricsRequest, MetricList, ModelSnapshot, RunItem,
};
use assay_model::{CampaignSpec, FieldError, MetricSpec, ScenarioSpec, Validate as _, Validator};
use serde::Deserialize;
use serde_json::json;

/// A scenario as it was when the campaign began.
#[derive(Debug, Deserialize)]
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
}

/// Everything a campaign starts from.
pub(crate) struct Input {
    pub(crate) spec: CampaignSpec,
    pub(crate) snapshot: CampaignSnapshot,
    pub(crate) scenarios: Vec<ScenarioSnapshot>,
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
pub(crate) async fn resolve(ctx: &Ctx, spec: CampaignSpec) -> Result<Input, Problem> {
    let model_ids: Vec<&str> = [&spec.judge_model_id, &spec.persona_model_id]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let body = json!({
        "workspace_id": ctx.actor()?.workspace,
        "agent_id": spec.agent_id,
        "model_ids": model_ids,
        "dataset_id": spec.dataset_id,
        "scenario_ids": spec.scenario_ids,
    });
    let found: Snapshot =
        chain::call(&ctx.platform, "resources", "/internal/snapshot", &body).await?;
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
    check_scenarios(&spec, &found.scenarios)?;
    let snapshot = CampaignSnapshot {
        agent: found.agent,
        judge,
        persona,
        metrics: spec.metrics.clone(),
        max_turns: spec.max_turns,
        max_attempts: spec.max_attempts,
        seed: spec.seed,
    };
    Ok(Input {
        spec,
        snapshot,
        scenarios: found.scenarios,
    })
}

/// A scenario must be playable with what the campaign configures.
fn check_scenarios(spec: &CampaignSpec, scenarios: &[ScenarioSnapshot]) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let mut error = |i: usize, message: &str| {
        errors.push(FieldError {
            field: format!("/scenario_ids/{i}"),
            message: message.to_owned(),
        });
    };
    for (i, scenario) in scenarios.iter().enumerate() {
        if scenario.spec.script.is_empty() && spec.persona_model_id.is_none() {
            error(
                i,
                "has no script; `persona_model_id` is required to play it",
            );
        }
        if scenario.spec.metrics.is_empty() && spec.metrics.is_empty() {
            error(i, "has no metrics, and neither has the campaign");
        }
        if scenario.spec.metrics.iter().any(|m| m.kind.needs_judge())
            && spec.judge_model_id.is_none()
        {
            error(i, "has a metric that needs `judge_model_id`");
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(errors))
    }
}

/// What a run of a scenario is about.
pub(crate) fn scenario_item(scenario: ScenarioSnapshot) -> RunItem {
    RunItem {
        item: scenario.spec.to_item(),
        scenario: Some(scenario.spec),
    }
}

/// Most turns of the user in one run. A script is played to its end: the bound is for users who would never stop.
pub(crate) fn turn_limit(campaign: &CampaignSnapshot, item: &RunItem) -> u32 {
    let own = item.scenario.as_ref().and_then(|s| s.max_turns);
    let scripted = u32::try_from(item.item.turns.len()).unwrap_or(u32::MAX);
    own.unwrap_or(campaign.max_turns)
        .min(campaign.max_turns)
        .max(scripted)
}

/// Metrics of one run: the campaign's, then the item's own where the name is not taken.
pub(crate) fn metrics_of(snapshot: &CampaignSnapshot, item: &RunItem) -> Vec<MetricSpec> {
    let mut all = snapshot.metrics.clone();
    for own in &item.item.metrics {
        let name = own.display_name();
        let taken = all
            .iter()
            .filter(|m| {
                m.display_name() == name || m.display_name().starts_with(&format!("{name} #"))
            })
            .count();
        let mut own = own.clone();
        if taken > 0 {
            own.name = Some(format!("{name} #{}", taken + 1));
        }
        all.push(own);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_an_item_get_names_of_their_own() {
        use assay_model::{AgentKind, MetricKind};
        let spec = assay_model::AgentSpec::new("a", AgentKind::OpenaiChat, "http://x");
        let snapshot = CampaignSnapshot {
            agent: AgentSnapshot {
                id: "a".into(),
                version: 1,
                spec,
                credential: None,
            },
            judge: None,
            persona: None,
            metrics: vec![MetricSpec::of(MetricKind::Contains)],
            max_turns: 1,
            max_attempts: 1,
            seed: 0,
        };
        let mut item = RunItem {
            item: Default::default(),
            scenario: None,
        };
        item.item.metrics = vec![
            MetricSpec::of(MetricKind::Contains),
            MetricSpec::of(MetricKind::Contains),
        ];
        let names: Vec<_> = metrics_of(&snapshot, &item)
            .iter()
            .map(|m| m.display_name().to_owned())
            .collect();
        assert_eq!(names, ["contains", "contains #2", "contains #3"]);
    }
}
