//! Acts that are decided by the rows of a workspace, such as "the last owner stays".

use super::{DbError, Dialect, ScopedDb, Statement, Value};

impl ScopedDb {
    /// Runs statements in one transaction, one such transaction at a time in the workspace: what the first one's
    /// conditions read is what they decide on. When it changes no row the others do not run, nothing is written, and the
    /// answer is false. Each statement's `params` are `$2..$n`.
    ///
    /// SQLite has one writer. On Postgres the workspace's row is locked by a statement of its own, because a statement
    /// reads the rows as they were when it began, which is before it waited.
    ///
    /// # Errors
    /// The failing statement's [`DbError`]; nothing is written then.
    pub async fn exclusive(&self, statements: Vec<Statement>) -> Result<bool, DbError> {
        self.db.begin().await?;
        match self.decide(statements).await {
            Ok(true) => self.db.commit().await.map(|()| true),
            other => {
                self.db.rollback().await;
                other
            }
        }
    }

    async fn decide(&self, statements: Vec<Statement>) -> Result<bool, DbError> {
        if self.db.dialect() == Dialect::Postgres {
            let lock = "SELECT id FROM workspaces WHERE id = $1 FOR UPDATE";
            let workspace: [Value; 1] = [self.workspace().into()];
            self.db.query(lock, workspace).await?;
        }
        for (i, s) in statements.into_iter().enumerate() {
            if self.execute(&s.sql, s.params).await? == 0 && i == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
