//! `/api/v1/calibrations`: what people's answers say of a judge, metric by metric, and what of it is applied to new scores.
//!
//! Of one metric by one judge the newest calibration is applied. It is never changed: to fit again makes another version.

mod labels;
mod stored;

use crate::by::judges;
use crate::reviews::{Who, conflict, id};
use assay_edge::calibrations::{MOST, NEWEST};
use assay_edge::db::{DbError, Params, ScopedDb, Statement, Value as Sql};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Page, Problem, ProblemKind, Reply, clock, new_id, reply,
};
use assay_model::{CalibrationSpec, JudgedBy, ModelSpec, Validate as _};
use assay_review::calibration::{Unfit, fit, judge_hash, judge_key};
use http::{HeaderValue, StatusCode, header};
use labels::Labels;
use serde_json::json;
use stored::{COLUMNS, Calibration, Shown, models};

const CALIBRATION: &str = "calibration";
/// How often a fit is written anew that met another of the same metric and judge.
const TRIES: u32 = 5;

fn answer(status: StatusCode, shown: &Shown) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, shown)?;
    if status == StatusCode::CREATED {
        let place = format!("/api/v1/calibrations/{}", shown.id());
        let place = HeaderValue::from_str(&place).map_err(Problem::internal)?;
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// `POST /api/v1/calibrations`: fits curves to what people labelled. The same labels make no new version.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let spec: CalibrationSpec = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    spec.validate().map_err(Problem::validation)?;
    let first = Some(spec.judge_model_id.as_str());
    let workspace = ctx.actor()?.workspace.as_str();
    let judges = judges(&ctx.platform, workspace, first, &spec.judging.panel).await?;
    let specs: Vec<&ModelSpec> = judges.iter().map(|m| &m.spec).collect();
    let judge = judge_key(&spec.judge_model_id, &spec.judging);
    let judge_hash = judge_hash(&specs, &spec.judging);
    let db = ctx.db().await?;
    let labels = Labels::read(&db, &spec, &judge, &judge_hash).await?;
    let minimum = spec.minimum as usize;
    let fitted = fit(&labels.scores, spec.coverage, minimum, spec.seed)
        .map_err(|unfit| conflict(&too_little(&spec, &labels, unfit)))?;
    let by = JudgedBy {
        judge,
        metric_hash: labels.metric_hash.clone(),
        judge_hash,
    };
    let inputs = labels.hash(&spec, &by);
    for _ in 0..TRIES {
        let newest = Calibration::newest(&db, &spec.metric, &by.judge).await?;
        if let Some((same, _)) = newest.as_ref().filter(|(_, of)| *of == inputs) {
            let shown = Shown::whole(same.clone(), None);
            return answer(StatusCode::OK, &shown);
        }
        if newest.is_none() {
            has_room(&db, &by.judge).await?;
        }
        let made = Calibration {
            id: new_id(),
            metric: spec.metric.clone(),
            judged_by: by.clone(),
            version: newest.map_or(1, |(c, _)| c.version + 1),
            active: true,
            spec: spec.clone(),
            fit: fitted.clone(),
            created_by: Who::of(&ctx)?.id.to_owned(),
            created_at: clock::now(),
        };
        let detail =
            json!({"metric": made.metric, "judge": made.judged_by.judge, "version": made.version});
        let statements = vec![
            made.insert(&inputs)?,
            ctx.audit("calibration.create", (CALIBRATION, &made.id), &detail)?,
        ];
        match db.batch(statements).await {
            Ok(()) => return answer(StatusCode::CREATED, &Shown::whole(made, None)),
            // Somebody else fits at the same time: the next turn sees what came of it.
            Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(conflict(
        "The metric is being calibrated by others. Try again.",
    ))
}

/// Refuses more metrics of a judge than a campaign can carry.
async fn has_room(db: &ScopedDb, judge: &str) -> Result<(), Problem> {
    let sql = "SELECT count(DISTINCT metric) AS metrics FROM calibrations WHERE workspace_id = $1 AND judge = $2";
    let row = db.first(sql, [judge.into()]).await?;
    let metrics = row.map(|row| row.int("metrics")).transpose()?.unwrap_or(0);
    if metrics >= MOST {
        let what = format!("A judge has {MOST} calibrated metrics at most. Delete some first.");
        return Err(conflict(&what));
    }
    Ok(())
}

/// Why there is no calibration, and what would be needed.
fn too_little(spec: &CalibrationSpec, labels: &Labels, unfit: Unfit) -> String {
    let metric = &spec.metric;
    let why = match unfit {
        Unfit::TooFew(count) => format!(
            "People have a verdict on {count} scores of `{metric}` by this judge as it is now, and {} are needed.",
            spec.minimum
        ),
        Unfit::TooAlike => format!(
            "What people labelled of `{metric}` is of too few different items: one half of them is for the curves, the other to \
             measure these."
        ),
    };
    let left = [
        (labels.ties(), "people are divided on"),
        (labels.unknown, "were scored before it was noted by what"),
        (labels.other_judge, "are of another judge"),
        (
            labels.judge_changed,
            "are of this judge with other settings",
        ),
        (
            labels.metric_changed,
            "are of the metric with other parameters, threshold or version",
        ),
        (
            labels.unscored,
            "have no score or no answer that is worth one",
        ),
    ];
    let left: Vec<String> = left
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if left.is_empty() {
        return why;
    }
    format!("{why} Left out: {}.", left.join("; "))
}

/// `GET /api/v1/calibrations`: newest first, without curves.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "metric", "judge", "active"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let mut params = Params::default();
    let mut only = String::from("c.workspace_id = $1");
    for column in ["metric", "judge"] {
        if let Some(text) = ctx.query(column) {
            if text.contains('\0') {
                return Err(Problem::field(
                    column,
                    "must not contain control characters",
                ));
            }
            only.push_str(&format!(" AND c.{column} = {}", params.add(text)));
        }
    }
    match ctx.query("active") {
        None => {}
        Some("true") => only.push_str(&format!(" AND {NEWEST}")),
        Some("false") => only.push_str(&format!(" AND NOT ({NEWEST})")),
        Some(_) => return Err(Problem::field("active", "must be true or false")),
    }
    if let Some(Cursor(at, id)) = page.cursor.clone() {
        let (at, id) = (params.add(at), params.add(id));
        only.push_str(&format!(" AND (c.created_at, c.id) < ({at}, {id})"));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM calibrations c WHERE {only} ORDER BY c.created_at DESC, c.id DESC LIMIT {}",
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let all = rows
        .iter()
        .map(Calibration::read)
        .collect::<Result<Vec<_>, _>>()?;
    let page = page.page(all, |c| Cursor(c.created_at.micros(), c.id.clone()));
    let now = models(&ctx, &page.data).await?;
    let shown = page.data.into_iter().map(|c| {
        let stale = c.stale(&now);
        Shown::brief(c, stale)
    });
    reply::ok(&Page {
        data: shown.collect::<Vec<_>>(),
        next_cursor: page.next_cursor,
    })
}

/// `GET /api/v1/calibrations/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let found = Calibration::find(&db, id(&ctx, "id", CALIBRATION)?).await?;
    let now = models(&ctx, std::slice::from_ref(&found)).await?;
    let stale = found.stale(&now);
    reply::ok(&Shown::whole(found, stale))
}

/// `DELETE /api/v1/calibrations/{id}`: what was scored by it keeps what it said. The version before holds again.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, "id", CALIBRATION)?;
    let db = ctx.db().await?;
    let old = Calibration::find(&db, id).await?;
    let sql = "DELETE FROM calibrations WHERE workspace_id = $1 AND id = $2";
    let row: [Sql; 1] = [id.into()];
    let detail =
        json!({"metric": old.metric, "judge": old.judged_by.judge, "version": old.version});
    let statements = vec![
        Statement::new(sql, row),
        ctx.audit("calibration.delete", (CALIBRATION, id), &detail)?,
    ];
    match db.guarded_batch(statements).await? {
        true => Ok(reply::no_content()),
        false => Err(Problem::not_found(CALIBRATION)),
    }
}

/// Too many answers to hold in memory.
fn too_many(most: usize) -> Problem {
    let what = format!("There are more than {most} answers. Name a queue, a dataset or a time.");
    Problem::new(ProblemKind::Conflict, what)
}
