//! How many questions of this instance are under way with a model at once.

use assay_edge::{Problem, clock};
use std::cell::RefCell;
use std::collections::HashMap;

/// How often somebody who waits looks whether there is room, in milliseconds: answers take hundreds.
const LOOK_EVERY_MS: u64 = 4;

thread_local! {
    static TAKEN: RefCell<HashMap<(String, String), u32>> = RefCell::new(HashMap::new());
}

/// Room for one question, given back when it is dropped.
pub(crate) struct Slot {
    key: (String, String),
}

impl Slot {
    /// Waits for room; `most` says how many may be under way.
    ///
    /// # Errors
    /// Those of `most`.
    pub(crate) async fn take(
        workspace: &str,
        model: &str,
        most: impl AsyncFn() -> Result<u32, Problem>,
    ) -> Result<Self, Problem> {
        let key = (workspace.to_owned(), model.to_owned());
        loop {
            let most = most().await?.max(1);
            let got = TAKEN.with_borrow_mut(|all| {
                let taken = all.entry(key.clone()).or_default();
                let free = *taken < most;
                *taken += u32::from(free);
                free
            });
            if got {
                return Ok(Self { key });
            }
            clock::sleep(LOOK_EVERY_MS).await;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        TAKEN.with_borrow_mut(|all| {
            let left = all.get_mut(&self.key).map(|taken| {
                *taken = taken.saturating_sub(1);
                *taken
            });
            if left == Some(0) {
                all.remove(&self.key);
            }
        });
    }
}
