//! Experiments and their items, put together from what observations say.

use super::{filter, invalid};
use assay_edge::traces::{ListQuery, TraceStore};
use assay_edge::{Ctx, Cursor, PageQuery, Problem, Reply, reply};
use assay_langfuse::query::{
    ExperimentGroup, ExperimentGroups, ExperimentItemGroup, ExperimentItemGroups, ScoreGroups,
    comma_list, limit, required_time, time,
};
use assay_langfuse::show::{self, Experiment, ScoreContext};
use assay_model::{Filter, Operand, Operator};
use serde_json::Value;
use std::collections::HashMap;

/// Most rows of a page.
const MAX: i64 = 100;

fn page(ctx: &Ctx) -> Result<PageQuery, Problem> {
    let limit = limit(ctx.query("limit"), MAX).map_err(invalid)?;
    Ok(PageQuery {
        limit: u32::try_from(limit).unwrap_or(1),
        cursor: ctx
            .query("cursor")
            .filter(|c| !c.is_empty())
            .map(Cursor::decode)
            .transpose()?,
    })
}

/// From `fromStartTime`, which must be given, to `toStartTime`.
fn started(ctx: &Ctx) -> Result<Filter, Problem> {
    let from = required_time("fromStartTime", ctx.query("fromStartTime")).map_err(invalid)?;
    let filter = Filter::default().and("startTime", Operator::AtLeast, Operand::Time(from));
    let to = time("toStartTime", ctx.query("toStartTime")).map_err(invalid)?;
    Ok(match to {
        None => filter,
        Some(to) => filter.and("startTime", Operator::Less, Operand::Time(to)),
    })
}

/// Adds lists between commas, and what the parameter `filter` says.
fn among(ctx: &Ctx, mut all: Filter, lists: &[(&str, &str)]) -> Result<Filter, Problem> {
    for (parameter, column) in lists {
        let Some(text) = crate::query::text(ctx, parameter)? else {
            continue;
        };
        let options = comma_list(Some(&text));
        if options.len() > 200 {
            return Err(Problem::field(*parameter, "must have at most 200 entries"));
        }
        all = all.and(column, Operator::AnyOf, Operand::Options(options));
    }
    filter(ctx, all)
}

/// Scores in the shape of v3, by what they are on.
async fn scores(
    store: &TraceStore,
    workspace: &str,
    column: &str,
    ids: Vec<String>,
) -> Result<HashMap<String, Vec<Value>>, Problem> {
    let mut all: HashMap<String, Vec<Value>> = HashMap::new();
    if ids.is_empty() {
        return Ok(all);
    }
    let query = ListQuery {
        filter: Filter::default().and(column, Operator::AnyOf, Operand::Options(ids)),
        ..ListQuery::default()
    };
    let page = PageQuery {
        limit: 1000,
        cursor: None,
    };
    let found = store.list_scores(&query, &page).await?;
    for record in found.data {
        let context = ScoreContext {
            project_id: workspace,
            created_at: Some(record.received_at),
            updated_at: Some(record.received_at),
            trace: None,
        };
        let on = match column {
            "experimentId" => record.score.experiment_id.clone(),
            _ => Some(record.score.trace_id.clone()),
        };
        if let (Some(on), Some(shown)) = (
            on,
            show::score_v3(&record.score, &ScoreGroups::all(), &context),
        ) {
            all.entry(on).or_default().push(shown);
        }
    }
    Ok(all)
}

/// `GET /api/public/experiments`: the latest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let groups = ExperimentGroups::parse(ctx.query("fields")).map_err(invalid)?;
    let lists = [
        ("id", "experimentId"),
        ("name", "experimentName"),
        ("datasetId", "experimentDatasetId"),
    ];
    let filter = among(&ctx, started(&ctx)?, &lists)?;
    let page = page(&ctx)?;
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.experiments(&filter, &page).await?;
    let ids = found.data.iter().map(|e| e.link.id.clone()).collect();
    let mut scored = if groups.has(ExperimentGroup::Scores) {
        scores(&store, &workspace, "experimentId", ids).await?
    } else {
        HashMap::new()
    };
    let data = found
        .data
        .iter()
        .map(|e| {
            let shown = Experiment {
                id: &e.link.id,
                name: e.link.name.as_deref(),
                description: e.link.description.as_deref(),
                dataset_id: e.link.dataset_id.as_deref(),
                start_time: e.start_time,
                end_time: e.end_time,
                item_count: u64::try_from(e.item_count).unwrap_or_default(),
                metadata: &e.link.metadata,
            };
            let scores = scored.remove(&e.link.id).unwrap_or_default();
            show::experiment(&shown, &groups, scores)
        })
        .collect();
    reply::ok(&show::cursor_page(data, found.next_cursor.as_deref()))
}

/// `GET /api/public/experiment-items`: an item is the observation that stands for it.
pub(crate) async fn items(ctx: Ctx) -> Result<Reply, Problem> {
    let groups = ExperimentItemGroups::parse(ctx.query("fields")).map_err(invalid)?;
    let lists = [
        ("experimentId", "experimentId"),
        ("experimentName", "experimentName"),
        ("experimentItemId", "experimentItemId"),
        ("datasetId", "experimentDatasetId"),
    ];
    let filter = among(&ctx, started(&ctx)?, &lists)?;
    let query = ListQuery {
        filter: filter.and("experimentItemRoot", Operator::Equal, Operand::Bool(true)),
        ..ListQuery::default()
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.list_observations(&query, &page(&ctx)?).await?;
    let ids = found
        .data
        .iter()
        .map(|r| r.observation.trace_id.clone())
        .collect();
    let mut scored = if groups.has(ExperimentItemGroup::Scores) {
        scores(&store, &workspace, "traceId", ids).await?
    } else {
        HashMap::new()
    };
    let data = found
        .data
        .iter()
        .filter_map(|r| {
            let scores = scored.remove(&r.observation.trace_id).unwrap_or_default();
            show::experiment_item(&r.observation, &groups, scores)
        })
        .collect();
    reply::ok(&show::cursor_page(data, found.next_cursor.as_deref()))
}
