//! Campaigns that start by the clock, as people manage them. [`due`] starts them.

pub(crate) mod due;

use crate::campaigns::{self, Begin, Started};
use crate::hooks::{check_campaign, within_campaign};
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::merge::merge;
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, parse_json, reply,
};
use assay_model::{ScheduleSpec, Timestamp, Validate as _, Validator};
use assay_scenario::{check_cron, check_zone, next_time};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Most schedules of a workspace.
const MOST: i64 = 200;

const COLUMNS: &str = "workspace_id, id, spec, version, next_at, starting_at, last_at, last_campaign_id, last_error, created_by, \
     created_at, updated_by, updated_at";

/// A schedule, as it rests and as it is shown.
#[derive(Serialize)]
struct Schedule {
    #[serde(skip)]
    workspace: String,
    id: String,
    #[serde(flatten)]
    spec: ScheduleSpec,
    version: i64,
    /// When it is due; null while it starts nothing.
    next_at: Option<Timestamp>,
    /// The time whose campaign is being started.
    #[serde(skip)]
    starting_at: Option<i64>,
    /// When it was due last.
    last_at: Option<Timestamp>,
    /// The campaign that it started last.
    last_campaign_id: Option<String>,
    /// Why the last one could not be started.
    last_error: Option<String>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

impl Schedule {
    fn read(row: &Row) -> Result<Self, Problem> {
        let time = |column: &str| -> Result<Option<Timestamp>, Problem> {
            Ok(row.opt_int(column)?.map(Timestamp::from_micros))
        };
        Ok(Self {
            workspace: row.text("workspace_id")?,
            id: row.text("id")?,
            spec: row.json("spec")?,
            version: row.int("version")?,
            next_at: time("next_at")?,
            starting_at: row.opt_int("starting_at")?,
            last_at: time("last_at")?,
            last_campaign_id: row.opt_text("last_campaign_id")?,
            last_error: row.opt_text("last_error")?,
            created_by: row.opt_text("created_by")?,
            created_at: row.time("created_at")?,
            updated_by: row.opt_text("updated_by")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

async fn find_by_id(db: &ScopedDb, id: &str) -> Result<Schedule, Problem> {
    let missing = || Problem::not_found("schedule");
    // Postgres has no text with NUL in it; no id has one either.
    if id.contains('\0') {
        return Err(missing());
    }
    let sql = format!("SELECT {COLUMNS} FROM schedules WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?.ok_or_else(missing)?;
    Schedule::read(&row)
}

fn tagged(status: StatusCode, schedule: &Schedule) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, schedule)?;
    let tag = HeaderValue::from_str(&etag(schedule.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// `GET /api/v1/schedules`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    crate::sweep::look(&ctx);
    let page = ctx.page()?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM schedules WHERE workspace_id = $1 AND (created_at, id) < ($2, $3) \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let params: [Sql; 3] = [at.into(), id.into(), page.fetch().into()];
    let rows = ctx.db().await?.query(&sql, params).await?;
    let found = rows.iter().map(Schedule::read);
    let found = found.collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(found, |s| Cursor(s.created_at.micros(), s.id.clone())))
}

/// `GET /api/v1/schedules/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    crate::sweep::look(&ctx);
    let found = find_by_id(&ctx.db().await?, ctx.param("id")?).await?;
    tagged(StatusCode::OK, &found)
}

/// What a body says, checked, and when it is due after `now`.
async fn checked(
    ctx: &Ctx,
    body: &Map<String, Value>,
    known: Option<&ScheduleSpec>,
    now: Timestamp,
) -> Result<(ScheduleSpec, i64), Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let spec: ScheduleSpec = parse_json(&bytes)?;
    let mut v = Validator::default();
    spec.check(&mut v);
    if let Err(why) = check_zone(&spec.time_zone) {
        v.error("time_zone", why);
    }
    // Of a zone that there is not only the grammar is looked at.
    let next = match check_zone(&spec.time_zone) {
        Ok(()) => next_time(&spec.cron, &spec.time_zone, now.micros()),
        Err(_) => check_cron(&spec.cron).map(|()| 0),
    };
    if let Err(why) = &next {
        v.error("cron", why.as_str());
    }
    v.finish().map_err(Problem::validation)?;
    check_campaign(ctx, &spec.campaign, known.map(|k| &k.campaign)).await?;
    Ok((spec, next.map_err(Problem::internal)?))
}

fn name_taken(error: DbError) -> Problem {
    match error {
        DbError::Unique(cause) => Problem::new(
            ProblemKind::AlreadyExists,
            "A schedule of this name exists already.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        other => other.into(),
    }
}

/// What the audit log is told.
fn detail(spec: &ScheduleSpec) -> Value {
    json!({"name": spec.name, "cron": spec.cron, "time_zone": spec.time_zone, "enabled": spec.enabled})
}

/// `POST /api/v1/schedules`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let (id, now) = (new_id(), clock::now());
    let (spec, next) = checked(&ctx, &body, None, now).await?;
    let db = ctx.db().await?;
    let sql = format!(
        "INSERT INTO schedules (workspace_id, id, name, enabled, spec, version, next_at, lease_until, created_by, created_at, \
         updated_by, updated_at) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS TEXT), 1, \
         CAST($6 AS BIGINT), 0, CAST($7 AS TEXT), CAST($8 AS BIGINT), CAST($7 AS TEXT), CAST($8 AS BIGINT) \
         WHERE (SELECT count(*) FROM schedules WHERE workspace_id = $1) < {MOST}"
    );
    let row: [Sql; 7] = [
        id.as_str().into(),
        spec.name.as_str().into(),
        spec.enabled.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        spec.enabled.then_some(next).into(),
        ctx.actor()?.principal.id().into(),
        now.into(),
    ];
    let audit = ctx.audit("schedule.create", ("schedule", &id), &detail(&spec))?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.exclusive(statements).await.map_err(name_taken)? {
        let detail = format!("A workspace has at most {MOST} schedules.");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let mut answer = tagged(StatusCode::CREATED, &find_by_id(&db, &id).await?)?;
    let location =
        HeaderValue::from_str(&format!("/api/v1/schedules/{id}")).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// `PATCH /api/v1/schedules/{id}`: JSON merge patch. Times that have passed are not made up for when it is enabled again, or has
/// other times.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let old = find_by_id(&db, ctx.param("id")?).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let Value::Object(mut body) = json!(old.spec) else {
        return Err(Problem::internal("a schedule that is no object"));
    };
    merge(&mut body, change);
    let now = clock::now();
    let (spec, next) = checked(&ctx, &body, Some(&old.spec), now).await?;
    let same_times =
        (&spec.cron, &spec.time_zone) == (&old.spec.cron, &old.spec.time_zone) && old.spec.enabled;
    let next = match old.next_at {
        _ if !spec.enabled => None,
        Some(next) if same_times => Some(next.micros()),
        _ => Some(next),
    };
    let sql = "UPDATE schedules SET name = $3, enabled = $4, spec = $5, next_at = $6, updated_by = $7, updated_at = $8, \
               version = version + 1 WHERE workspace_id = $1 AND id = $2 AND version = $9";
    let row: [Sql; 8] = [
        old.id.as_str().into(),
        spec.name.as_str().into(),
        spec.enabled.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        next.into(),
        ctx.actor()?.principal.id().into(),
        now.into(),
        old.version.into(),
    ];
    let statements = vec![
        Statement::new(sql, row),
        ctx.audit("schedule.update", ("schedule", &old.id), &detail(&spec))?,
    ];
    if !db.guarded_batch(statements).await.map_err(name_taken)? {
        return Err(failed());
    }
    tagged(StatusCode::OK, &find_by_id(&db, &old.id).await?)
}

/// `DELETE /api/v1/schedules/{id}`. Campaigns that it started go on.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let old = find_by_id(&db, ctx.param("id")?).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let sql = "DELETE FROM schedules WHERE workspace_id = $1 AND id = $2 AND version = $3";
    let statements = vec![
        Statement::new(sql, [old.id.as_str().into(), old.version.into()]),
        ctx.audit(
            "schedule.delete",
            ("schedule", &old.id),
            &json!({"name": old.spec.name}),
        )?,
    ];
    if !db.guarded_batch(statements).await? {
        return Err(failed());
    }
    Ok(reply::no_content())
}

/// `POST /api/v1/schedules/{id}/run`: also of one that is not enabled. When it is due stays as it is.
pub(crate) async fn run(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let schedule = find_by_id(&db, ctx.param("id")?).await?;
    let actor = ctx.actor()?;
    let asked = campaigns::idempotency_key(&ctx)?;
    let key = asked.map(|key| format!("schedule:{}:now:{key}", schedule.id));
    let begin = Begin {
        key,
        trigger: json!({"schedule_id": schedule.id, "at": clock::now()}),
        ..Begin::by(&actor.workspace, actor.principal.id())
    };
    let spec = schedule.spec.campaign.clone();
    let started = campaigns::start(&ctx.platform, &ctx.request_id, begin, spec).await;
    match started.map_err(within_campaign)? {
        Started::Now(campaign) => {
            let sql = "UPDATE schedules SET last_campaign_id = $3, last_error = NULL WHERE workspace_id = $1 AND id = $2";
            let params: [Sql; 2] = [schedule.id.as_str().into(), campaign.id.as_str().into()];
            db.execute(sql, params).await?;
            campaigns::answer(&campaign)
        }
        Started::Earlier(campaign) => campaigns::answer(&campaign),
    }
}
