//! Placeholder for persona, replaced in the next commits.
