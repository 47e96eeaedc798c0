//! What happened, whoever says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who sends the hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HookProvider")]
pub enum Provider {
    /// Anybody who can sign JSON.
    Generic,
    /// GitHub, in the cloud or one's own.
    Github,
    /// GitLab, in the cloud or one's own.
    Gitlab,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HookEventKind")]
pub enum EventKind {
    /// Commits came to a branch, or the branch went.
    Push,
    /// A tag came or went.
    Tag,
    /// Something about a pull request, or merge request.
    PullRequest,
    /// Something that a generic sender says.
    Custom,
}

/// What happened to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HookAction")]
pub enum Action {
    /// It was made.
    Opened,
    /// It has other commits.
    Updated,
    /// It was opened again.
    Reopened,
    /// It is no draft any more.
    Ready,
    /// It was closed without a merge.
    Closed,
    /// It was merged.
    Merged,
}

/// Where the commit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HookRepository")]
pub struct Repository {
    /// `owner/name`, with groups at GitLab.
    pub full_name: String,
    /// GitLab's number of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The page of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The root of its server's API, as the payload has it: `https://api.github.com`, `https://gitlab.example.com/api/v4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
}

/// One delivery of a hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HookEvent")]
pub struct Event {
    /// Who sent it.
    pub provider: Provider,
    /// What kind of thing happened.
    pub kind: EventKind,
    /// The same when the same thing is delivered again.
    pub delivery_id: String,
    /// SHA-256 of the body, in hexadecimal.
    pub body_sha256: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// The branch: the one pushed to, or the one that a pull request takes commits from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The branch that a pull request goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_branch: Option<String>,
    /// The tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The commit that is there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// The commit that was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The number of the pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// What happened to the pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Who did it, by user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The title of the pull request, or the first line of the last commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The page that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Paths that were added, changed or removed, in order; none when the payload does not tell, or not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_files: Option<Vec<String>>,
    /// Whether the pull request is a draft.
    #[serde(default)]
    pub draft: bool,
    /// Whether the pull request's commits are in another repository, whose owners need not be trusted.
    #[serde(default)]
    pub from_fork: bool,
    /// Whether the branch or tag is gone, so that there is no commit.
    #[serde(default)]
    pub deleted: bool,
    /// The body of a generic hook.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub payload: Value,
}

impl Event {
    /// One that says nothing yet.
    pub(crate) fn new(provider: Provider, kind: EventKind) -> Self {
        Self {
            provider,
            kind,
            delivery_id: String::new(),
            body_sha256: String::new(),
            repository: None,
            branch: None,
            base_branch: None,
            tag: None,
            sha: None,
            before: None,
            number: None,
            action: None,
            author: None,
            title: None,
            url: None,
            changed_files: None,
            draft: false,
            from_fork: false,
            deleted: false,
            payload: Value::Null,
        }
    }
}
