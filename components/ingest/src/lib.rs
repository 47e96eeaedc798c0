//! Placeholder for ingest, replaced in the next commits.
