//! Workspaces, owners, API keys, and people who sign in.
//!
//! The first owner is made either from the operator's `init_*` variables ([`boot`]) or by hand with a setup token
//! ([`setup`]); both end in [`owner::create`], which happens once in the life of an installation.

mod api_keys;
mod boot;
mod discovery;
mod link;
mod me;
mod oidc;
mod openapi;
mod owner;
mod providers;
mod session;
mod setup;
mod signing;
mod tokens;
mod user;
mod workspace;

use assay_access::Permission::{ApiKeysManage, WorkspaceManage, WorkspaceRead};
use assay_edge::Access::{Internal, Needs, Person, Public};
use assay_edge::{Component, Route, route};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static ROUTES: &[Route] = &[
    route!(POST "/internal/boot", Internal, 200, "Start the installation", boot::boot),
    route!(POST "/api/v1/setup", Public, 201, "Create the first workspace and its owner", setup::setup),
    route!(POST "/internal/authenticate", Internal, 200, "Prove an access token", signing::authenticate),
    route!(GET "/api/v1/auth/jwks.json", Public, 200, "Publish the keys of access tokens", signing::publish),
    route!(GET "/api/v1/auth/link", Public, 200, "Show a sign-in link's button", link::show),
    route!(POST "/api/v1/auth/link", Public, 200, "Sign in by a one-time link", link::exchange),
    route!(GET "/api/v1/auth/providers", Public, 200, "List the identity providers", providers::list),
    route!(GET "/api/v1/auth/sign-in/{provider}", Public, 303, "Sign in with a provider", oidc::start),
    route!(GET "/api/v1/auth/callback/{provider}", Public, 303, "Come back from a provider", oidc::callback),
    route!(POST "/api/v1/auth/token", Public, 200, "Get or renew an access token", tokens::grant),
    route!(POST "/api/v1/auth/sign-out", Person, 204, "Sign out", session::sign_out),
    route!(POST "/api/v1/auth/sign-out-everywhere", Person, 204, "End all sessions", session::sign_out_everywhere),
    route!(GET "/api/v1/auth/sessions", Person, 200, "List one's sessions", session::list),
    route!(DELETE "/api/v1/auth/sessions/{id}", Person, 204, "End a session", session::revoke),
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

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::serve(&COMPONENT, request).await
}
