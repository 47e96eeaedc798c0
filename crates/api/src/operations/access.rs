//! Members, roles, invitations, service accounts, workspaces and the audit log: part of the component `identity`.

use crate::examples::{ID, TIME, with};
use crate::operation::Access::{Needs, Person};
use crate::operation::{Operation, Part};
use crate::types::{WorkspaceName, permissions, role_name};
use assay_access::Permission::{
    ApiKeysManage, AuditRead, MembersManage, MembersRead, OwnershipTransfer, RolesManage,
    WorkspaceRead,
};
use assay_model::Timestamp;
use assay_model::schema::NAME;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A member of the workspace.
#[derive(Serialize, JsonSchema)]
struct Member {
    user_id: String,
    /// The address, once it is proven.
    email: Option<String>,
    name: String,
    #[schemars(schema_with = "role_name")]
    role: String,
    created_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
}

/// What is to change of a member.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct MemberChange {
    /// The new role: no more than the caller has, neither before nor after.
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// Names the workspace to leave.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct Leave {
    #[schemars(length(min = 1, max = 64), regex(pattern = NAME))]
    workspace_id: String,
}

/// Names the new owner.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct NewOwner {
    /// A member who has signed in before.
    #[schemars(length(min = 1, max = 64), regex(pattern = NAME))]
    user_id: String,
}

/// A role: one of the five, or one of the workspace's own.
#[derive(Serialize, JsonSchema)]
struct Role {
    /// What members and keys name it by.
    #[schemars(schema_with = "role_name")]
    role: String,
    name: String,
    description: String,
    built_in: bool,
    #[schemars(schema_with = "permissions")]
    permissions: Vec<String>,
    created_by: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

/// The roles.
#[derive(Serialize, JsonSchema)]
struct Roles {
    data: Vec<Role>,
}

/// Makes a role. It has no more than its maker.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct RoleSpec {
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    name: String,
    #[serde(default)]
    #[schemars(length(max = 1000))]
    description: String,
    #[schemars(schema_with = "permissions")]
    permissions: Vec<String>,
}

/// What is to change of a role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct RoleChange {
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    name: Option<String>,
    #[schemars(length(max = 1000))]
    description: Option<String>,
    #[serde(default)]
    #[schemars(schema_with = "permissions")]
    permissions: Vec<String>,
}

/// An invitation.
#[derive(Serialize, JsonSchema)]
struct Invitation {
    id: String,
    email: String,
    #[schemars(schema_with = "role_name")]
    role: String,
    #[schemars(extend("enum" = ["open", "accepted", "revoked", "expired"]))]
    status: String,
    created_by: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    accepted_at: Option<Timestamp>,
    accepted_by: Option<String>,
    revoked_at: Option<Timestamp>,
}

/// An invitation as it is shown to its maker.
#[derive(Serialize, JsonSchema)]
struct NewInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    /// The link to hand over: it is shown here and nowhere else.
    accept_url: String,
    /// Whether the link was sent. Unless it was, hand it over yourself.
    #[schemars(extend("enum" = ["none", "sent", "failed"]))]
    delivery: String,
}

/// Invites someone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct InvitationSpec {
    #[schemars(email)]
    email: String,
    /// What the person is to be: no more than the caller.
    #[schemars(schema_with = "role_name")]
    role: String,
    /// At most 90 days from now; 7 days when absent.
    expires_at: Option<Timestamp>,
}

/// Accepts an invitation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct InvitationToken {
    /// What follows `#token=` in the link.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME), extend("writeOnly" = true))]
    token: String,
}

