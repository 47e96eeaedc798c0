//! Placeholder for evaluator, replaced in the next commits.
