//! Hooks of other programs that start campaigns, as people manage them. Secrets are sealed and never shown. [`incoming`] takes
//! what is sent, [`statuses`] tells the commit what became of it.

pub(crate) mod deliveries;
pub(crate) mod incoming;
mod secrets;
pub(crate) mod statuses;
mod stored;

use crate::input;
use assay_edge::db::{DbError, ScopedDb, Statement, Value as Sql};
use assay_edge::merge::merge;
use assay_edge::outbound::check_url;
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::write_only::Secret;
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, named_secrets, new_id,
    parse_json, reply,
};
use assay_model::{CampaignSpec, FieldError, Validate as _};
use assay_webhook::{HookSpec, Provider};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use stored::{COLUMNS, Hook, Shown, TABLE};

/// Most hooks of a workspace.
const MOST: i64 = 100;
/// The write-only field with the token that statuses are written with.
const TOKEN: Option<&str> = Some("token");

fn tagged(ctx: &Ctx, status: StatusCode, hook: &Hook) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, &Shown::of(hook, &ctx.base_url()))?;
    let tag = HeaderValue::from_str(&etag(hook.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// `GET /api/v1/hooks`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLE} WHERE workspace_id = $1 AND (created_at, id) < ($2, $3) \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let params: [Sql; 3] = [at.into(), id.into(), page.fetch().into()];
    let rows = ctx.db().await?.query(&sql, params).await?;
    let found = rows.iter().map(Hook::read);
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let base = ctx.base_url();
    let shown: Vec<Shown> = found.iter().map(|hook| Shown::of(hook, &base)).collect();
    reply::ok(&page.page(shown, Shown::place))
}

/// The hook that the path names.
async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Hook, Problem> {
    let id = ctx.param("id")?;
    // Postgres has no text with NUL in it; no id has one either.
    let found = if id.contains('\0') {
        None
    } else {
        stored::find(db, id).await?
    };
    found.ok_or_else(|| Problem::not_found("hook"))
}

/// `GET /api/v1/hooks/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    tagged(&ctx, StatusCode::OK, &find(&ctx, &ctx.db().await?).await?)
}

/// Fields of the campaign, within a request that holds one.
pub(crate) fn within_campaign(problem: Problem) -> Problem {
    problem.map_errors(|errors| {
        let errors = errors.into_iter();
        let errors = errors.map(|e| FieldError {
            field: format!("/campaign{}", e.field),
            message: e.message,
        });
        errors.collect()
    })
}

/// Refuses a campaign that could not be started now. `known` is one that was good already: what it names may be gone since,
/// which must not keep anybody from changing the rest.
pub(crate) async fn check_campaign(
    ctx: &Ctx,
    campaign: &CampaignSpec,
    known: Option<&CampaignSpec>,
) -> Result<(), Problem> {
    if known == Some(campaign) {
        return Ok(());
    }
    let actor = ctx.actor()?;
    // Whoever changes the rest of it need not hold what naming them took.
    if known.map(|k| &k.metrics) != Some(&campaign.metrics) {
        named_secrets::may_name(actor, "/campaign/metrics", &campaign.metrics)?;
    }
    let workspace = &actor.workspace;
    let checked = async {
        input::check(campaign)?;
        input::check_metrics(&ctx.platform, workspace, &campaign.metrics).await?;
        input::resolve(&ctx.platform, workspace, campaign.clone()).await?;
        Ok(())
    };
    checked.await.map_err(within_campaign)
}

/// What a body says, checked in itself and against the installation. `has_token` tells whether there will be one.
async fn checked(
    ctx: &Ctx,
    body: &Map<String, Value>,
    known: Option<&HookSpec>,
    has_token: bool,
) -> Result<HookSpec, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let spec: HookSpec = parse_json(&bytes)?;
    spec.validate().map_err(Problem::validation)?;
    if let Some(api) = spec.status.as_ref().and_then(|s| s.api.as_ref()) {
        check_url(api, &ctx.platform.config.private_targets)
            .map_err(|e| Problem::field("/status/api", e.to_string()))?;
    }
    if spec.status.is_some() && !has_token {
        return Err(Problem::field("/token", "is needed by `status`"));
    }
    check_campaign(ctx, &spec.campaign, known.map(|k| &k.campaign)).await?;
    Ok(spec)
}

