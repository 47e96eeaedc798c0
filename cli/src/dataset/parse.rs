//! From text to items: one function a format.

use super::{Place, record};
use anyhow::{Result, bail};
use assay_model::DatasetItem;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

type Placed = Vec<(Place, DatasetItem)>;

/// An object a line; blank lines are allowed.
pub(super) fn jsonl(text: &str) -> Result<Placed> {
    let mut out = Placed::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let place = Place::Line(number);
        let object: Map<String, Value> = serde_json::from_str(line)
            .map_err(|e| anyhow::anyhow!("{place}: {}", json_error(&e, line)))?;
        out.push((
            place,
            record::strict(object).map_err(|e| anyhow::anyhow!("{place}: {e}"))?,
        ));
    }
    Ok(out)
}

/// An array of objects, or an object with `items`.
pub(super) fn json(text: &str) -> Result<Placed> {
    #[derive(serde::Deserialize)]
    struct Wrapped<'a> {
        #[serde(
            borrow,
            alias = "goldens",
            alias = "conversational_goldens",
            alias = "data"
        )]
        items: Vec<&'a RawValue>,
    }
    let line =
        |e: &serde_json::Error| anyhow::anyhow!("line {}: {}", e.line(), json_error(e, text));
    let list: Vec<&RawValue> = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Wrapped<'_>>(text)
            .map_err(|e| line(&e))?
            .items
    } else {
        serde_json::from_str(text).map_err(|e| line(&e))?
    };
    // Lines are counted along, since items follow each other: `line` is that of the text at `counted`.
    let (mut counted, mut number) = (0, 1);
    let mut out = Placed::with_capacity(list.len());
    for raw in list {
        let start = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        number += newlines(text, counted, start);
        counted = start;
        let place = Place::Line(number);
        let object: Map<String, Value> = serde_json::from_str(raw.get())
            .map_err(|e| anyhow::anyhow!("{place}: {}", json_error(&e, raw.get())))?;
        out.push((
            place,
            record::strict(object).map_err(|e| anyhow::anyhow!("{place}: {e}"))?,
        ));
    }
    Ok(out)
}

fn newlines(text: &str, from: usize, to: usize) -> u64 {
    text.as_bytes().get(from..to).map_or(0, |part| {
        part.iter().filter(|b| **b == b'\n').count() as u64
    })
}

/// The line on which a row begins. The reader takes its position before it has passed the end of the row before, of which it may have seen
/// the carriage return alone.
fn line_of(position: &csv::Position, text: &str) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    position.line() + ends.filter(|b| **b == b'\n').count() as u64
}

/// A header line, then a line an item. Cells may span lines when quoted.
pub(super) fn delimited(text: &str, separator: u8) -> Result<Placed> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|e| anyhow::anyhow!("{}", csv_error(&e)))?
        .clone();
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            bail!("line 1: column {} has no name", i + 1);
        }
        if names.iter().take(i).any(|earlier| earlier == name) {
            bail!("line 1: column `{name}` stands there twice");
        }
    }
    if !names.iter().any(|n| record::is_question(n)) {
        bail!(
            "line 1: no column is named `input` or `turns` (there are: {})",
            names.join(", ")
        );
    }
    let mut out = Placed::new();
    for row in reader.records() {
        let row = row.map_err(|e| anyhow::anyhow!("{}", csv_error(&e)))?;
        let place = Place::Line(row.position().map_or(0, |at| line_of(at, text)));
        let cells = names.iter().copied().zip(row.iter());
        out.push((
            place,
            record::cells(cells).map_err(|e| anyhow::anyhow!("{place}: {e}"))?,
        ));
    }
    Ok(out)
}

/// A list of mappings, or a mapping with `items`.
pub(super) fn yaml(text: &str) -> Result<Placed> {
    let value: Value = serde_yaml_ng::from_str(text).map_err(|e| match e.location() {
        Some(at) => anyhow::anyhow!("line {}: {}", at.line(), without_place(&e.to_string())),
        None => anyhow::anyhow!("{e}"),
    })?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("items") {
            Some(Value::Array(list)) => list,
            _ => bail!("must be a list of items, or a mapping with a list `items`"),
        },
        Value::Null => Vec::new(),
        _ => bail!("must be a list of items"),
    };
    let mut out = Placed::with_capacity(list.len());
    for (i, value) in list.into_iter().enumerate() {
        let place = Place::Item(i + 1);
        let Value::Object(object) = value else {
            bail!("{place}: must be a mapping")
        };
        out.push((
            place,
            record::strict(object).map_err(|e| anyhow::anyhow!("{place}: {e}"))?,
        ));
    }
    Ok(out)
}

/// A JSON error without its line, which is told otherwise.
fn json_error(e: &serde_json::Error, text: &str) -> String {
    use serde_json::error::Category;
    match e.classify() {
        Category::Eof => "the JSON ends too early".to_owned(),
        Category::Data if !matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[')) => {
            "must be a JSON object".to_owned()
        }
        _ => format!("{} (column {})", without_place(&e.to_string()), e.column()),
    }
}

/// A message without the ` at line L column C` at its end.
fn without_place(message: &str) -> &str {
    message
        .rfind(" at line ")
        .and_then(|at| message.get(..at))
        .unwrap_or(message)
}

fn csv_error(e: &csv::Error) -> String {
    match e.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: has {len} fields, but the header has {expected_len}")
        }
        _ => e.to_string(),
    }
}
