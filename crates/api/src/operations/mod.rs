//! Every operation, a file or two a component, in the order of its route table.

mod auth;
mod evaluator;
mod identity;
mod ingest;
mod orchestrator;
mod resources;
mod traces;

use crate::operation::Operation;

/// Every public operation.
pub(crate) fn all() -> Vec<Operation> {
    [
        identity::operations(),
        auth::operations(),
        resources::operations(),
        orchestrator::operations(),
        evaluator::operations(),
        ingest::operations(),
        traces::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
