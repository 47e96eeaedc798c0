//! Placeholder for benches, replaced in the next commits.
