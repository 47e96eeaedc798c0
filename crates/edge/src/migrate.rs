//! Migrations: numbered, checksummed, applied once however many first requests race.
//!
//! The race is decided by the store: SQLite's write lock, Postgres' advisory lock. Within it the list of applied
//! numbers is read again, so the loser finds nothing left to do.

use crate::clock;
use crate::db::{Db, DbError, Dialect};
use crate::problem::{Problem, ProblemKind};
use sha2::{Digest as _, Sha256};

/// One file of `migrations/`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: i64,
    /// Its file name.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

macro_rules! migrations {
    ($dir:literal: $($version:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $dir, "/", $name, ".sql")),
        }),*]
    };
}

/// For embedded SQLite.
pub const SQLITE: &[Migration] = migrations!("sqlite": 1 "0001_platform", 2 "0002_traces", 3 "0003_resources", 4 "0004_identity", 5 "0005_library", 6 "0006_observability", 7 "0007_ingest_policy", 8 "0008_online_evaluation", 9 "0009_live_tail", 10 "0010_collaboration", 11 "0011_forwarding", 12 "0012_graphs", 13 "0013_campaigns", 14 "0014_events", 15 "0015_triggers", 16 "0016_programs", 17 "0017_secrets_and_recordings", 18 "0018_judge_answers", 19 "0019_reviews", 20 "0020_online_scores", 21 "0021_calibrations", 22 "0022_campaign_search", 23 "0023_trace_sums");
/// For Postgres.
pub const POSTGRES: &[Migration] = migrations!("postgres": 1 "0001_platform", 2 "0002_traces", 3 "0003_resources", 4 "0004_identity", 5 "0005_library", 6 "0006_observability", 7 "0007_ingest_policy", 8 "0008_online_evaluation", 9 "0009_live_tail", 10 "0010_collaboration", 11 "0011_forwarding", 12 "0012_graphs", 13 "0013_campaigns", 14 "0014_events", 15 "0015_triggers", 16 "0016_programs", 17 "0017_secrets_and_recordings", 18 "0018_judge_answers", 19 "0019_reviews", 20 "0020_online_scores", 21 "0021_calibrations", 22 "0022_campaign_search", 23 "0023_trace_sums");

/// For ClickHouse, where it is the trace store.
pub const CLICKHOUSE: &[Migration] = migrations!("clickhouse": 1 "0001_traces", 2 "0002_observability", 3 "0003_fine_rows", 4 "0004_fine_rows_filled", 5 "0005_coarse_rows_dropped", 6 "0006_entries", 7 "0007_entries_filled", 8 "0008_times_dropped");

/// SHA-256 of a migration's text, in hex.
#[must_use]
pub fn checksum(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.as_bytes()))
}

/// The statements of a migration: each ends at a line that ends in `;`. Lines that are comments are dropped.
#[must_use]
pub fn statements(sql: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut one = String::new();
    for line in sql
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.trim_start().starts_with("--") && !l.trim().is_empty())
    {
        match line.strip_suffix(';') {
            Some(last) => {
                one.push_str(last);
                all.push(std::mem::take(&mut one));
            }
            None => {
                one.push_str(line);
                one.push('\n');
            }
        }
    }
    if !one.trim().is_empty() {
        all.push(one);
    }
    all
}

/// Any number that no other program on the same server is likely to lock.
const PG_LOCK: &str = "SELECT pg_advisory_xact_lock(4715533001)";

/// Brings the relational store up to date.
///
/// # Errors
/// `incompatible-store` when a landed migration was edited or the store is newer than this program; `store-unavailable`
/// when it is locked, down or read-only.
pub async fn run(db: &Db) -> Result<(), Problem> {
    let all = match db.dialect() {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    // The usual case takes one read and no lock. The table may not exist yet, which is the unusual case.
    if let Ok(applied) = applied(db).await
        && pending(all, &applied)?.is_empty()
    {
        return Ok(());
    }
    db.begin().await?;
    match apply(db, all).await {
        Ok(()) => Ok(db.commit().await?),
        Err(e) => {
            db.rollback().await;
            Err(e)
        }
    }
}

async fn apply(db: &Db, all: &[Migration]) -> Result<(), Problem> {
    if db.dialect() == Dialect::Postgres {
        db.query(PG_LOCK, Vec::new()).await?;
    }
    let table = "CREATE TABLE IF NOT EXISTS schema_migrations \
                 (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
    db.execute(table, Vec::new()).await?;
    for migration in pending(all, &applied(db).await?)? {
        for statement in statements(migration.sql) {
            db.execute(&statement, Vec::new())
                .await
                .map_err(|e| match e {
                    DbError::Unavailable(_) => Problem::from(e),
                    e => Problem::internal(format!("migration {}: {e}", migration.name)),
                })?;
        }
        let insert = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
        let row = [
            migration.version.into(),
            migration.name.into(),
            checksum(migration.sql).into(),
            clock::now().into(),
        ];
        db.execute(insert, row).await?;
    }
    Ok(())
}

async fn applied(db: &Db) -> Result<Vec<(i64, String)>, DbError> {
    let rows = db
        .query(
            "SELECT version, checksum FROM schema_migrations ORDER BY version",
            Vec::new(),
        )
        .await?;
    rows.iter()
        .map(|r| Ok((r.int("version")?, r.text("checksum")?)))
        .collect()
}

/// What is left to apply, after proof that what was applied is what this program knows.
pub(crate) fn pending<'a>(
    all: &'a [Migration],
    applied: &[(i64, String)],
) -> Result<Vec<&'a Migration>, Problem> {
    let incompatible = |detail: String| Problem::new(ProblemKind::IncompatibleStore, detail);
    for (version, sum) in applied {
        match all.iter().find(|m| m.version == *version) {
            None => {
                return Err(incompatible(format!(
                    "The database has migration {version}, which this program does not know. Use a newer program."
                )));
            }
            Some(m) if checksum(m.sql) != *sum => {
                return Err(incompatible(format!(
                    "Migration {} was changed after it was applied.",
                    m.name
                )));
            }
            Some(_) => {}
        }
    }
    Ok(all
        .iter()
        .filter(|m| applied.iter().all(|(v, _)| *v != m.version))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gaps_and_stores_agree() {
        for set in [SQLITE, POSTGRES, CLICKHOUSE] {
            for (i, m) in set.iter().enumerate() {
                assert_eq!(m.version, i as i64 + 1);
                assert!(m.name.starts_with(&format!("{:04}_", m.version)));
            }
        }
        assert_eq!(SQLITE.len(), POSTGRES.len());
    }

    #[test]
    fn statements_end_at_semicolons_at_line_ends() {
        let all = statements("-- note;\nCREATE TABLE a (\n  b TEXT\n);\n\nSELECT 'x;y';\nSELECT 1");
        assert_eq!(
            all,
            [
                "CREATE TABLE a (\n  b TEXT\n)",
                "SELECT 'x;y'",
                "SELECT 1\n"
            ]
        );
    }

    #[test]
    fn edited_and_unknown_migrations_are_refused() {
        let all = [Migration {
            version: 1,
            name: "0001_a",
            sql: "SELECT 1;",
        }];
        assert_eq!(pending(&all, &[]).unwrap().len(), 1);
        assert!(
            pending(&all, &[(1, checksum("SELECT 1;"))])
                .unwrap()
                .is_empty()
        );
        assert!(pending(&all, &[(1, "edited".into())]).is_err());
        assert!(pending(&all, &[(2, "new".into())]).is_err());
    }
}
