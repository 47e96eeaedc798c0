//! The relational port: one SQL text with `$1..$n` for SQLite and Postgres.
//!
//! Columns are `TEXT`, `BIGINT` and `DOUBLE PRECISION` in both; times are microseconds since the epoch, booleans 0 or
//! 1, JSON is text. What must differ between the two is written as two texts side by side and chosen by
//! [`Db::dialect`]. Bulk writes pass one JSON parameter, never a statement a row.
//!
//! A component gets a [`ScopedDb`], whose `$1` always is the caller's workspace. The unscoped [`Db`] serves what stands
//! above workspaces: migrations, the guard's look-up of a key, the sweep of lost work.

mod exclusive;
mod params;
mod postgres;
mod row;
mod sqlite;

pub use params::Params;
pub use row::{Row, Value};

use crate::config::Config;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded SQLite.
    Sqlite,
    /// Postgres 15 or newer.
    Postgres,
}

/// Why a statement failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// The store is locked, down, read-only or full.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A unique key is taken.
    #[error("unique constraint: {0}")]
    Unique(String),
    /// The row is not as the query expects.
    #[error("column `{0}` is missing or of another type")]
    Column(String),
    /// The statement is wrong, or a constraint other than a unique key failed.
    #[error("database: {0}")]
    Other(String),
}

/// One statement with its parameters.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The SQL, with `$1..$n`.
    pub sql: String,
    /// Values of `$1..$n`.
    pub params: Vec<Value>,
}

impl Statement {
    /// A statement.
    pub fn new(sql: impl Into<String>, params: impl Into<Vec<Value>>) -> Self {
        Self {
            sql: sql.into(),
            params: params.into(),
        }
    }

    /// The same within a workspace, whose id becomes `$1`: for what stands above workspaces and tells one of them.
    #[must_use]
    pub fn within(mut self, workspace: &str) -> Self {
        self.params.insert(0, workspace.into());
        self
    }
}

enum Connection {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A connection. Cheap to open: the engine pools.
pub struct Db(Connection);

impl Db {
    /// Connects to the configured store.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it cannot be reached.
    pub async fn open(config: &Config) -> Result<Self, DbError> {
        if config.database_url.is_empty() {
            Ok(Self(Connection::Sqlite(sqlite::Sqlite::open().await?)))
        } else {
            Ok(Self(Connection::Postgres(
                postgres::Postgres::open(&config.database_url).await?,
            )))
        }
    }

    /// Connects to the embedded SQLite, whatever the relational store is: traces rest there when no ClickHouse is
    /// configured.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it cannot be opened.
    pub(crate) async fn open_embedded() -> Result<Self, DbError> {
        Ok(Self(Connection::Sqlite(sqlite::Sqlite::open().await?)))
    }

    /// Which SQL this connection speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Chooses between two texts.
    #[must_use]
    pub const fn pick<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self.dialect() {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        }
    }

    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn query(
        &self,
        sql: &str,
        params: impl Into<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        match &self.0 {
            Connection::Sqlite(c) => c.query(sql, params.into()).await,
            Connection::Postgres(c) => c.query(sql, params.into()).await,
        }
    }

