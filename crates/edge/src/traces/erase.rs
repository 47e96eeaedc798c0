//! Traces are deleted with all that is known of them, in every store: what a person asked to be forgotten is gone. What
//! people said of them and the links to them go too, and what was said of a session with the last of its traces.

use super::filter::{Select, TRACES};
use super::read::TraceIds;
use super::{ListQuery, TraceStore, spool};
use crate::db::{ScopedDb, Statement};
use crate::problem::Problem;
use assay_model::{Filter, Operand, Operator};
use std::collections::{BTreeMap, BTreeSet};

/// Traces that one step of a long deletion takes.
const STEP: i64 = 200;

impl TraceStore {
    /// Deletes traces with what the relational store knows of them; those that there were. `db` is of the same workspace.
    ///
    /// # Errors
    /// `store-unavailable`; what was deleted until then is gone, and the same call goes on.
    pub async fn erase(&self, db: &ScopedDb, ids: &[String]) -> Result<Vec<String>, Problem> {
        // The empty id is no trace's: files of datasets are noted under it.
        let ids: Vec<String> = ids.iter().filter(|id| !id.is_empty()).cloned().collect();
        let list = serde_json::to_string(&ids).map_err(Problem::internal)?;
        let among = db.pick(
            "(SELECT value FROM json_each($2))",
            "(SELECT jsonb_array_elements_text($2::text::jsonb))",
        );
        let statement = |sql: String| Statement::new(sql, [list.as_str().into()]);
        // What could bring an observation back goes first; then files that nothing else names, and at last who named them.
        let mut statements = vec![statement(format!(
            "DELETE FROM observation_patches WHERE workspace_id = $1 AND trace_id IN {among}"
        ))];
        statements.push(statement(format!(
            "DELETE FROM evaluation_queue WHERE workspace_id = $1 AND trace_id IN {among}"
        )));
        for (table, column) in [("media_parts", "media_id"), ("media", "id")] {
            statements.push(statement(format!(
                "DELETE FROM {table} WHERE workspace_id = $1 AND {column} IN (SELECT u.media_id FROM media_uses u \
                 WHERE u.workspace_id = $1 AND u.trace_id IN {among}) AND NOT EXISTS (SELECT 1 FROM media_uses o \
                 WHERE o.workspace_id = $1 AND o.media_id = {table}.{column} AND o.trace_id NOT IN {among})"
            )));
        }
        statements.push(statement(format!(
            "DELETE FROM media_uses WHERE workspace_id = $1 AND trace_id IN {among}"
        )));
        let said = || {
            ["comments", "trace_shares"].map(|table| {
                statement(format!(
                    "DELETE FROM {table} WHERE workspace_id = $1 AND trace_id IN {among}"
                ))
            })
        };
        statements.extend(said());
        let emptied = self.emptied_sessions(db, &ids).await?;
        if !emptied.is_empty() {
            let list = serde_json::to_string(&emptied).map_err(Problem::internal)?;
            let sql = format!(
                "DELETE FROM comments WHERE workspace_id = $1 AND object_type = 'session' AND object_id IN {among}"
            );
            statements.push(Statement::new(sql, [list.into()]));
        }
        db.batch(statements).await?;
        let deleted = self.delete_traces(&ids).await?;
        // Whoever saw the trace a moment ago may have said something meanwhile. Whoever writes looks again after that.
        db.batch(said().to_vec()).await?;
        Ok(deleted)
    }

    /// Sessions that are spoken of and have no other traces than these.
    async fn emptied_sessions(
        &self,
        db: &ScopedDb,
        ids: &[String],
    ) -> Result<Vec<String>, Problem> {
        let sql = "SELECT DISTINCT object_id FROM comments WHERE workspace_id = $1 AND object_type = 'session'";
        let rows = db.query(sql, []).await?;
        let spoken_of: BTreeSet<String> = rows
            .iter()
            .map(|row| row.text("object_id"))
            .collect::<Result<_, _>>()?;
        if spoken_of.is_empty() {
            return Ok(Vec::new());
        }
        spool::drain_workspace(&self.config, &self.workspace).await?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut going: BTreeMap<String, u64> = BTreeMap::new();
        for record in self.traces_by_id(&ids).await?.into_values() {
            if let Some(session) = record.trace.session_id.filter(|s| spoken_of.contains(s)) {
                *going.entry(session).or_default() += 1;
            }
        }
        let mut emptied = Vec::new();
        for (session, going) in going {
            let text = Operand::Text(session.clone());
            let of = Filter::default().and("sessionId", Operator::Equal, text);
            if self.count_traces(&of).await? <= going {
                emptied.push(session);
            }
        }
        Ok(emptied)
    }

    /// As [`Self::erase`], of all traces that the filter selects, at most `steps` times two hundred: how many there were, and
    /// whether none is left.
    ///
    /// # Errors
    /// As [`Self::erase`], or a validation problem that names the filter.
    pub async fn erase_all(
        &self,
        db: &ScopedDb,
        filter: Filter,
        steps: usize,
    ) -> Result<(u64, bool), Problem> {
        let query = ListQuery {
            filter,
            ..ListQuery::default()
        };
        let mut select = Select::all(&TRACES, &query)?;
        select.limit = STEP;
        let mut erased = 0;
        for _ in 0..steps {
            let found = self.run(&TraceIds(&select)).await?;
            if found.is_empty() {
                return Ok((erased, true));
            }
            let ids: Vec<String> = found.into_iter().map(|row| row.id).collect();
            erased += self.erase(db, &ids).await?.len() as u64;
        }
        Ok((erased, false))
    }
}
