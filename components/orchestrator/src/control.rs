//! What people do with a campaign that is there: pause it, let it go on, run it again.

use crate::campaigns::{self, Carry};
use crate::pump;
use crate::spend;
use assay_edge::db::{Statement, Value as SqlValue};
use assay_edge::{
    Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, named_secrets, reply,
};
use assay_model::CampaignSpec;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Begins no more runs. Those that go on stop at their next step; what they have done so far is kept.
pub(crate) async fn pause(ctx: Ctx) -> Result<Reply, Problem> {
    let db = ctx.db().await?;
    let id = ctx.param("id")?;
    campaigns::must_exist(&db, id).await?;
    let system = ctx.platform.db().await?;
    if !spend::pause(&system, db.workspace(), id, None).await? {
        let campaign = campaigns::load(&db, id).await?;
        if !campaign.is_paused() {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "The campaign has ended and cannot be paused.",
            ));
        }
    }
    reply::ok(&campaigns::load(&db, id).await?)
}

/// Lets a paused campaign go on, with another budget where one is given.
pub(crate) async fn resume(mut ctx: Ctx) -> Result<Reply, Problem> {
    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Change {
        budget: Option<assay_model::Budget>,
    }
    let body = ctx.bytes(DEFAULT_BODY_LIMIT).await?;
    let change: Change = if body.trim_ascii().is_empty() {
        Change::default()
    } else {
        assay_edge::parse_json(&body)?
    };
    let db = ctx.db().await?;
    let id = ctx.param("id")?;
    let campaign = campaigns::load(&db, id).await?;
    let mut spec = campaign.spec().clone();
    if let Some(budget) = change.budget {
        if spec.budget.is_unbounded() {
            let message = "cannot be given to a campaign that has none";
            return Err(Problem::field("/budget", message));
        }
        spec.budget = budget;
        crate::input::check(&spec)?;
    }
    let spec_json = serde_json::to_string(&spec).map_err(Problem::internal)?;
    let goes_on = Statement::new(
        "UPDATE campaigns SET status = 'running', paused_reason = NULL, resumed_at = $3, spec = $4 \
         WHERE workspace_id = $1 AND id = $2 AND status = 'paused'",
        [id.into(), clock::now().into(), spec_json.into()],
    );
    let runs = Statement::new(
        "UPDATE runs SET status = 'queued', lease_token = NULL, lease_until = NULL \
         WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'paused'",
        [SqlValue::from(id)],
    );
    if !db.guarded_batch(vec![goes_on, runs]).await? {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The campaign is not paused.",
        ));
    }
    let system = ctx.platform.db().await?;
    pump::pump(&ctx.platform, &system, db.workspace(), id).await?;
    reply::ok(&campaigns::load(&db, id).await?)
}

/// Which runs of an earlier campaign are run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Only {
    /// All.
    #[default]
    All,
    /// Those that failed.
    Failed,
    /// Those that ended in error.
    Error,
    /// Those that did not pass.
    NotPassed,
    /// Those that would not be the same: their item, their agent or what they are scored by has changed.
    Changed,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Again {
    only: Only,
    /// Changes of the specification, a JSON merge patch.
    changes: Map<String, Value>,
}

/// Another campaign like this one, of all of it or of a part; agents, datasets and scenarios are as they are now.
pub(crate) async fn rerun(mut ctx: Ctx) -> Result<Reply, Problem> {
    let again: Again = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let id = ctx.param("id")?.to_owned();
    let campaign = campaigns::load(&db, &id).await?;
    let mut spec = serde_json::to_value(campaign.spec()).map_err(Problem::internal)?;
    json_patch::merge(&mut spec, &Value::Object(again.changes));
    let spec: CampaignSpec = serde_json::from_value(spec)
        .map_err(|e| Problem::field("/changes", format!("make no campaign: {e}")))?;
    // Unchanged, they name what somebody who may has named.
    if spec.metrics != campaign.spec().metrics {
        named_secrets::may_name(ctx.actor()?, "/changes/metrics", &spec.metrics)?;
    }
    let counts = campaign.summary();
    let (carry, left) = match again.only {
        Only::All => (Carry::Nothing, 1),
        Only::Changed => (Carry::Unchanged, 1),
        Only::Failed => (Carry::Only(json!(["failed"])), counts.failed),
        Only::Error => (Carry::Only(json!(["error"])), counts.error),
        Only::NotPassed => (
            Carry::Only(json!(["failed", "error", "cancelled"])),
            counts.failed + counts.error + counts.cancelled,
        ),
    };
    if left == 0 {
        return Err(Problem::field("/only", "leaves nothing to run"));
    }
    campaigns::begin(&ctx, spec, Some((id, carry))).await
}
