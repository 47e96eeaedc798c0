//! Items as CSV, JSON Lines and YAML: read with the line of each, and written.

use assay_edge::Problem;
use assay_model::{Content, DatasetItem, FieldError, Validate};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

/// How items are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Jsonl,
    Yaml,
}

impl Format {
    /// By its name in a query.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::Jsonl),
            "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// By a media type.
    pub(crate) fn of_media_type(text: &str) -> Option<Self> {
        let media = text.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/jsonl" | "application/x-ndjson" | "application/x-jsonlines" => {
                Some(Self::Jsonl)
            }
            "application/yaml" | "application/x-yaml" | "text/yaml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// Its media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl",
            Self::Yaml => "application/yaml",
        }
    }
}

/// One item of a file: the line it starts at, and what was read there or what is wrong.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) item: Result<DatasetItem, Vec<FieldError>>,
}

fn wrong(field: &str, message: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError {
        field: field.into(),
        message: message.into(),
    }]
}

/// The columns of CSV, in the order they are written.
const COLUMNS: [&str; 12] = [
    "key",
    "split",
    "input",
    "turns",
    "history",
    "expected_output",
    "expected_outcome",
    "context",
    "expected_tools",
    "metrics",
    "tags",
    "metadata",
];

/// Reads a file's items, each on its own.
///
/// # Errors
/// When the file as a whole cannot be read.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Result<Vec<Line>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes
            .iter()
            .take(e.valid_up_to())
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        Problem::field(format!("/lines/{line}"), "is not UTF-8")
    })?;
    let mut lines = match format {
        Format::Csv => csv(text)?,
        Format::Jsonl => jsonl(text),
        Format::Yaml => yaml(text)?,
    };
    for line in &mut lines {
        if let Ok(item) = &line.item
            && let Err(errors) = item.validate()
        {
            line.item = Err(errors);
        }
    }
    Ok(lines)
}

fn item(value: Value) -> Result<DatasetItem, Vec<FieldError>> {
    let bytes = value.to_string();
    assay_edge::parse_json::<DatasetItem>(bytes.as_bytes()).map_err(|problem| {
        let errors = problem.document("").get("errors").cloned();
        let errors: Vec<FieldError> = errors
            .and_then(|e| serde_json::from_value(e).ok())
            .unwrap_or_default();
        if errors.is_empty() {
            wrong("", problem.detail())
        } else {
            errors
        }
    })
}

fn jsonl(text: &str) -> Vec<Line> {
    let lines = text.lines().zip(1..);
    lines
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| {
            let item = match serde_json::from_str::<Value>(line) {
                Ok(value) => item(value),
                Err(e) => Err(wrong("", format!("is not JSON: {e}"))),
            };
            Line { number, item }
        })
        .collect()
}

fn yaml(text: &str) -> Result<Vec<Line>, Problem> {
    let unreadable = |e: serde_yaml_ng::Error| {
        let line = e.location().map_or(1, |l| l.line());
        Problem::field(format!("/lines/{line}"), format!("is not YAML: {e}"))
    };
    let mut values = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(text) {
        match Value::deserialize(document).map_err(unreadable)? {
            Value::Array(items) => values.extend(items),
            Value::Null => {}
            one => values.push(one),
        }
    }
    // YAML tells no lines once it is read. Where the entries of one list are plain to see, their lines are.
    let starts: Vec<u64> = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.starts_with("- ") || *line == "-")
        .map(|(_, number)| number)
        .collect();
    let seen = starts.len() == values.len();
    let lines = values.into_iter().enumerate().map(|(i, value)| {
        let place = u64::try_from(i).unwrap_or(u64::MAX).saturating_add(1);
        let number = if seen {
            starts.get(i).copied().unwrap_or(place)
        } else {
            place
        };
        Line {
            number,
            item: item(value),
        }
    });
    Ok(lines.collect())
}

fn csv(text: &str) -> Result<Vec<Line>, Problem> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|e| Problem::field("/lines/1", format!("is not CSV: {e}")))?
        .clone();
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let known = ["input", "turns"];
    if !names.iter().any(|name| known.contains(name)) {
        let message = "must name the columns, among them `input` or `turns`";
        return Err(Problem::field("/lines/1", message));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let (number, item) = match record {
            Ok(record) => {
                let number = record.position().map_or(0, csv::Position::line);
                (number, row(&names, &record).and_then(item))
            }
            Err(e) => {
                let number = e.position().map_or(0, csv::Position::line);
                let message = match e.kind() {
                    csv::ErrorKind::UnequalLengths {
                        expected_len, len, ..
                    } => format!("has {len} cells; the header has {expected_len}"),
                    _ => format!("is not CSV: {e}"),
                };
                (number, Err(wrong("", message)))
            }
        };
        lines.push(Line { number, item });
    }
    Ok(lines)
}