/// The workspace that was joined.
#[derive(Serialize, JsonSchema)]
struct Joined {
    workspace: WorkspaceName,
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// A service account: what CI and other programs are.
#[derive(Serialize, JsonSchema)]
struct ServiceAccount {
    id: String,
    name: String,
    description: String,
    /// What all its keys may do.
    #[schemars(schema_with = "role_name")]
    role: String,
    /// When its keys were switched off; null while they work.
    disabled_at: Option<Timestamp>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Makes a service account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct ServiceAccountSpec {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    name: String,
    #[serde(default)]
    #[schemars(length(max = 1000))]
    description: String,
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// What is to change of a service account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct ServiceAccountChange {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    name: Option<String>,
    #[schemars(length(max = 1000))]
    description: Option<String>,
    #[serde(default)]
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// A workspace that the caller is in.
#[derive(Serialize, JsonSchema)]
struct OwnWorkspace {
    id: String,
    name: String,
    #[schemars(schema_with = "role_name")]
    role: String,
    created_at: Timestamp,
}

/// The workspaces that the caller is in.
#[derive(Serialize, JsonSchema)]
struct OwnWorkspaces {
    data: Vec<OwnWorkspace>,
}

/// Makes a workspace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
struct WorkspaceSpec {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    name: String,
}

/// An act, as the audit log has it.
#[derive(Serialize, JsonSchema)]
struct AuditEntry {
    id: String,
    at: Timestamp,
    #[schemars(extend("enum" = ["user", "api_key", "service_account"]))]
    actor_kind: String,
    actor_id: String,
    /// `thing.verb`.
    action: String,
    target_kind: String,
    target_id: String,
    /// What was done, by field. Holds no secrets.
    detail: Map<String, Value>,
    request_id: String,
    /// Where the request came from.
    address: Option<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    [members(), roles(), invitations(), accounts(), audit()]
        .into_iter()
        .flatten()
        .collect()
}

fn part(tag: &'static str) -> Part {
    Part {
        component: "identity",
        tag,
    }
}

fn members() -> Vec<Operation> {
    let member = json!({
        "user_id": ID, "email": "ada@acme.example", "name": "Ada", "role": "editor", "created_at": TIME,
        "last_sign_in_at": TIME,
    });
    let workspace = json!({"id": ID, "name": "Acme", "role": "owner", "created_at": TIME});
    let (members, workspaces) = (part("Members"), part("Workspace"));
    let last_owner = "It is the last owner who can sign in, or the role was changed in between";
    vec![
        workspaces
            .op("list_workspaces", "GET", "/api/v1/workspaces", Needs(WorkspaceRead), 200, "List one's workspaces")
            .about("A person's are all that they are a member of; a key is in one.")
            .answer::<OwnWorkspaces>(json!({"data": [workspace.clone()]})),
        workspaces
            .op("create_workspace", "POST", "/api/v1/workspaces", Person, 201, "Create a workspace")
            .about("The person is its owner.")
            .body::<WorkspaceSpec>(json!({"name": "Acme"}))
            .answer::<OwnWorkspace>(workspace)
            .problem_as(409, "The person owns as many as one may"),
        workspaces
            .op("transfer_ownership", "POST", "/api/v1/workspace/transfer-ownership", Needs(OwnershipTransfer), 200,
                "Hand the workspace over")
            .about("The member becomes an owner and the caller, who must be a person, an administrator, at once.")
            .body::<NewOwner>(json!({"user_id": ID}))
            .answer::<Member>(with(member.clone(), json!({"role": "owner"})))
            .problem_as(404, "The caller is no member any more")
            .problem_as(409, "The caller is no owner any more"),
        members
            .op("list_members", "GET", "/api/v1/members", Needs(MembersRead), 200, "List members")
            .about("The oldest first.")
            .filter("role", "Only those of that role.")
            .filter("q", "Words in the name or the address.")
            .page::<Member>(member.clone()),
        members
            .op("leave_workspace", "POST", "/api/v1/members/leave", Person, 204, "Leave a workspace")
            .body::<Leave>(json!({"workspace_id": ID}))
            .problem_as(404, "The person is no member of the workspace")
            .problem_as(409, last_owner),
        members
            .op("get_member", "GET", "/api/v1/members/{user_id}", Needs(MembersRead), 200, "Get a member")
            .answer::<Member>(member.clone()),
        members
            .op("change_member", "PATCH", "/api/v1/members/{user_id}", Needs(MembersManage), 200,
                "Change a member's role")
            .about("From the next request on.")
            .body::<MemberChange>(json!({"role": "editor"}))
            .answer::<Member>(member)
            .problem_as(409, last_owner),
        members
            .op("remove_member", "DELETE", "/api/v1/members/{user_id}", Needs(MembersManage), 204, "Remove a member")
            .about("The person's next request is refused, and the open invitations that they made are revoked. Keys \
                    belong to the workspace and stay.")
            .problem_as(409, last_owner),
    ]
}

fn roles() -> Vec<Operation> {
    let roles = part("Roles");
    let role = json!({
        "role": format!("custom:{ID}"), "name": "Release manager", "description": "Starts campaigns", "built_in": false,
        "permissions": ["workspace_read", "campaigns_run"], "created_by": ID, "created_at": TIME, "updated_at": TIME,
    });
    let spec = json!({
        "name": "Release manager", "description": "Starts campaigns", "permissions": ["workspace_read", "campaigns_run"],
    });
    vec![
        roles
            .op(
                "list_roles",
                "GET",
                "/api/v1/roles",
                Needs(MembersRead),
                200,
                "List roles",
            )
            .about("The five, then the workspace's own by name.")
            .answer::<Roles>(json!({"data": [role.clone()]})),
        roles
            .op(
                "create_role",
                "POST",
                "/api/v1/roles",
                Needs(RolesManage),
                201,
                "Create a role",
            )
            .body::<RoleSpec>(spec)
            .answer::<Role>(role.clone())
            .sends("Location")
            .sends("ETag")
            .problem_as(
                409,
                "The name is taken, or the workspace has as many roles as one may",
            ),
        roles
            .op(
                "get_role",
                "GET",
                "/api/v1/roles/{id}",
                Needs(MembersRead),
                200,
                "Get a role",
            )
            .about("By its name, or the id of one of the workspace's own.")
            .answer::<Role>(role.clone()),
        roles
            .op(
                "change_role",
                "PATCH",
                "/api/v1/roles/{id}",
                Needs(RolesManage),
                200,
                "Change a role",
            )
            .about("Who holds it may more or less from the next request on.")
            .if_match()
            .body::<RoleChange>(json!({"description": "Starts campaigns"}))
            .answer::<Role>(role)
            .sends("ETag")
            .problem_as(409, "The name is taken, or the role is one of the five"),
        roles
            .op(
                "delete_role",
                "DELETE",
                "/api/v1/roles/{id}",
                Needs(RolesManage),
                204,
                "Delete a role",
            )
            .if_match()
            .problem_as(
                409,
                "Someone holds the role; `errors` names them. Or it is one of the five",
            ),
    ]
}

fn invitations() -> Vec<Operation> {
    let part = part("Invitations");
    let invitation = json!({
        "id": ID, "email": "ada@acme.example", "role": "editor", "status": "open", "created_by": ID, "created_at": TIME,
        "expires_at": TIME, "accepted_at": null, "accepted_by": null, "revoked_at": null,
    });
    let shown = json!({"accept_url": "https://assay.example/invitation#token=iv-as-3f2b", "delivery": "none"});
    vec![
        part.op("list_invitations", "GET", "/api/v1/invitations", Needs(MembersRead), 200, "List invitations")
            .about("Newest first, used and revoked ones too.")
            .query("status", "Only those.", json!({"type": "string", "enum": ["open", "accepted", "revoked", "expired"]}))
            .filter("role", "Only those to that role.")
            .filter("q", "A part of the address.")
            .page::<Invitation>(invitation.clone()),
        part.op("create_invitation", "POST", "/api/v1/invitations", Needs(MembersManage), 201, "Invite someone")
            .about("The link is in this answer and nowhere else. It works once, for a person who has proven the address.")
            .body::<InvitationSpec>(json!({"email": "ada@acme.example", "role": "editor"}))
            .answer::<NewInvitation>(with(invitation.clone(), shown))
            .sends("Location")
            .problem_as(409, "A member has the address, or there is an open invitation for it"),
        part.op("accept_invitation", "POST", "/api/v1/invitations/accept", Person, 200, "Accept an invitation")
            .body::<InvitationToken>(json!({"token": "iv-as-3f2b"}))
            .answer::<Joined>(json!({"workspace": {"id": ID, "name": "Acme"}, "role": "editor"}))
            .problem_as(404, "The invitation is unknown, used, revoked or expired")
            .problem_as(409, "The person is a member already"),
        part.op("get_invitation", "GET", "/api/v1/invitations/{id}", Needs(MembersRead), 200, "Get an invitation")
            .answer::<Invitation>(invitation),
        part.op("revoke_invitation", "DELETE", "/api/v1/invitations/{id}", Needs(MembersManage), 204,
            "Revoke an invitation")
            .problem_as(409, "It was accepted"),
    ]
}

fn accounts() -> Vec<Operation> {
    let part = part("Service accounts");
    let account = json!({
        "id": ID, "name": "CI", "description": "Runs the nightly campaign", "role": "editor", "disabled_at": null,
        "created_by": ID, "created_at": TIME, "updated_at": TIME,
    });
    let path = "/api/v1/service-accounts";
    let one = "/api/v1/service-accounts/{id}";
    let taken = "The name is taken";
    vec![
        part.op(
            "list_service_accounts",
            "GET",
            path,
            Needs(ApiKeysManage),
            200,
            "List service accounts",
        )
        .about("Newest first.")
        .filter("role", "Only those of that role.")
        .filter("q", "Words in the name or the description.")
        .page::<ServiceAccount>(account.clone()),
        part.op(
            "create_service_account",
            "POST",
            path,
            Needs(ApiKeysManage),
            201,
            "Create a service account",
        )
        .body::<ServiceAccountSpec>(json!({"name": "CI", "role": "editor"}))
        .answer::<ServiceAccount>(account.clone())
        .sends("Location")
        .sends("ETag")
        .problem_as(409, taken),
        part.op(
            "get_service_account",
            "GET",
            one,
            Needs(ApiKeysManage),
            200,
            "Get a service account",
        )
        .answer::<ServiceAccount>(account.clone())
        .sends("ETag"),
        part.op(
            "change_service_account",
            "PATCH",
            one,
            Needs(ApiKeysManage),
            200,
            "Change a service account",
        )
        .about("A new role is that of its keys at their next request.")
        .if_match()
        .body::<ServiceAccountChange>(json!({"role": "viewer"}))
        .answer::<ServiceAccount>(account.clone())
        .sends("ETag")
        .problem_as(409, taken),
        part.op(
            "delete_service_account",
            "DELETE",
            one,
            Needs(ApiKeysManage),
            204,
            "Delete a service account",
        )
        .about("With its keys.")
        .if_match(),
        part.op(
            "disable_service_account",
            "POST",
            format!("{one}/disable"),
            Needs(ApiKeysManage),
            200,
            "Switch a service account off",
        )
        .about("Its keys are refused from the next request on.")
        .if_match()
        .answer::<ServiceAccount>(with(account.clone(), json!({"disabled_at": TIME})))
        .sends("ETag"),
        part.op(
            "enable_service_account",
            "POST",
            format!("{one}/enable"),
            Needs(ApiKeysManage),
            200,
            "Switch a service account on",
        )
        .if_match()
        .answer::<ServiceAccount>(account)
        .sends("ETag"),
    ]
}

fn audit() -> Vec<Operation> {
    let entry = json!({
        "id": ID, "at": TIME, "actor_kind": "user", "actor_id": ID, "action": "api_key.create",
        "target_kind": "api_key", "target_id": ID, "detail": {"name": "CI", "role": "editor"}, "request_id": ID,
        "address": "203.0.113.7",
    });
    let line = format!("{entry}\n");
    let text = |_: &mut crate::schemas::Schemas| json!({"type": "string"});
    let csv =
        "id,at,actor_kind,actor_id,action,target_kind,target_id,detail,request_id,address\r\n";
    let formats = json!({"type": "string", "enum": ["json", "ndjson", "csv"]});
    vec![
        part("Audit")
            .op("read_audit_log", "GET", "/api/v1/audit-log", Needs(AuditRead), 200, "Read the audit log")
            .about("Newest first. As lines of JSON or as CSV by `format` or `Accept`: up to 10,000 entries then, and \
                    `x-next-cursor` where there are more.")
            .filter("action", "Only this action, such as `api_key.create`.")
            .filter("actor_kind", "Only what this kind of actor did: `user`, `api_key` or `service_account`.")
            .filter("actor_id", "Only what this actor did.")
            .filter("target_kind", "Only what was done to this kind of thing.")
            .filter("target_id", "Only what was done to this thing.")
            .query("format", "How to write the answer; stronger than `Accept`.", formats)
            .between()
            .page::<AuditEntry>(entry)
            .gives("application/x-ndjson", Box::new(text), json!(line))
            .gives("text/csv", Box::new(text), json!(csv)),
    ]
}
