//! Lists, the same for every kind: filters, a search, a sort, and a cursor that is bound to all three.

use crate::place::{Params, Place};
use crate::resource::{Resource, Stored, columns};
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Cursor, Page, Problem, Reply, reply};
use assay_model::Timestamp;
use serde_json::{Value, json};

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

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    CreatedAt,
    UpdatedAt,
}

/// How a list is sorted; ids break ties in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    field: Field,
    descending: bool,
}

impl Sort {
    fn parse(text: Option<&str>) -> Result<Self, Problem> {
        let text = text.unwrap_or("-created_at");
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let field = match name {
            "name" => Field::Name,
            "created_at" => Field::CreatedAt,
            "updated_at" => Field::UpdatedAt,
            _ => {
                let message = "must be `name`, `created_at` or `updated_at`, with `-` before it for the reverse";
                return Err(Problem::field("sort", message));
            }
        };
        Ok(Self { field, descending })
    }

    const fn column(self) -> &'static str {
        match self.field {
            Field::Name => "name",
            Field::CreatedAt => "created_at",
            Field::UpdatedAt => "updated_at",
        }
    }

    /// A place before every row, where one can be told. SQLite takes the narrowest index only where a page has a bound.
    fn edge(self) -> Option<(Value, String)> {
        let key = match (self.field, self.descending) {
            (Field::Name, true) => return None,
            (Field::Name, false) => json!(""),
            (Field::CreatedAt | Field::UpdatedAt, true) => json!(i64::MAX),
            (Field::CreatedAt | Field::UpdatedAt, false) => json!(i64::MIN),
        };
        Some((key, String::new()))
    }

    /// A row's place in the list.
    fn key(self, stored: &Stored) -> Value {
        match self.field {
            Field::Name => stored.spec.get("name").cloned().unwrap_or_default(),
            Field::CreatedAt => json!(stored.created_at.micros()),
            Field::UpdatedAt => json!(stored.updated_at.micros()),
        }
    }
}

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
    sort: Sort,
    name: Option<String>,
    q: Option<String>,
    created_by: Option<String>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    deleted: Deleted,
}

/// A text to compare with; Postgres has none with NUL in it.
fn text(ctx: &Ctx, name: &str, max: usize) -> Result<Option<String>, Problem> {
    match ctx.query(name) {
        None => Ok(None),
        Some(text) if text.chars().any(char::is_control) => {
            Err(Problem::field(name, "must not contain control characters"))
        }
        Some(text) if text.is_empty() || text.chars().count() > max => Err(Problem::field(
            name,
            format!("must have 1 to {max} characters"),
        )),
        Some(text) => Ok(Some(text.to_owned())),
    }
}

fn time(ctx: &Ctx, name: &str) -> Result<Option<Timestamp>, Problem> {
    ctx.query(name)
        .map(Timestamp::parse)
        .transpose()
        .map_err(|e| Problem::field(name, format!("is not an RFC 3339 time: {e}")))
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
            sort: Sort::parse(ctx.query("sort"))?,
            name: text(ctx, "name", 200)?,
            q: text(ctx, "q", 200)?.map(|q| q.to_lowercase()),
            created_by: text(ctx, "created_by", 200)?,
            created_after: time(ctx, "created_after")?,
            created_before: time(ctx, "created_before")?,
            deleted,
        })
    }

    /// The conditions, besides where the rows are.
    fn conditions(&self, db: &ScopedDb, params: &mut Params) -> String {
        let mut all = String::from(match self.deleted {
            Deleted::No => " AND r.deleted_at IS NULL",
            Deleted::Only => " AND r.deleted_at IS NOT NULL",
            Deleted::Include => "",
        });
        let mut and = |condition: String| {
            all.push_str(" AND ");
            all.push_str(&condition);
        };
        if let Some(name) = &self.name {
            and(format!("r.name = {}", params.add(name)));
        }
        if let Some(q) = &self.q {
            let find = db.pick("instr", "strpos");
            and(format!("{find}(r.search, {}) > 0", params.add(q)));
        }
        if let Some(by) = &self.created_by {
            and(format!("r.created_by = {}", params.add(by)));
        }
        if let Some(after) = self.created_after {
            and(format!("r.created_at > {}", params.add(after)));
        }
        if let Some(before) = self.created_before {
            and(format!("r.created_at < {}", params.add(before)));
        }
        all
    }

    /// What a cursor is bound to: 64 bits of FNV-1a over sort and filters.
    fn bound(&self) -> i64 {
        let hash = format!("{self:?}")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
            });
        hash.cast_signed()
    }

    /// Where the last page ended.
    fn after(&self, cursor: &Cursor) -> Result<(Value, String), Problem> {
        if cursor.0 != self.bound() {
            let message = "belongs to a list with another `sort` or other filters";
            return Err(Problem::field("cursor", message));
        }
        let place: Option<(Value, String)> = serde_json::from_str(&cursor.1).ok();
        place
            .filter(|(key, id)| {
                let fits = match self.sort.field {
                    Field::Name => key.as_str().is_some_and(|name| !name.contains('\0')),
                    Field::CreatedAt | Field::UpdatedAt => key.is_i64(),
                };
                fits && !id.contains('\0')
            })
            .ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))
    }

    fn cursor(&self, stored: &Stored) -> Cursor {
        let place = json!([self.sort.key(stored), stored.id]);
        Cursor(self.bound(), place.to_string())
    }
}

