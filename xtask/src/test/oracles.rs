//! How many cases of each recorded file ran.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::say;
use crate::workspace;

/// The variable that tells tests where to note what they ran.
pub(crate) const VARIABLE: &str = "ASSAY_ORACLE_COUNTS";

/// The folder of the notes, emptied of what an earlier run left.
pub(crate) fn folder() -> Result<PathBuf> {
    let folder = workspace::root().join("target/oracle-counts");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Says how many cases of each file ran, with those of which none did.
pub(crate) fn report(folder: &Path, oracles: &Path) -> Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in fs::read_dir(oracles).with_context(|| oracles.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            counts.insert(name, 0);
        }
    }
    for entry in fs::read_dir(folder)? {
        add(&mut counts, &fs::read_to_string(entry?.path())?);
    }
    say("Cases of recorded oracles that ran:");
    for (file, ran) in counts {
        println!("{file}: {ran}");
    }
    Ok(())
}

fn add(counts: &mut BTreeMap<String, usize>, notes: &str) {
    for line in notes.lines() {
        if let Some((file, ran)) = line.split_once('\t') {
            *counts.entry(file.to_owned()).or_default() += ran.parse().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_file_are_summed() {
        let mut counts = BTreeMap::from([("a.json".to_owned(), 0), ("b.json".to_owned(), 0)]);
        add(&mut counts, "a.json\t3\nc.json\t1\n");
        add(&mut counts, "a.json\t4\n");
        let told: Vec<(&str, usize)> = counts.iter().map(|(f, n)| (f.as_str(), *n)).collect();
        assert_eq!(told, [("a.json", 7), ("b.json", 0), ("c.json", 1)]);
    }
}
