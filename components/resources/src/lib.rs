//! Agents, models, datasets and scenarios.
//!
//! What the four have in common (pages, versions, merge patches, secrets, repeated requests) is written once, in [`crud`];
//! each file beside it says how its resource differs. Items of a dataset have their own file, and [`snapshot`] hands a
//! campaign everything it needs, as it is at the start.

mod agents;
mod crud;
mod datasets;
mod idempotency;
mod items;
mod merge;
mod metrics;
mod models;
mod precondition;
mod resource;
mod scenarios;
mod secret;
mod snapshot;

use agents::Agents;
use assay_access::Permission::{ResourcesRead, ResourcesWrite};
use assay_edge::Access::{Internal, Needs};
use assay_edge::{Component, Route, route};
use datasets::Datasets;
use models::Models;
use scenarios::Scenarios;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(GET "/api/v1/agents", Needs(ResourcesRead), 200, "List agents", crud::list::<Agents>),
    route!(POST "/api/v1/agents", Needs(ResourcesWrite), 201, "Create an agent", crud::create::<Agents>),
    route!(GET "/api/v1/agents/{id}", Needs(ResourcesRead), 200, "Get an agent", crud::get::<Agents>),
    route!(PUT "/api/v1/agents/{id}", Needs(ResourcesWrite), 200, "Replace an agent", crud::replace::<Agents>),
    route!(PATCH "/api/v1/agents/{id}", Needs(ResourcesWrite), 200, "Change an agent", crud::patch::<Agents>),
    route!(DELETE "/api/v1/agents/{id}", Needs(ResourcesWrite), 204, "Delete an agent", crud::delete::<Agents>),
    route!(GET "/api/v1/models", Needs(ResourcesRead), 200, "List models", crud::list::<Models>),
    route!(POST "/api/v1/models", Needs(ResourcesWrite), 201, "Create a model", crud::create::<Models>),
    route!(GET "/api/v1/models/{id}", Needs(ResourcesRead), 200, "Get a model", crud::get::<Models>),
    route!(PUT "/api/v1/models/{id}", Needs(ResourcesWrite), 200, "Replace a model", crud::replace::<Models>),
    route!(PATCH "/api/v1/models/{id}", Needs(ResourcesWrite), 200, "Change a model", crud::patch::<Models>),
    route!(DELETE "/api/v1/models/{id}", Needs(ResourcesWrite), 204, "Delete a model", crud::delete::<Models>),
    route!(GET "/api/v1/scenarios", Needs(ResourcesRead), 200, "List scenarios", crud::list::<Scenarios>),
    route!(POST "/api/v1/scenarios", Needs(ResourcesWrite), 201, "Create a scenario", crud::create::<Scenarios>),
    route!(GET "/api/v1/scenarios/{id}", Needs(ResourcesRead), 200, "Get a scenario", crud::get::<Scenarios>),
    route!(PUT "/api/v1/scenarios/{id}", Needs(ResourcesWrite), 200, "Replace a scenario", crud::replace::<Scenarios>),
    route!(PATCH "/api/v1/scenarios/{id}", Needs(ResourcesWrite), 200, "Change a scenario", crud::patch::<Scenarios>),
    route!(DELETE "/api/v1/scenarios/{id}", Needs(ResourcesWrite), 204, "Delete a scenario", crud::delete::<Scenarios>),
    route!(GET "/api/v1/datasets", Needs(ResourcesRead), 200, "List datasets", crud::list::<Datasets>),
    route!(POST "/api/v1/datasets", Needs(ResourcesWrite), 201, "Create a dataset", crud::create::<Datasets>),
    route!(GET "/api/v1/datasets/{id}", Needs(ResourcesRead), 200, "Get a dataset", crud::get::<Datasets>),
    route!(PUT "/api/v1/datasets/{id}", Needs(ResourcesWrite), 200, "Replace a dataset", crud::replace::<Datasets>),
    route!(PATCH "/api/v1/datasets/{id}", Needs(ResourcesWrite), 200, "Change a dataset", crud::patch::<Datasets>),
    route!(DELETE "/api/v1/datasets/{id}", Needs(ResourcesWrite), 204, "Delete a dataset", crud::delete::<Datasets>),
    route!(GET "/api/v1/datasets/{id}/items", Needs(ResourcesRead), 200, "List a dataset's items", items::list),
    route!(POST "/api/v1/datasets/{id}/items", Needs(ResourcesWrite), 200, "Add items or replace them by key", items::put),
    route!(GET "/api/v1/datasets/{id}/items/{item_id}", Needs(ResourcesRead), 200, "Get an item", items::get),
    route!(DELETE "/api/v1/datasets/{id}/items/{item_id}", Needs(ResourcesWrite), 204, "Delete an item", items::delete),
    route!(POST "/internal/snapshot", Internal, 200, "What a campaign needs, as it is now", snapshot::snapshot),
];

static COMPONENT: Component = Component {
    name: "resources",
    routes: ROUTES,
};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
