//! What people keep of lists, say of traces and share: views, comments and public links. Part of the component `traces`.

use super::langfuse::{number, page_meta, time};
use super::shapes::patch_as;
use crate::examples::{self, ID, TIME, TRACE};
use crate::operation::Access::{Needs, Public};
use crate::operation::{Make, Operation, Part};
use crate::schemas::Schemas;
use crate::types::TreeNode;
use assay_access::Permission::{ScoresWrite, TracesRead, TracesWrite};
use assay_model::{
    CommentChange, CommentObject, CommentSpec, Level, ObservationType, ScoreType, ShareSpec,
    Timestamp, TokenUsage, ViewSpec, ViewTable, Visibility,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A saved view.
#[derive(Serialize, JsonSchema)]
struct View {
    id: String,
    name: String,
    table: ViewTable,
    /// Conditions that all hold.
    filter: Vec<Value>,
    sort: Option<String>,
    columns: Vec<String>,
    visibility: Visibility,
    /// Whether the list begins with it.
    default: bool,
    /// `user`, `api_key` or `service_account`.
    owner_kind: String,
    /// Who made it.
    owner_id: String,
    /// Counts changes; `ETag` is made from it.
    version: i64,
    /// Who changed it last.
    updated_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A comment.
#[derive(Serialize, JsonSchema)]
struct Comment {
    id: String,
    object_type: CommentObject,
    object_id: String,
    /// The trace that the object is or belongs to; the comment goes with it.
    trace_id: Option<String>,
    /// Markdown.
    content: String,
    /// Ids of members.
    mentions: Vec<String>,
    /// `user`, `api_key` or `service_account`.
    author_kind: String,
    author_id: String,
    /// The member whom a key named as the author.
    on_behalf_of: Option<String>,
    /// Counts changes; `ETag` is made from it.
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Whether a public link opens its trace.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "described, not made")]
enum ShareStatus {
    Active,
    Expired,
    Revoked,
}

/// A public link. Its token is never shown again.
#[derive(Serialize, JsonSchema)]
struct Share {
    id: String,
    trace_id: String,
    status: ShareStatus,
    /// Whether what went in and came out is shown.
    payloads: bool,
    note: String,
    created_by: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    revoked_by: Option<String>,
}

/// A public link as it is shown to its maker.
#[derive(Serialize, JsonSchema)]
struct NewShare {
    #[serde(flatten)]
    share: Share,
    /// What opens the trace: it is shown here and nowhere else.
    token: String,
    /// Where it is opened.
    url: String,
}

/// What a public link shows of an observation.
#[derive(Serialize, JsonSchema)]
struct SharedObservation {
    id: String,
    parent_id: Option<String>,
    r#type: ObservationType,
    name: String,
    start_time: Timestamp,
    end_time: Option<Timestamp>,
    latency_ms: Option<i64>,
    level: Level,
    /// Null without payloads.
    status_message: Option<String>,
    /// Null without payloads.
    input: Value,
    /// Null without payloads.
    output: Value,
    model: Option<String>,
    usage: Option<TokenUsage>,
    cost_usd: Option<f64>,
}

/// What a public link shows of a score.
#[derive(Serialize, JsonSchema)]
struct SharedScore {
    observation_id: Option<String>,
    name: String,
    data_type: ScoreType,
    value: Option<f64>,
    /// Null without payloads where it is a text or a correction.
    string_value: Option<String>,
    timestamp: Timestamp,
}

/// What a public link shows of its trace.
#[derive(Serialize, JsonSchema)]
struct SharedTrace {
    id: String,
    name: Option<String>,
    timestamp: Timestamp,
    /// Whether what went in and came out is shown.
    payloads: bool,
    /// When the link stops to work.
    expires_at: Option<Timestamp>,
    /// Null without payloads.
    input: Value,
    /// Null without payloads.
    output: Value,
    latency_ms: Option<i64>,
    total_cost_usd: Option<f64>,
    usage: Option<TokenUsage>,
    observation_count: u64,
    error_count: u64,
    warning_count: u64,
    observations: Vec<SharedObservation>,
    scores: Vec<SharedScore>,
    /// Whether there are more observations or scores than are shown here.
    truncated: bool,
}

/// What Langfuse's comments are on.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum LangfuseCommentObject {
    Trace,
    Observation,
    Session,
    Prompt,
}