/// `GET /api/v1/<table>`.
pub(crate) async fn list<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    let filters = Filters::of(&ctx)?;
    let page = ctx.page()?;
    let after = page.cursor.as_ref().map(|c| filters.after(c)).transpose()?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    R::begin(&db).await?;
    let mut params = Params::default();
    let mut only = place.holds(&mut params);
    only.push_str(&filters.conditions(&db, &mut params));
    let (column, sort) = (filters.sort.column(), filters.sort);
    let (beyond, order) = if sort.descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    if let Some((key, id)) = after.or_else(|| sort.edge()) {
        let key = match key.as_i64() {
            Some(number) => params.add(number),
            None => params.add(key.as_str().unwrap_or_default()),
        };
        let id = params.add(id);
        only.push_str(&format!(" AND (r.{column}, r.id) {beyond} ({key}, {id})"));
    }
    let sql = format!(
        "SELECT {} FROM {} r WHERE {only} ORDER BY r.{column} {order}, r.id {order} LIMIT {}",
        columns::<R>(&db),
        R::TABLE,
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let all = rows
        .iter()
        .map(Stored::read::<R>)
        .collect::<Result<Vec<_>, _>>()?;
    let page = page.page(all, |s| filters.cursor(s));
    let data: Vec<Value> = page.data.iter().map(Stored::shown::<R>).collect();
    reply::ok(&Page {
        data,
        next_cursor: page.next_cursor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(sort: &str) -> Filters {
        Filters {
            sort: Sort::parse(Some(sort)).unwrap(),
            name: None,
            q: None,
            created_by: None,
            created_after: None,
            created_before: None,
            deleted: Deleted::No,
        }
    }

    #[test]
    fn only_known_fields_sort() {
        assert!(Sort::parse(Some("-name")).unwrap().descending);
        assert_eq!(
            Sort::parse(None).unwrap(),
            Sort::parse(Some("-created_at")).unwrap()
        );
        for bad in [
            "",
            "-",
            "spec",
            "--name",
            "name,id",
            "name; DROP TABLE agents",
        ] {
            assert!(Sort::parse(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_is_bound_to_sort_and_filters() {
        let by_name = filters("name");
        let cursor = Cursor(by_name.bound(), r#"["a","id"]"#.into());
        assert!(by_name.after(&cursor).is_ok());
        assert!(filters("-name").after(&cursor).is_err());
        assert!(filters("created_at").after(&cursor).is_err());
        let mut filtered = filters("name");
        filtered.q = Some("x".into());
        assert!(filtered.after(&cursor).is_err());
        let wrong = Cursor(by_name.bound(), r#"[7,"id"]"#.into());
        assert!(by_name.after(&wrong).is_err());
    }
}
