//! GitLab: the status of a commit, which shows as an external job of its pipeline.

use super::{State, Status, StatusError, Target, send};
use assay_llm::{AuthSlot, HttpCall};
use serde_json::json;

/// `POST /projects/:id/statuses/:sha`. The caller adds an access token with the scope `api`. `branch` is the branch or tag
/// that the status is for, when the commit is on several.
///
/// GitLab has no `error`: what could not be evaluated is `failed`. It answers 400 to a state that it is in already, which is
/// no fault of the sender.
///
/// # Errors
/// [`StatusError::Context`].
pub fn gitlab_status(
    target: &Target,
    status: &Status<'_>,
    branch: Option<&str>,
) -> Result<HttpCall, StatusError> {
    let mut body = json!({
        "state": match status.state {
            State::Pending => "pending",
            State::Success => "success",
            State::Failure | State::Error => "failed",
        },
        "name": status.context()?,
        "description": status.description(),
    });
    if let Some(fields) = body.as_object_mut() {
        if let Some(url) = status.target_url {
            fields.insert("target_url".to_owned(), url.into());
        }
        if let Some(branch) = branch {
            fields.insert("ref".to_owned(), branch.into());
        }
    }
    let project = match target.id {
        Some(id) => id.to_string(),
        // As one segment, with `%2F` between the groups.
        None => target.repository.clone(),
    };
    let url = target.below(&["projects", &project, "statuses", &target.sha])?;
    Ok(send(
        "POST",
        url,
        &[],
        AuthSlot::header("private-token"),
        &body,
    ))
}
