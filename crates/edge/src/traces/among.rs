//! What is known of some observations that somebody names, for whoever sends them on.

use super::filter::{OBSERVATIONS, SCORES, Select};
use super::{ListQuery, ObservationRecord, ScoreRecord, TraceStore};
use crate::problem::Problem;
use assay_model::{Filter, Operand, Operator};
use std::collections::{BTreeMap, HashSet};

/// Most scores that are read with some traces.
const MAX_SCORES: i64 = 1_000;

fn of(column: &str, texts: Vec<String>) -> Filter {
    Filter::default().and(column, Operator::AnyOf, Operand::Options(texts))
}

impl TraceStore {
    /// Those of the observations, named by trace and id, that there are and that the filter selects.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn observations_among(
        &self,
        filter: &Filter,
        keys: &[(String, String)],
    ) -> Result<Vec<ObservationRecord>, Problem> {
        let wanted: HashSet<(&str, &str)> = keys
            .iter()
            .map(|(trace, id)| (trace.as_str(), id.as_str()))
            .collect();
        let ids: HashSet<&str> = wanted.iter().map(|(_, id)| *id).collect();
        let mut groups: BTreeMap<&str, (Vec<String>, Vec<String>)> = BTreeMap::new();
        for (trace, id) in &wanted {
            // Where ids come again in every trace, all at once would read much that nobody asked for.
            let group = if ids.len() < wanted.len() { *trace } else { "" };
            let (traces, ids) = groups.entry(group).or_default();
            traces.push((*trace).to_owned());
            ids.push((*id).to_owned());
        }
        let mut all = Vec::with_capacity(wanted.len());
        for (mut traces, ids) in groups.into_values() {
            traces.sort();
            traces.dedup();
            let mut query = ListQuery {
                filter: filter.clone(),
                ..ListQuery::default()
            };
            query
                .filter
                .conditions
                .extend(of("traceId", traces).conditions);
            query.filter.conditions.extend(of("id", ids).conditions);
            let found = self
                .observations(&Select::all(&OBSERVATIONS, &query)?)
                .await?;
            all.extend(found.into_iter().filter(|r| {
                let o = &r.observation;
                wanted.contains(&(o.trace_id.as_str(), o.id.as_str()))
            }));
        }
        Ok(all)
    }

    /// The scores of some traces, at most a thousand, the newest first.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn scores_of_traces(&self, traces: &[&str]) -> Result<Vec<ScoreRecord>, Problem> {
        let traces = traces.iter().map(|id| (*id).to_owned()).collect();
        let query = ListQuery {
            filter: of("traceId", traces),
            ..ListQuery::default()
        };
        let mut select = Select::all(&SCORES, &query)?;
        select.limit = MAX_SCORES;
        self.scores(&select).await
    }
}