/// A comment as Langfuse's clients write it. Fields that are not named here are left out of account; the project is that of
/// the key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
struct LangfuseCommentSpec {
    object_type: LangfuseCommentObject,
    #[schemars(length(min = 1, max = 1000))]
    object_id: String,
    #[schemars(length(min = 1, max = 5000))]
    content: String,
    /// A member in whose name the key writes.
    #[serde(default)]
    author_user_id: Option<String>,
}

/// A comment as Langfuse's clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LangfuseComment {
    id: String,
    /// The workspace.
    project_id: String,
    object_type: LangfuseCommentObject,
    object_id: String,
    content: String,
    author_user_id: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn names(all: &[&str]) -> Value {
    let all = [all, &[""]].concat();
    json!({"type": "string", "enum": all})
}

/// A merge patch of a view.
fn changed_view() -> Make {
    let about = "JSON merge patch (RFC 7386): fields that are absent stay, null takes a field back to its default.";
    patch_as(
        "ViewPatch",
        about,
        |_| true,
        Schemas::input_object::<ViewSpec>,
    )
}

fn views() -> Vec<Operation> {
    let part = Part {
        component: "traces",
        tag: "Views",
    };
    let spec = json!({
        "name": "Slow answers", "table": "traces", "sort": "-latency", "columns": ["name", "latency", "cost"],
        "visibility": "shared",
        "filter": [{"type": "number", "column": "latency", "operator": ">", "value": 5}],
    });
    let shown = examples::with(
        spec.clone(),
        json!({
            "id": ID, "default": false, "owner_kind": "user", "owner_id": ID, "version": 1, "updated_by": ID,
            "created_at": TIME, "updated_at": TIME,
        }),
    );
    let (read, write) = (Needs(TracesRead), Needs(ScoresWrite));
    let taken = "Another view of the owner's has the name, or others keep changing the view";
    let item = "/api/v1/views/{id}";
    vec![
        part.op("list_views", "GET", "/api/v1/views", read, 200, "List saved views, newest first")
            .about("The caller's own, and those that are shared in the workspace.")
            .page::<View>(shown.clone())
            .query("table", "Only views of that list.", names(&["traces", "observations", "scores", "sessions", "users"]))
            .query("visibility", "Only private or only shared ones.", names(&["private", "shared"]))
            .filter("owner_id", "Only those that this one made.")
            .filter("q", "Only those with this text in the name, in any case."),
        part.op("create_view", "POST", "/api/v1/views", write, 201, "Save a view")
            .about("Only what the list can be read with is saved. What the workspace begins with is said by whoever manages it.")
            .body::<ViewSpec>(spec.clone())
            .answer::<View>(shown.clone())
            .sends("Location")
            .sends("ETag")
            .problem_as(409, taken),
        part.op("get_view", "GET", item, read, 200, "Get a saved view")
            .answer::<View>(shown.clone())
            .sends("ETag"),
        part.op("replace_view", "PUT", item, write, 200, "Replace a saved view")
            .about("One's own, or a shared one by whoever manages the workspace.")
            .body::<ViewSpec>(spec)
            .answer::<View>(shown.clone())
            .sends("ETag")
            .if_match()
            .problem_as(409, taken),
        part.op("change_view", "PATCH", item, write, 200, "Change a saved view in part")
            .about("One's own, or a shared one by whoever manages the workspace.")
            .takes("application/merge-patch+json", changed_view(), json!({"default": true}))
            .takes("application/json", changed_view(), json!({"default": true}))
            .answer::<View>(shown)
            .sends("ETag")
            .if_match()
            .problem_as(409, taken),
        part.op("delete_view", "DELETE", item, write, 204, "Delete a saved view")
            .about("One's own, or a shared one by whoever manages the workspace.")
            .if_match(),
    ]
}

