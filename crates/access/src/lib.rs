//! Placeholder for access, replaced in the next commits.
