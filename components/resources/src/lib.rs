//! Placeholder for resources, replaced in the next commits.
