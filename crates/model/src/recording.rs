//! Where the calls of a run are written down, so that it can be played again without them.

use serde::{Deserialize, Serialize};

/// What a component does with the calls that it makes for a task of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Whether answers are taken from what was written down, and no call is made; else calls are made and written down.
    pub replays: bool,
    /// Names the task: the same text for the run that is recorded and for the one that repeats it.
    pub place: String,
    /// The run, whose id differs between the two and is no part of what is asked.
    pub run_id: String,
}

impl Recording {
    /// Of a part of the task, which may go on beside others.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self {
            place: format!("{}#{name}", self.place),
            ..self.clone()
        }
    }
}
