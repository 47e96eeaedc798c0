//! Query parameters of the lists, as conditions of a filter.

use assay_edge::traces::{ListQuery, Sort, SortKey, TreeQuery};
use assay_edge::{Ctx, Problem};
use assay_model::{Filter, Operand, Operator, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A parameter's text; an empty one counts as absent, as forms send it.
pub(crate) fn text(ctx: &Ctx, name: &str) -> Result<Option<String>, Problem> {
    match ctx.query(name) {
        Some(text) if text.contains('\0') => {
            Err(Problem::field(name, "must not contain control characters"))
        }
        other => Ok(other.filter(|v| !v.is_empty()).map(str::to_owned)),
    }
}

/// A parameter that is one of the names of `T`, in any case.
pub(crate) fn one_of<T: DeserializeOwned>(ctx: &Ctx, name: &str) -> Result<Option<T>, Problem> {
    let Some(value) = text(ctx, name)? else {
        return Ok(None);
    };
    serde_json::from_value(Value::String(value.to_ascii_uppercase()))
        .map(Some)
        .map_err(|e| Problem::field(name, e.to_string()))
}

/// A parameter that is one of the names of `T`, which are in lower case.
pub(crate) fn one_of_lower<T: DeserializeOwned>(
    ctx: &Ctx,
    name: &str,
) -> Result<Option<T>, Problem> {
    let Some(value) = text(ctx, name)? else {
        return Ok(None);
    };
    serde_json::from_value(Value::String(value))
        .map(Some)
        .map_err(|e| Problem::field(name, e.to_string()))
}

/// A time.
pub(crate) fn time(ctx: &Ctx, name: &str) -> Result<Option<Timestamp>, Problem> {
    let parse = |v: String| {
        Timestamp::parse(&v).map_err(|_| Problem::field(name, "must be an RFC 3339 time"))
    };
    text(ctx, name)?.map(parse).transpose()
}

/// Which part of a tree: `under` and `depth`.
pub(crate) fn tree_query(ctx: &Ctx) -> Result<TreeQuery, Problem> {
    let depth = text(ctx, "depth")?
        .map(|d| {
            d.parse()
                .ok()
                .filter(|d| *d > 0)
                .ok_or_else(|| Problem::field("depth", "must be a number from 1"))
        })
        .transpose()?;
    Ok(TreeQuery {
        under: text(ctx, "under")?,
        depth,
    })
}

fn number(ctx: &Ctx, name: &str) -> Result<Option<f64>, Problem> {
    let parse = |v: String| {
        v.parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .ok_or_else(|| Problem::field(name, "must be a number"))
    };
    text(ctx, name)?.map(parse).transpose()
}

/// Conditions of a request, one parameter after the other.
pub(crate) struct Conditions<'a> {
    ctx: &'a Ctx,
    filter: Filter,
}

impl<'a> Conditions<'a> {
    /// Those of the parameters `filter` and `q`.
    pub(crate) fn of(ctx: &'a Ctx) -> Result<Self, Problem> {
        let mut filter = match text(ctx, "filter")? {
            None => Filter::default(),
            Some(json) => parse(&json)?,
        };
        if let Some(words) = text(ctx, "q")? {
            if words.chars().count() > 200 {
                return Err(Problem::field("q", "must have at most 200 characters"));
            }
            filter = filter.and("search", Operator::Contains, Operand::Text(words));
        }
        Ok(Self { ctx, filter })
    }

    /// The column has the parameter's text.
    pub(crate) fn is(mut self, parameter: &str, column: &str) -> Result<Self, Problem> {
        if let Some(text) = text(self.ctx, parameter)? {
            self.filter = self
                .filter
                .and(column, Operator::Equal, Operand::Text(text));
        }
        Ok(self)
    }

    /// The column has the parameter's name, one of those of `T` in any case.
    pub(crate) fn named<T: DeserializeOwned + serde::Serialize>(
        self,
        parameter: &str,
        column: &str,
    ) -> Result<Self, Problem> {
        let Some(value) = one_of::<T>(self.ctx, parameter)? else {
            return Ok(self);
        };
        let name = serde_json::to_value(value).map_err(Problem::internal)?;
        let name = name.as_str().unwrap_or_default().to_owned();
        let filter = self
            .filter
            .and(column, Operator::Equal, Operand::Text(name));
        Ok(Self { filter, ..self })
    }

