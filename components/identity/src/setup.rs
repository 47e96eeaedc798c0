//! The first owner by hand: whoever holds the operator's setup token makes it, once.

use crate::owner::{self, First};
use assay_access::{ApiKeyPair, secrets_equal};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, random_bytes, reply};
use assay_model::{Validate, Validator};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    token: String,
    workspace: String,
    owner_email: String,
}

impl Validate for Setup {
    fn check(&self, v: &mut Validator) {
        v.name("workspace", &self.workspace, 200);
        v.require(
            owner::is_email(&self.owner_email),
            "owner_email",
            "is not an e-mail address",
        );
    }
}

/// `POST /api/v1/setup`. The key pair is in this answer and nowhere else.
pub(crate) async fn setup(mut ctx: Ctx) -> Result<Reply, Problem> {
    let platform = ctx.platform.clone();
    let token = &platform.config.setup_token;
    if token.is_empty() {
        return Err(Problem::new(
            ProblemKind::NotFound,
            "Setup by token is switched off.",
        ));
    }
    let body: Setup = ctx.raw_json(assay_edge::DEFAULT_BODY_LIMIT).await?;
    if !secrets_equal(token, &body.token) {
        return Err(Problem::new(
            ProblemKind::Forbidden,
            "The setup token is wrong.",
        ));
    }
    body.validate().map_err(Problem::validation)?;
    let key = ApiKeyPair::from_random(&random_bytes()?);
    let first = First {
        workspace: &body.workspace,
        email: &body.owner_email,
        key: &key,
    };
    let made = owner::create(&platform, &platform.db().await?, &first).await?;
    let made = made.ok_or_else(|| {
        Problem::new(
            ProblemKind::Conflict,
            "The installation has an owner already.",
        )
    })?;
    let answer = json!({
        "workspace": {"id": made.workspace_id, "name": body.workspace},
        "owner_email": body.owner_email,
        "public_key": key.public,
        "secret_key": key.secret,
    });
    reply::json(StatusCode::CREATED, &answer)
}
