//! Every operation, a file or two a component, in the order of its route table.

mod access;
mod auth;
mod collaboration;
mod destinations;
mod evaluator;
mod identity;
mod ingest;
mod langfuse;
mod langfuse_traces;
mod media;
mod online;
mod orchestrator;
mod prompts;
mod resources;
mod shapes;
mod traces;
mod triggers;

use crate::operation::Operation;

/// Every public operation.
pub(crate) fn all() -> Vec<Operation> {
    [
        identity::operations(),
        access::operations(),
        auth::operations(),
        resources::operations(),
        prompts::operations(),
        langfuse::operations(),
        orchestrator::operations(),
        evaluator::operations(),
        ingest::operations(),
        destinations::operations(),
        traces::operations(),
        online::operations(),
        langfuse_traces::operations(),
        collaboration::operations(),
        media::operations(),
        triggers::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
