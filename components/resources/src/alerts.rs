//! Alerts, where each stands, and what has become of it. The evaluator looks at them and tells their channels.

use crate::place::Place;
use crate::resource::{Resource, Stored, id};
use assay_edge::db::ScopedDb;
use assay_edge::traces::{Source, check_filter};
use assay_edge::{Ctx, Cursor, Problem, Reply, chain, reply};
use assay_model::{AlertMeasure, AlertSpec, Timestamp};
use serde_json::{Value, json};

/// Alerts.
pub(crate) struct Alerts;

impl Resource for Alerts {
    type Spec = AlertSpec;
    const TABLE: &'static str = "alerts";
    const NOUN: &'static str = "alert";

    fn name(spec: &AlertSpec) -> &str {
        &spec.name
    }

    fn description(spec: &AlertSpec) -> &str {
        &spec.description
    }

    fn secrets(spec: &AlertSpec) -> Vec<(String, String)> {
        spec.secrets()
    }

    fn check(spec: &AlertSpec) -> Result<(), Problem> {
        let filter = spec.conditions().map_err(Problem::validation)?;
        let source = match spec.measure {
            AlertMeasure::Score { .. } => Source::Scores,
            _ => Source::Traces,
        };
        // The store names it as a list's parameter; here it is in a body.
        check_filter(source, &filter).map_err(|problem| {
            problem.map_errors(|mut errors| {
                for e in &mut errors {
                    e.field.insert(0, '/');
                }
                errors
            })
        })
    }
}

/// The alert that the path names.
async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Stored, Problem> {
    let id = id(ctx, Alerts::ID, Alerts::NOUN)?;
    Stored::find::<Alerts>(db, &Place::WORKSPACE, id).await
}

/// `GET /api/v1/alerts/{id}/status`: where it stands, what it found last, and what its channels were told.
pub(crate) async fn status(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let alert = find(&ctx, &db).await?;
    let sql = "SELECT state, since, firing_since, value, samples, sentence, looked_at, error FROM alert_states \
               WHERE workspace_id = $1 AND alert_id = $2";
    let row = db.first(sql, [alert.id.as_str().into()]).await?;
    let sql = "SELECT id, place, news, attempts, due_at, sent_at, error, created_at FROM alert_notifications \
               WHERE workspace_id = $1 AND alert_id = $2 ORDER BY id DESC LIMIT 50";
    let mut told = Vec::new();
    for row in db.query(sql, [alert.id.as_str().into()]).await? {
        let time = |column: &str| row.opt_int(column).map(|at| at.map(Timestamp::from_micros));
        let (due, sent) = (time("due_at")?, time("sent_at")?);
        let state = match (due, sent) {
            (_, Some(_)) => "sent",
            (Some(_), None) => "waiting",
            (None, None) => "failed",
        };
        told.push(json!({
            "id": row.text("id")?, "channel": row.int("place")?, "news": row.text("news")?, "state": state,
            "attempts": row.int("attempts")?, "due_at": due, "sent_at": sent, "error": row.opt_text("error")?,
            "created_at": row.time("created_at")?,
        }));
    }
    let mut shown = json!({
        "alert_id": alert.id, "enabled": alert.spec.get("enabled").cloned().unwrap_or(Value::Bool(true)), "state": "ok",
        "since": alert.created_at, "firing_since": null, "value": null, "samples": 0, "message": "", "looked_at": null,
        "error": null, "notifications": told,
    });
    if let (Some(row), Some(shown)) = (row, shown.as_object_mut()) {
        let time = |column: &str| row.opt_int(column).map(|at| at.map(Timestamp::from_micros));
        shown.extend([
            ("state".to_owned(), json!(row.text("state")?)),
            ("since".to_owned(), json!(row.time("since")?)),
            ("firing_since".to_owned(), json!(time("firing_since")?)),
            ("value".to_owned(), json!(row.opt_real("value")?)),
            ("samples".to_owned(), json!(row.int("samples")?)),
            ("message".to_owned(), json!(row.text("sentence")?)),
            ("looked_at".to_owned(), json!(time("looked_at")?)),
            ("error".to_owned(), json!(row.opt_text("error")?)),
        ]);
    }
    reply::ok(&shown)
}

/// `GET /api/v1/alerts/{id}/events`: the changes of its state, newest first.
pub(crate) async fn events(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let alert = find(&ctx, &db).await?;
    let Cursor(at, before) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = "SELECT id, left_state, state, value, samples, sentence, at FROM alert_events \
               WHERE workspace_id = $1 AND alert_id = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5";
    let params = [
        alert.id.as_str().into(),
        at.into(),
        before.into(),
        page.fetch().into(),
    ];
    let mut found = Vec::new();
    for row in db.query(sql, params).await? {
        let (at, id) = (row.time("at")?, row.text("id")?);
        let shown = json!({
            "id": id, "from": row.text("left_state")?, "to": row.text("state")?, "value": row.opt_real("value")?,
            "samples": row.int("samples")?, "message": row.text("sentence")?, "at": at,
        });
        found.push((Cursor(at.micros(), id), shown));
    }
    let page = page.page(found, |(cursor, _)| cursor.clone());
    let data: Vec<Value> = page.data.into_iter().map(|(_, shown)| shown).collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// `POST /api/v1/alerts/{id}/test`: tells its channels what it finds now; 200 also where a channel refuses, with the reason.
pub(crate) async fn test(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let alert = find(&ctx, &db).await?;
    let body = json!({"workspace_id": db.workspace(), "alert_id": alert.id, "spec": alert.spec});
    let told: Value =
        chain::call(&ctx.platform, "evaluator", "/internal/alerts/test", &body).await?;
    reply::ok(&told)
}
