//! How fast an agent is called: what it has shown it can take is shared by all campaigns and all replicas.

use crate::campaign::Campaign;
use assay_edge::db::{Db, Value};
use assay_edge::{Problem, clock};
use assay_graph::pace::{Bounds, Pace};
use assay_graph::protocol::TargetResponse;
use assay_model::{RunErrorKind, Timestamp};
use assay_scenario::Did;
use std::cell::RefCell;
use std::collections::HashMap;

/// How long an instance relies on what it has read, in milliseconds.
const READ_EVERY_MS: i64 = 1_000;
/// The longest that one call waits for its turn here, in milliseconds; then it goes on anyway, since its lease would run out.
const LONGEST_WAIT_MS: u64 = 25_000;
/// Writes that are tried while others write as well.
const TRIES: u32 = 5;

/// What is known of an agent.
#[derive(Debug, Clone, Copy)]
struct Known {
    pace: Option<Pace>,
    version: i64,
    at: Timestamp,
}

thread_local! {
    static KNOWN: RefCell<HashMap<(String, String), Known>> = RefCell::new(HashMap::new());
}

/// An agent of a workspace, and the bounds of the campaign that calls it.
pub(crate) struct Target<'t> {
    pub(crate) workspace: &'t str,
    pub(crate) agent: &'t str,
    pub(crate) bounds: Bounds,
}

impl<'t> Target<'t> {
    pub(crate) fn of(campaign: &Campaign, workspace: &'t str, agent: &'t str) -> Self {
        Self {
            workspace,
            agent,
            bounds: Bounds {
                most_at_once: campaign.concurrency,
                per_minute: campaign.pace.map(|p| p.per_minute),
                burst: campaign.pace.map_or(1, |p| p.burst),
            },
        }
    }

    fn key(&self) -> (String, String) {
        (self.workspace.to_owned(), self.agent.to_owned())
    }

    /// What is known of it, at most a second old.
    async fn known(&self, db: &Db) -> Result<Known, Problem> {
        let now = clock::now();
        let recent = KNOWN.with_borrow(|all| all.get(&self.key()).copied());
        match recent.filter(|k| now < k.at.plus_millis(READ_EVERY_MS)) {
            Some(known) => Ok(known),
            None => self.read(db).await,
        }
    }

    async fn read(&self, db: &Db) -> Result<Known, Problem> {
        let sql =
            "SELECT state, version FROM target_paces WHERE workspace_id = $1 AND agent_id = $2";
        let params: [Value; 2] = [self.workspace.into(), self.agent.into()];
        let rows = db.query(sql, params).await?;
        let (pace, version) = match rows.first() {
            Some(row) => (Some(row.json("state")?), row.int("version")?),
            None => (None, 0),
        };
        let known = Known {
            pace,
            version,
            at: clock::now(),
        };
        KNOWN.with_borrow_mut(|all| all.insert(self.key(), known));
        Ok(known)
    }

    /// Changes what is known; others may do the same at the same time.
    async fn change<T>(
        &self,
        db: &Db,
        mut change: impl FnMut(&mut Pace) -> T,
    ) -> Result<Option<T>, Problem> {
        for _ in 0..TRIES {
            let known = self.read(db).await?;
            let mut pace = known.pace.unwrap_or_else(|| Pace::new(&self.bounds));
            let result = change(&mut pace);
            let state = serde_json::to_string(&pace).map_err(Problem::internal)?;
            let sql = "INSERT INTO target_paces (workspace_id, agent_id, state, version) VALUES ($1, $2, $3, 1) \
                       ON CONFLICT (workspace_id, agent_id) DO UPDATE SET state = $3, version = target_paces.version + 1 \
                       WHERE target_paces.version = $4";
            let params: [Value; 4] = [
                self.workspace.into(),
                self.agent.into(),
                state.into(),
                known.version.into(),
            ];
            if db.execute(sql, params).await? == 1 {
                KNOWN.with_borrow_mut(|all| all.remove(&self.key()));
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    /// Runs that may go on at once.
    pub(crate) async fn at_once(&self, db: &Db) -> Result<u32, Problem> {
        let most = self.bounds.most_at_once;
        let shown = self.known(db).await?.pace;
        let shown = shown.map_or(most, |pace| pace.at_once(&self.bounds));
        // More than the rate lets through in half a minute would only wait, each with its lease.
        let rated = self.bounds.per_minute.map_or(most, |n| (n / 2).max(1));
        Ok(shown.min(rated).min(most))
    }

    /// Waits for the turn of one call.
    pub(crate) async fn wait(&self, db: &Db) -> Result<(), Problem> {
        let mut waited = 0;
        while waited < LONGEST_WAIT_MS {
            let now_ms = u64::try_from(clock::now().micros() / 1000).unwrap_or(0);
            let ms = if self.bounds.per_minute.is_some() {
                let asked = self
                    .change(db, |pace| pace.ask(&self.bounds, 0, now_ms))
                    .await?;
                asked.flatten().unwrap_or(50)
            } else {
                let known = self.known(db).await?.pace;
                let asked = known.and_then(|mut pace| pace.ask(&self.bounds, 0, now_ms));
                asked.unwrap_or(0)
            };
            if ms == 0 {
                return Ok(());
            }
            let ms = ms.min(LONGEST_WAIT_MS - waited);
            clock::sleep(ms).await;
            waited += ms;
        }
        Ok(())
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
                let now_ms = u64::try_from(clock::now().micros() / 1000).unwrap_or(0);
                let asked = failure.retry_after_ms;
                self.change(db, |pace| pace.too_much(asked, now_ms)).await?;
            }
            TargetResponse::Failed(_) => {}
            TargetResponse::Answer(_) => {
                let known = self.known(db).await?.pace;
                let slow =
                    known.is_some_and(|p| p.at_once(&self.bounds) < self.bounds.most_at_once);
                if slow {
                    self.change(db, |pace| pace.well(&self.bounds)).await?;
                }
            }
        }
        Ok(())
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
