//! Placeholder for otlp, replaced in the next commits.
