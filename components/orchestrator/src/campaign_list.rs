//! The list of campaigns: filters, a search, a sort.

use crate::campaigns::{COLUMNS, add_repeats, read, summaries};
use crate::sweep;
use assay_edge::db::{Params, Row, ScopedDb};
use assay_edge::listing::{Field, Named, Order, Sort, text};
use assay_edge::{Ctx, Page, Problem, Reply, reply};
use assay_model::CampaignStatus;
use serde_json::Value;

/// What the list takes.
const PARAMETERS: [&str; 11] = [
    "limit",
    "cursor",
    "sort",
    "name",
    "q",
    "status",
    "tag",
    "uses",
    "created_by",
    "created_after",
    "created_before",
];

/// What the list can be sorted by.
const SORTS: [Field; 2] = [Field::Name, Field::CreatedAt];
/// Most ids that `uses` may name.
const MAX_USES: usize = 10;

/// Filters, as far as they are wanted.
#[derive(Debug)]
struct Filters {
    named: Named,
    status: Vec<String>,
    tag: Option<String>,
    /// Ids of agents, datasets, scenarios, models and others, all of which the campaign names.
    uses: Vec<String>,
}

/// The parts of a list that is written with commas.
fn parts<'c>(ctx: &'c Ctx, name: &str) -> impl Iterator<Item = &'c str> {
    ctx.query(name).into_iter().flat_map(|text| text.split(','))
}

fn status(text: &str) -> Result<String, Problem> {
    let known = serde_json::from_value::<CampaignStatus>(Value::from(text));
    known.map(|_| text.to_owned()).map_err(|_| {
        let message = "must be `queued`, `running`, `paused`, `completed` or `cancelled`, or several of them with commas";
        Problem::field("status", message)
    })
}

impl Filters {
    fn of(ctx: &Ctx) -> Result<Self, Problem> {
        ctx.only_query(&PARAMETERS)?;
        let uses: Vec<String> = parts(ctx, "uses").map(str::to_owned).collect();
        let is_id = |id: &String| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=64).contains(&id.len()) && id.bytes().all(plain)
        };
        if uses.len() > MAX_USES || !uses.iter().all(is_id) {
            let message = format!("must be 1 to {MAX_USES} ids, with commas between them");
            return Err(Problem::field("uses", message));
        }
        Ok(Self {
            named: Named::of(ctx)?,
            status: parts(ctx, "status").map(status).collect::<Result<_, _>>()?,
            tag: text(ctx, "tag", 200)?,
            uses,
        })
    }

    /// The conditions, besides the workspace.
    fn conditions(&self, db: &ScopedDb, params: &mut Params) -> String {
        let mut all = self.named.conditions(db, params);
        let mut and = |condition: String| {
            all.push_str(" AND ");
            all.push_str(&condition);
        };
        if !self.status.is_empty() {
            let named = self.status.iter().map(|status| params.add(status));
            let named: Vec<String> = named.collect();
            and(format!("r.status IN ({})", named.join(", ")));
        }
        if let Some(tag) = &self.tag {
            let tag = params.add(tag);
            let sqlite = format!(
                "EXISTS (SELECT 1 FROM json_each(r.spec, '$.tags') t WHERE t.value = {tag})"
            );
            let postgres = format!("COALESCE(jsonb_exists(r.spec::jsonb -> 'tags', {tag}), FALSE)");
            and(db.pick(&sqlite, &postgres).to_owned());
        }
        let find = db.pick("instr", "strpos");
        for id in &self.uses {
            // A text that is this id and nothing else: quotes within longer ones are escaped.
            let id = params.add(format!("\"{id}\""));
            and(format!("{find}(r.spec, {id}) > 0"));
        }
        all
    }
}

/// `GET /api/v1/campaigns`.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let filters = Filters::of(&ctx)?;
    let order = Order::new(Sort::parse(ctx.query("sort"), &SORTS)?, &filters);
    let page = ctx.page()?;
    sweep::look(&ctx);
    let db = ctx.db().await?;
    let mut params = Params::default();
    let mut only = filters.conditions(&db, &mut params);
    only.push_str(&order.beyond(page.cursor.as_ref(), &mut params)?);
    let sql = format!(
        "SELECT {COLUMNS} FROM campaigns r WHERE workspace_id = $1{only} {} LIMIT {}",
        order.by(),
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let page = page.page(rows, |row| {
        let text = |column: &str| row.text(column).unwrap_or_default();
        let created_at = row.int("created_at").unwrap_or_default();
        order.cursor(&text("name"), created_at, created_at, &text("id"))
    });
    let ids: Vec<String> = page
        .data
        .iter()
        .map(|row: &Row| row.text("id"))
        .collect::<Result<_, _>>()?;
    let mut summaries = summaries(&db, &ids).await?;
    let mut data = page
        .data
        .iter()
        .map(|row| {
            let summary = summaries.remove(&row.text("id")?).unwrap_or_default();
            Ok(read(row, summary)?)
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    add_repeats(&db, &mut data).await?;
    reply::ok(&Page {
        data,
        next_cursor: page.next_cursor,
    })
}
