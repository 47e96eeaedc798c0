//! Placeholder for traces, replaced in the next commits.
