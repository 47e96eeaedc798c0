//! Placeholder for simulator, replaced in the next commits.
