//! What a campaign is made from: the request, checked, and the resources it names, frozen.

use crate::players::players;
use assay_edge::calibrations::active;
use assay_edge::db::ScopedDb;
use assay_edge::{Platform, Problem, chain};
use assay_graph::protocol::{
    AgentSnapshot, CampaignSnapshot, CheckMetricsRequest, MetricList, ModelSnapshot, RunItem,
};
use assay_model::{
    ActiveCalibration, CampaignSpec, FieldError, MetricSpec, NodeKind, PersonaSpec, ScenarioGraph,
    ScenarioSpec, SealedSecret, Validate as _, Validator,
};
use assay_review::calibration::judge_key;
use assay_scenario::{Course, compile};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

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
    agents: Vec<AgentSnapshot>,
    #[serde(default)]
    personas: BTreeMap<String, PersonaSpec>,
    #[serde(default)]
    models: Vec<ModelSnapshot>,
    #[serde(default)]
    dataset: Option<DatasetSnapshot>,
    #[serde(default)]
    scenarios: Vec<ScenarioSnapshot>,
    /// Scenarios that those play within, and so on, by id.
    #[serde(default)]
    within: BTreeMap<String, ScenarioSpec>,
    /// The secrets that nodes of all of them name, by name.
    #[serde(default)]
    secrets: BTreeMap<String, SealedSecret>,
    /// The programs that any of these name, as far as they are there.
    #[serde(default)]
    programs: BTreeSet<String>,
}

impl Snapshot {
    fn model(&self, id: &str) -> Option<&ModelSnapshot> {
        self.models.iter().find(|m| m.id == id)
    }
}

/// Everything a campaign starts from.
pub(crate) struct Input {
    pub(crate) spec: CampaignSpec,
    pub(crate) snapshot: CampaignSnapshot,
    pub(crate) scenarios: Vec<ScenarioSnapshot>,
    /// Scenarios that those play within, and so on, by id.
    pub(crate) within: BTreeMap<String, ScenarioSpec>,
    /// Personas that play the scenarios, by id.
    pub(crate) personas: BTreeMap<String, PersonaSpec>,
}

