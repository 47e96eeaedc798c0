//! One database file, shared by every component that was granted it.
//!
//! **Writers queue in the process, not in SQLite.** A statement that writes first takes the file's lock, an async mutex that
//! is first come, first served; a transaction keeps it until it ends. So a dozen components may write to one file, none of
//! them ever meets `SQLITE_BUSY`, and no thread sleeps in a busy handler.
//!
//! **Statements run where their history says.** Handing work to another thread costs several times what a typical statement
//! takes, so a statement that has been quick runs on the caller's thread; a new one, or one that has been slow, runs on a
//! blocking thread.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::sync::OwnedMutexGuard;

use super::connection::{Connection, log_pages, open};

/// How long a writer waits for another's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement that took longer than this goes to a blocking thread the next time.
const SLOW: Duration = Duration::from_millis(2);
/// After so many quick runs a statement counts as quick again.
const QUICK_AGAIN: u8 = 8;
const MAX_IDLE: usize = 8;
const MAX_HISTORY: usize = 4096;
/// Pages by which the write-ahead log grows before it is moved into the file: 16 MiB. More often, and the disk has more to
/// sync than to write; less often, and each time it is busy for long.
const CHECKPOINT_PAGES: u32 = 4096;
/// Pages of a log that must begin anew: 128 MiB. While somebody always writes it never would by itself, since at each moment a
/// little of it is not in the file yet.
const LONG_LOG_PAGES: u32 = 32_768;

/// A database file and its idle connections.
pub(crate) struct Database {
    path: PathBuf,
    write_lock: Arc<tokio::sync::Mutex<()>>,
    /// Kept apart from the readers: its page cache stays valid from write to write.
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Vec<Connection>>,
    history: Mutex<HashMap<Box<str>, History>>,
    /// How long the write-ahead log was after the last commit, and when it was last moved into the file.
    log_pages: AtomicU32,
    moved_pages: AtomicU32,
    checkpointing: AtomicBool,
    long_log_pages: u32,
}

/// What is known of a statement.
#[derive(Clone, Copy, Debug)]
struct History {
    writes: bool,
    /// Runs to go until it counts as quick.
    penalty: u8,
}

/// Holds the file's write lock.
pub(crate) type WriteGuard = OwnedMutexGuard<()>;

impl Database {
    /// Opens the file, creating it if need be, and proves that it can be written.
    pub(crate) fn open(path: &Path) -> Result<Arc<Self>, rusqlite::Error> {
        Self::with_log_of(path, LONG_LOG_PAGES)
    }

    fn with_log_of(path: &Path, long_log_pages: u32) -> Result<Arc<Self>, rusqlite::Error> {
        let connection = open(path)?;
        connection.sql.busy_timeout(Duration::from_secs(2))?;
        connection.sql.pragma_update(None, "journal_mode", "WAL")?;
        connection.sql.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        connection.sql.busy_timeout(Duration::ZERO)?;
        Ok(Arc::new(Self {
            path: path.to_owned(),
            write_lock: Arc::default(),
            writer: Mutex::new(Some(connection)),
            readers: Mutex::default(),
            history: Mutex::default(),
            log_pages: AtomicU32::new(0),
            moved_pages: AtomicU32::new(0),
            checkpointing: AtomicBool::new(false),
            long_log_pages,
        }))
    }

    /// Waits for the right to write. `None`: another transaction took too long.
    pub(crate) async fn lock(&self) -> Option<WriteGuard> {
        tokio::time::timeout(BUSY_TIMEOUT, self.write_lock.clone().lock_owned())
            .await
            .ok()
    }

