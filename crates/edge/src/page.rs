//! Pages by cursor: the position is in the token, so that a page costs the same wherever it is.

use crate::problem::Problem;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// Rows a page has when the client does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most rows a page may have.
const MAX_LIMIT: u32 = 200;

/// The last row of a page: its sort key and its id, which breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub i64, pub String);

impl Cursor {
    /// The opaque token.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a token.
    ///
    /// # Errors
    /// A validation problem that names `cursor`.
    pub fn decode(token: &str) -> Result<Self, Problem> {
        URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            // Postgres has no text with NUL in it; no id has one either.
            .filter(|cursor: &Self| !cursor.1.contains('\0'))
            .ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))
    }
}

/// `limit` and `cursor` of a list request.
#[derive(Debug, Clone)]
pub struct PageQuery {
    /// Rows wanted, 1 to 200.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
}

impl PageQuery {
    pub(crate) fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Problem> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|n| (1..=MAX_LIMIT).contains(n))
                .ok_or_else(|| {
                    Problem::field("limit", format!("must be a number from 1 to {MAX_LIMIT}"))
                })?,
        };
        Ok(Self {
            limit,
            cursor: cursor.map(Cursor::decode).transpose()?,
        })
    }

    /// One more than wanted: the extra row says that there is a next page.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page from the rows of a query with `LIMIT fetch()`; `position` tells a row's place.
    pub fn page<T>(&self, mut rows: Vec<T>, position: impl Fn(&T) -> Cursor) -> Page<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more {
            rows.last().map(|r| position(r).encode())
        } else {
            None
        };
        Page {
            data: rows,
            next_cursor,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Token of the next page; null on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        let q = PageQuery::parse(Some("2"), None).unwrap();
        let page = q.page(vec![1, 2, 3], |n| Cursor(*n, n.to_string()));
        assert_eq!(page.data, [1, 2]);
        assert_eq!(
            Cursor::decode(&page.next_cursor.unwrap()).unwrap(),
            Cursor(2, "2".into())
        );
        assert!(
            q.page(vec![1, 2], |n| Cursor(*n, String::new()))
                .next_cursor
                .is_none()
        );
    }

    #[test]
    fn bad_pages_are_named() {
        let nul = Cursor(1, "\0".into()).encode();
        assert!(Cursor::decode(&nul).is_err());
        for (limit, cursor) in [
            (Some("0"), None),
            (Some("x"), None),
            (Some("201"), None),
            (None, Some("%%")),
        ] {
            assert!(PageQuery::parse(limit, cursor).is_err());
        }
    }
}
