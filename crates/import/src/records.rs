//! From bytes to what stands in them: one tree of JSON or YAML, or the rows of JSONL and CSV.

use crate::note::{Notes, below};
use crate::text::{Encoding, decode};
use crate::{ImportError, MAX_ITEMS, value, yaml};
use serde_json::{Map, Value};

/// What a file holds.
#[derive(Debug)]
pub(crate) enum Document {
    /// One value of JSON or YAML.
    Tree(Value),
    /// A line each.
    Rows {
        /// Whether they are cells, which are all texts.
        cells: bool,
        /// The rows that could be read.
        rows: Vec<Row>,
    },
}

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Where it stands: `line 7`, or a JSON pointer.
    pub(crate) at: String,
    /// How many came before it, those that could not be read among them.
    pub(crate) index: usize,
    /// What it says.
    pub(crate) fields: Map<String, Value>,
}

impl Row {
    /// The place of one of its fields.
    pub(crate) fn at(&self, field: &str) -> String {
        place(&self.at, field)
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|v| !value::is_void(v))
    }

    /// Takes the first of several fields out that says something.
    pub(crate) fn take_any(&mut self, fields: &[&str]) -> Option<Value> {
        fields.iter().find_map(|field| self.take(field))
    }
}

/// The place of a field, by the way in which its record's place is written.
pub(crate) fn place(at: &str, field: &str) -> String {
    if at.contains("line ") {
        format!("{at}, `{field}`")
    } else {
        below(at, field)
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Json,
    Jsonl,
    Yaml,
    Cells(Option<u8>),
}

/// Reads a file, of which the name's ending tells how it is written; else its contents do.
///
/// # Errors
/// When it cannot be read as a whole.
pub(crate) fn read(name: &str, bytes: &[u8], notes: &mut Notes) -> Result<Document, ImportError> {
    if bytes.starts_with(b"version https://git-lfs.github.com/") {
        let why = "it is a pointer of Git LFS, not the file itself, which `git lfs pull` fetches";
        return Err(ImportError::Syntax(why.to_owned()));
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let shape = match ending.to_ascii_lowercase().as_str() {
        "json" => Shape::Json,
        "jsonl" | "ndjson" => Shape::Jsonl,
        "yaml" | "yml" => Shape::Yaml,
        "csv" => Shape::Cells(None),
        "tsv" => Shape::Cells(Some(b'\t')),
        _ => guess(bytes),
    };
    if shape == Shape::Jsonl {
        return jsonl(bytes, notes);
    }
    let cells = matches!(shape, Shape::Cells(_));
    let (text, encoding) = decode(bytes, cells).map_err(|line| {
        ImportError::Syntax(format!("line {line}: it is no text in UTF-8 or UTF-16"))
    })?;
    if encoding == Encoding::Windows1252 {
        let why = "it is not UTF-8, and was read as Windows-1252";
        notes.changed("the file", "its encoding", why);
    }
    match shape {
        Shape::Cells(separator) => csv_rows(&text, separator, notes),
        Shape::Yaml => yaml::parse(&text)
            .map(Document::Tree)
            .map_err(ImportError::Syntax),
        Shape::Json | Shape::Jsonl => match serde_json::from_str(&text) {
            Ok(tree) => Ok(Document::Tree(tree)),
            // Some call lines of JSON `.json`.
            Err(_) if first_line_is_an_object(&text) => jsonl(text.as_bytes(), notes),
            Err(e) => Err(ImportError::Syntax(format!(
                "line {}: {}",
                e.line(),
                json_fault(&e)
            ))),
        },
    }
}

fn guess(bytes: &[u8]) -> Shape {
    let Ok((text, _)) = decode(bytes, true) else {
        return Shape::Yaml;
    };
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return Shape::Json;
    }
    let first = start.lines().next().unwrap_or_default();
    let cells =
        first.contains([',', '\t', ';']) && !first.contains(": ") && !first.starts_with('#');
    if cells {
        Shape::Cells(None)
    } else {
        Shape::Yaml
    }
}

fn first_line_is_an_object(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| serde_json::from_str::<Map<String, Value>>(line).is_ok())
}

/// A message of the JSON parser without its place, which is told otherwise.
fn json_fault(e: &serde_json::Error) -> String {
    let message = e.to_string();
    match message.rfind(" at line ").and_then(|at| message.get(..at)) {
        Some(words) => words.to_owned(),
        None => message,
    }
}

