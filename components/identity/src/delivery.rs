//! Brings an invitation to its person: a signed call of what the operator configured to send messages. A call that fails
//! does not lose the invitation, whose link its maker has.

use crate::invitations::Invitation;
use assay_access::hash_secret;
use assay_edge::db::ScopedDb;
use assay_edge::outbound::{Outgoing, send_to_configured};
use assay_edge::{Ctx, Problem, clock, log_error, variable};
use http::Method;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// How long the other side may take, in milliseconds.
const TIMEOUT_MS: u64 = 5_000;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Nothing is configured: hand the link over yourself.
    None,
    /// The other side took it.
    Sent,
    /// The other side did not take it: hand the link over yourself.
    Failed,
}

/// Sends an invitation where `invitation_webhook_url` is set.
pub(crate) async fn send(
    ctx: &Ctx,
    db: &ScopedDb,
    invitation: &Invitation,
    accept_url: &str,
) -> Outcome {
    match try_send(db, invitation, accept_url).await {
        Ok(outcome) => outcome,
        Err(problem) => {
            let (component, id) = (ctx.component, &ctx.request_id);
            log_error(
                component,
                id,
                "delivery of an invitation",
                &problem.to_string(),
            );
            Outcome::Failed
        }
    }
}

async fn try_send(
    db: &ScopedDb,
    invitation: &Invitation,
    accept_url: &str,
) -> Result<Outcome, Problem> {
    let url = variable("invitation_webhook_url").await?;
    if url.is_empty() {
        return Ok(Outcome::None);
    }
    let secret = variable("invitation_webhook_secret").await?;
    if secret.is_empty() {
        return Err(Problem::internal("`invitation_webhook_secret` is not set"));
    }
    let row = db.first("SELECT name FROM workspaces WHERE id = $1", []);
    let row = row.await?.ok_or_else(|| Problem::not_found("workspace"))?;
    let body = json!({
        "type": "invitation.created",
        "id": invitation.id,
        "email": invitation.email,
        "role": invitation.role,
        "workspace": {"id": db.workspace(), "name": row.text("name")?},
        "accept_url": accept_url,
        "expires_at": invitation.expires_at,
    })
    .to_string();
    let time = clock::now().micros() / 1_000_000;
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        (
            "x-assay-signature".to_owned(),
            signature(&secret, time, &body),
        ),
    ];
    let call = Outgoing {
        method: Method::POST,
        url,
        headers,
        credential: None,
        secret_headers: Vec::new(),
        secrets: BTreeMap::new(),
        body: body.into_bytes(),
        timeout_ms: TIMEOUT_MS,
        max_bytes: 64 << 10,
    };
    let answer = send_to_configured(call).await.map_err(Problem::internal)?;
    if answer.status.is_success() {
        return Ok(Outcome::Sent);
    }
    Err(Problem::internal(format!("status {}", answer.status)))
}

/// `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`: the time keeps a recorded call from being sent again.
fn signature(secret: &str, time: i64, body: &str) -> String {
    let tag = hash_secret(secret.as_bytes(), &format!("{time}.{body}"));
    format!("t={time},v1={tag}")
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_of_time_and_body() {
        let one = signature("s", 1, "{}");
        assert!(one.starts_with("t=1,v1=") && one.len() == "t=1,v1=".len() + 64);
        assert_ne!(one, signature("s", 1, "{ }"));
        assert_ne!(one.split_once(','), signature("t", 1, "{}").split_once(','));
    }
}
