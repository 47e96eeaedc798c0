//! Placeholder for llm, replaced in the next commits.
