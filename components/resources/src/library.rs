//! The workspace's own metrics, each change a version. What a metric can be is told by `GET /api/v1/metrics`.
//!
//! A library begins with metrics that can be used, changed and deleted like the workspace's own. They are written when the
//! library is first looked at, so that workspaces of before have them too.

use crate::crud::insert;
use crate::place::Place;
use crate::resource::{Resource, Stored, to_map};
use assay_edge::db::{DbError, ScopedDb, Statement};
use assay_edge::{Problem, clock, new_id};
use assay_graph::protocol::MetricList;
use assay_model::LibraryMetricSpec;
use serde_json::Map;
use std::cell::RefCell;
use std::collections::HashSet;

/// The workspace's own metrics.
pub(crate) struct MetricLibrary;

impl Resource for MetricLibrary {
    type Spec = LibraryMetricSpec;
    const TABLE: &'static str = "metric_library";
    const NOUN: &'static str = "metric";
    const VERSIONED: bool = true;

    fn name(spec: &LibraryMetricSpec) -> &str {
        &spec.name
    }

    fn description(spec: &LibraryMetricSpec) -> &str {
        &spec.description
    }

    fn metrics(spec: &LibraryMetricSpec) -> Vec<MetricList> {
        vec![MetricList {
            pointer: "/metric".into(),
            metrics: vec![spec.metric.clone()],
            single: true,
        }]
    }

    fn begin(db: &ScopedDb) -> impl Future<Output = Result<(), Problem>> {
        begin(db)
    }
}

thread_local! {
    /// Workspaces that this instance knows to have begun.
    static BEGUN: RefCell<HashSet<String>> = RefCell::default();
}

/// Most workspaces that an instance remembers.
const REMEMBERED: usize = 4096;

/// Writes the built-in metrics, unless this was done before. Of several that try at once one does.
async fn begin(db: &ScopedDb) -> Result<(), Problem> {
    if BEGUN.with_borrow(|begun| begun.contains(db.workspace())) {
        return Ok(());
    }
    let sql = "SELECT 1 AS one FROM library_seeds WHERE workspace_id = $1";
    if db.first(sql, Vec::new()).await?.is_none() {
        match db.guarded_batch(built_in()?).await {
            // One of those names is taken: the workspace has begun without us.
            Ok(_) | Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    BEGUN.with_borrow_mut(|begun| {
        if begun.len() >= REMEMBERED {
            begun.clear();
        }
        begun.insert(db.workspace().to_owned());
    });
    Ok(())
}

fn built_in() -> Result<Vec<Statement>, Problem> {
    let now = clock::now();
    let mark = "INSERT INTO library_seeds (workspace_id, created_at) VALUES ($1, $2) ON CONFLICT (workspace_id) DO NOTHING";
    let mut statements = vec![Statement::new(mark, [now.into()])];
    for spec in LibraryMetricSpec::built_in().map_err(Problem::internal)? {
        let made = Stored {
            id: new_id(),
            spec: to_map::<MetricLibrary>(&spec)?,
            credential: None,
            version: 1,
            created_by: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            counted: None,
            last_version: 0,
            labels: Map::new(),
        };
        statements.extend(insert::<MetricLibrary>(&Place::WORKSPACE, &spec, &made));
    }
    Ok(statements)
}
