//! Workspaces, owners and API keys.

use crate::examples::{ID, TIME, with};
use crate::operation::Access::{Needs, Public};
use crate::operation::{Operation, Part};
use crate::types::{
    ApiKey, ApiKeyChange, ApiKeySpec, Me, NewApiKey, Setup, SetupDone, Workspace, WorkspaceChange,
};
use assay_access::Permission::{ApiKeysManage, WorkspaceManage, WorkspaceRead};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let workspace = Part {
        component: "identity",
        tag: "Workspace",
    };
    let keys = Part {
        component: "identity",
        tag: "API keys",
    };
    let about = Part {
        component: "identity",
        tag: "About",
    };
    let shown = json!({"id": ID, "name": "Acme", "created_at": TIME, "updated_at": TIME});
    let key = json!({
        "id": ID, "name": "CI", "public_key": "pk-as-3f2b", "role": "editor", "scopes": null,
        "service_account_id": null, "created_by": ID, "created_at": TIME, "expires_at": null, "last_used_at": TIME,
    });
    vec![
        workspace
            .op("setup", "POST", "/api/v1/setup", Public, 201, "Create the first workspace and its owner")
            .about("Works once in the life of an installation, and only where the operator has set a setup token.")
            .body::<Setup>(json!({"token": "from-the-operator", "workspace": "Acme", "owner_email": "ops@acme.example"}))
            .answer::<SetupDone>(json!({
                "workspace": {"id": ID, "name": "Acme"}, "owner_email": "ops@acme.example",
                "public_key": "pk-as-3f2b", "secret_key": "sk-as-9c1d",
            }))
            .problem_as(403, "The setup token is wrong")
            .problem_as(404, "Setup by token is switched off")
            .problem_as(409, "The installation has an owner already"),
        workspace
            .op("get_me", "GET", "/api/v1/me", Needs(WorkspaceRead), 200, "Tell who the caller is")
            .answer::<Me>(json!({
                "workspace": {"id": ID, "name": "Acme"},
                "key": {"id": ID, "name": "CI", "public_key": "pk-as-3f2b", "role": "viewer"},
                "permissions": ["workspace_read", "resources_read"],
            })),
        workspace
            .op("get_workspace", "GET", "/api/v1/workspace", Needs(WorkspaceRead), 200, "Get the workspace")
            .answer::<Workspace>(shown.clone()),
        workspace
            .op("change_workspace", "PATCH", "/api/v1/workspace", Needs(WorkspaceManage), 200, "Rename the workspace")
            .body::<WorkspaceChange>(json!({"name": "Acme"}))
            .answer::<Workspace>(shown),
        keys.op("list_api_keys", "GET", "/api/v1/api-keys", Needs(ApiKeysManage), 200, "List API keys")
            .about("Newest first, without the revoked ones.")
            .filter("service_account_id", "Only this account's.")
            .filter("role", "Only those of that role.")
            .filter("q", "Words in the name or the public key.")
            .page::<ApiKey>(key.clone()),
        keys.op("create_api_key", "POST", "/api/v1/api-keys", Needs(ApiKeysManage), 201, "Create an API key")
            .about("The secret is in this answer and nowhere else. Nobody makes a key that may more than they may.")
            .body::<ApiKeySpec>(json!({"name": "CI", "role": "editor"}))
            .answer::<NewApiKey>(with(key.clone(), json!({"secret_key": "sk-as-9c1d"})))
            .sends("Location"),
        keys.op("get_api_key", "GET", "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 200, "Get an API key")
            .answer::<ApiKey>(key.clone()),
        keys.op("change_api_key", "PATCH", "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 200, "Change an API key")
            .body::<ApiKeyChange>(json!({"name": "CI", "expires_at": null}))
            .answer::<ApiKey>(key.clone())
            .problem_as(409, "An end is given to the last key of an owner, and no owner has signed in"),
        keys.op("revoke_api_key", "DELETE", "/api/v1/api-keys/{id}", Needs(ApiKeysManage), 204, "Revoke an API key")
            .about("The next request with the key is refused.")
            .problem_as(409, "It is the last key of an owner, and no owner has signed in"),
        keys.op("rotate_api_key", "POST", "/api/v1/api-keys/{id}/rotate", Needs(ApiKeysManage), 200,
            "Give an API key a new secret")
            .about("The old one is refused from the next request on.")
            .answer::<NewApiKey>(with(key, json!({"secret_key": "sk-as-9c1d"}))),
        about
            .op("get_openapi", "GET", "/api/openapi.json", Public, 200, "Describe the API")
            .about("This document.")
            .answer_as(Box::new(|_| json!({"type": "object", "required": ["openapi", "info", "paths"]})), json!({
                "openapi": "3.1.0", "info": {"title": "Assay", "version": "0.1.0"}, "paths": {},
            }))
            .without(503),
    ]
}
