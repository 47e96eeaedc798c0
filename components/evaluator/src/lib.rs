//! The evaluator: test case and metrics in, verdicts out.
//!
//! Planning and scoring are pure and live in `assay-metrics`; here the judge is called and nothing else.

mod catalogue;
mod evaluate;
mod judge;

use assay_access::Permission;
use assay_edge::{Access, Component, route, serve};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "evaluator",
    routes: &[
        route!(GET "/api/v1/metrics", Access::Needs(Permission::ResourcesRead), 200, "List the metrics that exist", catalogue::list),
        route!(POST "/api/v1/evaluate", Access::Needs(Permission::EvaluationsRun), 200, "Score one test case", evaluate::ad_hoc),
        route!(POST "/internal/evaluate", Access::Internal, 200, "Score one test case of a run", evaluate::internal),
        route!(POST "/internal/check-metrics", Access::Internal, 200, "Check how metrics are configured", catalogue::check),
    ],
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve(&COMPONENT, request).await
}