/// Checks what only the evaluator knows: the parameters of the metrics, and what of the workspace they name.
pub(crate) async fn check_metrics(
    platform: &Platform,
    workspace: &str,
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
    let request = CheckMetricsRequest {
        workspace_id: workspace.to_owned(),
        lists: vec![list],
    };
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

/// Refuses to play a campaign again that is not there, or whose recording is not.
async fn check_replayed(platform: &Platform, workspace: &str, of: &str) -> Result<(), Problem> {
    let sql = "SELECT spec, recording FROM campaigns WHERE workspace_id = $1 AND id = $2";
    let db = platform.db().await?;
    let rows = db.query(sql, [workspace.into(), of.into()]).await?;
    let row = rows
        .first()
        .ok_or_else(|| Problem::field("/replay_of", "is not a campaign of this workspace"))?;
    let why = match row.opt_text("recording")?.as_deref() {
        Some("going" | "deleted") => {
            "was recorded, and its recording was deleted: the campaign is older than the workspace keeps traces"
        }
        _ if row.json::<CampaignSpec>("spec")?.record => return Ok(()),
        _ => "was not recorded",
    };
    Err(Problem::field("/replay_of", why))
}

/// What is known of the judges from scores that people labelled, as it is now; of a campaign that is played again as it was then.
async fn calibrations(
    platform: &Platform,
    workspace: &str,
    spec: &CampaignSpec,
) -> Result<Vec<ActiveCalibration>, Problem> {
    let Some(judge) = &spec.judge_model_id else {
        return Ok(Vec::new());
    };
    let db = ScopedDb::for_internal(platform.db().await?, workspace.to_owned());
    let Some(earlier) = &spec.replay_of else {
        return active(&db, &judge_key(judge, &spec.judging)).await;
    };
    let sql = "SELECT snapshot FROM campaigns WHERE workspace_id = $1 AND id = $2";
    let row = db.first(sql, [earlier.into()]).await?;
    let snapshot = row.map(|row| row.json::<CampaignSnapshot>("snapshot"));
    Ok(snapshot
        .transpose()?
        .map_or_else(Vec::new, |s| s.calibrations))
}

/// Freezes what the request names.
pub(crate) async fn resolve(
    platform: &Platform,
    workspace: &str,
    spec: CampaignSpec,
) -> Result<Input, Problem> {
    if let Some(of) = &spec.replay_of {
        check_replayed(platform, workspace, of).await?;
    }
    let model_ids: Vec<&str> = [&spec.judge_model_id, &spec.persona_model_id]
        .into_iter()
        .flatten()
        .chain(&spec.judging.panel)
        .map(String::as_str)
        .collect();
    let several = !spec.agents.is_empty();
    let agents: Vec<_> = spec
        .agents_under_test()
        .into_iter()
        .enumerate()
        .map(|(i, agent)| {
            let pointer = match (several, agent.version) {
                (false, _) => "/agent_id".to_owned(),
                (true, None) => format!("/agents/{i}/id"),
                (true, Some(_)) => format!("/agents/{i}/version"),
            };
            json!({"id": agent.id, "version": agent.version, "pointer": pointer})
        })
        .collect();
    let body = json!({
        "workspace_id": workspace,
        "agents": agents,
        "persona_ids": spec.persona_ids,
        "model_ids": model_ids,
        "dataset_id": spec.dataset_id,
        "scenario_ids": spec.scenario_ids,
    });
    let found: Snapshot = chain::call(platform, "resources", "/internal/snapshot", &body).await?;
    let model = |id: &Option<String>, field: &str| match id {
        None => Ok(None),
        Some(id) => match found.model(id) {
            Some(model) => Ok(Some(model.clone())),
            None => Err(Problem::field(field, "is not a model of this workspace")),
        },
    };
    let judge = model(&spec.judge_model_id, "/judge_model_id")?;
    let persona = model(&spec.persona_model_id, "/persona_model_id")?;
    let mut panel = Vec::with_capacity(spec.judging.panel.len());
    for (i, id) in spec.judging.panel.iter().enumerate() {
        let field = format!("/judging/panel/{i}");
        panel.extend(model(&Some(id.clone()), &field)?);
    }
    if found.dataset.as_ref().is_some_and(|d| d.item_count == 0) {
        return Err(Problem::field(
            "/dataset_id",
            "names a dataset without items",
        ));
    }
    check_scenarios(&spec, &found)?;
    let scenarios = found.scenarios.iter().map(|s| &s.spec);
    let scenarios: Vec<_> = scenarios.chain(found.within.values()).collect();
    let own = players(&scenarios, &found.personas).into_iter().flatten();
    let own = own.filter_map(|id| found.model(id));
    let persona_models = own.map(|m| (m.id.clone(), m.clone())).collect();
    let calibrations = calibrations(platform, workspace, &spec).await?;
    let snapshot = CampaignSnapshot {
        calibrations,
        agents: found.agents,
        agent: None,
        judge,
        panel,
        judging: spec.judging.clone(),
        persona,
        persona_models,
        secrets: found.secrets,
        metrics: spec.metrics.clone(),
        max_turns: spec.max_turns,
        max_attempts: spec.max_attempts,
        seed: spec.seed,
        record: spec.record,
        replay_of: spec.replay_of.clone(),
        trigger: serde_json::Value::Null,
    };
    Ok(Input {
        spec,
        snapshot,
        scenarios: found.scenarios,
        within: found.within,
        personas: found.personas,
    })
}

/// A scenario must be playable with what the campaign configures, and so must those that it plays within.
fn check_scenarios(spec: &CampaignSpec, found: &Snapshot) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let gone = |id: Option<&str>| id.is_some_and(|id| found.model(id).is_none());
    let mut played = false;
    for (i, scenario) in found.scenarios.iter().enumerate() {
        let mut error = |message: String| {
            errors.push(FieldError {
                field: format!("/scenario_ids/{i}"),
                message,
            });
        };
        let item = scenario_item(scenario.clone(), &found.within);
        let named: Vec<&ScenarioSpec> = std::iter::once(&scenario.spec)
            .chain(item.scenarios.values())
            .collect();
        let players = players(&named, &found.personas);
        played |= !players.is_empty();
        if players.contains(&None) && spec.persona_model_id.is_none() {
            error("has no script; `persona_model_id` is required to play it".into());
        }
        if found.personas.is_empty() && players.into_iter().any(gone) {
            error("has a persona whose `model` is not a model of this workspace".into());
        }
        let graphs = || named.iter().filter_map(|s| s.graph.as_ref());
        let mut nodes = graphs().flat_map(|g| &g.nodes);
        let scores = nodes.any(|n| {
            !n.does.metrics().is_empty() || matches!(n.does, NodeKind::End { result: Some(_) })
        });
        let has_goal = scenario.spec.goal_state.is_some();
        if !scores && !has_goal && scenario.spec.metrics.is_empty() && spec.metrics.is_empty() {
            error("has neither metrics nor a `goal_state`, and the campaign has no metrics".into());
        }
        if item.scenarios.values().any(|s| s.environment.is_some()) {
            error("plays a scenario within it that has an `environment`: the world of a run is that of its outermost scenario".into());
        }
        let mut metrics = named.iter().flat_map(|s| {
            let nodes = s.graph.iter().flat_map(|g| &g.nodes);
            s.metrics.iter().chain(nodes.flat_map(|n| n.does.metrics()))
        });
        let judged = metrics.any(|m| m.kind.needs_judge());
        if judged && spec.judge_model_id.is_none() {
            error("has a metric that needs `judge_model_id`".into());
        }
        for (_, secret) in graphs().flat_map(ScenarioGraph::secrets) {
            if !found.secrets.contains_key(&secret) {
                error(format!(
                    "names `{secret}`, which is no secret of this workspace"
                ));
            }
        }
        if graphs().any(ScenarioGraph::asks_judge) && spec.judge_model_id.is_none() {
            error("has a condition that needs `judge_model_id`".into());
        }
        let lost = graphs()
            .flat_map(ScenarioGraph::programs)
            .find(|(_, id)| !found.programs.contains(*id))
            .map(|(_, id)| id.to_owned());
        if let Some(id) = lost {
            error(format!(
                "cannot be played: it names a program that is not there, {id}"
            ));
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
    for (i, id) in spec.persona_ids.iter().enumerate().filter(|_| played) {
        let persona = found.personas.get(id);
        if gone(persona.and_then(|p| p.model.as_deref())) {
            errors.push(FieldError {
                field: format!("/persona_ids/{i}"),
                message: "has a `model` that is not a model of this workspace".into(),
            });
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

/// The same, played by another persona; so are the scenarios within.
pub(crate) fn played_by(item: RunItem, persona: &PersonaSpec) -> RunItem {
    let with = |s: ScenarioSpec| s.with_persona(persona.clone());
    RunItem {
        item: item.item,
        scenario: item.scenario.map(with),
        scenarios: item
            .scenarios
            .into_iter()
            .map(|(id, s)| (id, with(s)))
            .collect(),
    }
}
