//! The audit log, read and exported.

use assay_edge::db::{Row, Value};
use assay_edge::{Ctx, Cursor, Problem, Reply, reply};
use assay_model::Timestamp;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value as Json;

#[derive(Serialize)]
struct Entry {
    id: String,
    at: Timestamp,
    actor_kind: String,
    actor_id: String,
    action: String,
    target_kind: String,
    target_id: String,
    detail: Json,
    request_id: String,
    address: Option<String>,
}

const COLUMNS: &str =
    "id, at, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, address";

fn read(row: &Row) -> Result<Entry, Problem> {
    Ok(Entry {
        id: row.text("id")?,
        at: row.time("at")?,
        actor_kind: row.text("actor_kind")?,
        actor_id: row.text("actor_id")?,
        action: row.text("action")?,
        target_kind: row.text("target_kind")?,
        target_id: row.text("target_id")?,
        detail: row.json("detail")?,
        request_id: row.text("request_id")?,
        address: row.opt_text("address")?,
    })
}

/// Filters that are one column's whole value.
const EXACT: [&str; 5] = [
    "action",
    "actor_id",
    "actor_kind",
    "target_id",
    "target_kind",
];
/// Most rows of an export; the next page goes on.
const EXPORTED: i64 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Lines,
    Csv,
}

/// `format`, or what `Accept` asks for first of what we have.
fn format(ctx: &Ctx) -> Result<Format, Problem> {
    match ctx.query("format") {
        Some("json") => return Ok(Format::Json),
        Some("ndjson") => return Ok(Format::Lines),
        Some("csv") => return Ok(Format::Csv),
        Some(_) => return Err(Problem::field("format", "must be json, ndjson or csv")),
        None => {}
    }
    let accept = ctx.header("accept").unwrap_or_default();
    let known = accept.split(',').find_map(|part| {
        match part.split(';').next().unwrap_or_default().trim() {
            "application/x-ndjson" => Some(Format::Lines),
            "text/csv" => Some(Format::Csv),
            "application/json" | "*/*" => Some(Format::Json),
            _ => None,
        }
    });
    Ok(known.unwrap_or(Format::Json))
}

fn time(ctx: &Ctx, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = ctx.query(name).filter(|t| !t.is_empty()) else {
        return Ok(None);
    };
    let quoted = Json::String(text.to_owned());
    serde_json::from_value(quoted)
        .map(Some)
        .map_err(|_| Problem::field(name, "must be a time as in RFC 3339"))
}

/// `GET /api/v1/audit-log`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = vec!["limit", "cursor", "format", "from", "to"];
    known.extend(EXACT);
    ctx.only_query(&known)?;
    let format = format(&ctx)?;
    let page = ctx.page()?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let fetch = match format {
        Format::Json => page.fetch(),
        Format::Lines | Format::Csv if ctx.query("limit").is_some() => page.fetch(),
        Format::Lines | Format::Csv => EXPORTED + 1,
    };
    let mut sql =
        format!("SELECT {COLUMNS} FROM audit_log WHERE workspace_id = $1 AND (at, id) < ($2, $3)");
    let mut params: Vec<Value> = vec![at.into(), id.into()];
    let mut filter = |condition: &str, value: Value| {
        params.push(value);
        sql.push_str(&format!(" AND {condition} ${}", params.len() + 1));
    };
    for column in EXACT {
        if let Some(text) = ctx.query(column) {
            if text.contains('\0') {
                return Err(Problem::field(column, "must not have a NUL"));
            }
            filter(&format!("{column} ="), text.into());
        }
    }
    if let Some(from) = time(&ctx, "from")? {
        filter("at >=", from.into());
    }
    if let Some(to) = time(&ctx, "to")? {
        filter("at <", to.into());
    }
    params.push(fetch.into());
    sql.push_str(&format!(
        " ORDER BY at DESC, id DESC LIMIT ${}",
        params.len() + 1
    ));
    let rows = ctx.db().await?.query(&sql, params).await?;
    let mut entries = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let place = |e: &Entry| Cursor(e.at.micros(), e.id.clone());
    if format == Format::Json {
        return reply::ok(&page.page(entries, place));
    }
    let kept = usize::try_from(fetch - 1).unwrap_or(usize::MAX);
    let more = entries.len() > kept;
    entries.truncate(kept);
    let next = entries.last().filter(|_| more).map(|e| place(e).encode());
    let mut answer = match format {
        Format::Csv => reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", csv(&entries)),
        _ => reply::bytes(StatusCode::OK, "application/x-ndjson", lines(&entries)?),
    };
    // A file has no place for the cursor.
    if let Some(next) = next.and_then(|n| HeaderValue::from_str(&n).ok()) {
        answer.headers_mut().insert("x-next-cursor", next);
    }
    answer
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

fn lines(entries: &[Entry]) -> Result<String, Problem> {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&serde_json::to_string(entry).map_err(Problem::internal)?);
        text.push('\n');
    }
    Ok(text)
}

/// RFC 4180, with a line of names first.
fn csv(entries: &[Entry]) -> String {
    let mut text = COLUMNS.replace(", ", ",");
    text.push_str("\r\n");
    for e in entries {
        let at = e.at.to_string();
        let detail = e.detail.to_string();
        let address = e.address.as_deref().unwrap_or_default();
        let fields = [
            &e.id,
            &at,
            &e.actor_kind,
            &e.actor_id,
            &e.action,
            &e.target_kind,
            &e.target_id,
            &detail,
            &e.request_id,
        ];
        for field in fields {
            text.push_str(&csv_field(field));
            text.push(',');
        }
        text.push_str(&csv_field(address));
        text.push_str("\r\n");
    }
    text
}

/// A field in quotes where it needs them. One that a spreadsheet would take for a formula gets an apostrophe.
fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn fields_of_csv() {
        for (text, field) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("{\"a\":1}", "\"{\"\"a\"\":1}\""),
            ("=1+1", "'=1+1"),
            ("@x,y", "\"'@x,y\""),
        ] {
            assert_eq!(csv_field(text), field, "{text}");
        }
    }
}
