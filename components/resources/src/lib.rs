//! What evaluations are made of: agents, models, secrets, personas, scenarios, programs, metrics, prompts, knowledge bases, datasets.
//!
//! What all have in common is written once: [`crud`] (versions, merge patches, secrets, repeated requests), [`listing`]
//! (pages, filters, sorts), [`lifecycle`] (restoring, bulk), [`versions`]; each file beside them says how its resource
//! differs. Items of a dataset have their own file, [`trial`] tries agents and models, and [`snapshot`] hands a campaign
//! everything it needs, as it is at the start.

mod agents;
mod alerts;
mod chat;
mod crud;
mod datasets;
mod diff;
mod dry_run;
mod evaluation_rules;
mod graph_import;
mod idempotency;
mod items;
mod knowledge;
mod label_schemas;
mod langfuse_datasets;
mod langfuse_items;
mod langfuse_prompt_delete;
mod langfuse_prompts;
mod langfuse_runs;
mod library;
mod lifecycle;
mod listing;
mod metrics;
mod models;
mod personas;
mod place;
mod precondition;
mod programs;
mod prompts;
mod resource;
mod review_labels;
mod routes;
mod scenarios;
mod secret;
mod secrets;
mod snapshot;
mod tabular;
mod transfer;
mod trial;
mod versions;

use assay_edge::Component;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static COMPONENT: Component = Component {
    name: "resources",
    routes: routes::ROUTES,
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::reseal::in_background(COMPONENT.name, &request, &secret::SEALED);
    assay_edge::serve(&COMPONENT, request).await
}