fn name_taken(error: DbError) -> Problem {
    match error {
        DbError::Unique(cause) => Problem::new(
            ProblemKind::AlreadyExists,
            "A hook of this name exists already.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        other => other.into(),
    }
}

/// What the audit log is told.
fn detail(spec: &HookSpec, secrets: Option<usize>, token: &Secret) -> Value {
    let secrets = secrets.map_or_else(|| "as they were".to_owned(), |n| format!("{n} set"));
    json!({
        "name": spec.name,
        "provider": spec.provider,
        "enabled": spec.enabled,
        "secrets": secrets,
        "token": token.told(),
    })
}

fn provider(spec: &HookSpec) -> &'static str {
    match spec.provider {
        Provider::Generic => "generic",
        Provider::Github => "github",
        Provider::Gitlab => "gitlab",
    }
}

fn count(secrets: &[String]) -> i64 {
    i64::try_from(secrets.len()).unwrap_or(i64::MAX)
}

/// `POST /api/v1/hooks`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let token = Secret::take(&mut body, TOKEN)?;
    let secrets = secrets::take(&mut body)?;
    let spec = checked(&ctx, &body, None, matches!(token, Secret::Set(_))).await?;
    let secrets = secrets.ok_or_else(|| Problem::field("/secrets", "must have 1 to 4 entries"))?;
    let db = ctx.db().await?;
    let (id, now) = (new_id(), clock::now());
    let sql = format!(
        "INSERT INTO {TABLE} (workspace_id, id, name, provider, enabled, spec, secrets, secret_count, token, version, \
         created_by, created_at, updated_by, updated_at) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), \
         CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS BIGINT), CAST($9 AS TEXT), 1, CAST($10 AS TEXT), \
         CAST($11 AS BIGINT), CAST($10 AS TEXT), CAST($11 AS BIGINT) \
         WHERE (SELECT count(*) FROM {TABLE} WHERE workspace_id = $1) < {MOST}"
    );
    let row: [Sql; 10] = [
        id.as_str().into(),
        spec.name.as_str().into(),
        provider(&spec).into(),
        spec.enabled.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        secrets::seal(&ctx.platform, &id, &secrets)?.into(),
        count(&secrets).into(),
        token.seal(&ctx.platform, TABLE, &id, None)?.into(),
        ctx.actor()?.principal.id().into(),
        now.into(),
    ];
    let told = detail(&spec, Some(secrets.len()), &token);
    let audit = ctx.audit("hook.create", ("hook", &id), &told)?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.exclusive(statements).await.map_err(name_taken)? {
        let detail = format!("A workspace has at most {MOST} hooks.");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let made = stored::find(&db, &id).await?;
    let made = made.ok_or_else(|| Problem::not_found("hook"))?;
    let mut answer = tagged(&ctx, StatusCode::CREATED, &made)?;
    let location =
        HeaderValue::from_str(&format!("/api/v1/hooks/{id}")).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// Scheme, host and port of where the token goes.
fn origin(spec: &HookSpec) -> Option<String> {
    let status = spec.status.as_ref()?;
    let api = status.api.as_deref().unwrap_or_default();
    let origin = url::Url::parse(api).map(|url| url.origin().ascii_serialization());
    Some(format!("{} {}", provider(spec), origin.unwrap_or_default()))
}

/// `PATCH /api/v1/hooks/{id}`: JSON merge patch. What commits are still to be told is tried again at once.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut change: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let token = Secret::take(&mut change, TOKEN)?;
    let secrets = secrets::take(&mut change)?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let Value::Object(mut body) = json!(old.spec) else {
        return Err(Problem::internal("a hook that is no object"));
    };
    merge(&mut body, change);
    let has_token = match &token {
        Secret::Keep => old.token.is_some(),
        Secret::Clear => false,
        Secret::Set(_) => true,
    };
    let spec = checked(&ctx, &body, Some(&old.spec), has_token).await?;
    // It was entrusted for where it went: whoever may change the address must not read it there.
    let moved = origin(&spec).is_some_and(|to| origin(&old.spec) != Some(to));
    if moved && token == Secret::Keep && old.token.is_some() {
        let message = "must be given again when statuses go to another server; null removes it";
        return Err(Problem::field("/token", message));
    }
    let (sealed, secret_count) = match &secrets {
        None => (old.secrets.clone(), old.secret_count),
        Some(all) => (secrets::seal(&ctx.platform, &old.id, all)?, count(all)),
    };
    let sql = format!(
        "UPDATE {TABLE} SET name = $3, provider = $4, enabled = $5, spec = $6, secrets = $7, secret_count = $8, token = $9, \
         updated_by = $10, updated_at = $11, version = version + 1 WHERE workspace_id = $1 AND id = $2 AND version = $12"
    );
    let now = clock::now();
    let row: [Sql; 11] = [
        old.id.as_str().into(),
        spec.name.as_str().into(),
        provider(&spec).into(),
        spec.enabled.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        sealed.into(),
        secret_count.into(),
        token
            .seal(&ctx.platform, TABLE, &old.id, old.token.clone())?
            .into(),
        ctx.actor()?.principal.id().into(),
        now.into(),
        old.version.into(),
    ];
    let told = detail(&spec, secrets.as_ref().map(Vec::len), &token);
    let statements = vec![
        Statement::new(sql, row),
        statuses::again(&old.id, now),
        ctx.audit("hook.update", ("hook", &old.id), &told)?,
    ];
    if !db.guarded_batch(statements).await.map_err(name_taken)? {
        return Err(failed());
    }
    statuses::in_background(&ctx.request_id);
    tagged(&ctx, StatusCode::OK, &find(&ctx, &db).await?)
}

