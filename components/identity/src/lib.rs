//! Workspaces, owners, API keys, and people who sign in.
//!
//! The first owner is made either from the operator's `init_*` variables ([`boot`]) or by hand with a setup token
//! ([`setup`]); both end in [`owner::create`], which happens once in the life of an installation.

mod api_keys;
mod audit_log;
mod boot;
mod delivery;
mod discovery;
mod filter;
mod grants;
mod invitations;
mod link;
mod me;
mod members;
mod oidc;
mod openapi;
mod owner;
mod providers;
mod roles;
mod service_accounts;
mod session;
mod setup;
mod signing;
mod tokens;
mod user;
mod workspace;
mod workspaces;

use assay_access::Permission::{
    ApiKeysManage, AuditRead, MembersManage, MembersRead, OwnershipTransfer, RolesManage,
    WorkspaceManage, WorkspaceRead,
};
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
    route!(PATCH "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 200, "Change an API key", api_keys::patch),
    route!(DELETE "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 204, "Revoke an API key", api_keys::revoke),
    route!(POST "/api/v1/api-keys/{id}/rotate", Needs(ApiKeysManage), 200, "Give an API key a new secret", api_keys::rotate),
    route!(GET "/api/v1/service-accounts", Needs(ApiKeysManage), 200, "List service accounts", service_accounts::list),
    route!(POST "/api/v1/service-accounts", Needs(ApiKeysManage), 201, "Create a service account", service_accounts::create),
    route!(GET "/api/v1/service-accounts/{id}", Needs(ApiKeysManage), 200, "Get a service account", service_accounts::get),
    route!(PATCH "/api/v1/service-accounts/{id}", Needs(ApiKeysManage), 200, "Change a service account", service_accounts::patch),
    route!(DELETE "/api/v1/service-accounts/{id}", Needs(ApiKeysManage), 204, "Delete a service account", service_accounts::delete),
    route!(POST "/api/v1/service-accounts/{id}/disable", Needs(ApiKeysManage), 200, "Switch a service account off", service_accounts::disable),
    route!(POST "/api/v1/service-accounts/{id}/enable", Needs(ApiKeysManage), 200, "Switch a service account on", service_accounts::enable),
    route!(GET "/api/v1/workspaces", Needs(WorkspaceRead), 200, "List one's workspaces", workspaces::list),
    route!(POST "/api/v1/workspaces", Person, 201, "Create a workspace", workspaces::create),
    route!(POST "/api/v1/workspace/transfer-ownership", Needs(OwnershipTransfer), 200, "Hand the workspace over", members::transfer),
    route!(GET "/api/v1/members", Needs(MembersRead), 200, "List members", members::list),
    route!(POST "/api/v1/members/leave", Person, 204, "Leave a workspace", members::leave),
    route!(GET "/api/v1/members/{user_id}", Needs(MembersRead), 200, "Get a member", members::get),
    route!(PATCH "/api/v1/members/{user_id}", Needs(MembersManage), 200, "Change a member's role", members::patch),
    route!(DELETE "/api/v1/members/{user_id}", Needs(MembersManage), 204, "Remove a member", members::remove),
    route!(GET "/api/v1/roles", Needs(MembersRead), 200, "List roles", roles::list),
    route!(POST "/api/v1/roles", Needs(RolesManage), 201, "Create a role", roles::create),
    route!(GET "/api/v1/roles/{id}", Needs(MembersRead), 200, "Get a role", roles::get),
    route!(PATCH "/api/v1/roles/{id}", Needs(RolesManage), 200, "Change a role", roles::patch),
    route!(DELETE "/api/v1/roles/{id}", Needs(RolesManage), 204, "Delete a role", roles::delete),
    route!(GET "/api/v1/invitations", Needs(MembersRead), 200, "List invitations", invitations::list),
    route!(POST "/api/v1/invitations", Needs(MembersManage), 201, "Invite someone", invitations::create),
    route!(POST "/api/v1/invitations/accept", Person, 200, "Accept an invitation", invitations::accept),
    route!(GET "/api/v1/invitations/{id}", Needs(MembersRead), 200, "Get an invitation", invitations::get),
    route!(DELETE "/api/v1/invitations/{id}", Needs(MembersManage), 204, "Revoke an invitation", invitations::revoke),
    route!(GET "/api/v1/audit-log", Needs(AuditRead), 200, "Read the audit log", audit_log::list),
    route!(GET "/api/openapi.json", Public, 200, "Describe the API", openapi::get),
];

static COMPONENT: Component = Component {
    name: "identity",
    routes: ROUTES,
};

assay_edge::contract!(COMPONENT);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    assay_edge::reseal::in_background(COMPONENT.name, &request, &boot::SEALED);
    assay_edge::serve(&COMPONENT, request).await
}
