//! The orchestrator: campaigns and the durable step loop.
//!
//! A campaign is many runs. A run is a graph (`assay-scenario`, run by `assay-graph`) whose every step is one invocation: run it
//! until something outside was done, save its checkpoints in the key-value store, advance the run's row in SQL, invoke the next
//! step. The row is the fence: a step that lost its lease advances nothing, so that whatever crashes, no run is lost and none is
//! scored twice.

mod campaign;
mod campaign_list;
mod campaigns;
mod control;
mod effects;
mod events;
mod experiments;
mod history;
mod hooks;
mod input;
mod judge_answers;
mod observe;
mod overrides;
mod perform;
mod players;
mod pump;
mod recordings;
mod records;
mod repeats;
mod reviews;
mod room;
mod run_hook;
mod run_rows;
mod runs;
mod schedules;
mod spend;
mod step;
mod sweep;
mod target_pace;

use assay_access::Permission::{CampaignsRead, CampaignsRun, ScoresWrite};
use assay_edge::{Access, Component, route, serve};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "orchestrator",
    routes: &[
        route!(POST "/api/v1/campaigns", Access::Needs(CampaignsRun), 202, "Start a campaign", campaigns::create),
        route!(GET "/api/v1/campaigns", Access::Needs(CampaignsRead), 200, "List campaigns", campaign_list::list),
        route!(GET "/api/v1/campaigns/{id}", Access::Needs(CampaignsRead), 200, "Get a campaign with its counts", campaigns::get),
        route!(POST "/api/v1/campaigns/{id}/cancel", Access::Needs(CampaignsRun), 200, "Cancel what has not ended", campaigns::cancel),
        route!(POST "/api/v1/campaigns/{id}/pause", Access::Needs(CampaignsRun), 200, "Pause a campaign", control::pause),
        route!(POST "/api/v1/campaigns/{id}/resume", Access::Needs(CampaignsRun), 200, "Let a paused campaign go on", control::resume),
        route!(POST "/api/v1/campaigns/{id}/rerun", Access::Needs(CampaignsRun), 202, "Run a campaign again, all of it or a part", control::rerun),
        route!(GET "/api/v1/campaigns/{id}/runs", Access::Needs(CampaignsRead), 200, "List a campaign's runs", runs::list),
        route!(GET "/api/v1/campaigns/{id}/events", Access::Needs(CampaignsRead), 200, "Watch what happens in a campaign", events::of_campaign),
        route!(GET "/api/v1/campaigns/{id}/compare", Access::Needs(CampaignsRead), 200, "Compare a campaign with a baseline, metric by metric", experiments::comparison),
        route!(GET "/api/v1/campaigns/{id}/changes", Access::Needs(CampaignsRead), 200, "List how items fared beside a baseline, what got worse first", experiments::changed),
        route!(POST "/api/v1/campaigns/{id}/gate", Access::Needs(CampaignsRead), 200, "Judge a campaign by a gate", experiments::gate),
        route!(GET "/api/v1/runs/{id}", Access::Needs(CampaignsRead), 200, "Get a run with its conversation", runs::get),
        route!(GET "/api/v1/runs/{id}/events", Access::Needs(CampaignsRead), 200, "Watch what happens in a run", events::of_run),
        route!(GET "/api/v1/runs/{id}/checkpoints", Access::Needs(CampaignsRead), 200, "List a run's checkpoints, newest first", history::list),
        route!(GET "/api/v1/runs/{id}/checkpoints/{checkpoint}", Access::Needs(CampaignsRead), 200, "Get a run's state at a checkpoint", history::get),
        route!(GET "/api/v1/runs/{id}/diff", Access::Needs(CampaignsRead), 200, "What changed between two checkpoints", history::diff),
        route!(POST "/api/v1/runs/{id}/state", Access::Needs(CampaignsRun), 200, "Edit the state of a run that waits", history::edit),
        route!(POST "/api/v1/runs/{id}/fork", Access::Needs(CampaignsRun), 202, "Go on from a checkpoint as another run", history::fork),
        route!(POST "/api/v1/runs/{id}/replay", Access::Needs(CampaignsRun), 202, "Do again what follows a checkpoint, as another run", history::replay),
        route!(GET "/api/v1/runs/{id}/forks", Access::Needs(CampaignsRead), 200, "List a run's forks", history::forks),
        route!(GET "/api/v1/runs/{id}/compare", Access::Needs(CampaignsRead), 200, "Compare a run with another one", history::compare),
        route!(POST "/api/v1/runs/{id}/answers", Access::Needs(CampaignsRun), 202, "Answer what a run asks", history::answer),
        route!(POST "/api/v1/runs/{id}/resume", Access::Needs(CampaignsRun), 202, "Let a paused run go on", history::resume),
        route!(GET "/api/v1/runs/{id}/overrides", Access::Needs(CampaignsRead), 200, "List what people said in place of a run's scores, newest first", overrides::list),
        route!(POST "/api/v1/runs/{id}/overrides", Access::Needs(ScoresWrite), 201, "Say otherwise than a metric", overrides::create),
        route!(POST "/api/v1/runs/{id}/overrides/{override_id}/withdraw", Access::Needs(ScoresWrite), 200, "Withdraw an override", overrides::withdraw),
        route!(GET "/api/v1/hooks", Access::Needs(CampaignsRead), 200, "List hooks, newest first", hooks::list),
        route!(POST "/api/v1/hooks", Access::Needs(CampaignsRun), 201, "Let another program start campaigns", hooks::create),
        route!(GET "/api/v1/hooks/{id}", Access::Needs(CampaignsRead), 200, "Get a hook", hooks::get),
        route!(PATCH "/api/v1/hooks/{id}", Access::Needs(CampaignsRun), 200, "Change a hook", hooks::patch),
        route!(DELETE "/api/v1/hooks/{id}", Access::Needs(CampaignsRun), 204, "Delete a hook", hooks::delete),
        route!(GET "/api/v1/hooks/{id}/deliveries", Access::Needs(CampaignsRead), 200, "List what came to a hook, newest first", hooks::deliveries::list),
        route!(POST "/hooks/{id}", Access::Public, 202, "Take a signed request of another program", hooks::incoming::incoming),
        route!(POST "/hooks/runs/{id}", Access::Public, 202, "Answer a run that waits for a signed request", run_hook::answer),
        route!(GET "/api/v1/schedules", Access::Needs(CampaignsRead), 200, "List schedules, newest first", schedules::list),
        route!(POST "/api/v1/schedules", Access::Needs(CampaignsRun), 201, "Start campaigns by the clock", schedules::create),
        route!(GET "/api/v1/schedules/{id}", Access::Needs(CampaignsRead), 200, "Get a schedule", schedules::get),
        route!(PATCH "/api/v1/schedules/{id}", Access::Needs(CampaignsRun), 200, "Change a schedule", schedules::patch),
        route!(DELETE "/api/v1/schedules/{id}", Access::Needs(CampaignsRun), 204, "Delete a schedule", schedules::delete),
        route!(POST "/api/v1/schedules/{id}/run", Access::Needs(CampaignsRun), 202, "Start a schedule's campaign now", schedules::run),
        route!(POST "/internal/step", Access::Internal, 202, "Take one step of a run", step::step),
        route!(POST "/internal/sweep", Access::Internal, 200, "Pick up what a crash dropped", sweep::sweep),
    ],
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve(&COMPONENT, request).await
}
