//! Placeholder for tests, replaced in the next commits.