    /// A connection to read with, or to write with when `guard` is held.
    pub(crate) fn lease(
        self: &Arc<Self>,
        guard: Option<WriteGuard>,
    ) -> Result<Lease, rusqlite::Error> {
        let idle = if guard.is_some() {
            lock(&self.writer).take()
        } else {
            lock(&self.readers).pop()
        };
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.path)?,
        };
        let writer = guard.is_some();
        Ok(Lease {
            database: self.clone(),
            connection: Some(connection),
            guard,
            writer,
        })
    }

    /// Whether the statement is known to write.
    pub(crate) fn known_to_write(&self, sql: &str) -> bool {
        lock(&self.history)
            .get(sql)
            .is_some_and(|history| history.writes)
    }

    /// A connection to read with by a statement that is known to be quick. While nobody writes that is the writer's: its page
    /// cache holds what was just written, where a reader's starts anew after each write.
    pub(crate) fn lease_to_read(self: &Arc<Self>, sql: &str) -> Result<Lease, rusqlite::Error> {
        let guard = if self.is_quick(sql) {
            self.write_lock.clone().try_lock_owned().ok()
        } else {
            None
        };
        self.lease(guard)
    }

    fn is_quick(&self, key: &str) -> bool {
        lock(&self.history)
            .get(key)
            .is_some_and(|history| history.penalty == 0)
    }

    /// Runs `work` here if `key` has been quick so far, else on a blocking thread. Repeats it while another process keeps the
    /// file locked.
    pub(crate) async fn run<T, F>(
        self: &Arc<Self>,
        key: &str,
        writes: bool,
        mut lease: Lease,
        mut work: F,
    ) -> (Lease, T)
    where
        F: FnMut(&rusqlite::Connection) -> T + Send + 'static,
        T: Outcome + Send + 'static,
    {
        let deadline = Instant::now() + BUSY_TIMEOUT;
        loop {
            let quick = self.is_quick(key);
            let start = Instant::now();
            let outcome = if quick {
                let outcome = work(lease.sql());
                self.committed();
                outcome
            } else {
                let database = self.clone();
                let job = tokio::task::spawn_blocking(move || {
                    let outcome = work(lease.sql());
                    database.committed();
                    (lease, work, outcome)
                });
                match job.await {
                    Ok((returned, w, outcome)) => {
                        lease = returned;
                        work = w;
                        outcome
                    }
                    Err(panic) => std::panic::resume_unwind(panic.into_panic()),
                }
            };
            if outcome.locked_by_another_process() && start < deadline {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            if outcome.has_run() {
                self.remember(key, writes, start.elapsed());
            }
            if writes {
                self.checkpoint_later();
            }
            return (lease, outcome);
        }
    }

    fn remember(&self, key: &str, writes: bool, took: Duration) {
        let mut history = lock(&self.history);
        if let Some(known) = history.get_mut(key) {
            known.writes |= writes;
            known.penalty = if took > SLOW {
                QUICK_AGAIN
            } else {
                known.penalty.saturating_sub(1)
            };
            return;
        }
        // Statements with literals in their text would fill the memory.
        if history.len() >= MAX_HISTORY {
            history.clear();
        }
        history.insert(
            key.into(),
            History {
                writes,
                penalty: if took > SLOW { QUICK_AGAIN } else { 0 },
            },
        );
    }

    /// Notes how long the log is, on the thread that may have committed.
    fn committed(&self) {
        let Some(pages) = log_pages() else {
            return;
        };
        self.log_pages.store(pages, Relaxed);
        // It begins anew when all of it was moved and nobody reads in it.
        if pages < self.moved_pages.load(Relaxed) {
            self.moved_pages.store(0, Relaxed);
        }
    }

    /// Moves the write-ahead log into the file on a blocking thread, when it has grown: on the writer it would stall a request
    /// on the disk.
    fn checkpoint_later(self: &Arc<Self>) {
        let pages = self.log_pages.load(Relaxed);
        let moved = self.moved_pages.load(Relaxed);
        let often = CHECKPOINT_PAGES.min(self.long_log_pages);
        if pages < moved.saturating_add(often) || self.checkpointing.swap(true, Relaxed) {
            return;
        }
        self.moved_pages.store(pages, Relaxed);
        let database = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = database.checkpoint() {
                tracing::warn!(file = %database.path.display(), %error, "checkpoint failed");
            }
            database.checkpointing.store(false, Relaxed);
        });
    }

    fn checkpoint(&self) -> Result<(), rusqlite::Error> {
        let connection = open(&self.path)?;
        let move_log = || {
            let sql = "PRAGMA wal_checkpoint(PASSIVE)";
            connection.sql.query_row(sql, [], |_| Ok(()))
        };
        move_log()?;
        if self.log_pages.load(Relaxed) < self.long_log_pages {
            return Ok(());
        }
        // Little was written meanwhile. With nobody writing it is moved too, and the next write finds a log that is all in the file.
        let _guard = self.write_lock.clone().blocking_lock_owned();
        move_log()
    }
}

