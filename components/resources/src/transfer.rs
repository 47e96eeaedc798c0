//! Items of a dataset in and out as files.

use crate::datasets::Datasets;
use crate::idempotency::Idempotency;
use crate::items::{Item, Wanted, Writer};
use crate::metrics;
use crate::resource::{Resource as _, id};
use crate::tabular::{self, Format, Line};
use assay_edge::{Ctx, Cursor, Problem, Reply, reply};
use assay_model::{DatasetItem, FieldError, ImportResult};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Largest file, in bytes.
const MAX_BYTES: usize = 16 << 20;
/// Most items of one file.
const MAX_ITEMS: usize = 10_000;
/// Most faults that are told at once.
const MAX_FAULTS: usize = 100;
/// Items of one answer.
const PAGE: i64 = 1000;

fn format(ctx: &Ctx, default: Option<Format>) -> Result<Format, Problem> {
    match ctx.query("format") {
        Some(name) => Format::named(name)
            .ok_or_else(|| Problem::field("format", "must be `csv`, `jsonl` or `yaml`")),
        None => default.ok_or_else(|| {
            Problem::field(
                "format",
                "is required unless the content type is CSV, JSON Lines or YAML",
            )
        }),
    }
}

/// The items that can be kept, with their lines, and what is wrong with the others.
fn sort_out(lines: Vec<Line>) -> (Vec<(u64, DatasetItem)>, Vec<FieldError>, u64) {
    let (mut good, mut faults, mut bad) = (Vec::new(), Vec::new(), 0);
    let mut keys = HashSet::new();
    for line in lines {
        let errors = match line.item {
            Ok(item) => match &item.key {
                Some(key) if !keys.insert(key.clone()) => vec![FieldError {
                    field: "/key".into(),
                    message: "is used twice in this file".into(),
                }],
                _ => {
                    good.push((line.number, item));
                    continue;
                }
            },
            Err(errors) => errors,
        };
        bad += 1;
        faults.extend(errors.into_iter().map(|e| FieldError {
            field: format!("/lines/{}{}", line.number, e.field),
            message: e.message,
        }));
    }
    (good, faults, bad)
}

/// `POST /api/v1/datasets/{id}/import?format&on_error`: all lines or none, unless `on_error=skip`.
pub(crate) async fn import(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["format", "on_error"])?;
    let skip = match ctx.query("on_error") {
        None | Some("fail") => false,
        Some("skip") => true,
        Some(_) => return Err(Problem::field("on_error", "must be `fail` or `skip`")),
    };
    let media = ctx.header(header::CONTENT_TYPE.as_str());
    let format = format(&ctx, media.and_then(Format::of_media_type))?;
    let bytes = ctx.bytes(MAX_BYTES).await?;
    let dataset = id(&ctx, "id", Datasets::NOUN)?;
    let lines = tabular::read(format, &bytes)?;
    if lines.is_empty() || lines.len() > MAX_ITEMS {
        let message = format!("must have 1 to {MAX_ITEMS} items; it has {}", lines.len());
        return Err(Problem::field("/lines", message));
    }
    let (good, mut faults, skipped) = sort_out(lines);
    faults.truncate(MAX_FAULTS);
    if !faults.is_empty() && !skip {
        return Err(Problem::validation(faults));
    }
    let lists = good
        .iter()
        .filter_map(|(line, item)| metrics::list(format!("/lines/{line}/metrics"), &item.metrics));
    metrics::check(&ctx.platform, &ctx.actor()?.workspace, lists.collect()).await?;
    let body = (ctx.query("on_error"), String::from_utf8_lossy(&bytes));
    let repeat = Idempotency::of(&ctx, &format!("datasets/{dataset}/import"), &body)?;
    let items: Vec<DatasetItem> = good.into_iter().map(|(_, item)| item).collect();
    let db = ctx.db().await?;
    let written = if items.is_empty() {
        Value::Null
    } else {
        let writer = Writer {
            db: &db,
            dataset,
            actor: ctx.actor()?.principal.id(),
            repeat: repeat.as_ref(),
        };
        writer.write(items).await?
    };
    let number = |name: &str| {
        written
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    reply::ok(&ImportResult {
        created: number("created"),
        updated: number("updated"),
        skipped,
        errors: faults,
    })
}

/// An item as a file has it: what its author wrote, under its key.
fn exported(item: Item) -> Value {
    let mut map: Map<String, Value> = item.item;
    map.insert("key".into(), Value::String(item.key));
    Value::Object(map)
}

/// `GET /api/v1/datasets/{id}/export?format&version&split&cursor`: a thousand items an answer; `X-Next-Cursor` leads on.
pub(crate) async fn export(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["format", "version", "split", "cursor"])?;
    let format = format(&ctx, Some(Format::Jsonl))?;
    let dataset = id(&ctx, "id", Datasets::NOUN)?;
    let after = ctx.query("cursor").map(Cursor::decode).transpose()?;
    let first = after.is_none();
    let db = ctx.db().await?;
    let wanted = Wanted {
        after,
        ..Wanted::of(&ctx, &db, dataset).await?
    };
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let mut items = wanted.read(&db, dataset, PAGE + 1).await?;
    let more = items.len() > size;
    items.truncate(size);
    let next = items.last().filter(|_| more).map(|i| i.place().encode());
    let items: Vec<Value> = items.into_iter().map(exported).collect();
    let text = tabular::write(format, &items, first)?;
    let mut answer = reply::bytes(StatusCode::OK, format.media_type(), text);
    if let Some(next) = next {
        let next = HeaderValue::from_str(&next).map_err(Problem::internal)?;
        answer.headers_mut().insert("x-next-cursor", next);
    }
    Ok(answer)
}
