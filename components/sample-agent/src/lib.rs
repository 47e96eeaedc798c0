//! Placeholder for sample-agent, replaced in the next commits.