    /// All of the parameter's values are tags.
    pub(crate) fn tags(mut self, parameter: &str) -> Result<Self, Problem> {
        let tags: Vec<String> = self
            .ctx
            .query_all(parameter)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect();
        if tags.len() > 20 || tags.iter().any(|t| t.contains('\0')) {
            let message = "must be at most 20, without control characters";
            return Err(Problem::field(parameter, message));
        }
        if !tags.is_empty() {
            self.filter = self
                .filter
                .and("tags", Operator::AllOf, Operand::Options(tags));
        }
        Ok(self)
    }

    /// `min_<parameter>` and `max_<parameter>`, both inclusive.
    pub(crate) fn between(mut self, parameter: &str, column: &str) -> Result<Self, Problem> {
        for (border, operator) in [("min", Operator::AtLeast), ("max", Operator::AtMost)] {
            if let Some(n) = number(self.ctx, &format!("{border}_{parameter}"))? {
                self.filter = self.filter.and(column, operator, Operand::Number(n));
            }
        }
        Ok(self)
    }

    /// `true` or `false`.
    pub(crate) fn truth(mut self, parameter: &str, column: &str) -> Result<Self, Problem> {
        let truth = match text(self.ctx, parameter)?.as_deref() {
            None => return Ok(self),
            Some("true") => true,
            Some("false") => false,
            Some(_) => return Err(Problem::field(parameter, "must be `true` or `false`")),
        };
        self.filter = self
            .filter
            .and(column, Operator::Equal, Operand::Bool(truth));
        Ok(self)
    }

    /// `status`: `error` when something in the trace failed, else `ok`.
    pub(crate) fn status(mut self) -> Result<Self, Problem> {
        let failed = Operand::Options(vec!["ERROR".into()]);
        let operator = match text(self.ctx, "status")?.as_deref() {
            None => return Ok(self),
            Some("error") => Operator::AnyOf,
            Some("ok") => Operator::NoneOf,
            Some(_) => return Err(Problem::field("status", "must be `ok` or `error`")),
        };
        self.filter = self.filter.and("level", operator, failed);
        Ok(self)
    }

    /// `from` (inclusive) and `to` (exclusive), in this column.
    pub(crate) fn within(mut self, column: &str) -> Result<Self, Problem> {
        let (from, to) = (time(self.ctx, "from")?, time(self.ctx, "to")?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Problem::field("to", "must not be before `from`"));
        }
        for (at, operator) in [(from, Operator::AtLeast), (to, Operator::Less)] {
            if let Some(at) = at {
                self.filter = self.filter.and(column, operator, Operand::Time(at));
            }
        }
        Ok(self)
    }

    /// The conditions.
    pub(crate) fn filter(self) -> Filter {
        self.filter
    }

    /// The list, in the order of the parameter `sort`.
    pub(crate) fn list(self, time: &str) -> Result<ListQuery, Problem> {
        Ok(ListQuery {
            sort: sort(self.ctx, time)?,
            filter: self.filter,
            offset: 0,
        })
    }
}

/// A filter from its JSON text.
pub(crate) fn parse(json: &str) -> Result<Filter, Problem> {
    let value: Value = serde_json::from_str(json)
        .map_err(|e| Problem::field("filter", format!("is not JSON: {e}")))?;
    Filter::parse("filter", &value).map_err(Problem::validation)
}

fn sort(ctx: &Ctx, time: &str) -> Result<Sort, Problem> {
    let Some(text) = text(ctx, "sort")? else {
        return Ok(Sort::default());
    };
    let (descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.as_str()),
    };
    let key = match name {
        "latency" => SortKey::Latency,
        "cost" => SortKey::Cost,
        "tokens" => SortKey::Tokens,
        name if name == time => SortKey::Time,
        _ => {
            let message = format!(
                "must be `{time}`, `latency`, `cost` or `tokens`, with `-` before it for the reverse"
            );
            return Err(Problem::field("sort", message));
        }
    };
    Ok(Sort { key, descending })
}
