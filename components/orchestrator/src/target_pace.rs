//! How fast an agent is called by the campaigns of its workspace.

use crate::campaign::Campaign;
use assay_edge::Problem;
use assay_edge::db::Db;
use assay_edge::pace::SharedPace;
use assay_graph::protocol::TargetResponse;
use assay_model::RunErrorKind;
use assay_model::pace::Bounds;
use assay_scenario::Did;

/// An agent of a workspace, within the bounds of the campaign that calls it.
pub(crate) struct Target<'t>(SharedPace<'t>);

impl<'t> Target<'t> {
    pub(crate) fn of(campaign: &Campaign, workspace: &'t str, agent: &'t str) -> Self {
        Self(SharedPace {
            workspace,
            id: agent,
            bounds: Bounds {
                most_at_once: campaign.concurrency,
                per_minute: campaign.pace.map(|p| p.per_minute),
                burst: campaign.pace.map_or(1, |p| p.burst),
            },
        })
    }

    /// Runs that may go on at once.
    pub(crate) async fn at_once(&self, db: &Db) -> Result<u32, Problem> {
        let shown = self.0.at_once(db).await?;
        // More than the rate lets through in half a minute would only wait, each with its lease.
        let rated = self.0.bounds.per_minute.map(|n| (n / 2).max(1));
        Ok(rated.map_or(shown, |most| shown.min(most)))
    }

    /// Waits for the turn of one call. Where the wait would be too long it goes on anyway: its lease would run out, and what it is
    /// told is what the run is about.
    pub(crate) async fn wait(&self, db: &Db) -> Result<(), Problem> {
        self.0.wait(db).await.map(drop)
    }

    /// Notes how a call went.
    pub(crate) async fn heard(&self, db: &Db, did: &Did) -> Result<(), Problem> {
        let Did::Target(response) = did else {
            return Ok(());
        };
        match response {
            TargetResponse::Failed(failure)
                if is_too_much(failure.error.kind, failure.retryable) =>
            {
                self.0.too_much(db, failure.retry_after_ms).await
            }
            TargetResponse::Failed(_) => Ok(()),
            TargetResponse::Answer(_) => self.0.well(db).await,
        }
    }
}

/// Whether a failure says that the agent has too much to do.
const fn is_too_much(kind: RunErrorKind, retryable: bool) -> bool {
    match kind {
        RunErrorKind::TargetRateLimited | RunErrorKind::TargetTimeout => true,
        // Of statuses those of 5xx may be tried again.
        RunErrorKind::TargetStatus | RunErrorKind::TargetUnreachable => retryable,
        _ => false,
    }
}
