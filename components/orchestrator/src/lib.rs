//! The orchestrator: campaigns and the durable step loop.
//!
//! A campaign is many runs. A run is a state machine (`assay-graph`) whose every step is one invocation: do the effect,
//! save a checkpoint in the key-value store, advance the run's row in SQL, invoke the next step. The row is the fence:
//! a step that lost its lease advances nothing, so that whatever crashes, no run is lost and none is scored twice.

mod campaigns;
mod effects;
mod input;
mod observe;
mod pump;
mod run_rows;
mod runs;
mod step;
mod sweep;

use assay_access::Permission::{CampaignsRead, CampaignsRun};
use assay_edge::{Access, Component, route, serve};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "orchestrator",
    routes: &[
        route!(POST "/api/v1/campaigns", Access::Needs(CampaignsRun), 202, "Start a campaign", campaigns::create),
        route!(GET "/api/v1/campaigns", Access::Needs(CampaignsRead), 200, "List campaigns, newest first", campaigns::list),
        route!(GET "/api/v1/campaigns/{id}", Access::Needs(CampaignsRead), 200, "Get a campaign with its counts", campaigns::get),
        route!(POST "/api/v1/campaigns/{id}/cancel", Access::Needs(CampaignsRun), 200, "Cancel what has not ended", campaigns::cancel),
        route!(GET "/api/v1/campaigns/{id}/runs", Access::Needs(CampaignsRead), 200, "List a campaign's runs", runs::list),
        route!(GET "/api/v1/runs/{id}", Access::Needs(CampaignsRead), 200, "Get a run with its conversation", runs::get),
        route!(POST "/internal/step", Access::Internal, 202, "Take one step of a run", step::step),
        route!(POST "/internal/sweep", Access::Internal, 200, "Pick up what a crash dropped", sweep::sweep),
    ],
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve(&COMPONENT, request).await
}
