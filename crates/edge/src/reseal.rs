//! Rotation of the encryption key: what older keys sealed is sealed anew with the first.

use crate::db::{Db, Statement};
use crate::log::log_error;
use crate::platform::{Platform, platform};
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// Rows of a transaction.
const BATCH: usize = 200;

/// A column that holds envelopes.
pub struct Envelopes {
    /// The table.
    pub table: &'static str,
    /// The column that names a row; unique.
    pub id: &'static str,
    /// The column of the envelopes.
    pub column: &'static str,
    /// SQL that is true of the rows with envelopes.
    pub only: &'static str,
    /// The place that a row's envelope belongs to, as it was sealed.
    pub place: fn(&str) -> String,
}

/// What came of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resealed {
    /// Envelopes that the first key opens now.
    pub done: u64,
    /// Envelopes that no configured key opens; they are as they were.
    pub unreadable: u64,
}

impl Resealed {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            unreadable: self.unreadable + other.unreadable,
        }
    }
}

thread_local! {
    /// Whether this instance has begun.
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Seals anew what a component keeps, beside its first request from outside: an engine that starts components when a request
/// comes calls nobody at the start. Where the engine does, that call has done it before and tells what came of it. A failure
/// is logged; the next instance tries again.
pub fn in_background(
    component: &'static str,
    request: &spin_sdk::http::Request,
    tables: &'static [Envelopes],
) {
    if request.uri().path().starts_with("/internal/") || BEGUN.replace(true) {
        return;
    }
    spin_sdk::wasip3::spawn(async move {
        let done = async { reseal(&*platform().await?, tables).await };
        if let Err(problem) = done.await {
            log_error(component, "", "sealing anew", &problem.to_string());
        }
    });
}

/// Seals anew what the first key did not seal, in all of the tables.
///
/// # Errors
/// When the store fails; what was done until then is good.
pub async fn reseal(platform: &Platform, tables: &[Envelopes]) -> Result<Resealed, Problem> {
    let mut all = Resealed::default();
    if platform.keyring.is_rotating() {
        let db = platform.db().await?;
        for envelopes in tables {
            all = all.and(column(platform, &db, envelopes).await?);
        }
    }
    Ok(all)
}

/// Seals anew what the first key did not seal in one column. Of workspaces it knows nothing: the
/// keys are the installation's. A row that changes meanwhile is left alone, for the change sealed it with the first key.
async fn column(platform: &Platform, db: &Db, of: &Envelopes) -> Result<Resealed, Problem> {
    let mut result = Resealed::default();
    let Envelopes {
        table,
        id,
        column,
        only,
        place,
    } = of;
    let select = format!(
        "SELECT {id} AS id, {column} AS sealed FROM {table} WHERE {id} > $1 AND {column} IS NOT NULL \
         AND {column} NOT LIKE $2 AND {only} ORDER BY {id} LIMIT {BATCH}"
    );
    let update = format!("UPDATE {table} SET {column} = $3 WHERE {id} = $1 AND {column} = $2");
    let current = format!("{}%", platform.keyring.prefix());
    let mut after = String::new();
    loop {
        let params = [after.as_str().into(), current.as_str().into()];
        let rows = db.query(&select, params).await?;
        let mut statements = Vec::with_capacity(rows.len());
        for row in &rows {
            after = row.text("id")?;
            let sealed = row.text("sealed")?;
            let place = place(&after);
            match platform.keyring.open(&place, &sealed) {
                Ok(secret) => {
                    let again = platform.keyring.seal(&place, secret.expose())?;
                    let params = [after.as_str().into(), sealed.into(), again.into()];
                    statements.push(Statement::new(update.clone(), params));
                    result.done += 1;
                }
                Err(_) => result.unreadable += 1,
            }
        }
        db.batch(&statements).await?;
        if rows.len() < BATCH {
            return Ok(result);
        }
    }
}
