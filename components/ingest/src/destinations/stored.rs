//! Destinations as they rest, and as they are shown.

use assay_edge::db::{Row, ScopedDb};
use assay_edge::{Cursor, Problem};
use assay_model::{DestinationSpec, Timestamp};
use serde::Serialize;

/// The table.
pub(crate) const TABLE: &str = "forward_destinations";

/// What is read of a destination `d`.
pub(super) const COLUMNS: &str = "id, spec, credential, version, created_by, created_at, updated_by, updated_at, sent, failed, \
     dropped, last_sent_at, last_error, last_error_at, failures, retry_at, (SELECT count(*) FROM forward_queue q \
     WHERE q.workspace_id = d.workspace_id AND q.destination_id = d.id) AS waiting";

/// A destination, with its sealed credential.
pub(crate) struct Destination {
    pub(crate) id: String,
    pub(crate) spec: DestinationSpec,
    pub(crate) credential: Option<String>,
    pub(crate) version: i64,
    /// Tries in a row that failed.
    pub(crate) failures: i64,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
    status: Status,
}

/// What has become of the traces.
#[derive(Clone, Serialize)]
struct Status {
    /// Observations that were taken.
    sent: i64,
    /// Observations that wait.
    waiting: i64,
    /// Observations that were refused for good.
    failed: i64,
    /// Observations that were given up because too many waited.
    dropped: i64,
    last_sent_at: Option<Timestamp>,
    /// What the other side, or the way to it, said the last time something went wrong.
    last_error: Option<String>,
    last_error_at: Option<Timestamp>,
    /// When the next try is, after one that failed.
    retry_at: Option<Timestamp>,
}

impl Destination {
    pub(super) fn read(row: &Row) -> Result<Self, Problem> {
        let time = |column: &str| -> Result<Option<Timestamp>, Problem> {
            Ok(row.opt_int(column)?.map(Timestamp::from_micros))
        };
        let failures = row.int("failures")?;
        Ok(Self {
            id: row.text("id")?,
            spec: row.json("spec")?,
            credential: row.opt_text("credential")?,
            version: row.int("version")?,
            failures,
            created_by: row.opt_text("created_by")?,
            created_at: row.time("created_at")?,
            updated_by: row.opt_text("updated_by")?,
            updated_at: row.time("updated_at")?,
            status: Status {
                sent: row.int("sent")?,
                waiting: row.int("waiting")?,
                failed: row.int("failed")?,
                dropped: row.int("dropped")?,
                last_sent_at: time("last_sent_at")?,
                last_error: row.opt_text("last_error")?,
                last_error_at: time("last_error_at")?,
                retry_at: time("retry_at")?.filter(|_| failures > 0),
            },
        })
    }
}

/// The destination of that id.
pub(crate) async fn find_by_id(db: &ScopedDb, id: &str) -> Result<Option<Destination>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} d WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?;
    row.as_ref().map(Destination::read).transpose()
}

/// A destination as it is shown.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    #[serde(flatten)]
    spec: DestinationSpec,
    has_credential: bool,
    #[serde(flatten)]
    status: Status,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

impl Shown {
    pub(super) fn of(d: &Destination) -> Self {
        Self {
            id: d.id.clone(),
            spec: d.spec.clone(),
            has_credential: d.credential.is_some(),
            status: d.status.clone(),
            created_by: d.created_by.clone(),
            created_at: d.created_at,
            updated_by: d.updated_by.clone(),
            updated_at: d.updated_at,
        }
    }

    /// Its place in the list.
    pub(super) fn place(&self) -> Cursor {
        Cursor(self.created_at.micros(), self.id.clone())
    }
}
