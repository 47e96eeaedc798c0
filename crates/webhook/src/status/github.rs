//! GitHub: commit statuses, which any token can write, and check runs, which an app can.

use super::{State, Status, StatusError, Target, send};
use assay_llm::{AuthSlot, HttpCall};
use serde_json::{Value, json};

const HEADERS: [(&str, &str); 2] = [
    ("accept", "application/vnd.github+json"),
    ("x-github-api-version", "2022-11-28"),
];
/// The longest summary of a check run, in characters.
const MAX_SUMMARY: usize = 65_535;

impl Target {
    fn repos(&self, rest: &[&str]) -> Result<String, StatusError> {
        let parts: Vec<&str> = std::iter::once("repos")
            .chain(self.repository.split('/'))
            .chain(rest.iter().copied())
            .collect();
        self.below(&parts)
    }
}

/// `POST /repos/{owner}/{repo}/statuses/{sha}`. The caller adds a token with `statuses:write`.
///
/// # Errors
/// [`StatusError::Context`].
pub fn github_status(target: &Target, status: &Status<'_>) -> Result<HttpCall, StatusError> {
    let mut body = json!({
        "state": match status.state {
            State::Pending => "pending",
            State::Success => "success",
            State::Failure => "failure",
            State::Error => "error",
        },
        "context": status.context()?,
        "description": status.description(),
    });
    if let Some(url) = status.target_url {
        set(&mut body, "target_url", url.into());
    }
    let url = target.repos(&["statuses", &target.sha])?;
    Ok(send("POST", url, &HEADERS, AuthSlot::bearer(), &body))
}

/// `POST /repos/{owner}/{repo}/check-runs`, or `PATCH .../check-runs/{id}` for a run that is there. `summary` is Markdown. The
/// caller adds the token of an app's installation.
///
/// A check run has no `error`: what could not be evaluated is a `failure`, so that nothing passes for want of an answer.
///
/// # Errors
/// [`StatusError::Context`].
pub fn github_check_run(
    target: &Target,
    status: &Status<'_>,
    summary: &str,
    existing: Option<u64>,
) -> Result<HttpCall, StatusError> {
    let title = status.description();
    let mut body = json!({
        "name": status.context()?,
        "output": {
            "title": if title.is_empty() { status.context()? } else { &title },
            "summary": summary_of(summary),
        },
    });
    match status.state {
        State::Pending => set(&mut body, "status", "in_progress".into()),
        State::Success => complete(&mut body, "success"),
        State::Failure | State::Error => complete(&mut body, "failure"),
    }
    if let Some(url) = status.target_url {
        set(&mut body, "details_url", url.into());
    }
    let (method, url) = match existing {
        Some(id) => ("PATCH", target.repos(&["check-runs", &id.to_string()])?),
        None => {
            set(&mut body, "head_sha", target.sha.as_str().into());
            ("POST", target.repos(&["check-runs"])?)
        }
    };
    Ok(send(method, url, &HEADERS, AuthSlot::bearer(), &body))
}

/// Lines are kept in Markdown, so only what is too long is cut.
fn summary_of(text: &str) -> String {
    if text.chars().count() <= MAX_SUMMARY {
        text.to_owned()
    } else {
        let head: String = text.chars().take(MAX_SUMMARY - 1).collect();
        head + "…"
    }
}

fn complete(body: &mut Value, conclusion: &str) {
    set(body, "status", "completed".into());
    set(body, "conclusion", conclusion.into());
}

fn set(body: &mut Value, key: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}
