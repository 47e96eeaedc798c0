//! A connection with the engine's settings, and the rules for what a guest may do on it.

use std::{
    cell::Cell,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// A connection that remembers whether a guest left settings of its own on it.
pub(crate) struct Connection {
    pub(crate) sql: rusqlite::Connection,
    changed: Arc<AtomicBool>,
}

impl Connection {
    /// Whether the connection differs from a fresh one, so that no one else may use it.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed.load(Relaxed)
    }
}

thread_local! {
    /// How long the write-ahead log was after the last commit on this thread, in pages; 0 when nobody asked since.
    static LOG_PAGES: Cell<u32> = const { Cell::new(0) };
}

/// How long the write-ahead log is, in pages, if there was a commit on this thread since the last call.
pub(crate) fn log_pages() -> Option<u32> {
    Some(LOG_PAGES.take()).filter(|pages| *pages > 0)
}

/// Opens `path`. The log is moved into the file elsewhere, see [`super::database::Database`].
pub(crate) fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    let sql = rusqlite::Connection::open(path)?;
    sql.set_prepared_statement_cache_capacity(256);
    sql.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )?;
    // In place of SQLite's own hook, which would move the log into the file within some unlucky commit.
    sql.wal_hook(Some(|_, pages| {
        LOG_PAGES.set(u32::try_from(pages).unwrap_or_default());
        Ok(())
    }));
    sql.busy_timeout(std::time::Duration::ZERO)?;
    let changed = Arc::new(AtomicBool::new(false));
    let flag = changed.clone();
    sql.authorizer(Some(move |context: AuthContext<'_>| {
        let verdict = judge(&context.action);
        if verdict.changes {
            flag.store(true, Relaxed);
        }
        verdict.authorization
    }))?;
    Ok(Connection { sql, changed })
}

struct Verdict {
    authorization: Authorization,
    changes: bool,
}

fn judge(action: &AuthAction<'_>) -> Verdict {
    use AuthAction::*;
    let (authorization, changes) = match action {
        // As in Spin: no other file. A temporary or in-memory database is harmless.
        Attach { filename } if !matches!(*filename, "" | ":memory:") => {
            (Authorization::Deny, false)
        }
        Attach { .. } | Detach { .. } => (Authorization::Allow, true),
        CreateTempTable { .. }
        | CreateTempIndex { .. }
        | CreateTempTrigger { .. }
        | CreateTempView { .. } => (Authorization::Allow, true),
        Pragma {
            pragma_name,
            pragma_value,
        } => judge_pragma(pragma_name, *pragma_value),
        _ => (Authorization::Allow, false),
    };
    Verdict {
        authorization,
        changes,
    }
}

/// Settings equal to the engine's own leave the connection as it was; others make it the guest's own.
fn judge_pragma(name: &str, value: Option<&str>) -> (Authorization, bool) {
    let Some(value) = value else {
        return (Authorization::Allow, false);
    };
    let name = name.to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    let on = matches!(value.as_str(), "on" | "1" | "true" | "yes");
    match name.as_str() {
        // The engine queues writers itself; a busy handler would put a thread to sleep.
        "busy_timeout" => (Authorization::Ignore, false),
        "journal_mode" => (Authorization::Allow, value != "wal"),
        "synchronous" => (
            Authorization::Allow,
            !matches!(value.as_str(), "normal" | "1"),
        ),
        "foreign_keys" => (Authorization::Allow, !on),
        "temp_store" => (
            Authorization::Allow,
            !matches!(value.as_str(), "memory" | "2"),
        ),
        // Questions with an argument, and settings of the file rather than of the connection.
        "table_info" | "table_xinfo" | "table_list" | "index_list" | "index_info"
        | "index_xinfo" | "foreign_key_list" | "foreign_key_check" | "integrity_check"
        | "quick_check" | "user_version" | "application_id" | "optimize" | "wal_checkpoint"
        | "incremental_vacuum" => (Authorization::Allow, false),
        _ => (Authorization::Allow, true),
    }
}
