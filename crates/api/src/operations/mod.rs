//! Every operation, a file or two a component, in the order of its route table.

mod access;
mod alerts;
mod auth;
mod calibrations;
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
mod playground;
mod prompts;
mod resources;
mod reviews;
mod shapes;
mod traces;
mod triggers;

use crate::operation::Operation;
pub(crate) use reviews::ScoreOverride;

/// Every public operation.
pub(crate) fn all() -> Vec<Operation> {
    [
        identity::operations(),
        access::operations(),
        auth::operations(),
        resources::operations(),
        alerts::operations(),
        playground::operations(),
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
        reviews::operations(),
        calibrations::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
