//! How much the spool may hold. A store that stays away must not fill the disk of the relational store, by which everything
//! else lives.
//!
//! An instance measures the spool every few seconds, and counts what it adds in between; what other instances add in that
//! time is seen at the next look, so that the bound may be passed by a few seconds' worth.

use crate::clock;
use crate::db::{Db, DbError};
use std::cell::Cell;

/// How long a measurement is good, in milliseconds.
const FRESH_MS: i64 = 5_000;
/// The same for one that leaves no room: batches go as soon as the store is back.
const FULL_MS: i64 = 500;

thread_local! {
    /// Bytes that wait as far as is known, and until when that is good, in microseconds.
    static KNOWN: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
}

/// Whether a batch of `bytes` fits into a spool of `most`; it is counted then.
pub(super) async fn take(db: &Db, bytes: i64, most: i64) -> Result<bool, DbError> {
    let (mut waiting, until) = KNOWN.get();
    let now = clock::now();
    if now.micros() >= until {
        // Of a row that is larger than a page, neither store reads more than its beginning for this.
        let sql = "SELECT CAST(COALESCE(SUM(octet_length(batch)), 0) AS BIGINT) AS bytes FROM trace_spool";
        let rows = db.query(sql, []).await?;
        waiting = rows.first().map_or(Ok(0), |row| row.int("bytes"))?;
        let fresh_ms = if waiting + bytes > most {
            FULL_MS
        } else {
            FRESH_MS
        };
        KNOWN.set((waiting, now.plus_millis(fresh_ms).micros()));
    }
    if waiting + bytes > most {
        // Found by counting: the next one looks again soon.
        let (_, until) = KNOWN.get();
        KNOWN.set((waiting, until.min(now.plus_millis(FULL_MS).micros())));
        return Ok(false);
    }
    let (known, until) = KNOWN.get();
    KNOWN.set((known + bytes, until));
    Ok(true)
}

/// After a drain: what was known is not so any more.
pub(super) fn forget() {
    KNOWN.set((0, 0));
}
