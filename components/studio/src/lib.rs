//! Placeholder for studio, replaced in the next commits.
