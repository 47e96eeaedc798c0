//! Pages, projects and sessions.

use crate::show::environment;
use assay_model::Timestamp;
use serde_json::{Value, json};

/// Where in a list a page is. There is always one page at least, for the clients loop while there are more.
#[must_use]
pub fn page_meta(page: i64, limit: i64, total: i64) -> Value {
    let limit_or_one = limit.max(1);
    let pages = total.max(0) / limit_or_one + i64::from(total.max(0) % limit_or_one > 0);
    json!({
        "page": page,
        "limit": limit,
        "totalItems": total,
        "totalPages": pages.max(1),
    })
}

/// A page of a list that is counted.
#[must_use]
pub fn page(data: Vec<Value>, page: i64, limit: i64, total: i64) -> Value {
    json!({"data": data, "meta": page_meta(page, limit, total)})
}

/// A page of a list that goes on at a cursor; `None` on the last page.
#[must_use]
pub fn cursor_page(data: Vec<Value>, cursor: Option<&str>) -> Value {
    json!({"data": data, "meta": {"cursor": cursor}})
}

/// The same with the limit, which lists of scores name too.
#[must_use]
pub fn cursor_page_of(data: Vec<Value>, cursor: Option<&str>, limit: i64) -> Value {
    json!({"data": data, "meta": {"limit": limit, "cursor": cursor}})
}

/// A project of `GET /api/public/projects`, whose answer is `{"data": [project]}`.
#[must_use]
pub fn project(id: &str, name: &str, organization_id: &str, organization: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "organization": {"id": organization_id, "name": organization},
        "metadata": {},
        "retentionDays": null,
    })
}

/// A session; the one that is read alone has its traces, each as in a list.
#[must_use]
pub fn session(
    id: &str,
    created_at: Timestamp,
    project_id: &str,
    named_environment: Option<&str>,
    traces: Option<Vec<Value>>,
) -> Value {
    let mut session = json!({
        "id": id,
        "createdAt": created_at,
        "projectId": project_id,
        "environment": environment(named_environment),
    });
    if let (Some(traces), Some(map)) = (traces, session.as_object_mut()) {
        map.insert("traces".to_owned(), Value::Array(traces));
    }
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        for (limit, total, pages) in [(50, 0, 1), (50, 50, 1), (50, 51, 2), (0, 3, 3)] {
            assert_eq!(page_meta(1, limit, total)["totalPages"], pages);
        }
        let last = cursor_page(Vec::new(), None);
        assert!(last["meta"]["cursor"].is_null());
    }
}
