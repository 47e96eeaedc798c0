//! Rows for a table whose columns are known only in part: what the migrations may add gets its default.

use anyhow::{Context, Result, bail};
use rusqlite::Connection;
use std::path::Path;

/// What the embedded engine sets on its connections, so that a peer's writes cost what the platform's cost.
pub(crate) const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
  PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 16384;";

/// Makes the platform's tables, by its own migrations, in order.
pub(crate) fn migrate(database: &Connection, migrations: &Path) -> Result<()> {
    let mut files: Vec<_> = std::fs::read_dir(migrations)
        .with_context(|| format!("cannot read {}", migrations.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "sql"))
        .collect();
    files.sort();
    for file in files {
        let sql = std::fs::read_to_string(&file)?;
        database
            .execute_batch(&sql)
            .with_context(|| file.display().to_string())?;
    }
    Ok(())
}

struct Column {
    name: String,
    kind: String,
    /// Must be given: neither NULL nor a default will do.
    needed: bool,
    /// Its place in the primary key, from 1; 0 for none.
    key: i64,
}

/// An `INSERT` of those known columns that the table has.
pub(crate) struct Insert {
    /// The statement; values are `?1` and so on, in the order of `used`.
    pub(crate) sql: String,
    /// Which of the known columns, by their index.
    pub(crate) used: Vec<usize>,
}

/// What becomes of a row whose key is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// There is none, or it is an error.
    Fail,
    /// The new row takes its place.
    Replace,
}

/// Makes the statement for `table` as this database has it.
pub(crate) fn insert(
    database: &Connection,
    table: &str,
    known: &[&str],
    conflict: Conflict,
) -> Result<Insert> {
    let columns = columns(database, table)?;
    let mut used = Vec::new();
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in &columns {
        if let Some(index) = known.iter().position(|name| *name == column.name) {
            used.push(index);
            values.push(format!("?{}", used.len()));
        } else if column.needed {
            values.push(filler(&column.kind).to_owned());
        } else {
            continue;
        }
        names.push(column.name.as_str());
    }
    let mut sql = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    );
    if conflict == Conflict::Replace {
        let is_key = |name: &&str| columns.iter().any(|c| c.name == **name && c.key > 0);
        let mut key: Vec<&Column> = columns.iter().filter(|c| c.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
        let set: Vec<String> = names
            .iter()
            .filter(|name| !is_key(name))
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        sql = format!(
            "{sql} ON CONFLICT ({}) DO UPDATE SET {}",
            key.join(", "),
            set.join(", ")
        );
    }
    Ok(Insert { sql, used })
}

fn columns(database: &Connection, table: &str) -> Result<Vec<Column>> {
    let mut statement = database.prepare(&format!("PRAGMA table_info({table})"))?;
    let rows = statement.query_map([], |row| {
        Ok(Column {
            name: row.get("name")?,
            kind: row.get("type")?,
            needed: row.get::<_, bool>("notnull")?
                && row.get::<_, Option<String>>("dflt_value")?.is_none(),
            key: row.get("pk")?,
        })
    })?;
    let columns: Vec<Column> = rows.collect::<Result<_, _>>()?;
    if columns.is_empty() {
        bail!("there is no table `{table}`");
    }
    Ok(columns)
}

/// The least value of a type.
fn filler(kind: &str) -> &'static str {
    if kind.contains("INT") || kind.contains("DOUBLE") || kind.contains("REAL") {
        "0"
    } else {
        "''"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_gets_a_default() {
        let database = Connection::open_in_memory().unwrap();
        database
            .execute_batch(
                "CREATE TABLE t (w TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, o TEXT, d BIGINT NOT NULL DEFAULT 7, \
                 PRIMARY KEY (w, id))",
            )
            .unwrap();
        let known = ["id", "gone", "w"];
        let made = insert(&database, "t", &known, Conflict::Replace).unwrap();
        assert_eq!(
            made.sql,
            "INSERT INTO t (w, id, n) VALUES (?1, ?2, 0) ON CONFLICT (w, id) DO UPDATE SET n = excluded.n"
        );
        assert_eq!(made.used, [2, 0]);
        database.execute(&made.sql, ["a", "b"]).unwrap();
        let d: i64 = database
            .query_row("SELECT d FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(d, 7);
        assert!(insert(&database, "nothing", &known, Conflict::Fail).is_err());
    }

    #[test]
    fn the_platforms_tables_can_be_made() {
        let database = Connection::open_in_memory().unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
        migrate(&database, &migrations).unwrap();
        for table in ["traces", "observations"] {
            let known = ["workspace_id", "id"];
            let made = insert(&database, table, &known, Conflict::Fail).unwrap();
            assert_eq!(made.used, [0, 1]);
        }
    }
}
