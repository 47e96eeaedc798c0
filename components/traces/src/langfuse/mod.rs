//! Langfuse's public read API, as its SDKs call it.

pub(crate) mod comments;
pub(crate) mod experiments;
pub(crate) mod metrics;
pub(crate) mod observations;
pub(crate) mod project;
pub(crate) mod scores;
pub(crate) mod sessions;
pub(crate) mod traces;

use assay_edge::{Ctx, PageQuery, Problem};
use assay_langfuse::Invalid;
use assay_langfuse::query::Paging;
use assay_model::{Filter, Operand, Operator};

/// What the wire's rules refuse, as a problem.
pub(crate) fn invalid(e: Invalid) -> Problem {
    Problem::field(e.field, e.message)
}

/// `page` and `limit`.
fn paging(ctx: &Ctx, max: i64) -> Result<Paging, Problem> {
    Paging::parse(ctx.query("page"), ctx.query("limit"), max).map_err(invalid)
}

/// The page of a store's list for a page that is counted, and how many rows come before it.
fn counted(paging: &Paging) -> (PageQuery, u32) {
    let limit = u32::try_from(paging.limit).unwrap_or(1);
    let before = paging.limit.saturating_mul(paging.page.saturating_sub(1));
    let query = PageQuery {
        limit,
        cursor: None,
    };
    (query, u32::try_from(before).unwrap_or(u32::MAX))
}

/// Adds `from` and `to` of the parameters of these names.
fn within(
    ctx: &Ctx,
    mut filter: Filter,
    column: &str,
    from: &str,
    to: &str,
) -> Result<Filter, Problem> {
    for (name, operator) in [(from, Operator::AtLeast), (to, Operator::Less)] {
        if let Some(at) = assay_langfuse::query::time(name, ctx.query(name)).map_err(invalid)? {
            filter = filter.and(column, operator, Operand::Time(at));
        }
    }
    Ok(filter)
}

/// Adds the texts of parameters that are there.
fn are(ctx: &Ctx, mut filter: Filter, columns: &[(&str, &str)]) -> Result<Filter, Problem> {
    for (parameter, column) in columns {
        if let Some(text) = crate::query::text(ctx, parameter)? {
            filter = filter.and(column, Operator::Equal, Operand::Text(text));
        }
    }
    Ok(filter)
}

/// Adds a parameter that may be repeated, any of whose values will do.
fn any_of(ctx: &Ctx, filter: Filter, parameter: &str, column: &str) -> Result<Filter, Problem> {
    let values: Vec<String> = ctx
        .query_all(parameter)
        .filter(|v| !v.is_empty())
        .map(str::to_owned)
        .collect();
    if values.len() > 100 || values.iter().any(|v| v.contains('\0')) {
        let message = "must be at most 100, without control characters";
        return Err(Problem::field(parameter, message));
    }
    Ok(if values.is_empty() {
        filter
    } else {
        filter.and(column, Operator::AnyOf, Operand::Options(values))
    })
}

/// The `filter` parameter, which overrides the simple ones, as far as they are of the same column.
fn filter(ctx: &Ctx, simple: Filter) -> Result<Filter, Problem> {
    let Some(json) = crate::query::text(ctx, "filter")? else {
        return Ok(simple);
    };
    let given = crate::query::parse(&json)?;
    let mut conditions = simple.conditions;
    conditions.retain(|c| given.conditions.iter().all(|g| g.column != c.column));
    conditions.extend(given.conditions);
    Ok(Filter { conditions })
}