/// An object a line. A line that cannot be read is noted, and the others are read.
fn jsonl(bytes: &[u8], notes: &mut Notes) -> Result<Document, ImportError> {
    let whole = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(decode(bytes, false).map_err(|line| {
            ImportError::Syntax(format!("line {line}: it is no text in UTF-16"))
        })?),
        _ => None,
    };
    let bytes = match &whole {
        Some((text, _)) => text.as_bytes(),
        None => bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes),
    };
    let mut rows = Vec::new();
    let mut index = 0;
    let mut first = None;
    for (number, line) in (1_u64..).zip(bytes.split(|b| *b == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if rows.len() >= MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        let at = format!("line {number}");
        match object(line) {
            Ok(fields) => rows.push(Row { at, index, fields }),
            Err(why) => {
                first.get_or_insert_with(|| format!("{at}: {why}"));
                notes.dropped(at, "the line", why);
            }
        }
        index += 1;
    }
    match first {
        Some(fault) if rows.is_empty() => Err(ImportError::Syntax(fault)),
        _ => Ok(Document::Rows { cells: false, rows }),
    }
}

fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(format!("it is {}, not an object", value::kind(&other))),
        Err(e) => Err(format!(
            "it is not JSON: {} (column {})",
            json_fault(&e),
            e.column()
        )),
    }
}

/// A header, then a row an item. A row may have fewer cells than the header, and cells may span lines when quoted.
fn csv_rows(text: &str, separator: Option<u8>, notes: &mut Notes) -> Result<Document, ImportError> {
    let separator = separator.unwrap_or_else(|| separator_of(text));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.as_bytes());
    let fault = |e: csv::Error| ImportError::Syntax(e.to_string());
    let header = reader.headers().map_err(fault)?.clone();
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    for (i, name) in names.iter().enumerate() {
        if !name.is_empty() && names.iter().take(i).any(|earlier| earlier == name) {
            let why = "an earlier column has the same name";
            notes.dropped("line 1", format!("column {} (`{name}`)", i + 1), why);
        }
    }
    let mut rows = Vec::new();
    let mut last = 1;
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        if index >= MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        last = record
            .position()
            .map_or(0, |position| line_of(position, text));
        let at = format!("line {last}");
        let mut fields = Map::new();
        for (i, cell) in record.iter().enumerate() {
            match names.get(i).copied().filter(|name| !name.is_empty()) {
                Some(name) if !fields.contains_key(name) => {
                    fields.insert(name.to_owned(), Value::String(cell.to_owned()));
                }
                Some(_) => {}
                None if cell.trim().is_empty() => {}
                None => notes.dropped(&at, format!("cell {}", i + 1), "its column has no name"),
            }
        }
        rows.push(Row { at, index, fields });
    }
    if text.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        let why = "a quote is not closed, so that what follows it is one cell";
        notes.changed(format!("line {last}"), "the row", why);
    }
    Ok(Document::Rows { cells: true, rows })
}

/// The line on which a row begins. The reader takes its position before it has passed the end of the row before, of which it
/// has seen the carriage return alone.
fn line_of(position: &csv::Position, text: &str) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    position.line() + ends.filter(|b| **b == b'\n').count() as u64
}

/// What stands most often in the header, quoted names aside; a comma where nothing does.
fn separator_of(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                for (separator, count) in &mut counts {
                    *count += usize::from(*separator == byte);
                }
            }
        }
    }
    let mut best = (b',', 0);
    for (separator, count) in counts {
        if count > best.1 {
            best = (separator, count);
        }
    }
    best.0
}

