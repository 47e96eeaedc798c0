//! What a task has done, as its record has it.

use assay_graph::pregel::{Fault, Interrupt, TaskWrite, Written};
use serde_json::Value;

/// Whether it is a result: then the task has ended.
pub(super) const fn is_result(write: &TaskWrite) -> bool {
    matches!(
        write,
        TaskWrite::Channel(..) | TaskWrite::Send(_) | TaskWrite::Nothing
    )
}

/// Why a try of it failed.
pub(super) fn failure(write: &TaskWrite) -> Option<Fault> {
    match write {
        TaskWrite::Error(fault) => Some(fault.clone()),
        _ => None,
    }
}

/// What it asked.
pub(super) fn question(write: &TaskWrite) -> Option<Interrupt> {
    match write {
        TaskWrite::Interrupt(asked) => Some(asked.clone()),
        _ => None,
    }
}

/// What it was answered.
pub(super) fn answers(write: &TaskWrite) -> Option<Vec<Value>> {
    match write {
        TaskWrite::Resume(answers) => Some(answers.clone()),
        _ => None,
    }
}

/// What was written to a field.
pub(super) fn to<'w>(write: &'w TaskWrite, field: &str) -> Option<&'w Value> {
    match write {
        TaskWrite::Channel(name, Written::Value(value) | Written::Overwrite(value))
            if name.as_ref() == field =>
        {
            Some(value)
        }
        _ => None,
    }
}
