//! Lists, the same for every kind: filters, a search, a sort, and a cursor that is bound to all three.

use crate::place::{Params, Place};
use crate::resource::{Resource, Stored, columns};
use assay_edge::db::ScopedDb;
use assay_edge::listing::{Field, Named, Order, Sort};
use assay_edge::{Ctx, Page, Problem, Reply, reply};
use serde_json::Value;

/// What lists take.
const PARAMETERS: [&str; 9] = [
    "limit",
    "cursor",
    "sort",
    "name",
    "q",
    "created_by",
    "created_after",
    "created_before",
    "deleted",
];

/// What lists can be sorted by.
const SORTS: [Field; 3] = [Field::Name, Field::CreatedAt, Field::UpdatedAt];

/// Which rows of a kind are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deleted {
    No,
    Only,
    Include,
}

/// Filters of a list, as far as they are wanted.
#[derive(Debug)]
struct Filters {
    named: Named,
    deleted: Deleted,
}

impl Filters {
    fn of(ctx: &Ctx) -> Result<Self, Problem> {
        ctx.only_query(&PARAMETERS)?;
        let deleted = match ctx.query("deleted") {
            None => Deleted::No,
            Some("only") => Deleted::Only,
            Some("include") => Deleted::Include,
            Some(_) => return Err(Problem::field("deleted", "must be `only` or `include`")),
        };
        Ok(Self {
            named: Named::of(ctx)?,
            deleted,
        })
    }

    /// The conditions, besides where the rows are.
    fn conditions(&self, db: &ScopedDb, params: &mut Params) -> String {
        let deleted = match self.deleted {
            Deleted::No => " AND r.deleted_at IS NULL",
            Deleted::Only => " AND r.deleted_at IS NOT NULL",
            Deleted::Include => "",
        };
        deleted.to_owned() + &self.named.conditions(db, params)
    }
}

/// `GET /api/v1/<table>`.
pub(crate) async fn list<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    let filters = Filters::of(&ctx)?;
    let order = Order::new(Sort::parse(ctx.query("sort"), &SORTS)?, &filters);
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    R::begin(&db).await?;
    let mut params = Params::default();
    let mut only = place.holds(&mut params);
    only.push_str(&filters.conditions(&db, &mut params));
    only.push_str(&order.beyond(page.cursor.as_ref(), &mut params)?);
    let sql = format!(
        "SELECT {} FROM {} r WHERE {only} {} LIMIT {}",
        columns::<R>(&db),
        R::TABLE,
        order.by(),
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let all = rows
        .iter()
        .map(Stored::read::<R>)
        .collect::<Result<Vec<_>, _>>()?;
    let page = page.page(all, |stored: &Stored| {
        let name = stored.spec.get("name").and_then(Value::as_str);
        order.cursor(
            name.unwrap_or_default(),
            stored.created_at.micros(),
            stored.updated_at.micros(),
            &stored.id,
        )
    });
    let data: Vec<Value> = page.data.iter().map(Stored::shown::<R>).collect();
    reply::ok(&Page {
        data,
        next_cursor: page.next_cursor,
    })
}