/// `DELETE /api/v1/hooks/{id}`, with what it took in and what commits were still to be told.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let id = old.id.as_str();
    let sql = format!("DELETE FROM {TABLE} WHERE workspace_id = $1 AND id = $2 AND version = $3");
    let of_hook = |table: &str| {
        let sql = format!("DELETE FROM {table} WHERE workspace_id = $1 AND hook_id = $2");
        Statement::new(sql, [id.into()])
    };
    let statements = vec![
        Statement::new(sql, [id.into(), old.version.into()]),
        of_hook("hook_deliveries"),
        of_hook("hook_statuses"),
        ctx.audit("hook.delete", ("hook", id), &json!({"name": old.spec.name}))?,
    ];
    if !db.guarded_batch(statements).await? {
        return Err(failed());
    }
    Ok(reply::no_content())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_a_server() {
        let hook = |provider: &str, status: Value| -> HookSpec {
            serde_json::from_value(json!({
                "name": "h", "provider": provider, "status": status,
                "campaign": {"name": "c", "agent_id": "a", "dataset_id": "d"},
            }))
            .unwrap()
        };
        let cloud = origin(&hook("github", json!({})));
        assert_eq!(origin(&hook("github", Value::Null)), None);
        assert_eq!(cloud, origin(&hook("github", json!({"context": "other"}))));
        assert_ne!(cloud, origin(&hook("gitlab", json!({}))));
        let own = |path: &str| {
            origin(&hook(
                "github",
                json!({"api": format!("https://ghe.example{path}")}),
            ))
        };
        assert_ne!(cloud, own("/api/v3"));
        assert_eq!(own("/api/v3"), own(":443/api"));
    }
}
