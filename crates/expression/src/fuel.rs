//! The budget of an evaluation, and what values weigh.

use cel::ExecutionError;
use cel::common::types::{CelBytes, CelList, CelMap, CelString};
use cel::common::value::Val;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many bytes of text weigh as much as a value.
const BYTES_A_UNIT: usize = 16;

/// What is left to spend. Functions of the interpreter must be `Sync`, hence the atomics; nobody shares it.
#[derive(Debug)]
pub(crate) struct Fuel {
    left: AtomicU64,
    exhausted: AtomicBool,
}

impl Fuel {
    pub(crate) fn new(budget: u64) -> Self {
        Self {
            left: AtomicU64::new(budget),
            exhausted: AtomicBool::new(false),
        }
    }

    /// Pays for something before it is done. Once a payment failed all fail, so that every macro ends at its next round.
    pub(crate) fn pay(&self, cost: u64) -> Result<(), ExecutionError> {
        let left = self.left.load(Ordering::Relaxed);
        if !self.is_exhausted()
            && let Some(rest) = left.checked_sub(cost)
        {
            self.left.store(rest, Ordering::Relaxed);
            return Ok(());
        }
        self.exhausted.store(true, Ordering::Relaxed);
        Err(ExecutionError::function_error("evaluate", "costs too much"))
    }

    /// Whether a payment failed. The expression may have caught that error (`costly || true`), so its result does not count.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    pub(crate) fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }
}

/// The weight of a text of so many bytes.
pub(crate) fn text(bytes: usize) -> u64 {
    1 + (bytes / BYTES_A_UNIT) as u64
}

/// What it costs to copy a value, or to compare it.
pub(crate) fn deep(value: &dyn Val) -> u64 {
    if let Some(list) = value.downcast_ref::<CelList>() {
        1 + list
            .inner()
            .iter()
            .map(|item| deep(item.as_ref()))
            .sum::<u64>()
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        let entries = map.inner().iter();
        1 + entries
            .map(|(key, item)| deep(key.inner()) + deep(item.as_ref()))
            .sum::<u64>()
    } else {
        flat(value)
    }
}

/// What it costs to look at a value without its elements.
pub(crate) fn flat(value: &dyn Val) -> u64 {
    if let Some(string) = value.downcast_ref::<CelString>() {
        text(string.inner().len())
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        text(bytes.inner().len())
    } else {
        1
    }
}
