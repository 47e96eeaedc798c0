//! Placeholder for graph, replaced in the next commits.