fn comments() -> Vec<Operation> {
    let part = Part {
        component: "traces",
        tag: "Comments",
    };
    let spec = json!({
        "object_type": "trace", "object_id": TRACE, "content": "The refund is **wrong** here.", "mentions": [ID],
    });
    let shown = examples::with(
        spec.clone(),
        json!({
            "id": ID, "trace_id": TRACE, "author_kind": "user", "author_id": ID, "on_behalf_of": null, "version": 1,
            "created_at": TIME, "updated_at": TIME,
        }),
    );
    let (read, write) = (Needs(TracesRead), Needs(ScoresWrite));
    let item = "/api/v1/comments/{id}";
    vec![
        part.op("list_comments", "GET", "/api/v1/comments", read, 200, "List comments, newest first")
            .page::<Comment>(shown.clone())
            .query("object_type", "Only those on that kind of thing.", names(&["trace", "observation", "session", "score", "prompt"]))
            .filter("object_id", "Only those on the thing of that id.")
            .filter("trace_id", "Only those on that trace and what belongs to it.")
            .filter("author_id", "Only those that this one wrote.")
            .filter("mentions", "Only those that mention this member."),
        part.op("create_comment", "POST", "/api/v1/comments", write, 201, "Comment on something")
            .about("The author is the caller. The text is kept as the workspace's policy of ingestion lets it in. Comments go with \
                    what they are on: with a deleted trace those on its observations and scores too.")
            .body::<CommentSpec>(spec)
            .answer::<Comment>(shown.clone())
            .sends("Location")
            .sends("ETag"),
        part.op("get_comment", "GET", item, read, 200, "Get a comment")
            .answer::<Comment>(shown.clone())
            .sends("ETag"),
        part.op("change_comment", "PATCH", item, write, 200, "Change a comment of one's own")
            .body::<CommentChange>(json!({"content": "The refund is right after all."}))
            .answer::<Comment>(shown)
            .sends("ETag")
            .if_match()
            .problem(409),
        part.op("delete_comment", "DELETE", item, write, 204, "Delete a comment")
            .about("By its author, or by whoever manages the workspace.")
            .if_match(),
    ]
}

fn langfuse() -> Vec<Operation> {
    let part = Part {
        component: "traces",
        tag: "Langfuse",
    };
    let (read, write) = (Needs(TracesRead), Needs(ScoresWrite));
    let shown = json!({
        "id": ID, "projectId": ID, "objectType": "TRACE", "objectId": TRACE, "content": "The refund is wrong here.",
        "authorUserId": null, "createdAt": TIME, "updatedAt": TIME,
    });
    let page: Make = Box::new(|s| {
        let comment = s.output::<LangfuseComment>();
        json!({
            "type": "object", "required": ["data", "meta"],
            "properties": {"data": {"type": "array", "items": comment}, "meta": {"type": "object"}},
        })
    });
    vec![
        part.op("langfuse_list_comments", "GET", "/api/public/comments", read, 200, "List comments as Langfuse does")
            .about("Those on scores, which Langfuse's clients do not know, are left out.")
            .query("page", "Which page, from 1.", number(1_000_000, 1))
            .query("limit", "Most rows of the page.", number(100, 50))
            .query("objectType", "Only those on that kind of thing.", names(&["TRACE", "OBSERVATION", "SESSION", "PROMPT"]))
            .filter("objectId", "Only those on the thing of that id; with `objectType`.")
            .filter("authorUserId", "Only those of that person.")
            .query("fromTimestamp", "From then on.", time())
            .query("toTimestamp", "Before then.", time())
            .answer_as(page, json!({"data": [shown], "meta": page_meta()})),
        part.op("langfuse_create_comment", "POST", "/api/public/comments", write, 200, "Comment as Langfuse does")
            .about("The key is the author, also where it writes in the name of a member.")
            .body::<LangfuseCommentSpec>(json!({
                "projectId": ID, "objectType": "TRACE", "objectId": TRACE, "content": "The refund is wrong here.",
            }))
            .answer_as(
                Box::new(|_| json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})),
                json!({"id": ID}),
            )
            .problem_as(404, "There is nothing of that id to comment on"),
        part.op("langfuse_get_comment", "GET", "/api/public/comments/{id}", read, 200, "Get a comment as Langfuse does")
            .answer::<LangfuseComment>(shown),
    ]
}

