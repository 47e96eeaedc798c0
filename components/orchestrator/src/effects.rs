//! Performs a run's effects by asking the components that can.

use crate::input::{metrics_of, turn_limit};
use assay_edge::{Platform, Problem, chain};
use assay_graph::protocol::{
    CallStats, CampaignSnapshot, EvaluateRequest, EvaluateResponse, RunItem, TargetRequest,
    TargetResponse, UserTurnRequest, UserTurnResponse,
};
use assay_graph::{Effect, Event, RunState};
use assay_persona::{UserTurn, next};

/// What came of an effect, with the call it took where it took one.
pub(crate) struct Performed {
    pub(crate) event: Event,
    pub(crate) call: Option<CallStats>,
}

impl From<Event> for Performed {
    fn from(event: Event) -> Self {
        Self { event, call: None }
    }
}

/// Performs `effect`. A failure of the outside world is an [`Event`]; an error here is a fault of ours, after which the
/// step is taken again.
pub(crate) async fn perform(
    platform: &Platform,
    campaign: &CampaignSnapshot,
    run_id: &str,
    item: &RunItem,
    state: &RunState,
    effect: Effect,
) -> Result<Option<Performed>, Problem> {
    let performed = match effect {
        Effect::Finish(_) => return Ok(None),
        Effect::UserTurn => user_turn(platform, campaign, item, state).await?,
        Effect::CallTarget => call_target(platform, campaign, run_id, state).await?,
        Effect::Evaluate => evaluate(platform, campaign, item, state).await?,
    };
    Ok(Some(performed))
}

async fn user_turn(
    platform: &Platform,
    campaign: &CampaignSnapshot,
    item: &RunItem,
    state: &RunState,
) -> Result<Performed, Problem> {
    let max_turns = turn_limit(campaign, item);
    // What a script says needs nobody to play it, and so no call.
    match next(
        &item.item,
        item.scenario.as_ref(),
        &state.messages,
        state.user_turns,
        max_turns,
    ) {
        UserTurn::Say(text) => return Ok(Event::UserSaid(text).into()),
        UserTurn::Stop(reason) => {
            return Ok(Event::UserStopped(reason.as_str().to_owned()).into());
        }
        UserTurn::Ask(_) => {}
    }
    let request = UserTurnRequest {
        item: item.clone(),
        messages: state.messages.clone(),
        user_turns: state.user_turns,
        max_turns,
        model: campaign.persona.clone(),
        seed: campaign.seed,
    };
    Ok(
        match chain::call(platform, "simulator", "/internal/user-turn", &request).await? {
            UserTurnResponse::Say { text, call } => Performed {
                event: Event::UserSaid(text),
                call,
            },
            UserTurnResponse::Stop { reason, call } => Performed {
                event: Event::UserStopped(reason),
                call,
            },
            UserTurnResponse::Failed(f) => Performed {
                call: Some(f.call.clone()),
                event: Event::UserFailed(f),
            },
        },
    )
}

async fn call_target(
    platform: &Platform,
    campaign: &CampaignSnapshot,
    run_id: &str,
    state: &RunState,
) -> Result<Performed, Problem> {
    let request = TargetRequest {
        agent: campaign.agent.clone(),
        messages: state.messages.clone(),
        run_id: run_id.to_owned(),
        session: serde_json::Value::Null,
        mocks: Vec::new(),
    };
    Ok(
        match chain::call(platform, "simulator", "/internal/target", &request).await? {
            TargetResponse::Answer(a) => Performed {
                call: Some(a.call.clone()),
                event: Event::Answered(a),
            },
            TargetResponse::Failed(f) => Performed {
                call: Some(f.call.clone()),
                event: Event::TargetFailed(f),
            },
        },
    )
}

async fn evaluate(
    platform: &Platform,
    campaign: &CampaignSnapshot,
    item: &RunItem,
    state: &RunState,
) -> Result<Performed, Problem> {
    let request = EvaluateRequest {
        case: state.test_case(&item.item),
        metrics: metrics_of(campaign, item),
        judge: campaign.judge.clone(),
        seed: campaign.seed,
    };
    let response: EvaluateResponse =
        chain::call(platform, "evaluator", "/internal/evaluate", &request).await?;
    Ok(Event::Scored(response.results).into())
}

/// How long an effect may take before the platform takes it for lost, in milliseconds.
pub(crate) fn lease_ms(campaign: &CampaignSnapshot, effect: Effect) -> i64 {
    let margin = 30_000;
    let judged = campaign.judge.as_ref().map_or(0, |m| m.spec.timeout_ms);
    let effect_ms = match effect {
        Effect::UserTurn => campaign.persona.as_ref().map_or(0, |m| m.spec.timeout_ms),
        Effect::CallTarget => campaign.agent.spec.timeout_ms,
        // A few tries of a few calls, with waits between.
        Effect::Evaluate => judged * 8,
        Effect::Finish(_) => 0,
    };
    i64::try_from(effect_ms)
        .unwrap_or(600_000)
        .saturating_add(margin)
}
