//! Traces out: traces, observations and scores as the store has them.

mod observations;
mod query;
mod scores;
mod traces;

use assay_access::Permission::{ScoresWrite, TracesRead, TracesWrite};
use assay_edge::Access::Needs;
use assay_edge::{Component, Route, route};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(GET "/api/v1/traces", Needs(TracesRead), 200, "List traces, newest first", traces::list),
    route!(GET "/api/v1/traces/{id}", Needs(TracesRead), 200, "Get a trace with its observations and scores", traces::get),
    route!(DELETE "/api/v1/traces/{id}", Needs(TracesWrite), 204, "Delete a trace with its observations and scores", traces::delete),
    route!(GET "/api/v1/observations", Needs(TracesRead), 200, "List observations, newest first", observations::list),
    route!(GET "/api/v1/scores", Needs(TracesRead), 200, "List scores, newest first", scores::list),
    route!(POST "/api/v1/scores", Needs(ScoresWrite), 200, "Give a score, or replace the one with its id", scores::put),
];

static COMPONENT: Component = Component {
    name: "traces",
    routes: ROUTES,
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
