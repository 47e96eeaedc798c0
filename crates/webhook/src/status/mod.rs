//! What an evaluation tells the commit that started it, as requests to send.

mod github;
mod gitlab;

pub use github::{github_check_run, github_status};
pub use gitlab::gitlab_status;

use crate::event::{Event, Provider};
use crate::refs::is_commit;
use assay_llm::{AuthSlot, HttpCall};
use serde_json::Value;
use url::Url;

/// The longest description, in characters: GitHub refuses more, GitLab cuts at 255.
pub const MAX_DESCRIPTION: usize = 140;
/// The longest name of a context, in characters.
const MAX_CONTEXT: usize = 100;
/// How long the server may take, in milliseconds.
const TIMEOUT_MS: u64 = 20_000;

const GITHUB: &str = "https://api.github.com";
const GITLAB: &str = "https://gitlab.com/api/v4";

/// How the evaluation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It goes on.
    Pending,
    /// Its gates let the commit pass.
    Success,
    /// Its gates do not let the commit pass.
    Failure,
    /// It could not be done.
    Error,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status<'a> {
    /// How it stands.
    pub state: State,
    /// The name under which later words replace earlier ones, e.g. `assay/nightly`.
    pub context: &'a str,
    /// A line for people; what is longer than [`MAX_DESCRIPTION`] is cut off.
    pub description: &'a str,
    /// The page of the evaluation.
    pub target_url: Option<&'a str>,
}

/// Why no request can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// The event names no repository, or no number of the project where one is needed.
    #[error("the event names no repository")]
    NoRepository,
    /// The event names no commit.
    #[error("the event names no commit")]
    NoCommit,
    /// The repository's name is none of that provider.
    #[error("`{0}` is no name of a repository")]
    Repository(String),
    /// The address of the API cannot be used.
    #[error("the address of the API {0}")]
    Api(&'static str),
    /// The event came from another server than the one that is configured.
    #[error("the event came from another server than the one that is configured")]
    OtherServer,
    /// The context has no name, or one that is too long.
    #[error("the context must have 1 to {MAX_CONTEXT} characters")]
    Context,
}

/// Where a status goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    api: Url,
    repository: String,
    id: Option<u64>,
    sha: String,
}

impl Target {
    /// The commit of an event. `configured` is the root of the API that the credential is for, such as
    /// `https://github.example.com/api/v3` or `https://gitlab.example.com/api/v4`; without one it is the provider's own cloud.
    ///
    /// The payload's word on where its server is never sends a credential anywhere: it can only lead to a refusal.
    ///
    /// # Errors
    /// [`StatusError`] when the event names no commit, or is of another server.
    pub fn of(event: &Event, configured: Option<&str>) -> Result<Self, StatusError> {
        let repository = event.repository.as_ref().ok_or(StatusError::NoRepository)?;
        let sha = event.sha.as_ref().ok_or(StatusError::NoCommit)?;
        let cloud = match event.provider {
            Provider::Github => GITHUB,
            Provider::Gitlab => GITLAB,
            Provider::Generic => return Err(StatusError::NoRepository),
        };
        let api = address(configured.unwrap_or(cloud))?;
        if let Some(named) = &repository.api_url
            && address(named)?.origin() != api.origin()
        {
            return Err(StatusError::OtherServer);
        }
        Self::new(api.as_str(), &repository.full_name, repository.id, sha)
    }

    /// A commit by its names. `id` is GitLab's number of the project, which may be left out.
    ///
    /// # Errors
    /// [`StatusError`] for names that cannot be.
    pub fn new(
        api: &str,
        repository: &str,
        id: Option<u64>,
        sha: &str,
    ) -> Result<Self, StatusError> {
        let segment = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        if !repository.contains('/') || !repository.split('/').all(segment) {
            return Err(StatusError::Repository(
                repository.chars().take(100).collect(),
            ));
        }
        if !is_commit(sha) {
            return Err(StatusError::NoCommit);
        }
        Ok(Self {
            api: address(api)?,
            repository: repository.to_owned(),
            id,
            sha: sha.to_owned(),
        })
    }

    /// An address below the API's root; each part is one segment, whatever is in it.
    fn below(&self, parts: &[&str]) -> Result<String, StatusError> {
        let mut url = self.api.clone();
        url.path_segments_mut()
            .map_err(|()| StatusError::Api("has no path"))?
            .pop_if_empty()
            .extend(parts);
        Ok(url.into())
    }
}

/// Whether a text can be the root of an API.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_api(text: &str) -> Result<(), &'static str> {
    match address(text) {
        Ok(_) => Ok(()),
        Err(StatusError::Api(why)) => Err(why),
        Err(_) => Err("cannot be used"),
    }
}

fn address(text: &str) -> Result<Url, StatusError> {
    let url = Url::parse(text).map_err(|_| StatusError::Api("is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(StatusError::Api("must be an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(StatusError::Api("must not carry credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(StatusError::Api("must not have a query or a fragment"));
    }
    Ok(url)
}

impl Status<'_> {
    fn context(&self) -> Result<&str, StatusError> {
        let fits = (1..=MAX_CONTEXT).contains(&self.context.chars().count());
        if fits && !self.context.chars().any(char::is_control) {
            Ok(self.context)
        } else {
            Err(StatusError::Context)
        }
    }

    fn description(&self) -> String {
        cut(self.description, MAX_DESCRIPTION)
    }
}

/// At most `most` characters on one line, the last of them an ellipsis when something is missing.
fn cut(text: &str, most: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= most {
        return line;
    }
    let mut kept: String = line.chars().take(most.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

fn send(
    method: &'static str,
    url: String,
    headers: &[(&str, &str)],
    auth: AuthSlot,
    body: &Value,
) -> HttpCall {
    let headers = headers
        .iter()
        .chain(&[
            ("content-type", "application/json"),
            ("user-agent", "assay"),
        ])
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    HttpCall {
        method,
        url,
        headers,
        secret_headers: Vec::new(),
        auth: Some(auth),
        body: body.to_string().into_bytes(),
        timeout_ms: TIMEOUT_MS,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
