//! The parameters of Langfuse's lists, as far as they can be understood without a store.

mod groups;
pub mod metrics;
mod scores;

pub use groups::{
    ExperimentGroup, ExperimentGroups, ExperimentItemGroup, ExperimentItemGroups, Fields, Group,
    Groups, ObservationGroup, ScoreGroup, ScoreGroups, TraceGroup, TraceGroups,
};
pub use scores::{ScoreQuery, ScoreValue};

use crate::Invalid;
use assay_model::Timestamp;

/// Rows of a page when the client does not say.
pub const DEFAULT_LIMIT: i64 = 50;
/// Most rows of a page of most lists.
pub const MAX_LIMIT: i64 = 100;
/// Most rows of a page of `GET /api/public/v2/observations`.
pub const MAX_OBSERVATIONS: i64 = 1000;
/// The last page that can be asked for.
const MAX_PAGE: i64 = 1_000_000;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: i64,
    /// Rows of a page.
    pub limit: i64,
}

impl Paging {
    /// Of `page` and `limit`, at most `max` rows.
    ///
    /// # Errors
    /// When one is no number within its bounds.
    pub fn parse(page: Option<&str>, limit: Option<&str>, max: i64) -> Result<Self, Invalid> {
        Ok(Self {
            page: number("page", page, 1, MAX_PAGE)?,
            limit: self::limit(limit, max)?,
        })
    }

    /// Rows before the page.
    #[must_use]
    pub const fn offset(self) -> i64 {
        (self.page - 1) * self.limit
    }
}

/// `limit`, from 1 to `max`; [`DEFAULT_LIMIT`] when absent.
///
/// # Errors
/// When it is no number within these bounds.
pub fn limit(text: Option<&str>, max: i64) -> Result<i64, Invalid> {
    number("limit", text, DEFAULT_LIMIT.min(max), max)
}

fn number(name: &str, text: Option<&str>, default: i64, max: i64) -> Result<i64, Invalid> {
    let Some(text) = given(text) else {
        return Ok(default);
    };
    let number = text.parse().ok().filter(|n| (1..=max).contains(n));
    number.ok_or_else(|| Invalid::new(name, format!("must be a number from 1 to {max}")))
}

/// An empty parameter counts as absent.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

/// A list between commas; empty when absent.
#[must_use]
pub fn comma_list(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

/// A time as of RFC 3339.
///
/// # Errors
/// When it is none.
pub fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Invalid> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    Timestamp::parse(text)
        .map(Some)
        .map_err(|e| Invalid::new(name, format!("must be a time as of RFC 3339: {e}")))
}

/// A time that must be given, as `fromStartTime` of the lists of experiments.
///
/// # Errors
/// When it is absent or no time.
pub fn required_time(name: &str, text: Option<&str>) -> Result<Timestamp, Invalid> {
    time(name, text)?.ok_or_else(|| Invalid::new(name, "is missing"))
}

/// `true` or `false`.
///
/// # Errors
/// When it is neither.
pub fn boolean(name: &str, text: Option<&str>) -> Result<Option<bool>, Invalid> {
    match given(text) {
        None => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(Invalid::new(name, "must be true or false")),
    }
}

/// `parseIoAsJson` of `GET /api/public/v2/observations`, where inputs and outputs are texts as they were received.
///
/// # Errors
/// When it asks for anything else.
pub fn refuse_parsed_io(text: Option<&str>) -> Result<(), Invalid> {
    match boolean("parseIoAsJson", text)? {
        Some(true) => Err(Invalid::new(
            "parseIoAsJson",
            "must be false or absent: input and output are returned as they were received",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        let paging = Paging::parse(Some("3"), Some("20"), MAX_LIMIT).unwrap();
        assert_eq!((paging.offset(), paging.limit), (40, 20));
        let paging = Paging::parse(None, Some(""), MAX_LIMIT).unwrap();
        assert_eq!((paging.page, paging.limit), (1, 50));
        for (page, limit, field) in [
            (Some("0"), None, "page"),
            (Some("x"), None, "page"),
            (None, Some("101"), "limit"),
            (None, Some("-1"), "limit"),
        ] {
            assert_eq!(
                Paging::parse(page, limit, MAX_LIMIT).unwrap_err().field,
                field
            );
        }
        assert_eq!(limit(Some("1000"), MAX_OBSERVATIONS), Ok(1000));
    }

    #[test]
    fn values() {
        assert_eq!(comma_list(Some("a, b,,c")), ["a", "b", "c"]);
        assert!(comma_list(None).is_empty());
        assert_eq!(boolean("b", Some("True")), Ok(Some(true)));
        assert!(boolean("b", Some("1")).is_err());
        assert!(refuse_parsed_io(Some("false")).is_ok());
        assert_eq!(
            refuse_parsed_io(Some("true")).unwrap_err().field,
            "parseIoAsJson"
        );
        assert_eq!(
            required_time("fromStartTime", None)
                .unwrap_err()
                .to_string(),
            "fromStartTime: is missing"
        );
        assert!(time("t", Some("2026-11-24T00:00:00Z")).unwrap().is_some());
        assert!(time("t", Some("today")).is_err());
    }
}
