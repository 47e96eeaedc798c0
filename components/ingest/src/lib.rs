//! Traces in: OTLP/HTTP, and Assay's own batches.
//!
//! An answer of 200 means that every accepted record is durable, in the trace store or in its spool. One record that
//! cannot be kept never costs its neighbours: it is named in the answer.

mod batch;
mod body;
mod drain;
mod otlp;
mod record;

use assay_access::Permission::TracesWrite;
use assay_edge::Access::{Internal, Needs};
use assay_edge::{Component, Route, route};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(POST "/v1/traces", Needs(TracesWrite), 200, "Take OpenTelemetry spans (OTLP/HTTP)", otlp::traces),
    route!(POST "/api/public/otel/v1/traces", Needs(TracesWrite), 200, "Take OpenTelemetry spans (OTLP/HTTP)", otlp::traces),
    route!(POST "/api/v1/ingest", Needs(TracesWrite), 200, "Take traces, observations and scores", batch::ingest),
    route!(POST "/internal/drain", Internal, 200, "Bring spooled batches into the trace store", drain::drain),
];

static COMPONENT: Component = Component {
    name: "ingest",
    routes: ROUTES,
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
