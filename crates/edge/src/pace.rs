//! How fast somebody else's server is called: what it has shown it can take is shared by all instances and replicas.

use crate::db::{Db, Value};
use crate::{Problem, clock};
use assay_model::Timestamp;
use assay_model::pace::{Bounds, Pace};
use std::cell::RefCell;
use std::collections::HashMap;

/// How long an instance relies on what it has read, in milliseconds.
const READ_EVERY_MS: i64 = 1_000;
/// The longest that one call waits for its turn, in milliseconds.
const LONGEST_WAIT_MS: u64 = 25_000;
/// Writes that are tried while others write as well.
const TRIES: u32 = 5;

/// What is known of a server.
#[derive(Debug, Clone, Copy)]
struct Known {
    pace: Option<Pace>,
    version: i64,
    at: Timestamp,
}

thread_local! {
    static KNOWN: RefCell<HashMap<(String, String), Known>> = RefCell::new(HashMap::new());
}

/// The pace of an agent or a model of a workspace, by its id, within bounds.
#[derive(Debug, Clone, Copy)]
pub struct SharedPace<'t> {
    /// Whose it is.
    pub workspace: &'t str,
    /// The agent's or the model's id.
    pub id: &'t str,
    /// What was set.
    pub bounds: Bounds,
}

impl SharedPace<'_> {
    fn key(&self) -> (String, String) {
        (self.workspace.to_owned(), self.id.to_owned())
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
        let params: [Value; 2] = [self.workspace.into(), self.id.into()];
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
                self.id.into(),
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

    /// Calls that may be under way at once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn at_once(&self, db: &Db) -> Result<u32, Problem> {
        let most = self.bounds.most_at_once;
        let shown = self.known(db).await?.pace;
        Ok(shown.map_or(most, |pace| pace.at_once(&self.bounds)))
    }

    /// Waits for the turn of one call, 25 s at most. Milliseconds that it is yet to be left alone where it has failed too often in
    /// a row for a call to make sense.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn wait(&self, db: &Db) -> Result<Option<u64>, Problem> {
        let mut waited = 0;
        loop {
            let now_ms = u64::try_from(clock::now().micros() / 1000).unwrap_or(0);
            let known = self.known(db).await?.pace;
            let broken = known.and_then(|pace| pace.broken_ms(now_ms));
            if waited >= LONGEST_WAIT_MS {
                return Ok(broken);
            }
            let ms = if self.bounds.per_minute.is_some() {
                let asked = self
                    .change(db, |pace| pace.ask(&self.bounds, 0, now_ms))
                    .await?;
                asked.flatten().unwrap_or(50)
            } else {
                let asked = known.and_then(|mut pace| pace.ask(&self.bounds, 0, now_ms));
                asked.unwrap_or(0)
            };
            if ms == 0 {
                return Ok(None);
            }
            if broken.is_some_and(|rest| waited + rest > LONGEST_WAIT_MS) {
                return Ok(broken);
            }
            let ms = ms.min(LONGEST_WAIT_MS - waited);
            clock::sleep(ms).await;
            waited += ms;
        }
    }

    /// Notes a call that was answered.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn well(&self, db: &Db) -> Result<(), Problem> {
        let known = self.known(db).await?.pace;
        if known.is_some_and(|pace| !pace.is_well(&self.bounds)) {
            self.change(db, |pace| pace.well(&self.bounds)).await?;
        }
        Ok(())
    }

    /// Notes a call that it could not take, and how long it asked to be left alone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn too_much(&self, db: &Db, retry_after_ms: Option<u64>) -> Result<(), Problem> {
        let now_ms = u64::try_from(clock::now().micros() / 1000).unwrap_or(0);
        self.change(db, |pace| pace.too_much(retry_after_ms, now_ms))
            .await?;
        Ok(())
    }
}
