//! Recorded oracles: every file of the folder that `ASSAY_ORACLES` names, by default `tests/oracles` of the repository.

#[path = "count.rs"]
mod counts;

pub(crate) use counts::count;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

const TOLERANCE: f64 = 1e-9;

/// The text of every file, by name.
pub(crate) fn files() -> Vec<(String, String)> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles");
    let folder = std::env::var_os("ASSAY_ORACLES").map_or(default, PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

/// Every case of every file, with the file's name.
fn cases() -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for (name, text) in files() {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let list = value
            .get("cases")
            .unwrap_or(&value)
            .as_array()
            .cloned()
            .unwrap_or_default();
        cases.extend(list.into_iter().map(|case| (name.clone(), case)));
    }
    cases
}

/// Runs `check` on each case that `kind_of` names; fails with all that differ, and when one of `kinds` never ran.
pub(crate) fn run(
    kinds: &[&str],
    kind_of: impl Fn(&Value) -> Option<String>,
    check: impl Fn(&str, &Value) -> Result<(), String>,
) {
    let mut ran: BTreeMap<String, usize> = kinds.iter().map(|k| ((*k).to_owned(), 0)).collect();
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (file, case) in cases() {
        let Some(kind) = kind_of(&case) else { continue };
        let Some(count) = ran.get_mut(&kind) else {
            continue;
        };
        *count += 1;
        *files.entry(file.clone()).or_default() += 1;
        if let Err(what) = check(&kind, &case) {
            wrong.push(format!("{file}: {what}\n  {case}"));
        }
    }
    for (kind, count) in &ran {
        println!("{kind}: {count} cases");
    }
    for (file, ran) in &files {
        count(file, *ran);
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let idle: Vec<&String> = ran
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(kind, _)| kind)
        .collect();
    assert!(idle.is_empty(), "no case ran of {idle:?}");
}

/// Whether `got` is what is expected, but for what is lost in counting.
#[allow(
    dead_code,
    reason = "not every test that has these helpers compares numbers so"
)]
pub(crate) fn same(got: f64, expected: &Value) -> Result<(), String> {
    near(got, expected, TOLERANCE)
}

/// Whether `got` is within `tolerance` of what is expected.
pub(crate) fn near(got: f64, expected: &Value, tolerance: f64) -> Result<(), String> {
    let expected = expected.as_f64().ok_or("the case expects no number")?;
    if (got - expected).abs() <= tolerance {
        Ok(())
    } else {
        Err(format!("got {got}, expected {expected}"))
    }
}

#[allow(
    dead_code,
    reason = "not every test that has these helpers compares values"
)]
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("got {got:?}, expected {expected:?}"))
    }
}

#[allow(
    dead_code,
    reason = "not every test that has these helpers looks into lists"
)]
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
