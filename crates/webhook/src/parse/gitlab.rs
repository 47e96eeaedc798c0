//! GitLab: the body's `object_kind` says what it is, in the hooks of projects, groups and the whole server alike.

use super::{ParseError, Parsed, changed_files, commit, delivery_id, json, name, pushed, title};
use crate::event::{Action, Event, EventKind, Provider, Repository};
use crate::filter::Ignored;
use crate::hash::sha256;
use crate::verify::{WEBHOOK_ID, header};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

const EVENT: &str = "x-gitlab-event";
/// The same in each attempt at a delivery; `webhook-id` repeats it.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const EVENT_UUID: &str = "x-gitlab-event-uuid";

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "ref")]
    reference: String,
    before: Option<String>,
    after: Option<String>,
    checkout_sha: Option<String>,
    user_username: Option<String>,
    #[serde(default)]
    commits: Vec<super::Commit>,
    #[serde(default)]
    total_commits_count: usize,
    project: Project,
}

#[derive(Deserialize)]
struct MergeRequestEvent {
    user: Option<User>,
    project: Project,
    object_attributes: MergeRequest,
    #[serde(default)]
    changes: Changes,
}

#[derive(Deserialize)]
struct MergeRequest {
    iid: u64,
    title: Option<String>,
    url: Option<String>,
    /// Missing when the hook is tried out from GitLab's settings.
    action: Option<String>,
    source_branch: String,
    target_branch: String,
    source_project_id: Option<u64>,
    target_project_id: Option<u64>,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    work_in_progress: bool,
    /// There when an update brought other commits.
    oldrev: Option<String>,
    last_commit: Option<LastCommit>,
}

#[derive(Deserialize)]
struct LastCommit {
    id: String,
}

#[derive(Deserialize, Default)]
struct Changes {
    draft: Option<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    previous: Value,
    #[serde(default)]
    current: Value,
}

#[derive(Deserialize)]
struct User {
    username: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    id: Option<u64>,
    path_with_namespace: String,
    web_url: Option<String>,
}

impl Project {
    fn repository(self) -> Result<Repository, ParseError> {
        let full_name = name("/project/path_with_namespace", self.path_with_namespace)?;
        // A server below a path of its host has that path before the project's.
        let api_url = self.web_url.as_deref().and_then(|page| {
            let root = page.strip_suffix(full_name.as_str())?.strip_suffix('/')?;
            Some(format!("{root}/api/v4"))
        });
        Ok(Repository {
            full_name,
            id: self.id,
            url: self.web_url,
            api_url,
        })
    }
}

pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Parsed, ParseError> {
    let event = header(headers, EVENT)?;
    let delivery_id = delivery(headers, body)?;
    let body: Value = json(headers, body)?;
    let kind = body
        .get("object_kind")
        .and_then(Value::as_str)
        .unwrap_or(event)
        .to_owned();
    match kind.as_str() {
        "push" | "tag_push" => push(delivery_id, read(body)?),
        "merge_request" => merge_request(delivery_id, read(body)?),
        other => Ok(Parsed::Ignored {
            delivery_id,
            why: Ignored::Event {
                name: super::short(other),
            },
        }),
    }
}

fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, ParseError> {
    serde_json::from_value(body).map_err(|error| {
        ParseError::Body(format!(
            "cannot be read: {}",
            super::short(&error.to_string())
        ))
    })
}

/// The id of the delivery: GitLab came to send better ones over the years.
fn delivery(headers: &HeaderMap, body: &[u8]) -> Result<String, ParseError> {
    for name in [WEBHOOK_ID, IDEMPOTENCY_KEY, EVENT_UUID] {
        if let Some(id) = super::optional(headers, name)? {
            return delivery_id(name, id);
        }
    }
    Ok(sha256(body))
}

fn push(delivery_id: String, push: Push) -> Result<Parsed, ParseError> {
    let mut event = Event::new(Provider::Gitlab, EventKind::Push);
    event.delivery_id = delivery_id;
    pushed(&mut event, "/ref", &push.reference)?;
    event.before = commit("/before", push.before)?;
    // An annotated tag's `after` is the tag itself; what it tags is `checkout_sha`, which is null when the branch is gone.
    let after = commit("/after", push.after)?;
    event.deleted = after.is_none();
    if !event.deleted {
        event.sha = commit("/checkout_sha", push.checkout_sha)?.or(after);
    }
    // The payload has the last twenty commits only.
    if push.commits.len() >= push.total_commits_count {
        event.changed_files = changed_files(&push.commits);
    }
    event.title = push
        .commits
        .iter()
        .find(|c| Some(&c.id) == event.sha.as_ref())
        .or(push.commits.last())
        .and_then(|c| title(&c.message));
    event.author = push.user_username;
    event.repository = Some(push.project.repository()?);
    Ok(Parsed::Event(Box::new(event)))
}

/// What happened, when it can lead to an evaluation.
fn action(request: &MergeRequest, changes: &Changes) -> Option<Action> {
    let became_ready = changes.draft.as_ref().is_some_and(|draft| {
        draft.previous == Value::Bool(true) && draft.current == Value::Bool(false)
    });
    Some(match request.action.as_deref()? {
        "open" => Action::Opened,
        "reopen" => Action::Reopened,
        "update" if request.oldrev.is_some() => Action::Updated,
        "update" if became_ready => Action::Ready,
        "close" => Action::Closed,
        "merge" => Action::Merged,
        _ => return None,
    })
}

fn merge_request(delivery_id: String, body: MergeRequestEvent) -> Result<Parsed, ParseError> {
    let request = body.object_attributes;
    let Some(action) = action(&request, &body.changes) else {
        let name = request.action.as_deref().unwrap_or("test");
        return Ok(Parsed::Ignored {
            delivery_id,
            why: Ignored::Action {
                name: super::short(name),
            },
        });
    };
    let mut event = Event::new(Provider::Gitlab, EventKind::PullRequest);
    event.delivery_id = delivery_id;
    event.action = Some(action);
    event.number = Some(request.iid);
    event.branch = Some(name(
        "/object_attributes/source_branch",
        request.source_branch,
    )?);
    event.base_branch = Some(name(
        "/object_attributes/target_branch",
        request.target_branch,
    )?);
    event.sha = commit(
        "/object_attributes/last_commit/id",
        request.last_commit.map(|last| last.id),
    )?;
    event.before = commit("/object_attributes/oldrev", request.oldrev)?;
    event.draft = request.draft || request.work_in_progress;
    event.from_fork = request.source_project_id != request.target_project_id;
    event.title = request.title.as_deref().and_then(title);
    event.url = request.url;
    event.author = body.user.and_then(|user| user.username);
    event.repository = Some(body.project.repository()?);
    Ok(Parsed::Event(Box::new(event)))
}