impl Document {
    /// The records: the rows, the elements of a list, or those of the first of `lists` that an object has. A lone object is
    /// one record, unless a list was found.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn into_rows(
        self,
        lists: &[&str],
        notes: &mut Notes,
    ) -> Result<Vec<Row>, ImportError> {
        let (list, at) = match self {
            Self::Rows { rows, .. } => return Ok(rows),
            Self::Tree(Value::Array(list)) => (list, String::new()),
            Self::Tree(Value::Object(mut object)) => {
                let found = lists
                    .iter()
                    .find(|name| object.get(**name).is_some_and(Value::is_array));
                match found.and_then(|name| Some((object.remove(*name)?, *name))) {
                    Some((Value::Array(list), name)) => (list, below("", name)),
                    _ => (vec![Value::Object(object)], String::new()),
                }
            }
            Self::Tree(other) => (vec![other], String::new()),
        };
        if list.len() > MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        let mut rows = Vec::with_capacity(list.len());
        for (index, one) in list.into_iter().enumerate() {
            let at = below(&at, index);
            match one {
                Value::Object(fields) => rows.push(Row { at, index, fields }),
                other => {
                    let why = format!("it is {}, not an object", value::kind(&other));
                    notes.dropped(at, "the record", why);
                }
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, bytes: &[u8]) -> (Vec<Row>, Vec<String>) {
        let mut notes = Notes::default();
        let rows = read(name, bytes, &mut notes)
            .and_then(|d| d.into_rows(&["items"], &mut notes))
            .unwrap();
        (
            rows,
            notes.finish().iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn a_bad_line_is_told_and_the_others_are_read() {
        let (rows, notes) = rows(
            "x.jsonl",
            b"\xEF\xBB\xBF{\"a\":1}\n\n{oops\n[1]\n{\"a\":\"\xFF\"}\r\n{\"a\":2}\r\n",
        );
        let places: Vec<_> = rows.iter().map(|r| (r.at.as_str(), r.index)).collect();
        assert_eq!(places, [("line 1", 0), ("line 6", 4)]);
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(
            notes[0].starts_with("line 3: the line: it is not JSON: key must be a string"),
            "{notes:?}"
        );
        assert_eq!(notes[1], "line 4: the line: it is a list, not an object");
        assert_eq!(notes[2], "line 5: the line: it is not UTF-8");
    }

    #[test]
    fn cells_of_any_spreadsheet() {
        let is = |bytes: &[u8], expected: &[(&str, &str)], notes_are: &[&str]| {
            let (rows, notes) = rows("x.csv", bytes);
            let cells: Vec<(&str, &str)> = rows[0]
                .fields
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str().unwrap()))
                .collect();
            assert_eq!(cells, expected);
            assert_eq!(notes, notes_are);
        };
        is(
            b"\xEF\xBB\xBFa, b\r\n\"x\"\"y\nz\",2\r\n",
            &[("a", "x\"y\nz"), ("b", "2")],
            &[],
        );
        is(b"a;b\n1,5;2\n", &[("a", "1,5"), ("b", "2")], &[]);
        is(b"a\tb\n1\t2\n", &[("a", "1"), ("b", "2")], &[]);
        is(
            b"a,b,a,\n1,2,3,4,5\n",
            &[("a", "1"), ("b", "2")],
            &[
                "line 1: column 3 (`a`): an earlier column has the same name",
                "line 2: cell 4: its column has no name",
                "line 2: cell 5: its column has no name",
            ],
        );
        is(
            b"a,b\ncaf\xE9\n",
            &[("a", "caf\u{e9}")],
            &["the file: its encoding: it is not UTF-8, and was read as Windows-1252"],
        );
        is(
            b"a,b\n1,\"2\n3,4\n",
            &[("a", "1"), ("b", "2\n3,4\n")],
            &["line 2: the row: a quote is not closed, so that what follows it is one cell"],
        );
    }

    #[test]
    fn rows_are_told_by_the_line_on_which_they_begin() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "1,\"2", "3\"", "", "4,5", "6,7"].join(end);
            let (rows, _) = rows("x.csv", text.as_bytes());
            let places: Vec<&str> = rows.iter().map(|r| r.at.as_str()).collect();
            assert_eq!(places, ["line 2", "line 5", "line 6"], "{end:?}");
        }
    }

    #[test]
    fn shapes_are_told_by_name_or_contents() {
        for (name, text) in [
            ("a.json", "[{\"a\":1}]"),
            ("a.json", "{\"items\":[{\"a\":1}]}"),
            ("a.json", "{\"a\":1}\n{\"a\":2}"),
            ("stdin", "{\"a\":1}\n{\"a\":2}"),
            ("stdin", "- a: 1"),
            ("stdin", "a,b\n1,2"),
            ("a.yml", "items: [{a: 1}]"),
        ] {
            assert_eq!(
                rows(name, text.as_bytes()).0[0].fields.len().min(1),
                1,
                "{name} {text}"
            );
        }
        let mut notes = Notes::default();
        let mut fails = |name: &str, text: &str| {
            read(name, text.as_bytes(), &mut notes)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(fails("a.json", "[\n1,\nx]"), "line 3: expected value");
        assert!(fails("a.jsonl", "x\ny").starts_with("line 1: it is not JSON"));
        assert!(
            fails("a.jsonl", "version https://git-lfs.github.com/spec/v1\n").contains("Git LFS")
        );
    }
}
