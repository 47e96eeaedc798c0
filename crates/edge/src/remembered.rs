//! What an instance knows of workspaces for a few seconds, so that not every batch asks the relational store.

use crate::clock;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Workspaces that one instance remembers.
const WORKSPACES: usize = 256;

/// By workspace: until when, in microseconds, and what.
pub struct Remembered<T>(RefCell<HashMap<String, (i64, Rc<T>)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(RefCell::new(HashMap::new()))
    }
}

impl<T> Remembered<T> {
    /// What is known and still fresh.
    #[must_use]
    pub fn get(&self, workspace: &str) -> Option<Rc<T>> {
        let known = self.0.borrow();
        let (until, value) = known.get(workspace)?;
        (clock::now().micros() < *until).then(|| value.clone())
    }

    /// Remembers it for so many milliseconds.
    pub fn keep(&self, workspace: &str, value: T, fresh_ms: i64) -> Rc<T> {
        let value = Rc::new(value);
        let mut known = self.0.borrow_mut();
        if known.len() >= WORKSPACES {
            known.clear();
        }
        let until = clock::now().plus_millis(fresh_ms).micros();
        known.insert(workspace.to_owned(), (until, value.clone()));
        value
    }

    /// Forgets it.
    pub fn forget(&self, workspace: &str) {
        self.0.borrow_mut().remove(workspace);
    }
}
