//! A campaign's runs, as the report shows them.

use crate::run_rows::open_outcome;
use crate::step::Checkpoint;
use assay_edge::db::{Row, Value};
use assay_edge::{Ctx, Cursor, Problem, Reply, reply};
use assay_model::{ItemOutcome, RunStatus};
use serde::Serialize;
use serde_json::json;

const COLUMNS: &str =
    "id, campaign_id, item_key, position, repetition, item, status, seq, checkpoint, outcome";

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "status"])?;
    let page = ctx.page()?;
    let status = match ctx.query("status") {
        None => String::new(),
        Some(s) => status(s)
            .map(|s| s.as_str().to_owned())
            .map_err(|_| Problem::field("status", "is not a run's status"))?,
    };
    let campaign = ctx.param("id")?;
    let db = ctx.db().await?;
    crate::campaigns::must_exist(&db, campaign).await?;
    let after = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(-1, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE workspace_id = $1 AND campaign_id = $2 \
         AND (position > $3 OR (position = $3 AND id > $4)) AND ($5 = '' OR status = $5) \
         ORDER BY position, id LIMIT $6"
    );
    let params: [Value; 5] = [
        campaign.into(),
        after.0.into(),
        after.1.into(),
        status.into(),
        page.fetch().into(),
    ];
    let rows = db.query(&sql, params).await?;
    let rows = rows
        .iter()
        .map(|r| Ok((r.int("position")?, outcome(r)?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    let page = page.page(rows, |(position, o)| Cursor(*position, o.run_id.clone()));
    let data: Vec<_> = page.data.into_iter().map(|(_, o)| o).collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    #[derive(Serialize)]
    struct Run {
        campaign_id: String,
        #[serde(flatten)]
        outcome: ItemOutcome,
        steps: i64,
        messages: serde_json::Value,
        stop_reason: Option<String>,
    }
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE workspace_id = $1 AND id = $2");
    let row = db
        .first(&sql, [Value::from(ctx.param("id")?)])
        .await?
        .ok_or_else(|| Problem::not_found("run"))?;
    let checkpoint: Option<Checkpoint> = match row.opt_text("checkpoint")?.filter(|k| !k.is_empty())
    {
        Some(key) => ctx.kv().await?.get(&key).await?,
        None => None,
    };
    let (messages, stop_reason) = checkpoint.map_or((json!([]), None), |c| {
        (json!(c.state.messages), c.state.stop_reason)
    });
    reply::ok(&Run {
        campaign_id: row.text("campaign_id")?,
        outcome: outcome(&row)?,
        steps: row.int("seq")?,
        messages,
        stop_reason,
    })
}

fn status(text: &str) -> Result<RunStatus, serde_json::Error> {
    serde_json::from_value(json!(text))
}

fn outcome(row: &Row) -> Result<ItemOutcome, Problem> {
    match row.opt_text("outcome")? {
        Some(_) => Ok(row.json("outcome")?),
        None => Ok(open_outcome(
            row,
            status(&row.text("status")?).map_err(Problem::internal)?,
        )?),
    }
}