/// Tells [`Database::run`] whether to try again.
pub(crate) trait Outcome {
    /// Another process has the file, and nothing was done.
    fn locked_by_another_process(&self) -> bool;
    /// Whether the time it took says anything about the statement.
    fn has_run(&self) -> bool {
        true
    }
}

impl<T> Outcome for Result<T, rusqlite::Error> {
    fn locked_by_another_process(&self) -> bool {
        match self {
            Err(error) => is_busy(error),
            Ok(_) => false,
        }
    }
}

/// `SQLITE_BUSY` proper. A stale snapshot is also "busy", but waiting does not help there.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(e, _)
        if e.code == rusqlite::ErrorCode::DatabaseBusy && e.extended_code != rusqlite::ffi::SQLITE_BUSY_SNAPSHOT)
}

/// A connection on loan. Goes back when dropped, rolled back if need be.
pub(crate) struct Lease {
    database: Arc<Database>,
    connection: Option<Connection>,
    guard: Option<WriteGuard>,
    /// Came from, and returns to, the writer's place.
    writer: bool,
}

impl Lease {
    pub(crate) fn sql(&self) -> &rusqlite::Connection {
        match &self.connection {
            Some(connection) => &connection.sql,
            // Only `drop` takes it.
            None => unreachable!("a lease has a connection"),
        }
    }

    pub(crate) fn has_lock(&self) -> bool {
        self.guard.is_some()
    }

    pub(crate) fn add_lock(&mut self, guard: WriteGuard) {
        self.guard = Some(guard);
    }

    /// Whether the connection has state that the guest's next statement must find: a transaction, a temporary table, a setting.
    pub(crate) fn must_be_kept(&self) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|c| !c.sql.is_autocommit() || c.is_changed())
    }

    /// Lets others write unless a transaction is open.
    pub(crate) fn unlock_if_idle(&mut self) {
        if self.sql().is_autocommit() {
            self.guard = None;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if !connection.sql.is_autocommit() && connection.sql.execute_batch("ROLLBACK").is_err() {
            return;
        }
        if connection.is_changed() {
            return;
        }
        if self.writer {
            // The place is free: only the holder of the lock takes from it.
            *lock(&self.database.writer) = Some(connection);
        } else {
            let mut readers = lock(&self.database.readers);
            if readers.len() < MAX_IDLE {
                readers.push(connection);
            }
        }
    }
}

/// A panic while holding one of these locks leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_log_begins_anew_though_somebody_always_writes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.db");
        let database = Database::with_log_of(&path, 256).unwrap();
        let write = |sql: &'static str| {
            let database = database.clone();
            async move {
                let guard = database.lock().await;
                let lease = database.lease(guard).unwrap();
                let (_, done) = database
                    .run(sql, true, lease, move |c| c.execute(sql, []).map(|_| ()))
                    .await;
                done.unwrap();
            }
        };
        write("CREATE TABLE t (x BLOB)").await;
        let mut longest = 0;
        for _ in 0..4 {
            // Two at a time, so that there is always one who waits to write.
            for _ in 0..500 {
                let sql = "INSERT INTO t VALUES (randomblob(9000))";
                tokio::join!(write(sql), write(sql));
            }
            longest = longest.max(database.log_pages.load(Relaxed));
        }
        let all = std::fs::metadata(&path).unwrap().len();
        assert!(all > 20 << 20, "{all} bytes were written");
        // A busy machine moves it late; a log that never begins anew has every page that was written.
        let written = u32::try_from(all / 4096).unwrap();
        assert!(
            longest < written / 2,
            "the log grew to {longest} pages of {written}"
        );
    }
}