/// A row as the JSON of an item. Lists are JSON, or parts between `|`; columns that no item has go to `metadata`.
fn row(names: &[&str], record: &csv::StringRecord) -> Result<Value, Vec<FieldError>> {
    let mut item = Map::new();
    let mut metadata = Map::new();
    let mut errors = Vec::new();
    for (name, cell) in names.iter().zip(record) {
        if cell.is_empty() {
            continue;
        }
        let value = match *name {
            "key" | "split" | "expected_outcome" => Ok(json!(cell)),
            "input" | "expected_output" => Ok(json!(Content::of_cell(cell))),
            "turns" | "context" | "tags" if !cell.trim_start().starts_with('[') => {
                Ok(cell.split('|').map(|part| json!(part.trim())).collect())
            }
            "turns" | "context" | "tags" | "history" | "expected_tools" | "metrics"
            | "metadata" => serde_json::from_str(cell),
            other => {
                metadata.insert(other.to_owned(), json!(cell));
                continue;
            }
        };
        match value {
            Ok(Value::Object(map)) if *name == "metadata" => metadata.extend(map),
            Ok(value) => {
                item.insert((*name).to_owned(), value);
            }
            Err(e) => errors.extend(wrong(&format!("/{name}"), format!("is not JSON: {e}"))),
        }
    }
    if !metadata.is_empty() {
        item.insert("metadata".into(), Value::Object(metadata));
    }
    if errors.is_empty() {
        Ok(Value::Object(item))
    } else {
        Err(errors)
    }
}

/// Writes items; `header` tells whether they are the first: CSV starts with the names of its columns then.
///
/// # Errors
/// Never on items that were checked.
pub(crate) fn write(format: Format, items: &[Value], header: bool) -> Result<String, Problem> {
    match format {
        Format::Jsonl => Ok(items.iter().map(|i| format!("{i}\n")).collect()),
        // Pages put after each other are one list; the first page is one by itself.
        Format::Yaml if items.is_empty() && !header => Ok(String::new()),
        Format::Yaml => serde_yaml_ng::to_string(items).map_err(Problem::internal),
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            if header {
                writer.write_record(COLUMNS).map_err(Problem::internal)?;
            }
            for item in items {
                let cells = COLUMNS.iter().map(|name| match item.get(name) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                });
                writer.write_record(cells).map_err(Problem::internal)?;
            }
            let bytes = writer.into_inner().map_err(Problem::internal)?;
            String::from_utf8(bytes).map_err(Problem::internal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(format: Format, text: &str) -> Vec<(u64, Result<Value, Vec<String>>)> {
        let lines = read(format, text.as_bytes()).unwrap();
        lines
            .into_iter()
            .map(|l| {
                let item = match l.item {
                    Ok(item) => Ok(serde_json::to_value(item).unwrap()),
                    Err(errors) => Err(errors.into_iter().map(|e| e.field).collect()),
                };
                (l.number, item)
            })
            .collect()
    }

    #[test]
    fn csv_tells_lines_and_keeps_what_it_does_not_know() {
        let text = "\u{feff}key,input,context,team\na,\"two\nlines\",x | y,geo\n,,,\nb,z,[\"p|q\"],\nc,one,too,many,cells\n";
        let read = items(Format::Csv, text);
        assert_eq!(
            read[0],
            (
                2,
                Ok(
                    json!({"key": "a", "input": "two\nlines", "context": ["x", "y"], "metadata": {"team": "geo"}})
                )
            )
        );
        assert_eq!(read[1], (4, Err(vec!["/input".to_owned()])));
        assert_eq!(
            read[2],
            (5, Ok(json!({"key": "b", "input": "z", "context": ["p|q"]})))
        );
        assert_eq!(read[3], (6, Err(vec![String::new()])));
        assert!(super::read(Format::Csv, b"key,answer\na,b\n").is_err());
    }

    #[test]
    fn jsonl_and_yaml_tell_lines() {
        let read = items(Format::Jsonl, "{\"input\":\"a\"}\n\n{\"input\":7}\nnope\n");
        assert_eq!(read[0], (1, Ok(json!({"input": "a"}))));
        assert_eq!(read[1], (3, Err(vec!["/input".to_owned()])));
        assert_eq!(read[2], (4, Err(vec![String::new()])));
        let read = items(
            Format::Yaml,
            "# items\n- input: a\n  tags: [x]\n- inptu: b\n",
        );
        assert_eq!(read[0], (2, Ok(json!({"input": "a", "tags": ["x"]}))));
        assert_eq!(read[1].0, 4);
        assert!(read[1].1.is_err());
        assert!(super::read(Format::Yaml, b"- input: [a\n").is_err());
        assert!(super::read(Format::Jsonl, b"{\"input\": \"\xff\"}").is_err());
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let all = [
            json!({"key": "a", "split": "test", "input": "say \"hi\", \n=1+1", "expected_output": "- x: y", "expected_outcome": "They agree.", "context": ["a|b", "c"], "tags": ["t"], "metadata": {"n": 1}}),
            json!({"key": "b", "turns": ["one", "two"], "metrics": [{"kind": "exact_match"}]}),
        ];
        for format in [Format::Csv, Format::Jsonl, Format::Yaml] {
            let text = write(format, &all, true).unwrap();
            let read: Vec<Value> = items(format, &text)
                .into_iter()
                .map(|i| i.1.unwrap())
                .collect();
            assert_eq!(read, all, "{format:?}: {text}");
        }
    }
}
