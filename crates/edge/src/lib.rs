//! Placeholder for edge, replaced in the next commits.