    /// Runs one statement and returns how many rows it changed.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn execute(&self, sql: &str, params: impl Into<Vec<Value>>) -> Result<u64, DbError> {
        match &self.0 {
            Connection::Sqlite(c) => c.execute(sql, params.into()).await,
            Connection::Postgres(c) => c.execute(sql, params.into()).await,
        }
    }

    /// Runs statements in one transaction: all or none.
    ///
    /// # Errors
    /// The first statement's [`DbError`]; nothing is written then.
    pub async fn batch(&self, statements: &[Statement]) -> Result<(), DbError> {
        match statements {
            [] => Ok(()),
            [one] => self.execute(&one.sql, one.params.clone()).await.map(|_| ()),
            many => {
                self.begin().await?;
                for s in many {
                    if let Err(e) = self.execute(&s.sql, s.params.clone()).await {
                        self.rollback().await;
                        return Err(e);
                    }
                }
                self.commit().await
            }
        }
    }

    /// Runs statements in one transaction. When the first changes no row the others do not run, nothing is written, and
    /// the answer is false.
    ///
    /// # Errors
    /// The failing statement's [`DbError`]; nothing is written then.
    pub async fn guarded_batch(&self, statements: &[Statement]) -> Result<bool, DbError> {
        match statements {
            [] => Ok(false),
            [one] => Ok(self.execute(&one.sql, one.params.clone()).await? > 0),
            many => {
                self.begin().await?;
                for (i, s) in many.iter().enumerate() {
                    match self.execute(&s.sql, s.params.clone()).await {
                        Ok(0) if i == 0 => {
                            self.rollback().await;
                            return Ok(false);
                        }
                        Ok(_) => {}
                        Err(e) => {
                            self.rollback().await;
                            return Err(e);
                        }
                    }
                }
                self.commit().await.map(|()| true)
            }
        }
    }

    /// Begins a write transaction. Prefer [`Db::batch`]; this is for migrations, which decide within.
    pub(crate) async fn begin(&self) -> Result<(), DbError> {
        match &self.0 {
            Connection::Sqlite(c) => c.begin().await,
            Connection::Postgres(c) => c.begin().await,
        }
    }

    pub(crate) async fn commit(&self) -> Result<(), DbError> {
        match &self.0 {
            Connection::Sqlite(c) => c.commit().await,
            Connection::Postgres(c) => c.commit().await,
        }
    }

    pub(crate) async fn rollback(&self) {
        match &self.0 {
            Connection::Sqlite(c) => c.rollback().await,
            Connection::Postgres(c) => c.rollback().await,
        }
    }
}

/// A connection that only speaks of one workspace: `$1` of every statement is its id.
pub struct ScopedDb {
    db: Db,
    workspace: String,
}

impl ScopedDb {
    /// Binds a connection to a workspace. Only the guard and internal calls do this.
    pub(crate) const fn new(db: Db, workspace: String) -> Self {
        Self { db, workspace }
    }

    /// Binds a connection to the workspace that a signed internal call names.
    #[must_use]
    pub const fn for_internal(db: Db, workspace: String) -> Self {
        Self { db, workspace }
    }

    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Which SQL this connection speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.db.dialect()
    }

    /// Chooses between two texts.
    #[must_use]
    pub const fn pick<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        self.db.pick(sqlite, postgres)
    }

    fn scope(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Value>, DbError> {
        if !sql.contains("$1") {
            return Err(DbError::Other(
                "a scoped statement does not name its workspace".into(),
            ));
        }
        let mut all = Vec::with_capacity(params.len() + 1);
        all.push(Value::Text(self.workspace.clone()));
        all.extend(params);
        Ok(all)
    }

    /// Runs one statement; `params` are `$2..$n`.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn query(
        &self,
        sql: &str,
        params: impl Into<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.db.query(sql, self.scope(sql, params.into())?).await
    }

    /// Runs one statement and returns its first row.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn first(
        &self,
        sql: &str,
        params: impl Into<Vec<Value>>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs one statement and returns how many rows it changed; `params` are `$2..$n`.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn execute(&self, sql: &str, params: impl Into<Vec<Value>>) -> Result<u64, DbError> {
        self.db.execute(sql, self.scope(sql, params.into())?).await
    }

    fn scope_all(&self, statements: Vec<Statement>) -> Result<Vec<Statement>, DbError> {
        let mut scoped = Vec::with_capacity(statements.len());
        for s in statements {
            let params = self.scope(&s.sql, s.params)?;
            scoped.push(Statement { sql: s.sql, params });
        }
        Ok(scoped)
    }

    /// Runs statements in one transaction; each one's `params` are `$2..$n`.
    ///
    /// # Errors
    /// The first statement's [`DbError`]; nothing is written then.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<(), DbError> {
        self.db.batch(&self.scope_all(statements)?).await
    }

    /// As [`ScopedDb::batch`], but only if the first statement changes a row; whether it did.
    ///
    /// # Errors
    /// The failing statement's [`DbError`]; nothing is written then.
    pub async fn guarded_batch(&self, statements: Vec<Statement>) -> Result<bool, DbError> {
        self.db.guarded_batch(&self.scope_all(statements)?).await
    }
}