fn shares() -> Vec<Operation> {
    let part = Part {
        component: "traces",
        tag: "Public links",
    };
    let shown = json!({
        "id": ID, "trace_id": TRACE, "status": "active", "payloads": false, "note": "For the supplier", "created_by": ID,
        "created_at": TIME, "expires_at": "2027-01-01T00:00:00.000000Z", "revoked_at": null, "revoked_by": null,
    });
    let made = examples::with(
        shown.clone(),
        json!({"token": "sh-as-3f2b", "url": "https://assay.example.com/api/v1/shared/sh-as-3f2b"}),
    );
    let trace = json!({
        "id": TRACE, "name": "chat", "timestamp": TIME, "payloads": false, "expires_at": null, "input": null, "output": null,
        "latency_ms": 850, "total_cost_usd": 0.0001, "usage": {"input": 12, "output": 5}, "observation_count": 1,
        "error_count": 0, "warning_count": 0, "truncated": false,
        "observations": [{
            "id": "4bf92f3577b34da6", "parent_id": null, "type": "GENERATION", "name": "answer", "start_time": TIME,
            "end_time": TIME, "latency_ms": 850, "level": "DEFAULT", "status_message": null, "input": null, "output": null,
            "model": "large-1", "usage": {"input": 12, "output": 5}, "cost_usd": 0.0001,
        }],
        "scores": [{
            "observation_id": null, "name": "helpful", "data_type": "NUMERIC", "value": 1.0, "string_value": null,
            "timestamp": TIME,
        }],
    });
    let node = json!({
        "id": "4bf92f3577b34da6", "parent_id": null, "depth": 0, "children": 0, "descendants": 0, "type": "GENERATION",
        "name": "answer", "start_time": TIME, "end_time": TIME, "level": "DEFAULT", "status_message": null,
        "model": "large-1", "input_tokens": 12, "output_tokens": 5, "cost_usd": 0.0001,
    });
    let (read, write) = (Needs(TracesRead), Needs(TracesWrite));
    let status = || names(&["active", "expired", "revoked"]);
    let unknown = "The link is unknown, expired or revoked, or its trace is deleted";
    vec![
        part.op("list_all_shares", "GET", "/api/v1/shares", read, 200, "List public links to traces, newest first")
            .page::<Share>(shown.clone())
            .filter("trace_id", "Only those to that trace.")
            .query("status", "Only those of that status.", status()),
        part.op("list_shares", "GET", "/api/v1/traces/{id}/shares", read, 200, "List a trace's public links, newest first")
            .page::<Share>(shown)
            .query("status", "Only those of that status.", status()),
        part.op("create_share", "POST", "/api/v1/traces/{id}/shares", write, 201, "Make a public link to a trace")
            .about("Anyone who has the link reads this one trace, without an account. The caller may also read traces.")
            .body::<ShareSpec>(json!({"expires_at": "2027-01-01T00:00:00Z", "note": "For the supplier"}))
            .answer::<NewShare>(made)
            .sends("Location"),
        part.op("revoke_share", "DELETE", "/api/v1/traces/{id}/shares/{share}", write, 204, "Revoke a public link")
            .about("It opens nothing from the next request on. Revoking it again changes nothing."),
        part.op("get_shared_trace", "GET", "/api/v1/shared/{token}", Public, 200, "Get a trace by its public link")
            .about("What happened, when, and what it took; nothing of whose it is, and what went in and came out only where the \
                    link says so.")
            .answer::<SharedTrace>(trace)
            .problem(429)
            .problem_as(404, unknown),
        part.op("get_shared_tree", "GET", "/api/v1/shared/{token}/tree", Public, 200, "Get a trace by its public link, as a tree by pages")
            .page::<TreeNode>(node)
            .filter("under", "Only what is below this observation.")
            .query("depth", "Levels to show; all when absent.", json!({"type": "integer", "minimum": 1, "maximum": 1_000_000}))
            .problem(429)
            .problem_as(404, unknown),
    ]
}

pub(super) fn operations() -> Vec<Operation> {
    [views(), comments(), langfuse(), shares()]
        .into_iter()
        .flatten()
        .collect()
}
