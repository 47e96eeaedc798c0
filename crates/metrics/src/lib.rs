//! Placeholder for metrics, replaced in the next commits.
