//! Query parameters of the lists.

use assay_edge::traces::Between;
use assay_edge::{Ctx, Problem};
use assay_model::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A parameter's text; an empty one counts as absent, as forms send it.
pub(crate) fn text(ctx: &Ctx, name: &str) -> Option<String> {
    ctx.query(name).filter(|v| !v.is_empty()).map(str::to_owned)
}

/// A parameter that is one of the names of `T`, in any case.
pub(crate) fn one_of<T: DeserializeOwned>(ctx: &Ctx, name: &str) -> Result<Option<T>, Problem> {
    let Some(value) = text(ctx, name) else {
        return Ok(None);
    };
    serde_json::from_value(Value::String(value.to_ascii_uppercase()))
        .map(Some)
        .map_err(|e| Problem::field(name, e.to_string()))
}

/// `from` (inclusive) and `to` (exclusive).
pub(crate) fn between(ctx: &Ctx) -> Result<Between, Problem> {
    let time = |name: &str| {
        let parse = |v: String| {
            Timestamp::parse(&v).map_err(|_| Problem::field(name, "must be an RFC 3339 time"))
        };
        text(ctx, name).map(parse).transpose()
    };
    let between = Between {
        from: time("from")?,
        to: time("to")?,
    };
    if let (Some(from), Some(to)) = (between.from, between.to)
        && from > to
    {
        return Err(Problem::field("to", "must not be before `from`"));
    }
    Ok(between)
}
