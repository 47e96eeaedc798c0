//! Placeholder for identity, replaced in the next commits.
