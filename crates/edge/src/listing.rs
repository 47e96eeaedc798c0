//! What lists in the relational store have in common: filters, a sort, and a cursor that is bound to both.

use crate::ctx::Ctx;
use crate::db::{Params, ScopedDb};
use crate::page::Cursor;
use crate::problem::Problem;
use assay_model::Timestamp;
use serde_json::{Value, json};
use std::fmt::Debug;

/// What a list can be sorted by: a column of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `name`.
    Name,
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
}

impl Field {
    const fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

/// How a list is sorted; ids break ties in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub field: Field,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    /// The parameter `sort`: one of `fields`, with `-` before it for the reverse; newest first where there is none.
    ///
    /// # Errors
    /// A validation problem that names `sort`.
    pub fn parse(text: Option<&str>, fields: &[Field]) -> Result<Self, Problem> {
        let text = text.unwrap_or("-created_at");
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let found = fields.iter().find(|field| field.column() == name);
        match found {
            Some(&field) => Ok(Self { field, descending }),
            None => {
                let names: Vec<String> = fields
                    .iter()
                    .map(|field| format!("`{}`", field.column()))
                    .collect();
                let message = format!(
                    "must be one of {}, with `-` before it for the reverse",
                    names.join(", ")
                );
                Err(Problem::field("sort", message))
            }
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
}

/// A list's sort with its other filters, by which the cursors of one list are no cursors of another.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    sort: Sort,
    bound: i64,
}

impl Order {
    /// `filters` may be anything that tells them all.
    #[must_use]
    pub fn new(sort: Sort, filters: &impl Debug) -> Self {
        // 64 bits of FNV-1a over sort and filters.
        let told = format!("{sort:?}{filters:?}");
        let hash = told.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            sort,
            bound: hash.cast_signed(),
        }
    }

    /// Where the last page ended.
    fn after(self, cursor: &Cursor) -> Result<(Value, String), Problem> {
        if cursor.0 != self.bound {
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

    /// The condition that a row of the table `r` comes after the last page, `" AND …"` or nothing.
    ///
    /// # Errors
    /// A validation problem that names `cursor`.
    pub fn beyond(self, cursor: Option<&Cursor>, params: &mut Params) -> Result<String, Problem> {
        let after = cursor.map(|cursor| self.after(cursor)).transpose()?;
        let Some((key, id)) = after.or_else(|| self.sort.edge()) else {
            return Ok(String::new());
        };
        let beyond = if self.sort.descending { "<" } else { ">" };
        let key = match key.as_i64() {
            Some(number) => params.add(number),
            None => params.add(key.as_str().unwrap_or_default()),
        };
        let (column, id) = (self.sort.field.column(), params.add(id));
        Ok(format!(" AND (r.{column}, r.id) {beyond} ({key}, {id})"))
    }

    /// `ORDER BY` of rows of the table `r`.
    #[must_use]
    pub fn by(self) -> String {
        let column = self.sort.field.column();
        let order = if self.sort.descending { "DESC" } else { "ASC" };
        format!("ORDER BY r.{column} {order}, r.id {order}")
    }

    /// The cursor of a row: its name, when it was made and changed, and its id.
    #[must_use]
    pub fn cursor(self, name: &str, created_at: i64, updated_at: i64, id: &str) -> Cursor {
        let key = match self.sort.field {
            Field::Name => json!(name),
            Field::CreatedAt => json!(created_at),
            Field::UpdatedAt => json!(updated_at),
        };
        Cursor(self.bound, json!([key, id]).to_string())
    }
}

/// Filters that lists of what has a name have, as far as they are wanted: `name`, `q`, `created_by`, `created_after` and
/// `created_before`.
#[derive(Debug)]
pub struct Named {
    name: Option<String>,
    q: Option<String>,
    created_by: Option<String>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

impl Named {
    /// As the request has them.
    ///
    /// # Errors
    /// A validation problem that names the parameter.
    pub fn of(ctx: &Ctx) -> Result<Self, Problem> {
        Ok(Self {
            name: text(ctx, "name", 200)?,
            q: text(ctx, "q", 200)?.map(|q| q.to_lowercase()),
            created_by: text(ctx, "created_by", 200)?,
            created_after: time(ctx, "created_after")?,
            created_before: time(ctx, "created_before")?,
        })
    }

    /// The conditions on rows of the table `r`, each `" AND …"`; its column `search` is what is searched.
    #[must_use]
    pub fn conditions(&self, db: &ScopedDb, params: &mut Params) -> String {
        let mut all = String::new();
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
}

/// A parameter to compare with, of 1 to `max` characters; Postgres has no text with NUL in it.
///
/// # Errors
/// A validation problem that names it.
pub fn text(ctx: &Ctx, name: &str, max: usize) -> Result<Option<String>, Problem> {
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

/// A parameter that is an instant.
///
/// # Errors
/// A validation problem that names it.
fn time(ctx: &Ctx, name: &str) -> Result<Option<Timestamp>, Problem> {
    ctx.query(name)
        .map(Timestamp::parse)
        .transpose()
        .map_err(|e| Problem::field(name, format!("is not an RFC 3339 time: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Field; 3] = [Field::Name, Field::CreatedAt, Field::UpdatedAt];

    fn order(sort: &str, filters: &str) -> Order {
        Order::new(Sort::parse(Some(sort), &ALL).unwrap(), &filters)
    }

    #[test]
    fn only_known_fields_sort() {
        assert!(Sort::parse(Some("-name"), &ALL).unwrap().descending);
        assert_eq!(
            Sort::parse(None, &ALL).unwrap(),
            Sort::parse(Some("-created_at"), &ALL).unwrap()
        );
        for bad in [
            "",
            "-",
            "spec",
            "--name",
            "name,id",
            "name; DROP TABLE agents",
        ] {
            assert!(Sort::parse(Some(bad), &ALL).is_err(), "{bad}");
        }
        assert!(Sort::parse(Some("name"), &[Field::CreatedAt]).is_err());
    }

    #[test]
    fn a_cursor_is_bound_to_sort_and_filters() {
        let by_name = order("name", "");
        let cursor = by_name.cursor("a", 1, 2, "id");
        assert_eq!(
            by_name.after(&cursor).unwrap(),
            (json!("a"), "id".to_owned())
        );
        assert!(order("-name", "").after(&cursor).is_err());
        assert!(order("created_at", "").after(&cursor).is_err());
        assert!(order("name", "x").after(&cursor).is_err());
        let wrong = Cursor(by_name.bound, r#"[7,"id"]"#.into());
        assert!(by_name.after(&wrong).is_err());
    }
}
