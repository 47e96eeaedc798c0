//! The workspace's policy of ingestion, for what is written here.

use assay_edge::{Ctx, Problem, Remembered, policy};
use assay_redact::{Gate, IngestPolicy};
use serde::Deserialize as _;
use std::rc::Rc;

thread_local! {
    static KNOWN: Remembered<Gate> = Remembered::default();
}

/// The caller's policy, ready to be applied.
pub(crate) async fn gate(ctx: &Ctx) -> Result<Rc<Gate>, Problem> {
    policy::remembered(ctx, &KNOWN, |stored| {
        let Some(stored) = stored else {
            return Ok(Gate::OPEN);
        };
        let policy = IngestPolicy::deserialize(&stored.spec).map_err(Problem::internal)?;
        // Nothing is let in under rules that cannot be applied.
        Gate::new(&policy, &stored.salt).map_err(|e| Problem::internal(format!("redaction: {e:?}")))
    })
    .await
}
