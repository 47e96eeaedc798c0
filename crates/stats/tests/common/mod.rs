//! Recorded oracles: every file of the folder that `ASSAY_ORACLES` names, by default `tests/oracles` of the repository.

#[path = "../../../metrics/tests/common/count.rs"]
mod counts;

pub(crate) use counts::count;
use serde_json::Value;
use std::path::PathBuf;

/// What results may differ by, unless a test says otherwise.
pub(crate) const TOLERANCE: f64 = 1e-9;

/// The content of every file, by name.
pub(crate) fn files() -> Vec<(String, Value)> {
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
            let text = std::fs::read_to_string(&file).unwrap();
            let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, value)
        })
        .collect()
}

/// Runs `check` on each case of each file of which a case is `ours`, which gives the case's kind. Fails with all that differ,
/// with cases of such a file that are of no kind of ours, and when one of `kinds` never ran.
pub(crate) fn run(
    kinds: &[&str],
    ours: impl Fn(&Value) -> Option<String>,
    check: impl Fn(&str, &Value) -> Result<(), String>,
) {
    let mut wrong = Vec::new();
    let mut idle = kinds.to_vec();
    for (file, value) in files() {
        let cases = list(value.get("cases").unwrap_or(&value));
        let known = |case: &Value| ours(case).filter(|kind| kinds.contains(&kind.as_str()));
        if !cases.iter().any(|case| known(case).is_some()) {
            continue;
        }
        println!("{file}: {} cases", cases.len());
        count(&file, cases.len());
        for case in cases {
            let checked = known(case).map_or(Err("of an unknown kind".to_owned()), |kind| {
                idle.retain(|k| *k != kind);
                check(&kind, case)
            });
            if let Err(what) = checked {
                wrong.push(format!("{file}: {what}\n  {case}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(idle.is_empty(), "no case ran of {idle:?}");
}

/// The kind that a case names itself.
pub(crate) fn kind(case: &Value) -> Option<String> {
    Some(case.get("kind")?.as_str()?.to_owned())
}

/// Compares each of what was computed with the member of the case that has its name; members that the case does not have are not
/// compared.
pub(crate) fn members(case: &Value, got: &[(&str, Option<f64>)]) -> Result<(), String> {
    for (name, got) in got {
        if let Some(expected) = case.get(name) {
            same(*got, expected, TOLERANCE).map_err(|e| format!("{name}: {e}"))?;
        }
    }
    Ok(())
}

/// A number, or nothing where the case has none.
pub(crate) fn same(got: Option<f64>, expected: &Value, tolerance: f64) -> Result<(), String> {
    match (got, expected.as_f64()) {
        (None, None) => Ok(()),
        (Some(got), Some(wanted)) if (got - wanted).abs() <= tolerance => Ok(()),
        _ => Err(format!("got {got:?}, expected {expected}")),
    }
}

/// An interval, which the case gives as an array or as an object.
pub(crate) fn interval(
    got: Option<assay_stats::Interval>,
    expected: &Value,
    tolerance: f64,
) -> Result<(), String> {
    let end = |place: usize, name: &str| expected.get(place).or(expected.get(name)).cloned();
    let (low, high) = (end(0, "lower"), end(1, "upper"));
    same(got.map(|i| i.low), &low.unwrap_or_default(), tolerance)?;
    same(got.map(|i| i.high), &high.unwrap_or_default(), tolerance)
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The numbers of a list.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The lists of numbers of a list, without what is missing.
pub(crate) fn rows(value: &Value) -> Vec<Vec<f64>> {
    let present = list(value).iter().filter(|row| !row.is_null());
    present.map(numbers).collect()
}

/// Two lists of a case, side by side.
pub(crate) fn pairs(case: &Value, first: &str, second: &str) -> Vec<(f64, f64)> {
    let (first, second) = (numbers(&case[first]), numbers(&case[second]));
    assert_eq!(first.len(), second.len());
    first.into_iter().zip(second).collect()
}
