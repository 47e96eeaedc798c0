//! Traces in: OTLP/HTTP, Langfuse's batches of events, and Assay's own batches.
//!
//! An answer of 200 means that every accepted record is durable, in the trace store or in its spool. One record that
//! cannot be kept never costs its neighbours: it is named in the answer.

mod batch;
mod body;
mod destinations;
mod drain;
mod forward;
mod keep;
mod langfuse;
mod media;
mod otlp;
mod policy;
mod price;
mod record;
mod retention;
mod room;

use assay_access::Permission::{TracesRead, TracesWrite, WorkspaceManage, WorkspaceRead};
use assay_edge::Access::{Internal, Needs, Public};
use assay_edge::{Component, Route, route};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(POST "/v1/traces", Needs(TracesWrite), 200, "Take OpenTelemetry spans (OTLP/HTTP)", otlp::traces),
    route!(POST "/api/public/otel/v1/traces", Needs(TracesWrite), 200, "Take OpenTelemetry spans (OTLP/HTTP)", otlp::traces),
    route!(POST "/v1/logs", Needs(TracesWrite), 200, "Take OpenTelemetry events (OTLP/HTTP)", otlp::logs),
    route!(POST "/api/public/otel/v1/logs", Needs(TracesWrite), 200, "Take OpenTelemetry events (OTLP/HTTP)", otlp::logs),
    route!(POST "/v1/metrics", Needs(TracesWrite), 200, "Read OpenTelemetry metrics (OTLP/HTTP)", otlp::metrics),
    route!(POST "/api/public/otel/v1/metrics", Needs(TracesWrite), 200, "Read OpenTelemetry metrics (OTLP/HTTP)", otlp::metrics),
    route!(POST "/api/public/ingestion", Needs(TracesWrite), 207, "Take a batch of events as Langfuse does", langfuse::ingest),
    route!(POST "/api/public/media", Needs(TracesWrite), 201, "Announce a file as Langfuse does", media::create),
    route!(GET "/api/public/media/{id}", Needs(TracesRead), 200, "Get a file as Langfuse does", media::get),
    route!(PATCH "/api/public/media/{id}", Needs(TracesWrite), 204, "Report an upload as Langfuse does", media::report),
    route!(PUT "/api/public/media/{id}/upload", Public, 200, "Upload a file's bytes", media::upload),
    route!(GET "/api/public/media/{id}/content", Public, 200, "Get a file's bytes", media::content),
    route!(POST "/api/v1/ingest", Needs(TracesWrite), 200, "Take traces, observations and scores", batch::ingest),
    route!(GET "/api/v1/ingest/policy", Needs(WorkspaceRead), 200, "Tell what is let in and for how long", policy::get),
    route!(PUT "/api/v1/ingest/policy", Needs(WorkspaceManage), 200, "Say what is let in and for how long", policy::put),
    route!(GET "/api/v1/ingest/destinations", Needs(WorkspaceRead), 200, "List where traces are forwarded to, newest first", destinations::list),
    route!(POST "/api/v1/ingest/destinations", Needs(WorkspaceManage), 201, "Forward traces to another platform", destinations::create),
    route!(GET "/api/v1/ingest/destinations/{id}", Needs(WorkspaceRead), 200, "Get a destination with what was sent", destinations::get),
    route!(PATCH "/api/v1/ingest/destinations/{id}", Needs(WorkspaceManage), 200, "Change a destination", destinations::patch),
    route!(DELETE "/api/v1/ingest/destinations/{id}", Needs(WorkspaceManage), 204, "Delete a destination with what waits for it", destinations::delete),
    route!(POST "/api/v1/ingest/destinations/{id}/test", Needs(WorkspaceManage), 200, "Send one span to a destination", destinations::test),
    route!(POST "/internal/drain", Internal, 200, "Bring spooled batches into the trace store, and forward what is due", drain::drain),
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
