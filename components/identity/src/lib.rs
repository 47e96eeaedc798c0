//! Workspaces, owners and API keys.
//!
//! The first owner is made either from the operator's `init_*` variables ([`boot`]) or by hand with a setup token
//! ([`setup`]); both end in [`owner::create`], which happens once in the life of an installation.

mod api_keys;
mod boot;
mod me;
mod openapi;
mod owner;
mod setup;
mod workspace;

use assay_access::Permission::{ApiKeysManage, WorkspaceManage, WorkspaceRead};
use assay_edge::Access::{Internal, Needs, Public};
use assay_edge::{Component, Route, route};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(POST "/internal/boot", Internal, 200, "Start the installation", boot::boot),
    route!(POST "/api/v1/setup", Public, 201, "Create the first workspace and its owner", setup::setup),
    route!(GET "/api/v1/me", Needs(WorkspaceRead), 200, "Tell who the caller is", me::get),
    route!(GET "/api/v1/workspace", Needs(WorkspaceRead), 200, "Get the workspace", workspace::get),
    route!(PATCH "/api/v1/workspace", Needs(WorkspaceManage), 200, "Rename the workspace", workspace::patch),
    route!(GET "/api/v1/api-keys", Needs(ApiKeysManage), 200, "List API keys", api_keys::list),
    route!(POST "/api/v1/api-keys", Needs(ApiKeysManage), 201, "Create an API key", api_keys::create),
    route!(GET "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 200, "Get an API key", api_keys::get),
    route!(DELETE "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 204, "Revoke an API key", api_keys::revoke),
    route!(GET "/api/openapi.json", Public, 200, "Describe the API", openapi::get),
];

static COMPONENT: Component = Component {
    name: "identity",
    routes: ROUTES,
};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
