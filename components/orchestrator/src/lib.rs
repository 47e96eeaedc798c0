//! Placeholder for orchestrator, replaced in the next commits.
