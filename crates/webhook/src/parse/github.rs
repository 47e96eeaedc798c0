//! GitHub: `X-GitHub-Event` says which of its payloads the body is.

use super::{ParseError, Parsed, changed_files, commit, delivery_id, json, name, pushed, title};
use crate::event::{Action, Event, EventKind, Provider, Repository};
use crate::filter::Ignored;
use crate::verify::header;
use http::HeaderMap;
use serde::Deserialize;

const EVENT: &str = "x-github-event";
const DELIVERY: &str = "x-github-delivery";
/// The most commits that a push's payload has; of a longer push it has a part.
const MAX_COMMITS: usize = 2048;

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "ref")]
    reference: String,
    before: Option<String>,
    after: Option<String>,
    #[serde(default)]
    deleted: bool,
    compare: Option<String>,
    #[serde(default)]
    commits: Vec<super::Commit>,
    head_commit: Option<super::Commit>,
    repository: Project,
    sender: Option<User>,
    pusher: Option<Pusher>,
}

#[derive(Deserialize)]
struct PullRequestEvent {
    action: String,
    number: u64,
    before: Option<String>,
    pull_request: PullRequest,
    repository: Project,
    sender: Option<User>,
}

#[derive(Deserialize)]
struct PullRequest {
    title: Option<String>,
    html_url: Option<String>,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    merged: bool,
    user: Option<User>,
    head: Side,
    base: Side,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    reference: String,
    sha: String,
    /// Null when the fork is gone.
    repo: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    full_name: String,
    html_url: Option<String>,
    statuses_url: Option<String>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Pusher {
    name: Option<String>,
}

impl Project {
    fn repository(self) -> Result<Repository, ParseError> {
        let full_name = name("/repository/full_name", self.full_name)?;
        // The template leads to the API wherever the server is, which `url` does in some payloads only.
        let api_url = self.statuses_url.and_then(|template| {
            let root = template.strip_suffix(&format!("/repos/{full_name}/statuses/{{sha}}"))?;
            Some(root.to_owned())
        });
        Ok(Repository {
            full_name,
            id: None,
            url: self.html_url,
            api_url,
        })
    }
}

pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Parsed, ParseError> {
    let delivery_id = delivery_id(DELIVERY, header(headers, DELIVERY)?)?;
    match header(headers, EVENT)? {
        "ping" => Ok(Parsed::Ping { delivery_id }),
        "push" => push(delivery_id, json(headers, body)?),
        "pull_request" => pull_request(delivery_id, json(headers, body)?),
        other => Ok(Parsed::Ignored {
            delivery_id,
            why: Ignored::Event {
                name: super::short(other),
            },
        }),
    }
}

fn push(delivery_id: String, push: Push) -> Result<Parsed, ParseError> {
    let mut event = Event::new(Provider::Github, EventKind::Push);
    event.delivery_id = delivery_id;
    pushed(&mut event, "/ref", &push.reference)?;
    event.sha = commit("/after", push.after)?;
    event.before = commit("/before", push.before)?;
    event.deleted = push.deleted || event.sha.is_none();
    if push.commits.len() < MAX_COMMITS {
        event.changed_files = changed_files(&push.commits);
    }
    event.title = push.head_commit.and_then(|head| title(&head.message));
    event.url = push.compare;
    event.author = push
        .sender
        .map(|user| user.login)
        .or(push.pusher.and_then(|pusher| pusher.name));
    event.repository = Some(push.repository.repository()?);
    Ok(Parsed::Event(Box::new(event)))
}

fn action(written: &str, merged: bool) -> Option<Action> {
    Some(match written {
        "opened" => Action::Opened,
        "synchronize" => Action::Updated,
        "reopened" => Action::Reopened,
        "ready_for_review" => Action::Ready,
        "closed" if merged => Action::Merged,
        "closed" => Action::Closed,
        _ => return None,
    })
}

fn pull_request(delivery_id: String, body: PullRequestEvent) -> Result<Parsed, ParseError> {
    let pull = body.pull_request;
    let Some(action) = action(&body.action, pull.merged) else {
        return Ok(Parsed::Ignored {
            delivery_id,
            why: Ignored::Action {
                name: super::short(&body.action),
            },
        });
    };
    let mut event = Event::new(Provider::Github, EventKind::PullRequest);
    event.delivery_id = delivery_id;
    event.action = Some(action);
    event.number = Some(body.number);
    event.branch = Some(name("/pull_request/head/ref", pull.head.reference)?);
    event.base_branch = Some(name("/pull_request/base/ref", pull.base.reference)?);
    event.sha = commit("/pull_request/head/sha", Some(pull.head.sha))?;
    // Only an update has it at the root; else the commit before is the one that the request goes out from.
    event.before = match body.before {
        Some(before) => commit("/before", Some(before))?,
        None => commit("/pull_request/base/sha", Some(pull.base.sha))?,
    };
    event.draft = pull.draft;
    event.from_fork = pull
        .head
        .repo
        .is_none_or(|head| head.full_name != body.repository.full_name);
    event.title = pull.title.as_deref().and_then(title);
    event.url = pull.html_url;
    event.author = pull.user.or(body.sender).map(|user| user.login);
    event.repository = Some(body.repository.repository()?);
    Ok(Parsed::Event(Box::new(event)))
}
