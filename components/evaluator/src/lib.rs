//! The evaluator: test case and metrics in, verdicts out; traces as they come in, and alerts; and people who look at what is uncertain.
//!
//! Planning and scoring are pure and live in `assay-metrics`; here the judge is asked, and done what else metrics need. What people say, and what
//! that comes to, is in [`reviews`].

mod alerts;
mod allowance;
mod answers;
mod batch;
mod by;
mod calibrations;
mod catalogue;
mod composed;
mod contest;
mod errand;
mod evaluate;
mod judge;
mod named;
mod online;
mod reviews;
mod slots;
mod transcripts;

use crate::reviews::{claim, export, items, listing, queues, reports, skips, submit};
use assay_access::Permission;
use assay_access::Permission::{CampaignsRead, ResourcesWrite, ScoresWrite};
use assay_edge::{Access, Component, route, serve};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "evaluator",
    routes: &[
        route!(GET "/api/v1/metrics", Access::Needs(Permission::ResourcesRead), 200, "List the metrics that exist", catalogue::list),
        route!(POST "/api/v1/evaluate", Access::Needs(Permission::EvaluationsRun), 200, "Score one test case", evaluate::ad_hoc),
        route!(POST "/api/v1/evaluate/batch", Access::Needs(Permission::EvaluationsRun), 200, "Score many test cases by the same metrics", batch::score),
        route!(POST "/api/v1/evaluate/compare", Access::Needs(Permission::EvaluationsRun), 200, "Have a judge pick the best of several answers", contest::compare),
        route!(GET "/api/v1/review-queues", Access::Needs(CampaignsRead), 200, "List review queues, newest first", queues::list),
        route!(POST "/api/v1/review-queues", Access::Needs(ResourcesWrite), 201, "Make a review queue", queues::create),
        route!(GET "/api/v1/review-queues/{id}", Access::Needs(CampaignsRead), 200, "Get a review queue", queues::get),
        route!(PATCH "/api/v1/review-queues/{id}", Access::Needs(ResourcesWrite), 200, "Change a review queue", queues::patch),
        route!(DELETE "/api/v1/review-queues/{id}", Access::Needs(ResourcesWrite), 204, "Delete a review queue with all that was answered", queues::delete),
        route!(GET "/api/v1/review-queues/{id}/items", Access::Needs(CampaignsRead), 200, "List a queue's items, newest first", listing::items),
        route!(POST "/api/v1/review-queues/{id}/items", Access::Needs(ResourcesWrite), 200, "Put items into a queue", items::add),
        route!(GET "/api/v1/review-queues/{id}/items/{item_id}", Access::Needs(CampaignsRead), 200, "Get an item of a queue", items::get),
        route!(POST "/api/v1/review-queues/{id}/items/{item_id}/assign", Access::Needs(ResourcesWrite), 200, "Give an item to named people", items::assign),
        route!(POST "/api/v1/review-queues/{id}/items/{item_id}/reopen", Access::Needs(ResourcesWrite), 200, "Ask again who skipped an item", skips::reopen),
        route!(POST "/api/v1/review-queues/{id}/claim", Access::Needs(ScoresWrite), 200, "Claim the next item", claim::claim),
        route!(POST "/api/v1/review-queues/{id}/items/{item_id}/answers", Access::Needs(ScoresWrite), 200, "Answer what is asked of an item", submit::submit),
        route!(POST "/api/v1/review-queues/{id}/items/{item_id}/skip", Access::Needs(ScoresWrite), 200, "Skip an item", skips::skip),
        route!(POST "/api/v1/review-queues/{id}/items/{item_id}/release", Access::Needs(ScoresWrite), 204, "Give a claimed item back", claim::release),
        route!(GET "/api/v1/review-queues/{id}/annotations", Access::Needs(CampaignsRead), 200, "List what was answered", listing::annotations),
        route!(GET "/api/v1/review-queues/{id}/progress", Access::Needs(CampaignsRead), 200, "How far a queue is, and what each person did", reports::progress),
        route!(GET "/api/v1/review-queues/{id}/agreement", Access::Needs(CampaignsRead), 200, "How far people agree, schema by schema", reports::agreement_of),
        route!(GET "/api/v1/review-queues/{id}/judge-report", Access::Needs(CampaignsRead), 200, "How far judges agree with people, metric by metric", reports::judge),
        route!(POST "/api/v1/review-queues/{id}/export", Access::Needs(ResourcesWrite), 200, "Make labelled items a dataset's", export::export),
        route!(GET "/api/v1/calibrations", Access::Needs(CampaignsRead), 200, "List calibrations of judges, newest first", calibrations::list),
        route!(POST "/api/v1/calibrations", Access::Needs(ResourcesWrite), 201, "Calibrate a judge on what people labelled", calibrations::create),
        route!(GET "/api/v1/calibrations/{id}", Access::Needs(CampaignsRead), 200, "Get a calibration with its curves", calibrations::get),
        route!(DELETE "/api/v1/calibrations/{id}", Access::Needs(ResourcesWrite), 204, "Delete a calibration", calibrations::delete),
        route!(POST "/internal/evaluate", Access::Internal, 200, "Score one test case of a run", evaluate::internal),
        route!(POST "/internal/online", Access::Internal, 200, "Evaluate traces that rules have picked", online::turns),
        route!(POST "/internal/alerts", Access::Internal, 200, "Look at alerts, and tell their channels", alerts::work),
        route!(POST "/internal/alerts/test", Access::Internal, 200, "Try the channels of an alert", alerts::test),
        route!(POST "/internal/check-metrics", Access::Internal, 200, "Check how metrics are configured", catalogue::check),
    ],
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve(&COMPONENT, request).await
}
