//! Does what a task needs from outside, by asking the components that can.

use crate::run_rows::Lease;
use assay_edge::{Platform, Problem, chain};
use assay_graph::live::LiveCall;
use assay_graph::protocol::{
    AgentSnapshot, CallStats, CampaignSnapshot, EvaluateRequest, EvaluateResponse, FetchRequest,
    FetchResponse, ProgramRequest, TargetRequest, TargetResponse, UserTurnRequest,
    UserTurnResponse,
};
use assay_model::{ActiveCalibration, MetricSpec, Recording, TestCase};
use assay_scenario::{Act, Did};
use std::collections::BTreeMap;

/// Does an act. A failure of the outside world is what came of it; an error here is a fault of ours, after which the step is
/// taken again. `None` for an act that needs nobody.
pub(crate) async fn perform(
    platform: &Platform,
    campaign: &CampaignSnapshot,
    agent: &AgentSnapshot,
    lease: &Lease,
    recording: Option<Recording>,
    live: Option<LiveCall>,
    act: Act,
) -> Result<Option<Did>, Problem> {
    Ok(Some(match act {
        Act::Done(_) => return Ok(None),
        Act::User {
            item,
            messages,
            user_turns,
            max_turns,
            instructions,
            unhelpful_turns,
            judged,
        } => {
            let model = campaign.player(item.scenario.as_ref()).cloned();
            let request = UserTurnRequest {
                item: *item,
                messages,
                user_turns,
                max_turns,
                instructions: (!instructions.is_empty()).then_some(instructions),
                unhelpful_turns,
                model,
                judge: campaign.judge.clone().filter(|_| judged),
                recording,
                seed: campaign.seed,
            };
            Did::User(chain::call(platform, "simulator", "/internal/user-turn", request).await?)
        }
        Act::Target {
            messages,
            session,
            mocks,
            environment,
        } => {
            let request = TargetRequest {
                agent: agent.clone(),
                messages,
                run_id: lease.run_id.clone(),
                session,
                mocks,
                environment,
                recording,
                live,
            };
            Did::Target(chain::call(platform, "simulator", "/internal/target", request).await?)
        }
        Act::Evaluate { case, metrics } => {
            // The part that the agent has to play is what it was told to be.
            let told = agent.spec.system_prompt.clone();
            let of_these = |c: &&ActiveCalibration| {
                let mut names = metrics.iter().map(MetricSpec::display_name);
                names.any(|name| name == c.metric)
            };
            let calibrations = campaign.calibrations.iter().filter(of_these).cloned();
            let request = EvaluateRequest {
                calibrations: Some(calibrations.collect()),
                case: TestCase {
                    chatbot_role: told.filter(|t| !t.trim().is_empty()),
                    ..*case
                },
                metrics,
                workspace_id: lease.workspace_id.clone(),
                judges: campaign.judges().cloned().collect(),
                judging: campaign.judging.clone(),
                recording,
                seed: campaign.seed,
            };
            let response: EvaluateResponse =
                chain::call(platform, "evaluator", "/internal/evaluate", request).await?;
            Did::Evaluated(response.results)
        }
        Act::Fetch(request) => {
            let secrets = match request.secret_headers.is_empty() {
                true => BTreeMap::new(),
                false => campaign.secrets.clone(),
            };
            let request = FetchRequest {
                recording,
                secrets,
                ..request
            };
            Did::Fetched(chain::call(platform, "simulator", "/internal/fetch", request).await?)
        }
        Act::Run {
            program_id,
            input,
            seed,
        } => {
            let request = ProgramRequest {
                workspace_id: lease.workspace_id.clone(),
                program_id,
                input,
                seed,
                recording,
            };
            Did::Ran(chain::call(platform, "simulator", "/internal/program", request).await?)
        }
    }))
}

/// The call that it took, where it took one.
pub(crate) fn call_of(did: &Did) -> Option<CallStats> {
    match did {
        Did::User(UserTurnResponse::Say { call, .. } | UserTurnResponse::Stop { call, .. }) => {
            call.clone()
        }
        Did::Target(TargetResponse::Answer(answer)) => Some(answer.call.clone()),
        Did::Fetched(FetchResponse::Answer { call, .. }) => Some(call.clone()),
        Did::User(UserTurnResponse::Failed(f))
        | Did::Target(TargetResponse::Failed(f))
        | Did::Fetched(FetchResponse::Failed(f)) => Some(f.call.clone()),
        Did::Evaluated(_) | Did::Ran(_) => None,
    }
}
