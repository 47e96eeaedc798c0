//! Datasets in files: JSONL, JSON, CSV, TSV and YAML, with the field names of Assay, DeepEval and Langfuse.

mod parse;
mod record;

use anyhow::{Context, Result, bail};
use assay_model::{DatasetItem, Validate};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Largest file that is read.
const MAX_FILE: u64 = 512 << 20;

/// A dataset as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    /// From the file's name.
    pub(crate) name: String,
    /// At least one; each has a key, and no two have the same.
    pub(crate) items: Vec<DatasetItem>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// An object a line.
    Jsonl,
    /// An array, or an object with `items`.
    Json,
    /// A header line, then a line an item; the byte separates fields.
    Delimited(u8),
    /// A list, or a mapping with `items`.
    Yaml,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        Ok(match extension.as_str() {
            "jsonl" | "ndjson" => Self::Jsonl,
            "json" => Self::Json,
            "csv" => Self::Delimited(b','),
            "tsv" => Self::Delimited(b'\t'),
            "yaml" | "yml" => Self::Yaml,
            _ => bail!(
                "{}: a dataset's name must end in .jsonl, .json, .csv, .tsv or .yaml",
                path.display()
            ),
        })
    }
}

/// Where in a file an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Line(u64),
    Item(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Item(n) => write!(f, "item {n}"),
        }
    }
}

impl Dataset {
    /// Reads a file.
    ///
    /// # Errors
    /// One line that names the file and, where an item is wrong, its line.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let format = Format::of(path)?;
        let cannot =
            |e: std::io::Error| anyhow::anyhow!("{}: {}", path.display(), crate::files::plain(&e));
        let size = std::fs::metadata(path).map_err(cannot)?.len();
        if size > MAX_FILE {
            bail!(
                "{}: {} MiB are more than the {} that a dataset may have",
                path.display(),
                size >> 20,
                MAX_FILE >> 20
            );
        }
        let bytes = std::fs::read(path).map_err(cannot)?;
        let name = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or("dataset");
        Self::parse(name, format, &bytes).with_context(|| path.display().to_string())
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    /// One line that names the line of what is wrong.
    pub(crate) fn parse(name: &str, format: Format, bytes: &[u8]) -> Result<Self> {
        let text = text(bytes)?;
        let placed = match format {
            Format::Jsonl => parse::jsonl(text)?,
            Format::Json => parse::json(text)?,
            Format::Delimited(separator) => parse::delimited(text, separator)?,
            Format::Yaml => parse::yaml(text)?,
        };
        if placed.is_empty() {
            bail!("no items in it");
        }
        let width = placed.len().to_string().len();
        let named = names_are_keys(&placed);
        let mut seen: HashMap<String, Place> = HashMap::with_capacity(placed.len());
        let mut items = Vec::with_capacity(placed.len());
        for (i, (place, mut item)) in placed.into_iter().enumerate() {
            let name = given_name(&item).filter(|_| named).map(str::to_owned);
            let key = item
                .key
                .take()
                .or(name)
                .unwrap_or_else(|| format!("item-{:0width$}", i + 1));
            item.key = Some(key.clone());
            if let Err(errors) = item.validate() {
                let list: Vec<String> = errors
                    .iter()
                    .map(|e| format!("{}: {}", e.field.trim_start_matches('/'), e.message))
                    .collect();
                bail!("{place}: {}", list.join("; "));
            }
            if let Some(first) = seen.insert(key.clone(), place) {
                bail!("{place}: key `{key}` is used by {first} already");
            }
            items.push(item);
        }
        Ok(Self {
            name: name.to_owned(),
            items,
        })
    }

    /// Eight digits that change when any item does.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for item in &self.items {
            // An item is plain data, so this does not fail.
            hash.update(serde_json::to_vec(item).unwrap_or_default());
            hash.update(b"\n");
        }
        hex::encode(hash.finalize()).chars().take(8).collect()
    }
}

/// The name that other tools give an item; it need not be the only one of its kind.
fn given_name(item: &DatasetItem) -> Option<&str> {
    item.metadata.get("name")?.as_str()
}

/// Whether names tell the items apart that have no key.
fn names_are_keys(placed: &[(Place, DatasetItem)]) -> bool {
    let mut seen = HashSet::new();
    let without = placed.iter().filter(|(_, item)| item.key.is_none());
    without
        .filter_map(|(_, item)| given_name(item))
        .all(|name| seen.insert(name))
}

/// The bytes as text, without a byte order mark.
fn text(bytes: &[u8]) -> Result<&str> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        bail!("is UTF-16; save it as UTF-8");
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        anyhow::anyhow!(
            "line {}: is not UTF-8",
            1 + before.iter().filter(|b| **b == b'\n').count()
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests;
